"""How a study is computed: opened, planned, passed over, valued, and stopped on what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from gep.account.account import Account
from gep.account.basis import Basis
from gep.account.checks import check_account, check_figures_since, check_since
from gep.account.consequence import about_study, with_consequences
from gep.account.last_year import LastYear
from gep.account.occurrence import check_occurrence
from gep.account.record import Identity
from gep.account.valuation import make_account
from gep.core.errors import InputError, Problem, UsageError, idle_waivers, sort_problems, waived
from gep.core.messages import Text, say
from gep.engine.checks import check_sums
from gep.engine.kept import Kept
from gep.engine.loop import Loop, choose_loop
from gep.engine.run import Progress, run
from gep.engine.sample import joined
from gep.engine.sums import Sums
from gep.engine.windows import MEMORY, decoded_again
from gep.inputs.fingerprints import changes_since
from gep.inputs.open import Inputs, open_inputs
from gep.inputs.spec import StudySpec
from gep.plan.planner import StudyPlan, make_plan
from gep.study.identity import in_background, known_parts, part_of_identity
from gep.study.last_year import read_last_year
from gep.study.ledger import make_ledger
from gep.study.run_record import coverage_of, denominators, identity_of, record_of
from gep.study.shapes import zone_shapes
from gep.study.stack import dimensions_of, points_of, spec_at
from gep.study.words import as_arguments, in_arguments


@dataclass(frozen=True)
class Passed:
    """A pass over the grid of a study: by which plan, what it came to, the id of the run where that was asked for."""

    study_plan: StudyPlan
    sums: Sums
    identity: Future[tuple[str, Identity]] | None
    threads: int | None
    memory: float


class Computed:
    """What is opened and computed of a specification. Nothing is read before it is needed."""

    spec: StudySpec

    @cached_property
    def _dims(self) -> dict[str, list[Any]]:
        """The dimensions along which the study varies."""
        return dimensions_of(self.spec)

    @cached_property
    def inputs(self) -> Inputs:
        """The inputs, opened; see `.problems` for what is wrong with them. Those of the first year, draw or scenario of
        a study that varies.
        """
        with as_arguments(is_of_project=self.spec.is_of_project):
            return open_inputs(spec_at(self.spec, *next(points_of(self._dims))) if self._dims else self.spec)

    @cached_property
    def _plan(self) -> StudyPlan:
        """What is computed of the inputs and how: the same for the account, its maps and its densities."""
        return make_plan(self.inputs)

    @cached_property
    def _last_year(self) -> tuple[Account | None, list[Problem]]:
        return read_last_year(self.spec)

    def _since(self, basis: Basis) -> LastYear | None:
        """The study beside the account of an earlier year; None where it names none that can be read."""
        then, _ = self._last_year
        return LastYear(basis, then) if then else None

    def _prepared(
        self, loop: Loop, keep: Path | None, after: Future[Any] | None = None, *, record: bool, resume: bool
    ) -> tuple[StudyPlan, Future[tuple[str, Identity]] | None, Kept | None]:
        """What a pass over the grid needs: the plan, the id of the run as it is found out, `after` that of another one,
        and the file of finished windows.
        """
        self._stop_on_dimensions()
        self._stop_on_errors(self._found_opening)
        self._stop_on_errors(self._plan.problems)
        inputs, study_plan = self.inputs, replace(self._plan, plan=choose_loop(self._plan.plan, loop))
        identity = in_background(partial(_identity, inputs, study_plan, after)) if record else None
        kept = None
        if keep and identity:
            kept = Kept(keep, partial(known_parts, inputs, identity), part_of_identity, resume=resume)
        return study_plan, identity, kept

    def _pass(
        self,
        threads: int | None = None,
        window: int | None = None,
        memory: float = MEMORY,
        client: Any = None,
        progress: Progress | None = None,
        loop: Loop = "auto",
        keep: Path | None = None,
        *,
        record: bool = True,
        resume: bool = False,
    ) -> Passed:
        """One pass over the grid: see `Study.run`."""
        study_plan, identity, kept = self._prepared(loop, keep, record=record, resume=resume)
        sums = run(
            study_plan.plan,
            threads=threads or cores(),
            window=window,
            memory=memory,
            client=client,
            progress=progress,
            kept=kept,
        )
        return Passed(study_plan, sums, identity, threads, memory)

    def _account(self, passed: Passed, sums: Sums) -> Account:
        """The account of what was summed, or of what that would be otherwise. Raises InputError for all that is wrong
        with it, if any is an error.
        """
        inputs, study_plan, identity = self.inputs, passed.study_plan, passed.identity
        basis = Basis(study_plan, inputs, sums)
        again = decoded_again(study_plan.plan, passed.memory)
        found = [*self._found_opening, *study_plan.problems, *again, *self._found_in_cells(basis, passed.threads)]
        problems = waived(found, self.spec.waivers)
        self._stop_on_errors(problems)
        account, service_figures = make_account(study_plan, inputs, sums, about_study(inputs, study_plan))
        problems += [*account.about.problems, *(problem for v in service_figures for problem in v.problems)]
        account = account.replace(statistics=denominators(inputs))
        problems += check_account(account, inputs, study_plan, service_figures)
        problems += check_figures_since(self._since(basis), account)
        problems = waived([*problems, *idle_waivers(problems, self.spec.waivers)], self.spec.waivers)
        self._stop_on_errors(problems)
        wait([identity] if identity else [])
        self._stop_on_errors(changes_since(inputs.stamps))  # so what was hashed meanwhile is what was read
        run_record = record_of(inputs, identity.result(), study_plan, sums, service_figures) if identity else None
        run_id = run_record["run_id"] if run_record else ""
        sums = replace(sums, sample=joined(()))  # tens of megabytes, which only checks look at
        return account.replace(
            problems=tuple(self._worded(problems)),
            coverage=coverage_of(inputs, study_plan, sums, service_figures),
            record=run_record,
            run_id=run_id,
            make_ledger=partial(make_ledger, study_plan, inputs, sums, service_figures, run_id) if run_record else None,
            make_shapes=partial(zone_shapes, study_plan.plan.zones, study_plan.plan.grid.crs),
        )

    def _stop_on_dimensions(self) -> None:
        if self._dims:
            raise UsageError(say("study.stack.varies", dims=list(self._dims)))

    @property
    def _found_opening(self) -> list[Problem]:
        """What was found while the inputs and the account of an earlier year were opened."""
        return [*self.inputs.problems, *self._last_year[1]]

    def _found_in_cells(self, basis: Basis, threads: int | None) -> list[Problem]:
        """What a pass over the cells found, with its consequence, and what it says beside an earlier year."""
        found = check_sums(self.inputs, basis.plan, basis.sums)
        weighed = with_consequences(found, self.inputs, threads or cores())
        return [*weighed, *check_occurrence(basis), *check_since(self._since(basis))]

    def _stop_on_errors(self, problems: Any) -> None:
        problems = waived(problems, self.spec.waivers)
        if errors := [p for p in problems if p.severity == "error"]:
            message = say(
                "study.study.errors", name=Text(self.spec.name, self.spec.name_zh or self.spec.name), count=len(errors)
            )
            raise InputError(message, self._worded(problems))

    def _worded(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems in their order, in terms of arguments where no project file says what the study is."""
        found = sort_problems(problems)
        return found if self.spec.is_of_project else in_arguments(found)


def _identity(inputs: Inputs, study_plan: StudyPlan, after: Future[Any] | None) -> tuple[str, Identity]:
    """The id of a run; not while that of another is found out, so that what both rest on is hashed once."""
    wait([after] if after else [])
    return identity_of(inputs, study_plan)


def cores() -> int:
    """How many cores the process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
