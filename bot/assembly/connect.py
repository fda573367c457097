"""`connect`: tells the vendors where our doors are, and keeps Telegram's commands as this release wants them.

Telegram is set up again only when something changed (rule TG-2). Twilio's number is shown before and after, and what
it had is kept, so that `--undo` puts it back (rule TWI-11).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from bot.core.errors import Misconfigured, Temporary
from bot.core.settings import Settings
from bot.core.texts import Catalogue
from integrations.telegram import BotFace, set_up
from integrations.telegram.setup import CommandList
from integrations.twilio.numbers import RETRIES, NumberSettings
from storage.database import Database, Writers
from storage.switches import all_switches, turn_switch

log = logging.getLogger("parley")

AGAIN_SECONDS = 60.0
"""How soon a Telegram that did not answer is asked again."""
FACE = "telegram.face"
COMMANDS = (
    ("", ("start", "menu")),
    ("appeals_enabled", ("appeal",)),
    ("receipts_enabled", ("receipts", "spending", "budget")),
    ("coaching_enabled", ("coach", "progress")),
    ("", ("status",)),
    ("billing_enabled", ("plans", "usage", "billing", "coupon")),
    ("quotes_enabled", ("quote",)),
    ("support_enabled", ("mytickets",)),
    ("", ("human", "help", "link", "settings", "language", "privacy", "mydata", "stop")),
)
"""What everybody sees in a private chat, by the setting of the service, "" for what is always there.
Operators' commands are listed to nobody."""
DOES = {"appeals_enabled": "letters", "receipts_enabled": "receipts", "coaching_enabled": "coaching"}
"""What the description tells of each service that is on."""


def face_of(settings: Settings, catalogue: Catalogue) -> BotFace:
    """Return the bot's face: webhook when there is a public address, commands and descriptions of each language."""
    public = settings.public_url.rstrip("/")
    languages = {"": "en", **{locale: locale for locale in ("es",) if catalogue.entries(locale)}}
    groups = [
        CommandList("all_group_chats", code, _commands(settings, catalogue, at)[:1]) for code, at in languages.items()
    ]
    return BotFace(
        webhook_url=f"{public}/webhooks/telegram" if public.startswith("https://") else None,
        webhook_secret=settings.telegram_webhook_secret,
        commands=[
            CommandList(scope, code, _commands(settings, catalogue, locale))
            for code, locale in languages.items()
            for scope in ("default", "all_private_chats")
        ]
        + groups,
        descriptions={
            code: _described(settings, catalogue, "face.description", locale) for code, locale in languages.items()
        },
        short_descriptions={
            code: _described(settings, catalogue, "face.short", locale) for code, locale in languages.items()
        },
    )


def _commands(settings: Settings, catalogue: Catalogue, locale: str) -> list[tuple[str, str]]:
    names = [name for of, names in COMMANDS if not of or getattr(settings, of) for name in names]
    return [(name, catalogue.text(f"face.command_{name}", locale)) for name in names]


def _described(settings: Settings, catalogue: Catalogue, key: str, locale: str) -> str:
    """Say what the services do that are on, and of letters what they are not (rule UPL-1)."""
    on = [name for of, name in DOES.items() if getattr(settings, of)]
    does = "; ".join(catalogue.text(f"face.does_{name}", locale) for name in on)
    caveat = catalogue.text("face.no_law_firm", locale) if "letters" in on else ""
    told = catalogue.text(key, locale, does=does, caveat=caveat).strip()
    return told[:1].upper() + told[1:]


async def connect_telegram(
    settings: Settings, catalogue: Catalogue, database: Database, writers: Writers, *, face: BotFace | None = None
) -> bool:
    """Set the bot up unless Telegram has this face already; tell whether anything was done."""
    known = (await database.read(all_switches)).get(FACE)
    base = settings.telegram_api_base or "https://api.telegram.org"
    wanted = face or face_of(settings, catalogue)
    fresh = await set_up(settings.telegram_bot_token, wanted, known, base_url=base)
    if fresh == known:
        return False
    await writers.run(lambda work: turn_switch(work, FACE, fresh, actor="connect"))
    return True


async def show_face(settings: Settings, catalogue: Catalogue, database: Database, writers: Writers) -> None:
    """Set the bot up beside a server that already serves; until Telegram answers, ask again."""
    while True:
        try:
            await connect_telegram(settings, catalogue, database, writers)
        except Temporary as error:
            log.warning("Telegram is not set up yet: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        except Misconfigured as error:
            log.warning("Telegram was not set up: %s", error)
        return


def wanted_number(settings: Settings) -> dict[str, str]:
    """Return where the number's messages must go; Twilio retries by the fragment and then asks the fallback."""
    url = f"{settings.public_url.rstrip('/')}/webhooks/twilio/sms"
    return {"sms_url": url + RETRIES, "sms_method": "POST", "sms_fallback_url": url, "sms_fallback_method": "POST"}


async def connect_twilio(
    settings: Settings, *, undo: bool = False, say: Callable[[str], None] = lambda line: None
) -> bool:
    """Point our number at us, or back to where it pointed; tell whether anything changed."""
    base = settings.twilio_api_base or "https://api.twilio.com"
    number = NumberSettings(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_from, base_url=base
    )
    try:
        sid, before = await number.read()
        kept = _kept(settings)
        target = orjson.loads(kept.read_bytes()) if undo and kept.exists() else wanted_number(settings)
        if undo and not kept.exists():
            say("There is nothing to undo.")
            return False
        _show(say, "before", before)
        if before == target:
            say("  (already so)")
            return False
        if not undo and not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(orjson.dumps(before))
        _show(say, "after", await number.write(sid, target))
        if undo:
            kept.unlink()
    finally:
        await number.close()
    return True


def _kept(settings: Settings) -> Path:
    return settings.data_dir / "twilio-number-before.json"


def _show(say: Callable[[str], None], when: str, values: Mapping[str, str]) -> None:
    say(f"Twilio number, {when}:")
    for name, value in values.items():
        say(f"  {name}: {value or '-'}")


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, Writers]]:
    """Open the database for one short command beside a running server."""
    from bot.core.clock import SystemClock
    from bot.core.ids import Ids
    from bot.core.seal import Seal, parse_keys

    clock = SystemClock()
    database = Database(settings.database)
    yield (
        database,
        Writers(database, clock=clock, ids=Ids(clock), seal=Seal(parse_keys(settings.secret_keys)), slices=1),
    )
