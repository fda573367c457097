"""The post: renders, carries and delivers letters on the fake's clock, and tells of it in signed events.

A route is a list of (delay since the last date of cancelling, event). Ordinary mail is never reported as `mailed`
(LOB-12). By default letters of a test key travel too, because the demo has no other; the real Lob keeps silent about
them (LOB-14), which `test_letters_travel=False` gives.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from integrations.fakes.kit import Hook, Webhooks
from integrations.fakes.lob.letters import iso, shown
from integrations.fakes.lob.refusal import LobRefusal

if TYPE_CHECKING:
    from integrations.fakes.lob.server import LobFake

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_RENDER = ((_MINUTE, "rendered_pdf"), (2 * _MINUTE, "rendered_thumbnails"))
_TRAVEL = ((2 * _DAY, "in_transit"), (3 * _DAY, "in_local_area"), (4 * _DAY, "processed_for_delivery"))
ROUTES: Mapping[str, tuple[tuple[timedelta, str], ...]] = {
    "delivered": (*_RENDER, *_TRAVEL, (5 * _DAY, "delivered")),
    "returned": (*_RENDER, *_TRAVEL, (6 * _DAY, "re-routed"), (12 * _DAY, "returned_to_sender")),
    "rejected": ((_MINUTE, "rejected"),),
    "failed": ((_MINUTE, "failed"),),
    "lost": (*_RENDER, *_TRAVEL[:1]),
    "silent": (),
}
_NAMES = {
    "mailed": "Mailed",
    "in_transit": "In Transit",
    "in_local_area": "In Local Area",
    "processed_for_delivery": "Processed for Delivery",
    "pickup_available": "Pickup Available",
    "delivered": "Delivered",
    "re-routed": "Re-Routed",
    "returned_to_sender": "Returned to Sender",
    "international_exit": "International Exit",
    "issue": "Issue",
}
"""Tracking events, as `tracking_events[].name` spells them."""

_DETAILS = {
    "mailed": "package_accepted",
    "in_transit": "package_departed",
    "in_local_area": "package_in_local_area",
    "processed_for_delivery": "out_for_delivery",
    "pickup_available": "pickup_available",
    "delivered": "delivered",
    "re-routed": "package_forwarded",
    "returned_to_sender": "returned_to_sender",
    "issue": "address_issue",
}
_CERTIFIED_ONLY = frozenset({"pickup_available", "issue"})
_FINAL = frozenset({"delivered", "returned_to_sender", "rejected", "failed", "deleted"})
EVENTS = frozenset(_NAMES) | _FINAL | {"created", "rendered_pdf", "rendered_thumbnails", "viewed"}

RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""Lob's schedule is not published; this one spans two days."""


def sign(secret: str, body: str, stamp: str) -> str:
    """Return a `Lob-Signature`: hex HMAC-SHA256 of `timestamp.body`."""
    return hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()


