"""Every check of a study in one list, in the order of the work: opening, planning, a pass over the cells, the account.

A check is a function of the room whose objects it looks at. Those that open something find what is wrong while they
read; the others are small functions that look at what was read.
"""

from gep.account import checks as of_account
from gep.account.foreseen import foreseen
from gep.account.occurrence import check_occurrence
from gep.account.valuation import make_account
from gep.core.checks import Check, Work
from gep.core.errors import idle_waivers
from gep.core.parts import needed
from gep.engine import checks as of_cells
from gep.engine.windows import decoded_again
from gep.inputs.exchanged import check_names
from gep.inputs.fingerprints import changes_since
from gep.inputs.grids.map_shift import check_columns, check_land_cover, check_outline
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.polygons import read_zones
from gep.inputs.lock import check_lock
from gep.inputs.office import check_office_inputs
from gep.inputs.open import open_inputs
from gep.inputs.other_zones import of_other_zones
from gep.inputs.price_groups import own_indices
from gep.inputs.product_layers import layer_of_product, recalled_facts
from gep.inputs.products import check_product
from gep.inputs.project import read_project
from gep.inputs.published import read_published
from gep.inputs.replies import read_replies
from gep.inputs.stac import rasters_of_catalogue
from gep.inputs.tables import read_tables
from gep.inputs.workbooks import workbook_rows
from gep.plan.planner import make_plan
from gep.standards.check import check_data
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import read_coefficients
from gep.standards.index_tables import read_indices
from gep.standards.overlaps import check_overlaps
from gep.study.last_year import read_last_year
from gep.study.register import register

OPENING = (
    Work(read_project, ("F01", "F41", "G01", "P02")),
    Check(check_lock, ("F42", "F43")),
    Work(read_zones, ("F01", "F02", "F03", "G01", "Z01", "Z02", "Z03", "Z04", "Z05", "Z06", "Z07")),
    Work(
        open_layer,
        (
            *(
                "F01",
                "F02",
                "F03",
                "F41",
                "F44",
                "F45",
                "F46",
                "F47",
                "G01",
                "G03",
                "G04",
                "G06",
                "L01",
                "N01",
                "N04",
                "N21",
            ),
            *("N22", "T20", "T21", "U01", "U02", "U04", "U05"),
        ),
    ),
    Work(layer_of_product, ("U13",)),
    Work(rasters_of_catalogue, ("F41", "F46", "F48")),
    Check(check_product, ("L10", "U10", "U11")),
    Check(recalled_facts, ("U14",)),
    Check(check_names, ("U12",)),
    Check(check_columns, ("G10",)),
    Check(check_outline, ("G10",)),
    Check(check_land_cover, ("G10",)),
    Work(workbook_rows, ("F20", "F21", "F22", "T02")),
    Work(
        read_tables,
        (
            *("D20", "D21", "F01", "R01", "T01", "T02", "T03", "T04", "T05", "T06", "T09", "T10", "T14", "T30"),
            *("T31", "T32", "T33", "U01", "U02"),
        ),
    ),
    Work(of_other_zones, ("T34",)),
    Work(read_coefficients, ("C01", "C02", "C03", "F01", "U02")),
    Check(check_possible, ("C17",)),
    Work(own_indices, ("C20",)),
    Work(read_indices, ("C19", "C20", "F01")),
    Work(read_published, ("H01",)),
    Work(check_data, ("C07", "C08", "C09", "C10", "C13", "C16", "U02")),
    Check(check_office_inputs, ("C22",)),
    Work(register, ("C01", "C02", "C03", "C07", "C08", "C09", "C10", "C13", "C17", "E01", "E02", "U02")),
    Work(needed, ("E03",)),
    Work(read_replies, ("F50", "T50", "T51", "T52", "T53", "T54")),
    Work(open_inputs, ("C11", "C15", "G01", "G02", "G20", "G21", "P02", "T01", "T14", "W01")),
    Check(check_overlaps, ("D01", "D02")),
    Work(read_last_year, ("O28",)),
)
"""What is found while files are opened, and in shipped data."""

PLANNING = (Work(make_plan, ("G09",)),)

CELLS = (
    Check(decoded_again, ("G22",)),
    *of_cells.CHECKS,
    Check(of_cells.check_sums, ("N16", "Z06")),
    Check(changes_since, ("F40", "F46")),
)

RESULT = (
    Check(check_occurrence, ("O03", "P20")),
    Check(foreseen, ("C04", "C12", "N20", "O01", "O02", "P04")),
    Work(make_account, ("B03", "C04", "C12", "N20", "O02", "P04", "T08", "T12")),
    *of_account.CHECKS,
    *of_account.SINCE,
    *of_account.FIGURES_SINCE,
    Check(idle_waivers, ("W02",)),
)

CHECKS: tuple[Check | Work, ...] = (*OPENING, *PLANNING, *CELLS, *RESULT)


def checks_of(code: str) -> list[Check | Work]:
    """The checks that may find a code."""
    return [check for check in CHECKS if code in check.codes]
