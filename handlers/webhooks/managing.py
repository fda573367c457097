"""What staff do about listeners: list, add, switch off, replay what was given up.

> /webhook add https://example.com/hook ticket.* case.mailed
< K7QX listens to ticket.* case.mailed. Its secret, shown this once: whsec_...
> /webhook replay K7QX
< Sending again: 3 deliveries of K7QX. /webhook list shows how they went.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.outside_urls import acceptable
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.webhooks.sending import EVENTS, send, wants
from storage.webhooks import deliveries, subscriptions

PERMISSION = "webhook.manage"
OLD_SECRET_SIGNS = timedelta(days=7)
_MOST = 20
_STATES = ("done", "waiting", "dead")


def register(registry: Registry, *, private: bool) -> None:
    """Add the rows."""
    usage = "/webhook add URL EVENTS (such as ticket.* case.mailed)"
    rows = (
        StaffCommand("webhook list", Risk.COUNTERS, PERMISSION, "/webhook list", listed, "webhook"),
        StaffCommand(
            "webhook add", Risk.GRAVE, PERMISSION, usage, partial(add, private=private), "webhook",
            partial(foresee, private=private),
        ),
        StaffCommand("webhook off", Risk.REVERSIBLE, PERMISSION, "/webhook off NAME", off, "webhook"),
        StaffCommand("webhook replay", Risk.REVERSIBLE, PERMISSION, "/webhook replay NAME|ID", replay, "webhook"),
    )  # fmt: skip
    for row in rows:
        registry.staff_command(row)


def _read(argument: str, private: bool) -> tuple[str, str]:
    """Return the address and the events that a command names; raise Refusal for what makes no sense (A91)."""
    text, *names = argument.split() or [""]
    url = acceptable(text, private=private)
    if url is None:
        raise Refusal("webhooks.refused_url")
    unknown = [name for name in names if not any(wants(name, event) for event in EVENTS)]
    if not names or unknown:
        raise Refusal("webhooks.unknown_event", names=", ".join(EVENTS))
    return url, " ".join(sorted(set(names)))


def _known(turn: Turn, url: str) -> sa.Row[Any] | None:
    rows = subscriptions.everyone(turn.work)
    return next((row for row in rows if subscriptions.url_of(turn.work, row) == url), None)


def foresee(turn: Turn, argument: str, member: Member, *, private: bool) -> Effect:
    """Say who would hear what from now on."""
    url, events = _read(argument, private)
    known, host = _known(turn, url), urlsplit(url).hostname or ""
    before = f"{known.name} {known.events} {known.active}" if known is not None else "nothing"
    says = f"LET {host} HEAR {events} (ids only). Before: {before}. A new secret is made"
    says += f"; the old one signs along for {OLD_SECRET_SIGNS.days} days." if known is not None else "."
    version = hashlib.sha256(f"{url} {events} {before}".encode()).hexdigest()[:16]
    return Effect(says, f"webhook {host}", version)


def add(turn: Turn, argument: str, member: Member, *, private: bool) -> str:
    """Let an address listen, or give one that listens other events and a new secret; the secret is shown once."""
    url, events = _read(argument, private)
    known, secret = _known(turn, url), f"whsec_{secrets.token_urlsafe(32)}"
    turn.hide(secret)
    if known is None:
        name = turn.work.ids.code(4)
        subscriptions.add(turn.work, name=name, url=url, events=events, secret=secret, actor=member.name)
        turn.work.forget("webhooks")
    else:
        name, until = known.name, turn.now + OLD_SECRET_SIGNS
        fresh = {"events": events, "active": True, "failing_since": None, "actor": member.name}
        subscriptions.rotate(turn.work, known, secret, old_until=until, **fresh)
    turn.audit("webhook.add", f"webhook:{name}", actor=member.name, events=events, rotated=known is not None)
    return f"{name} listens to {events}. Its secret, shown this once: {secret}"


def _named(turn: Turn, name: str) -> sa.Row[Any]:
    row = subscriptions.named(turn.work, name.strip().upper())
    if row is None:
        raise Refusal("webhooks.no_such", name=name.strip().upper() or "?")
    return row


def listed(turn: Turn, argument: str, member: Member) -> str:
    """List who listens, and what was given up lately."""
    lines = []
    for row in subscriptions.everyone(turn.work):
        host, counts = urlsplit(subscriptions.url_of(turn.work, row)).hostname, deliveries.counts(turn.work, row.id)
        told = ", ".join(f"{counts[state]} {state}" for state in _STATES if state in counts)
        failing = f", failing since {row.failing_since:%Y-%m-%d %H:%M} UTC" if row.failing_since is not None else ""
        lines.append(
            f"{row.name} {'on' if row.active else 'OFF'} {host}: {row.events}; {told or 'nothing yet'}{failing}"
        )
    dead = [
        f"dead {row.id} {row.event} {row.done_at:%Y-%m-%d %H:%M} UTC: {row.error}"
        for row in deliveries.dead(turn.work, _MOST)
    ]
    return "\n".join([*lines, *dead]) or "Nobody listens."


def off(turn: Turn, argument: str, member: Member) -> str:
    """Let one listen no more; what waits for it becomes a dead letter that may be replayed."""
    row = _named(turn, argument)
    if not subscriptions.switch_off(turn.work, row.id):
        return f"{row.name} is off already."
    turn.work.forget("webhooks")
    deliveries.drop_waiting(turn.work, row.id)
    turn.audit("webhook.off", f"webhook:{row.name}", actor=member.name)
    return f"{row.name} is off. /webhook add with its address lets it listen again."


def replay(turn: Turn, argument: str, member: Member) -> str:
    """Let one dead letter, or all of a listener's, begin anew: the same id and body, six tries."""
    word = argument.strip()
    if word.isdigit():
        found, name = [int(word)], word
    else:
        row = _named(turn, word)
        found, name = [one.id for one in deliveries.dead_of(turn.work, row.id)], row.name
    begun = [one for one in found if deliveries.again(turn.work, one)]
    for one in begun:
        send(turn, one)
    turn.audit("webhook.replay", f"webhook:{name}", actor=member.name, count=len(begun))
    if not begun:
        raise Refusal("webhooks.nothing_dead", name=name)
    things = "1 delivery" if len(begun) == 1 else f"{len(begun)} deliveries"
    return f"Sending again: {things} of {name}. /webhook list shows how they went."
