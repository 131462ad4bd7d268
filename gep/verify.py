"""`gep verify`: published accounts recomputed from their own figures by our equations, to the digits that are printed.

What a computed figure can be follows from the digits of the figures put in, exactly (gep.printed): a sum adds their halves, an equation is evaluated
at the ends of its arguments, an account is made of the lowest and of the highest of its quantities. A cell holds where that interval meets what the
printed figure can be. No tolerance is chosen anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from itertools import product
from typing import Any

from gep.account import CITY, NONE, About, Account, Entry
from gep.coefficients import Coefficients
from gep.equation import Equation
from gep.errors import GepError, ProjectError, did_you_mean
from gep.given import COLUMNS as GIVEN
from gep.given import account_of
from gep.printed import Interval, Printed, stored_figure, total
from gep.profile import load_profile
from gep.published import ALL, AT_LEAST, COMPARISON, Block, Case, Reference, Row, Table, bad_case
from gep.units import linear

MEASURES = ("quantity", "price", "value")
"""The figures of a row of an account, each with its column `<measure>_unit`."""


@dataclass(frozen=True)
class Amount:
    """A computed figure: the number itself, all that it can be, and its unit."""

    number: float
    interval: Interval
    unit: str

    def to(self, unit: str) -> Amount:
        """The same in another unit."""
        scale, offset = linear(self.unit, unit) if self.unit != unit else (1.0, 0.0)
        if (scale, offset) == (1.0, 0.0):
            return replace(self, unit=unit)
        exact, shift = Fraction(repr(scale)), Fraction(repr(offset))
        low, high = self.interval.low * exact + shift, self.interval.high * exact + shift
        return Amount(self.number * scale + offset, Interval(min(low, high), max(low, high)), unit)


@dataclass(frozen=True)
class Cell:
    """One printed figure and what its own account gives for it."""

    id: str
    says: str
    locator: str
    expected: str
    unit: str
    got: float
    low: float
    high: float
    digits_off: float
    verdict: str
    """`holds`; `does_not_follow`: the figures printed beside it give another one, and the case explains why; or `fails`."""
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The cell as the JSON object of the command line."""
        return dict(vars(self))


@dataclass(frozen=True)
class Verified:
    """A case with all its cells."""

    case: Case
    cells: tuple[Cell, ...]
    beside: Mapping[str, Any] | None = None
    """Of a comparison: our account beside the published ones; None where there is none at hand."""

    @property
    def verdict(self) -> str:
        """`holds`, or `fails` where a single cell does; a comparison is `compared`, or `cannot_tell` without an account of ours."""
        if any(cell.verdict == "fails" for cell in self.cells):
            return "fails"
        if self.case.kind == COMPARISON:
            return "cannot_tell" if self.beside is None else "compared"
        return "holds"

    def count(self, verdict: str) -> int:
        """How many cells have a verdict."""
        return sum(cell.verdict == verdict for cell in self.cells)

    def as_dict(self) -> dict[str, Any]:
        """The case as the JSON object of the command line."""
        case = self.case
        document = {
            "id": case.id,
            "name": case.name,
            "verdict": self.verdict,
            "source": case.citation(),
            "about": case.about,
            "cells": [cell.as_dict() for cell in self.cells],
        }
        return document if case.kind != COMPARISON else {**document, "comparison": self.beside}


def verify(case: Case) -> Verified:
    """Recompute a case: every cell with its verdict. Raises ProjectError where the case contradicts its own tables."""
    cells = [cell for block in case.blocks for cell in _cells(case, block)]
    known = [cell.id for cell in cells]
    for name in dict.fromkeys(known):
        if known.count(name) > 1:
            raise _bad(case, name, "Two cells go by this name: the keys of the table do not tell its rows apart.")
    for name in case.exceptions:
        if name not in known:
            raise _bad(case, "[[exception]]", f"There is no cell `{name}`. {did_you_mean(name, known)}".rstrip())
    return Verified(case, tuple(cells))


def _bad(case: Case, place: str, message: str) -> ProjectError:
    return bad_case(case.id, place, message)


def _cells(case: Case, block: Block) -> Iterator[Cell]:
    """The cells of a block; it says itself how many there are, so that none is lost unseen."""
    made = list(_of_account(case, block) if block.way == "account" else _of_rows(case, block))
    if len(made) != block.count:
        raise _bad(case, block.id, f"It makes {len(made)} cell{'' if len(made) == 1 else 's'}; the case says {block.count}.")
    yield from made


