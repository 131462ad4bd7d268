"""Arguments of public functions that are of another kind than they take: told by name, before anything is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gep.core.catalog import MEASURES
from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import joined, say


def check_argument(name: str, value: object, wanted: str, *types: type) -> None:
    """Raise UsageError for an argument that is of none of some types; `wanted` is the key of what it has to be. True
    and False are no numbers.
    """
    if not isinstance(value, types) or isinstance(value, bool):
        raise _refused(name, type(value).__name__, wanted)


def check_pair(name: str, value: object, wanted: str, types: tuple[Any, Any]) -> None:
    """Raise UsageError for what is not two members, each of its type, or holds an empty text."""
    is_pair = isinstance(value, tuple | list) and len(value) == len(types)
    members = zip(value, types, strict=True) if is_pair and isinstance(value, tuple | list) else [(None, str)]
    if not all(isinstance(member, of) and (member.strip() if of is str else True) for member, of in members):
        raise _refused(name, repr(value)[:60], wanted)


def check_measures(given: Collection[str]) -> None:
    """Raise UsageError for what is no list of measures."""
    strange = [given] if isinstance(given, str) else [str(name) for name in given if name not in MEASURES]
    if strange:
        hint = did_you_mean(strange[0], MEASURES)
        measures = joined(MEASURES, " and ", "、")
        raise UsageError(say("core.argument.measures", measures=measures, given=repr(given), hint=hint))


def check_waivers_given(waivers: object) -> None:
    """Raise UsageError for waivers without a name and a reason."""
    check_argument("waivers", waivers, "mapping", Mapping)
    assert isinstance(waivers, Mapping)
    for code, waiver in waivers.items():
        check_pair(f"waivers[{code!r}]", waiver, "waiver", (str, str))


def _refused(name: str, found: str, wanted: str) -> UsageError:
    needed = say(f"core.argument.wanted.{wanted}")
    return UsageError(say("core.argument.of_another_kind", name=name, found=found, wanted=needed))
