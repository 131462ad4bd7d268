"""The RO-Crate beside a run: what it holds, that it is valid, and that it knows no clock and no machine."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import projects
import pytest
from builders import FOREST, block, make_study, own_coefficients, water_layers, zones

from gep.inputs.fingerprints import code_fingerprint, environment
from gep.study.crate import named_information
from gep.study.folder import write_run
from gep.study.run import CRATE
from gep.study.study import Study

PROCESS_RUN = "https://w3id.org/ro/wfrun/process/0.5"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Precipitation from a file of whole tenths of a millimetre, and a coefficient of its own."""
    folder = tmp_path_factory.mktemp("project")
    own_coefficients(folder, ("runoff_coefficient", "grassland", 5.0, "percent"))
    layers = {"precipitation": {"scale": 0.1, "offset": 50, "nodata": -1, "period": "1991-2020"}}
    cover = {"product": "clcd"}  # whose citation and licence the crate has
    path = projects.write(folder, layers=layers, land_cover=cover, coefficients={"override": "own.csv"})
    projects.raster(folder / "precipitation.tif", 9500, nodata=None)
    return path


@pytest.fixture(scope="module")
def run(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    study = Study.open(project)
    account = study.run()
    write_run(account, folder, add=lambda fresh: study.maps(fresh / "maps", account=account))
    return folder


@pytest.fixture(scope="module")
def document(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / CRATE).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def entities(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entity["@id"]: entity for entity in document["@graph"]}


@pytest.fixture(scope="module")
def action(entities: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (found,) = [entity for entity in entities.values() if entity["@type"] == "CreateAction"]
    return found


def ids(references: Any) -> list[str]:
    return [reference["@id"] for reference in (references if isinstance(references, list) else [references])]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# what it must be ------------------------------------------------------------------------------------------------------


def test_it_is_valid_by_the_tools_of_ro_crate(run: Path, monkeypatch: pytest.MonkeyPatch):
    """Every MUST of RO-Crate 1.1 and of Process Run Crate 0.5. The context comes from the package `rocrate`, and
    nothing from the network.
    """
    rocrate = pytest.importorskip("rocrate")
    requests = pytest.importorskip("requests")
    monkeypatch.setenv("ROCRATE_VALIDATOR_AUTO_WARM", "0")
    services = pytest.importorskip("rocrate_validator.services")
    context = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()

    def answer(_: Any, url: str, **__: Any) -> Any:
        assert url == "https://w3id.org/ro/crate/1.1/context"
        response = requests.Response()
        response.status_code, response._content, response.url = 200, context, url
        response.headers["Content-Type"] = "application/ld+json"
        return response

    monkeypatch.setattr(requests.Session, "get", answer)
    settings = services.ValidationSettings(
        rocrate_uri=str(run), profile_identifier="process-run-crate-0.5", no_cache=True
    )
    result = services.validate(settings)
    assert [issue.message for issue in result.get_issues()] == []
    assert result.passed()


def test_it_can_be_read_as_a_crate(run: Path):
    """By the reader of the RO-Crate community: every file of the folder is a data entity that it finds there."""
    crate = pytest.importorskip("rocrate.rocrate").ROCrate(str(run))
    assert crate.name == "Ecosystem account of Testcity, 2020 测试市2020年生态系统核算"
    described = {entity.id for entity in crate.data_entities}
    files = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert files - {CRATE} <= described
    assert any(name.startswith("maps/") for name in files)


def test_every_reference_is_kept(entities: dict[str, dict[str, Any]]):
    outside = {"https://w3id.org/ro/crate/1.1"}
    referred = [ids(value) for e in entities.values() for value in e.values() if isinstance(value, dict | list)]
    assert {identifier for found in referred for identifier in found} <= set(entities) | outside


def test_the_root_is_a_process_run(entities: dict[str, dict[str, Any]], action: dict[str, Any]):
    root = entities["./"]
    assert root["conformsTo"] == {"@id": PROCESS_RUN}
    assert entities[PROCESS_RUN]["@type"] == "CreativeWork"
    assert ids(root["mentions"]) == [action["@id"]]
    assert {"name", "description", "license"} <= set(root)
    assert entities[CRATE]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}


# what came out --------------------------------------------------------------------------------------------------------


def test_results_have_the_hashes_and_sizes_of_their_files(
    run: Path, entities: dict[str, dict[str, Any]], action: dict[str, Any]
):
    results = ids(action["result"])
    assert {"account.csv", "summary.json", "run.json"} <= set(results)
    for name in results:
        assert entities[name]["sha256"] == sha256(run / name)
        assert entities[name]["contentSize"] == str((run / name).stat().st_size)


def test_the_log_is_listed_without_a_hash(entities: dict[str, dict[str, Any]], action: dict[str, Any]):
    """It holds clock times: with its hash the crate would not be the same for the same inputs."""
    assert set(entities["run.log"]) & {"sha256", "contentSize"} == set()
    assert action["subjectOf"] == {"@id": "run.log"}
    assert "run.log" not in ids(action["result"])


def test_whatever_lies_in_the_folder_is_listed(tmp_path: Path):
    account = make_study(
        [[FOREST] * 2] * 2, water_layers((2, 2)), zones(block(0, 0, 2, 2)), of=("water_retention",)
    ).run()
    write_run(account, tmp_path / "run", add=lambda fresh: (fresh / "more.json").write_text("{}\n"))
    graph = {
        entity["@id"]: entity for entity in json.loads((tmp_path / "run" / CRATE).read_text(encoding="utf-8"))["@graph"]
    }
    assert graph["more.json"]["sha256"] == hashlib.sha256(b"{}\n").hexdigest()
    # what came as an array is no file: it has a hash of its values, and is a layer all the same
    assert not any(identifier.startswith("ni:") for identifier in graph)
    assert graph["#layer-precipitation"]["value"] == f"sha256 {account.record['inputs']['precipitation']['sha256']}"


# what went in ---------------------------------------------------------------------------------------------------------


def test_input_files_are_named_by_their_hash(
    project: Path, entities: dict[str, dict[str, Any]], action: dict[str, Any]
):
    objects = ids(action["object"])
    for name in (
        "landcover.tif",
        "precipitation.tif",
        "evapotranspiration.tif",
        "counties.geojson",
        "statistics.csv",
        "own.csv",
    ):
        path = project.parent / name
        identifier = named_information(sha256(path))
        assert identifier in objects
        assert entities[identifier]["name"] == name
        assert entities[identifier]["sha256"] == sha256(path)
        assert entities[identifier]["contentSize"] == str(path.stat().st_size)


def test_the_name_of_content_is_that_of_rfc_6920():
    """Section 8.1 there: the name of "Hello World!"."""
    assert (
        named_information(hashlib.sha256(b"Hello World!").hexdigest())
        == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    )
    assert (
        base64.urlsafe_b64decode("f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk=")
        == hashlib.sha256(b"Hello World!").digest()
    )


def test_a_layer_says_with_what_unit_and_scale_it_was_read(entities: dict[str, dict[str, Any]], action: dict[str, Any]):
    layer = entities["#layer-precipitation"]
    assert layer["@id"] in ids(action["object"])
    assert layer["unitText"] == "mm/year"
    settings = {entities[i]["name"]: entities[i]["value"] for i in ids(layer["additionalProperty"])}
    assert {key: settings[key] for key in ("scale", "offset", "nodata", "resampling", "period")} == {
        "scale": 0.1,
        "offset": 50.0,
        "nodata": "[-1.0]",
        "resampling": "none",  # it lies on the grid
        "period": "1991-2020",
    }
    (file,) = [e for e in entities.values() if e.get("name") == "precipitation.tif"]
    assert layer["@id"] in ids(file["variableMeasured"])


def test_coefficient_rows_have_their_value_unit_and_source(entities: dict[str, dict[str, Any]], action: dict[str, Any]):
    own = entities["#coefficient-runoff_coefficient%5Bgrassland%5D"]
    assert (own["value"], own["unitText"]) == (5.0, "percent")
    assert own["@id"] in ids(action["object"])
    shipped = entities["#coefficient-runoff_coefficient%5Bforest/evergreen_broadleaf%5D"]
    assert (shipped["value"], shipped["unitText"]) == (4.65, "percent")  # Gong et al. 2017, table 2
    assert entities[shipped["citation"]["@id"]]["identifier"] == "https://doi.org/10.5846/stxb201512012406"


def test_the_program_names_what_it_ran_with(entities: dict[str, dict[str, Any]], action: dict[str, Any]):
    program = entities[action["instrument"]["@id"]]
    assert program["@type"] == "SoftwareApplication"
    assert program["sha256"] == code_fingerprint()
    needed = {entities[i]["name"]: entities[i]["softwareVersion"] for i in ids(program["softwareRequirements"])}
    assert needed == environment()
    assert {"python", "numpy", "rasterio", "GDAL"} <= set(needed)


def test_the_profile_and_the_methods_are_there(entities: dict[str, dict[str, Any]], action: dict[str, Any], run: Path):
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    profile = entities["#profile"]
    assert (profile["identifier"], profile["sha256"]) == ("ndrc-2022", record["profile_sha256"])
    assert {"#profile", "#water_retention.negative=keep"} <= set(ids(action["object"]))


# the record -----------------------------------------------------------------------------------------------------------


def test_the_run_record_has_all_that_the_crate_says(run: Path, project: Path):
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert record["coefficient_tables"] == {
        "override": {
            "file": "own.csv",
            "bytes": (project.parent / "own.csv").stat().st_size,
            "sha256": sha256(project.parent / "own.csv"),
        }
    }
    layer = record["inputs"]["precipitation"]
    assert (layer["unit"], layer["scale"], layer["offset"], layer["nodata"], layer["bytes"]) == (
        *("mm/year", 0.1, 50.0, [-1.0]),
        (project.parent / "precipitation.tif").stat().st_size,
    )
    assert record["code_sha256"] == code_fingerprint()
    assert record["environment"] == environment()
    assert record["zones"]["columns"] == ["code", "name_zh", None, "name_en"]


def test_nothing_but_the_log_knows_the_machine(run: Path, project: Path):
    import socket

    for path in (path for path in run.rglob("*") if path.is_file() and path.name != "run.log"):
        content = path.read_bytes()
        assert str(project.parent).encode() not in content, path.name
        assert str(run.parent).encode() not in content, path.name
    assert socket.gethostname().encode() not in (run / CRATE).read_bytes()
