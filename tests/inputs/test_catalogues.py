"""Rasters that a static STAC catalogue lists, in a folder and on a server of this machine, are the files themselves."""

import json

import projects
import pytest
from server import Server, served

import gep
from gep.core.errors import InputError, ProjectError
from gep.inputs.grids.places import Tiles
from gep.inputs.grids.remote import Remote
from gep.inputs.stac import rasters_of_catalogue
from gep.study.study import Study

pytest.importorskip("pystac", reason="the extra `stac` is not installed")


def link(rel, href):
    return {"rel": rel, "href": href, "type": "application/json"}


def item(folder, name, href, year=2020, asset="map"):
    """An item, as the specification (1.0.0) has it."""
    time = {"datetime": None, "start_datetime": f"{year}-01-01T00:00:00Z", "end_datetime": f"{year}-12-31T23:59:59Z"}
    document = {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "geometry": None, "properties": time,
        "links": [link("parent", "collection.json")], "assets": {asset: {"href": href, "type": "image/tiff"}},
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(document))
    return f"{name}.json"


def catalogue(folder, *items):
    """A catalogue of one collection of items."""
    about = {"stac_version": "1.0.0", "description": "of a test"}
    extent = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}}
    collection = {**about, "type": "Collection", "id": "maps", "license": "CC-BY-4.0", "extent": extent}
    collection["links"] = [link("item", name) for name in items]
    (folder / "collection.json").write_text(json.dumps(collection))
    top = {**about, "type": "Catalog", "id": "top", "links": [link("child", "collection.json")]}
    (folder / "catalog.json").write_text(json.dumps(top))
    return folder / "catalog.json"


@pytest.fixture
def folder(tmp_path):
    """A project whose rain is listed by a catalogue beside it."""
    projects.write(tmp_path, layers={"precipitation": {"path": "catalog.json", "asset": "rain", "year": 2020}})
    catalogue(tmp_path, item(tmp_path, "y2019", "no_such.tif", 2019, "rain"),
              item(tmp_path, "y2020", "precipitation.tif", 2020, "rain"))  # fmt: skip
    return tmp_path


def test_a_layer_is_the_asset_of_the_items_of_its_year(folder, tmp_path_factory):
    plain = tmp_path_factory.mktemp("plain")
    projects.write(plain)
    listed = Study.open(folder)
    assert listed.spec.layers["precipitation"].data == folder / "precipitation.tif"
    assert listed.run().digest == Study.open(plain).run().digest


def test_items_are_tiles_of_one_raster(tmp_path):
    names = [item(tmp_path, name, f"tiles/{name}.tif") for name in ("a", "b")]
    found = rasters_of_catalogue(catalogue(tmp_path, *names), "map")
    assert found == Tiles("catalog.json#map", (tmp_path / "tiles" / "a.tif", tmp_path / "tiles" / "b.tif"))
    assert gep.products.stac(tmp_path / "a.json", "map") == tmp_path / "tiles" / "a.tif"  # an item alone


def test_a_server_is_asked_only_if_the_project_says_so(folder, monkeypatch):
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    with served(Server(folder)) as server:
        address = server.address("catalog.json")
        text = (folder / "gep.toml").read_text().replace('"catalog.json"', f'"{address}"')
        (folder / "gep.toml").write_text(text)
        with pytest.raises(ProjectError) as stopped:
            Study.open(folder)
        assert [problem.code for problem in stopped.value.problems] == ["F41"]
        assert server.asked == []
        (folder / "gep.toml").write_text(text.replace("[study]", "[study]\nremote = true"))
        study = Study.open(folder)
        assert study.spec.layers["precipitation"].data == Remote(server.address("precipitation.tif"))
        account = study.run()
        record = account.record["inputs"]["precipitation"]
        assert record["address"] == server.address("precipitation.tif")
    projects.write(folder)
    assert account.digest == Study.open(folder).run().digest


def test_a_catalogue_here_does_not_lead_to_a_server_unasked(tmp_path):
    path = catalogue(tmp_path, item(tmp_path, "a", "https://somewhere.test/a.tif?token=secret"))
    with pytest.raises(InputError) as stopped:
        rasters_of_catalogue(path, "map")
    assert [problem.code for problem in stopped.value.problems] == ["F41"]
    with pytest.raises(InputError) as stopped:
        rasters_of_catalogue(path, "map", remote=True)
    assert "secret" not in str(stopped.value)  # nor taken: an address with a query holds one


@pytest.mark.parametrize(
    ("asset", "year", "key"),
    [("image", 2020, "no_asset"), ("map", 1999, "no_items"), ("map", 2020, "several_remote"), ("", None, "unreadable")],
)
def test_what_is_wrong_with_a_catalogue_is_said(tmp_path, asset, year, key):
    base = "https://somewhere.test" if key == "several_remote" else "tiles"
    path = catalogue(tmp_path, *(item(tmp_path, name, f"{base}/{name}.tif") for name in "ab"))
    if key == "unreadable":
        path.write_text('{"type": "something"}')
    with pytest.raises(InputError) as stopped:
        rasters_of_catalogue(path, asset, year=year, remote=True)
    (problem,) = stopped.value.problems
    assert (problem.code, problem.key) == ("F48", f"inputs.F48.{key}")
    assert key != "no_asset" or problem.found == "map"


def test_all_catalogues_of_a_project_are_told_at_once(folder):
    text = (folder / "gep.toml").read_text()
    (folder / "gep.toml").write_text(
        text.replace('"rain"', '"snow"').replace("[land_cover]", '[land_cover]\nasset = "x"')
    )
    with pytest.raises(InputError) as stopped:
        Study.open(folder)
    assert [problem.subject for problem in stopped.value.problems] == ["land_cover", "precipitation"]
