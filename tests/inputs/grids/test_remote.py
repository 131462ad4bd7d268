"""Rasters on servers: the figures of the same files, only where the project says so, and never a word of a key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import projects
import pytest
import rasterio
from projects import Gep
from server import KEY, REGION, SECRET, Server, served

from gep.core.errors import InputError, ProjectError
from gep.inputs.grids import remote
from gep.inputs.grids.places import place_of
from gep.inputs.grids.remote import Remote, remote_hash, remote_stamp, signature
from gep.study.causes import departures
from gep.study.run import read_run
from gep.study.study import Study

RASTERS = ("landcover.tif", "precipitation.tif", "evapotranspiration.tif")
SIGNS = ("Signature", KEY, SECRET, "AWS4")
"""What is written nowhere."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, no proxy, and no waiting between tries."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "1")
    monkeypatch.setenv("GDAL_HTTP_RETRY_DELAY", "0.01")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    projects.write(folder)
    fine = np.random.default_rng(5).uniform(900, 1100, (1, projects.ROWS * 8, projects.COLS * 8))
    projects.raster(folder / "precipitation.tif", fine, cell=projects.CELL / 8)  # more than is fetched with the header
    return folder


@pytest.fixture(params=["web", "store"])
def server(request: pytest.FixtureRequest, files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with served(Server(files, is_store=request.param == "store")) as made:
        with_keys(monkeypatch, made)
        yield made


def with_keys(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """What an office would set for a store of its own."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_S3_ENDPOINT": f"127.0.0.1:{server.port}",
        "AWS_HTTPS": "NO",
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }.items():
        monkeypatch.setenv(name, value)


def project_of(server: Server, folder: Path, **changes: object) -> Path:
    """The usual project with its rasters on the server."""
    return projects.write(
        folder,
        **projects.merged(
            {
                "study": {"remote": True},
                "land_cover": {"path": server.address("landcover.tif")},
                "layers": {
                    "precipitation": {"path": server.address("precipitation.tif")},
                    "evapotranspiration": {"path": server.address("evapotranspiration.tif")},
                },
            },
            changes,
        ),
    )


def without_rasters(project: Path) -> Path:
    for name in RASTERS:
        (project.parent / name).unlink()
    return project


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


# the same figures -----------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_files(server, files, tmp_path, gep):
    here = Study.open(files).run().digest
    project = without_rasters(project_of(server, tmp_path / "project"))
    said = gep("run", project, "--out", tmp_path / "run", "--json", "--maps")
    assert said.code == 0, said.out
    assert said.document["digest"] == here
    written = "".join(
        path.read_text(encoding="utf-8", errors="ignore") for path in (tmp_path / "run").rglob("*") if path.is_file()
    )
    assert server.address("precipitation.tif") in written
    assert not [sign for sign in SIGNS if sign in written + said.out + said.err]
    assert {path for _, path, _ in server.asked} == {f"/bucket/{name}" for name in RASTERS}, "and nothing beside them"


def test_the_record_says_by_what_an_object_is_known(server, files, tmp_path, gep):
    project = project_of(server, tmp_path / "project")
    gep("run", project, "--out", tmp_path / "run")
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["inputs"]["precipitation"]
    stamp = remote_stamp(Remote(server.address("precipitation.tif")))
    assert record["sha256"] is None
    assert record["bytes"] == (files / "precipitation.tif").stat().st_size == stamp.size
    assert record["known_by"] == f"{stamp.size} bytes, ETag {stamp.etag}, Last-Modified {stamp.modified}"
    crate = json.loads((tmp_path / "run" / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    (entity,) = [one for one in crate if one["@id"] == server.address("precipitation.tif")]
    assert entity["identifier"] == record["known_by"]


def test_two_runs_on_one_object_are_of_one_input(server, tmp_path, gep):
    """Whether the inputs of a run are at hand is told by what the server says of them now."""
    project = project_of(server, tmp_path / "project")
    assert gep("run", project, "--out", tmp_path / "run").code == 0
    account = read_run(tmp_path / "run")
    assert departures(account, Study.open(project)) == []
    projects.raster(server.folder / "evapotranspiration.tif", 601.0)
    (said,) = departures(account, Study.open(project))
    assert "evapotranspiration" in said


def test_a_declared_hash_is_held_against_the_whole_object(server, files, tmp_path):
    address = server.address("precipitation.tif")
    sha256 = remote_hash(Remote(address))
    assert sha256 == Study.open(files).inputs.layers["precipitation"].fingerprint()
    study = Study.open(project_of(server, tmp_path / "right", layers={"precipitation": {"sha256": sha256}}))
    record = study.run().record["inputs"]["precipitation"]
    assert record["sha256"] == sha256
    other = Study.open(project_of(server, tmp_path / "wrong", layers={"precipitation": {"sha256": "0" * 64}}))
    assert [found.subject for found in other.inputs.problems if found.code == "F42"] == ["precipitation"]


def test_the_lock_knows_an_object_again(server, files, tmp_path, gep):
    project = project_of(server, tmp_path / "project")
    assert gep("data", "lock", project).code == 0
    assert str(remote_stamp(Remote(server.address("precipitation.tif")))).replace('"', '\\"') in (
        project.parent / "gep.lock"
    ).read_text(encoding="utf-8")
    assert gep("check", project, "--json").of("F42") == []
    projects.raster(files / "precipitation.tif", 1001.0)
    (found,) = gep("check", project, "--json").of("F42")
    assert (found["subject"], found["place"]) == ("precipitation", "precipitation.tif")


def test_a_study_takes_addresses_where_it_says_so(server, files):
    layers = {name: server.address(f"{name}.tif") for name in ("precipitation", "evapotranspiration")}
    from gep.inputs.grids.layers import LayerSpec

    given = {name: LayerSpec(name, address, units="mm/year", year=2020) for name, address in layers.items()}
    about = {"scheme": "clcd", "zones": files / "counties.geojson", "year": 2020, "scheme_map": projects.CLASSES}
    with pytest.raises(ProjectError) as refused:
        Study(given, server.address("landcover.tif"), **about)
    assert sorted(found.subject for found in refused.value.problems) == [
        "land_cover",
        "layers.evapotranspiration",
        "layers.precipitation",
    ]
    there = Study(given, server.address("landcover.tif"), **about, remote=True)
    here = Study(
        {name: LayerSpec(name, files / f"{name}.tif", units="mm/year", year=2020) for name in layers},
        files / "landcover.tif",
        **about,
    )
    assert there.run().digest == here.run().digest


# what is refused ------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_where_the_project_does_not_say_so(server, tmp_path, gep):
    """No server is reached by a file that only looks local (finding F24)."""
    project = project_of(server, tmp_path / "project", study={"remote": False})
    for command in (("check",), ("run",), ("data", "lock")):
        said = gep(*command, project)
        assert said.code != 0
        assert "remote = true" in said.err + said.out
    assert server.asked == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"zones": {"path": "https://host/counties.geojson"}}, "no_raster"),
        ({"tables": {"statistics": "s3://bucket/statistics.csv"}}, "no_raster"),
        ({"land_cover": {"path": "ftp://host/landcover.tif"}}, "scheme"),
        ({"land_cover": {"path": "https://host/landcover.tif?X-Amz-Signature=0123abcd"}}, "secret"),
        ({"land_cover": {"path": "https://me:hidden@host/landcover.tif"}}, "secret"),
        ({"land_cover": {"path": "s3://bucket"}}, "incomplete"),
        ({"land_cover": {"path": "https://host/a/../landcover.tif"}}, "incomplete"),
        ({"land_cover": {"path": "https://host:port/landcover.tif"}}, "incomplete"),
        ({"land_cover": {"path": "https://[::1/landcover.tif"}}, "incomplete"),
        ({"land_cover": {"path": "https:///landcover.tif"}}, "incomplete"),
    ],
)
def test_addresses_that_cannot_be(changes, key, tmp_path, gep):
    """Nor by an address with keys, or of another kind (finding F24)."""
    project = projects.write(tmp_path / "project", **projects.merged({"study": {"remote": True}}, changes))
    said = gep("check", project)
    assert said.code != 0
    assert "F41" in said.err + said.out
    assert "0123abcd" not in said.err + said.out
    assert "hidden" not in said.err + said.out
    with pytest.raises(ProjectError) as refused:
        Study.open(project)
    assert [found.key for found in refused.value.problems] == [f"inputs.F41.{key}"]


# servers that fail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_server_that_refuses(server, status, tmp_path, gep):
    server.failure = status
    said = gep("run", project_of(server, tmp_path / "project"), "--out", tmp_path / "run", "--json")
    assert said.code != 0
    found = said.of("F46")
    assert sorted(one["subject"] for one in found) == ["evapotranspiration", "land_cover", "precipitation"]
    assert all(str(status) in one["found"] for one in found)
    assert all(one["zh"]["message"] == "服务器未提供该栅格。" for one in found)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("failure", "lang"), [(403, "en"), (404, "zh"), (500, "en"), (-1, "en"), (-1, "zh")])
def test_a_server_that_fails_in_mid_run_leaves_nothing_half_written(server, failure, lang, tmp_path, gep, monkeypatch):
    """What fails on the way is told, and nothing is left behind (finding F24)."""
    project = project_of(server, tmp_path / "project")
    from gep.engine import run as module

    compute = module.compute_window

    def fail_first(*arguments):
        server.failure, server.after = failure, 0
        return compute(*arguments)

    monkeypatch.setattr(module, "compute_window", fail_first)
    said = gep("--lang", lang, "run", project, "--out", tmp_path / "run")
    assert said.code != 0
    text = said.err + said.out
    assert "F46" in text
    assert ("服务器" in text) if lang == "zh" else ("The server" in text or "connection broke" in text)
    assert failure < 0 or str(failure) in text
    assert "Traceback" not in text
    assert not [sign for sign in (*SIGNS, "127.0.0.1") if sign in text]
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob(".*"))


def test_an_object_that_changes_in_mid_run_is_noticed(server, files, tmp_path, gep, monkeypatch):
    project = project_of(server, tmp_path / "project")
    from gep.engine import run as module

    compute = module.compute_window

    def change_first(*arguments):
        projects.raster(files / "evapotranspiration.tif", 601.0)
        return compute(*arguments)

    monkeypatch.setattr(module, "compute_window", change_first)
    said = gep("run", project, "--out", tmp_path / "run", "--json")
    assert [one["subject"] for one in said.of("F40")] == ["evapotranspiration"]
    assert not (tmp_path / "run").exists()


def test_resuming_knows_an_object_again(server, files, tmp_path, gep, monkeypatch):
    from gep.engine import kept
    from gep.engine.gathered import Gathered

    project, out = project_of(server, tmp_path / "project"), tmp_path / "run"
    monkeypatch.setattr(kept, "EVERY", 0.0)
    monkeypatch.setattr(kept, "SHARE", 0)
    monkeypatch.setattr(Gathered, "sums", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    from gep.study import identity

    monkeypatch.setattr(identity, "in_background", lambda task: _done(task))
    monkeypatch.setattr("gep.study.computed.in_background", lambda task: _done(task))
    assert gep("run", project, "--out", out).code == 130
    monkeypatch.undo()
    with_keys(monkeypatch, server)
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert left, "what was finished is kept"
    projects.raster(files / "evapotranspiration.tif", 601.0)
    said = gep("run", project, "--out", out, "--resume")
    assert said.code != 0
    assert "evapotranspiration" in said.err


def _done(task):
    from concurrent.futures import Future

    future = Future()
    future.set_result(task())
    return future


@pytest.mark.parametrize(
    ("what", "key"),
    [({"has_ranges": False}, "no_parts"), ({"has_etag": False, "has_time": False}, "nameless")],
)
def test_servers_that_are_of_no_use(what, key, files, tmp_path):
    with served(Server(files, **what)) as server:
        problems = Study.open(project_of(server, tmp_path / "project")).inputs.problems
    assert {found.key for found in problems if found.code == "F46"} == {f"grids.F46.{key}"}


def test_a_server_that_is_not_there(files, tmp_path):
    with served(Server(files)) as server:
        project = project_of(server, tmp_path / "project")
    problems = Study.open(project).inputs.problems
    assert {found.key for found in problems if found.code == "F46"} == {"grids.F46.unreachable"}


def test_a_store_without_keys(files, tmp_path, monkeypatch):
    with served(Server(files, is_store=True)) as server:
        with_keys(monkeypatch, server)
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        problems = Study.open(project_of(server, tmp_path / "project")).inputs.problems
        assert {found.key for found in problems if found.code == "F46"} == {"grids.F46.no_keys"}
        assert server.asked == []


def test_what_is_no_raster(files, tmp_path):
    (files / "rain.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(4096))
    with served(Server(files)) as server:
        study = Study.open(
            project_of(server, tmp_path / "project", layers={"precipitation": {"path": server.address("rain.nc")}})
        )
        found = [found for found in study.inputs.problems if found.subject == "precipitation"]
    assert [one.key for one in found] == ["grids.F46.no_raster"]


def test_what_lies_beside_an_object_is_not_asked_for(files, tmp_path):
    """A server that is not trusted learns nothing but of the object that is named."""
    with served(Server(files)) as server:
        Study.open(project_of(server, tmp_path / "project")).run()
        assert {path for _, path, _ in server.asked} == {f"/bucket/{name}" for name in RASTERS}


def test_the_same_address_is_read_anew(files, tmp_path):
    """GDAL would keep what it fetched as long as the process lives."""
    with served(Server(files)) as server:
        project = project_of(server, tmp_path / "project")
        before = Study.open(project).run().digest
        projects.raster(files / "evapotranspiration.tif", 500.0)
        after = Study.open(project).run().digest
    assert after == Study.open(files).run().digest != before


# addresses and signatures ---------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_manual():
    """Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in a Single
    Chunk", example GET Object.
    """
    signed = signature(
        "https://examplebucket.s3.amazonaws.com/test.txt",
        {"range": "bytes=0-9"},
        datetime(2013, 5, 24, tzinfo=UTC),
        "us-east-1",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    assert signed["Authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "https://bucket.s3.us-east-1.amazonaws.com/a/%E9%9B%A8%20%2B.tif"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "https://bucket.s3.eu-west-1.amazonaws.com/a/%E9%9B%A8%20%2B.tif"),
        (
            {"AWS_S3_ENDPOINT": "http://minio:9000", "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE"},
            "http://minio:9000/bucket/a/%E9%9B%A8%20%2B.tif",
        ),
    ],
)
def test_where_an_object_is_fetched_from(environment, url, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = place_of("s3://bucket/a/雨 +.tif")
    assert isinstance(found, Remote)
    assert (found.url, found.path, found.name) == (url, "/vsis3/bucket/a/雨 +.tif", "雨 +.tif")


def test_names_of_any_letters(server, files, tmp_path):
    (files / "precipitation.tif").rename(files / "年降水 2020.tif")
    name = "年降水 2020.tif" if server.is_store else "%E5%B9%B4%E9%99%8D%E6%B0%B4%202020.tif"
    study = Study.open(
        project_of(server, tmp_path / "project", layers={"precipitation": {"path": server.address(name)}})
    )
    assert study.run().record["inputs"]["precipitation"]["file"] == "年降水 2020.tif"


def test_gdal_is_told_of_one_object_alone(server):
    one, other = (Remote(server.address(f"{name}.tif")) for name in ("precipitation", "evapotranspiration"))
    from gep.inputs.grids.files import gdal

    with gdal(one), pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open(other.path)
    with gdal(), pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open(one.path)


def test_no_signature_follows_to_another_address(files, monkeypatch):
    """A store that sends elsewhere is not followed, for the signature would go along."""
    with served(Server(files)) as other, served(Server(files, is_store=True)) as server:
        with_keys(monkeypatch, server)
        server.leads_to = other.address("precipitation.tif")
        with pytest.raises(remote.RemoteError) as refused:
            remote_stamp(Remote(server.address("precipitation.tif")))
        assert "302" in str(refused.value)
        assert other.asked == []


def test_a_server_leads_to_another_but_not_out_of_the_web(files):
    with served(Server(files)) as other, served(Server(files)) as server:
        server.leads_to = other.address("precipitation.tif")
        there, here = (Remote(one.address("precipitation.tif")) for one in (other, server))
        assert remote_stamp(here) == remote_stamp(there)
        assert remote_hash(here) == remote_hash(there)
        for place in ("ftp://127.0.0.1/precipitation.tif", (files / "precipitation.tif").as_uri()):
            server.leads_to = place
            with pytest.raises(remote.RemoteError):
                remote_stamp(here)


def test_errors_name_no_place_of_the_network(files, tmp_path):
    with served(Server(files)) as server:
        study = Study.open(project_of(server, tmp_path / "project"))
        assert not study.inputs.problems or study.inputs.land_cover
        server.failure = 403
        with pytest.raises(InputError) as stopped:
            study.run()
    assert all("127.0.0.1" not in str(found) for found in stopped.value.problems)
