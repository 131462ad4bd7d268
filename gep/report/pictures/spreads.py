"""How sure the figures of an account are, as pictures: what drives the total (C6, a tornado), and how the draws of the
total and of the services lie (C6_draws, violins). Each has its numbers as CSV.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.account.account import Account
from gep.account.fonts import drawable, font_settings
from gep.account.uncertain.plots import UPPER, tornado, violins
from gep.account.uncertain.result import Uncertainty
from gep.core.catalog import colour, named
from gep.core.errors import MissingFeatureError
from gep.core.messages import Language, Text, in_language, say
from gep.report.pictures.canvas import EDGE, FAINT, INK, Picture, new_figure, save, write_table
from gep.report.pictures.charts import titled
from gep.report.tables.facts import Facts
from gep.report.tables.model import Column, ReportTable, Row, Units, of_text
from gep.report.uncertainty import MOST_DRIVERS, driver_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOTAL = "total"


def write_spreads(account: Account, found: Uncertainty, folder: Path, language: Language) -> list[Path]:
    """Both pictures in a language; nothing where nothing is known. The same draws give the same bytes, PDF apart.
    Raises MissingFeatureError without matplotlib.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise MissingFeatureError.of("pictures", "report") from None
    facts = Facts(account, language)
    note = say(
        "uncertainty.picture.note",
        draws=found.draws,
        seed=found.seed,
        level=f"{found.level:.0%}",
        share=f"{found.share_unknown:.0%}",
    )
    made: list[tuple[Picture, Callable[[Picture, str], Figure]]] = []
    if found.drivers:
        drivers = _drivers(found, facts.units)
        made.append((_picture("C6", facts, drivers, note), partial(_tornado, facts)))
        draws = {name: of for (_, name), of in sorted(found.samples.items())}
        made.append((_picture("C6_draws", facts, _draws(found, facts.units), note), partial(_violins, draws, facts)))
    written = []
    settings: Any = {"svg.hashsalt": "gep", "svg.fonttype": "path"}
    with mpl.rc_context({**font_settings((language,)), **settings}):
        for picture, draw in made:
            written.append(write_table(picture.table, folder / f"{picture.id}.csv"))
            figure = draw(picture, language)
            written += save(figure, picture, language, account.about.year, folder / picture.id)
    return written


def _picture(id_: str, facts: Facts, table: ReportTable, note: Text) -> Picture:
    return Picture(id_, titled(facts, say(f"uncertainty.picture.{id_}")), (note,), table)


def _table(id_: str, columns: tuple[Column, ...], rows: list[Row]) -> ReportTable:
    name = say(f"uncertainty.picture.{id_}")
    return ReportTable(id_, Text(id_, id_), name, columns, tuple(rows))


def _drivers(found: Uncertainty, units: Units) -> ReportTable:
    """The drivers with what each alone does to the total at either end, and their shares of its variance."""
    percent = say("uncertainty.picture.percent")
    columns = (
        Column("name", say("uncertainty.column.number"), is_text=True),
        Column("lower", say("uncertainty.picture.lower"), units.money_unit),
        Column("upper", say("uncertainty.picture.upper"), units.money_unit),
        Column("first", say("uncertainty.column.first"), percent),
        Column("total", say("uncertainty.column.with_others"), percent),
    )
    rows = [
        Row(
            "item",
            driver.name,
            {
                "name": of_text(driver_of(driver.name)),
                "lower": units.money(found.swings[driver.name][0]),
                "upper": units.money(found.swings[driver.name][1]),
                "first": units.share(driver.first),
                "total": units.share(driver.total),
            },
        )
        for driver in found.drivers[:MOST_DRIVERS]
    ]
    return _table("C6", columns, rows)


def _draws(found: Uncertainty, units: Units) -> ReportTable:
    """The total and the services that move, with their intervals."""
    names = ("value", "lower", "upper")
    columns = (
        Column("name", say("uncertainty.by.service"), is_text=True),
        *(Column(name, say(f"uncertainty.picture.{name}"), units.money_unit) for name in names),
    )
    moving = {name: of for name, of in found.by_service.items() if of.lower is not None}
    given = {TOTAL: found.total, **dict(sorted(moving.items(), key=lambda item: -item[1].value))}
    rows = [
        Row(
            "total" if name == TOTAL else "item",
            name,
            {
                "name": of_text(say("uncertainty.picture.total") if name == TOTAL else named(name)),
                **{end: units.money(getattr(interval, end)) for end in names},
            },
        )
        for name, interval in given.items()
    ]
    return _table("C6_draws", columns, rows)


def _tornado(facts: Facts, picture: Picture, language: str) -> Figure:
    """From the least to the greatest change of the total that each number makes alone."""
    rows = picture.table.rows[::-1]
    figure, bottom, top = new_figure(picture, language, max(2.8, 1.9 + 0.32 * len(rows)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.38, bottom + 0.5 * inch, 0.58, top - bottom - 0.6 * inch))
    ends = [(row["lower"].shown or 0.0, row["upper"].shown or 0.0) for row in rows]
    tornado(axes, ends)
    axes.set_yticks(range(len(rows)), [_named(row, language) for row in rows])
    _plain_axes(axes, say("uncertainty.picture.change", unit=facts.units.money_unit).to(language))
    return figure


def _violins(draws: dict[str, np.ndarray[Any, Any]], facts: Facts, picture: Picture, language: str) -> Figure:
    """The draws of the total and of each service less its value in the run, one below the other."""
    rows = picture.table.rows[::-1]
    scale = facts.units.of_money.size
    figure, bottom, top = new_figure(picture, language, max(2.8, 1.9 + 0.42 * len(rows)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.28, bottom + 0.5 * inch, 0.68, top - bottom - 0.6 * inch))
    values = [row["value"].value or 0.0 for row in rows]
    samples = [
        (draws["" if row.key == TOTAL else row.key] - value) / scale for row, value in zip(rows, values, strict=True)
    ]
    ends = [
        (((row["lower"].value or 0.0) - value) / scale, ((row["upper"].value or 0.0) - value) / scale)
        for row, value in zip(rows, values, strict=True)
    ]
    violins(axes, samples, ends, [UPPER if row.key == TOTAL else colour(row.key) for row in rows])
    axes.set_yticks(range(len(rows)), [_named(row, language) for row in rows])
    _plain_axes(axes, say("uncertainty.picture.less_value", unit=facts.units.money_unit).to(language))
    return figure


def _named(row: Row, language: str) -> str:
    """Its name; where it holds stands on a line of its own, for many numbers differ in that alone."""
    name, *where = re.split(r" (?=[\[@])", in_language(row["name"].text or row.key, language), maxsplit=1)
    return "\n".join(drawable(line, 42) for line in (name, *where))


def _plain_axes(axes: Axes, title: str) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(axis="y", length=0, labelsize=8.5, labelcolor=INK)
    axes.tick_params(axis="x", labelsize=8, labelcolor=INK, color=FAINT)
    axes.axvline(0, color=EDGE, linewidth=0.8)
    axes.use_sticky_edges = False
    axes.margins(x=0.04)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_xlabel(drawable(title), fontsize=9, color=INK)