def _of_rows(case: Case, block: Block) -> Iterator[Cell]:
    """Cells of sums, ratios and equations: where the printed figure is, seen from the row that is computed."""
    table = case.tables[block.table]
    for row, amount in _amounts(case, block, table):
        at = dict.fromkeys(block.over, ALL)
        gives = block.gives or Reference(block.column, at=at)
        there, where = _find(case, block, table, row, gives)
        if not there[gives.column]:
            continue
        name = "/".join(row[key] for key in block.by) if block.by else table.name(row)
        yield _cell(case, block, name, where, there, gives.column, amount)


def _cell(case: Case, block: Block, name: str, table: Table, row: Row, column: str, amount: Amount) -> Cell:
    """The verdict on one printed figure."""
    text, unit = row[column], table.unit(column, row)
    figure = case.figure(text, f"{table.id}, line {row.line}")
    assert figure is not None
    try:
        got = amount.to(case.unit(unit))
    except GepError as error:
        raise _bad(case, f"{table.id}, line {row.line}", error.message) from error
    identity = f"{block.id}/{name}" if name else block.id
    follows = got.interval.high >= figure.value if text.startswith(AT_LEAST) else got.interval.meets(case.interval(figure))
    verdict, note = "holds" if follows else "fails", row["note"] or block.note
    if identity in case.exceptions:
        verdict = "fails" if follows else "does_not_follow"
        note = f"The exception is stale: the figure follows. {case.exceptions[identity]}" if follows else case.exceptions[identity]
    return Cell(
        identity,
        block.says,
        row["locator"] or table.locator,
        text,
        unit,
        got.number,
        float(got.interval.low),
        float(got.interval.high),
        _digits_off(figure, text, got.number),
        verdict,
        note,
    )


def _digits_off(figure: Printed, text: str, number: float) -> float:
    """Distance in units of the last printed digit; none for what lies on the right side of a bound."""
    off = figure.digits_off(number)
    return min(off, 0.0) if text.startswith(AT_LEAST) else off


# figures ------------------------------------------------------------------------------------------------------------------------------


def _rows(block: Block, table: Table) -> list[Row]:
    return [row for row in table.rows if all(row[key] in allowed for key, allowed in block.where.items())]


def _amounts(case: Case, block: Block, table: Table) -> Iterator[tuple[Row, Amount]]:
    """Computed figures with the row that they belong to; where they are added up, the row holds the keys that are left."""
    found: list[tuple[Row, Amount]] = []
    for row in _rows(block, table):
        if any(row[key] == ALL for key in (table.keys if block.by else block.over)):
            continue
        amount = _computed(case, block, table, row)
        if amount is not None:
            found.append((row, amount))
    if not block.over and not block.by:
        yield from found
        return
    kept = block.by or tuple(key for key in table.keys if key not in block.over)
    groups: dict[tuple[str, ...], list[Amount]] = {}
    for row, amount in found:
        groups.setdefault(tuple(row[key] for key in kept), []).append(amount)
    for names, members in groups.items():
        yield Row({**dict(zip(kept, names, strict=True)), **dict.fromkeys(block.over, ALL)}, 0), _sum(members)


def _computed(case: Case, block: Block, table: Table, row: Row) -> Amount | None:
    """What a block computes from one row; None where the row lacks a figure for it."""
    if block.way == "sum":
        return _amount(case, block, table, row, Reference(block.column))
    if block.way == "same":
        return _amount(case, block, table, row, block.references[0])
    parts = block.arguments if block.way == "equation" else dict(zip(("first", "second"), block.references, strict=True))
    parts = {**parts, **({"times": block.times} if block.times else {})}
    amounts = {name: _amount(case, block, table, row, reference) for name, reference in parts.items()}
    known = {name: amount for name, amount in amounts.items() if amount is not None}
    if len(known) < len(amounts):
        return None
    if block.way != "equation":
        return _PAIRS[block.way](known["first"], known["second"])
    times = known.pop("times", None)
    result = evaluate(_equation(case, block), known)
    return result if times is None else _product(result, times)


def _amount(case: Case, block: Block, table: Table, row: Row, reference: Reference) -> Amount | None:
    """The figure that a reference names, seen from a row; None where nothing is printed."""
    if reference.ratio:
        first, second = (_amount(case, block, table, row, part) for part in reference.ratio)
        return None if first is None or second is None else _ratio(first, second)
    if reference.value:
        figure = case.figure(reference.value, block.id)
        return None if figure is None else _as_amount(case, figure, case.unit(reference.unit), reference.is_exact)
    if reference.over:
        amount = _sum_of(case, block, table, row, reference)
    else:
        there, where = _find(case, block, table, row, reference)
        figure = case.figure(there[reference.column], f"{where.id}, line {there.line}")
        if figure is None:
            return None
        amount = _as_amount(case, figure, case.unit(where.unit(reference.column, there)), reference.is_exact)
    if reference.less is None:
        return amount
    less = _amount(case, block, table, row, reference.less)
    return None if less is None else _difference(less, amount)


