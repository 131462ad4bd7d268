"""What may be called GEP: land that the land cover has not, and services without land that the tables report all the
same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from coarse_city import checked_and_run, edited, land_cover, of_code, opened

from gep.study.sample.city import write_sample_city

pytestmark = pytest.mark.usefixtures("one_pass")

MARSH, LAKE, RIVER, RESERVOIR, DRY_FIELDS = 41, 42, 43, 44, 54


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The files of the sample city."""
    return write_sample_city(tmp_path / "city").parent


def dry(codes: np.ndarray) -> np.ndarray:
    """The land cover without wetland."""
    return np.where(np.isin(codes, (MARSH, LAKE, RIVER, RESERVOIR)), DRY_FIELDS, codes)


def test_half_of_the_land_cover_is_no_gep(city: Path):
    """Finding F2."""

    def left_half_missing(codes: np.ndarray) -> np.ndarray:
        codes = codes.copy()
        codes[..., : codes.shape[-1] // 2] = 0
        return codes

    land_cover(city, left_half_missing)
    checked, _, account = checked_and_run(opened(city))
    assert account is not None
    assert account.about.coverage["land_cover"] < 0.6
    assert not account.is_complete
    assert "GEP" not in account.title()
    assert "生态产品总值" not in account.title("zh")
    (missing,) = [m for m in account.about.missing if m.service == "land_cover"]
    assert (missing.reason, missing.is_required) == ("low_coverage", True)
    (told,) = [p for p in of_code(checked, "N03") if p.subject == "land_cover"]
    assert "partial" in told.message


def test_a_gap_within_the_coverage_asked_for_is_gep(city: Path):
    def two_percent_missing(codes: np.ndarray) -> np.ndarray:
        codes = codes.copy()
        codes[..., ::50] = 0
        return codes

    land_cover(city, two_percent_missing)
    _, _, account = checked_and_run(opened(city))
    assert account is not None
    assert "land_cover" not in {m.service for m in account.about.missing}


def test_loads_reservoirs_and_fish_without_wetland_are_told_and_no_gep(city: Path):
    """Finding F8."""
    land_cover(city, dry)
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert not account.is_complete
    missing = {m.service: m for m in account.about.missing}
    of_wetland = {"fishery_products", "water_purification", "flood_mitigation"}
    for service in of_wetland:
        assert (missing[service].reason, missing[service].is_required) == ("does_not_occur", True)
    assert {p.subject for p in of_code(checked, "O03")} == of_wetland == {p.subject for p in of_code(ran, "O03")}
    assert "cod_load" in missing["water_purification"].detail


def test_what_the_office_declares_is_gep_and_what_its_tables_report_counts(city: Path):
    land_cover(city, dry)
    reason = "ponds smaller than a cell"
    edited(
        city / "gep.toml",
        "[coefficients] ",
        "".join(
            f'{service} = {{ does_not_occur = "{reason}" }}\n'
            for service in ("fishery_products", "water_purification", "flood_mitigation")
        )
        + "\n[coefficients] ",
    )
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert account.is_complete
    assert not of_code([*checked, *ran], "O03")
    missing = {m.service: m for m in account.about.missing}
    assert (missing["fishery_products"].detail, missing["fishery_products"].is_required) == (reason, False)
    # 310 + 520 + 430 t of fish at 16 500 CNY/t
    assert account.totals("service")["fishery_products"] == pytest.approx(1260 * 16500)


def without_reservoirs(codes: np.ndarray) -> np.ndarray:
    """The land cover with lakes in the place of reservoirs."""
    return np.where(codes == RESERVOIR, LAKE, codes)


def test_reservoirs_that_are_reported_and_not_on_the_map_are_told_beside_lakes_that_are(city: Path):
    land_cover(city, without_reservoirs)
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert not account.is_complete
    (told,) = of_code(checked, "O03")
    assert told == of_code(ran, "O03")[0]
    assert told.subject == "flood_mitigation"
    assert "reservoir_capacity" in told.message
    assert "水库" in told.in_language("zh")
    (missing,) = [m for m in account.about.missing if m.service == "flood_mitigation"]
    assert (missing.reason, missing.is_required) == ("does_not_occur", True)


def test_a_component_that_the_office_declares_counts_as_its_tables_report_it(city: Path):
    land_cover(city, without_reservoirs)
    declared = 'flood_mitigation = { does_not_occur = "the map has one class of water" }'
    edited(city / "gep.toml", "[coefficients] ", f"{declared}\n\n[coefficients] ")
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert account.is_complete
    assert not of_code([*checked, *ran], "O03")
    assert not of_code([*checked, *ran], "P20")
    reservoirs = [entry for entry in account.entries if entry.component == "reservoir"]
    assert sum(entry.quantity or 0.0 for entry in reservoirs) == pytest.approx(0.35 * 1850e4)  # of 1850 万 m3


def test_reservoirs_that_no_class_of_the_map_could_be_are_no_contradiction(city: Path):
    """A legend with one class of water cannot tell reservoirs: what the tables report counts."""
    edited(city / "gep.toml", '44 = "wetland/reservoir" ', '44 = "wetland/lake" ')
    checked, ran, account = checked_and_run(opened(city))
    assert account is not None
    assert not of_code([*checked, *ran], "O03")


def test_no_reservoirs_on_the_map_and_none_in_the_tables_agree(city: Path):
    land_cover(city, without_reservoirs)
    table = city / "statistics.csv"
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if "reservoir_capacity" not in line]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    checked, ran, _ = checked_and_run(opened(city))
    assert not of_code([*checked, *ran], "O03")


def test_tables_that_report_nothing_agree(city: Path):
    land_cover(city, dry)
    table = city / "statistics.csv"
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if "fishery_products" not in line]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _, _, account = checked_and_run(opened(city))
    assert account is not None
    (fish,) = [m for m in account.about.missing if m.service == "fishery_products"]
    assert (fish.reason, fish.is_required) == ("does_not_occur", False)


def test_land_that_is_there_is_not_declared_away(city: Path):
    edited(city / "gep.toml", "[coefficients] ", 'crop_products = { does_not_occur = "no fields" }\n\n[coefficients] ')
    checked, ran, account = checked_and_run(opened(city))
    assert account is None
    assert [p.subject for p in of_code(checked, "P20")] == ["services.crop_products"]
    assert of_code(ran, "P20") == of_code(checked, "P20")
