"""What holds through the whole server: doors, groups, opt-outs, who is texted (AC-80, CONV-3, CONV-8, FUL-1)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.engine.registry import Registry
from integrations.fakes.twilio.keywords import Mode
from storage.alerts import alert
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import address
from tests.bot.web.fuzz import signed, stored
from tests.simulation.services import Someone, everything, full_town
from tests.simulation.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with full_town(tmp_path, twilio_keyword_mode="self") as opened:
        opened.vendors.twilio.keyword_mode = Mode.SELF
        yield opened


async def rows(world: World, query: sa.Select[Any]) -> list[Any]:
    return await world.app.database.read(lambda c: list(c.execute(query)))


# -- AC-80 -------------------------------------------------------------------------------------------------------------


async def _queued(world: World) -> int:
    waiting = sa.select(outbox.c.id).where(outbox.c.purpose == "nudge", outbox.c.state == "ready")
    return len(await rows(world, waiting))


async def _leave_a_draft(ann: Someone, city: str) -> None:
    (asked,) = await ann.say("ticket")
    if "2 A new ticket" in asked:
        await ann.say("2")
    for text in (city, "menu", "menu"):
        await ann.say(text)


@pytest.mark.parametrize("stops", [True, False])
async def test_ac_80_after_stop_none_of_three_queued_reminders_is_sent(stops: bool, world: World) -> None:
    await world.advance(timedelta(hours=60))  # Sunday, 10 in the evening in San Francisco
    ann = Someone(world, "sms")
    await ann.say("REMIND")
    for city in ("San Francisco", "Oakland, CA", "Boston, MA"):
        await _leave_a_draft(ann, city)
    await world.advance(timedelta(hours=24, minutes=30))
    assert await _queued(world) == 3, "all three wait for the morning"
    if stops:
        (reply,) = await ann.say("STOP")
        assert "opted out" in reply
    before = len(ann.heard)
    await world.advance(timedelta(days=4))
    reminders = [text for text in ann.heard[before:] if "RESUME" in text]
    assert (reminders == []) is stops
    assert await _queued(world) == 0 or not stops


# -- CONV-3 ------------------------------------------------------------------------------------------------------------


async def test_conv_3_nobody_is_texted_about_a_ticket_who_did_not_write_first(world: World) -> None:
    ann, bob = Someone(world, "sms"), Someone(world, "sms", "+14155550177")
    for text in ("ticket", "San Francisco", "900000417", "11/16", "my friend's number is +14155550177, text him"):
        await ann.say(text)
    await world.advance(timedelta(days=35))
    assert bob.heard == []
    sent = {row["to"] for row in world.vendors.twilio.messages.shelf if row["direction"].startswith("outbound")}
    assert sent == {"+14155550123"}
    assert len(await rows(world, sa.select(address.c.id))) == 1


PRESSING = (
    "final notice", "last chance", "last warning", "urgent", "immediately", "act now", "right away", "hurry",
    "at once", "don't miss", "do not miss", "before it is too late", "suspend", "arrest", "warrant", "penalt",
    "late fee", "legal action", "collections", "collection agency", "overdue", "past due", "you owe", "unpaid toll",
    "avoid", "must pay", "failure to pay", "your license", "your registration will", "expires soon", "only today",
)  # fmt: skip


def test_conv_3_no_text_threatens_hurries_or_looks_like_the_known_fraud() -> None:
    registry = Registry()
    everything(registry)
    checked = 0
    for key, text in registry.catalogue.entries("en").items():
        if key.startswith("admin.") or ".operator." in key:
            continue
        checked += 1
        said = text.lower().replace("warranty", "")  # a promise of a maker, and no warrant
        assert [word for word in PRESSING if word in said] == [], f"{key}: {text}"
        assert not re.search(r"!|\b(?!SMS|HEIC|JPEG|WEBP)[A-Z]{4,} [A-Z]{4,} [A-Z]{4,}", text), f"{key}: {text}"
    assert checked > 500


# -- CONV-8 ------------------------------------------------------------------------------------------------------------


async def test_conv_8_a_group_hears_nothing_of_a_case_and_is_offered_the_private_chat(world: World) -> None:
    world.app.telegram.bot_username = "parley_demo_bot"
    ann = Someone(world, "telegram")
    for text in ("/start", "ticket", "San Francisco", "900000417", "11/16"):
        await ann.say(text)
    code = re.search(r"A-[A-Z2-9]{5}", "\n".join(await ann.say("status")))
    assert code is not None
    group = world.vendors.telegram.group("Neighbours")
    group.add(ann.phone)
    private = len(ann.heard)
    asked = ("status", code[0], "my cases", "/status", "resume", "what about 900000417?", "2", "UNDO", "pay")
    for text in asked:
        await ann.phone.say(f"@parley_demo_bot {text}" if text[0] != "/" else f"{text}@parley_demo_bot", group=group)
        await world.rest()
    told = [m.get("text", "") for m in world.vendors.telegram.chats.of_chat(group.id) if m["from"]["is_bot"]]
    assert len(told) == len(asked)
    for text in told:
        assert "https://t.me/parley_demo_bot" in text
        assert not re.search(r"A-[A-Z2-9]{5}|0417|San Francisco|Nov|Dec|draft", text), text
    assert len(ann.heard) == private, "and nothing happens in the private chat either"
    assert "11/16" not in "\n".join(await ann.say("status"))


# -- FUL-1 -------------------------------------------------------------------------------------------------------------


async def _post(world: World, door: str, event: dict[str, Any], **headers: str) -> int:
    body = json.dumps(event).encode()
    sent = signed(world, door, body) | headers
    async with aiohttp.ClientSession() as http, http.post(world.url + door, data=body, headers=sent) as answer:
        await answer.read()
        return answer.status


def _paid(key: str) -> dict[str, Any]:
    thing = {"id": "cs_9", "object": "checkout.session", "payment_status": "paid", "amount_total": 1995,
             "currency": "usd", "metadata": {"payment_id": "77", "intake_id": "1", "draft_id": "2", "v": "1"},
             "client_reference_id": "77", "livemode": False}  # fmt: skip
    return {"id": key, "object": "event", "type": "checkout.session.completed", "data": {"object": thing},
            "created": 1, "livemode": False}  # fmt: skip


def _mailed(key: str) -> dict[str, Any]:
    return {"id": key, "object": "event", "event_type": {"id": "letter.delivered", "resource": "letters"},
            "body": {"id": "ltr_9", "metadata": {"letter_id": "77"}}}  # fmt: skip


@pytest.mark.parametrize(("door", "event"), [("/webhooks/stripe", _paid), ("/webhooks/lob", _mailed)])
async def test_ful_1_an_event_is_verified_claimed_once_and_answered_and_calls_nobody_on_its_way(
    world: World, door: str, event: Any
) -> None:
    source = door.rpartition("/")[2]
    nothing = await stored(world)
    bad = {"Stripe-Signature": "t=1,v1=00", "Lob-Signature": "00", "Lob-Signature-Timestamp": "1"}
    assert await _post(world, door, event("evt_1"), **bad) == 400
    assert await stored(world) == nothing, "what is not genuine is not stored"
    calls = {name: len(fake.recordings) for name, fake in world.vendors.all.items()}
    for _ in range(3):
        assert await _post(world, door, event("evt_1")) == 200
    kept = await rows(world, sa.select(inbox).where(inbox.c.source == source))
    assert len(kept) == 1, "claimed by source and id"
    assert await _post(world, door, event("evt_2")) == 200
    assert len(await rows(world, sa.select(inbox).where(inbox.c.source == source))) == 2
    assert {name: len(fake.recordings) for name, fake in world.vendors.all.items()} == calls


async def test_ful_1_money_for_an_unknown_order_is_answered_after_storing(world: World) -> None:
    assert await _post(world, "/webhooks/stripe", _paid("evt_1")) == 200
    await world.rest()
    assert "money_without_order" in [row.kind for row in await rows(world, sa.select(alert.c.kind))]
