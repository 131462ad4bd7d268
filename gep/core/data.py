"""Where the data are: `coefficients/`, inside the wheel or beside the package in a checkout; and folders of the same
shape that parts from outside bring along (`gep.core.parts`).
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from gep.core.errors import CoefficientError, InputError, Problem, ProjectError, did_you_mean, failure, problem
from gep.core.messages import Text, say


@cache
def data_folder() -> Path:
    """The folder of shipped coefficients, crosswalks, prices and profiles."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_coefficients", package.parent / "coefficients"):
        if (folder / "sources.toml").is_file():
            return folder
    raise CoefficientError(say("core.no_shipped_data"))


_added: dict[str, Path] = {}
"""The folders of parts from outside, by the name of the parts."""

_kept: list[Callable[[], None]] = []
"""What forgets something that was read of the data."""

Kept = TypeVar("Kept", bound=Callable[..., Any])


def renewed(kept: Kept) -> Kept:
    """Let what a cached function keeps be forgotten whenever parts from outside come or go."""
    _kept.append(kept.cache_clear)  # type: ignore[attr-defined]  # what functools makes has it, and no common type
    return kept


def forget() -> None:
    """Forget what was read of the data, or follows from it."""
    for clear in _kept:
        clear()


def add_data(name: str, folder: Path) -> None:
    """Let a folder of data from outside stand behind the shipped ones, under the name of the parts that it is of."""
    _added[name] = folder
    forget()


def take_data(name: str) -> None:
    """Take the folder of some parts away again."""
    _added.pop(name, None)
    forget()


def data_folders() -> list[Path]:
    """The folder of the shipped data, and those from outside behind it."""
    return [data_folder(), *_added.values()]


def owner_of(folder: Path) -> str:
    """The name of the parts that a folder among the data is of; empty where it is shipped, or none of the data."""
    return next((name for name, added in _added.items() if added in (folder, *folder.parents)), "")


def data_rows(table: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table of the data, as of `read_csv`: the shipped ones, then those from outside."""
    for folder in data_folders():
        if (folder / table).is_file():
            yield from read_csv(folder / table)


def header_of(table: str) -> tuple[str, ...]:
    """The columns of a shipped table; of a table of a folder those of its neighbours, or of coefficients; else none."""
    path = data_folder() / table
    if not path.is_file() and path.parent != data_folder():
        folder = path.parent if path.parent.is_dir() else data_folder() / "common"
        path = next(iter(sorted(folder.glob("*.csv"))), path)
    if path.suffix != ".csv" or not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(next(csv.reader(file)))


def data_sections(file: str) -> dict[str, Any]:
    """The sections of a TOML file of the data, shipped or from outside."""
    there = [folder / file for folder in data_folders() if (folder / file).is_file()]
    return {name: section for path in there for name, section in read_toml(path).items()}


def data_files(pattern: str) -> list[Path]:
    """The files of the data that match a pattern, folder by folder."""
    return [path for folder in data_folders() for path in sorted(folder.glob(pattern))]


def written(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written: its inode, size and time of change. With it, what was read may be kept."""
    about = path.stat()
    return about.st_ino, about.st_size, about.st_mtime_ns


MOST_BYTES = 4 * 2**20
"""Bytes of a TOML file: no list of codes or layers comes near."""


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, with a clear error for one that is missing, too large to be one, cannot be read or breaks the
    syntax.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise _unreadable(path, problem("core.F01.large_file", path.name, most=MOST_BYTES))
        return tomllib.loads(text.decode("utf-8-sig"))
    except FileNotFoundError:
        raise _unreadable(path, problem("core.F01.no_such_file", path.name)) from None
    except OSError as error:
        raise _unreadable(path, problem("core.F01.unreadable_file", path.name, reason=failure(error))) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, problem("core.P02.not_utf8", path.name)) from error
    except RecursionError as error:
        raise _unreadable(path, problem("core.P02.nested", path.name)) from error
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, _bad_syntax(path, error)) from error


def _unreadable(path: Path, found: Problem) -> ProjectError:
    return ProjectError(say("core.unreadable", path=path), [found])


def _bad_syntax(path: Path, error: tomllib.TOMLDecodeError) -> Problem:
    """A syntax error with its line, and what to write for the mistakes that are common."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    at = re.search(r" \(at line (\d+), column \d+\)", str(error))
    number = int(at[1]) if at else 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    do = say("core.toml_line.correct")
    if set(line) & set("“”‘’＝［］"):
        do = say("core.toml_line.signs")
    elif "\\" in line:
        do = say("core.toml_line.backslash")
    return problem(
        "core.P02.bad_toml",
        path.name,
        place=line_of(path, number) if number else "",
        found=line[:80],
        do=do,
        reason=str(error).split(" (at ")[0],
    )


def line_of(path: Path, line: int) -> Text:
    """Where something stands: a file and a line of it."""
    return say("core.line_of_file", file=path.name, line=line)


MORE_CELLS = "(beyond the last heading)"
"""The heading under which `read_csv` gives what stands to the right of the table: a comma too many in the line."""


_HEADING = re.compile(r"[\w .()（）%/²³·°^*-]{1,60}")


def shown_heading(text: str) -> str:
    """The heading of a column as a message may show it: words. Of a file that is no table, a line of whatever it holds
    would be told, so that stays out.
    """
    return text if _HEADING.fullmatch(text) else "…"


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV as (line number, cells by heading), cells stripped.

    UTF-8, with or without a byte order mark, or UTF-16 with one; GB 18030 otherwise. Separated by commas, semicolons or
    tabs, whichever the heading has most of. Raises InputError where it is no text.
    """
    text = text_of(path)
    heading = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [name.strip() for name in next(reader, ())]
        if twice := [f"`{name}`" for name, times in Counter(filter(None, headings)).items() if times > 1]:
            found = problem("core.T02.columns_twice", path.stem, place=path.name, columns=twice)
            raise InputError(say("core.unreadable", path=path.name), [found])
        for row in reader:
            cells = dict(zip(headings, map(str.strip, row), strict=False))
            cells.update(dict.fromkeys(headings[len(row) :], ""))
            cells.pop("", None)
            if more := [cell.strip() for cell in row[len(headings) :] if cell.strip()]:
                cells[MORE_CELLS] = ", ".join(more)
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        broken = problem("core.F01.broken_table", path.stem, place=line_of(path, reader.line_num), reason=error)
        raise InputError(say("core.unreadable", path=path.name), [broken]) from error


def csv_cells(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of a CSV as (line number, cells), whatever they are; separated by what most lines have most of.

    Encodings as of `read_csv`. Raises InputError where it is no text.
    """
    text = text_of(path)
    delimiter = max(",;\t", key=text.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        broken = problem("core.F01.broken_table", path.stem, place=line_of(path, reader.line_num), reason=error)
        raise InputError(say("core.unreadable", path=path.name), [broken]) from error


def text_of(path: Path) -> str:
    """The text of a file: UTF-8, UTF-16 with a byte order mark, or GB 18030. Raises InputError where it is none."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        lost = problem("core.F01.unreadable_file", path.stem, place=path.name, reason=failure(error))
        raise InputError(say("core.unreadable", path=path.name), [lost]) from error
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    no_text = problem("core.F01.not_text", path.stem, place=path.name)
    raise InputError(say("core.unreadable", path=path.name), [no_text])


def pick(name: str, known: list[str], what: Literal["profile", "scheme", "inherited_service"]) -> str:
    """`name` if it is known, otherwise an error that lists what there is."""
    if name not in known:
        raise ProjectError(say(f"core.unknown.{what}", name=name, hint=did_you_mean(name, known), known=known))
    return name
