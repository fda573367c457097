"""Other servers than our fakes at the same addresses: same protocols, other habits (rule FAKE-3).

Each server here does something that a vendor's description allows, or that servers written from it are known to do,
and that ours do not: other success codes, lists by whole addresses, missing optional fields, errors without a body.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from bot.core.calls.channels import (
    FetchMedia,
    ListInboundSms,
    MediaRef,
    SendSms,
    SendTelegram,
)
from bot.core.calls.lob import ReadLetter
from bot.core.calls.outcome import Again, Done, Refused
from bot.core.calls.stripe import ReadCheckout
from integrations.http import Reply, Wire, retry_after
from integrations.lob import LobAdapter
from integrations.media import MediaAdapter
from integrations.stripe import StripeAdapter
from integrations.telegram import TelegramAdapter
from integrations.twilio import TwilioAdapter, TwilioMedia
from tests.integrations.door import NOW, Answer, Door, attempt, look, open_door, perform

ACCOUNT, SENDER, TO = "AC" + "0" * 32, "+15005550001", "+15005550006"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
MEDIA = f"{MESSAGES}/MM{'2' * 32}/Media/ME{'3' * 32}"
JPEG = b"\xff\xd8\xff\xe0 a picture"
SMS = SendSms(TO, "hello", 600)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("wire") as opened:
        yield opened


# -- all of them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "Fri, 20 Nov 2026 18:02:00 GMT", "Date": "Fri, 20 Nov 2026 18:00:00 GMT"}, 120),
        ({"retry-after": "Fri, 20 Nov 2026 17:00:00 GMT", "date": "Fri, 20 Nov 2026 18:00:00 GMT"}, 0),
        ({"retry-after": "7"}, 7),
        ({"Retry-After": "Fri, 20 Nov 2026 18:02:00 GMT"}, None),
        ({"Retry-After": "Fri, 99 Nov 2026", "Date": "yesterday"}, None),
    ],
)
def test_ven_4_retry_after_may_be_a_moment(headers: dict[str, str], wait: int | None) -> None:
    assert retry_after(headers) == (None if wait is None else timedelta(seconds=wait))


@asynccontextmanager
async def dribbling(body: bytes) -> AsyncIterator[str]:
    """Serve a body byte by byte, in chunks, without a length, and hang up after each answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(status=201, headers={"content-type": "text/plain"})
        response.enable_chunked_encoding()
        response.force_close()
        await response.prepare(request)
        for byte in body:
            await response.write(bytes([byte]))
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_answers_in_chunks_of_any_content_type_and_without_keep_alive_are_read() -> None:
    async with dribbling(b'{"sid": "SM1", "status": "accepted", "extra": {"a": [1]}}') as url:
        adapter = TwilioAdapter(ACCOUNT, "token", SENDER, "https://p.example/", base_url=url)
        for _ in range(3):
            outcome = await adapter.calls[SendSms](SMS, attempt())
            assert isinstance(outcome, Done)
            assert outcome.result.sid == "SM1"
        await adapter.close()


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_slash_at_the_end_of_a_base_changes_nothing(slash: str, door: Door) -> None:
    door.always = Answer(200, {"ok": True, "result": {"message_id": 1, "id": 1}, "id": "x", "sid": "SM1"})
    url = door.url + slash
    calls: list[tuple[Any, Any, str]] = [
        (TelegramAdapter("1:T", base_url=url), SendTelegram(5, "hi"), "/bot1:T/sendMessage"),
        (TwilioAdapter(ACCOUNT, "t", SENDER, "https://p.example", base_url=url), SMS, f"{MESSAGES}.json"),
        (TwilioAdapter(ACCOUNT, "t", SENDER, "https://p.example", base_url=f"{door.url}/2010-04-01{slash}"), SMS,
         f"{MESSAGES}.json"),
        (StripeAdapter("sk_test_1", base_url=url), ReadCheckout("cs_1"), "/v1/checkout/sessions/cs_1"),
        (StripeAdapter("sk_test_1", base_url=f"{door.url}/v1{slash}"), ReadCheckout("cs_1"),
         "/v1/checkout/sessions/cs_1"),
        (LobAdapter("test_1", base_url=url), ReadLetter("ltr_1"), "/v1/letters/ltr_1"),
        (LobAdapter("test_1", base_url=f"{door.url}/v1{slash}"), ReadLetter("ltr_1"), "/v1/letters/ltr_1"),
    ]  # fmt: skip
    for adapter, call, path in calls:
        assert isinstance(await perform(adapter, call), Done)
        assert urlsplit(door.last["url"]).path == path


