"""Sends orders to a Firefly III of a person's own: found by our id, stored or changed, pictures last (EXP-9).

An order may be sent any number of times: an entry that is there is changed, and a picture of the same name is not sent
again. A picture that fails is counted and the entry is not touched again. What Firefly refuses (422) is named by our
id; trouble of the network asks for another try of what is not done yet.
"""

from __future__ import annotations

import re
import time
from typing import Any

import orjson

from bot.core.calls.books import BooksSent, SendToFirefly
from bot.core.calls.outcome import Done, Outcome
from bot.core.ports import Attempt
from integrations.bookkeeping import BookkeepingProgram, trouble
from integrations.http import Lost, Reply
from integrations.outside import Outside

ENOUGH_SECONDS = 90.0
"""After so long a call ends with what it did, and the next one goes on."""
_JOURNAL = re.compile(r"\{journal:(\d+)\}")


class FireflyAdapter(BookkeepingProgram):
    """Any person's Firefly III."""

    vendor = "firefly"
    takes = SendToFirefly

    async def send(self, call: SendToFirefly, orders: dict[str, Any], attempt: Attempt) -> Outcome:
        """Send the orders from `skip` on."""
        sending, until = _Sending(self._outside, call, attempt), time.monotonic() + ENOUGH_SECONDS
        for number, order in enumerate(orders["orders"][call.skip :], call.skip):
            if number > call.skip and time.monotonic() > until:
                return Done(sending.sent(number))
            trouble = await sending.one(order)
            if trouble is not None:
                # What was done stays done: the next call goes on here, where a trouble that stays is met alone.
                return Done(sending.sent(number)) if number > call.skip else trouble
        return Done(sending.sent(-1))


class _Sending:
    """One call's way through its orders."""

    def __init__(self, outside: Outside, call: SendToFirefly, attempt: Attempt) -> None:
        self._outside, self._base, self._attempt = outside, call.base_url, attempt
        self._headers = {"Authorization": f"Bearer {call.token}", "Accept": "application/vnd.api+json"}
        self._made = self._changed = self._lost = 0
        self._refused: list[str] = []

    def sent(self, done: int) -> BooksSent:
        return BooksSent(done, self._made, self._changed, self._refused, self._lost)

    async def _ask(self, method: str, path: str, **request: Any) -> Reply | Lost | None:
        return await self._outside.ask(self._base, method, f"/api/v1{path}", headers=self._headers, **request)

    async def _json(self, method: str, path: str, body: Any) -> Reply | Lost | None:
        data = orjson.dumps(body)
        headers = {**self._headers, "Content-Type": "application/json"}
        return await self._outside.ask(self._base, method, f"/api/v1{path}", headers=headers, data=data)

    async def one(self, order: dict[str, Any]) -> Outcome | None:
        """Send one entry with its pictures; None when it is done (or refused for good)."""
        answer = await self._ask("GET", "/search/transactions", params=order["find"])
        if not isinstance(answer, Reply) or answer.status != 200:
            return trouble(answer)
        found = _group_of(answer, order["id"])
        if found is None:
            answer = await self._json("POST", "/transactions", order["store"])
        else:
            answer = await self._json("PUT", f"/transactions/{found[0]}", _filled(order["update"], found[1]))
        if isinstance(answer, Reply) and answer.status == 422:
            self._refused.append(order["id"])
            return None
        if not isinstance(answer, Reply) or not 200 <= answer.status < 300:
            return trouble(answer)
        self._made += found is None
        self._changed += found is not None
        group = _group(answer.record().get("data"))
        if group is not None and order["pictures"]:
            await self._pictures(order, group)
        return None

    async def _pictures(self, order: dict[str, Any], group: tuple[str, list[str]]) -> None:
        answer = await self._ask("GET", f"/transactions/{group[0]}/attachments")
        rows = answer.record().get("data") if isinstance(answer, Reply) and answer.status == 200 else []
        there = {_attribute(row, "filename") for row in rows if _attribute(row, "size")} if rows else set()
        for picture in order["pictures"]:
            if picture["name"] not in there and not await self._picture(picture, group[1]):
                self._lost += 1

    async def _picture(self, picture: dict[str, Any], journals: list[str]) -> bool:
        try:
            data = await self._attempt.files.get(picture["blob"])
        except KeyError:
            return False
        announced = await self._json("POST", "/attachments", _filled(picture["announce"], journals))
        if not isinstance(announced, Reply) or not 200 <= announced.status < 300:
            return False
        row = announced.record().get("data")
        if not isinstance(row, dict) or not str(row.get("id", "")).isdigit():
            return False
        headers = {**self._headers, "Content-Type": "application/octet-stream"}
        path = f"/api/v1/attachments/{row['id']}/upload"
        uploaded = await self._outside.ask(self._base, "POST", path, headers=headers, data=data)
        return isinstance(uploaded, Reply) and 200 <= uploaded.status < 300


def _filled(body: Any, journals: list[str]) -> Any:
    """Put the other program's ids where they belong; a part that it does not have yet has none."""
    if isinstance(body, dict):
        filled = {key: _filled(value, journals) for key, value in body.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if isinstance(body, list):
        return [_filled(one, journals) for one in body]
    place = _JOURNAL.fullmatch(body) if isinstance(body, str) else None
    if place is None:
        return body
    return journals[int(place[1])] if int(place[1]) < len(journals) else None


def _group_of(answer: Reply, external_id: str) -> tuple[str, list[str]] | None:
    """Return the group that bears exactly our id; the search may be lenient."""
    rows = answer.record().get("data")
    for row in rows if isinstance(rows, list) else []:
        parts = _attribute(row, "transactions")
        if isinstance(parts, list) and any(part.get("external_id") == external_id for part in parts):
            return _group(row)
    return None


def _group(row: Any) -> tuple[str, list[str]] | None:
    parts = _attribute(row, "transactions")
    if not isinstance(parts, list) or not str(row.get("id", "")).isdigit():
        return None
    return str(row["id"]), [str(part.get("transaction_journal_id", "")) for part in parts]


def _attribute(row: Any, name: str) -> Any:
    attributes = row.get("attributes") if isinstance(row, dict) else None
    return attributes.get(name) if isinstance(attributes, dict) else None
