"""MyST Markdown as text: escaping, tables, links and targets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gep.core.errors import UnitError
from gep.core.units import pretty

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$^&!@:])")
_RICH = re.compile(r"`(?P<code>[^`]+)`|\bdoi (?P<doi>10\.\d{4,}/[^\s,;]*[^\s,;.)])|\bdecision (?P<decision>\d{4})\b")


def escape(text: str) -> str:
    """Text as it stands, on one line: nothing in it is read as markup."""
    return _line_start(_SPECIAL.sub(r"\\\1", " ".join(text.split())))


def _line_start(text: str) -> str:
    """Without a list or a rule where a line begins with a number and a point, or with a sign."""
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", re.sub(r"^([-+=])", r"\\\1", text))


def code(text: str) -> str:
    """A name in the typewriter face, also inside a table."""
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`" if text else ""


def rich(text: str, symbols: Mapping[str, str] | None = None) -> str:
    """Text from a docstring or a note: what stands between backticks stays code, DOIs and decisions become links.

    `symbols` are patterns of words that are replaced, with the Markdown that replaces them.
    """
    drawn = sorted((symbols or {}).items(), key=lambda pair: len(pair[0]), reverse=True)
    words = "|".join(f"(?P<symbol{index}>{word})" for index, (word, _) in enumerate(drawn))
    pattern = re.compile(_RICH.pattern + (rf"|(?<![\w'.-])(?:{words})(?![\w'-])" if words else ""))
    line, out, position = " ".join(text.split()), "", 0
    for match in pattern.finditer(line):
        out += _SPECIAL.sub(r"\\\1", line[position : match.start()])
        if match["code"]:
            out += code(match["code"])
        elif match["doi"]:
            out += doi(match["doi"])
        elif match["decision"]:
            out += decision(match["decision"], match[0])
        else:
            out += drawn[int((match.lastgroup or "").removeprefix("symbol"))][1]
        position = match.end()
    return _line_start(out + _SPECIAL.sub(r"\\\1", line[position:]))


def doi(identifier: str) -> str:
    """A DOI as a link."""
    return f"[doi {escape(identifier)}](<https://doi.org/{identifier}>)"


def decision(number: str, text: str) -> str:
    """A decision record as a link, if there is one of the number."""
    found = sorted((Path(__file__).resolve().parents[2] / "decisions").glob(f"{number}-*.md"))
    return f"[{escape(text)}](/decisions/{found[0].name})" if found else escape(text)


def unit(text: str) -> str:
    """A unit as people write it; the text itself where it is none."""
    try:
        return escape(pretty(text))
    except UnitError:
        return escape(text)


def key(*parts: str) -> str:
    """The target of a thing: `key("layer", "soil_sand")` is `layer-soil-sand`."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)


def link(text: str, target: str) -> str:
    """A link to a target of this site; `text` is Markdown."""
    return f"[{text}](#{target})"


def mark(text: str, target: str) -> str:
    """A piece of a line that links can aim at; `text` is Markdown."""
    return f"[{text}]{{#{target}}}"


def styled(text: str, style: str) -> str:
    """A piece of a line in a style of the sheet; `text` is Markdown."""
    return f"[{text}]{{.{style}}}"


def heading(level: int, text: str, target: str = "") -> str:
    """A heading, with a target that links can aim at; `text` is Markdown."""
    return (f"({target})=\n" if target else "") + f"{'#' * level} {text}\n"


def number(value: float) -> str:
    """A number as briefly as ten digits allow."""
    return f"{value:.10g}".replace("-", "−")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """A table without the columns that are empty in every row. Cells are Markdown of one line; `right` are columns of
    numbers.
    """
    cells = [list(row) for row in rows]
    if not cells:
        return ""
    kept = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    lines = [[columns[index] for index in kept], ["---:" if columns[index] in right else "---" for index in kept]]
    lines += [[row[index] for index in kept] for row in cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def bullets(items: Iterable[str]) -> str:
    """A list; items are Markdown of one line."""
    return "".join(f"- {item}\n" for item in items)


def toctree(pages: Iterable[str], *, is_shown: bool = False) -> str:
    """The pages below this one, listed here or in the sidebar only."""
    return (
        "```{toctree}\n:titlesonly:\n"
        + (":maxdepth: 1\n" if is_shown else ":hidden:\n")
        + "\n"
        + "\n".join(pages)
        + "\n```\n"
    )


def page(*blocks: str, wide: bool = False, is_listed: bool = True) -> str:
    """A page from its blocks, empty ones left out. A wide one has no table of contents beside it; one that is not
    listed is not in the sidebar.
    """
    options = ("hide-toc: true\n" if wide else "") + ("" if is_listed else "orphan: true\n")
    head = f"---\n{options}---\n\n" if options else ""
    return head + "\n".join(block if block.endswith("\n") else block + "\n" for block in blocks if block)
