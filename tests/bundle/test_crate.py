import hashlib
import io
import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from crossover.bundle.crate import describe_run
from crossover.bundle.pack import collect_files, pack
from crossover.runs import Place, Run, open_run

BASE, TERMS = "https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run"
HASHES = ("md5", "sha1", "sha256", "sha512")
BEYOND_US = {  # recommendations that a bundle cannot follow: its own files and authors have no address on the web
    "The Application SHOULD have a url",
    "The SoftwareApplication id SHOULD be an absolute URI",
    "The organization SHOULD have a URL.",
}
pytestmark = pytest.mark.filterwarnings("ignore")  # other people's code


@pytest.fixture(scope="module")
def run(made_run: Path) -> Run:
    return open_run(Place.of(made_run))


@pytest.fixture(scope="module")
def files(run: Run) -> dict[str, bytes]:
    return collect_files(run)


@pytest.fixture(scope="module")
def entities(files: dict[str, bytes]) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in json.loads(files["ro-crate-metadata.json"])["@graph"]}


class Contexts(BaseAdapter):
    """The web as the validator sees it: the two contexts that the crate names, and nothing else."""

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        terms = {"@context": {name: f"{TERMS}#{name}" for name in HASHES}}
        base = resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
        body = {BASE: base, f"{TERMS}/context": json.dumps(terms).encode()}[request.url]
        response = requests.Response()
        response.request, response.url, response.status_code = request, request.url, 200
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = HTTPResponse(io.BytesIO(body), response.headers, status=200, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `rocrate-validator cache warm` would fetch, made without a network."""
    from requests_cache import CachedSession

    path = tmp_path_factory.mktemp("cache") / "http"
    with CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1) as session:
        session.mount("https://", Contexts())
        for url in (BASE, f"{TERMS}/context"):
            session.get(url)
    return path


def issues(content: bytes, folder: Path, cache: Path) -> dict[str, set[str]]:
    from rocrate_validator import services
    from rocrate_validator.models import ValidationSettings

    (folder / "x.zip").write_bytes(content)
    settings = ValidationSettings(
        rocrate_uri=str(folder / "x.zip"),
        profile_identifier="workflow-run-crate",
        requirement_severity="RECOMMENDED",
        offline=True,
        cache_path=str(cache),
    )
    found: dict[str, set[str]] = {}
    for issue in services.validate(settings).get_issues():
        found.setdefault(issue.severity.name, set()).add(issue.message)
    return found


def test_the_reference_validator_finds_nothing_that_can_be_mended(files: dict, cache: Path, tmp_path: Path) -> None:
    assert issues(pack(files), tmp_path, cache) == {"RECOMMENDED": BEYOND_US}


def test_the_reference_validator_sees_a_run_without_its_workflow(files: dict, cache: Path, tmp_path: Path) -> None:
    broken = json.loads(files["ro-crate-metadata.json"])
    del broken["@graph"][1]["mainEntity"]
    found = issues(pack({**files, "ro-crate-metadata.json": json.dumps(broken).encode()}), tmp_path, cache)
    assert (
        "The Main Workflow must be specified through a `mainEntity` property in the root data entity"
        in found["REQUIRED"]
    )


def test_every_file_is_part_of_the_crate_with_its_hash(files: dict, entities: dict) -> None:
    described = {name for name in files if name not in ("ro-crate-metadata.json", "SHA256SUMS")}
    assert {part["@id"] for part in entities["./"]["hasPart"]} == described
    for name in described:
        assert entities[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert entities[name]["contentSize"] == str(len(files[name]))


def test_the_run_names_inputs_parameters_outputs_and_times(entities: dict) -> None:
    run = entities["#run"]
    used, made = ({part["@id"] for part in run[name]} for name in ("object", "result"))
    assert {"data/raw/rankings_daily.csv", "#value-chart_size", "#value-scopes"} <= used
    assert {"data/processed/ratios.csv", "figures/ratio_with_bounds.svg", "build/notebooks/01-first.ipynb"} <= made
    assert (run["startTime"], run["endTime"]) == ("2026-11-24T03:00:00.000+00:00", "2026-11-24T03:00:01.000+00:00")
    assert entities["#value-chart_size"]["value"] == "3"
    assert entities["#value-scopes"]["value"] == ["chart", "ranked", "platform"]
    assert entities["#parameter-chart_size"]["additionalType"] == "Integer"
    assert "#value-processed_folder" not in entities


def test_each_notebook_is_an_action_of_its_own(entities: dict) -> None:
    step = entities["#run-02-second"]
    assert step["instrument"] == {"@id": "notebooks/02-second.ipynb"}
    assert step["result"] == {"@id": "build/notebooks/02-second.ipynb"}


def test_a_parameter_that_differs_between_notebooks_is_told_for_each(run: Run) -> None:
    parameters = {"01-first": {"windows": ["a"]}, "02-second": {"windows": ["b", "c"]}}
    steps = {name: replace(record, parameters=parameters[name]) for name, record in run.steps.items()}
    other = replace(run, steps=steps)
    environment = {"python": "3.11.7", "project": "0.1.0", "packages": {"pandas": "3.0.0", "Own_Kit[x]": "1.0+cpu"}}
    made = describe_run(other, {"src/crossover/runner/pipeline.py": b""}, environment)
    entities = {entity["@id"]: entity for entity in made["@graph"]}
    assert entities["#value-windows-01-first"]["value"] == "a"
    assert entities["#value-windows-02-second"]["value"] == ["b", "c"]
    assert entities["pkg:pypi/pandas@3.0.0"]["softwareVersion"] == "3.0.0"
    assert entities["pkg:pypi/own-kit@1.0%2Bcpu"]["softwareVersion"] == "1.0+cpu"
    assert ".org/project/" not in json.dumps(made)
