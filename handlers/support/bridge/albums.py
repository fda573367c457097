"""Files of staff for a person, fetched first; those that were sent together are one answer (TB-4).

Telegram tells each picture of an album by itself, in any order and with the words at one of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from bot.core.calls.channels import FetchMedia, MediaRef
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.support.tickets import Ticket
from storage import timers

SETTLE = timedelta(seconds=1.5)
"""How long after its newest picture an album counts as complete."""


def register(registry: Registry) -> None:
    """Register what falls due."""
    registry.on("timer:support.staff_album")(settled)


def take(turn: Turn, row: Ticket, words: str) -> None:
    """Fetch the files of a reply, at once or when its album is complete."""
    payload = turn.event.payload
    found = [[int(payload["message_id"]), one] for one in payload["media"]]
    said = {"ticket": row.id, "words": words, "chat": int(payload["chat_id"]), "items": found}
    if not payload.get("group"):
        _fetch(turn, said)
        return
    key = f"support:album:{turn.person_id}:{payload['group']}"
    held = timers.body_of(turn.work, key)
    if held is not None:
        before = _opened(turn, orjson.loads(held)["sealed"])
        said |= {"words": before["words"] or words, "items": [*before["items"], *found]}
    sealed = turn.work.seal.seal(orjson.dumps(said)).hex()  # the words are for a person
    turn.timer("support.staff_album", key, turn.now + SETTLE, sealed=sealed)


def settled(turn: Turn) -> None:
    """Fetch the files of a complete album."""
    turn.silent = True
    _fetch(turn, _opened(turn, turn.event.payload["sealed"]))
    timers.empty(turn.work, int(turn.event.key))


def _opened(turn: Turn, sealed: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(turn.work.seal.open(bytes.fromhex(sealed)))
    return found


def _fetch(turn: Turn, said: dict[str, Any]) -> None:
    items = sorted(said["items"], key=lambda one: int(one[0]))
    context = {"ticket": said["ticket"], "words": said["words"], "chat": said["chat"], "number": items[0][0]}
    turn.call(FetchMedia([MediaRef(**one) for _, one in items]), then="support.staff_files", context=context)
