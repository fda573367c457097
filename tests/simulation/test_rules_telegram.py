"""The manner of Telegram, played through the whole server (rules TG-*, CHN-1, ADR-* of the chat rules)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.settings import Settings
from storage.people import address, person
from tests.simulation.services import USER, Someone, dead_letters, full_town
from tests.simulation.world import SECRETS, TOKEN, World

EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
STATES: dict[str, tuple[str, ...]] = {
    "nobody yet": (),
    "no flow": ("hello",),
    "a choice": ("hello", "ticket"),
    "a number": ("hello", "ticket", "San Francisco"),
    "parked": ("ticket", "/menu"),
    "opted out": ("hello", "/stop"),
}
COMMANDS = (
    "/start", "/start case", "/help", "/settings", "/cancel", "/menu", "/privacy", "/human", "/stop", "/language",
    "/paysupport", "/terms",
)  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with full_town(tmp_path) as opened:
        yield opened


async def rows(world: World, query: sa.Select[Any]) -> list[Any]:
    return await world.app.database.read(lambda c: list(c.execute(query)))


@pytest.mark.parametrize("state", STATES, ids=lambda s: s.replace(" ", "-"))
async def test_tg_1_every_command_works_in_every_state(state: str, world: World) -> None:
    for number, command in enumerate(COMMANDS):
        ann = Someone(world, "telegram", USER + number)
        for text in STATES[state]:
            await ann.say(text)
        heard = await ann.say(command)
        comes_back = command.startswith("/start")
        assert len(heard) == (1 if state != "opted out" or comes_back else 0), (command, heard)
        assert not any("could not read" in text or "pick one of" in text for text in heard), (command, heard)
    assert await dead_letters(world) == []


async def test_tg_3_start_is_a_line_with_two_to_four_buttons_of_few_words(world: World) -> None:
    ann = Someone(world, "telegram")
    await ann.say("/start")
    labels = ann.phone.chat.messages[-1].labels
    assert 2 <= len(labels) <= 4
    assert all(1 <= len(label.split()) <= 4 for label in labels)


async def test_tg_3_there_is_always_a_way_back(world: World) -> None:
    ann = Someone(world, "telegram")
    for text in ("/start", "ticket", "San Francisco"):
        await ann.say(text)
    assert "Back" in ann.phone.chat.messages[-1].labels
    before = ann.heard[-1]
    await ann.phone.tap("Back")
    await world.rest()
    assert ann.heard[-1] != before
    assert "city" in ann.heard[-1]


async def test_tg_13_privacy_gives_the_policys_page_and_both_rights(world: World) -> None:
    ann = Someone(world, "telegram")
    (reply,) = await ann.say("/privacy")
    for part in (f"{world.url}/about", "/export", "/delete"):
        assert part in reply


@pytest.mark.parametrize("answer", ["1", "2", "one", "San Francisco", "san f"])
async def test_tg_15_chn_1_digits_and_words_work_beside_buttons(answer: str, world: World) -> None:
    ann = Someone(world, "telegram")
    for text in ("/start", "ticket"):
        await ann.say(text)
    labels = ann.phone.chat.messages[-1].labels
    (reply,) = await ann.say(answer)
    assert "number" in reply
    assert len(labels) >= 2


def test_tg_15_nothing_is_said_in_emoji_alone_and_at_most_one_at_the_end() -> None:
    from bot.engine.registry import Registry
    from tests.simulation.services import everything

    registry = Registry()
    everything(registry)
    for locale in ("en", "es"):
        for key, text in registry.catalogue.entries(locale).items():
            found = EMOJI.findall(text)
            assert len(found) <= 1, key
            assert not found or text.rstrip().endswith(found[0]), key
            assert not text or EMOJI.sub("", text).strip(), key


def test_tg_16_base_and_file_addresses_come_from_one_setting() -> None:
    from bot.assembly.vendors import make_adapters
    from bot.core.calls.channels import FetchMedia
    from integrations.media import MediaAdapter
    from integrations.on_demand import OnDemand
    from integrations.telegram import TelegramAdapter

    settings = Settings(
        _env_file=None, parley_mode="demo", telegram_bot_token=TOKEN, telegram_api_base="http://bot.example:81/"
    )
    adapters = make_adapters(settings)
    (telegram,) = [a for a in adapters if isinstance(a, TelegramAdapter)]
    (media,) = [a.adapter for a in adapters if isinstance(a, OnDemand) and FetchMedia in a.calls]
    assert isinstance(media, MediaAdapter)
    assert telegram._wire.base_url == f"http://bot.example:81/bot{TOKEN}"
    assert media._telegram is not None
    assert media._telegram._wire.base_url == "http://bot.example:81"


async def test_tg_17_two_bots_do_not_share_chats(world: World) -> None:
    from bot.web.doors.telegram import event_of
    from integrations.telegram import TelegramUpdate, read_update

    chat = {"id": USER, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": USER}, "text": "hi"}
    update = read_update({"update_id": 1, "message": message})
    assert isinstance(update, TelegramUpdate)
    for bot in ("7000000001", "8000000002"):
        event = event_of(update, bot)
        assert event is not None
        await world.app.writers.run(world.app.dispatcher.intake(event))
    assert len(await rows(world, sa.select(address.c.id))) == 2
    assert len(await rows(world, sa.select(person.c.id))) == 2


async def test_tg_12_a_group_is_pointed_to_the_private_chat_in_the_same_topic(world: World) -> None:
    world.app.telegram.bot_username = "parley_demo_bot"
    ann = Someone(world, "telegram")
    await ann.say("/start")
    group = world.vendors.telegram.group("Neighbours")
    group.add(ann.phone)
    people = len(await rows(world, sa.select(person.c.id)))
    for text, answers in (("what a day", 0), ("@parley_demo_bot my ticket is 912345678", 1), ("/help@other_bot", 0)):
        before = len(_of_bot(world, group.id))
        await ann.phone.say(text, group=group, thread=None)
        await world.rest()
        said = _of_bot(world, group.id)[before:]
        assert len(said) == answers, text
        assert all("https://t.me/parley_demo_bot" in reply and "912345678" not in reply for reply in said)
    assert len(await rows(world, sa.select(person.c.id))) == people


def _of_bot(world: World, chat_id: int) -> list[str]:
    messages = world.vendors.telegram.chats.of_chat(chat_id)
    return [message.get("text", "") for message in messages if message["from"]["is_bot"]]


async def test_tg_12_an_edited_message_changes_nothing_and_is_answered_with_silence(world: World) -> None:
    ann = Someone(world, "telegram")
    for text in ("/start", "ticket"):
        await ann.say(text)
    before = ann.heard
    await ann.phone.edit("San Francisco")
    await world.rest()
    assert ann.heard == before


@pytest.mark.parametrize("what", ["contact", "location"])
async def test_ux_25_what_we_cannot_use_is_said_so_and_the_question_stays(what: str, world: World) -> None:
    ann = Someone(world, "telegram")
    for text in ("/start", "ticket", "San Francisco"):
        await ann.say(text)
    for _ in range(4):
        before = len(ann.heard)
        await (ann.phone.share_contact("+14155550123") if what == "contact" else ann.phone.location(37.7, -122.4))
        await world.rest()
        (reply,) = ann.heard[before:]
        assert reply.startswith("I cannot use that.")
        assert "number" in reply, "and it never climbs the repair ladder"


async def test_ux_26_tg_24_words_of_a_person_stay_literal(world: World) -> None:
    ann = Someone(world, "telegram")
    nasty = "<b>x</b> {n} {{7*7}} %s <a href='http://evil.example'>here</a> &amp; *_`"
    for text in ("/start", "ticket", nasty):
        await ann.say(text)
    for message in world.vendors.telegram.chats.of_chat(USER):
        if message["from"]["is_bot"]:
            assert not [e for e in message.get("entities") or [] if e["type"] in ("text_link", "url", "bold")]
    requests = [row for row in world.vendors.telegram.recordings if row["operation"] == "sendMessage"]
    assert requests
    assert all('"is_disabled": true' in row["body"] or '"is_disabled":true' in row["body"] for row in requests)


async def test_tg_10_the_secret_is_asked_for_before_anything_is_stored(world: World) -> None:
    import aiohttp

    body = {"update_id": 9, "message": {"message_id": 1, "date": 1, "chat": {"id": 5}, "from": {"id": 5}, "text": "x"}}
    secret = SECRETS["telegram_webhook_secret"]
    async with aiohttp.ClientSession() as http:
        for headers, status in (
            ({}, 403),
            ({"X-Telegram-Bot-Api-Secret-Token": ""}, 403),
            ({"X-Telegram-Bot-Api-Secret-Token": secret[:-1]}, 403),
            ({"X-Telegram-Bot-Api-Secret-Token": secret.upper()}, 403),
            ({"X-Telegram-Bot-Api-Secret-Token": secret}, 200),
        ):
            async with http.post(f"{world.url}/webhooks/telegram", json=body, headers=headers) as answer:
                assert answer.status == status
            assert len(await rows(world, sa.select(person.c.id))) == (1 if status == 200 else 0)


async def test_adr_4_a_reply_goes_to_the_address_that_wrote_last(world: World) -> None:
    ann, also_ann = Someone(world, "sms"), Someone(world, "telegram")
    await ann.say("hello")
    await also_ann.say("hello")
    people = await rows(world, sa.select(address.c.person_id).order_by(address.c.id))
    one = address.update().values(person_id=people[0].person_id)
    await world.app.writers.run(lambda work: work.write(one))
    before = len(ann.heard), len(also_ann.heard)
    assert len(await also_ann.say("ticket")) == 1
    assert (len(ann.heard), len(also_ann.heard)) == (before[0], before[1] + 1)
    assert len(await ann.say("San Francisco")) == 1
    assert len(also_ann.heard) == before[1] + 1


async def test_adr_5_a_digit_where_the_question_was_not_shown_acts_on_nothing(world: World) -> None:
    ann, also_ann = Someone(world, "sms"), Someone(world, "telegram")
    await ann.say("hello")
    await also_ann.say("hello")
    people = await rows(world, sa.select(address.c.person_id).order_by(address.c.id))
    one = address.update().values(person_id=people[0].person_id)
    await world.app.writers.run(lambda work: work.write(one))
    await also_ann.say("ticket")
    (reply,) = await ann.say("2")
    assert "other channel" in reply
    assert "city" in reply
