"""Asking for a raw mail to be taken apart, and how long its bytes are kept (rule SEC-R7)."""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls.mail import OpenMail
from bot.engine.turn import Turn
from handlers.receipts.mail.sorting import Way
from storage.blobs import blob

RAW_LIFE = timedelta(days=30)


def open_raw(turn: Turn, raw: int, *, way: Way, mailbox: int | None = None, kept: bool = False) -> None:
    """Have the raw mail of a blob taken apart; `kept` says that the person let it out of quarantine."""
    context = {"raw": raw, "way": way.value, "mailbox": mailbox, "kept": kept}
    turn.call(OpenMail(raw), then="mail.opened", context=context)
    turn.work.write(blob.update().where(blob.c.id == raw).values(delete_after=turn.now + RAW_LIFE))
