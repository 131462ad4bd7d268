"""The one unit registry, how unit texts are read, and how units are written.

Units are text everywhere but here: a layer, a coefficient or an equation says `mm/year` or `CNY/(t*CO2)`. Texts
as climate files write them (`kg m-2 s-1`, `-`) and as Chinese tables write them (万元, 亿立方米) are understood; a
text that could mean two things is refused, with what to write instead.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gep.core.data import data_folder, read_csv
from gep.core.errors import UnitError, did_you_mean
from gep.core.messages import Text, say

if TYPE_CHECKING:
    import pint

TAGS = (
    "carbon",
    "CO2",
    "O2",
    "SO2",
    "NOx",
    "dust",
    "fluoride",
    "COD",
    "NH3_N",
    "nitrogen",
    "phosphorus",
    "potassium",
    "organic_matter",
    "dry_matter",
)
"""Substances: each multiplies a mass and is a dimension of its own."""

_SAME = {
    "a": "year",
    "yr": "year",
    "y": "year",
    "annum": "year",
    "years": "year",
    "d": "day",
    "hm2": "hm^2",
    "km2": "km^2",
    "ug": "µg",
    "um": "µm",
}

_AMBIGUOUS = {
    "mu": "mu",
    "C": "celsius",
    "N": "nitrogen",
    "P": "phosphorus",
    "S": "substance",
    "ton": "ton",
    "tons": "ton",
    "dB": "sound_level",
    "month": "month",
    "mon": "month",
    "Mm3": "cubic_megametre",
    "Mm": "megametre",
    "MCM": "million_cubic_metres",
    "ppm": "of_what",
    "degrees": "degree",
    "deg": "degree",
    "F": "fahrenheit",
}
"""Names that could mean two things: the message `core.unit.instead.*` that says what to write."""

_MASS_OF = {
    "gC": "g*carbon",
    "kgC": "kg*carbon",
    "tC": "t*carbon",
    "MgC": "Mg*carbon",
    "gCO2": "g*CO2",
    "kgCO2": "kg*CO2",
    "tCO2": "t*CO2",
    "tCO2e": "t*CO2",
}
"""Masses of a substance written as one word, and how they are written here."""

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_CHINESE = {"百": "10^(2)", "千": "10^(3)", "万": "10^(4)", "亿": "10^(8)"}
"""Chinese multiples. They are factors, not prefixes: 亿m³ is a hundred million cubic metres, not the cube of a hundred
thousand kilometres.
"""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>%|‰|[^\W\d][\w]*)"
    r"|(?P<op>\*\*|[*/()^.·×-])|(?P<tag>\{[^}]*\}))"
)
_SIGNS = {".": "*", "·": "*", "×": "*", "**": "^"}
_EXPONENT = re.compile(r"\s*(?:\(\s*([+-]?\d+)\s*\)|([+-]?\d+))")


@cache
def registry() -> pint.UnitRegistry[Any]:
    """The pint registry of gep, built once from our own definitions."""
    import pint

    return pint.UnitRegistry(
        str(files("gep.core") / "units.txt"), on_redefinition="raise", autoconvert_offset_to_baseunit=False
    )


@cache
def _known() -> frozenset[str]:
    ureg = registry()
    return frozenset(ureg._units)


@lru_cache(maxsize=4096)
def _is_unit(name: str) -> bool:
    ureg = registry()
    try:
        return bool(ureg.parse_unit_name(name))
    except ValueError:
        return False


def _name(token: str, text: str) -> str:
    """One name of a unit text as pint reads it, with an exponent that is glued on (`m2`, `hm2`) set apart."""
    _refuse_ambiguous(token, text)
    if token in _SAME:
        return _SAME[token]
    if _is_unit(token):
        return token
    glued = re.fullmatch(r"([^\W\d_]+)(\d)", token)
    if glued:
        base, exponent = _SAME.get(glued[1], glued[1]), glued[2]
        _refuse_ambiguous(base, text)
        if _is_unit(base):
            return f"{base}^{exponent}"
    hint = did_you_mean(token, [*_known(), *_SAME, "mm", "km", "kg", "kWh", "MJ", "kJ", "hm", "cm"])
    raise UnitError(say("core.unit.unknown", text=text, token=token, hint=hint))


def _refuse_ambiguous(token: str, text: str) -> None:
    if token in _MASS_OF:
        instead = say("core.unit.instead.mass", unit=_MASS_OF[token])
    elif token in _AMBIGUOUS:
        instead = say(f"core.unit.instead.{_AMBIGUOUS[token]}")
    else:
        return
    raise UnitError(say("core.unit.ambiguous", text=text, token=token, instead=instead))


def _plain(text: str) -> str:
    """A unit text with superscripts as exponents and with one spelling of each sign."""
    out = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text.strip())
    for written, meant in (("℃", "degC"), ("％", "%"), ("°C", "degC"), ("μ", "µ"), ("（", "("), ("）", ")")):
        out = out.replace(written, meant)
    return out


_MOST_POWERS = 20
_LONGEST = 200
"""How many characters a unit text may have: thousands of parentheses are none, and overflow the parser."""

_POWER = re.compile(r"(?:\^|\*\*|(?<=[^\W\d])(?<![\d.][eE])-)\s*(?:\(\s*[+-]?(\d+)\s*\)|[+-]?(\d+))")


def _refuse_large_powers(text: str) -> None:
    """No exponent beyond what a unit has, and no power of a power: the number of `10^9^9^9` cannot be written out."""
    plain = _plain(text)
    powers = [int((match[1] or match[2])[:9]) for match in _POWER.finditer(plain)]
    raised = _POWER.sub("^", plain)
    if max(powers, default=0) > _MOST_POWERS or "^^" in raised or raised.count(")^") > 1:
        raise UnitError(say("core.large_power", text=text, most=_MOST_POWERS))


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """A unit text in the one form used inside: names joined by `*`, `/`, `^` and parentheses.

    Reads CF texts (`kg m-2 s-1`, `-`), annotations (`t{CO2}`), superscripts, `hm2`, `t/hm2/a`, and Chinese units.
    Raises UnitError for a text that is empty, unknown or ambiguous.
    """
    if len(text) > _LONGEST:
        raise UnitError(say("core.unit.long", text=f"{text[:20]}…", most=_LONGEST))
    _refuse_large_powers(text)
    stripped = _plain(text)
    if not stripped:
        raise UnitError(say("core.unit.empty"), code="U01")
    if stripped in {"-", "1", "none", "dimensionless", "unitless", "fraction", "ratio", "m3/m3", "m3 m-3", "m^3/m^3"}:
        return "1"
    return _Reader(text, stripped).read()


class _Reader:
    """Reads a unit text token by token; `out` is what was read, in the one form used inside."""

    def __init__(self, text: str, plain: str) -> None:
        self.text, self.plain = text, plain
        self.out: list[str] = []
        self.position = 0
        self.is_after_operand = False
        self.slash_open = [False]
        """Per parenthesis level: a slash came, and no parenthesis says how far it reaches."""

    def read(self) -> str:
        while self.position < len(self.plain):
            match = _TOKEN.match(self.plain, self.position)
            if not match:
                raise UnitError(say("core.unit.near", text=self.text, rest=self.plain[self.position :]))
            self.position = match.end()
            kind = match.lastgroup or "op"
            token = match[kind]
            if kind == "op":
                self._sign(_SIGNS.get(token, token))
            elif kind == "tag":
                self._tag(token)
            else:
                self._operand(token, is_number=kind == "number")
        if len(self.slash_open) != 1:
            raise UnitError(say("core.unit.open", text=self.text))
        if not self.is_after_operand:
            raise UnitError(say("core.unit.ends", text=self.text))
        return "".join(self.out)

    def _sign(self, sign: str) -> None:
        if sign in "^-":
            self._exponent(sign)
            return
        if sign == "(":
            if self.is_after_operand:
                self.out.append("*")
            self.slash_open.append(False)
        elif sign == ")":
            if len(self.slash_open) == 1:
                raise UnitError(say("core.unit.closed", text=self.text))
            if not self.is_after_operand:
                raise UnitError(say("core.unit.ends", text=self.text))
            self.slash_open.pop()
        elif sign == "/":
            self.slash_open[-1] = True
        self.out.append(sign)
        self.is_after_operand = sign == ")"

    def _exponent(self, sign: str) -> None:
        match = _EXPONENT.match(self.plain, self.position)
        digits = (match[1] or match[2]) if match else ""
        if not match or not self.is_after_operand or (sign == "-" and digits[0] in "+-"):
            raise UnitError(say("core.unit.exponent", text=self.text))
        self.position = match.end()
        self.out.append(f"^({'-' if sign == '-' else ''}{int(digits)})")

    def _tag(self, token: str) -> None:
        """A substance in braces belongs to the unit before it."""
        name = token[1:-1].strip()
        if name not in TAGS or not self.is_after_operand:
            hint = did_you_mean(name, TAGS)
            raise UnitError(say("core.unit.substance", text=self.text, token=token, hint=hint))
        self.out.append(f"({self.out.pop()}*{name})")

    def _operand(self, token: str, *, is_number: bool) -> None:
        if self.is_after_operand:
            if is_number and token in ("2", "3") and re.fullmatch(r"[^\W\d]\w*", self.out[-1]):
                self.out.append(f"^({token})")  # `m 2` is how some tables print m²
                return
            if is_number:
                raise UnitError(say("core.unit.number", text=self.text, token=token))
            if self.slash_open[-1]:
                raise UnitError(say("core.unit.slash", text=self.text))
            self.out.append("*")
        while not is_number and token[:1] in _CHINESE and not _is_unit(token):
            times = "/" if self.out and self.out[-1] == "/" else "*"
            self.out += [_CHINESE[token[0]], *(times if token[1:] else "")]
            token = token[1:]
        if token:
            self.out.append(token if is_number else _name(token, self.text))
        self.is_after_operand = True


@lru_cache(maxsize=4096)
def parse(text: str) -> pint.Quantity[Any]:
    """One of the unit that `text` names, as a quantity: `10^4 m3` is ten thousand cubic metres."""
    import pint

    try:
        quantity: Any = registry().parse_expression(normalise(text))
    except (
        pint.UndefinedUnitError,
        pint.DefinitionSyntaxError,
        pint.OffsetUnitCalculusError,
        SyntaxError,
        TypeError,
        ArithmeticError,
    ) as error:
        raise UnitError(say("core.unit.unreadable", text=text, reason=error)) from error
    magnitude = getattr(quantity, "magnitude", quantity)
    if magnitude > sys.float_info.max:
        raise UnitError(say("core.unit.infinite", text=text))
    if not magnitude > 0:
        raise UnitError(say("core.unit.zero", text=text))
    return quantity if isinstance(quantity, registry().Quantity) else registry().Quantity(quantity, "")


def dimensions(text: str) -> dict[str, float]:
    """The base dimensions of a unit with their powers: {"[length]": 1.0, "[accounting_year]": -1.0} for `mm/year`."""
    return {str(name): float(str(power)) for name, power in parse(text).dimensionality.items()}


def same_dimension(first: str, second: str) -> bool:
    """Whether two unit texts measure the same kind of thing.

    >>> same_dimension("CNY/(t*CO2)", "CNY/(t*carbon)")
    False
    """
    return bool(parse(first).dimensionality == parse(second).dimensionality)


@lru_cache(maxsize=4096)
def linear(unit_from: str, unit_to: str) -> tuple[float, float]:
    """Scale and offset with `value_to = value_from * scale + offset`.

    Raises UnitError where a unit is missing, not understood, or of another dimension.
    """
    source, target = parse(unit_from), parse(unit_to)
    if source.dimensionality != target.dimensionality:
        raise UnitError(say("core.unit.mismatch", found=unit_from, needed=unit_to, why=_why(unit_from, unit_to)))
    ureg = registry()
    if not (source._is_multiplicative and target._is_multiplicative):
        if source.magnitude != 1 or target.magnitude != 1:
            raise UnitError(say("core.unit.temperature", unit=unit_from))
        offset, one = (float(ureg.Quantity(value, source.units).to(target.units).magnitude) for value in (0.0, 1.0))
        scale = one - offset
        return _tidy(scale), offset
    return _tidy(float(source.to(target.units).magnitude) / float(target.magnitude)), 0.0


@cache
def _density_of_water() -> str:
    """The density of water among the coefficients of all profiles, with its unit."""
    rows = (row for _, row in read_csv(data_folder() / "common" / "matter.csv"))
    return next(f"({row['value']}*({row['unit']}))" for row in rows if row["coefficient"] == "water_density")


def depth_of_water(unit: str) -> str | None:
    """The depth that a mass of water on an area stands for, as a unit: `kg m-2` is a millimetre. None for another unit.

    Only who knows that the numbers are of water may ask: a mass on an area may be of anything.
    """
    try:
        powers = dimensions(unit)
    except UnitError:
        return None
    if (powers.get("[mass]"), powers.get("[length]")) != (1, -2) or set(powers) - {
        *("[mass]", "[length]", "[time]", "[accounting_year]")
    }:
        return None
    return f"({unit})/{_density_of_water()}"


def _tidy(factor: float) -> float:
    """The simple decimal or ratio that a factor stands for: pint's chain of products may leave 0.0009999999999999998
    for 1/1000.
    """
    ratio = Fraction(factor) if abs(factor) >= 1 else 1 / Fraction(factor)
    simple = ratio.limit_denominator(10**9)
    candidate = float(simple) if abs(factor) >= 1 else float(1 / simple)
    return candidate if abs(candidate / factor - 1.0) < 1e-14 else factor


def lacks_year(unit_from: str, unit_to: str) -> bool:
    """Whether a unit lacks nothing but the accounting year: `mm` where `mm/year` is needed."""
    try:
        return same_dimension(f"({unit_from})/year", unit_to)
    except UnitError:
        return False


def _why(unit_from: str, unit_to: str) -> Text:
    """What differs between two units of different dimension, in words, for the mistakes that are common."""
    source, target = dimensions(unit_from), dimensions(unit_to)
    difference = {d for d in {*source, *target} if source.get(d, 0) != target.get(d, 0)}
    tags = [tag for tag in TAGS if f"[{tag}]" in difference]
    lacking = [tag for tag in tags if f"[{tag}]" in target and f"[{tag}]" not in source]
    present = [tag for tag in tags if f"[{tag}]" in source and f"[{tag}]" not in target]
    if lacking and present:
        return say("core.unit.why.substances", one=present[0], other=lacking[0])
    if lacking:
        return say("core.unit.why.of_what", unit=unit_to, substance=lacking[0])
    if difference == {"[accounting_year]"}:
        if "[accounting_year]" not in source:
            return say("core.unit.why.total_of_year", unit=unit_from)
        return say("core.unit.why.per_year")
    if difference == {"[accounting_year]", "[time]"}:
        return say("core.unit.why.rate")
    return Text("", "")


def convert(value: float, unit_from: str, unit_to: str) -> float:
    """`value` in another unit of the same dimension.

    >>> convert(1.2, "亿立方米", "m^3")
    120000000.0
    """
    scale, offset = linear(unit_from, unit_to)
    return value * scale + offset


def product(*units: str) -> str:
    """The unit of a product, as text: `mm/year` and `m^2` make `mm/year*m^2`."""
    return "*".join(f"({unit})" for unit in units)


@lru_cache(maxsize=4096)
def ucum(text: str) -> str:
    """How a unit is written in results: ASCII, UCUM-like, substances in braces, without the accounting year (flows are
    per year by convention).

    >>> ucum("CNY/(t*CO2)"), ucum("m^3/year"), ucum("kg*SO2/(hm^2*year)")
    ('CNY/t{CO2}', 'm3', 'kg{SO2}/hm2')
    """
    ureg = registry()
    items = [(name, float(str(power))) for name, power in parse(text).unit_items()]
    names = {ureg.get_symbol(name) if name not in TAGS else name: power for name, power in items if name != "year"}
    numerator: list[str] = []
    denominator: list[str] = []
    tags = {name: names.pop(name) for name in list(names) if name in TAGS}
    for name, power in names.items():
        ascii_name = {"yuan": "CNY", "%": "%", "µg": "ug"}.get(name, name)
        mine = [tag for tag, tag_power in tags.items() if _is_mass(name) and tag_power * power > 0]
        for tag in mine:
            del tags[tag]
        text_of = ascii_name + (f"{abs(power):g}" if abs(power) != 1 else "") + "".join(f"{{{tag}}}" for tag in mine)
        (numerator if power > 0 else denominator).append(text_of)
    for tag, power in tags.items():
        (numerator if power > 0 else denominator).append(f"{{{tag}}}")
    top = ".".join(numerator) or "1"
    return (
        top
        if not denominator
        else f"{top}/{'.'.join(denominator) if len(denominator) == 1 else '(' + '.'.join(denominator) + ')'}"
    )


_OF_CF = {"year": "year", "day": "day", "hectare": "hectare", "µg": "ug"}
"""How UDUNITS writes what has another symbol here."""
_OF_UCUM = {"year": "a", "day": "d", "hectare": "har", "µg": "ug", "degree_Celsius": "Cel", "minute": "min"}
"""How UCUM writes it."""
_COUNTED = ("count", "person", "visit", "head", "dBA", "pollution_equivalent")
_MONEY = ("CNY", "USD")
"""What CF has no unit for: it is told beside the rest."""


def cf_attributes(text: str) -> dict[str, str]:
    """A unit as attributes of an array: `units` as CF tools parse it (UDUNITS), the `substance` of a mass and the
    `currency` of money, which CF knows no unit of, and all of it in one as `ucum`. What is per mass of a substance has
    it in `ucum` alone.

    >>> cf_attributes("kg*SO2/(hm^2*year)")
    {'units': 'kg hm-2 year-1', 'substance': 'SO2', 'ucum': 'kg{SO2}.hm-2.a-1'}
    >>> cf_attributes("CNY/(m^2*year)")
    {'units': 'm-2 year-1', 'currency': 'CNY', 'ucum': '{CNY}.m-2.a-1'}
    """
    return dict(_cf_attributes(text))


@lru_cache(maxsize=4096)
def _cf_attributes(text: str) -> tuple[tuple[str, str], ...]:
    quantity, ureg = parse(text), registry()
    powers = {name: float(str(power)) for name, power in quantity.unit_items()}
    ordered = sorted(powers.items(), key=lambda item: item[1] < 0)
    factor = [f"{quantity.magnitude:g}"] if quantity.magnitude != 1 else []
    plain, coded = list(factor), list(factor)
    told: dict[str, str] = {}
    substance = next((name for name in powers if name in TAGS), None)
    for name, power in ordered:
        exponent = f"{power:g}" if power != 1 else ""
        if name in TAGS:
            told |= {"substance": name} if power == 1 else {}
            continue
        if name in (*_MONEY, *_COUNTED):
            told |= {"currency": name} if name in _MONEY else {}
            coded.append(f"{{{name}}}{exponent}")
            continue
        symbol = str(ureg.get_symbol(name))
        of_energy = [symbol.removesuffix("h"), "h"] if symbol.endswith("Wh") else None
        plain += [f"{part}{exponent}" for part in of_energy or [_OF_CF.get(name, symbol)]]
        tag = f"{{{substance}}}" if substance and _is_mass(name) else ""
        coded += [f"{part}{tag}{exponent}" for part in of_energy or [_OF_UCUM.get(name, symbol)]]
    return tuple({"units": " ".join(plain) or "1", **told, "ucum": ".".join(coded) or "1"}.items())


def unit_of_attributes(attrs: Mapping[Any, Any]) -> str | None:
    """The unit that the attributes of an array name, with the substance and the currency that stand beside it
    (`cf_attributes`); None where they name none.
    """
    unit = str(attrs.get("units", "")).strip()
    beside = [str(attrs[key]) for key, known in (("substance", TAGS), ("currency", _MONEY)) if attrs.get(key) in known]
    return "*".join([f"({unit})", *beside]) if unit and beside else unit or None


def _is_mass(name: str) -> bool:
    return dimensions(name) == {"[mass]": 1}


@lru_cache(maxsize=4096)
def pretty(text: str) -> str:
    """A unit for people, as Unicode.

    >>> pretty("t*CO2/(hm^2*year)")
    't·CO2/(hm²·year)'
    """
    out = re.sub(
        r"\^(?:\((-?\d+)\)|(-?\d+))",
        lambda m: (m[1] or m[2]).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")),
        normalise(text),
    )
    return out.replace("*", "·")
