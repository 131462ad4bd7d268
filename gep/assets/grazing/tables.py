"""The tables of a grass-livestock balance."""

from __future__ import annotations

from dataclasses import replace

from gep.assets.tables import Column

DRY_MATTER = "kg*dry_matter/(hm^2*year)"

PASTURES = (
    Column("zone"),
    Column("herder", is_needed=False),
    Column("steppe"),
    Column("season"),
    Column("area", "number", "hm^2", least=0),
    Column("forage_yield", "number", DRY_MATTER, is_needed=False, least=0),
    Column("mean_yield", "number", DRY_MATTER, is_needed=False, least=0),
    Column("production", "number", "g*carbon/(m^2*year)", is_needed=False, least=0),
    Column("vegetation_index", "number", "1", is_needed=False, least=0, most=1),
    Column("forage_scale", "number", "g*dry_matter/(m^2*year)", is_needed=False, least=0),
    Column("forage_exponent", "number", "1", is_needed=False),
    Column("regrowth", "number", "1", is_needed=False, least=0),
    Column("edible_share", "number", "1", is_needed=False, least=0, most=1),
    Column("utilisation_rate", "number", "1", is_needed=False, least=0, most=1),
    Column("grazing_days", "number", "day/year", is_needed=False, least=1, most=366),
    Column("note", is_needed=False),
)
"""A row a pasture, or all pastures of a steppe in a county, in a season. Of each its yield, its net primary
production, or a vegetation index with the fit of the year.
"""

PASTURES_ON_A_MAP = tuple(replace(column, is_needed=False) if column.id == "area" else column for column in PASTURES)
"""The same where a map tells the area and the growth of rows that do not."""

HERDS = (
    Column("zone"),
    Column("herder", is_needed=False),
    Column("animal"),
    Column("heads", "number", "head", least=0),
    Column("grazing_days", "number", "day/year", is_needed=False, least=0, most=366),
    Column("sheep_units_per_head", "number", "sheep_unit/head", is_needed=False, least=0),
    Column("note", is_needed=False),
)

FEED = (
    Column("zone"),
    Column("herder", is_needed=False),
    Column("feed"),
    Column("mass", "number", "kg*dry_matter/year", least=0),
    Column("feed_use", "number", "1", least=0, most=1),
    Column("note", is_needed=False),
)

POLICY = (
    Column("zone"),
    Column("herder", is_needed=False),
    Column("policy"),
    Column("area", "number", "hm^2", least=0),
    Column("area_per_sheep_unit", "number", "hm^2/sheep_unit", is_needed=False, least=0),
    Column("season", is_needed=False),
    Column("parcel", is_needed=False),
    Column("note", is_needed=False),
)
"""Land under a grazing ban or in balance; of the latter, what the banner approves for each sheep unit."""
