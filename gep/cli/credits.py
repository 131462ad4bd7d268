"""`gep credits`: what projects may issue, the ledger, prices, claims, statements."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.accounts import ExplainOption, OutOption, command_of, tell_accounts
from gep.cli.common import (
    JsonOption,
    LanguageOption,
    QuietOption,
    begin,
    options,
    print_json,
    told_where_unwritten,
)
from gep.cli.help import Command, Group
from gep.core.messages import Text, say

if TYPE_CHECKING:
    from gep.assets.credits.prices import PriceBook
    from gep.assets.credits.statement import Statement

credits_app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)

LedgerArgument = Annotated[Path, typer.Argument(metavar="LEDGER", show_default=False)]
FileOption = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", show_default=False)]
PricesOption = Annotated[Path | None, typer.Option("--prices", metavar="FILE", show_default=False)]


@credits_app.callback()
def _main(lang: LanguageOption = None) -> None:
    begin(lang)


credits_app.command("account", cls=Command)(command_of("credits"))


@credits_app.command("post", cls=Command)
def post(
    ledger: LedgerArgument,
    projects: Annotated[Path | None, typer.Option("--projects", metavar="FILE", show_default=False)] = None,
    lots: Annotated[Path | None, typer.Option("--lots", metavar="FILE", show_default=False)] = None,
    entries: Annotated[Path | None, typer.Option("--entries", metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add projects, lots and entries to a ledger, all of them or nothing."""
    begin(lang, as_json=as_json)
    from gep.assets.credits.ledger import Ledger
    from gep.core.errors import UsageError

    if projects is None and lots is None and entries is None:
        raise UsageError(say("cli.nothing_to_post"))
    with told_where_unwritten(ledger), Ledger(ledger, may_write=True) as book:
        posted = book.post(projects=projects, lots=lots, entries=entries)
    _tell_posted(ledger, posted._asdict(), as_json)


