"""The ledger: one SQLite file to which is only ever added, in transactions that are whole or not there.

Two programs that write at once wait for each other; each checks what it posts against what the other wrote. A process
that is killed, or a machine that loses power, leaves the file as it was before the posting.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gep.assets.credits import checks
from gep.assets.credits.tables import (
    CORRECT,
    ENTRIES,
    LOTS,
    MOVES,
    OUTSIDE,
    PROJECTS,
    VOID,
    Asked,
    Entry,
    Lot,
    Project,
    asked_of,
    day,
    project_of,
    schema,
)
from gep.assets.tables import read_table, stop_on
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import Text, say
from gep.inputs.workbooks import headings_of_sheets, is_workbook

if TYPE_CHECKING:
    import pandas as pd

    Source = Path | pd.DataFrame

_APPLICATION = int.from_bytes(b"gepC", "big")
"""How SQLite tells a ledger from other files of its kind."""

_PATIENCE = 60
"""Seconds that a program waits for another to finish writing."""


class Posted(NamedTuple):
    """How much was added."""

    projects: int
    lots: int
    entries: int


class Batch(NamedTuple):
    """What is to be posted, each with the place where it was written."""

    projects: Sequence[tuple[Text, Project]] = ()
    lots: Sequence[tuple[Text, Lot]] = ()
    entries: Sequence[Asked] = ()


class Ledger:
    """A ledger of credits. Use it in a `with` block, or close it.

    Args:
        path: the file.
        may_write: whether it may be added to; one that is not there is begun.
    """

    def __init__(self, path: Path, *, may_write: bool = False) -> None:
        self.path = path
        if not may_write and not path.is_file():
            raise self._refused(problem("credits.K29.no_ledger", path.name))
        if not path.parent.is_dir():
            raise self._refused(problem("credits.K29.no_folder", path.name, found=str(path.parent)))
        mode = "rwc" if may_write else "rw"  # a reader too puts right what a killed writer left
        with self._told():
            self.connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_PATIENCE
            )
            try:
                self._begin(may_write)
            except BaseException:
                self.connection.close()
                raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self.connection.close()

    def _begin(self, may_write: bool) -> None:
        one = self.connection
        one.execute("PRAGMA foreign_keys = ON")
        one.execute(f"PRAGMA query_only = {not may_write:d}")
        one.execute("PRAGMA synchronous = EXTRA")  # the file and its folder are on the disk before a posting is told
        if may_write and one.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            with self._transaction():
                if one.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:  # nobody else was faster
                    for statement in _statements(schema()):
                        one.execute(statement)
                    moves = {(kind, *move) for kind, move in MOVES.items()}
                    moves |= {(CORRECT, after, before) for before, after in MOVES.values()}
                    one.executemany("INSERT INTO moves VALUES (?, ?, ?)", sorted(moves))
                    one.execute(f"PRAGMA application_id = {_APPLICATION}")
        if one.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise self._refused(problem("credits.K29.not_a_ledger", self.path.name))

    def _refused(self, *problems: Problem) -> InputError:
        return InputError(say("credits.unusable", file=self.path.name), problems)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, as an error of ours."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise self._refused(problem("credits.K29.refused", self.path.name, reason=error)) from error
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            key = "credits.K29.busy" if is_busy else "credits.K29.refused"
            raise self._refused(problem(key, self.path.name, reason=error)) from error
        except sqlite3.DatabaseError as error:
            raise self._refused(problem("credits.K29.not_a_ledger", self.path.name)) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, with nobody else writing between the first look and the last word."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    # reading ----------------------------------------------------------------------------------------------------------

    def _all(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._told():
            return self.connection.execute(query, values).fetchall()

    def projects(self) -> list[Project]:
        """The crediting periods, by project and date."""
        return [Project._make(row) for row in self._all("SELECT * FROM projects ORDER BY project, begins")]

    def lots(self) -> dict[str, Lot]:
        """The lots by name."""
        return {lot.lot: lot for lot in (Lot._make(row) for row in self._all("SELECT * FROM lots ORDER BY lot"))}

    def entries(self, until: str = "") -> list[Entry]:
        """The entries in the order of their dates; those until a date."""
        where = "WHERE date <= ?" if until else "WHERE ? = ''"
        found = [Entry._make(row) for row in self._all(f"SELECT * FROM entries {where} ORDER BY entry", until)]
        return sorted(found, key=attrgetter("date"))  # most are in this order, which SQLite would not make use of

    def entries_of(self, lot: str) -> list[Entry]:
        """The entries of a lot in the order of their dates."""
        return [Entry._make(row) for row in self._all("SELECT * FROM entries WHERE lot = ? ORDER BY date, entry", lot)]

    def entry(self, number: int) -> Entry | None:
        """An entry by its number."""
        found = self._all("SELECT * FROM entries WHERE entry = ?", number)
        return Entry._make(found[0]) if found else None

    def balances(self) -> dict[tuple[str, str, str], int]:
        """What lies where, by lot, holder and state."""
        rows = self._all("SELECT lot, holder, state, quantity FROM balances WHERE quantity > 0")
        return {(str(lot), str(holder), str(state)): int(str(quantity)) for lot, holder, state, quantity in rows}

    def problems(self) -> list[Problem]:
        """Where the balances are not what the entries come to: only another program can have brought that about."""
        rows = self._all(
            """
            SELECT lot, holder, state, sum(moved) FROM (
                SELECT lot, '' AS holder, ? AS state, quantity AS moved FROM lots
                UNION ALL SELECT lot, from_holder, from_state, -quantity FROM entries
                UNION ALL SELECT lot, to_holder, to_state, quantity FROM entries
            ) GROUP BY lot, holder, state
            """,
            OUTSIDE,
        )
        found = {(str(lot), str(holder), str(state)): int(str(moved)) for lot, holder, state, moved in rows}
        there = self.balances()
        return [
            problem("credits.K29.balance", key[0], found=str(there.get(key, 0)), right=found.get(key, 0), holder=key[1])
            for key in sorted(there.keys() | found.keys())
            if there.get(key, 0) != found.get(key, 0)
        ]

    # writing ----------------------------------------------------------------------------------------------------------

    def post(
        self, *, projects: Source | None = None, lots: Source | None = None, entries: Source | None = None
    ) -> Posted:
        """Add what tables say, all of it or nothing.

        Args:
            projects: crediting periods, with the columns of `PROJECTS`; a CSV, a workbook or a frame.
            lots: what was issued, with the columns of `LOTS`.
            entries: what moved, with the columns of `ENTRIES`.

        Raises:
            InputError: with everything that is wrong; the ledger is then as it was.
        """
        batch, problems = read_batch(projects, lots, entries)
        return self.add(batch, problems)

    def add(self, batch: Batch, problems: Sequence[Problem] = ()) -> Posted:
        """Add what is given as records, all of it or nothing.

        Args:
            batch: the records.
            problems: what is known to be wrong with them; it is told along with the rest.

        Raises:
            InputError: with everything that is wrong; the ledger is then as it was.
        """
        with self._told(), self._transaction():
            entries, void = self._weighed(batch, problems)
            first = [lot for _, lot in batch.lots if lot.lot in void]
            then = [lot for _, lot in batch.lots if lot.lot not in void]
            self._insert("projects", [project for _, project in batch.projects])
            for lots, of in ((first, True), (then, False)):  # a voided lot frees its serial numbers for another
                self._insert("lots", lots)
                self._insert("entries", [entry for entry in entries if (entry.lot in void) is of])
        return Posted(len(batch.projects), len(batch.lots), len(entries))

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            plain = map(tuple, rows)  # which sqlite3 takes faster than records
            self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", plain)

    def _weighed(self, batch: Batch, known: Sequence[Problem]) -> tuple[list[Entry], set[str]]:
        """The entries of a batch, and the lots that it voids whole. Raises InputError with all problems."""
        projects = self.projects()
        keys = {(project.project, project.begins): project for project in projects}
        problems = checks.projects_of_sense(batch.projects, keys)
        lots = self.lots()
        given = {lot.lot: lot for _, lot in batch.lots}
        posting = checks.Posting(lots | given, self._corrected_by(batch.entries), self._references(), self._next())
        posting.take(batch.entries)
        void = set(_voided(posting.entries, given))
        is_void = {
            lot
            for (lot, _, state), left in self.balances().items()
            if state == VOID and lot in lots and left == lots[lot].quantity
        }
        problems += checks.lots_of_sense(
            [(place, lot) for place, lot in batch.lots if lot.lot not in void],
            [*projects, *(project for _, project in batch.projects)],
            lots,
            is_void,
        )
        posting.weigh(lambda lot: self.entries_of(lot) if lot in lots else ())
        stop_on([*known, *problems, *posting.problems])
        return posting.entries, void

    def _corrected_by(self, asked: Iterable[Asked]) -> Mapping[int, Entry]:
        found = {}
        for number in {row.corrects for row in asked if row.corrects is not None}:
            for row in self._all("SELECT * FROM entries WHERE entry = ? OR corrects = ?", number, number):
                entry = Entry._make(row)
                found[entry.entry] = entry
        return found

    def _references(self) -> set[str]:
        return {str(row[0]) for row in self._all("SELECT reference FROM entries WHERE reference IS NOT NULL")}

    def _next(self) -> int:
        return int(str(self._all("SELECT coalesce(max(entry), 0) + 1 FROM entries")[0][0]))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, each of which may hold others."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if sqlite3.complete_statement("\n".join(lines)):
            yield "\n".join(lines)
            lines = []


def _voided(entries: Iterable[Entry], lots: Mapping[str, Lot]) -> Iterator[str]:
    """The lots of a batch that are void whole in the end."""
    left: Counter[str] = Counter()
    for entry in entries:
        left[entry.lot] += entry.quantity * ((entry.to_state == VOID) - (entry.from_state == VOID))
    yield from (name for name, lot in lots.items() if left[name] == lot.quantity)


def read_batch(
    projects: Source | None, lots: Source | None, entries: Source | None
) -> tuple[Batch, tuple[Problem, ...]]:
    """What tables say, and what is wrong with rows of entries alone. Raises InputError for what is wrong with projects
    and lots.
    """
    problems: list[Problem] = []
    periods: list[tuple[Text, Project]] = []
    blocks: list[tuple[Text, Lot]] = []
    asked: list[Asked] = []
    if projects is not None:
        read = read_table(projects, PROJECTS, *_named(projects, "projects"))
        problems += read.problems
        periods = [(row.place, project_of(row)) for row in read.rows]
    if lots is not None:
        read = read_table(lots, LOTS, *_named(lots, "lots"))
        problems += read.problems
        for row in read.rows:
            lot, found = checks.lot_of(row, day)
            problems += found
            blocks.append((row.place, lot))
    stop_on(problems)  # of a lot that is broken, every entry would be told to have none
    if entries is not None:
        read = read_table(entries, ENTRIES, *_named(entries, "entries"))
        problems += read.problems
        asked = [asked_of(row) for row in read.rows]
    return Batch(periods, blocks, asked), tuple(problems)


def _named(source: Source, table: str) -> tuple[str, str]:
    """What a table is called in messages, and its sheet where the file is a workbook that has one of that name."""
    if not isinstance(source, Path):
        return table, ""
    has_sheet = is_workbook(source) and source.is_file() and table in headings_of_sheets(source)
    return source.name, table if has_sheet else ""
