"""The adapters against the fakes that demo mode runs on: whole errands, and faults after the effect (FAKE-1, FAKE-2).

Judged by the fakes' books, not by what the adapters say; what came in at their doors passes the contract check (CON-1).
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfWriter

from bot.core.calls.channels import (
    AnswerCallback,
    Button,
    DeleteTelegram,
    DiscardMedia,
    EditTelegram,
    FetchMedia,
    ListInboundSms,
    MediaRef,
    SendSms,
    SendTelegram,
    ShowTyping,
)
from bot.core.calls.lob import CancelLetter, FindLetter, MailLetter, ReadLetter, VerifyAddress
from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.people import PostalAddress
from bot.core.calls.stripe import (
    ExpireCheckout,
    FindCheckouts,
    FindRefunds,
    ListStripeEvents,
    OpenCheckout,
    ReadCheckout,
    RefundPayment,
)
from bot.core.calls.workshop import AskModel, Transcribe
from bot.core.clock import FixedClock
from bot.core.ports import Adapter, Attempt
from integrations.claude import ClaudeAdapter
from integrations.fakes.claude import ClaudeFake
from integrations.fakes.kit import FakeServer
from integrations.fakes.lob import LobFake
from integrations.fakes.speech import SpeechFake
from integrations.fakes.stripe import StripeFake
from integrations.fakes.telegram import TelegramFake
from integrations.fakes.twilio import TwilioFake
from integrations.lob import LobAdapter
from integrations.media import MediaAdapter, TelegramFiles
from integrations.speech import SpeechAdapter
from integrations.stripe import StripeAdapter
from integrations.telegram import BotFace, Poller, TelegramAdapter, TelegramUpdate, drift, set_up
from integrations.telegram.setup import CommandList
from integrations.twilio import TwilioAdapter, TwilioMedia
from tests.integrations.door import NOW, Shelf
from tests.recordings import CHECKER, contract_checker

AFTER_EFFECT = ["status_after", "timeout_after", "reset_during", "truncate"]
PERSON = "+14155550123"


class World:
    """A clock, blobs, and the one way in which the worker uses an adapter."""

    def __init__(self) -> None:
        self.clock, self.files = FixedClock(NOW), Shelf()

    def attempt(self, call: Any, number: int) -> Attempt:
        key = f"row:{type(call).__name__}"
        return Attempt(key=key, number=number, first_at=NOW, now=self.clock.now(), files=self.files)

    async def perform(self, adapter: Adapter, call: Any, number: int = 1) -> Outcome:
        return await adapter.calls[type(call)](call, self.attempt(call, number))

    async def until_done(self, adapter: Adapter, call: Any, wait: timedelta = timedelta(seconds=61)) -> Outcome:
        """Try, look after an uncertain end, and try again, as the worker does."""
        for number in range(1, 6):
            outcome, looks = await self.perform(adapter, call, number), 0
            while isinstance(outcome, Unknown | Again):
                self.clock.advance(wait)
                look_up = adapter.look_ups.get(type(call)) if isinstance(outcome, Unknown) else None
                found = await look_up(call, replace(self.attempt(call, number), looks=looks)) if look_up else None
                if isinstance(found, Again):
                    looks += 1
                    continue
                if found is None:
                    break
                outcome = found
            if isinstance(outcome, Done | Refused):
                return outcome
        raise AssertionError("five attempts were not enough")


@pytest.fixture
def world() -> World:
    return World()


@asynccontextmanager
async def running(fake: FakeServer) -> AsyncIterator[None]:
    await fake.start()
    try:
        yield
        check_requests(fake)
    finally:
        await fake.stop()


def check_requests(fake: FakeServer) -> None:
    """Hold what came in at the door against the vendor's description, where it is at hand."""
    if not CHECKER.exists():
        return
    check = contract_checker().check
    assert fake.recordings
    assert [problem for request in fake.recordings for problem in check(request)] == []


def result(outcome: Outcome) -> Any:
    assert isinstance(outcome, Done), outcome
    return outcome.result


# -- Stripe ------------------------------------------------------------------------------------------------------


def checkout(reference: str = "pay_1") -> OpenCheckout:
    return OpenCheckout(
        reference,
        3900,
        "USD",
        "Appeal letter",
        "https://parley.example/p/t",
        "https://parley.example/p/t",
        int((NOW + timedelta(hours=3)).timestamp()),
        {"payment": reference},
    )


@asynccontextmanager
async def stripe_world(world: World) -> AsyncIterator[tuple[StripeFake, StripeAdapter]]:
    fake = StripeFake(world.clock)
    async with running(fake):
        adapter = StripeAdapter("sk_test_1234567890abcdef", base_url=fake.url, seconds=1)
        try:
            yield fake, adapter
        finally:
            await adapter.close()


