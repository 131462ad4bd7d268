"""Accounts beside GEP: what there is at a time, what changed it, what land can bear, what a project did. None of them
is ever added to a GEP.

Tables of inventories, plots, herds and projects come in, with parameters as data; accounts go out whose every figure
says how it was made, down to the row and the clause of its parameters.

    rows        a row of parameters
    figures     a number with its unit, and how it was made
    parameters  their numbers as data, each with its source
    kinds       words of tables that name a kind
    tables      tables with declared columns, and what is wrong with them
    draws       figures made again on draws of what they rest on
    uncertainty between what they lie, what drives that, what is not known
    account     an account as tables of figures, explained and written
    ground      rasters of accounts by zone and class
    context     the project that accounts are made in
    project     which accounts a project asks for
    needs       what accounts need that a project does not give
    names       zones by code and name
    sample      those of the sample city
    condition   condition, quality, pattern and worth of ecosystems (a folder)
    grazing     grass-livestock balance (a folder)
    carbon      stocks of carbon and the yearly sink (a folder)
    parcels     carbon of parcels and tickets (a folder)
    credits     carbon credits: issuance, prices, a ledger, claims
    compensation damage that credits make up for
    restoration what projects of restoration did (a folder)
"""
