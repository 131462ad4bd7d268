"""What a heading, the label of a row or the title of a table says of the figures that it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from gep.core.keys import CITY
from gep.core.table_words import folded, ids_of, plain, table_words, without_note
from gep.inputs.names import MEASURES, Total, Zones, is_unit, measure_of, named_items, unit_text

Address = Mapping[str, str]
"""What is known of a figure, by the columns of a table of statistics: zone, item, measure, unit, year, price_year."""

FIRST_YEAR, LAST_YEAR = 1900, 2100

_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+[、.]|\(?\d{1,2}[.、)](?!\d)|\([一二三四五六七八九十]+\))\s*")
_OF_WHICH = re.compile(r"^(?:#|其中[:：]?|of which:?)\s*", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年(?:度)?|^((?:19|20)\d\d)$|\b((?:19|20)\d\d)\b(?!\s*[-–—]\s*\d)")
_PRICES = re.compile(
    r"按(?P<at>(?:19|20)\d\d)年(?:不变|可比|固定)?价(?!值)格?(?:计算)?"
    r"|(?P<constant>(?:19|20)\d\d)年(?:(?:不变|可比|固定)价格?(?:计算)?|价格?计算)"
    r"|\b(?:at )?(?:constant )?(?P<english>(?:19|20)\d\d) prices\b"
)
"""Words of the year that prices are of; `2020年价格` is that in a bracket only, elsewhere the price of a year."""
_PRICES_ALONE = re.compile(rf"{_PRICES.pattern}|(?P<alone>(?:19|20)\d\d)年价格?")
_PRICES_IN_BRACKET = re.compile(r"\(((?:19|20)\d\d)年价格?\)")
_SPAN = re.compile(r"((?:19|20)\d\d)\s*年?\s*[-–—~～至到]\s*((?:19|20)\d\d)\s*年?(?:度)?")
_DATE = re.compile(r"(?:19|20)\d\d\s*(?:年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|([-./])\d{1,2}\1\d{1,2})")
_MEASURE_OF_CHANGE = re.compile(r"(?:率|幅度?|额|量|值|数|百分点|[%±\s])+$")
_BRACKET = re.compile(r"^(.*?)\s*[(\[]([^()\[\]]*(?:\([^()]*\))?[^()\[\]]*)[)\]]$")
_STATED_UNIT = re.compile(r"(?:计量)?单位\s*[:：]\s*([^\s;；]+)|\bunits?\s*:\s*([^;]+)$", re.IGNORECASE)
_TABLE_NUMBER = re.compile(
    r"^(?:(?:附?表|table)\s*[\d一二三四五六七八九十]+(?:[-.–—]\d+)*|\d{1,2}(?:[-.–—]\d{1,2})+)\s*[:：]?\s*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?[\d,，'’_\s]*\.?\d+(?:[eE][-+]?\d+)?%?")


def is_number(text: str) -> bool:
    """Whether a cell holds a number, however it is written, with the mark of a footnote or without."""
    return bool(_NUMBER.fullmatch(without_note(text))) and any(letter.isdigit() for letter in text)


def is_year(text: str) -> bool:
    """Whether a cell may be a year."""
    return text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR


def no_figure(text: str) -> str:
    """Which sign for no figure a cell is: `none` (`—`), `below` the smallest unit (`…`), or empty for another text."""
    found = ids_of("no_figure", text)
    return found[0] if found else ""


def is_figure(text: str) -> bool:
    """Whether a cell holds a figure or a sign that there is none."""
    return is_number(text) or bool(no_figure(text))


@dataclass(frozen=True)
class Said:
    """What a text says: the column that it heads, or parts of an address; that it is a total, a part of what stands
    before it, a figure made of others (a growth, a share), or to be left out.

    `several` are the meanings of a name that has more than one; `unknown` is the part that nothing knows.
    """

    column: str = ""
    address: Address = field(default_factory=dict)
    total: Total = ""
    is_part: bool = False
    is_derived: bool = False
    is_ignored: bool = False
    several: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def is_understood(self) -> bool:
        """Whether it says something, and nothing of it is unknown."""
        is_said = bool(self.address or self.total) or self.is_derived or self.is_part
        return is_said and not self.unknown and not self.several


@dataclass(frozen=True)
class Words:
    """The words that a table of a study may use."""

    zones: Zones
    ignored: frozenset[str] = frozenset()
    """Headings that the project says to leave out."""

    def said(self, text: str, *, is_heading: bool = False) -> Said:
        """What a cell that is no figure says."""
        key = (text, is_heading)
        if key not in self._known:
            self._known[key] = self._said(plain(text), is_heading)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, bool], Said]:
        return {}

    def _said(self, text: str, is_heading: bool) -> Said:
        if not text:
            return Said()
        if folded(text) in self.ignored:
            return Said(is_derived=True, is_ignored=True)
        if found := self._whole(text, is_heading):
            return found
        shorter = _NUMBERING.sub("", text)
        is_part = bool(_OF_WHICH.match(shorter))
        shorter = _OF_WHICH.sub("", shorter)
        if shorter != text and (shorter or is_part):
            found = self._said(shorter, is_heading)
            return replace(found, is_part=is_part or found.is_part)
        if found := self._total(text, is_heading):
            return found
        found = self._parts(text, is_heading)
        if not found.is_understood and (shorter := without_note(text)) != text:
            without = self._said(shorter, is_heading)
            found = without if without.is_understood or without.column else found
        return Said(is_derived=True) if not found.is_understood and is_derived(text) else found

    def _total(self, text: str, is_heading: bool) -> Said | None:
        """The meaning of a name with the word of a total at its end or, in English, before it: `农业总产值合计`."""
        for kind in ("sum", "subtotal"):
            for word in sorted(table_words("total")[kind], key=len, reverse=True):
                rest = folded(text).removeprefix(f"{word} ") if word.isascii() else text.removesuffix(word).strip()
                if rest in ("", text, folded(text)):
                    continue
                found = self._said(rest, is_heading)
                if found.total == "whole" and not found.address:
                    return found
                if found.is_understood and "item" in found.address and "zone" not in found.address:
                    return replace(found, total=kind)
        return None

    def _whole(self, text: str, is_heading: bool) -> Said | None:
        """The meaning of a text as it is, without taking it apart."""
        if is_heading and (columns := ids_of("column", text) or ((folded(text),) if folded(text) in _HEADS else ())):
            known = [column for column in columns if column in _COLUMNS]
            if known:
                return Said(known[0])
        zones = self.zones.named(text)
        items = named_items(text)
        if (total := self.zones.total(text)) and not items:
            return Said(total=total)
        if (len(zones) == 1 and not items) or text == CITY:
            return Said(address={"zone": next(iter(zones))})
        if len(items) == 1 and not zones:
            return Said(address={key: value for key, value in zip(("item", "measure"), items[0], strict=True) if value})
        if zones or items:
            return Said(several=(*sorted(zones), *(name.item for name in items)))
        if (measure := measure_of(text)) in MEASURES:
            return Said(address={"measure": measure})
        return Said(address={"year": text}) if is_year(text) else None

    def _parts(self, text: str, is_heading: bool) -> Said:
        """The meaning of a text with a year, a unit or a measure beside a name."""
        address: dict[str, str] = {}
        years = {_year_of(match) for match in _YEAR.finditer(text)}
        if price := _PRICES.fullmatch(text):
            return Said(address={"price_year": _year_of(price)})
        if len(years) == 1 and not _PRICES.search(text) and not _BRACKET.match(text):
            rest = _YEAR.sub("", text).strip(" ,，:：()末底")
            return self._with({"year": years.pop()}, rest, is_heading, text)
        if match := _STATED_UNIT.fullmatch(text):
            return Said(address={"unit": unit_text(match[1] or match[2])})
        if match := _BRACKET.match(text):
            rest, inside = match[1].strip(), match[2].strip()
            if ids_of("current_price", inside):
                return self._with({}, rest, is_heading, text)
            if is_derived(inside):
                return Said(is_derived=True)
            if price := _PRICES_ALONE.fullmatch(inside):
                return self._with({"price_year": _year_of(price)}, rest, is_heading, text)
            if is_year(inside.removesuffix("年")) and len(years) == 1:
                return self._with({"year": years.pop()}, rest, is_heading, text)
            return self._with({"unit": unit_text(_STATED_UNIT.sub(r"\1\2", inside))}, rest, is_heading, text)
        for sign in ("/", ",", "，", ":", "："):
            rest, found, unit = text.rpartition(sign)
            if found and rest and is_unit(unit) and self._said(rest.strip(), is_heading).is_understood:
                address["unit"] = unit_text(unit)
                return self._with(address, rest.strip(), is_heading, text)
        if is_unit(text):
            return Said(address={"unit": unit_text(text)})
        return Said(unknown=text)

    def _with(self, address: Address, rest: str, is_heading: bool, text: str) -> Said:
        """What the rest of a text says, with a part that was taken from it."""
        if not rest:
            return Said(address=address)
        found = self._said(rest, is_heading)
        if found.unknown or (found.column and found.column != "value") or set(address) & set(found.address):
            return Said(unknown=text)
        return replace(found, address={**found.address, **address})

    def is_name(self, text: str) -> bool:
        """Whether a number is the code of a zone, or a year."""
        return bool(self.zones.named(text)) or is_year(text)

    # titles -----------------------------------------------------------------------------------------------------------

    def title(self, text: str) -> Iterator[tuple[str, str]]:
        """What a line above a table says of all its figures, by axis: as much as is plain, and every year of several.
        Its words are no figures, so that what it does not say is not refused.
        """
        rest = _DATE.sub("", plain(text))
        if folded(rest) in self.ignored:
            return
        if match := _STATED_UNIT.search(rest):
            unit = unit_text((match[1] or match[2]).strip("()"))
            if is_unit(unit):
                yield "unit", unit
            rest = _STATED_UNIT.sub("", rest).strip()
        rest = _TABLE_NUMBER.sub("", rest.removeprefix("(").removesuffix(")") if rest.startswith("(") else rest)
        for match in (*_PRICES.finditer(rest), *_PRICES_IN_BRACKET.finditer(rest)):
            yield "price_year", _year_of(match)
        rest = _PRICES_IN_BRACKET.sub("", _PRICES.sub("", rest)).replace("()", "").strip(" ,，")
        years = {year for match in _SPAN.finditer(rest) for year in match.groups()}
        rest = _SPAN.sub("", rest)
        years |= {_year_of(match) for match in _YEAR.finditer(rest)}
        if not any(word in folded(rest) for word in table_words("edition")[""]):
            yield from (("year", year) for year in sorted(years))
        rest = _YEAR.sub("", rest)
        if (match := _BRACKET.match(rest)) and is_unit(match[2]):
            yield "unit", unit_text(match[2])
            rest = match[1]
        for name in sorted(self.zones.area, key=len, reverse=True):
            rest = rest.replace(name, "") if name else rest
        for word in sorted(table_words("neutral")[""], key=len, reverse=True):
            if self._meant(rest):
                break
            rest = rest.removesuffix(word).removeprefix(word).strip(" ,，:：()、")
        yield from self._meant(rest).items()

    def _meant(self, text: str) -> Address:
        said = self._whole(text, False) if text else None
        return said.address if said and said.is_understood else {}


_COLUMNS = ("zone", "item", "measure", "value", "unit", "year", "price_year", "source", "note", "number", "axes")
_HEADS = ("zone", "item", "value", "unit", "year", "price_year", "source", "measure")


def _year_of(match: re.Match[str]) -> str:
    """The year that an expression found, by whichever of its forms."""
    return str(next(filter(None, match.groups())))


def is_derived(text: str) -> bool:
    """Whether a text is the name of what is made of other figures: of a growth, a share or a rank, whose word stands
    first or last in it, or of a mean, whose word stands first.
    """
    name = folded(text)
    last = _MEASURE_OF_CHANGE.sub("", re.sub(r"\s*\([^()]*\)$", "", name)) or name
    words = table_words("derived")
    return any(_begins(name, word) for word in (*words["change"], *words["mean"])) or any(
        end.endswith(word) and (not word.isascii() or not end.removesuffix(word)[-1:].isalpha())
        for word in words["change"]
        for end in (name, last)
    )


def _begins(name: str, word: str) -> bool:
    return name.startswith(word) and (not word.isascii() or not name.removeprefix(word)[:1].isalpha())
