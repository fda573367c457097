"""From an event to a committed turn: the jobs that the writer runs.

Intake and turn share one commit when nothing of that person waits: the inbox row is inserted as `done` together with
all that the turn wrote. If the turn fails it has written nothing; its event is kept `waiting` with one attempt, and
the person's later messages queue behind it. After five failures the event goes to the dead letters, the person is told
that their place is kept, and the next message proceeds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import orjson

from bot.core.calls import pack
from bot.core.events import Event
from bot.core.prompts import Ask
from bot.engine import compose, pipeline
from bot.engine.intake import Intake, Retry, Sent, Steps
from bot.engine.registry import Registry
from bot.engine.state import Conversation
from bot.engine.turn import Address, Person, Turn
from storage import addresses, inbox, outbox, people, transcript
from storage import conversation as conversations
from storage.hot import Row
from storage.work import Work
from storage.writer import Fetch, Job, Later

ATTEMPTS = 5
_BACKOFF_US = (0, 1_000_000, 5_000_000, 20_000_000, 60_000_000)
_MINUTE_US, _DAY_US = 60_000_000, 86_400_000_000
SLOW_TURN_SECONDS = 0.020
log = logging.getLogger("parley.turn")
Step = Callable[[Turn], Ask | None]

__all__ = ["ATTEMPTS", "Dispatcher", "Sent"]


class Dispatcher:
    """Makes jobs of events. `process_id` marks the rows that this process claims at their birth."""

    def __init__(
        self, registry: Registry, *, process_id: int, on_turn: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self.registry, self.process_id, self._on_turn = registry, process_id, on_turn

    def intake(
        self,
        event: Event,
        *,
        answers: bool = False,
        before: Callable[[Work], None] | None = None,
        still: Callable[[Work], bool] | None = None,
    ) -> Job:
        """Return the job that takes an event in and runs its turn.

        `answers` says that a webhook response may carry the reply; `before` writes what must commit with it (a call's
        row marked done); `still` asks, once the person is held, whether the event is wanted at all (a timer that was
        cancelled since it was read is not).
        """
        self.registry.complete()
        return Intake(self, event, answers, before, still)

    def retry(self, inbox_id: int) -> Job:
        """Return the job that tries a waiting event again."""
        self.registry.complete()
        return Retry(self, inbox_id)

    # -- the steps of a job ----------------------------------------------------------------------------------------

    def snapshot(self, work: Work, event: Event) -> Steps:
        """Read where the person stands, making person and address at their first message; None for nobody."""
        if event.channel is None or event.handle is None:
            person_id = event.person_id
            if person_id is None:
                person_id = self._find_person(work, event)
            if person_id is None:
                return None
            fetch = Fetch(conversations.BY_PERSON, {"person_id": person_id}, holds=True)
        else:
            digest = work.seal.digest("address", f"{event.channel}:{event.handle}")
            fetch = Fetch(conversations.BY_ADDRESS, {"hash": digest}, holds=True)
        found: list[Row] = yield fetch
        if not found:
            if event.channel is None:
                return None
            return (yield from self._first_contact(work, event))
        work.ids.follow(found[0][9] or 0)
        return found[0]

    def _find_person(self, work: Work, event: Event) -> int | None:
        """Ask the service; an event that its finder cannot read is nobody's, and its handler makes it a dead letter."""
        finder = self.registry.finders.get(event.source)
        try:
            return finder(work, event) if finder else None
        except Exception:
            log.exception("no person found", extra={"source": event.source, "event": event.kind})
            return None

    def _first_contact(self, work: Work, event: Event) -> Steps:
        person_id, address_id = work.new_id(), work.new_id()
        assert event.channel is not None and event.handle is not None  # noqa: S101, PT018
        handle = f"{event.channel}:{event.handle}"
        refused: list[Row] = yield Fetch(people.SUPPRESSED, {"hash": addresses.suppression_hash(work, handle)})
        state = "opted_out" if refused else "active"  # an opt-out outlives the person who said it (rule SMS-6)
        locale = "es" if str(event.payload.get("locale") or "").startswith("es") else "en"
        locale = locale if self.registry.speaks(locale) else "en"
        claimed: list[Row] = yield Fetch(
            people.CLAIM_ADDRESS,
            {
                "id": address_id,
                "person_id": person_id,
                "channel": event.channel,
                "hash": work.seal.digest("address", handle),
                "handle": work.seal.seal(event.handle.encode()),
                "state": state,
                "created_at": work.now_us,
            },
        )
        if not claimed:
            yield Later()
        blank = dict.fromkeys(("zone", "place", "staffed_until"))
        work.put(people.ADD_PERSON, {"id": person_id, "locale": locale, "created_at": work.now_us, **blank})
        return (
            person_id,
            address_id,
            event.channel,
            state,
            None,
            locale,
            None,
            None,
            None,
            None,
            False,
            False,
            None,
        )

    def turn(self, work: Work, event: Event, inbox_id: int, row: Row | None) -> Turn:
        """Return the turn of an event over a snapshot."""
        if row is None:
            return Turn(
                self.registry, work, event, inbox_id=inbox_id, person=None, address=None, conversation=Conversation()
            )
        handle = event.handle or work.seal.open(row[12]).decode()
        return Turn(
            self.registry,
            work,
            event,
            inbox_id=inbox_id,
            person=Person(row[0], row[5], row[6], row[7]),
            address=Address(row[1], row[2], handle, row[3], row[4], bool(row[11])),
            conversation=Conversation.load(work.seal.open(row[8])) if row[8] else Conversation(),
        )

    def run(self, turn: Turn, sent: Sent, *, answers: bool, step: Step = pipeline.run) -> None:
        """Run the turn and hand its writes to the unit of work; `step` is what happens in it."""
        started = time.perf_counter()
        work, event = turn.work, turn.event
        before = turn.conversation.top
        origin = f"{before.flow}.{before.step}" if before else ""
        ask = step(turn)
        rows = compose.compose(turn, ask)
        self._save(turn)
        self._claim_at_birth(turn, rows, sent, answers=answers)
        self._put(work, rows)
        took = time.perf_counter() - started
        if took > SLOW_TURN_SECONDS:
            log.warning("slow turn", extra={"event": event.kind, "ms": round(took * 1000, 1)})
        if self._on_turn:
            top = turn.conversation.top
            flow = top.flow if top else origin.partition(".")[0]
            target = f"{flow}.{top.step}" if top else ""
            self._on_turn(
                {
                    "source": event.source, "kind": event.kind, "person": turn.person_id, "inbox": turn.inbox_id,
                    "flow": flow, "from": origin, "to": target, "ms": took * 1000, "outbox": len(rows),
                }
            )  # fmt: skip

    def _save(self, turn: Turn) -> None:
        work, event = turn.work, turn.event
        if turn.address is None or turn.person_id is None:
            return
        turn.keep_draft()
        work.put(
            conversations.SAVE,
            {
                "person_id": turn.person_id,
                "address_id": turn.address.id,
                "state": work.seal.seal(turn.conversation.dump()),
                "newest": work.ids.last,
                "at": work.now_us,
            },
        )
        if event.channel:
            heard = turn.address.last_in_at
            if heard is None or work.now_us - heard >= _MINUTE_US:
                work.put(people.TOUCH_ADDRESS, {"address_id": turn.address.id, "at": work.now_us})
            work.put(
                transcript.ADD,
                {
                    "id": turn.inbox_id,
                    "person_id": turn.person_id,
                    "address_id": turn.address.id,
                    "direction": "in",
                    "body": work.seal.seal(event.text.encode()),
                    "at": work.now_us,
                },
            )
            work.put(
                transcript.USE,
                {"person_id": turn.person_id, "kind": "turns", "period": work.now_us // _DAY_US, "used": 1},
            )

    def _claim_at_birth(self, turn: Turn, rows: list[dict[str, Any]], sent: Sent, *, answers: bool) -> None:
        """Let the first due row of each lane start in this process; the reply may leave in the webhook response."""
        address = turn.address
        busy = {address.id} if address is not None and address.queued else set[int]()
        for row in rows:
            if row["due_at"] > turn.work.now_us or row["lane"] in busy:
                continue
            busy.add(row["lane"])
            call = row["body"]["call"]
            if answers and sent.answer is None and row["kind"] == "message" and compose.may_answer(turn, call):
                row.update(id=turn.inbox_id, state="answered")
                sent.answer = call
                busy.discard(row["lane"])
                continue
            if row["purpose"] in ("notice", "nudge", "offer"):
                continue
            row.update(state="sending", worker=self.process_id, attempts=1, first_at=turn.work.now_us)
        sent.rows = [row for row in rows if row["state"] in ("sending", "ready")]

    @staticmethod
    def _put(work: Work, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            body = {**row["body"], "call": pack(row["body"]["call"])}
            work.put(outbox.ADD, {**row, "body": work.seal.seal(orjson.dumps(body))})

    def claim(
        self, work: Work, event: Event, row: Row | None, *, state: str, attempts: int = 0, error_due: int = 0
    ) -> Fetch:
        """Return the request that claims an event by its insertion; one that is done needs no body any more."""
        return Fetch(
            inbox.CLAIM,
            {
                "id": work.new_id(),
                "source": event.source,
                "key": event.key,
                "person_id": row[0] if row else None,
                "address_id": row[1] if row else None,
                "kind": event.kind,
                "body": None if state == "done" else work.seal.seal(event.dump()),
                "state": state,
                "attempts": attempts,
                "due_at": error_due or work.now_us,
                "at": work.now_us,
            },
        )

    def failed(self, work: Work, turn: Turn, sent: Sent, *, attempts: int, error: Exception) -> None:
        """Note a failed try; after the last one tell the person and the operators."""
        name = type(error).__name__
        dead = attempts >= ATTEMPTS
        sent.state, sent.error = ("dead" if dead else "waiting"), name
        due = work.now_us + _BACKOFF_US[min(attempts, ATTEMPTS) - 1]
        body = work.seal.seal(turn.event.dump())
        work.put(
            inbox.PARK,
            {
                "inbox_id": turn.inbox_id, "state": sent.state, "attempts": attempts, "due_at": due, "error": name,
                "body": body,
            },
        )  # fmt: skip
        log.exception("turn failed", exc_info=error, extra={"event": turn.event.kind, "inbox": turn.inbox_id})
        if not dead:
            return
        told = Turn(
            self.registry, work, turn.event, inbox_id=turn.inbox_id,
            person=turn._person, address=turn.address, conversation=turn.conversation,
        )  # fmt: skip
        if turn.event.channel:
            told.say("engine.poison")
        told.alert(
            "dead_letter", key=f"dead:inbox:{turn.inbox_id}", inbox=turn.inbox_id, event=turn.event.kind, error=name
        )
        self._put(work, compose.compose(told, None))