def _as_amount(case: Case, figure: Printed, unit: str, is_exact: bool) -> Amount:
    interval = Interval.exact(figure.value) if is_exact else case.interval(figure)
    return Amount(float(figure.value), interval, unit)


def _find(case: Case, block: Block, table: Table, row: Row, reference: Reference) -> tuple[Row, Table]:
    """The one row that a reference names: its own keys where it gives any, those of the row it is seen from otherwise."""
    found, where = _matching(case, table, row, reference)
    if len(found) != 1:
        keys = ", ".join(f"{key} = {value}" for key, value in _keys(where, row, reference).items())
        raise _bad(case, block.id, f"{len(found)} rows of the table {where.id} have {keys}; it needs one.")
    return found[0], where


def _keys(table: Table, row: Row, reference: Reference) -> dict[str, str]:
    """What a row must have in its keys; for a sum, the keys that it adds up over are free."""
    carried = {key: row[key] for key in table.keys if key in row.cells and key not in reference.over}
    return {**carried, **reference.at}


def _matching(case: Case, table: Table, row: Row, reference: Reference) -> tuple[list[Row], Table]:
    where = case.tables[reference.table] if reference.table else table
    if where is table and not reference.at and not reference.over and reference.column in row.cells:
        return [row], where
    keys = _keys(where, row, reference)
    return [r for r in where.rows if all(r[key] == value for key, value in keys.items())], where


def _sum_of(case: Case, block: Block, table: Table, row: Row, reference: Reference) -> Amount:
    found, where = _matching(case, table, row, reference)
    parts = []
    for there in found:
        figure = case.figure(there[reference.column], f"{where.id}, line {there.line}")
        if figure is not None and all(there[key] != ALL for key in reference.over):
            parts.append(_as_amount(case, figure, case.unit(where.unit(reference.column, there)), reference.is_exact))
    if not parts:
        raise _bad(case, block.id, f"There is nothing to add up in the table {where.id}.")
    return _sum(parts)


def _sum(parts: list[Amount]) -> Amount:
    """The exact sum of figures: by the fold of an account, as every total of ours is made."""
    unit = parts[0].unit
    parts = [part.to(unit) for part in parts]
    entries = [
        Entry(CITY, "", NONE, NONE, service="part", component=f"{number:09}", value=part.number, price_basis="current")
        for number, part in enumerate(parts)
    ]
    added = Account(entries, About("a sum", 0)).total()
    assert added is not None
    return Amount(added, total([part.interval for part in parts]), unit)


def _difference(first: Amount, second: Amount) -> Amount:
    """The second less the first."""
    first = first.to(second.unit)
    return Amount(second.number - first.number, second.interval - first.interval, second.unit)


def _ratio(first: Amount, second: Amount) -> Amount:
    """The first over the second."""
    unit = "1" if first.unit == second.unit else f"({first.unit})/({second.unit})"
    return Amount(first.number / second.number, first.interval / second.interval, unit)


def _product(first: Amount, second: Amount) -> Amount:
    return Amount(first.number * second.number, first.interval * second.interval, f"({first.unit})*({second.unit})")


def _growth(first: Amount, second: Amount) -> Amount:
    """The relative change from the first to the second."""
    ratio = _ratio(second.to(first.unit), first)
    return Amount(ratio.number - 1, ratio.interval - Interval.exact(1), "1")


_PAIRS = {"difference": _difference, "ratio": _ratio, "growth": _growth}


def _equation(case: Case, block: Block) -> Equation:
    """An equation of ours by `module:name`."""
    module, _, name = block.equation.partition(":")
    try:
        found = getattr(import_module(module), name) if module.startswith("gep.") else None
    except (ImportError, AttributeError):
        found = None
    if not isinstance(found, Equation):
        raise _bad(case, block.id, f"There is no equation `{block.equation}`; it is named like gep.services.soil_retention:kept_sediment.")
    if set(block.arguments) != set(found.arguments):
        raise _bad(case, block.id, f"The arguments of {name} are {', '.join(found.arguments)}.")
    return found


