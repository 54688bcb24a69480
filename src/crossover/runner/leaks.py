"""No file that a run leaves holds the OpenRouter key: looked for as it is, in base64 and in Parquet's texts."""

import base64
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

NAME = "OPENROUTER_API_KEY"
SHORTEST = 8  # characters: a shorter text is found everywhere
HIDDEN = "(secret)"


def read_secrets(root: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the values of the key: of the environment, and of the project's file `.env`.

    Parameters
    ----------
    root : Path
        The project's folder.
    environment : mapping of str to str
        Where the key may be.
    """
    values = [environment.get(NAME, "")]
    try:
        lines = (root / ".env").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    for line in lines:
        name, _, value = line.partition("=")
        if name.removeprefix("export ").strip() == NAME:
            values.append(value.strip().strip("'\""))
    return list(dict.fromkeys(value for value in values if len(value) >= SHORTEST))


def forms(secret: str) -> list[bytes]:
    """Write a secret as it may stand in a file: plain, and in both alphabets of base64 wherever it begins in a text.

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


def find_leak(files: Iterable[Path], secrets: Iterable[str]) -> Path | None:
    """Find the first file that holds a secret.

    Parameters
    ----------
    files : iterable of Path
        Files to look into; Parquet is unpacked, other packed formats (PNG, PDF) are not.
    secrets : iterable of str
        What must not be in them.
    """
    sought = [form for secret in secrets for form in forms(secret)]
    if not sought:
        return None
    return next(
        (file for file in files if any(form in content for content in _contents(file) for form in sought)), None
    )


def _contents(file: Path) -> Iterable[bytes]:
    yield file.read_bytes()
    if file.suffix == ".parquet":
        import pyarrow.parquet

        for batch in pyarrow.parquet.ParquetFile(file).iter_batches():
            yield batch.to_pandas().to_csv().encode()


def hide(text: str, secrets: Iterable[str]) -> str:
    """Replace secrets in a message, in whatever form they stand there."""
    for form in (form.decode() for secret in secrets for form in forms(secret)):
        text = text.replace(form, HIDDEN)
    return text
