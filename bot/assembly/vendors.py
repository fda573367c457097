"""The adapters of the vendors that are configured, each with its settings.

A vendor without a key has no adapter: its calls end as refused with `not_configured`, and the service that needs it
says so to the person. In live mode a key that a switched-on service needs stops the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.core.calls.books import SendToActual, SendToFirefly
from bot.core.calls.channels import DiscardMedia, FetchMedia
from bot.core.calls.charts import DrawChart
from bot.core.calls.coach import AskCoach, SummariseTalk
from bot.core.calls.mail import GmailExchange, Mail, OpenMail, ReadGmail, ReadImap, RevokeGmail, SendMail
from bot.core.calls.office import ExportAudit, ReadReport, VerifyAudit
from bot.core.calls.reading import ReadPrint, ReadReceipt
from bot.core.calls.webhooks import DeliverWebhook
from bot.core.calls.workshop import (
    AskModel,
    PreparePictures,
    PrepareSignature,
    ReadText,
    TypesetLetter,
    TypesetSheet,
)
from bot.core.clock import Clock
from bot.core.errors import Misconfigured
from bot.core.ids import Ids
from bot.core.ports import Adapter
from bot.core.settings import Settings
from integrations.on_demand import NarrowOnDemand, OnDemand, UrgentOnDemand
from storage.database import Database, Writers
from storage.work import Work

if TYPE_CHECKING:
    from integrations.mail.opener import Attached, MailOpener

_NEEDED = {
    "telegram_enabled": ("telegram_bot_token",),
    "sms_enabled": ("twilio_account_sid", "twilio_auth_token", "twilio_from", "public_url"),
    "appeals_enabled": (
        "stripe_secret_key",
        "stripe_webhook_secret",
        "lob_api_key",
        "lob_webhook_secret",
        "public_url",
    ),
    "billing_enabled": ("stripe_secret_key", "stripe_webhook_secret", "public_url"),
}


def check_needed(settings: Settings) -> None:
    """Raise Misconfigured when a switched-on service lacks a setting; name it, and the switch."""
    for switch, names in _NEEDED.items():
        if getattr(settings, switch):
            for name in names:
                if not getattr(settings, name):
                    raise Misconfigured(name.upper(), f"is missing; set it, or switch off by {switch.upper()}=false")
    _check_mail(settings)
    if settings.razorpay_key_id and not (settings.razorpay_key_secret and settings.razorpay_webhook_secret):
        raise Misconfigured("RAZORPAY_KEY_SECRET", "is missing, or RAZORPAY_WEBHOOK_SECRET is, which its events bear")
    if settings.google_client_id and not (settings.google_client_secret and settings.public_url):
        raise Misconfigured("GOOGLE_CLIENT_SECRET", "is missing, or PUBLIC_URL is, which Google comes back to")
    if not settings.secret_keys:
        raise Misconfigured("SECRET_KEYS", "is missing; `python main.py doctor --new-key` prints one")


def _check_mail(settings: Settings) -> None:
    if settings.imap_url:
        from integrations.mail import InboundMailbox

        InboundMailbox(settings.imap_url)
        if not settings.inbound_mail_domain:
            raise Misconfigured("INBOUND_MAIL_DOMAIN", "is missing; the mailbox of IMAP_URL gets the mail of a domain")
    elif settings.inbound_mail_domain and not settings.inbound_mail_secret:
        text = "is missing; the mail server signs with it what it hands over. Or set IMAP_URL"
        raise Misconfigured("INBOUND_MAIL_SECRET", text)


def make_adapters(settings: Settings) -> list[Adapter]:
    """Return the adapters of this process, the local workshop included."""
    return [
        *_channels(settings),
        *_services(settings),
        *_elsewhere(settings),
        *_mail(settings),
        OnDemand("press", [TypesetLetter, TypesetSheet], _press),
        OnDemand("pictures", [PreparePictures, PrepareSignature], _pictures),
        OnDemand("charts", [DrawChart], _charts),
        NarrowOnDemand("ocr", [ReadPrint], _ocr, places=1),
    ]


def _press() -> Adapter:
    from integrations.press import Press

    return Press()


def _pictures() -> Adapter:
    from integrations.pictures import Pictures

    return Pictures()


def _ocr() -> Adapter:
    from integrations.ocr.adapter import Ocr

    return Ocr()


def _charts() -> Adapter:
    from integrations.charts import Charts

    return Charts()


def make_bookkeeper(database: Database, writers: Writers, *, clock: Clock, ids: Ids, keys: str) -> Adapter:
    """Return the adapter that makes exports and takes files in, in processes of their own."""
    from jobs.bookkeeper import Bookkeeper

    def take(work: Work, person_id: int, order: dict[str, Any], entries: list[bytes]) -> tuple[int, int]:
        from handlers.receipts.exports import taking

        return taking.take(work, person_id, order, entries)

    return Bookkeeper(database, writers, clock=clock, ids=ids, keys=keys, take=take)


def make_office(database: Database, writers: Writers, *, clock: Clock, ids: Ids, settings: Settings) -> Adapter:
    """Return the adapter for what operators ask that takes longer than a turn; it comes with the first such wish."""

    def office() -> Adapter:
        from bot.assembly.reports import reader
        from jobs.office import Office

        keys = settings.secret_keys
        return Office(database, writers, clock=clock, ids=ids, keys=keys, report=reader(settings))

    return OnDemand("office", [ExportAudit, VerifyAudit, ReadReport], office)


def _elsewhere(settings: Settings) -> list[Adapter]:
    """Return the adapters for programs of persons' own; there is always somebody who may have one."""
    known = tuple(url.rstrip("/") for url in (settings.firefly_base_url, settings.actual_base_url) if url)
    private = settings.export_private_hosts

    def firefly() -> Adapter:
        from integrations.firefly import FireflyAdapter
        from integrations.outside import Outside

        return FireflyAdapter(Outside("firefly", known=known, private=private))

    def actual() -> Adapter:
        from integrations.actual import ActualAdapter
        from integrations.outside import Outside

        return ActualAdapter(Outside("actual", known=known, private=private))

    def webhooks() -> Adapter:
        from integrations.outside import Outside
        from integrations.webhooks import SECONDS, WebhookAdapter

        staffs = Outside("webhooks", private=settings.webhook_private_hosts, seconds=SECONDS)
        return WebhookAdapter(staffs, Outside("webhooks", seconds=SECONDS))

    return [
        OnDemand("firefly", [SendToFirefly], firefly),
        OnDemand("actual", [SendToActual], actual),
        OnDemand("webhooks", [DeliverWebhook], webhooks),
    ]


