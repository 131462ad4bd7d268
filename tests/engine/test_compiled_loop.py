"""The compiled loop gives what numpy gives, to 1e-12, and has one digest for every window and thread."""

import importlib
import math
import pkgutil
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gep
from gep import read_run
from gep.core.equation import Equation
from gep.core.errors import UsageError
from gep.engine import loop, run
from gep.engine.loop import choose_loop
from gep.engine.prelude import PRELUDE
from gep.engine.scalar import CannotCompileError, Value, Writer
from gep.engine.sums import Sums
from gep.plan.planner import make_plan
from gep.study.folder import write_run

numba = pytest.importorskip("numba", reason="the extra `fast` is not installed")


@pytest.fixture(scope="module", autouse=True)
def _own_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(loop.CACHE, str(tmp_path_factory.mktemp("loops")))
        yield


def tables(sums: Sums):
    """Every number that flows are added up to, by where it stands."""
    for key, found in sums.flows.items():
        for name in ("sum", "valid", "cells", "inputs", "negative", "negative_area"):
            yield (*key, name), getattr(found, name)
        for name, values in found.of_inputs.items():
            yield (*key, "of", name), values


def assert_same(one: Sums, other: Sums) -> None:
    others = dict(tables(other))
    for key, values in tables(one):
        np.testing.assert_allclose(others[key], values, rtol=1e-12, atol=0, err_msg=str(key))
    for name, tally in one.layers.items():
        compiled = other.layers[name]
        assert (compiled.lowest, compiled.highest, compiled.fills) == (tally.lowest, tally.highest, tally.fills)
        for part in ("valid", "area", "outside", "unusual", "infinite"):
            assert math.isclose(getattr(compiled, part), getattr(tally, part), rel_tol=1e-12), (name, part)
    for message, tally in one.checks.items():
        assert math.isclose(other.checks[message].valid, tally.valid, rel_tol=1e-12)
        assert math.isclose(other.checks[message].found, tally.found, rel_tol=1e-12)


def test_every_service_of_the_sample_city(sample_study):
    plan = make_plan(sample_study.inputs).plan
    compiled = choose_loop(plan, "compiled")
    assert len(plan.flows) > 20
    first = run.run(compiled, threads=1, window=512)
    assert_same(run.run(plan), first)
    again = run.run(compiled, threads=2, window=1024)
    for (key, one), (_, other) in zip(tables(first), tables(again), strict=True):
        assert np.array_equal(one, other), key


def test_an_account_says_by_which_loop(sample_study, sample_account, tmp_path):
    account = sample_study.run(loop="compiled")
    assert account.digest.startswith("compiled:")
    assert account.about.record["loop"] == "compiled"
    assert account.about.run_id != sample_account.about.run_id
    assert account.total() == pytest.approx(sample_account.total(), rel=1e-12)
    write_run(account, tmp_path / "run", [])
    assert read_run(tmp_path / "run").digest == account.digest
    assert ":" not in sample_account.digest
    assert "loop" not in sample_account.about.record


def test_small_grids_are_left_to_numpy(sample_study, monkeypatch):
    plan = make_plan(sample_study.inputs).plan
    assert not choose_loop(plan).is_compiled
    monkeypatch.setattr(loop, "WORTHWHILE", math.prod(plan.grid.shape))
    assert choose_loop(plan).is_compiled
    assert not choose_loop(plan, "numpy").is_compiled
    with pytest.raises(UsageError, match="auto, numpy"):
        choose_loop(plan, "fortran")
    monkeypatch.setattr(loop.importlib.util, "find_spec", lambda name: None)
    assert not choose_loop(plan).is_compiled
    with pytest.raises(UsageError, match=r"gep\[fast\]"):
        choose_loop(plan, "compiled")


# the scalar lines ----------------------------------------------------------------------------------------------------


def equations() -> dict[str, Equation]:
    found = {}
    for package in (gep.services, gep.derivations):
        for module in pkgutil.iter_modules(package.__path__):
            for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
                if isinstance(value, Equation):
                    found[value.name] = value
    return found


EQUATIONS = equations()
OF_SPECIES = ("shannon_index_ln", "shannon_index_log2")
"""Sums over species, which are no months: of tables, never of cells."""


