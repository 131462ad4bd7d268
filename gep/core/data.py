"""Where the shipped data are: `coefficients/`, inside the wheel or beside the package in a checkout."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gep.core.errors import CoefficientError, InputError, Problem, ProjectError, did_you_mean


@cache
def data_folder() -> Path:
    """The folder of shipped coefficients, crosswalks, prices and profiles."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_coefficients", package.parent / "coefficients"):
        if (folder / "sources.toml").is_file():
            return folder
    raise CoefficientError("The shipped coefficients are missing from this installation: install gep again.")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, with a clear error for one that is missing, cannot be read or breaks the syntax."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        do = "Give the path of a project file, or call gep in the folder that holds it."
        raise _unreadable(path, "F01", "There is no such file.", do=do) from None
    except OSError as error:
        raise _unreadable(path, "F01", f"The file cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        do = "Save it as UTF-8 (in Notepad: Save as, encoding UTF-8)."
        raise _unreadable(path, "P02", "The file is not UTF-8 text.", do=do) from error
    except tomllib.TOMLDecodeError as error:
        raise _bad_syntax(path, error) from error


def _unreadable(path: Path, code: str, message: str, *, place: str = "", found: str = "", do: str = "") -> ProjectError:
    return ProjectError(f"{path} cannot be read.", [Problem(code, "error", path.name, message, place, found, do=do)])


def _bad_syntax(path: Path, error: tomllib.TOMLDecodeError) -> ProjectError:
    """A syntax error with its line, and what to write for the mistakes that are common."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    at = re.search(r" \(at line (\d+), column \d+\)", str(error))
    number = int(at[1]) if at else 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    do = "Correct this line; a text stands in quotes, a key and its value are joined by `=`."
    if set(line) & set("“”‘’＝［］"):
        do = 'Quotes, brackets and the equals sign must be the plain ASCII ones: " [ ] =.'
    elif "\\" in line:
        do = "In a path write / in place of \\, or put it in single quotes."
    return _unreadable(
        path,
        "P02",
        f"This is not valid TOML: {str(error).split(' (at ')[0]}.",
        place=f"{path.name}, line {number}" if number else "",
        found=line[:80],
        do=do,
    )


MORE_CELLS = "(beyond the last heading)"
"""The heading under which `read_csv` gives what stands to the right of the table: a comma too many in the line."""


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV as (line number, cells by heading), cells stripped.

    UTF-8, with or without a byte order mark, or UTF-16 with one; GB 18030 otherwise. Separated by commas, semicolons or
    tabs, whichever the heading has most of. Raises InputError where it is no text.
    """
    text = _text(path)
    heading = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey=MORE_CELLS)
    try:
        for row in reader:
            cells = {
                key.strip(): (value or "").strip()
                for key, value in row.items()
                if key and isinstance(value, str | None)
            }
            if more := [cell.strip() for cell in row.get(MORE_CELLS) or () if cell.strip()]:
                cells[MORE_CELLS] = ", ".join(more)
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise _no_table(path, f"The table cannot be read: {error}.", f"{path.name}, line {reader.line_num}") from error


def _text(path: Path) -> str:
    raw = path.read_bytes()
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _no_table(path, "The file is not text: neither UTF-8 nor GB 18030.", path.name)


def _no_table(path: Path, message: str, place: str) -> InputError:
    do = "Save it as CSV (UTF-8) or XLSX."
    return InputError(f"{path.name} cannot be read.", [Problem("F01", "error", path.stem, message, place, do=do)])


def pick(name: str, known: list[str], what: str) -> str:
    """`name` if it is known, otherwise an error that lists what there is."""
    if name not in known:
        raise ProjectError(
            f"There is no {what} `{name}`. {did_you_mean(name, known)} There are: {', '.join(known)}.".replace(
                "  ", " "
            )
        )
    return name
