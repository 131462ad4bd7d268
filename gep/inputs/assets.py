"""The sections of a project file on accounts beside GEP (`[assets.carbon]`, …): which tables they are made of, and the
switches of their methods. Paths are relative to the project file.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gep.inputs.schema import Section

AccountYear = Annotated[int, Field(ge=1900, le=2200)]


class AccountSection(Section):
    """What every account beside GEP may be given."""

    parameters: str = Field(
        default="", description="CSV with rows of one's own, each with its source; they replace the shipped ones."
    )
    region: str = Field(default="", description="Whose parameters are taken; the region of the study by default.")
    year: int | None = Field(
        default=None,
        ge=1900,
        le=2200,
        description="The year that the account is of, in a study of several years; that of the study otherwise.",
    )


class MapTable(Section):
    """A raster of an account beside GEP, and how to read it. What is said here replaces what the file says."""

    path: str
    units: str | None = None
    scale: float | None = Field(default=None, allow_inf_nan=False)
    offset: float | None = Field(default=None, allow_inf_nan=False)
    nodata: float | list[float] | Literal["none"] | None = None
    band: int | None = Field(default=None, ge=1)
    variable: str | None = None
    resampling: Literal["bilinear", "nearest", "average"] | None = None
    product: str | None = None
    soil_depth: Literal["30 cm", "100 cm"] | None = Field(
        default=None, description="Of a map of carbon in the soil: the depth that it is of."
    )


class CarbonSection(AccountSection):
    """Stocks of carbon and the yearly sink, from tables of strata, from rasters, or from both."""

    stocks: str = Field(
        default="",
        description="CSV or workbook of strata: zone, ecosystem, class, pool and year with area and growing stock, "
        "density or stock.",
    )
    land_cover: dict[AccountYear, str | MapTable] = Field(
        default_factory=dict,
        description="Land covers by year, in the legend of the project; that of the project by default.",
    )
    densities: str = Field(
        default="", description="CSV or workbook of carbon per area by ecosystem, class and pool, for the land covers."
    )
    density_rows: list[str] = Field(
        default_factory=list,
        description="Pools whose carbon per area by class is taken from rows of parameters: `carbon_density_<pool>`.",
    )
    density_maps: dict[str, dict[AccountYear, MapTable]] = Field(
        default_factory=dict, description="Rasters of carbon per area, by pool and year."
    )
    changes: str = Field(default="", description="CSV or workbook of what changed the stocks between their years.")
    plots: str = Field(default="", description="CSV or workbook of sample plots, each with its area.")
    trees: str = Field(default="", description="CSV or workbook of the trees of the plots.")
    soil: str = Field(default="", description="CSV or workbook of layers of soil profiles.")
    gases: str = Field(default="", description="CSV or workbook of methane and nitrous oxide of a year.")
    volume: Literal["bcef", "wood_density", "continuous_function"] = Field(
        default="bcef", description="How biomass is made from growing stock."
    )
    class_lookup: Literal["step", "interpolate"] = Field(
        default="step", description="Factors by class as they stand, or between the middles of classes."
    )
    root: Literal["ipcc_class", "tool14_function", "fixed"] = Field(
        default="ipcc_class", description="Where the ratio of roots comes from."
    )
    roots_in_biomass: Literal["no", "yes"] = Field(
        default="no", description="Whether the continuous function already holds the roots."
    )
    sink: Literal["gain_loss", "stock_difference"] = Field(
        default="gain_loss", description="The sink from what came and went, or from two inventories."
    )
    soil_depth: Literal["30 cm", "100 cm"] = Field(default="100 cm", description="The depth of all soil carbon.")
    ch4_n2o: Literal["report", "exclude"] = Field(
        default="report", description="Whether methane and nitrous oxide are shown beside the sink."
    )
    feeds: Literal["", "carbon_sequestration"] = Field(
        default="",
        description="Whether carbon sequestration of GEP takes its quantity from here; the profile must say so too.",
    )


class GrazingSection(AccountSection):
    """What grassland can feed, and what grazes on it."""

    pastures: str = Field(
        default="",
        description="CSV or workbook of pastures: land, yield and use of each season; of a map, what it does not tell.",
    )
    forage_map: MapTable | None = Field(
        default=None, description="Raster of dry matter that can be cut in a year, on the land cover of the project."
    )
    production_map: MapTable | Literal["net_primary_production"] | None = Field(
        default=None, description="Raster of net primary production, or that of the layers of the project."
    )
    steppes: dict[str, str] = Field(
        default_factory=dict,
        description="Of a map: types of grassland by ecosystem or class of the land cover (`grassland/meadow`).",
    )
    herds: str = Field(
        default="", description="CSV or workbook of herds: heads by animal; without them a capacity alone is told."
    )
    feed: str = Field(default="", description="CSV or workbook of feed from elsewhere.")
    policy: str = Field(default="", description="CSV or workbook of land under a grazing ban or in balance.")
    sheep_units: str = Field(
        default="ministry",
        description="Whose table of sheep units holds: ministry, gansu, nyt_635, xilingol, or a region of own rows.",
    )
    count: Literal["mid_year", "end_of_year"] = Field(
        default="mid_year", description="When animals were counted: lambs are in the first only."
    )


class RestorationSection(AccountSection):
    """What projects of restoration did."""

    projects: str = Field(
        default="", description="CSV or workbook of treated land: project, year, area, survival, rate of carbon."
    )
    polygons: str = Field(default="", description="Polygons of the treated land (GeoJSON, GeoPackage, shapefile).")
    polygon_project: str = Field(default="project", description="The column of the polygons that names the project.")
    controls: str = Field(default="", description="Polygons of the land that was left alone.")
    states: str = Field(
        default="", description="CSV or workbook of variables on treated land and controls, before and after."
    )
    plots: str = Field(default="", description="CSV or workbook of sample plots that such variables are means of.")
    degradation: str = Field(default="", description="CSV or workbook of land with its state before and after.")
    services: str = Field(
        default="", description="CSV or workbook of services at constant prices: scenarios of a project, or values."
    )
    costs: str = Field(default="", description="CSV or workbook of costs, with weights where they are divided.")
    attribution: str = Field(default="", description="CSV or workbook of parcels that several projects treated.")
    attribute_by: Literal["cost", "given", "joint"] = Field(
        default="joint",
        description="How an effect on a parcel of several projects is told: by cost, as given, at once.",
    )


class ConditionSection(AccountSection):
    """Extent, condition and worth of ecosystems as assets."""

    variables: str = Field(default="", description="CSV or workbook of condition variables and their levels (T12).")
    quality: str = Field(default="", description="CSV or workbook of land by quality class at both ends.")
    densities: str = Field(default="", description="CSV or workbook of relative densities of vegetation by year.")
    transitions: str = Field(default="", description="CSV or workbook of what became what (T10, T11).")
    worth: str = Field(default="", description="CSV or workbook of yearly services at both ends, rate, life (T14).")
    denominator: Literal["own", "total"] = Field(
        default="own",
        description="The area beside which the asset index of a class stands: its own, or that of all ecosystems.",
    )
    prices: Literal["opening", "mean"] = Field(
        default="opening", description="At which prices changes of quantity are valued in the worth of assets."
    )
    years: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="Years between opening and closing of `transitions`."
    )


class ParcelsSection(AccountSection):
    """Carbon of parcels from plots, the air and satellites, and what a carbon ticket may certify."""

    parcels: str = Field(description="Table of parcels: holder, forest type, origin, model, emissions.")
    strata: str = Field(description="Table of the strata of each parcel, with their areas.")
    plots: str = Field(description="Table of plots: stratum, date, carbon per area, auxiliary, prediction.")
    maps: str = Field(default="", description="Table of what air and satellite say of whole parcels.")
    claims: str = Field(default="", description="Table of all that was claimed of parcels: credits, tickets, offsets.")
    polygons: str = Field(default="", description="Polygons with the column `parcel` (GeoJSON, GPKG).")
    other_polygons: str = Field(default="", description="Polygons of other claims, with the column `claim`.")
    overlap_allowed: float = Field(default=0, ge=0, description="Overlap that is none yet, in m2: borders drawn twice.")
    evidence: Literal["ground", "ground+air", "ground+air+sky"] = Field(
        default="ground", description="What the carbon of a parcel is measured by."
    )
    merge: Literal["best", "inverse_variance", "gls"] = Field(
        default="best", description="How estimates of one parcel become one."
    )
    issue: Literal["discounted", "mean", "lower_bound"] = Field(
        default="discounted",
        description="What of a removal is certified: less the discount, the mean, the lower bound.",
    )
    baseline: Literal["zero", "area_mean_growth"] = Field(default="zero", description="What would have grown anyway.")
    correlation: float = Field(
        default=0, ge=0, lt=1, description="Correlation of the errors of two dates; of permanent plots near 1."
    )


class CreditsSection(AccountSection):
    """Carbon credits: what projects may issue, a ledger, prices, claims."""

    ledger: str = Field(default="", description="The ledger, a file of `gep credits post`.")
    begins: date | None = Field(default=None, description="First day of the period; that of the year if not given.")
    ends: date | None = Field(default=None, description="Last day of the period; that of the year if not given.")
    monitoring: str = Field(default="", description="Table of periods of monitoring, from which credits are issued.")
    pipeline: str = Field(default="", description="Table of what projects may come to, with a probability for each.")
    prices: str = Field(default="", description="The price book.")
    contracts: str = Field(default="", description="Table of contracts, with or without a quantity.")
    claims: str = Field(default="", description="Table of all that was claimed of parcels: credits, tickets, offsets.")
    sinks: str = Field(default="", description="Table of what was measured on parcels.")
    parcels: str = Field(default="", description="Polygons with the columns `parcel` and `project`.")
    overlap_allowed: float = Field(
        default=0, ge=0, description="Overlap of two projects that is none yet, in m2: borders drawn twice."
    )
    notices: str = Field(default="", description="Table of what a register or an exchange says that holders have.")


class CompensationSection(AccountSection):
    """Damage to parcels, and the credits that would make up for it."""

    damages: str = Field(default="", description="Table of damaged parcels, with the numbers of their appraisals.")
    decisions: str = Field(default="", description="Table of decisions of courts that are reported together.")
    route: Literal["tonnes", "value", "money"] = Field(
        default="tonnes",
        description="The way that is shown first: credits for the tonnes lost, credits of equal value, or money.",
    )


OF_ONE_YEAR = ("grazing", "restoration", "condition")
"""Sections whose tables do not say which year they are of: in a study of several years the section has to."""


class AssetsTable(Section):
    """Accounts beside GEP. None of them is added to it."""

    carbon: CarbonSection | None = None
    credits: CreditsSection | None = None
    compensation: CompensationSection | None = None
    parcels: ParcelsSection | None = None
    grazing: GrazingSection | None = None
    restoration: RestorationSection | None = None
    condition: ConditionSection | None = None
