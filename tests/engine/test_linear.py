"""Multiples are proved by evaluation; what is none is refused, wherever its kink lies; and sums that are expanded are
those of numpy.
"""

import importlib.util
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from gep.engine import fused
from gep.engine.linear import Forms, Multiple, multiple_of
from gep.engine.readers import Readers
from gep.engine.square import Squares
from gep.engine.steps import Steps
from gep.inputs.grids.derived import daily_extremes
from gep.inputs.grids.grid import Square
from gep.plan.plan import Flow
from gep.plan.planner import make_plan
from gep.plan.wiring import ClassInput, Computed, LayerInput, TableInput
from gep.standards.profile import profile_ids
from gep.study.study import Study

# -- what is a multiple ------------------------------------------------------------------------------------------------

K = np.array([[2.0, 0.0, np.nan, 0.5]])


@pytest.mark.parametrize(
    ("function", "factor"),
    [
        (lambda x, k: x * k, [2, 0, np.nan, 0.5]),
        (lambda x, k: k * x, [2, 0, np.nan, 0.5]),
        (lambda x, k: x / (1 + k), [1 / 3, 1, np.nan, 1 / 1.5]),
        (lambda x, k: np.divide(x, 2) * k + x, [2, 1, np.nan, 1.25]),
        (lambda x, k: x * np.maximum(k, 1), [2, 1, np.nan, 1]),
    ],
)
def test_a_multiple_by_hand(function, factor):
    np.testing.assert_allclose(multiple_of(function, [Multiple(np.ones((1, 1))), K]), [factor], rtol=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, k: x + k,
        lambda x, k: x + 1e-300,
        lambda x, k: k / x,
        lambda x, k: x * x,
        lambda x, k: x**1.0000001,
        lambda x, k: np.maximum(x, 0) * k,
        lambda x, k: np.minimum(x * k, 1e300),
        lambda x, k: np.abs(x),
        lambda x, k: np.exp(x),
        lambda x, k: np.where(x > 3.000001, x, x),
        lambda x, k: np.where((x > 3.000001) & (x < 3.000002), 2 * x, x) * k,
        lambda x, k: x * (1 + 1e-9 * (x > 12345.678)),
        lambda x, k: x * k if x else x,
        lambda x, k: np.clip(x, -1e30, 1e30),
        lambda x, k: np.sum(x, axis=0),
        lambda x, k: x - x * k,
        lambda x, k: -x,
        lambda x, k: np.asarray(x) * k,
        lambda x, k: k,
    ],
)
def test_what_is_no_multiple_is_refused(function):
    """Among them what is linear but within a millionth, above a large number, or on either side of zero; multiples of
    negative numbers, which turn what is negative round; and constants.
    """
    assert multiple_of(function, [Multiple(np.ones((1, 1))), K]) is None


def test_numbers_are_tried_too():
    """An equation that treats what it is evaluated with as it treats no number is found out."""

    def two_faced(x, k):
        return x * k if isinstance(x, Multiple) else np.maximum(x, 0) * k

    assert multiple_of(two_faced, [Multiple(np.ones((1, 1))), K]) is None


# -- sums of cells, as the loop adds them and as numpy does ------------------------------------------------------------


class Written:
    """The loop as it is written, run by Python and not compiled: slow, but at once."""

    def __init__(self, source):
        names = ("exp", "log", "log10", "log2", "sin", "cos", "tan", "sqrt", "floor")
        known = {name: getattr(np, name) for name in names} | {"acos": np.arccos, "atan": np.arctan}
        known |= {"isnan": np.isnan, "isfinite": np.isfinite, "inf": np.float64("inf"), "nan": np.float64("nan")}
        known |= {"pi": math.pi, "factorial": math.factorial}
        numba = SimpleNamespace(njit=lambda **_: lambda made: made)
        self._names = {"math": SimpleNamespace(**known), "numba": numba}
        exec(source.replace("import math\n", "").replace("import numba\n", ""), self._names)

    def __call__(self, given, lying, made):
        self._names["loop"](*given, *lying, *made)


@pytest.fixture(scope="module", autouse=True)
def _by_python():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fused, "CompiledLoop", Written)
        yield


