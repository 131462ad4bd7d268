"""What the tables of parcels hold."""

from __future__ import annotations

from gep.assets.tables import Column

PARCELS = (
    Column("parcel"),
    Column("holder"),
    Column("forest_type"),
    Column("origin", is_needed=False),
    Column("planted", "year", is_needed=False),
    Column("model", is_needed=False),
    Column("baseline_rate", "number", "t*carbon/(hm^2*year)", is_needed=False),
    Column("fire_emission", "number", "t*CO2", is_needed=False, least=0),
    Column("machine_emission", "number", "t*CO2", is_needed=False, least=0),
)

STRATA = (
    Column("parcel"),
    Column("stratum"),
    Column("area", "number", "hm^2"),
    Column("possible_plots", "number", "1", is_needed=False, least=1),
)

PLOTS = (
    Column("parcel"),
    Column("stratum"),
    Column("plot"),
    Column("date", "date"),
    Column("carbon_density", "number", "t*carbon/hm^2", least=0),
    Column("auxiliary", "number", "1", is_needed=False),
    Column("prediction", "number", "t*carbon/hm^2", is_needed=False),
)

MAPS = (
    Column("parcel"),
    Column("date", "date"),
    Column("auxiliary_mean", "number", "1", is_needed=False),
    Column("auxiliary_places", "number", "1", is_needed=False, least=1),
    Column("prediction_mean", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("air_density", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("air_error", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("sky_density", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("sky_error", "number", "t*carbon/hm^2", is_needed=False, least=0),
)
"""What air and satellite say of a whole parcel: the auxiliary or the prediction that plots have too,
or an estimate with its error by a model of other plots.
"""
