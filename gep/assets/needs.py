"""What an account beside GEP needs that a project does not give, and what of the project's own data it could take."""

from __future__ import annotations

from gep.assets.context import Context
from gep.assets.project import MAKERS, sections_of
from gep.core.messages import Text, joined, say, sentences

PRODUCTION = "net_primary_production"


def lacking(context: Context) -> list[tuple[str, Text]]:
    """Each section that the project does not have, with what it needs and what the project has that bears on it."""
    layers = context.project.layers
    there = sections_of(context)
    found = []
    for name in MAKERS:
        if name in there:
            continue
        parts = [say(f"assets.needs.{name}")]
        if name in ("carbon", "grazing") and PRODUCTION in layers:
            parts.append(say(f"assets.needs.{name}_production"))
        if name == "condition" and context.project.land_cover is not None:
            parts.append(say("assets.needs.condition_cover"))
        found.append((name, sentences(*parts)))
    return found


def told(context: Context) -> Text:
    """The same as lines."""
    lines = [say("assets.needs.line", section=f"[assets.{name}]", needs=text) for name, text in lacking(context)]
    return joined([say("assets.needs.head"), *lines, say("assets.needs.page")], "\n")
