"""SMS through Twilio: what is sent, what its codes mean (chat.md 5.4), and how a lost message is found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from bot.core.calls.channels import FindSms, InboundSmsList, ListInboundSms, SendSms, SentSms
from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from integrations.twilio import TwilioAdapter
from tests.integrations.door import NOW, Answer, Door, Fault, attempt, open_door

SID, SENDER, TO = "AC" + "0" * 32, "+15005550001", "+15005550006"
MM, ME = "MM" + "2" * 32, "ME" + "3" * 32
SENT = {"sid": "SM" + "1" * 32, "status": "queued", "error_code": None}


def adapter(door: Door, sender: str = SENDER, **limits: Any) -> TwilioAdapter:
    return TwilioAdapter(SID, "token", sender, "https://parley.example/", base_url=door.url, **limits)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("twilio") as opened:
        opened.always = Answer(201, SENT)
        yield opened


@pytest.fixture
async def twilio(door: Door) -> AsyncIterator[TwilioAdapter]:
    made = adapter(door)
    yield made
    await made.close()


def call(body: str = "hello", **fields: Any) -> SendSms:
    return SendSms(TO, body, **{"validity_seconds": 600, **fields})


async def send(twilio: TwilioAdapter, one: SendSms | None = None) -> Outcome:
    one = one or call()
    return await twilio.calls[SendSms](one, attempt())


async def test_twi_4_a_message_from_a_number(door: Door, twilio: TwilioAdapter) -> None:
    assert await send(twilio, call(media_urls=["https://e.test/a", "https://e.test/b"])) == Done(
        SentSms("SM" + "1" * 32, "queued", None)
    )
    assert urlsplit(door.last["url"]).path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert sorted(parse_qsl(door.last["body"])) == [
        ("Body", "hello"),
        ("From", SENDER),
        ("MediaUrl", "https://e.test/a"),
        ("MediaUrl", "https://e.test/b"),
        ("StatusCallback", "https://parley.example/webhooks/twilio/status"),
        ("To", TO),
        ("ValidityPeriod", "600"),
    ]
    assert door.last["headers"]["Authorization"].startswith("Basic ")


async def test_a_message_from_a_messaging_service(door: Door) -> None:
    service = "MG" + "2" * 32
    twilio = adapter(door, service)
    await send(twilio)
    await twilio.close()
    fields = parse_qs(door.last["body"])
    assert fields["MessagingServiceSid"] == [service]
    assert "From" not in fields


@pytest.mark.parametrize(("asked", "sent"), [(0, "1"), (600, "600"), (90_000, "36000")])
async def test_sms_45_validity_stays_within_twilios_limits(
    asked: int, sent: str, door: Door, twilio: TwilioAdapter
) -> None:
    await send(twilio, call(validity_seconds=asked))
    assert parse_qs(door.last["body"])["ValidityPeriod"] == [sent]


@pytest.mark.parametrize("code", [21211, 21614, 21408, 21610, 30003, 30004, 30005, 30006, 30007, 30008, 30034, 21999])
async def test_sms_5_4_permanent_codes_are_refused_by_number(code: int, door: Door, twilio: TwilioAdapter) -> None:
    door.answer(400, {"code": code, "message": f"The 'To' number {TO} is no good", "status": 400})
    outcome = await send(twilio)
    assert isinstance(outcome, Refused)
    assert outcome.code == str(code)
    assert TO not in repr(outcome), "VEN-10: a vendor's text would carry a number"


async def test_sms_5_4_bad_credentials_stop_the_channel_and_lose_nothing(door: Door, twilio: TwilioAdapter) -> None:
    for body in ({"code": 20003, "status": 401}, b"<html>", {"code": "20003"}, b""):
        door.answer(401, body)
        assert await send(twilio) == Again("unauthorized")


@pytest.mark.parametrize("code", [21611, 30001])
async def test_sms_5_4_a_full_queue_asks_for_patience(code: int, door: Door, twilio: TwilioAdapter) -> None:
    door.answer(400, {"code": code, "status": 400})
    assert await send(twilio) == Again("queue_full", timedelta(minutes=1), whole_vendor=False)


async def test_sms_5_4_too_many_requests_back_off(door: Door, twilio: TwilioAdapter) -> None:
    door.answer(429, {"code": 20429, "status": 429}, Retry_After="4")
    assert await send(twilio) == Again("rate_limited", timedelta(seconds=4))


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_ven_6_after_a_servers_error_the_message_may_have_gone(
    status: int, door: Door, twilio: TwilioAdapter
) -> None:
    door.answer(status, b"<html>Bad Gateway</html>")
    assert await send(twilio) == Unknown(f"status_{status}")


@pytest.mark.parametrize("fault", list(Fault))
async def test_ven_6_a_lost_answer_is_unknown(fault: Fault, door: Door) -> None:
    twilio = adapter(door, seconds=0.1)
    door.fail(fault)
    outcome = await send(twilio)
    await twilio.close()
    assert isinstance(outcome, Unknown)


def row(body: str = "hello", *, age: timedelta = timedelta(), **fields: Any) -> dict[str, Any]:
    moment = format_datetime(NOW - age)
    return {
        "sid": "SM" + "9" * 32,
        "account_sid": SID,
        "status": "sent",
        "direction": "outbound-api",
        "body": body,
        "to": TO,
        "from": SENDER,
        "date_created": moment,
        "date_sent": moment,
        "num_media": "0",
        "num_segments": "1",
        "error_code": None,
        **fields,
    }


def listing(*rows: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    return {"messages": list(rows), "next_page_uri": following}


async def look(
    twilio: TwilioAdapter, age: timedelta, looks: int = 0, known: frozenset[str] = frozenset()
) -> Outcome | None:
    return await twilio.look_ups[SendSms](call(), replace(attempt(age=age), looks=looks, known=known))


async def test_twi_9_a_lost_message_is_found_by_recipient_day_text_and_time(door: Door, twilio: TwilioAdapter) -> None:
    door.answer(200, listing(row("other"), row(age=timedelta(minutes=1))))
    assert await look(twilio, timedelta(minutes=1)) == Done(SentSms("SM" + "9" * 32, "sent", None))
    assert parse_qsl(urlsplit(door.last["url"]).query) == [
        ("To", TO),
        ("DateSent>", "2026-11-21"),
        ("PageSize", "200"),
    ]


async def test_a_message_that_still_waits_at_twilio_is_found_without_a_day(door: Door, twilio: TwilioAdapter) -> None:
    door.answer(200, listing())
    door.answer(200, listing(row(status="queued", date_sent=None)))
    assert await look(twilio, timedelta()) == Done(SentSms("SM" + "9" * 32, "queued", None))


@pytest.mark.parametrize(
    "stranger",
    [row("hello "), row(age=timedelta(minutes=20)), row(direction="inbound")],
    ids=["another text", "another time", "inbound"],
)
async def test_other_messages_are_not_adopted(stranger: dict[str, Any], door: Door, twilio: TwilioAdapter) -> None:
    door.always = Answer(200, listing(stranger))
    assert await look(twilio, timedelta(minutes=2), looks=1) is None


async def test_only_two_looks_a_minute_apart_prove_that_nothing_went(door: Door, twilio: TwilioAdapter) -> None:
    door.always = Answer(200, listing())
    first = await look(twilio, timedelta(seconds=5))
    assert first == Again("not_found_yet", timedelta(seconds=60), whole_vendor=False)
    assert await look(twilio, timedelta(seconds=65), looks=1) is None


async def test_a_message_that_another_row_stands_for_is_not_adopted(door: Door, twilio: TwilioAdapter) -> None:
    door.always = Answer(200, listing(row()))
    assert await look(twilio, timedelta(seconds=65), looks=1, known=frozenset({"SM" + "9" * 32})) is None


async def test_a_look_that_cannot_be_made_never_says_none(door: Door, twilio: TwilioAdapter) -> None:
    door.answer(503, {})
    assert isinstance(await look(twilio, timedelta(minutes=5)), Again)
    door.fail(Fault.CUT)
    door.fail(Fault.CUT)
    assert isinstance(await look(twilio, timedelta(minutes=5)), Again)
    door.answer(200, b"<html>")
    door.always = Answer(200, b"<html>")
    assert isinstance(await look(twilio, timedelta(minutes=5)), Again)


async def test_look_ups_turn_pages(door: Door, twilio: TwilioAdapter) -> None:
    following = f"/2010-04-01/Accounts/{SID}/Messages.json?To=%2B1&Page=1&PageToken=PA1"
    door.answer(200, listing(row("x"), following=following))
    door.answer(200, listing(row()))
    assert isinstance(await look(twilio, timedelta()), Done)
    assert door.last["url"].endswith(following)


async def test_find_sms_answers_also_when_there_is_none(door: Door, twilio: TwilioAdapter) -> None:
    near = int(NOW.timestamp())
    door.answer(200, listing(row()))
    assert isinstance((await twilio.calls[FindSms](FindSms(TO, "hello", near), attempt())), Done)
    door.always = Answer(200, listing())
    assert await twilio.calls[FindSms](FindSms(TO, "hello", near), attempt()) == Done()


async def test_rec_1_inbound_messages_come_as_their_webhooks_would_have(door: Door, twilio: TwilioAdapter) -> None:
    media = {"uri": f"/2010-04-01/Accounts/{SID}/Messages/{MM}/Media/{ME}.json", "content_type": "image/jpeg"}
    old, new = row("old", direction="inbound", age=timedelta(minutes=9)), row("", direction="inbound", sid=MM)
    door.answer(200, listing({**new, "num_media": "1"}, {**old, "sid": "SM0"}, row(), row(age=timedelta(hours=2))))
    door.answer(200, {"media_list": [media]})
    since = int((NOW - timedelta(minutes=10)).timestamp())
    outcome = await twilio.calls[ListInboundSms](ListInboundSms(since), attempt())
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, InboundSmsList)
    first, second = outcome.result.messages
    assert (first["MessageSid"], first["Body"], first["NumMedia"]) == ("SM0", "old", "0")
    assert second["MediaUrl0"] == f"{door.url}/2010-04-01/Accounts/{SID}/Messages/{MM}/Media/{ME}"
    assert (second["MediaContentType0"], second["From"], second["To"]) == ("image/jpeg", SENDER, TO)


async def test_rec_1_a_list_that_cannot_be_read_is_asked_for_again(door: Door, twilio: TwilioAdapter) -> None:
    door.answer(500, {})
    assert isinstance(await twilio.calls[ListInboundSms](ListInboundSms(0), attempt()), Again)
