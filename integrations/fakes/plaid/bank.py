"""The demo bank: items, accounts, lines, and each change of a line in order, so that a cursor is a place in that order.

Amounts are decimal text; positive is money out. A page between the first and the last of a loop names the place up to
which the loop goes: when something changes meanwhile, the next page is refused, as Plaid refuses it.
"""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.fakes.plaid.refusal import PlaidRefusal

if TYPE_CHECKING:
    from integrations.fakes.plaid.server import PlaidFake

_SEED = Path(__file__).with_name("demo_bank.toml")
_PRIVATE = ("item_id", "first", "last", "gone")


class Bank:
    """All items of the fake."""

    def __init__(self, fake: PlaidFake, *, page_size: int) -> None:
        self._fake, self.page_size = fake, page_size
        self.items = fake.book.shelf("item")
        self.lines = fake.book.shelf("line")
        self.seed = tomllib.loads(_SEED.read_text("utf-8"))

    # -- items -----------------------------------------------------------------------------------------------------

    def open_item(self, webhook: str | None, days: int) -> dict[str, Any]:
        """Make an item at the demo bank with its accounts and the history that a newcomer sees."""
        item_id = self._fake.make_id("item_", 20)
        accounts = [
            {**one, "account_id": self._fake.make_id("acc_", 20)} for one in self.seed["accounts"]
        ]  # fmt: skip
        item = {
            "item_id": item_id, "access_token": self._fake.make_id("access-demo-", 30), "webhook": webhook,
            "accounts": accounts, "state": "good", "changes": 0, "linked_at": self._fake.clock.now().isoformat(),
        }  # fmt: skip
        self.items.put(item_id, item, kind="item.created")
        today = self._fake.clock.now().date()
        for row in self.seed["history"] if self._fake.seeds_history else ():
            if row["days_ago"] <= days:
                day = (today - timedelta(days=row["days_ago"])).isoformat()
                self._add(item_id, {**row["line"], "date": day, "account": row["account"]})
        return self.items[item_id]

    def by_token(self, token: str) -> dict[str, Any]:
        """Return the item of an access token; raise PlaidRefusal for an unknown one, or where a login is needed."""
        item = next((one for one in self.items if one["access_token"] == token), None)
        if item is None or item["state"] == "removed":
            raise PlaidRefusal("INVALID_INPUT", "INVALID_ACCESS_TOKEN")
        return item

    def remove_item(self, token: str) -> None:
        """End the access to an item."""
        self.items.patch(self.by_token(token)["item_id"], {"state": "removed"}, kind="item.removed")

    def require_login(self, item_id: str) -> None:
        """Let the bank want the person's login again."""
        self.items.patch(item_id, {"state": "login_required"}, kind="item.login_required")
        self.tell(item_id, "ITEM", "ERROR", error={"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED"})

    def repair_login(self, item_id: str) -> None:
        """Take the login that was wanted."""
        self.items.patch(item_id, {"state": "good"}, kind="item.login_repaired")
        self.tell(item_id, "ITEM", "LOGIN_REPAIRED")

    def revoke(self, item_id: str) -> None:
        """Let the person take their permission back at the bank."""
        self.items.patch(item_id, {"state": "removed"}, kind="item.revoked")
        self.tell(item_id, "ITEM", "USER_PERMISSION_REVOKED")

    def tell(self, item_id: str, kind: str, code: str, **more: Any) -> None:
        """Send a webhook about an item."""
        body = {"webhook_type": kind, "webhook_code": code, "item_id": item_id, "environment": "sandbox", **more}
        url = self.items[item_id]["webhook"]
        self._fake.webhooks.send(self._fake.make_id("hook_"), f"{kind}.{code}", json.dumps(body, indent=2), url=url)

    # -- lines -----------------------------------------------------------------------------------------------------

    def spend(self, item_id: str, amount: str, name: str, *, told: bool = True, **fields: Any) -> str:
        """Let a line appear and return its id; `fields` are the line's, and `account` says which account."""
        transaction_id = self._add(item_id, {"amount": amount, "name": name, **fields})
        self._told(item_id, told)
        return transaction_id

    def post(self, pending_id: str, amount: str | None = None, *, told: bool = True, **fields: Any) -> str:
        """Settle a pending line: it goes, and a posted one comes under an id of its own that names it."""
        pending = self.lines[pending_id]
        settled = {name: value for name, value in pending.items() if name not in (*_PRIVATE, "transaction_id")}
        fresh = {**settled, "pending": False, "pending_transaction_id": pending_id, **fields}
        fresh["amount"] = amount or pending["amount"]
        self._drop(pending_id)
        posted = self._add(pending["item_id"], fresh)
        self._told(pending["item_id"], told)
        return posted

    def modify(self, transaction_id: str, *, told: bool = True, **fields: Any) -> None:
        """Change a line."""
        line = self.lines[transaction_id]
        self.lines.patch(transaction_id, {**fields, "last": self._next(line["item_id"])}, kind="line.modified")
        self._told(line["item_id"], told)

    def remove(self, transaction_id: str, *, told: bool = True) -> None:
        """Take a line back."""
        self._drop(transaction_id)
        self._told(self.lines[transaction_id]["item_id"], told)

    def alive(self, item_id: str | None = None) -> list[dict[str, Any]]:
        """Return the lines that stand, of one item or of all: what a ledger must equal."""
        return [one for one in self.lines if not one["gone"] and item_id in (None, one["item_id"])]

    def _add(self, item_id: str, fields: dict[str, Any]) -> str:
        item, given = self.items[item_id], dict(fields)
        transaction_id, n = self._fake.make_id("tx_", 24), self._next(item_id)
        account = given.pop("account", 0)
        line = {
            "transaction_id": transaction_id, "account_id": item["accounts"][account]["account_id"],
            "iso_currency_code": "USD", "unofficial_currency_code": None, "authorized_date": None,
            "date": self._fake.clock.now().date().isoformat(), "merchant_name": None, "pending": False,
            "pending_transaction_id": None, "payment_channel": "in store", "personal_finance_category": None,
            **given, "item_id": item_id, "first": n, "last": n, "gone": False,
        }  # fmt: skip
        self.lines.put(transaction_id, line, kind="line.added")
        return transaction_id

    def _drop(self, transaction_id: str) -> None:
        line = self.lines[transaction_id]
        self.lines.patch(transaction_id, {"gone": True, "last": self._next(line["item_id"])}, kind="line.removed")

    def _next(self, item_id: str) -> int:
        changes = int(self.items[item_id]["changes"]) + 1
        self.items.patch(item_id, {"changes": changes})
        return changes

    def _told(self, item_id: str, told: bool) -> None:
        if told:
            self.tell(item_id, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", historical_update_complete=True)

    # -- syncing ---------------------------------------------------------------------------------------------------

    def sync(self, item: dict[str, Any], cursor: str, count: int) -> dict[str, Any]:
        """Answer a page of a loop."""
        since, upto, offset = _place(cursor, item["changes"])
        if upto != item["changes"]:
            raise PlaidRefusal("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
        changed = sorted(
            (one for one in self.lines if one["item_id"] == item["item_id"] and one["last"] > since),
            key=lambda one: int(one["last"]),
        )
        rows = [one for one in changed if not one["gone"] or one["first"] <= since]
        size = min(count, self.page_size)
        page, more = rows[offset : offset + size], offset + size < len(rows)
        return {
            "added": [_shown(one) for one in page if not one["gone"] and one["first"] > since],
            "modified": [_shown(one) for one in page if not one["gone"] and one["first"] <= since],
            "removed": [_removed(one) for one in page if one["gone"]],
            "next_cursor": f"{since}/{upto}/{offset + size}" if more else str(upto),
            "has_more": more,
            "accounts": [shown_account(one) for one in item["accounts"]],
            "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
        }


def _place(cursor: str, changes: int) -> tuple[int, int, int]:
    """Return (since, up to, offset) of a cursor."""
    try:
        parts = [int(part) for part in cursor.split("/")] if cursor else [0]
    except ValueError:
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", "cursor") from None
    return (parts[0], changes, 0) if len(parts) == 1 else (parts[0], parts[1], parts[2])


def _removed(line: dict[str, Any]) -> dict[str, Any]:
    return {"transaction_id": line["transaction_id"], "account_id": line["account_id"]}


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as the API shows it, the amount as a JSON number."""
    return {name: float(value) if name == "amount" else value for name, value in line.items() if name not in _PRIVATE}


def shown_account(account: dict[str, Any]) -> dict[str, Any]:
    """Return an account as the API shows it."""
    balances = {"current": float(account["balance"]), "iso_currency_code": "USD"}
    return {name: account[name] for name in ("account_id", "name", "mask", "type")} | {"balances": balances}
