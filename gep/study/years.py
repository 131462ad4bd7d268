"""A study of several years: which can be computed, and which are finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gep.account.account import Account
from gep.core.errors import InputError, UsageError, waived
from gep.core.messages import Text, say
from gep.engine.loop import Loop, choose_loop
from gep.study.run import read_run
from gep.study.run_record import identity_of
from gep.study.stack import told_once

if TYPE_CHECKING:
    from gep.study.study import Study


def stop_on_errors(studies: Mapping[int, Study]) -> None:
    """Open the inputs of every year before any is computed. Raises InputError with what is wrong with all of them."""
    found = {year: waived(study.inputs.problems, study.spec.waivers) for year, study in studies.items()}
    told = told_once(found)
    if errors := [one for one in told if one.severity == "error"]:
        spec = next(iter(studies.values())).spec
        name = Text(spec.name, spec.name_zh or spec.name)
        raise InputError(say("study.study.errors", name=name, count=len(errors)), told)


def finished(study: Study, folder: Path, loop: Loop = "auto") -> Account | None:
    """The account of a folder where it is a whole run of the same inputs, project and program; its inputs are hashed,
    and nothing is computed.
    """
    try:
        account = read_run(folder)
    except UsageError:
        return None
    plan = replace(study._plan, plan=choose_loop(study._plan.plan, loop))
    run_id, _ = identity_of(study.inputs, plan)
    return account if account.about.run_id == run_id else None
