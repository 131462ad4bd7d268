"""What a published table holds: rows of figures, each with its digits, its unit and its place."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from gep.audit.printed import Interval, Printed
from gep.core.errors import UnitError
from gep.core.messages import Text, listed, say
from gep.core.units import linear

MEASURES = ("quantity", "price", "value")
_DIGITS_OF_A_STORED_NUMBER = 6

# units ----------------------------------------------------------------------------------------------------------------

CURRENCIES = {
    **dict.fromkeys(("CNY", "RMB", "yuan", "Yuan", "元", "人民币", "人民币元"), "CNY"),
    **{
        code: code
        for code in (
            *("USD", "EUR", "GBP", "AUD", "JPY", "HKD", "CAD", "CHF", "NZD", "INR", "NOK", "SEK", "DKK", "KRW", "BRL"),
            *("ZAR", "IDR", "MXN", "THB", "VND", "PLN", "CZK", "TWD", "SGD", "ETB", "BDT", "PKR", "NPR", "RUB", "TRY"),
        )
    },
    **dict.fromkeys(("euro", "euros", "Euro", "Euros", "欧元"), "EUR"),
    **dict.fromkeys(("美元", "US dollars", "US dollar"), "USD"),
    **dict.fromkeys(("$", "dollar", "dollars"), "$"),
    "Int$": "Int$",
}
_SIGNS = {"US$": "USD", "A$": "AUD", "Int.$": "Int$", "Int. $": "Int$", "€": "EUR", "£": "GBP", "¥": "CNY", "$": "$"}
"""Signs of money; a bare dollar is not said to be of which country."""
_COUNTED = frozenset(
    (
        *("head", "person", "visit", "dwelling", "household", "tree", "animal", "case", "ion", "lb", "SU", "pp"),
        *("d", "day", "night", "site", "lake", "plot", "stand", "species", "job", "头", "只", "羽"),
        *("株", "人", "户", "辆", "个", "件", "册", "处", "套", "匹", "口", "棵"),
        *("例", "天", "座", "条", "亩次"),
    )
)
"""Things that are counted. Another word is no unit: a name must not be taken for one."""
_OF_SUBSTANCES = frozenset(
    (
        *("CO2", "O2", "SO2", "NOx", "COD", "C", "N", "P", "NH3"),
        *("TN", "TP", "dust", "carbon", "nitrogen", "phosphorus", "sediment", "soil"),
    )
)
"""What stands behind a mass as `t*CO2`."""
_BASES = ("m^2", "m^3", "m", "t", "kWh", "person", "visit")
"""The unit in which figures of each kind are compared."""
_MULTIPLES = {
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "mn": 6, "bn": 9,
    "thousands": 3, "millions": 6, "billions": 9, "Thousand": 3, "Million": 6, "Billion": 9,
    "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12,
}  # fmt: skip
_YEAR = frozenset({"yr", "year", "a", "y", "annum", "年"})
_NO_UNIT = frozenset({"%", "percent", "ratio", "1", "times", "倍", "‰", "fraction"})
_SUBSTANCES = {
    **dict.fromkeys(("C", "carbon", "碳"), "C"),
    **dict.fromkeys(("CO2", "CO₂", "二氧化碳"), "CO2"),
    **dict.fromkeys(("O2", "O₂", "氧", "氧气"), "O2"),
}
_POWER_OF_TEN = re.compile(r"[x×*]?\s*10\^\{?(-?\d{1,2})\}?(?!\d)\s*[x×*·]?\s*")
_MULTIPLE = re.compile(r"(\d(?:\.\d+)?[eE][+-]?\d{1,2}|10*)(?![\d.])\s*[x×*·]?\s*")
_PRICE_YEAR = re.compile(r"^((?:19|20)\d\d)\s*(?=[A-Z$€£¥])|^((?:19|20)\d\d)\s+(?=\D)")
_HOURS = re.compile(r"k[wW]\s*[·.*-]?\s*h|千瓦[·.]?(?:小)?时|度(?=$|/)")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass(frozen=True)
class PrintedUnit:
    """A unit as printed: a factor and what it counts, above and below the line. Being per year is kept apart: tables
    often leave it out.
    """

    text: str
    factor: Fraction = Fraction(1)
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    substances: tuple[str, str] = ("", "")
    """Of what the mass above the line is, and the mass below it, where that is said."""
    is_yearly: bool = False
    is_words: bool = False
    remark: str = ""

    @property
    def kind(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What kind of thing it measures: figures of one kind may be compared."""
        return self.above, self.below

    @property
    def is_known(self) -> bool:
        """Whether it is a unit and no words."""
        return bool(self.text.strip()) and not self.is_words

    @property
    def currency(self) -> str:
        """The money above the line, or empty."""
        return next((name for name in self.above if name in CURRENCIES.values()), "")

    @property
    def is_intensive(self) -> bool:
        """Whether it is an amount per something, which does not add up over land."""
        return bool(self.below)

    @property
    def is_additive(self) -> bool:
        """Whether figures of parts of the land add up: not depths, shares and indices."""
        return self.is_words or not self.text.strip() or (bool(self.above) and not self.below and self.above != ("m",))

    def over(self, other: PrintedUnit) -> PrintedUnit:
        """The unit of a quotient."""
        return _cancelled(self.above + other.below, self.below + other.above, self.factor / other.factor)

    def times(self, other: PrintedUnit) -> PrintedUnit:
        """The unit of a product."""
        return _cancelled(self.above + other.above, self.below + other.below, self.factor * other.factor)


