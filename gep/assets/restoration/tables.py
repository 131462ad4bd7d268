"""The tables of the account of restoration."""

from __future__ import annotations

from gep.assets.tables import Column

ENDS = ("treated_before", "treated_after", "control_before", "control_after")

PROJECTS = (
    Column("project"),
    Column("year", "year"),
    Column("treatment", is_needed=False),
    Column("treated_area", "number", "hm^2", least=0),
    Column("survival", "number", "1", is_needed=False, least=0, most=1),
    Column("sequestration_rate", "number", "t*carbon/(hm^2*year)", is_needed=False, least=0),
    Column("ramp_time", "number", "year", is_needed=False, least=0),
    Column("source", is_needed=False),
    Column("note", is_needed=False),
)
"""A row a project and the year of the treatment: a cohort."""

STATES = (
    Column("project"),
    Column("variable"),
    Column("variable_unit"),
    *(Column(end, "number", "1", is_needed=False) for end in ENDS),
    *(Column(f"{end}_u", "number", "1", is_needed=False, least=0) for end in ENDS),
    Column("treated_covariance", "number", "1", is_needed=False),
    Column("control_covariance", "number", "1", is_needed=False),
    Column("rain_before", "number", "mm/year", is_needed=False, least=0),
    Column("rain_after", "number", "mm/year", is_needed=False, least=0),
    Column("rain_intercept", "number", "1", is_needed=False),
    Column("rain_slope", "number", "year/mm", is_needed=False),
    Column("source", is_needed=False),
    Column("note", is_needed=False),
)
"""Values, their standard uncertainties and covariances in the unit that the row names."""

PLOTS = (
    Column("project"),
    Column("variable"),
    Column("variable_unit"),
    Column("plot"),
    Column("land"),
    Column("time"),
    Column("state", "number", "1"),
    Column("plot_area", "number", "m^2", least=0),
    Column("note", is_needed=False),
)
"""A row a plot at one time: on `treated` land or the `control`, `before` or `after`."""

DEGRADATION = (
    Column("parcel"),
    Column("ecosystem"),
    Column("area", "number", "hm^2", least=0),
    Column("state_before", "number", "1", least=0),
    Column("state_after", "number", "1", least=0),
    Column("undegraded_state", "number", "1", is_needed=False, least=0),
    Column("note", is_needed=False),
)
"""Forest by biomass, grassland by cover, wetland by area, each beside its undegraded state in one unit; desert by cover
as a share."""

SERVICES = (
    Column("project"),
    Column("service", is_needed=False),
    Column("scenario", is_needed=False),
    Column("project_in", is_needed=False),
    Column("service_change", "number", "CNY/year", is_needed=False),
    Column("price_year", "year", is_needed=False),
    Column("source", is_needed=False),
    Column("note", is_needed=False),
)
"""The document of a scenario and which of its accounts is the land with the project, or a value with its price year."""

COSTS = (
    Column("project"),
    Column("cost", "number", "CNY", least=0),
    *(
        Column(f"{name}_weight", "number", "1", is_needed=False, least=0, most=1)
        for name in ("land", "carbon", "value")
    ),
    Column("source", is_needed=False),
    Column("note", is_needed=False),
)

ATTRIBUTION = (
    Column("parcel"),
    Column("project"),
    Column("effect", "number", "1"),
    Column("variable_unit"),
    Column("cost", "number", "CNY", is_needed=False, least=0),
    Column("share", "number", "1", is_needed=False, least=0, most=1),
    Column("note", is_needed=False),
)
"""A row a project on a parcel; every row of a parcel says the same effect."""
