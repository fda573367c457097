"""Plaid's answers as our values; amounts keep the digits that were sent (PLD-2)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bot.core.calls.plaid import BankAccount, BankTransaction
from integrations.http import Reply


def exact(answer: Reply) -> dict[str, Any]:
    """Return an answer's object with every decimal number as the text it was, empty when it is none."""
    try:
        value = json.loads(answer.body, parse_float=str)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def transactions(rows: Any) -> list[BankTransaction]:
    """Read the lines of a page; one without what every line has is left out."""
    return [line for row in _records(rows) if (line := _transaction(row)) is not None]


def _transaction(row: dict[str, Any]) -> BankTransaction | None:
    texts = [row.get(name) for name in ("transaction_id", "account_id", "date")]
    amount = row.get("amount")
    if not all(isinstance(one, str) and one for one in texts) or isinstance(amount, bool) or amount is None:
        return None
    category = row.get("personal_finance_category")
    detailed = category.get("detailed") or category.get("primary") if isinstance(category, dict) else None
    return BankTransaction(
        transaction_id=str(texts[0]),
        account_id=str(texts[1]),
        amount=str(amount),
        currency=_text(row.get("iso_currency_code")),
        date=str(texts[2]),
        name=_text(row.get("name")) or "",
        pending=row.get("pending") is True,
        replaces=_text(row.get("pending_transaction_id")),
        authorized_date=_text(row.get("authorized_date")),
        merchant=_text(row.get("merchant_name")),
        category=_text(detailed) or "",
        channel=_text(row.get("payment_channel")) or "",
    )


def removed(rows: Any) -> list[str]:
    """Read the ids of removed lines."""
    return [row["transaction_id"] for row in _records(rows) if isinstance(row.get("transaction_id"), str)]


def accounts(rows: Any) -> list[BankAccount]:
    """Read accounts: of a number only the last four digits are taken."""
    return [_account(row) for row in _records(rows) if isinstance(row.get("account_id"), str)]


def _account(row: dict[str, Any]) -> BankAccount:
    mask, balances = _text(row.get("mask")) or "", row.get("balances")
    balances = balances if isinstance(balances, dict) else {}
    current = balances.get("current")
    return BankAccount(
        account_id=row["account_id"],
        name=(_text(row.get("name")) or "account")[:60],
        last4=mask if len(mask) == 4 and mask.isascii() and mask.isdigit() else None,
        kind=_text(row.get("type")) or "",
        balance=None if current is None or isinstance(current, bool) else str(current),
        currency=_text(balances.get("iso_currency_code")),
    )


def _records(rows: Any) -> Iterable[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
