"""The project's own choices: the file ``parameters.toml``, which JupyterLab and the command line both follow."""

import tomllib
from pathlib import Path

from helpers.data.files import shown
from helpers.errors import InputError

FILE = "parameters.toml"


def read_settings(root: Path) -> dict[str, object]:
    """Read the parameters that the project sets for all notebooks.

    Returns
    -------
    dict of str to object
        Values by the parameter's name; empty if there is no such file.

    Raises
    ------
    InputError
        If the file is no TOML, or holds something else than names with a value or a list of values.
    """
    path = root / FILE
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Write lines like `chart_size = 20`.") from None
    for name, value in settings.items():
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int | float | bool) for item in items):
            raise InputError(
                f"{shown(path)}: {name} is neither a text, a number, true or false nor a list of such. Write lines "
                "like `chart_size = 20`."
            )
    return settings
