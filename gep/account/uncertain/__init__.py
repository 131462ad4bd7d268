"""How sure an account is: its figures on draws of the numbers that they are made of.

A finished run comes in, with its record and ledger; intervals, what drives them, and what is not known go out. Nothing
is read again: sums of classes, formulas, coefficients, prices and statistics stand in the ledger.

    variables  numbers with a range or an error, and draws of them
    fields     what is known of values that differ from cell to cell
    land       areas of the land cover
    dependence numbers that are wrong together
    numbers    the numbers of a ledger on draws, and which of them a figure asks for
    parts      the figures of a component, a product or a deduction on draws
    model      all of them, held against the account itself
    drivers    what drives an interval
    result     intervals, drivers, what is unknown
    plots      pictures of it
    together   several accounts on the same draws, what is common to them drawn once
    change     the change between accounts, over a chain of years too, with what is common to them cancelling
"""
