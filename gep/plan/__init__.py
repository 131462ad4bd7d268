"""Which services are computed, from what, and why the others are not.

Opened inputs come in; a plan goes out: for the engine what to integrate, for the account what it means, for people
the reason of everything that is missing.

    wiring       arguments found by their names: layers, tables, quantities, derivations, coefficients
    units        accounting units that tables report
    cell_checks  checks of cells
    plan         the plan that the engine gets
    planner      making it
"""
