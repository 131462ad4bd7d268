"""Words for people.

Accounts, findings and documents come in; what a terminal shows goes out, in Chinese and in English.

    console       accounts and problems
    findings      an audit
    explanation   a figure taken apart
    difference    two runs
    verification  published cases
    coefficients  coefficient tables
    profiles      profiles and their matrix
"""
