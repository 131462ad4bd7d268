"""What `--help` shows and what is said of a wrong call, in the language of the call.

The words stand in the catalogue of messages: `cli.help.<command>` says what a command does, `cli.help.<command>.<name>`
or else `cli.option.<name>` what an argument or an option means.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

from gep.cli.common import options
from gep.cli.language import given
from gep.core.errors import did_you_mean
from gep.core.letters import width
from gep.core.messages import Text, message, say

_WIDEST, _FIRST_COLUMN = 100, 24
_PIECES = re.compile(r"[（“]*[\u2e80-\uffef][，。：；、）”]*|[^\s\u2e80-\uffef]+[，。：；、）”]*\s*|\s+")
"""What a line may be broken between: words, and single Chinese characters with the signs that belong to them."""

Row = tuple[str, str]


class Command(TyperCommand):
    """A command whose help is in the language of the call."""

    def get_help(self, ctx: Any) -> str:
        return "\n".join(_page(self, ctx))


class Group(TyperGroup):
    """A group of commands whose help is in the language of the call."""

    def get_help(self, ctx: Any) -> str:
        return "\n".join(_page(self, ctx))


def _word(key: str, **values: Any) -> str:
    return say(f"cli.page.{key}", **values).to(options.language)


def _page(command: Any, ctx: Any) -> Iterator[str]:
    path, params = command_name(ctx), command.get_params(ctx)
    arguments = [param for param in params if param.param_type_name == "argument"]
    commands: Iterable[str] = command.list_commands(ctx) if _is_group(command) else ()
    yield usage(ctx)
    yield ""
    yield from _wrapped(_about(path), "  ", "  ")
    yield from _section("arguments", [(_argument(param), _meaning(path, param)) for param in arguments])
    yield from _section("options", [(_option(p), _meaning(path, p)) for p in params if p not in arguments])
    yield from _section("commands", [(name, _about(f"{path}.{name}".strip("."))) for name in commands])


def usage(ctx: Any) -> str:
    """The line that says how a command is called."""
    params = [param for param in ctx.command.get_params(ctx) if param.param_type_name == "argument"]
    words = [_word("some_options"), *map(_argument, params)]
    words += [_word("some_command")] if _is_group(ctx.command) else []
    return _word("usage", call=" ".join([ctx.command_path, *words]))


def command_name(ctx: Any) -> str:
    """The name of a command as keys have it: `coefficients.show`; nothing for the program itself."""
    names: list[str] = []
    while ctx.parent is not None:
        names, ctx = [ctx.info_name, *names], ctx.parent
    return ".".join(names)


def _is_group(command: Any) -> bool:
    return hasattr(command, "list_commands")


def _about(path: str) -> str:
    return say(f"cli.help.{path}" if path else "cli.help").to(options.language)


def _meaning(path: str, param: Any) -> str:
    own = f"cli.help.{path}.{param.name}" if path else f"cli.option.{param.name}"
    text = say(own if _is_there(own) else f"cli.option.{param.name}").to(options.language)
    shown = param.default if getattr(param, "show_default", True) else None
    if shown in (None, "", False) or callable(shown):
        return text
    if shown is True:  # one of a pair of flags
        shown = param.opts[0]
    return f"{text}  {_word('default', value=str(shown))}"


def _is_there(key: str) -> bool:
    try:
        message(key)
    except KeyError:
        return False
    return True


def _argument(param: Any) -> str:
    name = param.metavar or param.name.upper()
    return name if param.required else f"[{name}]"


def _option(param: Any) -> str:
    names = ", ".join(sorted(param.opts, key=len)) + "".join(f" / {name}" for name in param.secondary_opts)
    return f"{names} {param.metavar}" if param.metavar else names


def _section(key: str, rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    yield f"\n{_word(key)}"
    column = min(_FIRST_COLUMN, max(len(first) for first, _ in rows)) + 4
    for first, text in rows:
        lead = f"  {first}  "
        if len(lead) > column:
            yield lead.rstrip()
            lead = ""
        yield from _wrapped(text, lead.ljust(column), " " * column)


def _wrapped(text: str, first: str, other: str) -> Iterator[str]:
    """A text in lines that fit the terminal, where a Chinese character takes two columns."""
    columns = min(shutil.get_terminal_size().columns, _WIDEST) - 1
    line = first
    for piece in _PIECES.findall(text):
        if width(line + piece.rstrip()) > columns and line.strip():
            yield line.rstrip()
            line = other
        line += piece
    yield line.rstrip()


# wrong calls ----------------------------------------------------------------------------------------------------------


def wrong_call(error: Any) -> Text:
    """What a usage error of click means, which typer may carry under a name of its own."""
    kind, param, text = type(error).__name__, getattr(error, "param", None), str(error.message)
    if kind == "NoSuchOption":
        known = error.possibilities or ()
        return _wrong("no_such_option", option=error.option_name, hint=did_you_mean(error.option_name, known))
    if kind == "MissingParameter" and param is not None:
        return _wrong("missing", name=_named(param))
    if kind == "BadParameter" and param is not None:
        there, needed = given(param.opts, sys.argv[1:]), _needed(param, text)
        return _wrong("invalid_value", name=_named(param), found=there, needed=needed)
    if kind == "BadOptionUsage":
        key = "takes_no_value" if "not take" in text else "needs_a_value"
        return _wrong(key, option=error.option_name)
    if found := re.match(r"No such command '(.*?)'", text):
        hint = did_you_mean(found[1], error.ctx.command.list_commands(error.ctx))
        return _wrong("no_such_command", name=found[1], hint=hint)
    if found := re.match(r"Got unexpected extra arguments?.*?\(([^()]*)\)$", text):
        return _wrong("too_many", found=found[1])
    return _wrong("other", text=error.format_message())


def _needed(param: Any, text: str) -> Text:
    """What an option takes, as the catalogue has it, else as the library told its words or its kind of number."""
    if _is_there(f"cli.needed.{param.name}"):
        return say(f"cli.needed.{param.name}")
    if words := re.findall(r"'([^']*)'", text.partition(" is not one of ")[2]):
        return say("cli.one_of", words=words)
    for kind, name in (("integer", "whole"), ("number", "number")):
        if f"valid {kind}" in text:
            return say(f"study.documents.form.{name}")
    return Text(text, text)


def _wrong(key: str, **values: Any) -> Text:
    return say(f"cli.wrong.{key}", **values)


def _named(param: Any) -> str:
    """An argument or an option as it is written on the command line."""
    return str(_argument(param).strip("[]") if param.param_type_name == "argument" else max(param.opts, key=len))
