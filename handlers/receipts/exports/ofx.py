"""EXP-7: OFX 2.1.1, one statement for each account and currency.

FITID is our id and never changes; TRNAMT is negative for spending; amounts are dated at noon UTC, which is the same
date in nearly every zone. Only posted entries appear. LEDGERBAL is what the bank said where it said so in that
currency, else the sum of the statement. No clock is read: DTSERVER is the latest change among the entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from xml.sax.saxutils import escape

from handlers.receipts.currencies import decimal_text
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.ledger import Account, AccountKind, Entry, Ledger, State
from handlers.receipts.exports.plain_text import one_line, shortened

NAME_LENGTH = 32
MEMO_LENGTH = 255
FITID_LENGTH = 255
BANK_ID = "PARLEY"
_NO_ENTRY = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
"""
_GOOD = ("<STATUS>", "<CODE>0</CODE>", "<SEVERITY>INFO</SEVERITY>", "</STATUS>")


def ofx_file(ledger: Ledger) -> ExportFile:
    """Write the posted entries; bank accounts and cash as bank statements, cards as credit card statements."""
    statements = list(_statements(ledger))
    bank = [one for one in statements if not _is_card(one[0])]
    cards = [one for one in statements if _is_card(one[0])]
    lines = ["<OFX>", *_sign_on(ledger.entries)]
    for set_name, chosen in (("BANKMSGSRSV1", bank), ("CREDITCARDMSGSRSV1", cards)):
        if chosen:
            lines += [f"<{set_name}>", *(line for one in chosen for line in _statement(*one)), f"</{set_name}>"]
    text = _HEADER + "\n".join([*lines, "</OFX>", ""])
    return ExportFile("ledger.ofx", "application/x-ofx", text.encode())


def _statements(ledger: Ledger) -> Iterator[tuple[Account | None, str, list[Entry]]]:
    posted = [entry for entry in ledger.entries if entry.state is State.POSTED]
    ordered = sorted(posted, key=_statement_key)
    for (account_id, currency), entries in groupby(ordered, key=_statement_key):
        yield ledger.account(account_id or None), currency, list(entries)


def _statement_key(entry: Entry) -> tuple[str, str]:
    return entry.account_id or "", entry.currency


def _is_card(account: Account | None) -> bool:
    return account is not None and account.kind is AccountKind.CARD


def _sign_on(entries: Iterable[Entry]) -> Sequence[str]:
    served = max((entry.updated_at for entry in entries), default=_NO_ENTRY)
    head = ("<SIGNONMSGSRSV1>", "<SONRS>", *_GOOD, f"<DTSERVER>{_moment(served)}</DTSERVER>")
    return (*head, "<LANGUAGE>ENG</LANGUAGE>", "</SONRS>", "</SIGNONMSGSRSV1>")


def _statement(account: Account | None, currency: str, entries: Sequence[Entry]) -> Iterator[str]:
    prefix = "CC" if _is_card(account) else ""
    yield from (f"<{prefix}STMTTRNRS>", "<TRNUID>0</TRNUID>", *_GOOD)
    yield from (f"<{prefix}STMTRS>", f"<CURDEF>{currency}</CURDEF>", *_source(account))
    yield "<BANKTRANLIST>"
    yield from (f"<DTSTART>{_noon(entries[0].date)}</DTSTART>", f"<DTEND>{_noon(entries[-1].date)}</DTEND>")
    for entry in entries:
        yield from _transaction(entry)
    yield "</BANKTRANLIST>"
    amount, as_of = _balance(account, currency, entries)
    yield from ("<LEDGERBAL>", f"<BALAMT>{decimal_text(amount, currency)}</BALAMT>")
    yield from (f"<DTASOF>{as_of}</DTASOF>", "</LEDGERBAL>", f"</{prefix}STMTRS>", f"</{prefix}STMTTRNRS>")


def _source(account: Account | None) -> Sequence[str]:
    number = f"<ACCTID>{account_number(account)}</ACCTID>"
    if _is_card(account):
        return "<CCACCTFROM>", number, "</CCACCTFROM>"
    bank = f"<BANKID>{BANK_ID}</BANKID>"
    return "<BANKACCTFROM>", bank, number, "<ACCTTYPE>CHECKING</ACCTTYPE>", "</BANKACCTFROM>"


def account_number(account: Account | None) -> str:
    """Return what stands for an account's number: its last four digits, and a hash of our id (22 characters hold)."""
    if account is None:
        return "UNASSIGNED"
    digest = hashlib.sha256(account.id.encode("utf-8", "replace")).hexdigest()[:10]
    return f"{account.last4 if account.last4.isalnum() else account.kind.upper()}-{digest}"[:22]


def _transaction(entry: Entry) -> Iterator[str]:
    yield "<STMTTRN>"
    yield f"<TRNTYPE>{'DEBIT' if entry.amount_minor > 0 else 'CREDIT'}</TRNTYPE>"
    yield f"<DTPOSTED>{_noon(entry.date)}</DTPOSTED>"
    yield f"<TRNAMT>{decimal_text(-entry.amount_minor, entry.currency)}</TRNAMT>"
    yield f"<FITID>{escape(shortened(entry.id, FITID_LENGTH))}</FITID>"
    if name := shortened(entry.merchant or entry.description, NAME_LENGTH):
        yield f"<NAME>{escape(name)}</NAME>"
    if memo := shortened(_memo(entry), MEMO_LENGTH):
        yield f"<MEMO>{escape(memo)}</MEMO>"
    yield "</STMTTRN>"


def _memo(entry: Entry) -> str:
    return " / ".join(filter(None, map(one_line, (entry.description, entry.note, entry.receipt_code))))


def _balance(account: Account | None, currency: str, entries: Sequence[Entry]) -> tuple[int, str]:
    if account and account.balance and account.balance.currency == currency:
        return account.balance.amount_minor, _moment(account.balance.at)
    return -sum(entry.amount_minor for entry in entries), _noon(entries[-1].date)


def _noon(day: date) -> str:
    return f"{day:%Y%m%d}120000"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}"
