"""Tables of accounts as others publish them."""

import csv

HEADINGS = [
    *("region", "subregion", "year", "ecosystem_type", "service_category", "service", "indicator"),
    *("quantity", "quantity_unit", "unit_price", "price_unit", "value", "value_unit", "source_table", "note"),
]


def write(path, rows, headings=HEADINGS, encoding="utf-8"):
    """A table of dictionaries as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(**cells):
    """A row of the tidy format for Testland 2020."""
    return {"region": "Testland", "year": "2020", **cells}


def cross_table(values=None):
    """Two services by two ecosystems, with both kinds of totals: 10.5 + 20.5 = 31, 1.25 + 2.25 = 3.5, 34.5 in all."""
    cells = {
        ("forest", "water"): "10.50",
        ("grassland", "water"): "20.50",
        ("forest", "soil"): "1.25",
        ("grassland", "soil"): "2.25",
    }
    cells |= {
        ("ALL", "water"): "31.00",
        ("ALL", "soil"): "3.50",
        ("forest", "ALL"): "11.75",
        ("grassland", "ALL"): "22.75",
        ("ALL", "ALL"): "34.50",
    }
    cells |= values or {}
    same = {"value_unit": "1e8 CNY", "source_table": "T1"}
    return [
        row(ecosystem_type=e, service_category="ALL" if s == "ALL" else "regulating", service=s, value=v, **same)
        for (e, s), v in cells.items()
    ]
