import csv
import hashlib
import math
import re
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import REFERENCE

from gep.account.account import Account
from gep.account.entries import COLUMNS, About, Entry, Missing
from gep.core.errors import AccountError
from gep.core.keys import CITY, NONE
from gep.study.folder import write_run

REPORT_TABLES = REFERENCE / "report_tables.md"


def area(zone, ecosystem, land_class, square_metres):
    return Entry(zone, zone.upper(), ecosystem, land_class, quantity=square_metres, unit="m^2")


def valued(zone, ecosystem, land_class, quantity, value, **more):
    """Retained water at 2 CNY/m3, or whatever `more` says."""
    about = {
        "category": "regulating",
        "service": "water_retention",
        "component": "retained_water",
        "unit": "m^3/year",
        "price": 2.0,
        "price_unit": "CNY/m^3",
        "price_basis": "current",
        "price_concept": "replacement_cost",
        "method": "retained_water",
    }
    return Entry(zone, zone.upper(), ecosystem, land_class, quantity=quantity, value=value, **{**about, **more})


SO2 = {
    "service": "air_purification",
    "component": "so2",
    "unit": "t*SO2/year",
    "price": 1200.0,
    "price_unit": "CNY/(t*SO2)",
}
CROPS = {
    "category": "provisioning",
    "service": "crop_products",
    "component": "wheat",
    "unit": "t/year",
    "price": 2400.0,
    "price_unit": "CNY/t",
    "price_concept": "market",
}

ENTRIES = (
    area("a", "forest", "mixed", 1e6),
    area("a", "grassland", "steppe", 2e6),
    area("b", "forest", "mixed", 4e6),
    valued("a", "forest", "mixed", 100.0, 200.0),
    valued("a", "grassland", "steppe", -10.0, -20.0),
    valued("b", "forest", "mixed", 50.0, 100.0),
    valued("a", "forest", "mixed", 3.0, 3600.0, **SO2),
    valued("a", "forest", "mixed", -1.0, -1200.0, **{**SO2, "component": "so2_cap"}),
    valued("b", "forest", "mixed", 7.0, None, **{**SO2, "is_counted": False, "price": None, "price_basis": ""}),
    valued(CITY, "cropland", NONE, 10.0, 24_000.0, **CROPS),
)
TOTAL = 200 - 20 + 100 + 3600 - 1200 + 24_000
"""26 680 CNY, added by hand."""

ABOUT = About("Testburg", 2019, profile="ndrc-2022", price_year=2019, name_zh="试城", code="999900", run_id="abc")
ACCOUNT = Account(ENTRIES, ABOUT)


# folds ----------------------------------------------------------------------------------------------------------------


def test_total():
    assert TOTAL == 26_680
    assert ACCOUNT.total() == 26_680.0


def test_totals_by_key_by_hand():
    assert ACCOUNT.totals("zone") == {"a": 2580.0, "b": 100.0, CITY: 24_000.0}
    assert ACCOUNT.totals("ecosystem") == {"forest": 2700.0, "grassland": -20.0, "cropland": 24_000.0}
    assert ACCOUNT.totals("service") == {
        "water_retention": 280.0,
        "air_purification": 2400.0,
        "crop_products": 24_000.0,
    }
    assert ACCOUNT.totals("category") == {"regulating": 2680.0, "provisioning": 24_000.0}


def test_a_table_by_two_keys():
    table = ACCOUNT.by("zone", "service")
    assert {key: value for key, value, _ in table} == {
        ("a", "water_retention"): 180.0,
        ("a", "air_purification"): 2400.0,
        ("b", "water_retention"): 100.0,
        (CITY, "crop_products"): 24_000.0,
    }
    assert {unit for _, _, unit in table} == {"CNY"}
    frame = table.to_frame()
    assert list(frame.columns) == ["zone", "service", "value", "unit"]
    assert frame["value"].sum() == 26_680
    assert len(table) == 4


KEYS = ["zone", "zone_name", "ecosystem", "land_class", "category", "service", "component"]


