"""Two more years of the synthetic sample city, in which what changes is known: land, rain, a price, a data product. The
changes are those of `sample_city/years.toml`; everything else stays as it was, invented as it is.

Of the first year nothing changes: its account is that of the sample city.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from scipy import ndimage

from gep.core.catalog import layer_kinds, named
from gep.core.data import read_toml
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.standards.classes import land_classes
from gep.standards.schemes import load_scheme
from gep.study.sample.city import SEED, TEXT_FOLDER, opened, project_text, write_sample_city
from gep.study.sample.landscape import CELL

if TYPE_CHECKING:
    from gep.study.study import Study

FIRST = 2020
_INSIDE = 0.1
"""Part of the land cover along each side in which no land changes: what changes lies in the counties as a whole."""

_YEARLY = {"land_cover": ".tif", "climate": ".nc", "net_primary_production": ".tif"}
"""The files that there are of each year."""


@dataclass(frozen=True)
class LandChange:
    """Cells of a class that became another."""

    before: int
    after: int
    cells: int

    @property
    def area(self) -> float:
        """In square metres of the map, which are hardly larger than those on the ground."""
        return self.cells * CELL**2


@dataclass(frozen=True)
class Change:
    """What is different in a year: land since the year before, rain as a part of that of the first year, prices as a
    multiple of the year before, a layer that another product gives.
    """

    year: int
    rain: float
    land: tuple[LandChange, ...]
    prices: Mapping[str, float]
    coarser: str | None

    @property
    def said(self) -> Iterator[Text]:
        """In words."""
        classes = _classes()
        for part in self.land:
            before, after = (classes[code] for code in (part.before, part.after))
            area = part.area / linear("km^2", "m^2")[0]
            yield say("sample.changed.land", year=self.year, area=area, before=before, after=after)
        yield say("sample.changed.rain", year=self.year, share=self.rain - 1, first=FIRST)
        for item, times in self.prices.items():
            yield say("sample.changed.price", year=self.year, item=_lower(named(item.rpartition("/")[2])), times=times)
        if self.coarser:
            kind = layer_kinds()[self.coarser]
            yield say("sample.changed.product", year=self.year, layer=Text(kind.label_en, kind.label_zh))


@cache
def changes() -> tuple[Change, ...]:
    """The later years, in order."""
    return tuple(
        Change(
            year["year"],
            year["rain"],
            tuple(LandChange(part["from"], part["to"], part["cells"]) for part in year.get("land", ())),
            year.get("prices", {}),
            year.get("coarser"),
        )
        for year in read_toml(TEXT_FOLDER / "years.toml")["years"]
    )


@cache
def _classes() -> Mapping[int, Text]:
    """What the codes of the land cover are called."""
    own, known = read_toml(TEXT_FOLDER / "gep.toml")["land_cover"]["map"], land_classes()
    numbers = load_scheme("hj-1166", own).by_number()
    return {code: _lower(Text(known[of].label_en, known[of].label_zh)) for code, of in numbers.items() if of in known}


def _lower(name: Text) -> Text:
    """A name within a sentence."""
    return Text(name.lower(), name.zh)


def write_sample_years(folder: Path, seed: int = SEED, profile: str = "ndrc-2022", language: str = "en") -> Path:
    """Write the project of the sample city for three years into a folder; the path of its `gep.toml`."""
    write_sample_city(folder, seed, profile, language)
    for name, ending in _YEARLY.items():
        (folder / f"{name}{ending}").replace(_of(folder, name, FIRST))
    before = FIRST
    for change in changes():
        _write_cover(_of(folder, "land_cover", before), _of(folder, "land_cover", change.year), change.land)
        _write_rain(_of(folder, "climate", FIRST), _of(folder, "climate", change.year), change)
        for name in ("net_primary_production",):
            _write_layer(_of(folder, name, FIRST), _of(folder, name, change.year), is_coarser=name == change.coarser)
        before = change.year
    texts = {
        "statistics.csv": _statistics((folder / "statistics.csv").read_text(encoding="utf-8")),
        "gep.toml": project_text(profile, language, _of_years),
        "README.txt": _readme(folder, language),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "gep.toml"


def open_sample_years(folder: str | Path | None = None, seed: int = SEED) -> Study:
    """The sample city in three years with known changes, as a study of several years: synthetic as it is.

    >>> accounts = gep.open_sample_years().accounts()                               # doctest: +SKIP

    Args:
        folder: where its files are written; if not given, to a folder that goes when Python ends.
        seed: of what its landscape is drawn from; the same seed is the same city.
    """
    return opened(write_sample_years, folder, seed)


def _of(folder: Path, name: str, year: int) -> Path:
    return folder / f"{name}_{year}{_YEARLY[name]}"


# texts ----------------------------------------------------------------------------------------------------------------

_FILE = re.compile(rf'path = "({"|".join(_YEARLY)})\.')


def _of_years(text: str) -> str:
    """The project file for several years: files of a year say it in their name, all others hold for all years."""
    years = [FIRST, *(change.year for change in changes())]
    sections = re.split(r"(?m)^(?=\[)", text)
    found = []
    for section in sections:
        told = re.sub(r"(?m)^(price_)?year = .*\n", "", section)
        if section.startswith("[study]"):
            told = f"{told}[years] {'#: years':>41}\nlist = {years}\n\n"
        elif _FILE.search(section):
            told = _FILE.sub(r'path = "\1_{year}.', told)
        else:
            told = re.sub(r"(?m)^year = \d+", f'period = "{years[0]}-{years[-1]}"', section)
        found.append(told)
    return f"{''.join(found).rstrip()}\n\n{(TEXT_FOLDER / 'extent.toml').read_text(encoding='utf-8')}"


def _statistics(text: str) -> str:
    """The rows of the first year once more for each later one, with the prices that changed."""
    rows = list(csv.DictReader(io.StringIO(text)))
    for zone, area in read_toml(TEXT_FOLDER / "years.toml")["official_area"].items():
        about = {"zone": zone, "item": "land_area", "measure": "quantity", "value": area, "unit": "km^2"}
        rows.append({**about, "year": FIRST, "price_year": "", "source": rows[0]["source"]})
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    times: dict[str, float] = {}
    for change in changes():
        times = {**times, **{item: times.get(item, 1) * more for item, more in change.prices.items()}}
        for row in rows:
            own = {"year": change.year, "price_year": change.year if row["price_year"] else ""}
            if row["measure"] == "price" and row["item"] in times:
                own["value"] = f"{float(row['value']) * times[row['item']]:g}"
            writer.writerow({**row, **own})
    return out.getvalue()


def _readme(folder: Path, language: str) -> str:
    told = [f"    {sentence.to(language)}" for change in changes() for sentence in change.said]
    text = (folder / "README.txt").read_text(encoding="utf-8")
    return text + say("sample.readme_of_years", changes="\n".join(told)).to(language)


# rasters --------------------------------------------------------------------------------------------------------------


def _write_cover(before: Path, after: Path, changed: Sequence[LandChange]) -> None:
    with rasterio.open(before) as file:
        codes, profile = file.read(1), file.profile
        tags, descriptions = file.tags(), file.descriptions
    for change in changed:
        codes = changed_cover(codes, change)
    _write(after, codes, profile, tags, descriptions, {})


def changed_cover(codes: NDArray[Any], change: LandChange) -> NDArray[Any]:
    """Land cover with the cells changed that lie nearest to what they become, well inside the counties."""
    margin = [round(_INSIDE * side) for side in codes.shape]
    inside = np.zeros(codes.shape, bool)
    inside[margin[0] : -margin[0], margin[1] : -margin[1]] = True
    may = np.flatnonzero(inside & (codes == change.before))
    distance = ndimage.distance_transform_edt(codes != change.after).ravel()[may]
    chosen = may[np.argsort(distance, kind="stable")[: change.cells]]
    found = codes.copy()
    found.ravel()[chosen] = change.after
    return found


def _write_rain(before: Path, after: Path, change: Change) -> None:
    """The climate with more or less rain: the same stored numbers, on another scale."""
    with xr.open_dataset(before, engine="h5netcdf", decode_cf=False) as file:
        climate = file.load()
    climate["precipitation"].attrs["scale_factor"] *= change.rain
    climate["time"].attrs["units"] = f"days since {change.year}-01-01"
    packed = {"zlib": True, "complevel": 6, "shuffle": True}
    climate.to_netcdf(after, engine="h5netcdf", encoding={name: packed for name in climate.data_vars if name != "crs"})


def _write_layer(before: Path, after: Path, *, is_coarser: bool) -> None:
    """The same layer of another year; as another product has it the means of two by two of its cells."""
    with rasterio.open(before) as file:
        values, profile, tags, descriptions = file.read(1), file.profile, file.tags(), file.descriptions
        storage = {"scales": file.scales, "offsets": file.offsets, "units": file.units}
    if is_coarser:
        rows, cols = (side // 2 for side in values.shape)
        blocks = values[: 2 * rows, : 2 * cols].reshape(rows, 2, cols, 2)
        values = np.rint(blocks.mean(axis=(1, 3))).astype(values.dtype)
        profile |= {"height": rows, "width": cols, "transform": profile["transform"] @ profile["transform"].scale(2)}
    _write(after, values, profile, tags, descriptions, storage)


def _write(
    path: Path,
    values: NDArray[Any],
    profile: Mapping[str, Any],
    tags: Mapping[str, str],
    descriptions: Sequence[str | None],
    storage: Mapping[str, Any],
) -> None:
    with rasterio.open(path, "w", **{**profile, "predictor": 1 if values.dtype.itemsize == 1 else 2}) as file:
        file.write(values, 1)
        file.descriptions = descriptions
        for name, value in storage.items():
            setattr(file, name, value)
        file.update_tags(TITLE=tags["TITLE"], COMMENT=tags["COMMENT"])
