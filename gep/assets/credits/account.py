"""The accounts of carbon credits: what may be issued, what a ledger comes to, what prices were, whether a sink is
claimed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.assets.account import AssetAccount, AssetTable, Line
from gep.assets.context import Context
from gep.assets.credits.books import NOTICES, ledger_account
from gep.assets.credits.claims import CLAIMS, SINKS, Claimed, claims_of, same_ground
from gep.assets.credits.issuance import MONITORED, Issue, issues, standard_named
from gep.assets.credits.layout import CREDITS, MONEY, PRICE, account_of, measure, table_of
from gep.assets.credits.prices import (
    CONTRACTS,
    PRICES,
    Contract,
    PriceBook,
    YearOfTrades,
    bound_named,
    contracts,
    price_book,
)
from gep.assets.credits.statement import plain_text
from gep.assets.figures import made
from gep.assets.tables import Column, Row, stop_on
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import Text, say
from gep.stocks import credits as equations

if TYPE_CHECKING:
    from geopandas.geodataframe import GeoDataFrame

PIPELINE = (
    Column("project"),
    Column("stage", among=("potential", "validation", "registered", "issuing", "ended")),
    Column("potential", "number", CREDITS, least=0),
    Column("probability", "number", "1", is_needed=False, least=0, most=1),
    Column("source"),
)


def price_table(years: Sequence[YearOfTrades]) -> AssetTable:
    """Volume, value and mean by product and year."""
    lines = []
    for of in years:
        basis = "derived" if of.is_derived else of.bound
        words = {} if of.mean is not None else {"mean_price": say("credits.no_mean")}
        labels = {
            "product": plain_text(of.product),
            "year": plain_text(of.year),
            "basis": say(f"credits.bound.{basis}"),
        }
        figures = {"credits": of.credits, "value": of.value, "mean_price": of.mean}
        lines.append(Line(labels, figures, words, key=f"{of.product}/{of.year}"))
    measures = [measure("credits", CREDITS), measure("value", MONEY, 2), measure("mean_price", PRICE, 2)]
    return table_of("prices", ("product", "year", "basis"), measures, lines, say("credits.note.prices"))


def contract_table(found: Sequence[Contract]) -> AssetTable:
    """Contracts, with the range of their credits where nobody printed them."""
    lines = []
    for of in found:
        labels = {
            "contract": plain_text(of.name),
            "product": plain_text(of.product),
            "parties": of.parties,
            "basis": bound_named(of.bound),
        }
        figures = {"value": of.value, "least": of.low, "most": of.high, "mean_price": of.price}
        words = {name: say("credits.not_known") for name in ("least", "most") if figures[name] is None}
        lines.append(Line(labels, figures, words, key=of.name))
    measures = [
        measure("value", MONEY),
        measure("least", CREDITS),
        measure("most", CREDITS),
        measure("mean_price", PRICE, 2),
    ]
    return table_of(
        "contracts", ("contract", "product", "parties", "basis"), measures, lines, say("credits.note.contracts")
    )


def issuance_table(found: Sequence[Issue]) -> AssetTable:
    """What projects may issue for the periods that were monitored."""
    lines = []
    for of in found:
        period = f"{of.begins} – {of.ends}"
        labels = {
            "project": plain_text(of.project),
            "standard": standard_named(of.standard),
            "period": plain_text(period),
        }
        figures = {
            "removal": of.removal,
            "baseline": of.baseline,
            "net": of.net,
            "buffer": of.buffer,
            "issued": of.issued,
            "yearly": of.yearly,
        }
        lines.append(Line(labels, figures, key=f"{of.project}/{of.begins}"))
    measures = [
        *(measure(name, CREDITS) for name in ("removal", "baseline", "net", "buffer", "issued")),
        measure("yearly", "t*CO2/year"),
    ]
    return table_of("issuance", ("project", "standard", "period"), measures, lines, say("credits.note.issuance"))


def pipeline_table(rows: Sequence[Row]) -> AssetTable:
    """What projects may come to, times how likely somebody thinks that is."""
    lines = []
    for row in rows:
        potential, probability = row.figure("potential"), row.number("probability")
        expected = None
        if probability is not None:
            expected = made(equations.pipeline, potential=potential, probability=probability)
        labels = {
            "project": plain_text(row.text("project")),
            "stage": say(f"credits.stage.{row.text('stage')}"),
            "source": plain_text(row.text("source")),
        }
        words = {} if expected is not None else {"expected": say("credits.no_probability")}
        lines.append(Line(labels, {"potential": potential, "expected": expected}, words, key=row.text("project")))
    measures = [measure("potential", CREDITS), measure("expected", CREDITS)]
    return table_of("pipeline", ("project", "stage", "source"), measures, lines, say("credits.note.pipeline"))


def claim_table(found: Sequence[Claimed]) -> AssetTable:
    """What is claimed of each parcel and year, beside what was measured."""
    lines = [
        Line(
            {
                "parcel": plain_text(of.parcel),
                "year": plain_text(of.year),
                "products": plain_text(", ".join(of.products)),
            },
            {"sink": of.sink, "claimed": of.claimed, "unclaimed": of.left},
            key=f"{of.parcel}/{of.year}",
        )
        for of in found
    ]
    measures = [measure(name, CREDITS) for name in ("sink", "claimed", "unclaimed")]
    return table_of("claims", ("parcel", "year", "products"), measures, lines, say("credits.note.claims"))


def price_account(book: PriceBook, name: Text) -> AssetAccount:
    """The account of a price book alone."""
    return account_of("carbon_prices", name, [price_table(book.years())], None)


def accounts(context: Context) -> list[AssetAccount]:
    """The accounts of the section `[assets.credits]`: issuance, the ledger, prices and contracts, claims.

    Raises InputError with everything that is wrong in its tables.
    """
    section = context.project.assets.credits
    assert section is not None
    problems: list[Problem] = []

    def rows(path: str, columns: Sequence[Column]) -> tuple[Row, ...]:
        if not path:
            return ()
        read = context.read(path, columns)
        problems.extend(read.problems)
        return read.rows

    issued, wrong = issues(rows(section.monitoring, MONITORED), context.parameters(section))
    problems += wrong
    book, wrong = price_book(rows(section.prices, PRICES))
    problems += wrong
    signed, wrong = contracts(rows(section.contracts, CONTRACTS))
    problems += wrong
    claimed, wrong = claims_of(rows(section.claims, CLAIMS), rows(section.sinks, SINKS))
    problems += wrong
    planned, notices = rows(section.pipeline, PIPELINE), rows(section.notices, NOTICES)
    if section.parcels:
        problems += same_ground(_parcels(context.path(section.parcels)), least=section.overlap_allowed)
    stop_on(problems)
    name, year = context.name, context.year_of(section)
    first = account_of(
        "carbon_projects", name, [issuance_table(issued), pipeline_table(planned), claim_table(claimed)], year, problems
    )
    second = account_of("carbon_prices", name, [price_table(book.years()), contract_table(signed)], year)
    found = [account for account in (first, second) if account.tables]
    if section.ledger:
        if year is None and (section.begins is None or section.ends is None):
            raise InputError(say("assets.wrong_tables"), [problem("credits.K28.no_period", section.ledger)])
        begin, end = section.begins or date(year or 1, 1, 1), section.ends or date(year or 1, 12, 31)
        found.insert(0, ledger_account(context.path(section.ledger), name, begin, end, book, notices))
    return found


def _parcels(path: Path) -> GeoDataFrame:
    import pyogrio as untyped
    from pyogrio.errors import DataSourceError

    pyogrio: Any = untyped

    try:
        frame: GeoDataFrame = pyogrio.read_dataframe(path)
    except DataSourceError as error:
        found = problem("credits.K27.unreadable", path.name, reason=error)
        raise InputError(say("credits.unusable", file=path.name), [found]) from error
    if lacking := [name for name in ("parcel", "project") if name not in frame.columns]:
        found = problem("credits.K27.no_columns", path.name, found=", ".join(frame.columns), lacking=lacking)
        raise InputError(say("credits.unusable", file=path.name), [found])
    return frame