@given(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
def test_any_keys_sum_to_the_total(keys):
    assert math.fsum(value for _, value, _ in ACCOUNT.by(*keys)) == 26_680


amounts = st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=30)


@given(amounts, st.sampled_from(KEYS))
def test_parts_add_up_to_the_whole(values, key):
    names = ["forest", "shrub", "grassland"]
    entries = [valued("abc"[i % 2], names[i % 3], f"class_{i}", value / 2, value) for i, value in enumerate(values)]
    account = Account(entries, ABOUT)
    assert account.total() == math.fsum(values)
    scale = math.fsum(abs(value) for value in values)
    assert math.fsum(account.totals(key).values()) == pytest.approx(account.total(), rel=1e-9, abs=1e-15 * scale)


def test_the_total_is_exactly_rounded():
    """In floats 1e16 + 1 - 1e16 is 0 one way round and 2 or 1 another; the sum is 1 whatever the order."""
    values = [1e16, 1.0, -1e16]
    for order in ([0, 1, 2], [2, 0, 1], [1, 0, 2]):
        entries = [valued("a", "forest", f"class_{i}", 1.0, values[i]) for i in order]
        assert Account(entries, ABOUT).total() == 1.0


def test_quantities_of_different_units_are_never_added():
    table = ACCOUNT.by("zone", measure="quantity")
    assert {(key[0], unit): value for key, value, unit in table} == {
        ("a", "m3"): 90.0,
        ("a", "t{SO2}"): 2.0,
        ("b", "m3"): 50.0,
        (CITY, "t"): 10.0,
    }


def test_quantities_by_component_hold_their_adjustments():
    quantities = {
        ("water_retention", "retained_water"): {"value": 140.0, "unit": "m3"},
        ("air_purification", "so2"): {"value": 2.0, "unit": "t{SO2}"},
        ("crop_products", "wheat"): {"value": 10.0, "unit": "t"},
    }
    assert ACCOUNT.quantities() == quantities
    assert ACCOUNT.summary()["quantities"] == {service: amount for (service, _), amount in quantities.items()}


def test_quantities_of_a_service_with_several_components():
    nox = valued(
        "a",
        "forest",
        "mixed",
        5.0,
        3150.0,
        **{**SO2, "component": "nox", "unit": "t*NOx/year", "price_unit": "CNY/(t*NOx)"},
    )
    account = Account([*ENTRIES, nox], ABOUT)
    assert account.quantities()["air_purification", "so2"] == {"value": 2.0, "unit": "t{SO2}"}
    assert account.quantities()["air_purification", "nox"] == {"value": 5.0, "unit": "t{NOx}"}
    written = account.summary()["quantities"]
    assert written["air_purification/so2"] == {"value": 2.0, "unit": "t{SO2}"}
    assert written["air_purification/nox"] == {"value": 5.0, "unit": "t{NOx}"}
    assert "air_purification" not in written


def test_areas():
    assert ACCOUNT.areas() == {
        ("a", "forest", "mixed"): 1e6,
        ("a", "grassland", "steppe"): 2e6,
        ("b", "forest", "mixed"): 4e6,
    }
    assert {key[0]: value for key, value, _ in ACCOUNT.by("zone", measure="area")} == {"a": 3e6, "b": 4e6}


def test_an_unknown_key():
    with pytest.raises(AccountError, match=r"There is no key `zones`\. Did you mean `zone`"):
        ACCOUNT.by("zones")


def test_different_price_bases_do_not_add():
    other = valued("b", "forest", "sparse", 1.0, 2.0, price_basis="constant:2010")
    account = Account([*ENTRIES, other], ABOUT)
    with pytest.raises(
        AccountError,
        match=r"Values at different prices cannot be added: constant:2010, current\. Move the prices to one year first",
    ):
        account.total()
    with pytest.raises(AccountError, match="Values at different prices cannot be added"):
        account.by("zone")
    assert len(account.by("zone", measure="quantity")) > 0, "quantities have no prices"


def test_an_uncounted_value_at_other_prices_is_no_obstacle():
    other = valued("b", "forest", "sparse", 1.0, 2.0, price_basis="constant:2010", is_counted=False)
    assert Account([*ENTRIES, other], ABOUT).total() == 26_680


