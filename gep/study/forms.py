"""The forms of a round: what each department is asked for, from what the profile needs and what is known already.

A study's own tables, or last year's run, say which products the area has, which figures come by county, and in which
units: a form asks for them so again. Without them it is the usual products, in the unit that departments mostly use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gep.account.figures import Figures
from gep.account.last_year import reported
from gep.core.catalog import named
from gep.core.data import data_folder, read_csv
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import Text, say
from gep.inputs.forms import Asked, Degree, Form, FormKind, Line, Named, Workbook, factor, number_of_form
from gep.inputs.grids.zones import ZoneLayer
from gep.inputs.items import (
    in_unit,
    item_measures,
    item_ranges,
    item_unit,
    product_kind,
    product_services,
)
from gep.inputs.names import MEASURES
from gep.inputs.office import OfficeInput, departments, office_input, office_inputs
from gep.inputs.open import statistics_of, zones_of
from gep.inputs.spec import StudySpec
from gep.inputs.table_files import TableSource, path_of
from gep.inputs.tables import Statistic
from gep.services import SERVICES
from gep.standards.profile import Profile
from gep.study.needs import Need

MONEY = ("10^4 CNY", "10^8 CNY")
"""The units in which departments give the output of a product: 万元 and 亿元."""
AMOUNTS = {"t/year": ("t", "10^4 t"), "m^3/year": ("m^3", "10^4 m^3"), "head/year": ("head", "10^4 head")}
"""The units in which departments give quantities of products, by the kind of product."""

Key = tuple[str, str]
"""An item and a measure."""


@dataclass(frozen=True)
class Known:
    """A figure that was reported before: of which place, in which unit."""

    place: str
    value: float
    unit: str


@dataclass(frozen=True)
class Round:
    """What a round of forms is of."""

    profile: Profile
    year: int
    area: Text
    code: str = ""
    places: tuple[tuple[str, Text], ...] = ()
    """The counties by code."""
    reported: Mapping[Key, Sequence[Known]] = field(default_factory=dict)
    """What the study's own tables hold: which products there are, by county or not, in which units."""
    last: Mapping[Key, Sequence[Known]] = field(default_factory=dict)
    """Last year's figures."""

    @property
    def known(self) -> Mapping[Key, Sequence[Known]]:
        """What was reported before, in the study's own tables or last year."""
        return {**self.last, **self.reported}


def round_of(spec: StudySpec, profile: Profile, places: Sequence[tuple[str, Text]]) -> Round:
    """The round of a study: its year, area and counties."""
    area = Text(spec.name, spec.name_zh or spec.name)
    return Round(profile, spec.year, area, spec.code, tuple(places))


def places_of(zones: ZoneLayer | None) -> list[tuple[str, Text]]:
    """The counties of a study by code."""
    return [
        (zone.code, Text(zone.name_en or zone.name, zone.name_zh or zone.name))
        for zone in (zones.zones if zones else ())
        if zone.code != UNALLOCATED
    ]


def reported_by_project(spec: StudySpec, zones: ZoneLayer | None) -> dict[Key, list[Known]]:
    """The figures of the tables that a study has already, this year's or last year's, as a run reads them; what is
    wrong with them is for `gep check`.
    """
    tables = {name: table for name, table in spec.tables.items() if _is_there(table)}
    own = zones_of(spec.zones_of_tables) if spec.zones_of_tables else None
    statistics, _ = statistics_of(replace(spec, tables=tables), own, zones)
    return reported_in(statistics)


def _is_there(table: TableSource) -> bool:
    path = path_of(table)
    return path is None or path.is_file()


def reported_in(statistics: Iterable[Statistic]) -> dict[Key, list[Known]]:
    """The figures of a study's own tables by item and measure."""
    found: dict[Key, list[Known]] = {}
    for row in statistics:
        if row.value is not None:
            found.setdefault((row.item, row.measure), []).append(Known(row.zone, row.value, row.unit))
    return found


def reported_last_year(account: Figures) -> dict[Key, list[Known]]:
    """The figures of tables that a run rests on, as its ledger has them; population and output in any case."""
    found: dict[Key, dict[str, Known]] = {}
    for row in reported(account):
        office = None if row.is_printed else office_input(row.item)
        unit = office.units[0] if office else row.unit
        known = Known(row.zone, row.value / in_unit(1.0, unit, row.unit) if office else row.value, unit)
        found.setdefault((row.item, row.measure), {})[known.place] = known
    return {key: list(by_zone.values()) for key, by_zone in found.items()}


