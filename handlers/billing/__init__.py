"""Billing: plans and what they let a person use, how much of it is left, and why (business rules, sections 2 to 4).

`catalogue` is the data, `resolver` and `periods` the pure rules, `rights` the answers to what other services ask
through `bot.engine.rights`.
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
    from handlers.billing import view
    from handlers.billing.catalogue import catalogue
    from handlers.billing.rights import BillingRights
    from storage.billing import privacy

    known = catalogue(own) if own else catalogue()
    registry.rights = BillingRights(known)
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.word("text")(partial(view.heard_plan, catalogue=known))
    registry.word("usage")(partial(view.add_usage, catalogue=known))
    registry.erasers.append(privacy.erase)


def register_last(registry: Registry, own: Path | None = None) -> None:
    """Hear USAGE of those whom no other service counts for."""
    from handlers.billing import view
    from handlers.billing.catalogue import catalogue

    registry.word("text")(partial(view.heard_usage, catalogue=catalogue(own) if own else catalogue()))
