"""EXP-7: OFX as a parser of that format reads it (RA-9)."""

from __future__ import annotations

import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from ofxtools.Parser import OFXTree

from handlers.receipts.exports.ledger import Ledger, State
from handlers.receipts.exports.ofx import account_number, ofx_file
from handlers.receipts.exports.plain_text import shortened
from tests.handlers.receipts.exports.ledgers import ACCOUNTS, any_ledger, later, ledger_of, shop, small_ledger

_DIGITS = {"USD": 2, "JPY": 0, "KWD": 3}


def _statements(content: bytes) -> list[Any]:
    tree = OFXTree()
    tree.parse(io.BytesIO(content))
    statements: list[Any] = tree.convert().statements
    return statements


def _only(ledger: Ledger) -> Any:
    ((transaction,),) = [statement.transactions for statement in _statements(ofx_file(ledger).content)]
    return transaction


def test_exp_7_a_purchase() -> None:
    (statement,) = _statements(ofx_file(ledger_of(shop())).content)
    (transaction,) = statement.transactions
    assert (statement.curdef, statement.account.acctid) == ("USD", account_number(ACCOUNTS[0]))
    assert (transaction.trntype, transaction.trnamt, transaction.fitid) == ("DEBIT", Decimal("-26.23"), "rcp_02K1M")
    assert (transaction.name, transaction.memo) == ("Miller's Market", "for the week / Q4M8")
    assert transaction.dtposted.isoformat() == "2026-04-02T12:00:00+00:00"
    assert statement.ledgerbal.balamt == Decimal("-26.23")


def test_exp_7_money_back_is_a_credit() -> None:
    back = _only(ledger_of(shop(amount_minor=-1_000)))
    assert (back.trntype, back.trnamt) == ("CREDIT", Decimal("10.00"))


def test_exp_7_one_statement_per_account_and_currency() -> None:
    statements = _statements(ofx_file(small_ledger()).content)
    assert sorted((one.account.acctid[:4], one.curdef, len(one.transactions)) for one in statements) == [
        ("4421", "KWD", 1),
        ("4421", "USD", 2),
        ("9876", "USD", 2),
        ("CASH", "JPY", 1),
    ]


def test_exp_7_the_bank_s_balance_is_used_where_known() -> None:
    balances = {one.account.acctid[:4]: one.ledgerbal.balamt for one in _statements(ofx_file(small_ledger()).content)}
    assert balances["9876"] == Decimal("1500.00")
    assert balances["CASH"] == Decimal(-1200)


@pytest.mark.parametrize("merchant", ['Tom & Jerry\'s <b>"Bar"</b>', "é" * 40, "a" * 31 + " b", "e\u0301" * 40])
def test_exp_7_names_are_escaped_and_at_most_32_long(merchant: str) -> None:
    name = _only(ledger_of(shop(merchant=merchant))).name
    assert len(name) <= 32
    assert name == shortened(merchant, 32)


def test_exp_7_fitid_stays_through_a_correction() -> None:
    before = shop()
    after = shop(amount_minor=2_700, merchant="Other", updated_at=later(before))
    assert _only(ledger_of(before)).fitid == _only(ledger_of(after)).fitid


def test_exp_7_an_empty_export_is_still_ofx() -> None:
    assert _statements(ofx_file(ledger_of(shop(state=State.DRAFT))).content) == []


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(any_ledger())
def test_ra_9_exp_7_the_parser_reads_the_same_amounts(ledger: Ledger) -> None:
    content = ofx_file(ledger).content
    assert content == ofx_file(ledger).content
    read = {
        transaction.fitid: (transaction.trnamt, statement.curdef, transaction.dtposted.date())
        for statement in _statements(content)
        for transaction in statement.transactions
    }
    posted = [entry for entry in ledger.entries if entry.state is State.POSTED]
    assert read == {
        entry.id: (Decimal(-entry.amount_minor).scaleb(-_DIGITS[entry.currency]), entry.currency, entry.date)
        for entry in posted
    }
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in posted:
        key = (account_number(ledger.account(entry.account_id)), entry.currency)
        sums[key] -= Decimal(entry.amount_minor).scaleb(-_DIGITS[entry.currency])
    assert {(one.account.acctid, one.curdef): one.ledgerbal.balamt for one in _statements(content)} == dict(sums)
