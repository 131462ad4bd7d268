"""The report in Word and the bulletin of one page.

An account comes in with what an office adds (its name, logo and prose); `report.docx` and `bulletin.docx` go out, in
Chinese, in English or in both. All figures come from the tables of the report; causes and outlook are left to people,
at marked places.

    elements     paragraphs, runs, fields, content controls; text that is safe to write
    mathematics  formulas as trees, and as Word math
    notation     formulas as docstrings write them
    arithmetic   formulas as lines of arithmetic
    grid         tables of Word, with heads that repeat and in parts where they are wide
    layout       page, fonts, styles, head and foot, fixed bytes
    pictures     charts and maps by name
    manuscript   a document as it grows
    pdf          documents printed by LibreOffice
    wording      sentences from figures
    report       what every chapter is written from
    opening      front page, summary, introduction, the area
    methods      indicators and cards of services
    results      total, services, ecosystem types, counties, change
    quality      data, quality, conclusions
    beside       accounts beside GEP
    annexes      what the figures rest on
    bulletin     the bulletin
    write        both as files
"""
