"""What the declarations say, put together for the reference: which equation is used where, and where every argument
comes from.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from itertools import pairwise, product
from pathlib import Path
from types import ModuleType

import gep.derivations
import gep.services
from gep.assets.parameters import parameter_files, read_parameters
from gep.core.catalog import CellComponent, Component, Derivation, Service, layer_kinds
from gep.core.data import data_folder, read_csv
from gep.core.equation import Equation
from gep.core.errors import Problem
from gep.derivations import DERIVATIONS
from gep.plan import wiring
from gep.services import SERVICES
from gep.standards.coefficients import COLUMNS, OPTIONAL, Coefficient, read_coefficients
from gep.standards.equations import equations, equations_of
from gep.standards.profile import Profile, load_profile, profile_ids

SLOTS = ("density", "total", "value", "pricing")
FROM_INPUTS = {
    "terrain_cell_size": "the side of an elevation cell, from the elevation layer itself",
    "days_per_year": "the days of the accounting year: 365, or 366",
}


@dataclass(frozen=True)
class Use:
    """An equation in a slot of a component, and under which switches it stands there ("" where always)."""

    component: Component
    slot: str
    equation: Equation


@dataclass(frozen=True)
class CoefficientTable:
    """One file of coefficient rows. `folder` is the profile that uses it, `common` or `alternatives`."""

    folder: str
    name: str
    rows: tuple[Coefficient, ...]
    problems: tuple[Problem, ...]


def modules(package: ModuleType) -> dict[str, ModuleType]:
    """The modules of a package by name."""
    return {
        found.name: import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
    }


def module_of(service: Service) -> ModuleType | None:
    """The module that declares a service."""
    return next(
        (
            module
            for module in modules(gep.services).values()
            if any(value is service for value in vars(module).values())
        ),
        None,
    )


def all_equations() -> tuple[Equation, ...]:
    """Every equation of services and derivations."""
    return tuple(equations().values())


def module_name(equation: Equation) -> str:
    """The last part of the module's name: a service file or a derivation group."""
    return str(equation.fn.__module__).rpartition(".")[2]


def variants(service: Service) -> list[tuple[Component, list[dict[str, str]]]]:
    """Every component under any switches, with the settings under which it is there."""
    found: list[tuple[Component, list[dict[str, str]]]] = []
    for options in product(*(switch.options for switch in service.switches.values())):
        settings = dict(zip(service.switches, options, strict=True))
        for component in service.components(settings):
            known = next((where for other, where in found if other == component), None)
            if known is None:
                known = []
                found.append((component, known))
            known.append(settings)
    order = list(dict.fromkeys(component.id for component, _ in found))
    return sorted(found, key=lambda pair: order.index(pair[0].id))


def condition(settings: list[dict[str, str]], service: Service) -> list[dict[str, list[str]]]:
    """Under which options a component is there: alternatives, each with the options of the switches that decide. Empty
    where always.
    """
    return _decide(settings, {name: list(switch.options) for name, switch in service.switches.items()})


def _decide(settings: list[dict[str, str]], switches: Mapping[str, list[str]]) -> list[dict[str, list[str]]]:
    seen = {
        name: [option for option in options if any(s[name] == option for s in settings)]
        for name, options in switches.items()
    }
    size = 1
    for options in seen.values():
        size *= len(options)
    if size == len(settings):
        decisive = {name: options for name, options in seen.items() if options != switches[name]}
        return [decisive] if decisive else []
    ways: list[dict[str, list[str]]] = []
    name = next(name for name in seen if len(seen[name]) > 1 and _matters(name, settings, seen[name]))
    rest = {other: options for other, options in switches.items() if other != name}
    for option in seen[name]:
        inside = [{k: v for k, v in s.items() if k != name} for s in settings if s[name] == option]
        for way in _decide(inside, rest) or [{}]:
            same = next((w for w in ways if {k: v for k, v in w.items() if k != name} == way), None)
            if same:
                same[name].append(option)
            else:
                ways.append({name: [option], **way})
    return [{k: v for k, v in way.items() if k != name or v != switches[name]} for way in ways]


def _matters(name: str, settings: list[dict[str, str]], options: list[str]) -> bool:
    """Whether the other switches stand differently under the options of this one."""
    views = [
        {tuple(sorted((k, v) for k, v in s.items() if k != name)) for s in settings if s[name] == option}
        for option in options
    ]
    return any(view != views[0] for view in views)


def uses(service: Service) -> tuple[Use, ...]:
    """Every equation of a service with the component and the slot it stands in, each once."""
    return _uses(service.id)


@cache
def _uses(service: str) -> tuple[Use, ...]:
    found: list[Use] = []
    for component, _ in variants(SERVICES[service]):
        for slot in SLOTS:
            equation = getattr(component, slot, None) or getattr(component.money, slot, None)
            if isinstance(equation, Equation):
                found.append(Use(component, slot, equation))
    return tuple(found)


def equations_of_service(service: Service) -> list[Equation]:
    """The equations of a service: those of its components, of its products, and what else its file defines."""
    module = module_of(service)
    listed = [use.equation for use in uses(service)] + [kind.value for kind in service.products]
    return list(dict.fromkeys([*listed, *(equations_of(module) if module else [])]))


def is_coefficient_table(path: Path) -> bool:
    """Whether a CSV has the columns of coefficient rows."""
    headings = set(next((cells for _, cells in read_csv(path)), {}))
    return set(COLUMNS) - set(OPTIONAL) <= headings or is_parameter_table(path)


def is_parameter_table(path: Path) -> bool:
    """Whether a CSV has the rows of accounts beside GEP."""
    return path in parameter_files()


