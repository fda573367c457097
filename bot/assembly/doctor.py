"""`doctor`: looks at everything that can be wrong before people notice, one line each; exit 1 when something is.

`--offline` leaves the vendors out. Nothing is changed, nothing secret is printed.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from bot.assembly.models import WARNING, coach_models
from bot.core.clock import Clock
from bot.core.errors import Misconfigured, ParleyError
from bot.core.seal import parse_keys
from bot.core.settings import Settings
from jobs.backup import copies
from storage.database import Database
from storage.migrate import current, head
from storage.plans import explained, missing_indexes, unused_indexes

BACKUP_AGE = timedelta(hours=26)
LEAST_DISK = 0.10
LEAST_SECRET = 16
READERS, LONGEST_WAIT = 16, 0.1
_SECRETS = ("telegram_webhook_secret", "stripe_webhook_secret", "lob_webhook_secret", "twilio_auth_token")
_BASES = {
    "telegram": ("telegram_bot_token", "telegram_api_base", "https://api.telegram.org"),
    "twilio": ("twilio_account_sid", "twilio_api_base", "https://api.twilio.com"),
    "stripe": ("stripe_secret_key", "stripe_api_base", "https://api.stripe.com"),
    "lob": ("lob_api_key", "lob_api_base", "https://api.lob.com"),
    "claude": ("anthropic_api_key", "anthropic_base_url", "https://api.anthropic.com"),
}
Level = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    level: Level
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:<4}  {self.about}: {self.text}"


async def examine(settings: Settings, clock: Clock, *, offline: bool) -> AsyncIterator[Finding]:
    """Yield what was found, in the order of a start."""
    now = clock.now()
    for finding in [*_settings(settings), *_secrets(settings), *_database(settings)]:
        yield finding
    for finding in [*_disk(settings), *_backups(settings, now), *_models(settings, now), *_words(settings)]:
        yield finding
    async for finding in _queries(settings):
        yield finding
    if not offline:
        async for finding in _vendors(settings):
            yield finding


def _settings(settings: Settings) -> Iterator[Finding]:
    from bot.assembly.vendors import check_needed

    yield Finding("ok", "mode", settings.parley_mode)
    try:
        settings.check_modes()
        if not settings.is_demo:
            check_needed(settings)
    except Misconfigured as error:
        yield Finding("FAIL", "settings", str(error))
    else:
        yield Finding("ok", "settings", "complete for the services that are on")


def _secrets(settings: Settings) -> Iterator[Finding]:
    if not settings.secret_keys:
        level: Level = "warn" if settings.is_demo else "FAIL"
        yield Finding(level, "SECRET_KEYS", "not set; `doctor --new-key` prints one")
    else:
        yield _keys(settings.secret_keys)
    for name in _SECRETS:
        value = getattr(settings, name)
        if value and (len(value) < LEAST_SECRET or len(set(value)) < 6 or "change" in value.lower()):
            yield Finding("warn" if settings.is_demo else "FAIL", name.upper(), "is too short or a placeholder")


def _keys(text: str) -> Finding:
    try:
        keys = parse_keys(text)
    except Misconfigured as error:
        return Finding("FAIL", "SECRET_KEYS", str(error))
    weak = any(max(Counter(key).values()) > 8 for key in keys)
    return Finding("FAIL" if weak else "ok", "SECRET_KEYS", "is not random" if weak else f"{len(keys)} of 32 bytes")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database)
    if database.is_sqlite and not database.path.exists():
        yield Finding("warn", "database", f"{database.path} does not exist yet; `migrate` or `serve` makes it")
        return
    try:
        with database.engine().connect() as connection:
            yield Finding("ok", "database", "opens with all its pragmas" if database.is_sqlite else "answers")
            found = current(connection)
    except Exception as error:
        yield Finding("FAIL", "database", f"does not open ({type(error).__name__})")
        return
    if found == head():
        yield Finding("ok", "schema", found or "")
    else:
        yield Finding("FAIL", "schema", f"is {found or 'empty'}, this release has {head()}: run `migrate`")
    if database.is_sqlite:
        yield _checked(database.path)


async def _queries(settings: Settings) -> AsyncIterator[Finding]:
    """Explain every named statement and see how long readers wait for a connection (rule PERF-2)."""
    database = Database(settings.database)
    if database.is_sqlite and not database.path.exists():
        return
    try:
        with database.engine().connect() as connection:
            for finding in _plans(connection):
                yield finding
        yield await _waiting(database)
    except sa.exc.SQLAlchemyError as error:
        yield Finding("FAIL", "statements", f"cannot be explained ({type(error).__name__})")
    finally:
        await database.close()


async def _waiting(database: Database) -> Finding:
    waits: list[float] = []
    database.observe = lambda waited, took: waits.append(waited)
    await database.read(_nothing)
    await asyncio.gather(*(database.read(_nothing) for _ in range(READERS)))
    longest = max(waits)
    pool = f"{database.readers} readers, {database.overflow} more at need"
    text = f"{pool}; of {READERS} at once the last waited {longest * 1000:.0f} ms"
    return Finding("ok" if longest < LONGEST_WAIT else "warn", "connections", text)


def _nothing(connection: sa.Connection) -> None:
    connection.execute(sa.select(1))


def _plans(connection: sa.Connection) -> list[Finding]:
    plans = list(explained(connection))
    scans = sorted({f"{plan.name} ({', '.join(plan.scans)})" for plan in plans if plan.scans})
    names = len({plan.name for plan in plans})
    missing, unused = missing_indexes(connection), unused_indexes(plans)
    return [
        Finding("FAIL", "statements", f"these scan a table: {'; '.join(scans)}")
        if scans
        else Finding("ok", "statements", f"{names} explained, none scans a table"),
        Finding("FAIL", "indexes", f"missing: {', '.join(missing)}; run `migrate`")
        if missing
        else Finding("ok", "indexes", "all there"),
        Finding("ok", "indexes that no plan names", ", ".join(unused) or "none"),
    ]


def _checked(path: Path) -> Finding:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    return Finding("ok" if verdict == "ok" else "FAIL", "database file", "whole" if verdict == "ok" else verdict)


def _disk(settings: Settings) -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else Path())
    free = usage.free / usage.total
    yield Finding("ok" if free >= LEAST_DISK else "FAIL", "disk", f"{free:.0%} free")


def _backups(settings: Settings, now: datetime) -> Iterator[Finding]:
    found = copies(settings.data_dir / "backups")
    if not found:
        yield Finding("warn", "backup", "there is none yet")
        return
    stamp = found[0].stem.removeprefix("parley-")
    age = now - datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=now.tzinfo)
    level: Level = "ok" if age <= BACKUP_AGE else "FAIL"
    yield Finding(level, "backup", f"the newest of {len(found)} is {age // timedelta(hours=1)} hours old")


def _models(settings: Settings, now: datetime) -> Iterator[Finding]:
    if not settings.anthropic_api_key:
        yield Finding("ok", "model", "none; everything works, plainer")
        return
    yield _model("model", settings.anthropic_model, now)
    yield _model("small model", settings.anthropic_small_model, now)
    if settings.coaching_enabled:
        yield from _coach_models(settings, now)


def _coach_models(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with models that only the coach asks, or with the price of any that it asks."""
    from bot.core.model_prices import PriceTable

    for name, model in dict.fromkeys(coach_models(settings)):
        if name.startswith("COACH"):
            yield _model(f"coach's model ({name})", model, now)
        if PriceTable.load().price_of(model, now.date()) is None:
            yield Finding("FAIL", f"price of {model}", f"not known; {name} must name a model of model_prices.toml")