async def test_a_payment_from_session_to_refund(world: World) -> None:
    async with stripe_world(world) as (fake, stripe):
        opened = result(await world.perform(stripe, checkout()))
        assert (opened.status, opened.amount_minor, opened.currency, opened.reference) == ("open", 3900, "USD", "pay_1")
        fake.pay(opened.session_id)
        paid = result(await world.perform(stripe, ReadCheckout(opened.session_id)))
        assert (paid.status, paid.payment_status) == ("complete", "paid")
        late = result(await world.perform(stripe, ExpireCheckout(opened.session_id)))
        assert late.payment_status == "paid"
        refund = RefundPayment(paid.payment_intent, 3900, "requested_by_customer", {"refund": "r_1"})
        assert result(await world.perform(stripe, refund)).status == "succeeded"
        assert len(result(await world.perform(stripe, FindRefunds(paid.payment_intent))).refunds) == 1
        since = int(NOW.timestamp()) - 60
        assert len(result(await world.perform(stripe, FindCheckouts(since, "pay_1"))).sessions) == 1
        events = result(await world.perform(stripe, ListStripeEvents(since, ["checkout.session.completed"]))).events
        assert [event["data"]["object"]["id"] for event in events] == [opened.session_id]


@pytest.mark.parametrize("fault", AFTER_EFFECT)
async def test_fake_2_a_session_is_opened_once_whatever_happens(fault: str, world: World) -> None:
    async with stripe_world(world) as (fake, stripe):
        fake.faults.add(fault, "checkout*")
        fake.faults.add(fault, "*session*")
        fake.faults.add(fault, "*")
        result(await world.until_done(stripe, checkout()))
        fake.faults.clear()
        sessions = result(await world.perform(stripe, FindCheckouts(int(NOW.timestamp()) - 60))).sessions
        assert len(sessions) == 1


@pytest.mark.parametrize("fault", AFTER_EFFECT)
async def test_fake_2_a_day_later_the_session_is_found_and_adopted(fault: str, world: World) -> None:
    async with stripe_world(world) as (fake, stripe):
        fake.faults.add(fault, "*")
        opened = result(await world.until_done(stripe, checkout(), wait=timedelta(hours=25)))
        fake.faults.clear()
        sessions = result(await world.perform(stripe, FindCheckouts(int(NOW.timestamp()) - 60))).sessions
        assert [one.session_id for one in sessions] == [opened.session_id]


# -- Lob ---------------------------------------------------------------------------------------------------------

AGENCY = PostalAddress("Citation Review", "11 South Van Ness Ave", "San Francisco", "CA", "94103", company="SFMTA")
ANA = PostalAddress("Ana Reyes", "500 Howard St", "San Francisco", "CA", "94105", address_line2="Apt 4")


def letter(world: World) -> MailLetter:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(612, 792)
    writer.write(out)
    return MailLetter("let_7", "pay_1", AGENCY, ANA, world.files.put(out.getvalue(), "application/pdf"), True)


@asynccontextmanager
async def lob_world(world: World) -> AsyncIterator[tuple[LobFake, LobAdapter]]:
    fake = LobFake(world.clock)
    async with running(fake):
        adapter = LobAdapter("test_0123456789abcdef", base_url=fake.api_base, create_seconds=1, seconds=1)
        try:
            yield fake, adapter
        finally:
            await adapter.close()


async def test_a_letter_from_the_address_to_its_cancelling(world: World) -> None:
    async with lob_world(world) as (_, lob):
        verdict = result(
            await world.perform(lob, VerifyAddress("500 Howard St", "Apt 4", "San Francisco", "CA", "94105"))
        )
        assert verdict.deliverability
        posted = result(await world.perform(lob, letter(world)))
        assert (posted.letter_id, posted.test_mode) == ("let_7", True)
        assert result(await world.perform(lob, FindLetter("let_7"))).letters[0].lob_id == posted.lob_id
        assert result(await world.perform(lob, ReadLetter(posted.lob_id))).lob_id == posted.lob_id
        assert result(await world.perform(lob, CancelLetter(posted.lob_id))).deleted


async def test_ful_12_too_late_to_cancel(world: World) -> None:
    async with lob_world(world) as (_, lob):
        posted = result(await world.perform(lob, letter(world)))
        world.clock.advance(timedelta(minutes=6))
        assert isinstance(await world.perform(lob, CancelLetter(posted.lob_id)), Refused)


@pytest.mark.parametrize("wait", [timedelta(minutes=1), timedelta(hours=25)], ids=["soon", "a day later"])
@pytest.mark.parametrize("fault", AFTER_EFFECT)
async def test_fake_2_ful_13_one_letter_whatever_happens(fault: str, wait: timedelta, world: World) -> None:
    async with lob_world(world) as (fake, lob):
        fake.faults.add(fault, "letter_create")
        posted = result(await world.until_done(lob, letter(world), wait))
        found = result(await world.perform(lob, FindLetter("let_7"))).letters
        assert [one.lob_id for one in found] == [posted.lob_id]