def _cancelled(above: Iterable[str], below: Iterable[str], factor: Fraction) -> PrintedUnit:
    top, bottom = list(above), []
    for name in below:
        if name in top:
            top.remove(name)
        else:
            bottom.append(name)
    return PrintedUnit("", factor, tuple(sorted(top)), tuple(sorted(bottom)))


@lru_cache(maxsize=4096)
def read_unit(text: str) -> PrintedUnit:
    """A unit as printed. A remark in brackets behind it is read without; a text that names no unit is only words."""
    raised = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text)
    plain = re.sub(r"(?<=[a-zA-Z])\^(?=\d)", "", unicodedata.normalize("NFKC", raised)).strip()
    plain = _HOURS.sub("kWh", plain)
    plain = _in_usual_form(plain)
    plain, remark = _without_remark(plain)
    year = _PRICE_YEAR.match(plain)
    if year:
        plain, remark = plain[year.end() :], f"prices of {year[1] or year[2]}"
    if _POWER_OF_TEN.fullmatch(remark):
        plain, remark = f"{remark.lstrip('x×* ')} {plain}", ""
    if plain.lower() in _NO_UNIT or not plain:
        factor = {"%": Fraction(1, 100), "percent": Fraction(1, 100), "‰": Fraction(1, 1000)}.get(
            plain.lower(), Fraction(1)
        )
        return PrintedUnit(text, factor, remark=remark)
    top, *bottom = [part for part in plain.replace("(", "").replace(")", "").split("/") if part.strip()] or [""]
    parts = [top, *(part for under in bottom for part in re.split(r"[·*]", under))]
    terms = [_read_term(part, is_below=i > 0) for i, part in enumerate(parts)]
    if any(term is None for term in terms):
        return PrintedUnit(text, is_words=True, remark=remark)
    known = [term for term in terms if term is not None]
    factor = known[0].factor
    for term in known[1:]:
        factor /= term.factor
    below = tuple(sorted(name for term in known[1:] for name in term.names))
    substances = (known[0].substance, next((term.substance for term in known[1:] if term.substance), ""))
    return PrintedUnit(
        text, factor, known[0].names, below, substances, any(term.is_year for term in known[1:]), False, remark
    )


_NAMED_MULTIPLES = {"hundred million": "1e8", "ten thousand": "1e4", "hundred thousand": "1e5", "one hundred": "1e2"}
_SHORT_MULTIPLES = {"m": "million", "mn": "million", "bn": "billion", "b": "billion", "k": "thousand"}
_BELOW = re.compile(r"([A-Za-z\u3400-\u9fff]+)\s*\^?\s*-\s*(\d)(?!\d)")


