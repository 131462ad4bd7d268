"""The ledger of credits: what it refuses, that nothing is half-written, that no tonne is sold twice, that an export
comes back.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from gep.assets.credits.books import ledger_account
from gep.assets.credits.exchange import export_ledger, import_ledger
from gep.assets.credits.holdings import costs, roll_forward, serials_moved
from gep.assets.credits.ledger import Ledger
from gep.assets.credits.prices import PRICES, price_book
from gep.assets.credits.statement import cancellation, offset
from gep.assets.figures import given
from gep.assets.tables import read_table
from gep.core.errors import InputError
from gep.core.messages import Text

CREDITS, VALUE = "credits [t*CO2]", "value [CNY]"
PROJECTS = pd.DataFrame(
    [
        {
            "project": "VCS1529",
            "title": "Chaoer",
            "standard": "VCS",
            "ecosystem": "forest",
            "zone": "A",
            "crediting_begins": "2017-12-01",
            "crediting_ends": "2077-11-30",
        }
    ]
)


def lots(*rows):
    names = ("lot", "vintage_begins", "vintage_ends", "date", CREDITS, "first_serial", "last_serial")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).assign(
        project="VCS1529", product="VCS", series="S"
    )


TWO = lots(
    ("L1", "2018-01-01", "2018-12-31", "2019-06-01", 50000, 1, 50000),
    ("L2", "2019-01-01", "2019-12-31", "2020-06-01", 40000, 50001, 90000),
)


def entry(day, kind, lot="L1", quantity=None, value=None, holder="G", **more):
    return {"date": day, "kind": kind, "lot": lot, "holder": holder, CREDITS: quantity, VALUE: value, **more}


ISSUED = (entry("2019-06-01", "issue", "L1", 50000, 250000), entry("2020-06-01", "issue", "L2", 40000, 280000))


def posted(path: Path, *entries) -> Path:
    with Ledger(path, may_write=True) as ledger:
        ledger.post(projects=PROJECTS, lots=TWO, entries=pd.DataFrame([*ISSUED, *entries]))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return posted(tmp_path / "city.ledger")


def refusal(path: Path, **tables) -> list[str]:
    """The codes of what is wrong, once the ledger is seen to be as it was to the last byte."""
    before = path.read_bytes()
    with Ledger(path, may_write=True) as ledger, pytest.raises(InputError) as caught:
        ledger.post(**tables)
    assert path.read_bytes() == before
    assert all(problem.place for problem in caught.value.problems)
    return sorted(problem.code for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([entry("2021-01-01", "sell", "L1", 50001)], ["K24"]),
        ([entry("2021-01-01", "sell", "L1", 30000), entry("2021-01-01", "sell", "L1", 30000)], ["K24"]),
        ([entry("2021-01-01", "sell", "L1", 10, holder="B")], ["K24"]),
        ([entry("2021-01-01", "pledge", "L1", 50000), entry("2021-01-02", "sell", "L1", 1)], ["K24"]),
        ([entry("2021-01-01", "issue", "L1", 1)], ["K24"]),
        ([entry("2021-01-01", "sell", "L9", 1)], ["K22"]),
        ([entry("2021-01-01", "sell", "L1", -5)], ["K02"]),
        ([entry("2021-01-01", "sell", "L1", 1.5)], ["K28"]),
        ([entry("2021-01-01", "sell", "L1", 0)], ["K28"]),
        ([entry("2021-01-01", "sell", "L1", None)], ["K28"]),
        ([entry("2020-01-01", "issue", "L2", 1)], ["K25"]),
        ([entry("2021-01-01", "cancel", "L1", 1)], ["K28"]),
        ([entry("2021-01-01", "transfer", "L1", 1)], ["K28"]),
        ([entry("2021-01-01", "sell", "L1", 1, new_holder="B")], ["K28"]),
        ([entry("2021-01-01", "sell", "L1", 1, holder="")], ["K28"]),
        ([entry("2021-01-01", "sell", "L1", 1, corrects=1)], ["K28"]),
        ([entry("2021-01-01", "correct", "", corrects=77, holder="")], ["K28"]),
        ([entry("2019-01-01", "correct", "", corrects=1, holder="")], ["K25"]),
        ([entry("2021-01-01", "correct", "L1", 7, corrects=1)], ["K28"]),
        ([entry("2021-01-01", "correct", "", corrects=1), entry("2021-01-01", "correct", "", corrects=1)], ["K28"]),
        (
            [entry("2021-01-01", "sell", "L1", 1, voucher="a"), entry("2021-01-01", "sell", "L1", 1, voucher="a")],
            ["K22"],
        ),
        ([entry("2021-01-01", "give", "L1", 1)], ["K02"]),
        ([entry("2021-01-01", "sell", "L9", 1), entry("2021-01-01", "sell", "L1", 99999)], ["K22", "K24"]),
    ],
)
def test_entries_that_are_refused(path: Path, rows, codes):
    assert refusal(path, entries=pd.DataFrame(rows)) == codes


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("L1", "2020-01-01", "2020-12-31", "2021-06-01", 10, 90001, 90010), "K22"),
        (("L3", "2017-01-01", "2017-12-31", "2021-06-01", 10, 90001, 90010), "K20"),  # VCS 1529 begins in December
        (("L3", "2020-01-01", "2020-12-31", "2021-06-01", 10, 89999, 90008), "K21"),
        (("L3", "2020-01-01", "2020-12-31", "2021-06-01", 10, 1, 20), "K21"),
        (("L3", "2020-01-01", "2020-12-31", "2021-06-01", 10, 90001, None), "K21"),
        (("L3", "2020-01-01", "2020-12-31", "2020-06-01", 10, 90001, 90010), "K25"),
        (("L3", "2020-12-31", "2020-01-01", "2021-06-01", 10, 90001, 90010), "K20"),
        (("L3", "2020-01-01", "2020-12-31", "2021-06-01", 10.5, 90001, 90010), "K28"),
        (("L3", "2020-01-01", "2020-12-31", "2021-06-01", -10, 90001, 90010), "K02"),
    ],
)
def test_lots_that_are_refused(path: Path, row, code: str):
    assert set(refusal(path, lots=lots(row))) == {code}


def test_serial_numbers_within_those_of_another_lot_of_the_same_posting(path: Path):
    rows = [
        (f"N{first}", "2020-01-01", "2020-12-31", "2021-06-01", last - first + 1, first, last)
        for first, last in ((90001, 90100), (90010, 90020), (90050, 90050))
    ]
    assert refusal(path, lots=lots(*rows)) == ["K21", "K21"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"crediting_ends": "2000-01-01"}, "K20"), ({}, "K20"), ({"crediting_begins": "soon"}, "K02")],
)
def test_projects_that_are_refused(path: Path, changes, code: str):
    assert set(refusal(path, projects=PROJECTS.assign(**changes))) == {code}


def test_an_entry_of_the_past_must_leave_enough_for_the_days_after(path: Path):
    posted_later = [entry("2022-01-01", "sell", "L1", 40000)]
    with Ledger(path, may_write=True) as ledger:
        ledger.post(entries=pd.DataFrame(posted_later))
        ledger.post(entries=pd.DataFrame([entry("2021-01-01", "sell", "L1", 10000)]))
    assert refusal(path, entries=pd.DataFrame([entry("2020-01-01", "sell", "L1", 1)])) == ["K24"]


def test_the_file_itself_refuses(path: Path):
    """Whatever else writes to the file: nothing is changed, deleted, replaced, oversold or dated before its issue."""
    move = "INSERT INTO entries (date, kind, lot, from_holder, from_state, to_holder, to_state, quantity) VALUES "
    lot = "INSERT INTO lots VALUES ('L3', 'VCS1529', 'VCS', "
    statements = [
        "UPDATE entries SET quantity = 1",
        "DELETE FROM entries",
        "DELETE FROM lots",
        "UPDATE projects SET ends = '2090-01-01'",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE entry = 1",
        move + "('2021-01-01', 'sell', 'L1', 'G', 'held', '', 'outside', 50001)",
        move + "('2021-01-01', 'sell', 'L1', 'B', 'held', '', 'outside', 1)",
        move + "('2019-01-01', 'sell', 'L1', 'G', 'held', '', 'outside', 1)",
        move + "('2021-02-30', 'sell', 'L1', 'G', 'held', '', 'outside', 1)",
        move + "('2021-01-01', 'sell', 'L1', 'G', 'held', '', 'outside', 1.5)",
        move + "('2021-01-01', 'sell', 'L1', 'G', 'held', '', 'outside', -1)",
        move + "('2021-01-01', 'cancel', 'L1', 'G', 'cancelled', 'G', 'held', 1)",
        lot + "'2017-01-01', '2017-12-31', '2021-01-01', 1, NULL, NULL, NULL)",
        lot + "'2020-01-01', '2020-12-31', '2021-01-01', 1, 'S', 7, 7)",
    ]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = ON")
    for statement in statements:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


def test_the_file_has_a_voucher_and_a_correction_once(path: Path):
    move = "INTO entries (date, kind, lot, from_holder, from_state, to_holder, to_state, quantity, "
    sale = move + "reference) VALUES ('2021-01-01', 'sell', 'L1', 'G', 'held', '', 'outside', 1, 'V1')"
    back = move + "corrects) VALUES ('2021-01-02', 'correct', 'L1', '', 'outside', 'G', 'held', 1, 3)"
    connection = sqlite3.connect(path)
    for statement in (sale, back):
        connection.execute(f"INSERT {statement}")
        for again in ("INSERT", "INSERT OR REPLACE"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(f"{again} {statement}")
    assert connection.execute("SELECT count(*) FROM entries").fetchone() == (4,)
    connection.close()


def test_a_balance_that_was_tampered_with_is_told(path: Path):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE balances SET quantity = 60000 WHERE state = 'held' AND lot = 'L1'")
    connection.close()
    with pytest.raises(InputError) as caught:
        ledger_account(path, Text("a", "甲"), date(2020, 1, 1), date(2020, 12, 31))
    assert [(problem.code, problem.subject) for problem in caught.value.problems] == [("K29", "L1")]


def test_what_is_no_ledger(tmp_path: Path):
    text, other = tmp_path / "a.txt", tmp_path / "b.sqlite"
    text.write_text("no database " * 100, encoding="utf-8")
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    for file in (text, other, tmp_path / "none", tmp_path / "none" / "c"):
        for may_write in (False, True):
            if file == tmp_path / "none" and may_write:
                continue
            with pytest.raises(InputError) as caught:
                Ledger(file, may_write=may_write)
            assert [problem.code for problem in caught.value.problems] == ["K29"]


# corrections ----------------------------------------------------------------------------------------------------------


def test_a_correction_is_an_entry(path: Path):
    """50000 t sold in 2021 are taken back in 2022: minus 50000 in that year's line, and no cost of sale any more."""
    with Ledger(path, may_write=True) as ledger:
        ledger.post(entries=pd.DataFrame([entry("2021-05-01", "sell", "L1", 50000, 900000)]))
        ledger.post(entries=pd.DataFrame([entry("2022-03-01", "correct", "", corrects=3, holder="", note="typo")]))
        entries, lots_of = ledger.entries(), ledger.lots()
        assert ledger.problems() == []
    key = "G", "VCS", "2018"
    first = roll_forward(entries, lots_of, "2021-01-01", "2021-12-31")[key]
    then = roll_forward(entries, lots_of, "2022-01-01", "2022-12-31")[key]
    assert (first.opening, first.lines["sold"], first.closing) == (50000, 50000, 0)
    assert (then.opening, then.lines["sold"], then.closing) == (0, -50000, 50000)
    assert costs(entries, lots_of, "2021-01-01", "2021-12-31")["G", "VCS"].fifo_cost == 250000
    after = costs(entries, lots_of, "2022-01-01", "2022-12-31")["G", "VCS"]
    assert (after.sold, after.closing, after.fifo_closing) == (0, 90000, 530000)
    assert refusal(path, entries=pd.DataFrame([entry("2022-04-01", "correct", "", corrects=3, holder="")])) == ["K28"]
    assert refusal(path, entries=pd.DataFrame([entry("2022-04-01", "correct", "", corrects=4, holder="")])) == ["K28"]


