"""One account in every shape that a table is printed in: read as sound where it is, and any digit that is changed in an
amount that takes part in an identity is found.
"""

import csv
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gep.audit.audit import audit

CATEGORIES = {
    "供给服务": ("食物生产", "原料供给"),
    "调节服务": ("水源涵养", "土壤保持", "气候调节"),
    "文化服务": ("旅游康养", "景观美学"),
}
ENGLISH = {
    "食物生产": "Food production",
    "原料供给": "Raw material supply",
    "水源涵养": "Water conservation",
    "土壤保持": "Soil retention",
    "气候调节": "Climate regulation",
    "旅游康养": "Tourism",
    "景观美学": "Aesthetic landscape",
    "森林": "Forest",
    "草地": "Grassland",
    "湿地": "Wetland",
    "农田": "Cropland",
    "合计": "Total",
    "服务": "Service",
    "供给服务": "Provisioning services",
    "调节服务": "Regulating services",
    "文化服务": "Cultural services",
    "小计": "Subtotal",
}
SERVICES = tuple(service for services in CATEGORIES.values() for service in services)
ECOSYSTEMS = ("森林", "草地", "湿地", "农田")
AREAS = (42100, 31750, 13880, 26240)
YEARS = ("2010", "2015", "2020")


class Amount(str):
    """A printed number that takes part in an identity."""

    __slots__ = ()


def money(cents):
    return Amount(f"{cents / 100:.2f}")


def rounded(value, decimals=2):
    """A ratio as it is printed, half up."""
    scaled = value * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Amount(f"{whole / 10**decimals:.{decimals}f}")


@dataclass(frozen=True)
class Account:
    """Values in cents by service, ecosystem and year; the last year is that of tables of one year."""

    cents: dict[tuple[str, str, str], int]

    def value(self, services=SERVICES, ecosystems=ECOSYSTEMS, year=YEARS[-1]):
        return sum(self.cents[s, e, year] for s in services for e in ecosystems)


accounts = st.lists(
    st.integers(10_000, 999_999),
    min_size=len(SERVICES) * len(ECOSYSTEMS) * len(YEARS),
    max_size=len(SERVICES) * len(ECOSYSTEMS) * len(YEARS),
).map(
    lambda cents: Account(
        dict(zip(((s, e, y) for s in SERVICES for e in ECOSYSTEMS for y in YEARS), cents, strict=True))
    )
)


# shapes ---------------------------------------------------------------------------------------------------------------


def by_ecosystem(account, services):
    return [*(money(account.value(services, (e,))) for e in ECOSYSTEMS), money(account.value(services))]


def matrix(account):
    """Services by ecosystems, with both totals."""
    lines = [[name, *by_ecosystem(account, of)] for name, of in rows()]
    return [["服务", *(f"{e}(亿元)" for e in ECOSYSTEMS), "合计(亿元)"], *lines]


def rows():
    return [*((service, (service,)) for service in SERVICES), ("合计", SERVICES)]


def titled(account):
    """The unit in a title above the table, a note below it."""
    table = matrix(account)
    heading = [cell.removesuffix("(亿元)") for cell in table[0]]
    return [["表4 某市2020年生态系统服务价值（亿元）"], heading, *table[1:], ["注：价值为当年价。"]]


def unit_line(account):
    """The unit in a line of its own, to the right above the table."""
    _, heading, *lines = titled(account)
    return [["表4-1 生态产品总值核算结果"], ["", "", "", "", "", "单位：亿元"], heading, *lines]


def transposed(account):
    table = [list(line) for line in zip(*titled(account)[1:-1], strict=True)]
    table[0][0] = "生态系统类型"
    return [["某市生态系统服务价值/10⁸元"], *table]


def english(account):
    table = [[ENGLISH.get(cell.removesuffix("(亿元)"), cell) for cell in line] for line in matrix(account)]
    return [["Table 3. Ecosystem service values in 2020 (US$ million)"], *table]


def bilingual(account):
    table = matrix(account)
    both = [[f"{cell} {ENGLISH[cell]}" if cell in ENGLISH else cell for cell in line] for line in table]
    both[0] = ["服务 Service", *(f"{e} {ENGLISH[e]}/10⁸元" for e in ECOSYSTEMS), "合计 Total/10⁸元"]
    return both


