"""Layers that are given for one another: told by the names that files, variables and bands bear, and by their units.

Two paths that were exchanged are told on both layers, in place of what comes of it for each alone. A name alone may be
an old one, or that of a stand-in: it is asked after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import rasterio

from gep.core.catalog import layer_kinds
from gep.core.data import renewed
from gep.core.errors import Problem, UnitError, problem, waived
from gep.core.messages import Text, say
from gep.core.units import same_dimension
from gep.inputs.grids.bands import AXIS_OF
from gep.inputs.grids.files import READ_ERRORS, array_engine, gdal
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.places import Place
from gep.inputs.products import family_of, layer_words

ADVICE = ("F02", "U01", "U02", "U05")
"""Codes that a layer in the place of another gets: of its unit, of its bands."""


def check_names(layers: Mapping[str, LayerSpec]) -> Iterator[Problem]:
    """Layers whose files bear the name of another: both of two that are exchanged, and one that bears it exactly."""
    names = {layer: _name_of(spec) for layer, spec in layers.items()}
    told = set()
    for one, other in combinations(layers, 2):
        if _is_called(names[one], other, one) and _is_called(names[other], one, other):
            told |= {one, other}
            for layer, file in ((one, other), (other, one)):
                about: dict[str, Any] = {"layer": layer, "other": file, "name": names[layer]}
                yield problem("inputs.U12.exchanged", layer, place=layers[layer].place, **about)
    for layer, name in names.items():
        other = family_of(_plain(name))
        if layer not in told and other in layer_kinds() and _is_called(name, other, layer):
            named: dict[str, Any] = {"layer": layer, "other": other, "name": name}
            yield problem("inputs.U12.named", layer, place=layers[layer].place, **named)


def of_exchanged_paths(problems: Sequence[Problem], waivers: Mapping[str, Sequence[str]]) -> list[Problem]:
    """The problems, with the advice to exchange two paths where units say that: no unit is to be written. What comes of
    paths that names tell to be exchanged is left out, unless somebody answers for the names: it goes with its cause.
    """
    errors = [found for found in waived(problems, waivers) if found.severity == "error"]
    named = {found.subject for found in errors if found.key == "inputs.U12.exchanged"}
    left = [found for found in problems if not (found.code in ADVICE and found.subject in named)]
    swapped: dict[str, Text] = {}
    of_unit = [found for found in left if found.code in ("U01", "U02") and _units_of(found.subject)]
    for one, other in combinations(of_unit, 2):
        if "U02" in (one.code, other.code) and _fits(one, other.subject) and _fits(other, one.subject):
            for found, about in ((one, other), (other, one)):
                swapped.setdefault(found.subject, say("inputs.swapped_paths", other=about.subject))
    return [
        replace(found, do=swapped[found.subject]) if found.code in ADVICE and found.subject in swapped else found
        for found in left
    ]


def _fits(found: Problem, layer: str) -> bool:
    """Whether the unit of a file is one of another layer, along whatever axis; one without a unit may be of any."""
    try:
        return found.code == "U01" or any(same_dimension(found.found, unit) for unit in _units_of(layer))
    except UnitError:
        return False


def _units_of(layer: str) -> list[str]:
    """The units of a layer, of the year and along each axis; none of what is no layer."""
    kinds = layer_kinds()
    return [kinds[name].unit for name in (layer, *(f"{word}_{layer}" for word in AXIS_OF)) if name in kinds]


def _name_of(spec: LayerSpec) -> str:
    """What a file calls its values: by the variable that is taken of it, by its band, else by the file. Arrays bear the
    name of what they were made from.
    """
    if not isinstance(spec.data, Place):
        return ""
    label = _label_of(spec.data, spec.band) if isinstance(spec.data, Path) else ""
    return spec.variable or label or spec.data.stem


def _label_of(path: Path, band: int | None) -> str:
    """The description of a band of a raster file, where it has one; of several, of the one that is named."""
    if not path.is_file() or array_engine(path):
        return ""
    try:
        with gdal(), rasterio.open(path) as file:
            which = band or (1 if file.count == 1 else 0)
            return (file.descriptions[which - 1] or "") if 0 < which <= file.count else ""
    except READ_ERRORS:
        return ""


def _is_called(name: str, other: str, layer: str) -> bool:
    """Whether a name is one of another layer, and none of the layer that it is given for."""
    called = _called(name)
    return family_of(other) in called and family_of(layer) not in called


@renewed
@lru_cache(maxsize=1024)
def _called(name: str) -> frozenset[str]:
    """The families of layers that a name is one of."""
    family = family_of(_plain(name))
    if family in {family_of(known) for known in layer_kinds()}:
        return frozenset({family})
    return frozenset(words.layer for words in layer_words() if words.pattern.search(name.replace("_", " ")))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
