"""The answer while Telegram waits: is this order open, at this price, for this person, and may they buy (TS-2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.seal import Seal
from bot.engine import ages
from bot.engine.checkout import Purchase
from bot.engine.state import Conversation
from handlers.billing.catalogue import Catalogue
from handlers.billing.stars.plans import PURPOSE, plan_of
from storage.billing import charges

OPEN = ("created", "open")


def judge(connection: sa.Connection, seal: Seal, bought: Purchase, now: datetime, catalogue: Catalogue) -> str:
    """Return the text key of why a purchase may not go on, empty when it may."""
    number = bought.payload
    known = number.isascii() and number.isdigit() and len(number) < 20
    row = charges.standing(connection, int(number)) if known else None
    if row is None or row.gateway != "stars":
        return "billing.stars.unknown"
    if charges.person_at(connection, seal.digest("address", f"telegram:{bought.handle}")) != row.person_id:
        return "billing.stars.unknown"
    return _open(row, bought, now) or _buyer(row, seal) or _plan(connection, row, catalogue)


def _open(row: sa.Row[Any], bought: Purchase, now: datetime) -> str:
    if row.state not in OPEN or row.expires_at <= now:
        return "billing.stars.expired"
    same = (row.total_minor, row.currency) == (bought.amount_minor, bought.currency)
    return "" if same else "billing.stars.price_changed"


def _buyer(row: sa.Row[Any], seal: Seal) -> str:
    if row.suspended:
        return "billing.stars.suspended"
    notes = Conversation.load(seal.open(row.talk)).notes if row.talk else {}
    return "billing.stars.under_age" if not ages.is_grown(notes) else ""


def _plan(connection: sa.Connection, row: sa.Row[Any], catalogue: Catalogue) -> str:
    """Refuse a second plan, unless a better one replaces a plan that was bought for Stars too."""
    if row.purpose != PURPOSE:
        return ""
    wanted = plan_of(catalogue, row.reference)
    if wanted is None:
        return "billing.stars.expired"
    live = charges.live_plan(connection, row.person_id)
    if live is None:
        return ""
    has = catalogue.plan(live.plan, live.plan_version)
    better = live.gateway == "stars" and has is not None and wanted.level > has.level
    return "" if better else "billing.stars.has_plan"
