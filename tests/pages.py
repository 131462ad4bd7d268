"""Pages of HTML: an account that would harm them, and a page read back as a browser without scripts reads it: titles,
figures, tables, and what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

import numpy as np
from builders import FOREST, block, make_study, statistics, water_layers, zones

from gep.account.account import Account
from gep.core.keys import CITY

HOSTILE = "</script><script>alert(1)</script>"
NAMES = (HOSTILE, "\"><img src=x onerror=alert(1)> & '=1+1' שלום {{7*7}} 🌲 " + "长" * 300)


def hostile_account(**about: object) -> Account:
    """Two counties with names that are markup, a formula, very long, from right to left; a product named so too."""
    counties = zones(block(0, 0, 2, 2), block(2, 0, 4, 2)).assign(name=list(NAMES))
    rows = (
        ("101", "crop_products/wheat", "quantity", 200, "t"),
        ("101", "crop_products/wheat", "price", 2.4, "CNY/kg"),
        ("102", "crop_products/wheat", "value", 3, "万元"),
        (CITY, "population", "quantity", 1000, "person"),
    )
    study = make_study(
        np.full((2, 4), FOREST),
        water_layers((2, 4)),
        counties,
        of=("water_retention", "crop_products"),
        tables={"statistics": statistics(*rows)},
        zone_name="name",
        name=HOSTILE,
        name_zh="=cmd|'/c calc'!A1" + HOSTILE,
    )
    return study.run().replace(**about)


class ShownCell(NamedTuple):
    """A cell: its text, its unrounded number, and the kind of its row."""

    text: str
    value: str | None
    kind: str


@dataclass
class ShownTable:
    """Cells by row and column of the report's table, be it laid on its side in the page."""

    is_turned: bool
    cells: dict[tuple[str, str], ShownCell] = field(default_factory=dict)
    heads: dict[str, ShownCell] = field(default_factory=dict)

    def __getitem__(self, key: tuple[str, str]) -> ShownCell:
        return self.cells[key[::-1] if self.is_turned else key]


class ParsedPage(HTMLParser):
    """What a page says. `words` are all texts outside scripts and style."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.tables: dict[str, dict[str, ShownTable]] = {}
        self.titles: dict[str, str] = {}
        self.figures: dict[str, dict[str, str]] = {}
        self.words = self.style = self.data = self.window_title = self.policy = self.language = ""
        self._text: list[str] = []
        self._body = self._inside = ""
        self._table: ShownTable | None = None
        self._row: dict[str, str | None] = {}
        self._cell: dict[str, str | None] = {}

    @classmethod
    def of(cls, text: str) -> ParsedPage:
        """A page as it is read."""
        page = cls()
        page.feed(text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append(tag)
        self.attributes += given
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "data", "srcset")]
        self._text = []
        if tag == "html":
            self.language = given["lang"] or ""
        elif tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        elif tag == "main":
            self._body = given["id"] or ""
            self.tables[self._body], self.figures[self._body] = {}, {}
        elif tag == "table":
            self._table = self.tables[self._body][given["data-table"] or ""] = ShownTable("data-turned" in given)
            self._row = {}
        elif tag == "tr":
            self._row = given
        elif tag in ("td", "th", "script"):
            self._cell = given
        if "data-figure" in given:
            self._inside = given["data-figure"] or ""

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        if self.elements and self.elements[-1] not in ("script", "style"):
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        raw = "".join(self._text)
        said = " ".join(raw.split())
        if tag == "title":
            self.window_title = said
        elif tag == "style":
            self.style = raw
        elif tag == "script":
            if self._cell.get("type") == "application/json":
                self.data = raw
            else:
                self.scripts.append(raw)
        elif tag == "h1":
            self.titles[self._body] = said
        elif tag in ("data", "dd") and self._inside:
            self.figures[self._body][self._inside] = said
            self._inside = ""
        elif tag in ("td", "th") and self._table is not None and "data-column" in self._cell:
            column = self._cell["data-column"] or ""
            if row := self._row.get("data-row"):
                kind = self._row["data-kind"] or ""
                self._table.cells[row, column] = ShownCell(said, self._cell.get("data-value"), kind)
            else:
                self._table.heads[column] = ShownCell(said, None, "head")
