"""The charts of a report: what the total is made of (C1), services (C2), ecosystems by service (C3), counties (C4), and
which ecosystem provides which service (C7).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gep.account.fonts import drawable
from gep.core.catalog import colour
from gep.core.messages import Text, in_language, say
from gep.report.pictures import numbers
from gep.report.pictures.canvas import EDGE, FAINT, INK, LeftOut, Picture, new_figure
from gep.report.pictures.numbers import GATHERED, SMALL_FLOW, SMALL_SHARE, Gathered, gathered, name_of
from gep.report.tables.book import ReportModel
from gep.report.tables.facts import Facts
from gep.report.tables.model import ReportTable, Row, number_text, text_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 60
"""Bars that a page has room for; the table has all."""
NAME_LENGTH = 25

Draw = Callable[[Picture, str], "Figure"]


def charts(model: ReportModel) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """Every chart with the function that draws it, or why there is none."""
    facts = model.facts
    if not facts.is_monetary or facts.account.total() is None:
        for id_ in ("C1", "C2", "C3", "C4", "C7"):
            yield LeftOut(id_, say(f"pictures.name.{id_}"), say("pictures.no_values"))
        return
    yield _composition(model)
    ranked = numbers.services(model, "C2")
    yield Picture("C2", _title(facts, "C2"), _notes(facts, ranked), ranked), _ranking
    stacked = numbers.by_ecosystem(facts, "C3")
    _, small = _columns(stacked)
    yield Picture("C3", _title(facts, "C3"), _notes(facts, stacked, small.note), stacked), _stacks
    counties = numbers.counties(facts, "C4")
    extra = (*numbers.unallocated_note(facts), *_more(counties))
    yield Picture("C4", _title(facts, "C4"), _notes(facts, counties, extra), counties), _counties
    flows = numbers.by_ecosystem(facts, "C7")
    negative = (say("pictures.negative_flows"),) if any(value < 0 for *_, value in _flows(flows)) else ()
    extra = (*_gathered_targets(flows).note, *negative)
    yield Picture("C7", _title(facts, "C7"), _notes(facts, flows, extra), flows), _sankey


def _title(facts: Facts, id_: str) -> Text:
    return titled(facts, say(f"pictures.name.{id_}"))


def titled(facts: Facts, name: Text) -> Text:
    """The name of a picture, of the area, and what its total may be called; no area twice."""
    if facts.title_of_area.zh in facts.title.zh:
        return say("pictures.title_with_area", name=name, title=facts.title)
    year = facts.account.about.year
    return say("pictures.title", name=name, area=facts.title_of_area, year=year, title=facts.title)


def _notes(facts: Facts, table: ReportTable, extra: Sequence[Text] = ()) -> tuple[Text, ...]:
    return (*extra, *table.notes)


def _more(table: ReportTable) -> tuple[Text, ...]:
    return (say("pictures.more_rows", count=MOST_BARS),) if len(table.rows) > MOST_BARS else ()


def _unit(table: ReportTable, column: str, language: str) -> str:
    return in_language(next(c for c in table.columns if c.id == column).unit, language)


def _name(row: Row, language: str) -> str:
    text = row["name"].text
    return drawable(in_language(text, language) if text is not None else row.key, NAME_LENGTH)


def _shown(row: Row, column: str) -> float:
    return row[column].shown or 0.0


# C1 -------------------------------------------------------------------------------------------------------------------


def _composition(model: ReportModel) -> tuple[Picture, Draw] | LeftOut:
    facts, table = model.facts, numbers.services(model, "C1")
    if any(row["share"].value is None for row in table.rows):
        return LeftOut("C1", say("pictures.name.C1"), say("pictures.no_shares"))
    slices = _slices(table)
    total = facts.units.money(facts.account.total())

    def draw(picture: Picture, language: str) -> Figure:
        return _ring(picture, language, text_of(total, language))

    return Picture("C1", _title(facts, "C1"), _notes(facts, table, slices.note), table), draw


def _slices(table: ReportTable) -> Gathered:
    return gathered([(row.key, _shown(row, "value")) for row in table.rows], SMALL_SHARE)


def _ring(picture: Picture, language: str, total: str) -> Figure:
    figure, bottom, top = new_figure(picture, language, 5.2)
    axes = figure.add_axes((0.05, bottom, 0.9, top - bottom))
    gathered_ = _slices(picture.table)
    slices = gathered_.items
    wedges, *_ = axes.pie(
        [max(value, 0.0) for _, value in slices],
        colors=[colour(name) for name, _ in slices],
        startangle=90,
        counterclock=False,
        radius=1,
        wedgeprops={"width": 0.42, "edgecolor": "white", "linewidth": 1},
    )
    sides: dict[int, list[tuple[float, float, str]]] = {1: [], -1: []}
    for wedge, (name, value) in zip(wedges, slices, strict=True):
        angle = math.radians((wedge.theta1 + wedge.theta2) / 2)
        x, y = math.cos(angle), math.sin(angle)
        share = _share(picture.table, gathered_.small if name == GATHERED else (name,), language)
        label = f"{drawable(in_language(name_of(name), language))}  {number_text(value, 2, language)}  {share}%"
        sides[1 if x >= 0 else -1].append((y, x, label))
    for side, labels in sides.items():
        for (y, x, label), at in zip(sorted(labels), _apart([y for y, *_ in sorted(labels)], 0.13), strict=True):
            axes.plot([x, 1.12 * x, 1.22 * side], [y, 1.12 * y, at], color=FAINT, linewidth=0.7)
            axes.text(1.25 * side, at, label, ha="left" if side > 0 else "right", va="center", fontsize=9, color=INK)
    axes.set(xlim=(-3, 3), ylim=(-1.25, 1.25), aspect="equal")
    axes.axis("off")
    unit = _unit(picture.table, "value", language)
    axes.text(0, 0.06, drawable(total), ha="center", va="center", fontsize=15, color=INK)
    axes.text(0, -0.13, drawable(unit), ha="center", va="center", fontsize=9, color=INK)
    return figure


def _share(table: ReportTable, keys: Sequence[str], language: str) -> str:
    """The share of some rows together, as they are printed."""
    cells = [row["share"] for row in table.rows if row.key in keys]
    if len(cells) == 1:
        return text_of(cells[0], language)
    printed = [cell.printed for cell in cells if cell.printed is not None]
    whole = sum(printed) if len(printed) == len(cells) else math.fsum(cell.shown or 0.0 for cell in cells)
    return number_text(whole, cells[0].decimals, language)


def _apart(places: Sequence[float], least: float) -> list[float]:
    """Places in rising order, moved so that neighbours are so far apart, around where they were."""
    found = list(places)
    for _ in range(200):
        moved = False
        for i in range(len(found) - 1):
            lack = least - (found[i + 1] - found[i])
            if lack > 1e-9:
                found[i] -= lack / 2
                found[i + 1] += lack / 2
                moved = True
        if not moved:
            break
    return found


# C2 to C4 -------------------------------------------------------------------------------------------------------------


def _bare(axes: Axes, unit: str) -> None:
    """An axis of values: a line at zero, faint lines behind, nothing more."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(axis="y", length=0, labelsize=9, labelcolor=INK)
    axes.tick_params(axis="x", labelsize=8, labelcolor=INK, color=FAINT)
    axes.axvline(0, color=EDGE, linewidth=0.8)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_xlabel(drawable(unit), fontsize=9, color=INK)


