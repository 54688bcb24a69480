"""The Data Package descriptor: every table with its columns, types and rules, taken from the contracts."""

import hashlib
import re
from collections.abc import Mapping

import pandera.pandas as pa

from helpers.data.contracts import CONTRACTS, Contract

KINDS = {"int64": "integer", "Int64": "integer", "float64": "number", "bool": "boolean"}
RULES = {  # check of a contract -> how Table Schema says it
    "isin": lambda given: {"enum": list(given["allowed_values"])},
    "greater_than_or_equal_to": lambda given: {"minimum": given["min_value"]},
    "in_range": lambda given: {"minimum": given["min_value"], "maximum": given["max_value"]},
    "str_length": lambda given: {"minLength": given["min_value"]},
    "str_matches": lambda given: {"pattern": getattr(given["pattern"], "pattern", given["pattern"])},
}
LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def describe_tables(files: Mapping[str, bytes], tables: Mapping[str, str]) -> dict[str, object]:
    """Describe the tables as a Data Package.

    Parameters
    ----------
    files : mapping of str to bytes
        The files of a bundle; ``data/README.md`` gives the meaning of each column.
    tables : mapping of str to str
        Name of each table's contract, and its file.

    Returns
    -------
    dict
        The descriptor: one resource a table, with size, hash and schema. Parquet tables keep their types in
        themselves, so they are resources without a schema.

    References
    ----------
    Data Package, Tabular Data Resource and Table Schema (Frictionless Data), https://specs.frictionlessdata.io
    """
    meanings = read_meanings(files["data/README.md"].decode("utf-8"))
    return {
        "profile": "data-package",
        "name": "token-crossover",
        "title": "Token Crossover: tokens of AI models on OpenRouter by origin, and who leads",
        "licenses": [LICENCE],
        "sources": [{"title": "OpenRouter, daily token rankings", "path": "https://openrouter.ai/rankings"}],
        "resources": [
            _resource(name, path, files[path], meanings.get(CONTRACTS[name].file, {})) for name, path in tables.items()
        ],
    }


def _resource(name: str, path: str, content: bytes, meanings: Mapping[str, str]) -> dict[str, object]:
    contract, kind = CONTRACTS[name], path.rpartition(".")[2]
    described = {
        "name": name.replace("_", "-"),
        "path": path,
        "format": kind,
        "mediatype": MEDIA[kind],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if kind != "csv":
        return described | {"profile": "data-resource", "type": "file"}
    fields = [describe_field(column, rule, meanings.get(column, "")) for column, rule in contract.columns.items()]
    schema = {"fields": fields, "missingValues": [""]} | _key(contract, fields)
    return described | {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}


def describe_field(name: str, column: pa.Column, meaning: str = "") -> dict[str, object]:
    """Describe one column as a field of Table Schema.

    Examples
    --------
    >>> describe_field("tokens", pa.Column("int64", pa.Check.ge(0)))
    {'name': 'tokens', 'type': 'integer', 'constraints': {'minimum': 0, 'required': True}}
    """
    dtype = str(column.dtype)
    kind = "date" if dtype.startswith("datetime") else KINDS.get(dtype, "string")
    rules = {}
    for check in column.checks:
        if check.name in RULES:
            rules |= RULES[check.name](check.statistics)
    if not column.nullable and (kind != "string" or rules):
        rules["required"] = True
    field: dict[str, object] = {"name": name, "type": kind}
    if kind == "boolean":
        field |= {"trueValues": ["True"], "falseValues": ["False"]}
    if meaning:
        field["description"] = meaning
    return field | ({"constraints": rules} if rules else {})


def _key(contract: Contract, fields: list[dict]) -> dict[str, object]:
    """Name the key, unless part of it may be empty: a primary key in Table Schema has no empty values."""
    required = {field["name"] for field in fields if field.get("constraints", {}).get("required")}
    return {"primaryKey": contract.key} if required.issuperset(contract.key) else {}


def read_meanings(dictionary: str) -> dict[str, dict[str, str]]:
    r"""Read what each column means from the data dictionary.

    Returns
    -------
    dict of str to dict of str to str
        File, then column, then meaning.

    Examples
    --------
    >>> read_meanings("### `a.csv`, one row a day\n\n| column | type | meaning |\n| `x`, `y` | str | words |")
    {'a.csv': {'x': 'words', 'y': 'words'}}
    """
    found: dict[str, dict[str, str]] = {}
    for section in re.split(r"^#+ ", dictionary, flags=re.MULTILINE):
        name = re.match(r"`([\w.]+)`", section)
        if name is None:
            continue
        rows = re.findall(r"^\| (`.+?`) \|[^|]*\| (.+?) \|$", section, re.MULTILINE)
        found[name[1]] = {column: meaning for names, meaning in rows for column in re.findall(r"`(\w+)`", names)}
    return found
