"""What a heading or a label of a printed table says: a measure, a unit, a year, a role, a total, a name.

A text is taken apart first: its unit (in brackets, behind a slash, a colon, a comma), its Chinese and its Latin half.
Each half is looked up by itself in `words.toml`, so that `合计 Total` is a total as `合计` is.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from gep.audit.figures import read_unit

Class = Literal["category", "service", "ecosystem", "zone"]
CLASSES: tuple[Class, ...] = ("zone", "ecosystem", "category", "service")
"""Of what a table may have many, outermost first; parts of one of them add up to a total."""

_CHINESE = "\u3400-\u9fff"
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_YEAR = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)(?:[-/](\d\d))?(?!\d)(?![.,]\d)(?!\s*(?:k?m|mm|ha|米|元|亩|公顷|吨)(?![a-z]))"
    r"\s*年?(?:度|末|底|初)?"
)
_PERIOD = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*年?\s*(?:[-–—―~～－至到]|to|→)+\s*((?:19|20)\d\d)(?!\d)\s*年?", re.IGNORECASE
)
_LONGEST_UNIT = 40
BEFORE, AFTER = "before", "after"


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = resources.files("gep.audit.grids").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _pattern(kind: str, key: str) -> re.Pattern[str]:
    """A pattern for the words of a key: Chinese ones anywhere, others as whole words."""
    parts = []
    for word in sorted(_words()[kind][key], key=len, reverse=True):
        stem = re.escape(word.rstrip("*"))
        if re.search(f"[{_CHINESE}]", word):
            parts.append(stem)
        else:
            parts.append(rf"(?<![A-Za-z]){stem}" + ("" if word.endswith("*") else r"(?![A-Za-z])"))
    return re.compile("|".join(parts), re.IGNORECASE)


def has(kind: str, key: str, text: str) -> bool:
    """Whether a text has a word of a key somewhere."""
    return bool(_pattern(kind, key).search(text))


def is_just(kind: str, key: str, text: str) -> bool:
    """Whether a text, or one of its two languages, is such a word and nothing else."""
    return any(
        re.sub(r"[\s·:：]+", " ", half).strip().lower() in _plain_words(kind, key)
        or re.sub(r"\s+", "", half).lower() in _plain_words(kind, key)
        for half in halves(text)
    )


@cache
def _plain_words(kind: str, key: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _words()[kind][key])


def first_of(kind: str, text: str) -> str:
    """The first key of a kind of which a text has a word; empty for none."""
    return next((key for key in _words()[kind] if has(kind, key, text)), "")


def tidy(text: str) -> str:
    """A text with one width of letters, superscripts as `^8`, single spaces."""
    raised = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "^" + m[0].translate(_SUPERSCRIPT), text)
    plain = unicodedata.normalize("NFKC", raised).replace("\u3000", " ")
    return re.sub(r"[ \t\r\n]+", " ", plain).strip()


@lru_cache(maxsize=4096)
def halves(text: str) -> tuple[str, ...]:
    """A bilingual text as its two halves: `合计 Total`, `服务(Service)`; a text of one language as it is."""
    plain = tidy(text)
    without = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", plain).strip()
    found = [plain] if without == plain else [plain, without, *re.findall(r"[(\[]([^()\[\]]*)[)\]]", plain)]
    has_both = re.search(f"[{_CHINESE}]", plain) and re.search(r"[A-Za-z]{2}", plain)
    if has_both:
        chinese = re.sub(r"[A-Za-z][A-Za-z0-9 .,&'’()/\-]*", " ", plain)
        latin = re.sub(f"[{_CHINESE}（）、，。]+", " ", plain)
        found += [chinese, latin]
    tidied = (re.sub(r"\s+", " ", half).strip(" /|·,;:：()[]") for half in found)
    return tuple(dict.fromkeys(half for half in tidied if half))


def is_way(text: str) -> bool:
    """Whether a text says by what all is divided up: 按地区分, by region."""
    return bool(re.match(_pattern("mark", "by"), text.strip()))


# units in texts -------------------------------------------------------------------------------------------------------


def is_known_unit(text: str) -> bool:
    """Whether a text is a unit that is known, and no name."""
    return bool(text.strip()) and len(text) <= _LONGEST_UNIT and read_unit(text).is_known


def _is_just_a_unit(text: str) -> bool:
    """Whether a text is a unit of money, land or matter and nothing else; lakes and trees, which are counted, may be
    names.
    """
    if (len(text) < 2 and text.isascii()) or not re.search(r"[^\d.,^]", text) or _YEAR.match(text):
        return False
    if not is_known_unit(text):
        return False
    unit = read_unit(text)
    return (
        not text.isascii() or bool(unit.currency) or not unit.above or unit.above[0] in ("m^2", "m^3", "m", "t", "kWh")
    )


@lru_cache(maxsize=4096)
def split_unit(text: str) -> tuple[str, str]:
    """A text without its unit, and its unit: `价值量(Value, 亿元)`, `ESV/10^8元`, `Area (e6 ha)`, `单位：亿元`."""
    plain = tidy(text)
    stated = re.search(r"(?:计量)?单位\s*[:：]\s*([^\s;；)]+)|\bunits?\s*:\s*([^;)]+)", plain, re.IGNORECASE)
    if stated:
        unit = (stated[1] or stated[2]).strip()
        return (plain[: stated.start()] + plain[stated.end() :]).strip(" ()[]"), unit
    if _is_just_a_unit(plain):
        return "", plain
    for bracket in reversed(list(re.finditer(r"[(\[]((?:[^()\[\]]|\([^()]*\))*)[)\]]", plain))):
        inside = bracket[1].strip()
        rest = (plain[: bracket.start()] + " " + plain[bracket.end() :]).strip()
        for part in (inside, *(part.strip() for part in reversed(re.split(r"[,，;；、]", inside)))):
            if is_known_unit(part):
                kept = inside.replace(part, "").strip(" ,，;；、") if part != inside else ""
                return f"{rest} {kept}".strip(), part
    for sign in ("/", ",", "，", ":"):
        for at in (i for i, letter in enumerate(plain) if letter == sign):
            rest, unit = plain[:at].strip(), plain[at + 1 :].strip()
            if rest and is_known_unit(unit) and not is_known_unit(rest):
                return rest, unit
    return plain, ""


# what a text says -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a text says of the figures that it stands for."""

    text: str = ""
    name: str = ""
    """What is left when unit and years are taken out."""
    unit: str = ""
    measure: str = ""
    role: str = ""
    times: tuple[str, ...] = ()
    """The year, or the two years of a period."""
    since: str = ""
    """The year with which it is compared."""
    is_annual: bool = False
    total: str = ""
    """`total`, `subtotal`, `named` for the subtotal of a group that is named and not delimited."""
    is_part: bool = False
    """Whether it says of which."""
    is_less: bool = False
    """Whether it is to be taken away from the rest."""
    named: str = ""
    """Of what it is the name: a category, an ecosystem, a service, a zone; empty where it could be any."""

    @property
    def is_bare(self) -> bool:
        """Whether nothing but measure, role, unit and time is in it."""
        return not self.name