def _value_at(axes: Axes, value: float, row: float, text: str) -> None:
    axes.annotate(
        text,
        (value, row),
        xytext=(3 if value >= 0 else -3, 0),
        textcoords="offset points",
        va="center",
        ha="left" if value >= 0 else "right",
        fontsize=8.5,
        color=INK,
    )


def _height(rows: int) -> float:
    return max(3.8, 1.9 + 0.27 * rows)


def _ranking(picture: Picture, language: str) -> Figure:
    rows = picture.table.rows[:MOST_BARS][::-1]
    figure, bottom, top = new_figure(picture, language, _height(len(rows)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.25, bottom + 0.5 * inch, 0.68, top - bottom - 0.5 * inch))
    values = [_shown(row, "value") for row in rows]
    colours = [colour(row.key) for row in rows]
    axes.barh(range(len(rows)), values, color=colours, edgecolor=EDGE, linewidth=0.5, height=0.72)
    axes.set_yticks(range(len(rows)), [_name(row, language) for row in rows])
    for at, row in enumerate(rows):
        share = "" if row["share"].value is None else f"  ({text_of(row['share'], language)}%)"
        _value_at(axes, values[at], at, text_of(row["value"], language) + share)
    axes.margins(x=0.17, y=0.02)
    _bare(axes, _unit(picture.table, "value", language))
    return figure


