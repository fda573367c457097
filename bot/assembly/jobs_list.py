"""The periodic work of a process, each with its rhythm: one list to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.calls.channels import ListInboundSms
from bot.core.calls.stripe import ListStripeEvents
from bot.web.doors.twilio import inbound_event
from bot.web.doors.vendors import stripe_event
from jobs.alerts import AlertTeller
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
        PeriodicJob("retention", DAY, Retention(app.database, app.writers, app.clock).run),
        PeriodicJob("upkeep", HOUR, Upkeep(app.database).run),
    ]
    if app.settings.receipts_enabled:
        jobs += _for_receipts(app)
    # The watch comes last: what fell due with it has run by then, also when the demo's clock was moved by a day.
    return [*jobs, *_reconciling(app, to), PeriodicJob("watch", MINUTE, watch.run)]


def _for_receipts(app: App) -> list[PeriodicJob]:
    """Return what is done for receipts alone, loaded when it is first done."""

    async def retain() -> None:
        from jobs.receipt_retention import ReceiptRetention

        await ReceiptRetention(app.database, app.writers, app.clock).run()

    async def begin_rounds() -> None:
        from jobs.mailboxes import MailboxRounds

        await MailboxRounds(app.database, app.writers, app.dispatcher, app.delivery, app.clock).run()

    return [PeriodicJob("receipt_retention", DAY, retain), PeriodicJob("mailboxes", MINUTE, begin_rounds)]


def _reconciling(app: App, to: Reconciler) -> list[PeriodicJob]:
    jobs = []
    if to.knows(ListInboundSms):
        jobs.append(PeriodicJob("reconcile_twilio", MINUTE, InboundTexts(to, inbound_event).run))
    if to.knows(ListStripeEvents):
        kinds = [name.partition(":")[2] for name in app.registry.handlers if name.startswith("stripe:")]
        jobs.append(PeriodicJob("reconcile_stripe", HOUR, StripeNews(to, stripe_event, kinds).run))
    if app.settings.appeals_enabled:
        jobs.append(PeriodicJob("reconcile_lob", DAY, LetterNews(to).run))
    return jobs
