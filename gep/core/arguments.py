"""Arguments of public functions that are of another kind than they take: told by name, before anything is done."""

from __future__ import annotations

from gep.core.errors import UsageError
from gep.core.messages import say


def check_argument(name: str, value: object, wanted: str, *types: type) -> None:
    """Raise UsageError for an argument that is of none of some types; `wanted` is the key of what it has to be. True
    and False are no numbers.
    """
    if not isinstance(value, types) or isinstance(value, bool):
        needed = say(f"core.argument.wanted.{wanted}")
        raise UsageError(say("core.argument.of_another_kind", name=name, found=type(value).__name__, wanted=needed))