@credits_app.command("show", cls=Command)
def show_ledger(
    ledger: LedgerArgument,
    begins: Annotated[str, typer.Option("--begins", metavar="DATE", show_default=False)],
    ends: Annotated[str, typer.Option("--ends", metavar="DATE", show_default=False)],
    prices: PricesOption = None,
    explain: ExplainOption = "",
    out: OutOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What a ledger comes to in a period: holdings, cost by two methods, value, statistics."""
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.assets.credits.books import ledger_account

    name = Text(ledger.stem, ledger.stem)
    book = _book(prices) if prices else None
    found = ledger_account(ledger, name, _day(begins), _day(ends), book)
    tell_accounts([found], out, explain, language, as_json=as_json, is_one=True)


@credits_app.command("export", cls=Command)
def export(
    ledger: LedgerArgument,
    target: Annotated[Path, typer.Argument(metavar="TARGET", show_default=False)],
    lang: LanguageOption = None,
) -> None:
    """Write all that a ledger holds to a folder of CSV files or to a workbook."""
    language = begin(lang)
    from gep.assets.credits.exchange import export_ledger
    from gep.assets.credits.ledger import Ledger
    from gep.report.console import console

    with Ledger(ledger) as book, told_where_unwritten(target):
        export_ledger(book, target)
    console().print(say("cli.written", folder=target).to(language), markup=False, soft_wrap=True)


@credits_app.command("import", cls=Command)
def take_back(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", show_default=False)],
    ledger: LedgerArgument,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a ledger with what another one exported."""
    begin(lang, as_json=as_json)
    from gep.assets.credits.exchange import import_ledger

    with told_where_unwritten(ledger):
        posted = import_ledger(source, ledger)
    _tell_posted(ledger, posted._asdict(), as_json)


@credits_app.command("statement", cls=Command)
def statement(
    ledger: LedgerArgument,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", show_default=False)],
    price: Annotated[float | None, typer.Option("--price", min=0, metavar="CNY", show_default=False)] = None,
    out: FileOption = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """The statement on an entry that cancelled credits."""
    begin(lang, as_json=as_json)
    from gep.assets.credits.ledger import Ledger
    from gep.assets.credits.statement import cancellation
    from gep.assets.figures import given

    at = None if price is None else given(price, "CNY/(t*CO2)", say("credits.place.command"))
    with Ledger(ledger) as book:
        found = cancellation(book, entry, at)
    tell_statement(found, out)


@credits_app.command("offset", cls=Command)
def offset(
    ledger: LedgerArgument,
    holder: Annotated[str, typer.Argument(metavar="HOLDER", show_default=False)],
    emissions: Annotated[float, typer.Argument(metavar="TONNES", min=0, show_default=False)],
    product: Annotated[list[str] | None, typer.Option("--product", metavar="NAME", show_default=False)] = None,
    since: Annotated[int, typer.Option("--since", metavar="YEAR", show_default=False)] = 0,
    until: Annotated[int, typer.Option("--until", metavar="YEAR", show_default=False)] = 9999,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which of a holder's credits would offset an event: whole tonnes, rounded up, the oldest first."""
    language = begin(lang, as_json=as_json)
    from gep.assets.credits.ledger import Ledger
    from gep.assets.credits.statement import amount
    from gep.assets.credits.statement import offset as offset_of
    from gep.assets.figures import Figure, given
    from gep.report.console import console

    of = given(emissions, "t*CO2", say("credits.place.command"))
    with Ledger(ledger) as book:
        found = offset_of(book, holder, of, products=product or (), vintages=(since, until))
    if as_json:
        lots = [{"lot": lot.lot, "product": lot.product, "vintage": lot.vintage, "credits": n} for lot, n in found.lots]
        print_json({"schema": 1, "emissions": of.value, "needed": found.needed.value, "lots": lots})
        return
    lines = [say("credits.offset.line", emissions=amount(of, 2), needed=amount(found.needed))]
    for lot, count in found.lots:
        quantity = amount(Figure(count, "t*CO2"))
        lines.append(
            say("credits.offset.lot", quantity=quantity, lot=lot.lot, product=lot.product, vintage=lot.vintage)
        )
    for line in lines:
        console().print(line.to(language), markup=False, soft_wrap=True)


@credits_app.command("prices", cls=Command)
def prices(
    book: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    out: OutOption = None,
    explain: ExplainOption = "",
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Volume, value and mean price by year of a price book, years that follow from cumulative totals among them."""
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.assets.credits.account import price_account

    found = price_account(_book(book), Text(book.stem, book.stem))
    tell_accounts([found], out, explain, language, as_json=as_json, is_one=True)


def tell_statement(found: Statement, out: Path | None) -> None:
    """Show a statement, and write it where that is asked for."""
    from gep.report.console import console
    from gep.report.statements import show_statement, write_statement

    if out is not None:
        with told_where_unwritten(out):
            write_statement(found, out, options.language)
    if options.as_json:
        print_json(found.document())
    elif out is None:
        show_statement(found, console(), options.language)
    else:
        console().print(say("cli.written", folder=out).to(options.language), markup=False, soft_wrap=True)


def _book(path: Path) -> PriceBook:
    from gep.assets.credits.prices import PRICES, price_book
    from gep.assets.tables import read_table, stop_on

    read = read_table(path, PRICES)
    book, problems = price_book(read.rows)
    stop_on([*read.problems, *problems])
    return book


def _day(text: str) -> date:
    from gep.core.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(say("cli.no_date", text=text)) from error


def _tell_posted(ledger: Path, posted: dict[str, int], as_json: bool) -> None:
    from gep.report.console import console

    if as_json:
        print_json({"schema": 1, **posted})
    else:
        text = say("credits.posted", file=ledger.name, **posted).to(options.language)
        console().print(text, markup=False, soft_wrap=True)
