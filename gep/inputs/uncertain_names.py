"""That the numbers which a project says to be wrong together are uncertain ones."""

from __future__ import annotations

from collections.abc import Iterator

from gep.core.errors import Problem, did_you_mean, problem
from gep.inputs.correlated import LAYER, TABLE, land_name
from gep.inputs.project import PROJECT
from gep.inputs.spec import StudySpec
from gep.standards.coefficients import Coefficient, Coefficients


def check_correlated(spec: StudySpec, coefficients: Coefficients) -> Iterator[Problem]:
    """That each has a range or an error: rows of coefficients that hold in the region and the year, layers and items by
    the names that they have in a project, classes of the land cover that points were held against.
    """
    names = dict.fromkeys(name for numbers, _ in spec.correlations for name in numbers)
    if not names:
        return
    rows = {row.id: row for row in coefficients.rows}

    def has_range(row: Coefficient) -> bool:
        found = coefficients.lookup(row.name, row.ecosystem, row.land_class, spec.region, spec.year)
        held = found.row if found and found.row.id == row.id else row
        return held.low is not None and held.high is not None and held.low < held.high

    kinds = ((LAYER, "layers"), (TABLE, "tables"))
    known = {f"{beginning}{name}" for beginning, kind in kinds for name in spec.uncertainty.get(kind, ())}
    known |= {land_name(mapped) for mapped, _, _ in spec.confusion}
    for name in names:
        row = rows.get(name)
        if name in known or (row and has_range(row)):
            continue
        key = "inputs.P02.correlated_certain" if row or name.startswith((LAYER, TABLE)) else "inputs.P02.no_such_number"
        every = sorted({*known, *(of.id for of in rows.values() if has_range(of))})
        yield problem(key, "uncertainty.correlations", place=PROJECT, name=name, hint=did_you_mean(name, every))
