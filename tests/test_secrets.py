import base64
import json
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.secrets import HIDDEN, find_leak, forms, hide, holds_secret, read_key, read_secrets
from helpers.errors import InputError

KEY = "sk-or-v1-0123456789abcdef"
CHARACTERS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=60).filter(
    lambda text: text not in HIDDEN
)


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


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


ESCAPES = {
    "json": in_json,
    "json with slashes": lambda text: in_json(text).replace("/", r"\/"),
    "json for html": lambda text: in_json(text).replace("&", r"\u0026").replace("<", r"\u003C").replace("'", r"\u0027"),
    "json, each letter": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "json in json": lambda text: in_json(in_json(text).replace("/", r"\/")),
    "address": lambda text: quote(text, safe=""),
    "address, each letter": lambda text: "".join(f"%{ord(letter):02x}" for letter in text),
    "address in an address": lambda text: quote(quote(text, safe=""), safe=""),
    "base64 in json with slashes": lambda text: base64.b64encode(text.encode()).decode().replace("/", r"\/"),
    "base64 in an address": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
}


@pytest.mark.parametrize("escape", ESCAPES)
@given(secret=CHARACTERS)
def test_a_secret_is_found_however_it_is_escaped(escape, secret) -> None:
    written = ESCAPES[escape](secret)
    assert holds_secret(f"see {written} here".encode(), [secret])
    hidden = hide(f"see {written} here", [secret])
    assert written not in hidden
    assert not holds_secret(hidden.encode(), [secret])


LOWER, OTHER = "sk-or-v1-lower", "sk-or-v1-other"


@pytest.mark.parametrize(
    ("environment", "file", "expected"),
    [
        ({}, None, []),
        ({"OPENROUTER_API_KEY": KEY}, None, [KEY]),
        ({"openrouter_api_key": KEY}, None, [KEY]),
        ({"openrouter_api_key": LOWER, "OPENROUTER_API_KEY": KEY}, None, [KEY, LOWER]),
        ({"OPENROUTER_API_KEY": ""}, f"OPENROUTER_API_KEY={KEY}", [KEY]),
        ({}, f"# mine\nexport OPENROUTER_API_KEY='{KEY}'\n", [KEY]),
        ({}, f"OPENROUTER_API_KEY={KEY} # mine\n", [KEY]),
        ({}, f'OPENROUTER_API_KEY="{KEY}" # mine\r\n', [KEY]),
        ({}, f"OPENROUTER_API_KEY = {KEY}\n", [KEY]),
        ({}, f"\ufeffOpenRouter_api_key={KEY}\n", [KEY]),
        ({}, f"START=sk-or-v1\nOPENROUTER_API_KEY=${{START}}{KEY.removeprefix('sk-or-v1')}\n", [KEY]),
        ({"OPENROUTER_API_KEY": KEY}, f"OPENROUTER_API_KEY={OTHER}\nNAME=12345678\n", [KEY, OTHER]),
    ],
)
def test_the_key_that_is_used_is_looked_for(tmp_path: Path, environment, file, expected) -> None:
    if file is not None:
        (tmp_path / ".env").write_text(file, encoding="utf-8", newline="")
    assert read_secrets(tmp_path, environment) == expected
    if expected:
        assert read_key(tmp_path, environment).value == expected[0]
    else:
        with pytest.raises(InputError, match="There is no OpenRouter key"):
            read_key(tmp_path, environment)


def test_what_would_be_found_in_every_file_is_no_key(tmp_path: Path) -> None:
    assert read_secrets(tmp_path, {"OPENROUTER_API_KEY": "short"}) == []
    with pytest.raises(InputError, match="OPENROUTER_API_KEY has 5 characters, too few for a key") as refused:
        read_key(tmp_path, {"OPENROUTER_API_KEY": "short"})
    assert "short" not in str(refused.value)


@pytest.mark.parametrize("read", [read_key, read_secrets])
def test_a_file_that_cannot_be_read_is_told_and_not_quoted(tmp_path: Path, read) -> None:
    (tmp_path / ".env").write_bytes(b"OPENROUTER_API_KEY=sk-or-\xff\xfe")
    with pytest.raises(InputError, match=r"\.env cannot be read as settings in UTF-8") as refused:
        read(tmp_path, {})
    assert "sk-or" not in str(refused.value)


def test_a_key_shows_itself_only_when_asked(tmp_path: Path) -> None:
    key = read_key(tmp_path, {"OPENROUTER_API_KEY": KEY})
    assert KEY not in f"{key} {key!r} {vars(key).keys()}"


def test_a_message_shows_no_secret() -> None:
    assert hide(f"ValueError: {KEY} is wrong", [KEY]) == "ValueError: (secret) is wrong"