@pytest.fixture(scope="module")
def sample_plan(sample_study):
    return make_plan(sample_study.inputs).plan


def both(plan, square):
    """The sums of a square by numpy, and as the loop is written."""
    with np.errstate(all="ignore"):
        return [Squares(replace(plan, is_compiled=is_compiled)).compute(square) for is_compiled in (False, True)]


def assert_alike(one, other, scale=0.0):
    """To 1e-12 of the sum; of that of absolute values (`scale`) where these may cancel, for so far does rounding go."""
    for key, sums in one.flows.items():
        found = other.flows[key]
        for name in ("valid", "cells", "inputs", "negative_area"):
            np.testing.assert_allclose(getattr(found, name), getattr(sums, name), rtol=1e-12, atol=0, err_msg=str(key))
        pairs = {name: (getattr(sums, name), getattr(found, name)) for name in ("sum", "negative")}
        pairs |= {name: (expected, found.of_inputs[name]) for name, expected in sums.of_inputs.items()}
        for name, (expected, given_other) in pairs.items():
            is_close = np.abs(given_other - expected) <= 1e-12 * (np.abs(expected) + scale)
            assert (is_close | (given_other == expected)).all(), (key, name, given_other, expected)
    for name, tally in one.layers.items():
        found = other.layers[name]
        assert (found.lowest, found.highest, found.fills) == (tally.lowest, tally.highest, tally.fills), name
        for part in ("valid", "area", "outside", "unusual", "infinite"):
            assert math.isclose(getattr(found, part), getattr(tally, part), rel_tol=1e-12), (name, part)
    for message, tally in one.checks.items():
        assert math.isclose(other.checks[message].valid, tally.valid, rel_tol=1e-12)
        assert math.isclose(other.checks[message].found, tally.found, rel_tol=1e-12)
    for name, values in one.sample.layers.items():
        np.testing.assert_allclose(other.sample.layers[name], values, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("profile", profile_ids())
def test_every_profile(sample_city, tmp_path, profile):
    """On the sample city, a piece of land with a coast of its layers, so that some are missing."""
    folder = tmp_path / "city"
    folder.symlink_to(sample_city, target_is_directory=True)
    text = (sample_city / "gep.toml").read_text(encoding="utf-8")
    project = sample_city / f"{profile}.toml"
    project.write_text(text.replace('profile = "ndrc-2022"', f'profile = "{profile}"'), encoding="utf-8")
    try:
        plan = make_plan(Study.open(project).inputs).plan
    finally:
        project.unlink()
    row, col = plan.grid.row0 + plan.grid.shape[0] // 2, plan.grid.col0 + plan.grid.shape[1] // 2
    assert plan.flows
    assert_alike(*both(plan, Square(row, row + 24, col, col + 24)))


def test_extremes_of_days_stand_beside(sample_plan):
    """They are tested, and are no months."""
    plan, name = sample_plan, "monthly_air_temperature"
    days = {"daily_temperature": daily_extremes(plan.layers[name])}
    kinds = {**plan.kinds, "daily_temperature": plan.kinds[name]}
    plan = replace(plan, layers={**days, **plan.layers}, kinds=kinds, beside={})
    row, col = plan.grid.row0 + 200, plan.grid.col0 + 200
    one, other = both(plan, Square(row, row + 8, col, col + 8))
    assert_alike(one, other)
    assert other.layers["daily_temperature"].highest == other.layers[name].highest


NAMES = ("a", "b", "monthly_c", "k", "t")
UNARY = ("np.exp(-np.abs({}))", "np.sqrt(np.abs({}))", "-({})", "np.mean({} * monthly_c, axis=0)", "np.maximum({}, 2)")
BINARY = ("({} + {})", "({} - {})", "({} * {})", "({} / ({}))", "np.maximum({}, {})", "np.where({} > {}, k, 0 * t + 1)")


def trees():
    leaves = st.sampled_from(["a", "b", "k", "t", "2", "np.sum(monthly_c, axis=0)"])
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(lambda form, one: form.format(one), st.sampled_from(UNARY), parts),
            st.builds(lambda form, one, two: form.format(one, two), st.sampled_from(BINARY), parts, parts),
        ),
        max_leaves=6,
    )