# missing is never zero ------------------------------------------------------------------------------------------------


def test_a_missing_value_is_in_no_sum_and_in_no_table():
    missing = valued("c", "forest", "mixed", None, None)
    account = Account([*ENTRIES, missing], ABOUT)
    assert account.total() == 26_680
    assert "c" not in account.totals("zone"), "not 0: there is no figure"
    assert ("c",) not in {key for key, _, _ in account.by("zone", measure="quantity")}


def test_a_missing_figure_stays_a_row_of_its_own():
    account = Account([valued("c", "forest", "mixed", None, None, price=None)], ABOUT)
    rows = {row["measure"]: row for row in account.rows()}
    assert set(rows) == {"quantity", "value"}
    assert all(row["value"] is None and row["obs_status"] == "O" for row in rows.values())
    assert account.to_frame()["value"].isna().all()


def test_a_true_zero_is_a_figure():
    account = Account([valued("c", "forest", "mixed", 0.0, 0.0)], ABOUT)
    assert account.totals("zone") == {"c": 0.0}
    assert {row["obs_status"] for row in account.rows()} == {"A"}


def test_estimates_are_marked():
    account = Account([valued("c", "forest", "mixed", 1.0, 2.0, is_estimated=True)], ABOUT)
    assert {row["obs_status"] for row in account.rows() if row["measure"] != "price"} == {"E"}


def test_a_physical_account_has_no_total():
    physical = ACCOUNT.replace(kind="physical")
    assert physical.total() is None
    assert physical.summary()["total"] == {"value": None, "unit": "CNY"}


# the title guard ------------------------------------------------------------------------------------------------------

REQUIRED = Missing("soil_retention", "no_input", "no slope", is_required=True)
OPTIONAL = Missing("ecological_energy", "no_equation", is_required=False)


@pytest.mark.parametrize(
    ("about", "english", "chinese", "is_complete"),
    [
        ({}, "GEP of Testburg 2019", "试城2019年生态产品总值（GEP）", True),
        ({"missing": (OPTIONAL,)}, "GEP of Testburg 2019", "试城2019年生态产品总值（GEP）", True),
        ({"missing": (OPTIONAL, REQUIRED)}, "Sum of accounted services (partial)", "已核算服务价值合计（部分）", False),
        ({"kind": "physical"}, "Physical account of ecosystem services", "生态系统服务实物量账户", True),
        (
            {"kind": "physical", "missing": (REQUIRED,)},
            "Physical account of ecosystem services",
            "生态系统服务实物量账户",
            False,
        ),
        ({"name_zh": ""}, "GEP of Testburg 2019", "Testburg2019年生态产品总值（GEP）", True),
    ],
)
def test_titles(about, english, chinese, is_complete):
    account = ACCOUNT.replace(**about)
    assert account.title() == account.title("en") == english
    assert account.title("zh") == chinese
    assert account.is_complete == is_complete


@pytest.mark.parametrize("kind", ["monetary", "physical"])
def test_areas_alone_are_no_account(kind):
    """Land without a figure of any service, be every service declared not applicable or its quantities missing."""
    land = [entry for entry in ACCOUNT.entries if entry.is_area]
    empty = [replace(e, quantity=None, value=None) for e in ACCOUNT.entries if not e.is_area]
    for entries in (land, [*land, *empty]):
        account = ACCOUNT.replace(entries, kind=kind)
        assert not account.has_figures
        assert account.title() == "No account: no service could be accounted for"
        assert account.title("zh") == "未形成账户：没有任何服务得到核算"
    assert ACCOUNT.has_figures


@pytest.mark.parametrize("about", [{"missing": (REQUIRED,)}, {"kind": "physical"}])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_a_complete_monetary_account_is_called_gep(about, language):
    title = ACCOUNT.replace(**about).title(language)
    assert "GEP" not in title
    assert "生态产品总值" not in title