def _in_usual_form(text: str) -> str:
    """Signs of money as codes, `US$ million` as `million USD`, `10,000` as `10000`, `hm^-2·a^-1` as `/hm2/a`."""
    plain = re.sub(r"(?<=\d)[, ](?=\d{3}(?!\d))", "", text)
    for words, number in _NAMED_MULTIPLES.items():
        plain = re.sub(rf"^{words}\b", number, plain, flags=re.IGNORECASE)
    plain = re.sub(r"^[eE](?=\d)", "1e", plain)
    plain = re.sub(r"^mil\.(?=\s)", "million", plain, flags=re.IGNORECASE)
    plain = re.sub(r"\s+per\s+(?=[A-Za-z])", "/", plain)
    plain = re.sub(r"^([mMk])(?=[€£$])", lambda m: f"{_THOUSANDS[m[1]]} ", plain)
    plain = re.sub(r"(?<=[a-z]) ((?:19|20)\d\d) (?=[A-Z$€£¥])", " ", plain)  # million 2007 USD
    for sign, code in _SIGNS.items():
        plain = re.sub(rf"(?<![A-Za-z]){re.escape(sign)}", f" {code} ", plain)
    plain = re.sub(r"\s+", " ", plain).strip()
    plain = re.sub(r"\s*/\s*", "/", plain)
    money = "|".join(re.escape(name) for name in sorted(CURRENCIES, key=len, reverse=True))
    many = "|".join([*_MULTIPLES, *_SHORT_MULTIPLES])
    if match := re.fullmatch(rf"({money}) ?((?:1?0+|\d+e\d+|10\^\d+) ?)?({many})?((?:[ /·*].*)?)", plain):
        code, number, word, rest = match.groups()
        if number or word:
            word = _SHORT_MULTIPLES.get(word or "", word or "")
            plain = " ".join(part.strip() for part in (number, word, code) if part) + rest
    plain = re.sub(r"(?<![A-Za-z])(M|G)m3(?![A-Za-z\d])", lambda m: f"{_PREFIXES[m[1]]} m3", plain)
    below = _BELOW.findall(plain)
    top = re.sub(r"[\s·.*×]+$", "", _BELOW.sub("", plain).strip(" ·.*×"))
    if top and below and not re.match(r"\s*10\^-", plain):
        plain = top + "".join(f"/{name}{power if power != '1' else ''}" for name, power in below)
    return plain


_PREFIXES = {"M": "million", "G": "billion"}
_THOUSANDS = {"m": "million", "M": "million", "k": "thousand"}


def _without_remark(text: str) -> tuple[str, str]:
    """A bracket behind a unit is a remark; one after a slash is part of the unit."""
    match = re.fullmatch(r"(.*[^/*×·\s])\s*[(\[](.*)[)\]]", text)
    return (match[1].strip(), match[2].strip()) if match else (text, "")


@dataclass(frozen=True)
class _Term:
    factor: Fraction
    names: tuple[str, ...]
    substance: str = ""
    is_year: bool = False


def _read_term(text: str, *, is_below: bool) -> _Term | None:
    """One side of a slash: a multiple, a unit and perhaps what it is of; None where it is only words."""
    factor, rest = _multiple(text.strip())
    if is_below and rest in _YEAR:
        return _Term(factor, (), is_year=True)
    if not rest:
        return _Term(factor, ()) if factor != 1 else None
    if rest in CURRENCIES:
        return _Term(factor, (CURRENCIES[rest],))
    words = rest.split()
    for count in (len(words), 1):
        unit, of = " ".join(words[:count]), " ".join(words[count:])
        found = _base(unit)
        if found:
            scale, base = found
            substance = _SUBSTANCES.get(of, of)
            return _Term(factor * scale, (base,), substance)
    mass, substance = _glued(rest)
    if mass:
        return _Term(factor * mass, ("t",), substance)
    thing = _singular(rest)
    if thing in _COUNTED or (is_below and thing in _OF_SUBSTANCES):
        return _Term(factor, (thing,))
    return None


