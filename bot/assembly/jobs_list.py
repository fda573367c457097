"""The periodic work of a process, each with its rhythm: one list to read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.core.calls.channels import ListInboundSms
from bot.core.calls.stars import ListStars
from bot.core.calls.stripe import ListStripeEvents
from bot.web.doors.twilio import inbound_event
from bot.web.doors.vendors import stripe_event
from jobs.alerts import AlertTeller
from jobs.audit_sealing import EVERY as SEALED_EVERY
from jobs.audit_sealing import AuditSealing
from jobs.backup import Backup
from jobs.periodic import PeriodicJob
from jobs.reconcile import Reconciler
from jobs.reconcile_lob import LetterNews
from jobs.reconcile_stripe import StripeNews
from jobs.reconcile_twilio import InboundTexts
from jobs.retention import Retention
from jobs.scout import EVERY, Scout
from jobs.upkeep import Upkeep
from jobs.watch import Watch

if TYPE_CHECKING:
    from bot.assembly.app import App
    from jobs.inbound_mail import InboundMail

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def periodic_jobs(app: App, *, observe: Callable[[str, int], None] = lambda vendor, count: None) -> list[PeriodicJob]:
    """Return the periodic work of an app; `observe` counts what reconciliation found."""
    to = Reconciler(
        database=app.database,
        writers=app.writers,
        dispatcher=app.dispatcher,
        delivery=app.delivery,
        adapters=app.adapters,
        clock=app.clock,
        ids=app.ids,
        seal=app.seal,
        observe=observe,
    )
    watch = Watch(
        app.database,
        app.writers,
        app.clock,
        data_dir=app.settings.data_dir,
        breakers=app.delivery.breakers,
        rhythms=lambda: {job.kind: job.every for job in app.periodic.jobs if job.kind != "watch"},
    )

    async def look_at_staff() -> None:
        from jobs.staff_night import StaffNight

        await StaffNight(app.writers).run()

    backup = Backup(app.database, app.writers, app.clock, app.settings.data_dir / "backups")
    scout = Scout(
        database=app.database,
        writers=app.writers,
        delivery=app.delivery,
        adapters=app.adapters,
        clock=app.clock,
        ids=app.ids,
        seal=app.seal,
    )
    jobs = [
        PeriodicJob("scout", EVERY, scout.run),
        PeriodicJob(
            "alerts", timedelta(seconds=15), AlertTeller(app.database, app.writers, app.registry.catalogue).run
        ),
        PeriodicJob("backup", DAY, backup.run),
        PeriodicJob("retention", DAY, Retention(app.database, app.writers, app.clock).run),
        PeriodicJob("upkeep", HOUR, Upkeep(app.database).run),
        PeriodicJob("staff_night", DAY, look_at_staff),
        *_for_audit(app),
    ]
    if app.settings.receipts_enabled:
        jobs += _for_receipts(app)
    # The watch comes last: what fell due with it has run by then, also when the demo's clock was moved by a day.
    return [*jobs, *_reconciling(app, to), PeriodicJob("watch", MINUTE, watch.run)]


def _for_audit(app: App) -> list[PeriodicJob]:
    """Return what seals the audit, and what checks it every night."""

    async def check() -> None:
        from bot.assembly.reports import office

        await office(app).nightly()

    sealing = AuditSealing(app.database, app.writers)
    return [PeriodicJob("audit_sealing", SEALED_EVERY, sealing.run), PeriodicJob("audit_check", DAY, check)]


def _for_receipts(app: App) -> list[PeriodicJob]:
    """Return what is done for receipts alone, loaded when it is first done."""

    async def retain() -> None:
        from jobs.receipt_retention import ReceiptRetention

        await ReceiptRetention(app.database, app.writers, app.clock).run()

    async def begin_rounds() -> None:
        from jobs.mailboxes import MailboxRounds

        await MailboxRounds(app.database, app.writers, app.dispatcher, app.delivery, app.clock).run()

    async def take_mails() -> None:
        await inbound().run()

    @cache
    def inbound() -> InboundMail:
        from integrations.mail.inbox import InboundMailbox
        from jobs.inbound_mail import InboundMail

        return InboundMail(
            InboundMailbox(app.settings.imap_url), app.database, app.writers, app.dispatcher, app.delivery, app.seal,
            app.clock, domain=app.settings.inbound_mail_domain,
        )  # fmt: skip

    jobs = [PeriodicJob("receipt_retention", DAY, retain), PeriodicJob("mailboxes", MINUTE, begin_rounds)]
    if app.settings.imap_url:
        jobs.append(PeriodicJob("inbound_mail", MINUTE, take_mails))
    return jobs


def _star_news(app: App, to: Reconciler) -> Callable[[], Awaitable[None]]:
    async def read_transactions() -> None:
        from jobs.reconcile_stars import StarNews

        await StarNews(to, app.telegram.bot_id).run()

    return read_transactions


def _reconciling(app: App, to: Reconciler) -> list[PeriodicJob]:
    jobs = []
    if to.knows(ListInboundSms):
        jobs.append(PeriodicJob("reconcile_twilio", MINUTE, InboundTexts(to, inbound_event).run))
    if to.knows(ListStripeEvents):
        jobs.append(PeriodicJob("reconcile_stripe", HOUR, StripeNews(to, stripe_event, lambda: _stripe_kinds(app)).run))
        if app.settings.billing_enabled:
            jobs += [
                PeriodicJob("reconcile_plans", HOUR, partial(_compare_plans, to, ended=False)),
                PeriodicJob("reconcile_ended_plans", DAY, partial(_compare_plans, to, ended=True)),
            ]
    if app.settings.billing_enabled and to.knows(ListStars):
        jobs.append(PeriodicJob("reconcile_stars", DAY, _star_news(app, to)))
    if app.settings.appeals_enabled:
        jobs.append(PeriodicJob("reconcile_lob", DAY, LetterNews(to).run))
    return jobs


def _stripe_kinds(app: App) -> list[str]:
    """Return the kinds of Stripe's events that somebody handles, those of services that register late included."""
    app.registry.complete()
    return [name.partition(":")[2] for name in app.registry.handlers if name.startswith("stripe:")]


async def _compare_plans(to: Reconciler, *, ended: bool) -> None:
    """Compare plans with Stripe's list; loaded when there is one that was bought."""
    from storage.billing.purchases import any_purchase

    if not await to.database.read(any_purchase):
        return
    from handlers.billing.subscriptions.mirror import differs
    from jobs.reconcile_plans import PlanTruth

    await PlanTruth(to, differs, ended=ended).run()
