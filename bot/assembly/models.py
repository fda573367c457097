"""The models that the settings name: whether they may be used at all, and what the coach is told of them.

A model that has ended stops the start, and so does one of the coach's without a price: a day's money could not be kept
(rules MC-1, LLM-7). Nothing is checked without a key, because then no model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.core.errors import Misconfigured
from bot.core.settings import Settings

if TYPE_CHECKING:
    from handlers.coaching.talk import TalkSettings

WARNING = timedelta(days=60)


def named_models(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings that name a model, with the model."""
    yield "ANTHROPIC_MODEL", settings.anthropic_model
    yield "ANTHROPIC_SMALL_MODEL", settings.anthropic_small_model
    if settings.coaching_enabled:
        yield from coach_models(settings)


def coach_models(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings that decide which models the coach asks, with the model."""
    reply = "COACH_MODEL" if settings.coach_model else "ANTHROPIC_MODEL"
    small = "COACH_SMALL_MODEL" if settings.coach_small_model else "ANTHROPIC_SMALL_MODEL"
    degraded = "COACH_DEGRADED_MODEL" if settings.coach_degraded_model else "ANTHROPIC_SMALL_MODEL"
    yield reply, settings.coach_model or settings.anthropic_model
    yield small, settings.coach_small_model or settings.anthropic_small_model
    yield degraded, settings.coach_degraded_model or settings.anthropic_small_model


def check_models(settings: Settings, today: date) -> list[str]:
    """Raise Misconfigured for a model that may not be used; return a warning for each that ends soon."""
    if not settings.anthropic_api_key:
        return []
    from bot.core.model_prices import PriceTable
    from integrations.retirement import retires_on

    soon = []
    for name, model in dict.fromkeys(named_models(settings)):
        end = retires_on(model)
        if end is not None and end <= today:
            raise Misconfigured(name, f"{model} ended on {end}")
        if end is not None and end - today <= WARNING:
            soon.append(f"{name}: {model} ends on {end}")
    for name, model in coach_models(settings) if settings.coaching_enabled else ():
        if PriceTable.load().price_of(model, today) is None:
            raise Misconfigured(name, f"the price of {model} is not known")
    return soon


def talk_settings(settings: Settings) -> TalkSettings:
    """Return what the coach is told of models and money."""
    from handlers.coaching.talk import TalkSettings

    reply, small, degraded = (model for _, model in coach_models(settings))
    return TalkSettings(
        has_model=bool(settings.anthropic_api_key),
        reply_model=reply,
        small_model=small,
        degraded_model=degraded,
        messages_per_day=settings.coach_messages_per_day,
        new_account_messages_per_day=settings.coach_new_account_messages_per_day,
        cents_per_person_day=settings.coach_cents_per_person_day,
        burst_per_minute=settings.coach_burst_per_minute,
        warn_cents=settings.coach_warn_cents,
        degrade_cents=settings.coach_degrade_cents,
        stop_cents=settings.coach_stop_cents,
    )
