"""What a run depends on: found while its cells are read, and in parts that can be compared with those of another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from gep.account.record import Identity
from gep.core.messages import Text, say
from gep.inputs.fingerprints import changes_since, environment
from gep.inputs.open import Inputs

T = TypeVar("T")


def in_background(task: Callable[[], T]) -> Future[T]:
    """What a task comes to, in a thread that no end of the program waits for."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # raised where the result is asked for
            future.set_exception(error)

    Thread(target=work, daemon=True).start()
    return future


_LAYER = "layer "
_PROGRAM = ("gep", "code_sha256", "environment", "parts")
_OTHERS = ("loop", "zones", "tables", "price_index", "coefficient_tables")


def parts_of_identity(what: Identity) -> dict[str, str]:
    """The hash of each part of what a run depends on: of every layer, of files, settings, program and loop."""
    parts: dict[str, object] = {**what, "environment": dict(environment())}
    layers = parts.pop("inputs", {})
    assert isinstance(layers, dict)
    parts |= {f"{_LAYER}{name}": layer for name, layer in layers.items()}
    return {
        name: hashlib.sha256(json.dumps(part, sort_keys=True, default=str).encode()).hexdigest()
        for name, part in parts.items()
    }


def known_parts(inputs: Inputs, identity: Future[tuple[str, Identity]], is_waited_for: bool) -> dict[str, str] | None:
    """What a run depends on, each part by its hash; None as long as it is not known, or where a file is not as it was
    when the first cells were read.
    """
    if not is_waited_for and (not identity.done() or changes_since(inputs.stamps)):
        return None
    return parts_of_identity(identity.result()[1])


def part_of_identity(name: str) -> Text:
    """What a part is called."""
    if name.startswith(_LAYER):
        return Text(of_layer := f"`{name.removeprefix(_LAYER)}`", of_layer)
    if name in _OTHERS:
        return say(f"study.part.{name}")
    return say("study.part.program" if name in _PROGRAM else "study.part.project")