def two_rows(account):
    """A measure with its unit above the ecosystems, as text holds a merged heading."""
    table = titled(account)[1:-1]
    return [["服务", "价值量(亿元)", *[""] * len(ECOSYSTEMS)], ["", *table[0][1:]], *table[1:]]


def numbered(account):
    """Numbers of columns below the heading."""
    table = matrix(account)
    return [table[0], [str(number) for number in range(1, len(table[0]) + 1)], *table[1:]]


def shares(services, whole):
    return [rounded(Fraction(100 * part, whole)) for part in services]


def pairs(account):
    """Value and share side by side, of each ecosystem and of all."""
    heading, below = ["服务"], [""]
    lines = [[name] for name, _ in rows()]
    for name, of in [*((e, (e,)) for e in ECOSYSTEMS), ("合计", ECOSYSTEMS)]:
        heading += [name, ""]
        below += ["价值量(亿元)", "占比(%)"]
        values = [account.value(services, of) for _, services in rows()]
        for line, value, share in zip(lines, values, shares(values, values[-1]), strict=True):
            line += [money(value), "100" if value == values[-1] else share]
    return [heading, below, *lines]


def share_column(account):
    """One column of shares of all, printed as percent without a unit in the heading."""
    table = matrix(account)
    whole = account.value()
    printed = [Amount(f"{share}%") for share in shares([account.value(of) for _, of in rows()], whole)]
    return [[*table[0], "占比"], *([*line, share] for line, share in zip(table[1:], printed, strict=True))]


def continued(account):
    """A table over two pages, its heading said twice."""
    table = matrix(account)
    return [["表5 服务价值"], *table[:5], ["续表5"], table[0], *table[5:]]


def by_year(account):
    """Services by years, and what they changed by."""
    lines = []
    for name, of in rows():
        values = [account.value(of, year=year) for year in YEARS]
        changes = [b - a for a, b in pairwise(values)]
        lines.append([name, *map(money, values), *map(money, changes)])
    heading = ["服务", "价值量(亿元)", "", "", "变化量(亿元)", ""]
    periods = [f"{a}—{b}" for a, b in pairwise(YEARS)]
    return [heading, ["", *YEARS, *periods], *lines]


def growth(account):
    """Two years, their difference and the rate of it."""
    lines = []
    for name, of in rows():
        first, last = (account.value(of, year=year) for year in (YEARS[0], YEARS[-1]))
        change = last - first
        lines.append([name, money(first), money(last), money(change), rounded(Fraction(100 * change, first))])
    return [["生态系统服务", "2010年(亿元)", "2020年(亿元)", "增量(亿元)", "增长率(%)"], *lines]


def year_rows(account):
    """Years down, ecosystems across."""
    lines = [
        [year, *(money(account.value(ecosystems=(e,), year=year)) for e in ECOSYSTEMS), money(account.value(year=year))]
        for year in YEARS
    ]
    return [["年份", *ECOSYSTEMS, "合计"], *lines]


def measures(account):
    """Areas, values, and values per area."""
    lines = []
    for name, area, of in [
        *zip(ECOSYSTEMS, AREAS, ((e,) for e in ECOSYSTEMS), strict=True),
        ("合计", sum(AREAS), ECOSYSTEMS),
    ]:
        value = account.value(ecosystems=of)
        lines.append([name, Amount(area), money(value), rounded(Fraction(value * 100, area), 1)])
    return [["生态系统类型", "面积(km2)", "价值量(亿元)", "单位面积价值(万元/km2)"], *lines]


def subtotals(account):
    """A category written once, a subtotal below its services."""
    lines = []
    for category, services in CATEGORIES.items():
        for number, service in enumerate(services):
            lines.append(["" if number else category, service, *by_ecosystem(account, (service,))])
        lines.append(["", "小计", *by_ecosystem(account, services)])
    heading = ["类别", "服务", *ECOSYSTEMS, "合计"]
    return [["表6 服务价值（亿元）"], heading, *lines, ["合计", "", *by_ecosystem(account, SERVICES)]]


