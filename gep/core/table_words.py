"""The words that tables of offices use: headings of columns, totals, signs where no figure stands.

They stand in `table_words.csv` of the shipped data, Chinese and English beside each other: `kind`, `id` (a column, a
measure, a status) and `words` with `|` between them. A heading is compared as `plain` has it: full-width signs as
ASCII, no spaces between Chinese letters, no marks of footnotes, small letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from gep.core.data import data_folder, read_csv

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0xFEFF: None}
_CHINESE = "\u2e80-\u9fff\uf900-\ufaff"
_BETWEEN_CHINESE = re.compile(rf"(?<=[{_CHINESE}()])\s+(?=[{_CHINESE}()])")
_FOOTNOTES = re.compile(r"(?<=\S)[\s]*(?:[①-⑳*†‡]|[¹²³](?=$))+$")
_NOTED = re.compile(r"(?<=\S)(?<!10)\s*(?:[①-⑳*†‡¹²³⁴-⁹]+|\^\d|\[?注\d{0,2}\]?|\(注\d{0,2}\)|\[\d{1,2}\])$")


def plain(text: str) -> str:
    """A heading or a name as it is compared: `粮 食 产 量（吨）` is `粮食产量(吨)`."""
    tidy = " ".join(text.translate(_FULL_WIDTH).split())
    tidy = _BETWEEN_CHINESE.sub("", tidy)
    tidy = re.sub(r"\s*([()])\s*", lambda sign: sign[1] if _has_chinese(tidy) else sign[0], tidy)
    return tidy if re.search(r"[²³]$", tidy) else _FOOTNOTES.sub("", tidy)


def without_note(text: str) -> str:
    """A text without the mark of a footnote at its end (`①`, `*`, `^1`, `注1`, `[1]`), where such a mark may be part of
    a name or a unit too (`m^3`): for a text that is not understood with it.
    """
    return _NOTED.sub("", text.strip())


def _has_chinese(text: str) -> bool:
    return re.search(f"[{_CHINESE}]", text) is not None


def folded(text: str) -> str:
    """`plain` in small letters: what names are looked up by."""
    return plain(text).casefold()


@cache
def table_words(kind: str) -> Mapping[str, Sequence[str]]:
    """The words of a kind by id, as they are compared."""
    rows = [row for _, row in read_csv(data_folder() / "table_words.csv") if row["kind"] == kind]
    return {row["id"]: tuple(dict.fromkeys(folded(word) for word in row["words"].split("|"))) for row in rows}


@cache
def _by_word(kind: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for identifier, words in table_words(kind).items():
        for word in words:
            found[word] = (*found.get(word, ()), identifier)
    return found


def ids_of(kind: str, text: str) -> tuple[str, ...]:
    """The ids of a kind that a text may mean: of `地区` the column of zones, and that of regions of coefficients."""
    return _by_word(kind).get(folded(text), ())


def column_of(heading: str, columns: Iterable[str]) -> str:
    """The column that a heading names, among some; the heading itself where it names none, or two."""
    known = list(columns)
    name = heading.strip()
    if name in known:
        return name
    found = [column for column in ids_of("column", name) if column in known]
    return found[0] if len(found) == 1 else name
