"""Plans that renew, through Stripe (business rules, section 5).

`offers` is what is sold, `choosing`, `ending` and `portal` the conversations, `purchasing` and `changing` what is asked
of Stripe, `watching` and `mirror` how its truth becomes our row, `telling` and `reminding` what persons hear of it,
`staff` the rows of /sub, `ports` where Stars and codes plug in.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bot.engine.registry import Registry
from handlers.billing.catalogue import Catalogue
from handlers.billing.subscriptions import (
    changing,
    choosing,
    coding,
    disputing,
    doubles,
    ending,
    events,
    invoices,
    leaving,
    portal,
    purchasing,
    reminding,
    returned,
    staff,
    watching,
)
from handlers.billing.telling import PLANS


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Register the conversations, Stripe's events, the answers of calls, timers, and the staff's rows."""
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(choosing.prepare(catalogue))
    registry.add_flow(ending.ending)
    registry.word("text")(partial(choosing.heard, catalogue=catalogue))
    registry.button(PLANS)(partial(choosing.pressed, catalogue=catalogue))
    registry.word("text")(ending.heard)
    registry.word("text")(portal.heard)
    registry.word("cancel_plan")(ending.asked)
    events.register(registry)
    disputing.register(registry, catalogue)
    returned.register(registry)
    registry.on(f"page:{purchasing.TAPPED}")(partial(purchasing.tapped, catalogue=catalogue))
    registry.on(f"call:{coding.PROMOTED}")(partial(purchasing.promoted, catalogue=catalogue))
    registry.on(f"timer:{coding.OVER}")(coding.link_over)
    registry.on(f"call:{purchasing.OPENED}")(purchasing.opened)
    registry.on(f"call:{purchasing.CLOSED}")(events.session_closed)
    registry.on(f"call:{watching.READ}")(partial(watching.looked, catalogue=catalogue))
    registry.on(f"call:{invoices.LISTED}")(invoices.listed)
    registry.on(f"call:{doubles.ENDED}")(events.second_ended)
    registry.on(f"call:{doubles.FOUND}")(doubles.found)
    registry.on(f"call:{doubles.REFUNDED}")(doubles.refunded)
    registry.on(f"call:{changing.CHANGED}")(changing.changed)
    registry.on(f"call:{portal.OPENED}")(portal.opened)
    registry.on(f"call:{reminding.OVER}")(events.dunning_over)
    registry.on(f"timer:{reminding.DUNNING}")(reminding.dunning_due)
    registry.on(f"timer:{reminding.COMING}")(reminding.coming_due)
    registry.on(f"timer:{reminding.GIFT}")(reminding.gift_over)
    registry.on(f"timer:{events.CHECK}")(events.check_due)
    registry.on(f"timer:{staff.ORDERED}")(partial(staff.ordered, catalogue=catalogue))
    leaving.register(registry)
    staff.register(registry, catalogue)
