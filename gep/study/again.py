"""The study of a finished run, with the inputs that it had, to be computed again."""

from __future__ import annotations

from pathlib import Path

from gep.account.account import Account
from gep.core.errors import GepError, UsageError
from gep.core.messages import joined, say
from gep.study.causes import departures
from gep.study.run import place_of, project_of, zones_of
from gep.study.study import Study


def study_of(account: Account, given: Path | None) -> Study:
    """The study of a run with the inputs that it had. Raises UsageError where there is none."""
    folder, path = place_of(account), given or project_of(account)
    if path is None:
        raise UsageError(say("study.change.not_at_hand", folder=folder, option="--project"))
    study = Study.open(path)
    study = study.by_year().get(account.about.year, study)
    if zones := zones_of(account):
        sharing = account.record.get("zones", {}).get("of_tables", {}).get("sharing")
        study = study.with_zones(zones, "area" if sharing == "area" else "")
    if found := departures(account, study):
        raise UsageError(say("study.change.departed", folder=folder, path=path, found=joined(found, "; ", "；")))
    return study


def at_hand(account: Account, given: Path | None) -> Study | None:
    """The same; None where there is none and no project file is named."""
    try:
        return study_of(account, given)
    except GepError:
        if given is not None:
            raise
        return None
