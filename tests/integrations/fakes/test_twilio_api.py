"""Twilio's API as the fake plays it: sending, listing, media, numbers, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from bot.core.clock import FixedClock
from integrations.fakes.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, TwilioFake
from integrations.fakes.twilio.segments import segments
from tests.integrations.fakes.contract import checker, complaints
from tests.integrations.fakes.receiver import Receiver
from tests.rows import each

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANN, BEA = "+14155550123", "+14155550124"
AUTH = aiohttp.encode_basic_auth(ACCOUNT_SID, AUTH_TOKEN)
BASE = f"/2010-04-01/Accounts/{ACCOUNT_SID}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[TwilioFake]:
    server = TwilioFake(clock)
    async with server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as door:
        yield door


async def call(
    fake: TwilioFake, method: str, path: str, form: Any = None, *, auth: str | None = AUTH, **query: str
) -> tuple[int, Any]:
    headers = {"Authorization": auth} if auth else {}
    url = path if path.startswith("http") else fake.url + (path if path.startswith("/2010") else BASE + path)
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=form, params=query or None, headers=headers) as answer,
    ):
        return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.read()


async def send(fake: TwilioFake, to: str = ANN, body: str = "hi", **more: str) -> dict[str, Any]:
    status, message = await call(fake, "POST", "/Messages.json", {"To": to, "From": NUMBER, "Body": body, **more})
    assert status == 201, message
    found: dict[str, Any] = message
    return found


@each(
    ("text", "expected"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 154 + "’", 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("\U0001f44d" * 35, 1),
        ("\U0001f44d" * 36, 2),
        ("[x]", 1),
        ("á" + "a" * 69, 1),
        ("á" + "a" * 70, 2),
    ],
)
def test_segments_are_counted_as_carriers_do(text: str, expected: int) -> None:
    assert segments(text) == expected


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"From": NUMBER, "Body": "x"}, 400, 21604),
        ({"To": "415-555-0123", "From": NUMBER, "Body": "x"}, 400, 21211),
        ({"To": "+0155550123", "From": NUMBER, "Body": "x"}, 400, 21211),
        ({"To": ANN, "Body": "x"}, 400, 21603),
        ({"To": ANN, "From": "+14155559999", "Body": "x"}, 400, 21606),
        ({"To": ANN, "From": "Parley Inc", "Body": "x"}, 400, 21212),
        ({"To": ANN, "MessagingServiceSid": "MG" + "9" * 32, "Body": "x"}, 400, 21705),
        ({"To": ANN, "From": NUMBER}, 400, 21602),
        ({"To": ANN, "From": NUMBER, "Body": "x" * 1601}, 400, 21617),
        ({"To": ANN, "From": NUMBER, "Body": "x", "StatusCallback": "nowhere"}, 400, 21609),
        ({"To": ANN, "From": NUMBER, "MediaUrl": "file:///etc"}, 400, 21620),
        ({"To": ANN, "From": NUMBER, "Body": "x", "ValidityPeriod": "36001"}, 400, 20001),
        ([("To", ANN), ("From", NUMBER), *[("MediaUrl", "https://e.test/a")] * 11], 400, 21623),
    ],
)
async def test_what_cannot_be_sent_is_refused_by_number(fake: TwilioFake, form: Any, status: int, code: int) -> None:
    got, error = await call(fake, "POST", "/Messages.json", form)
    assert (got, error["code"], error["status"]) == (status, code, status)
    assert error["more_info"].endswith(str(code))
    assert len(fake.messages.shelf) == 0


@pytest.mark.parametrize("auth", [None, "Bearer x", aiohttp.encode_basic_auth(ACCOUNT_SID, "wrong")])
async def test_wrong_credentials_are_refused(fake: TwilioFake, auth: str | None) -> None:
    status, error = await call(fake, "GET", "/Messages.json", auth=auth)
    assert (status, error["code"]) == (401, 20003)


async def test_another_account_or_path_is_not_found(fake: TwilioFake) -> None:
    for path in (
        f"/2010-04-01/Accounts/AC{'9' * 32}/Messages.json",
        f"{BASE}/Nothing.json",
        f"{BASE}/Messages/SM1.json",
    ):
        status, error = await call(fake, "GET", path)
        assert (status, error["code"]) == (404, 20404)


async def test_a_message_goes_out_and_is_seen(fake: TwilioFake) -> None:
    message = await send(fake, body="Hello Ann")
    assert (message["status"], message["direction"], message["num_segments"]) == ("queued", "outbound-api", "1")
    await fake.tick()
    assert fake.phone(ANN).texts == ["Hello Ann"]
    _, now = await call(fake, "GET", f"/Messages/{message['sid']}.json")
    assert now["status"] == "delivered"
    assert now["date_sent"].startswith("Sat, 21 Nov 2026 09:00:00")


async def test_a_service_hides_the_sender_until_it_is_chosen(fake: TwilioFake) -> None:
    form = {"To": ANN, "MessagingServiceSid": SERVICE_SID, "Body": "hi"}
    _, message = await call(fake, "POST", "/Messages.json", form)
    assert (message["status"], message["from"], message["messaging_service_sid"]) == ("accepted", None, SERVICE_SID)
    await fake.tick()
    _, message = await call(fake, "GET", f"/Messages/{message['sid']}.json")
    assert message["from"] == NUMBER


async def test_sms_18_one_segment_a_second_leaves(fake: TwilioFake, clock: FixedClock) -> None:
    for body in ("a" * 200, "second", "third"):
        await send(fake, body=body)
    phone, seen = fake.phone(ANN), []
    for _ in range(4):
        await fake.tick()
        seen.append(len(phone.texts))
        clock.advance(timedelta(seconds=1))
    assert seen == [1, 1, 2, 3]


async def test_a_full_queue_is_refused_and_a_stale_message_fails(fake: TwilioFake, clock: FixedClock) -> None:
    long = "a" * 1530
    short_lived = None
    for number in range(1440):
        if number == 700:
            short_lived = await send(fake, body="x", ValidityPeriod="60")
        message = fake.messages.create(fake_form(long))
        assert message["status"] == "queued"
    status, error = await call(fake, "POST", "/Messages.json", {"To": ANN, "From": NUMBER, "Body": "x"})
    assert (status, error["code"]) == (429, 21611)
    clock.advance(timedelta(seconds=60))
    await fake.tick()
    assert short_lived is not None
    _, failed = await call(fake, "GET", f"/Messages/{short_lived['sid']}.json")
    assert (failed["status"], failed["error_code"]) == ("failed", 30001)


def fake_form(body: str) -> Any:
    from integrations.fakes.kit import Form

    return Form([("To", ANN), ("From", NUMBER), ("Body", body)])


@pytest.mark.parametrize(("code", "status"), [(30003, "undelivered"), (30005, "undelivered"), (30034, "failed")])
async def test_carrier_trouble_shows_as_an_error_code(fake: TwilioFake, code: int, status: str) -> None:
    fake.phone(ANN).trouble(code)
    message = await send(fake)
    await fake.tick()
    _, message = await call(fake, "GET", f"/Messages/{message['sid']}.json")
    assert (message["status"], message["error_code"]) == (status, code)


async def test_status_callbacks_are_signed_for_the_public_url(fake: TwilioFake, receiver: Receiver) -> None:
    public = "https://parley.example/webhooks/twilio/status?v=1"
    fake.rewrite("https://parley.example", receiver.url)
    message = await send(fake, StatusCallback=public)
    await fake.tick()
    validator, statuses = RequestValidator(AUTH_TOKEN), []
    for request in receiver.requests:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        assert validator.validate(public, fields, request.headers["X-Twilio-Signature"])
        assert fields["MessageSid"] == message["sid"]
        statuses.append(fields["MessageStatus"])
    assert statuses == ["sent", "delivered"]


async def test_status_callbacks_can_come_in_disorder(fake: TwilioFake, receiver: Receiver) -> None:
    fake.faults.add("reorder", "status.sent")
    await send(fake, StatusCallback=f"{receiver.url}/status")
    await fake.tick()
    statuses = [dict(parse_qsl(request.body.decode()))["MessageStatus"] for request in receiver.requests]
    assert statuses == ["delivered", "sent"]


async def test_twi_9_the_list_is_filtered_by_day_and_paged(fake: TwilioFake, clock: FixedClock) -> None:
    for number in range(3):
        await send(fake, body=f"old {number}")
    await fake.phone(BEA).say("inbound")
    clock.advance(timedelta(days=1))
    await fake.tick()
    await send(fake, to=BEA, body="new")
    await fake.tick()
    _, page = await call(fake, "GET", "/Messages.json", **{"DateSent>": "2026-11-22"})
    assert "new" in [message["body"] for message in page["messages"]]
    _, page = await call(fake, "GET", "/Messages.json", From=BEA, **{"DateSent<": "2026-11-21"})
    assert [(message["body"], message["direction"]) for message in page["messages"]] == [("inbound", "inbound")]
    bodies, path = [], f"{BASE}/Messages.json?PageSize=2"
    while path:
        _, page = await call(fake, "GET", fake.url + path)
        bodies += [message["body"] for message in page["messages"]]
        path = page["next_page_uri"]
    assert bodies == ["new", "inbound", "old 2", "old 1", "old 0"]
    _, page = await call(fake, "GET", "/Messages.json", To=BEA)
    assert [message["body"] for message in page["messages"]] == ["new"]


async def test_twi_8_media_stand_behind_auth_and_a_redirect_to_another_host(
    fake: TwilioFake, clock: FixedClock
) -> None:
    sid = await fake.phone(ANN).mms([b"\xff\xd8\xffpicture"])
    _, listed = await call(fake, "GET", f"/Messages/{sid}/Media.json")
    media = listed["media_list"][0]
    assert media["content_type"] == "image/jpeg"
    url = f"{fake.url}{media['uri'].removesuffix('.json')}"
    assert (await call(fake, "GET", url, auth=None))[0] == 401
    assert await call(fake, "GET", url) == (200, b"\xff\xd8\xffpicture")
    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers={"Authorization": AUTH}, allow_redirects=False) as answer:
            assert answer.status == 307
            storage = answer.headers["Location"]
        async with session.get(storage, headers={"Authorization": AUTH}) as answer:
            assert answer.status == 400
        clock.advance(timedelta(hours=4))
        async with session.get(storage) as answer:
            assert answer.status == 403
    assert (await call(fake, "DELETE", f"/Messages/{sid}/Media/{media['sid']}.json"))[0] == 204
    assert (await call(fake, "GET", url))[0] == 404


async def test_twi_11_a_number_is_found_and_pointed_elsewhere(fake: TwilioFake, receiver: Receiver) -> None:
    _, page = await call(fake, "GET", "/IncomingPhoneNumbers.json", PhoneNumber=NUMBER)
    number = page["incoming_phone_numbers"][0]
    path = f"/IncomingPhoneNumbers/{number['sid']}.json"
    status, changed = await call(fake, "POST", path, {"SmsUrl": f"{receiver.url}/sms", "SmsMethod": "POST"})
    assert (status, changed["sms_url"]) == (200, f"{receiver.url}/sms")
    await fake.phone(ANN).say("hi")
    assert receiver.requests[0].path == "/sms"
    assert (await call(fake, "POST", path, {"SmsUrl": "nowhere"}))[1]["code"] == 21502


async def test_a_message_can_be_redacted_canceled_and_deleted(fake: TwilioFake, clock: FixedClock) -> None:
    first, second = await send(fake, body="secret"), await send(fake, body="late")
    path = f"/Messages/{second['sid']}.json"
    assert (await call(fake, "POST", path, {"Status": "canceled"}))[1]["status"] == "canceled"
    clock.advance(timedelta(seconds=5))
    await fake.tick()
    assert fake.phone(ANN).texts == ["secret"]
    assert (await call(fake, "POST", f"/Messages/{first['sid']}.json", {"Body": ""}))[1]["body"] == ""
    assert (await call(fake, "DELETE", f"/Messages/{first['sid']}.json"))[0] == 204
    assert (await call(fake, "GET", f"/Messages/{first['sid']}.json"))[0] == 404


async def test_faults_speak_twilios_language(fake: TwilioFake) -> None:
    form = {"To": ANN, "From": NUMBER, "Body": "x"}
    fake.faults.add("rate_limit", "CreateMessage")
    assert (await call(fake, "POST", "/Messages.json", form))[1]["code"] == 20429
    fake.faults.add("status_after", "CreateMessage", status=502)
    status, page = await call(fake, "POST", "/Messages.json", form)
    assert (status, page[:6]) == (502, b"<html>")
    assert fake.phone(ANN).texts == ["x"]


async def test_a_restarted_fake_goes_on_sending(clock: FixedClock, tmp_path: Path) -> None:
    async with TwilioFake(clock, tmp_path / "twilio.jsonl") as first:
        assert isinstance(first, TwilioFake)
        for number in range(3):
            await send(first, body=str(number))
        await first.phone(ANN).say("STOP")
    clock.advance(timedelta(seconds=10))
    async with TwilioFake(clock, tmp_path / "twilio.jsonl") as second:
        assert isinstance(second, TwilioFake)
        await second.tick()
        assert second.phone(ANN).texts[:3] == ["0", "1", "2"]
        assert second.phone(ANN).opted_out
        assert len(second.numbers.shelf) == 1


@pytest.mark.shared
async def test_con_3_answers_fit_the_contract(fake: TwilioFake) -> None:
    await send(fake, StatusCallback="https://e.test/cb")
    await call(fake, "POST", "/Messages.json", {"To": ANN, "MessagingServiceSid": SERVICE_SID, "Body": "x"})
    sid = await fake.phone(ANN).mms([b"GIF8"], "look")
    await fake.tick()
    await call(fake, "GET", "/Messages.json", PageSize="2")
    await call(fake, "GET", f"/Messages/{sid}.json")
    _, listed = await call(fake, "GET", f"/Messages/{sid}/Media.json")
    await call(fake, "GET", fake.url + listed["media_list"][0]["uri"])
    await call(fake, "GET", "/IncomingPhoneNumbers.json")
    row = "api.v2010.account"
    found = []
    for answer in fake.answers:
        body = answer["body"]
        rows = body.get("messages") or body.get("media_list") or body.get("incoming_phone_numbers") or [body]
        kind = {"Media": f"{row}.message.media", "Numbe": f"{row}.incoming_phone_number"}
        for item in rows:
            prefix = answer["operation"].removeprefix("List").removeprefix("Fetch").removeprefix("IncomingPhone")[:5]
            found += complaints("twilio", kind.get(prefix, f"{row}.message"), item)
    assert len(fake.answers) == 7
    assert found == []
    assert [checker().check(request) for request in fake.recordings if checker().check(request)] == []
