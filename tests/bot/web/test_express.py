"""The short way to the doors: ordinary requests take it, unusual ones the router's, and both get the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.web.doors.express import answer, body_of, shorten

LIMIT = 1000


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A site with a short door at /hook that tells what it got, and a usual one behind the router."""

    async def short(request: web.Request) -> web.StreamResponse:
        return answer(request, b'"short %d"' % len(await body_of(request)), "application/json")

    async def usual(request: web.Request) -> web.StreamResponse:
        return answer(request, b'"usual %d"' % len(await body_of(request)), "application/json")

    site = web.Application(client_max_size=LIMIT)
    site.router.add_post("/hook", usual)
    site.router.add_post("/other", usual)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    assert runner.server is not None
    shorten(runner.server, {"/hook": short})
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


async def ask(port: int, *parts: bytes, until: bytes) -> bytes:
    """Send a request in these parts and return what comes back, to the end that is waited for or to its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    found = b""
    async with asyncio.timeout(10):
        while not found.endswith(until) and (more := await reader.read(4096)):
            found += more
    writer.close()
    await writer.wait_closed()
    return found


def post(path: str, *headers: str, body: bytes = b"four", version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_an_ordinary_request_takes_the_short_way_and_so_do_the_next_ones(port: int) -> None:
    found = await ask(port, post("/hook"), post("/hook", body=b"seven.."), until=b'"short 7"')
    head, _, rest = found.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Type: application/json" in head
    assert b"Content-Length: 9" in head
    assert b"\r\nDate: " in head
    assert rest.startswith(b'"short 4"HTTP/1.1 200 OK')
    assert found.endswith(b'"short 7"')


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        (post("/hook?x=1"), b'"usual 4"'),
        (post("/other"), b'"usual 4"'),
        (post("/hook", "Expect: 100-continue"), b'"usual 4"'),
        (post("/hook").replace(b"POST", b"PUT", 1), b"405: Method Not Allowed"),
        (post("/hook", "Connection: close"), b'"short 4"'),
        (post("/hook", version="1.0"), b'"short 4"'),
    ],
)
async def test_an_unusual_request_is_answered_all_the_same(port: int, request_: bytes, shown: bytes) -> None:
    assert (await ask(port, request_, until=shown)).endswith(shown)


async def test_a_connection_to_close_is_told_so(port: int) -> None:
    assert b"\r\nConnection: close\r\n" in await ask(port, post("/hook", "Connection: close"), until=b"never")


async def test_a_body_that_comes_later_or_in_chunks_is_whole(port: int) -> None:
    whole = post("/hook", body=b"x" * 500)
    assert (await ask(port, whole[:-400], whole[-400:], until=b'"short 500"')).endswith(b'"short 500"')
    chunks = b"POST /hook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert (await ask(port, chunks, until=b'"short 5"')).endswith(b'"short 5"')


@pytest.mark.parametrize("parts", [1, 2])
async def test_a_body_beyond_the_limit_is_refused(port: int, parts: int) -> None:
    whole = post("/hook", body=b"x" * (LIMIT + 1))
    sent = [whole] if parts == 1 else [whole[:-10], whole[-10:]]
    assert (await ask(port, *sent, until=b"exceeded.")).startswith(b"HTTP/1.1 413 ")
