"""Handsets: what they send reaches the backend signed, and Twilio acts on keywords first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from bot.core.clock import FixedClock
from integrations.fakes.kit import Form
from integrations.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, TwilioFake
from integrations.fakes.twilio.keywords import Words
from integrations.fakes.twilio.refusals import Refused
from tests.integrations.fakes.receiver import Receiver

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANN = "+14155550123"

Make = Callable[..., TwilioFake]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as door:
        yield door


@pytest.fixture
async def make(clock: FixedClock, receiver: Receiver) -> AsyncIterator[Make]:
    started: list[TwilioFake] = []

    def build(**options: Any) -> TwilioFake:
        options.setdefault("sms_url", f"{receiver.url}/sms")
        started.append(TwilioFake(clock, **options))
        return started[-1]

    yield build
    for server in started:
        await server.stop()


@pytest.fixture
async def fake(make: Make) -> TwilioFake:
    server = make()
    await server.start()
    return server


def fields_of(receiver: Receiver, number: int = -1) -> dict[str, str]:
    return dict(parse_qsl(receiver.requests[number].body.decode(), keep_blank_values=True))


async def test_twi_6_a_text_arrives_signed_with_all_its_fields(fake: TwilioFake, receiver: Receiver) -> None:
    sid = await fake.phone(ANN).say("hé & hello=1")
    fields = fields_of(receiver)
    signature = receiver.requests[0].headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(f"{receiver.url}/sms", fields, signature)
    assert fields["Body"] == "hé & hello=1"
    assert (fields["From"], fields["To"], fields["MessageSid"]) == (ANN, NUMBER, sid)
    assert (fields["AccountSid"], fields["NumMedia"], fields["NumSegments"]) == (ACCOUNT_SID, "0", "1")
    assert "OptOutType" not in fields


async def test_pictures_come_as_urls(fake: TwilioFake, receiver: Receiver) -> None:
    await fake.phone(ANN).mms([b"\xff\xd8\xff1", (b"x", "video/mp4")], "two files")
    fields = fields_of(receiver)
    assert (fields["NumMedia"], fields["Body"], fields["MessageSid"][:2]) == ("2", "two files", "MM")
    assert (fields["MediaContentType0"], fields["MediaContentType1"]) == ("image/jpeg", "video/mp4")
    assert fields["MediaUrl1"].startswith(
        f"{fake.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{fields['MessageSid']}"
    )


@pytest.mark.parametrize(
    ("fragment", "answers", "tries"),
    [
        ("", [500], 1),
        ("#rc=5&rp=all", [500] * 9, 6),
        ("#rc=5&rp=all", [500, 404], 3),
        ("#rc=2&rp=5xx", [500, 500, 500], 3),
        ("#rc=2&rp=5xx", [404], 1),
        ("#rc=0&rp=all", [500], 1),
        ("#rc=99&rp=all", [500] * 9, 6),
    ],
)
async def test_retries_follow_the_fragment_of_the_url(
    make: Make, receiver: Receiver, fragment: str, answers: list[int], tries: int
) -> None:
    fake = make(sms_url=f"{receiver.url}/sms{fragment}")
    await fake.start()
    receiver.answers.extend(answers)
    await fake.phone(ANN).say("hi")
    assert len(receiver.requests) == tries
    assert "#" not in receiver.requests[0].url


async def test_a_message_given_up_is_still_listed(make: Make) -> None:
    fake = make(sms_url="http://127.0.0.1:9/sms")
    await fake.start()
    sid = await fake.phone(ANN).say("hi")
    assert fake.messages.page({"From": ANN})["messages"][0]["sid"] == sid
    assert [row["failure"] for row in fake.book.of("inbound.given_up")] == ["ct"]


async def test_the_fallback_gets_its_chance(fake: TwilioFake, receiver: Receiver) -> None:
    number = next(iter(fake.numbers.shelf))["sid"]
    fake.numbers.change(number, Form([("SmsFallbackUrl", f"{receiver.url}/fallback")]))
    receiver.answers.append(500)
    await fake.phone(ANN).say("hi")
    assert [request.path for request in receiver.requests] == ["/sms", "/fallback"]
    assert fields_of(receiver)["ErrorCode"] == "11200"


async def test_a_backend_that_never_answers_is_given_up(fake: TwilioFake, receiver: Receiver) -> None:
    fake.inbound.seconds = 0.05
    receiver.gate = asyncio.Event()
    await fake.phone(ANN).say("hi")
    assert [row["failure"] for row in fake.book.of("inbound.given_up")] == ["rt"]


async def test_twiml_messages_are_sent_and_empty_twiml_is_fine(fake: TwilioFake, receiver: Receiver) -> None:
    empty, spoken = "<Response/>", "<Response><Message>one</Message><Message><Body>two</Body></Message></Response>"
    receiver.answers.extend(web.Response(text=text, content_type="text/xml") for text in (empty, spoken, "not xml"))
    phone = fake.phone(ANN)
    for text in ("a", "b", "c"):
        await phone.say(text)
    fake.carrier.segments_per_second = None
    assert fake.book.of("inbound.bad_twiml")[0]["code"] == 12100
    assert [message["body"] for message in fake.messages.shelf if message["direction"] == "outbound-reply"] == [
        "one",
        "two",
    ]


# -- keywords ----------------------------------------------------------------------------------------------------


def try_to_send(fake: TwilioFake) -> int:
    try:
        fake.messages.create(Form([("To", ANN), ("From", NUMBER), ("Body", "news")]))
    except Refused as refused:
        return refused.code
    return 0


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "STOPALL", "UNSUBSCRIBE", "CANCEL", "end", "QUIT", "REVOKE", "OPTOUT"]
)
async def test_default_mode_blocks_and_answers_single_words(fake: TwilioFake, receiver: Receiver, word: str) -> None:
    phone = fake.phone(ANN)
    await phone.say(word)
    assert phone.opted_out
    assert [text[:37] for text in phone.texts] == ["You have successfully been unsubscrib"]
    assert try_to_send(fake) == 21610
    assert "OptOutType" not in fields_of(receiver)
    await phone.say(word)
    assert len(phone.texts) == 1


@pytest.mark.parametrize("word", ["STOP ALL", "OPT OUT", "Stop.", "ALTO", "please stop", "stpo", "SALIR"])
async def test_twilio_acts_on_its_own_single_words_only(fake: TwilioFake, word: str) -> None:
    phone = fake.phone(ANN)
    await phone.say(word)
    assert not phone.opted_out
    assert phone.texts == []
    assert try_to_send(fake) == 0


@pytest.mark.parametrize(("word", "back"), [("START", True), ("unstop", True), ("YES", True), ("start again", False)])
async def test_sms_7_start_words_bring_back(fake: TwilioFake, clock: FixedClock, word: str, back: bool) -> None:
    phone = fake.phone(ANN)
    await phone.say("STOP")
    clock.advance(timedelta(minutes=1))
    await phone.say(word)
    assert phone.opted_out is not back
    assert len(phone.texts) == (2 if back else 1)


async def test_sms_7_toll_free_numbers_honour_start_and_unstop_only(make: Make) -> None:
    fake = make(number="+18335550100")
    await fake.start()
    phone = fake.phone(ANN)
    await phone.say("STOP")
    await phone.say("YES")
    assert phone.opted_out
    await phone.say("UNSTOP")
    assert not phone.opted_out


async def test_voc_5_yes_is_no_keyword_while_texts_are_on(fake: TwilioFake) -> None:
    await fake.phone(ANN).say("YES")
    assert fake.phone(ANN).texts == []


async def test_advanced_mode_says_so_in_the_webhook_and_uses_the_operators_words(
    make: Make, receiver: Receiver, clock: FixedClock
) -> None:
    words = Words(stop="Parley: bye", start="Parley: hello again", help="Parley: help", removed=frozenset({"CANCEL"}))
    fake = make(keyword_mode="advanced", words=words)
    await fake.start()
    phone = fake.phone(ANN)
    kinds = []
    for text in ("HELP", "CANCEL", "STOP", "START", "hello"):
        await phone.say(text)
        kinds.append(fields_of(receiver).get("OptOutType"))
        clock.advance(timedelta(seconds=5))
        await fake.tick()
    assert kinds == ["HELP", None, "STOP", "START", None]
    assert phone.texts == ["Parley: help", "Parley: bye", "Parley: hello again"]
    assert fields_of(receiver)["MessagingServiceSid"] == SERVICE_SID


async def test_self_mode_leaves_everything_to_us(make: Make) -> None:
    fake = make(keyword_mode="self")
    await fake.start()
    await fake.phone(ANN).say("STOP")
    assert fake.phone(ANN).texts == []
    assert try_to_send(fake) == 0


# -- switches and doors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "bodies"),
    [("duplicate", ["one", "one", "two"]), ("drop", ["two"]), ("delay", ["two"]), ("reorder", ["two", "one"])],
)
async def test_switches_of_inbound_messages(
    fake: TwilioFake, receiver: Receiver, clock: FixedClock, fault: str, bodies: list[str]
) -> None:
    fake.faults.add(fault, "inbound", seconds=72 * 3600)
    await fake.phone(ANN).say("one")
    await fake.phone(ANN).say("two")
    assert [fields_of(receiver, number)["Body"] for number in range(len(receiver.requests))] == bodies
    assert len(fake.messages.page({"From": ANN})["messages"]) == 2
    clock.advance(timedelta(hours=73))
    await fake.tick()
    assert len(receiver.requests) == len(bodies) + (1 if fault == "delay" else 0)


async def test_the_browser_simulator_texts_and_sees(fake: TwilioFake, receiver: Receiver) -> None:
    door = f"{fake.url}/_phone/%2B14155550123"
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{door}/say", json={"text": "hi"}) as answer:
            assert answer.status == 200, await answer.text()
        form = aiohttp.FormData({"text": "look"})
        form.add_field("file", b"\xff\xd8\xffx", filename="a.jpg", content_type="image/jpeg")
        async with session.post(f"{door}/mms", data=form) as answer:
            mark = (await answer.json())["n"]
        async with session.get(f"{door}/chat") as answer:
            screen = await answer.json()
        assert [(message["from"], message["text"]) for message in screen["messages"]] == [
            ("person", "hi"),
            ("person", "look"),
        ]
        async with session.get(fake.url + screen["messages"][1]["media"][0]) as answer:
            assert await answer.read() == b"\xff\xd8\xffx"
        assert try_to_send(fake) == 0
        async with session.get(f"{door}/chat", params={"after": str(mark)}) as answer:
            assert [message["text"] for message in (await answer.json())["messages"]] == ["news"]
        for path, body, status in (
            ("say", {}, 400),
            ("mms", {}, 400),
            ("fly", {}, 404),
            ("trouble", {"code": 30005}, 200),
        ):
            async with session.post(f"{door}/{path}", json=body) as answer:
                assert answer.status == status
