"""`gep verify`: published accounts recomputed from their own figures by our equations, to the digits that are printed.

What a computed figure can be follows from the digits of the figures put in, exactly (gep.audit.printed): a sum adds
their halves, an equation is evaluated at the ends of its arguments, an account is made of the lowest and of the highest
of its quantities. A cell holds where that interval meets what the printed figure can be. No tolerance is chosen
anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gep.account.account import Account
from gep.account.from_quantities import COLUMNS as GIVEN
from gep.account.from_quantities import account_of
from gep.audit.amounts import Amount, difference, evaluate, growth, ratio, sum_of, times
from gep.audit.cases import ALL, AT_LEAST, COMPARISON, Block, Case, GivenAccount, Reference, Row, Table, bad_case
from gep.audit.comparison import Comparison
from gep.audit.printed import NOTHING, Interval, Printed, stored_figure
from gep.core.equation import Equation
from gep.core.errors import ProjectError, UnitError, did_you_mean
from gep.core.messages import Text, say
from gep.standards.coefficients import Coefficient, Coefficients
from gep.standards.equations import equations
from gep.standards.profile import Profile, load_profile

MEASURES = ("quantity", "price", "value")
"""The figures of a row of an account, each with its column `<measure>_unit`."""

_NAMED = {"ecosystem": "ecosystem", "class": "land_class", "service": "service", "component": "component"}
"""Columns of a table that name entries of an account, and the fields of an entry that they name."""

_PAIRS = {"difference": difference, "ratio": ratio, "growth": growth}


@dataclass(frozen=True)
class Cell:
    """One printed figure and what its own account gives for it."""

    id: str
    says: Text
    locator: Text
    expected: str
    unit: str
    got: float
    low: float
    high: float
    digits_off: float
    digits_allowed: float
    """How far off, in units of the last printed digit, the digits of the figures put in and of the printed figure
    itself allow.
    """
    verdict: str
    """`holds`; `does_not_follow`: the figures printed beside it give another one, and the case explains why; or
    `fails`.
    """
    note: Text = NOTHING

    def as_dict(self) -> dict[str, Any]:
        """The cell as the JSON object of the command line: English, and what is said in Chinese under `zh`."""
        return {**vars(self), "zh": {name: getattr(self, name).zh for name in ("says", "locator", "note")}}


@dataclass(frozen=True)
class Verified:
    """A case with all its cells."""

    case: Case
    cells: tuple[Cell, ...]
    beside: Comparison | None = None
    """Of a comparison: our account beside the published ones; None where there is none at hand."""

    @property
    def verdict(self) -> str:
        """`holds`, or `fails` where a single cell does; a comparison is `compared`, or `cannot_tell` without an account
        of ours.
        """
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
            "about": case.file.about,
            "cells": [cell.as_dict() for cell in self.cells],
        }
        return (
            document
            if case.kind != COMPARISON
            else {**document, "comparison": self.beside.as_dict() if self.beside else None}
        )


def verify(case: Case) -> Verified:
    """Recompute a case: every cell with its verdict. Raises ProjectError where the case contradicts its own tables."""
    cells = [cell for block in case.blocks for cell in _cells(case, block)]
    known = [cell.id for cell in cells]
    for name in dict.fromkeys(known):
        if known.count(name) > 1:
            raise bad_case(case.id, name, say("audit.case.cell_twice"))
    for name in case.exceptions:
        if name not in known:
            raise bad_case(case.id, "[[exception]]", say("audit.case.no_cell", name=name), did_you_mean(name, known))
    return Verified(case, tuple(cells))


def _cells(case: Case, block: Block) -> Iterator[Cell]:
    """The cells of a block; it says itself how many there are, so that none is lost unseen."""
    made = list(_of_account(case, block, block.account) if block.account else _of_rows(case, block))
    if len(made) != block.cells:
        message = say("audit.case.other_count", count=len(made), said=block.cells)
        raise bad_case(case.id, f"[[recompute]] {block.id}", message)
    yield from made


def _of_rows(case: Case, block: Block) -> Iterator[Cell]:
    """Cells of sums, ratios and equations, compared with what is printed where `gives` says: in the row of the total,
    if it says nothing.
    """
    gives = block.gives or Reference(column=block.sum, at=dict.fromkeys(block.over, ALL))
    for seen, amount in _amounts(case, block):
        there = seen.find(gives)
        if there.figure(gives.column) is None:
            continue
        name = "/".join(seen.row[key] for key in block.by) if block.by else seen.table.name(seen.row)
        yield _cell(there, name, gives.column, amount)


@dataclass(frozen=True)
class _Seen:
    """A row, as one block of a case sees it: where figures are looked up from."""

    case: Case
    block: Block
    table: Table
    row: Row

    @property
    def place(self) -> Text:
        return say("audit.place.line", table=self.table.id, number=self.row.line)

    def wrong(self, message: Text, do: str = "") -> ProjectError:
        return bad_case(self.case.id, f"[[recompute]] {self.block.id}", message, do)

    def figure(self, column: str) -> Printed | None:
        return self.case.figure(self.row[column], self.place)

    def amount(self, column: str, is_exact: bool = False) -> Amount | None:
        """A figure of the row with its unit, in which CNY stands for the currency of the case."""
        figure = self.figure(column)
        return None if figure is None else _as_amount(self.case, figure, self.table.unit(column, self.row), is_exact)

    def find(self, reference: Reference) -> _Seen:
        """The one row that a reference names."""
        found = self.matching(reference)
        if len(found) != 1:
            table, keys = self._keys(reference)
            wanted = [f"{key} = {value}" for key, value in keys.items()]
            raise self.wrong(say("audit.case.not_one_row", count=len(found), table=table.id, wanted=wanted))
        return found[0]

    def matching(self, reference: Reference) -> list[_Seen]:
        """The rows that a reference names: this one, or those with its keys."""
        if not (reference.table or reference.at or reference.over) and reference.column in self.row.cells:
            return [self]
        table, keys = self._keys(reference)
        rows = [row for row in table.rows if all(row[key] == value for key, value in keys.items())]
        return [replace(self, table=table, row=row) for row in rows if all(row[key] != ALL for key in reference.over)]

    def _keys(self, reference: Reference) -> tuple[Table, dict[str, str]]:
        """What rows must have in their keys: what the reference says, else what this row has; the keys that are added
        up over are free.
        """
        table = self.case.tables[reference.table] if reference.table else self.table
        carried = {key: self.row[key] for key in table.keys if key in self.row.cells and key not in reference.over}
        return table, {**carried, **reference.at}


def _cell(there: _Seen, name: str, column: str, amount: Amount) -> Cell:
    """The verdict on one printed figure."""
    case, block, row = there.case, there.block, there.row
    text, unit, figure = row[column], there.table.unit(column, row), there.figure(column)
    assert figure is not None
    try:
        got = amount.to(case.unit(unit))
    except UnitError as error:
        raise bad_case(case.id, there.place, error.message) from error
    is_bound = text.startswith(AT_LEAST)
    follows = got.interval.high >= figure.value if is_bound else got.interval.meets(case.interval(figure))
    identity = f"{block.id}/{name}" if name else block.id
    verdict, note = "holds" if follows else "fails", row.said("note") or block.note
    if identity in case.exceptions:
        verdict = "fails" if follows else "does_not_follow"
        reason = case.exceptions[identity]
        note = say("audit.case.stale", reason=reason) if follows else reason
    off = figure.digits_off(got.number)
    room = got.interval.width + (0 if is_bound else case.interval(figure).width)
    return Cell(
        identity,
        block.says,
        row.said("locator") or there.table.locator,
        text,
        unit,
        got.number,
        float(got.interval.low),
        float(got.interval.high),
        min(off, 0.0) if is_bound else off,
        figure.digits_off(figure.value + room / 2),
        verdict,
        note,
    )


# figures --------------------------------------------------------------------------------------------------------------


def _rows(case: Case, block: Block) -> list[_Seen]:
    """The rows that a block is of."""
    table = case.tables[block.table]
    rows = [row for row in table.rows if all(row[key] in allowed for key, allowed in block.where.items())]
    return [_Seen(case, block, table, row) for row in rows]


def _amounts(case: Case, block: Block) -> Iterator[tuple[_Seen, Amount]]:
    """Computed figures with the row that they belong to; where they are added up, the row holds the keys that
    are left.
    """
    table = case.tables[block.table]
    added_up = table.keys if block.by else block.over
    found = [(seen, _computed(seen)) for seen in _rows(case, block) if all(seen.row[key] != ALL for key in added_up)]
    known = [(seen, amount) for seen, amount in found if amount is not None]
    if not block.over and not block.by:
        yield from known
        return
    kept = block.by or tuple(key for key in table.keys if key not in block.over)
    groups: dict[tuple[str, ...], list[tuple[_Seen, Amount]]] = {}
    for seen, amount in known:
        groups.setdefault(tuple(seen.row[key] for key in kept), []).append((seen, amount))
    for names, members in groups.items():
        left = Row({**dict(zip(kept, names, strict=True)), **dict.fromkeys(block.over, ALL)}, members[0][0].row.line)
        yield replace(members[0][0], row=left), sum_of(amount for _, amount in members)


def _computed(seen: _Seen) -> Amount | None:
    """What a block computes from one row; None where the row lacks a figure for it."""
    block = seen.block
    try:
        amounts = {name: _amount(seen, reference) for name, reference in block.parts.items()}
        known = {name: amount for name, amount in amounts.items() if amount is not None}
        if len(known) < len(amounts):
            return None
        if block.way in _PAIRS:
            return _PAIRS[block.way](known["first"], known["second"])
        if not block.equation:
            return known["figure"]
        factor = known.pop("times", None) if block.times else None
        result = evaluate(_equation(seen), known)
        return result if factor is None else times(result, factor)
    except (UnitError, ZeroDivisionError) as error:
        said = say("audit.case.zero") if isinstance(error, ZeroDivisionError) else error.message
        raise seen.wrong(say("audit.case.at_line", place=seen.place, said=said)) from error


def _amount(seen: _Seen, reference: Reference) -> Amount | None:
    """The figure that a reference names, seen from a row; None where nothing is printed."""
    if reference.ratio:
        first, second = (_amount(seen, part) for part in reference.ratio)
        return None if first is None or second is None else ratio(first, second)
    if reference.value:
        figure = seen.case.figure(reference.value, f"[[recompute]] {seen.block.id}")
        return None if figure is None else _as_amount(seen.case, figure, reference.unit, reference.exact)
    if reference.over:
        parts = [there.amount(reference.column, reference.exact) for there in seen.matching(reference)]
        printed = [part for part in parts if part is not None]
        amount = sum_of(printed) if printed else None
    else:
        amount = seen.find(reference).amount(reference.column, reference.exact)
    if amount is None or reference.less is None:
        return amount
    less = _amount(seen, reference.less)
    return None if less is None else difference(less, amount)


def _as_amount(case: Case, figure: Printed, unit: str, is_exact: bool) -> Amount:
    interval = Interval.exact(figure.value) if is_exact else case.interval(figure)
    return Amount(float(figure.value), interval, case.unit(unit))


def _equation(seen: _Seen) -> Equation:
    """The equation of ours that a block names."""
    name = seen.block.equation
    found = equations().get(name)
    if found is None:
        raise seen.wrong(say("audit.case.no_equation", name=name), did_you_mean(name, equations()))
    if set(seen.block.arguments) != set(found.arguments):
        raise seen.wrong(say("audit.case.arguments", name=name, arguments=list(found.arguments)))
    return found


# accounts -------------------------------------------------------------------------------------------------------------


def account(case: Case, identity: str) -> Account:
    """The account that a block of a case makes of the printed quantities."""
    block = next(block for block in case.blocks if block.id == identity)
    assert block.account is not None
    return _account(case, block, block.account, "middle")


def _of_account(case: Case, block: Block, given: GivenAccount) -> Iterator[Cell]:
    """Cells of an account that a profile makes of printed quantities: every quantity, price and value of it that is
    printed.
    """
    accounts = [_account(case, block, given, end) for end in ("middle", "low", "high")]
    for seen in _rows(case, block):
        for measure in MEASURES:
            if seen.row["input"] == measure or seen.figure(measure) is None:
                continue
            figures = [_of_entries(seen, measure, whole) for whole in accounts]
            ends = [Fraction(number) for number, _ in figures]
            number, unit = figures[0]
            name = "/".join(part for part in (seen.table.name(seen.row), measure) if part)
            yield _cell(seen, name, measure, Amount(number, Interval(min(ends), max(ends)), unit))


def _account(case: Case, block: Block, given: GivenAccount, end: str) -> Account:
    """The account of the printed quantities, or of the least or the greatest that they can be."""
    rows = []
    for seen in _rows(case, block):
        measure = seen.row["input"]
        figure = seen.figure(measure) if measure else None
        if measure and figure is None:
            raise seen.wrong(say("audit.case.not_printed", place=seen.place, measure=measure))
        if figure is not None:
            chosen = {key: seen.row[key] for key in GIVEN if key in seen.row.cells and key not in MEASURES}
            unit = case.unit(seen.table.unit(measure, seen.row))
            rows.append({**chosen, measure: float(_end(figure, case.interval(figure), end)), "unit": unit})
    profile = load_profile(given.profile)
    return account_of(
        rows,
        profile=profile,
        year=given.year,
        name=given.name or case.name,
        methods=given.methods,
        coefficients=[
            *_own(case, given),
            *(row for name in given.rounded for row in _rounded(case, block, profile, name, end)),
        ],
    )


def _own(case: Case, given: GivenAccount) -> Iterator[Coefficient]:
    """The case's own coefficients, in the currency of the account."""
    for row in case.coefficients.get(given.override, ()):
        yield replace(row, unit=case.unit(row.unit))


