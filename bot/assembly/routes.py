"""Every address of the site, and who answers there.

What most requests never ask for (metrics, mail, banks, exports, the API) is made at the first request to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from aiohttp import web

from bot.core.calls.outcome import Done
from bot.core.calls.plaid import BankKey, ReadBankKey
from bot.core.ports import Attempt
from bot.web.doors.twilio import TwilioDoor
from bot.web.doors.vendors import lob_door, stripe_door
from bot.web.health import Health
from bot.web.metrics import RequestHandler
from bot.web.pages.about import AboutPage
from jobs.files import StoredFiles

if TYPE_CHECKING:
    from bot.assembly.app import App
    from bot.web.pages.bank import BankPage
    from bot.web.pages.documents import DocumentPage
    from bot.web.pages.exports import ExportPage
    from bot.web.pages.gmail import GmailPages
    from bot.web.pages.order import OrderPage
    from bot.web.pages.own import OwnPage
    from bot.web.pages.passes import PassPages
    from bot.web.pages.pay import PayPage
    from bot.web.pages.plan import PlanPage

Post = Callable[[str, RequestHandler], RequestHandler]
Get = Callable[[str, RequestHandler], None]


def add_routes(app: App) -> tuple[AboutPage, dict[str, RequestHandler]]:
    """Add all addresses; return the page about us, and the doors through which every message comes."""
    site, timed, hot = app.site.router, app.metrics.timed, dict[str, RequestHandler]()

    def post(path: str, handler: RequestHandler) -> RequestHandler:
        handler = timed(path, handler)
        site.add_post(path, handler)
        return handler

    def get(path: str, handler: RequestHandler) -> None:
        site.add_get(path, timed(path, handler))

    s = app.settings
    hot["/webhooks/telegram"] = post("/webhooks/telegram", app.telegram.hook)
    twilio = TwilioDoor(
        app.intake,
        account_sid=s.twilio_account_sid,
        auth_token=s.twilio_auth_token,
        public_url=app.registry.public_url,
    )
    hot["/webhooks/twilio/sms"] = post("/webhooks/twilio/sms", twilio.sms)
    post("/webhooks/twilio/status", twilio.status)
    post("/webhooks/stripe", stripe_door(app.intake, s.stripe_webhook_secret).hook)
    post("/webhooks/lob", lob_door(app.intake, s.lob_webhook_secret).hook)
    post("/webhooks/mail", _first(lambda: _mail_hook(app)))
    post("/webhooks/razorpay", _first(lambda: _razorpay_hook(app)))
    post("/webhooks/plaid", _first(lambda: _plaid_hook(app)))
    gmail = cache(lambda: _gmail_pages(app))
    get("/g/{token}", _first(lambda: gmail().begin))
    get("/oauth/gmail", _first(lambda: gmail().back))
    _add_private_pages(app, post, get)
    sender = s.twilio_from if s.sms_enabled else ""
    telegram = s.telegram_enabled and bool(s.telegram_bot_token)
    about = AboutPage(public_url=app.registry.public_url, sender=sender, telegram=telegram, demo=s.is_demo)
    get("/about", about.show)
    health = Health(app.database, s.data_dir, lambda: app.ticker.age)
    get("/healthz", health.alive)
    get("/readyz", health.ready)
    get("/metrics", _first(lambda: _metrics_page(app)))
    site.add_route("*", "/api/v1/{tail:.*}", _first(lambda: _api(app)))
    return about, hot


def _first(make: Callable[[], RequestHandler]) -> RequestHandler:
    """Return a handler that is made at the first request."""
    made = cache(make)

    async def serve(request: web.Request) -> web.StreamResponse:
        return await made()(request)

    return serve


def _metrics_page(app: App) -> RequestHandler:
    from bot.web.scrape import MetricsPage

    return MetricsPage(app.metrics, app.database, token=app.settings.metrics_token).show


def _add_private_pages(app: App, post: Post, get: Get) -> None:
    """Add the pages behind private links: of payment, of a bank's link, of documents and exports."""
    pay, bank, exports = cache(lambda: _pay_page(app)), cache(lambda: _bank_page(app)), cache(lambda: _export_page(app))
    order, plan = cache(lambda: _order_page(app)), cache(lambda: _plan_page(app))

    async def show(request: web.Request) -> web.Response:
        for page in (bank(), order(), plan()):
            if (shown := await page.show(request)) is not None:
                return shown
        return await pay().show(request)

    async def go(request: web.Request) -> web.Response:
        for page in (bank(), order(), plan()):
            if (gone := await page.go(request)) is not None:
                return gone
        return await pay().go(request)

    _add_own_page(app, post, get, exports)
    post("/p/{token}", go)
    get("/p/{token}", show)
    get("/paid", _first(lambda: pay().done))
    get("/linked", _first(lambda: bank().done))
    post("/d/{token}", _first(lambda: exports().take))
    get("/d/{token}", _first(lambda: _document_page(app, exports()).show))