def test_what_a_notebook_shows_keeps_to_the_title():
    partial = ACCOUNT.replace(missing=(REQUIRED,))
    for text in (repr(partial), partial._repr_html_()):
        assert "Sum of accounted services (partial)" in text
        assert "GEP of" not in text
    assert "Soil retention (no input)" in partial._repr_html_()
    assert "None" not in ACCOUNT.replace(kind="physical")._repr_html_()


# immutable ------------------------------------------------------------------------------------------------------------


def test_an_entry_does_not_change():
    with pytest.raises(FrozenInstanceError):
        ENTRIES[0].value = 1.0


def test_replacing_makes_another_account():
    fewer = ACCOUNT.replace(ENTRIES[:4])
    assert (len(fewer.entries), len(ACCOUNT.entries)) == (4, len(ENTRIES))
    assert fewer.about is not None
    assert fewer.total() == 200.0


# the digest -----------------------------------------------------------------------------------------------------------


def test_the_digest_is_the_one_of_the_contract():
    """Design section 6: sha256 over the sorted lines
    area_code|ecosystem_type|land_class|service|component|measure|unit|float.hex(value).
    """
    account = Account([area("a", "forest", "mixed", 1e6), valued("a", "forest", "mixed", 100.5, 201.0)], ABOUT)
    lines = [
        f"a|forest|mixed|_none|_none|area|m2|{(1e6).hex()}",
        f"a|forest|mixed|water_retention|retained_water|quantity|m3|{(100.5).hex()}",
        f"a|forest|mixed|water_retention|retained_water|value|CNY|{(201.0).hex()}",
    ]
    assert account.digest == hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@given(st.permutations(ENTRIES))
def test_the_digest_does_not_depend_on_order(entries):
    assert Account(entries, ABOUT).digest == ACCOUNT.digest


@pytest.mark.parametrize(
    ("index", "field"),
    [(0, "quantity"), (3, "quantity"), (3, "value"), (7, "value"), (8, "quantity"), (9, "quantity"), (9, "value")],
)
def test_the_digest_sees_a_bit(index, field):
    entry = ENTRIES[index]
    next_float = math.nextafter(getattr(entry, field), math.inf)
    changed = [*ENTRIES[:index], replace(entry, **{field: next_float}), *ENTRIES[index + 1 :]]
    assert Account(changed, ABOUT).digest != ACCOUNT.digest


def test_the_digest_tells_missing_from_zero():
    missing, zero = valued("c", "forest", "mixed", None, None), valued("c", "forest", "mixed", 0.0, 0.0)
    assert Account([missing], ABOUT).digest != Account([zero], ABOUT).digest


def test_the_digest_is_of_figures_and_not_of_what_is_said_beside_them():
    assert ACCOUNT.replace(name="Elsewhere", run_id="xyz", missing=(REQUIRED,)).digest == ACCOUNT.digest


# the tidy account -----------------------------------------------------------------------------------------------------

CONTRACT = [
    "run_id",
    "area_code",
    "area_name",
    "year",
    "ecosystem_type",
    "land_class",
    "category",
    "service",
    "component",
    "measure",
    "counted",
    "value",
    "unit",
    "price_basis",
    "price_concept",
    "supply_basis",
    "origin",
    "lower",
    "upper",
    "interval_level",
    "data_coverage",
    "obs_status",
    "method_id",
    "profile_clause",
    "derivation_id",
]
"""Design section 7: those of T20 in report_tables.md, with `land_class` after `ecosystem_type` and `counted` after
`measure`.
"""


def test_columns():
    assert list(COLUMNS) == CONTRACT
    assert list(ACCOUNT.to_frame().columns) == CONTRACT
    assert all(list(row) == CONTRACT for row in ACCOUNT.rows())


