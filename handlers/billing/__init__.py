"""Billing: plans and what they let a person use, how much of it is left, and why (business rules, sections 2 to 4).

`catalogue` is the data, `resolver` and `periods` the pure rules, `rights` the answers to what other services ask
through `bot.engine.rights`. `subscriptions` sells plans.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry, own: Path | None = None) -> None:
    """Let billing answer what a person may use, and add MY PLAN; raise Misconfigured for a broken catalogue.

    MY PLAN is heard before other services hear a plan of theirs.
    """
    from handlers.billing import (
        adjusting,
        api,
        at_rest,
        closing,
        contents,
        coupons,
        granting,
        packs,
        stars,
        subscriptions,
        telling,
        view,
    )
    from handlers.billing.catalogue import catalogue
    from handlers.billing.coupons.promotions import PlanCodes
    from handlers.billing.documents import asking
    from handlers.billing.orders import events, staff
    from handlers.billing.orders.till import OrderTill
    from handlers.billing.rights import BillingRights
    from handlers.billing.stars.desk import Desk
    from handlers.billing.subscriptions import ports
    from storage.billing import orders, privacy

    known = catalogue(own) if own else catalogue()
    registry.rights = BillingRights(known)
    registry.features = frozenset((*known.features, *known.categories))
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.word("text")(partial(view.heard_plan, catalogue=known))
    registry.word("text")(partial(contents.heard, catalogue=known))
    registry.word("options")(view.add_options)
    registry.word("closing")(telling.offer_plans)
    registry.word("usage")(partial(view.add_usage, catalogue=known))
    registry.till = OrderTill()
    events.register(registry)
    asking.register(registry)
    staff.register(registry)
    granting.register(registry, known)
    adjusting.register(registry, known)
    registry.fulfils(packs.PURPOSE)(partial(packs.fulfil, catalogue=known))
    registry.takebacks[packs.PURPOSE] = packs.take_back
    registry.returns[packs.PURPOSE] = partial(packs.give_again, catalogue=known)
    registry.word("text")(partial(packs.heard, catalogue=known))
    registry.erasers.append(privacy.erase)
    registry.holds.append(orders.unsettled)
    coupons.register(registry, known)
    stars.register(registry, known)
    closing.register(registry)
    at_rest.register(registry)
    api.register(registry, known)
    subscriptions.register(registry, known)
    registry.settings[ports.StarsDesk] = Desk(known)
    registry.settings[ports.Discounts] = PlanCodes()


def register_last(registry: Registry, own: Path | None = None) -> None:
    """Hear USAGE of those whom no other service counts for, and PLAN of those whom the coach has none for."""
    from handlers.billing import view
    from handlers.billing.catalogue import catalogue

    known = catalogue(own) if own else catalogue()
    registry.word("text")(partial(view.heard_usage, catalogue=known))
    registry.word("text")(partial(view.heard_last, catalogue=known))
