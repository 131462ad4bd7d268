"""The equations of accounts beside GEP: stocks and what changes them, capacities, effects of projects.

Numbers or quantities come in by the names of an equation's arguments; numbers come out, in proved units. No files, no
tables, no parameters: which row of which table stands behind an argument is said by the room `assets`.

    carbon     stocks of carbon, what changes them, and the sink
    condition  condition, quality, pattern and worth of ecosystems as assets
    grazing    what grassland feeds, what grazes, by how much they differ
    parcels    removal of a parcel and what a ticket certifies
    credits    credits of a project, what they are worth
    compensation damage to a parcel, credits that make up for it
    carbon       stocks of carbon, what changes them, and the sink
    condition    condition, quality, pattern and worth of ecosystems as assets
    grazing      what grassland feeds, what grazes, by how much they differ
    restoration  what treated land did, took up and cost, how degraded it was
"""

from gep.stocks import carbon, compensation, condition, credits, grazing, parcels

__all__ = ["carbon", "compensation", "condition", "credits", "grazing", "parcels"]
