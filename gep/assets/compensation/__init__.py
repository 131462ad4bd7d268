"""Compensation by sink (以碳代偿): what a parcel lost, which credits would make up for it, and what else would.

A table of damages comes in; losses by component, alternatives and a statement of a case go out. What is bought is not
valued too, and what is valued is not bought too.

    damage     what was lost, in tonnes and in money
    remedies   how it may be made up for
    statement  the statement of a case, with its alternatives
    account    the account of a project
    sample     synthetic tables
"""
