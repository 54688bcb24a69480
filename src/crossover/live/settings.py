"""The OpenRouter key: where it is taken from, and what a key must look like. It is never printed or stored."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from helpers.errors import InputError

NAME = "OPENROUTER_API_KEY"


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore")

    openrouter_api_key: SecretStr = SecretStr("")


def read_key(root: Path) -> SecretStr:
    """Take the key from the environment, or else from the file `.env` of the project's folder.

    Returns
    -------
    SecretStr
        Shown as asterisks wherever it is printed; only `get_secret_value` gives the key.

    Raises
    ------
    InputError
        If there is none, or it holds what no key holds (a space, a line break, a letter beyond ASCII); the
        message does not repeat it.
    """
    file = root / ".env"
    try:
        key = _Settings(_env_file=file).openrouter_api_key
    except (OSError, ValueError):  # what these say may quote the file
        raise InputError(
            f"{file} cannot be read as settings in UTF-8. Write the line {NAME}=... and nothing else."
        ) from None
    value = key.get_secret_value()
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
    return key
