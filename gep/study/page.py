"""A study as a notebook shows it: its layers, and what opening them found."""

from __future__ import annotations

import html

from gep.core.errors import count_problems
from gep.core.keys import UNALLOCATED
from gep.core.messages import say
from gep.inputs.grids.align import resampling_for
from gep.inputs.open import Inputs


def page_of(inputs: Inputs) -> str:
    """The study as HTML."""
    spec = inputs.spec
    rows = []
    for name, layer in {"land_cover": inputs.land_cover, **inputs.layers}.items():
        if layer is not None:
            about = layer.describe()
            how = resampling_for(layer, inputs.grid) if inputs.grid else ""
            shape = " x ".join(map(str, about["shape"]))
            rows.append((name, about["unit"], about["crs"], shape, how, about["period"] or str(about["year"] or "")))
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    columns = ("layer", "unit", "crs", "shape", "resampling", "period")
    head = "".join(f"<th>{say(f'study.study.column.{column}')}</th>" for column in columns)
    counts = count_problems(inputs.problems)
    zones = [zone for zone in inputs.zones.zones if zone.code != UNALLOCATED] if inputs.zones else []
    said = say(
        "study.study.page",
        profile=spec.profile_id,
        zones=len(zones),
        errors=counts["error"],
        warnings=counts["warning"],
    )
    return (
        f"<div><b>{html.escape(spec.name)} {spec.year}</b> · {html.escape(said)}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
