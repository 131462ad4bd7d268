"""A look at a folder of rasters, polygons and tables: what each file probably is, and what has to be asked.

Nothing is decided here. A guess rests on what a file says of itself (its name, variables, units), on the products that
are known, and on a thin sample of its values; whatever it does not rest on firmly is a doubt, to be confirmed by the
people who have the description of the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyogrio
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from gep.core.catalog import LayerKind, layer_kinds
from gep.core.errors import BROKEN_FILE, GepError, InputError, Problem, UnitError
from gep.core.messages import Text, joined, say
from gep.core.table_words import column_of
from gep.core.units import linear, same_dimension
from gep.inputs.forms import HIDDEN
from gep.inputs.grids.arrays import open_dataset
from gep.inputs.grids.bands import AXIS_OF, Pick, month_number, month_order
from gep.inputs.grids.files import array_engine, gdal, open_raster
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Header
from gep.inputs.grids.layers import FILLS, LayerSpec
from gep.inputs.grids.places import Tiles
from gep.inputs.grids.sources import read_header
from gep.inputs.headings import Words as TableWords
from gep.inputs.headings import is_year
from gep.inputs.names import ZoneNames, Zones
from gep.inputs.product_layers import layer_of_product
from gep.inputs.products import Product, family_of, layer_words, product_of, products, products_called
from gep.inputs.survey_tiles import rasters_together
from gep.inputs.table_files import NEEDED, TableFile, read_rows, table_rows
from gep.inputs.tables import read_tables
from gep.inputs.workbooks import headings_of_sheets, open_workbook
from gep.standards.coefficients import COLUMNS as COEFFICIENT_COLUMNS
from gep.standards.schemes import CUSTOM, load_scheme, scheme_ids

RASTERS = (".tif", ".tiff", ".img", ".vrt", ".nc", ".nc4", ".zarr", ".asc", ".hdf")
POLYGONS = (".geojson", ".gpkg", ".shp", ".json")
TABLES = (".csv", ".xlsx", ".xlsm")

SAMPLE = 256
"""Cells a side that are looked at of a raster, thinned."""

SCALES = (1.0, 0.1, 0.01, 0.001, 0.0001)
"""By what whole numbers are commonly multiplied."""

SMALL, LESS_SMALL = 0.02, 0.05
"""Share of what a layer usually is at most, which its highest values must reach in a unit, and in one that is scaled.
"""

GAP = 0.1
"""Share of the span of all other values by which a number written for missing stands apart from them."""

MOST_CLASSES = 60
"""So many distinct whole numbers may be classes; more are a quantity."""

FEW_LAYERS = 500
"""So many files of a folder are looked at."""

Role = Literal["layer", "land_cover", "zones", "outline", "table", "coefficients", "unknown"]
Key = str | float | int | list[float]


@dataclass(frozen=True)
class Doubt:
    """A question that the description of the data answers, and the key of the project file that the answer changes;
    none where only another file would.
    """

    key: str
    question: Text


@dataclass(frozen=True)
class Guess:
    """What a file, or a band or variable of it, probably is: `role`, the name of the layer or table, the `keys` to
    write for it in the project file, why it is thought so, and what is in doubt.
    """

    path: Path
    role: Role
    name: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    reasons: tuple[Text, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    codes: tuple[int, ...] = ()
    """The codes that were seen, of land cover."""

    @property
    def certainty(self) -> tuple[int, int]:
        """The better the higher: of several files for one layer the surest is taken."""
        return -len(self.doubts), len(self.reasons)


def survey(folder: Path) -> list[Guess]:
    """What every file of a folder and the folders in it probably is, in the order of their paths."""
    files = list(_files(folder))
    found: dict[Path, list[Guess]] = {}
    for together in rasters_together([path for path in files if not _is_table(path)]):
        first, *others = together.files
        found[first] = _seen(first, _tiles_of(together) if others else _look)
        found |= {path: [] for path in others}
    zones = _zone_names(guess for guesses in found.values() for guess in guesses if guess.role in ("zones", "outline"))
    found |= {path: _seen(path, partial(_tables, words=zones)) for path in files if _is_table(path)}
    return [guess for path in files for guess in found[path]]


def _seen(path: Path, look: Callable[[Path], Iterable[Guess]]) -> list[Guess]:
    """What a look at a file tells: one that is broken must not hide the others."""
    try:
        return list(look(path))
    except (GepError, RasterioError, *BROKEN_FILE):
        return [Guess(path, "unknown", reasons=(say("survey.unreadable"),))]


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES


def _files(folder: Path) -> Iterator[Path]:
    """Files that may be inputs; what is hidden, and what belongs to another file, is not."""
    count = 0
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") for part in inside) or any(part.endswith(".zarr") for part in inside[:-1]):
            continue
        is_wanted = path.suffix.lower() in (*RASTERS, *POLYGONS, *TABLES)
        if is_wanted and (path.is_file() or path.suffix == ".zarr") and count < FEW_LAYERS:
            count += 1
            yield path


def _look(path: Path) -> Iterator[Guess]:
    if path.suffix.lower() in POLYGONS:
        yield _polygons(path)
    elif engine := array_engine(path):
        yield from _variables(path, engine)
    else:
        yield from _bands(path)


# tables ---------------------------------------------------------------------------------------------------------------


def _zone_names(guesses: Iterable[Guess]) -> ZoneNames:
    """What the polygons of a folder are called, by code: tables name them so."""
    names: dict[str, tuple[str, ...]] = {}
    for guess in guesses:
        columns = [str(guess.keys[key]) for key in ("code", "name", "name_en") if key in guess.keys]
        if "code" in guess.keys:
            frame: Any = pyogrio.read_dataframe(guess.path, read_geometry=False)  # type: ignore[no-untyped-call]  # it has no types
            names |= {str(code): tuple(map(str, others)) for code, *others in frame[columns].itertuples(index=False)}
    return names


def _tables(path: Path, words: ZoneNames) -> Iterator[Guess]:
    """The tables of a file: one of a text file, of a workbook those of its sheets that are understood."""
    sheets = headings_of_sheets(path) if path.suffix.lower() != ".csv" else {"": list(next(read_rows(path))[1])}
    if path.suffix.lower() != ".csv" and HIDDEN in open_workbook(path, is_results=True).sheetnames:
        yield Guess(path, "unknown", reasons=(say("survey.form"),))
        return
    guesses = [_table(path, title if len(sheets) > 1 else "", heading, words) for title, heading in sheets.items()]
    known = [guess for guess in guesses if guess.role != "unknown"]
    yield from known or guesses[:1]


def _table(path: Path, sheet: str, heading: Sequence[str], zones: ZoneNames) -> Guess:
    keys: dict[str, Key] = {"sheet": sheet} if sheet else {}
    name = f"{path.stem}_{sheet}" if sheet else path.stem
    if set(NEEDED) <= set(heading):
        return Guess(path, "table", name, keys, (say("survey.columns", names=list(NEEDED)),))
    columns = {column_of(text, COEFFICIENT_COLUMNS) for text in heading}
    if {"coefficient", "value", "unit"} <= columns <= set(COEFFICIENT_COLUMNS):
        return Guess(path, "coefficients", name, reasons=(say("survey.columns", names=["coefficient"]),))
    source = TableFile(path, sheet)
    try:
        rows, _ = table_rows(source, name, TableWords(Zones.of(zones)))
    except InputError as error:
        return Guess(path, "unknown", reasons=(_why(error.problems[0]),))
    if not all(set(NEEDED) <= set(cells) for _, cells in rows[:1]) or not rows:
        return Guess(path, "unknown", reasons=(say("survey.other_columns"),))
    years = [int(cells["year"]) for _, cells in rows if is_year(cells["year"])]
    year = max(years, default=_year_in(path) or 0)
    statistics, problems = read_tables({name: source}, zones, year)
    items = dict.fromkeys(row.base for row in statistics)
    reasons = (say("survey.layout", count=len(statistics), items=[f"`{item}`" for item in items]),) if items else ()
    doubts = {found.key: Doubt(_OF_TABLE.get(found.key, ""), _why(found)) for found in problems if _is_open(found)}
    if year and not years:
        keys["year"] = year
    return Guess(path, "table", name, keys, reasons, tuple(doubts.values()))


_OF_TABLE = {
    "inputs.U01.of_item": "unit",
    "inputs.T05.no_measure": "measure",
    "inputs.T02.lacks_of_figures": "zone",
}
"""What the project file may say of a table where the table does not."""


def _is_open(found: Problem) -> bool:
    return found.severity != "information"


def _why(found: Problem) -> Text:
    """A problem as a question: where, and what is wrong."""
    return joined([found.place, found.message], ": ", "：") if found.place else joined([found.message], "", "")


# polygons -------------------------------------------------------------------------------------------------------------

_CODE = re.compile(
    r"(ad|area|region|county|xian|zone)?_?(code|id|gb|pac)\d*|代码|行政区划代码|行政代码|编码|zone|dm", re.I
)
_NAME = re.compile(r"(name|name_?(zh|cn|chn)|nl_name.*|mc|county|xian|名称|县名|区县|行政区名?称?)", re.I)
_ENGLISH = re.compile(r"name_?(en|eng|pinyin)|pinyin|engname", re.I)
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def _polygons(path: Path) -> Guess:
    frame: Any = pyogrio.read_dataframe(path, read_geometry=False)  # type: ignore[no-untyped-call]  # it has no types
    kind = str(pyogrio.read_info(path).get("geometry_type") or "")  # type: ignore[no-untyped-call]  # nor has this
    if "Polygon" not in kind and kind != "Unknown":
        return Guess(path, "unknown", reasons=(say("survey.no_polygons"),))
    if len(frame) == 1:
        return Guess(path, "outline", reasons=(say("survey.one_polygon"),))
    texts = {str(column): [str(value) for value in frame[column]] for column in frame.columns}
    unique = [column for column, values in texts.items() if len(set(values)) == len(values) and "nan" not in values]
    codes = [column for column in unique if _CODE.fullmatch(column)]
    by_value = [column for column in unique if all(re.fullmatch(r"\d{6}(\d{3}|\d{6})?", v) for v in texts[column])]
    named = [column for column in texts if _NAME.fullmatch(column)]
    chinese = [column for column in named or texts if any(_CHINESE.search(value) for value in texts[column])]
    english = [column for column in texts if _ENGLISH.fullmatch(column)]
    keys: dict[str, Key] = {}
    doubts: list[Doubt] = []
    best = [*(column for column in by_value if column in codes), *by_value, *codes, *unique]
    if best:
        keys["code"] = best[0]
    doubts.append(Doubt("", say("survey.system")))
    if not codes and not by_value:
        doubts.append(Doubt("code", say("survey.no_code", columns=list(texts))))
    if names := [*chinese, *named]:
        keys["name"] = names[0]
    if english:
        keys["name_en"] = english[0]
    return Guess(path, "zones", keys=keys, reasons=(say("survey.polygons", count=len(frame)),), doubts=tuple(doubts))


# rasters --------------------------------------------------------------------------------------------------------------


def _variables(path: Path, engine: str) -> Iterator[Guess]:
    """Each variable of a NetCDF or Zarr file that lies on a grid."""
    with open_dataset(path, engine) as dataset:
        names = [str(name) for name, variable in dataset.data_vars.items() if variable.ndim >= 2]
    for name in names:
        header = read_header(path, Pick(variable=name), Findings(path.name, path.name))
        if header is not None and header.lattice is not None:
            yield _raster(path, header, name, {"variable": name} if len(names) > 1 else {})


def _tiles_of(tiles: Tiles) -> Callable[[Path], Iterator[Guess]]:
    """A look at tiles in place of the first of them."""
    return lambda _: _bands(tiles)


def _bands(place: Path | Tiles) -> Iterator[Guess]:
    """The bands of a raster file: months or days together, others each as a layer of its own."""
    path = Path(place.pattern) if isinstance(place, Tiles) else place
    with gdal(), open_raster(place) as file:
        count = file.count
        labels = [file.descriptions[band] or "" for band in range(count)]
    if count == 1:
        header = read_header(place, Pick(), Findings(path.name, path.name))
        if header is not None:
            yield _raster(place, header, labels[0], {})
        return
    months = count == 12 and (month_order([month_number(label) for label in labels]) or not any(labels))
    if months or count in (365, 366):
        axis = "month" if months else "day"
        header = read_header(place, Pick(bands=axis), Findings(path.name, path.name))
        if header is not None:
            question = say("survey.bands_in_order", axis=say(f"grids.axis.{axis}"))
            doubt = () if any(labels) else (Doubt("bands", question),)
            yield _raster(place, header, "", {"bands": axis}, doubt)
        return
    for band, label in enumerate(labels, start=1):
        header = read_header(place, Pick(band=band), Findings(path.name, path.name))
        if header is not None and (label or band == 1):
            yield _raster(place, header, label, {"band": band})


def _raster(
    place: Path | Tiles, header: Header, label: str, keys: dict[str, Key], doubts: tuple[Doubt, ...] = ()
) -> Guess:
    path = Path(place.pattern) if isinstance(place, Tiles) else place
    values = _sample(place, header)
    product = product_of(place, header, label)
    is_one_of_several = bool({"variable", "band"} & set(keys))
    names = [header.variable, label, *([] if is_one_of_several else [place.stem])]
    layer, reason = _layer_of([name for name in names if name], product)
    if not layer:
        return Guess(path, "unknown", reasons=(reason or say("survey.no_words"),))
    reasons = [reason] if reason else []
    if layer == "land_cover":
        return _land_cover(path, header, values, product, keys, reasons)
    kind = _kind_of(layer, header)
    of_product = _by_product(place, kind, product, keys)
    said, more_reasons, more_doubts = (of_product, [], []) if of_product else _reading(kind, header, values, product)
    fills, fill_doubts = _fills(header, values, product, is_said=bool(of_product))
    has_period = bool(product and product.period)
    year = None if kind.name in TIMELESS or has_period else _year_in(path)
    return Guess(
        path,
        "layer",
        kind.name,
        {**keys, **said, **fills, **({"year": year} if year else {})},
        (*reasons, *more_reasons),
        (*doubts, *more_doubts, *fill_doubts),
    )


TIMELESS = (
    "elevation", "slope", "aspect", "soil_sand", "soil_silt", "soil_clay", "soil_organic_carbon",
    "soil_organic_matter", "soil_calcium_carbonate",
    "bulk_density", "soil_depth", "root_depth", "plant_available_water", "soil_erodibility", "slope_length_steepness",
)  # fmt: skip
"""Layers that are of no year."""


def _layer_of(names: Sequence[str], product: Product | None) -> tuple[str, Text | None]:
    """The layer that a file is of, without its axis, by the names that it goes by; and why it is thought so."""
    if product is not None:
        reason = say("survey.product", product=product.says)
        family = product.layer.removeprefix("monthly_").removeprefix("daily_")
        return family, reason if product.layer else say("survey.product_of_nothing", product=product.says)
    known = layer_kinds()
    for name in names:
        plain = name.lower().replace("-", "_").replace(" ", "_")
        if plain in known:
            return _without_axis(plain), say("survey.name_of_layer", name=name)
    for name in names:
        hits = [words.layer for words in layer_words() if words.pattern.search(name.replace("_", " "))]
        if hits:
            return hits[0], say("survey.word_in_name", name=name)
    return "", None


def _without_axis(layer: str) -> str:
    first, _, rest = layer.partition("_")
    return rest if first in AXIS_OF else layer


def _kind_of(layer: str, header: Header) -> LayerKind:
    """The vocabulary of a layer as it is along the axis of the file."""
    known = layer_kinds()
    word = next((word for word, axis in AXIS_OF.items() if axis == header.axis), "")
    options = (f"{word}_{layer}", layer, f"monthly_{layer}", f"daily_{layer}")
    return next(known[name] for name in options if name in known)


def _sample(place: Path | Tiles, header: Header) -> NDArray[Any]:
    """Some values as they are stored, thinned over the whole raster; of several fields the first and the middle one."""
    fields = (header.pick[0], header.pick[len(header.pick) // 2]) if header.axis else header.pick[:1]
    if header.family == "raster":
        with gdal(), open_raster(place) as file:
            shape = (min(file.height, SAMPLE), min(file.width, SAMPLE))
            return np.stack([np.asarray(file.read(field + 1, out_shape=shape)) for field in dict.fromkeys(fields)])
    engine = array_engine(place) if isinstance(place, Path) else None
    assert isinstance(place, Path)
    assert engine is not None
    with open_dataset(place, engine) as dataset:
        array = dataset[header.variable]
        y, x, lead = header.dims
        steps: dict[str, Any] = {dim: slice(None, None, max(1, array.sizes[dim] // SAMPLE)) for dim in (y, x)}
        if lead:
            steps[lead] = sorted(set(fields))
        return np.asarray(array.isel(steps).values)


def _present(header: Header, values: NDArray[Any]) -> NDArray[np.float64]:
    """The values that are neither missing nor a number that is written for missing."""
    numbers = values.astype(np.float64).ravel()
    wrong = ~np.isfinite(numbers) | np.isin(numbers, [*header.nodata, *FILLS])
    return numbers[~wrong]


def _by_product(place: Path | Tiles, kind: LayerKind, product: Product | None, keys: dict[str, Key]) -> dict[str, Key]:
    """The product to write for a file, which then needs nothing else; nothing where its facts do not fit the file."""
    if product is None or family_of(product.layer) != family_of(kind.name):
        return {}
    told: dict[str, Any] = dict(keys)
    try:
        layer_of_product(LayerSpec(kind.name, place, product=product.key, **told))
    except InputError:
        return {}
    is_only = len([p for p in products_called(product.id) if family_of(p.layer) == family_of(product.layer)]) == 1
    return {"product": product.id if is_only else product.key}


def _reading(
    kind: LayerKind, header: Header, values: NDArray[Any], product: Product | None
) -> tuple[dict[str, Key], list[Text], list[Doubt]]:
    """Unit, scale and offset to write where the file does not say them, why, and what is in doubt."""
    if product is not None and product.scale is not None and product.layer == kind.name:
        return _as_of_product(product, header), [], []  # one whose file was changed
    present = _present(header, values)
    if _is_of(header.unit, kind.unit):
        unit = header.unit or ""
        if not present.size or _fits(kind, present, unit, header.scale, header.offset):
            return {}, [say("survey.unit_of_file", unit=unit)], []
        return {}, [], [Doubt("units", say("survey.unit_does_not_fit", unit=unit, layer=kind.name))]
    units = [unit for unit in _units_of(kind) if _is_of(unit, kind.unit)]
    options = [*_options(kind, present, units, header, SCALES[:1])]
    if not options and header.scale == 1 and (product := _like_product(kind, present)):
        question = say("survey.like_product", layer=kind.name, product=product.says)
        return _as_of_product(product, header), [], [Doubt("units", question)]
    if header.scale == 1 and (not options or np.all(present == np.round(present))):
        options += _options(kind, present, units, header, SCALES[1:])
    if not options:
        question = say("survey.nothing_fits", layer=kind.name, unit=units[0])
        return {"units": units[0]}, [], [Doubt("units", question)]
    unit, scale = options[0]
    said: dict[str, Key] = {"units": unit}
    if scale != 1:
        said["scale"] = scale
    listed = joined([_option(*option) for option in options], " or ", "或")
    key = "survey.unit_guessed" if len(options) == 1 else "survey.several_fit"
    return said, [], [Doubt("units", say(key, options=listed, layer=kind.name))]


def _like_product(kind: LayerKind, present: NDArray[np.float64]) -> Product | None:
    """The first product of a layer that stores numbers like these."""
    for product in products() if present.size else ():
        is_told = product.layer == kind.name and product.scale is not None and _is_of(product.unit, kind.unit)
        if is_told and _fits(kind, present, product.unit, product.scale or 1.0, product.offset):
            return product
    return None


def _options(
    kind: LayerKind, present: NDArray[np.float64], units: Sequence[str], header: Header, scales: Sequence[float]
) -> Iterator[tuple[str, float]]:
    """Units and scales by which the values are usual ones of the layer."""
    for scale in scales if present.size else ():
        for unit in units:
            is_usual = _fits(kind, present, unit, header.scale * scale, header.offset)
            if is_usual and _is_of_size(kind, present, unit, scale):
                yield unit, scale


def _as_of_product(product: Product, header: Header) -> dict[str, Key]:
    """How a product is read, as far as its file does not say it."""
    assert product.scale is not None
    keys: dict[str, Key] = {"units": product.unit}
    value: float
    for key, value, of_file in (("scale", product.scale, header.scale), ("offset", product.offset, header.offset)):
        if not np.isclose(value, of_file):
            keys[key] = value
    return keys


def _units_of(kind: LayerKind) -> tuple[str, ...]:
    """The units that a layer is given in, the most common first."""
    words = next((words for words in layer_words() if words.layer == _without_axis(kind.name)), None)
    return tuple(dict.fromkeys((*(words.units if words else ()), kind.unit)))


def _is_of_size(kind: LayerKind, raw: NDArray[np.float64], unit: str, scale: float) -> bool:
    """Whether the highest values, read so, are of the size that the layer has somewhere."""
    factor, shift = linear(unit, kind.unit)
    high = float(np.percentile(raw, 98)) * scale * factor + shift
    return not np.isfinite(kind.usual_high) or high >= kind.usual_high * (SMALL if scale == 1 else LESS_SMALL)


def _option(unit: str, scale: float) -> str:
    return f"`{unit}`" if scale == 1 else f"`{unit}` × {scale:g}"


def _is_of(unit: str | None, target: str) -> bool:
    try:
        return bool(unit) and same_dimension(unit or "", target)
    except UnitError:
        return False


def _fits(kind: LayerKind, raw: NDArray[np.float64], unit: str, scale: float, offset: float) -> bool:
    """Whether nearly all values are usual ones of the layer, read so."""
    factor, shift = linear(unit, kind.unit)
    low, high = np.percentile((raw * scale + offset) * factor + shift, [2, 98])
    return bool(kind.usual_low <= low and high <= kind.usual_high)


def _fills(
    header: Header, values: NDArray[Any], product: Product | None, *, is_said: bool
) -> tuple[dict[str, Key], tuple[Doubt, ...]]:
    """Numbers that mean missing and that the file does not declare: those of the product, where it is not written that
    the file is of it, and well-known ones that stand apart from all other values.
    """
    known = set(product.missing_in(header.dtype)) if product else set()
    numbers = values.astype(np.float64)
    held = set(np.unique(numbers[np.isfinite(numbers)]).tolist()) - set(header.nodata)
    others = _present(header, values)
    low, high = (others.min(), others.max()) if others.size else (np.inf, -np.inf)
    margin = GAP * (high - low)
    apart = {fill for fill in FILLS if not low - margin <= fill <= high + margin}
    codes = sorted(held & (apart - known if is_said else known | apart))
    if not codes:
        return {}, ()
    others_too = {*header.nodata, *(known if is_said else ())}
    value: Key = codes[0] if len(codes) == 1 and not others_too else sorted({*codes, *others_too})
    return {"nodata": value}, () if set(codes) <= known else (Doubt("nodata", say("survey.fills", codes=codes)),)


_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_YEAR_AND_DAY = re.compile(r"\.A((?:19|20)\d\d)\d{3}\.")


def _year_in(path: Path) -> int | None:
    """The only year that a file's name has, also with the day of the year behind it, as MODIS has it (A2020001)."""
    years = set(_YEAR.findall(path.stem)) or set(_YEAR_AND_DAY.findall(path.stem))
    return int(years.pop()) if len(years) == 1 else None