class Post:
    """The way of every letter of one account."""

    def __init__(self, lob: LobFake, target: str | None, secret: str, *, milliseconds: bool) -> None:
        self._lob, self._secret, self._milliseconds = lob, secret, milliseconds
        self._plans = lob.book.shelf("plan")
        self._soonest = {plan["letter"]: plan["steps"][0][0] for plan in self._plans if plan["steps"]}
        self.next_routes: list[str] = []
        self.default_route = "delivered"
        self.hooks = Webhooks(lob, self._sign, target=target, schedule=RETRIES)

    def _sign(self, hook: Hook, at: datetime) -> Mapping[str, str]:
        stamp = str(int(at.timestamp() * (1000 if self._milliseconds else 1)))
        return {"Lob-Signature": sign(self._secret, hook.body, stamp), "Lob-Signature-Timestamp": stamp}

    def accept(self, id: str) -> None:
        """Take a new letter and plan its way."""
        route = self.next_routes.pop(0) if self.next_routes else self.default_route
        letter = self._lob.letters.shelf[id]
        start = datetime.fromisoformat(letter["_cancel_until"])
        plan = [[(start + delay).isoformat(), event] for delay, event in self._steps(route, letter)]
        if letter["extra_service"] and route in ("delivered", "returned", "lost"):
            plan = sorted([*plan, [(start + _DAY).isoformat(), "mailed"]])
        if plan:
            self._plans.put(id, {"letter": id, "route": route, "steps": plan})
            self._soonest[id] = plan[0][0]
        self.tell(id, "created")

    def _steps(self, route: str, letter: Mapping[str, Any]) -> tuple[tuple[timedelta, str], ...]:
        if letter["_mode"] == "test" and not self._lob.test_letters_travel:
            return tuple(step for step in ROUTES[route] if step in _RENDER)
        return ROUTES[route]

    def stop(self, id: str) -> None:
        """Let nothing more happen to a letter."""
        self._plans.drop(id)
        self._soonest.pop(id, None)

    def play_due(self) -> None:
        """Let everything happen that is due."""
        now = self._lob.clock.now()
        waiting = [id for id, moment in self._soonest.items() if datetime.fromisoformat(moment) <= now]
        due = [
            (datetime.fromisoformat(moment), id, event)
            for id in waiting
            for moment, event in self._plans[id]["steps"]
            if datetime.fromisoformat(moment) <= now
        ]
        for moment, id, event in sorted(due):
            self.happen(id, event, at=moment)

    def happen(self, id: str, event: str, *, at: datetime | None = None) -> None:
        """Let an event happen to a letter now; what would have come before it no longer comes."""
        letter = self._lob.letters.shelf.get(id)
        if letter is None:
            raise LobRefusal("letter not found", "not_found", 404)
        certified = str(letter["extra_service"]).startswith("certified")
        if event not in EVENTS or (event in _CERTIFIED_ONLY and not certified):
            raise LobRefusal(f"no such event of this letter: {event}", "not_found", 404)
        self._shorten(id, event)
        moment = at or self._lob.clock.now()
        changes = self._changes(letter, event, moment, certified)
        self._lob.letters.shelf.patch(id, changes, kind=f"letter.{event}")
        self.tell(id, event, moment)

    def _shorten(self, id: str, event: str) -> None:
        plan = self._plans.get(id)
        if plan is None:
            return
        events = [step[1] for step in plan["steps"]]
        rest = plan["steps"][events.index(event) + 1 :] if event in events else plan["steps"]
        if event in _FINAL or not rest:
            self.stop(id)
        else:
            self._plans.patch(id, {"steps": rest})
            self._soonest[id] = rest[0][0]

    def _changes(self, letter: dict[str, Any], event: str, at: datetime, certified: bool) -> dict[str, Any]:
        changes: dict[str, Any] = {"date_modified": iso(at)}
        if event in ("rejected", "failed"):
            reason = {"failure_reason": "The file could not be printed.", "remediation": "Send a new letter."}
            changes |= {"status": "failed", "failure_reason": reason}
        elif event.startswith("rendered"):
            changes |= {"status": "rendered"}
        elif event in _NAMES:
            changes["tracking_events"] = [*letter["tracking_events"], self._scan(event, at, certified)]
        return changes

    def _scan(self, event: str, at: datetime, certified: bool) -> dict[str, Any]:
        details = {"event": _DETAILS.get(event, "other"), "description": _NAMES[event], "action_required": False}
        return {
            "id": self._lob.make_hex("evnt_", 16),
            "object": "tracking_event",
            "type": "certified" if certified else "normal",
            "name": _NAMES[event],
            "time": iso(at),
            "location": "94107",
            "details": details if certified else None,
            "date_created": iso(at),
            "date_modified": iso(at),
        }

    def tell(self, id: str, event: str, at: datetime | None = None) -> None:
        """Queue the webhook of an event."""
        letter = self._lob.letters.shelf[id]
        tracked = event in _NAMES and str(letter["extra_service"]).startswith("certified")
        kind = f"letter.certified.{event}" if tracked else f"letter.{event}"
        body = {
            "id": self._lob.make_hex("evt_", 16),
            "body": shown(letter),
            "reference_id": id,
            "event_type": {
                "id": kind,
                "enabled_for_test": True,
                "resource": "letters",
                "object": "event_type",
            },
            "date_created": iso(at or self._lob.clock.now()),
            "object": "event",
        }
        self.hooks.send(str(body["id"]), kind, json.dumps(body, ensure_ascii=False))
