"""Species conservation (物种保育): forest by the diversity of its species, each class of diversity at its price."""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Component, Money, Service, Switch, Switches, UnitComponent
from gep.core.equation import Equation, equation

SHANNON = "Shannon-Wiener method of Wang Bing et al. 2008"
LYT = "LY/T 1721-2008, as carried by programs and papers that apply it"
GBT = "GB/T 38582-2020, as carried by programs that apply it"


@equation(species_share="1", returns="1", source=SHANNON, points={"species_share": (0, 1)})
def shannon_index_ln(species_share):
    """Shannon index of a stand from the shares of its species, with the natural logarithm.

        H = -sum_i p_i ln p_i

    p_i share of species i, along the first axis; the shares of a stand add to 1. A species with no share adds nothing.

    Shares 0.5, 0.3, 0.2: 1.029653014.
    """
    return 0 - np.sum(species_share * np.log(np.where(species_share > 0, species_share, 1)), axis=0)


@equation(species_share="1", returns="1", source=SHANNON, points={"species_share": (0, 1)})
def shannon_index_log2(species_share):
    """Shannon index of a stand from the shares of its species, with the logarithm of base 2: 1.4427 times that of the
    natural one.

        H = -sum_i p_i log2 p_i

    p_i share of species i, along the first axis; the shares of a stand add to 1. A species with no share adds nothing.

    Shares 0.5, 0.3, 0.2: 1.485475297.
    """
    return 0 - np.sum(species_share * np.log2(np.where(species_share > 0, species_share, 1)), axis=0)


SHANNON_INDEX: dict[str, Equation] = {"ln": shannon_index_ln, "log2": shannon_index_log2}
"""The Shannon index by the option of the switch `log`."""

_BOUNDS = {"shannon_index": (0, 7), "class_low": (2, 2.1), "class_high": (3, 3.1)}
_LOW = {name: _BOUNDS[name] for name in ("shannon_index", "class_low")}
_HIGH = {name: _BOUNDS[name] for name in ("shannon_index", "class_high")}


@equation(shannon_index="1", class_low="1", class_high="1", returns="1", source=LYT, points=_BOUNDS)
def within_class(shannon_index, class_low, class_high):
    """Area whose Shannon index lies in a class.

        a = 1 where low <= H < high, else 0

    H Shannon index of the stand; a class holds its lower bound and not its upper one. Missing where the index is.

    100 hm² with an index of 2.4, class from 2 to 3: 100 hm².
    """
    return np.where((shannon_index >= class_low) & (shannon_index < class_high), 1, 0) + 0 * shannon_index


@equation(shannon_index="1", class_low="1", returns="1", source=LYT, points=_LOW)
def in_highest_class(shannon_index, class_low):
    """Area whose Shannon index lies in the highest class, which has no upper bound.

        a = 1 where H >= low, else 0

    100 hm² with an index of 6, class from 6: 100 hm².
    """
    return np.where(shannon_index >= class_low, 1, 0) + 0 * shannon_index


@equation(shannon_index="1", class_high="1", returns="1", source=LYT, points=_HIGH)
def in_lowest_class(shannon_index, class_high):
    """Area whose Shannon index lies in the lowest class, which begins at no diversity.

        a = 1 where H < high, else 0

    100 hm² with an index of 0.8, class up to 1: 100 hm².
    """
    return np.where(shannon_index < class_high, 1, 0) + 0 * shannon_index


@equation(
    stand_area="hm^2", shannon_index="1", class_low="1", class_high="1", returns="hm^2", source=LYT, points=_BOUNDS
)
def stand_within_class(stand_area, shannon_index, class_low, class_high):
    """Area of a stand where its Shannon index lies in a class, else nothing.

        A = S where low <= H < high, else 0

    S area of the stand, H its Shannon index: an index of the stand as a whole, never of parts of it.

    A stand of 100 hm² with an index of 2.4, class from 2 to 3: 100 hm².
    """
    return stand_area * within_class(shannon_index, class_low, class_high)