@lru_cache(maxsize=8192)
def said(text: str) -> Said:
    """What a heading or a label says."""
    rest, unit = split_unit(_FOOTNOTE.sub("", text))
    rest, is_part = _without_mark(rest, rf"(?:#|{_pattern('mark', 'of_which').pattern})\s*[:：]?")
    rest, is_less = _without_mark(
        rest, rf"(?:{_pattern('mark', 'less').pattern})\s*[:：]|(?:less|minus|减去|扣除)(?![a-z])"
    )
    rest = _LIST_NUMBER.sub("", rest)
    since, rest = _since(rest)
    times, timeless = _times(rest)
    if timeless.strip(" ()") in ("%", "‰") and not unit:
        unit, timeless = timeless.strip(" ()"), ""
        rest = "" if not times else times[0]
    role = _role(rest, unit)
    measure = _measure(_pattern("role", role).sub(" ", rest) if role in _words()["role"] else rest, unit)
    total = _total(timeless if timeless.strip() else rest)
    before_after = _before_or_after(timeless)
    if not times and before_after and role not in ("change", "rate") and (measure or role or total or before_after[1]):
        times = (before_after[0],)
    if total == "named" and measure and _is_of_measure(timeless, measure):
        total = "total"
    elif total == "total" and role in ("density", "ratio") and has("total", "of_value", rest):
        total = ""  # GEP per head
    name = _name(timeless, measure, role, total)
    if total == "named" and (measure or role) and not _kind_by_words(re.sub(r"[(\[][^()\[\]]*[)\]]", "", timeless)):
        total = ""
    if not total and not name and not role and has("total", "total", rest):
        total, measure = "total", "" if measure == "value" else measure  # of a measure alone: 总价值, total area
    elif total == "total" and not has("total", "of_value", rest):
        measure = ""  # 总值 says that it is the total of what there is
    return Said(
        text=text,
        name=name,
        unit=unit,
        measure=measure,
        role=role,
        times=times,
        since=since,
        is_annual=has("time", "annual", rest),
        total=total,
        is_part=is_part,
        is_less=is_less,
        named="" if total or not name else _named(name),
    )


def together(path: Sequence[Said]) -> Said:
    """What texts say that stand one within the other: the innermost that says it."""
    whole = Said()
    for each in path:
        whole = Said(
            measure=each.measure or whole.measure,
            role="rate" if (whole.role, each.role) == ("change", "percent") else each.role or whole.role,
            times=each.times or whole.times,
            since=each.since or whole.since,
            unit=each.unit or whole.unit,
            is_annual=each.is_annual or whole.is_annual,
        )
    return whole