def evaluate(equation: Equation, arguments: Mapping[str, Amount]) -> Amount:
    """An equation of figures that are known to their digits: its value, and its least and greatest at the ends of the arguments.

    That is all that it can be where it rises or falls all the way in each argument, as products, quotients and powers do.
    """
    inside = {name: arguments[name].to(unit) for name, unit in equation.units.items()}
    ends = [
        {name: float(end) for name, end in zip(inside, corner, strict=True)}
        for corner in product(*(dict.fromkeys((amount.interval.low, amount.interval.high)) for amount in inside.values()))
    ]
    number = float(equation(**{name: amount.number for name, amount in inside.items()}))
    values = [Fraction(float(equation(**corner))) for corner in ends]
    return Amount(number, Interval(min(values), max(values)), equation.returns)


# accounts ----------------------------------------------------------------------------------------------------------------------------


def _of_account(case: Case, block: Block) -> Iterator[Cell]:
    """Cells of an account that a profile makes of printed quantities: every quantity, price and value of it that is printed."""
    table = case.tables[block.table]
    accounts = [_account(case, block, end) for end in ("middle", "low", "high")]
    for row in _rows(block, table):
        for measure in MEASURES:
            if not row[measure] or row["input"] == measure:
                continue
            numbers = [_of_entries(case, block, row, measure, whole) for whole in accounts]
            if any(unit != numbers[0][1] for _, unit in numbers):
                raise _bad(case, f"{table.id}, line {row.line}", "The account has figures of different units there.")
            ends = [Fraction(number) for number, _ in numbers]
            amount = Amount(numbers[0][0], Interval(min(ends), max(ends)), numbers[0][1])
            yield _cell(case, block, f"{table.name(row)}/{measure}", table, row, measure, amount)


def account(case: Case, identity: str) -> Account:
    """The account that a block of a case makes of the printed quantities."""
    return _account(case, next(block for block in case.blocks if block.id == identity and block.way == "account"), "middle")


def _account(case: Case, block: Block, end: str) -> Account:
    """The account of the printed quantities, or of the least or the greatest that they can be."""
    table = case.tables[block.table]
    given = []
    for row in _rows(block, table):
        if not (measure := row["input"]):
            continue
        figure = case.figure(row[measure], f"{table.id}, line {row.line}")
        if figure is None:
            raise _bad(case, f"{table.id}, line {row.line}", f"`{measure}` is to be put in and is not printed.")
        chosen = {key: row[key] for key in GIVEN if key in row.cells and key not in MEASURES}
        unit = case.unit(table.unit(measure, row))
        given.append({**chosen, measure: float(_end(case.interval(figure), figure, end)), "unit": unit})
    profile = load_profile(block.account["profile"])
    # a price that the case takes for rounded is known to its digits, like a quantity; all others are the parameters of the study
    known = Coefficients(profile.tables)
    rounded = []
    for name in block.account.get("rounded", []):
        found = [row for row in known.rows if row.name == name]
        if not found:
            raise _bad(case, block.id, f"The profile {profile.id} has no coefficient `{name}`. {did_you_mean(name, known.names)}".rstrip())
        printed = [(row, stored_figure(row.value)) for row in found]
        rounded += [replace(row, value=float(_end(figure.interval, figure, end))) for row, figure in printed]
    return account_of(
        given,
        profile=profile,
        year=block.account["year"],
        name=block.account.get("name", case.name),
        methods=block.account.get("methods"),
        coefficients=rounded,
    )


def _end(interval: Interval, figure: Printed, end: str) -> Fraction:
    return {"middle": figure.value, "low": interval.low, "high": interval.high}[end]


def _of_entries(case: Case, block: Block, row: Row, measure: str, whole: Account) -> tuple[float, str]:
    """A figure of an account: the sum over the entries that a row names (an empty cell names all), in the unit of the account."""
    wanted = {key: row[key].split("+") for key in ("ecosystem", "service", "component") if row[key]}
    entries = [e for e in whole.entries if all(getattr(e, key) in names for key, names in wanted.items())]
    part = whole.replace(entries)
    if measure == "value":
        value = part.total()
        if value is not None:
            return value, "CNY/year"
    elif measure == "price":
        prices = {(e.price, e.price_unit) for e in entries if e.price is not None}
        if len(prices) == 1:
            price, unit = prices.pop()
            assert price is not None
            return price, unit
    else:
        units = {e.unit for e in entries if e.quantity is not None and e.unit}
        quantities = [value for _, value, _ in part.by(measure="quantity")]
        if len(units) == 1 and len(quantities) == 1:
            return quantities[0], units.pop()
    raise _bad(case, block.id, f"The account has no {measure} for line {row.line} of the table.")
