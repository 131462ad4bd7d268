"""The equations of accounts beside GEP: stocks and what changes them, capacities, effects of projects.

Numbers or quantities come in by the names of an equation's arguments; numbers come out, in proved units. No files, no
tables, no parameters: which row of which table stands behind an argument is said by the room `assets`.

    carbon       stocks of carbon, what changes them, and the sink
    condition    condition, quality, pattern and worth of ecosystems as assets
    grazing      what grassland feeds, what grazes, by how much they differ
    parcels      removal of a parcel and what a ticket certifies
    credits      credits of a project, what they are worth
    compensation damage to a parcel, credits that make up for it
    restoration  what treated land did, took up and cost, how degraded it was

A module is loaded, and its units are proved, when it is first asked for: an account of credits needs no grassland.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gep.stocks import carbon, compensation, condition, credits, grazing, parcels, restoration

__all__ = ["carbon", "compensation", "condition", "credits", "grazing", "parcels", "restoration"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"gep.stocks.{name}")
