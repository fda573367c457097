"""The jobs that the writer runs for an event: take it in, keep it although its turn failed, try it again.

Each knows what to record when the database refuses its writes even alone, so that no event is ever lost or in the way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from bot.core.calls import unpack
from bot.core.errors import Permanent
from bot.core.events import Event
from storage import inbox, outbox
from storage.hot import Row
from storage.work import Work
from storage.writer import Fetch, Hold, Job

if TYPE_CHECKING:
    from bot.engine.dispatch import Dispatcher

log = logging.getLogger("parley.turn")
Steps = Generator[Any, Any, Any]
BESIDE = "beside"
"""In a timer's body: another person whose rows its turn writes too, and who therefore has no turn meanwhile."""


class Sent(msgspec.Struct):
    """What became of an event: `answer` is a message that may leave in the webhook response, `rows` start T3."""

    inbox_id: int | None = None
    state: str = "done"
    duplicate: bool = False
    answer: Any = None
    rows: list[dict[str, Any]] = msgspec.field(default_factory=list)
    error: str | None = None


class Intake:
    """Takes one event in. A callable job that also knows how to record its own failure."""

    __slots__ = ("_answers", "_before", "_d", "_event", "_still")

    def __init__(
        self,
        d: Dispatcher,
        event: Event,
        answers: bool,
        before: Callable[[Work], None] | None,
        still: Callable[[Work], bool] | None,
    ) -> None:
        self._d, self._event, self._answers, self._before, self._still = d, event, answers, before, still

    def __call__(self, work: Work) -> Steps:
        d, event, sent = self._d, self._event, Sent()
        row = yield from d.snapshot(work, event)
        if event.source == "timer" and BESIDE in event.payload:
            yield Hold(int(event.payload[BESIDE]))
        if self._still is not None and not self._still(work):
            sent.state = "unwanted"
            return sent
        waits = bool(row[10]) if row else False
        request = d.claim(work, event, row, state="waiting" if waits else "done")
        claimed: list[Row] = yield request
        if not claimed:
            return (yield from self._repeated(work))
        sent.inbox_id = inbox_id = request.params["id"]
        if self._before:
            self._before(work)
        if waits:
            sent.state = "waiting"
            return sent
        turn = d.turn(work, event, inbox_id, row)
        buffered = len(work.hot), len(work.cold)
        try:
            d.run(turn, sent, answers=self._answers)
        except Exception as error:
            del work.hot[buffered[0] :], work.cold[buffered[1] :]
            work.undo()
            sent.answer, sent.rows = None, []
            d.failed(work, d.turn(work, event, inbox_id, row), sent, attempts=1, error=error)
        return sent

    def _repeated(self, work: Work) -> Steps:
        """The event came before: give a stored answer again, as Telegram got no 200 the first time."""
        sent = Sent(duplicate=True)
        if self._answers:
            found = work.row(inbox.id_of(self._event.source, self._event.key))
            rows: list[Row] = (yield Fetch(outbox.ANSWER_OF, {"inbox_id": found[0]})) if found else []
            if rows and rows[0][0]:
                sent.answer = unpack(orjson.loads(work.seal.open(rows[0][0]))["call"])
        return sent

    def recover(self, error: Exception) -> Job:
        """Record an event whose writes the database refused."""
        return Refused(self._d, self._event, error, self._before)


class Refused:
    """Keeps an event whose turn could not be flushed: waiting, with one attempt, and with what must commit with it."""

    __slots__ = ("_before", "_d", "_error", "_event")

    def __init__(
        self, d: Dispatcher, event: Event, error: Exception, before: Callable[[Work], None] | None = None
    ) -> None:
        self._d, self._event, self._error, self._before = d, event, error, before

    def __call__(self, work: Work) -> Steps:
        d, sent = self._d, Sent(state="waiting", error=type(self._error).__name__)
        row = yield from d.snapshot(work, self._event)
        request = d.claim(work, self._event, row, state="waiting", attempts=1, error_due=work.now_us + 1_000_000)
        claimed: list[Row] = yield request
        if not claimed:
            sent.duplicate = True
            return sent
        if self._before:
            self._before(work)
        log.error("turn refused by the database", exc_info=self._error, extra={"event": self._event.kind})
        return sent


class Retry:
    """Tries a waiting event again."""

    __slots__ = ("_d", "_inbox_id")

    def __init__(self, d: Dispatcher, inbox_id: int) -> None:
        self._d, self._inbox_id = d, inbox_id

    def __call__(self, work: Work) -> Steps:
        d, sent = self._d, Sent(inbox_id=self._inbox_id)
        stored = inbox.load(work, self._inbox_id)
        if stored is None or stored.state != "waiting":
            return sent
        event = Event.load(work.seal.open(stored.body))
        row = yield from d.snapshot(work, event)
        if event.source == "timer" and BESIDE in event.payload:
            yield Hold(int(event.payload[BESIDE]))
        stored = inbox.load(work, self._inbox_id)
        if stored is None or stored.state != "waiting" or inbox.is_behind(work, stored):
            return sent
        try:
            d.run(d.turn(work, event, self._inbox_id, row), sent, answers=False)
            work.put(
                inbox.PARK,
                {
                    "inbox_id": self._inbox_id,
                    "state": "done",
                    "attempts": stored.attempts + 1,
                    "due_at": work.now_us,
                    "error": None,
                    "body": None,
                },
            )
        except Exception as error:
            work.drop()
            sent.rows = []
            d.failed(work, d.turn(work, event, self._inbox_id, row), sent, attempts=stored.attempts + 1, error=error)
        return sent

    def recover(self, error: Exception) -> Job:
        """Count a try whose writes the database refused."""

        def count(work: Work) -> Steps:
            stored = inbox.load(work, self._inbox_id)
            if stored is None:
                raise Permanent("an inbox row vanished")
            sent = Sent(inbox_id=self._inbox_id)
            if stored.state != "waiting":
                return sent
            event = Event.load(work.seal.open(stored.body))
            row = yield from self._d.snapshot(work, event)
            try:
                turn = self._d.turn(work, event, self._inbox_id, row)
            except Exception:  # a state that cannot be read is the trouble itself: count it without the person
                turn = self._d.turn(work, event, self._inbox_id, None)
            self._d.failed(work, turn, sent, attempts=stored.attempts + 1, error=error)
            return sent

        return count
