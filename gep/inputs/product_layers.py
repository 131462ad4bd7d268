"""A layer that is said to be of a public data set (`product = "era5-land"`): everything that is known of its variable
takes the place of what a project would have to say: variable, unit, scale, codes for missing, period.

What is said beside it must agree with it. What the file shows must agree too: a variable that is not there, whole
numbers where decimals are stored, days where months are, stop the work, for then it is not that file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gep.core.errors import BROKEN_FILE, GepError, InputError, Problem, UnitError, did_you_mean, problem
from gep.core.messages import Text, listed, say
from gep.core.units import linear
from gep.inputs.grids.arrays import name_in_group, planes_of_file
from gep.inputs.grids.bands import AXIS_OF, Axis, Pick, axis_words
from gep.inputs.grids.files import array_engine
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Header
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.places import Place
from gep.inputs.grids.sources import read_header
from gep.inputs.products import Product, family_of, is_whole, product_names, products_called

BEST = "best_of_period"
"""What a value is of in time where periods may be of any length: those of one product are months or composites."""


def layer_of_product(spec: LayerSpec) -> LayerSpec:
    """The layer with all that is known of its product, which is then named with its variable (`era5-land-monthly/tp`).

    Raises InputError with everything that is wrong: a product that is not known or holds nothing of the layer, a
    variable that is not in the file, what is said beside the product and contradicts it.
    """
    if not spec.product:
        return spec
    findings = Findings(spec.name, spec.place)
    product, variable = _chosen(spec, findings)
    if product is None:
        raise InputError(say("grids.refused", layer=spec.name), findings.problems)
    spec = replace(spec, product=product.key, variable=spec.variable or variable)
    may_have_axis = spec.name != "land_cover"
    pick = Pick(spec.band, spec.bands, spec.variable, may_have_axis=may_have_axis)
    header = read_header(spec.data, pick, Findings(spec.name, spec.place))
    if header is None:
        return spec  # what is wrong is said where it is opened
    told = _with_facts(spec, product, header, findings)
    if findings.errors:
        raise InputError(say("grids.refused", layer=spec.name), findings.problems)
    return told


def product_of_spec(spec: LayerSpec) -> Product | None:
    """What a layer is said to be of, once that is settled."""
    found = products_called(spec.product) if spec.product else []
    return next((product for product in found if product.key == spec.product), None)


def scheme_of_product(name: str) -> str:
    """The legend that a land-cover product brings along; nothing where it has none or is not known."""
    return next((product.scheme for product in products_called(name) if product.scheme), "")


def check_product_name(key: str, name: str) -> list[Problem]:
    """Error U13 for a product that is not known, by the key that names it."""
    if not name or products_called(name):
        return []
    return [problem("products.U13.no_such_product", key, name=name, hint=did_you_mean(name, product_names()))]


def recalled_facts(layer: Layer) -> list[Problem]:
    """Information U14: what of the product of a layer nobody read in a document, so that it is provisional."""
    product = product_of_spec(layer.spec)
    if product is None or not product.recalled:
        return []
    found = listed([say(f"products.fact.{name}") for name in product.recalled])
    return [problem("products.U14.recalled", layer.name, place=layer.place, found=found, product=product.says)]


# which variable -------------------------------------------------------------------------------------------------------


def _chosen(spec: LayerSpec, findings: Findings) -> tuple[Product | None, str | None]:
    """The variable of the product that a layer is, and its name in the file where the file has names."""
    named = products_called(spec.product)
    if not named:
        hint = did_you_mean(spec.product, product_names())
        findings.problem("products.U13.no_such_product", name=spec.product, hint=hint)
        return None, None
    of_layer = [product for product in named if product.layer and family_of(product.layer) == family_of(spec.name)]
    if not of_layer:
        holds = listed([_holds(product) for product in named])
        findings.problem("products.U13.not_of_layer", found=holds, product=named[0].title, layer=spec.name)
        return None, None
    there = _variables(spec)
    in_file = [product for product in of_layer if _names_in(product, there)]
    if there and not in_file:
        wanted = listed(dict.fromkeys(name for product in of_layer for name in product.stored_as))
        about: dict[str, Any] = {"product": of_layer[0].title, "layer": spec.name}
        findings.problem("products.U13.no_variable", found=listed(there), allowed=wanted, **about)
        return None, None
    left = in_file or of_layer
    for narrowed in (_by_file, _by_axis):
        left = (narrowed(left, spec) if len(left) > 1 else []) or left
    if len(left) > 1:
        findings.problem("products.U13.several", allowed=listed([f'product = "{product.key}"' for product in left]))
        return None, None
    (product,) = left
    names = _names_in(product, there)
    return product, names[0] if len(names) == 1 else None


def _holds(product: Product) -> Text:
    """A variable and the layer that it is, or why it is none."""
    name = product.variable or product.id
    if product.layer:
        return say("products.holds", variable=name, layer=product.layer)
    return say("products.holds_nothing", variable=name, why=say(f"products.trap.{product.traps[0]}"))


def _variables(spec: LayerSpec) -> list[str]:
    """The variables that a file or an array has; none of a raster, whose bands have no names to rely on."""
    data = spec.data
    if not isinstance(data, Place):
        return [str(data.name)] if data.name else []
    if not isinstance(data, Path):
        return []
    engine = array_engine(data) if data.exists() else None
    if spec.variable or engine is None:
        return [spec.variable] if spec.variable and engine else []
    try:
        return planes_of_file(data, engine)
    except (GepError, *BROKEN_FILE):
        return []  # said where it is opened


def _names_in(product: Product, there: Iterable[str]) -> list[str]:
    return [name for name in there if name_in_group(name) in product.stored_as]


def _by_file(candidates: Sequence[Product], spec: LayerSpec) -> list[Product]:
    """Those whose files are called like this one."""
    stem = spec.data.stem if isinstance(spec.data, Place) else ""
    return [product for product in candidates if product.file and product.file.search(stem)]


def _by_axis(candidates: Sequence[Product], spec: LayerSpec) -> list[Product]:
    """Those that have along them what the name of the layer says, or its bands do."""
    named = AXIS_OF.get(spec.name.partition("_")[0])
    header = None if named else read_header(spec.data, Pick(bands=spec.bands), Findings(spec.name, spec.place))
    axis = named or (header.axis if header else None)
    return [product for product in candidates if _axis_of(product) == axis]


def _axis_of(product: Product) -> Axis | None:
    """What its values are along, where it is not of a year or of none."""
    return AXIS_OF.get(product.layer.partition("_")[0])


# what is known of it --------------------------------------------------------------------------------------------------


def _with_facts(spec: LayerSpec, product: Product, header: Header, findings: Findings) -> LayerSpec:
    """The layer with unit, scale, offset, codes and period of its product; what contradicts them is found."""
    _check_axis(product, header, findings)
    told: dict[str, Any] = {"nodata": _nodata(spec, product, header, findings), "period": spec.period}
    if product.period:
        told["period"] = spec.period or product.period
        if spec.year is not None:
            _contradicted("year", spec.year, product.period, product, findings)
    if product.layer == "land_cover":
        return replace(spec, **told)
    packing = _packing(spec, product, header, findings)
    if packing is not None:
        told["scale"], told["offset"] = packing
    told["units"] = product.unit
    return replace(spec, **told)


def _check_axis(product: Product, header: Header, findings: Findings) -> None:
    """Whether what stands along the bands is what the product has."""
    axis = header.axis
    if axis == _axis_of(product) or product.layer == "land_cover" or product.times == BEST:
        return
    found = say("products.along", count=len(header.pick), axis=axis_words(axis)) if axis else say("products.one_field")
    findings.problem(
        "products.U13.axis", found=found, product=product.says, times=say(f"products.times.{product.times}")
    )


def _packing(spec: LayerSpec, product: Product, header: Header, findings: Findings) -> tuple[float, float] | None:
    """From stored numbers to the unit of the product; None where what the file says of each field holds."""
    of_file = header.by_field or ((header.scale, header.offset),)
    is_packed = any(packing != (1.0, 0.0) for packing in of_file)
    about: dict[str, Any] = {"product": product.says, "dtype": header.dtype}
    if product.scale is None:
        if is_whole(header.dtype) and not is_packed and spec.scale is None:
            findings.problem("products.U13.not_packed", **about)
            return None
        _check_unit(spec, product, findings)
        return None if spec.scale is None else (spec.scale, spec.offset or 0.0)
    scale, offset = product.scale, product.offset
    if is_whole(product.dtype or header.dtype) != is_whole(header.dtype) and (scale, offset) != (1.0, 0.0):
        if is_whole(header.dtype) and not is_packed:
            findings.problem("products.U13.whole", **about)
        elif is_whole(product.dtype):
            findings.problem("products.U13.converted", **about)
    is_own_packing = is_packed and not is_whole(product.dtype or header.dtype) and is_whole(header.dtype)
    if is_own_packing and len(set(of_file)) == 1:
        scale, offset = scale * header.scale, scale * header.offset + offset
    _check_reading(spec, product, (scale, offset), findings)
    return scale, offset


def _check_unit(spec: LayerSpec, product: Product, findings: Findings) -> None:
    """Whether a unit that is said beside a product is its own by another name."""
    if spec.units is not None and _other_unit(product.unit, spec.units) != (1.0, 0.0):
        _contradicted("units", spec.units, product.unit, product, findings)


def _other_unit(unit: str, said: str) -> tuple[float, float] | None:
    try:
        return linear(unit, said)
    except UnitError:
        return None


def _check_reading(spec: LayerSpec, product: Product, packing: tuple[float, float], findings: Findings) -> None:
    """Whether scale, offset and unit that are said beside the product read the stored numbers as it does: alone, or
    together in another unit.
    """
    conversion = _other_unit(product.unit, spec.units) if spec.units is not None else (1.0, 0.0)
    if conversion is None:
        _contradicted("units", spec.units, product.unit, product, findings)
        return
    factor, shift = conversion
    there = {"scale": packing[0] * factor, "offset": packing[1] * factor + shift}
    said = {"scale": spec.scale, "offset": spec.offset}
    is_other_unit = conversion != (1.0, 0.0)
    for name, wanted in there.items():
        value = said[name]
        if value is None and is_other_unit and not math.isclose(wanted, packing[name == "offset"], abs_tol=1e-12):
            _contradicted("units", spec.units, product.unit, product, findings)
            return
        if value is not None and not math.isclose(value, wanted, rel_tol=1e-6, abs_tol=1e-12):
            _contradicted(name, value, f"{wanted:.10g}", product, findings)


def _nodata(
    spec: LayerSpec, product: Product, header: Header, findings: Findings
) -> float | str | Sequence[float] | None:
    """Every stored number that means missing: those of the product, of the file, and of the project."""
    known = product.missing_in(header.dtype)
    said: tuple[float, ...] = ()
    if spec.nodata is not None:
        values = [] if spec.nodata == "none" else spec.nodata
        said = tuple(map(float, [values] if isinstance(values, int | float | str) else values))
        low, high = product.valid or (math.inf, -math.inf)
        if (lacking := set(known) - set(said)) or any(low <= value <= high for value in said):
            shown = listed([f"{value:.10g}" for value in sorted(known)]) if lacking else product.says
            _contradicted("nodata", spec.nodata, shown, product, findings)
    codes = dict.fromkeys((*header.nodata, *known, *said))
    return list(codes) if codes and codes.keys() != set(header.nodata) else None


def _contradicted(name: str, said: object, known: str, product: Product, findings: Findings) -> None:
    about: dict[str, Any] = {"name": name, "product": product.says, "citation": product.citation}
    findings.problem("products.U13.contradicts", found=f"{name} = {said}", allowed=known, **about)