# the workbooks --------------------------------------------------------------------------------------------------------


def workbooks(around: Round, needs: Iterable[Need]) -> list[Workbook]:
    """One workbook for each department that has something to give."""
    asked: dict[str, dict[FormKind, list[Line]]] = {}
    named_things: dict[str, list[Named]] = {}
    for need in (need for need in needs if need.kind == "figure"):
        office = need.office
        if office is None or _is_replaced(need, office, around):
            continue
        mine = asked.setdefault(office.department, {"counties": [], "area": [], "more": []})
        if need.is_of_features:
            line = _line(need, office, around)
            mine["more"].append(line)
            named_things.setdefault(office.department, []).extend(_named(line, around))
        else:
            for line in _lines(need, office, around):
                mine["counties" if _is_by_county(line, office, around) else "area"].append(line)
            if need.id in product_services():
                mine["more"].extend(_other_products(need, office))
    books = [
        _workbook(name, asked[name], named_things.get(name, []), around) for name in departments() if name in asked
    ]
    books = [book for book in books if book.forms]
    everything = tuple(
        Asked(book.department, form.number, 0 if form.kind == "more" else len(form.lines), book.figures(form))
        for book in books
        for form in book.forms
    )
    return [replace(book, asked=everything) for book in books]


def _workbook(
    department: str, asked: Mapping[FormKind, list[Line]], things: Sequence[Named], around: Round
) -> Workbook:
    forms = []
    for place, (kind, lines) in enumerate(asked.items(), start=1):
        if lines:
            number = number_of_form(department, place)
            forms.append(Form(number, kind, tuple(lines), tuple(things) if kind == "more" else ()))
    return Workbook(
        department,
        tuple(forms),
        around.year,
        around.profile.id,
        around.area,
        around.code,
        (*around.places, (CITY, say("office.form.whole_area"))),
    )


def _is_replaced(need: Need, office: OfficeInput, around: Round) -> bool:
    """Whether the products that were reported before stand in the place of a usual one, or of the output of a branch:
    both would count twice.
    """
    base, _, part = need.id.partition("/")
    if base not in product_services():
        return False
    own = {item for item, _ in around.known if item.startswith(f"{base}/")}
    return bool(own) and bool(part)


def _lines(need: Need, office: OfficeInput, around: Round) -> list[Line]:
    """The lines of a need: one, or those of a product; of a branch also those of the products reported before."""
    if need.id in product_services():
        own = dict.fromkeys(item for item, _ in around.known if item.startswith(f"{need.id}/"))
        if own:
            return [line for item in own for line in _product_lines(item, None, around)]
        return [_line(need, office, around)]
    if need.id.partition("/")[0] in product_services():
        return _product_lines(need.id, office, around)
    return [_line(need, office, around)]


def _line(need: Need, office: OfficeInput, around: Round) -> Line:
    """The line of an item."""
    measure = "value" if need.id in product_services() else item_measures(need.id)[0]
    units = _units((need.id, measure), office.units, around)
    part = need.id.removeprefix(office.id).strip("/")
    label = say("office.form.of", item=office.label, part=named(part)) if part else office.label
    low, high = _limits(need.id, units)
    degree: Degree = need.degree
    last = _in_unit(around.last.get((need.id, measure), ()), units[0])
    return Line(need.id, measure, label, units, degree, low, high, _hint(office), last=last)


def _hint(office: OfficeInput) -> Text:
    """What to look at: what the figure is of, and what is often got wrong."""
    parts = [text for text in (office.note, office.mistakes) if text]
    return Text("; ".join(parts), "；".join(text.zh for text in parts))


def _limits(item: str, units: Sequence[str]) -> tuple[float | None, float | None]:
    """What a figure can be in the first of its units: nothing below zero; what the item has where one unit is taken."""
    if item.partition("/")[0] in product_services():
        return 0.0, None
    low, high = item_ranges()[item.partition("/")[0]]
    if len(units) > 1:
        return 0.0 if low == 0 else None, None
    scale = in_unit(1.0, units[0], item_unit(item)) - in_unit(0.0, units[0], item_unit(item))
    shift = in_unit(0.0, units[0], item_unit(item))

    def bound(limit: float) -> float | None:
        return (limit - shift) / scale if abs(limit) != float("inf") else None

    return bound(low), bound(high)


# products -------------------------------------------------------------------------------------------------------------


