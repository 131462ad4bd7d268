"""The tables of a report.

An account comes in; tables of cells that hold the account's own numbers go out, in the order of the report. Workbooks,
documents and pages are rendered from them, so that no two can disagree.

    model     columns, rows, cells, and how a number is shown
    facts     the figures of an account by all that a table asks for
    totals    the total and what it is made of
    counties  counties and their indicators
    land      extent, supply and use
    changes  what several years say
    extents  how land changed between two of them
    revisions published figures and their revisions
    appendix  parameters, prices, data, checks, arithmetic, run record
    uncertainty how sure the figures are, where that was asked for
    shares    shares that add as they are shown
    scenario  land that becomes other land, before and after
    assets    accounts beside GEP, and stocks of services
    overload     overload of grassland by county, for maps
    book      all tables in their order
"""