def categories(account):
    """Categories as rows above their services, without a column of their own."""
    lines = []
    for category, services in CATEGORIES.items():
        lines.append([category, *by_ecosystem(account, services)])
        lines += [[service, *by_ecosystem(account, (service,))] for service in services]
    heading = ["指标", *(f"{e}/亿元" for e in ECOSYSTEMS), "合计/亿元"]
    return [heading, *lines, ["合计", *by_ecosystem(account, SERVICES)]]


def set_in(account):
    """Services set in below their category, in English."""
    table = [[ENGLISH.get(line[0], line[0]), *line[1:]] for line in categories(account)[1:]]
    names = {ENGLISH[service] for service in SERVICES}
    lines = [[f"  {line[0]}" if line[0] in names else line[0], *line[1:]] for line in table]
    return [["Service (million EUR)", *(ENGLISH[e] for e in ECOSYSTEMS), "Total"], *lines]


def named_subtotals(account):
    """Subtotals that say of what, below what they are of."""
    lines = []
    for category, services in CATEGORIES.items():
        lines += [[ENGLISH[service], *by_ecosystem(account, (service,))] for service in services]
        lines.append([f"Total {ENGLISH[category].lower()}", *by_ecosystem(account, services)])
    heading = ["Ecosystem service", *(ENGLISH[e] for e in ECOSYSTEMS), "Total"]
    return [["Values, million €"], heading, *lines, ["Total", *by_ecosystem(account, SERVICES)]]


def averaged(account):
    """A mean, the largest and a rank beside the parts of a sum."""
    table = matrix(account)
    count = len(SERVICES)
    columns = [*((e,) for e in ECOSYSTEMS), ECOSYSTEMS]
    mean = [str(rounded(Fraction(account.value(ecosystems=of), 100 * count))) for of in columns]
    most = [str(money(max(account.value((s,), of) for s in SERVICES))) for of in columns]
    order = sorted(SERVICES, key=lambda s: -account.value((s,)))
    ranks = [str(order.index(name) + 1) if name in order else "" for name, _ in rows()]
    lines = [[*line, rank] for line, rank in zip(table[1:], ranks, strict=True)]
    return [[*table[0], "排名"], *lines[:-1], ["平均值", *mean, ""], ["最大值", *most, ""], lines[-1]]


def extents(account):
    """What there was, what came and what went, and what there is, by ecosystem and in all."""
    came, went = ((service,) for service in SERVICES[:2])
    columns = [*((e,) for e in ECOSYSTEMS), ECOSYSTEMS]
    opening = [10 * account.value(ecosystems=of) for of in columns]
    flows = [[account.value(services, of) for of in columns] for services in (came, went)]
    net = [a - b for a, b in zip(*flows, strict=True)]
    closing = [a + b for a, b in zip(opening, net, strict=True)]
    names = ("期初面积(hm2)", "增加", "减少", "期末面积(hm2)", "净变化")
    lines = [[name, *map(money, values)] for name, values in zip(names, (opening, *flows, closing, net), strict=True)]
    return [["项目", *ECOSYSTEMS, "合计"], *lines]


def taken_away(account):
    """A gross value, what is taken from it, and what is left, by year."""
    gross = [account.value(year=year) for year in YEARS]
    less = [[account.value((service,), year=year) for year in YEARS] for service in SERVICES[:2]]
    left = [total - a - b for total, a, b in zip(gross, *less, strict=True)]
    names = ("总产出", "减：中间投入", "减：人工成本", "净值")
    lines = [[name, *map(money, values)] for name, values in zip(names, (gross, *less, left), strict=True)]
    return [["项目", *(f"{year}年(亿元)" for year in YEARS)], *lines]


def of_which(account):
    """A total with its parts below it: 其中 stands before the first, the others are set in below that."""
    lines = [["总价值", *by_ecosystem(account, SERVICES)]]
    for number, service in enumerate(SERVICES):
        before = "\u3000" * 3 if number else "其中："
        lines.append([f"{before}{service}", *by_ecosystem(account, (service,))])
    return [["项目（亿元）", *ECOSYSTEMS, "合计"], *lines]


def within_categories(account):
    """The share of each service in its category."""
    lines = []
    for category, services in CATEGORIES.items():
        whole = account.value(services)
        values = [account.value((service,)) for service in services]
        for service, value, share in zip(services, values, shares(values, whole), strict=True):
            lines.append([category, service, money(value), share])
        lines.append([category, "小计", money(whole), "100"])
    return [["类别", "服务", "价值(亿元)", "占类别比重(%)"], *lines, ["合计", "", money(account.value()), ""]]


