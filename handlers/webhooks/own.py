"""A person's own webhooks: another program of theirs hears what happens to them, by ids alone (`data.api`, WH-1).

> WEBHOOK NEW https://example.com/hook receipt.filed payment.paid
< whsec_... This is the only time I show it. Webhook K7QX hears payment.paid, receipt.filed. ...
> WEBHOOKS
< K7QX example.com: payment.paid, receipt.filed; 3 done
> WEBHOOK DROP K7QX
< Webhook K7QX hears nothing more.

They are sent and signed like those of staff, never to an address inside; a plan without the API keeps them and tells
them nothing.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from bot.core.outside_urls import acceptable
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.webhooks.sending import EVENTS, FEATURE, TOLD_OFF, wants
from storage.webhooks import deliveries, subscriptions

MOST, _LONGEST = 3, 400
_NEW = re.compile(r"/?webhook (?:new|add) (?P<url>\S+)(?P<events>(?: [a-z.*]+)*)", re.I)
_DROP = re.compile(r"/?webhook (?:drop|delete|off) (?P<name>[a-z0-9]{4})", re.I)
_LIST = re.compile(r"/?(?:my )?webhooks|/?webhook list", re.I)
_HOW = re.compile(r"/?webhook(?: .*)?", re.I)


def register(registry: Registry) -> None:
    """Register the words, and the notice of one that was switched off."""
    registry.word("text")(heard)
    registry.on(f"timer:{TOLD_OFF}")(told_off)


def heard(turn: Turn, text: str) -> bool:
    """Take a message about webhooks; False for every other."""
    said = " ".join(text.split())
    if turn.person_id is None or len(said) > _LONGEST or "webhook" not in said[:12].lower():
        return False
    if (found := _NEW.fullmatch(said)) is not None:
        _new(turn, found["url"], found["events"].lower().split())
    elif (found := _DROP.fullmatch(said)) is not None:
        _drop(turn, found["name"].upper())
    elif _LIST.fullmatch(said):
        _list(turn)
    elif _HOW.fullmatch(said):
        turn.say("webhooks.how", events=", ".join(EVENTS))
    else:
        return False
    return True


def _new(turn: Turn, said: str, names: list[str]) -> None:
    right = turn.registry.rights.decide(turn, FEATURE)
    if not right.allows:
        turn.say("webhooks.not_in_plan", told=right.told)
        return
    url, events = acceptable(said), " ".join(sorted(set(names or EVENTS)))
    if url is None:
        turn.say("webhooks.own_refused_url")
        return
    if any(not any(wants(name, event) for event in EVENTS) for name in names):
        turn.say("webhooks.how", events=", ".join(EVENTS))
        return
    mine = subscriptions.of_person(turn.work, turn.person.id)
    if len(mine) >= MOST:
        turn.say("webhooks.too_many", most=MOST)
        return
    name, secret = turn.work.ids.code(4), f"whsec_{secrets.token_urlsafe(32)}"
    turn.hide(secret)
    actor = f"person:{turn.person_id}"
    subscriptions.add(
        turn.work, name=name, url=url, events=events, secret=secret, actor=actor, person_id=turn.person.id
    )
    turn.audit("webhook.add", f"webhook:{name}", events=events)
    turn.notify(
        "webhooks.made", purpose="reply", policy="ask_first", secret=secret, name=name,
        events=", ".join(events.split()),
    )  # fmt: skip


def _list(turn: Turn) -> None:
    mine = subscriptions.of_person(turn.work, turn.person.id)
    if not mine:
        turn.say("webhooks.how", events=", ".join(EVENTS))
    for row in mine:
        counts = deliveries.counts(turn.work, row.id)
        turn.say(
            "webhooks.line" if row.active else "webhooks.line_off", name=row.name,
            host=urlsplit(subscriptions.url_of(turn.work, row)).hostname or "",
            events=", ".join(row.events.split()), done=counts.get("done", 0), dead=counts.get("dead", 0),
        )  # fmt: skip


def _drop(turn: Turn, name: str) -> None:
    row = subscriptions.named(turn.work, name)
    if row is None or row.person_id != turn.person.id:
        turn.say("webhooks.own_no_such", name=name)
        return
    subscriptions.remove(turn.work, row.id)
    turn.audit("webhook.off", f"webhook:{name}")
    turn.say("webhooks.dropped", name=name)


def told_off(turn: Turn) -> None:
    """Tell a person that a webhook of theirs was switched off, because nothing arrived for three days."""
    turn.notify("webhooks.switched_off", name=str(turn.event.payload["name"]))
