"""What the tables of the account of carbon hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gep.assets.tables import Column

POOLS = ("tree", "shrub", "herb", "litter", "dead_wood", "vegetation", "soil", "ecosystem")

PARTS = {
    "vegetation": frozenset(("tree", "shrub", "herb", "litter")),
    "ecosystem": frozenset(("tree", "shrub", "herb", "litter", "dead_wood", "vegetation", "soil")),
}
"""What a pool holds of the others: both of them in a stratum count carbon twice."""

FLOWS = ("growth", "harvest", "disturbance")
TRANSFERS = ("area", "reclassification")
CHANGES = (*FLOWS, *TRANSFERS, "reappraisal")
"""What changes a stock. Only flows are a sink: land that changes hands, a class that is drawn anew and a method that
is another move carbon in the books alone.
"""

_WHERE = (Column("zone"), Column("ecosystem"), Column("land_class"))

STOCKS = (
    *_WHERE,
    Column("pool"),
    Column("year", "year"),
    Column("area", "number", "hm^2", is_needed=False, least=0),
    Column("forest_type", is_needed=False),
    Column("growing_stock", "number", "m^3/hm^2", is_needed=False, least=0),
    Column("shrub_cover", "number", "1", is_needed=False, least=0, most=1),
    Column("forest_biomass", "number", "t*dry_matter/hm^2", is_needed=False, least=0),
    Column("carbon_density", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("carbon_stock", "number", "t*carbon", is_needed=False, least=0),
    Column("soil_depth", "number", "cm", is_needed=False, least=0),
    Column("source", is_needed=False),
)

DENSITIES = (
    Column("ecosystem"),
    Column("land_class", is_needed=False),
    Column("pool"),
    Column("year", "year", is_needed=False),
    Column("carbon_density", "number", "t*carbon/hm^2", least=0),
    Column("soil_depth", "number", "cm", is_needed=False, least=0),
    Column("source", is_needed=False),
)
"""Carbon per area of land classes; without a class of all classes of the ecosystem, without a year of any year."""

CHANGE = (
    *_WHERE,
    Column("pool"),
    Column("change"),
    Column("year", "year", is_needed=False),
    Column("from_class", is_needed=False),
    Column("area", "number", "hm^2", is_needed=False, least=0),
    Column("carbon_amount", "number", "t*carbon", is_needed=False),
    Column("yearly_carbon", "number", "t*carbon/year", is_needed=False),
    Column("increment", "number", "m^3/(hm^2*year)", is_needed=False),
    Column("harvest_volume", "number", "m^3/year", is_needed=False),
    Column("sequestration_rate", "number", "t*carbon/(hm^2*year)", is_needed=False),
    Column("disturbed_area", "number", "hm^2/year", is_needed=False),
    Column("lost_share", "number", "1", is_needed=False, least=0, most=1),
    Column("use_before", is_needed=False),
    Column("use_after", is_needed=False),
    Column("soil_type", is_needed=False),
    Column("source", is_needed=False),
)

PLOTS = (
    Column("plot"),
    *_WHERE,
    Column("year", "year"),
    Column("plot_area", "number", "m^2"),
    Column("slope", "number", "radian", is_needed=False, least=0),
)

TREES = (
    Column("plot"),
    Column("species"),
    Column("diameter", "number", "cm", least=0),
    Column("height", "number", "m", least=0),
    Column("stems", "whole", is_needed=False),
)

SOIL = (
    Column("plot"),
    *_WHERE,
    Column("year", "year"),
    Column("layer_depth", "number", "cm", least=0),
    Column("bulk_density", "number", "g/cm^3", least=0),
    Column("organic_carbon", "number", "g*carbon/kg", least=0),
)

GASES = (
    Column("zone"),
    Column("ecosystem"),
    Column("gas"),
    Column("year", "year"),
    Column("emission", "number", "t/year"),
    Column("source", is_needed=False),
)

WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "stocks": {"pool": POOLS},
    "densities": {"pool": POOLS},
    "changes": {"pool": POOLS, "change": CHANGES},
    "gases": {"gas": ("methane", "nitrous_oxide")},
}
"""Columns of tables whose words are kinds, by their ids or as people call them."""