# -- Twilio ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def twilio_world(world: World, **options: Any) -> AsyncIterator[tuple[TwilioFake, TwilioAdapter]]:
    fake = TwilioFake(world.clock, **options)
    async with running(fake):
        adapter = TwilioAdapter(
            fake.account_sid, fake.auth_token, fake.number, "https://parley.example", base_url=fake.url, seconds=1
        )
        try:
            yield fake, adapter
        finally:
            await adapter.close()


async def test_a_text_arrives(world: World) -> None:
    async with twilio_world(world) as (fake, twilio):
        sent = result(await world.perform(twilio, SendSms(PERSON, "Hello [1]", 600)))
        world.clock.advance(timedelta(seconds=5))
        assert [(text.sid, text.body) for text in fake.phone(PERSON).messages] == [(sent.sid, "Hello [1]")]


async def test_sms_7_an_opted_out_number_is_refused_with_21610(world: World) -> None:
    async with twilio_world(world) as (fake, twilio):
        await fake.phone(PERSON).say("STOP")
        outcome = await world.perform(twilio, SendSms(PERSON, "Hello", 600))
        assert isinstance(outcome, Refused)
        assert outcome.code == "21610"


@pytest.mark.parametrize("fault", [*AFTER_EFFECT, "status_before", "timeout_before", "reset_before"])
async def test_fake_2_a_text_arrives_once_whatever_happens(fault: str, world: World) -> None:
    async with twilio_world(world) as (fake, twilio):
        fake.faults.add(fault, "create_message*")
        fake.faults.add(fault, "*create*")
        fake.faults.add(fault, "*")
        result(await world.until_done(twilio, SendSms(PERSON, "Once only", 36_000)))
        world.clock.advance(timedelta(minutes=1))
        assert fake.phone(PERSON).texts.count("Once only") == 1


async def test_sms_19_rec_1_a_picture_is_listed_fetched_and_deleted(world: World) -> None:
    async with twilio_world(world) as (fake, twilio):
        jpeg = b"\xff\xd8\xff\xe0 ticket"
        await fake.phone(PERSON).mms([jpeg], "my ticket")
        listed = result(await world.perform(twilio, ListInboundSms(int(NOW.timestamp()) - 60))).messages
        assert [(one["From"], one["Body"], one["NumMedia"]) for one in listed] == [(PERSON, "my ticket", "1")]
        ref = MediaRef("sms", listed[0]["MediaUrl0"], listed[0]["MediaContentType0"])
        media = MediaAdapter(twilio=TwilioMedia(fake.account_sid, fake.auth_token, base_url=fake.url))
        (stored,) = result(await world.perform(media, FetchMedia([ref]))).items
        assert world.files.kept[stored.blob] == (jpeg, "image/jpeg")
        result(await world.perform(media, DiscardMedia([ref])))
        (gone,) = result(await world.perform(media, FetchMedia([ref]))).items
        await media.close()
        assert gone.trouble == "gone"


# -- Telegram ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def telegram_world(world: World) -> AsyncIterator[tuple[TelegramFake, TelegramAdapter]]:
    fake = TelegramFake(world.clock)
    async with running(fake):
        adapter = TelegramAdapter(fake.token, base_url=fake.url, seconds=1)
        try:
            yield fake, adapter
        finally:
            await adapter.close()


def poller(telegram: TelegramAdapter) -> tuple[Callable[[], Awaitable[list[TelegramUpdate]]], Poller]:
    taken: list[TelegramUpdate] = []

    async def accept(update: TelegramUpdate) -> None:
        taken.append(update)

    polling = Poller(telegram, accept, wait_seconds=0, bot_username=lambda: "parley_demo_bot")

    async def take() -> list[TelegramUpdate]:
        taken.clear()
        await polling.round()
        return list(taken)

    return take, polling


async def test_a_talk_on_telegram(world: World) -> None:
    async with telegram_world(world) as (fake, telegram):
        ana = fake.person()
        take, _ = poller(telegram)
        await ana.say("hello")
        (update,) = await take()
        assert (update.text, update.user_id, update.addressed) == ("hello", ana.id, True)
        chat = update.chat_id
        assert chat is not None
        await world.perform(telegram, ShowTyping(chat))
        call = SendTelegram(chat, "<b>Pay?</b>", buttons=[[Button("Yes", data="p1:1"), Button("No", data="p1:2")]])
        sent = result(await world.perform(telegram, call)).message_id
        await ana.tap("Yes")
        (tap,) = await take()
        assert (tap.kind, tap.data, tap.message_id) == ("callback_query", "p1:1", sent)
        result(await world.perform(telegram, AnswerCallback(tap.callback_id or "")))
        result(await world.perform(telegram, EditTelegram(chat, sent, "Paid")))
        result(await world.perform(telegram, EditTelegram(chat, sent, "Paid")))
        assert await take() == []
        for _ in range(2):
            assert await world.perform(telegram, DeleteTelegram(chat, sent)) == Done(), "one that is gone is gone"
        assert "Paid" not in ana.chat.texts