@pytest.mark.shared
def test_columns_are_those_of_t20():
    if not REPORT_TABLES.is_file():
        pytest.skip("the reference is not beside this checkout")
    section = REPORT_TABLES.read_text(encoding="utf-8").split("### T20", 1)[1].split("Primary key", 1)[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")][2:]
    columns = [name for cell in cells for name in re.findall(r"[a-z_]+", cell)]
    assert [name for name in CONTRACT if name not in ("land_class", "counted")] == columns


def test_rows_of_one_entry():
    account = Account(
        [valued("150702", "forest", "", 100.0, 200.0, coverage=0.98, clause="A.1", derivations=("x", "y"))], ABOUT
    )
    quantity, price, value = account.rows()
    assert (quantity["measure"], quantity["value"], quantity["unit"]) == ("quantity", 100.0, "m3")
    assert (price["measure"], price["value"], price["unit"]) == ("price", 2.0, "CNY/m3")
    assert (value["measure"], value["value"], value["unit"]) == ("value", 200.0, "CNY")
    assert value["area_code"] == "150702"
    assert value["land_class"] == "_none"
    assert (value["price_basis"], quantity["price_basis"]) == ("current", "")
    assert (value["data_coverage"], value["profile_clause"], value["derivation_id"]) == (0.98, "A.1", "x+y")


def test_an_area_row():
    (row,) = Account([area("a", "forest", "mixed", 1e6)], ABOUT).rows()
    assert (row["measure"], row["value"], row["unit"]) == ("area", 1e6, "m2")
    assert (row["service"], row["component"], row["category"]) == ("_none", "_none", "_none")


def test_counted_is_said_of_every_row():
    counted = {(row["area_code"], row["component"], row["measure"]): row["counted"] for row in ACCOUNT.rows()}
    assert counted["b", "so2", "quantity"] == 0
    assert counted["a", "so2", "value"] == 1
    assert counted["a", "so2_cap", "value"] == 1, "an adjustment is part of the total"
    assert set(counted.values()) == {0, 1}


def test_no_row_is_a_total():
    keys = [
        (row["area_code"], row["ecosystem_type"], row["land_class"], row["service"], row["component"], row["measure"])
        for row in ACCOUNT.rows()
    ]
    assert len(set(keys)) == len(keys)
    assert max(row["value"] for row in ACCOUNT.rows() if row["measure"] == "value") == 24_000


def written(account, folder):
    write_run(account, folder)
    with (folder / "account.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_total_is_the_sum_of_the_csv(tmp_path):
    """Figures that no short decimal stands for: a third, an ulp, a tenth, and large ones that cancel."""
    values = [1 / 3, math.nextafter(1e9, 2e9), 0.1, 1e17, -1e17, 2**-30, None]
    entries = [valued("150702", "forest", f"class_{i}", 1.0, value) for i, value in enumerate(values)]
    account = Account([*entries, valued("150702", "forest", "uncounted", 1.0, 5.0, is_counted=False)], ABOUT)
    rows = written(account, tmp_path / "run")
    counted = [
        float(row["value"]) for row in rows if row["measure"] == "value" and row["counted"] == "1" and row["value"]
    ]
    assert math.fsum(counted) == account.total() == math.fsum(v for v in values if v is not None)


def test_the_csv_reads_back_bit_for_bit(tmp_path):
    account = Account(
        [valued("0702", "forest", "mixed", 0.1 + 0.2, 1e-300), valued("b", "forest", "mixed", None, None)], ABOUT
    )
    rows = written(account, tmp_path / "run")
    assert list(rows[0]) == CONTRACT
    by_key = {(row["area_code"], row["measure"]): row for row in rows}
    assert float(by_key["0702", "quantity"]["value"]) == 0.1 + 0.2
    assert float(by_key["0702", "value"]["value"]) == 1e-300
    assert by_key["b", "value"]["value"] == "", "missing is an empty cell"
    assert not (tmp_path / "run" / "account.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_summary_says_what_the_account_says():
    content = ACCOUNT.replace(missing=(REQUIRED,)).summary()
    assert content["total"] == {"value": 26_680.0, "unit": "CNY"}
    assert math.fsum(content["by_zone"].values()) == math.fsum(content["by_service"].values()) == 26_680.0
    lacking = {"service": "soil_retention", "reason": "no_input", "detail": "no slope", "required": True, "zh": {}}
    assert content["missing"] == [lacking]
    assert (content["complete"], content["title"]) == (False, "Sum of accounted services (partial)")
    assert content["digest"] == ACCOUNT.digest
