"""Telegram Stars: digital things bought inside Telegram, plans that renew there, and what follows (TS-1 to TS-7).

`judging` answers Telegram while it waits, `gateway` stands behind the till, `paying` hears of money, `plans` keeps what
renews, `desk` talks about it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from handlers.billing.catalogue import Catalogue


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Let the till sell for Stars, and answer Telegram's questions and news about them."""
    from handlers.billing.orders.gateways import MoreGateways
    from handlers.billing.stars import gateway, judging, paying, plans, renewals
    from handlers.billing.stars.desk import Desk

    registry.settings[MoreGateways] = MoreGateways({"stars": gateway.StarsGateway()})
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.checkout = partial(judging.judge, catalogue=catalogue)
    registry.finders["stars"] = paying.person_of
    registry.on("stars:paid")(paying.paid)
    registry.on("stars:refunded")(paying.refunded)
    registry.on("call:stars.invoiced")(gateway.invoiced)
    registry.on("call:stars.edited")(plans.edited)
    registry.on(f"call:{plans.RETURNED}")(plans.returned)
    registry.on("timer:stars.over")(plans.over_due)
    registry.fulfils(plans.PURPOSE)(partial(plans.begin, catalogue=catalogue))
    registry.takebacks[plans.PURPOSE] = plans.take_back
    renewals.register(registry)
    Desk(catalogue).register(registry)
