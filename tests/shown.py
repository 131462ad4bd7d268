"""What an explanation shows, found again in its text."""

from __future__ import annotations

from pathlib import Path

from projects import Gep
from recomputed import Line, check, printed_lines

from gep.account.account import Account
from gep.study.folder import write_run


def named(lines: list[Line]) -> dict[str, Line]:
    return {line.name: line for line in lines}


def shown(account: Account, folder: Path, gep: Gep, *arguments: str) -> tuple[str, dict[str, Line]]:
    write_run(account, folder)
    said = gep("explain", folder, *arguments)
    assert said.code == 0, said.err
    lines = printed_lines(said.out)
    check(lines)
    return said.out, named(lines)
