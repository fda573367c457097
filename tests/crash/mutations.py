"""Broken builds, one thing broken in each: the judge must turn red on every one of them.

A mutation that nobody notices means that the proof proves nothing. Each is a small patch of the shipped code, undone by
`restore`; `python -m tests.crash.torture --mutation NAME` runs the servers with it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.engine import dispatch
from integrations.lob.adapter import LobAdapter
from jobs.delivery import Delivery
from storage import outbox
from storage.writer import Batch, Fetch, Writer

_COUNT = itertools.count()


@dataclass(slots=True)
class Mutation:
    """A patch: `make` returns what to set (owner, name, value)."""

    make: Callable[[], list[tuple[Any, str, Any]]]
    shows_at: tuple[str, int]
    """The channel and the instant that showed it last, tried first; when lives have changed, the others are tried."""
    at_intake: bool = False
    """It breaks the taking of messages, so the first instants of a life show it."""
    _kept: list[tuple[Any, str, Any]] = field(default_factory=list)

    def apply(self) -> None:
        """Break the build."""
        for owner, name, value in self.make():
            self._kept.append((owner, name, owner.__dict__[name]))
            setattr(owner, name, value)

    def restore(self) -> None:
        """Mend it."""
        while self._kept:
            owner, name, value = self._kept.pop()
            setattr(owner, name, value)


def _no_unique_key() -> list[tuple[Any, str, Any]]:
    """The inbox accepts a key twice, as if its unique constraint were gone."""
    claim = dispatch.Dispatcher.claim

    def careless(self: Any, work: Any, event: Any, row: Any, **more: Any) -> Fetch:
        request = claim(self, work, event, row, **more)
        return Fetch(request.hot, {**request.params, "key": f"{event.key}#{next(_COUNT)}"})

    return [(dispatch.Dispatcher, "claim", careless)]


def _split_turn() -> list[tuple[Any, str, Any]]:
    """The event is committed as done before its turn's writes are."""
    flush = Batch._flush

    def halves(self: Any, works: Any) -> None:
        self._session.commit()
        self._session.begin()
        flush(self, works)

    return [(Batch, "_flush", halves)]


def _late_state() -> list[tuple[Any, str, Any]]:
    """Messages are committed in a commit of their own, after the conversation's state."""
    flush = Batch._flush

    def halves(self: Any, works: Any) -> None:
        later = [[(hot, p) for hot, p in work.hot if hot is outbox.ADD] for work in works]
        for work in works:
            work.hot = [(hot, p) for hot, p in work.hot if hot is not outbox.ADD]
        flush(self, works)
        self._session.commit()
        self._session.begin()
        for rows in later:
            for hot, params in rows:
                self._session.write_many(hot, [params])

    return [(Batch, "_flush", halves)]


def _answer_before_commit() -> list[tuple[Any, str, Any]]:
    """The sender is told 200 before the commit."""

    run = Writer._run

    def early(self: Any, jobs: Any) -> Any:
        running = run(self, jobs)
        for r in running:
            if r.done and not r.waiting.future.done():
                r.waiting.future.get_loop().call_soon_threadsafe(_resolve, r)
        return running

    def _resolve(r: Any) -> None:
        if not r.waiting.future.done():
            r.waiting.future.set_result(r.result)

    async def slow(self: Any, jobs: Any) -> Any:
        running = self._run(jobs)
        await asyncio.sleep(0.03)
        self._session.commit()
        return running

    return [(Writer, "_run", early), (Writer, "_transact", slow)]


def _outbox_without_state() -> list[tuple[Any, str, Any]]:
    """Rows of the outbox are claimed whatever their state: two workers send the same one."""

    def ready(connection: Any, now_us: int, limit: int = 200) -> list[int]:
        table = outbox.outbox
        wanted = sa.select(table.c.id).where(table.c.state.in_(["ready", "sending"]), table.c.due_at <= now_us)
        return [row.id for row in connection.execute(wanted.limit(limit))]

    def claim(work: Any, outbox_id: int, worker: int) -> Any:
        table = outbox.outbox
        return work.claim(
            table.update()
            .where(table.c.id == outbox_id)
            .values(state="sending", worker=worker, attempts=table.c.attempts + 1, first_at=work.now_us)
            .returning(table)
        ).first()

    return [(outbox, "ready", ready), (outbox, "claim", claim)]


def _blind_retry() -> list[tuple[Any, str, Any]]:
    """An uncertain call is simply made again, and Lob gets a new key each time."""

    async def blind(self: Any, lease: Any, adapter: Any, attempt: Any) -> None:
        return None

    mail = LobAdapter._mail

    async def keyless(self: Any, call: Any, attempt: Any) -> Any:
        ask = self._wire.ask

        async def other(*arguments: Any, **request: Any) -> Any:
            if "Idempotency-Key" in request.get("headers", {}):
                request["headers"] = {"Idempotency-Key": f"letter:{call.letter_id}:{next(_COUNT)}:{id(self)}"}
            return await ask(*arguments, **request)

        self._wire.ask = other
        try:
            return await mail(self, call, attempt)
        finally:
            del self._wire.ask

    return [(Delivery, "_look_up", blind), (LobAdapter, "_mail", keyless)]


def _forgotten_orphans() -> list[tuple[Any, str, Any]]:
    """Rows in flight of a dead process stay as they are."""

    async def nobody(self: Any, living: Any) -> int:
        return 0

    return [(Delivery, "adopt_orphans", nobody)]


def _orphans_as_new() -> list[tuple[Any, str, Any]]:
    """Rows in flight of a dead process are sent again as if they had never been tried."""
    adopt = Delivery.adopt_orphans

    async def fresh(self: Any, living: Any) -> int:
        count = await adopt(self, living)
        table = outbox.outbox
        await self._writers.run(
            lambda work: work.write(table.update().where(table.c.error == "unknown:0").values(error=None))
        )
        return count

    return [(Delivery, "adopt_orphans", fresh)]


def _event_after_mark() -> list[tuple[Any, str, Any]]:
    """A call is marked done in one commit and its answer becomes an event in the next."""

    async def apart(self: Any, event: Any, before: Any) -> None:
        await self._writers.run(before)
        sent = await self._writers.run(self._dispatcher.intake(event))
        self.offer(sent)

    return [(Delivery, "_take", apart)]


MUTATIONS = {
    "no unique key": Mutation(_no_unique_key, ("telegram", 3), at_intake=True),
    "split turn": Mutation(_split_turn, ("telegram", 0)),
    "messages in a later commit": Mutation(_late_state, ("telegram", 19)),
    "answer before commit": Mutation(_answer_before_commit, ("telegram", 10)),
    "no claim": Mutation(_outbox_without_state, ("sms", 11)),
    "blind retry": Mutation(_blind_retry, ("sms", 13)),
    "forgotten orphans": Mutation(_forgotten_orphans, ("telegram", 10)),
    "orphans as new": Mutation(_orphans_as_new, ("sms", 13)),
    "event after mark": Mutation(_event_after_mark, ("telegram", 11)),
}
