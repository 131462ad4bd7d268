"""What a standard counts, and with which numbers.

The shipped data come in; profiles, coefficient rows, land classes, land-cover schemes, price indices and plausible
ranges go out.

    classes       land classes and their parents
    coefficients  rows of coefficients, and which one holds where
    given         coefficients as a notebook gives them
    coefficient_ranges  what a coefficient can be at all
    prices        price indices
    index_tables  tables of them that a study gives
    layer_ranges  what values of layers are like, and slips
    schemes       land-cover legends, code by code
    land_rules    what land becomes in scenarios
    overlaps      flows that overlap
    ranges        what a quantity can plausibly be
    table_slips   factors that slips make in tables
    rules         what a profile says of one service
    profile       a profile with its tables
    equations     every equation by its name
    check         the checks of the shipped data
"""