_FOOTNOTE = re.compile(r"(?<=[^\s(（])\s*[(（](?:\d|[a-c])[)）]\s*$")
_LIST_NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+[、.]|\(?\d{1,2}[.、)](?!\d)|\([一二三四五六七八九十]+\))\s*")
_OF = r"(?:\s*(?:of|in|from|to|between|since|over|per|against|,|\(|\d)|\s*$)"


def _role(text: str, unit: str) -> str:
    """What figures are, besides amounts."""
    is_statistic = is_just("exact", "statistic", text) or has("mark", "cumulative", text)
    role = "statistic" if is_statistic else first_of("role", text)
    if role == "share" and has("mark", "percent_change", text):
        return "rate"
    if role in ("change", "rate") and not _is_of_change(text, role):
        role = ""
    if role == "change" and re.search(r"[%‰]", unit or text):
        return "rate"
    if role == "size" and has("role", "density", text):
        return "density"
    return role or ("percent" if unit in ("%", "‰", "percent") else "")


def _is_of_change(text: str, role: str) -> bool:
    """Whether a word of change stands at an end of a label: 减少泥沙淤积 and climate change mitigation are services."""
    word = _pattern("role", role).pattern
    is_chinese = bool(re.search(f"[{_CHINESE}]", text))
    ends = [rf"(?:{word})(?:量|值|额|情况)?\s*$"] if is_chinese else [rf"^\W*(?:{word}){_OF}", rf"(?:{word})\W*$"]
    bare = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", text)
    return any(re.search(end, half.strip(), re.IGNORECASE) for end in ends for half in (bare, *halves(bare)))


def _measure(text: str, unit: str) -> str:
    """Of what figures are amounts. An `urban area` is a kind of land: that it has an area its unit must say."""
    if re.search(r"法$|[a-z] method$", text.strip(), re.IGNORECASE):
        return ""  # a way to value is no price
    measure = first_of("measure", text) if text else ""
    is_kind_of_land = re.search(r"[a-z] areas?$", text.strip(), re.IGNORECASE) and read_unit(unit).above != ("m^2",)
    return "" if measure == "area" and is_kind_of_land and not _is_filler(text) else measure


def _is_filler(text: str) -> bool:
    """Whether nothing is left of a text without words of area and of all."""
    left = re.sub(r"(?<![a-z])(?:areas?|total|land|surface|all)(?![a-z])", " ", text, flags=re.IGNORECASE)
    return not re.sub(r"[\W\d_]+", "", _FILLERS.sub(" ", left))


def _is_of_measure(text: str, measure: str) -> bool:
    """Whether a total is that of a measure and of no name: 面积合计, total value."""
    left = _pattern("measure", measure).sub(" ", _TOTAL_WORDS.sub(" ", text))
    return not re.sub(r"[\W\d_]+", "", _FILLERS.sub(" ", left))


def _without_mark(text: str, mark: str) -> tuple[str, bool]:
    """A text without a mark that it begins with, and whether it has it."""
    found = re.match(rf"\s*{mark}\s*", text, re.IGNORECASE)
    return (text[found.end() :], True) if found else (text, False)


def _times(text: str) -> tuple[tuple[str, ...], str]:
    if period := _PERIOD.search(text):
        return (period[1], period[2]), _PERIOD.sub(" ", text).strip()
    years = list(dict.fromkeys(match[1] for match in _YEAR.finditer(text)))
    if len(years) == 1:
        return (years[0],), _YEAR.sub(" ", text).strip()
    return (), text


_SINCE = re.compile(
    r"(?:相?较于?|相比于?|相对于?|比|与|以|自)\s*((?:19|20)\d\d)(?!\s*年?\s*[-–—~～至到])\s*年?\s*(?:相比|以来|为基期|为基准)?"
    r"|(?:compared (?:with|to)|relative to|with respect to|since|versus|vs\.?|over|on|against|from)\s+"
    r"((?:19|20)\d\d)(?!\d)(?!\s*(?:[-–—~/]|to)\s*(?:19|20)?\d\d)",
    re.IGNORECASE,
)


def _since(text: str) -> tuple[str, str]:
    """The year with which others are compared, and the text without it: 较2000年增长, change since 2000."""
    match = _SINCE.search(text)
    if match is None or not any(has("role", role, text) for role in ("rate", "change")):
        return "", text
    return match[1] or match[2], (text[: match.start()] + " " + text[match.end() :]).strip()


def order_of_time(time: Sequence[str]) -> tuple[int, str]:
    """Before, then years, then what has no time, then after."""
    if not time:
        return 2, ""
    return {BEFORE: 0, AFTER: 3}.get(time[0], 1), time[0]


