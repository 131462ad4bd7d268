"""What parts from outside must pass: each slip is told by its code, and all of our own parts pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from own_parts import CANOPY, DATA, HEADING, SHADE, component, data_with, given, saved_cooling

import gep
from gep.core.catalog import Derivation, Ecosystem, Money, Service
from gep.core.equation import equation
from gep.core.parts import Parts, registered
from gep.derivations import DERIVATIONS
from gep.ecosystems import ECOSYSTEMS
from gep.services import SERVICES
from gep.study.proved import check_derivation, check_ecosystems, check_service


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    assert not registered()


@equation(saved_energy="kWh/year", street_tariff="CNY/kWh", fee="CNY/year", returns="CNY/year")
def value_with_a_fee(saved_energy, street_tariff, fee):
    """Not a multiple of the energy: a fee comes on top.

    V = E p + f
    """
    return saved_energy * street_tariff + fee


@equation(saved_energy="kWh/year", returns="kWh/year")
def no_value(saved_energy):
    """Energy is no money.

    E = E
    """
    return saved_energy


@equation(crowns="1", cooling_saved="kWh/(m^2*year)", returns="kWh/(m^2*year)")
def saved_under_crowns(crowns, cooling_saved):
    """Of a layer that there is none of.

    E = c s
    """
    return crowns * cooling_saved


@equation(street_canopy="1", precipitation="1", returns="1")
def rain_without_unit(street_canopy, precipitation):
    """A layer in another unit than it has.

    c = c P
    """
    return street_canopy * precipitation


def of(**changes: Any) -> dict[str, Any]:
    """The parts with another component."""
    return given(services=[replace(SHADE, components=lambda _: (component(**changes),))], ecosystems={})


def rows_without(word: str) -> list[dict[str, Any]]:
    return [row for row in DATA["labels.csv"] if row["id"] != word]


def coefficient(line: str) -> dict[str, Any]:
    return given(data={**DATA, "common/street_shade.csv": f"{HEADING}\n{line}\n"})


SLIPS: dict[str, tuple[Callable[[], dict[str, Any]], str, str]] = {
    "an id that is none": (lambda: given(services=[replace(SHADE, id="Shade")], ecosystems={}), "E01", "snake case"),
    "a service without a name": (
        lambda: given(data=data_with(labels=rows_without("street_shade"))),
        "E01",
        "labels.csv",
    ),
    "a component without": (lambda: given(data=data_with(labels=rows_without("street_cooling"))), "E01", "component"),
    "no components": (lambda: given(services=[replace(SHADE, components=lambda _: ())]), "E01", "no components"),
    "components that raise": (
        lambda: given(services=[Service("street_shade", components=lambda s: s["x"])]),
        "E01",
        "KeyError",
    ),
    "an argument without a name": (lambda: of(density=saved_under_crowns), "E01", "`crowns` is no layer"),
    "a layer in another unit": (lambda: of(density=rain_without_unit), "E01", "of `precipitation`"),
    "a quantity in another unit": (lambda: of(unit="t/year"), "E01", "Found: kWh"),
    "a value with a fee": (lambda: of(money=Money(value_with_a_fee, "street_tariff")), "E01", "not a multiple of"),
    "a price that is not taken": (
        lambda: of(money=Money(no_value, "street_tariff")),
        "E01",
        "does not take street_tariff",
    ),
    "a limit that is no item": (lambda: of(limit="so2_emissions"), "E01", "Did you mean `so2_emission`"),
    "a layer that is none": (
        lambda: given(derivations=[Derivation("crowns", saved_cooling)]),
        "E01",
        "no layer `crowns`",
    ),
    "a layer in another": (
        lambda: given(derivations=[replace(CANOPY, makes="precipitation")]),
        "E01",
        "of `precipitation`",
    ),
    "an ecosystem that is none": (lambda: given(ecosystems={"urbn": [SHADE]}), "E01", "Did you mean `urban`"),
    "a service apart": (lambda: given(ecosystems={"urban": [replace(SHADE, id="other")]}), "E01", "none of ours"),
    "a file that nobody reads": (
        lambda: given(data={**DATA, "label.csv": "a\n1\n"}),
        "E01",
        "Did you mean `labels.csv`",
    ),
    "one language": (
        lambda: given(data=data_with(names=[{"id": "fee", "en": "Fee"}, *DATA["names.csv"]])),
        "E01",
        "language",
    ),
    "no source": (lambda: coefficient("cooling_saved,,,,8,kWh/(m^2*year),,,,,,,provisional,"), "C03", "source"),
    "an unknown source": (
        lambda: coefficient("cooling_saved,,,,8,kWh/(m^2*year),,,,,x-1,p,provisional,"),
        "C03",
        "x-1",
    ),
    "another kind of unit": (
        lambda: coefficient("cooling_saved,,,,8,t,,,,,made-up-2020,p,provisional,"),
        "U02",
        "Found: t",
    ),
    "a name that nobody takes": (
        lambda: coefficient("cooling,,,,8,1,,,,,made-up-2020,p,provisional,"),
        "C10",
        "cooling",
    ),
    "a price without a year": (
        lambda: coefficient("street_tariff,,,,8,CNY/kWh,,,,,made-up-2020,p,provisional,"),
        "C03",
        "price_year",
    ),
    "columns of another table": (lambda: given(data={**DATA, "zh.csv": "english,zh\na,b\n"}), "C01", "`en` is missing"),
    "a profile with a slip": (
        lambda: given(data={**DATA, "own-2020/profile.toml": 'id = "own-2020"\nextnds = "ndrc-2022"\n'}),
        "C07",
        "Did you mean `extends`",
    ),
    "a code of no class": (
        lambda: given(
            data={
                **DATA,
                "crosswalks/own.csv": "code,ecosystem,class,fit,label_zh,label_en,note\n1,forest,bambo,,竹,B,\n",
            }
        ),
        "C09",
        "Did you mean `bamboo`",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told(slip: str):
    make, code, said = SLIPS[slip]
    with pytest.raises(gep.PartsError) as error:
        gep.register(**make())
    assert any(problem.code == code and said in str(problem) for problem in error.value.problems), str(error.value)
    assert all(problem.message.zh != str(problem.message) for problem in error.value.problems)


def test_several_slips_are_told_together():
    slips = of(density=saved_under_crowns, unit="t/year", limit="nothing")
    with pytest.raises(gep.PartsError) as error:
        gep.register(**{**slips, "derivations": [replace(CANOPY, makes="nowhere")]})
    assert len(error.value.problems) >= 4


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.id)
def test_each_service_of_ours_passes(service: Service):
    assert list(check_service(service)) == []


def test_derivations_and_ecosystems_of_ours_pass():
    assert [problem for derivation in DERIVATIONS for problem in check_derivation(derivation)] == []
    provided: dict[str, Ecosystem] = ECOSYSTEMS
    assert list(check_ecosystems(Parts(ecosystems={name: of.services for name, of in provided.items()}))) == []