def test_a_lot_that_was_written_wrong_is_voided_and_frees_its_numbers(tmp_path: Path):
    path = tmp_path / "city.ledger"
    with Ledger(path, may_write=True) as ledger:
        ledger.post(projects=PROJECTS, lots=TWO)
        ledger.post(entries=pd.DataFrame([entry("2021-01-01", "void", "L1", 50000, holder="")]))
        ledger.post(lots=lots(("L1b", "2018-01-01", "2018-12-31", "2019-06-01", 5000, 1, 5000)))
        export_ledger(ledger, tmp_path / "out")
    import_ledger(tmp_path / "out", tmp_path / "again.ledger")
    with Ledger(tmp_path / "again.ledger") as again, Ledger(path) as ledger:
        assert again.balances() == ledger.balances()


def test_serial_numbers_go_from_the_lowest_and_come_back(path: Path):
    with Ledger(path, may_write=True) as ledger:
        ledger.post(
            entries=pd.DataFrame(
                [
                    entry("2021-01-01", "transfer", "L1", 100, new_holder="B"),
                    entry("2021-01-02", "sell", "L1", 50),
                    entry("2021-01-03", "correct", "", corrects=3, holder=""),
                    entry("2021-01-04", "sell", "L1", 120),
                ]
            )
        )
        of = ledger.lots()["L1"]
        moved = {number: serials_moved(ledger.entries_of("L1"), of, number) for number in (3, 4, 5, 6)}
    assert moved == {3: ((1, 100),), 4: ((101, 150),), 5: ((1, 100),), 6: ((1, 100), (151, 170))}


