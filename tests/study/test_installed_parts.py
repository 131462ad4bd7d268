"""Parts of installed packages: the template of the documentation is installed and used by every door; packages that
fail stop nobody who does not use them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from builders import codes_of
from installed import install, on_path, write_package
from places import ROOT
from projects import Gep

import gep as package
from gep.core.parts import registered

TEMPLATE = ROOT / "docs" / "plugin_template"

if not TEMPLATE.is_dir():
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)

HECTARE = 1e4
CLOSE = 1e-7
"""The cover of 0.6 is stored in 32 bits."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the template is installed."""
    folder = tmp_path_factory.mktemp("template") / "site"
    install(TEMPLATE, folder)
    return folder


@pytest.fixture
def riparian(site: Path) -> Iterator[None]:
    with on_path(site):
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under the profile and the legend of the template; a third is riparian forest."""
    folder = tmp_path_factory.mktemp("project")
    layers = {"vegetation_cover": {"path": "cover.tif", "units": "1"}}
    cover = {"scheme": "riparian-legend", "map": None}
    path = projects.write(folder, study={"profile": "riparian-2024"}, land_cover=cover, layers=layers)
    codes = np.resize([1, 2, 3], projects.landscape().shape)
    projects.raster(folder / "landcover.tif", codes, dtype="uint8", nodata=0)
    projects.raster(folder / "cover.tif", 0.6)
    return path


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def by_hand(account: Any) -> None:
    """6 kg of nitrogen on a hectare of riparian forest, at 8 CNY/kg."""
    forest = [entry for entry in account.entries if entry.land_class == "riparian" and entry.service == "_none"]
    area = sum(entry.quantity for entry in forest) / HECTARE
    found = [entry for entry in account.entries if entry.service == "bank_buffer"]
    assert area > 1000
    assert sum(entry.quantity for entry in found) == pytest.approx(6 * area, rel=CLOSE)
    assert sum(entry.value for entry in found) == pytest.approx(48 * area, rel=CLOSE)


# the template ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("riparian")
def test_it_runs_by_numpy_by_the_compiled_loop_and_by_a_worker(gep: Gep, project: Path):
    loops = [["--loop", "numpy"], ["--loop", "numpy", "--workers", "1"]]
    loops += [["--loop", "compiled"]] if importlib.util.find_spec("numba") else []
    digests = []
    for number, options in enumerate(loops):
        said = gep("run", project, "-o", f"run-{number}", "--json", "--quiet", *options)
        assert said.code == 0, said.err
        digests.append(said.document["digest"].rpartition(":")[2])
        account = package.read_run(f"run-{number}")
        by_hand(account)
        (about,) = account.record["parts"]
        assert (about["name"], about["origin"], about["version"]) == ("riparian", "gep-riparian", "0.1.0")
    assert digests[0] == digests[1]
    assert "N = c u" in gep("explain", "run-0", "0101", "bank_buffer").out
    assert "岸带截留氮" in gep("explain", "run-0", "0101", "bank_buffer", "--lang", "zh").out


@pytest.mark.usefixtures("riparian")
def test_it_is_listed_with_where_it_comes_from(gep: Gep):
    listed = {entry["id"]: entry["parts"] for entry in gep("profiles", "list", "--json").document["profiles"]}
    assert (listed["riparian-2024"], listed["ndrc-2022"]) == ("riparian", "")
    (entry,) = gep("plugins", "--json").document["plugins"]
    assert entry["brings"]["services"] == ["bank_buffer"]
    assert entry["brings"]["sets"] == ["riparian-2019"]
    assert gep("inputs", "riparian-2024").code == 0
    assert "20" in gep("coefficients", "compare", "bank_nitrogen_uptake").out


@pytest.mark.usefixtures("riparian")
def test_its_densities_integrate_to_the_account(project: Path):
    study = package.Study.open(project)
    account = study.run(record=False)
    by_hand(account)
    densities = study.densities(["bank_buffer"])
    total = float((densities["bank_buffer.value"] * densities["area"]).sum())
    value = sum(entry.value for entry in account.entries if entry.service == "bank_buffer")
    assert total == pytest.approx(value, rel=1e-12)


def test_its_own_tests_pass(site: Path):
    with on_path(site):
        spec = importlib.util.spec_from_file_location("test_riparian", TEMPLATE / "tests" / "test_riparian.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        for test in tests:
            test()
        assert len(tests) == 3


def test_it_holds_for_its_profile_alone(project: Path, site: Path, tmp_path: Path):
    """The same project under `ndrc-2022` is the same run before and after the plug-in was loaded."""
    given = {"layers": {"vegetation_cover": {"path": "cover.tif", "units": "1"}}}
    other = projects.write(tmp_path / "other", **given)
    projects.raster(other.parent / "cover.tif", 0.6)
    before = package.Study.open(other).run().about.run_id
    with on_path(site):
        assert package.Study.open(project).inputs.parts == ("riparian",)
        assert list(registered()) == ["riparian"]
        after = package.Study.open(other).run()
    assert (after.about.run_id, "parts" in after.record) == (before, False)


def test_without_it_the_project_says_what_is_not_there(gep: Gep, project: Path):
    said = gep("check", project)
    assert said.code == 3
    assert "no profile `riparian-2024`" in said.err
    assert "no land-cover scheme `riparian-legend`" in said.err


# packages that fail ---------------------------------------------------------------------------------------------------

SHIPPED_ID = """
import gep
PARTS = gep.Parts(data={{"labels.csv": [{{"kind": "service", "id": "{id}", "zh": "甲", "en": "A {module}"}}]}})
"""


def test_a_broken_package_stops_who_names_what_it_may_have_and_nobody_else(gep: Gep, tmp_path: Path):
    write_package(tmp_path / "site", "broken", "raise ValueError('half installed')\n")
    write_package(tmp_path / "site", "wrong", "PARTS = 3\n")
    write_package(tmp_path / "site", "taken", SHIPPED_ID.format(id="tourism", module="taken"))
    usual = projects.write(tmp_path / "usual")
    named = projects.write(tmp_path / "named", study={"profile": "somewhere-2024"})
    with on_path(tmp_path / "site"):
        assert gep("check", usual).code == 0
        said = gep("check", named)
        assert said.code == 3
        for text in ("somewhere-2024", "gep-broken 1.0", "ValueError: `half installed`", "type int", "E02", "tourism"):
            assert text in said.err
        listed = gep("plugins", "--json")
        assert (listed.code, [entry["name"] for entry in listed.document["plugins"]]) == (
            4,
            ["broken", "taken", "wrong"],
        )
        assert "无法使用" in gep("plugins", "--lang", "zh").out
        assert gep("profiles", "list").code == 0


def test_a_profile_may_name_parts_and_says_which_are_not_there(tmp_path: Path):
    folder = tmp_path / "own"
    folder.mkdir()
    text = 'id = "own"\nextends = "ndrc-2022"\nplugins = ["nowhere"]\n'
    (folder / "profile.toml").write_text(text, encoding="utf-8")
    with pytest.raises(package.PartsError) as error:
        package.load_profile(folder)
    assert codes_of(error.value.problems) == {"E03"}
    write_package(tmp_path / "site", "nowhere", SHIPPED_ID.format(id="own_service", module="nowhere"))
    with on_path(tmp_path / "site"):
        assert package.load_profile(folder).parts == ("nowhere",)


def test_two_packages_that_claim_one_id_stop_who_needs_one_of_them(tmp_path: Path):
    for module in ("first", "second"):
        write_package(tmp_path / "site", module, SHIPPED_ID.format(id="own_service", module=module))
    folder = tmp_path / "own"
    folder.mkdir()
    text = 'id = "own"\nextends = "ndrc-2022"\nplugins = ["first"]\n'
    (folder / "profile.toml").write_text(text, encoding="utf-8")
    with on_path(tmp_path / "site"):
        with pytest.raises(package.PartsError) as error:
            package.load_profile(folder)
        assert "gep-first 1.0" in str(error.value)
        assert "gep-second 1.0" in str(error.value)
        assert package.load_profile("ndrc-2022").parts == ()


def test_what_a_session_registers_is_meant_whatever_a_package_claims(tmp_path: Path):
    write_package(tmp_path / "site", "first", SHIPPED_ID.format(id="own_service", module="first"))
    mine = {"labels.csv": [{"kind": "service", "id": "own_service", "zh": "乙", "en": "Mine"}]}
    with on_path(tmp_path / "site"):
        with package.register(name="mine", data=mine):
            with pytest.raises(package.PartsError, match="gep-first"):
                package.load_profile("nowhere-2024")
            assert package.load_profile("ndrc-2022").parts == ("mine",)
            assert package.label("own_service", "en") == "Mine"
        with pytest.raises(package.ProjectError, match="no profile `nowhere-2024`"):
            package.load_profile("nowhere-2024")
        assert package.label("own_service", "en") == "A first"


def test_nobody_looks_for_packages_where_nothing_is_unknown(gep: Gep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usual = projects.write(tmp_path / "usual")
    with on_path(tmp_path):

        def look(**_: Any) -> Any:
            raise AssertionError("looked for installed packages")

        monkeypatch.setattr(importlib.metadata, "entry_points", look)
        assert gep("--help").code == 0
        assert gep("run", usual, "-o", "out", "--quiet").code == 0
        monkeypatch.undo()


def test_a_worker_without_the_package_says_which_it_needs(site: Path):
    """What a plan sends to a worker names the modules of its equations."""
    with on_path(site):
        sent = pickle.dumps(importlib.import_module("gep_riparian.bank_buffer").held_nitrogen)
    with pytest.raises(package.EquationError, match=r"gep_riparian\.bank_buffer.*every worker"):
        pickle.loads(sent)
