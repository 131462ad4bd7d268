"""The files of a run as anyone may have written them: read within limits, as data, and tested for their form.

Nothing of a file is executed, and no link is followed out of the folder. What is not as it should be raises UsageError
with the file, the place in it, what was found and what is needed.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, NotRequired, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gep.account.entries import COLUMNS, AccountRow, Measure
from gep.account.record import Document, Position
from gep.core.errors import UsageError, failure
from gep.core.messages import Text, say

T = TypeVar("T")

MOST_BYTES = 512 * 2**20
"""The largest file that is read. A county takes some 80 kB of the ledger, the longest file; all 2,900 of China take
230 MB.
"""
MOST_ROWS = 3_000_000
"""Rows of account.csv. A county has some 500: twice those of all counties of China."""
DEEPEST = 40
"""How deep lists and objects may lie in each other. Ours do 11 deep; a thousand would exhaust the stack of a
program.
"""
LONGEST_CELL = 4_096
"""Letters of a cell of account.csv: ids, names and clauses are far shorter."""
LARGEST = 1e30
"""The largest figure, so that no sum of figures overflows. The world has 5e14 m2 and 1e15 CNY a year."""
LARGEST_WHOLE = 2**63
"""Whole numbers beyond cannot become floats of any use."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control letters, which could steer a terminal, and halves of letters, which cannot be written."""


def read_json(path: Path) -> Document:
    """A JSON object of a run. Raises UsageError where the file holds none, or what is no plain data."""
    text = read_text(path)
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _once(path, pairs), parse_constant=_no_number)
    except RecursionError:
        _refuse(path, "$", say("study.documents.deep", most=DEEPEST))
    except ValueError as error:
        raise UsageError(say("study.documents.unreadable", path=path, error=failure(error))) from error
    if not isinstance(document, dict):
        raise UsageError(say("study.documents.no_object", path=path))
    _check_plain(path, document)
    return document


def read_text(path: Path) -> str:
    """The text of a file that lies in its folder, is not too large and is UTF-8. Raises UsageError."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(path.parent.resolve(strict=True)):
            raise UsageError(say("study.documents.link", path=path))
        if not real.is_file():
            raise UsageError(say("study.documents.no_file", path=path))
        with real.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(say("study.documents.large", path=path, most=MOST_BYTES))
        return data.decode("utf-8")
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(say("study.documents.unreadable", path=path, error=failure(error))) from error


def read_rows(path: Path) -> Iterator[AccountRow]:
    """The rows of account.csv with their numbers as numbers. Raises UsageError where they are none."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            _not_an_account(path, 1, ", ".join(header)[:LONGEST_CELL], ", ".join(COLUMNS))
        for number, cells in enumerate(reader, start=2):
            if number > MOST_ROWS + 1:
                _not_an_account(path, number, say("study.documents.more_rows"), str(MOST_ROWS))
            if len(cells) != len(COLUMNS):
                _not_an_account(path, number, str(len(cells)), say("study.documents.cells", count=len(COLUMNS)))
            yield _row(path, number, dict(zip(COLUMNS, cells, strict=True)))
    except csv.Error as error:
        raise UsageError(say("study.documents.unreadable", path=path, error=failure(error))) from error


_MEASURES = get_args(Measure)
_NUMBERS = ("value", "lower", "upper", "interval_level", "data_coverage")


def _row(path: Path, line: int, cells: Mapping[str, str]) -> AccountRow:
    for column, text in cells.items():
        if len(text) > LONGEST_CELL or _UNPRINTABLE.search(text):
            _not_an_account(path, line, f"{column}: {text[:40]!r}", say("study.documents.plain_text"))
    numbers = {column: _number(path, line, column, cells[column]) for column in _NUMBERS}
    if cells["measure"] not in _MEASURES:
        _not_an_account(path, line, f"measure: {cells['measure']}", ", ".join(_MEASURES))
    if cells["counted"] not in ("0", "1"):
        _not_an_account(path, line, f"counted: {cells['counted']}", "0, 1")
    if not re.fullmatch(r"-?[0-9]{1,6}", cells["year"]):
        _not_an_account(path, line, f"year: {cells['year']}", say("study.documents.whole"))
    whole = {"counted": int(cells["counted"]), "year": int(cells["year"])}
    return cast(AccountRow, {**cells, **numbers, **whole})  # its columns are COLUMNS: tested before


