"""EXP-5: the ledger as beancount text.

    2026-03-15 * "Trader Joe's" "weekly shop" #work ^R7K2
      parley-id: "rcp_01J9Z"
      document: "2026-03-15_trader-joes_R7K2.jpg"
      Expenses:Groceries:Supermarket  25.10 USD
      Expenses:Tax:Sales               1.13 USD
      Liabilities:Card:4421          -26.23 USD

`!` marks drafts and pending entries, `*` the rest; void ones are left out. Every account is opened in front, on one
early day, so that entries of any date may follow; `opened` names the accounts that an earlier file has opened already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from handlers.receipts.currencies import decimal_text
from handlers.receipts.exports.chart import Chart, chart_of
from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.ledger import Entry, Ledger, State
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.plain_text import clean, one_line
from handlers.receipts.exports.postings import Posting, postings

OPENED = date(1970, 1, 1)
UNSETTLED = frozenset({State.DRAFT, State.PENDING})
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9\-_/.]+")


def beancount_file(ledger: Ledger, opened: AbstractSet[str] = frozenset()) -> ExportFile:
    """Write the file; `opened` are accounts (`used_accounts` of earlier exports) that are not opened again."""
    chart, names = chart_of(ledger), picture_names(ledger)
    entries = [entry for entry in ledger.entries if entry.state is not State.VOID]
    first = min([OPENED, *(entry.date for entry in entries)])
    lines = [f"{first.isoformat()} open {name}" for name in sorted(used_accounts(ledger) - opened)]
    for entry in entries:
        lines += ["", *_entry(entry, names.get(entry.id, ()), postings(entry, chart))]
    text = "\n".join(["; Written by Parley. parley-id is the same in every export.", "", *lines, ""])
    return ExportFile("ledger.beancount", "text/plain; charset=utf-8", text.encode())


def used_accounts(ledger: Ledger) -> frozenset[str]:
    """Return the accounts of the chart that the ledger's entries use."""
    return _used(ledger, chart_of(ledger))


def _used(ledger: Ledger, chart: Chart) -> frozenset[str]:
    return frozenset(
        posting.account
        for entry in ledger.entries
        if entry.state is not State.VOID
        for posting in postings(entry, chart)
    )


def _entry(entry: Entry, pictures: Sequence[str], moved: Sequence[Posting]) -> Iterator[str]:
    flag = "!" if entry.state in UNSETTLED else "*"
    words = [entry.date.isoformat(), flag, _quoted(one_line(entry.merchant)), _quoted(one_line(entry.description))]
    words += [f"#{tag}" for tag in dict.fromkeys(map(_tag, entry.tags)) if tag]
    if code := _tag(entry.receipt_code):
        words.append(f"^{code}")
    yield " ".join(words)
    yield from (f"  {key}: {value}" for key, value in _metadata(entry, pictures))
    amounts = [decimal_text(posting.amount_minor, entry.currency) for posting in moved]
    end = max(len(posting.account) + 2 + len(amount) for posting, amount in zip(moved, amounts, strict=True))
    for posting, amount in zip(moved, amounts, strict=True):
        yield f"  {posting.account}{amount:>{end - len(posting.account)}} {entry.currency}"


def _metadata(entry: Entry, pictures: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "parley-id", _quoted(one_line(entry.id))
    for number, name in enumerate(pictures, 1):
        yield "document" if number == 1 else f"document-{number}", _quoted(name)
    if any(_tag(tag) != tag for tag in entry.tags):
        yield "tags", _quoted(one_line(", ".join(entry.tags)))
    if entry.tip_minor:
        yield "tip", f"{decimal_text(entry.tip_minor, entry.currency)} {entry.currency}"
    if entry.note:
        yield "note", _quoted(clean(entry.note))


def _tag(text: str) -> str:
    return _NOT_IN_TAG.sub("-", one_line(text)).strip("-")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
