"""Which prices follow an index of their own: what `groups` under [prices] names, and the price indices of a study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gep.core.catalog import service_ids
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import listed
from gep.core.units import dimensions
from gep.inputs.items import item_units
from gep.inputs.spec import StudySpec
from gep.services import SERVICES
from gep.standards.coefficients import Coefficients
from gep.standards.index_tables import GENERAL, read_indices
from gep.standards.prices import OwnIndices, PriceIndex, price_index
from gep.standards.profile import Profile


def own_indices(spec: StudySpec, profile: Profile, coefficients: Coefficients, problems: list[Problem]) -> OwnIndices:
    """The price indices of a study's own: a general one before that of the profile, and those of groups of prices."""
    if spec.price_index is None:
        return OwnIndices()
    behind = price_index(profile.price_index) if profile.price_index else None
    indices, found = read_indices(spec.price_index, behind)
    problems += found
    if not indices:
        return OwnIndices()
    prices = {row.name for row in coefficients.rows if row.is_price}
    wrong = list(_wrong(spec.price_groups, indices, prices))
    problems += wrong
    return OwnIndices(indices.get(GENERAL), {} if wrong else _by_name(spec.price_groups, indices))


def _wrong(
    groups: Mapping[str, Iterable[str]], indices: Mapping[str, PriceIndex], prices: set[str]
) -> Iterator[Problem]:
    """What is wrong with the groups: an index that is not in the table, or that nothing follows, a name that is no
    price, one in two groups.
    """
    known = [name for name in indices if name]
    for name in groups:
        if name not in known:
            subject, hint = f"prices.groups.{name}", did_you_mean(name, known)
            yield problem("inputs.C20.no_such_index", subject, place="gep.toml", index=name, hint=hint, known=known)
    for name in known:
        if name not in groups:
            yield problem("inputs.C20.index_of_nothing", f"prices.groups.{name}", place="gep.toml", index=name)
    names = sorted({*prices, *item_units(), *service_ids()})
    of: dict[str, str] = {}
    for group, members in groups.items():
        for member in members:
            subject = f"prices.groups.{group}"
            if member.split("/")[0] not in names:
                hint = did_you_mean(member, names)
                yield problem("inputs.C20.no_price", subject, place="gep.toml", found=member, hint=hint)
            if member in of:
                found = listed(dict.fromkeys([of[member], group]))
                yield problem("inputs.C20.two_groups", subject, place="gep.toml", found=found, name=member)
            of[member] = group
    shared: dict[str, dict[str, str]] = {}
    for group, members in groups.items():
        for member in members:
            for price in _prices_of(member):
                shared.setdefault(price, {})[group] = member
    for price, by_group in shared.items():
        if len(by_group) > 1 and price not in of:
            subject, found = f"prices.groups.{next(iter(by_group))}", listed(by_group.values())
            yield problem("inputs.C20.shared_price", subject, place="gep.toml", found=found, name=price)


def _by_name(groups: Mapping[str, Iterable[str]], indices: Mapping[str, PriceIndex]) -> dict[str, PriceIndex]:
    """The index of everything that follows one: what is named itself before what a service is priced by."""
    members = [(member, indices[group]) for group, of in groups.items() for member in of]
    of_services = {price: index for member, index in members for price in _prices_of(member)}
    return {**of_services, **dict(members)}


def _prices_of(service: str) -> Iterator[str]:
    """The names under which the prices of a service are looked up; nothing of what is no service."""
    if service not in SERVICES:
        return
    for component in SERVICES[service].variants:
        if money := component.money:
            if money.pricing is None:
                yield component.looked_up(money.price)
            else:
                for argument, unit in money.pricing.units.items():
                    if "[currency]" in dimensions(unit):
                        yield component.looked_up(argument)
