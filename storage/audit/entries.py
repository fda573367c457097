"""Entries of the audit: append-only, written in the transaction of the change itself (rules 11 of the design, AU-1).

A turn only adds a row, without a number and a hash: one more insert and no lock, so that writers of many processes
never wait for one another. What the row is searched by is kept with the chain, which a job extends soon after.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
import sqlalchemy as sa

from storage.audit.redaction import redacted, redacted_text
from storage.hot import Hot
from storage.schema import Id, metadata, one_of
from storage.work import Cause, Work

OUTCOMES = ("ok", "denied", "failed", "expired")
_SAID = {"refused": "denied", "denied": "denied", "replayed": "denied", "failed": "failed", "expired": "expired"}
"""What the last word of an action says of its outcome."""
_written = json.JSONEncoder(sort_keys=True, default=str).encode

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("risk", sa.Integer),
    sa.Column("outcome", sa.Text, nullable=False, server_default="ok"),
    sa.Column("factor", sa.Text),
    sa.Column("correlation", sa.BigInteger),
    sa.Column("origin", sa.Text),
    one_of("outcome", *OUTCOMES),
)
"""`object` is the target, `details` the change with its `before` and `after`, `correlation` the event of the turn."""

ADD = Hot("add audit", audit.insert(), keys=[c.name for c in audit.columns], rank=80)


def record(work: Work, *, actor: str, action: str, obj: str | None = None, **details: Any) -> None:
    """Record an act; details hold ids and words of ours, never contents, and are redacted all the same (AU-3).

    Three details have columns of their own: `outcome` (else what the action's last word says), `risk` (the class of
    the command) and `factor` (by what the actor proved themselves). `before` and `after` tell the change.
    """
    said = details.pop("outcome") if details.get("outcome") in OUTCOMES else None
    cause = work.cause
    work.put(
        ADD,
        {
            "id": work.new_id(),
            "at": work.now_us,
            "actor": actor,
            "action": action,
            "object": obj if obj is None else redacted_text(obj, work.seal),
            "risk": details.pop("risk") if isinstance(details.get("risk"), int) else None,
            "factor": details.pop("factor") if isinstance(details.get("factor"), str) else None,
            "outcome": said or _SAID.get(action.rpartition(".")[2], "ok"),
            "details": _written(redacted(details, work)) if details else "{}",
            "correlation": None if cause is None else cause[0],
            "origin": None if cause is None else _origin(cause),
        },
    )


def _origin(cause: Cause) -> str | None:
    """Return where an act came from: channel, our number of the address, the vendor's of update and message.

    A private chat has its person's number at Telegram, so only the numbers of groups are kept.
    """
    _, event, address_id = cause
    if event.channel is None:
        return None
    found: dict[str, Any] = {"address": address_id, "channel": event.channel, "update": event.key}
    if (message := event.payload.get("message_id")) is not None:
        found["message"] = message
    if isinstance(chat := event.payload.get("chat_id"), int) and chat < 0:
        found["chat"] = chat
    return orjson.dumps(found).decode()
