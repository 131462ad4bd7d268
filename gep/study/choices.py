"""What the total of a run would be under every other choice that its project could have made: each option of each
switch, each published set of coefficients, each other profile. Each is a recomputation of the whole study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gep.account.account import Account
from gep.core.catalog import named
from gep.core.errors import GepError, UsageError
from gep.core.messages import Text, joined, listed, say
from gep.core.translation import translated
from gep.engine.run import Progress
from gep.inputs.spec import StudySpec
from gep.services import SERVICES
from gep.standards.coefficients import CHOSEN, load_alternatives, sources
from gep.standards.profile import load_profile, profile_ids
from gep.study.again import study_of
from gep.study.study import Study

SCHEMA = 1
PROFILE = "profile"
Shown = Callable[[str], AbstractContextManager[Progress | None]]


@dataclass(frozen=True)
class Choice:
    """Another choice: its option beside that of the run, what rests on it, and the total that it would give; or in
    `reason` why it gives none. `behind` is the clause or the source.
    """

    kind: Literal["switch", "coefficients", "profile"]
    name: str
    option: str
    of_run: str
    services: tuple[str, ...]
    meaning: str
    behind: str
    total: float | None = None
    change: float | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As the JSON document of the command has it."""
        return {**vars(self), "services": list(self.services)}


@dataclass(frozen=True)
class Choices:
    """The total of a run, and all other choices: those that change it, the greatest change first, and those that give
    no figure.
    """

    total: float
    found: tuple[Choice, ...]
    unchanged: int
    """How many more change nothing."""

    def document(self) -> dict[str, Any]:
        """What `gep uncertainty --choices --json` prints."""
        return {
            "schema": SCHEMA,
            "total": self.total,
            "choices": [choice.as_dict() for choice in self.found],
            "unchanged": self.unchanged,
        }


def choices_of(account: Account, project: Path | None, threads: int | None, progress: Shown) -> Choices:
    """The totals of a run under every other choice. Raises UsageError where the inputs of the run are not at hand, and
    for an account without values.
    """
    of_run = account.total()
    if of_run is None:
        raise UsageError(say("uncertainty.no_values", profile=account.about.profile))
    study = study_of(account, project)
    wanted = [*_switches(account, study.spec), *_sets(account, study.spec), *_profiles(account, study.spec)]
    found = []
    for number, (choice, spec) in enumerate(wanted, start=1):
        with progress(say("study.change.computation", name=spec.name, number=number, count=len(wanted))) as report:
            found.append(_computed(choice, spec, account, threads, report))
    changing = [choice for choice in found if choice.change != 0]
    changing.sort(key=lambda choice: (choice.change is None, -abs(choice.change or 0.0), choice.name, choice.option))
    return Choices(of_run, tuple(changing), len(found) - len(changing))


def _computed(
    choice: Choice, spec: StudySpec, of_run: Account, threads: int | None, progress: Progress | None
) -> Choice:
    """A choice with what it gives; with the reason where it leaves a service without its figure."""
    try:
        account = Study.from_spec(spec).run(threads=threads, progress=progress, record=False)
    except GepError as error:
        errors = [problem.message for problem in error.problems if problem.severity == "error"]
        return replace(choice, reason=errors[0] if errors else error.message)
    total, before = account.total(), of_run.total()
    if choice.kind == "profile" and total is not None and before is not None:
        there, were = account.totals("service"), of_run.totals("service")
        dropped, added = [[named(of) for of in a if of not in b] for a, b in ((were, there), (there, were))]
        said = [say("study.choices.without", services=listed(dropped))] if dropped else []
        said += [say("study.choices.also", services=listed(added))] if added else []
        return replace(choice, total=total, change=total - before, meaning=joined([choice.meaning, *said], "; ", "；"))
    known = {(missing.service, missing.detail) for missing in of_run.about.missing}
    gone = [missing.detail for missing in account.about.missing if (missing.service, missing.detail) not in known]
    lost = [service for service in choice.services if service not in account.totals("service")]
    if total is None or before is None or gone or lost:
        return replace(choice, reason=gone[0] if gone else say("study.choices.no_figure", services=lost))
    return replace(choice, total=total, change=total - before)


