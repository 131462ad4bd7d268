"""What all tests share: which are slow, and the account of the sample city.

Slow is what took two seconds or more alone (`pytest --durations=60`), or what needs a fixture that did. Nothing is left
out of a run for it, unless it is asked for: `pytest -m "not slow"`.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:  # who only shares the tests out to other processes need not load it
    from gep.account.account import Account
    from gep.study.study import Study

settings.register_profile("gep", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("gep")

if hasattr(os, "fork"):  # a dozen workers are started: from one process that has loaded what each of them needs
    os.environ.setdefault("DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD", "forkserver")

TESTS = Path(__file__).resolve().parent

SLOW: dict[str, tuple[str, ...]] = {
    "account/test_explain.py": ("test_figures_of_the_sample_city_recompute",),
    "account/test_product_shares.py": ("test_beef_of_two_ecosystems",),
    "account/test_indicators.py": (
        "test_no_column_of_money_or_people_is_off_by_ten_thousand_in_silence",
        "test_nothing_is_told_of_real_places",
    ),
    "bad_inputs/test_consequences.py": (),
    "bad_inputs/test_files.py": ("test_kills_leave_nothing_half_written", "test_no_header_ends_in_a_traceback"),
    "bad_inputs/test_last_year.py": (),
    "bad_inputs/test_left_lying.py": (),
    "bad_inputs/test_missing_layer.py": (),
    "bad_inputs/test_mistakes_in_layers.py": (
        "test_a_mistake_in_a_layer_is_told",
        "test_a_mistake_in_one_more_layer_is_told",
    ),
    "bad_inputs/test_titles.py": (),
    "bad_inputs/test_replies.py": (),
    "bad_inputs/test_replies_beside_the_form.py": (),
    "cli/test_chinese.py": (),
    "cli/test_cluster.py": (),
    "cli/test_cli.py": ("test_as_a_process", "test_output_that_is_not_utf8", "test_workers_give_the_same_digest"),
    "cli/test_uncertainty_command.py": ("test_other_choices_are_recomputed_and_ranked",),
    "core/test_folders_killed.py": ("test_the_whole_old_set_or_the_whole_new",),
    "engine/test_compiled_loop.py": (),
    "engine/test_densities.py": ("test_densities_integrate_to_the_account",),
    "engine/test_engine_determinism.py": (),
    "engine/test_linear.py": (),
    "inputs/grids/test_out_of_core.py": (),
    "inputs/grids/test_remote.py": (),
    "inputs/test_layouts.py": (),
    "properties/test_account_properties.py": (),
    "properties/test_sense_of_totals.py": (
        "test_the_same_visits_in_other_units_are_the_same_account",
        "test_twice_the_marsh_twice_the_storage",
    ),
    "report/test_annex_of_uncertainty.py": ("test_workbook_and_document_have_it",),
    "report/test_document.py": (),
    "report/test_forms_to_document.py": (),
    "report/test_page.py": (),
    "report/test_page_in_browser.py": (),
    "report/test_sure_hulunbuir.py": ("test_its_report_says_what_drives_them_and_what_is_not_known",),
    "report/test_workbook.py": (),
    "report/test_package.py": (),
    "report/test_pictures_of_a_report.py": (),
    "study/test_byte_identical.py": (),
    "study/test_check_and_run.py": (),
    "study/test_crate.py": ("test_it_is_valid_by_the_tools_of_ro_crate",),
    "study/test_page_of_arrays.py": (),
    "study/test_product_files.py": (),
    "study/test_other_zones.py": ("test_every_output_says_so",),
    "study/test_forms_round_trip.py": (),
    "study/test_installed_parts.py": ("test_it_runs_by_numpy_by_the_compiled_loop_and_by_a_worker",),
    "study/test_profiles_on_the_sample.py": (),
    "study/test_sample_years.py": (),
    "study/test_sample.py": (
        "test_check_finds_no_error_and_no_contradiction",
        "test_demo_as_json_and_in_chinese",
        "test_demo_writes_a_run_and_prints_its_tables",
        "test_init_writes_a_project_that_runs_at_once",
    ),
    "test_benchmarks.py": (),
    "test_docs.py": ("test_the_site_builds_without_warnings",),
    "test_notebooks.py": (),
    "test_public_names.py": ("test_a_name_is_the_same_the_second_time",),
    "test_pictures.py": ("test_the_picture_of_the_sample_city_is_fresh",),
}
"""Slow tests by file; all of a file where none is named."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow. Where several processes share the tests, what takes long begins first, and the files with the
    fewest tests come last: so that all processes end at about the same time.
    """
    files = {item: item.path.relative_to(TESTS).as_posix() for item in items if item.path.is_relative_to(TESTS)}
    for item, file in files.items():
        names = SLOW.get(file)
        if names is not None and (not names or item.name.partition("[")[0] in names):
            item.add_marker("slow")
    if hasattr(config, "workerinput"):
        tests = Counter(files.values())
        place = {file: (file not in SLOW, -tests[file], file) for file in tests}
        items.sort(key=lambda item: place.get(files.get(item, ""), (True, 0, "")))


def pytest_sessionstart() -> None:
    """What is collected stays: there is no garbage to look for meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the collector of garbage need not go through them each time, nor
    after each seven hundred objects, which took a tenth of the whole.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """What nobody holds any more is looked through once, for errors that none has seen: pytest would do it five times
    over, through all that is left at the end.
    """
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was left out, and for want of what."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"left out {count}: {reason.removeprefix('Skipped: ')}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several processes (`pytest -n 2`) share the tests file by file, in the order of the collection: what the tests of
    a file have in common is computed once, and who shares them out has some hundred shares to look after.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist says no types
        """What is done is forgotten: after each test, all those that its process has had would be counted again."""

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            test = self.registered_collections[node][item_index]
            file, had = self._split_scope(test), self.assigned_work[node]
            del had[file][test]
            if not had[file]:
                del had[file]
            self._reschedule(node)

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def _drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The zones and rasters of the sample city are drawn once in a process and copied after: they follow from the
    seed, which `test_the_same_seed_gives_the_same_files` shows on files that are `drawn_anew`.
    """
    from drawn import drawn_once

    with drawn_once(tmp_path_factory.mktemp("drawn") / "city"):
        yield


@pytest.fixture(scope="module")
def one_pass() -> Iterator[None]:
    """Passes over the same cells by the same plan are made once: see `one_pass.py`."""
    import one_pass

    with pytest.MonkeyPatch.context() as patch:
        for caller in one_pass.CALLERS:
            patch.setattr(caller, "run", one_pass.run_once)
        yield


@pytest.fixture
def drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample city is really drawn when it is written."""
    from drawn import draw

    from gep.study.sample import city

    monkeypatch.setattr(city, "_write_maps", draw)


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample city, written once; not to be changed, but to be copied."""
    from gep.study.sample import city

    return city.write_sample_city(tmp_path_factory.mktemp("sample") / "city").parent


@pytest.fixture(scope="session")
def sample_study(sample_city: Path) -> Study:
    """The sample city, opened once."""
    from gep.study.study import Study

    return Study.open(sample_city)


@pytest.fixture(scope="session")
def sample_account(sample_study: Study) -> Account:
    """Its account, computed once."""
    return sample_study.run()


@pytest.fixture(scope="session")
def sent(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of the sample city as they were sent out."""
    from filled_forms import call

    folder = tmp_path_factory.mktemp("sent")
    assert call("forms", "make", sample_city, "--out", folder).exit_code == 0
    return folder


@pytest.fixture
def reply(sent: Path, tmp_path: Path) -> Callable[..., Any]:
    """One workbook that a person changes, and the reading of it."""
    from filled_forms import call
    from openpyxl import load_workbook

    def returned(name: str, change: Callable[[Any], object]) -> Any:
        folder = tmp_path / "replies"
        folder.mkdir(exist_ok=True)
        shutil.copy(sent / name, folder)
        book = load_workbook(folder / name)
        change(book)
        book.save(folder / name)
        return folder, call("forms", "read", folder)

    return returned