LINKS = ("x * k", "x / t", "k * x / 2 + x", "np.maximum(x, 0) * k", "x + k", "x * (k - 3)", "x * np.where(k > 1, k, t)")


class Equal:
    """What the engine asks of an equation: here any, without units and their proof."""

    def __init__(self, function, units, returns="1"):
        self.fn, self.name, self.units, self.returns = function, function.__name__, units, returns


def written(folder, arguments, expression, name):
    path = folder / f"{name}.py"
    lines = [f"def {name}({', '.join(arguments)}):", '    """Of any shape."""', f"    return {expression}"]
    path.write_text("\n".join(["import numpy as np", "", "", *lines, ""]))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), tree=trees(), links=st.lists(st.sampled_from(LINKS), min_size=1, max_size=3))
def test_random_trees(sample_plan, tmp_path_factory, data, tree, links):
    """A density of layers on the lattice and coarse ones, of months, of class and zone; and flows that are made from it
    by links, some of which are multiples.
    """
    plan, folder = sample_plan, tmp_path_factory.mktemp("tree")
    draw = np.random.default_rng(data.draw(st.integers(0, 99)))
    classes, zones = len(plan.classes), len(plan.zones.zones)
    k, t = draw.choice([0.0, 0.5, 1.0, 3.0, np.nan], classes), draw.uniform(0.5, 4, zones)
    layers = ("elevation", "rainfall_erosivity", "monthly_air_temperature")
    own = {name: plan.layers[name].unit for name in layers}
    of_class, of_zone = ClassInput("k", "1"), TableInput("t", "1")
    inputs = (*(LayerInput(name) for name in layers), of_class, of_zone)
    first = written(folder, NAMES, f"{tree} + 0 * a", "tree")
    node = Computed(Equal(first, dict(zip(NAMES, (*own.values(), "1", "1"), strict=True))), inputs)
    nodes = [node]
    for number, link in enumerate(links):
        function = written(folder, ("x", "k", "t"), f"{link} + 0 * t * x", f"link_{number}")
        nodes.append(Computed(Equal(function, {"x": "1", "k": "1", "t": "1"}), (nodes[-1], of_class, of_zone)))
    counted = draw.uniform(size=classes) < 0.8
    flows = tuple(
        Flow("any", f"flow_{number}", of, counted, is_clipped=bool(number % 2)) for number, of in enumerate(nodes)
    )
    values = {"class_values": {("k", "1"): k}, "zone_values": {("t", "1"): t}}
    only = {name: plan.layers[name] for name in layers}
    plan = replace(plan, flows=flows, layers=only, beside={}, checks=(), patches=(), **values)
    row, col = plan.grid.row0 + 200, plan.grid.col0 + 200
    square = Square(row, row + 8, col, col + 8)
    try:
        one, other = both(plan, square)
    except (ZeroDivisionError, OverflowError):
        assume(False)
    sized = tuple(replace(flow, node=absolute(flow.node), is_clipped=False) for flow in flows)
    with np.errstate(all="ignore"):
        scale = Squares(replace(plan, flows=sized)).compute(square)
    assert_alike(one, other, np.nansum([sums.sum for sums in scale.flows.values()], axis=0))


def absolute(node):
    """The absolute value of a node."""
    return Computed(Equal(np.abs, {"x": "1"}), (node,))


def test_what_is_expanded_in_the_sample_city(sample_study):
    """Money and substances of what is retained are multiples of it by class or zone; a yield by clipping is none."""
    plan = make_plan(sample_study.inputs).plan
    readers = Readers(plan)
    forms = Forms(plan, readers.steps, readers.tables)
    found = {steps.flow.component: forms[steps.density] for steps in readers.steps.flows if steps.is_counted}
    roots = {form.of for form in found.values()}
    assert None in roots, "what follows from the class alone needs no cells"
    assert len(roots) <= len(plan.flows) / 2
    assert Steps(plan).by_key.keys() == readers.steps.by_key.keys()
