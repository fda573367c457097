"""The one line of registration for each service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import bot.engine
from bot.assembly.models import named_models, talk_settings
from bot.core.limits import Limits, limits
from bot.core.settings import Settings
from bot.engine import ages, consent, deliverability, own_data, quiet_time, slow, stray
from bot.engine.allowance import Allowance
from bot.engine.haste import Haste
from bot.engine.registry import Registry
from bot.engine.render import PictureTexts
from storage.organisation import Organisation

MENU_MOST = 4
"""So many entries a menu has (rule TG-3); HELP is a word at every step anyway."""


def register_services(registry: Registry, settings: Settings, *, at_once: bool = True) -> None:
    """Register the engine's texts and every service that is switched on.

    Unless `at_once`, all but the gate of staff wait for the first event: a process at rest does without their modules.
    What an operator wrote (settings, plans, rates) is checked here all the same.
    """
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.add_texts(Path(__file__).with_name("texts"))
    deliverability.register(registry)
    registry.settings[Limits] = limits()
    registry.settings[Haste] = Haste(0 if settings.is_demo else limits().inbound_a_minute)
    registry.settings[Allowance] = Allowance(tokens_per_day=settings.model_tokens_per_day)
    reachable = settings.is_demo or settings.public_url.startswith("https://")
    registry.settings[PictureTexts] = PictureTexts(settings.sms_pictures == "mms" and reachable, settings.twilio_from)
    consent.register(registry)
    quiet_time.register(registry)
    stray.register(registry)
    slow.register(registry)
    own_data.register(registry)
    ages.register(registry)
    _register_admin(registry, settings)
    if settings.coaching_enabled and settings.coaching_plans:
        _check_plans(settings)
    if settings.billing_enabled and (settings.billing_catalogue or settings.billing_tax):
        _check_catalogue(settings)
    if settings.quotes_enabled and settings.quotes_file:
        _check_rates(settings)
    registry.postpone(partial(_register_rest, registry, settings))
    registry.check()
    if at_once:
        registry.complete()


def _check_plans(settings: Settings) -> None:
    """Refuse the start for a broken plan of the operator, although the coach itself waits for the first event (C04)."""
    from handlers.coaching.plan.template import shelf

    shelf(_plans(settings))


def _check_catalogue(settings: Settings) -> None:
    """Refuse the start for a broken catalogue of plans (A13), and for a place of tax that is not in the table."""
    from bot.core.errors import Misconfigured
    from handlers.billing.catalogue import FILE, catalogue
    from handlers.billing.tax import STRIPE, rate_of

    catalogue(_plan_file(settings) or FILE)
    rate_of(settings.billing_tax)
    if settings.billing_tax == STRIPE and settings.tax_bps:
        raise Misconfigured("TAX_BPS", "BILLING_TAX=stripe leaves the tax to Stripe, so this must be 0")


def _check_rates(settings: Settings) -> None:
    """Refuse the start for a broken file of rates."""
    from handlers.quotes.corrugated.rates import FILE, rates

    rates(_rates_file(settings) or FILE)


def _rates_file(settings: Settings) -> Path | None:
    return Path(settings.quotes_file) if settings.quotes_file else None


def _plan_file(settings: Settings) -> Path | None:
    return Path(settings.billing_catalogue) if settings.billing_catalogue else None


def _plans(settings: Settings) -> Path | None:
    return Path(settings.coaching_plans) if settings.coaching_plans else None


def _register_rest(registry: Registry, settings: Settings) -> None:
    from handlers import audit, billing, campaigns, coaching, people, quotes, reports, webhooks

    registry.house = _house(settings)
    registry.sms_number = settings.twilio_from if settings.twilio_from.startswith("+") else ""
    if settings.appeals_enabled:
        _register_appeals(registry, settings)
    people.register(registry)
    audit.register(registry)
    reports.register(registry)
    if settings.support_enabled:
        _register_support(registry, settings)
    if settings.support_enabled or settings.billing_enabled:
        webhooks.register(registry, private=settings.webhook_private_hosts)
    if settings.billing_enabled:
        _use_order_settings(registry, settings)
        billing.register(registry, _plan_file(settings))
    if settings.campaigns_enabled:
        campaigns.register(registry)
    if settings.quotes_enabled:
        quotes.register(registry, _rates_file(settings), demo=settings.is_demo)
    # The coach hears first what is clearly its own ($29 a month is no purchase), and last what nobody wants.
    if settings.coaching_enabled:
        coaching.register(registry, _plans(settings), talk_settings(settings))
    if settings.receipts_enabled:
        _register_mail(registry, settings)
        _register_receipts(registry, settings)
    if settings.coaching_enabled:
        coaching.register_last(registry)
    if settings.billing_enabled:
        billing.register_last(registry, _plan_file(settings))
    own = [("status", "engine.menu_status", "cases"), ("help", "engine.menu_help", "how")]
    registry.menu += own[: MENU_MOST - len(registry.menu)]


def _house(settings: Settings) -> Organisation:
    """Return who we are as the host's settings say it; what staff say in the chat comes first (OR-1)."""
    name, *legal = [line.strip() for line in settings.billing_seller.split("|") if line.strip()] or ["Parley"]
    group = str(settings.telegram_staff_group or "")
    tax = settings.billing_tax or "none"
    return Organisation(name, legal="; ".join(legal), zone=settings.billing_zone, staff_group=group, tax=tax)


