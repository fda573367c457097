"""Whatever is written at whatever step: exactly one sensible reply, and nothing breaks (rules UX-25, UX-26, SMS-39)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.core.calls.stripe import OpenCheckout
from bot.engine.optout import decide
from bot.engine.phone import Message
from tests.effort import short
from tests.handlers.appeals.flow.world import SF_ALL, called, opened, too_long, walk

EXAMPLES = short(40, whole=150)
STRIDE = short(13, whole=7)
"""A hard text meets every so manieth step, each text beginning at another one; `make fuzz` meets more of them."""
APPROVING = ("ok", "okay", "yes", "approve", "approved", "i approve", "send")
HARD = [
    "", " ", "\u200b", "\u202eabc", "0", "1", "99", "-1", "1 2 3", "١٢٣", "𝟗𝟎𝟎", "😀", "👍🏽" * 50, "ok ok ok", "no",
    "None", "null", "{0}", "{name}", "{}", "%s", "[x]", "<b>", "' OR 1=1 --", "a" * 1600, "word " * 300, "\n" * 20,
    "11/16 900000417 san francisco", "back of my car was there", "edit", "edit 99", "edit foo", "EDIT PLATE",
    "maybe", "edit line 3", "drop", "SKIP", "DONE", "MORE", "status", "keep", "yes",
    "I don't know", "what?", "how long does this take",
    "ß", "ﬁ", "Ａ", "ǅ", "\ud7ff", "a\u0301\u0302\u0303", "line\rline", "\x00", "\x1b[31m", "=HYPERLINK(\"x\")",
]  # fmt: skip


@pytest.fixture(scope="module")
def steps() -> Iterator[list[Path]]:
    """Return a database for every step of a whole appeal, with the person waiting there."""
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(_prepare(Path(folder)))


async def _prepare(folder: Path) -> list[Path]:
    found = []
    (folder / "live").mkdir()
    async with opened(folder / "live") as h:
        phone = h.phone("sms")
        for number, line in enumerate([*SF_ALL, "ok"]):
            await walk(phone, line)
            target = folder / f"step{number}.db"
            _copy(h.database.path, target)
            found.append(target)
    return found


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


async def _say(step: Path, text: str) -> tuple[list[Message], int]:
    with tempfile.TemporaryDirectory() as folder:
        _copy(step, Path(folder) / f"harness-{os.getpid()}.db")
        async with opened(Path(folder)) as h:
            phone = h.phone("sms")
            h.counter = 10_000
            shown = await phone.say(text)
            return shown, len(called(h, OpenCheckout))


def _stated_silence(text: str) -> bool:
    """Tell whether a message is covered by a stated silence: an opt-out, or a word that the carrier answers."""
    verdict = decide(text, collecting_free_text=False, opted_out=False).verdict
    return verdict in ("out", "start") or text.strip().upper() in ("HELP", "INFO", "START", "UNSTOP", "YES", "STOP")


def _check(step: Path, text: str) -> None:
    shown, sessions = asyncio.run(_say(step, text))
    replies = [message.text for message in shown]
    assert len(replies) == 1, f"{len(replies)} replies to {text!r} at {step.stem}"
    assert replies[0].strip()
    assert "ENG-5" not in replies[0]
    assert too_long(shown) == []
    assert sessions == 0 or text.strip().casefold() in APPROVING


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(where=st.integers(0, 200), text=st.text(max_size=400))
@example(where=33, text="ok")
def test_ux_25_any_text_at_any_step_gets_exactly_one_reply(steps: list[Path], where: int, text: str) -> None:
    assume(not _stated_silence(text))
    _check(steps[where % len(steps)], text)


@pytest.mark.parametrize("text", [text for text in HARD if not _stated_silence(text)])
def test_ux_25_hard_texts_get_exactly_one_reply(steps: list[Path], text: str) -> None:
    start = sum(map(ord, text)) % STRIDE
    for step in steps[start::STRIDE]:
        _check(step, text)
