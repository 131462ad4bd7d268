"""What is wrong with rows that are to be posted: all of it at once, before anything is written. The file itself holds
the same rules, for whatever else writes to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from gep.assets.credits.tables import CORRECT, MOVES, OUTSIDE, VOID, Asked, Entry, Lot, Project, kind_named
from gep.assets.tables import Row
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import Text

Balance = tuple[str, str]
"""A holder and a state."""

Placed = Sequence[tuple[Text, Lot]]


def projects_of_sense(rows: Iterable[tuple[Text, Project]], there: Mapping[tuple[str, str], Project]) -> list[Problem]:
    """Crediting periods that end before they begin, or are there already."""
    found, seen = [], set(there)
    for place, project in rows:
        if project.ends < project.begins:
            span = f"{project.begins} – {project.ends}"
            found.append(problem("credits.K20.period_backwards", project.project, place=place, found=span))
        key = project.project, project.begins
        if key in seen:
            found.append(problem("credits.K20.period_twice", project.project, place=place, found=project.begins))
        seen.add(key)
    return found


def lot_of(row: Row, day: Callable[[Row, str], str]) -> tuple[Lot, list[Problem]]:
    """A row of lots, and what is wrong with it alone."""
    credits = row.figure("credits").value
    first, last, series = row.whole("first_serial"), row.whole("last_serial"), row.text("series") or None
    lot = Lot(
        row.text("lot"),
        row.text("project"),
        row.text("product"),
        day(row, "vintage_begins"),
        day(row, "vintage_ends"),
        day(row, "date"),
        int(credits),
        series,
        first,
        last,
    )
    found = _whole(credits, lot.lot, row.place)
    if lot.vintage_ends < lot.vintage_begins:
        span = f"{lot.vintage_begins} – {lot.vintage_ends}"
        found.append(problem("credits.K20.vintage_backwards", lot.lot, place=row.place, found=span))
    elif lot.date < lot.vintage_ends:
        found.append(problem("credits.K25.lot", lot.lot, place=row.place, found=lot.date, ends=lot.vintage_ends))
    if len({value is None for value in (series, first, last)}) > 1:
        found.append(problem("credits.K21.half_a_serial", lot.lot, place=row.place))
    elif first is not None and last is not None and last - first + 1 != lot.quantity:
        found.append(
            problem(
                "credits.K21.count",
                lot.lot,
                place=row.place,
                found=f"{first} – {last}",
                serials=last - first + 1,
                credits=lot.quantity,
            )
        )
    return lot, found


def _whole(credits: float, subject: str, place: Text) -> list[Problem]:
    if credits > 0 and float(credits).is_integer():
        return []
    return [problem("credits.K28.no_whole_tonnes", subject, place=place, found=f"{credits:g}")]


def lots_of_sense(rows: Placed, projects: Iterable[Project], lots: Mapping[str, Lot], void: set[str]) -> list[Problem]:
    """Lots that are there twice, whose vintage lies outside of the crediting periods, whose serial numbers are those of
    others.
    """
    found: list[Problem] = []
    periods: dict[str, list[Project]] = defaultdict(list)
    for project in projects:
        periods[project.project].append(project)
    seen = set(lots)
    for place, lot in rows:
        if lot.lot in seen:
            found.append(problem("credits.K22.lot_twice", lot.lot, place=place))
        seen.add(lot.lot)
        of_project = periods.get(lot.project, [])
        if not of_project:
            hint = did_you_mean(lot.project, periods)
            found.append(problem("credits.K20.no_project", lot.lot, place=place, found=lot.project, hint=hint))
        elif not any(p.begins <= lot.vintage_begins and lot.vintage_ends <= p.ends for p in of_project):
            spans = [f"{p.begins} – {p.ends}" for p in of_project]
            vintage = f"{lot.vintage_begins} – {lot.vintage_ends}"
            found.append(problem("credits.K20.vintage", lot.lot, place=place, found=vintage, spans=spans))
    return found + _serials(rows, [lot for lot in lots.values() if lot.lot not in void])


def _serials(rows: Placed, there: Iterable[Lot]) -> list[Problem]:
    """Serial numbers that two lots have. Of neighbours in the order of their numbers at least one is new."""
    by_series: dict[str, list[tuple[int, int, str, Text | None]]] = defaultdict(list)
    for place, lot in (*((None, lot) for lot in there), *rows):
        if lot.series is not None and lot.first_serial is not None and lot.last_serial is not None:
            by_series[lot.series].append((lot.first_serial, lot.last_serial, lot.lot, place))
    found = []
    for series, blocks in by_series.items():
        blocks.sort(key=lambda block: block[:3])
        widest = blocks[0]
        for before, block in pairwise(blocks):
            widest = max(widest, before, key=lambda each: each[1])
            first, last, _, place = block
            if first > widest[1] or (place is None and widest[3] is None):
                continue
            new, other = (block, widest) if place is not None else (widest, block)
            shown = f"{series} {first} – {min(last, widest[1])}"
            found.append(problem("credits.K21.twice", new[2], place=new[3] or "", found=shown, other=other[2]))
    return found


class Posting:
    """Rows that somebody wants posted, made to entries one after the other.

    Args:
        lots: every lot, those that are posted along included.
        there: the entries of the ledger that may be corrected, by number.
        references: the references that the ledger has.
        first: the number of the next entry.
    """

    def __init__(self, lots: Mapping[str, Lot], there: Mapping[int, Entry], references: set[str], first: int) -> None:
        self.lots, self.there, self.references, self.next = lots, dict(there), set(references), first
        self.corrected = {entry.corrects for entry in there.values() if entry.corrects is not None}
        self.entries: list[Entry] = []
        self.places: dict[int, Text] = {}
        self.problems: list[Problem] = []

    def take(self, asked: Iterable[Asked]) -> None:
        """Make entries of rows; what is wrong with each is kept."""
        for row in asked:
            before = len(self.problems)
            if row.reference is not None and row.reference in self.references:
                self._wrong("K22.reference_twice", row, row.reference)
            elif row.reference is not None:
                self.references.add(row.reference)
            entry = self._correction(row) if row.kind == CORRECT else self._move(row)
            if entry is None or len(self.problems) > before:
                self.next += 1  # what stands behind it keeps the number that it would have had
                continue
            self.entries.append(entry)
            self.places[entry.entry] = row.place
            self.there[entry.entry] = entry
            self.next += 1

    def _wrong(self, key: str, row: Asked, found: str = "", **values: Any) -> None:
        subject = row.lot or row.kind
        self.problems.append(problem(f"credits.{key}", subject, place=row.place, found=found, **values))

    def _move(self, row: Asked) -> Entry | None:
        lot = self.lots.get(row.lot)
        if lot is None:
            self._wrong("K22.no_lot", row, row.lot, hint=did_you_mean(row.lot, self.lots))
            return None
        from_state, to_state = MOVES[row.kind]
        if row.kind != "void" and not row.holder:
            self._wrong("K28.no_holder", row, kind=kind_named(row.kind))
        if row.kind == "transfer" and (not row.new_holder or row.new_holder == row.holder):
            self._wrong("K28.no_new_holder", row, row.new_holder)
        if row.kind != "transfer" and row.new_holder:
            self._wrong("K28.new_holder", row, row.new_holder, kind=kind_named(row.kind))
        if row.corrects is not None:
            self._wrong("K28.corrects", row, str(row.corrects), kind=kind_named(row.kind))
        if row.kind == "cancel" and not (row.party and row.purpose):
            self._wrong("K28.no_beneficiary", row)
        if row.quantity is None:
            self._wrong("K28.no_quantity", row)
            return None
        self.problems += _whole(row.quantity, row.lot, row.place)
        if row.date < lot.date:
            self._wrong("K25.entry", row, row.date, issued=lot.date)
        target = row.new_holder if row.kind == "transfer" else row.holder
        return Entry(
            self.next,
            row.date,
            row.kind,
            row.lot,
            "" if from_state == OUTSIDE else row.holder,
            from_state,
            "" if to_state in (OUTSIDE, VOID) else target,
            to_state,
            int(row.quantity),
            row.value,
            row.party,
            row.purpose,
            row.register,
            row.reference,
            None,
            row.note,
        )

    def _correction(self, row: Asked) -> Entry | None:
        of = None if row.corrects is None else self.there.get(row.corrects)
        if of is None or of.kind == CORRECT:
            self._wrong("K28.no_entry", row, "" if row.corrects is None else str(row.corrects))
            return None
        if of.entry in self.corrected:
            self._wrong("K28.corrected_twice", row, str(of.entry))
            return None
        if row.date < of.date:
            self._wrong("K25.correction", row, row.date, date=of.date)
        said = (
            ("lot", row.lot, of.lot),
            ("holder", row.holder, of.from_holder or of.to_holder),
            ("credits", row.quantity, of.quantity),
            ("value", row.value, of.value),
        )
        for column, given, right in said:
            if given not in ("", None) and given != right:
                self._wrong("K28.other_than_corrected", row, f"{column} {given}", column=column, right=right)
        self.corrected.add(of.entry)
        back = (*of.target, *of.source)
        said_of = (row.party, row.purpose, row.register, row.reference)
        return Entry(self.next, row.date, CORRECT, of.lot, *back, of.quantity, of.value, *said_of, of.entry, row.note)

    def weigh(self, before: Callable[[str], Sequence[Entry]]) -> None:
        """Take out the entries that take more than there is on any day, with a problem for each.

        Args:
            before: the entries of the ledger on a lot.
        """
        by_lot: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            by_lot[entry.lot].append(entry)
        bad: set[int] = set()
        for name, new in by_lot.items():
            there = list(before(name))
            while (wrong := _overdrawn(self.lots[name], there, new)) is not None:
                entry, left = wrong
                bad.add(entry.entry)
                new = [each for each in new if each.entry != entry.entry]
                is_outside = entry.from_state == OUTSIDE
                key = "credits.K24.more_than_the_lot" if is_outside else "credits.K24.more_than_there_is"
                said: dict[str, Any] = {"left": left, "date": entry.date} | (
                    {} if is_outside else {"holder": entry.from_holder}
                )
                place, found = self.places[entry.entry], str(entry.quantity)
                self.problems.append(problem(key, name, place=place, found=found, **said))
        self.entries = [entry for entry in self.entries if entry.entry not in bad]


def _overdrawn(lot: Lot, there: Sequence[Entry], new: Sequence[Entry]) -> tuple[Entry, int] | None:
    """The new entry to which a balance below zero is owed, and what it could have moved; None where there is none."""
    left: Counter[Balance] = Counter({("", OUTSIDE): lot.quantity})
    is_new = {entry.entry for entry in new}
    latest: dict[Balance, Entry] = {}
    for entry in sorted((*there, *new), key=lambda each: (each.date, each.entry)):
        rest = left[entry.source]
        if entry.entry in is_new:
            latest[entry.source] = entry
        if rest < entry.quantity:
            owing = latest.get(entry.source, entry)
            return owing, max(0, owing.quantity - (entry.quantity - rest))
        left[entry.source] = rest - entry.quantity
        left[entry.target] += entry.quantity
    return None
