"""The shared client: our own time limit, and whether a lost request may have arrived (VEN-2, VEN-3, VEN-6)."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from bot.core.calls.outcome import Again, Unknown
from integrations.http import Lost, Reply, Wire, basic_auth, retry_after, unfinished
from tests.integrations.door import Answer, Fault, open_door


async def ask(wire: Wire, method: str = "POST", seconds: float = 2.0) -> Reply | Lost:
    try:
        return await wire.ask(method, "/x", operation="x", seconds=seconds)
    finally:
        await wire.close()


async def test_ven_2_silence_ends_at_our_own_limit() -> None:
    async with open_door("wire") as door:
        door.fail(Fault.SILENCE)
        assert await ask(Wire("lob", door.url), seconds=0.05) == Lost("TimeoutError", sent=True)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.TRUNCATED])
async def test_ven_6_a_cut_connection_may_have_been_heard(fault: Fault) -> None:
    async with open_door("wire") as door:
        door.fail(fault)
        answer = await ask(Wire("lob", door.url))
    assert isinstance(answer, Lost)
    assert answer.sent
    assert isinstance(unfinished(answer), Unknown)
    assert isinstance(unfinished(answer, harmless=True), Again)


async def test_ven_6_nobody_listening_certainly_heard_nothing() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = await ask(Wire("lob", f"http://127.0.0.1:{unused.getsockname()[1]}"))
    assert isinstance(answer, Lost)
    assert not answer.sent
    assert isinstance(unfinished(answer), Again)


async def test_ven_3_nothing_is_retried_and_redirects_are_not_followed() -> None:
    async with open_door("wire") as door:
        door.always = Answer(503, {})
        assert (await ask(Wire("lob", door.url))).status == 503  # type: ignore[union-attr]
        door.always = Answer(302, {}, {"Location": "/elsewhere"})
        assert (await ask(Wire("lob", door.url))).status == 302  # type: ignore[union-attr]
        assert len(door.requests) == 2


async def test_ven_7_two_clients_in_one_process_keep_apart() -> None:
    async with open_door("wire") as one, open_door("wire") as two:
        wires = [Wire("lob", door.url, headers=basic_auth(name, "")) for door, name in ((one, "a"), (two, "b"))]
        for wire in wires:
            await ask(wire)
        assert [door.last["headers"]["Authorization"] for door in (one, two)] == [
            "Basic YTo=",
            "Basic Yjo=",
        ]


async def test_cookies_are_not_kept() -> None:
    async with open_door("wire") as door:
        door.always = Answer(200, {}, {"Set-Cookie": "a=b"})
        wire = Wire("lob", door.url)
        await wire.ask("GET", "/x", operation="x", seconds=1)
        await ask(wire, "GET")
        assert "Cookie" not in door.last["headers"]


async def test_ven_10_a_reason_names_no_address() -> None:
    async with open_door("wire") as door:
        door.fail(Fault.CUT)
        answer = await ask(Wire("lob", door.url))
    assert isinstance(answer, Lost)
    assert "127.0.0.1" not in answer.reason


@pytest.mark.parametrize(
    ("text", "wait"),
    [("3", timedelta(seconds=3)), ("0.5", timedelta(seconds=0.5)), ("-1", None), ("soon", None), ("nan", None)],
)
def test_ven_4_retry_after(text: str, wait: timedelta | None) -> None:
    assert retry_after({"Retry-After": text}) == wait


def test_a_body_that_is_no_object_is_an_empty_record() -> None:
    assert [Reply(200, {}, body).record() for body in (b"<html>", b"[1]", b'{"a":1}')] == [{}, {}, {"a": 1}]
