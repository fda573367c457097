"""Persons at the front half of the appeals service, on the real engine, with a world that answers its calls.

`play` runs a session file: lines with `>` are what the person does, everything else is what they see.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.lob import AddressVerdict, VerifyAddress
from bot.core.calls.stripe import Checkout, ExpireCheckout, OpenCheckout
from bot.core.calls.workshop import (
    AskModel,
    ModelAnswer,
    PreparedPicture,
    PreparedPictures,
    PreparePictures,
    Transcribe,
    Transcript,
    TypesetLetter,
    TypesetPages,
)
from bot.core.clock import FixedClock
from bot.core.sms import size
from bot.engine import ages
from bot.engine.harness import Harness
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from handlers.appeals import register
from handlers.appeals.case_files import facts_of
from handlers.appeals.facts import Facts
from handlers.appeals.settings import AppealSettings
from storage.appeals import cases
from storage.work import Work

WEDNESDAY = datetime(2026, 11, 18, 18, 30, tzinfo=UTC)
"""10:30 in San Francisco, five business days before Thanksgiving."""
ENGINE_TEXTS = Path(__file__).parents[4] / "bot/engine/texts"
HEARD = (
    "I got to the meter around 2 and the screen said FAIL. I tried two cards and quarters. "
    "I had to pick up my kid so I left. Came back 2:30 and there was a ticket."
)
TIDY = (
    "I got to the meter around 2, and the screen said FAIL. I tried two cards and quarters. "
    "I had to pick up my kid, so I left. When I came back at 2:30 there was a ticket."
)


def pictures(call: PreparePictures, h: Harness) -> Outcome:
    """Prepare every picture; its content is its hash."""
    return Done(PreparedPictures([PreparedPicture(b, f"{b:064d}", [h.keep(b"print")]) for b in call.blobs]))


def typeset(call: TypesetLetter, h: Harness) -> Outcome:
    """Typeset four pages."""
    return Done(TypesetPages(h.keep(b"%PDF"), "a" * 64, 4, [h.keep(b"png")]))


def transcribe(call: Transcribe, h: Harness) -> Outcome:
    """Hear the spec's sentence."""
    return Done(Transcript(HEARD, "en", 30.0))


def tidy(call: AskModel, h: Harness) -> Outcome:
    """Tidy it honestly."""
    return Done(ModelAnswer({"statement": TIDY}, "model-1", 1, 1, None))


def verify(call: VerifyAddress, h: Harness) -> Outcome:
    """Return what was typed, in full words."""
    city = {"Sf": "San Francisco", "SF": "San Francisco"}.get(call.city, call.city)
    return Done(AddressVerdict("deliverable", call.primary_line, call.secondary_line, city, call.state, call.zip))


def checkout(call: OpenCheckout, h: Harness) -> Outcome:
    """Open a session."""
    now = int(h.clock.now().timestamp())
    return Done(
        Checkout(
            f"cs_{call.reference}", "open", "unpaid", call.amount_minor, call.currency, "https://pay.example/x",
            None, call.reference, now, call.expires_at, call.metadata,
        )
    )  # fmt: skip


def expire(call: ExpireCheckout, h: Harness) -> Outcome:
    """Expire a session."""
    return Done(Checkout(call.session_id, "expired", "unpaid", 0, "usd", None, None, None, 0, 0, {}))


def refuse(code: str) -> Callable[[Any, Harness], Outcome]:
    """Return an answer that always refuses."""
    return lambda call, h: Refused(code)


WORLD: dict[type, Callable[[Any, Harness], Outcome]] = {
    PreparePictures: pictures,
    TypesetLetter: typeset,
    Transcribe: transcribe,
    AskModel: tidy,
    VerifyAddress: verify,
    OpenCheckout: checkout,
    ExpireCheckout: expire,
}


@asynccontextmanager
async def opened(
    where: Path, *, now: datetime = WEDNESDAY, settings: AppealSettings | None = None, **answers: Any
) -> AsyncIterator[Harness]:
    """Open a harness on a folder; `answers` replace what the world says, by the name of the call."""
    world = {**WORLD, **{cls: answers[cls.__name__] for cls in WORLD if cls.__name__ in answers}}
    extra = answers.get("more")
    if extra:
        world |= extra

    def registered(registry: Registry) -> None:
        registry.add_texts(ENGINE_TEXTS)
        registry.public_url = "https://parley.example"
        ages.register(registry)
        register(registry, settings)

    async with Harness.open(registered, where, FixedClock(now), world) as h:
        yield h


