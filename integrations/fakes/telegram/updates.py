"""The queue of updates: kept up to 24 hours, pulled by getUpdates, or pushed to a webhook.

Updates of one chat leave in order, the next only after the last was taken (2xx, or confirmed by an offset); different
chats go in parallel, at most `max_connections` at a time. An answer that is not 2xx brings the update again, after
`Retry-After` or a growing delay.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from integrations.fakes.kit import HOOK_FAULTS, FakeServer
from integrations.fakes.telegram import limits

_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_HELD = timedelta(hours=1)


class Updates:
    """What happened in the chats and the bot has not taken yet."""

    def __init__(self, server: FakeServer) -> None:
        self._server, self._shelf = server, server.book.shelf("update")
        self._settings = server.book.shelf("setting")
        self._lanes: dict[str, list[str]] = defaultdict(list)
        self._arrived = asyncio.Event()
        for entry in self._shelf:
            self._lanes[entry["lane"]].append(entry["key"])
        first = 100_000_000 + server._bits(24)
        used = [int(row["id"]) for row in server.book.rows if row.get("shelf") == "update"]
        self._next_id = max(used, default=first) + 1

    @property
    def arrived(self) -> asyncio.Event:
        """Set whenever an update was added; the reader clears it."""
        return self._arrived

    def allow(self, kinds: list[str] | None) -> None:
        """Keep the list of wanted kinds; None leaves it, an empty list means the default."""
        if kinds is not None:
            self._settings.put("allowed_updates", {"kinds": list(kinds)})

    def allowed(self) -> list[str]:
        """Return the list of wanted kinds; empty means the default."""
        return list((self._settings.get("allowed_updates") or {"kinds": []})["kinds"])

    def add(self, kind: str, content: dict[str, Any], lane: int) -> int | None:
        """Queue an update of a chat; return its id, or None when the bot does not want that kind."""
        wanted = self.allowed()
        if kind not in wanted if wanted else kind in _NOT_BY_DEFAULT:
            self._server.book.append("update.unwanted", update_kind=kind)
            return None
        fault = self._server.faults.take(kind, HOOK_FAULTS)
        name = fault.fault if fault else ""
        number, self._next_id = self._next_id, self._next_id + 1
        late = {"delay": fault.delay if fault else timedelta(), "reorder": _HELD}.get(name, timedelta())
        now = self._server.clock.now()
        entry = {
            "key": str(number),
            "update": {"update_id": number, kind: content},
            "lane": str(lane),
            "at": now.isoformat(),
            "due": (now + late).isoformat(),
            "attempts": 0,
            "copies": 2 if name == "duplicate" else 1,
            "spoil": name == "bad_signature",
            "held": name == "reorder",
        }
        if name == "drop":
            self._server.book.append("update.lost", update=entry["update"])
            return number
        self._queue(entry)
        return number

    def _queue(self, entry: dict[str, Any]) -> None:
        lane = self._lanes[entry["lane"]]
        held = [key for key in lane if self._shelf[key]["held"]]
        self._shelf.put(entry["key"], entry, kind="update.queued")
        lane.append(entry["key"])
        for key in held:
            self._shelf.patch(key, {"held": False, "due": entry["due"]}, kind="update.overtaken")
            lane.remove(key)
            lane.append(key)
        self._arrived.set()

    # -- reading -------------------------------------------------------------------------------------------------

    def expire(self) -> None:
        """Forget what waited longer than 24 hours."""
        limit = self._server.clock.now() - limits.UPDATE_LIFE
        for keys in list(self._lanes.values()):
            for key in list(keys):
                if datetime.fromisoformat(self._shelf[key]["at"]) > limit:
                    break
                self._take_out(key, "update.expired")

    def count(self) -> int:
        """Return how many updates wait."""
        return len(self._shelf)

    def first_due(self, lane: str) -> dict[str, Any] | None:
        """Return the update that a chat's webhook call would carry now; one that waits holds back the others."""
        now = self._server.clock.now()
        for key in self._lanes.get(lane, []):
            entry = self._shelf[key]
            if datetime.fromisoformat(entry["due"]) <= now:
                return entry
            if not entry["held"]:
                return None
        return None

    def lanes(self) -> list[str]:
        """Return the chats for which something waits."""
        return [lane for lane, keys in self._lanes.items() if keys]

    def batch(self, size: int) -> list[dict[str, Any]]:
        """Return the oldest updates that are due, in order of their ids, for getUpdates."""
        now = self._server.clock.now()
        due = [entry for entry in self._shelf if datetime.fromisoformat(entry["due"]) <= now]
        late = [entry for entry in due if entry["due"] != entry["at"]]
        ordered = sorted((entry for entry in due if entry not in late), key=lambda entry: int(entry["key"])) + late
        return [entry["update"] for entry in ordered[:size]]

    # -- taking out ----------------------------------------------------------------------------------------------

    def taken(self, key: str, kind: str = "update.delivered") -> None:
        """Mark an update as taken by the bot; a duplicated one stays for one more round."""
        entry = self._shelf.get(key)
        if entry is None:
            return
        if entry["copies"] > 1:
            self._shelf.patch(key, {"copies": entry["copies"] - 1}, kind=kind)
        else:
            self._take_out(key, kind)

    def confirm(self, offset: int) -> None:
        """Forget everything before an offset; a negative one keeps that many from the end."""
        numbers = sorted(int(entry["key"]) for entry in self._shelf)
        if offset < 0:
            offset = numbers[offset] if len(numbers) >= -offset else 0
        for number in numbers:
            if number < offset:
                self.taken(str(number), "update.confirmed")

    def failed(self, key: str, status: int, wait: timedelta) -> None:
        """Put an update off after a failed call."""
        entry = self._shelf.get(key)
        if entry:
            due = (self._server.clock.now() + wait).isoformat()
            changes = {"attempts": entry["attempts"] + 1, "due": due, "spoil": False}
            self._shelf.patch(key, changes, kind="update.failed", status=status)

    def clear(self) -> None:
        """Drop everything (drop_pending_updates)."""
        for entry in self._shelf:
            self._take_out(entry["key"], "update.discarded")

    def _take_out(self, key: str, kind: str) -> None:
        entry = self._shelf.get(key)
        if entry is not None:
            self._lanes[entry["lane"]].remove(key)
            self._shelf.drop(key, kind=kind, lane=entry["lane"])
