"""What files of a run hold, as types by which a folder is tested before it is read (`gep.study.run`), or more."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from gep.account.index_record import Deflated, OwnIndicesRecord, PriceGroups
from gep.core.errors import ProblemDocument
from gep.core.parts import PartsRecord
from gep.inputs.correlated import SurenessRecord

Document = dict[str, Any]

Key = tuple[str, str, str, str, str]
"""Service, component, zone, ecosystem and class."""

Position = Annotated[int, "from 0"]
"""Where something stands in a list of the same document. One below 0 would count from the end."""

SCHEMA = 1
"""The form of summary.json and run.json."""
LEDGER_SCHEMA = 1

Kind = Literal["monetary", "physical"]
Numbers = dict[str, float]
Words = dict[str, str]

# summary.json ---------------------------------------------------------------------------------------------------------


class StudyName(TypedDict):
    """What an account is of."""

    name: str
    name_zh: str
    code: str


class ProfileName(TypedDict):
    """The profile that it follows, and how well that is checked."""

    id: str
    level: str


class MissingService(TypedDict):
    """A service without a full figure."""

    service: str
    reason: Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation", "does_not_occur"]
    detail: str
    required: bool
    zh: Words


class Amount(TypedDict):
    """A figure with its unit."""

    value: float | None
    unit: str


class Quantity(TypedDict):
    """A quantity with its unit."""

    value: float
    unit: str


class Indicator(TypedDict):
    """A zone, what the tables say of it, and ratios to that."""

    zone: str
    name: str
    area_m2: float
    population: float | None
    gdp: float | None
    value: float | None
    value_per_km2: float | None
    value_per_head: float | None
    value_to_gdp: float | None
    share: float | None


class ZonesCoverage(TypedDict):
    """How cells were given to zones, and the areas of polygons and of their cells."""

    mode: str
    centre_misstatement: Numbers
    polygon_m2: Numbers
    account_m2: Numbers


class LayerCoverage(TypedDict):
    """The share of the area on which a layer has a number."""

    share: float
    resampling: str


class ServiceCoverage(TypedDict):
    """How much of the land that counts a service rests on, by component and zone, and where wider classes stood in."""

    share: float | None
    counted_m2: float
    fallback_m2: Numbers
    zones: dict[str, Numbers]


class Coverage(TypedDict, total=False):
    """How much of what the figures rest on is there; nothing is said for an account of given quantities."""

    area_m2: float
    outline_m2: float | None
    outside_outline_m2: float | None
    zones: ZonesCoverage
    land_cover: float
    layers: dict[str, LayerCoverage]
    services: dict[str, ServiceCoverage]


class Summary(TypedDict):
    """summary.json."""

    schema: int
    study: StudyName
    profile: ProfileName
    year: int
    price_year: int | None
    run_id: str
    title: str
    title_zh: str
    complete: bool
    missing: list[MissingService]
    total: Amount
    by_ecosystem: Numbers
    by_service: Numbers
    by_zone: Numbers
    quantities: dict[str, Quantity]
    stocks: NotRequired[dict[str, Quantity]]
    indicators: list[Indicator]
    coverage: Coverage
    problems: list[ProblemDocument]
    counts: dict[str, int]
    digest: str


# run.json -------------------------------------------------------------------------------------------------------------


class FileRecord(TypedDict, total=False):
    """A file that was read; of a published set the name it is chosen by, of a table what is said to read it."""

    file: str | None
    bytes: int
    sha256: str | None
    files: dict[str, str]
    choice: str
    reading: dict[str, str]
    address: str
    known_by: str
    product: Words


def content_of(about: FileRecord) -> str | None:
    """By what the content of a file is known: its hash, or the address of an object and what its server told of it."""
    return about.get("sha256") or (f"{about['address']}, {about['known_by']}" if "address" in about else None)


_MadeFrom = TypedDict("_MadeFrom", {"from": list[str]}, total=False)  # a word of the language in no class


class LayerRecord(FileRecord, _MadeFrom, total=False):
    """A layer: its file or what it was made from, and how it was read (`gep.inputs.grids.layers`)."""

    name: str
    kind: str
    variable: str | None
    bands: list[int]
    monthly: bool
    daily: bool
    steps_per_day: int
    crs: str
    crs_assumed: bool
    shape: list[int]
    cell: list[float]
    bounds: list[float]
    dtype: str
    nodata: list[float | str]
    unit: str
    unit_found: str | None
    scale: float
    offset: float
    scales: list[float]
    offsets: list[float]
    valid: list[float | str]
    period: str | None
    year: int | None
    resampling: str
    derived_by: str
    constants: Numbers


class ZonesOfTables(FileRecord, total=False):
    """The file of the zones that tables report, and how their figures are shared among those of the account."""

    sharing: str


class ZonesFiles(FileRecord, total=False):
    """The file of the zones with its columns, and the outline around them."""

    outline: FileRecord
    of_tables: ZonesOfTables
    columns: list[str | None]
    layer: str


class ZonesRecord(ZonesFiles, total=False):
    """The zones, and how cells were given to them."""

    coverage: str


class CoefficientCells(TypedDict):
    """The cells of a row of the coefficients, as far as they are not empty."""

    name: str
    value: float
    unit: str
    ecosystem: NotRequired[str]
    land_class: NotRequired[str]
    region: NotRequired[str]
    from_year: NotRequired[int]
    low: NotRequired[float]
    high: NotRequired[float]
    spread: NotRequired[str]
    price_year: NotRequired[int]
    locator: NotRequired[str]
    note: NotRequired[str]


class CoefficientRecord(CoefficientCells):
    """A row of the coefficients that was used."""

    id: str
    source: NotRequired[str]
    status: NotRequired[str]
    file: NotRequired[str]


class CellSums(TypedDict):
    """What was summed over the cells of a class of a zone, for one flow."""

    service: str
    component: str
    equation: NotRequired[str]
    zone: str
    ecosystem: str
    land_class: str
    area: float
    valid_area: float
    cells: float
    sum: float
    negative_sum: float
    negative_area: float
    inputs: Numbers


class StudyRecord(PriceGroups, SurenessRecord, total=False):
    """What the project file says, without paths."""

    name: str
    name_zh: str
    code: str
    year: int
    price_year: int | None
    region: str
    grid: str | tuple[str, float]
    scheme: str
    scheme_map: Words
    not_applicable: Words
    does_not_occur: Words
    off: Words
    waivers: dict[str, list[str]]
    product_shares: dict[str, dict[str, float]]


class FilesRecord(TypedDict):
    """What was given beside the layers."""

    zones: ZonesFiles
    tables: dict[str, FileRecord]
    price_index: FileRecord
    coefficient_tables: dict[str, FileRecord]


class Identity(Deflated, total=False):
    """All that determines a result; `run_id` is its hash."""

    gep: str
    code_sha256: str
    study: StudyRecord
    profile: str
    profile_sha256: str
    switches: dict[str, Words]
    inputs: dict[str, LayerRecord]
    zones: ZonesRecord
    tables: dict[str, FileRecord]
    price_index: FileRecord
    coefficient_tables: dict[str, FileRecord]
    coefficients_sha256: str
    loop: str
    """What added the cells up, where that is not numpy."""
    parts: list[PartsRecord]
    """What it rests on from outside the package, where there is anything."""


class GridRecord(TypedDict):
    """The grid that was computed on; the sides of a cell are in units of its system."""

    crs: str
    cell: list[float]
    rows: int
    columns: int


class RunRecord(Identity):
    """run.json. An account of given quantities has the first four, and its profile."""

    schema: int
    run_id: str
    kind: Kind
    zone_names: dict[str, Words]
    level: NotRequired[str]
    provisional: NotRequired[list[str]]
    grid: NotRequired[GridRecord]
    coefficients: NotRequired[list[CoefficientRecord]]
    sums: NotRequired[list[CellSums]]
    environment: NotRequired[Words]


# ledger.json ----------------------------------------------------------------------------------------------------------


class EquationRecord(TypedDict):
    """An equation in words and as lines of arithmetic; the last line is what it gives."""

    summary: str
    formula: str
    symbols: str
    source: str
    arguments: Words
    returns: str
    arithmetic: list[tuple[str, str]]


class RowRecord(CoefficientCells):
    """A row of the coefficients behind a figure."""

    source: str
    status: str
    file: str


class StatisticRecord(TypedDict):
    """A row of the tables: as printed, in the unit of its use, and what the price index made of it."""

    item: str
    zone: str
    measure: str
    printed: float
    printed_unit: str
    year: int | None
    price_year: int | None
    source: str | None
    place: str
    unit: str
    to_unit: float
    index_factor: float


class OutsideRecord(StatisticRecord):
    """What is declared to come from ecosystems outside the area."""

    service: str


class NumberRecord(TypedDict):
    """A number that an equation or a price takes: of a row of the coefficients, of the tables, or by itself."""

    amount: float
    unit: str
    row: NotRequired[str]
    matched: NotRequired[str]
    index_factor: NotRequired[float]
    scale: NotRequired[float]
    item: NotRequired[str]
    zone: NotRequired[str]
    printed: NotRequired[float]
    printed_unit: NotRequired[str]
    to_unit: NotRequired[float]
    measure: NotRequired[str]
    year: NotRequired[int | None]
    price_year: NotRequired[int | None]
    source: NotRequired[str | None]
    place: NotRequired[str]


class PriceRecord(TypedDict):
    """A price and what it is made of."""

    amount: float
    factor: float
    price_year: int | None
    numbers: dict[str, NumberRecord]


class ArgumentRecord(TypedDict, total=False):
    """Where an equation on cells takes an argument from: one of layer, node, coefficient, item, calendar."""

    layer: str
    node: str
    scale: float
    offset: float
    coefficient: str
    item: str
    calendar: str


class DerivationRecord(TypedDict):
    """What is to be said of a derivation."""

    note: str
    is_provisional: bool


class NodeRecord(TypedDict):
    """An equation of a flow with where its arguments come from."""

    equation: str
    derivation: DerivationRecord | None
    arguments: dict[str, ArgumentRecord]


class FlowRecord(TypedDict):
    """The equations of a flow by what they make; the root makes the density."""

    root: str
    nodes: dict[str, NodeRecord]


class UnitRecord(TypedDict):
    """An accounting unit: a zone, a lake, a site."""

    name: str
    extent: float
    quantity: float | None
    arguments: NotRequired[Position]
    statistics: NotRequired[list[StatisticRecord]]
    lacking: NotRequired[list[str]]


class UsedUnit(TypedDict):
    """What a figure takes of a unit."""

    unit: Position
    share: float
    price: Position | None


class FigureRecord(TypedDict):
    """What is behind a figure of a class of a zone: cells of a flow, or units."""

    zone: str
    ecosystem: str
    land_class: str
    flow: NotRequired[Position]
    with_layers: NotRequired[float]
    at_means: NotRequired[dict[str, float | None]]
    price: NotRequired[Position | None]
    units: NotRequired[list[UsedUnit]]


class ComponentRecord(TypedDict):
    """How the figures of a component came about. One of cells has flows, one of units has units."""

    kind: Literal["cells", "units"]
    quantity: str
    unit: str
    counts: list[str]
    if_supplied: list[str]
    lacking: list[str]
    clip: str
    value: str | None
    price: NotRequired[str]
    price_unit: NotRequired[str]
    pricing: NotRequired[str | None]
    value_factor: NotRequired[float]
    concept: NotRequired[str]
    limit: str | None
    limits: NotRequired[list[StatisticRecord]]
    factor: float | None
    flows: NotRequired[list[FlowRecord]]
    prices: list[PriceRecord]
    figures: list[FigureRecord]
    extent: NotRequired[str]
    extent_unit: NotRequired[str]
    extent_arguments: NotRequired[Numbers]
    per: NotRequired[str]
    total: NotRequired[str | None]
    units: NotRequired[list[UnitRecord]]
    arguments: NotRequired[list[dict[str, NumberRecord]]]


class CostRecord(StatisticRecord):
    """A cost that is taken off the output of a product, and the output that it is shared by."""

    taken_off: float
    output: float | None
    outputs: float | None


class ProductRecord(TypedDict):
    """A product that statistics count."""

    zone: str
    component: str
    members: dict[str, StatisticRecord]
    value: str | None
    output: float | None
    costs: dict[str, CostRecord | None]
    shares: NotRequired[dict[str, float]]
    """Of the ecosystems that the project spreads the product over."""
    whole: NotRequired[float | None]
    """Its value before it is spread."""


class ServiceRecord(TypedDict):
    """A service of the profile: what counts, which methods, and its components or products."""

    category: str
    clause: str
    note: str
    is_required: bool
    is_applicable: bool
    reason: str | None
    detail: str
    settings: Words
    counts: list[str]
    if_supplied: list[str]
    components: dict[str, ComponentRecord]
    net: NotRequired[str | None]
    products: NotRequired[list[ProductRecord]]


class LayerWords(TypedDict):
    """A layer in words."""

    unit: str
    zh: str
    en: str
    made_by: list[str]


class ClassRow(TypedDict):
    """The row of a coefficient that a class takes, and how it was found."""

    row: str
    matched: str


class ZoneWords(TypedDict):
    """What a zone is called."""

    name: str
    zh: str
    en: str


class Ledger(OwnIndicesRecord):
    """ledger.json. `zone_values` has by item the values by unit and zone, and under `rows` the statistics."""

    schema: int
    run_id: str
    kind: Kind
    price_year: int | None
    price_index: str
    min_coverage: NotRequired[float]
    zones: NotRequired[dict[str, ZoneWords]]
    services: dict[str, ServiceRecord]
    layers: dict[str, LayerWords]
    class_values: dict[str, dict[str, dict[str, float | None]]]
    class_rows: dict[str, dict[str, ClassRow]]
    zone_values: dict[str, dict[str, dict[str, float | None] | list[StatisticRecord]]]
    from_outside: list[OutsideRecord]
    equations: dict[str, EquationRecord]
    coefficients: dict[str, RowRecord]
    sources: dict[str, Document]
    zh: NotRequired[Words]
