"""EXP-6: the ledger as an hledger journal, with the same content as the beancount file.

    2026-03-15 * (R7K2) Trader Joe's | weekly shop
        ; parley-id: rcp_01J9Z, work:
        expenses:groceries:supermarket     25.10 USD
        expenses:tax:sales                  1.13 USD
        liabilities:card:4421             -26.23 USD

Accounts and commodities are declared in front, so that `hledger check --strict` passes too. Two or more spaces stand
before an amount. Characters that would end a description, a tag or its value give way to ones that do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from handlers.receipts.currencies import decimal_text, exponent
from handlers.receipts.exports.beancount import UNSETTLED
from handlers.receipts.exports.chart import chart_of
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.ledger import Entry, Ledger, State
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.plain_text import one_line
from handlers.receipts.exports.postings import Posting, postings

AMOUNT_END = 44
_DESCRIPTION = str.maketrans({";": ",", "|": "/"})
_CODE = str.maketrans({"(": "", ")": "", ";": ""})
_VALUE = str.maketrans({",": ";"})
_NOT_IN_TAG = re.compile(r"[\s:,;\[\]]+")


def hledger_file(ledger: Ledger) -> ExportFile:
    """Write the journal; void entries are left out, drafts and pending ones are marked `!`."""
    chart, names = chart_of(ledger), picture_names(ledger)
    moves = [(entry, postings(entry, chart)) for entry in ledger.entries if entry.state is not State.VOID]
    lines = ["; Written by Parley. parley-id is the same in every export.", "decimal-mark .", ""]
    lines += [f"commodity {_commodity(code)}" for code in sorted({entry.currency for entry, _ in moves})]
    lines += [f"account {name}" for name in sorted({move.account.lower() for _, moved in moves for move in moved})]
    for entry, moved in moves:
        lines += ["", *_entry(entry, names.get(entry.id, ()), moved)]
    text = "\n".join([*lines, ""])
    return ExportFile("ledger.journal", "text/plain; charset=utf-8", text.encode())


def _commodity(code: str) -> str:
    return f"1000.{'0' * exponent(code)} {code}"


def _entry(entry: Entry, pictures: Sequence[str], moved: Sequence[Posting]) -> Iterator[str]:
    flag = "!" if entry.state in UNSETTLED else "*"
    code = one_line(entry.receipt_code).translate(_CODE).strip()
    about = [one_line(text).translate(_DESCRIPTION) for text in (entry.merchant, entry.description)]
    yield f"{entry.date.isoformat()} {flag} ({code}) {' | '.join(filter(None, about))}".rstrip()
    yield from (f"    ; {comment}" for comment in _comments(entry, pictures))
    amounts = [decimal_text(posting.amount_minor, entry.currency) for posting in moved]
    widths = [
        4 + len(posting.account.lower()) + 2 + len(amount) for posting, amount in zip(moved, amounts, strict=True)
    ]
    end = max(AMOUNT_END, *widths)
    for posting, amount in zip(moved, amounts, strict=True):
        account = posting.account.lower()
        yield f"    {account}{amount:>{end - 4 - len(account)}} {entry.currency}"


def _comments(entry: Entry, pictures: Sequence[str]) -> Iterator[str]:
    tags = [tag for tag in dict.fromkeys(_NOT_IN_TAG.sub("-", one_line(tag)).strip("-") for tag in entry.tags) if tag]
    yield ", ".join([f"parley-id: {_value(entry.id)}", *(f"{tag}:" for tag in tags)])
    for number, name in enumerate(pictures, 1):
        yield f"document: {name}" if number == 1 else f"document-{number}: {name}"
    if entry.tip_minor:
        yield f"tip: {decimal_text(entry.tip_minor, entry.currency)} {entry.currency}"
    if note := _value(entry.note):
        yield f"note: {note}"


def _value(text: str) -> str:
    return one_line(text).translate(_VALUE)
