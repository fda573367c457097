"""What a bot may ask of Telegram, and how it is refused; asked with the real client library and by bare HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LabeledPrice,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.core.clock import FixedClock
from integrations.fakes.telegram import TOKEN, TelegramFake
from tests.integrations.fakes.contract import checker, complaints

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _newer_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[TelegramFake]:
    server = TelegramFake(clock)
    async with server:
        yield server


@pytest.fixture
async def bot(fake: TelegramFake) -> AsyncIterator[Bot]:
    client = Bot(TOKEN, base_url=f"{fake.url}/bot", base_file_url=f"{fake.url}/file/bot")
    async with client:
        yield client


def picture(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "JPEG")
    return out.getvalue()


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label) for label in labels]])


async def test_the_bot_knows_itself(bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot
    assert me.id == int(TOKEN.split(":")[0])


async def test_a_message_arrives_on_the_phone_with_its_buttons(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person(first_name="Ann")
    await ann.start()
    sent = await bot.send_message(
        ann.id, "<b>Pay</b> &amp; go", parse_mode="HTML", reply_markup=keyboard("Pay", "Back")
    )
    seen = ann.chat.last
    assert (seen.text, seen.labels, seen.id) == ("Pay & go", ["Pay", "Back"], sent.message_id)
    assert sent.text_html == "<b>Pay</b> &amp; go"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "  \n "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "\U0001f600" * 2049}, "message is too long"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "x", "chat_id": 12}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "message_thread_id": 7}, "message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y"}]]}}, "Text buttons are unallowed"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y", "callback_data": "é" * 33}]]}},
            "BUTTON_DATA",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y", "url": "javascript:1"}]]}},
            "Wrong HTTP URL",
        ),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y", "callback_data": "z"}] * 9]}}, "too long"),
        ({"text": "*x*", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
    ],
)
async def test_what_cannot_be_sent_is_refused(fake: TelegramFake, arguments: dict[str, Any], why: str) -> None:
    ann = fake.person()
    await ann.start()
    async with aiohttp.ClientSession() as session:
        asked = {"chat_id": ann.id, **arguments}
        async with session.post(f"{fake.url}/bot{TOKEN}/sendMessage", json=asked) as answer:
            body = await answer.json()
    assert answer.status == 400
    assert body["ok"] is False
    assert body["error_code"] == 400
    assert why in body["description"]
    assert ann.chat.texts == []


@pytest.mark.parametrize("text", ["x" * 4096, "\U0001f600" * 2048, "<b>" + "x" * 4096 + "</b>"])
async def test_the_longest_text_is_taken(fake: TelegramFake, bot: Bot, text: str) -> None:
    ann = fake.person()
    await ann.start()
    await bot.send_message(ann.id, text, parse_mode="HTML")
    assert len(ann.chat.last.text) in (4096, 2048)


@pytest.mark.parametrize("way", ["json", "form", "multipart", "query"])
async def test_arguments_travel_in_every_form(fake: TelegramFake, way: str) -> None:
    ann = fake.person()
    await ann.start()
    markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]}
    flat = {"chat_id": str(ann.id), "text": "häí", "reply_markup": json.dumps(markup)}
    url = f"{fake.url}/bot{TOKEN}/sendmessage"
    async with aiohttp.ClientSession() as session:
        match way:
            case "json":
                asked = session.post(url, json={"chat_id": ann.id, "text": "häí", "reply_markup": markup})
            case "form":
                asked = session.post(url, data=flat)
            case "multipart":
                with aiohttp.MultipartWriter("form-data") as parts:
                    for name, value in flat.items():
                        parts.append(value).set_content_disposition("form-data", name=name)
                asked = session.post(url, data=parts)
            case _:
                asked = session.get(url, params=flat)
        async with asked as answer:
            assert answer.status == 200, await answer.text()
    assert (ann.chat.last.text, ann.chat.last.labels) == ("häí", ["Go"])


async def test_tokens_and_methods_that_do_not_exist(fake: TelegramFake) -> None:
    async with aiohttp.ClientSession() as session:
        statuses = []
        for path in (f"bot{TOKEN}/fly", "botnonsense/getMe", "bot1:x/getMe"):
            async with session.get(f"{fake.url}/{path}") as answer:
                statuses.append(answer.status)
    assert statuses == [404, 404, 401]


async def test_people_who_left_cannot_be_written_to(fake: TelegramFake, bot: Bot) -> None:
    ann, bea, cyd = fake.person(), fake.person(), fake.person()
    for person in (ann, bea):
        await person.start()
    await ann.block()
    bea.deactivate()
    for person, why in ((ann, "blocked by the user"), (bea, "deactivated"), (cyd, "can't initiate conversation")):
        with pytest.raises(Forbidden, match=rf"(?i){why}"):
            await bot.send_message(person.id, "x")
    await ann.unblock()
    await bot.send_message(ann.id, "back")
    assert ann.chat.texts == ["back"]


async def test_an_upgraded_group_names_its_new_id(fake: TelegramFake, bot: Bot) -> None:
    group = fake.group("Staff", fake.person())
    await bot.send_message(group.id, "x")
    new = await group.migrate()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "y")
    assert moved.value.new_chat_id == new.id
    await bot.send_message(new.id, "y")
    assert new.chat.texts == ["y"]


async def test_too_many_calls_are_told_when_to_come_back(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person()
    await ann.start()
    fake.faults.add("rate_limit", "sendMessage", retry_after=7)
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(ann.id, "x")
    assert refused.value.retry_after == timedelta(seconds=7)
    assert ann.chat.texts == []


async def test_a_strict_fake_limits_groups_to_20_a_minute(clock: FixedClock) -> None:
    async with TelegramFake(clock, strict_pace=True) as server:
        assert isinstance(server, TelegramFake)
        group = server.group("Staff", server.person())
        async with Bot(TOKEN, base_url=f"{server.url}/bot") as bot:
            for number in range(20):
                await bot.send_message(group.id, str(number))
            with pytest.raises(RetryAfter):
                await bot.send_message(group.id, "one too many")
            clock.advance(timedelta(minutes=1))
            await bot.send_message(group.id, "later")


@pytest.mark.parametrize("fault", ["status_before", "reset_before", "reset_during", "truncate", "status_after"])
async def test_faults_come_out_as_network_trouble(fake: TelegramFake, bot: Bot, fault: str) -> None:
    ann = fake.person()
    await ann.start()
    fake.faults.add(fault, "sendMessage", status=502)
    with pytest.raises(TelegramError):
        await bot.send_message(ann.id, "x")
    happened = fault in ("reset_during", "truncate", "status_after")
    assert ann.chat.texts == (["x"] if happened else [])


async def test_an_edit_changes_the_screen_and_an_idle_edit_is_refused(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person()
    await ann.start()
    sent = await bot.send_message(ann.id, "Pick", reply_markup=keyboard("A", "B"))
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("Pick", ann.id, sent.message_id, reply_markup=keyboard("A", "B"))
    await bot.edit_message_text("You took A", ann.id, sent.message_id)
    assert (ann.chat.last.text, ann.chat.last.labels, ann.chat.last.edited) == ("You took A", [], True)
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_reply_markup(ann.id, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", ann.id, 999)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", ann.id, sent.message_id - 1)


async def test_only_young_messages_can_be_deleted(fake: TelegramFake, bot: Bot, clock: FixedClock) -> None:
    ann = fake.person()
    await ann.start()
    first = await bot.send_message(ann.id, "one")
    second = await bot.send_message(ann.id, "two")
    await bot.delete_message(ann.id, first.message_id)
    assert ann.chat.texts == ["two"]
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(ann.id, first.message_id)
    clock.advance(timedelta(hours=49))
    with pytest.raises(BadRequest, match=r"(?i)can't be deleted"):
        await bot.delete_message(ann.id, second.message_id)


async def test_a_callback_is_answered_once_and_soon(fake: TelegramFake, bot: Bot, clock: FixedClock) -> None:
    ann = fake.person()
    await ann.start()
    await bot.send_message(ann.id, "Pick", reply_markup=keyboard("A"))
    query = await ann.tap("A")
    await bot.answer_callback_query(query, "Taken")
    assert ann.notice(query) == "Taken"
    for late in (query, "nonsense"):
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await bot.answer_callback_query(late)
    late = await ann.tap("A")
    clock.advance(timedelta(seconds=16))
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(late)


async def test_pictures_files_and_voice_are_shown(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person()
    await ann.start()
    photo = await bot.send_photo(ann.id, picture(), caption="<i>receipt</i>", parse_mode="HTML")
    assert (ann.chat.last.picture, ann.chat.last.text) == (picture(), "receipt")
    await bot.send_photo(ann.id, photo.photo[-1].file_id)
    assert ann.chat.last.picture == picture()
    await bot.send_document(ann.id, b"%PDF-1.7", filename="letter.pdf")
    assert ann.chat.last.file_name == "letter.pdf"
    await bot.send_voice(ann.id, b"OggS", duration=4)
    assert ann.chat.last.file_id
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_photo(ann.id, picture(), caption="x" * 1025)
    with pytest.raises(BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ann.id, b"no picture")
    with pytest.raises(BadRequest, match=r"(?i)PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(ann.id, picture(2100, 100))
    with pytest.raises(BadRequest, match=r"(?i)wrong remote file identifier"):
        await bot.send_photo(ann.id, "nonsense")


async def test_an_album_is_one_group_of_messages(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person()
    await ann.start()
    await bot.send_media_group(ann.id, [InputMediaPhoto(picture(), caption="front"), InputMediaPhoto(picture())])
    parts = ann.chat.messages[-2:]
    assert [part.text for part in parts] == ["front", ""]
    assert parts[0].album == parts[1].album != None  # noqa: E711 - one comparison says both
    with pytest.raises(BadRequest, match=r"(?i)wrong number of media"):
        await bot.send_media_group(ann.id, [InputMediaPhoto(picture())])
    with pytest.raises(BadRequest, match=r"(?i)can't be mixed"):
        await bot.send_media_group(ann.id, [InputMediaPhoto(picture()), InputMediaDocument(b"x")])


async def test_files_come_down_for_an_hour_and_up_to_20_mb(fake: TelegramFake, bot: Bot, clock: FixedClock) -> None:
    ann = fake.person()
    await ann.photo(picture())
    message = fake.chats.of_chat(ann.id)[-1]
    file_id = message["photo"][-1]["file_id"]
    file = await bot.get_file(file_id)
    assert await file.download_as_bytearray() == picture()
    clock.advance(timedelta(hours=1))
    with pytest.raises(InvalidToken):
        await file.download_as_bytearray()
    assert await (await bot.get_file(file_id)).download_as_bytearray() == picture()
    await ann.document(b"x" * (20 * 2**20 + 1), "film.bin")
    with pytest.raises(BadRequest, match=r"(?i)file is too big"):
        await bot.get_file(fake.chats.of_chat(ann.id)[-1]["document"]["file_id"])
    with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
        await bot.get_file("nonsense")
    assert fake.calls["download"] == 3


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    await bot.set_my_commands([("help", "Help"), ("menu", "Main menu")])
    await bot.set_my_commands([BotCommand("staff", "Queue")], scope=BotCommandScopeChat(-5), language_code="es")
    assert [command.command for command in await bot.get_my_commands()] == ["help", "menu"]
    assert [c.command for c in await bot.get_my_commands(BotCommandScopeChat(-5), "es")] == ["staff"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await bot.set_my_commands([("Help", "x")])
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMANDS_TOO_MUCH"):
        await bot.set_my_commands([(f"c{number}", "x") for number in range(101)])


async def test_descriptions_and_menu_button_are_kept(bot: Bot) -> None:
    await bot.set_my_description("Letters by chat")
    await bot.set_my_short_description("Letters", language_code="es")
    await bot.set_chat_menu_button()
    assert (await bot.get_my_description()).description == "Letters by chat"
    assert (await bot.get_my_short_description("es")).short_description == "Letters"
    assert (await bot.get_chat_menu_button()).type == "default"
    with pytest.raises(BadRequest, match=r"(?i)TOO_LONG"):
        await bot.set_my_description("x" * 513)


async def test_typing_and_drafts_fade(fake: TelegramFake, bot: Bot, clock: FixedClock) -> None:
    ann = fake.person()
    await ann.start()
    await bot.send_chat_action(ann.id, "typing")
    await bot.send_message_draft(ann.id, 5, "Dear")
    assert ann.chat.typing
    assert ann.chat.draft == "Dear"
    clock.advance(timedelta(seconds=6))
    assert not ann.chat.typing
    clock.advance(timedelta(seconds=25))
    assert ann.chat.draft is None
    with pytest.raises(BadRequest, match=r"(?i)action"):
        await bot.send_chat_action(ann.id, "dancing")


async def test_topics_of_a_forum(fake: TelegramFake, bot: Bot) -> None:
    staff = fake.person(first_name="Sam")
    group = fake.group("Staff", staff, forum=True)
    topic = await bot.create_forum_topic(group.id, "Case K7")
    await bot.send_message(group.id, "hello", message_thread_id=topic.message_thread_id)
    assert group.chat.last.thread_id == topic.message_thread_id
    await bot.close_forum_topic(group.id, topic.message_thread_id)
    with pytest.raises(BadRequest, match=r"(?i)TOPIC_CLOSED"):
        await bot.send_message(group.id, "x", message_thread_id=topic.message_thread_id)
    plain = fake.group("Plain", staff)
    with pytest.raises(BadRequest, match=r"(?i)not a forum"):
        await bot.create_forum_topic(plain.id, "x")
    assert (await bot.get_chat_member(group.id, staff.id)).status == "creator"


async def test_a_staff_reply_is_copied_to_the_person(fake: TelegramFake, bot: Bot) -> None:
    ann, staff = fake.person(), fake.person()
    await ann.start()
    group = fake.group("Staff", staff, forum=True)
    number = await staff.say("We look into it", group=group)
    await bot.copy_message(ann.id, group.id, number)
    assert ann.chat.last.text == "We look into it"
    assert ann.chat.last.from_bot


async def test_stars_are_charged_after_a_timely_yes(fake: TelegramFake, bot: Bot, clock: FixedClock) -> None:
    ann = fake.person()
    await ann.start()
    prices = [LabeledPrice("Month", 250)]
    sent = await bot.send_invoice(ann.id, "Coach", "A month", "plan:1", "XTR", prices, provider_token="")
    late = await ann.pay(sent.message_id)
    clock.advance(timedelta(seconds=11))
    with pytest.raises(BadRequest, match=r"(?i)too old"):
        await bot.answer_pre_checkout_query(late, True)
    assert fake.stars.state(late) == "expired"
    query = await ann.pay(sent.message_id)
    await bot.answer_pre_checkout_query(query, True)
    assert fake.stars.state(query) == "paid"
    charge = fake.chats.of_chat(ann.id)[-1]["successful_payment"]["telegram_payment_charge_id"]
    await bot.refund_star_payment(ann.id, charge)
    with pytest.raises(BadRequest, match=r"(?i)ALREADY_REFUNDED"):
        await bot.refund_star_payment(ann.id, charge)


async def test_a_restarted_fake_remembers_chats_and_files(clock: FixedClock, tmp_path: Path) -> None:
    async with TelegramFake(clock, tmp_path / "telegram.jsonl") as first:
        assert isinstance(first, TelegramFake)
        ann = first.person(42, "Ann")
        await ann.photo(picture())
        async with Bot(TOKEN, base_url=f"{first.url}/bot") as bot:
            sent = await bot.send_message(42, "hello")
            await bot.set_my_commands([("help", "Help")])
    async with TelegramFake(clock, tmp_path / "telegram.jsonl") as second:
        assert isinstance(second, TelegramFake)
        again = second.person(42)
        assert again.chat.texts == ["hello"]
        assert again.chat.messages[0].picture == picture()
        async with Bot(TOKEN, base_url=f"{second.url}/bot") as bot:
            assert len(await bot.get_my_commands()) == 1
            assert (await bot.send_message(42, "more")).message_id == sent.message_id + 1
            assert len(await bot.get_updates()) == 1


@pytest.mark.shared
async def test_con_3_answers_fit_the_contract_and_requests_are_recorded(fake: TelegramFake, bot: Bot) -> None:
    ann = fake.person()
    await ann.start()
    sent = await bot.send_message(ann.id, "<b>x</b>", parse_mode="HTML", reply_markup=keyboard("A"))
    await bot.edit_message_text("y", ann.id, sent.message_id)
    await bot.send_photo(ann.id, picture(), caption="c")
    await bot.send_document(ann.id, b"x", filename="a.pdf")
    await bot.send_media_group(ann.id, [InputMediaPhoto(picture()), InputMediaPhoto(picture())])
    await bot.get_webhook_info()
    group = fake.group("Staff", fake.person(), forum=True)
    await bot.create_forum_topic(group.id, "T")
    kinds = {
        "getMe": "User",
        "sendMessage": "Message",
        "editMessageText": "Message",
        "sendPhoto": "Message",
        "sendDocument": "Message",
        "getWebhookInfo": "WebhookInfo",
        "createForumTopic": "ForumTopic",
    }
    judged = set()
    for answer in fake.answers:
        if answer["operation"] in kinds:
            judged.add(answer["operation"])
            assert complaints("telegram", kinds[answer["operation"]], answer["body"]["result"]) == []
    assert judged == set(kinds)
    assert [checker().check(row) for row in fake.recordings if checker().check(row)] == []
    assert len(fake.recordings) == sum(fake.calls.values())