def _switches(account: Account, spec: StudySpec) -> Iterator[tuple[Choice, StudySpec]]:
    """Every other option of the switches of the services that have a figure."""
    valued = account.totals("service")
    for service, record in account.ledger["services"].items():
        if service not in valued or service not in SERVICES:
            continue
        for name, switch in SERVICES[service].switches.items():
            of_run = record["settings"].get(name, switch.default)  # a run may be older than the switch
            for option in switch.options:
                if option == of_run:
                    continue
                methods = {**spec.methods, service: {**spec.methods.get(service, {}), name: option}}
                meaning, behind = translated(switch.meaning), _taken_by(service, name, option)
                choice = Choice("switch", f"{service}.{name}", option, of_run, (service,), meaning, behind)
                yield choice, replace(spec, methods=methods)


def _taken_by(service: str, switch: str, option: str) -> Text:
    """The shipped profiles that take an option, each with its clause."""
    found = []
    for profile in profile_ids():
        rule = load_profile(profile).rules.get(service)
        if rule and rule.methods.get(switch) == option:
            found.append(say("study.choices.clause", profile=profile, clause=rule.clause) if rule.clause else profile)
    return say("study.choices.taken_by", profiles=listed(found)) if found else say("study.choices.taken_by_none")


def _profiles(account: Account, spec: StudySpec) -> Iterator[tuple[Choice, StudySpec]]:
    """Every other shipped profile that gives values. What the project says of methods holds where the profile counts
    the service.
    """
    for profile in profile_ids():
        other = load_profile(profile)
        if profile == account.about.profile or other.kind != "monetary":
            continue
        behind = Text(other.name_en, other.name_zh)
        choice = Choice("profile", PROFILE, profile, account.about.profile, (), say("study.choices.profile"), behind)
        methods = {service: of for service, of in spec.methods.items() if service in other.rules}
        yield choice, replace(spec, profile=profile, methods=methods)


def _sets(account: Account, spec: StudySpec) -> Iterator[tuple[Choice, StudySpec]]:
    """Every published set of a coefficient or price that figures of the run rest on."""
    used: dict[str, dict[str, None]] = {}
    for service in account.totals("service"):
        for name in _names_of(account, service):
            used.setdefault(name, {})[service] = None
    for set_, rows in load_alternatives().items():
        for name in dict.fromkeys(row.name for row in rows if row.name in used):
            row = next(row for row in rows if row.name == name)
            chosen = f"{CHOSEN}{set_}/{name}"
            if chosen in spec.coefficients.values() or f"{CHOSEN}{set_}" in spec.coefficients.values():
                continue
            about = sources().get(row.source, {})
            title = str(about.get("title", row.source))
            behind = say(
                "study.choices.source", title=Text(title, str(about.get("title_zh", title))), locator=row.locator
            )
            known = say("study.choices.of_profile")
            choice = Choice("coefficients", name, chosen, known, tuple(used[name]), row.note, behind)
            yield choice, replace(spec, coefficients={**spec.coefficients, "another choice": chosen})


def _names_of(account: Account, service: str) -> Mapping[str, None]:
    """The coefficients that the figures of a service rest on."""
    record = account.ledger["services"].get(service)
    names: dict[str, None] = {}
    for component in record["components"].values() if record else ():
        numbers = [number for price in component["prices"] for number in price["numbers"].values()]
        numbers += [number for arguments in component.get("arguments", ()) for number in arguments.values()]
        rows = [number["row"] for number in numbers if "row" in number]
        names |= {account.ledger["coefficients"][row]["name"]: None for row in rows}
        for flow in component.get("flows", ()):
            for node in flow["nodes"].values():
                names |= {of["coefficient"]: None for of in node["arguments"].values() if "coefficient" in of}
    return names
