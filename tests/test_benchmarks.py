"""The benchmarks run from end to end, and measure the same work: never a clock, which says how busy a machine is."""

import importlib.util
import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import shapely
from places import ROOT

FOLDER = ROOT / "benchmarks"

if not FOLDER.is_dir():
    pytest.skip("the benchmarks are not beside the tests", allow_module_level=True)
if sys.platform == "win32":
    pytest.skip("the benchmarks count what processes take as POSIX does", allow_module_level=True)

if "benchmarks" not in sys.modules:  # without the checkout on the path: the tests are of the gep that is installed
    spec = importlib.util.spec_from_file_location(
        "benchmarks", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    sys.modules["benchmarks"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["benchmarks"])

from benchmarks import data, report, work  # noqa: E402 - found by what stands above
from benchmarks.__main__ import main  # noqa: E402 - found by what stands above
from benchmarks.cases import TARGETS, Bench, Row  # noqa: E402 - found by what stands above
from benchmarks.levels import LEVELS  # noqa: E402 - found by what stands above
from benchmarks.measure import ProcessFailed, Times, ratio, run_process, typical  # noqa: E402 - found by what stands above


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def document(folder):
    printed = io.StringIO()
    with redirect_stdout(printed):
        main(["--tiny", "--json", "--data", str(folder)])
    return json.loads(printed.getvalue())


def test_every_target_has_a_row_with_its_verdict(document):
    assert [target["name"] for target in document["targets"]] == [target.name for target in TARGETS]
    assert len({target.name for target in TARGETS}) == len({target.key for target in TARGETS}) == len(TARGETS) == 26
    assert all(list(target) == ["name", "limit", "value", "pass"] for target in document["targets"])
    assert document["failed"] == {}


def test_what_was_not_measured_says_so_and_does_not_pass(document):
    without = {target["name"] for target in document["targets"] if target["value"] is None}
    assert without
    assert without <= set(document["notes"])
    assert not any(target["pass"] for target in document["targets"])  # tiny grids decide nothing


def test_all_that_is_asked_for_is_measured(document):
    names = " ".join(row["name"] for row in document["measured"])
    for part in (
        "floor",
        "totals, numpy, 1 thread",
        "2 threads",
        "2 workers",
        "xarray in memory",
        "dask expressions",
        "4 of 12 layers coarse",
        "20 zones",
        "250 classes",
        "water yield",
        "monthly layers",
        "12 maps",
        "1 thread, Zarr",
        "1 thread, NetCDF-4",
        "arrays over dask",
    ):
        assert part in names
    assert all(row["cpu_s"] >= 0 and row["wall_s"] > 0 for row in document["measured"])
    assert {"processor", "cores", "memory_gb", "python", "numpy", "gdal", "numba", "load"} <= set(document["machine"])


def test_threads_and_workers_give_one_digest(document):
    assert set(document["digests"].values()) == {1}


def test_tables_are_printed_of_the_same(document):
    printed = report.text(document)
    assert printed.count("\n| ") == 4 + len(TARGETS) + len(document["measured"])
    assert "holds" not in printed
    assert "DIGESTS" not in printed


def test_peers_compute_the_same_sums(folder):
    """Over four squares, with the borders of thirteen counties through them."""
    project = work.made(str(folder), "fine", side=600)["project"]
    assert max(work.agreement(project).values()) < 1e-9


def test_data_are_the_same_for_the_same_seed(tmp_path, folder):
    first, second = (work.made(str(place), "coarse", side=160)["project"] for place in (folder, tmp_path))
    for path in Path(second).parent.iterdir():
        if path.suffix != ".gpkg":  # which holds the time at which it was written
            assert path.read_bytes() == (Path(first).parent / path.name).read_bytes()


@pytest.mark.parametrize("count", [1, 13, 100])
def test_counties_fill_the_rectangle_and_do_not_overlap(count):
    found = data.counties(count, 500)
    assert len(found) == count
    whole = shapely.union_all(found)
    side = 0.98 * 500 * 30
    assert whole.area == pytest.approx(side**2, rel=1e-9)
    assert sum(polygon.area for polygon in found) == pytest.approx(side**2, rel=1e-9)


def test_fields_are_laid_side_by_side_as_mirror_images():
    assert data.mirrored(np.array([[1, 2], [3, 4]]), 2).tolist() == [
        [1, 2, 2, 1],
        [3, 4, 4, 3],
        [3, 4, 4, 3],
        [1, 2, 2, 1],
    ]


def test_ratios_are_of_pairs_and_medians():
    of, to = [Times(2, 4), Times(9, 1), Times(4, 1)], [Times(1, 1), Times(3, 1), Times(1, 1)]
    assert ratio(of, to) == 3
    assert ratio(of, to, "wall") == 1
    assert typical(of) == Times(4, 1)


def test_a_target_holds_up_to_its_limit_and_on_its_own_grids():
    of_size = next(target for target in TARGETS if target.key == "zones")
    least = next(target for target in TARGETS if target.key == "threads")
    usual, small = (Bench(LEVELS[name], ROOT, values={"zones": 1.3, "threads": 1.7}) for name in ("usual", "small"))
    assert report.is_met(usual, of_size)
    assert report.is_met(usual, least)
    assert not report.is_met(small, of_size)
    usual.values |= {"zones": 1.31, "threads": 1.69}
    assert not report.is_met(usual, of_size)
    assert not report.is_met(usual, least)


def test_nanoseconds_are_of_processor_time_and_cells():
    bench = Bench(LEVELS["tiny"], ROOT, rows=[Row("totals", Times(2.0, 1.0), 4_000_000)])
    assert report.document(bench, {})["measured"][0]["ns_per_cell"] == 500


def test_a_process_is_measured_by_what_it_took():
    took = run_process(sys.executable, "-c", "print('x' * 3); x = bytearray(b'1') * 300_000_000")
    assert took.printed == "xxx\n"
    assert took.peak > 300  # what the process that starts it holds counts too
    assert took.times.cpu > 0


def test_a_process_that_fails_says_why():
    with pytest.raises(ProcessFailed, match=r"exit 1, ValueError: no such grid"):
        run_process(sys.executable, "-c", "raise ValueError('no such grid')")


def test_the_profile_of_a_command_tells_shares_of_all_that_it_did():
    asked = json.dumps({"arguments": ["coefficients", "show", "runoff_coefficient"], "least": 0.02})
    found = json.loads(run_process(sys.executable, "-m", "benchmarks.work", "profile_command", asked).printed)
    assert found["total"] > 0
    wholes, owns, names = zip(*found["rows"], strict=True)
    assert list(wholes) == sorted(wholes, reverse=True)
    assert all(0.02 <= whole <= 1 and own <= whole for whole, own in zip(wholes, owns, strict=True))
    assert any(name.startswith("cli/app.py:") and name.endswith(" main") for name in names)


def test_every_number_of_a_run_is_drawn(tmp_path, monkeypatch, capsys):
    """What is measured of draws is of all numbers: land cover alone has no error that a project can say."""
    import projects

    monkeypatch.chdir(tmp_path)
    gep = projects.caller(monkeypatch, capsys, tmp_path / "here")
    assert gep("run", projects.write(tmp_path / "city"), "--out", "run").code == 0
    found = work.sureness(str(tmp_path / "here/run"), 200)
    assert found["without"] == ["layers.land_cover"]
    assert found["drawn"] > 15
