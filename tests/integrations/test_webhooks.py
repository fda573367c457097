"""Deliveries by HTTP: signed for each secret, no redirect followed, nothing sent inward, ten seconds at most (WH-1)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from bot.core.calls.outcome import Done, Refused
from bot.core.calls.webhooks import DeliverWebhook, WebhookTaken
from integrations.outside import Outside
from integrations.webhooks import SECONDS, WebhookAdapter, signature
from tests.integrations.door import Door, Fault, attempt, open_door
from tests.integrations.test_media import Resolver

CALL = DeliverWebhook("", ["new", "old"], "77", '{"id":"77","type":"ticket.created"}')


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("webhooks") as opened:
        yield opened


async def deliver(door: Door, outside: Outside, url: str = "") -> object:
    adapter = WebhookAdapter(outside)
    try:
        return await adapter.calls[DeliverWebhook](replace(CALL, url=url or f"{door.url}/hook"), attempt())
    finally:
        await adapter.close()


def known(door: Door) -> Outside:
    return Outside("webhooks", known=(f"{door.url}/hook",), seconds=0.5)


async def test_wh_1_each_secret_signs_the_moment_and_the_body(door: Door) -> None:
    assert await deliver(door, known(door)) == Done(WebhookTaken(200))
    headers, stamp = door.last["headers"], door.last["headers"]["Parley-Timestamp"]
    wanted = [
        hmac.new(secret, f"{stamp}.{CALL.body}".encode(), hashlib.sha256).hexdigest() for secret in (b"new", b"old")
    ]
    assert headers["Parley-Signature"] == f"v1={wanted[0]},v1={wanted[1]}"
    assert headers["Parley-Delivery"] == "77"
    assert (door.last["body"], door.last["url"]) == (CALL.body, f"{door.url}/hook")
    assert int(stamp) == int(attempt().now.timestamp())


def test_wh_1_the_signature_of_a_known_text() -> None:
    expected = hmac.new(b"whsec_1", b"1772456400.{}", hashlib.sha256).hexdigest()
    assert signature("whsec_1", 1772456400, "{}") == expected


async def test_wh_2_a_redirect_is_not_followed_and_errors_are_told_by_status(door: Door) -> None:
    door.answer(302, {}, Location=f"{door.url}/elsewhere")
    assert await deliver(door, known(door)) == Refused("status_302")
    door.answer(500, {})
    assert await deliver(door, known(door)) == Refused("status_500")
    assert [one["url"].rpartition("/")[2] for one in door.requests] == ["hook", "hook"]


async def test_wh_2_silence_ends_within_the_limit(door: Door) -> None:
    door.fail(Fault.SILENCE)
    outcome = await deliver(door, known(door))
    assert isinstance(outcome, Refused)
    assert outcome.code == "lost"


async def test_a91_loopback_and_names_that_lead_inside_are_refused(door: Door) -> None:
    for address in (
        "10.0.0.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::1", "::ffff:127.0.0.1",  # noqa: S104
        "64:ff9b::7f00:1", "2002:a00:1::",
    ):  # fmt: skip
        outside = Outside("webhooks", resolver=Resolver(address), seconds=1)
        outcome = await deliver(door, outside, "https://hooks.example.com/x")
        assert isinstance(outcome, Refused), address
        assert outcome.code == "not_allowed", address
    for url in ("https://127.0.0.1/hook", door.url):
        outcome = await deliver(door, Outside("webhooks", seconds=1), url)
        assert isinstance(outcome, Refused)
        assert outcome.code == "not_allowed"
    assert door.requests == []


class Turning(Resolver):
    """A name server that leads elsewhere each time it is asked."""

    def __init__(self, *addresses: str) -> None:
        super().__init__("")
        self._addresses = list(addresses)

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
        self.address = self._addresses.pop(0)
        return await super().resolve(host, port, family)


class Several(Resolver):
    """A name server that knows several addresses of a name."""

    def __init__(self, *addresses: str) -> None:
        super().__init__("")
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
        found = []
        for address in self._addresses:
            self.address = address
            found += await super().resolve(host, port, family)
        return found


@pytest.mark.parametrize("addresses", [("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ()])
async def test_a91_a_name_of_which_one_address_lies_inside_is_refused_whole(door: Door, addresses: Any) -> None:
    outcome = await deliver(
        door, Outside("webhooks", resolver=Several(*addresses), seconds=0.3), "https://hooks.example.com/x"
    )
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_allowed"


async def test_a91_a_name_that_leads_inside_only_the_second_time_is_refused_then(door: Door) -> None:
    """Who resolves it is who connects: there is no second look-up between the judgement and the connection."""
    names = Turning("192.0.2.1", "8.8.8.8", "127.0.0.1")
    outside = Outside("webhooks", resolver=names, seconds=0.3)
    for wanted in ("not_allowed", "lost", "not_allowed"):
        await outside._guarded.close()  # a new connection, and so a new look-up
        outcome = await WebhookAdapter(outside).calls[DeliverWebhook](
            replace(CALL, url="https://hooks.example.com/x"), attempt()
        )
        assert isinstance(outcome, Refused)
        assert outcome.code == wanted
    await outside.close()
    assert door.requests == []


async def test_wh_2_a_body_that_never_ends_is_given_up_after_the_whole_limit(door: Door) -> None:
    """The ten seconds are for the whole answer, however steadily it drips."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        here = True
        while here:
            writer.write(b"x")
            with suppress(TimeoutError):
                here = bool(await asyncio.wait_for(reader.read(4096), 0.02))
        writer.close()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    began = time.monotonic()
    outcome = await deliver(door, Outside("webhooks", known=(url,), seconds=0.3), url)
    await gone.wait()
    server.close()
    await server.wait_closed()
    assert (isinstance(outcome, Refused) and outcome.code, time.monotonic() - began < 2) == ("lost", True)
    assert SECONDS == 10.0


async def test_a91_a_persons_webhook_never_goes_inside_whatever_the_house_allows(door: Door) -> None:
    adapter = WebhookAdapter(known(door), Outside("webhooks", seconds=1))
    try:
        for outside, wanted in ((False, Done(WebhookTaken(200))), (True, "not_allowed")):
            call = replace(CALL, url=f"{door.url}/hook", outside=outside)
            outcome = await adapter.calls[DeliverWebhook](call, attempt())
            assert (outcome.code if isinstance(outcome, Refused) else outcome) == wanted
    finally:
        await adapter.close()
    assert len(door.requests) == 1