def _mail(settings: Settings) -> list[Adapter]:
    """Return what opens, reads and sends mail; how a mail is read is what the receipts know of it."""

    @cache
    def opener() -> MailOpener:
        from handlers.receipts.mail import Way, is_receipt
        from handlers.receipts.mail.opening import open_mail
        from integrations.mail import MailOpener

        def read(raw: bytes, today: date) -> tuple[Mail, Sequence[Attached]]:
            return open_mail(raw, authserv=authserv_of(settings), today=today)

        return MailOpener(read, lambda mail, names: is_receipt(mail, names, Way.FOUND))

    def imap() -> Adapter:
        from integrations.mail import ImapAdapter

        return ImapAdapter(opener(), local=settings.is_demo)

    def smtp() -> Adapter:
        from integrations.mail import SmtpAdapter

        return SmtpAdapter(settings.smtp_url, settings.mail_from)

    def gmail() -> Adapter:
        from integrations.gmail import GmailAdapter

        bases = {"oauth_base": settings.google_oauth_base, "api_base": settings.gmail_api_base}
        return GmailAdapter(opener(), settings.google_client_id, settings.google_client_secret, **bases)

    adapters: list[Adapter] = [OnDemand("mail", [OpenMail], opener), OnDemand("imap", [ReadImap], imap)]
    if settings.smtp_url:
        adapters.append(OnDemand("smtp", [SendMail], smtp, look_ups=[SendMail]))
    if settings.google_client_id:
        adapters.append(OnDemand("gmail", [GmailExchange, ReadGmail, RevokeGmail], gmail))
    return adapters


def authserv_of(settings: Settings) -> str:
    """Return the name under which the receiving hop writes its verdict; the inbound domain unless it is told."""
    return settings.mail_authserv_id or settings.inbound_mail_domain


