"""Write a record of many times the days of the bundled one, to see what a record grows into.

    python benchmarks/long_record.py build/long.csv [--times 10] [--factor 1]
    crossover run -p source build/long.csv

The bundled days are repeated backwards in time, since days to come would be left out as unfinished. The last
repetition is the bundled record itself, so that every model stays tagged and every published week is there. With a
factor every count is multiplied. Not part of the tests; benchmarks/README.md says what was measured.
"""

import argparse
from pathlib import Path

import pandas as pd

from helpers.data.rankings import read_rankings

ROOT = Path(__file__).resolve().parents[1]


def repeat_days(rankings: pd.DataFrame, *, times: int, factor: int = 1) -> pd.DataFrame:
    """Repeat the days of a record backwards in time, and multiply its tokens.

    Parameters
    ----------
    rankings : DataFrame
        `date, model_permaslug, total_tokens` (count, int64), in the order of days.
    times, factor : int
        How often the days are there in the end, and what every count is multiplied with; at least 1.

    Returns
    -------
    DataFrame, shape (times * n_rows, 3)
        The same columns, in the order of days; the last of the repetitions has the dates of `rankings`.
    """
    days = rankings["date"].max() - rankings["date"].min() + pd.Timedelta(days=1)
    parts = [rankings.assign(date=rankings["date"] - back * days) for back in reversed(range(times))]
    return pd.concat(parts, ignore_index=True).assign(total_tokens=lambda table: table["total_tokens"] * factor)


def main() -> None:
    """Write the table and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="where to write the table (CSV)")
    parser.add_argument("--times", type=int, default=10, help="how often the days are repeated (default: 10)")
    parser.add_argument("--factor", type=int, default=1, help="what every count is multiplied with (default: 1)")
    asked = parser.parse_args()
    if asked.times < 1 or asked.factor < 1:
        parser.error("repeat at least once and multiply with at least 1")
    table = repeat_days(read_rankings(ROOT / "data" / "raw"), times=asked.times, factor=asked.factor)
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(asked.file, index=False)
    first, last = table["date"].iloc[[0, -1]]
    tokens = sum(table["total_tokens"].tolist())
    print(f"{asked.file}: {len(table)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}, {tokens:.3g} tokens")


if __name__ == "__main__":
    main()