def test_what_goes_to_the_buffer_keeps_its_cost(path: Path):
    """L1 at 5, L2 at 7: 20000 t at 5 go to the buffer; 40000 sold are 30000 at 5 and 10000 at 7."""
    with Ledger(path, may_write=True) as ledger:
        ledger.post(
            entries=pd.DataFrame(
                [
                    entry("2021-01-01", "to_buffer", "L1", 20000),
                    entry("2021-02-01", "sell", "L1", 30000, 1),
                    entry("2021-02-01", "sell", "L2", 10000, 1),
                    entry("2021-03-01", "from_buffer", "L1", 5000),
                    entry("2021-04-01", "reverse_buffer", "L1", 15000),
                ]
            )
        )
        found = costs(ledger.entries(), ledger.lots(), "2021-01-01", "2021-12-31")["G", "VCS"]
    assert (found.fifo_cost, found.closing, found.fifo_closing) == (220000, 35000, 30000 * 7 + 5000 * 5)


def test_a_cost_that_is_not_known_is_none(tmp_path: Path):
    path = tmp_path / "city.ledger"
    with Ledger(path, may_write=True) as ledger:
        ledger.post(
            projects=PROJECTS,
            lots=TWO,
            entries=pd.DataFrame(
                [entry("2019-06-01", "issue", "L1", 50000), entry("2021-01-01", "sell", "L1", 10, 500)]
            ),
        )
    account = ledger_account(path, Text("a", "甲"), date(2021, 1, 1), date(2021, 12, 31))
    line = account.table("cost").line("G/VCS")
    assert line.figures["proceeds"].value == 500
    assert line.figures["fifo_cost"] is line.figures["average_margin"] is None