def scalar(function, arguments):
    """A function of numbers and lists of twelve, by the lines that are written from a function of arrays."""
    writer = Writer()
    values = [Value(f"{name}[m]", True) if name.startswith("monthly_") else Value(name) for name in arguments]
    result = writer.keep(writer.function(function, values), "result")
    body = [f"{name} = [0.0] * 12" for name in writer.of_months] + writer.lines
    returned = result.text.removesuffix("[m]")
    lines = [f"def scalar({', '.join(arguments)}):", *(f"    {line}" for line in (*body, f"return {returned}"))]
    known: dict = {"numba": SimpleNamespace(njit=lambda **_: lambda made: made)}
    exec(PRELUDE.replace("import numba", "months = 12"), known)
    exec("\n".join(lines), known)
    return known["scalar"]


@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_as_scalar_lines(name):
    one = EQUATIONS[name]
    if any(argument.startswith(("daily_", "subdaily_")) for argument in one.arguments):
        pytest.skip("computed on the grid of its layers, never in the loop")
    if name in OF_SPECIES:
        with pytest.raises(CannotCompileError):
            scalar(one.fn, one.arguments)
        return
    made = scalar(one.fn, one.arguments)
    draw = np.random.default_rng(1)
    for _ in range(5):
        given = {}
        for argument in one.arguments:
            given[argument] = np.asarray(draw.uniform(0.2, 3, 12 if argument.startswith("monthly_") else ()))
        with np.errstate(all="ignore"):
            columns = {key: np.reshape(value, (-1, 1)) if value.ndim else value for key, value in given.items()}
            expected = np.ravel(one.fn(**columns))
        try:
            found = made(**{key: value.tolist() for key, value in given.items()})
        except (ValueError, ZeroDivisionError, OverflowError):
            assert not np.isfinite(expected).all()  # what Python refuses is no number in a loop
            continue
        np.testing.assert_allclose(np.ravel(found), expected, rtol=1e-12)


NAMES = ("a", "b", "monthly_c")
LEAF = st.sampled_from([*NAMES, "0.5", "2"])


def expressions(parts):
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda pair: f"({pair[0]} + {pair[1]})"),
        pairs.map(lambda pair: f"({pair[0]} * {pair[1]})"),
        pairs.map(lambda pair: f"({pair[0]} / ({pair[1]}))"),
        pairs.map(lambda pair: f"np.maximum({pair[0]}, {pair[1]})"),
        pairs.map(lambda pair: f"np.minimum({pair[0]}, {pair[1]} - 1)"),
        pairs.map(lambda pair: f"np.where({pair[0]} > {pair[1]}, {pair[0]}, -{pair[1]})"),
        parts.map(lambda part: f"np.exp(-np.abs({part}))"),
        parts.map(lambda part: f"np.sum({part} + 0 * monthly_c, axis=0)"),
        parts.map(lambda part: f"np.mean({part} * monthly_c, axis=0)"),
        parts.map(lambda part: f"np.max({part} + monthly_c, axis=0)"),
    )


@settings(max_examples=60)
@given(
    expression=st.recursive(LEAF, expressions, max_leaves=8),
    a=st.floats(-5, 5),
    b=st.floats(-5, 5),
    c=st.lists(st.floats(-5, 5), min_size=12, max_size=12),
)
def test_any_expression_as_scalar_lines(tmp_path_factory, expression, a, b, c):
    path = tmp_path_factory.mktemp("expression") / "written.py"
    path.write_text(
        f'import numpy as np\n\n\ndef written({", ".join(NAMES)}):\n    """Of any shape."""\n    return {expression}\n'
    )
    known: dict = {}
    exec(compile(path.read_text(), path, "exec"), known)
    function = known["written"]
    with np.errstate(all="ignore"):
        expected = np.ravel(function(np.array(a), np.array(b), np.array(c)[:, None]))
    try:
        found = np.ravel(scalar(function, NAMES)(a, b, c))
    except (ZeroDivisionError, OverflowError):
        assert not np.isfinite(expected).all() or "exp" in expression
        return
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_what_has_no_scalar_counterpart_is_left_to_numpy():
    def sorted_months(monthly_c):
        """Not what equations are written with."""
        return np.sort(monthly_c, axis=0)

    with pytest.raises(CannotCompileError):
        scalar(sorted_months, ["monthly_c"])