def _multiple(text: str) -> tuple[Fraction, str]:
    """A leading `1e8`, `10^4`, `万` or `million`, and what it multiplies."""
    factor = Fraction(1)
    for pattern, value in ((_POWER_OF_TEN, lambda text: Fraction(10) ** int(text)), (_MULTIPLE, Fraction)):
        match = pattern.match(text)
        if match:
            factor, text = factor * value(match[1]), text[match.end() :]
            break
    for word in sorted(_MULTIPLES, key=len, reverse=True):
        is_chinese = not word.isascii()
        if text.startswith(word) and text != word and (is_chinese or text[len(word)] == " "):
            return factor * Fraction(10) ** _MULTIPLES[word], text[len(word) :].strip()
    return factor, text


@lru_cache(maxsize=1024)
def _base(unit: str) -> tuple[Fraction, str] | None:
    """How many of the base unit of its kind a unit is; None where it is of none of these kinds."""
    if unit[:1].isdigit():
        return None  # 106 m3 may be 10^6 m^3, printed without its raised digits
    if unit in ("visits", "person-visit", "person-visits", "人次"):
        unit = "visit"
    for base in _BASES:
        try:
            scale, offset = linear(unit, base)
        except UnitError:
            continue
        if offset == 0:
            return Fraction(scale).limit_denominator(10**12), base
    return None


def _glued(text: str) -> tuple[Fraction | None, str]:
    """A mass with its substance written on, like tCO2 or tC."""
    match = re.fullmatch(r"([PTGMk]?[tg]|吨|千克|公斤)\s*-?\(?(C|CO2|O2|碳|二氧化碳|氧气?)(?:e|eq|当量)?\)?", text)
    if not match:
        return None, ""
    found = _base(match[1])
    return (found[0] if found else None), _SUBSTANCES[match[2]]


def _singular(word: str) -> str:
    return word[:-1] if word.isascii() and word.endswith("s") and len(word) > 3 else word


# figures and rows -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """One printed figure with its unit and the cell that it stands in."""

    printed: Printed
    unit: PrintedUnit
    place: str

    @cached_property
    def interval(self) -> Interval:
        """What it can be, in the base units of its kind."""
        return self.printed.interval * Interval.exact(self.unit.factor)

    @property
    def exact(self) -> Interval:
        """The figure as it stands, in base units: for a parameter that its authors used as printed."""
        return Interval.exact(self.printed.value * self.unit.factor)

    @property
    def last_digit(self) -> Fraction:
        """One in its last digit, in base units; of a stored number, whose digits nobody printed, one in its sixth."""
        digit = self.printed.last_digit
        if self.printed.noise:
            digit = Fraction(10) ** (
                math.floor(math.log10(abs(float(self.printed.value)))) + 1 - _DIGITS_OF_A_STORED_NUMBER
            )
        return digit * self.unit.factor

    def __str__(self) -> str:
        return f"{self.printed.text} {self.unit.text}".strip()


MOLAR_MASSES = {"C": 12, "CO2": 44, "O2": 32}
"""Whole-number molar masses in g/mol (C 12, O 16), as published tables use them; the source `molar-masses` of the
coefficients.
"""

ALL = "ALL"
_OF_WHICH = re.compile(r"\s*(?:其中|of which|including|incl\.|thereof)", re.IGNORECASE)
_NO_SERVICE = re.compile(
    r"\s*(?:GDP|gross (?:domestic|regional) product|population|地区生产总值|国内生产总值|(?:户籍|常住)?人口)\b",
    re.IGNORECASE,
)
_ALL_WORDS = re.compile(
    r"all|sum|(?:grand |sub[- ]?)?totals?(?: value)?|gep(?: total)?|gross ecosystem "
    r"product|.*(?:合计|总计|小计)|总和|全部|总|总值|总价值|生态产品总值",
    re.IGNORECASE,
)
_SUBTOTAL = re.compile(r"sub[- ]?total|小\s*计", re.IGNORECASE)
_WHOLE_WORDS = frozenset(
    {
        "city",
        "province",
        "county",
        "prefecture",
        "whole",
        "whole region",
        "全市",
        "全省",
        "全县",
        "全州",
        "全区",
        "全域",
    }
)
_SEVERAL_UNITS = re.compile(
    r"(?:the )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b.*"
    r"\b(?:provinces|prefectures|cities|counties|districts|leagues|banners|townships|regions|basins|farms)\b|"
    r".*[\d二两三四五六七八九十百]+\s*(?:省|[个大].*[省州盟市县区旗乡镇场]).*",
    re.IGNORECASE,
)
_TOTAL_INDICATORS = re.compile(
    r"^(?:(?:service|category|row|column|sub)?[ -]?total(?: value)?|gep|gross ecosystem product|annual "
    r"value|gep total|gep \(official\)|"
    r"合计|总计|小计|总值|总价值|生态产品总值|总量)$",
    re.IGNORECASE,
)


