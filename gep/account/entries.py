"""The words of an account: an entry, what is missing, what is said about it, the columns it is written in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from gep.account.record import Coverage, Ledger, MissingService, RunRecord
from gep.core.errors import Problem
from gep.core.keys import NONE
from gep.core.messages import Text
from gep.core.units import ucum

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

ADJUSTMENTS = ("_cap", "_clip")
"""Endings of the components in which rules on totals stay visible."""


Measure = Literal["area", "quantity", "price", "value"]

Asked = Measure | Literal["stock"]
"""What sums are asked for: stocks are quantities that no sum of yearly quantities holds."""

STOCK = "stock"
"""The basis of supply of what stands on the land and does not flow in a year."""


class AccountRow(TypedDict):
    """A row of account.csv: one measure of one entry (a contract)."""

    run_id: str
    area_code: str
    area_name: str
    year: int
    ecosystem_type: str
    land_class: str
    category: str
    service: str
    component: str
    measure: Measure
    counted: int
    value: float | None
    unit: str
    price_basis: str
    price_concept: str
    supply_basis: str
    origin: str
    lower: float | None
    upper: float | None
    interval_level: float | None
    data_coverage: float | None
    obs_status: str
    method_id: str
    profile_clause: str
    derivation_id: str


COLUMNS = tuple(AccountRow.__annotations__)
"""Columns of the tidy account, in order (a contract)."""


_KEYS = {
    "zone": "zone",
    "area_code": "zone",
    "zone_name": "zone_name",
    "ecosystem": "ecosystem",
    "ecosystem_type": "ecosystem",
    "class": "land_class",
    "land_class": "land_class",
    "category": "category",
    "service": "service",
    "component": "component",
}


@dataclass(frozen=True)
class Entry:
    """What one ecosystem class of one zone provides of one flow in a year; or, with service `_none`, how large it is.

    `quantity` is in `unit` (flows per accounting year), `price` in `price_unit`, `value` in CNY. None is a figure that
    is missing, never zero. An entry that was read has its units as they are written (`m3` for `m^3/year`), and neither
    the year of its price nor its coefficients, which account.csv does not hold.
    """

    zone: str
    zone_name: str
    ecosystem: str
    land_class: str
    category: str = NONE
    service: str = NONE
    component: str = NONE
    quantity: float | None = None
    unit: str = ""
    price: float | None = None
    price_unit: str = ""
    price_year: int | None = None
    value: float | None = None
    is_counted: bool = True
    price_basis: str = ""
    price_concept: str = ""
    supply_basis: str = ""
    coverage: float | None = None
    method: str = ""
    clause: str = ""
    coefficients: tuple[str, ...] = ()
    derivations: tuple[str, ...] = ()
    is_estimated: bool = False
    is_provisional: bool = False
    origin: str = "local"
    interval: tuple[float, float, float] | None = None
    """Where its value lies, from and to, and at which level, where that was asked for."""

    @property
    def is_area(self) -> bool:
        """Whether it says how large a class is, in m2, and not what it provides."""
        return self.service == NONE

    @property
    def sort_key(self) -> tuple[bool, str, str, str, str, str]:
        return (not self.is_area, self.zone, self.ecosystem, self.land_class, self.service, self.component)

    @property
    def is_priced(self) -> bool:
        """Whether it has a value, be it a missing one."""
        return bool(self.price_basis)

    @property
    def base(self) -> str:
        """The component that it belongs to where it is an adjustment."""
        return base_component(self.component)

    @property
    def is_adjustment(self) -> bool:
        """Whether it is what a rule on totals took off, a cap or a clip."""
        return self.component.endswith(ADJUSTMENTS)

    @property
    def is_stock(self) -> bool:
        """Whether its quantity stands at the time of the land cover, and is never part of a sum of yearly flows."""
        return self.supply_basis == STOCK

    @property
    def is_held(self) -> bool:
        """Whether its quantity is a figure of the account: that of a flow that counts, or a stock."""
        return self.is_counted or self.is_stock

    @property
    def counted_value(self) -> float | None:
        """Its value in CNY as far as it is part of the total; None otherwise, and where it is missing."""
        return self.value if self.is_counted else None

    @property
    def written_unit(self) -> str:
        """The unit of the quantity as results write it; nothing where it has no quantity."""
        return ucum(self.unit) if self.unit else ""

    @property
    def status(self) -> str:
        """The observation status of its value, or of its quantity where it is not priced."""
        return self.status_of(self.value if self.is_priced else self.quantity if self.unit else self.price)

    def status_of(self, number: float | None) -> str:
        """The status of one of its numbers by SDMX: O missing, P provisional, E estimated, A normal."""
        return "O" if number is None else "P" if self.is_provisional else "E" if self.is_estimated else "A"

    def rows(self) -> Iterator[tuple[Measure, float | None, str]]:
        """The measures of the entry, as (measure, number, unit)."""
        if self.is_area:
            yield "area", self.quantity, "m2"
            return
        if self.unit:
            yield "quantity", self.quantity, ucum(self.unit)
        if self.price_unit and self.price is not None:
            yield "price", self.price, ucum(self.price_unit)
        if self.is_priced:
            yield "value", self.value, "CNY"


@dataclass(frozen=True)
class Missing:
    """A service that has no figure, or not a full one, and why."""

    service: str
    reason: Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation", "does_not_occur"]
    detail: str = ""
    is_required: bool = True

    def as_dict(self) -> MissingService:
        """As the JSON object of summary.json: English, and what differs in Chinese under `zh`."""
        zh = {"detail": self.detail.zh} if isinstance(self.detail, Text) else {}
        return {
            "service": self.service,
            "reason": self.reason,
            "detail": self.detail,
            "required": self.is_required,
            "zh": zh,
        }

    @classmethod
    def of_dict(cls, document: MissingService) -> Missing:
        """What a JSON object of summary.json says."""
        detail, zh = document["detail"], document["zh"].get("detail")
        said = detail if zh is None else Text(detail, zh)
        return cls(document["service"], document["reason"], said, document["required"])


@dataclass(frozen=True)
class About:
    """What an account is of, by which rules, and what is to be said beside it."""

    name: str
    year: int
    profile: str = ""
    level: str = "provisional"
    kind: Literal["monetary", "physical"] = "monetary"
    price_year: int | None = None
    name_zh: str = ""
    code: str = ""
    run_id: str = ""
    missing: tuple[Missing, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    statistics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    zone_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    record: RunRecord | None = None
    """What it was computed from, where it was; see `Figures.record`."""
    make_ledger: Callable[[], Ledger] | None = None
    make_shapes: Callable[[], Mapping[str, BaseGeometry]] | None = None
    folder: Path | None = None
    """Where it was read from."""
    loop: str = ""
    """What added its cells up, where that is not numpy: the last digits may differ."""


@dataclass(frozen=True)
class Table:
    """Figures by keys: what `Account.by` gives."""

    keys: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], float, str], ...]
    measure: str

    def to_frame(self) -> pd.DataFrame:
        """One row per combination of keys, with the figure and its unit."""
        import pandas as pd

        return pd.DataFrame(
            [(*key, value, unit) for key, value, unit in self.cells], columns=[*self.keys, self.measure, "unit"]
        )

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], float, str]]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format=lambda number: f"{number:,.6g}"))


def digest_of(rows: Iterable[AccountRow], loop: str = "") -> str:
    """sha256 over the figures among rows of a tidy account (a contract); what added its cells up stands before it,
    where that is not numpy.
    """
    lines = []
    for row in rows:
        if row["measure"] in ("area", "quantity", "value"):
            number = "" if row["value"] is None else float(row["value"]).hex()
            key = (row["area_code"], row["ecosystem_type"], row["land_class"], row["service"], row["component"])
            lines.append("|".join([*key, row["measure"], row["unit"], number]))
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return f"{loop}:{digest}" if loop else digest


def base_component(component: str) -> str:
    """The component that an adjustment belongs to."""
    for ending in ADJUSTMENTS:
        component = component.removesuffix(ending)
    return component
