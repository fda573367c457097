"""Copies by mail of what was told in the chat: a receipt, a letter that left, a login (rule ID-11).

A notice goes to one address. A mail is no second notice: only who asked for copies gets them, at an address that they
proved. Whoever has something worth a copy says so here; the service that writes mails sets `registry.mail_copy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.turn import Turn

MailCopy = Callable[["Turn", str, Mapping[str, object]], bool]
"""Sends a copy of a kind (`paid`, `posted`, `login`); False for whoever wants none."""


def mail_copy(turn: Turn, kind: str, **args: object) -> bool:
    """Send a copy to the person of this turn, if they asked for copies."""
    send = turn.registry.mail_copy
    return send is not None and send(turn, kind, args)
