"""The headline results computed a second time, from the raw CSV with plain integers: no pandas, no helpers.

The definitions are those of data/README.md; what is shared with the package is nothing, so that an error would have to
be made twice.
"""

import csv
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Record:
    """Tokens by week, name and origin, under one stealth policy."""

    def __init__(self, raw: Path, *, stealth_policy: str) -> None:
        self.authors = {row["author"]: row["origin"] for row in rows(raw / "model_authors.csv")}
        self.stealth = {row["permaslug"]: row for row in rows(raw / "stealth_models.csv")}
        self.policy = stealth_policy
        self.weeks: dict[date, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
        days: dict[date, set[date]] = defaultdict(set)
        for row in rows(raw / "rankings_daily.csv"):
            day, name = date.fromisoformat(row["date"]), row["model_permaslug"]
            self.weeks[week_of(day)][name, self.origin(name, row["date"])] += int(row["total_tokens"])
            days[week_of(day)].add(day)
        self.full = sorted(week for week in self.weeks if len(days[week]) == 7)

    def origin(self, name: str, day: str) -> str:
        if name == "other":
            return "other"
        model = name.split(":")[0]
        cloaked = self.stealth.get(model)
        if cloaked is None:
            return self.authors[model.split("/")[0]]
        known = {
            "as_of": bool(cloaked["known_from"]) and day >= cloaked["known_from"],
            "retrospective": True,
            "unknown": False,
        }
        return cloaked["revealed_origin"] if known[self.policy] else "Unknown"

    def counts(self, week: date, *, chart_size: int | None) -> tuple[int, int, int]:
        """China, US and unidentified tokens of a week; all ranked models where `chart_size` is None."""
        tokens = self.weeks[week]
        by_name: dict[str, int] = defaultdict(int)
        for (name, _), number in tokens.items():
            if name != "other":
                by_name[name] += number
        largest = sorted(by_name, key=lambda name: (-by_name[name], name))[:chart_size]
        kept = {key: number for key, number in tokens.items() if key[0] in largest}
        china, us, third = (
            sum(n for (_, origin), n in kept.items() if origin == wanted) for wanted in ("China", "US", "Other")
        )
        return china, us, sum(tokens.values()) - china - us - third

    def ratio(self, week: date, *, chart_size: int | None) -> tuple[Fraction, Fraction, Fraction]:
        china, us, free = self.counts(week, chart_size=chart_size)
        return Fraction(china, us), Fraction(china, us + free), Fraction(china + free, us)

    def leads(self, *, chart_size: int | None) -> list[tuple[date, bool, bool]]:
        """Per full week: whether China leads, and whether it does whatever the unidentified tokens are."""
        found = []
        for week in self.full:
            china, us, free = self.counts(week, chart_size=chart_size)
            found.append((week, china > us, china > us + free))
        return found

    def crossovers(self, *, chart_size: int | None) -> dict[str, object]:
        leads = self.leads(chart_size=chart_size)
        ahead = [is_ahead for _, is_ahead, _ in leads]
        weeks = [week for week, _, _ in leads]
        turns = [place for place in range(1, len(leads)) if ahead[place] != ahead[place - 1]]
        last_behind = max((place for place, is_ahead in enumerate(ahead) if not is_ahead), default=-1)
        return {
            "first_lead": next((weeks[place] for place in turns if ahead[place]), None),
            "certain_lead": next((week for week, _, certain in leads if certain), None),
            "durable_lead": weeks[last_behind + 1] if last_behind + 1 < len(weeks) else None,
            "reversals": [weeks[place] for place in turns if not ahead[place]],
            **{
                f"sustained_lead_{n}": next(
                    (weeks[place] for place in range(len(ahead) - n + 1) if all(ahead[place : place + n])), None
                )
                for n in (2, 3, 4)
            },
        }
