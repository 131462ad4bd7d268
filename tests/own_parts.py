"""Parts from outside that tests register: a service of shade in streets, worked by hand, with made-up numbers."""

from __future__ import annotations

from typing import Any

from gep.core.catalog import CellComponent, Derivation, Money, Service
from gep.core.equation import equation


@equation(street_canopy="1", cooling_saved="kWh/(m^2*year)", returns="kWh/(m^2*year)", source="made up")
def saved_cooling(street_canopy, cooling_saved):
    """Electricity that shade in streets saves.

        E = c s

    0.25 and 8 kWh/(m²·year): 2 kWh/(m²·year).
    """
    return street_canopy * cooling_saved


@equation(saved_energy="kWh/year", street_tariff="CNY/kWh", returns="CNY/year", source="made up")
def value_of_cooling(saved_energy, street_tariff):
    """What the electricity would cost.

        V = E p

    2 kWh at 0.5 CNY/kWh: 1 CNY.
    """
    return saved_energy * street_tariff


@equation(vegetation_cover="1", canopy_in_cover="1", returns="1", source="made up")
def street_canopy_of_cover(vegetation_cover, canopy_in_cover):
    """Canopy over streets as a share of vegetation cover.

        c = f k

    0.5 and 0.5: 0.25.
    """
    return vegetation_cover * canopy_in_cover


def component(**changes: Any) -> CellComponent:
    """The component of the service, with changes."""
    given = {"density": saved_cooling, "money": Money(value_of_cooling, "street_tariff"), **changes}
    return CellComponent("street_cooling", "saved_energy", given.pop("unit", "kWh/year"), **given)


SHADE = Service("street_shade", components=lambda _: (component(),))

CANOPY = Derivation("street_canopy", street_canopy_of_cover, note="made up")

HEADING = "coefficient,ecosystem,class,region,value,unit,from_year,low,high,price_year,source,locator,status,note"

DATA: dict[str, Any] = {
    "labels.csv": [
        {"kind": "service", "id": "street_shade", "zh": "街道遮阴", "en": "Street shade"},
        {"kind": "component", "id": "street_cooling", "zh": "遮阴节电", "en": "Cooling by shade"},
    ],
    "layers.csv": [
        {
            "layer": "street_canopy",
            "unit": "1",
            "kind": "continuous",
            "low": 0,
            "high": 1,
            "label_zh": "街道冠层盖度",
            "label_en": "Canopy over streets",
        }
    ],
    "names.csv": [
        {"id": "cooling_saved", "zh": "遮阴单位面积节电", "en": "Electricity saved by shade"},
        {"id": "street_tariff", "zh": "街道电价", "en": "Tariff of streets"},
        {"id": "canopy_in_cover", "zh": "植被中的冠层比例", "en": "Canopy in vegetation cover"},
    ],
    "sources.toml": "\n".join(
        ["[made-up-2020]", 'title = "Made up"', 'authors = "no"', 'kind = "report"', 'publisher = "no"', "year = 2020"]
    ),
    "common/street_shade.csv": "\n".join(
        [
            HEADING,
            "cooling_saved,,,,8,kWh/(m^2*year),,,,,made-up-2020,page 1,provisional,",
            "street_tariff,,,,0.5,CNY/kWh,,,,2020,made-up-2020,page 1,provisional,",
            "canopy_in_cover,,,,0.5,1,,,,,made-up-2020,page 1,provisional,",
        ]
    ),
}

RULE = {"category": "regulating", "counts": ["urban", "forest"], "required": False}
"""What a profile says that counts it."""


def given(**changes: Any) -> dict[str, Any]:
    """What `gep.register` takes, with changes."""
    whole = {"services": [SHADE], "derivations": [CANOPY], "ecosystems": {"urban": [SHADE]}, "data": DATA}
    return {**whole, **changes}


def data_with(**tables: Any) -> dict[str, Any]:
    """The data with other tables, by the first word of their names (`labels`)."""
    return {**DATA, **{f"{name}.csv": rows for name, rows in tables.items()}}
