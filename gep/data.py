"""Where the shipped data are: `coefficients/`, inside the wheel or beside the package in a checkout."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gep.errors import CoefficientError, ProjectError, did_you_mean


@cache
def data_folder() -> Path:
    """The folder of shipped coefficients, crosswalks, prices and profiles."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_coefficients", package.parent / "coefficients"):
        if (folder / "sources.toml").is_file():
            return folder
    raise CoefficientError("The shipped coefficients are missing from this installation: install gep again.")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, with a clear error for a syntax error."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{path}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path}: this is not valid TOML: {error}.") from error


def read_csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV as (line number, cells by heading), cells stripped. UTF-8, with or without a byte order mark; GB 18030 otherwise."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        if any((value or "").strip() for value in row.values() if isinstance(value, str)):
            yield (
                reader.line_num,
                {(key or "").strip(): (value or "").strip() for key, value in row.items() if isinstance(value, str | None)},
            )


def names_in(folder: str, suffix: str) -> list[str]:
    """Names of the shipped files of one kind, without their ending."""
    return sorted(path.stem for path in (data_folder() / folder).glob(f"*{suffix}"))


def pick(name: str, known: list[str], what: str) -> str:
    """`name` if it is known, otherwise an error that lists what there is."""
    if name not in known:
        raise ProjectError(f"There is no {what} `{name}`. {did_you_mean(name, known)} There are: {', '.join(known)}.".replace("  ", " "))
    return name
