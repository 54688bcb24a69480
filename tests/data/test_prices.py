import hashlib
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.prices import read_prices
from helpers.errors import InputError

LINES = [
    "model_permaslug,effective_from,prompt_usd_per_million,completion_usd_per_million",
    "acme/alpha,2025-02-25,3.0,15.0",
    "acme/alpha,2025-03-01,2.5,1e-05",
    "acme/alpha,2025-03-01,0.0,0",  # a second change on the same day: the order tells which came last
    "acme/alpha:thinking,2025-02-01,4,16",
]


@pytest.fixture
def write(tmp_path: Path):
    """Write a price list with its manifest; answer the folder."""

    def folder_with(lines: list[str]) -> Path:
        content = "\n".join([*lines, ""]).encode()
        (tmp_path / "prices.csv").write_bytes(content)
        (tmp_path / "SOURCES.toml").write_text(
            '["prices.csv"]\ntitle = "t"\nurl = "u"\npublisher = "p"\nas_of = "2026-01-01"\nlicence = "MIT"\n'
            f'citation = "c"\nbytes = {len(content)}\nsha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        )
        return tmp_path

    return folder_with


def test_prices_keep_the_order_of_the_file_and_their_lines(write) -> None:
    prices = read_prices(write(LINES))
    assert prices.index.tolist() == [2, 3, 4, 5]
    assert prices["model_permaslug"].tolist() == ["acme/alpha"] * 3 + ["acme/alpha:thinking"]
    assert prices["effective_from"].dtype == "datetime64[us]"
    assert prices["effective_from"].iloc[1] == pd.Timestamp("2025-03-01")
    assert prices["prompt_usd_per_million"].tolist() == [3.0, 2.5, 0.0, 4.0]
    assert prices["completion_usd_per_million"].tolist() == [15.0, 0.00001, 0.0, 16.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("acme,2025-03-01,1,2", "line 3: model_permaslug 'acme' is not a model name"),
        (",2025-03-01,1,2", "line 3: model_permaslug '' is not a model name"),
        ("acme/alpha,2025-02-30,1,2", "line 3: effective_from '2025-02-30' is not a date"),
        ("acme/alpha,2025-3-1,1,2", "line 3: effective_from '2025-3-1' is not a date"),
        ("acme/alpha,,1,2", "line 3: effective_from '' is not a date"),
        ("acme/alpha,2025-03-01,,2", r"line 3 \(acme/alpha\): prompt_usd_per_million '' is not a price"),
        ("acme/alpha,2025-03-01,1,-2", r"line 3 \(acme/alpha\): completion_usd_per_million '-2' is not a price"),
        ("acme/alpha,2025-03-01,nan,2", "prompt_usd_per_million 'nan' is not a price of at least 0 USD"),
        ("acme/alpha,2025-03-01,inf,2", "prompt_usd_per_million 'inf' is not a price"),
        ("acme/alpha,2025-03-01,free,2", "prompt_usd_per_million 'free' is not a price"),
        ("acme/alpha,2025-03-01,1,10001", "completion_usd_per_million 10001 is more than 10,000 USD"),
        ("acme/alpha,2025-02-24,1,2", "line 3: 'acme/alpha' goes back in time to 2025-02-24"),
    ],
)
def test_a_bad_price_is_refused_with_its_line(write, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read_prices(write([*LINES[:2], line]))
    assert "prices.csv" in str(error.value)


def test_a_model_in_two_places_is_refused(write) -> None:
    with pytest.raises(InputError, match="line 6: the rows of 'acme/alpha' are in two places"):
        read_prices(write([*LINES, "acme/alpha,2025-05-01,1,2"]))


def test_every_problem_is_named_at_once(write) -> None:
    with pytest.raises(InputError) as error:
        read_prices(write([LINES[0], "acme,2025-13-01,-1,x"]))
    assert str(error.value).count("line 2") == 4
