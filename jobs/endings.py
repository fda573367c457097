"""What a row that has ended is called in the outbox, and the event that its outcome becomes."""

from __future__ import annotations

from typing import Any

from bot.core.calls import Done, Refused, pack
from bot.core.calls.channels import SentSms, SentTelegram
from bot.core.events import Event
from jobs.leases import Lease

_MESSAGE_STATES = {"expired": "expired", "unknown": "unknown", "stopped": "cancelled"}


def message_state(refused: Refused) -> str:
    """Return the state of a message that will not be sent."""
    return _MESSAGE_STATES.get(refused.code, "dead")


def call_state(outcome: Done | Refused) -> str:
    """Return the state of a call that has ended: one that was answered, even by a refusal, is done."""
    return "dead" if isinstance(outcome, Refused) and outcome.code == "gave_up" else "sent"


def error_of(outcome: Done | Refused) -> str | None:
    """Return what stands beside a row that ended badly."""
    return None if isinstance(outcome, Done) else f"{outcome.code}: {outcome.reason}"[:200]


def message_refused(lease: Lease, refused: Refused) -> Event:
    """Return the event of a message that was not sent."""
    payload: dict[str, Any] = {"code": refused.code, "address": lease.address_id, "state": message_state(refused)}
    if lease.body.get("then"):
        told = {"then": lease.body["then"], "context": lease.body.get("context") or {}, "call_id": lease.id}
        payload |= {**told, "outcome": "refused", "reason": refused.reason, "details": {}}
    return Event("delivery", str(lease.id), "refused", payload, person_id=lease.person_id)


def call_ended(lease: Lease, outcome: Done | Refused) -> Event:
    """Return the event that takes a call's answer to who asked."""
    payload: dict[str, Any] = {
        "call_id": lease.id,
        "then": lease.body["then"],
        "context": lease.body.get("context") or {},
        "attempts": lease.attempts,
    }
    match outcome:
        case Done(result):
            payload |= {"outcome": "done", "result": pack(result) if result is not None else None}
        case Refused(code, reason, details):
            payload |= {"outcome": "refused", "code": code, "reason": reason, "details": details}
    return Event("call", str(lease.id), "ended", payload, person_id=lease.person_id)


def vendor_id(result: Any) -> str | None:
    """Return how the vendor knows what was sent."""
    match result:
        case SentSms(sid):
            return sid
        case SentTelegram(message_id):
            return str(message_id)
        case _:
            return None
