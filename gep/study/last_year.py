"""The finished run of an earlier year that a project names: read as what anyone may have written."""

from __future__ import annotations

from gep.account.account import Account
from gep.core.errors import GepError, Problem, problem
from gep.inputs.spec import StudySpec
from gep.study.run import read_run


def read_last_year(spec: StudySpec) -> tuple[Account | None, list[Problem]]:
    """The account of the earlier year with what it rests on, or why there is none; nothing where none is named."""
    if spec.last_year is None:
        return None, []
    place = spec.last_year.name
    try:
        account = read_run(spec.last_year)
        if account.has_ledger:
            _ = account.ledger  # read now, for it may be no ledger
    except GepError as error:
        return None, [problem("last_year.O28.unreadable", "study.last_year", place=place, why=error.message)]
    year = account.about.year
    if year >= spec.year:
        found = str(year)
        return None, [
            problem(
                "last_year.O28.not_before", "study.last_year", place=place, found=found, found_year=year, year=spec.year
            )
        ]
    return account, []
