"""A study of several years: which can be computed, which are finished, and a pass over the cells of several."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gep.account.account import Account
from gep.account.record import Identity
from gep.core.errors import GepError, InputError, UsageError, waived
from gep.core.messages import Text, say
from gep.engine.kept import Kept
from gep.engine.loop import Loop, choose_loop
from gep.engine.run import Progress
from gep.engine.together import is_same_land, run_together
from gep.engine.windows import MEMORY, at_once
from gep.plan.planner import StudyPlan
from gep.study.computed import Passed, cores
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


class Together:
    """Years, each with the file for its finished windows, whose cells are passed over together: what they share is read
    once. As many go together as the memory has room for the sums of, the others after them.

    A year is passed over when it, or one that goes with it, is first asked for; what is wrong with it is raised when it
    is its turn.
    """

    def __init__(self, years: Mapping[int, tuple[Study, Path]]) -> None:
        self._years = dict(years)
        self._passed: dict[int, Passed | GepError] = {}

    def run(
        self,
        year: int,
        *,
        threads: int | None,
        memory: float = MEMORY,
        client: None = None,
        progress: Progress | None = None,
        loop: Loop = "auto",
        keep: Path | None = None,
        resume: bool = False,
    ) -> Account:
        """The account of a year: to the bits that of `Study.run`, which says what is raised."""
        if year not in self._passed:
            self._pass(year, threads, memory, progress, loop, resume=resume)
        study, _ = self._years.pop(year)
        passed = self._passed.pop(year)
        if isinstance(passed, GepError):
            self._forget(resume=resume)
            raise passed
        try:
            return study._account(passed, passed.sums)
        except GepError:
            self._forget(resume=resume)
            raise

    def _pass(
        self, year: int, threads: int | None, memory: float, progress: Progress | None, loop: Loop, *, resume: bool
    ) -> None:
        """Pass over a year, and over others of the same land with it."""
        count, most = threads or cores(), 1
        ready: list[tuple[int, StudyPlan, Future[tuple[str, Identity]] | None, Kept | None]] = []
        for of, (study, keep) in self._years.items():
            if of in self._passed or len(ready) == most:
                continue
            try:
                if ready and not is_same_land(ready[0][1].plan, study._plan.plan):
                    continue
                after = ready[-1][2] if ready else None
                ready.append((of, *study._prepared(loop, keep, after, record=True, resume=resume)))
            except GepError as error:
                self._passed[of] = error
                if of == year:
                    return
            if len(ready) == 1:
                most, _ = at_once(ready[0][1].plan, count, memory)
        plans, kept = [one[1].plan for one in ready], [one[3] for one in ready]
        found = run_together(plans, threads=count, memory=memory, progress=progress, kept=kept)
        for (of, study_plan, identity, _), sums in zip(ready, found, strict=True):
            self._passed[of] = (
                sums if isinstance(sums, GepError) else Passed(study_plan, sums, identity, threads, memory)
            )

    def _forget(self, *, resume: bool) -> None:
        """Remove finished windows that no call will go on from, as is done of a year that stops."""
        for _, keep in self._years.values() if not resume else ():
            keep.unlink(missing_ok=True)