def _model(about: str, model: str, now: datetime) -> Finding:
    from integrations.retirement import retires_on

    end = retires_on(model)
    if end is None:
        return Finding("ok", about, f"{model}, no end announced")
    if end <= now.date():
        return Finding("FAIL", about, f"{model} ended on {end}")
    soon = end - now.date() <= WARNING
    return Finding("warn" if soon else "ok", about, f"{model} ends on {end}")


def _words(settings: Settings) -> Iterator[Finding]:
    if settings.sms_enabled and settings.twilio_keyword_mode == "advanced":
        text = "YES and CANCEL may be taken off the keyword list in Twilio's console; STOP, START and HELP cannot"
        yield Finding("warn", "keywords", f"{text}. No API shows that list.")


async def _vendors(settings: Settings) -> AsyncIterator[Finding]:
    from integrations.http import reaches

    for vendor, (key, base, usual) in _BASES.items():
        if not getattr(settings, key):
            yield Finding("ok", vendor, "not configured")
            continue
        found = await reaches(str(getattr(settings, base) or usual))
        yield Finding("ok" if found else "FAIL", vendor, "can be reached" if found else "cannot be reached")
    if settings.telegram_bot_token and settings.telegram_enabled:
        yield await _telegram(settings)
    if settings.imap_url:
        yield await _mailbox(settings)


async def _mailbox(settings: Settings) -> Finding:
    """Open the mailbox into which people's addresses are delivered; nothing in it is read or marked."""
    from imaplib import IMAP4

    from integrations.mail import InboundMailbox

    try:
        await InboundMailbox(settings.imap_url).look()
    except (IMAP4.error, OSError, TimeoutError, Misconfigured) as error:
        return Finding("FAIL", "inbound mailbox", f"does not open: {type(error).__name__}")
    return Finding("ok", "inbound mailbox", "opens")


async def _telegram(settings: Settings) -> Finding:
    from bot.assembly.connect import face_of
    from bot.assembly.services import register_services
    from bot.engine.registry import Registry
    from integrations.telegram import drift

    registry = Registry()
    register_services(registry, settings)
    base = settings.telegram_api_base or "https://api.telegram.org"
    try:
        found = await drift(settings.telegram_bot_token, face_of(settings, registry.catalogue), base_url=base)
    except ParleyError as error:
        return Finding("FAIL", "telegram set-up", str(error))
    if not found:
        return Finding("ok", "telegram set-up", "as this release wants it")
    return Finding("warn", "telegram set-up", f"differs: {', '.join(found)}; `connect` mends it")


def new_key() -> str:
    """Return a fresh key for SECRET_KEYS."""
    import secrets

    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