# the account ----------------------------------------------------------------------------------------------------------


def test_holdings_value_and_statistics(path: Path):
    with Ledger(path, may_write=True) as ledger:
        ledger.post(
            entries=pd.DataFrame(
                [entry("2021-05-01", "sell", "L1", 50000, 900000), entry("2021-06-01", "freeze", "L2", 6000)]
            )
        )
    prices = pd.DataFrame(
        [("2020-12-31", "listed", 10.0), ("2021-12-31", "listed", 12.0), ("2021-06-30", "floor", 8.0)],
        columns=["date", "price_kind", "credit_price [CNY/(t*CO2)]"],
    ).assign(product="VCS", source="s")
    book, _ = price_book(read_table(prices, PRICES).rows)
    account = ledger_account(path, Text("a", "甲"), date(2021, 1, 1), date(2021, 12, 31), book)
    value = account.table("value").line("G/VCS").figures
    assert {name: value[name].value for name in ("market", "floor_value", "lower")} == {
        "market": 480000,
        "floor_value": 320000,
        "lower": 280000,
    }
    assert value["revaluation"].value == 480000 - (90000 * 10 - 900000)
    row = account.table("roll_forward").line("G/VCS/2019").figures
    assert (row["closing"].value, row["available"].value) == (40000, 34000)
    assert account.table("by_state").figure("VCS/frozen", "credits").value == 6000
    assert account.table("by_zone").figure("VCS/A", "credits").value == 40000
    assert account.table("sales").figure("VCS", "mean_price").value == 18
    assert account.table("sales").figure("VCS", "turnover").value == pytest.approx(50000 / 65000)
    assert account.explain("roll_forward", "G/VCS/2019", "available")["figure"]["parts"]


def test_a_statement_of_cancellation(path: Path):
    with Ledger(path, may_write=True) as ledger:
        more = {"party": "winter games", "purpose": "carbon neutrality", "register": "Verra"}
        ledger.post(
            entries=pd.DataFrame(
                [
                    entry("2024-01-10", "cancel", "L1", 30000, 0, **more),
                    entry("2024-01-11", "cancel", "L2", 1, 0, **more),
                    entry("2024-01-12", "correct", "", corrects=4, holder=""),
                ]
            )
        )
        found = cancellation(ledger, 3, given(50, "CNY/(t*CO2)", Text("here", "此处")))
        facts = {str(name): value for name, value in found.facts}
        assert facts["Serial numbers"] == "S-1 – S-30000"
        assert facts["Value for reference"] == "1,500,000.00 CNY"
        assert facts["Quantity"].zh == "30,000 吨二氧化碳"
        for number in (1, 4, 99):
            with pytest.raises(InputError) as caught:
                cancellation(ledger, number)
            assert [problem.code for problem in caught.value.problems] == ["K28"]