def is_all(text: str) -> bool:
    """Whether a field marks a total: ALL, Total, 合计."""
    plain = re.sub(r"[(\[（【].*?[)\]）】]", "", text)
    plain = re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", plain).strip()
    return bool(_ALL_WORDS.fullmatch(plain))


def is_subtotal(text: str) -> bool:
    """Whether a word marks the total of the rows above it, and not of all."""
    return bool(_SUBTOTAL.search(text))


@dataclass(frozen=True)
class Row:
    """One row of a published account in the tidy format."""

    place: str
    table: str
    account: str
    region: str = ""
    subregion: str = ""
    year: str = ""
    ecosystem: str = ""
    category: str = ""
    service: str = ""
    indicator: str = ""
    source: str = ""
    note: str = ""
    quantity: Figure | None = None
    price: Figure | None = None
    value: Figure | None = None
    position: int = 0
    unread: tuple[str, ...] = ()
    """Measures whose cell holds something that could not be read as a figure."""
    is_subtotal: bool = False

    def figure(self, measure: str) -> Figure | None:
        """The figure of one measure."""
        return {"quantity": self.quantity, "price": self.price, "value": self.value}[measure]

    @cached_property
    def family(self) -> str:
        """What the indicator measures, without the words that mark a total: rows of one family may add up."""
        if _TOTAL_INDICATORS.match(self.indicator.strip()):
            return ""
        plain = re.sub(r"\btotal\b", "", self.indicator, flags=re.IGNORECASE)
        return re.sub(r"\s+", " ", plain).replace("( ", "(").strip()

    @property
    def is_total_indicator(self) -> bool:
        return bool(_TOTAL_INDICATORS.match(self.indicator.strip()))

    @property
    def is_marked_total(self) -> bool:
        """Whether a note says that it is a total as published, so that its parts can be expected to be all there."""
        return bool(re.search(r"\b(sub)?total\b|合计|总计|小计", self.note, re.IGNORECASE))

    @cached_property
    def where(self) -> tuple[str, str, str, str]:
        """The account, region, subregion and year that it is of."""
        return self.account, self.region, self.subregion, self.year

    @property
    def source_key(self) -> tuple[str, str]:
        return self.table, self.source

    @property
    def subregion_kind(self) -> str:
        """What a subregion is one of: `age class` of `age class: young`; empty for a plain name."""
        stem, colon, _ = self.subregion.rpartition(":")
        return stem.strip() if colon else ""

    @property
    def is_group_of_units(self) -> bool:
        """Whether its subregion is several units together, as `six pastoral provinces`: two such groups may share some
        of them.
        """
        return bool(_SEVERAL_UNITS.fullmatch(self.subregion.strip()))

    @property
    def is_within_another(self) -> bool:
        """Whether it says of which: it is counted in the row above it already."""
        return bool(_OF_WHICH.match(self.service or self.indicator or self.ecosystem))

    @property
    def is_no_service(self) -> bool:
        """Whether it stands among services without being one: GDP, population."""
        return bool(_NO_SERVICE.match(self.service or self.indicator))

    @property
    def is_whole_region(self) -> bool:
        """Whether it stands for the whole region: no subregion, ALL, `age class: ALL`, or a word like `city`."""
        name = self.subregion.rpartition(":")[2].strip()
        return not name or is_all(name) or name.lower() in _WHOLE_WORDS

    def label(self) -> Text:
        """How it is called in a sentence."""
        words = [
            self.subregion,
            self.ecosystem,
            self.category if is_all(self.service) else "",
            self.service,
            self.indicator,
        ]
        named = [word for word in words if word and not is_all(word)]
        subject = listed(dict.fromkeys(named)) if named else say("audit.subject.total")
        return say("audit.subject.of_year", subject=subject, year=self.year) if self.year else subject
