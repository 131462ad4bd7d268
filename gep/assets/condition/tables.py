"""The tables of accounts of condition and assets."""

from __future__ import annotations

from gep.assets.tables import Column

CONDITION_CLASSES = ("physical", "chemical", "composition", "structure", "function", "landscape")
"""The classes of the typology of SEEA EA."""

GRADES = ("excellent", "good", "medium", "low", "poor")

VARIABLES = (
    Column("zone", is_needed=False),
    Column("ecosystem"),
    Column("condition_class"),
    Column("variable"),
    Column("variable_unit"),
    Column("opening", "number", "1"),
    Column("closing", "number", "1"),
    Column("reference_low", "number", "1"),
    Column("reference_high", "number", "1"),
    Column("weight", "number", "1", least=0, most=1),
    Column("area", "number", "km^2", least=0),
    Column("source", is_needed=False),
    Column("note", is_needed=False),
)
"""A row a variable of an ecosystem; values and levels in the unit that the row names."""

QUALITY = (
    Column("zone", is_needed=False),
    Column("ecosystem"),
    Column("grade"),
    Column("opening_area", "number", "km^2", least=0),
    Column("closing_area", "number", "km^2", least=0),
    Column("note", is_needed=False),
)

DENSITIES = (
    Column("zone", is_needed=False),
    Column("ecosystem"),
    Column("year", "year"),
    Column("leaf_area", "number", "1", least=0, most=1),
    Column("cover", "number", "1", least=0, most=1),
    Column("gpp", "number", "1", least=0, most=1),
    Column("reference"),
    Column("note", is_needed=False),
)
"""Relative densities of a class, and whether their maximum is of the `year` or `fixed`."""

TRANSITIONS = (
    Column("from_type"),
    Column("to_type"),
    Column("area", "number", "km^2", least=0),
    Column("note", is_needed=False),
)
"""What became what, with what stayed on the diagonal."""

WORTH = (
    Column("zone", is_needed=False),
    Column("ecosystem"),
    Column("service"),
    Column("opening_flow", "number", "CNY/year", least=0),
    Column("closing_flow", "number", "CNY/year", least=0),
    Column("closing_flow_at_opening_prices", "number", "CNY/year", least=0),
    Column("conversions", "number", "CNY/year"),
    Column("discount_rate", "number", "1/year", least=0),
    Column("asset_life", "number", "year", is_needed=False, least=0),
    Column("note", is_needed=False),
)
"""Yearly services at both ends, and the part of their change that came of land that was converted, at opening prices.
Without a life they last for ever.
"""
