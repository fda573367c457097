"""Sends lists of transactions to Actual through its HTTP server (EXP-10).

Each of our accounts goes to the account of the same name there. `imported_id` is our id: what is sent again is changed,
not doubled. An account that is not there is named; the others go.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from bot.core.calls.books import BooksSent, SendToActual
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.fold import fold
from bot.core.ports import Attempt
from integrations.bookkeeping import BookkeepingProgram, trouble
from integrations.http import Lost, Reply

BATCH = 200


class ActualAdapter(BookkeepingProgram):
    """Any person's Actual."""

    vendor = "actual"
    takes = SendToActual

    async def send(self, call: SendToActual, orders: dict[str, Any], attempt: Attempt) -> Outcome:
        """Send the lists, each to the account of its name."""
        answer = await self._ask(call, "GET", "")
        rows = answer.record().get("data") if isinstance(answer, Reply) and answer.status == 200 else None
        if not isinstance(rows, list):
            return trouble(answer)
        there = _open_accounts(rows)
        made, changed, missing, refused = 0, 0, list[str](), list[str]()
        for one in orders["accounts"]:
            account = there.get(fold(f"{one['account']} {one['currency']}")) or there.get(fold(one["account"]))
            if account is None:
                missing.append(f"{one['account']} {one['currency']}")
                refused += [entry["imported_id"] for entry in one["transactions"]]
                continue
            for at in range(0, len(one["transactions"]), BATCH):
                answer = await self._import(call, account, one["transactions"][at : at + BATCH])
                result = answer.record().get("data") if isinstance(answer, Reply) and answer.status < 300 else None
                if not isinstance(result, dict):
                    return trouble(answer)
                made += len(result.get("added") or [])
                changed += len(result.get("updated") or [])
        if missing and not made + changed and len(missing) == len(orders["accounts"]):
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
