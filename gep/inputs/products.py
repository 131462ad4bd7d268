"""What is known of public data sets: how a file of one is recognised, and how its numbers are to be read.

A file is recognised by the name that its producer gives it, or by the name of its variable, and only where it is still
stored as the producer stores it: who has rewritten whole numbers as decimals may well have scaled them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gep.core.catalog import layer_kinds
from gep.core.data import data_folder, read_csv
from gep.core.errors import Problem, UnitError, problem
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.inputs.grids.arrays import name_in_group
from gep.inputs.grids.bands import AXIS_OF
from gep.inputs.grids.headers import Header
from gep.inputs.grids.layers import Layer
from gep.inputs.grids.places import Place

SAME = 0.01
"""Share by which two ways to read a number may differ and be the same: rounding of a scale."""


@dataclass(frozen=True)
class Product:
    """A variable of a public data set.

    `layer` is what it can be used for, empty where that is nothing; `stored_as` are the names that it has in files,
    `aka` those that people call the data set by. A stored number times `scale` plus `offset` is in `unit`; without a
    scale the attributes of each file say it. `codes` are ranges of stored numbers that mean no value, `valid` the range
    of the others. `times` is the id of what a value is of in time, `period` the years of a climatology, `scheme` the
    legend of a land-cover map, `traps` the ids of what is often overlooked. `recalled` names what of this nobody read
    in a document.
    """

    id: str
    aka: tuple[str, ...]
    title: Text
    variable: str
    stored_as: tuple[str, ...]
    layer: str
    file: re.Pattern[str] | None
    names: re.Pattern[str] | None
    dtype: str
    unit: str
    scale: float | None
    offset: float
    codes: tuple[tuple[float, float], ...]
    valid: tuple[float, float] | None
    times: str
    period: str
    scheme: str
    traps: tuple[str, ...]
    citation: str
    licence: str
    read_in: str
    status: str
    recalled: tuple[str, ...]

    @property
    def key(self) -> str:
        """What it is called where a project names it."""
        return f"{self.id}/{self.variable}".rstrip("/")

    @property
    def says(self) -> Text:
        """The product and its variable."""
        return Text(f"{self.title} {self.variable}".strip(), f"{self.title.zh} {self.variable}".strip())

    def is_of(self, stem: str, variable: str, dtype: np.dtype[Any]) -> bool:
        """Whether a file without its suffix, or a variable of it, stored so, is this one."""
        by_name = bool(self.names and variable and self.names.fullmatch(variable))
        by_file = bool(self.file and self.file.search(stem)) and (by_name or not (self.names and variable))
        return (by_name or by_file) and is_whole(dtype) == is_whole(self.dtype or dtype)

    def missing_in(self, dtype: np.dtype[Any]) -> tuple[float, ...]:
        """Every stored number of a type that means no value."""
        if not is_whole(dtype):
            return tuple(low for low, high in self.codes if low == high)
        held = np.iinfo(dtype)
        numbers = (float(n) for low, high in self.codes for n in range(math.ceil(low), math.floor(high) + 1))
        return tuple(number for number in numbers if held.min <= number <= held.max)


def is_whole(dtype: np.dtype[Any] | str) -> bool:
    """Whether cells of a type are whole numbers."""
    return np.dtype(dtype).kind in "iub"


@cache
def products() -> tuple[Product, ...]:
    """All that are known."""
    return tuple(_product(row) for _, row in read_csv(data_folder() / "products.csv"))


def _product(row: Mapping[str, str]) -> Product:
    def pattern(text: str) -> re.Pattern[str] | None:
        return re.compile(text, re.IGNORECASE) if text else None

    spans = [span.split(":") for span in row["nodata"].split()]
    has_range = row["valid_low"] and row["valid_high"]
    return Product(
        id=row["product"],
        aka=tuple(row["aka"].split()),
        title=Text(row["title"], row["title_zh"]),
        variable=row["variable"],
        stored_as=tuple(filter(None, (row["stored_as"] or row["names"] or row["variable"]).split("|"))),
        layer=row["layer"],
        file=pattern(row["file"]),
        names=pattern(row["names"]),
        dtype=row["dtype"],
        unit=row["unit"],
        scale=float(row["scale"]) if row["scale"] else None,
        offset=float(row["offset"] or 0),
        codes=tuple((float(span[0]), float(span[-1])) for span in spans),
        valid=(float(row["valid_low"]), float(row["valid_high"])) if has_range else None,
        times=row["times"],
        period=row["period"],
        scheme=row["scheme"],
        traps=tuple(row["traps"].split()),
        citation=row["citation"],
        licence=row["licence"],
        read_in=row["read_in"],
        status=row["status"],
        recalled=tuple(row["recalled"].split()),
    )


def products_called(name: str) -> list[Product]:
    """The variables of the data set that people call so (`era5-land`), or the one that is named behind it
    (`era5-land/tp`).
    """
    data_set, _, variable = name.strip().lower().partition("/")
    found = [product for product in products() if data_set in (product.id, *product.aka)]
    named = [p for p in found if variable in (p.variable.lower(), *(stored.lower() for stored in p.stored_as))]
    return named if variable else found


def product_names() -> list[str]:
    """Every name that a data set has."""
    return sorted({name for product in products() for name in (product.id, *product.aka)})


@dataclass(frozen=True)
class Words:
    """The words that a layer is called by in names of files, and the units that it is given in."""

    layer: str
    pattern: re.Pattern[str]
    units: tuple[str, ...]


@cache
def layer_words() -> tuple[Words, ...]:
    """The words of every layer that files are searched for."""
    return tuple(
        Words(row["layer"], re.compile(row["words"], re.IGNORECASE), tuple(row["units"].split()))
        for _, row in read_csv(data_folder() / "layer_words.csv")
    )


def product_of(path: Place | None, header: Header, label: str = "") -> Product | None:
    """The product that a file is, by its name, its variable (or the `label` of its band) and how it is stored."""
    stem, variable = (path.stem if path else ""), header.variable or label
    return next((product for product in products() if product.is_of(stem, variable, header.dtype)), None)


def check_product(layer: Layer, said: Product | None = None, scheme: str = "") -> Iterator[Problem]:
    """Whether a layer that is of a known product, by what its file shows or by what is `said`, is read as the product
    has to be: what it is of, scale and unit; of land cover, the `scheme` of its codes.
    """
    data = layer.spec.data
    seen = product_of(data if isinstance(data, Place) else None, layer.header)
    if said and seen and name_in_group(layer.header.variable) in said.stored_as:
        seen = said  # several data sets call a variable so
    product = said or seen
    if product is None:
        return
    about: dict[str, Any] = {"product": product.says, "citation": product.citation}
    if said and seen and seen.id != said.id:
        yield problem("products.U11.another_product", layer.name, place=layer.place, seen=seen.says, **about)
    elif family_of(layer.name) != family_of((seen or product).layer):
        shown = seen or product
        yield problem(
            "products.U11.of_another" if shown.layer else "products.U11.of_nothing",
            layer.name,
            place=layer.place,
            layer=layer.name,
            other=shown.layer,
            trap=_trap(shown),
            product=shown.says,
            citation=shown.citation,
        )
    elif layer.name == "land_cover":
        if product.scheme and scheme not in (product.scheme, "custom"):
            allowed = f'scheme = "{product.scheme}"'
            yield problem("products.L10.legend", layer.name, place=layer.place, found=scheme, allowed=allowed, **about)
    elif not said:
        yield from _check_reading(layer, product, about)


def _check_reading(layer: Layer, product: Product, about: Mapping[str, Any]) -> Iterator[Problem]:
    if product.scale is None:
        return
    try:
        factor, shift = linear(product.unit, layer.unit)
    except UnitError:
        given = layer.spec.units or layer.header.unit or ""
        trap = _trap(product)
        yield problem(
            "products.U10.unit", layer.name, place=layer.place, found=given, allowed=product.unit, do=trap, **about
        )
        return
    scale, offset = product.scale * factor, product.offset * factor + shift
    low, high = product.valid or (0.0, 1.0)
    width = abs(scale) * (high - low)
    if any(abs((layer.scale - scale) * raw + layer.offset - offset) > SAME * width for raw in (low, high)):
        yield problem(
            "products.U10.scale",
            layer.name,
            place=layer.place,
            found=_reading(layer.scale, layer.offset, layer.unit),
            allowed=_reading(scale, offset, layer.unit),
            layer=layer.name,
            scale=product.scale,
            offset=product.offset,
            unit=product.unit,
            **about,
        )


def _reading(scale: float, offset: float, unit: str) -> str:
    shift = f" {'+' if offset > 0 else '-'} {abs(offset):g}" if offset else ""
    return f"{scale:g} × DN{shift} {'' if unit == '1' else unit}".rstrip()


def _trap(product: Product) -> str:
    return say(f"products.trap.{product.traps[0]}") if product.traps else ""


def family_of(layer: str) -> str:
    """What a layer is of, whatever it is along."""
    first, _, rest = layer.partition("_")
    known = layer_kinds()
    return rest if first in AXIS_OF and (rest in known or layer in known) else layer
