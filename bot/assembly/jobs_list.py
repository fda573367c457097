"""The periodic work of a process, each with its rhythm: one list to read.

What is done rarely, or for one service alone, is loaded when it first falls due, after the doors are open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.core.calls.channels import ListInboundSms
from bot.core.calls.razorpay import ListCaptures
from bot.core.calls.stars import ListStars
from bot.core.calls.stripe import ListStripeEvents
from bot.web.doors.twilio import inbound_event
from jobs.alerts import AlertTeller
from jobs.audit_sealing import EVERY as SEALED_EVERY
from jobs.audit_sealing import AuditSealing
from jobs.backup import Backup
from jobs.periodic import PeriodicJob
from jobs.reconcile import Reconciler
from jobs.reconcile_twilio import InboundTexts
from jobs.scout import EVERY, Scout
from jobs.upkeep import Upkeep
from jobs.watch import Watch

if TYPE_CHECKING:
    from bot.assembly.app import App

Work = Callable[[], Awaitable[None]]
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
        PeriodicJob("retention", DAY, _first(lambda: _retention(app))),
        PeriodicJob("upkeep", HOUR, Upkeep(app.database).run),
        PeriodicJob("staff_night", DAY, _first(lambda: _staff_night(app))),
        *_for_audit(app),
    ]
    if app.settings.receipts_enabled:
        jobs += _for_receipts(app)
    # The watch comes last: what fell due with it has run by then, also when the demo's clock was moved by a day.
    return [*jobs, *_reconciling(app, to), PeriodicJob("watch", MINUTE, watch.run)]


def _first(make: Callable[[], Work]) -> Work:
    """Return work that is made when it first falls due."""
    made = cache(make)

    async def run() -> None:
        await made()()

    return run


def _retention(app: App) -> Work:
    from jobs.retention import Retention

    return Retention(app.database, app.writers, app.clock).run


def _staff_night(app: App) -> Work:
    from jobs.staff_night import StaffNight

    return StaffNight(app.writers).run


def _for_audit(app: App) -> list[PeriodicJob]:
    """Return what seals the audit, and what checks it every night."""
    sealing = AuditSealing(app.database, app.writers)
    return [
        PeriodicJob("audit_sealing", SEALED_EVERY, sealing.run),
        PeriodicJob("audit_check", DAY, _first(lambda: _audit_check(app))),
    ]


def _audit_check(app: App) -> Work:
    from bot.assembly.reports import office

    return office(app).nightly


def _for_receipts(app: App) -> list[PeriodicJob]:
    """Return what is done for receipts alone."""
    jobs = [
        PeriodicJob("receipt_retention", DAY, _first(lambda: _receipt_retention(app))),
        PeriodicJob("mailboxes", MINUTE, _first(lambda: _mailboxes(app))),
    ]
    if app.settings.imap_url:
        jobs.append(PeriodicJob("inbound_mail", MINUTE, _first(lambda: _inbound_mail(app))))
    return jobs


def _receipt_retention(app: App) -> Work:
    from jobs.receipt_retention import ReceiptRetention

    return ReceiptRetention(app.database, app.writers, app.clock).run


def _mailboxes(app: App) -> Work:
    from jobs.mailboxes import MailboxRounds

    return MailboxRounds(app.database, app.writers, app.dispatcher, app.delivery, app.clock).run


def _inbound_mail(app: App) -> Work:
    from integrations.mail.inbox import InboundMailbox
    from jobs.inbound_mail import InboundMail

    return InboundMail(
        InboundMailbox(app.settings.imap_url), app.database, app.writers, app.dispatcher, app.delivery, app.seal,
        app.clock, domain=app.settings.inbound_mail_domain,
    ).run  # fmt: skip


def _reconciling(app: App, to: Reconciler) -> list[PeriodicJob]:
    jobs = []
    if to.knows(ListInboundSms):
        jobs.append(PeriodicJob("reconcile_twilio", MINUTE, InboundTexts(to, inbound_event).run))
    if to.knows(ListStripeEvents):
        jobs.append(PeriodicJob("reconcile_stripe", HOUR, _first(lambda: _stripe_news(app, to))))
        if app.settings.billing_enabled:
            jobs += [
                PeriodicJob("reconcile_plans", HOUR, partial(_compare_plans, to, ended=False)),
                PeriodicJob("reconcile_ended_plans", DAY, partial(_compare_plans, to, ended=True)),
            ]
    if to.knows(ListCaptures):
        jobs.append(PeriodicJob("reconcile_razorpay", HOUR, _first(lambda: _link_news(to))))
    if app.settings.billing_enabled and to.knows(ListStars):
        jobs.append(PeriodicJob("reconcile_stars", DAY, _first(lambda: _star_news(app, to))))
    if app.settings.appeals_enabled:
        jobs.append(PeriodicJob("reconcile_lob", DAY, _first(lambda: _letter_news(to))))
    return jobs


def _stripe_news(app: App, to: Reconciler) -> Work:
    from bot.web.doors.vendors import stripe_event
    from jobs.reconcile_stripe import StripeNews

    return StripeNews(to, stripe_event, lambda: _stripe_kinds(app)).run


def _link_news(to: Reconciler) -> Work:
    from jobs.reconcile_razorpay import LinkNews

    return LinkNews(to).run


def _star_news(app: App, to: Reconciler) -> Work:
    from jobs.reconcile_stars import StarNews

    return StarNews(to, app.telegram.bot_id).run


def _letter_news(to: Reconciler) -> Work:
    from jobs.reconcile_lob import LetterNews

    return LetterNews(to).run


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
