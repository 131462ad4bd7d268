"""Every check stands in one list, with the codes that it may find."""

import inspect
import re
from pathlib import Path

import pytest
from places import ROOT

from gep.core.messages import catalogue
from gep.study.checks import CELLS, CHECKS, RESULT, checks_of

OF_AUDIT = {"A01", "V01", *(code for code in catalogue("codes") if code.startswith("K"))}
"""Codes of published tables and cases, and of accounts beside GEP, which are no inputs of a study."""


def test_every_code_has_a_check_that_may_find_it():
    codes = set(catalogue("codes")) - OF_AUDIT
    assert {code for check in CHECKS for code in check.codes} == codes
    assert all(checks_of(code) for code in codes)


def test_a_check_stands_once():
    functions = [check.find for check in CHECKS]
    assert len(functions) == len(set(functions))


@pytest.mark.parametrize("check", [*CELLS, *RESULT], ids=lambda check: check.find.__name__)
def test_a_check_says_what_it_is_for(check):
    assert inspect.getdoc(check.find)


def test_no_code_is_made_that_the_list_does_not_have():
    """A key of a message with a code, anywhere in the package, is of a code that a check is said to find."""
    listed = {code for check in CHECKS for code in check.codes} | OF_AUDIT
    made = set()
    for path in Path(ROOT / "gep").rglob("*.py"):
        made |= set(re.findall(r"\"[a-z_]+\.([A-Z]\d\d)\.", path.read_text(encoding="utf-8")))
    assert made <= listed


def test_every_code_is_raised_by_a_test():
    """Named by a test beside those that go over all codes: what nothing can raise is no code."""
    of_all = {"test_list_of_checks.py", "test_codes.py"}
    named = set()
    for path in (ROOT / "tests").rglob("*.py"):
        if path.name not in of_all:
            named |= set(re.findall(r"\b[A-Z]\d\d\b", path.read_text(encoding="utf-8")))
    assert set(catalogue("codes")) - named == set()