async def act(phone: Phone, line: str) -> list[Message]:
    """Do one line of a session: words, `[photo]`, `[photo x3]`, `[voice]`, or the label of a button in brackets."""
    if match := re.fullmatch(r"\[photo(?: x(\d+))?\](?: (.*))?", line):
        count = int(match[1] or 1)
        start = len(phone._harness.uploads)
        return await phone.photo(*(f"picture {start + n}".encode() for n in range(count)), caption=match[2] or "")
    if line == "[voice]":
        return await phone.voice()
    if phone.channel == "telegram" and (match := re.fullmatch(r"\[(.+)\]", line)):
        return await phone.tap(match[1])
    return await phone.say(line)


async def walk(phone: Phone, *lines: str) -> list[Message]:
    """Do several lines; return what the last one brought."""
    shown: list[Message] = []
    for line in lines:
        shown = await act(phone, line)
    return shown


def seen(messages: Iterable[Message]) -> str:
    """Return messages as text, buttons in brackets, random parts of links left out."""
    parts = []
    for message in messages:
        text = f"({message.filename}) " if message.filename else ""
        text += message.text
        text += "".join(f" [{label}]" for label in [*message.links, *message.buttons])
        parts.append(re.sub(r"/(d|p)/[\w-]{20,}", r"/\1/TOKEN", text.strip()))
    return "\n".join(parts)


async def play(phone: Phone, lines: Iterable[str]) -> str:
    """Play a session and return it with what was seen."""
    shown = []
    for line in lines:
        shown += [f"> {line}", *(seen(await act(phone, line)).splitlines() or ["(silence)"])]
    return "\n".join(shown) + "\n"


def script(name: str) -> list[str]:
    """Return what the person does in a golden session."""
    text = (Path(__file__).with_name("golden") / f"{name}.txt").read_text("utf-8")
    return [line[2:] for line in text.splitlines() if line.startswith("> ")]


def too_long(messages: Iterable[Message]) -> list[str]:
    """Return the SMS bodies that take more than two GSM-7 segments."""
    sizes = [(message.text, size(message.text)) for message in messages]
    return [text for text, one in sizes if one.encoding != "GSM-7" or one.units > 306]


async def case_of(h: Harness) -> tuple[Any, Facts]:
    """Return the newest case row and its facts."""

    def load(work: Work) -> tuple[Any, Facts]:
        row = work.rows(cases.case.select().order_by(cases.case.c.id.desc()).limit(1))[0]
        return row, facts_of(work, row)

    found: tuple[Any, Facts] = await h.writers.run(load)
    return found


async def all_cases(h: Harness) -> list[Any]:
    """Return every case row, oldest first."""
    found: list[Any] = await h.writers.run(lambda work: work.rows(cases.case.select().order_by(cases.case.c.id)))
    return found


def called(h: Harness, cls: type) -> list[Any]:
    """Return the calls of a class that were made."""
    return [call for call in h.calls if isinstance(call, cls)]


def settings(**changes: Any) -> AppealSettings:
    """Return settings with changes."""
    return replace(AppealSettings(), **changes)


SF_TICKET = ("ticket in san francisco", "ok", "900000417", "11/16", "1", "2", "1")
SF_REASON = ("1", "screen said FAIL", "two cards", "skip", "no")
SF_PROOF = ("skip", "skip", "done")
SF_WORDS = ("I got to the meter around 2 and the screen said FAIL, so I could not pay.", "1")
SF_CHECK = ("ok", "ok", "1200 Valencia St", "8ABC123 CA", "ok", "ok", "ok")
SF_SENDER = ("1", "Dana Reyes", "1 Example Way Apt 4, San Francisco CA 94110", "ok")
SF_SEND = ("2", "2", "Dana Reyes")
SF_ALL = (*SF_TICKET, *SF_REASON, *SF_PROOF, *SF_WORDS, *SF_CHECK, *SF_SENDER, *SF_SEND)