@equation(stand_area="hm^2", shannon_index="1", class_low="1", returns="hm^2", source=LYT, points=_LOW)
def stand_in_highest_class(stand_area, shannon_index, class_low):
    """Area of a stand where its Shannon index lies in the highest class, else nothing.

        A = S where H >= low, else 0

    A stand of 100 hm² with an index of 6.2, class from 6: 100 hm².
    """
    return stand_area * in_highest_class(shannon_index, class_low)


@equation(stand_area="hm^2", shannon_index="1", class_high="1", returns="hm^2", source=LYT, points=_HIGH)
def stand_in_lowest_class(stand_area, shannon_index, class_high):
    """Area of a stand where its Shannon index lies in the lowest class, else nothing.

        A = S where H < high, else 0

    A stand of 100 hm² with an index of 0.8, class up to 1: 100 hm².
    """
    return stand_area * in_lowest_class(shannon_index, class_high)


@equation(
    class_price="CNY/(hm^2*year)",
    endangered_index="1",
    endemic_index="1",
    old_tree_index="1",
    index_weight="1",
    returns="CNY/(hm^2*year)",
    source=GBT,
)
def price_with_rarity(class_price, endangered_index, endemic_index, old_tree_index, index_weight):
    """Price of an area of a Shannon class, raised for what is endangered, endemic or old in it.

        S = S_I (1 + 0.1 sum E + 0.1 sum B + 0.1 sum O)

    S_I price of the class; E, B and O indices of endangerment, endemism and age of old trees, each the sum over the
    species or trees of the stand. The raise is part of the price, so that the quantity stays an area of land.

    10 000 CNY/hm², sums 3, 2 and 1: 16 000 CNY/hm².
    """
    return class_price * (1 + index_weight * (endangered_index + endemic_index + old_tree_index))


@equation(conserved_area="hm^2", conservation_price="CNY/(hm^2*year)", returns="CNY/year", source=LYT)
def species_conservation_value(conserved_area, conservation_price):
    """Value of keeping the species of an area, at the yearly opportunity cost of their loss.

        V = A S

    A area of a Shannon class, S its price.

    100 hm² at 10 000 CNY/hm²: 1 000 000 CNY.
    """
    return conserved_area * conservation_price


_CLASSES = (1, 2, 3, 4, 5, 6, 7)
"""The classes as the standards number them: I is the most diverse, VII the least. The bound between class n and n + 1
is at 7 - n.
"""


def _component(number: int, switches: Switches) -> Component:
    on_map, of_stands, wiring = within_class, stand_within_class, {}
    if number == _CLASSES[0]:
        on_map, of_stands = in_highest_class, stand_in_highest_class
    if number == _CLASSES[-1]:
        on_map, of_stands = in_lowest_class, stand_in_lowest_class
    if number != _CLASSES[-1]:
        wiring["class_low"] = f"shannon_bound_{7 - number}"
    if number != _CLASSES[0]:
        wiring["class_high"] = f"shannon_bound_{8 - number}"
    has_rarity = switches["species"] == "gbt38582"
    wiring["class_price" if has_rarity else "conservation_price"] = f"species_price_{number}"
    money = Money(
        species_conservation_value, "conservation_price", price_with_rarity if has_rarity else None, "transfer"
    )
    flow = f"shannon_class_{number}", "conserved_area", "hm^2"
    if switches["stands"] == "map":
        return CellComponent(*flow, on_map, money=money, wiring=wiring)
    return UnitComponent(
        *flow,
        "stand_area",
        of_stands,
        per="feature",
        covers=True,
        series={"shannon_index": SHANNON_INDEX[switches["log"]]},
        money=money,
        wiring=wiring,
    )


def _components(switches: Switches) -> tuple[Component, ...]:
    return tuple(_component(number, switches) for number in _CLASSES)


SPECIES_CONSERVATION = Service(
    id="species_conservation",
    switches={
        "species": Switch(
            ("lyt1721", "gbt38582"),
            "the price of a class of diversity as it stands, or raised for endangered and endemic species and "
            "old trees",
        ),
        "log": Switch(
            ("ln", "log2"), "the logarithm of the Shannon index: natural, or of base 2, which gives larger indices"
        ),
        "stands": Switch(
            ("map", "inventory"),
            "where the index comes from: a map or a number by class, or an inventory stand by stand",
        ),
    },
    components=_components,
)
