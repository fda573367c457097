"""EXP-5 and EXP-6: beancount and hledger themselves judge what is written for them (RA-9)."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction
from hypothesis import HealthCheck, given, settings

from handlers.receipts.exports.beancount import beancount_file, used_accounts
from handlers.receipts.exports.chart import chart_of
from handlers.receipts.exports.hledger import hledger_file
from handlers.receipts.exports.ledger import (
    Account,
    AccountKind,
    Category,
    Entry,
    Kind,
    Ledger,
    Picture,
    Split,
    State,
    TaxLine,
)
from handlers.receipts.exports.postings import Posting, postings
from tests.handlers.receipts.exports.ledgers import any_ledger, ledger_of, shop, small_ledger

HLEDGER = shutil.which("hledger")
needs_hledger = pytest.mark.skipif(HLEDGER is None, reason="hledger is not installed")
fuzzed = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def _beancount(ledger: Ledger) -> str:
    return beancount_file(ledger).content.decode()


def _hledger(ledger: Ledger) -> str:
    return hledger_file(ledger).content.decode()


def _transactions(text: str) -> dict[str, Transaction]:
    entries, errors, _ = loader.load_string(text)
    assert [str(error) for error in errors] == []
    return {entry.meta["parley-id"]: entry for entry in entries if isinstance(entry, Transaction)}


def _run_hledger(text: str, *arguments: str) -> str:
    assert HLEDGER is not None
    done = subprocess.run(
        [HLEDGER, "-f", "-", *arguments], input=text.encode(), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def _units(moved: Posting, entry: Entry) -> Decimal:
    return Decimal(moved.amount_minor).scaleb(-{"USD": 2, "JPY": 0, "KWD": 3}[entry.currency])


def test_exp_5_a_purchase_as_beancount() -> None:
    text = _beancount(ledger_of(shop(pictures=(Picture("p1", "image/jpeg"),))))
    assert text.split("\n\n")[-1] == (
        '2026-04-02 * "Miller\'s Market" "for the week" #work ^Q4M8\n'
        '  parley-id: "rcp_02K1M"\n'
        '  document: "2026-04-02_millers-market_Q4M8.jpg"\n'
        "  Expenses:Groceries:Supermarket  25.10 USD\n"
        "  Expenses:Tax:Sales               1.13 USD\n"
        "  Liabilities:Card:4421          -26.23 USD\n"
    )


def test_exp_6_a_purchase_as_hledger() -> None:
    assert _hledger(ledger_of(shop())).split("\n\n")[-1] == (
        "2026-04-02 * (Q4M8) Miller's Market | for the week\n"
        "    ; parley-id: rcp_02K1M, work:\n"
        "    expenses:groceries:supermarket     25.10 USD\n"
        "    expenses:tax:sales                  1.13 USD\n"
        "    liabilities:card:4421             -26.23 USD\n"
    )


@pytest.mark.parametrize(("state", "flag"), [("draft", "!"), ("pending", "!"), ("posted", "*"), ("void", None)])
def test_exp_5_exp_6_flags(state: str, flag: str | None) -> None:
    ledger = ledger_of(shop(state=State(state)))
    for text in (_beancount(ledger), _hledger(ledger)):
        assert (f"2026-04-02 {flag} " in text) if flag else ("2026-04-02" not in text)


def test_exp_5_quotes_are_escaped_and_read_back() -> None:
    said = 'The "Q" \\ Bar'
    note = 'first "line"\nsecond\tline \\n'
    read = _transactions(_beancount(ledger_of(shop(merchant=said, note=note))))["rcp_02K1M"]
    assert (read.payee, read.narration, read.meta["note"]) == (said, "for the week", note)


def test_exp_5_tags_that_beancount_cannot_hold_stay_readable() -> None:
    read = _transactions(_beancount(ledger_of(shop(tags=("work", "夏 休み", "été")))))["rcp_02K1M"]
    assert read.tags is not None
    assert "work" in read.tags
    assert read.meta["tags"] == "work, 夏 休み, été"


def test_exp_5_accounts_of_an_earlier_file_are_not_opened_again() -> None:
    march, april = ledger_of(shop(id="r1")), ledger_of(shop(id="r2", account_id="a2"))
    first, second = _beancount(march), beancount_file(april, used_accounts(march)).content.decode()
    assert " open Liabilities:Card:4421" not in second
    assert " open Assets:Cash" in second
    assert set(_transactions(first + second)) == {"r1", "r2"}


def test_exp_5_names_are_legal_and_never_shared() -> None:
    categories = (
        Category("1", "Bars & Pubs"),
        Category("2", "bars pubs"),
        Category("3", "食費"),
        Category("4", "🍕", "3"),
    )
    accounts = (Account("x", "A", AccountKind.CARD, "4421"), Account("y", "B", AccountKind.CARD, "4421"))
    chart = chart_of(Ledger((), categories, accounts))
    assert [chart.category(one, Kind.EXPENSE) for one in "1234"] == [
        "Expenses:Bars-Pubs",
        "Expenses:Bars-pubs-2",
        "Expenses:X-食費",
        "Expenses:X-食費:X",
    ]
    assert [chart.account(one) for one in ("x", "y", None)] == [
        "Liabilities:Card:4421",
        "Liabilities:Card:4421-2",
        "Assets:Unassigned",
    ]


@pytest.mark.parametrize(
    ("amount", "tax", "category", "taxed"),
    [
        (2_623, 113, 2_510, 113),
        (2_623, 0, 2_623, 0),
        (-2_623, -113, -2_510, -113),
        (2_623, -113, 2_623, 0),
        (2_623, 2_624, 2_623, 0),
        (113, 113, 0, 113),
        (0, 113, 0, 0),
    ],
)
def test_exp_5_tax_is_split_off_when_it_can_be_a_part(amount: int, tax: int, category: int, taxed: int) -> None:
    ledger = ledger_of(shop(amount_minor=amount, taxes=(TaxLine(tax),)))
    moved = {one.account: one.amount_minor for one in postings(ledger.entries[0], chart_of(ledger))}
    assert moved.pop("Liabilities:Card:4421") == -amount
    assert moved.get("Expenses:Groceries:Supermarket", 0) == category
    assert moved.get("Expenses:Tax:Sales", 0) == taxed


def test_exp_5_the_tax_of_a_split_is_shared_in_proportion() -> None:
    parts = (Split(2_000, "c2"), Split(1_000, "c4"), Split(-100, "c1"))
    ledger = ledger_of(shop(amount_minor=2_900, taxes=(TaxLine(100),), splits=parts))
    assert {one.account: one.amount_minor for one in postings(ledger.entries[0], chart_of(ledger))} == {
        "Expenses:Groceries:Supermarket": 2_000 - 67,
        "Expenses:Food:Restaurants": 1_000 - 33,
        "Expenses:Groceries": -100,
        "Expenses:Tax:Sales": 100,
        "Liabilities:Card:4421": -2_900,
    }


@fuzzed
@given(any_ledger())
def test_ra_9_exp_5_bean_check_accepts_every_ledger(ledger: Ledger) -> None:
    read = _transactions(_beancount(ledger))
    chart = chart_of(ledger)
    assert set(read) == {entry.id for entry in ledger.entries if entry.state is not State.VOID}
    for entry in ledger.entries:
        if entry.state is not State.VOID:
            moved = [(one.account, one.units) for one in read[entry.id].postings]
            assert [(account, *(() if units is None else units)) for account, units in moved] == [
                (one.account, _units(one, entry), entry.currency) for one in postings(entry, chart)
            ]


@needs_hledger
@fuzzed
@given(any_ledger())
def test_ra_9_exp_6_hledger_check_accepts_every_ledger(ledger: Ledger) -> None:
    text, chart = _hledger(ledger), chart_of(ledger)
    _run_hledger(text, "check", "--strict")
    rows = csv.DictReader(io.StringIO(_run_hledger(text, "print", "-O", "csv")))
    read = [(row["date"], row["code"], row["account"], Decimal(row["amount"]), row["commodity"]) for row in rows]
    assert read == [
        (entry.date.isoformat(), entry.receipt_code, moved.account.lower(), _units(moved, entry), entry.currency)
        for entry in ledger.entries
        if entry.state is not State.VOID
        for moved in postings(entry, chart)
    ]


@needs_hledger
def test_exp_6_a_description_is_read_whole() -> None:
    text = _hledger(ledger_of(shop(merchant="Bob; Sons | Co (x)", description="* 2; 3", receipt_code="")))
    (row, *_) = csv.DictReader(io.StringIO(_run_hledger(text, "print", "-O", "csv")))
    assert (row["description"], row["code"], row["status"]) == ("Bob, Sons / Co (x) | * 2, 3", "", "*")


def test_exp_6_two_spaces_stand_before_the_longest_amount() -> None:
    account = Account("a", "B" * 60, AccountKind.BANK)
    text = _hledger(Ledger((shop(category_id=None, account_id="a", amount_minor=10**12),), (), (account,)))
    assert f"assets:bank:{'b' * 60}  -10000000000.00 USD\n" in text


@needs_hledger
def test_exp_6_ids_tags_and_notes_are_read_as_hledger_tags() -> None:
    text = _hledger(ledger_of(shop(tags=("work", "a: b, c"), note="one, two: [2026-02-30]")))
    assert _run_hledger(text, "tags", "parley-id", "--values") == "rcp_02K1M\n"
    assert _run_hledger(text, "tags", "note", "--values") == "one; two: [2026-02-30]\n"
    assert set(_run_hledger(text, "tags").split()) == {"a-b-c", "note", "parley-id", "work"}


@needs_hledger
def test_ra_9_exp_6_hledger_reads_the_same_amounts() -> None:
    text = _hledger(small_ledger())
    read = _run_hledger(text, "balance", "liabilities:card:4421", "--layout=bare", "-O", "csv", "-N")
    assert set(read.split("\n")) >= {
        '"liabilities:card:4421","KWD","-3.250"',
        '"liabilities:card:4421","USD","-42.46"',
    }


def test_ra_9_exp_5_the_bean_check_program_accepts_the_file(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("bean-check")
    path = tmp_path / "ledger.beancount"
    path.write_bytes(beancount_file(small_ledger()).content)
    done = subprocess.run([program, "--no-cache", path], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
