"""A vendor that is back is noticed although the next try of a letter is hours away (rules FAKE-5, FUL-8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.calls import Again, Done, Outcome
from bot.core.calls.channels import SendSms, SentSms
from bot.core.calls.lob import MailLetter, PostedLetter
from bot.core.calls.people import PostalAddress
from bot.core.events import Event
from bot.core.ports import Attempt
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from jobs.scout import Scout
from tests.jobs.plant import Plant, Vendor, plant

MINUTE = timedelta(minutes=1)
WHERE = PostalAddress("A", "1 Main St", "San Francisco", "CA", "94103")
DOWN = Again("status_503")


@dataclass
class Lob:
    """A Lob that posts or not, and can be asked or not."""

    posts: bool = False
    answers: bool = False
    posted: list[int] = field(default_factory=list)
    vendor: Vendor = field(init=False)

    def __post_init__(self) -> None:
        sms: dict[type, Callable[[Any, Attempt], Outcome]] = {SendSms: lambda c, a: Done(SentSms(a.key, "queued"))}
        self.vendor = Vendor("lob", {MailLetter: self._mail, **sms}, {MailLetter: self._look})

    def _mail(self, call: MailLetter, attempt: Attempt) -> Outcome:
        self.posted.append(attempt.number)
        return Done(PostedLetter("ltr_1", "1", None, None, None, False)) if self.posts else DOWN

    def _look(self, call: MailLetter, attempt: Attempt) -> Outcome:
        return None if self.answers else DOWN  # type: ignore[return-value]


def register(registry: Registry) -> None:
    """Register `stripe:mail`, which posts a letter."""

    @registry.on("stripe:mail")
    def mail(turn: Turn) -> None:
        turn.call(MailLetter("1", "2", WHERE, WHERE, 3, certified=False), key="letter:1", policy="ask_first")


def _scout(made: Plant, lob: Lob) -> Scout:
    adapters: list[Any] = [lob.vendor]
    return Scout(
        database=made.database, writers=made.writers, delivery=made.delivery, adapters=adapters,
        clock=made.clock, ids=made.ids, seal=made.seal,
    )  # fmt: skip


async def _in_trouble(made: Plant, lob: Lob) -> Scout:
    """Let a letter fail until its next try is an hour away."""
    scout = _scout(made, lob)
    await made.event(Event("stripe", "m", "mail", {}))
    for minutes in (0, 1, 5, 15):
        await made.wait(minutes * MINUTE)
    assert lob.posted == [1, 2, 3, 4]
    return scout


async def test_fake_5_a_vendor_that_was_down_and_is_back_gets_its_letters_at_once(tmp_path: Path) -> None:
    lob = Lob()
    async with plant(tmp_path, lob.vendor, register=register) as made:
        scout = await _in_trouble(made, lob)
        await scout.run()
        await made.settle()
        assert len(lob.posted) == 4, "still down"
        lob.posts = lob.answers = True
        await scout.run()
        await made.settle()
        assert lob.posted == [1, 2, 3, 4, 4], "the try that met the outage does not count"
        assert [row.state for row in await made.rows()] == ["sent"]


async def test_ful_8_while_the_vendor_answers_all_along_the_letters_schedule_stands(tmp_path: Path) -> None:
    lob = Lob(answers=True)
    async with plant(tmp_path, lob.vendor, register=register) as made:
        scout = await _in_trouble(made, lob)
        for _ in range(10):
            await scout.run()
            await made.wait(MINUTE)
        assert len(lob.posted) == 4
        await made.wait(51 * MINUTE)
        assert len(lob.posted) == 5


async def test_fake_5_coming_back_is_noticed_once_however_long_posting_still_fails(tmp_path: Path) -> None:
    lob = Lob()
    async with plant(tmp_path, lob.vendor, register=register) as made:
        scout = await _in_trouble(made, lob)
        lob.answers = True
        for _ in range(20):
            await scout.run()
            await made.wait(MINUTE)
        assert lob.posted == [1, 2, 3, 4, 4]
        assert [row.attempts for row in await made.rows()] == [4]


async def test_fake_5_another_process_notices_too(tmp_path: Path) -> None:
    lob = Lob()
    async with plant(tmp_path, lob.vendor, register=register) as made:
        await _in_trouble(made, lob)
        lob.posts = lob.answers = True
        await _scout(made, lob).run()
        await made.settle()
        assert [row.state for row in await made.rows()] == ["sent"]


async def test_ven_5_an_open_circuit_lets_the_scout_through_once_a_pause(tmp_path: Path) -> None:
    lob = Lob()
    async with plant(tmp_path, lob.vendor, register=register) as made:
        scout = await _in_trouble(made, lob)
        breaker = made.delivery.breakers["lob"]
        for _ in range(5):
            breaker.failed()
        before = len(lob.vendor.looked)
        for _ in range(6):
            await scout.run()
            made.clock.advance(timedelta(seconds=10))
        assert 1 <= len(lob.vendor.looked) - before <= 2


async def test_fake_5_nothing_is_asked_when_nothing_waits(tmp_path: Path) -> None:
    lob = Lob(posts=True, answers=True)
    async with plant(tmp_path, lob.vendor, register=register) as made:
        scout = _scout(made, lob)
        await made.event(Event("stripe", "m", "mail", {}))
        await made.settle()
        await scout.run()
        assert lob.vendor.looked == []