@cache
def coefficient_tables() -> tuple[CoefficientTable, ...]:
    """Every shipped table of coefficients: of profiles, common ones, alternatives."""
    folders = sorted(folder for folder in data_folder().iterdir() if folder.is_dir())
    found = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.csv")) if is_coefficient_table(path)):
        rows, problems = _parameter_rows(path) if is_parameter_table(path) else read_coefficients(path)
        found.append(CoefficientTable(path.parent.name, path.stem, tuple(rows), tuple(problems)))
    return tuple(found)


def _parameter_rows(path: Path) -> tuple[list[Coefficient], list[Problem]]:
    """The rows of accounts beside GEP, with what each is of in place of a land class."""
    parameters, problems = read_parameters(path)
    return [replace(parameter.row, land_class=parameter.of) for parameter in parameters], problems


VOCABULARIES = (
    "layers.csv",
    "items.csv",
    "classes.csv",
    "labels.csv",
    "colours.csv",
    "names.csv",
    "study_inputs.csv",
)
"""Tables at the top that have pages of their own kind, or that all pages show."""


@cache
def other_tables() -> tuple[Path, ...]:
    """Every other shipped CSV: price indices, crosswalks, correspondences."""
    paths = [path for path in data_folder().glob("*.csv") if path.name not in VOCABULARIES]
    return tuple(sorted([*paths, *(path for path in data_folder().glob("*/*.csv") if not is_coefficient_table(path))]))


def below_data(path: Path) -> str:
    """The path of a shipped file below the data folder, without its ending."""
    return path.relative_to(data_folder()).with_suffix("").as_posix()


@cache
def study_inputs() -> Mapping[str, Mapping[str, str]]:
    """What has no published value for all classes, by name."""
    return {row["coefficient"]: row for _, row in read_csv(data_folder() / "study_inputs.csv")}


@cache
def profiles() -> Mapping[str, Profile]:
    return {identifier: load_profile(identifier) for identifier in profile_ids()}


@cache
def tables_of(name: str) -> tuple[CoefficientTable, ...]:
    """The tables that have rows of a coefficient."""
    return tuple(table for table in coefficient_tables() if any(row.name == name for row in table.rows))


def rows_in(profile: Profile, name: str) -> list[tuple[CoefficientTable, list[Coefficient]]]:
    """The rows of a coefficient that a profile has, its own first, then those of the profiles it extends and the common
    ones.
    """
    chain = [*profile.folders, "common"]
    mine = sorted(
        (table for table in tables_of(name) if table.folder in chain), key=lambda table: chain.index(table.folder)
    )
    return [(table, [row for row in table.rows if row.name == name]) for table in mine]


@cache
def derivations_of(layer: str) -> tuple[Derivation, ...]:
    """The ways to make a layer."""
    return tuple(derivation for derivation in DERIVATIONS if derivation.makes == layer)


@cache
def densities() -> Mapping[str, str]:
    """Services by the id of their components: what an equation of another service may build on."""
    return {
        component.id: service.id
        for service in SERVICES.values()
        for component, _ in variants(service)
        if isinstance(component, CellComponent)
    }


@cache
def from_the_engine() -> Mapping[str, str]:
    """Arguments that no file gives: the tuples of names in `gep.plan.wiring`, each with the text under it."""
    body = ast.parse(inspect.getsource(wiring)).body
    found = dict(FROM_INPUTS)
    for statement, following in pairwise(body):
        if (
            isinstance(statement, ast.Assign)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            names = getattr(wiring, getattr(statement.targets[0], "id", ""), ())
            if isinstance(names, tuple):
                text = str(following.value.value).strip().rstrip(".")
                found.update({str(name): text.replace("Arguments that are a", "a") for name in names})
    return found


@cache
def items() -> Mapping[str, Mapping[str, str]]:
    """The table items by name."""
    return {row["item"]: row for _, row in read_csv(data_folder() / "items.csv")}


def reachable(equations: Iterable[tuple[Equation, Mapping[str, str]]]) -> tuple[list[str], list[Derivation]]:
    """The names that equations look up, directly or through derivations, and the derivations on the way. `wiring`
    renames arguments.
    """
    names: dict[str, None] = {}
    ways: dict[int, Derivation] = {}

    def visit(name: str) -> None:
        if name in names:
            return
        names[name] = None
        for derivation in derivations_of(name):
            ways.setdefault(id(derivation), derivation)
            for argument in derivation.equation.arguments:
                visit(derivation.of_neighbours or argument)

    for equation, renames in equations:
        for argument in equation.arguments:
            visit(renames.get(argument, argument))
    return list(names), list(ways.values())


def users_of() -> Mapping[str, list[Equation]]:
    """The equations that look up each name."""
    found: dict[str, list[Equation]] = {}

    def add(name: str, equation: Equation) -> None:
        if equation not in found.setdefault(name, []):
            found[name].append(equation)

    for service in SERVICES.values():
        for use in uses(service):
            for argument in use.equation.arguments:
                add(use.component.looked_up(argument), use.equation)
            for item in (getattr(use.component, "extent", None), getattr(use.component, "limit", None)):
                if item:
                    add(item, use.equation)
    for derivation in DERIVATIONS:
        for argument in derivation.equation.arguments:
            add(derivation.of_neighbours or argument, derivation.equation)
    return found


def leaves(name: str) -> Iterator[str]:
    """What could give a name where it is not given itself: the arguments of its derivations."""
    for derivation in derivations_of(name):
        yield from (derivation.of_neighbours,) if derivation.of_neighbours else derivation.equation.arguments


def is_layer(name: str) -> bool:
    return name in layer_kinds()
