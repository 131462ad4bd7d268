"""Tables as they are printed: read into grids whose every figure has an address, and held against themselves.

Cells of a file come in; grids and checks go out. Words say what stands on which axis; arithmetic chooses only among
readings that words leave open, and a figure fails only if it fails under every reading that is left.

    words      what a heading or a label says (`words.toml`)
    blocks     a sheet cut into tables: titles, headings, labels, body
    grid       lines, figures and their addresses
    lines      what headings and labels say of rows and columns
    build      a table read into a grid
    trees      which lines are totals of which, by their words
    totals     totals beside their parts, in each line across
    unsaid     totals that no word says
    sums       totals against their parts
    quotients  shares, changes, rates, densities
    means      means weighted by area
    extremes   means, maxima and minima of other lines
    stocks     opening and closing
    kept       differences of columns that a table keeps
    across     one figure in two tables
    rows       quantity, price and value side by side
    reading    a sheet as grids, and all that they have to say
"""
