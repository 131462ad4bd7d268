"""Words, tables and pictures for people.

Accounts, findings and documents come in; what a terminal shows and what an office hands in goes out, in Chinese and in
English.

    citations          documents as they are cited, and as texts name them
    bibliography       what an account rests on, as BibTeX
    codes              what a code of a problem means
    console            how the terminal shows tables, and problems
    result             the account of a run
    findings           an audit
    audit_page         an audit as a page: the table as printed, what fails marked in it
    explanation_page   how names, numbers and sources of an explanation are written
    explanation_steps  its steps
    explanation        a figure taken apart
    difference         two runs
    years              runs of several years
    assets             accounts beside GEP
    statements         statements of one page
    revisions          revisions of published figures
    uncertainty        how sure an account is
    scenario           land that becomes other land, before and after
    verification       published cases
    coefficients       coefficient tables
    profiles           profiles and their matrix
    listings           lists of coefficients, of their rows, of profiles
    make               all that an office hands in, made at once
    options            what a person may choose about a report
    office             what an office adds to it
    names              what layers, items, coefficients and components are called
    page               the report as one page of HTML
    tables             the tables of a report, of which workbooks, documents and pages are made
    office_book        workbooks for offices
    needs              what a profile needs
    workbook           workbooks (a folder)
    forms              the workbooks that departments fill in
    replies            what is written of their replies
    pictures           charts and maps
    package            the open-data package
    document           the report in Word and the bulletin
"""
