"""A letter on its way: Lob's events, applied by rank (FUL-11, ST-15, ST-16, and the event table of section 11).

Events come in any order and more than once. A lower rank never overwrites a higher one, an outcome is never touched,
and standard mail may never be called `mailed`: nothing waits for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.lob import PostedLetter, ReadLetter
from bot.core.events import Event
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import followups, orders, posted, records
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import case_row
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import move, stage_of
from handlers.appeals.usability import Mode
from handlers.appeals.wording import dated_moment, day
from storage.appeals import letters, payments, status_log
from storage.work import Work

WATCHES = 10
FINAL = ("delivered", "returned", "failed", "cancelled")
STATUSES = {
    "created": "accepted", "rendered_pdf": "rendered", "rendered_thumbnails": "rendered", "mailed": "mailed",
    "in_transit": "in_transit", "in_local_area": "in_local_area", "processed_for_delivery": "processed_for_delivery",
    "re-routed": "re_routed", "re_routed": "re_routed", "delivered": "delivered", "returned_to_sender": "returned",
}  # fmt: skip
FAILURES = ("rejected", "failed", "deleted")
NOTED = ("pickup_available", "issue")


def person_of(work: Work, event: Event) -> int | None:
    """Return the person whom a Lob event is about (the engine's finder)."""
    letter = letter_of(work, event)
    payment = payments.load(work, letter.payment_id) if letter else None
    return None if payment is None else int(payment.person_id)


def thing_of(event: Event) -> Mapping[str, Any]:
    """Return the letter in a Lob event."""
    for name in ("object", "body"):
        thing = event.payload.get(name)
        if isinstance(thing, dict):
            return thing
    return {}


def letter_of(work: Work, event: Event) -> sa.Row[Any] | None:
    """Find our letter by the id that we gave Lob, then by Lob's own."""
    thing = thing_of(event)
    metadata = thing.get("metadata")
    named = metadata.get("letter_id") if isinstance(metadata, dict) else None
    if isinstance(named, str) and named.isdigit() and len(named) < 20:
        found = letters.load(work, int(named))
        if found is not None:
            return found
    for lob_id in (thing.get("id"), event.payload.get("reference_id")):
        if isinstance(lob_id, str) and lob_id:
            found = letters.by_lob_id(work, lob_id)
            if found is not None:
                return found
    return None


def arrived(turn: Turn, letter: sa.Row[Any], found: PostedLetter) -> None:
    """Record a letter that Lob made or that was found there, with the events it has had."""
    posted.record(turn, letter, found)
    for name in found.events:
        apply(turn, letter.id, name)


def lob_event(turn: Turn) -> None:
    """Take any event about a letter; unknown letters and unknown words are only noted (FUL-11)."""
    letter, thing = letter_of(turn.work, turn.event), thing_of(turn.event)
    if letter is None or not _in_this_mode(turn, thing, letter):
        return
    name = turn.event.kind.rpartition(".")[2]
    if letter.lob_id is None and isinstance(thing.get("id"), str) and name not in FAILURES:
        posted.record(turn, letter, _as_posted(turn, thing))
    apply(turn, letter.id, name, thing)


def _in_this_mode(turn: Turn, thing: Mapping[str, Any], letter: sa.Row[Any]) -> bool:
    mode = thing.get("mode", turn.event.payload.get("mode"))
    live = settings_of(turn.registry).mode is Mode.LIVE
    if (mode == "test" and live) or (mode == "live" and not live):
        turn.alert("wrong_mode", key=f"wrong_mode:lob:{turn.event.key}", letter=letter.id)
        return False
    return True


def _as_posted(turn: Turn, thing: Mapping[str, Any]) -> PostedLetter:
    def text(name: str) -> str | None:
        value = thing.get(name)
        return value if isinstance(value, str) and value else None

    return PostedLetter(
        lob_id=str(thing["id"]),
        letter_id=None,
        tracking_number=text("tracking_number"),
        expected_delivery=text("expected_delivery_date"),
        send_date=text("send_date"),
        test_mode=settings_of(turn.registry).mode is not Mode.LIVE,
    )


def apply(turn: Turn, letter_id: int, name: str, thing: Mapping[str, Any] | None = None) -> None:
    """Apply one event's word to a letter (the table of section 11)."""
    work, letter = turn.work, letters.load(turn.work, letter_id)
    if letter is None:
        return
    letters.change(work, letter_id, last_event=name)
    if name in FAILURES:
        failed(turn, letter, name)
        return
    if name in NOTED:
        turn.alert("letter_note", key=f"letter_note:{letter_id}:{name}", letter=letter_id, note=name)
        return
    status = STATUSES.get(name)
    if status is None:
        return
    at = {"delivered_at": _happened(turn, thing)} if status == "delivered" else {}
    if letters.advance(work, letter_id, status, **at):
        status_log.note(
            work, letter.case_id, axis="letter", was=letter.status, now=status, actor="vendor", cause=turn.inbox_id
        )
        _moved(turn, letters.load(work, letter_id), status)


def _happened(turn: Turn, thing: Mapping[str, Any] | None) -> datetime:
    events = (thing or {}).get("tracking_events") or []
    times = [e.get("time") for e in events if isinstance(e, dict) and str(e.get("name", "")).lower() == "delivered"]
    for text in times:
        try:
            return datetime.fromisoformat(str(text).replace("Z", "+00:00")).astimezone(UTC)
        except ValueError:
            continue
    return turn.now


def _moved(turn: Turn, letter: sa.Row[Any] | None, status: str) -> None:
    if letter is None:
        return
    certified, row = letter.mail_class == "certified", case_row(turn, letter.case_id)
    if status in ("mailed", "in_transit") and certified and _first_of(turn, letter, ("mailed", "in_transit"), status):
        turn.notify("appeals.post.in_transit", code=row.code)
    elif status in ("in_local_area", "processed_for_delivery") and not certified:
        if _first_of(turn, letter, ("in_local_area", "processed_for_delivery"), status):
            turn.notify("appeals.post.in_local_area", code=row.code, day=day(turn.now.date()))
    elif status == "re_routed":
        turn.alert("letter_rerouted", key=f"rerouted:{letter.id}", letter=letter.id)
        turn.notify("appeals.post.re_routed", code=row.code)
    elif status == "delivered":
        _delivered(turn, letter, row)
    elif status == "returned":
        _returned(turn, letter, row)


def _first_of(turn: Turn, letter: sa.Row[Any], words: tuple[str, ...], now: str) -> bool:
    told = [e for e in status_log.of_case(turn.work, letter.case_id) if e.axis == "letter" and e.now in words]
    return len(told) == 1 and told[0].now == now


def _delivered(turn: Turn, letter: sa.Row[Any], row: sa.Row[Any]) -> None:
    city = records.city_of(turn.work, row.city_id)
    zone = city.timezone if city else "America/New_York"
    days = (city.decision_time.max_days if city else None) or settings_of(turn.registry).decision_days
    turn.notify(
        "appeals.post.delivered",
        policy="ask_first",
        when=dated_moment(letter.delivered_at or turn.now, zone),
        city=city.name if city else "",
        days=days,
    )
    turn.cancel_timers(f"late:{letter.id}")
    if stage_of(turn, row.id) == "submitted":
        followups.ask_after_delivery(turn, row.id, letter.delivered_at or turn.now)


def _returned(turn: Turn, letter: sa.Row[Any], row: sa.Row[Any]) -> None:
    """Tell the person, alarm, and close the city for new pay links (ST-16, REG-7, AC-75)."""
    alarm(turn, "letter_returned", row.id, key=f"returned:{letter.id}", letter=letter.id, city=row.city_id)
    if stage_of(turn, row.id) == "submitted":
        move(turn, row.id, "returned", trigger="vendor")
    if row.city_id:
        records.close_city(turn, row.city_id, actor="engine", why="returned_to_sender")
    turn.cancel_timers(f"decision:{row.id}")
    turn.cancel_timers(f"late:{letter.id}")
    turn.notify("appeals.post.returned", policy="ask_first", code=row.code)


def failed(turn: Turn, letter: sa.Row[Any], why: str) -> None:
    """Take a letter that Lob gave up: re-make or refund (ST-15, REF-4); a letter that we cancelled stays so."""
    work = turn.work
    open_states = ("sending", "unknown", "accepted", "rendered", "retry", "queued")
    if not letters.move(work, letter.id, was=open_states, to="failed", error_code=why):
        return
    status_log.note(
        work,
        letter.case_id,
        axis="letter",
        was=letter.status,
        now="failed",
        actor="vendor",
        cause=turn.inbox_id,
        reason=why,
    )
    turn.cancel_timers(f"decision:{letter.case_id}")
    turn.cancel_timers(f"late:{letter.id}")
    payment = payments.load(work, letter.payment_id)
    stage = stage_of(turn, letter.case_id)
    if payment is None or stage not in ("paid", "submitted"):
        return
    orders.block(turn, letter.case_id, f"letter_{why}", payment=payment)


def watch_due(turn: Turn) -> None:
    """Read a letter again that has had no event for three days (FUL-11, REC-3)."""
    letter, n = letters.load(turn.work, int(turn.event.payload["letter"])), int(turn.event.payload.get("n") or 1)
    if letter is None or letter.status in FINAL or letter.lob_id is None:
        return
    turn.call(ReadLetter(letter.lob_id), then="appeals.letter_read", context={"letter": letter.id})
    if n < WATCHES:
        turn.timer("appeals.letter_watch", f"watch:{letter.id}", turn.now + posted.WATCH, letter=letter.id, n=n + 1)


def letter_read(turn: Turn) -> None:
    """Apply what reading a letter showed."""
    outcome, letter_id = outcome_of(turn), int(turn.event.payload["context"]["letter"])
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PostedLetter):
        return
    if outcome.result.deleted:
        apply(turn, letter_id, "deleted")
    for name in outcome.result.events:
        apply(turn, letter_id, name)
