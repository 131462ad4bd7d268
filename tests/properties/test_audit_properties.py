"""An audit finds any digit that was changed beyond what rounding hides, raises nothing on a sound table, and does not
care for units.
"""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import REFERENCE

from gep.audit.audit import audit
from gep.audit.figures import Figure, Row, read_unit
from gep.audit.printed import read_figure
from gep.audit.products import product_checks
from gep.audit.reading import read_accounts
from gep.audit.sums import sum_checks

PUBLISHED = REFERENCE / "published"
ECOSYSTEMS, SERVICES = ("forest", "grassland", "wetland"), ("water", "soil", "carbon")


def figure(value, unit, place, decimals=2):
    return Figure(read_figure(f"{value:.{decimals}f}"), read_unit(unit), place)


def sound_table(areas, prices, money="CNY", land="ha"):
    """Ecosystems by services: area × unit value = value to the cent, with the total of every row, column and of all."""
    values = {(e, s): areas[e] * prices[e, s] for e in ECOSYSTEMS for s in SERVICES}
    values |= {("ALL", s): sum(values[e, s] for e in ECOSYSTEMS) for s in SERVICES}
    values |= {(e, "ALL"): sum(values[e, s] for s in SERVICES) for e in (*ECOSYSTEMS, "ALL")}
    rows = []
    for number, ((e, s), value) in enumerate(values.items()):
        made = Row(
            f"row {number}",
            "t",
            ".",
            "R",
            "",
            "2020",
            e,
            "ALL" if s == "ALL" else "regulating",
            s,
            value=figure(value, money, f"v{number}"),
        )
        if "ALL" not in (e, s):
            made = replace(
                made,
                quantity=figure(areas[e], land, f"q{number}", 4),
                price=figure(prices[e, s], f"{money}/{land}", f"p{number}"),
            )
        rows.append(made)
    return rows


def failing(rows):
    return [check for check in (*product_checks(rows), *sum_checks(rows)) if check.verdict == "fails"]


def noticed(rows):
    return [check for check in (*product_checks(rows), *sum_checks(rows)) if check.verdict != "holds"]


_ROUNDED = 1e-4
"""More than half a cent of a price of 100 yuan, with the area's own last digit."""
cents = st.integers(100_00, 999_99).map(lambda number: Decimal(number) / 100)
tables = st.builds(
    lambda areas, prices: sound_table(
        dict(zip(ECOSYSTEMS, areas, strict=True)),
        dict(zip(((e, s) for e in ECOSYSTEMS for s in SERVICES), prices, strict=True)),
    ),
    st.lists(st.integers(100, 999).map(Decimal), min_size=3, max_size=3),
    st.lists(cents, min_size=9, max_size=9),
)


@given(tables)
@settings(max_examples=25, deadline=None)
def test_a_sound_table_raises_nothing(rows):
    assert not failing(rows)


@given(tables, st.data())
@settings(max_examples=100, deadline=None)
def test_a_changed_digit_is_found(rows, data):
    """Whichever figure, whichever digit, if the change is more than the last digits of the figures in its sums can
    hide. An area that a price rounded for printing would explain is noticed, and fails where that would not.
    """
    index = data.draw(st.integers(0, len(rows) - 1))
    measure = data.draw(st.sampled_from([m for m in ("quantity", "price", "value") if rows[index].figure(m)]))
    old = rows[index].figure(measure)
    text = old.printed.text
    position = data.draw(st.sampled_from([i for i, character in enumerate(text) if character.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[position]]))
    new = read_figure(text[:position] + digit + text[position + 1 :])
    hidden_by_rounding = {"value": Decimal("0.03"), "price": 0, "quantity": Decimal("0.0002")}[measure]
    changed = [*rows[:index], replace(rows[index], **{measure: replace(old, printed=new)}), *rows[index + 1 :]]
    if abs(new.value - old.printed.value) > hidden_by_rounding:
        assert noticed(changed), (text, new.text)
    if (measure != "quantity" and abs(new.value - old.printed.value) > hidden_by_rounding) or abs(
        new.value / old.printed.value - 1
    ) > _ROUNDED:
        assert failing(changed), (text, new.text)


@given(tables, st.sampled_from([("万元", "km2"), ("1e8 CNY", "ha"), ("元", "m2")]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_other_units_give_the_same_verdicts(rows, units, is_wrong):
    """The same figures with every unit named otherwise: the products hold or fail as before, since value, price and
    area change together.
    """
    money, land = units
    if is_wrong:
        first = rows[0]
        wrong = read_figure("9" + first.value.printed.text)
        rows = [replace(first, value=replace(first.value, printed=wrong)), *rows[1:]]

    def renamed(one):
        if one is None:
            return None
        text = one.unit.text.replace("CNY", money).replace("ha", land)
        return replace(one, unit=read_unit(text))

    other = [replace(r, quantity=renamed(r.quantity), price=renamed(r.price), value=renamed(r.value)) for r in rows]
    assert [c.verdict for c in product_checks(rows)] == [c.verdict for c in product_checks(other)]
    assert [c.verdict for c in sum_checks(rows)] == [c.verdict for c in sum_checks(other)]


# the published tables -------------------------------------------------------------------------------------------------

SOUND = (
    "huanghua_soil_retention_2011",
    "ganzi_2010",
    "inner_mongolia_2019",
    "jiangsu_equivalent_factor_2013",
    "yinchuan_equivalent_factor_1980_2018",
)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published accounts of ../shared are not at hand")
@pytest.mark.parametrize("case", SOUND)
def test_a_changed_digit_of_a_published_table_is_found(case, tmp_path):
    """The first digit of figures that take part in an identity, ten of them drawn by a fixed seed, written to disk and
    read again.
    """
    sound = audit(PUBLISHED / case)
    used = {place for check in sound.holds for place in check.cells}
    rows = read_accounts(PUBLISHED / case).rows
    spots = [
        one
        for row in rows
        for one in (row.quantity, row.price, row.value)
        if one and one.place in used and one.printed.value >= 1
    ]
    for spot in random.Random(case).sample(spots, min(10, len(spots))):
        name, line, column = (part.split(" ")[-1] for part in spot.place.split(", "))
        _copy_with_a_changed_digit(case, tmp_path, name, int(line), {"price": "unit_price"}.get(column, column))
        assert len(audit(tmp_path).fails) > len(sound.fails), spot.place


def _copy_with_a_changed_digit(case, folder, name, line, column):
    import csv

    for path in (PUBLISHED / case).glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = list(csv.reader(file))
        if path.name == name:
            text = cells[line - 1][cells[0].index(column)]
            at = next(i for i, character in enumerate(text) if character.isdigit())
            cells[line - 1][cells[0].index(column)] = text[:at] + str((int(text[at]) + 4) % 9 + 1) + text[at + 1 :]
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(cells)
