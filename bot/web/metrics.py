"""The numbers that operators watch (rule OBS-2); `bot.web.scrape` shows them.

Base units, closed label sets, and never a person, number, case or free text as a label: a value outside its set is
counted as `other`. What is state rather than flow (queues, ages, dead letters) is read by short queries at the scrape.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from bot.core.calls import Done
from bot.core.calls.channels import SendSms, SendTelegram
from bot.core.calls.coach import AskCoach, CoachSaid, SummariseTalk, TalkSummarised
from bot.core.calls.workshop import AskModel, ModelAnswer, ReadText, TextFound
from bot.core.clock import Clock
from bot.core.model_prices import PriceTable
from bot.core.ports import Adapter, Attempt, Perform
from bot.core.sms import size as sms_size
from bot.web.tallies import Counts, Levels, Tally, Times

if TYPE_CHECKING:
    from bot.web.queues import Queues

CHANNELS = ("telegram", "sms", "stripe", "lob", "twilio", "timer", "call", "delivery", "admin")
VENDORS = (
    "telegram", "twilio", "stripe", "lob", "anthropic", "claude", "speech", "media", "press", "pictures", "charts",
    "ocr", "google_vision", "mail", "imap", "smtp", "gmail", "plaid", "firefly", "actual", "books", "coach",
    "office",
)  # fmt: skip
REASONS = ("signature", "malformed", "too_large", "account")
OUTCOMES = ("done", "refused", "again", "unknown")
OPTOUT_SOURCES = ("text", "STOP", "carrier", "staff", "email", "web")
LETTERS = (
    "created",
    "rendered_pdf",
    "rendered_thumbnails",
    "mailed",
    "in_transit",
    "in_local_area",
    "processed_for_delivery",
    "re-routed",
    "delivered",
    "returned_to_sender",
    "pickup_available",
    "issue",
    "rejected",
    "failed",
    "deleted",
)
PAYMENTS = {
    "checkout.session.completed": "completed",
    "checkout.session.expired": "expired",
    "checkout.session.async_payment_succeeded": "async_succeeded",
    "checkout.session.async_payment_failed": "async_failed",
    "refund.created": "refund_created",
    "refund.updated": "refund_updated",
    "refund.failed": "refund_failed",
    "charge.refunded": "refunded",
    "charge.dispute.created": "disputed",
    "charge.dispute.closed": "dispute_closed",
}
READERS = {"ReadPrint": "local_ocr", "ReadReceipt": "claude", "DetectText": "google_vision"}
PURPOSES = (
    "letter_tidy", "letter_translate", "ticket_photo", "classify", "coach_reply", "coach_extract", "coach_summary",
)  # fmt: skip
FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
T = TypeVar("T", Counts, Levels, Times)
RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_STATES = {"closed": 0, "half_open": 1, "open": 2}
_PAGE_BYTES = 4096


class Metrics:
    """Counts through hooks, reads the rest at a scrape. `flows` closes the set of flow names; it may still grow."""

    def __init__(self, *, flows: Container[str] = (), clock: Clock) -> None:
        self.tallies: list[Tally] = []
        self._flows, self._clock = flows, clock
        self._optouts: dict[str, int] = {}
        self.breakers: Mapping[str, Any] = {}
        self._inbound()
        self._outbound()
        self._domain()
        self._machine()

    @property
    def now(self) -> datetime:
        """The moment by its clock."""
        return self._clock.now()

    def _counter(self, name: str, text: str, *labels: str, sets: Iterable[tuple[str, ...]] = ()) -> Counts:
        return self._added(Counts(f"parley_{name}", text, labels, sets))

    def _gauge(self, name: str, text: str, *labels: str, sets: Iterable[tuple[str, ...]] = ()) -> Levels:
        return self._added(Levels(f"parley_{name}", text, labels, sets))

    def _times(self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = SLOW) -> Times:
        return self._added(Times(f"parley_{name}_seconds", text, labels, buckets))

    def _added(self, tally: T) -> T:
        self.tallies.append(tally)
        return tally

    def _inbound(self) -> None:
        channels = [(channel,) for channel in (*CHANNELS, "other")]
        refused = [(vendor, reason) for vendor in ("telegram", "twilio", "stripe", "lob") for reason in REASONS]
        self.received = self._counter("inbox_received", "Events taken in", "channel", sets=channels)
        self.duplicates = self._counter("inbox_duplicates", "Events that came before", "channel", sets=channels)
        self.inbox_pending = self._gauge("inbox_pending", "Events that wait for their turn")
        self.turns = self._times("turn", "Turns by the flow they ended in", "flow", buckets=FAST)
        self.replies = self._times("reply_latency", "From the turn to the reply's delivery", "channel")
        self.refused = self._counter("webhook_rejected", "Requests refused", "vendor", "reason", sets=refused)

    def _outbound(self) -> None:
        kinds = [("message",), ("call",)]
        attempts = [(channel, outcome) for channel in ("telegram", "sms", "call") for outcome in OUTCOMES]
        self.outbox_pending = self._gauge("outbox_pending", "Rows that wait or are under way", "kind", sets=kinds)
        self.outbox_age = self._gauge("outbox_oldest_age_seconds", "Age of the oldest row due", "kind", sets=kinds)
        self.attempts = self._counter("outbox_attempts", "Attempts to deliver", "channel", "outcome", sets=attempts)
        self.dead_letters = self._gauge("dead_letters", "Events and rows given up")
        self.requests = self._times("vendor_request", "Calls to vendors", "vendor", "operation", "outcome")
        self.breaker = self._gauge("breaker_state", "0 closed, 1 half open, 2 open", "vendor")
        encodings = [("GSM-7",), ("UCS-2",)]
        self.segments = self._counter("sms_segments", "SMS segments sent", "encoding", sets=encodings)
        self.tokens = self._counter("llm_tokens", "Tokens", "direction", sets=[("input",), ("output",)])
        costs = [(purpose,) for purpose in (*PURPOSES, "other")]
        self.costs = self._counter("llm_cost_micros", "Cost in millionths of a US dollar", "purpose", sets=costs)

    def _domain(self) -> None:
        sources = [(source,) for source in (*OPTOUT_SOURCES, "other")]
        self.optouts = self._counter("optouts", "Opt-outs by where they came from", "source", sets=sources)
        letters = [(state,) for state in (*LETTERS, "other")]
        self.letters = self._counter("letters", "What the post reported", "state", sets=letters)
        payments = [(state,) for state in (*PAYMENTS.values(), "other")]
        self.payments = self._counter("payments", "What the payment service reported", "state", sets=payments)
        readers = [(state, reader) for state in ("read", "failed") for reader in READERS.values()]
        self.receipts = self._counter("receipts", "Pictures of receipts read", "state", "reader", sets=readers)
        vendors = [("stripe",), ("lob",), ("twilio",)]
        self.differences = self._gauge("reconcile_differences", "Differences found last", "vendor", sets=vendors)
        name = "job_last_success_timestamp_seconds"
        self.jobs = self._gauge(name, "When a job last succeeded", "job", sets=[("backup",)])
        self.backup = self._gauge("backup_last_success_timestamp_seconds", "When a backup last succeeded")

    def _machine(self) -> None:
        self.statements = self._times("db_statement", "Reads of the database", "statement", buckets=FAST)
        self.statements.show("read")
        self.pool_wait = self._times("db_pool_wait", "Waiting for a connection", buckets=FAST)
        self.http = self._times("http_request", "Requests by route", "route", "status")
        self.resident = self._gauge("process_resident_bytes", "Resident memory")

    # -- hooks -----------------------------------------------------------------------------------------------------

    def count(self, channel: str, what: str) -> None:
        """Count an event at a door: `received` or `duplicate` (hook of `Intake`)."""
        metric = self.duplicates if what == "duplicate" else self.received
        metric.note(_closed(channel, CHANNELS))

    def rejected(self, vendor: str, reason: str) -> None:
        """Count a refused request (hook of `Intake`)."""
        if vendor in VENDORS and reason in REASONS:
            self.refused.note(vendor, reason)

    def turn(self, line: Mapping[str, Any]) -> None:
        """Note a turn (hook of `Dispatcher`)."""
        flow, kind = line.get("flow") or "none", str(line.get("kind"))
        known = flow if flow in self._flows or flow == "none" else "other"
        self.turns.note(line["ms"] / 1000, known)
        if line.get("source") == "lob":
            self.letters.note(_closed(kind.rpartition(".")[2], LETTERS))
        elif line.get("source") == "stripe":
            self.payments.note(PAYMENTS.get(kind, "other"))

    def observe(self, vendor: str, operation: str, outcome: str, seconds: float) -> None:
        """Note a call to a vendor (hook of `Delivery`); operations are names of call classes."""
        self.requests.note(seconds, _closed(vendor, VENDORS), operation, _closed(outcome, OUTCOMES))
        channel = {"SendTelegram": "telegram", "SendSms": "sms"}.get(operation, "call")
        self.attempts.note(channel, _closed(outcome, OUTCOMES))
        if operation in READERS and outcome in ("done", "refused"):
            self.receipts.note("read" if outcome == "done" else "failed", READERS[operation])

    def opted_out(self, totals: Mapping[str, int]) -> None:
        """Bring the opt-outs up to what the ledger holds (its rows are never deleted, so the count only grows)."""
        for source, total in totals.items():
            self.optouts.note(_closed(source, OPTOUT_SOURCES), by=max(total - self._optouts.get(source, 0), 0))
        self._optouts = dict(totals)

    def reconciled(self, vendor: str, differences: int) -> None:
        """Note what a reconciliation found."""
        self.differences.set(differences, _closed(vendor, VENDORS))

    def watch(self, adapters: Iterable[Adapter]) -> None:
        """Measure what only the calls themselves tell: segments, tokens, how long a reply took."""
        noted: dict[type, Callable[[Any, Any, Attempt], None]] = {
            SendSms: self._sms,
            SendTelegram: self._telegram,
            AskModel: self._model,
            ReadText: self._model,
            AskCoach: self._coach,
            SummariseTalk: self._coach,
        }
        for adapter in adapters:
            ours = {call: note for call, note in noted.items() if call in adapter.calls}
            if ours:
                watched = {call: self._watched(adapter.calls[call], note) for call, note in ours.items()}
                adapter.calls = {**adapter.calls, **watched}

    def _watched(self, perform: Perform, note: Callable[[Any, Any, Attempt], None]) -> Perform:
        async def watched(call: Any, attempt: Attempt) -> Any:
            outcome = await perform(call, attempt)
            if isinstance(outcome, Done):
                note(call, outcome.result, attempt)
            return outcome

        return watched

    def _late(self, channel: str, attempt: Attempt) -> None:
        seconds = (self._clock.now() - attempt.first_at).total_seconds()
        self.replies.note(max(seconds, 0.0), channel)

    def _sms(self, call: SendSms, result: Any, attempt: Attempt) -> None:
        cost = sms_size(call.body)
        self.segments.note(cost.encoding, by=cost.segments)
        self._late("sms", attempt)

    def _telegram(self, call: SendTelegram, result: Any, attempt: Attempt) -> None:
        self._late("telegram", attempt)

    def _model(self, call: AskModel | ReadText, result: ModelAnswer | TextFound, attempt: Attempt) -> None:
        self.tokens.note("input", by=result.input_tokens)
        self.tokens.note("output", by=result.output_tokens)
        self.costs.note(_closed(call.purpose, PURPOSES), by=result.cost_e4 or 0)

    def _coach(self, call: AskCoach | SummariseTalk, result: CoachSaid | TalkSummarised, attempt: Attempt) -> None:
        for one in result.tries:
            self.tokens.note("input", by=one.tokens.prompt)
            self.tokens.note("output", by=one.output_tokens)
            cost = PriceTable.load().cost_e4(one.model, one.tokens, attempt.now.date())
            self.costs.note(f"coach_{one.purpose}", by=cost or 0)

    def answered(self, channel: str, seconds: float) -> None:
        """Note a reply that left in the webhook's response (hook of `Intake`)."""
        self.replies.note(seconds, channel)

    def read(self, waited: float, took: float) -> None:
        """Note a read of the database (hook of `Database`)."""
        self.pool_wait.note(waited)
        self.statements.note(took, "read")

    def timed(self, route: str, handler: RequestHandler) -> RequestHandler:
        """Return a handler whose requests are timed by their route; a middleware would cost each of them more."""

        async def timed(request: web.Request) -> web.StreamResponse:
            started, status = time.perf_counter(), 500
            try:
                answer = await handler(request)
                status = answer.status
            except web.HTTPException as refusal:
                status = refusal.status
                raise
            finally:
                self.http.note(time.perf_counter() - started, route, str(status))
            return answer

        return timed

    # -- the scrape ------------------------------------------------------------------------------------------------

    def set_queues(self, queues: Queues) -> None:
        """Show what the database told."""
        self.inbox_pending.set(queues.inbox_pending)
        self.dead_letters.set(queues.dead)
        self.opted_out(queues.optouts)
        for kind in ("message", "call"):
            self.outbox_pending.set(queues.pending.get(kind, 0), kind)
            self.outbox_age.set(queues.oldest_seconds.get(kind, 0.0), kind)
        for job, moment in queues.jobs.items():
            self.jobs.set(moment, job)
        self.backup.set(queues.jobs.get("backup", 0.0))

    def look(self) -> None:
        """Note what is read at the scrape itself: the circuits, and the memory."""
        for vendor, breaker in self.breakers.items():
            self.breaker.set(_STATES[breaker.state], _closed(vendor, VENDORS))
        self.resident.set(_resident())


def _closed(value: str, known: Iterable[str]) -> str:
    return value if value in known else "other"


def _resident() -> float:
    try:
        return float(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES)
    except OSError:
        return 0.0
