"""The run as a Workflow Run RO-Crate: inputs with hashes, parameters, software, outputs, times."""

import hashlib
import mimetypes
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote

from crossover.runs import FIGURES, NOTEBOOKS, TABLES, Run
from helpers.data.sources import MANIFEST

CRATE = "ro-crate-metadata.json"
WORKFLOW = "src/crossover/runner/pipeline.py"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
PARAMETER = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
MIT, CC_BY = "https://spdx.org/licenses/MIT", "https://creativecommons.org/licenses/by/4.0/"
COMPLETED = "http://schema.org/CompletedActionStatus"
AUTHORS, PYTHON, RUN = "#authors", "https://www.python.org", "#run"
MEDIA = {
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".toml": "application/toml",
    ".cff": "application/yaml",
    ".ttf": "font/ttf",
    ".py": "text/x-python",
    ".js": "text/javascript",
}
TYPES = {bool: "Boolean", int: "Integer", float: "Float"}


def describe_run(run: Run, files: Mapping[str, bytes], environment: Mapping[str, object]) -> dict[str, object]:
    """Describe a run and all its files as a Workflow Run RO-Crate.

    Parameters
    ----------
    run : Run
        With its parameters and times.
    files : mapping of str to bytes
        The files of the bundle, other than this description and the list of checksums.
    environment : mapping
        As `crossover.bundle.environment.describe_environment` returns it.

    Returns
    -------
    dict
        JSON-LD: the workflow is the runner, its steps are the notebooks, each executed once.

    References
    ----------
    Leo, S. et al. (2024), Recording provenance of workflow runs with RO-Crate, *PLOS ONE* 19(9): e0309210.
    """
    times = [time for pair in run.times.values() for time in pair]
    start, end = min(times), max(times)
    values = _values(run)
    actions = [RUN, *[f"#run-{stem}" for stem in run.parameters]]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Token Crossover: a run of the analysis, with its data, code and results",
        "description": "When did Chinese models overtake US models on OpenRouter? Everything that one run of the "
        "analysis read, executed and wrote.",
        "datePublished": end[:10],
        "license": _at(CC_BY),
        "author": _at(AUTHORS),
        "publisher": _at(AUTHORS),
        "conformsTo": _all(PROFILES),
        "mainEntity": _at(WORKFLOW),
        "mentions": _all(actions),
        "hasPart": _all(sorted(files)),
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": _at("./"),
        "conformsTo": _all(["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]),
    }
    graph = [
        descriptor,
        root,
        *[_file(name, content) for name, content in sorted(files.items()) if name != WORKFLOW],
        _workflow(files, values, environment),
        *[entity for name, value in values.items() for entity in _parameter(name, value)],
        *_actions(run, files, values, start, end),
        *_context(environment),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _at(name: str) -> dict[str, str]:
    return {"@id": name}


def _all(names: Iterable[str]) -> list[dict[str, str]]:
    return [_at(name) for name in names]


def _plain(values: list) -> object:
    """Write a single value without a list around it, as RO-Crate wants it."""
    return values[0] if len(values) == 1 else values


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat(timespec="milliseconds")


def _values(run: Run) -> dict[str, object]:
    """Name each parameter once; one that notebooks use with different values is named after them too."""
    seen: dict[str, dict[str, object]] = {}
    for stem, given in run.parameters.items():
        for name, value in given.items():
            seen.setdefault(name, {})[stem] = value
    named = {}
    for name, by_notebook in sorted(seen.items()):
        values = list(by_notebook.values())
        if all(value == values[0] for value in values):
            named[name] = values[0]
        else:
            named |= {f"{name}-{stem}": value for stem, value in by_notebook.items()}
    return named


def _file(name: str, content: bytes) -> dict[str, object]:
    notebook = name.startswith("notebooks/") and name.endswith(".ipynb")
    about = {"about": _at("./")} if name == "README.md" else {}
    return {
        "@id": name,
        "@type": ["File", "SoftwareSourceCode"] if notebook else "File",
        "name": name,
        **({"version": hashlib.sha256(content).hexdigest()[:12], "license": _at(MIT)} if notebook else {}),
        **about,
        **_facts(name, content),
    }


def _facts(name: str, content: bytes) -> dict[str, str]:
    suffix = f".{name.rpartition('.')[2]}"
    return {
        "encodingFormat": MEDIA.get(suffix) or mimetypes.types_map.get(suffix, "text/plain"),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _workflow(files: Mapping[str, bytes], values: Mapping[str, object], environment: Mapping) -> dict[str, object]:
    return {
        "@id": WORKFLOW,
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "The notebooks in order, each in a fresh kernel (crossover run)",
        "conformsTo": _at(BIOSCHEMAS),
        "programmingLanguage": _at(PYTHON),
        "version": environment["project"],
        "license": _at(MIT),
        "creator": _at(AUTHORS),
        "hasPart": _all(name for name in sorted(files) if re.fullmatch(r"notebooks/\d\d-.*\.ipynb", name)),
        "input": _all(f"#parameter-{name}" for name in values),
        "softwareRequirements": _all(_package(*package) for package in environment["packages"].items()),
        **_facts(WORKFLOW, files[WORKFLOW]),
    }


def _package(name: str, version: str) -> str:
    """Name a package by its package URL, which says what it is and not where it is served."""
    return f"pkg:pypi/{name.partition('[')[0].lower().replace('_', '-')}@{quote(version, safe='')}"


def _parameter(name: str, value: object) -> list[dict[str, object]]:
    many = isinstance(value, list)
    first = value[0] if many and value else value
    return [
        {
            "@id": f"#parameter-{name}",
            "@type": "FormalParameter",
            "name": name,
            "additionalType": TYPES.get(type(first), "Text"),
            "conformsTo": _at(PARAMETER),
            "multipleValues": str(many),
            "workExample": _at(f"#value-{name}"),
        },
        {
            "@id": f"#value-{name}",
            "@type": "PropertyValue",
            "name": name,
            "value": _plain([str(part) for part in value]) if many else str(value),
            "exampleOfWork": _at(f"#parameter-{name}"),
        },
    ]


def _actions(run: Run, files: Mapping[str, bytes], values: Mapping, start: str, end: str) -> list[dict[str, object]]:
    def under(*folders: str) -> list[str]:
        return [name for name in sorted(files) if name.startswith(folders) and not name.endswith(MANIFEST)]

    made = under(f"{TABLES}/", f"{FIGURES}/", f"{NOTEBOOKS}/")
    shared = {"@type": "CreateAction", "agent": _at(AUTHORS), "actionStatus": COMPLETED}
    whole = {
        "@id": RUN,
        **shared,
        "name": "One run of the whole analysis",
        "description": "crossover run: every notebook in order, from the raw data to the figures.",
        "instrument": _at(WORKFLOW),
        "object": [*_all(under("data/raw/")), *_all(f"#value-{name}" for name in values)],
        "result": _all(made),
        "startTime": _moment(start),
        "endTime": _moment(end),
    }
    steps = [
        {
            "@id": f"#run-{stem}",
            **shared,
            "name": f"Execution of {stem}",
            "description": f"The notebook {stem}, executed from its first cell to its last.",
            "instrument": _at(f"notebooks/{stem}.ipynb"),
            "result": _at(f"{NOTEBOOKS}/{stem}.ipynb"),
            **{name: _moment(time) for name, time in zip(("startTime", "endTime"), run.times[stem], strict=True)},
        }
        for stem in run.parameters
    ]
    return [whole, *steps]


def _context(environment: Mapping[str, object]) -> list[dict[str, object]]:
    works = {url: (name, version) for url, (name, version) in PROFILES.items()}
    return [
        *[
            {"@id": url, "@type": "CreativeWork", "name": name, "version": version}
            for url, (name, version) in works.items()
        ],
        {"@id": AUTHORS, "@type": "Organization", "name": "The Token Crossover authors"},
        {"@id": MIT, "@type": "CreativeWork", "name": "MIT Licence", "description": "Licence of the code"},
        {
            "@id": CC_BY,
            "@type": "CreativeWork",
            "name": "Creative Commons Attribution 4.0 International",
            "description": "Licence of texts, figures and data",
        },
        {
            "@id": PYTHON,
            "@type": "ComputerLanguage",
            "name": "Python",
            "version": environment["python"],
            "url": PYTHON,
        },
        *[
            {
                "@id": _package(name, version),
                "@type": "SoftwareApplication",
                "name": name,
                "softwareVersion": version,
                "identifier": _package(name, version),
            }
            for name, version in environment["packages"].items()
        ],
    ]
