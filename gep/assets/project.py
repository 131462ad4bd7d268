"""Which accounts beside GEP a project file asks for, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from gep.assets.account import AssetAccount, position
from gep.assets.context import Context
from gep.assets.names import with_zone_names
from gep.core.errors import CoefficientError, GepError, InputError, ProjectError
from gep.core.messages import say

Maker = Callable[[Context], Sequence[AssetAccount]]

MAKERS: Mapping[str, str] = {
    "carbon": "gep.assets.carbon.account",
    "credits": "gep.assets.credits.account",
    "parcels": "gep.assets.parcels.account",
    "compensation": "gep.assets.compensation.account",
    "grazing": "gep.assets.grazing.account",
    "restoration": "gep.assets.restoration.account",
    "condition": "gep.assets.condition.account",
}
"""The module of each section of `[assets]`; its `accounts(context)` makes the accounts of the section."""


def sections_of(context: Context) -> list[str]:
    """The sections that the project has, in the order of the accounts."""
    assets = context.project.assets
    return [name for name in MAKERS if getattr(assets, name) is not None]


def accounts_of(source: Path | Context, only: Sequence[str] = ()) -> list[AssetAccount]:
    """The accounts beside GEP of a project: all that it has sections for, or those of some sections, in their order.

    Raises ProjectError, InputError, CoefficientError with everything that is wrong in all of them.
    """
    context = source if isinstance(source, Context) else Context.of(source)
    found: list[AssetAccount] = []
    refused: list[GepError] = []
    for name in sections_of(context):
        if only and name not in only:
            continue
        maker: Maker = import_module(MAKERS[name]).accounts
        try:
            found += maker(context)
        except (ProjectError, InputError, CoefficientError) as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise InputError(say("assets.wrong_accounts"), [one for error in refused for one in error.problems])
    return with_zone_names(sorted(found, key=lambda account: position(account.id)), context)