def _use_order_settings(registry: Registry, settings: Settings) -> None:
    from handlers.billing.orders.settings import OrderSettings, use_settings
    from handlers.billing.tax import STRIPE, rate_of

    use_settings(
        registry,
        OrderSettings(
            live=not settings.is_demo,
            rate=rate_of(settings.billing_tax),
            stripe_tax=settings.billing_tax == STRIPE,
            fiscal_start=settings.fiscal_year_start,
            razorpay=bool(settings.razorpay_key_id),
        ),
    )


def _register_appeals(registry: Registry, settings: Settings) -> None:
    from handlers import appeals
    from handlers.appeals.settings import AppealSettings, use_settings
    from handlers.appeals.usability import Mode

    use_settings(
        registry,
        AppealSettings(
            mode=Mode.DEMO if settings.is_demo else Mode.LIVE,
            price_standard_cents=settings.price_standard_cents,
            price_certified_cents=settings.price_certified_cents,
            tax_bps=settings.tax_bps,
            stripe_tax=settings.billing_tax == "stripe",
            mail_hold=timedelta(minutes=settings.mail_hold_minutes),
            has_model=bool(settings.anthropic_api_key),
        ),
    )
    appeals.register(registry)


def _register_mail(registry: Registry, settings: Settings) -> None:
    """Register mail before the rest of receipts: its words are whole messages, the others listen to many."""
    from handlers.receipts import mail
    from handlers.receipts.mail.settings import MailSettings

    registry.settings[MailSettings] = MailSettings(
        domain=settings.inbound_mail_domain,
        gmail=bool(settings.google_client_id),
        sends=bool(settings.smtp_url),
    )
    mail.register(registry)


def _register_receipts(registry: Registry, settings: Settings) -> None:
    from handlers import receipts
    from handlers.receipts import api, bank
    from handlers.receipts.books.rates import RateFile
    from handlers.receipts.exports.connecting import ConnectionSettings
    from handlers.receipts.flow.readers import CLAUDE, GOOGLE, CloudReading
    from handlers.receipts.later import alerts

    known = tuple(url for url in (settings.firefly_base_url, settings.actual_base_url) if url)
    registry.settings[ConnectionSettings] = ConnectionSettings(known, settings.export_private_hosts)
    rates = settings.exchange_rates_file
    registry.settings[RateFile] = RateFile(Path(rates) if rates else None)
    # Words come before what is typed: TOKEN is no purchase, and MISSING 20 no expense of 20.
    api.register(registry)
    bank.register(registry, bank.BankSettings(is_offered=bool(settings.plaid_client_id), booked=alerts.after_booking))
    configured = {CLAUDE: settings.anthropic_api_key, GOOGLE: settings.google_vision_api_key}
    registry.settings[CloudReading] = CloudReading(
        tuple(reader for reader, api_key in configured.items() if api_key),
        per_person_day=settings.reading_cents_per_person_day * 10_000,
        per_house_day=settings.reading_cents_per_day * 10_000,
    )
    receipts.register(registry)


def staff_groups(settings: Settings) -> frozenset[int]:
    """Return the chats in which staff are heard, none without support; raise Misconfigured for a map without sense."""
    if not settings.support_enabled:
        return frozenset()
    return frozenset({settings.telegram_staff_group, *_by_category(settings).values()}) - {0}


def _by_category(settings: Settings) -> dict[str, int]:
    if not settings.telegram_staff_groups:
        return {}
    from bot.core.errors import Misconfigured
    from handlers.support.settings import groups_of

    if not settings.telegram_staff_group:
        raise Misconfigured("TELEGRAM_STAFF_GROUPS", "set TELEGRAM_STAFF_GROUP too: the other categories need a group")
    return groups_of(settings.telegram_staff_groups)


def _register_support(registry: Registry, settings: Settings) -> None:
    from handlers import support
    from handlers.support.settings import SupportSettings

    bot = settings.telegram_bot_token.partition(":")[0]
    drafts = bool(settings.anthropic_api_key)
    support.register(registry)
    support.register_staff(
        registry, SupportSettings(settings.telegram_staff_group, bot, drafts, _by_category(settings))
    )


def _register_admin(registry: Registry, settings: Settings) -> None:
    from handlers import admin

    models = tuple(named_models(settings)) if settings.anthropic_api_key else ()
    admin.register(registry, demo=settings.is_demo, models=models)
