"""The source of the compiled loop of a plan, written from its steps and the equations' own functions.

Per piece: load the layers and test them, compute each step for the classes that need it, add up what flows have in
common where all their layers are, and every flow that is no multiple of another (`linear`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.engine.linear import Form, Forms
from gep.engine.prelude import PRELUDE
from gep.engine.readers import Readers
from gep.engine.scalar import INDENT, MONTHS, CannotCompileError, Value, Writer
from gep.engine.steps import FlowSteps
from gep.inputs.grids.layers import Layer, in_dtype
from gep.plan.cell_checks import CellCheck
from gep.plan.plan import Array, FlowKey, GridPlan
from gep.plan.wiring import CalendarInput, CellInput, Computed, LayerInput, TableInput

POSITIVE, BAD, NEGATIVE, NEGATIVE_AREA, PER_FLOW = range(5)
"""What is added by group of a density: what of it is not negative and what is, and at how many pieces it is no number
though it has all its layers.
"""
VALID, INFINITE, LOWEST, HIGHEST, PER_LAYER = range(5)
"""What is found of a layer: areas, and its range as the file stores it."""
AREA, COUNT, PER_SET = range(3)
"""What is added by group where a set of layers is whole."""

BITS = 62
"""Sets of classes in one number: bits that a piece is tested by."""

OF_PIECES = ("cell", "land_class", "zone", "group", "area", "width", "months")
OF_PLAN = ("need", "of_class", "of_class_and_month", "of_month", "of_zone", "missing", "packing")
GIVEN = (*OF_PIECES, *OF_PLAN, "latitude")
"""What the loop is given first; then come places, coarse layers, the other layers, and areas by place."""
MADE = ("whole", "shared", "flows", "tested", "found")
"""What it adds to."""

OF_AXES = ("before_row", "own_row", "down_of", "before_col", "own_col", "right_of")
OF_MESH = ("node_row", "node_col", "mesh_row", "part_row", "mesh_col", "part_col", "known", "origin")
"""What it is given of the places of cells among those of a coarse layer."""


class Field(NamedTuple):
    """A layer as the loop gets it: as the file stores it (`plain`), as the source cells between which its cells lie
    (`coarse`, with the number of their place), or as a number for each cell (`cells`); with months or without. The
    months of all coarse layers of a place lie side by side, from `first` on.
    """

    number: int
    kind: Literal["plain", "coarse", "cells"]
    has_months: bool
    place: int = -1
    first: int = 0


@dataclass
class Layout:
    """What the loop is given and gives, in which order.

    `places` says of each place among coarse cells whether it has axes. `sets` numbers the sets of layers that flows
    rest on, `summed` the steps that are summed where all layers are whole, `beside` where some are missing, by set and
    step; `flows` the densities that are added up, by step and set, and `forms` what flows are of them; `checks` the
    checks that it makes. `need` tells by mask for which classes something is wanted; then come tables by class, by
    class and month, by month and by zone.
    """

    fields: Mapping[str, Field]
    places: Sequence[bool]
    sets: dict[tuple[str, ...], int] = field(default_factory=dict)
    summed: dict[int, int] = field(default_factory=dict)
    beside: dict[tuple[int, int], int] = field(default_factory=dict)
    flows: dict[tuple[int, int], int] = field(default_factory=dict)
    forms: dict[FlowKey, Form] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    need: dict[bytes, int] = field(default_factory=dict)
    of_class: list[Array] = field(default_factory=list)
    of_class_and_month: list[Array] = field(default_factory=list)
    of_month: list[Array] = field(default_factory=list)
    of_zone: list[Array] = field(default_factory=list)
    has_latitude: bool = False

    @property
    def stacks(self) -> dict[int, list[str]]:
        """The coarse layers with months, by their place."""
        found: dict[int, list[str]] = {}
        for name, of in self.fields.items():
            if of.kind == "coarse" and of.has_months:
                found.setdefault(of.place, []).append(name)
        return found

    @property
    def single(self) -> list[str]:
        """The coarse layers without."""
        return [name for name, of in self.fields.items() if of.kind == "coarse" and not of.has_months]

    def columns_of_set(self, layers: tuple[str, ...]) -> tuple[int, int]:
        """Of the area and the number of pieces where a set of layers is whole and others are not."""
        first = PER_SET * self.sets[layers]
        return first + AREA, first + COUNT

    def column_of_step(self, number: int) -> int:
        """Of the sum of a step where all layers are whole."""
        return PER_SET + self.summed[number]

    def column_beside(self, layers: tuple[str, ...], number: int) -> int:
        """Of the sum of a step where a set of layers is whole and others are not."""
        return PER_SET * len(self.sets) + self.beside[self.sets[layers], number]

    def mask(self, classes: NDArray[np.bool_]) -> int:
        """The number of a set of classes."""
        return self.need.setdefault(classes.tobytes(), len(self.need))

    def bits(self, n_classes: int) -> NDArray[np.int64]:
        """The sets that each class belongs to."""
        found = np.zeros((-(-len(self.need) // BITS), n_classes), np.int64)
        for number, mask in enumerate(self.need):
            found[number // BITS] |= np.frombuffer(mask, np.bool_).astype(np.int64) << (number % BITS)
        return found


def missing_numbers(layer: Layer) -> list[float]:
    """The numbers of the file that stand for missing."""
    numbers = [in_dtype(value, layer.dtype) for value in layer.missing_values]
    return [float(number) for number in numbers if number is not None and number == number]


class LoopWriter:
    """Writes the loop of a plan: `source`, and the `layout` of what it takes and gives."""

    def __init__(self, plan: GridPlan, readers: Readers) -> None:
        self._plan, self._steps, self._tables = plan, readers.steps, readers.tables
        self._layers = {name: readers.layers[name].layer for name in plan.layers}
        self._forms = Forms(plan, readers.steps, readers.tables)
        self.layout = _layout(plan, readers)
        self._values: dict[int, Value | None] = {}
        """The text of each step; None where it cannot be written."""
        self._values_of_months: dict[int, str] = {}
        """The arrays of the months of layers, by the number of the layer."""
        self._body = Writer()
        for name in self.layout.fields:
            self._load(name)
        for check in plan.checks:
            self._check(check)
        counted = [flow for flow in self._steps.flows if flow.is_counted]
        self._compute(counted)
        flows = [flow for flow in counted if self._is_written(flow)]
        self._place(flows)
        self._add(flows)
        self._body.without_arrays()
        self.source = self._whole()

    # the whole

    def _whole(self) -> str:
        body, fields = self._body, self.layout.fields.values()
        tested = [field.number for field in fields if field.kind == "plain"]
        given = list(GIVEN)
        for place, has_axes in enumerate(self.layout.places):
            given += [f"{name}_{place}" for name in (*(OF_AXES if has_axes else OF_MESH), "wide")]
        for place in self.layout.stacks:
            given += [f"stack_{place}", f"is_whole_{place}"]
        given += [f"layer_{self.layout.fields[name].number}" for name in self.layout.single]
        given += [f"layer_{field.number}" for field in fields if field.kind != "coarse"]
        given += [f"held_{place}" for place, _ in enumerate(self.layout.places)]
        lines = [
            "@numba.njit(cache=True, nogil=True, error_model='numpy')",
            f"def loop({', '.join((*given, *MADE))}):",
            *(f"{INDENT}{name} = np.empty({MONTHS})" for name in body.of_months),
            *(f"{INDENT}at_{place}_months = np.empty(stack_{place}.shape[1])" for place in self.layout.stacks),
        ]
        for number in tested:
            lines.append(f"{INDENT}area_{number} = 0.0")
            lines.append(f"{INDENT}lowest_{number}, highest_{number} = math.inf, -math.inf")
        lines += [f"{INDENT}{line}" for line in ("row_start = 0", "row_end = 0", "for i in range(cell.size):")]
        lines += [2 * INDENT + line for line in self._head()]
        lines += [2 * INDENT + line for line in body.lines]
        for number in tested:
            lines.append(f"{INDENT}tested[{number}, {VALID}] = area_{number}")
            for name, column in (("lowest", LOWEST), ("highest", HIGHEST)):
                lines.append(f"{INDENT}tested[{number}, {column}] = {name}_{number}")
        return "\n\n".join([PRELUDE, "\n".join(lines)]) + "\n"

    def _head(self) -> Iterator[str]:
        """Where a piece lies, and what it is."""
        yield "j = cell[i]"
        yield "if j < row_start or j >= row_end:"
        yield f"{INDENT}row = j // width"
        yield f"{INDENT}row_start = row * width"
        yield f"{INDENT}row_end = row_start + width"
        for place, has_axes in enumerate(self.layout.places):
            if has_axes:
                yield f"{INDENT}above_{place} = before_row_{place}[row]"
                yield f"{INDENT}holds_{place} = own_row_{place}[row]"
                yield f"{INDENT}down_{place} = down_of_{place}[row]"
        yield "r, q = np.uintp(row), np.uintp(j - row_start)"
        yield from ("c = np.uintp(land_class[i])", "z = np.uintp(zone[i])", "g = np.uintp(group[i])", "a = area[i]")
        for word in range(-(-len(self.layout.need) // BITS)):
            yield f"bits_{word} = need[{word}, c]"
        for place, has_axes in enumerate(self.layout.places):
            if has_axes:
                yield f"at_{place} = above_{place} + before_col_{place}[q]"
                yield f"own_{place} = holds_{place} + own_col_{place}[q]"
                yield f"right_{place} = right_of_{place}[q]"
            else:
                given = ", ".join(f"{name}_{place}" for name in OF_MESH)
                found = ", ".join(f"{name}_{place}" for name in ("at", "own", "down", "right"))
                yield f"{found} = placed(r, q, {given}, wide_{place})"
            yield f"held_{place}[own_{place}] += a"
            if place in self.layout.stacks:
                yield f"is_near_{place} = is_whole_{place}[at_{place}]"

    def _needed(self, classes: NDArray[np.bool_]) -> str:
        """Whether a piece is of some classes."""
        number = self.layout.mask(classes)
        return f"bits_{number // BITS} & {1 << number % BITS}"

    # layers

    def _load(self, name: str) -> None:
        """The value of a layer at a piece, whether it is one, and its range."""
        field = self.layout.fields[name]
        if field.kind == "plain":
            self._load_plain(field, self._layers[name])
        elif field.kind == "coarse":
            self._load_coarse(field)
        else:
            number, body = field.number, self._body
            if field.has_months:
                body.reduce(f"value_{number}", "0.0", f"value_{number} += layer_{number}[m, j]")
            else:
                body.add(f"value_{number} = layer_{number}[0, j]")
            body.add(f"is_valid_{number} = math.isfinite(value_{number})")

    def _load_plain(self, field: Field, layer: Layer) -> None:
        body, number = self._body, field.number
        value, where = f"value_{number}", "m, r, q" if field.has_months else "r, q"
        lines = [f"{value} = np.float64(layer_{number}[{where}])"]
        if tests := [f"{value} == missing[{number}, {k}]" for k in range(len(missing_numbers(layer)))]:
            lines += [f"if {' or '.join(tests)}:", f"{INDENT}{value} = math.nan"]
        if (layer.scale, layer.offset) != (1, 0):
            lines.append(f"{value} = {value} * packing[{number}, 0] + packing[{number}, 1]")
        if not field.has_months:
            for line in lines:
                body.add(line)
            body.add(f"is_valid_{number} = abs({value}) < math.inf")
            self._test(field, value, value, f"{value} == {value}")
            return
        months = body.name("months")
        body.of_months.append(months)
        self._values_of_months[number] = months
        least, most = f"least_{number}", f"most_{number}"
        for line in (*lines, f"{months}[m] = {value}"):
            body.each_month(line)
        body.reduce(f"sum_{number}", "0.0", f"sum_{number} += {value}")
        body.reduce(least, "math.inf", f"{least} = minimum({least}, {value})")
        body.reduce(most, "-math.inf", f"{most} = maximum({most}, {value})")
        body.add(f"is_valid_{number} = math.isfinite(sum_{number})")
        self._test(field, least, most, f"{least} == {least}")

    def _test(self, field: Field, least: str, most: str, is_there: str) -> None:
        """The range of a layer where it is a number, and where it is infinite."""
        body, number = self._body, field.number
        with body.under(f"if is_valid_{number}:"):
            body.add(f"area_{number} += a")
            for name, sign, value in (("lowest", "<", least), ("highest", ">", most)):
                with body.under(f"if {value} {sign} {name}_{number}:"):
                    body.add(f"{name}_{number} = {value}")
        with body.under(f"elif {is_there}:"):
            body.add(f"tested[{number}, {INFINITE}] += a")

    def _load_coarse(self, field: Field) -> None:
        """Between four source cells. Months are interpolated where they are needed (`_interpolate`), and here where
        some are missing nearby.
        """
        body, number, place = self._body, field.number, field.place
        where = f"at_{place}, own_{place}, down_{place}, right_{place}, wide_{place}"
        if field.has_months:
            found = f"mended(stack_{place}, {where}, {field.first}, at_{place}_months)"
            body.add(f"is_valid_{number} = is_near_{place} or {found}")
            return
        body.add(f"value_{number} = between(layer_{number}, {where}, 0)")
        with body.under(f"if not abs(value_{number}) < math.inf:"):
            body.add(f"value_{number} = mended_month(layer_{number}, {where}, 0)")
        body.add(f"is_valid_{number} = abs(value_{number}) < math.inf")

    def _check(self, check: CellCheck) -> None:
        """A check between layers, where none of them has months."""
        body, fields = self._body, [self.layout.fields.get(name) for name in check.layers]
        numbers = [field.number for field in fields if field is not None and not field.has_months]
        if len(numbers) < len(fields):
            return
        row = self.layout.checks[check.message] = len(self.layout.checks)
        with body.under(f"if {' and '.join(f'is_valid_{number}' for number in numbers)}:"):
            body.add(f"found[{row}, 0] += a")
            answer = body.function(check.test, [Value(f"value_{number}") for number in numbers])
            with body.under(f"if {answer.text}:"):
                body.add(f"found[{row}, 1] += a")

    # steps

    def _compute(self, flows: Sequence[FlowSteps]) -> None:
        """The steps, each for the classes that need it; those of the same classes one after the other."""
        roots = {root for flow in flows if (root := self._forms[flow.density].of) is not None}
        roots |= {number for flow in flows for number in flow.summed.values()}
        wanted = sorted({number for root in roots for number in self._steps.below(root)})
        self._interpolate(wanted)
        blocks: dict[int, tuple[int, list[str]]] = {}
        for number in wanted:
            step = self._steps[number]
            start = len(self._body.lines)
            is_computed = isinstance(step.node, Computed) and not step.is_of_class
            self._values[number] = self._computed(number) if is_computed else self._given(number)
            if len(self._body.lines) > start:
                blocks[number] = self.layout.mask(step.classes), self._body.cut(start)
        self._emit(blocks)

    def _interpolate(self, wanted: Sequence[int]) -> None:
        """The months of coarse layers, for the classes that need any."""
        for place, names in self.layout.stacks.items():
            steps = [self._steps[number] for number in wanted]
            of_place = [step.classes for step in steps if isinstance(step.node, LayerInput) and step.node.name in names]
            if of_place:
                where = f"stack_{place}, at_{place}, own_{place}, down_{place}, right_{place}, wide_{place}"
                with self._body.under(f"if is_near_{place} and {self._needed(np.logical_or.reduce(of_place))}:"):
                    self._body.add(f"interpolate({where}, at_{place}_months)")

    def _emit(self, blocks: dict[int, tuple[int, list[str]]]) -> None:
        """Blocks of lines in an order in which each comes after those that it needs, with few changes of classes."""
        waiting, before = dict(blocks), -1
        needs = {number: (set(self._steps.below(number)) - {number}) & blocks.keys() for number in blocks}
        while waiting:
            free = [number for number in waiting if not needs[number] & waiting.keys()]
            number = next((number for number in free if waiting[number][0] == before), free[0])
            mask, lines = waiting.pop(number)
            if mask != before:
                self._body.add(f"if bits_{mask // BITS} & {1 << mask % BITS}:")
            before = mask
            self._body.lines += [INDENT + line for line in lines]

    def _computed(self, number: int) -> Value | None:
        step, body = self._steps[number], self._body
        assert isinstance(step.node, Computed), "what is given is read"
        arguments: list[Value] = []
        for argument in step.arguments:
            value = self._values[argument.step]
            if value is None:
                return None
            text = value.text if argument.is_same else f"({value.text} * {argument.scale!r} + {argument.offset!r})"
            arguments.append(value._replace(text=text))
        start = len(body.lines)
        try:
            return body.keep(body.function(step.node.equation.fn, arguments), "step")
        except CannotCompileError:
            body.cut(start)
            return None

    def _given(self, number: int) -> Value:
        """A step that is read from an array."""
        step, layout = self._steps[number], self.layout
        node = step.node
        if isinstance(node, LayerInput):
            return self._of_layer(layout.fields[node.name])
        if isinstance(node, TableInput):
            layout.of_zone.append(self._plan.zone_values[node.name, node.unit])
            return Value(f"of_zone[{len(layout.of_zone) - 1}, z]")
        if isinstance(node, CalendarInput):
            layout.of_month.append(self._plan.calendar[node.name].ravel())
            return Value(f"of_month[{len(layout.of_month) - 1}, m]", True)
        if isinstance(node, CellInput):
            layout.has_latitude = True
            return Value("latitude[j]")
        assert step.is_of_class
        table = self._tables[number]
        if table.ndim == 1:
            layout.of_class.append(table)
            return Value(f"of_class[{len(layout.of_class) - 1}, c]")
        layout.of_class_and_month.append(table.T)
        return Value(f"of_class_and_month[{len(layout.of_class_and_month) - 1}, c, m]", True)

    def _of_layer(self, field: Field) -> Value:
        """A layer at a piece."""
        number = field.number
        if not field.has_months:
            return Value(f"value_{number}")
        if field.kind == "coarse":
            return Value(f"at_{field.place}_months[{field.first} + m]", True)
        return Value(f"layer_{number}[m, j]" if field.kind == "cells" else f"{self._values_of_months[number]}[m]", True)

    def _is_written(self, flow: FlowSteps) -> bool:
        form = self._forms[flow.density]
        wanted = [number for number in (form.of, *flow.summed.values()) if number is not None]
        found = [self._values[number] for number in wanted]
        return all(value is not None and not value.has_months for value in found)

    # sums

    def _place(self, flows: Sequence[FlowSteps]) -> None:
        """Give the sums of flows their columns."""
        layout = self.layout
        for flow in flows:
            place = layout.sets.setdefault(flow.layers, len(layout.sets))
            for number in flow.summed.values():
                layout.summed.setdefault(number, len(layout.summed))
                layout.beside.setdefault((place, number), len(layout.beside))
            form = layout.forms[flow.flow.key] = self._forms[flow.density]
            if form.of is not None:
                layout.flows.setdefault((form.of, place), len(layout.flows))

    def _add(self, flows: Sequence[FlowSteps]) -> None:
        """Areas, pieces, and sums of steps where all layers of a flow are, which flows have in common; and densities.
        Mostly no layer is missing: then there is one set of them.
        """
        body, layout = self._body, self.layout
        names = dict.fromkeys(name for layers in layout.sets for name in layers)
        body.add(f"is_whole = {self._are_valid(tuple(names))}")
        with body.under("if is_whole:"):
            body.add(f"whole[g, {AREA}] += a")
            body.add(f"whole[g, {COUNT}] += 1.0")
            lines: dict[str, list[str]] = {}
            for number in layout.summed:
                value, needed = self._values[number], self._needed(self._steps[number].classes)
                assert value is not None, "the flow is written"
                lines.setdefault(needed, []).append(f"whole[g, {layout.column_of_step(number)}] += {value.text} * a")
            for needed, sums in lines.items():
                with body.under(f"if {needed}:"):
                    for line in sums:
                        body.add(line)
        with body.under("else:"):
            for layers, place in layout.sets.items():
                self._add_set(layers, place)
        for layers, place in layout.sets.items():
            counted: dict[str, list[int]] = {}
            for number, where in layout.flows:
                if where == place:
                    classes = _classes_of(flows, layers, number, layout)
                    counted.setdefault(self._needed(classes), []).append(number)
            for needed, numbers in counted.items():
                with body.under(f"if ({needed}) and (is_whole or {self._are_valid(layers)}):"):
                    for number in numbers:
                        self._add_density(number, place)

    def _are_valid(self, layers: Sequence[str]) -> str:
        tests = [f"is_valid_{self.layout.fields[name].number}" for name in layers]
        return " and ".join(tests) or "True"

    def _add_set(self, layers: tuple[str, ...], place: int) -> None:
        """What is added where a set of layers is whole and others are not."""
        body, layout = self._body, self.layout
        area, count = layout.columns_of_set(layers)
        with body.under(f"if {self._are_valid(layers)}:"):
            body.add(f"shared[g, {area}] += a")
            body.add(f"shared[g, {count}] += 1.0")
            for number in (number for where, number in layout.beside if where == place):
                value = self._values[number]
                assert value is not None, "the flow is written"
                with body.under(f"if {self._needed(self._steps[number].classes)}:"):
                    body.add(f"shared[g, {layout.column_beside(layers, number)}] += {value.text} * a")

    def _add_density(self, number: int, place: int) -> None:
        body, value = self._body, self._values[number]
        assert value is not None, "the flow is written"
        first = PER_FLOW * self.layout.flows[number, place]
        body.add(f"amount = {value.text} * a")
        with body.under("if 0 <= amount < math.inf:"):
            body.add(f"flows[g, {first + POSITIVE}] += amount")
        with body.under(f"elif not math.isfinite({value.text}):"):
            body.add(f"flows[g, {first + BAD}] += 1.0")
        with body.under("elif amount < 0:"):
            body.add(f"flows[g, {first + NEGATIVE}] += amount")
            body.add(f"flows[g, {first + NEGATIVE_AREA}] += a")
        with body.under("else:"):
            body.add(f"flows[g, {first + POSITIVE}] += amount")


def _classes_of(flows: Sequence[FlowSteps], layers: tuple[str, ...], number: int, layout: Layout) -> NDArray[np.bool_]:
    """The classes for which flows on a set of layers need a density."""
    counted = [
        flow.flow.is_counted for flow in flows if flow.layers == layers and layout.forms[flow.flow.key].of == number
    ]
    return np.asarray(np.logical_or.reduce(counted))


def _layout(plan: GridPlan, readers: Readers) -> Layout:
    """How layers are given to the loop; coarse ones of one lattice lie at one place."""
    fields: dict[str, Field] = {}
    places: dict[object, tuple[int, bool]] = {}
    months: dict[int, int] = {}
    for name, layer in plan.layers.items():
        if layer.header.lead not in ((), (MONTHS,)):
            continue  # the extremes of days, which are tested and go into no flow
        number, reader, has_months = len(fields), readers.layers[name], bool(layer.header.lead)
        if reader.is_plain:
            fields[name] = Field(number, "plain", has_months)
        elif reader.is_coarse:
            place, _ = places.setdefault(reader.lattice_key, (len(places), reader.has_axes))
            fields[name] = Field(number, "coarse", has_months, place, months.get(place, 0))
            months[place] = months.get(place, 0) + MONTHS * has_months
        else:
            fields[name] = Field(number, "cells", has_months)
    return Layout(fields, [has_axes for _, has_axes in places.values()])
