"""The answer to a purchase that Telegram wants confirmed: local data, one read, no queue; in doubt a no (TS-2)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.core.calls.stars import AnswerCheckout
from bot.engine.checkout import Purchase

if TYPE_CHECKING:
    from bot.assembly.app import App
    from integrations.telegram.updates import TelegramUpdate

log = logging.getLogger(__name__)
CLOSED = "engine.checkout_closed"


async def confirm(app: App, update: TelegramUpdate) -> AnswerCheckout:
    """Return yes, or no with its reason in the person's words."""
    asked = update.pre_checkout
    assert asked is not None  # noqa: S101 - its kind says so
    app.registry.complete()
    judge, why = app.registry.checkout, CLOSED
    bought = Purchase(f"{app.telegram.bot_id}:{update.user_id}", asked.payload, asked.amount_minor, asked.currency)
    try:
        if judge is not None:
            now = app.clock.now()
            why = await app.database.read(lambda connection: judge(connection, app.seal, bought, now))
    except Exception:
        log.exception("a checkout could not be judged")
    locale = "es" if update.language.startswith("es") and app.registry.speaks("es") else "en"
    return AnswerCheckout(asked.query_id, app.registry.catalogue.text(why, locale) if why else "")
