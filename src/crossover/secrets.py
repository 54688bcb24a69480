"""The OpenRouter key: where it is read from, and how it is kept out of files and messages.

What `crossover fetch` may use and what a run looks for in its files come from one reader: a key that is used is
always looked for.
"""

import base64
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from helpers.errors import InputError

NAME = "OPENROUTER_API_KEY"
SHORTEST = 8  # characters: a shorter text is found everywhere
HIDDEN = "(secret)"
# A letter in JSON (\u0041, \/) or in an address (%41), however often it was escaped again.
ESCAPED = re.compile(rb"""\\+u00([0-9A-Fa-f]{2})|\\+([/"'])|\\+(\\)|%(?:25)*([0-9A-Fa-f]{2})""")


@dataclass(frozen=True)
class Key:
    """A key; only `value` shows it.

    Examples
    --------
    >>> print(Key("sk-or-v1-abcdef"))
    Key()
    """

    value: str = field(repr=False)


def read_key(root: Path, environment: Mapping[str, str] = os.environ) -> Key:
    """Take the key from the environment, or else from the file `.env` of the project's folder.

    Parameters
    ----------
    root : Path
        The project's folder.
    environment : mapping of str to str
        Where the key may be.

    Raises
    ------
    InputError
        If there is none, it is shorter than a key, or it holds what no key holds (a space, a line break, a letter
        beyond ASCII); the message does not repeat it.
    """
    value = next(iter(_values(root, environment)), "")
    if not value:
        raise InputError(
            f"There is no OpenRouter key: set {NAME} in the environment, or write the line {NAME}=... to .env in "
            "the project's folder (git ignores it). Without a key, any public archive of the same data can be read: "
            "`crossover run -p source FILE`."
        )
    if not all("!" <= letter <= "~" for letter in value):
        raise InputError(
            f"{NAME} holds a space, a line break or another letter that no key has (it is not shown here). Copy the "
            "key again, without what stands around it."
        )
    if len(value) < SHORTEST:
        raise InputError(f"{NAME} has {len(value)} characters, too few for a key. Copy the whole key again.")
    return Key(value)


def read_secrets(root: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
    """List what must not be in any file: every value that the key has in the environment or the file `.env`.

    Parameters
    ----------
    root : Path
        The project's folder.
    environment : mapping of str to str
        Where the key may be.

    Raises
    ------
    InputError
        If `.env` cannot be read: nobody can tell then what is secret.
    """
    values = [value.strip() for value in _values(root, environment)]
    return list(dict.fromkeys(value for value in values if len(value) >= SHORTEST))


def _values(root: Path, environment: Mapping[str, str]) -> list[str]:
    """Find the values of the key, whatever the case of its name; the one that is used comes first."""
    file = root / ".env"
    try:
        # Names and values as python-dotenv has them: comments, quotes, `export`, ${OTHER}.
        stored = dotenv_values(file, encoding="utf-8-sig") if file.is_file() else {}
    except (OSError, ValueError):  # what these say may quote the file
        raise InputError(
            f"{file} cannot be read as settings in UTF-8. Write the line {NAME}=... and nothing else."
        ) from None
    exact_first = [
        (name, value)
        for place in (environment, stored)
        for name, value in sorted(place.items(), key=lambda entry: entry[0] != NAME)
    ]
    return [value for name, value in exact_first if name.upper() == NAME and value]


def forms(secret: str) -> list[bytes]:
    """Write a secret as it may stand in a text: plain, and in both alphabets of base64 wherever it begins in it.

    Examples
    --------
    >>> import base64
    >>> hidden = base64.b64encode(b"my key is sk-or-v1-abcdef, is it")
    >>> any(form in hidden for form in forms("sk-or-v1-abcdef"))
    True
    """
    plain = secret.encode()
    found = [plain]
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + plain)
        # The first characters also hold what comes before the secret, the last ones what comes behind it.
        inner = encoded[(0, 2, 3)[shift] : (shift + len(plain)) * 8 // 6]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return list(dict.fromkeys(found))


def holds_secret(content: bytes, secrets: Iterable[str]) -> bool:
    r"""Tell whether a secret stands in a content in one of its `forms`, escaped for JSON or an address or not.

    Examples
    --------
    >>> [holds_secret(text, ["sk/or/v1/ab"]) for text in (rb"sk\/or\/v1\/a\u0062", b"sk%2For%2Fv1%2Fab", b"sk/or")]
    [True, True, False]
    """
    sought, plain = [form for secret in secrets for form in forms(secret)], _unescaped(content)
    return any(form in content or _unescaped(form) in plain for form in sought)


def _unescaped(content: bytes) -> bytes:
    def letter(match: re.Match[bytes]) -> bytes:
        json, mark, backslash, address = match.groups()
        return mark or backslash or bytes.fromhex((json or address).decode())

    while (plain := ESCAPED.sub(letter, content)) != content:  # an escaped escape
        content = plain
    return content


def find_leak(files: Iterable[Path], secrets: Iterable[str]) -> Path | None:
    """Find the first file that holds a secret.

    Parameters
    ----------
    files : iterable of Path
        Files to look into; Parquet is unpacked, other packed formats (PNG, PDF) are not.
    secrets : iterable of str
        What must not be in them.
    """
    secrets = list(secrets)
    if not secrets:
        return None
    return next((file for file in files if any(holds_secret(text, secrets) for text in _contents(file))), None)


def _contents(file: Path) -> Iterable[bytes]:
    yield file.read_bytes()
    if file.suffix == ".parquet":
        import pyarrow.parquet

        for batch in pyarrow.parquet.ParquetFile(file).iter_batches():
            yield batch.to_pandas().to_csv().encode()


def hide(text: str, secrets: Iterable[str]) -> str:
    """Replace secrets in a message, in whatever form they stand there; an escaped one costs the others' escapes."""
    content, secrets = text.encode(errors="replace"), list(secrets)
    sought = [form for secret in secrets for form in forms(secret)]
    for form in sought:
        content = content.replace(form, HIDDEN.encode())
    if holds_secret(content, secrets):
        content = _unescaped(content)
        for form in sought:
            content = content.replace(_unescaped(form), HIDDEN.encode())
    return content.decode(errors="replace")
