"""Published figures: checked from themselves, recomputed as cases, set beside ours.

Tables of other people come in, and the cases that ship as data; findings go out: what holds, what fails, what cannot be
told. Every printed figure is an interval of half its last digit, carried through sums, products and quotients in exact
arithmetic: no tolerance is chosen.

    printed     printed figures as exact intervals
    amounts     intervals with units, through sums and equations
    figures     what a printed number is the number of
    cells       files as tables of cells
    reading     long tables, one thing a row
    grids       tables of any other shape, as they are printed (a room of its own)
    findings    a check, its verdict, likely causes
    products    quantity × price
    sums        totals and their parts
    ratios      shares, densities, growth
    stocks      balances and present values
    agreement   one figure in two places
    sense       bounds of what is plausible
    runs        our own runs against their summary
    audit       all checks of a table
    cases       published cases as data (`published/`)
    verify      recomputing them
    comparison  our account beside published ones
"""
