"""The doors of an Actual HTTP server that the sending of books needs: its accounts, and imports that never double."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, reply


class ActualFake(FakeServer):
    """One budget with accounts by name."""

    def __init__(
        self, clock: Clock, book_path: Path | None = None, port: int = 0, *, key: str = "fake-key",
        budget: str = "fake-budget", accounts: tuple[str, ...] = ("Unassigned",), **options: Any,
    ) -> None:  # fmt: skip
        super().__init__("actual", clock, book_path, port, **options)
        self.key, self.budget = key, budget
        self.accounts = {f"acc-{number}": name for number, name in enumerate(accounts, 1)}
        self.transactions = self.book.shelf("transaction")
        under = "/v1/budgets/{budget}/accounts"
        self.operation("GET", under, "accounts", self._list)
        self.operation("POST", f"{under}/{{account}}/transactions/import", "import", self._import)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as the server does."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return reply({"error": "fault"}, status, headers)

    def _unknown(self, request: web.Request) -> web.Response | None:
        if request.headers.get("x-api-key") != self.key:
            return reply({"error": "Forbidden"}, 403)
        if request.match_info["budget"] != self.budget:
            return reply({"error": "Budget not found"}, 404)
        return None

    async def _list(self, request: web.Request) -> web.Response:
        rows = [{"id": key, "name": name, "offbudget": False, "closed": False} for key, name in self.accounts.items()]
        return self._unknown(request) or reply({"data": rows})

    async def _import(self, request: web.Request) -> web.Response:
        account = request.match_info["account"]
        if (wrong := self._unknown(request)) is not None or account not in self.accounts:
            return wrong or reply({"error": "Account not found"}, 404)
        try:
            rows = json.loads(await request.read())["transactions"]
            added, updated = self._take(account, rows)
        except (ValueError, KeyError, TypeError):
            return reply({"error": "invalid transactions"}, 400)
        return reply({"data": {"added": added, "updated": updated}})

    def _take(self, account: str, rows: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
        added, updated = list[str](), list[str]()
        for row in rows:
            date.fromisoformat(row["date"])
            if not isinstance(row["amount"], int):
                raise TypeError("amounts are integers")
            key = f"{account}:{row['imported_id']}"
            (updated if self.transactions.get(key) else added).append(key)
            self.transactions.put(key, row)
        return added, updated
