"""What `run.json` says of a run: its identity, coefficient rows, sums over cells, coverage; and of its study: what the
project says, and what was given beside the layers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np

from gep.account.basis import ServiceFigures, cell_name, row_record
from gep.account.record import (
    SCHEMA,
    CellSums,
    Coverage,
    FilesRecord,
    Identity,
    LayerRecord,
    RunRecord,
    StudyRecord,
    ZonesOfTables,
)
from gep.core.parts import PartsRecord, needed, registered
from gep.engine.checks.prices import rows_of_other_prices
from gep.engine.loop import LOOP
from gep.engine.sums import Sums
from gep.inputs.fingerprints import (
    code_fingerprint,
    coefficient_table_record,
    environment,
    file_record,
    layer_record,
    table_record,
)
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.open import Inputs
from gep.inputs.spec import StudySpec
from gep.inputs.tables import item_by_zone
from gep.plan.plan import Flow, GridPlan
from gep.plan.planner import StudyPlan
from gep.standards.coefficients import Found, fingerprint


def identity_of(inputs: Inputs, study_plan: StudyPlan) -> tuple[str, Identity]:
    """The id of a run, and all that determines its result, of which the id is the hash."""
    assert inputs.land_cover is not None
    plan = study_plan.plan
    layers: dict[str, LayerRecord] = {
        name: {**layer.describe(), **layer_record(layer), "resampling": resampling_for(layer, plan.grid)}
        for name, layer in {"land_cover": inputs.land_cover, **_with_sources(plan.layers)}.items()
    }
    files = files_of(inputs.spec)
    what: Identity = {
        "gep": version("gep"),
        "code_sha256": code_fingerprint(),
        "study": description_of(inputs.spec),
        "profile": inputs.profile.id,
        "profile_sha256": inputs.profile.sha256,
        "switches": {s.id: dict(s.settings) for s in study_plan.services if s.service},
        "inputs": layers,
        "zones": {**files["zones"], "coverage": inputs.mode},
        "tables": files["tables"],
        "price_index": files["price_index"],
        "coefficient_tables": files["coefficient_tables"],
        "coefficients_sha256": fingerprint(inputs.coefficients.rows),
    }
    if plan.is_compiled:
        what["loop"] = LOOP
    rules = inputs.profile.rules.values()
    if deflated := [rule.service for rule in rules if rule.constant_prices == "deflator"]:
        what["deflated"] = deflated
    if parts := parts_record(inputs):
        what["parts"] = parts
    text = json.dumps(what, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12], what


def record_of(
    inputs: Inputs,
    identity: tuple[str, Identity],
    study_plan: StudyPlan,
    sums: Sums,
    service_figures: Sequence[ServiceFigures],
) -> RunRecord:
    """What `run.json` says: the identity of the run, and what it used and found."""
    plan, profile = study_plan.plan, inputs.profile
    used: dict[str, Found] = {found.row.id: found for v in service_figures for found in v.used}
    run_id, what = identity
    return {
        "schema": SCHEMA,
        "run_id": run_id,
        **what,
        "kind": profile.kind,
        "zone_names": {zone.code: {"zh": zone.name_zh, "en": zone.name_en} for zone in plan.zones.zones},
        "level": profile.level,
        "provisional": list(profile.provisional),
        "grid": {
            "crs": plan.grid.crs.to_string(),
            "cell": [plan.grid.dx, plan.grid.dy],
            "rows": plan.grid.shape[0],
            "columns": plan.grid.shape[1],
        },
        "coefficients": [row_record(found.row) for _, found in sorted(used.items())],
        "sums": _sums_record(plan, sums),
        "environment": dict(environment()),
    }


def _with_sources(layers: Mapping[str, Layer]) -> dict[str, Layer]:
    """Layers, and those that derived ones were made from."""
    found: dict[str, Layer] = {}
    for name, layer in layers.items():
        found[name] = layer
        if isinstance(layer, DerivedLayer):
            found |= {key: value for key, value in _with_sources(layer.inputs).items() if key not in layers}
    return dict(sorted(found.items()))


def parts_record(inputs: Inputs) -> list[PartsRecord]:
    """What a study rests on from outside the package, by name."""
    return [
        {
            "name": name,
            "origin": (one := registered()[name]).parts.origin,
            "version": one.parts.version,
            "code_sha256": one.code_sha256,
            "data_sha256": one.data_sha256,
        }
        for name in sorted(needed(inputs.parts))
    ]


def _sums_record(plan: GridPlan, sums: Sums) -> list[CellSums]:
    """Area, integral and integrals of the inputs by flow, zone and class: what the figures can be explained from
    without the rasters.
    """
    records: list[CellSums] = []
    for flow in plan.flows:
        of_flow = sums.flows[flow.key]
        for z, zone in enumerate(plan.zones.zones):
            for c, (ecosystem, land_class) in enumerate(plan.classes):
                if not flow.is_counted[c] or sums.area[z, c] == 0:
                    continue
                records.append(
                    {
                        "service": flow.service,
                        "component": flow.component,
                        "equation": flow.node.equation.name,
                        "zone": zone.code,
                        "ecosystem": ecosystem,
                        "land_class": land_class,
                        "area": float(sums.area[z, c]),
                        "valid_area": float(of_flow.valid[z, c]),
                        "cells": float(of_flow.cells[z, c]),
                        "sum": float(of_flow.sum[z, c]),
                        "negative_sum": float(of_flow.negative[z, c]),
                        "negative_area": float(of_flow.negative_area[z, c]),
                        "inputs": {name: float(table[z, c]) for name, table in of_flow.of_inputs.items()},
                    }
                )
    return records


def coverage_of(inputs: Inputs, study_plan: StudyPlan, sums: Sums, service_figures: list[ServiceFigures]) -> Coverage:
    """How much of what the figures rest on is there."""
    plan, zones = study_plan.plan, study_plan.plan.zones
    total = float(sums.area.sum())

    def share(part: float) -> float:
        return part / total

    def by_zone(flows: Sequence[Flow]) -> dict[str, float]:
        counted = sum((sums.area[:, flow.is_counted].sum(axis=1) for flow in flows), start=np.zeros(len(zones.zones)))
        valid = sum((sums.of(flow, "valid").sum(axis=1) for flow in flows), start=np.zeros(len(zones.zones)))
        return {
            zone.code: min(1.0, float(v / a)) for zone, a, v in zip(zones.zones, counted, valid, strict=True) if a > 0
        }

    return {
        "area_m2": total,
        "outline_m2": zones.outline_area,
        "outside_outline_m2": zones.outside_area,
        "zones": {
            "mode": plan.mode,
            "centre_misstatement": dict(inputs.misstatement),
            "polygon_m2": {zone.code: area for zone, area in zip(zones.zones, zones.areas, strict=True)},
            "account_m2": {zone.code: float(sums.area[z].sum()) for z, zone in enumerate(zones.zones)},
        },
        "land_cover": share(total - float(sums.area[:, -1].sum())),
        "layers": {
            name: {
                "share": share(sums.layers[name].valid),
                "resampling": resampling_for(layer, plan.grid),
            }
            for name, layer in plan.layers.items()
        },
        "services": {
            service.id: {
                "share": v.coverage,
                "counted_m2": v.area,
                "fallback_m2": {
                    f"{cell_name(f.ecosystem, f.land_class)} <- {f.row}": area for f, area in v.fallbacks.items()
                },
                "zones": {part.component.id: by_zone(part.flows) for part in service.components if part.flows},
            }
            for service, v in zip(study_plan.services, service_figures, strict=True)
            if v.coverage is not None
        },
    }


def files_of(spec: StudySpec) -> FilesRecord:
    """Names and hashes of what was given beside the layers: zones, tables, coefficients of the study's own."""
    zones = spec.zones
    return {
        "zones": {
            **file_record(zones.data),
            "columns": [zones.code, zones.name, zones.name_zh, zones.name_en],
            **({"layer": zones.layer} if zones.layer else {}),
            "outline": file_record(zones.outline),
            **({"of_tables": _zones_of_tables(spec)} if spec.zones_of_tables else {}),
        },
        "tables": {name: table_record(source) for name, source in spec.tables.items()},
        "price_index": file_record(spec.price_index),
        "coefficient_tables": {name: coefficient_table_record(source) for name, source in spec.coefficients.items()},
    }


