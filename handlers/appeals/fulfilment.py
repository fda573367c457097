"""Posting a paid letter exactly once (rules FUL-2 to FUL-10, FUL-13, ST-11, ST-14).

    hold ends -> gates, guard, pause, record, dates -> claim -> MailLetter -> result recorded -> told once

The claim is one conditional update, committed with the call. An attempt whose outcome is not certain is followed by a
search at Lob for our letter id, and nothing is posted before that search answered with a clear "none".
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.lob import FindLetter, MailLetter, PostedLetter, PostedLetters
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import gating, letter_guard, orders, records, tracking
from handlers.appeals.alarms import alarm
from handlers.appeals.case_files import address_of, facts_of
from handlers.appeals.deadlines import MailClass
from handlers.appeals.stages import stage_of
from storage.appeals import drafts, letters, payments
from storage.blobs import blob
from storage.outbox import outbox
from storage.schema import micros

PAUSE_CHECK = timedelta(minutes=15)
HELD = "held"
"""Why a letter is blocked that staff hold (`handlers.appeals.holding`)."""
SEARCH_AGAIN = timedelta(hours=1)
UNCERTAIN = frozenset({"gave_up", "timed_out", "unknown", "no_answer"})
"""Ends of a call after which the letter may exist at Lob all the same."""


def hold_over(turn: Turn) -> None:
    """Go on with an order whose hold is over, or whose letter waits for another try."""
    payment = payments.load(turn.work, int(turn.event.payload["payment"]))
    if payment is not None:
        fulfil(turn, payment)


def fulfil(turn: Turn, payment: sa.Row[Any]) -> None:
    """Claim and post the letter of a payment, or block the order with the first reason against it (FUL-3, FUL-4)."""
    work, letter = turn.work, letters.newest(turn.work, payment.id)
    is_held = letter is not None and letter.status == "blocked" and letter.error_code == HELD
    if letter is None or (letter.status not in letters.CLAIMABLE and not is_held):
        return
    if payment.status != "paid" or stage_of(turn, payment.case_id) != "paid":
        return
    reason = refusal(turn, payment, letter)
    if reason == "mail_paused" or (is_held and reason is None):
        turn.timer("appeals.mail", f"mail:{payment.id}", turn.now + PAUSE_CHECK, payment=payment.id)
        return
    if reason is not None:
        held = not payment.disputed
        orders.block(turn, payment.case_id, reason, payment=payment, letter_id=letter.id, refunds_itself=held)
        return
    claimed = letters.claim(work, letter.id)
    if claimed is None:
        return
    if claimed.attempts > 1:
        _search(turn, claimed)
    else:
        _post(turn, payment, claimed)


def refusal(turn: Turn, payment: sa.Row[Any], letter: sa.Row[Any]) -> str | None:
    """Return why a letter must not be claimed now (FUL-3): dispute, gates, dates, record, file."""
    draft = drafts.load(turn.work, letter.draft_id)
    if draft is None:
        return "draft_gone"
    if payment.disputed:
        return "disputed"
    facts = facts_of(turn.work, draft)
    refused = gating.judge(turn, facts, when="final", paid_at=payment.paid_at, waives_mail_by=payment.waives_mail_by)
    if refused is not None:
        return "late" if refused.reason == "too_late_for_mail" else refused.reason
    city = records.city_of(turn.work, facts.city_id)
    if city is None or city.mailing_version != draft.mailing_version:
        return "record_changed"
    return _guard(turn, draft, letter)


def _guard(turn: Turn, draft: sa.Row[Any], letter: sa.Row[Any]) -> str | None:
    """Read the composed letter and the file once more: placeholders, and the hash that was approved (LET-7)."""
    work = turn.work
    stored = work.row(sa.select(blob.c.data).where(blob.c.id == draft.pdf))
    if stored is None:
        return "file_gone"
    digest = hashlib.sha256(work.seal.open(stored.data)).hexdigest()
    seams = letter_guard.check_file(draft.pdf_sha256, digest) + letter_guard.check_file(
        draft.pdf_sha256, letter.pdf_sha256
    )
    if draft.document is not None:
        document = orjson.loads(work.seal.open(draft.document))
        seams += letter_guard.check(document, facts_of(work, draft).own_words)
    return f"guard_{seams[0].code}" if seams else None


def _post(turn: Turn, payment: sa.Row[Any], letter: sa.Row[Any]) -> None:
    work, draft = turn.work, drafts.load(turn.work, letter.draft_id)
    if draft is None:
        raise LookupError("the draft of a letter is gone")
    key = f"letter:{letter.id}" if letter.attempts == 1 else f"letter:{letter.id}:{letter.attempts}"
    turn.call(
        MailLetter(
            letter_id=str(letter.id),
            payment_id=str(payment.id),
            to=address_of(work, letter.recipient),
            sender=address_of(work, letter.sender),
            file=draft.pdf,
            certified=letter.mail_class == "certified",
        ),
        key=key,
        then="appeals.mailed",
        context={"letter": letter.id},
        policy="ask_first",
        limit=_until(turn, payment, draft),
    )


def _until(turn: Turn, payment: sa.Row[Any], draft: sa.Row[Any]) -> timedelta:
    """Return how long tries go on: to the end of the last order day; with SEND ANYWAY, of the deadline (FUL-3)."""
    dates = gating.plan_of(turn, facts_of(turn.work, draft), paid_at=payment.paid_at)
    plan = dates.of(MailClass(payment.mail_class)) if dates else None
    if dates is None or plan is None or dates.deadline is None:
        return timedelta(hours=1)
    zone = ZoneInfo(dates.timezone)
    if payment.waives_mail_by:
        end = datetime.combine(dates.deadline, time(23, 59, 59), zone)
    elif dates.order_day == plan.mail_by:
        end = datetime.combine(plan.mail_by, time(23, 59, 59), zone)
    else:
        end = datetime.combine(plan.mail_by, dates.cutoff, zone)
    return max(end.astimezone(UTC) - turn.now, timedelta(minutes=1))


def post_again(turn: Turn, payment: sa.Row[Any], letter_id: int) -> None:
    """Claim and post a further printing that an operator ordered and the gates allow (ST-17)."""
    claimed = letters.claim(turn.work, letter_id)
    if claimed is not None:
        _post(turn, payment, claimed)


def _search(turn: Turn, letter: sa.Row[Any]) -> None:
    turn.call(FindLetter(str(letter.id)), then="appeals.letter_found", context={"letter": letter.id})


def mailed(turn: Turn) -> None:
    """Take the answer of MailLetter: record it, search after a doubtful end, block after a refusal (FUL-7, FUL-8)."""
    letter = _letter(turn)
    match outcome_of(turn):
        case Done(PostedLetter() as found) if not found.deleted:
            tracking.arrived(turn, letter, found)
        case Done():
            tracking.failed(turn, letter, "deleted")
        case Refused(code, _, _) if code in UNCERTAIN:
            if letters.move(turn.work, letter.id, was=("sending",), to="unknown", error_code=code):
                alarm(
                    turn,
                    "letter_unknown",
                    letter.case_id,
                    key=f"letter_unknown:{letter.id}:{letter.attempts}",
                    letter=letter.id,
                )
                _search(turn, letter)
        case Refused(code, _, _):
            _block(turn, letter, f"vendor:{code}")


def letter_found(turn: Turn) -> None:
    """Take the answer of a search: adopt the letter, post when there is clearly none, else wait (FUL-6)."""
    letter, outcome = _letter(turn), outcome_of(turn)
    if letter.status not in ("sending", "unknown"):
        return
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PostedLetters):
        letters.move(turn.work, letter.id, was=("sending",), to="unknown")
        alarm(
            turn,
            "letter_search_failed",
            letter.case_id,
            key=f"letter_search:{letter.id}:{turn.inbox_id}",
            letter=letter.id,
        )
        turn.timer("appeals.letter_search", f"search:{letter.id}", turn.now + SEARCH_AGAIN, letter=letter.id)
        return
    living = [one for one in outcome.result.letters if not one.deleted]
    if living:
        tracking.arrived(turn, letter, living[0])
        return
    _none_found(turn, letter)


def _none_found(turn: Turn, letter: sa.Row[Any]) -> None:
    """Go on after a clear "none": a claimed retry posts if nothing speaks against it, a used-up one is blocked."""
    payment = payments.load(turn.work, letter.payment_id)
    if payment is None:
        raise LookupError("a letter without a payment")
    if letter.status == "unknown":
        late = letter.error_code == "timed_out"
        _block(turn, letter, "late" if late else "vendor:gave_up")
        return
    reason = refusal(turn, payment, letter)
    if reason == "mail_paused":
        letters.move(turn.work, letter.id, was=("sending",), to="retry")
        turn.timer("appeals.mail", f"mail:{payment.id}", turn.now + PAUSE_CHECK, payment=payment.id)
    elif reason is not None or payment.status != "paid" or stage_of(turn, payment.case_id) not in ("paid", "returned"):
        _block(turn, letter, reason or "not_paid")
    else:
        _post(turn, payment, letter)


def search_due(turn: Turn) -> None:
    """Search once more for a letter whose fate is not known."""
    letter = letters.load(turn.work, int(turn.event.payload["letter"]))
    if letter is not None and letter.status in ("unknown", "sending"):
        _search(turn, letter)


def _block(turn: Turn, letter: sa.Row[Any], reason: str) -> None:
    payment = payments.load(turn.work, letter.payment_id)
    if payment is None or stage_of(turn, letter.case_id) != "paid":
        letters.move(turn.work, letter.id, was=("sending", "unknown"), to="blocked", error_code=reason)
        key = f"letter_blocked:{letter.id}:{reason}"
        alarm(turn, "letter_blocked", letter.case_id, key=key, letter=letter.id, reason=reason)
        return
    orders.block(turn, letter.case_id, reason, payment=payment, letter_id=letter.id)


def _letter(turn: Turn) -> sa.Row[Any]:
    letter = letters.load(turn.work, int(turn.event.payload["context"]["letter"]))
    if letter is None:
        raise LookupError("no such letter")
    return letter


def hold_back(turn: Turn, letter: sa.Row[Any]) -> bool:
    """Stop a claimed letter that is between two tries; False when its call may be under way or was never made.

    The next attempt starts with a search, so nothing is lost if an earlier try did happen.
    """
    if letter.status != "sending":
        return False
    stopped = turn.work.claim(
        outbox.update()
        .where(
            outbox.c.key.in_([f"letter:{letter.id}", f"letter:{letter.id}:{letter.attempts}"]),
            outbox.c.state == "ready",
            outbox.c.attempts > 0,
        )
        .values(state="cancelled", due_at=micros(turn.now))
    )
    return stopped.rowcount > 0 and letters.move(turn.work, letter.id, was=("sending",), to="retry")
