"""Tokens in the chat: shown once, listed with their last use, dropped; texts are not private (API-1)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import billing, receipts
from handlers.receipts import api
from storage.audit import audit
from storage.billing import subscriptions
from storage.people import person
from storage.receipts import tokens
from storage.receipts.tokens import MOST, token
from storage.work import Work
from tests.bot.engine.talk import register as talk
from tests.spoken import spoken

SECRET = re.compile(r"plt_[A-Za-z0-9_-]{22}")


def register(registry: Registry) -> None:
    """Register some talk, and the whole service of receipts as the assembly does."""
    talk(registry)
    api.register(registry)
    receipts.register(registry)


@pytest.fixture
async def h(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with Harness.open(register, tmp_path, clock) as opened:
        yield opened


async def _holder(h: Harness, secret: str) -> tokens.Token | None:
    def find(work: Work) -> tokens.Token | None:
        return tokens.holder(work, secret)

    found: tokens.Token | None = await h.writers.run(find)
    return found


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_api_1_a_token_is_made_listed_and_dropped_in_the_chat(h: Harness, channel: str) -> None:
    ann = h.phone(channel)
    await ann.say("hello")
    await ann.say("TOKEN NEW READ laptop")
    secret = SECRET.search(ann.screen)
    assert secret is not None
    assert ("not private" in ann.screen) == (channel == "sms")
    held = await _holder(h, secret[0])
    assert held is not None
    assert (held.name, held.writes, held.number) == ("laptop", False, 1)
    kept = await spoken(h)
    assert any("[token]" in entry for entry in kept)
    assert not any(secret[0] in entry for entry in kept)
    await ann.say("tokens")
    ann.expect("1 laptop: may read, ", secret[0][:8], "until Nov 20, 2027", "never used")
    assert not SECRET.search(ann.last.text)
    await h.writers.run(lambda work: tokens.note_use(work, held.person_id, held.id))
    await ann.say("Tokens")
    ann.expect("last used Nov 20, 2026")
    await ann.say("token drop 1")
    ann.expect("Token 1 no longer opens anything.")
    assert await _holder(h, secret[0]) is None
    await ann.say("token drop 1")
    ann.expect("You have no token 1.")


async def test_api_1_a_number_is_never_given_again(h: Harness) -> None:
    ann = h.phone("telegram")
    for said in ("token new", "token new second", "token drop 2", "token new third"):
        await ann.say(said)
    await ann.say("tokens")
    assert "3 third: may read and write" in ann.last.text
    assert "\n2 " not in ann.last.text
    await ann.say("token drop 2")
    assert ann.last.text.startswith("You have no token 2.")


async def test_api_1_a_token_ends_after_a_year(h: Harness) -> None:
    ann = h.phone("telegram")
    await ann.say("token new")
    secret = SECRET.search(ann.screen)
    assert secret is not None
    h.clock.advance(timedelta(days=364))
    assert await _holder(h, secret[0]) is not None
    h.clock.advance(timedelta(days=1))
    assert await _holder(h, secret[0]) is None
    await ann.say("tokens")
    assert "no tokens" in ann.last.text


async def test_api_1_a_person_has_ten_tokens_at_most(h: Harness) -> None:
    ann, bob = h.phone("telegram"), h.phone("telegram", "7:6002")
    for _ in range(MOST + 1):
        await ann.say("token new")
    assert ann.last.text.startswith(f"You have {MOST} tokens.")
    await bob.say("token drop 1")
    assert bob.last.text.startswith("You have no token 1.")
    rows = await h.database.read(lambda c: list(c.execute(sa.select(token.c.id))))
    assert len(rows) == MOST


async def test_cap_13_the_same_message_twice_makes_one_token(h: Harness) -> None:
    h.redeliver = True
    await h.phone("telegram").say("token new")
    assert len(await h.database.read(lambda c: list(c.execute(sa.select(token.c.id))))) == 1


async def test_aud_1_making_and_dropping_is_audited_without_the_secret(h: Harness) -> None:
    ann = h.phone("telegram")
    await ann.say("token new")
    await ann.say("token drop 1")
    rows = await h.database.read(lambda c: list(c.execute(sa.select(audit.c.action, audit.c.details))))
    acts = [row.action for row in rows if "token" in row.action]
    assert acts == ["receipts.token.create", "receipts.token.drop"]
    assert not any("plt_" in row.details for row in rows)


@pytest.mark.parametrize("said", ["token 5.50 subway", "tokens 12", "a token of my love", "token new " + "x" * 80])
async def test_what_is_not_about_tokens_is_left_to_others(h: Harness, said: str) -> None:
    await h.phone("telegram").say(said)
    assert await h.database.read(lambda c: list(c.execute(sa.select(token.c.id)))) == []


async def test_api_1_the_word_alone_says_how(h: Harness) -> None:
    ann = h.phone("telegram")
    await ann.say("/token")
    ann.expect("TOKEN NEW")


@pytest.mark.parametrize(
    ("said", "scopes", "networks", "writes", "name"),
    [
        ("TOKEN NEW", ("receipts",), (), True, ""),
        ("token new sheet for cases, usage", ("cases", "usage"), (), False, "sheet"),
        ("token new for receipts and cases", ("receipts", "cases"), (), True, ""),
        ("token new server from 203.0.113.7, 198.51.100.0/24", ("receipts",),
         ("203.0.113.7/32", "198.51.100.0/24"), True, "server"),
        ("token new read my box for usage from 2001:db8::1", ("usage",), ("2001:db8::1/128",), False, "my box"),
        ("TOKEN NEW laptop for work", ("receipts",), (), True, "laptop for work"),
        ("token new read for my mother", ("receipts",), (), False, "for my mother"),
        ("token new laptop for work for cases", ("cases",), (), False, "laptop for work"),
        ("token new letter from home", ("receipts",), (), True, "letter from home"),
        ("token new box for work from 10.0.0.1", ("receipts",), ("10.0.0.1/32",), True, "box for work"),
        ("token new sheet for staff", ("receipts",), (), True, "sheet for staff"),
        ("token new sheet for cases, staff", None, None, False, ""),
        ("token new sheet for staff and usage", None, None, False, ""),
        ("token new box from 1.2.3.999", None, None, False, ""),
    ],
)  # fmt: skip
async def test_or_2_scopes_and_networks_are_said_at_its_making(
    h: Harness, said: str, scopes: tuple[str, ...] | None, networks: tuple[str, ...], writes: bool, name: str
) -> None:
    ann = h.phone("telegram")
    await ann.say("hello")
    await ann.say(said)
    secret = SECRET.search(ann.screen)
    held = await _holder(h, secret[0]) if secret is not None else None
    if scopes is None:
        assert held is None
        assert "TOKEN NEW" in ann.last.text
        return
    assert held is not None
    assert (held.scopes, held.networks, held.writes, held.name) == (scopes, networks, writes, name)


async def test_or_2_a_plan_without_the_api_gets_no_token(tmp_path: Path, clock: FixedClock) -> None:
    def with_plans(registry: Registry) -> None:
        register(registry)
        billing.register(registry)

    async with Harness.open(with_plans, tmp_path, clock) as h:
        ann = h.phone("telegram")
        await ann.say("hello")
        await ann.say("token new")
        assert "Pro" in ann.last.text, "RS-8: what would allow it"
        assert SECRET.search(ann.screen) is None

        def upgrade(work: Work) -> int:
            who = int(work.rows(sa.select(person.c.id))[0].id)
            subscriptions.add(work, who, plan="pro", version=1, state="active")
            return who

        who = await h.writers.run(upgrade)
        rights = h.registry.rights
        assert await h.writers.run(lambda work: rights.permits(work, who, "data.api"))
        await ann.say("token new")
        assert SECRET.search(ann.screen) is not None

        def end(work: Work) -> None:
            live = subscriptions.live(work, who)
            assert live is not None
            subscriptions.change(work, who, live.id, state="ended")

        await h.writers.run(end)
        assert not await h.writers.run(lambda work: rights.permits(work, who, "data.api"))
