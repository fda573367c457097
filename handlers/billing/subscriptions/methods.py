"""What a plan is paid by, as Stripe tells it: kind, brand, last four digits, expiry (PY-10); changed at the portal.

U> paymethod
B> Your plan is paid by visa ...4242, good until 04/2028.
   One moment, your private link is made.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls.subscriptions import GatewayMethod, GatewaySubscription
from bot.engine.turn import Turn
from storage.billing import subscriptions


def keep(turn: Turn, subscription_id: int, seen: GatewaySubscription) -> None:
    """Mirror what a look showed, sealed; a plan without a default method has none."""
    told, row = seen.method, subscriptions.load(turn.work, turn.person.id, subscription_id)
    if row is None or of(turn, row) == told:
        return
    sealed = turn.work.seal.seal(orjson.dumps(asdict(told))) if told is not None else None
    subscriptions.pays_by(turn.work, turn.person.id, subscription_id, sealed)


def of(turn: Turn, row: sa.Row[Any]) -> GatewayMethod | None:
    """Return what a plan is paid by."""
    return None if row.method is None else GatewayMethod(**orjson.loads(turn.work.seal.open(row.method)))


def named(found: GatewayMethod) -> str:
    """Return a method in words: `visa ...4242`, `us_bank_account ...6789`, `link`."""
    return f"{found.brand or found.kind} ...{found.last_four}" if found.last_four else found.brand or found.kind


def tell(turn: Turn, row: sa.Row[Any]) -> None:
    """Say what a plan is paid by, and until when a card is good."""
    found = of(turn, row)
    if found is None:
        return
    if found.expires:
        turn.say("billing.sub.paid_by_card", method=named(found), until=found.expires)
    else:
        turn.say("billing.sub.paid_by", method=named(found))
