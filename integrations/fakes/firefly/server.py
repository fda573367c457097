"""The doors of a Firefly III that the sending of books needs.

It refuses what the real one refuses: no token, unknown fields' types, amounts that are no positive decimal strings,
dates that are none, the same content twice with `error_if_duplicate_hash`. Attachments are announced, then filled.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Shelf, reply

FAKE_TOKEN = "fake-token"  # noqa: S105
_AMOUNT = re.compile(r"\d+(\.\d+)?")
_QUERY = re.compile(r'external_id_is:"([^"]*)"')
_TYPES = ("withdrawal", "deposit", "transfer")


class FireflyFake(FakeServer):
    """One installation with one token."""

    def __init__(
        self, clock: Clock, book_path: Path | None = None, port: int = 0, *, token: str = FAKE_TOKEN, **options: Any
    ) -> None:
        super().__init__("firefly", clock, book_path, port, **options)
        self.token = token
        self.groups, self.files = self.book.shelf("group"), self.book.shelf("attachment")
        api = "/api/v1"
        self.operation("GET", f"{api}/search/transactions", "search", self._search)
        self.operation("POST", f"{api}/transactions", "store", self._store)
        self.operation("PUT", f"{api}/transactions/{{id}}", "update", self._update)
        self.operation("GET", f"{api}/transactions/{{id}}/attachments", "attachments", self._attached)
        self.operation("POST", f"{api}/attachments", "announce", self._announce)
        self.operation("POST", f"{api}/attachments/{{id}}/upload", "upload", self._upload)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Firefly does."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return reply({"message": "Server error", "exception": "Fault"}, status, headers)

    def _unknown(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return reply({"message": "Unauthenticated."}, 401)
        return None

    async def _search(self, request: web.Request) -> web.Response:
        wanted = _QUERY.fullmatch(request.query.get("query", ""))
        found = [self._shown(one) for one in self._all(self.groups) if wanted and _bears(one, wanted[1])]
        return self._unknown(request) or reply({"data": found, "meta": {}})

    async def _store(self, request: web.Request) -> web.Response:
        body = await _json(request)
        wrong = self._unknown(request) or _invalid(body)
        if wrong is not None:
            return wrong
        content = hashlib.sha256(json.dumps(body["transactions"], sort_keys=True).encode()).hexdigest()
        if body.get("error_if_duplicate_hash") and any(one["hash"] == content for one in self._all(self.groups)):
            return reply({"message": "Duplicate of transaction.", "errors": {"description": ["duplicate"]}}, 422)
        number = str(len(self.groups) + 1)
        group = {"id": number, "hash": content, "parts": self._numbered(number, body["transactions"])}
        self.groups.put(number, group)
        return reply({"data": self._shown(group)})

    async def _update(self, request: web.Request) -> web.Response:
        body, number = await _json(request), request.match_info["id"]
        wrong = self._unknown(request) or _invalid(body)
        before = self.groups.get(number)
        if wrong is not None or before is None:
            return wrong or reply({"message": "Resource not found"}, 404)
        known = {part["transaction_journal_id"] for part in before["parts"]}
        named = [part.get("transaction_journal_id") for part in body["transactions"]]
        if any(one is not None and one not in known for one in named):
            return reply({"message": "Each split must have transaction_journal_id", "errors": {}}, 422)
        group = {**before, "parts": self._numbered(number, body["transactions"])}
        self.groups.put(number, group)
        return reply({"data": self._shown(group)})

    @staticmethod
    def _numbered(number: str, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**part, "transaction_journal_id": f"{number}{at:02d}"} for at, part in enumerate(parts)]

    async def _attached(self, request: web.Request) -> web.Response:
        group = self.groups.get(request.match_info["id"])
        journals = {part["transaction_journal_id"] for part in group["parts"]} if group else set()
        rows = [_file(one) for one in self._all(self.files) if one["attachable_id"] in journals]
        return self._unknown(request) or reply({"data": rows})

    async def _announce(self, request: web.Request) -> web.Response:
        body = await _json(request)
        if (wrong := self._unknown(request)) is not None:
            return wrong
        if body.get("attachable_type") != "TransactionJournal" or not body.get("filename"):
            return reply({"message": "The given data was invalid.", "errors": {}}, 422)
        number = str(len(self.files) + 1)
        self.files.put(number, {**body, "id": number, "size": 0})
        return reply({"data": _file({**body, "id": number, "size": 0})})

    async def _upload(self, request: web.Request) -> web.Response:
        number, data = request.match_info["id"], await request.read()
        found = self.files.get(number)
        if (wrong := self._unknown(request)) is not None or found is None:
            return wrong or reply({"message": "Resource not found"}, 404)
        if not data:
            return reply({"message": "The request body is empty."}, 422)
        self.files.put(number, {**found, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        return web.Response(status=204)

    @staticmethod
    def _all(shelf: Shelf) -> list[dict[str, Any]]:
        return list(shelf)

    @staticmethod
    def _shown(group: dict[str, Any]) -> dict[str, Any]:
        return {"type": "transactions", "id": group["id"], "attributes": {"transactions": group["parts"]}}


def _bears(group: dict[str, Any], external_id: str) -> bool:
    return any(part.get("external_id") == external_id for part in group["parts"])


def _file(row: dict[str, Any]) -> dict[str, Any]:
    return {"type": "attachments", "id": row["id"], "attributes": {"filename": row["filename"], "size": row["size"]}}


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _invalid(body: dict[str, Any]) -> web.Response | None:
    parts = body.get("transactions")
    if not isinstance(parts, list) or not parts or not all(map(_is_part, parts)):
        return reply({"message": "The given data was invalid.", "errors": {"transactions": ["invalid"]}}, 422)
    if len(parts) > 1 and not body.get("group_title"):
        return reply({"message": "A group title is mandatory.", "errors": {"group_title": ["missing"]}}, 422)
    return None


def _is_part(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") not in _TYPES or not part.get("description"):
        return False
    try:
        date.fromisoformat(str(part.get("date")))
    except ValueError:
        return False
    amount = part.get("amount")
    return isinstance(amount, str) and _AMOUNT.fullmatch(amount) is not None and float(amount) > 0
