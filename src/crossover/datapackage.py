"""Data packages: what a table or the data of a figure holds, column by column, as its contract says it."""

import hashlib
from collections.abc import Mapping, Sequence

import pandera.pandas as pa

from helpers.data.contracts import CONTRACTS, dtype_of, unit_of

PROFILE = "https://datapackage.org/profiles/2.0"
KINDS = {"int64": "integer", "Int64": "integer", "float64": "number", "bool": "boolean", "datetime64[us]": "date"}
RULES = {  # check of a contract -> how Table Schema says it
    "isin": lambda given: {"enum": list(given["allowed_values"])},
    "greater_than_or_equal_to": lambda given: {"minimum": given["min_value"]},
    "in_range": lambda given: {"minimum": given["min_value"], "maximum": given["max_value"]},
    "str_length": lambda given: {"minLength": given["min_value"]},
    "str_matches": lambda given: {"pattern": getattr(given["pattern"], "pattern", given["pattern"])},
}
LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def describe_package(
    name: str, *, title: str, source: Mapping[str, str], resources: Sequence[Mapping], **more: str
) -> dict[str, object]:
    """Describe a data package.

    Parameters
    ----------
    name, title : str
        Of the package.
    source : mapping of str to str
        Where the data come from: `title`, `path` and, where it is known, `version`.
    resources : sequence of mapping
        As `describe_resource` returns them.
    **more
        Other properties of a package, such as `description`.

    References
    ----------
    Data Package, version 2, https://datapackage.org
    """
    return {
        "$schema": f"{PROFILE}/datapackage.json",
        "name": name.replace("_", "-"),
        "title": title,
        **more,
        "licenses": [LICENCE],
        "sources": [dict(source)],
        "resources": list(resources),
    }


def describe_resource(
    name: str,
    path: str,
    columns: Mapping[str, pa.Column],
    *,
    key: Sequence[str] = (),
    content: bytes | None = None,
    description: str = "",
) -> dict[str, object]:
    """Describe one file of a package: its columns, and its size and hash if its bytes are given."""
    kind = path.rpartition(".")[2]
    fields = [describe_field(column, rule) for column, rule in columns.items()]
    required = {field["name"] for field in fields if field.get("constraints", {}).get("required")}
    schema = {"$schema": f"{PROFILE}/tableschema.json", "fields": fields, "missingValues": [""]}
    if key and required.issuperset(key):  # a primary key has no empty values
        schema["primaryKey"] = list(key)
    size = {} if content is None else {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    return {
        "name": name.replace("_", "-"),
        # Readers of Parquet as a table know neither its bytes nor its hash, and both would go unchecked.
        "type": "table" if kind == "csv" else "file",
        "path": path,
        **({"description": description} if description else {}),
        "format": kind,
        "mediatype": MEDIA[kind],
        **({"encoding": "utf-8"} if kind == "csv" else {}),
        **size,
        "schema": schema,
    }


def describe_field(name: str, column: pa.Column) -> dict[str, object]:
    """Describe one column as a field of Table Schema; `unit` is a property of our own.

    Examples
    --------
    >>> describe_field("tokens", CONTRACTS["usage_daily"].columns["tokens"])
    {'name': 'tokens', 'type': 'integer', 'description': 'tokens of that day', 'unit': 'tokens',
     'constraints': {'minimum': 0, 'required': True}}
    """
    kind = KINDS.get(dtype_of(column), "string")
    rules = {}
    for check in column.checks:
        if check.name in RULES:
            rules |= RULES[check.name](check.statistics)
    if not column.nullable and (kind != "string" or rules):
        rules["required"] = True
    field: dict[str, object] = {"name": name, "type": kind}
    if kind == "boolean":
        field |= {"trueValues": ["True"], "falseValues": ["False"]}
    told = {"description": column.description, "unit": unit_of(column), "constraints": rules}
    return field | {property_: value for property_, value in told.items() if value}


def describe_tables(files: Mapping[str, bytes], tables: Mapping[str, str]) -> dict[str, object]:
    """Describe the tables of a run.

    Parameters
    ----------
    files : mapping of str to bytes
        The files of a bundle.
    tables : mapping of str to str
        Name of each table's contract, and its file.

    Returns
    -------
    dict
        The package: one resource a table, with size, hash and schema.
    """
    resources = [
        describe_resource(
            name,
            path,
            CONTRACTS[name].columns,
            key=CONTRACTS[name].key,
            content=files[path],
            description=CONTRACTS[name].meaning,
        )
        for name, path in tables.items()
    ]
    return describe_package(
        "token-crossover",
        title="Token Crossover: tokens of AI models on OpenRouter by origin, and who leads",
        source={"title": "OpenRouter, daily token rankings", "path": "https://openrouter.ai/rankings"},
        resources=resources,
    )
