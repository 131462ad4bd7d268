"""Published figures: checked from themselves, recomputed as cases, set beside ours.

Tables of other people come in, and the cases that ship as data; findings go out: what holds, what fails, what cannot be
told. Every printed figure is an interval of half its last digit, carried through sums, products and quotients in exact
arithmetic: no tolerance is chosen.

    printed     printed figures as exact intervals
    amounts     intervals with units, through sums and equations
    figures     what a printed number is the number of
    cells       tables of cells; workbooks
    documents   tables of documents: merged cells, titles, tables that go on
    pasted      text: delimited, pasted with spaces, Markdown
    markup      HTML, DOCX, OpenDocument
    pdf         PDF, from its letters and rules
    sources     which reader reads which file, and which tables of it are meant
    reading     long tables, one thing a row
    grids       tables of any other shape, as they are printed (a room of its own)
    findings    a check, its verdict, likely causes
    products    quantity × price
    nesting     parts of a sum that are parts of each other
    sums        totals and their parts
    ratios      shares, densities, growth
    stocks      balances and present values
    agreement   one figure in two places
    sense       bounds of what is plausible
    runs        our own runs against their summary
    tally       how all numbers ended, and what takes part in no check
    audit       all checks of a table
    tidy        the figures as they were read, one a row
    cases       published cases as data (`published/`)
    verify      recomputing them
    comparison  our account beside published ones
"""
