"""What departments reply: figures for the tables, who answered, and what is lacking.

A reply is read for what its hidden sheet says was asked. Whatever can mean two things is refused, with its cell; a
department with a fault gets its workbook back, and none of its figures is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gep.core.errors import InputError, Problem, UsageError, problem, sort_problems
from gep.core.messages import say
from gep.inputs.form_cells import shown_cell
from gep.inputs.forms import BLOCK, Asked, Form, Workbook
from gep.inputs.reply_forms import Answer, Collected, FigureForm, Lacking, MoreForm
from gep.inputs.reply_sheets import Reply, Sheet, read_reply

State = Literal["not_returned", "returned", "sent_back", "accepted"]
"""Nothing came (未报); figures came, and some that are required lack (已报); there are faults (退回); all is there
(通过).
"""


@dataclass(frozen=True)
class Return:
    """What became of one form: who filled it in, how many figures, how many faults."""

    form: Asked
    state: State
    answered: int = 0
    faults: int = 0
    lacking: int = 0
    issued: str = ""
    deadline: str = ""
    date: str = ""
    prepared: str = ""
    checked: str = ""
    file: str = ""


@dataclass(frozen=True)
class Replies:
    """All that came back."""

    year: int
    answers: tuple[Answer, ...]
    returns: tuple[Return, ...]
    lacking: tuple[Lacking, ...]
    problems: tuple[Problem, ...]


def read_replies(folder: Path) -> Replies:
    """Every workbook of a folder, as replies of one round. Raises UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError(say("office.no_folder", folder=folder))
    files = sorted(path for path in folder.iterdir() if path.is_file() and _is_workbook(path))
    if not files:
        raise UsageError(say("office.no_replies", folder=folder))
    problems: list[Problem] = []
    replies: list[Reply] = []
    for path in files:
        try:
            replies.append(read_reply(path))
        except InputError as error:
            problems += error.problems
    if not replies:
        raise InputError(say("office.nothing_read", folder=folder), problems)
    year = replies[0].asked.year
    kept, wrong = _of_one_round(replies)
    problems += wrong
    readings = [_Reading.of(reply) for reply in kept]
    faulty = {found.subject for found in wrong}
    return Replies(
        year,
        tuple(answer for reading in readings if not reading.found.faults for answer in reading.found.answers),
        tuple(_returns(replies[0].asked, {one.reply.asked.department: one for one in readings}, faulty)),
        tuple(lack for reading in readings if reading.found.answers for lack in reading.found.lacking),
        tuple(sort_problems([*problems, *(found for reading in readings for found in reading.found.problems)])),
    )


def _is_workbook(path: Path) -> bool:
    """Whether a file is meant as a workbook: not the lock of one that is open."""
    return path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".et") and not path.name.startswith(("~$", "."))


def _of_one_round(replies: Sequence[Reply]) -> tuple[list[Reply], list[Problem]]:
    """The replies of the round, each department once: two of one department are both refused."""
    first = replies[0]
    problems, kept = [], []
    for reply in replies:
        others = [one.file for one in replies if one.asked.department == reply.asked.department and one is not reply]
        if (reply.asked.year, reply.asked.code) != (first.asked.year, first.asked.code):
            year, area, department = reply.asked.year, reply.asked.area, reply.asked.department
            problems.append(
                problem("office.F50.other_round", department, place=reply.file, other=first.file, year=year, area=area)
            )
        elif others:
            problems.append(problem("office.F50.twice", reply.asked.department, place=reply.file, others=others))
        else:
            kept.append(reply)
    return kept, problems


def _returns(asked: Workbook, readings: Mapping[str, _Reading], faulty: Iterable[str]) -> Iterator[Return]:
    """The return list: every form that was sent out."""
    for form in asked.asked:
        reading = readings.get(form.department)
        if reading is None:
            yield Return(form, "sent_back" if form.department in set(faulty) else "not_returned")
        else:
            yield reading.of_form(form)


@dataclass
class _Reading:
    """The reading of one reply: what it gives, and what is wrong with it."""

    reply: Reply
    found: Collected
    heads: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Reply) -> _Reading:
        """Read all forms of a reply."""
        reading = cls(reply, Collected(reply.asked))
        reading._check_other_sheets()
        for form in reply.asked.forms:
            reading._read(form)
        return reading

    def _read(self, form: Form) -> None:
        sheets = [sheet for sheet in self.reply.sheets if sheet.beside("number").text == form.number]
        if not sheets:
            self.found.fault(form, "office.T51.no_sheet", self.reply.file, number=form.number)
            return
        sheet, *copies = sheets
        if copies:
            titles = [f"`{one.title}`" for one in sheets]
            self.found.fault(form, "office.T51.sheet_twice", copies[0].whole, number=form.number, sheets=titles)
            return
        self._check_year(form, sheet)
        self.heads[form.number] = {key: sheet.beside(key).text for key in BLOCK}
        kind = MoreForm if form.kind == "more" else FigureForm
        kind(self.found, form, sheet).read()

    def _check_other_sheets(self) -> None:
        """A sheet that looks like a form and is none of this workbook was copied into it: nobody takes its figures."""
        numbers = {form.number for form in self.reply.asked.forms}
        for sheet in self.reply.sheets:
            number = sheet.beside("number").text
            is_form = number or any(sheet.find(key) for key in ("code", "figure"))
            if is_form and number not in numbers:
                first = self.reply.asked.forms[0]
                self.found.fault(first, "office.T51.other_sheet", sheet.whole, number=number or "—")

    def _check_year(self, form: Form, sheet: Sheet) -> None:
        said, year = sheet.beside("year").text, self.reply.asked.year
        if re.fullmatch(r"\d{4}年?", said) and int(said[:4]) != year:
            self.found.fault(form, "office.T51.other_year", sheet.whole, found=f"`{shown_cell(said)}`", year=year)

    def of_form(self, form: Asked) -> Return:
        """What became of a form of this reply; where nothing was filled in, none of it came back."""
        faults = self.found.faults.get(form.number, 0)
        lacking = sum(lack.number == form.number for lack in self.found.lacking)
        answered = sum(one.number == form.number for one in self.found.answers)
        is_blank = (not answered and form.figures) or not self.found.answers
        state: State = "sent_back" if faults else "not_returned" if is_blank else "returned" if lacking else "accepted"
        head = self.heads.get(form.number, {})
        names = {key: head.get(key, "") for key in ("issued", "deadline", "date", "prepared", "checked")}
        return Return(form, state, answered, faults, lacking, file=self.reply.file, **names)
