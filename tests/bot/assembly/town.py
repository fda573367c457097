"""The real App on fakes whose webhooks never arrive: what reconciliation is for."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.assembly.app import App
from bot.assembly.jobs_list import periodic_jobs
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from integrations.fakes.lob import LobFake
from integrations.fakes.stripe import StripeFake
from integrations.fakes.telegram import TelegramFake
from integrations.fakes.twilio import TwilioFake
from jobs.periodic import PeriodicJob
from storage.appeals.cases import case
from storage.appeals.drafts import draft
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.people import address, person
from storage.work import Work

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TOKEN = "7000000001:AAFakeTokenOfTheLocalTelegramServer0"


@dataclass(slots=True)
class Town:
    """An app that listens nowhere, and its vendors."""

    app: App
    clock: FixedClock
    settings: Settings
    telegram: TelegramFake
    twilio: TwilioFake
    stripe: StripeFake
    lob: LobFake

    def job(self, kind: str) -> PeriodicJob:
        """Return one of the periodic jobs."""
        return next(job for job in periodic_jobs(self.app) if job.kind == kind)

    async def run(self, kind: str) -> None:
        """Run a job, and all that follows from it at once."""
        await self.job(kind).run()
        await self.app.ticker.settle()


def settings_for(folder: Path, **more: object) -> Settings:
    """Return settings of a demo in a folder."""
    values: dict[str, object] = {
        "parley_mode": "demo",
        "data_dir": folder,
        "public_url": "http://127.0.0.1:9",
        "secret_keys": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "telegram_bot_token": TOKEN,
        "telegram_webhook_secret": "a-long-enough-secret-1",
        "twilio_account_sid": "AC" + "1" * 32,
        "twilio_auth_token": "0123456789abcdef" * 2,
        "twilio_from": "+14155550100",
        "stripe_secret_key": "sk_test_town",
        "stripe_webhook_secret": "whsec_town_0123456789",
        "lob_api_key": "test_town",
        "lob_webhook_secret": "lob-secret-0123456789",
        **more,
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


@asynccontextmanager
async def town(folder: Path, **more: object) -> AsyncIterator[Town]:
    """Open one."""
    clock = FixedClock(NOW)
    plain = settings_for(folder, **more)
    sid, token, number = plain.twilio_account_sid, plain.twilio_auth_token, plain.twilio_from
    telegram = TelegramFake(clock, token=TOKEN)
    twilio = TwilioFake(clock, account_sid=sid, auth_token=token, number=number, segments_per_second=None)
    stripe, lob = StripeFake(clock), LobFake(clock)
    async with telegram, twilio, stripe, lob:
        bases = {"telegram": telegram.url, "twilio": twilio.url, "stripe": stripe.url, "lob": f"{lob.url}/v1"}
        settings = plain.model_copy(update={f"{vendor}_api_base": url for vendor, url in bases.items()})
        app = App.build(settings, clock=clock)
        app.writers.start()
        try:
            yield Town(app, clock, settings, telegram, twilio, stripe, lob)
        finally:
            await app.stop()


async def letter_of(here: Town, **values: Any) -> int:
    """Insert a letter with all that it hangs on; return its id."""
    seal, now, ids = here.app.seal, here.clock.now(), here.app.ids
    who, case_id, draft_id, payment_id, letter_id = (ids.next() for _ in range(5))
    empty = seal.seal(b"{}")
    rows: list[tuple[sa.Table, dict[str, Any]]] = [
        (person, {"id": who, "locale": "en", "created_at": 0}),
        (
            address,
            {
                "id": ids.next(), "person_id": who, "channel": "sms", "hash": seal.digest("address", str(who)),
                "handle": seal.seal(b"+14155550199"), "state": "active", "created_at": 0,
            },
        ),
        (
            case,
            {
                "id": case_id, "code": f"A-{letter_id % 99999}", "person_id": who, "level": 1, "stage": "submitted",
                "facts": empty, "revision": 0, "created_at": now, "stage_at": now, "touched_at": now,
            },
        ),
        (draft, {"id": draft_id, "case_id": case_id, "version": 1, "facts": empty, "created_at": now}),
        (
            payment,
            {
                "id": payment_id, "case_id": case_id, "person_id": who, "draft_id": draft_id, "mail_class": "standard",
                "amount_minor": 900, "tax_minor": 0, "total_minor": 900, "currency": "USD", "status": "paid",
                "expires_at": now, "charged_minor": 900, "refunded_minor": 0, "disputed": False,
                "waives_mail_by": False, "created_at": now,
            },
        ),
        (
            letter,
            {
                "id": letter_id, "payment_id": payment_id, "seq": 1, "case_id": case_id, "draft_id": draft_id,
                "pdf_sha256": "0", "mail_class": "standard", "recipient": empty, "sender": empty, "attempts": 1,
                "rank": 1, "at": now, **values,
            },
        ),
    ]  # fmt: skip

    def write(work: Work) -> None:
        for table, row in rows:
            work.write(table.insert(), row)

    await here.app.writers.run(write)
    return letter_id