def _zones_of_tables(spec: StudySpec) -> ZonesOfTables:
    """The zones that tables report where the account is of others, and how their figures are shared."""
    own = spec.zones_of_tables
    assert own is not None
    return {**file_record(own.data), "sharing": spec.sharing}


def description_of(spec: StudySpec) -> StudyRecord:
    """What the project file says, without paths."""
    groups = {name: list(of) for name, of in sorted(spec.price_groups.items())}
    shares = {product: dict(by_ecosystem) for product, by_ecosystem in spec.product_shares.items()}
    uncertainty = {kind: {name: dict(of) for name, of in errors.items()} for kind, errors in spec.uncertainty.items()}
    correlations = [([*numbers], rho) for numbers, rho in spec.correlations]
    return {
        "name": spec.name,
        "name_zh": spec.name_zh,
        "code": spec.code,
        "year": spec.year,
        "price_year": spec.price_year,
        "region": spec.region,
        "grid": spec.grid or "land_cover",
        "scheme": spec.scheme,
        "scheme_map": dict(spec.scheme_map),
        "not_applicable": dict(spec.not_applicable),
        "does_not_occur": dict(spec.does_not_occur),
        "off": dict(spec.off),
        "waivers": {code: list(waiver) for code, waiver in spec.waivers.items()},
        **({"product_shares": shares} if shares else {}),
        **({"price_groups": groups} if groups else {}),
        **({"uncertainty": uncertainty} if uncertainty else {}),
        **({"correlations": correlations} if correlations else {}),
        **({"confusion": [*spec.confusion]} if spec.confusion else {}),
    }


def denominators(inputs: Inputs) -> dict[str, dict[str, float]]:
    """Population and GDP by zone, for indicators; without GDP in other prices than the account."""
    left_out = rows_of_other_prices(inputs)
    rows = [row for row in inputs.statistics if row not in left_out]
    return {item: found for item in ("population", "gdp") if (found := item_by_zone(rows, item))}