def _channels(settings: Settings) -> list[Adapter]:
    from integrations.telegram import TelegramAdapter
    from integrations.twilio import TwilioAdapter

    adapters: list[Adapter] = []
    if settings.telegram_bot_token and settings.telegram_enabled:
        adapters.append(TelegramAdapter(settings.telegram_bot_token, base_url=_telegram_base(settings)))
    if settings.twilio_account_sid and settings.sms_enabled:
        account = (settings.twilio_account_sid, settings.twilio_auth_token)
        base = _twilio_base(settings)
        adapters.append(TwilioAdapter(*account, settings.twilio_from, settings.public_url, base_url=base))
    adapters.append(OnDemand("media", [FetchMedia, DiscardMedia], lambda: _media(settings)))
    return adapters


def _media(settings: Settings) -> Adapter:
    from integrations.media import MediaAdapter, TelegramFiles
    from integrations.twilio import TwilioMedia

    telegram_files = twilio_media = None
    if settings.telegram_bot_token and settings.telegram_enabled:
        telegram_files = TelegramFiles(settings.telegram_bot_token, base_url=_telegram_base(settings))
    if settings.twilio_account_sid and settings.sms_enabled:
        account = (settings.twilio_account_sid, settings.twilio_auth_token)
        twilio_media = TwilioMedia(*account, base_url=_twilio_base(settings))
    return MediaAdapter(telegram=telegram_files, twilio=twilio_media)


def _telegram_base(settings: Settings) -> str:
    return settings.telegram_api_base or "https://api.telegram.org"


def _twilio_base(settings: Settings) -> str:
    return settings.twilio_api_base or "https://api.twilio.com"


def _claude(settings: Settings, base: str, models: dict[str, str]) -> list[Adapter]:
    key, minute = settings.anthropic_api_key, timedelta(seconds=60)

    def claude() -> Adapter:
        from integrations.claude import ClaudeAdapter

        return ClaudeAdapter(key, base_url=base, models=models)

    def coach() -> Adapter:
        from integrations.claude.coach import CoachAdapter

        return CoachAdapter(key, base_url=base)

    return [
        OnDemand("claude", [AskModel, ReadText, ReadReceipt], claude),
        UrgentOnDemand("coach", [AskCoach, SummariseTalk], coach, window=minute, pause=minute),
    ]


def _services(settings: Settings) -> list[Adapter]:
    from integrations.lob import LobAdapter
    from integrations.speech import SpeechAdapter
    from integrations.stripe import StripeAdapter

    adapters: list[Adapter] = []
    if settings.stripe_secret_key:
        base = settings.stripe_api_base or "https://api.stripe.com"
        adapters.append(StripeAdapter(settings.stripe_secret_key, base_url=base))
    if settings.razorpay_key_id:
        adapters.append(_razorpay(settings))
    if settings.lob_api_key:
        adapters.append(LobAdapter(settings.lob_api_key, base_url=settings.lob_api_base or "https://api.lob.com/v1"))
    if settings.anthropic_api_key:
        base = settings.anthropic_base_url or "https://api.anthropic.com"
        small = settings.anthropic_small_model
        models = {"letters": settings.anthropic_model, "classify": small, "vision": small}
        adapters += _claude(settings, base, models)
    if settings.plaid_client_id:
        from integrations.plaid import PlaidAdapter

        base = settings.plaid_api_base or "https://production.plaid.com"
        adapters.append(PlaidAdapter(settings.plaid_client_id, settings.plaid_secret, base_url=base))
    if settings.google_vision_api_key:
        from integrations.google_vision import GoogleVisionAdapter

        base = settings.google_vision_api_base or "https://vision.googleapis.com"
        adapters.append(GoogleVisionAdapter(settings.google_vision_api_key, base_url=base))
    if settings.speech_api_base:
        speech = SpeechAdapter(settings.speech_api_key, base_url=settings.speech_api_base, model=settings.speech_model)
        adapters.append(speech)
    return adapters


def _razorpay(settings: Settings) -> Adapter:
    from bot.core.calls import razorpay as calls

    def made() -> Adapter:
        from integrations.razorpay import RazorpayAdapter

        base = settings.razorpay_api_base or "https://api.razorpay.com"
        return RazorpayAdapter(settings.razorpay_key_id, settings.razorpay_key_secret, base_url=base)

    asked = [calls.OpenPaymentLink, calls.ReadPaymentLink, calls.CancelPaymentLink, calls.RefundCapture]
    look_ups = [calls.OpenPaymentLink, calls.RefundCapture]
    listed = [calls.FindCaptureRefunds, calls.ListCaptures]
    return OnDemand("razorpay", [*asked, *listed], made, look_ups=look_ups)
