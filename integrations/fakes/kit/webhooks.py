"""Signed webhooks on the vendor's schedule, on the fake's clock.

`send` puts an event into the queue (a row of the book, so a restart goes on with it); `tick` sends what is due. A
receiver that does not answer 2xx gets it again after the next step of the schedule, until the schedule ends. Faults
make duplicates, delay, disorder, loss and wrong signatures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp

from integrations.fakes.kit.faults import HOOK_FAULTS, Fault

if TYPE_CHECKING:
    from integrations.fakes.kit.server import FakeServer

DAYS_3 = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 300, 600, 1200, 1440, 720))
"""Back-off over about three days, as Stripe retries in live mode."""

_ALONE = timedelta(hours=1)
"""How long an event held back for disorder waits when no other event comes."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One event on its way: what a signer and an answer's reader need to know."""

    id: str
    kind: str
    url: str
    body: str
    content_type: str
    attempt: int
    details: Mapping[str, Any]


Sign = Callable[[Hook, datetime], Mapping[str, str]]
"""Returns the headers that sign a hook at the moment it leaves."""

ReadAnswer = Callable[[Hook, int, bytes], Awaitable[None]]
"""Takes the receiver's status (0: no answer) and body; Telegram and Twilio put replies there."""


class Webhooks:
    """The sender of one vendor's events to `target` (or to a URL given for one event).

    With `in_order`, an event that fails holds back those behind it with the same `lane`, as Telegram does.
    """

    def __init__(
        self,
        server: FakeServer,
        sign: Sign,
        *,
        target: str | None = None,
        schedule: Sequence[timedelta] = DAYS_3,
        name: str = "hook",
        in_order: bool = False,
        total_seconds: float = 10.0,
        on_answer: ReadAnswer | None = None,
    ) -> None:
        self._server, self._sign, self.target, self.schedule = server, sign, target, tuple(schedule)
        self._in_order, self._limit, self._on_answer = in_order, total_seconds, on_answer
        self._shelf = server.book.shelf(name)
        self._waiting: set[str] = {hook["key"] for hook in self._shelf if hook["state"] == "pending"}
        self._session: aiohttp.ClientSession | None = None
        self._lock = asyncio.Lock()
        server.hooks.append(self)

    def send(
        self,
        event_id: str,
        kind: str,
        body: str,
        *,
        url: str | None = None,
        content_type: str = "application/json",
        after: timedelta = timedelta(),
        schedule: Sequence[timedelta] | None = None,
        lane: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Queue an event; `kind` is what faults match. Without any URL the event is noted and goes nowhere."""
        address = url or self.target
        fault = self._server.faults.take(kind, HOOK_FAULTS) if address else None
        dropped = address is None or (fault is not None and fault.fault == "drop")
        entry: dict[str, Any] = {
            "event": event_id,
            "kind": kind,
            "url": address,
            "body": body,
            "content_type": content_type,
            "attempt": 0,
            "lane": lane,
            "state": "dropped" if dropped else "pending",
            "due": self._due_at(after, fault).isoformat(),
            "steps": [step.total_seconds() for step in (self.schedule if schedule is None else schedule)],
            "spoil": fault is not None and fault.fault == "bad_signature",
            "held": fault is not None and fault.fault == "reorder",
            "details": dict(details or {}),
        }
        self._queue(entry, event_id, fault)

    def _due_at(self, after: timedelta, fault: Fault | None) -> datetime:
        late = timedelta()
        if fault is not None and fault.fault == "delay":
            late = fault.delay
        if fault is not None and fault.fault == "reorder":
            late = _ALONE
        return self._server.clock.now() + after + late

    def _queue(self, entry: dict[str, Any], event_id: str, fault: Fault | None) -> None:
        copies = 2 if fault is not None and fault.fault == "duplicate" else 1
        held = [hook for hook in self.pending() if hook["held"]] if not entry["held"] else []
        for _ in range(copies):
            key = f"{event_id}#{len(self._shelf)}"
            self._shelf.put(key, {**entry, "key": key}, kind="hook.queued", event_kind=entry["kind"])
            if entry["state"] == "pending":
                self._waiting.add(key)
        for hook in held:
            self._shelf.patch(
                hook["key"], {"held": False, "due": entry["due"], "overtaken": True}, kind="hook.released"
            )

    def pending(self) -> list[dict[str, Any]]:
        """Return the events that still have to be delivered, in the order they will leave."""
        hooks = [self._shelf[key] for key in self._waiting]
        return sorted(
            hooks, key=lambda hook: (hook["due"], hook.get("overtaken", False), int(hook["key"].split("#")[-1]))
        )

    def forget(self) -> None:
        """Give up everything that waits (a webhook was switched off)."""
        for hook in self.pending():
            self._settle(hook, "given_up", 0)

    async def tick(self) -> int:
        """Send everything that is due, also what comes up meanwhile; return how many attempts were made."""
        async with self._lock:
            tried, stuck = 0, set[str]()
            while batch := [hook for hook in self._ready() if hook["lane"] not in stuck]:
                for hook in batch:
                    if hook["lane"] not in stuck:
                        tried += 1
                        if not await self._attempt(hook) and self._in_order:
                            stuck.add(hook["lane"])
            return tried

    def _ready(self) -> list[dict[str, Any]]:
        now, hooks = self._server.clock.now(), self.pending()
        if not self._in_order:
            return [hook for hook in hooks if datetime.fromisoformat(hook["due"]) <= now]
        ready, blocked = [], set[str]()
        for hook in sorted(hooks, key=_number):
            if datetime.fromisoformat(hook["due"]) > now:
                blocked.add(hook["lane"])
            elif hook["lane"] not in blocked:
                ready.append(hook)
        return ready

    async def _attempt(self, entry: dict[str, Any]) -> bool:
        hook = Hook(
            entry["event"],
            entry["kind"],
            entry["url"],
            entry["body"],
            entry["content_type"],
            entry["attempt"] + 1,
            entry["details"],
        )
        spoil = entry["spoil"] and entry["attempt"] == 0
        status, body = await self._post(hook, spoil)
        taken = 200 <= status < 300
        self._settle(entry, "delivered" if taken else "failed", status)
        if self._on_answer:
            await self._on_answer(hook, status, body)
        return taken

    async def _post(self, hook: Hook, spoil: bool) -> tuple[int, bytes]:
        headers = {"Content-Type": hook.content_type, **self._sign(hook, self._server.clock.now())}
        if spoil:
            headers = {name: _spoiled(name, value) for name, value in headers.items()}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._limit))
        try:
            sending = self._session.post(hook.url, data=hook.body.encode(), headers=headers, allow_redirects=False)
            async with sending as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, b""

    def _settle(self, entry: dict[str, Any], outcome: str, status: int) -> None:
        steps, attempt = entry["steps"], entry["attempt"]
        changes: dict[str, Any] = {"attempt": attempt + 1}
        if outcome == "failed" and attempt < len(steps):
            due = self._server.clock.now() + timedelta(seconds=steps[attempt])
            changes["due"] = due.isoformat()
        else:
            changes["state"] = "given_up" if outcome == "failed" else outcome
            self._waiting.discard(entry["key"])
        self._shelf.patch(
            entry["key"], changes, kind=f"hook.{outcome}", event=entry["event"], event_kind=entry["kind"], status=status
        )

    async def close(self) -> None:
        """Close the connections; what waits stays in the book."""
        if self._session:
            await self._session.close()
            self._session = None


def _number(entry: dict[str, Any]) -> int:
    return int(entry["key"].rsplit("#", 1)[-1])


def _spoiled(name: str, value: str) -> str:
    """Break a signature and leave the content type alone."""
    if name.lower() == "content-type" or not value:
        return value
    last = value[-1]
    return value[:-1] + ("0" if last != "0" else "1")
