"""What tables call items, products, services, measures and zones, in Chinese and English, and what that means.

The names stand in the shipped data: labels of `items.csv` and `labels.csv`, further names in `item_names.csv`, words in
`table_words.csv`. A name that means two things has both as candidates; who asks must refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple

from gep.core.catalog import label
from gep.core.data import data_rows, renewed
from gep.core.errors import UnitError, did_you_mean
from gep.core.keys import CITY
from gep.core.messages import Text
from gep.core.table_words import folded, ids_of, plain, table_words
from gep.core.units import parse
from gep.inputs.items import (
    COSTS,
    EXTERNAL,
    item_label,
    item_measures,
    item_unit,
    item_units,
    items_with_parts,
    product_services,
    product_unit,
)

MEASURES = ("quantity", "price", "value")

Total = Literal["", "whole", "sum", "subtotal"]
TOTALS: tuple[Total, ...] = ("whole", "sum", "subtotal")

ZoneNames = Mapping[str, str | Sequence[str]]
"""What zones are called, by code: one name, or those in several languages."""


class Name(NamedTuple):
    """An item, and the measure that its name says, as `粮食产量` does; empty where it says none."""

    item: str
    measure: str = ""


# items ----------------------------------------------------------------------------------------------------------------


@renewed
@cache
def _names() -> Mapping[str, tuple[Name, ...]]:
    """What every known name of an item may mean."""
    found: dict[str, dict[Name, None]] = {}

    def add(text: str, name: Name) -> None:
        if text:
            found.setdefault(folded(text), {})[name] = None

    for _, row in data_rows("items.csv"):
        for text in (row["item"], row["label_zh"], row["label_en"]):
            add(text, Name(row["item"]))
    services = product_services()
    labels = {row["id"]: (row["zh"], row["en"]) for _, row in data_rows("labels.csv")}
    for service in services:
        for text in (service, *labels[service]):
            add(text, Name(service))
    for _, row in data_rows("item_names.csv"):
        for text in labels.get(row["item"].partition("/")[2], ()):
            add(text, Name(row["item"]))
        for text in row["names"].split("|"):
            said = "" if item_unit(row["item"]) else _tail(folded(text))[1]
            add(text, Name(row["item"], row["measure"] or said))
    return {text: tuple(names) for text, names in found.items()}


@renewed
@cache
def _ids() -> frozenset[str]:
    return frozenset(name.item for names in _names().values() for name in names)


@renewed
@cache
def _products() -> Mapping[str, frozenset[str]]:
    """The ids that every name of a product has, by service: `crop_products/小麦` has `wheat`."""
    found: dict[str, set[str]] = {}
    for text, names in _names().items():
        for name in names:
            service, _, product = name.item.partition("/")
            if product:
                found.setdefault(f"{service}/{text}", set()).add(product)
    return {text: frozenset(products) for text, products in found.items()}


@renewed
@cache
def listed_products() -> frozenset[str]:
    """The products that have a name in the shipped data, with their service."""
    return frozenset(name.item for names in _names().values() for name in names if "/" in name.item)


@renewed
@cache
def _tails() -> tuple[tuple[str, str], ...]:
    """The words of measures that a name may end in, the longest first, with the measure of each."""
    words = [(word, measure) for measure, words in table_words("measure").items() for word in words]
    return tuple(sorted(words, key=lambda pair: -len(pair[0])))


def _tail(name: str) -> tuple[str, str]:
    """A name without the measure that it ends in, and that measure; both as they are where it ends in none."""
    for word, measure in _tails():
        if name.endswith(word) and name != word:
            rest = name.removesuffix(word)
            if rest.endswith(" ") or not word.isascii():
                return rest.strip(), measure
    return name, ""


def named_items(text: str) -> tuple[Name, ...]:
    """What a name of an item may mean: none where it is unknown, several where it is ambiguous.

    `crop_products/wheat` is itself, `crop_products/小麦`, `农业产品/小麦` and `小麦产量` are the same by other names. A
    product that no list has keeps its name behind that of its service.
    """
    name = plain(text)
    base, slash, part = name.partition("/")
    if (base in item_units() or base in product_services()) and text == text.strip():
        return (_of_id(text),)
    if known := _names().get(folded(name)):
        return known
    shorter, measure = _tail(folded(name))
    if measure and (known := _names().get(shorter)):
        return tuple(Name(found.item, measure) for found in known if found.measure in ("", measure))
    if not slash or is_unit(part):
        return ()
    whole = [found.item for found in _names().get(folded(base), ()) if not found.measure and _has_parts(found.item)]
    return tuple(Name(f"{item}/{_part(item, part)}") for item in whole)


def _of_id(text: str) -> Name:
    """An item by its id, with its part by the id that it has: `crop_products/小麦产量` is an amount of `/wheat`."""
    base, slash, part = text.partition("/")
    if slash and base in COSTS:
        return Name(f"{base}/{_of_id(part).item}")
    if not slash or not _has_parts(base) or text in _ids():
        return Name(text)
    found = _part(base, part)
    if found == part and base in product_services():
        shorter, measure = _tail(folded(part))
        if measure and (known := _part(base, shorter)) != shorter:
            return Name(f"{base}/{known}", measure)
    return Name(f"{base}/{found}")


def _has_parts(item: str) -> bool:
    return item in product_services() or item in COSTS or item in items_with_parts()


def _part(item: str, part: str) -> str:
    """The part of an item by its id: a product, of costs the service and its product."""
    if item in COSTS or item == EXTERNAL:
        service, slash, product = part.partition("/")
        names = [name.item for name in _names().get(folded(service), ()) if "/" not in name.item]
        service = names[0] if len(names) == 1 else _service(service)
        return f"{service}{slash}{_part(service, product) if slash else ''}"
    ids = _products().get(f"{item}/{folded(part)}", frozenset())
    return next(iter(ids)) if len(ids) == 1 else part


@renewed
@cache
def _services() -> Mapping[str, str]:
    rows = [row for _, row in data_rows("labels.csv") if row["kind"] == "service"]
    return {folded(text): row["id"] for row in rows for text in (row["zh"], row["en"])}


def _service(text: str) -> str:
    return _services().get(folded(text), text)


def like_items(text: str) -> Text:
    """A hint with names of items that are spelled like one, in its language."""
    return did_you_mean(folded(text), [name for name in _names() if name.isascii() == text.isascii()])


def shown_item(item: str) -> Text:
    """An item as a message says it, in the words that tables may use: its id, in Chinese `农业产品/小麦`."""
    base, *parts = item.split("/")
    names = [item_label(base).zh if base in item_units() else label(base, "zh"), *(label(each, "zh") for each in parts)]
    return Text(item, "/".join(names))


# measures -------------------------------------------------------------------------------------------------------------


def measure_of(text: str) -> str:
    """The measure that a word means; the word itself where it means none."""
    found = ids_of("measure", text)
    return text if text in MEASURES or len(found) != 1 else found[0]


def implied_measure(item: str, unit: str) -> str:
    """The measure of a figure that no word says: that of its item, or by the unit of a product; empty where neither
    tells.
    """
    if item_unit(item):
        return item_measures(item)[0]
    base = item.partition("/")[0]
    if base not in product_services() or not unit:
        return ""
    fitting = []
    for measure in MEASURES:
        try:
            product_unit(base, measure, unit)
        except UnitError:
            continue
        fitting.append(measure)
    return fitting[0] if len(fitting) == 1 else ""


def is_unit(text: str) -> bool:
    """Whether a text is a unit that is understood."""
    try:
        parse(unit_text(text))
    except UnitError:
        return False
    return True


def unit_text(text: str) -> str:
    """A unit as the registry reads it: `万头(只)` counts one kind of thing by two words of the same size."""
    tidy = plain(text)
    if pair := re.fullmatch(r"(.+?)\(([^()]+)\)", tidy):
        multiple = re.match("[百千万亿]*", pair[1])
        other = f"{multiple[0] if multiple else ''}{pair[2]}"
        try:
            if parse(pair[1]) == parse(other):
                return pair[1]
        except UnitError:
            return tidy
    return tidy


def same_unit(one: str, other: str) -> bool:
    """Whether two texts mean the same unit."""
    try:
        return bool(parse(unit_text(one)) == parse(unit_text(other)))
    except UnitError:
        return one == other


def shown_zone(zone: str) -> Text:
    """A zone as a message says it: its code, and `_city` in Chinese in the word that tables may use."""
    return Text(zone, table_words("total")["whole"][0] if zone == CITY else zone)


# zones ----------------------------------------------------------------------------------------------------------------

_KINDS_OF_ZONES = re.compile(r"(自治县|自治旗|特区|林区|新区|市辖区|区|县|市|旗)$")


@dataclass(frozen=True)
class Zones:
    """The names of the zones of a study, and what the whole area is called."""

    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    area: frozenset[str] = frozenset()

    @classmethod
    def of(cls, zones: ZoneNames, area: Iterable[str] = ()) -> Zones:
        """From names by code. A name in short (`莲都` for `莲都区`) counts where no zone has it in full."""
        full: dict[str, set[str]] = {}
        short: dict[str, set[str]] = {}
        for code, names in zones.items():
            for name in {names} if isinstance(names, str) else set(names):
                if text := folded(name):
                    full.setdefault(text, set()).add(code)
                    stem = _KINDS_OF_ZONES.sub("", text)
                    if stem != text and len(stem) > 1:
                        short.setdefault(stem, set()).add(code)
        known = {**short, **full, **{folded(code): {code} for code in zones}, CITY: {CITY}}
        return cls(
            {name: frozenset(codes) for name, codes in known.items()}, frozenset(map(folded, filter(None, area)))
        )

    def named(self, text: str) -> frozenset[str]:
        """The codes of the zones that a text may mean."""
        return self.codes.get(text) or self.codes.get(folded(text), frozenset())

    def total(self, text: str) -> Total:
        """Which total a text names that is no zone: that of the `whole` area (`全市`, the name of the study), a `sum`
        of whatever stands beside it (`合计`), a `subtotal` (`小计`); empty for another text.
        """
        name = folded(text)
        if self.named(name):
            return ""
        return "whole" if name in self.area else next((kind for kind in TOTALS if kind in ids_of("total", name)), "")

    def is_whole(self, text: str) -> bool:
        """Whether a text in a column of zones names the sum of all of them."""
        return self.total(text) in ("whole", "sum")
