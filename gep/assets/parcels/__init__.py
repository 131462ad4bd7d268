"""Carbon of parcels measured from the ground, the air and by satellite, and the carbon ticket that is made of it:
what may be certified of the removal between two measurements, and what is kept with the ticket.

    sampling  estimates from plots and auxiliaries, how many plots are needed, how estimates join, what changed
    tables    what the tables hold
    measured  the estimates of every parcel and year
    ground    polygons of parcels: their hash, their area, other claims that lie on them
    ticket    the quantity, the record and the statement of a ticket
    account   from a project or from frames to the account
    sample    made-up tables
"""
