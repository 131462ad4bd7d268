"""Workbooks of an account: as a Chinese office files them, and as statistics are published for everybody.

An account and what a person chose come in; `report.xlsx` and `open.xlsx` go out, with the same numbers in both.

    book        a workbook whose bytes are those of its content: formats, exact numbers, text that stays text
    words       texts of a report in its language or languages
    sums        which cells of a table add to which
    office      tables as an office files them
    front       the cover and the first page of the office's workbook, and its sheet of sums
    accessible  tables by the rules of accessible spreadsheets
    tidy        the tidy account as a sheet
    years       the tables of several years
    scenario    those of land that becomes other land
    write       both files
"""
