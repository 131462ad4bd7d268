"""Pest control (病虫害控制): the natural vegetation where pests stay in check without being fought."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

GARZE = "doi 10.5846/stxb201607011362, section on pests and table 3"
RECALLED = "Form of the 2020 guideline of the MEE and CAS (its text was not at hand)"


@equation(natural_share="1", returns="1", source=GARZE)
def natural_area(natural_share):
    """Area where pests are kept down, as the whole area of natural vegetation.

        a = s

    s share of the land that is under natural vegetation.

    1000 hm², all natural: 1000 hm².
    """
    return natural_share


@equation(natural_share="1", planted_incidence="1", natural_incidence="1", returns="1", source=RECALLED)
def spared_area(natural_share, planted_incidence, natural_incidence):
    """Area where pests are kept down, as the area that would be infested if the natural vegetation were planted.

        a = s max(0, i_planted - i_natural)

    s share of natural vegetation, i share of planted and of natural vegetation in which pests break out. Zero where
    natural vegetation is infested no less.

    1000 hm², all natural, 12 % and 3 %: 90 hm².
    """
    return natural_share * np.maximum(planted_incidence - natural_incidence, 0)


@equation(controlled_area="hm^2", pest_control_cost="CNY/(hm^2*year)", returns="CNY/year", source=GARZE)
def pest_control_saved(controlled_area, pest_control_cost):
    """What it would cost to fight pests on the same area.

        V = A c

    A area where pests stay in check, c yearly cost of control per area. Sources print the cost without the year.

    90 hm² at 375 CNY/hm²: 33 750 CNY.
    """
    return controlled_area * pest_control_cost


_FLOW = "controlled_area", "hm^2"
_MONEY = Money(pest_control_saved, "pest_control_cost", concept="avoided_cost")


def _components(switches: Switches) -> tuple[Component, ...]:
    if switches["area"] == "reported":
        items = "pest_recovered_forest", "pest_recovered_grassland"
        return tuple(ReportedComponent(item, *_FLOW, item, money=_MONEY) for item in items)
    area = natural_area if switches["area"] == "whole_natural" else spared_area
    return (CellComponent("pest_controlled", *_FLOW, area, money=_MONEY),)


PEST_CONTROL = Service(
    id="pest_control",
    switches={
        "area": Switch(
            ("whole_natural", "incidence_difference", "reported"),
            "where pests are kept down: on all natural vegetation, on the share that is infested less than "
            "planted vegetation, or on the area "
            "that statistics report as recovered by itself",
        ),
    },
    components=_components,
)