def _number(path: Path, line: int, column: str, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        _not_an_account(path, line, f"{column}: {text}", say("study.documents.number", largest=LARGEST))
    return value


def _not_an_account(path: Path, line: int, found: str, needed: str) -> NoReturn:
    raise UsageError(say("study.documents.no_account", path=path, line=line, found=found, needed=needed))


# JSON -----------------------------------------------------------------------------------------------------------------


def _once(path: Path, pairs: list[tuple[str, Any]]) -> Document:
    found: Document = {}
    for key, value in pairs:
        if key in found:
            _refuse(path, key, say("study.documents.twice"))
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _check_plain(path: Path, document: Document) -> None:
    """Only numbers that are finite, texts that can be printed, and not too deep: without recursion."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            parts = [*value, *value.values()] if isinstance(value, dict) else value
            for part in parts:
                if isinstance(part, dict | list):
                    inner.append(part)
                elif isinstance(part, str) and _UNPRINTABLE.search(part):
                    _refuse(path, repr(part[:40]), say("study.documents.plain_text"))
                elif isinstance(part, float) and not math.isfinite(part):
                    _refuse(path, repr(part), say("study.documents.finite"))
                elif isinstance(part, int) and abs(part) >= LARGEST_WHOLE:
                    _refuse(path, f"{str(part)[:20]}…", say("study.documents.finite"))
        if not inner:
            return
        level = inner
    _refuse(path, "$", say("study.documents.deep", most=DEEPEST))


def of_form(path: Path, document: Document, form: type[T]) -> T:
    """A document as what a TypedDict says. Raises UsageError where it is not."""
    check_form(path, document, form)
    return cast(T, document)


def check_form(path: Path, value: Any, form: Any, place: str = "$") -> None:
    """Test whether a JSON value has the form that a type says: TypedDict, dict, list, tuple, Literal, a place in a
    list, None, or one of several. Raises UsageError where it has not.
    """
    if not _has_form(path, value, form, place):
        _refuse(path, place, say("study.documents.needed", found=_shown(value), needed=_said(form)))


def _has_form(path: Path, value: Any, form: Any, place: str) -> bool:
    """Whether a value has a form; what is wrong within it is refused there."""
    origin, inner = get_origin(form), get_args(form)
    if form is Any:
        return True
    if form in _PLAIN:
        is_of_type = isinstance(value, _PLAIN[form]) and (form is bool or not isinstance(value, bool))
        return is_of_type and (form is not Position or value >= 0)
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        fitting = [option for option in inner if isinstance(value, _python_type(option))]
        if len(fitting) != 1:
            return bool(fitting) and any(_has_form(path, value, option, place) for option in fitting)
        return _has_form(path, value, fitting[0], place)
    if not isinstance(value, _python_type(form)):
        return False
    if origin is list:
        for number, part in enumerate(value):
            check_form(path, part, inner[0], f"{place}[{number}]")
    elif origin is tuple:
        if len(value) != len(inner):
            return False
        for number, (part, of_part) in enumerate(zip(value, inner, strict=True)):
            check_form(path, part, of_part, f"{place}[{number}]")
    elif origin is dict:
        for key, part in value.items():
            check_form(path, part, inner[1], f"{place}.{key}")
    else:
        _check_keys(path, value, form, place)
    return True


_PLAIN: dict[Any, Any] = {
    str: str,
    int: int,
    Position: int,
    float: (int, float),
    bool: bool,
    NoneType: NoneType,
}


def _python_type(form: Any) -> Any:
    """What a JSON value of a form is in Python."""
    origin = get_origin(form)
    if origin is Literal:
        return str
    return _PLAIN.get(form) or (list if origin in (list, tuple) else dict)


@cache
def _keys(form: Any) -> dict[str, tuple[bool, Any]]:
    """The keys of a TypedDict: whether each is needed, and the form of its value."""
    found = {}
    for key, hint in get_type_hints(form, include_extras=True).items():
        is_optional = get_origin(hint) is NotRequired
        found[key] = (key in form.__required_keys__ and not is_optional, get_args(hint)[0] if is_optional else hint)
    return found


def _check_keys(path: Path, value: Mapping[str, Any], form: Any, place: str) -> None:
    for key, (is_needed, of_part) in _keys(form).items():
        if key in value:
            check_form(path, value[key], of_part, f"{place}.{key}")
        elif is_needed:
            _refuse(path, f"{place}.{key}", say("study.documents.key"))


_NAMES = {
    str: "study.documents.form.text",
    int: "study.documents.form.whole",
    Position: "study.documents.form.position",
    float: "study.documents.form.number",
    bool: "study.documents.form.truth",
    NoneType: "study.documents.form.nothing",
    list: "study.documents.form.list",
    dict: "study.documents.form.object",
}


def _said(form: Any) -> Text:
    if get_origin(form) is Literal:
        return say("study.documents.form.one_of", options=list(get_args(form)))
    if get_origin(form) in (Union, UnionType):
        return say("study.documents.form.one_of", options=[_said(option) for option in get_args(form)])
    return say(_NAMES[form if form in _NAMES else list if get_origin(form) in (list, tuple) else dict])


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:40] if not isinstance(value, dict | list) else _said(type(value))


def _refuse(path: Path, place: str, what: Text) -> NoReturn:
    raise UsageError(say("study.documents.form_of", path=path, place=place[:200], what=what))
