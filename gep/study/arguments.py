"""What a study is made of, as its maker gave it: an argument of another kind than it has is told by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from geopandas.geodataframe import GeoDataFrame
from geopandas.geoseries import GeoSeries

from gep.core.arguments import check_argument, check_pair, check_waivers_given
from gep.core.catalog import service_ids
from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import Text, in_language, joined, say, sentences
from gep.core.parts import known_with
from gep.inputs.table_files import TableFile
from gep.standards.profile import Profile

_Kind = tuple[str, tuple[type, ...]]
"""The key of what is wanted, and the types that it may have."""

_PATH = (str, Path)
_TEXT: _Kind = ("text", (str,))
_YEAR: _Kind = ("year", (Integral,))
_ZONES: _Kind = ("zones", (*_PATH, GeoDataFrame, GeoSeries, xr.DataArray))
_REASONS: _Kind = ("reason", (str,))

_ARGUMENTS: dict[str, _Kind] = {
    "layers": ("mapping", (Mapping,)),
    "profile": ("profile", (*_PATH, Profile)),
    "year": _YEAR,
    "price_year": _YEAR,
    "zones": _ZONES,
    "outline": _ZONES,
    **dict.fromkeys(("scheme", "name", "name_zh", "code", "region", "zone_code", "zone_name", "zone_layer"), _TEXT),
    "price_index": ("index", (*_PATH, Mapping)),
    "last_year": ("folder", _PATH),
}

_MEMBERS: dict[str, _Kind] = {
    "scheme_map": _TEXT,
    "tables": ("table", (*_PATH, pd.DataFrame, TableFile, Real, pd.Series, Mapping)),
    "methods": ("mapping", (Mapping,)),
    "not_applicable": _REASONS,
    "off": _REASONS,
    "does_not_occur": _REASONS,
}
"""Of arguments that are mappings, what each of their values is."""


def check_study(given: Mapping[str, Any]) -> None:
    """Raise UsageError for all arguments that are of another kind than the study takes; None is one not given."""
    wrong: list[Text] = []

    def attempt(check: Callable[..., None], *arguments: Any) -> bool:
        try:
            check(*arguments)
        except UsageError as error:
            wrong.append(Text(error.message, in_language(error.message, "zh")))
            return False
        return True

    for name, (wanted, types) in _ARGUMENTS.items():
        several = given[name] if name == "year" and isinstance(given[name], list | tuple) else [given[name]]
        for value in several:
            if value is not None:
                attempt(check_argument, name, value, wanted, *types)
    for name, (wanted, types) in _MEMBERS.items():
        if given[name] is None or not attempt(check_argument, name, given[name], "mapping", Mapping):
            continue
        for key, value in given[name].items():
            attempt(check_argument, f"{name}[{key!r}]", value, wanted, *types)
    if given["waivers"] is not None:
        attempt(check_waivers_given, given["waivers"])
    if given["grid"] is not None:
        attempt(check_pair, "grid", given["grid"], "grid", (str, (int, float)))
    if wrong:
        raise UsageError(joined(wrong, "\n"))


def check_service(service: str) -> None:
    """Raise UsageError for a service that is not on the code list."""
    if service not in known_with(service, service_ids):
        near = did_you_mean(service, service_ids())
        raise UsageError(sentences(say("study.study.no_service", service=service), near))