def _product_lines(item: str, office: OfficeInput | None, around: Round) -> list[Line]:
    """Quantity, price and output of a product; of one that was reported before, what was reported."""
    service, _, name = item.partition("/")
    measures = [measure for measure in MEASURES if (item, measure) in around.known] or list(MEASURES)
    usual = office.units if office else _usual_units(item, around)
    quantity = _units((item, "quantity"), usual, around)
    kind = product_kind(SERVICES[service], quantity[0], None)
    price = (kind.price_unit,) if kind else ("CNY/t",)
    units = {"quantity": quantity, "price": _units((item, "price"), price, around)}
    units["value"] = _units((item, "value"), MONEY, around)
    label = office.label if office else product_label(name)
    hint = _hint(office) if office else Text("", "")
    is_known = any(key[0] == item for key in around.known)  # of the usual ones nobody knows whether the area has them
    degree: Degree = "required" if is_known and around.profile.rules[service].is_required else "conditional"
    lines = []
    for measure in measures:
        last = _in_unit(around.last.get((item, measure), ()), units[measure][0])
        words = say(f"office.form.product_{measure}", product=label)
        lines.append(Line(item, measure, words, units[measure], degree, 0.0, None, hint, item, last))
        hint = Text("", "")  # once for a product
    return lines


def _usual_units(item: str, around: Round) -> tuple[str, ...]:
    """The units of a product that was reported before: those of its kind, or tonnes."""
    known = around.known.get((item, "quantity"))
    unit = known[0].unit if known else "t"
    kind = product_kind(SERVICES[item.partition("/")[0]], unit, None)
    return AMOUNTS[kind.unit] if kind else (unit,)


def _other_products(need: Need, office: OfficeInput) -> list[Line]:
    """Lines for products that no form lists."""
    lines = []
    for measure, units in (
        ("quantity", ("t", "m^3", "head")),
        ("price", ("CNY/t", "CNY/m^3", "CNY/head")),
        ("value", MONEY),
    ):
        label = say(f"office.form.product_{measure}", product=say("office.form.other", service=named(need.id)))
        lines.append(
            Line(
                need.id,
                measure,
                label,
                units,
                "optional",
                0.0,
                None,
                _hint(office) if measure == "value" else Text("", ""),
            )
        )
    return lines


def product_label(name: str) -> Text:
    """What a product is called: as the account names it, else by a name that is known for it in each language, else its
    own.
    """
    if (label := named(name)) != name:
        return label
    plain = name.replace("_", " ")
    for _, row in read_csv(data_folder() / "product_names.csv"):
        names = row["names"].split("|")
        if plain.lower() in names:
            chinese = next((word for word in names if not word.isascii()), name)
            return Text(plain, name if not name.isascii() else chinese)
    usual = (office_inputs().get((f"{service}/{name}", False)) for service in product_services())
    return next((office.label for office in usual if office), Text(plain, name))


# units and places -----------------------------------------------------------------------------------------------------


def _units(key: Key, usual: Sequence[str], around: Round) -> tuple[str, ...]:
    """The units to choose from: that in which the figure was reported before comes first."""
    known = around.known.get(key)
    if not known:
        return tuple(usual)
    before = known[0].unit
    same = next((unit for unit in usual if factor(before, unit) == 1), before)
    return tuple(dict.fromkeys((same, *usual)))


def _in_unit(known: Iterable[Known], unit: str) -> dict[str, float]:
    """Figures by place in a unit; those in a unit of another kind are left out."""
    scales = {figure: factor(figure.unit, unit) for figure in known}
    return {figure.place: figure.value * scale for figure, scale in scales.items() if scale is not None}


def _is_by_county(line: Line, office: OfficeInput, around: Round) -> bool:
    """Whether a figure is asked of each county: as it was reported before, else as departments usually have it."""
    if not around.places:
        return False
    known = around.known.get((line.item, line.measure))
    return any(figure.place != CITY for figure in known) if known else office.level == "county"


def _named(line: Line, around: Round) -> Iterator[Named]:
    """The things of a line that have a name already."""
    last = {(item, figure.place): figure for (item, _), figures in around.last.items() for figure in figures}
    for (item, measure), figures in around.known.items():
        base, _, name = item.partition("/")
        if (base, measure) != (line.item, line.measure) or not name:
            continue
        for figure in figures:
            before = last.get((item, figure.place))
            value = _in_unit([before], figure.unit).get(figure.place) if before else None
            yield Named(line, name, figure.place, figure.unit, value)