def test_an_event_is_offset_by_whole_tonnes_of_the_oldest(path: Path):
    emissions = given(50000.2, "t*CO2", Text("here", "此处"))
    with Ledger(path) as ledger:
        found = offset(ledger, "G", emissions)
        assert (found.needed.value, [(lot.lot, part) for lot, part in found.lots]) == (
            50001,
            [("L1", 50000), ("L2", 1)],
        )
        for refused in ({"products": ("CCER",)}, {"vintages": (2019, 2020)}):
            with pytest.raises(InputError) as caught:
                offset(ledger, "G", emissions, **refused)
            assert [problem.code for problem in caught.value.problems] == ["K24"]


@pytest.mark.parametrize("target", ["out", "out.xlsx"])
def test_an_export_comes_back_with_the_same_balances(path: Path, tmp_path: Path, target: str):
    with Ledger(path, may_write=True) as ledger:
        ledger.post(
            entries=pd.DataFrame(
                [
                    entry("2021-05-01", "transfer", "L1", 7, 100 / 3, new_holder="B", voucher="T, 1", note="=1+1"),
                    entry("2021-06-01", "correct", "", corrects=3, holder=""),
                    entry("2021-07-01", "pledge", "L2", 5),
                ]
            )
        )
        export_ledger(ledger, tmp_path / target)
        import_ledger(tmp_path / target, tmp_path / "again.ledger")
        with Ledger(tmp_path / "again.ledger") as again:
            assert again.balances() == ledger.balances()
            assert again.entries() == ledger.entries()
            assert (again.lots(), again.projects()) == (ledger.lots(), ledger.projects())
    for wrong in (tmp_path / target, tmp_path / "nothing"):
        with pytest.raises(InputError) as caught:
            import_ledger(wrong, path if wrong.name == target else tmp_path / "new.ledger")
        assert [problem.code for problem in caught.value.problems] == ["K29"]
    assert not (tmp_path / "new.ledger").exists()


# several programs, and one that is killed ---------------------------------------------------------------------------

SELLER = """
import sys
import pandas as pd
from pathlib import Path
from gep.assets.credits.ledger import Ledger
from gep.core.errors import InputError
print("ready", flush=True)
sys.stdin.readline()
row = {"date": "2021-01-01", "kind": "sell", "lot": "L1", "holder": "G", "credits [t*CO2]": 30000}
with Ledger(Path(sys.argv[1]), may_write=True) as ledger:
    try:
        ledger.post(entries=pd.DataFrame([row]))
        print("sold")
    except InputError as error:
        print(*(problem.code for problem in error.problems))
"""

KILLED = """
import os, signal, sys
import pandas as pd
from pathlib import Path
from gep.assets.credits.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), may_write=True)
ledger.connection.execute("PRAGMA cache_size = 1")  # what is posted goes to the disk before it is done
count = 0
def seen(statement):
    global count
    count += statement.startswith("INSERT INTO entries")
    if count == 2000:
        os.kill(os.getpid(), signal.SIGKILL)
ledger.connection.set_trace_callback(seen)
row = {"date": "2021-01-01", "kind": "sell", "lot": "L1", "holder": "G", "credits [t*CO2]": 1}
ledger.post(entries=pd.DataFrame([row] * 3000))
"""


def test_two_sellers_cannot_sell_the_same_tonne(path: Path):
    """Two processes sell 30000 of 50000 t at once: one does, the other is told what is left."""
    commands = [[sys.executable, "-c", SELLER, str(path)]] * 2
    sellers = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for c in commands]
    for seller in sellers:
        assert seller.stdout.readline() == "ready\n"
    with ThreadPoolExecutor() as pool:
        said = sorted(pool.map(lambda seller: seller.communicate("go\n")[0].strip(), sellers))
    assert said == ["K24", "sold"]
    with Ledger(path) as ledger:
        assert ledger.balances()["L1", "G", "held"] == 20000
        assert ledger.problems() == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills a process as POSIX does")
def test_a_process_killed_in_mid_posting_leaves_the_ledger_as_it_was(path: Path):
    with Ledger(path) as ledger:
        before = ledger.balances(), ledger.entries()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert os.path.exists(f"{path}-journal")  # it was in the middle of writing
    with Ledger(path) as ledger:
        assert (ledger.balances(), ledger.entries()) == before
        with pytest.raises(InputError):
            ledger.post(entries=pd.DataFrame([entry("2021-01-01", "sell", "L1", 1)]))
    with Ledger(path, may_write=True) as ledger:
        assert ledger.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ledger.post(entries=pd.DataFrame([entry("2021-01-01", "sell", "L1", 50000)]))
