"""Write the tiny data set: nine weeks of a few invented models that show every case of the real record once.

    python tests/tiny/make.py tests/tiny/raw

It begins and ends in the middle of a week; the reported week is in it. There are variants, a cloaked model that is
revealed on a Wednesday, one that never is, a publisher without a known base, weights that come out later, an embedding
model, a week whose chart holds no Chinese model, a tie, a reversal and a certain lead. Numbers are for testing only.
"""

import hashlib
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

BILLION = 10**9
HERE = Path(__file__).parent
COPIED = [HERE / "specifications.toml", HERE / "claims" / "claim_sources.csv", HERE / "claims" / "published_claims.csv"]
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 4)
FIRST_MONDAY = date(2025, 12, 29)
# Billions of tokens a day, one number a week from the first Monday on; 0 means that the model is not ranked.
BILLIONS_A_DAY = {
    "acme/alpha": [90, 90, 90, 90, 80, 60, 60, 70, 60, 60],
    "acme/alpha:free": [10] * 10,
    "acme/beta": [20] * 10,
    "acme/gamma": [5] * 10,
    "dragon/one": [5, 5, 20, 60, 90, 90, 40, 95, 100, 120],
    "dragon/two:free": [4, 4, 10, 20, 20, 25, 20, 30, 30, 30],
    "dragon/three": [3] * 10,
    "dragon/embed": [2] * 10,
    "euro/lyre": [12] * 10,
    "euro/harp": [1] * 10,
    "hobby/mix": [7] * 10,
    "openrouter/veiled-alpha": [0, 0, 0, 0, 0, 15, 15, 15, 15, 15],
    "openrouter/never-alpha": [0, 0, 0, 6, 6, 6, 0, 0, 0, 0],
    "other": [30] * 10,
}
TABLES = {
    "model_authors.csv": """\
author,organization,country,origin,kind,evidence_url,note
acme,Acme,US,US,company,https://example.org/acme,
dragon,Dragon,CN,China,company,https://example.org/dragon,
euro,Euro,FR,Other,lab,https://example.org/euro,
hobby,,ZZ,Unknown,community,,one person without a known base
openrouter,OpenRouter,ZZ,Unknown,platform,https://example.org/stealth,a prefix of cloaked models
""",
    "model_lineage.csv": """\
model_permaslug,base_model,base_author,base_origin,note
acme/gamma,Dragon Zero,Dragon,China,fine-tune of a Chinese base
hobby/mix,Dragon Zero,Dragon,China,merge
""",
    "stealth_models.csv": """\
permaslug,first_seen,last_seen,revealed_as,revealed_origin,known_from,evidence_url,confidence,note
openrouter/never-alpha,2026-01-12,2026-02-01,unresolved,Unknown,,,low,nobody named it
openrouter/veiled-alpha,2026-01-26,2026-03-04,Dragon Four,China,2026-02-11,https://example.org/veiled,high,
""",
    "open_weights.csv": """\
model_permaslug,weights,hf_repo,weights_from,modality_kind,evidence,note
acme/alpha,closed,,,text,invented,
acme/beta,open,acme/beta,2026-02-04,text,invented,weights came later
acme/gamma,open,acme/gamma,,text,invented,
dragon/embed,open,dragon/embed,,embedding,invented,
dragon/one,open,dragon/one,,text,invented,
dragon/three,closed,,,text,invented,
dragon/two,open,dragon/two,,text,invented,
euro/harp,unknown,,,image,invented,nobody knows
euro/lyre,open,euro/lyre,,text,invented,
hobby/mix,open,hobby/mix,,text,invented,
openrouter/never-alpha,closed,,,text,invented,
openrouter/veiled-alpha,closed,,,text,invented,closed while cloaked
""",
    "prices.csv": """\
model_permaslug,effective_from,prompt_usd_per_million,completion_usd_per_million
acme/alpha,2025-12-01,3.0,15.0
acme/alpha,2026-02-02,2.0,10.0
acme/beta,2026-01-10,0.5,1.5
acme/gamma,2025-12-01,0.1,0.2
dragon/one,2025-12-01,0.3,1.2
dragon/one,2026-02-10,0.9,0.6
dragon/three,2025-12-01,0.2,0.8
dragon/two,2025-12-01,0.1,0.4
euro/lyre,2025-12-01,1.0,3.0
""",
}


def rankings() -> str:
    """Lay the models out as rows of the API's answer: largest first, `other` last."""
    lines = ["date,model_permaslug,total_tokens"]
    day = FIRST
    while day <= LAST:
        week = (day - FIRST_MONDAY).days // 7
        ranked = [(-tokens[week], name) for name, tokens in BILLIONS_A_DAY.items() if name != "other" and tokens[week]]
        lines += [f"{day},{name},{-minus * BILLION}" for minus, name in sorted(ranked)]
        lines.append(f"{day},other,{BILLIONS_A_DAY['other'][week] * BILLION}")
        day += timedelta(days=1)
    return "\n".join(lines) + "\n"


def manifest(tables: dict[str, str]) -> str:
    """Describe every table as SOURCES.toml does."""
    rows = tables["rankings_daily.csv"].count("\n") - 1
    facts = f'rows = {rows}\ndays = {(LAST - FIRST).days + 1}\nstart_date = "{FIRST}"\nend_date = "{LAST}"\n'
    entries = []
    for name, text in tables.items():
        content = text.encode()
        entries.append(
            f'["{name}"]\ntitle = "Invented {name}"\nurl = "https://example.org/{name}"\npublisher = "The tests"\n'
            f'as_of = "2026-03-05T00:00Z"\nlicence = "MIT"\ncitation = "Source: invented, as of 2026-03-05T00:00Z."\n'
            f'bytes = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
            + (facts if name == "rankings_daily.csv" else "")
        )
    return "\n".join(entries)


def main(arguments: Sequence[str]) -> None:
    """Write the folder that the command line names."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    copied = {file.name: file.read_text(encoding="utf-8") for file in COPIED}
    tables = {"rankings_daily.csv": rankings(), **TABLES, **copied}
    for name, text in {**tables, "SOURCES.toml": manifest(tables)}.items():
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