async def test_tgv_8_files_on_telegram(world: World) -> None:
    async with telegram_world(world) as (fake, telegram):
        ana = fake.person()
        take, _ = poller(telegram)
        jpeg = _picture()
        await ana.photo(jpeg, "my ticket")
        (update,) = await take()
        files = MediaAdapter(telegram=TelegramFiles(fake.token, base_url=fake.url))
        (stored,) = result(await world.perform(files, FetchMedia(list(update.media)))).items
        await files.close()
        assert stored.media_type == "image/jpeg"
        assert update.chat_id is not None
        call = SendTelegram(update.chat_id, "copy", document=stored.blob, filename="ticket.jpg")
        assert result(await world.perform(telegram, call)).message_id


async def test_tg_9_a_blocked_bot_is_refused(world: World) -> None:
    async with telegram_world(world) as (fake, telegram):
        ana = fake.person()
        await ana.say("hi")
        await ana.block()
        outcome = await world.perform(telegram, SendTelegram(ana.id, "hello?"))
        assert isinstance(outcome, Refused)
        assert outcome.code == "blocked"
        unknown = await world.perform(telegram, SendTelegram(999, "hello?"))
        assert isinstance(unknown, Refused)
        assert unknown.code == "gone"


async def test_tg_7_broken_markup_arrives_plain(world: World) -> None:
    async with telegram_world(world) as (fake, telegram):
        ana = fake.person()
        await ana.say("hi")
        result(await world.perform(telegram, SendTelegram(ana.id, "1 < 2 <b>yes</b>")))
        assert ana.chat.texts == ["1 < 2 yes"]


async def test_tg_2_set_up_leaves_no_drift(world: World) -> None:
    face = BotFace(
        None,
        "",
        commands=[CommandList("default", "", [("start", "Begin")]), CommandList("default", "es", [("start", "Ya")])],
        descriptions={"": "Fights parking tickets"},
        short_descriptions={"": "Tickets"},
    )
    async with telegram_world(world) as (fake, _):
        known = await set_up(fake.token, face, None, base_url=fake.url)
        made = len(fake.recordings)
        assert await set_up(fake.token, face, known, base_url=fake.url) == known
        assert len(fake.recordings) == made
        assert await drift(fake.token, face, base_url=fake.url) == []


def _picture() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(out, "JPEG")
    return out.getvalue()


# -- Claude and speech -------------------------------------------------------------------------------------------

TIDY = AskModel(
    purpose="letter",
    prompt_version="letter-1",
    role="letters",
    system="Tidy the statement. Add no facts.",
    data={"statement": "the sign was hidden by a tree. i could not see it"},
    schema={
        "type": "object",
        "properties": {"statement": {"type": "string"}},
        "required": ["statement"],
        "additionalProperties": False,
    },
    max_tokens=500,
    person="k_1",
)


async def test_llm_4_a_model_answers_or_gives_no_result(world: World) -> None:
    fake = ClaudeFake(world.clock)
    async with running(fake):
        claude = ClaudeAdapter("key", base_url=fake.url)
        try:
            answer = result(await world.perform(claude, TIDY))
            assert "tree" in answer.answer["statement"]
            assert answer.cost_e4 > 0
            fake.script("thinking_first")
            assert result(await world.perform(claude, TIDY)).answer["statement"]
            for kind in ("refuse", "max_tokens", "broken_json", "wrong_schema", "empty", "context_exceeded"):
                fake.script(kind)
                outcome = await world.perform(claude, TIDY)
                assert isinstance(outcome, Refused), kind
                assert outcome.code == "no_result"
        finally:
            await claude.close()


async def test_a_voice_clip_is_heard(world: World) -> None:
    fake = SpeechFake(world.clock)
    clip = _clip()
    fake.teach(clip, "I parked at noon")
    await fake.start()
    speech = SpeechAdapter("key", base_url=fake.url)
    try:
        call = Transcribe(world.files.put(clip, "audio/wav"), "audio/wav", "en")
        assert result(await world.perform(speech, call)).text == "I parked at noon"
    finally:
        await speech.close()
        await fake.stop()


def _clip() -> bytes:
    import math
    import struct
    import wave

    out = io.BytesIO()
    with wave.open(out, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(8000)
        clip.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(n / 5))) for n in range(8000)))
    return out.getvalue()
