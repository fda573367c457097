"""PAYMETHOD: a page of Stripe for one visit, to change a card or see invoices (SB-13).

The link is a secret: made when it is asked for, sent in private chat only, and kept out of what we keep.
"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.subscriptions import OpenPortal, Portal
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.subscriptions import methods
from storage.billing import subscriptions

_CARD = re.compile(r"/?pay ?method|payment method|metodo de pago|(?:change|update) (?:my )?card", re.I)
OPENED = "billing.portal"
LIMIT = timedelta(minutes=5)


def heard(turn: Turn, text: str) -> bool:
    """Take PAYMETHOD."""
    if _CARD.fullmatch(" ".join(text.split()).rstrip(".!?")) is None:
        return False
    offer(turn, "payment_method_update")
    return True


def offer(turn: Turn, flow: str = "") -> None:
    """Order a page for this visit; in a group it is refused."""
    if is_group(turn):
        turn.say("billing.sub.portal_private")
        return
    row = subscriptions.newest(turn.work, turn.person.id)
    if row is None or row.gateway != "stripe" or row.customer_ref is None:
        turn.say("billing.sub.no_card")
        return
    if flow:
        methods.tell(turn, row)
    call = OpenPortal(row.customer_ref, f"{turn.registry.public_url}/paid", flow)
    turn.call(call, then=OPENED, limit=LIMIT)
    turn.say("billing.sub.portal_comes")


def is_group(turn: Turn) -> bool:
    """Tell whether others read what is said here."""
    handle = turn.address.handle if turn.address is not None and turn.channel == "telegram" else ""
    return handle.rpartition(":")[2].startswith("-")


def opened(turn: Turn) -> None:
    """Send the page, or say that it cannot be had now."""
    outcome = outcome_of(turn)
    if is_group(turn):
        return
    if isinstance(outcome, Done) and isinstance(outcome.result, Portal) and outcome.result.url:
        turn.hide(outcome.result.url)
        turn.notify(
            "billing.sub.portal", purpose="reply", ttl=LIMIT, link=("billing.sub.portal_button", outcome.result.url)
        )
    else:
        turn.notify("billing.sub.portal_later", purpose="reply")
