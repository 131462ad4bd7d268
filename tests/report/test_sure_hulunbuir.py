"""Hulunbuir 2019 with its intervals: what drives them, by arithmetic on what the run recorded, and what a report says.

Of its numbers three have a range that documents print: runoff of three kinds of forest, each the higher of the two
tables that there are. Water kept is (P - E - P c) A, so that a value follows c by P A p.
"""

from __future__ import annotations

import math

import pytest
from places import DATA

from gep.report.make import make_report
from gep.report.options import ReportOptions
from gep.report.tables.book import ReportModel
from gep.study.folder import write_run
from gep.study.run import read_run
from gep.study.study import Study

PROJECT = DATA / "hulunbuir" / "gep.toml"

pytestmark = pytest.mark.skipif(not PROJECT.is_file(), reason="the real rasters are not beside the checkout")

RANGES = {"mixed": (0.0229, 0.0352), "deciduous_broadleaf": (0.0133, 0.027), "evergreen_needleleaf": (0.0302, 0.0452)}
"""The red-line guide of 2017 and Gong 2017, as shares of rain."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from gep.cli.uncertainty import write_sureness

    account = Study.open(PROJECT).run()
    found = account.uncertainty(figures=True)
    folder = tmp_path_factory.mktemp("hulunbuir") / "run"
    write_run(account.with_intervals(found), folder, add=lambda fresh: write_sureness(found, fresh))
    return read_run(folder), found


def test_its_intervals_are_those_of_three_runoff_coefficients(run):
    account, found = run
    slopes = dict.fromkeys(RANGES, 0.0)
    for entry in account.flows:
        if (entry.service, entry.ecosystem) == ("water_retention", "forest") and entry.land_class in RANGES:
            sums = account.cell_sums["water_retention", entry.component, entry.zone, "forest", entry.land_class]
            slopes[entry.land_class] += sums["inputs"]["precipitation"] / 1000 * entry.price
    parts = {name: slopes[name] * (high - low) / math.sqrt(12) for name, (low, high) in RANGES.items()}
    u = math.sqrt(sum(part**2 for part in parts.values()))
    assert found.samples["total", ""].std() == pytest.approx(u, rel=0.01)
    for driver in found.drivers:
        name = driver.name.removeprefix("runoff_coefficient[forest/").removesuffix("]")
        assert driver.first == pytest.approx(parts[name] ** 2 / u**2, abs=1e-3)
    middle = sum(slopes[name] * (high - low) / 2 for name, (low, high) in RANGES.items())
    assert found.median - found.total.value == pytest.approx(middle, rel=0.01)
    assert {name.partition("/")[2].rstrip("]") for name in found.at_ends} == set(RANGES)


def test_its_account_has_them_in_the_rows_of_these_forests_alone(run):
    account, _ = run
    rows = [row for row in account.rows() if row["lower"] is not None]
    assert {(row["service"], row["land_class"], row["measure"]) for row in rows} == {
        ("water_retention", name, "value") for name in RANGES
    }
    assert all(row["value"] < row["lower"] < row["upper"] for row in rows)


def test_its_report_says_what_drives_them_and_what_is_not_known(run, tmp_path):
    pytest.importorskip("docx")
    from docx import Document

    account, found = run
    table = next(table for table in ReportModel(account, "en").tables if table.id == "A7")
    unknown = {row.key: row["resting"].value for row in table.rows if row.key.startswith("unknown/")}
    assert {f"unknown/{one.name}" for one in found.unknown} == set(unknown)
    assert min(unknown.values()) > 0
    make_report(account, tmp_path, ["docx"], ReportOptions("en"))
    document = Document(str(tmp_path / "report.docx"))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    first = found.drivers[0]
    share = f"[forest/mixed] {first.first:.1%}"
    for part in ("Shares of the variance", share, "Of unknown uncertainty", "stand at one end"):
        assert part in words
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    lower, upper = (f"{end / 1e8:.2f}" for end in (found.total.lower, found.total.upper))
    assert f"{lower} to {upper} hundred million CNY" in cells
