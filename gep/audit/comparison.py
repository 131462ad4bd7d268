"""An account of ours beside published ones: service by service where they print services, with what explains the gaps
as far as it can be told.

A case of the kind `comparison` asserts no equality. Where both sides have quantities, a gap is split into what the
price, the extent and the amount per extent contribute (gep.services.money.contribution, the three add up to it); where
only one has, the published value is also read at our price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gep.account.account import Account
from gep.account.entries import Entry
from gep.audit.cases import ALL, Case, GivenGap, Row, bad_case
from gep.core.catalog import named
from gep.core.errors import UsageError
from gep.core.messages import Text, say
from gep.core.units import convert
from gep.services.money import contribution
from gep.standards.classes import land_classes

MONEY = "1e8*CNY/year"
"""The unit in which gaps are shown: 亿元."""
FACTORS = ("price", "extent", "per_extent")


@dataclass(frozen=True)
class Gap:
    """A published figure beside ours, in 1e8 CNY."""

    id: str
    account: str
    item: str
    expected: str
    unit: str
    published: float
    ours: float | None
    says: str
    remarks: tuple[Text, ...] = ()
    """What our account says of its own figure: why it is missing or not full, and the warnings about it."""
    published_quantity: float | None = None
    our_quantity: float | None = None
    quantity_unit: str = ""
    at_our_price: float | None = None
    """The quantity that the published value would buy at our price."""
    quantity_at_our_price: float | None = None
    """What the published quantity would be worth at our price, in 1e8 CNY."""
    contributions: Mapping[str, float] | None = None
    """What price, extent and amount per extent contribute to the gap; they add up to it."""

    @property
    def difference(self) -> float:
        """Ours less the published figure, a figure that we lack being nothing."""
        return (self.ours or 0.0) - self.published

    def as_dict(self) -> dict[str, Any]:
        """The gap as the JSON object of the command line."""
        contributions = dict(self.contributions) if self.contributions else None
        return {
            **vars(self),
            "remarks": list(self.remarks),
            "difference": self.difference,
            "contributions": contributions,
        }


@dataclass(frozen=True)
class Comparison:
    """Our account beside the published ones."""

    case: Case
    ours: Account
    gaps: tuple[Gap, ...]

    def bridge(self, account: str) -> list[tuple[str, float]]:
        """From the total of a published account to ours, step by step, in 1e8 CNY: each step has an id, the last is
        what is left.
        """
        gaps = [gap for gap in self.gaps if gap.account == account]
        total, ours = self.published_total(account), self.our_total()
        steps = [("published", total)]
        for gap in gaps:
            steps += [(f"{gap.id}/{name}", part) for name, part in (gap.contributions or {"": gap.difference}).items()]
        steps.append(("not_by_service", -(total - math.fsum(gap.published for gap in gaps))))
        steps.append(("only_ours", ours - math.fsum(gap.ours or 0.0 for gap in gaps)))
        return [(name.rstrip("/"), step) for name, step in steps]

    def published_total(self, account: str) -> float:
        """The total of a published account."""
        return _money(self.case, _row(self.case, account, ALL))

    def our_total(self) -> float:
        """Our total, which may be of some services only."""
        return convert(self.ours.total() or 0.0, "CNY/year", MONEY)

    def as_dict(self) -> dict[str, Any]:
        """The comparison as the JSON object of the command line."""
        summary = self.ours.summary()
        return {
            "ours": {
                key: summary[key]
                for key in ("study", "profile", "year", "price_year", "title", "total", "complete", "missing", "digest")
            },
            "gaps": [gap.as_dict() for gap in self.gaps],
        }


def compare(case: Case, ours: Account) -> Comparison:
    """Set an account of ours beside the published accounts of a case: each total, how far they are apart and why.

    >>> gep.compare(gep.load_case("hulunbuir_2019"), account)                        # doctest: +SKIP

    Args:
        case: what `load_case` gives, with published accounts of the same area.
        ours: the account.

    Raises:
        UsageError: for an account of another area, or without values.
    """
    code = ours.about.code
    if case.file.code and code != case.file.code:
        found = code or say("comparison.without_code")
        raise UsageError(say("comparison.other_study", case=case.id, needed=case.file.code, found=found))
    if ours.total() is None:
        raise UsageError(say("comparison.no_values", case=case.id, profile=ours.about.profile))
    return Comparison(case, ours, tuple(_gap(case, ours, given) for given in case.file.gap))


def _row(case: Case, account: str, item: str) -> Row:
    found = [row for row in case.tables["published"].rows if (row["account"], row["item"]) == (account, item)]
    if len(found) != 1:
        said = say("comparison.one_row", count=len(found), account=account, item=item)
        raise bad_case(case.id, "[[gap]]", said)
    return found[0]


def _place(row: Row) -> Text:
    return say("comparison.place", line=row.line)


def _figure(case: Case, row: Row, column: str) -> float | None:
    figure = case.figure(row[column], _place(row))
    return None if figure is None else float(figure.value)


def _money(case: Case, row: Row) -> float:
    value = _figure(case, row, "value")
    if value is None:
        raise bad_case(case.id, _place(row), say("comparison.no_value"))
    return convert(value, case.tables["published"].unit("value", row), MONEY)


def _gap(case: Case, ours: Account, given: GivenGap) -> Gap:
    table = case.tables["published"]
    row = _row(case, given.account, given.item)
    services, ecosystems = given.service, given.ecosystem
    if unknown := set(ecosystems) - {name for name, _ in land_classes()}:
        raise bad_case(case.id, f"[[gap]] {given.id}", say("comparison.no_ecosystem", name=unknown.pop()))
    value = _value(ours, services, ecosystems)
    mine = None if value is None else convert(value, "CNY/year", MONEY)
    published = _money(case, row)
    gap: dict[str, Any] = {
        "id": given.id,
        "account": given.account,
        "item": given.item,
        "expected": row["value"],
        "unit": table.unit("value", row),
        "published": published,
        "ours": mine,
        "says": given.says,
        "remarks": tuple(_remarks(ours, services)),
    }
    quantity = _quantity(ours, services, ecosystems) if services else None
    if quantity is None or not mine:
        return Gap(**gap)
    amount, unit = quantity
    gap |= {"our_quantity": amount, "quantity_unit": unit, "at_our_price": amount * published / mine}
    printed = _figure(case, row, "quantity")
    if printed is not None:
        gap["published_quantity"] = convert(printed, table.unit("quantity", row), f"({unit})/year")
        gap["quantity_at_our_price"] = mine * gap["published_quantity"] / amount
        if given.extent:
            gap["contributions"] = _contributions(
                case, ours, given, mine, published, gap["published_quantity"] / amount
            )
    return Gap(**gap)


def _entries(ours: Account, services: Sequence[str], ecosystems: Sequence[str]) -> Iterator[Entry]:
    """The entries that count of some services and ecosystems; none named are all."""
    for entry in ours.entries:
        is_meant = (not services or entry.service in services) and (not ecosystems or entry.ecosystem in ecosystems)
        if is_meant and entry.is_counted:
            yield entry


def _value(ours: Account, services: Sequence[str], ecosystems: Sequence[str]) -> float | None:
    """Counted value in CNY; None where there is no figure."""
    found = [entry.value for entry in _entries(ours, services, ecosystems) if entry.value is not None]
    return math.fsum(found) if found else None


def _quantity(ours: Account, services: Sequence[str], ecosystems: Sequence[str]) -> tuple[float, str] | None:
    """Quantity and unit; None where there is none, or several of different units."""
    found = [
        (entry.quantity, entry.written_unit)
        for entry in _entries(ours, services, ecosystems)
        if entry.quantity is not None and entry.unit and not entry.is_area
    ]
    units = {unit for _, unit in found}
    return (math.fsum(amount for amount, _ in found), units.pop()) if len(units) == 1 else None


def area_of(ours: Account, ecosystems: Sequence[str] = ()) -> float:
    """Area in m2 of some ecosystems; none named are all."""
    return math.fsum(
        area for (_, ecosystem, _), area in ours.areas().items() if not ecosystems or ecosystem in ecosystems
    )


def _remarks(ours: Account, services: Sequence[str]) -> Iterator[Text]:
    for missing in ours.about.missing:
        if missing.service in services:
            reason = say(f"comparison.reason.{missing.reason}")
            yield say("comparison.missing", service=named(missing.service), reason=reason, detail=missing.detail)
    for problem in ours.about.problems:
        if problem.subject in services and problem.severity == "warning" and problem.code != "O01":
            # O01 repeats what is missing
            yield say("comparison.warning", service=named(problem.subject), message=problem.message)


def _contributions(
    case: Case, ours: Account, given: GivenGap, mine: float, published: float, more: float
) -> dict[str, float]:
    """What price, extent and amount per extent contribute on the way from the published value to ours; `more` is their
    quantity over ours.
    """
    assert given.extent is not None
    row = _row(case, given.account, given.extent.item)
    area = _figure(case, row, "quantity")
    if area is None:
        raise bad_case(case.id, _place(row), say("comparison.no_extent"))
    extent = area_of(ours, given.extent.ecosystem) / convert(
        area, case.tables["published"].unit("quantity", row), "m^2"
    )
    ratios = {"price": mine / published * more, "extent": extent, "per_extent": 1 / more / extent}
    others = {"price": "extent", "extent": "price", "per_extent": "extent"}
    return {name: float(contribution(published, mine, ratios[name], ratios[others[name]])) for name in FACTORS}
