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
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NamedTuple,
    NoReturn,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from gep.account.entries import COLUMNS, AccountRow, Measure
from gep.account.record import Document, Position
from gep.core.errors import UsageError, failure
from gep.core.messages import Text, say
from gep.study.labels import ids_of

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
    for column in ("supply_basis", "origin", "price_basis"):
        known = ids_of(column)
        if (word := cells[column].partition(":")[0]) and word not in known:
            _not_an_account(path, line, f"{column}: {word}", ", ".join(known))
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
    """A document as what a type says: TypedDict, dict, list, tuple, Literal, a place in a list, None, or one of
    several. Raises UsageError where it is not, with the place of the first fault.
    """
    if fault := _test_of(cast(Any, form))(document):
        _refuse(path, f"${fault.place}", fault.what)
    return cast(T, document)


class _Fault(NamedTuple):
    """What is wrong with a value, and where within it."""

    place: str
    what: Text

    def within(self, part: str) -> _Fault:
        """The same, seen from the value around it."""
        return self._replace(place=part + self.place)


_Test = Callable[[Any], _Fault | None]


@cache
def _test_of(form: Any) -> _Test:
    """What finds the first fault of a value of a form; a type is looked into once and not for each of its values."""
    if form is Any:
        return lambda value: None
    origin, inner, unfit = get_origin(form), get_args(form), partial(_unfit, form)
    if form in _PLAIN:
        kinds = _PLAIN[form]
        if form is Position:
            return lambda value: None if type(value) is int and value >= 0 else unfit(value)
        if form is bool:
            return lambda value: None if isinstance(value, bool) else unfit(value)
        return lambda value: None if isinstance(value, kinds) and not isinstance(value, bool) else unfit(value)
    if origin is Literal:
        return lambda value: None if value in inner else unfit(value)
    if origin in (Union, UnionType):
        return _test_of_options(inner, unfit)
    if origin is list:
        return _test_of_list(_test_of(inner[0]), unfit)
    if origin is tuple:
        return _test_of_tuple([_test_of(part) for part in inner], unfit)
    if origin is dict:
        return _test_of_dict(_test_of(inner[1]), unfit)
    return _test_of_keys(form, unfit)


def _unfit(form: Any, value: Any) -> _Fault:
    return _Fault("", say("study.documents.needed", found=_shown(value), needed=_said(form)))


def _test_of_options(options: Sequence[Any], unfit: Callable[[Any], _Fault]) -> _Test:
    tests = [(_python_type(option), _test_of(option)) for option in options]

    def test(value: Any) -> _Fault | None:
        faults = [of_option(value) for kind, of_option in tests if isinstance(value, kind)]
        if None in faults:
            return None
        return faults[0] if len(faults) == 1 and faults[0] and faults[0].place else unfit(value)

    return test


def _test_of_list(of_part: _Test, unfit: Callable[[Any], _Fault]) -> _Test:
    def test(value: Any) -> _Fault | None:
        if not isinstance(value, list):
            return unfit(value)
        for number, part in enumerate(value):
            if fault := of_part(part):
                return fault.within(f"[{number}]")
        return None

    return test


def _test_of_tuple(of_parts: Sequence[_Test], unfit: Callable[[Any], _Fault]) -> _Test:
    def test(value: Any) -> _Fault | None:
        if not isinstance(value, list) or len(value) != len(of_parts):
            return unfit(value)
        for number, (part, of_part) in enumerate(zip(value, of_parts, strict=True)):
            if fault := of_part(part):
                return fault.within(f"[{number}]")
        return None

    return test


def _test_of_dict(of_part: _Test, unfit: Callable[[Any], _Fault]) -> _Test:
    def test(value: Any) -> _Fault | None:
        if not isinstance(value, dict):
            return unfit(value)
        for key, part in value.items():
            if fault := of_part(part):
                return fault.within(f".{key}")
        return None

    return test


def _test_of_keys(form: Any, unfit: Callable[[Any], _Fault]) -> _Test:
    keys = [(key, is_needed, _test_of(part)) for key, (is_needed, part) in _keys(form).items()]

    def test(value: Any) -> _Fault | None:
        if not isinstance(value, dict):
            return unfit(value)
        for key, is_needed, of_part in keys:
            if key in value:
                if fault := of_part(value[key]):
                    return fault.within(f".{key}")
            elif is_needed:
                return _Fault(f".{key}", say("study.documents.key"))
        return None

    return test


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


def _keys(form: Any) -> dict[str, tuple[bool, Any]]:
    """The keys of a TypedDict: whether each is needed, and the form of its value."""
    found = {}
    for key, hint in get_type_hints(form, include_extras=True).items():
        is_optional = get_origin(hint) is NotRequired
        found[key] = (key in form.__required_keys__ and not is_optional, get_args(hint)[0] if is_optional else hint)
    return found


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