def _add_own_page(app: App, post: Post, get: Get, exports: Callable[[], ExportPage]) -> None:
    """Add the links that prove somebody, and the page of one's own that they open."""
    passes, own = cache(lambda: _pass_pages(app)), cache(lambda: _own_page(app, exports()))
    get("/v/{token}", _first(lambda: passes().ask_address))
    post("/v/{token}", _first(lambda: passes().prove_address))
    get("/u/{token}", _first(lambda: passes().ask_mails_off))
    post("/u/{token}", _first(lambda: passes().end_mails))
    get("/s/{token}", _first(lambda: passes().ask_sign_in))
    post("/s/{token}", _first(lambda: passes().sign_in))
    get("/me", _first(lambda: own().show))
    post("/me/files", _first(lambda: own().take))
    post("/me/bank", _first(lambda: own().link_bank))
    post("/me/gmail", _first(lambda: own().link_gmail))
    post("/me/out", _first(lambda: own().sign_out))


def _pass_pages(app: App) -> PassPages:
    from bot.web.pages.passes import PassPages

    return PassPages(
        app.intake, app.database, app.writers, app.seal, public_url=app.registry.public_url, demo=app.settings.is_demo
    )


def _own_page(app: App, exports: ExportPage) -> OwnPage:
    from bot.web.pages.own import OwnPage

    s = app.settings
    return OwnPage(
        app.intake, app.database, app.writers, app.seal, app.ids, files=exports,
        gmail=bool(s.google_client_id), bank=bool(s.plaid_client_id), demo=s.is_demo,
    )  # fmt: skip


def _taxed(app: App) -> bool:
    """Tell whether prices include a tax that Stripe works out."""
    return app.settings.billing_tax == "stripe"


def _pay_page(app: App) -> PayPage:
    from bot.web.pages.pay import PayPage

    return PayPage(app.database, app.seal, app.clock, demo=app.settings.is_demo, taxed=_taxed(app))


def _document_page(app: App, exports: ExportPage) -> DocumentPage:
    from bot.web.pages.documents import DocumentPage

    return DocumentPage(app.database, app.seal, app.clock, exports=exports, demo=app.settings.is_demo)


def _bank_page(app: App) -> BankPage:
    from bot.web.pages.bank import BankPage

    return BankPage(app.database, app.seal, app.clock, demo=app.settings.is_demo)


def _order_page(app: App) -> OrderPage:
    from bot.web.pages.order import OrderPage

    return OrderPage(app.intake, app.database, app.seal, app.clock, demo=app.settings.is_demo, taxed=_taxed(app))


def _plan_page(app: App) -> PlanPage:
    from bot.web.pages.plan import PlanPage

    return PlanPage(app.database, app.intake, app.seal, app.clock, demo=app.settings.is_demo, taxed=_taxed(app))


def _export_page(app: App) -> ExportPage:
    from bot.web.pages.exports import ExportPage

    return ExportPage(app.database, app.writers, app.seal, app.clock, demo=app.settings.is_demo)


def _gmail_pages(app: App) -> GmailPages:
    from bot.web.pages.gmail import GmailPages

    s = app.settings
    return GmailPages(
        app.intake, writers=app.writers, clock=app.clock, client_id=s.google_client_id,
        public_url=app.registry.public_url, base=s.google_oauth_base, demo=s.is_demo,
    )  # fmt: skip


def _mail_hook(app: App) -> RequestHandler:
    from bot.web.doors.mail import MailDoor

    s = app.settings
    door = MailDoor(app.intake, app.database, app.seal, secret=s.inbound_mail_secret, domain=s.inbound_mail_domain)
    return door.hook


def _razorpay_hook(app: App) -> RequestHandler:
    from bot.web.doors.razorpay import RazorpayDoor

    return RazorpayDoor(app.intake, app.settings.razorpay_webhook_secret).hook


def _plaid_hook(app: App) -> RequestHandler:
    from bot.web.doors.plaid import PlaidDoor

    async def key_of(key_id: str) -> BankKey | None:
        return await _bank_key(app, key_id)

    return PlaidDoor(app.intake, key_of).hook


def _api(app: App) -> RequestHandler:
    """Make the API of the resources that services registered."""
    from bot.web.api.door import Api

    app.registry.complete()
    api = Api(
        app.registry.routes, database=app.database, writers=app.writers, dispatcher=app.dispatcher,
        offer=app.delivery.offer, clock=app.clock, ids=app.ids, seal=app.seal,
        origins=app.settings.api_cors_origins, timed=app.metrics.timed, sources=app.intake.sources,
        permits=lambda work, person_id, feature: app.registry.rights.permits(work, person_id, feature),
    )  # fmt: skip
    return api.respond


async def _bank_key(app: App, key_id: str) -> BankKey | None:
    """Ask for the key that signs bank webhooks; None without a bank vendor, or without an answer."""
    adapter = next((a for a in app.adapters if ReadBankKey in a.calls), None)
    if adapter is None:
        return None
    now = app.clock.now()
    attempt = Attempt("", 1, now, now, StoredFiles(app.database, app.seal, app.ids))
    outcome = await adapter.calls[ReadBankKey](ReadBankKey(key_id), attempt)
    return outcome.result if isinstance(outcome, Done) else None
