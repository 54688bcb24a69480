import base64
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.runner.leaks import find_leak, forms, hide, read_secrets

KEY = "sk-or-v1-0123456789abcdef"
CHARACTERS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=60)


@given(before=st.binary(max_size=7), secret=CHARACTERS, after=st.binary(max_size=7))
def test_a_secret_is_found_wherever_it_stands_in_base64(before, secret, after) -> None:
    content = before + secret.encode() + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert any(form in encode(content) for form in forms(secret))


def test_another_text_is_no_leak() -> None:
    other = b"sk-or-v1-fedcba9876543210"
    assert not any(form in other or form in base64.b64encode(other) for form in forms(KEY))


def test_the_file_that_holds_it_is_named(tmp_path) -> None:
    clean, plain, packed = tmp_path / "a.csv", tmp_path / "b.ipynb", tmp_path / "c.parquet"
    clean.write_text("nothing")
    plain.write_text(f'{{"text": "{KEY}"}}')
    pd.DataFrame({"note": ["x", f"key {KEY}"]}).to_parquet(packed, compression="zstd")
    assert find_leak([clean], [KEY]) is None
    assert find_leak([clean, plain], [KEY]) == plain
    assert find_leak([clean, packed], [KEY]) == packed
    assert find_leak([plain], []) is None


@pytest.mark.parametrize(
    ("environment", "file", "expected"),
    [
        ({}, None, []),
        ({"OPENROUTER_API_KEY": KEY}, None, [KEY]),
        ({}, f"# mine\nexport OPENROUTER_API_KEY='{KEY}'\n", [KEY]),
        ({"OPENROUTER_API_KEY": KEY}, f"OPENROUTER_API_KEY={KEY}\nOTHER=12345678\n", [KEY]),
        ({"OPENROUTER_API_KEY": "short"}, None, []),  # it would be found in every file
    ],
)
def test_the_key_is_known_from_the_environment_and_the_file(tmp_path: Path, environment, file, expected) -> None:
    if file is not None:
        (tmp_path / ".env").write_text(file)
    assert read_secrets(tmp_path, environment) == expected


def test_a_message_shows_no_secret() -> None:
    assert hide(f"ValueError: {KEY} is wrong", [KEY]) == "ValueError: (secret) is wrong"
