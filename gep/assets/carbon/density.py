"""Carbon per area of a stratum: from its growing stock, from the trees of its plots, from layers of its soil, or the
density of its class where none of them is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from gep.assets.figures import Figure, exact, made, total
from gep.assets.parameters import Parameters
from gep.assets.rows import Parameter, kinds
from gep.assets.tables import Row
from gep.core.catalog import named
from gep.core.data import data_rows, renewed
from gep.core.equation import Equation
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import say
from gep.core.table_words import folded
from gep.core.units import convert
from gep.inputs.assets import CarbonSection
from gep.standards.classes import parents
from gep.stocks import carbon

ORGANS = ("leaf", "branch", "stem", "root")
FOREST = "forest"
TOOL14 = "ar_tool14"
DENSITY = "t*carbon/hm^2"

Place = tuple[str, str, str, int]
"""Zone, ecosystem, class and year of plots."""


@renewed
@cache
def _kind_ids() -> Mapping[str, str]:
    return {folded(word): id_ for id_, text in kinds().items() for word in (id_, str(text), text.zh)}


@renewed
@cache
def _ecosystems() -> Mapping[str, str]:
    rows = [row for _, row in data_rows("labels.csv") if row["kind"] == "ecosystem"]
    return {folded(row[column]): row["id"] for row in rows for column in ("id", "zh", "en")}


def ecosystem_id(word: str) -> str:
    """The id of an ecosystem by what people call it; the word itself where there is none."""
    return _ecosystems().get(folded(word), word)


def unknown_ecosystem(row: Row) -> Problem | None:
    """That a row is of an ecosystem that there is not."""
    word = row.text("ecosystem")
    if not word or folded(word) in _ecosystems():
        return None
    names = [named(id_) for id_ in dict.fromkeys(_ecosystems().values())]
    hint = did_you_mean(word, [*_ecosystems(), *map(str, names)])
    return problem("carbon.K10.ecosystem", word, place=row.place, there=names, hint=hint)


def place_of(row: Row) -> Place:
    """Of which stratum and year a row is."""
    return row.text("zone"), ecosystem_id(row.text("ecosystem")), row.text("land_class"), row.whole("year") or 0


def kind_id(word: str) -> str:
    """The id of what people call a kind, part by part (`寒温带/落叶松`); the word itself where there is none."""
    return "/".join(_kind_ids().get(folded(part), part) for part in word.split("/"))


@renewed
@cache
def roots_of() -> Mapping[str, str]:
    """Of which forest the roots of a type of expansion factors are."""
    return {row["type"]: row["roots"] for _, row in data_rows("forest_types.csv")}


@dataclass(frozen=True)
class Stand:
    """A stand by its growing stock: biomass above ground, ratio of roots (None where biomass holds them), carbon."""

    above_ground: Figure
    root_shoot: Figure | None
    density: Figure


@dataclass
class Densities:
    """How carbon per area is made under the switches of a section."""

    section: CarbonSection
    parameters: Parameters
    region: str = ""
    of_plots: Mapping[Place, Figure] = field(default_factory=dict)
    of_soil: Mapping[Place, Figure] = field(default_factory=dict)

    def find(self, name: str, of: str = "", at: Figure | None = None, ecosystem: str = FOREST) -> Figure:
        """A parameter. Raises CoefficientError where there is none."""
        return self.parameters.find(name, ecosystem=ecosystem, of=of, region=self.region, at=at)

    def stand(self, growing_stock: Figure, of: str) -> Stand:
        """A stand by its growing stock per hectare and its type. Raises CoefficientError."""
        if self.section.volume == "continuous_function":
            biomass = made(
                carbon.continuous_biomass,
                growing_stock=growing_stock,
                volume_biomass_a=self.find("volume_biomass_a", of),
                volume_biomass_b=self.find("volume_biomass_b", of),
            )
        elif self.section.volume == "wood_density":
            biomass = made(
                carbon.expanded_wood,
                growing_stock=growing_stock,
                wood_density=self.find("wood_density", of.rpartition("/")[2]),
                biomass_expansion=self.find("biomass_expansion_ex_post"),
            )
        else:
            factor = self.factor("bcef_stock", of, growing_stock)
            biomass = made(carbon.above_ground_biomass, growing_stock=growing_stock, bcef_stock=factor)
        above, ratio = biomass, None
        if self.section.volume != "continuous_function" or self.section.roots_in_biomass == "no":
            ratio = self.root_shoot(above, of)
            biomass = made(carbon.biomass_with_roots, above_ground_biomass=above, root_shoot=ratio)
        return Stand(above, ratio, made(carbon.carbon_of_biomass, biomass=biomass, carbon_fraction=self.fraction(of)))

    def shrubs(self, forest_biomass: Figure, cover: Figure) -> Figure:
        """Carbon per area of shrubs by their cover."""
        least = self.find("least_shrub_cover")
        counted = cover if cover.to("1") >= least.to("1") else Figure(0.0, "1", row=least.row)
        above = made(
            carbon.shrub_biomass,
            forest_biomass=forest_biomass,
            shrub_to_forest_biomass=self.find("shrub_to_forest_biomass"),
            shrub_cover=counted,
        )
        roots = self.find("root_shoot_shrub")
        biomass = made(carbon.biomass_with_roots, above_ground_biomass=above, root_shoot=roots)
        return made(carbon.carbon_of_biomass, biomass=biomass, carbon_fraction=self.fraction(""))

    def fraction(self, of: str) -> Figure:
        """Carbon in dry matter."""
        return self.find("carbon_fraction", of)

    def factor(self, name: str, of: str, growing_stock: Figure) -> Figure:
        """A factor of the class of growing stock per hectare, or between the middles of classes."""
        found = self.find(name, of, growing_stock)
        if self.section.class_lookup == "step":
            return found
        return self._between(found, carbon.factor_between_classes, "growing_stock", growing_stock, "stock")

    def root_shoot(self, above_ground: Figure, of: str) -> Figure:
        """The ratio of roots to what grows above ground, by the switch `root`."""
        if self.section.root == "tool14_function":
            names = ("root_function_intercept", "root_function_slope", "root_function_base")
            return made(
                carbon.root_shoot_function,
                above_ground_biomass=above_ground,
                **{name: self.find(name) for name in names},
            )
        if self.section.root == "fixed":
            return self.find("root_shoot", TOOL14)
        found = self.find("root_shoot", roots_of().get(of, of), above_ground)
        if self.section.class_lookup == "step":
            return found
        return self._between(found, carbon.ratio_between_classes, "above_ground_biomass", above_ground, "biomass")

    def _between(self, found: Figure, equation: Equation, argument: str, at: Figure, of: str) -> Figure:
        """A number between the middles of the classes on both sides; that of the class beyond the outermost."""
        row = found.row
        assert row is not None
        classes = [
            other
            for other in self.parameters.rows(row.row.name)
            if (other.of, other.row.source, other.row.region, other.row.ecosystem)
            == (row.of, row.row.source, row.row.region, row.row.ecosystem)
        ]
        points = sorted(((_middle(other), other) for other in classes), key=lambda point: point[0])
        value = at.to(row.bound_unit) if row.bound_unit else 0.0
        for (lower, first), (upper, second) in pairwise(points):
            if lower < value < upper:
                parts = {
                    argument: at,
                    f"lower_{of}": exact(lower, row.bound_unit, first.said()),
                    f"upper_{of}": exact(upper, row.bound_unit, second.said()),
                    "lower_factor": Figure(first.row.value, first.row.unit, row=first),
                    "upper_factor": Figure(second.row.value, second.row.unit, row=second),
                }
                return made(equation, **parts)
        return found

    def _name(self, pool: str) -> str:
        is_deep = pool == "soil" and self.section.soil_depth == "100 cm"
        return "carbon_density_soil_1m" if is_deep else f"carbon_density_{pool}"

    def of_class(self, pool: str, land_class: str, ecosystem: str) -> Figure | None:
        """The published density of a class; None where there is none."""
        of = kind_id(land_class)
        found = self.parameters.lookup(self._name(pool), ecosystem=ecosystem, of=of, region=self.region)
        return found if found is not None and found.row is not None and found.row.of == of else None

    def of_land(self, pool: str, ecosystem: str, land_class: str) -> Figure | None:
        """The density of a land class in rows of parameters, else of its broader class, else of its ecosystem."""
        for of in (land_class, *parents(ecosystem, land_class), ""):
            found = self.parameters.lookup(self._name(pool), ecosystem=ecosystem, of=of, region=self.region)
            if found is not None:
                return found
        return None


def _middle(parameter: Parameter) -> float:
    """The middle of a class; of the uppermost, which has none, its lower bound."""
    lower = parameter.above or 0.0
    return lower if parameter.up_to is None else (lower + parameter.up_to) / 2


def plot_densities(
    plots: Sequence[Row], trees: Sequence[Row], densities: Densities
) -> tuple[dict[Place, Figure], list[Problem]]:
    """The mean carbon per area of the trees of the plots of each stratum, and what is wrong with plots and trees."""
    problems: list[Problem] = []
    known = {row.text("plot"): row for row in plots}
    if len(known) < len(plots):
        problems.append(problem("carbon.K11.twice", "plots"))
    carbon_of: dict[str, list[Figure]] = {name: [] for name in known}
    missing: dict[str, Problem] = {}
    for row in trees:
        if row.text("plot") not in known:
            problems.append(problem("carbon.K11.no_plot", row.text("plot"), place=row.place))
            continue
        species = kind_id(row.text("species"))
        number = row.whole("stems") or 1
        for organ in ORGANS:
            name = f"{species}/{organ}"
            factors = [
                densities.parameters.lookup(n, ecosystem=FOREST, of=name, region=densities.region)
                for n in ("organ_a", "organ_b")
            ]
            if factors[0] is None or factors[1] is None:
                missing.setdefault(species, problem("carbon.K11.no_equation", row.text("species"), place=row.place))
                break
            mass = made(
                carbon.organ_biomass,
                diameter=row.figure("diameter"),
                height=row.figure("height"),
                organ_a=factors[0],
                organ_b=factors[1],
                organ_size_base=densities.find("organ_size_base"),
            )
            content = densities.parameters.lookup("organ_carbon", ecosystem=FOREST, of=name, region=densities.region)
            of_organ = made(carbon.carbon_of_organ, organ_mass=mass, organ_carbon=content or densities.fraction(""))
            carbon_of[row.text("plot")] += [of_organ] * number
    by_place: dict[Place, list[Figure]] = {}
    for name, row in known.items():
        if row.figure("plot_area").value <= 0:
            problems.append(problem("carbon.K11.no_area", name, place=row.place))
        else:
            amount, area, slope = total(carbon_of[name], "kg*carbon"), row.figure("plot_area"), row.number("slope")
            if slope is not None:
                area = made(carbon.horizontal_area, plot_area=area, slope=slope)
            density = made(carbon.carbon_density_of_plot, plot_carbon=amount, plot_area=area)
            by_place.setdefault(place_of(row), []).append(density)
    return {place: _mean(parts) for place, parts in by_place.items()}, [*problems, *missing.values()]


def soil_densities(layers: Sequence[Row], densities: Densities) -> tuple[dict[Place, Figure], list[Problem]]:
    """The mean carbon per area of the profiles of each stratum, and what is wrong with them."""
    profiles: dict[tuple[Place, str], list[Row]] = {}
    for row in layers:
        profiles.setdefault((place_of(row), row.text("plot")), []).append(row)
    wanted = convert(*_depth(densities.section), "cm")
    by_place: dict[Place, list[Figure]] = {}
    problems = []
    for (place, name), rows in profiles.items():
        depth = total((row.figure("layer_depth") for row in rows), "cm")
        if abs(depth.value - wanted) > 1e-9 * wanted:
            problems.append(
                problem(
                    "carbon.K10.depth", name, place=rows[0].place, found=f"{depth.value:g} cm", wanted=f"{wanted:g}"
                )
            )
        made_of = [
            made(carbon.carbon_of_soil_layer, **{name: row.figure(name) for name in carbon.carbon_of_soil_layer.units})
            for row in rows
        ]
        by_place.setdefault(place, []).append(total(made_of, DENSITY))
    return {place: _mean(parts) for place, parts in by_place.items()}, problems


def _depth(section: CarbonSection) -> tuple[float, str]:
    value, _, unit = section.soil_depth.partition(" ")
    return float(value), unit


def _mean(parts: Sequence[Figure]) -> Figure:
    number = exact(len(parts), "1", say("carbon.plots", count=len(parts)))
    return made(carbon.mean_of_plots, density_sum=total(parts, DENSITY), plot_count=number)