# -- Twilio ------------------------------------------------------------------------------------------------------------


def twilio(door: Door) -> TwilioAdapter:
    return TwilioAdapter(ACCOUNT, "token", SENDER, "https://p.example", base_url=door.url)


def row(**fields: Any) -> dict[str, Any]:
    """A row as a careful server would give it."""
    usual = {
        "sid": "SM9", "direction": "outbound-api", "body": "hello", "to": TO, "from": SENDER,
        "date_created": format_datetime(NOW), "status": "sent", "error_code": None, "num_media": "0",
    }  # fmt: skip
    return {name: value for name, value in {**usual, **fields}.items() if value != "absent"}


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_twilio_any_success_is_one(status: int, door: Door) -> None:
    door.answer(status, {"sid": "SM1", "unknown": 1})
    assert isinstance(await perform(twilio(door), SMS), Done)


@pytest.mark.parametrize("body", [b"", b"<html>", {"message": "no"}, []])
async def test_twilio_a_refusal_without_a_body_is_one(body: Any, door: Door) -> None:
    door.answer(400, body)
    outcome = await perform(twilio(door), SMS)
    assert isinstance(outcome, Refused)
    assert outcome.code == "status_400"


@pytest.mark.parametrize("code", [21610, "21610"])
async def test_twilio_a_code_may_come_as_text(code: Any, door: Door) -> None:
    door.answer(400, {"code": code})
    assert (await perform(twilio(door), SMS)).code == "21610"


@pytest.mark.parametrize(
    "fields",
    [
        {"date_created": "2026-11-21T12:00:01Z"},
        {"date_created": "2026-11-21T12:00:01"},
        {"date_created": "2026-11-21T12:00:01.123456+00:00"},
        {"date_created": None, "date_sent": "Sat, 21 Nov 2026 12:00:01 GMT"},
        {"date_created": "absent"},
        {"date_created": "some time"},
        {"direction": "absent"},
        {"direction": "outbound"},
        {"direction": "outbound-reply"},
        {"status": "absent", "error_code": "absent", "num_media": "absent", "from": "absent"},
        {"error_code": 30007},
        {"error_code": "30007"},
        {"body": "Sent from your Twilio trial account - hello"},
    ],
)
async def test_ven_6_a_message_is_found_again_whatever_its_row_leaves_out(fields: dict[str, Any], door: Door) -> None:
    door.always = Answer(200, {"messages": [row(body="other"), row(**fields)]})
    found = await look(twilio(door), SMS, number=2)
    assert isinstance(found, Done), "or it would be sent twice"
    assert found.result.sid == "SM9"


@pytest.mark.parametrize(
    "fields",
    [{"direction": "inbound"}, {"direction": "absent", "to": SENDER}, {"date_created": "2026-11-20T12:00:00Z"}],
)
async def test_ven_6_another_message_is_not_taken_for_ours(fields: dict[str, Any], door: Door) -> None:
    door.always = Answer(200, {"messages": [row(**fields)]})
    assert isinstance(await look(twilio(door), SMS, number=2), Again)


