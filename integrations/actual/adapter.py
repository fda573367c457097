"""Sends lists of transactions to Actual through its HTTP server (EXP-10).

Each of our accounts goes to the account of the same name there. `imported_id` is our id: what is sent again is changed,
not doubled. An account that is not there is named; the others go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from bot.core.calls.books import BooksSent, SendToActual
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.fold import fold
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import Lost, Reply, retry_after
from integrations.outside import Outside

BATCH = 200


class ActualAdapter:
    """Any person's Actual."""

    vendor = "actual"

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self.calls: Mapping[type, Perform] = {SendToActual: self._send}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._outside.close()

    async def _send(self, call: SendToActual, attempt: Attempt) -> Outcome:
        try:
            lists = orjson.loads(await attempt.files.get(call.orders))["accounts"]
        except KeyError:
            return Refused("gone", "the orders are not kept any more")
        answer = await self._ask(call, "GET", "")
        rows = answer.record().get("data") if isinstance(answer, Reply) and answer.status == 200 else None
        if not isinstance(rows, list):
            return _trouble(answer)
        there = _open_accounts(rows)
        made, changed, missing, refused = 0, 0, list[str](), list[str]()
        for one in lists:
            account = there.get(fold(f"{one['account']} {one['currency']}")) or there.get(fold(one["account"]))
            if account is None:
                missing.append(f"{one['account']} {one['currency']}")
                refused += [entry["imported_id"] for entry in one["transactions"]]
                continue
            for at in range(0, len(one["transactions"]), BATCH):
                answer = await self._import(call, account, one["transactions"][at : at + BATCH])
                result = answer.record().get("data") if isinstance(answer, Reply) and answer.status < 300 else None
                if not isinstance(result, dict):
                    return _trouble(answer)
                made += len(result.get("added") or [])
                changed += len(result.get("updated") or [])
        if missing and not made + changed and len(missing) == len(lists):
            return Refused("no_account")
        return Done(BooksSent(-1, made, changed, refused, 0, missing))

    async def _import(self, call: SendToActual, account: str, transactions: list[Any]) -> Reply | Lost | None:
        body = orjson.dumps({"transactions": transactions})
        return await self._ask(call, "POST", f"/{quote(account, safe='')}/transactions/import", body)

    async def _ask(self, call: SendToActual, method: str, path: str, body: bytes | None = None) -> Reply | Lost | None:
        headers = {"x-api-key": call.token, "Content-Type": "application/json"}
        under = f"/v1/budgets/{quote(call.budget, safe='')}/accounts{path}"
        return await self._outside.ask(call.base_url, method, under, headers=headers, data=body)


def _open_accounts(rows: list[Any]) -> dict[str, str]:
    open_ones = [row for row in rows if isinstance(row, dict) and not row.get("closed")]
    return {fold(str(row.get("name"))): str(row.get("id")) for row in open_ones}


def _trouble(answer: Reply | Lost | None) -> Outcome:
    if answer is None:
        return Refused("not_allowed")
    if isinstance(answer, Lost):
        return Again(answer.reason, whole_vendor=False)
    reason = f"status_{answer.status}"
    if answer.status in (401, 403):
        return Refused("unauthorized", reason)
    if answer.status == 429 or answer.status >= 500 or answer.status in (408, 409):
        return Again(reason, retry_after(answer.headers), whole_vendor=False)
    return Refused("not_found", reason)
