"""Stocks of carbon and the yearly sink, from tables and from rasters: what stands on the land by ecosystem, class, pool
and zone, what changed it between two times, and what of that is a sink.

    tables    what the tables hold
    density   carbon per area: from growing stock, from trees of plots, from layers of soil, from published means
    strata    the stocks of every stratum and time, and what is wrong with them
    maps      strata from land covers with densities by class, or maps of densities
    changes   what came and went between opening and closing
    balance   opening and closing accounts, the sink, effects of area and density
    sheets    the accounts as tables
    account   from a project or from frames to the accounts
    feed      the sink as a table of statistics that carbon sequestration of GEP is taken from
    sample    made-up tables of the sample city
"""