def _columns(table: ReportTable) -> tuple[list[str], Gathered]:
    """The services of a table of types, the largest first, and the small ones together."""
    services = [column.id for column in table.columns if column.id not in ("name", "total")]
    totals = [(s, math.fsum(abs(_shown(row, s)) for row in table.rows)) for s in services]
    found = gathered(sorted(totals, key=lambda item: -item[1]), SMALL_SHARE / 2)
    return [name for name, _ in found.items], found


def _part(row: Row, name: str, small: Gathered) -> float:
    return math.fsum(_shown(row, s) for s in small.small) if name == GATHERED else _shown(row, name)


def _stacks(picture: Picture, language: str) -> Figure:
    rows = sorted(picture.table.rows, key=lambda row: _shown(row, "total"))
    names, small = _columns(picture.table)
    figure, bottom, top = new_figure(picture, language, max(4.6, _height(len(rows) + 2), 2 + 0.21 * len(names)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.12, bottom + 0.5 * inch, 0.62, top - bottom - 0.5 * inch))
    right, left = [0.0] * len(rows), [0.0] * len(rows)
    for name in names:
        values = [_part(row, name, small) for row in rows]
        starts = [right[i] if value >= 0 else left[i] for i, value in enumerate(values)]
        label = drawable(in_language(name_of(name), language), NAME_LENGTH)
        style: dict[str, Any] = {"color": colour(name), "edgecolor": EDGE, "linewidth": 0.4}
        axes.barh(range(len(rows)), values, left=starts, height=0.7, label=label, **style)
        for i, value in enumerate(values):
            right[i], left[i] = right[i] + max(value, 0.0), left[i] + min(value, 0.0)
    axes.set_yticks(range(len(rows)), [_name(row, language) for row in rows])
    for at, row in enumerate(rows):
        is_negative = _shown(row, "total") < 0
        _value_at(axes, left[at] if is_negative else right[at], at, text_of(row["total"], language))
        if is_negative:
            axes.texts[-1].set(ha="right", position=(-3, 0))
    axes.margins(x=0.14, y=0.03)
    _bare(axes, _unit(picture.table, "total", language))
    axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5), labelcolor=INK)
    return figure


def _ranked_name(row: Row, rank: int, language: str) -> str:
    """A county with its place by total; without one where it has no total."""
    name = _name(row, language)
    return name if row["value"].value is None else f"{rank}  {name}"


def _counties(picture: Picture, language: str) -> Figure:
    """Totals with, beside them, what a square kilometre and a head have: a rank of totals alone is one of sizes."""
    rows = picture.table.rows[:MOST_BARS][::-1]
    kinds = ("value", "value_per_km2", "value_per_head")
    shown = [name for name in kinds if any(row[name].value is not None for row in rows)]
    figure, bottom, top = new_figure(picture, language, _height(len(rows)) + 0.3)
    inch = 1 / figure.get_figheight()
    left, width = 0.28, 0.69 / max(1, len(shown))
    for place, name in enumerate(shown):
        axes = figure.add_axes((left + place * width, bottom + 0.5 * inch, width - 0.03, top - bottom - 0.8 * inch))
        given = [(at, value) for at, row in enumerate(rows) if (value := row[name].shown) is not None]
        style: dict[str, Any] = {"color": "#7fa8b8" if place else "#2f6f8f", "edgecolor": EDGE, "linewidth": 0.5}
        axes.barh([at for at, _ in given], [value for _, value in given], **style)
        for at, row in enumerate(rows):
            _value_at(axes, row[name].shown or 0.0, at, text_of(row[name], language))  # words where there is no bar
        axes.margins(x=0.34, y=0.02)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        names = [_ranked_name(row, len(rows) - at, language) for at, row in enumerate(rows)]
        axes.set_yticks(range(len(rows)), names if not place else [""] * len(rows))
        _bare(axes, _unit(picture.table, name, language))
        column = next(column for column in picture.table.columns if column.id == name)
        axes.set_title(drawable(in_language(column.heading, language), 34), fontsize=9, loc="left", color=INK)
    return figure


# C7 -------------------------------------------------------------------------------------------------------------------


def _flows(table: ReportTable) -> list[tuple[str, str, float]]:
    """From an ecosystem to a service, as shown."""
    services = [column.id for column in table.columns if column.id not in ("name", "total")]
    return [(row.key, s, _shown(row, s)) for row in table.rows for s in services if row[s].value]