def _before_or_after(text: str) -> tuple[str, bool] | None:
    """Whether a text says before or after, and whether it says nothing else."""
    for key, time in (("before", BEFORE), ("after", AFTER)):
        if is_just("time", key, text):
            return time, True
    for key, time in (("before", BEFORE), ("after", AFTER)):
        if has("time", key, text):
            return time, False
    return None


_NAMED_TOTAL = re.compile(
    r".(?:合计|总计)$|^(?:total|all(?! others?\b)) (?=[a-z])|[a-z] total$|^(?:全部|所有)(?!其[他它]).", re.IGNORECASE
)
"""A total with a name: 供给服务合计, total provisioning services; total nitrogen is none, which is told by sums."""
_TOTAL_WORDS = re.compile(r"合计|总计|(?<![a-z])(?:total|all)(?![a-z])", re.IGNORECASE)
_ALL_OF = re.compile(r"(?:all|全部|所有)\s*(.+)", re.IGNORECASE)


def _total(text: str) -> str:
    """Whether a text is a total, a subtotal, or a total with a name; words of time in it do not matter."""
    timeless = re.sub(rf"{_pattern('time', 'before').pattern}|{_pattern('time', 'after').pattern}", "", text)
    kind = _kind_of_total(text)
    return (_kind_of_total(timeless) or kind) if kind == "named" else kind


def _kind_of_total(text: str) -> str:
    kind = _kind_by_words(text)
    return "named" if kind == "total" and any(map(_is_another, re.findall(r"[(\[]([^()\[\]]*)[)\]]", text))) else kind


def _is_another(bracket: str) -> bool:
    """Whether a bracket behind a total makes it another one: `Total (excluding fossil fuels)`, 合计（低）."""
    known = is_known_unit(bracket) or _times(bracket)[0] or _kind_by_words(bracket) or "单位" in bracket
    return bool(bracket.strip()) and not known


def _kind_by_words(text: str) -> str:
    if is_just("total", "total", text) or is_just("total", "whole", text):
        return "total"
    if (match := _ALL_OF.fullmatch(text.strip())) and axis_of(match[1]) in CLASSES:
        return "total"  # all services, 全部地类
    if is_just("total", "subtotal", text):
        return "subtotal"
    if has("total", "subtotal", text) or any(_NAMED_TOTAL.search(half) for half in halves(text)):
        return "named"
    return ""


_FILLERS = re.compile(
    r"各年份|各年|各|常住|户籍|类别|同类|本类|的|每个|同比|环比|比|较|each year|each|of|the|in|by|and|for|"
    r"ecosystem services? values?|ecosystem services?|"
    r"生态系统服务|生态服务|生态系统|土地整治|年|a-1",
    re.IGNORECASE,
)


def _name(text: str, measure: str, role: str, total: str) -> str:
    """What remains of a text when words of measure and role are taken out, where it has any."""
    plain = text.strip(" ,，:：·/-–—()[]")
    if total:
        return plain
    left = plain
    for kind, key in (("measure", measure), *(("role", each) for each in _words()["role"] if role)):
        if key:
            left = _pattern(kind, key).sub(" ", left)
    if measure or role:
        for kind, key in (("time", "annual"), ("time", "before"), ("time", "after"), ("measure", "value")):
            left = _pattern(kind, key).sub(" ", left)
        left = re.sub(r"(?<![A-Za-z])(?:total|all)(?![A-Za-z])|[总量值额]", " ", left, flags=re.IGNORECASE)
        if not re.sub(r"[\W\d_]+", "", _FILLERS.sub(" ", left)):
            return ""
    elif _before_or_after(plain) and is_just("time", "before", plain) | is_just("time", "after", plain):
        return ""
    return plain


@lru_cache(maxsize=8192)
def _named(text: str) -> str:
    """Of what a text is the name."""
    for kind in ("category",):
        if is_just("name", kind, text):
            return kind
    bare = re.sub(r"[(\[].*?[)\]]", "", text).strip()
    service, ecosystem = has("name", "service", bare), has("name", "ecosystem", bare)
    if service and not ecosystem:
        return "service"
    if ecosystem and not service:
        return "ecosystem"
    if re.search(r"[市县区旗州盟镇乡省]$", bare) or re.search(
        r"\b(?:county|district|city|banner|prefecture|province)\b", bare, re.IGNORECASE
    ):
        return "zone"
    return ""


def axis_of(text: str) -> str:
    """What a heading above labels says that they are: `service`, `ecosystem`, `year`, `unit` …; empty for none."""
    rest, _ = split_unit(text)
    for half in halves(rest):
        for key in _words()["axis"]:
            if half.lower() in _plain_words("axis", key):
                return key
    return ""
