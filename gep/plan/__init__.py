"""Which services are computed, from what, and why the others are not.

Inputs come in; a plan goes out: for the engine what to integrate, for the account what it means, for people
the reason of everything that is missing.

    wiring       arguments found by their names: layers, tables, quantities, derivations, coefficients
    ways         what each land class gets of a component: of a study, and of arrays in a notebook
    own_grid     derivations that are computed on the grid of their layers
    units        accounting units that tables report
    cell_checks  checks of cells
    plan         the plan that the engine gets
    planner      making it
"""
