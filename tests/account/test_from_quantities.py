"""Accounts of quantities that are given: what is accepted, what is refused and how it is said."""

from __future__ import annotations

import pytest

import gep
from gep.core.errors import InputError, ProjectError, UsageError


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            {"service": "water_retenton", "quantity": 1, "unit": "m^3"},
            "There is no service `water_retenton`. Did you mean `water_retention`",
        ),
        ({"service": "noise_attenuation", "quantity": 1, "unit": "km"}, "The profile cas-2010 does not count it."),
        ({"service": "soil_retention", "quantity": 1, "unit": "t"}, "Which component is it?"),
        (
            {"service": "soil_retention", "component": "sedment", "quantity": 1, "unit": "m^3"},
            "Did you mean `sediment`?",
        ),
        (
            {"service": "water_retention", "quantity": "many", "unit": "m^3"},
            "Neither `quantity` nor `value` is a number.",
        ),
        ({"service": "water_retention", "quantity": 1, "unit": "t"}, "retained_water"),
        ({"service": "water_retention", "amount": 1, "unit": "m^3"}, "There is no column `amount`."),
        ({"service": "crop_products", "quantity": 1, "unit": "t"}, "Products are given as `value`"),
        ({"service": "crop_products", "value": 1, "unit": "t"}, "CNY"),
        ({"service": "water_retention", "quantity": 1, "value": 7, "unit": "m^3"}, "`quantity` or `value`, not both"),
        ({"service": "water_retention", "quantity": 1, "unit": "m^3", "ecosystem": "forst"}, "Did you mean `forest`"),
        ({"service": "water_retention", "quantity": 1, "unit": "m^3", "class": "mixed"}, "without its ecosystem"),
    ],
)
def test_what_cannot_be_used_is_said(row, said):
    with pytest.raises(InputError) as caught:
        gep.account_of([row], profile="cas-2010", year=2010)
    assert said in str(caught.value)


def test_all_that_is_wrong_is_said_at_once():
    rows = [{"service": "x", "quantity": 1, "unit": "t"}, {"service": "y", "quantity": 1, "unit": "t"}]
    with pytest.raises(InputError) as caught:
        gep.account_of(rows, profile="cas-2010", year=2010)
    assert len(caught.value.problems) == 2
    twice = [{"service": "water_retention", "quantity": 1, "unit": "m^3"}] * 2
    with pytest.raises(InputError, match="given twice"):
        gep.account_of(twice, profile="cas-2010", year=2010)


def test_a_figure_of_the_city_beside_those_of_its_zones_would_count_twice():
    of_zone = {"service": "water_retention", "quantity": 1, "unit": "m^3", "zone": "A"}
    assert gep.account_of([of_zone, {**of_zone, "zone": "B"}], profile="cas-2010", year=2010).total() == pytest.approx(
        2 * 7.06
    )
    with pytest.raises(InputError, match="it would count twice"):
        gep.account_of([of_zone, {**of_zone, "zone": "_city"}], profile="cas-2010", year=2010)


def test_what_is_not_given_is_missing_and_a_part_is_no_gep():
    rows = [{"service": "air_purification", "component": "so2", "quantity": 1, "unit": "t"}]
    account = gep.account_of(rows, profile="cas-2010", year=2010)
    assert account.title() == "Sum of accounted services (partial)"
    missing = {m.service: m.detail for m in account.about.missing}
    assert missing["air_purification"] == "nox, dust: not given (0 where there is none)"
    assert missing["water_retention"] == "not given"
    none = [{**rows[0], "component": name, "quantity": 0} for name in ("nox", "dust")]
    whole = gep.account_of([*rows, *none], profile="cas-2010", year=2010)
    assert "air_purification" not in {m.service for m in whole.about.missing}
    assert whole.total() == account.total()


def test_given_quantities_in_other_units_give_the_same_account():
    def total(quantity: float, unit: str) -> float | None:
        rows = [{"service": "water_retention", "quantity": quantity, "unit": unit}]
        return gep.account_of(rows, profile="cas-2010", year=2010).total()

    assert total(321.49, "亿m^3") == pytest.approx(total(321.49e8, "m^3"), rel=1e-12)
    assert total(321.49, "亿m^3") == pytest.approx(total(32.149, "km^3"), rel=1e-12)


def test_overlapping_quantities_are_refused():
    rows = [
        {"service": "carbon_sequestration", "quantity": 1, "unit": "t"},
        {"service": "oxygen_release", "quantity": 1, "unit": "t"},
    ]
    assert gep.account_of(rows, profile="cas-2010", year=2010).total() == pytest.approx(380 + 727)
    with pytest.raises(InputError, match="D01"):
        gep.account_of(rows, profile="ndrc-2022", year=2010, methods={"oxygen_release": {"oxygen": "nep_linked"}})


