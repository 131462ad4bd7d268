"""From sums to entries, and from entries to every figure, table and explanation.

A plan and its sums come in (or quantities that are known already); an `Account` goes out: a flat list of entries, of
which totals, tables and explanations are folds.

    entries          entry, missing, about, columns
    rules            rules on totals: caps and clips
    products         products of the tables
    basis            what figures are valued from, what they rest on
    cells            components of cells, valued
    units            components of accounting units, valued
    occurrence       services without land of theirs, and the tables
    valuation        sums to entries, service by service
    consequence      what an account would become if a suspicion about its inputs is true
    foreseen         what a run would say of services, before it
    from_quantities  an account of given quantities
    record           what the files of a run hold, as types
    index_record     what they hold of price indices
    arithmetic       lines of arithmetic that anyone can compute again
    part             a part of a figure that is explained in one step
    steps            the documents of its steps, as types
    working          how a figure is worked out, in such lines
    names            what people call services, zones and ecosystems
    reasons          why a figure is empty
    explain          a figure taken apart
    seea             supply and extent tables of SEEA EA
    fonts            letters for pictures, Chinese ones among them
    propagation      how uncertain figures add up
    uncertain        how sure an account is, a folder
    plots            pictures
    figures          the figures of an account: totals, shares, rows
    account          an account as people hold it: its figures, explained and drawn
    growth           years beside each other: constant prices, chains, contributions, effects, links, revisions
    revisions        published figures and their revisions, old series on a new method
    alike            what of two accounts can be compared, and which services were computed in another way
    pairs            two of them flow by flow, at the same prices, and what changes come from
    changes          growth of several years, contributions to it, and what changes come from
    course           a yearly loss or gain over years: recovery, growth, present value
    accounts         several of them along dimensions: years, scenarios, draws
    last_year        a study beside the account of an earlier year
    checks           problems that an account shows, a folder
"""