# land cover -----------------------------------------------------------------------------------------------------------


def _land_cover(
    path: Path,
    header: Header,
    values: NDArray[Any],
    product: Product | None,
    keys: dict[str, Key],
    reasons: Sequence[Text],
) -> Guess:
    present = _present(header, values)
    codes = {int(code) for code in np.unique(present)} if np.all(present == np.round(present)) else set()
    if not codes or len(codes) > MOST_CLASSES:
        return Guess(path, "unknown", reasons=(say("survey.no_classes"),))
    year = _year_in(path)
    doubts: list[Doubt] = []
    scheme = product.scheme if product else ""
    if not scheme:
        fitting = _schemes_with(codes)
        named = [name for name in fitting if name.replace("-", "") in re.sub(r"[^a-z0-9]", "", path.stem.lower())]
        scheme = (named or fitting or [CUSTOM])[0]
        if not named:
            doubts.append(Doubt("scheme", say("survey.scheme", schemes=fitting or [CUSTOM])))
    elif unknown := codes - set(load_scheme(scheme).by_number()) - set(load_scheme(scheme).no_data):
        question = say("survey.codes_beyond", scheme=scheme, codes=sorted(unknown))
        doubts.append(Doubt("scheme", question))
    of_product = product is not None and scheme == product.scheme and not doubts
    legend: dict[str, Key] = {"product": product.id} if product and of_product else {"scheme": scheme}
    written: dict[str, Key] = {**keys, **legend, **({"year": year} if year else {})}
    return Guess(path, "land_cover", "land_cover", written, tuple(reasons), tuple(doubts), tuple(sorted(codes)))


def _schemes_with(codes: set[int]) -> list[str]:
    """The schemes that know every code, those with the fewest other codes first."""
    schemes = [load_scheme(name) for name in scheme_ids() if name != CUSTOM]
    fitting = [scheme for scheme in schemes if codes <= {*scheme.by_number(), *scheme.no_data}]
    return [scheme.id for scheme in sorted(fitting, key=lambda scheme: len(scheme.classes))]