def test_a_unit_left_empty_and_a_method_misspelt_are_said():
    row = {"service": "water_retention", "quantity": 1.0, "unit": ""}
    with pytest.raises(InputError, match="unit is missing"):
        gep.account_of([row], name="x", profile="ndrc-2022", year=2020)
    with pytest.raises(ProjectError, match=r"cannot be `keeep`\. Did you mean `keep`"):
        gep.account_of(
            [row | {"unit": "m3"}],
            name="x",
            profile="ndrc-2022",
            year=2020,
            methods={"water_retention": {"negative": "keeep"}},
        )


WATER = {"service": "water_retention", "quantity": 100, "unit": "m^3"}
SOIL = {"service": "soil_retention", "component": "retained_soil", "quantity": 1000, "unit": "t"}
SEDIMENT = {"service": "soil_retention", "component": "sediment", "quantity": 100, "unit": "m^3"}
FOREST, MIXED = {"ecosystem": "forest"}, {"ecosystem": "forest", "class": "mixed"}


@pytest.mark.parametrize(("whole", "part"), [({}, FOREST), ({}, MIXED), (FOREST, MIXED)])
def test_a_part_of_what_is_given_too_would_count_twice(whole, part):
    """Finding F3."""
    with pytest.raises(InputError, match="a part of it: it would count twice") as caught:
        gep.account_of([WATER | whole, WATER | part | {"quantity": 60}], profile="cas-2010", year=2010)
    assert [p.code for p in caught.value.problems] == ["T06"]


def test_parts_beside_each_other_add_up():
    rows = [WATER | FOREST, WATER | {"ecosystem": "grassland"}, WATER | FOREST | {"zone": "A"}]
    assert gep.account_of(rows[:2], profile="cas-2010", year=2010).total() == pytest.approx(200 * 7.06)


def test_what_is_given_for_all_land_is_not_derived_again_for_a_part():
    """Finding F4."""
    # sediment as given, and nutrients of the soil of forest: 9 781 CNY; with the sediment of its 1000 t it was 13 379
    account = gep.account_of([SOIL | FOREST, SEDIMENT], profile="ndrc-2022", year=2019)
    assert account.total() == pytest.approx(9781, abs=0.5)
    assert account.quantities()["soil_retention", "sediment"]["value"] == 100


def test_what_is_given_for_a_part_of_what_it_is_derived_from_is_asked_after():
    with pytest.raises(InputError, match="what the rest has of it cannot be told"):
        gep.account_of([SOIL, SEDIMENT | FOREST], profile="cas-2010", year=2010)


# what a named person lets pass ----------------------------------------------------------------------------------------

GASES = [
    {"service": "carbon_sequestration", "quantity": 180, "unit": "t"},
    {"service": "oxygen_release", "quantity": 480, "unit": "t"},
]
LINKED = {"oxygen_release": {"oxygen": "nep_linked"}}
BY_LI = ("Li", "two studies")


@pytest.mark.parametrize(("profile", "code"), [("ndrc-2022", "D01"), ("shandong-2022", "B42")])
def test_what_a_message_says_may_be_waived_can_be(profile, code):
    """480 t of oxygen beside 180 t, which are those of carbon: 660 t of carbon dioxide, 44/12 times as much."""
    asked = {"profile": profile, "year": 2020, "methods": LINKED}
    with pytest.raises(InputError) as refused:
        gep.account_of(GASES, **asked)
    (error,) = [p for p in refused.value.problems if p.severity == "error" and p.code == code]
    assert "[waivers]" in error.do
    waivers = {p.code: BY_LI for p in refused.value.problems if p.severity == "error"}
    account = gep.account_of(GASES, **asked, waivers=waivers)
    (told,) = [p for p in account.about.problems if p.code == code]
    assert (told.severity, told.message.endswith("Waived by Li: two studies.")) == ("warning", True)
    assert "由 Li 豁免" in told.message.zh


def test_a_waiver_of_what_nobody_can_answer_for():
    account = gep.account_of([WATER], profile="cas-2010", year=2010, waivers={"U02": BY_LI})
    assert [(p.code, p.subject) for p in account.about.problems] == [("W01", "U02")]
    for wrong in (("Li", " "), "Li", ("Li",)):
        with pytest.raises(UsageError, match="a name and a reason"):
            gep.account_of([WATER], profile="cas-2010", year=2010, waivers={"D01": wrong})
