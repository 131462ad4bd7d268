"""The tidy account as a sheet: the columns of account.csv, one row a figure, every number to its last digit."""

from __future__ import annotations

from xlsxwriter.format import Format

from gep.account.account import Account
from gep.account.entries import COLUMNS
from gep.report.workbook.book import Sheet

WIDTHS = {"area_name": 22, "method_id": 30, "profile_clause": 30, "derivation_id": 24, "value": 22, "service": 20}


def fill(sheet: Sheet, account: Account, top: int, heading: Format, body: Format) -> int:
    """Write headings at a row and the rows of the account below; the last row."""
    for column, name in enumerate(COLUMNS):
        sheet.text(top, column, name, heading)
        sheet.set_column(column, column, WIDTHS.get(name, 14))
    row = top
    for row, of in enumerate(account.rows(), top + 1):
        for column, value in enumerate(of.values()):
            if isinstance(value, int | float):
                sheet.number(row, column, value, body)
            elif value is not None and value != "":
                sheet.text(row, column, str(value), body)
    return row
