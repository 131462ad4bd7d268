"""Carbon credits: what projects may issue, a ledger in which no tonne is twice, prices, and one claim for one sink.

Tables of projects, lots, entries, prices and claims come in; balances, costs, values and statements go out. Credits are
a part of a sink that was sold or may be, never something beside it.

    tables      projects, lots and entries as people write them
    checks      what is wrong with what is to be posted, all at once
    ledger      the file that is only ever added to
    exchange    a ledger as tables and back
    holdings    roll-forward, cost by two methods, serial numbers
    issuance    what a project may issue by a standard
    prices      the price book, and contracts
    claims      one sink, one claim; one ground, one project
    statement   statements of cancellation, and what would offset an event
    layout      units, headings, tables, sums
    books       what a ledger comes to, as an account
    account     the accounts of a project
    sample      synthetic tables
"""
