"""The charts of a comparison of years: what each service adds to growth (C5), and the totals of all years (C8)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from gep.account.fonts import drawable
from gep.core.catalog import colour, named
from gep.core.messages import Text, in_language, say
from gep.report.pictures.canvas import EDGE, FAINT, INK, LeftOut, Picture, new_figure
from gep.report.pictures.charts import Draw
from gep.report.tables.changes import POINT_DECIMALS, SERIES_ENDS, ChangeTables
from gep.report.tables.model import Column, ReportTable, Row, of_text, text_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME_LENGTH = 25
TOTAL_COLOUR, CONSTANT_COLOUR = "#607d8b", "#00796b"


def change_charts(tables: ChangeTables) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """Both charts with the functions that draw them, or why there is none."""
    comparison = tables.comparison
    years = {"base": comparison.base_year, "year": comparison.year}
    title = say("years.picture.C5", **years)
    if comparison.total.points is None:
        yield LeftOut("C5", title, say("years.picture.no_growth"))
    else:
        yield Picture("C5", title, tables.notes, _contributions(tables, title)), _waterfall
    title = say("years.picture.C8", base=comparison.money_year)
    notes = tables.notes[:1] + (tables.notes[-1:] if comparison.other else ())
    bars = [say("years.note.bars", level=f"{tables.intervals.level:.0%}")] if tables.intervals else []
    yield Picture("C8", title, (*notes, *bars), _totals(tables, title)), _lines


def _contributions(tables: ChangeTables, title: Text) -> ReportTable:
    """Points by service, the largest first, and their sum."""
    comparison = tables.comparison
    there = [row for row in comparison.by("service") if row.points]
    rows = sorted(there, key=lambda row: abs(row.points or 0.0), reverse=True)
    points = [(row.key[0], named(row.key[0]), row.points) for row in rows]
    points.append(("total", say("years.total"), comparison.total.points))
    columns = (
        Column("name", say("years.column.service"), is_text=True),
        Column("points", say("years.column.points"), say("years.unit.points")),
    )
    cells = [
        Row(
            "total" if key == "total" else "item",
            key,
            {"name": of_text(name), "points": tables.units.share(number, decimals=POINT_DECIMALS)},
        )
        for key, name, number in points
    ]
    return ReportTable("C5", Text("C5", "C5"), title, columns, tuple(cells))


def _totals(tables: ChangeTables, title: Text) -> ReportTable:
    comparison, money = tables.comparison, tables.units.money_unit
    columns = [
        Column("name", say("years.column.year"), is_text=True),
        Column("current", say("years.series.current"), money),
        Column("constant", say("years.series.constant", base=comparison.money_year), money),
    ]
    intervals = tables.intervals
    if intervals:
        level = f"{intervals.level:.0%}"
        columns += [Column(end, say(f"years.series.{end}", level=level), money) for end in SERIES_ENDS]
    rows = []
    for year, value, constant in comparison.series:
        cells = {
            "name": of_text(str(year)),
            "current": tables.units.money(value, "not_applicable"),
            "constant": tables.units.money(constant),
        }
        if intervals:
            of = intervals.series[year]
            cells |= {"lower": tables.units.money(of.lower), "upper": tables.units.money(of.upper)}
        rows.append(Row("item", str(year), cells))
    return ReportTable("C8", Text("C8", "C8"), title, tuple(columns), tuple(rows), unit=money)


def _bare(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(labelsize=8.5, labelcolor=INK, color=FAINT)
    axes.set_axisbelow(True)


def _waterfall(picture: Picture, language: str) -> Figure:
    """Each bar begins where the one above it ends; the last is their sum."""
    rows = picture.table.rows
    figure, bottom, top = new_figure(picture, language, max(3.8, 2.2 + 0.27 * len(rows)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.25, bottom + 0.5 * inch, 0.68, top - bottom - 0.5 * inch))
    widths = [row["points"].shown or 0.0 for row in rows]
    starts = [0.0, *accumulate(widths[:-2]), 0.0][: len(rows)]
    starts[-1] = 0.0
    colours = [TOTAL_COLOUR if row.kind == "total" else colour(row.key) for row in rows]
    places = range(len(rows) - 1, -1, -1)
    axes.barh(places, widths, left=starts, color=colours, edgecolor=EDGE, linewidth=0.5, height=0.72)
    names = [drawable(in_language(row["name"].text or Text("", ""), language), NAME_LENGTH) for row in rows]
    axes.set_yticks(list(places), names)
    for place, row, start, width in zip(places, rows, starts, widths, strict=True):
        axes.annotate(
            text_of(row["points"], language),
            (max(start, start + width), place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK,
        )
    axes.use_sticky_edges = False
    axes.margins(x=0.12, y=0.02)
    axes.axvline(0, color=EDGE, linewidth=0.8)
    axes.grid(axis="x", alpha=0.3)
    _bare(axes)
    axes.set_xlabel(drawable(in_language(picture.table.columns[1].unit, language)), fontsize=9, color=INK)
    return figure


def _lines(picture: Picture, language: str) -> Figure:
    """The totals at current prices and at those of the comparison, year by year; a gap where there is none."""
    figure, bottom, top = new_figure(picture, language, 4.4)
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.1, bottom + 0.45 * inch, 0.86, top - bottom - 0.55 * inch))
    rows = picture.table.rows
    years = [int(row.key) for row in rows]
    styles = {"current": (TOTAL_COLOUR, "o", "-"), "constant": (CONSTANT_COLOUR, "s", "--")}
    if SERIES_ENDS[0] in {column.id for column in picture.table.columns}:
        for year, row in zip(years, rows, strict=True):
            ends = [shown for end in SERIES_ENDS if (shown := row[end].shown) is not None]
            if len(ends) == len(SERIES_ENDS):
                axes.plot([year, year], ends, color=CONSTANT_COLOUR, marker="_", markersize=10, linewidth=1.2)
    for column in (column for column in picture.table.columns if column.id in styles):
        tint, marker, line = styles[column.id]
        values = [math.nan if (shown := row[column.id].shown) is None else shown for row in rows]
        label = drawable(in_language(column.heading, language))
        axes.plot(years, values, color=tint, marker=marker, linestyle=line, label=label)
    axes.set_xticks(years, [str(year) for year in years])
    axes.set_ylabel(drawable(in_language(picture.table.unit, language)), fontsize=9, color=INK)
    axes.margins(x=0.08, y=0.2)
    axes.grid(axis="y", alpha=0.3)
    _bare(axes)
    axes.legend(fontsize=8.5, frameon=False, loc="best", labelcolor=INK)
    return figure