def since_the_first(account):
    """The growth of each later year against the first."""
    lines = []
    for name, of in rows():
        first, *later = (account.value(of, year=year) for year in YEARS)
        rates = [rounded(Fraction(100 * (value - first), first)) for value in later]
        lines.append([name, *map(money, (first, *later)), *rates])
    rates = [f"{year}年较{YEARS[0]}年增长(%)" for year in YEARS[1:]]
    return [["服务", *(f"{year}年(亿元)" for year in YEARS), *rates], *lines]


SHAPES = (
    *(matrix, titled, unit_line, transposed, english, bilingual, two_rows, numbered, pairs, share_column, continued),
    *(by_year, growth, year_rows, measures, subtotals, categories, set_in, named_subtotals, averaged),
    *(extents, taken_away, of_which, within_categories, since_the_first),
)
MERGED = (two_rows, pairs, by_year, subtotals)
"""Shapes that a workbook prints with merged cells."""


# printing -------------------------------------------------------------------------------------------------------------


def as_text(table, path):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    return path


def as_book(table, path):
    """A blank right of a heading, or below a label of a category, is merged with it; numbers are numbers."""
    book = Workbook()
    sheet = book.active
    for line in table:
        sheet.append([float(cell) if isinstance(cell, Amount) else cell or None for cell in line])
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, float):
                cell.number_format = "0.00"
    first = next(number for number, line in enumerate(table, 1) if len(line) > 1)
    width = len(table[first - 1])
    filled = [column for column in range(1, width + 1) if sheet.cell(first, column).value] + [width + 1]
    for left, right in pairwise(filled):
        if right - left > 1:
            sheet.merge_cells(start_row=first, end_row=first, start_column=left, end_column=right - 1)
    below = [row for row in range(first + 1, len(table) + 1) if sheet.cell(row, 1).value] + [len(table) + 1]
    starts = [first, *below] if not sheet.cell(first + 1, 1).value else below
    for top, bottom in pairwise(starts):
        if bottom - top > 1:
            sheet.merge_cells(start_row=top, end_row=bottom - 1, start_column=1, end_column=1)
    book.save(path)
    return path


quick = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
printed = [
    *((shape, as_text, "csv") for shape in SHAPES),
    *((shape, as_book, "xlsx") for shape in MERGED),
]
every_shape = pytest.mark.parametrize(
    ("shape", "write", "kind"), printed, ids=[f"{shape.__name__}.{kind}" for shape, _, kind in printed]
)


@every_shape
@given(account=accounts)
@quick
def test_no_shape_of_an_account_that_holds_fails(tmp_path, shape, write, kind, account):
    found = audit(write(shape(account), tmp_path / f"t.{kind}"))
    assert [check.sentence for check in found.findings] == []
    amounts = sum(isinstance(cell, Amount) for line in shape(account) for cell in line)
    assert (found.tally.unread, found.tally.checked >= amounts) == (0, True)


def one_digit_away(text, position, digit):
    """A number with one of its first two digits changed to another that keeps it as long."""
    places = [at for at, letter in enumerate(text) if letter.isdigit()][:2]
    at = places[position % len(places)]
    others = [d for d in "123456789" if d != text[at]]
    return type(text)(text[:at] + others[digit % len(others)] + text[at + 1 :])


@every_shape
@given(account=accounts, where=st.integers(0, 10**6), position=st.integers(0, 1), digit=st.integers(0, 8))
@quick
def test_a_changed_digit_is_found(tmp_path, shape, write, kind, account, where, position, digit):
    table = [list(line) for line in shape(account)]
    cells = [(r, c) for r, line in enumerate(table) for c, cell in enumerate(line) if isinstance(cell, Amount)]
    row, column = cells[where % len(cells)]
    table[row][column] = one_digit_away(table[row][column], position, digit)
    found = audit(write(table, tmp_path / f"t.{kind}"))
    place = f"line {row + 1}," if kind == "csv" else f"cell {'ABCDEFGHIJKLMN'[column]}{row + 1}"
    assert any(place in cell for check in found.fails for cell in check.cells), table[row]