@pytest.mark.parametrize("way", ["relative", "absolute", "beneath a prefix", "none", "empty"])
async def test_twi_9_pages_follow_one_another_however_they_are_named(way: str, door: Door) -> None:
    following = {
        "relative": f"{MESSAGES}.json?Page=1&PageToken=x",
        "absolute": f"{door.url}{MESSAGES}.json?Page=1&PageToken=x",
        "beneath a prefix": f"/twilio{MESSAGES}.json?Page=1&PageToken=x",
        "none": None,
        "empty": "",
    }[way]
    first = {"messages": [row(body="other")], **({} if way == "none" else {"next_page_uri": following})}

    def answer(seen: dict[str, Any]) -> Answer:
        return Answer(200, {"messages": [row()]} if "PageToken" in seen["url"] else first)

    door.always = answer
    found = await look(twilio(door), SMS, number=2)
    assert isinstance(found, Done if way not in ("none", "empty") else Again)


async def test_rec_1_rows_and_media_named_by_whole_addresses_are_read(door: Door) -> None:
    inbound = row(direction="inbound", num_media=1, date_created="absent", account_sid="absent", body=None)
    door.answer(200, {"messages": [inbound], "next_page_uri": None})
    door.answer(200, {"media_list": [{"uri": f"{door.url}{MEDIA}.json"}, {"content_type": "image/png"}]})
    outcome = await perform(twilio(door), ListInboundSms(int(NOW.timestamp())))
    (fields,) = outcome.result.messages
    assert fields["MediaUrl0"] == door.url + MEDIA
    assert (fields["Body"], fields["AccountSid"], fields["NumMedia"]) == ("", "", "2")


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://localhost:{port}" + MEDIA, MEDIA),
        ("https://api.twilio.com" + MEDIA, MEDIA),
        ("{door}" + MEDIA + ".jpg", MEDIA + ".jpg"),
        ("{door}" + MEDIA + "?x=1", MEDIA + "?x=1"),
    ],
)
async def test_twi_8_media_of_a_stand_in_are_fetched_at_the_base_however_it_calls_itself(
    address: str, asked: str, door: Door
) -> None:
    url = address.format(door=door.url, port=urlsplit(door.url).port)
    adapter = MediaAdapter(twilio=TwilioMedia(ACCOUNT, "token", base_url=door.url))
    door.always = Answer(200, JPEG)
    outcome = await perform(adapter, FetchMedia([MediaRef("sms", url)]))
    assert outcome.result.items[0].media_type == "image/jpeg"
    assert door.last["url"] == door.url + asked
    assert door.last["headers"]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_twi_8_a_redirect_of_any_kind_to_another_local_server_is_followed(status: int, door: Door) -> None:
    async with open_door("storage") as storage:
        storage.always = Answer(200, JPEG, {"Content-Type": "application/octet-stream"})
        door.answer(status, b"", Location=storage.url.replace("127.0.0.1", "localhost") + "/signed?Expires=1")
        adapter = MediaAdapter(twilio=TwilioMedia(ACCOUNT, "token", base_url=door.url + "/"))
        outcome = await perform(adapter, FetchMedia([MediaRef("sms", door.url + MEDIA)]))
        assert outcome.result.items[0].media_type == "image/jpeg"
        assert "Authorization" not in storage.last["headers"]


async def test_20003_in_any_shape_stops_the_channel(door: Door) -> None:
    for body in (b"", {"code": 20003}, {"error": "Authenticate"}):
        door.answer(401, body)
        assert await perform(twilio(door), SMS) == Again("unauthorized")


# -- a server that hangs up --------------------------------------------------------------------------------------------


async def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew() -> None:
    served: list[Callable[[], None]] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        served.append(writer.close)

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    wire = Wire("wire", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    for _ in range(3):
        answer = await wire.ask("GET", "/x", operation="x", seconds=2)
        assert isinstance(answer, Reply)
        served[-1]()
        await asyncio.sleep(0)
    await wire.close()
    server.close()
    await server.wait_closed()