def _gathered_targets(table: ReportTable) -> Gathered:
    totals: dict[str, float] = {}
    for _, service, value in _flows(table):
        totals[service] = totals.get(service, 0.0) + max(value, 0.0)
    return gathered([(name, value) for name, value in totals.items() if value > 0], 2 * SMALL_FLOW)


def _sankey(picture: Picture, language: str) -> Figure:
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path as Outline

    small = _gathered_targets(picture.table)
    targets = [name for name, _ in small.items]
    flows: dict[tuple[str, str], float] = {}
    for source, service, value in _flows(picture.table):
        target = GATHERED if service in small.small else service
        if value > 0:
            flows[source, target] = flows.get((source, target), 0.0) + value
    sources = [row.key for row in picture.table.rows if any(of == row.key for of, _ in flows)]
    figure, bottom, top = new_figure(picture, language, max(5.2, 2.0 + 0.3 * max(len(targets), len(sources))))
    axes = figure.add_axes((0.02, bottom, 0.96, top - bottom))
    left = _nodes(sources, {s: math.fsum(v for (of, _), v in flows.items() if of == s) for s in sources})
    right = _nodes(targets, {t: math.fsum(v for (_, to), v in flows.items() if to == t) for t in targets})
    from_, to = {name: high for name, (_, high) in left.items()}, {name: high for name, (_, high) in right.items()}
    x0, x1, whole = 0.02, 0.98, math.fsum(flows.values())
    scale = {side: _scale(nodes, whole) for side, nodes in (("left", left), ("right", right))}
    for source in sources:
        for target in targets:
            value = flows.get((source, target), 0.0)
            if not value:
                continue
            a1, b1 = from_[source], to[target]
            a0, b0 = a1 - value * scale["left"], b1 - value * scale["right"]
            from_[source], to[target], middle = a0, b0, (x0 + x1) / 2
            points = [(x0, a1), (middle, a1), (middle, b1), (x1, b1), (x1, b0), (middle, b0), (middle, a0), (x0, a0)]
            codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3]
            axes.add_patch(PathPatch(Outline(points, codes), facecolor=colour(source), alpha=0.45, edgecolor="none"))
    labels = {row.key: _name(row, language) for row in picture.table.rows}
    for nodes, x, side in ((left, x0, -1), (right, x1, 1)):
        middles = [(low + high) / 2 for low, high in nodes.values()]
        places = dict(zip(sorted(middles), _apart(sorted(middles), 0.036), strict=True))
        for name, (low, high) in nodes.items():
            start = x - 0.018 if side < 0 else x
            style: dict[str, Any] = {"facecolor": colour(name), "edgecolor": EDGE, "linewidth": 0.5}
            axes.add_patch(Rectangle((start, low), 0.018, high - low, **style))
            amounts = [v for (of, to_), v in flows.items() if (of if side < 0 else to_) == name]
            text = labels.get(name) if side < 0 else drawable(in_language(name_of(name), language), NAME_LENGTH)
            label = f"{text}  {number_text(math.fsum(amounts), 2, language)}"
            at = places[(low + high) / 2]
            where = (start - 0.01, "right") if side < 0 else (start + 0.028, "left")
            axes.text(where[0], at, label, ha=where[1], va="center", fontsize=8.5, color=INK)
    axes.set(xlim=(-0.34, 1.5), ylim=(-0.03, 1.06))
    axes.text(x0 - 0.018, 1.03, drawable(say("pictures.flows.from").to(language)), fontsize=9, color=INK)
    unit = say("pictures.flows.to", unit=_unit(picture.table, "total", language)).to(language)
    axes.text(x1 + 0.018, 1.03, drawable(unit), fontsize=9, ha="right", color=INK)
    axes.axis("off")
    return figure


GAP = 0.25
"""The part of the height of a side that is between its nodes."""


def _nodes(names: Sequence[str], sizes: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Where each node lies, from the top down."""
    whole = math.fsum(sizes.values())
    gap = GAP / max(1, len(names) - 1) if len(names) > 1 else 0.0
    scale = (1 - GAP if len(names) > 1 else 1.0) / whole if whole else 0.0
    found, high = {}, 1.0
    for name in names:
        low = high - sizes[name] * scale
        found[name] = (low, high)
        high = low - gap
    return found


def _scale(nodes: dict[str, tuple[float, float]], whole: float) -> float:
    return math.fsum(high - low for low, high in nodes.values()) / whole if whole else 0.0
