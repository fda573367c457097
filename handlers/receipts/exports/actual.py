"""EXP-10: what Actual takes: transactions for `importTransactions`, in a file or through an HTTP wrapper.

`imported_id` is our id, so a second import changes and never doubles. Amounts are integers in minor units, negative for
spending. Actual holds no currencies, hence one list for each account and currency. Pictures cannot go there: a link
stands in the notes where the caller has one. Only posted entries are sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

import msgspec

from handlers.receipts.exports.export_file import ExportFile
from handlers.receipts.exports.http_request import HttpRequest
from handlers.receipts.exports.ledger import Entry, Ledger, Split, State
from handlers.receipts.exports.plain_text import one_line

Transaction = dict[str, object]
PictureLink = Callable[[Entry], str | None]
NO_ACCOUNT = "Unassigned"


def _no_link(_entry: Entry) -> None:
    return None


def actual_file(ledger: Ledger, picture_link: PictureLink = _no_link) -> ExportFile:
    """Write `{"accounts": [{"account", "currency", "transactions"}]}`; each list is for one account in Actual."""
    accounts = [
        {"account": _account_name(ledger, account_id), "currency": currency, "transactions": transactions}
        for (account_id, currency), transactions in _lists(ledger, {}, picture_link)
    ]
    written = msgspec.json.format(msgspec.json.encode({"accounts": accounts}), indent=1)
    return ExportFile("actual.json", "application/json", written + b"\n")


def actual_requests(
    ledger: Ledger,
    budget_id: str,
    accounts: Mapping[tuple[str | None, str], str],
    *,
    categories: Mapping[str, str] | None = None,
    picture_link: PictureLink = _no_link,
) -> tuple[HttpRequest, ...]:
    """Return one import request for each of our (account id, currency) that `accounts` knows Actual's id of.

    `categories` maps our category ids to Actual's; a category that it does not know is left to Actual's rules.
    """
    return tuple(
        HttpRequest("POST", _path(budget_id, accounts[key]), json={"transactions": transactions})
        for key, transactions in _lists(ledger, categories or {}, picture_link)
        if key in accounts
    )


def _path(budget_id: str, account_id: str) -> str:
    return f"/v1/budgets/{quote(budget_id, safe='')}/accounts/{quote(account_id, safe='')}/transactions/import"


def _account_name(ledger: Ledger, account_id: str | None) -> str:
    account = ledger.account(account_id)
    return one_line(account.name) if account else NO_ACCOUNT


def _lists(
    ledger: Ledger, categories: Mapping[str, str], picture_link: PictureLink
) -> Iterator[tuple[tuple[str | None, str], list[Transaction]]]:
    lists: dict[tuple[str | None, str], list[Transaction]] = {}
    for entry in ledger.entries:
        if entry.state is State.POSTED:
            transaction = _transaction(ledger, entry, categories, picture_link(entry))
            lists.setdefault((entry.account_id, entry.currency), []).append(transaction)
    yield from sorted(lists.items(), key=lambda one: (one[0][0] or "", one[0][1]))


def _transaction(ledger: Ledger, entry: Entry, categories: Mapping[str, str], link: str | None) -> Transaction:
    transaction: Transaction = {
        "date": entry.date.isoformat(),
        "amount": -entry.amount_minor,
        "payee_name": one_line(entry.merchant),
        "imported_payee": one_line(entry.merchant),
        "notes": _notes(ledger, entry, link),
        "imported_id": entry.id,
        "cleared": True,
    }
    if entry.splits:
        return {**transaction, "subtransactions": [_part(ledger, part, categories) for part in entry.splits]}
    return {**transaction, **_category(entry.category_id, categories)}


def _part(ledger: Ledger, part: Split, categories: Mapping[str, str]) -> Transaction:
    notes = one_line(part.note) or one_line(ledger.category_name(part.category_id))
    return {"amount": -part.amount_minor, "notes": notes, **_category(part.category_id, categories)}


def _category(category_id: str | None, categories: Mapping[str, str]) -> Mapping[str, str]:
    known = categories.get(category_id) if category_id else None
    return {"category": known} if known else {}


def _notes(ledger: Ledger, entry: Entry, link: str | None) -> str:
    tags = " ".join(f"#{one_line(tag)}" for tag in entry.tags)
    texts = (entry.description, entry.note, ledger.category_name(entry.category_id), tags, entry.receipt_code)
    return " / ".join(filter(None, (*map(one_line, texts), link)))