def _rounded(case: Case, block: Block, profile: Profile, name: str, end: str) -> Iterator[Coefficient]:
    """A coefficient that the case takes for rounded: known to its digits, like a quantity. All others are the
    parameters of the study.
    """
    known = Coefficients(profile.tables)
    if name not in known.names:
        message = say("audit.case.no_coefficient", profile=profile.id, name=name)
        raise bad_case(case.id, f"[[recompute]] {block.id}", message, did_you_mean(name, known.names))
    for row in known.rows:
        if row.name == name:
            figure = stored_figure(row.value)
            yield replace(row, value=float(_end(figure, figure.interval, end)))


def _end(figure: Printed, interval: Interval, end: str) -> Fraction:
    return {"middle": figure.value, "low": interval.low, "high": interval.high}[end]


def _of_entries(seen: _Seen, measure: str, whole: Account) -> tuple[float, str]:
    """A figure of an account: the sum over the entries that a row names (an empty cell names all), in the unit of the
    account.
    """
    wanted = {field: seen.row[key].split("+") for key, field in _NAMED.items() if seen.row[key]}
    entries = [
        entry for entry in whole.entries if all(getattr(entry, field) in names for field, names in wanted.items())
    ]
    part = whole.replace(entries)
    if measure == "value" and (value := part.total()) is not None:
        return value, "CNY/year"
    if measure == "price":
        prices = {(entry.price, entry.price_unit) for entry in entries if entry.price is not None}
        if len(prices) == 1:
            price, unit = prices.pop()
            assert price is not None
            return price, unit
    if measure == "quantity":
        quantities = [value for _, value, _ in part.by(measure="quantity")]
        units = {entry.unit for entry in entries if entry.quantity is not None and entry.unit}
        if len(units) == len(quantities) == 1:
            return quantities[0], units.pop()
    raise seen.wrong(say("audit.case.not_in_account", measure=say(f"audit.measure.{measure}"), place=seen.place))
