"""The kit that all fake vendors are made of: book, faults, webhooks, recordings."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.core.clock import FixedClock
from integrations.fakes.kit import FakeServer, Hook, Webhooks, nested, read_form, reply

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Bakery(FakeServer):
    """A vendor with one operation that has an effect."""

    def __init__(self, clock: FixedClock, path: Path | None = None) -> None:
        super().__init__("bakery", clock, path)
        self.orders = self.book.shelf("order")
        self.bells = Webhooks(self, sign, schedule=[timedelta(minutes=1), timedelta(minutes=5)])
        self.operation("POST", "/orders", "order_create", self.create)
        self.operation("GET", "/orders", "order_list", self.list_all)
        self.page("GET", "/shop", self.list_all)

    async def create(self, request: web.Request) -> web.Response:
        number = self.make_id("ord_")
        self.orders.put(number, {"id": number}, kind="order.created")
        return reply({"id": number, "object": "order"})

    async def list_all(self, request: web.Request) -> web.Response:
        return reply({"data": list(self.orders)})


def sign(hook: Hook, at: datetime) -> dict[str, str]:
    text = f"{int(at.timestamp())}.{hook.body}".encode()
    return {"X-Time": str(int(at.timestamp())), "X-Signature": hmac.new(b"secret", text, hashlib.sha256).hexdigest()}


class Door:
    """A receiver that remembers what came and answers as told."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.forged: list[str] = []
        self.statuses: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.text()
        mac = hmac.new(b"secret", f"{request.headers['X-Time']}.{body}".encode(), hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(mac, request.headers["X-Signature"])
        (self.seen if genuine else self.forged).append(body)
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status if genuine else 400)


@pytest.fixture(autouse=True)
def _unrecorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARLEY_FAKE_RECORDINGS", raising=False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def bakery(clock: FixedClock) -> AsyncIterator[Bakery]:
    fake = Bakery(clock)
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def door(bakery: Bakery) -> AsyncIterator[Door]:
    receiver = Door()
    app = web.Application()
    app.router.add_post("/bell", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bakery.bells.target = f"http://127.0.0.1:{runner.addresses[0][1]}/bell"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def order(http: aiohttp.ClientSession, bakery: Bakery, seconds: float = 5) -> tuple[int, Any]:
    limit = aiohttp.ClientTimeout(total=seconds)
    async with http.post(bakery.url + "/orders", data={"bread": "1"}, timeout=limit) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("fault", "orders", "status"),
    [("status_before", 0, 503), ("status_after", 1, 503), ("rate_limit", 0, 429), ("truncate", 1, 200)],
)
async def test_a_fault_spoils_one_answer_before_or_after_the_effect(
    bakery: Bakery, http: aiohttp.ClientSession, fault: str, orders: int, status: int
) -> None:
    bakery.faults.add(fault, "order_*", status=503)
    got, text = await order(http, bakery)
    assert (got, len(bakery.orders)) == (status, orders)
    if fault == "truncate":
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
    assert (await order(http, bakery))[0] == 200


@pytest.mark.parametrize(("fault", "orders"), [("reset_before", 0), ("reset_during", 1)])
async def test_a_reset_breaks_the_connection(
    bakery: Bakery, http: aiohttp.ClientSession, fault: str, orders: int
) -> None:
    bakery.faults.add(fault)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await order(http, bakery)
    assert len(bakery.orders) == orders


@pytest.mark.parametrize(("fault", "orders"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_a_held_answer_never_comes(bakery: Bakery, http: aiohttp.ClientSession, fault: str, orders: int) -> None:
    bakery.faults.add(fault)
    with pytest.raises(TimeoutError):
        await order(http, bakery, 0.2)
    assert len(bakery.orders) == orders


async def test_latency_is_added_and_other_operations_are_left_alone(
    bakery: Bakery, http: aiohttp.ClientSession
) -> None:
    bakery.faults.add("latency", "order_create", seconds=5)
    async with http.get(bakery.url + "/orders") as answer:
        assert answer.status == 200
    with pytest.raises(TimeoutError):
        await order(http, bakery, 0.2)


async def test_faults_are_switched_over_http(bakery: Bakery, http: aiohttp.ClientSession) -> None:
    armed = {"fault": "status_before", "operation": "order_create", "times": 2, "skip": 1, "status": 502}
    async with http.post(bakery.url + "/_faults", json=armed) as answer:
        assert answer.status == 200
    assert [(await order(http, bakery))[0] for _ in range(4)] == [200, 502, 502, 200]
    async with http.post(bakery.url + "/_faults", json={"fault": "flood"}) as answer:
        assert answer.status == 400
    bakery.faults.add("reset_before", times=None)
    async with http.delete(bakery.url + "/_faults") as answer:
        assert answer.status == 200
    assert (await order(http, bakery))[0] == 200


async def test_rate_limit_carries_the_time_to_wait(bakery: Bakery, http: aiohttp.ClientSession) -> None:
    bakery.faults.add("rate_limit", retry_after=7)
    async with http.post(bakery.url + "/orders") as answer:
        assert answer.headers["Retry-After"] == "7"


async def test_the_book_outlives_the_fake_and_a_torn_last_line(
    clock: FixedClock, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    path = tmp_path / "bakery.jsonl"
    first = Bakery(clock, path)
    await first.start()
    await order(http, first)
    first.orders.patch(next(iter(first.orders))["id"], {"eaten": True})
    first.attachments.put("loaf.pdf", b"crumbs")
    await first.stop()
    with path.open("a") as file:
        file.write('{"n":9,"at":"20')
    second = Bakery(clock, path)
    await second.start()
    assert [o["eaten"] for o in second.orders] == [True]
    assert second.attachments.get("loaf.pdf") == b"crumbs"
    await order(http, second)
    async with http.get(second.url + "/_book?kind=order") as answer:
        rows = await answer.json()
    await second.stop()
    assert [row["kind"] for row in rows] == ["order.created", "order.patch", "order.created"]
    assert [row["n"] for row in Bakery(clock, path).book.rows] == [1, 2, 3]


async def test_what_a_reader_does_to_an_object_leaves_the_shelf_alone(bakery: Bakery) -> None:
    bakery.orders.put("o", {"id": "o", "lines": [1]})
    bakery.orders["o"]["lines"].append(2)
    assert bakery.orders["o"]["lines"] == [1]
    bakery.orders.drop("o")
    assert bakery.orders.get("o") is None
    with pytest.raises(KeyError):
        bakery.orders.patch("o", {})


async def test_webhooks_are_signed_and_repeated_by_the_schedule_until_it_ends(
    bakery: Bakery, door: Door, clock: FixedClock
) -> None:
    door.statuses = [500, 503, 500]
    bakery.bells.send("e1", "ready", "{}")
    assert [await bakery.tick(), await bakery.tick()] == [1, 0]
    clock.advance(timedelta(minutes=1))
    assert await bakery.tick() == 1
    clock.advance(timedelta(minutes=5))
    assert await bakery.tick() == 1
    clock.advance(timedelta(days=9))
    assert await bakery.tick() == 0
    assert door.seen == ["{}"] * 3
    assert [row["status"] for row in bakery.book.of("hook.failed")] == [500, 503, 500]


async def test_events_are_doubled_delayed_overtaken_lost_and_forged(
    bakery: Bakery, door: Door, clock: FixedClock
) -> None:
    for fault in ("duplicate", "drop", "bad_signature"):
        bakery.faults.add(fault, fault)
    bakery.faults.add("delay", "late", delay=timedelta(hours=72))
    bakery.faults.add("reorder", "first")
    for kind in ("duplicate", "drop", "bad_signature", "late"):
        bakery.bells.send(kind, kind, kind)
    await bakery.tick()
    assert (door.seen, door.forged) == (["duplicate", "duplicate"], ["bad_signature"])
    clock.advance(timedelta(minutes=1))
    await bakery.tick()
    assert door.seen[2:] == ["bad_signature"]
    bakery.bells.send("first", "first", "first")
    await bakery.tick()
    bakery.bells.send("second", "second", "second")
    await bakery.tick()
    assert door.seen[3:] == ["second", "first"]
    clock.advance(timedelta(hours=72))
    await bakery.tick()
    assert door.seen[5:] == ["late"]


async def test_an_event_held_for_disorder_leaves_alone_in_the_end(
    bakery: Bakery, door: Door, clock: FixedClock
) -> None:
    bakery.faults.add("reorder")
    bakery.bells.send("only", "only", "only")
    assert await bakery.tick() == 0
    clock.advance(timedelta(hours=1))
    assert await bakery.tick() == 1


async def test_what_waits_is_sent_after_a_restart(
    door: Door, bakery: Bakery, clock: FixedClock, tmp_path: Path
) -> None:
    path = tmp_path / "b.jsonl"
    first = Bakery(clock, path)
    first.bells.target = "http://127.0.0.1:9/closed"
    first.bells.send("e", "ready", "x", url=bakery.bells.target)
    first.bells.send("f", "ready", "unreachable")
    await first.stop()
    second = Bakery(clock, path)
    assert await second.tick() == 2
    await second.stop()
    assert door.seen == ["x"]
    third = Bakery(clock, path)
    assert [hook["event"] for hook in third.bells.pending()] == ["f"]
    await third.stop()


async def test_an_orderly_lane_waits_behind_its_failed_event(bakery: Bakery, door: Door, clock: FixedClock) -> None:
    lane = Webhooks(
        bakery, sign, target=bakery.bells.target, name="lane", in_order=True, schedule=[timedelta(seconds=9)]
    )
    door.statuses = [500]
    for name in ("one", "two"):
        lane.send(name, "update", name, lane="a")
    lane.send("other", "update", "other", lane="b")
    await bakery.tick()
    assert door.seen == ["one", "other"]
    clock.advance(timedelta(seconds=9))
    await bakery.tick()
    assert door.seen == ["one", "other", "one", "two"]


async def test_requests_are_recorded_in_contract_form_with_credentials_masked(
    clock: FixedClock, http: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_FAKE_RECORDINGS", str(tmp_path / "all.jsonl"))
    bakery = Bakery(clock)
    await bakery.start()
    form = aiohttp.FormData()
    form.add_field("to", "me")
    form.add_field("file", b"%PDF\r\n--x\r\n\r\n\x00\xff", filename="a.pdf", content_type="application/pdf")
    headers = {"Authorization": aiohttp.encode_basic_auth("test_key")}
    async with http.post(bakery.url + "/orders?x=1", data=form, headers=headers) as answer:
        assert answer.status == 200
    for page in ("/shop", "/_book"):
        async with http.get(bakery.url + page) as answer:
            assert answer.status == 200
    await bakery.stop()
    (line,) = (tmp_path / "all.jsonl").read_text().splitlines()
    row = json.loads(line)
    assert (row["method"], row["provider"], row["url"]) == ("POST", "bakery", bakery.url + "/orders?x=1")
    assert row["headers"]["Authorization"] == "Basic ***"
    assert row["body"] == {"to": "me", "file": {"filename": "a.pdf", "content_type": "application/pdf", "size": 15}}
    assert bakery.calls == {"order_create": 1}
    assert bakery.answers[0]["body"]["object"] == "order"


async def test_the_clock_is_moved_over_http_and_what_fell_due_is_sent(
    bakery: Bakery, door: Door, http: aiohttp.ClientSession
) -> None:
    bakery.bells.send("e", "ready", "x", after=timedelta(days=2))
    async with http.post(bakery.url + "/_clock", json={"advance_seconds": 172800}) as answer:
        assert await answer.json() == {"now": (START + timedelta(days=2)).isoformat(), "sent": 1}
    async with http.post(bakery.url + "/_clock", json={"advance_seconds": -1}) as answer:
        assert answer.status == 400


def test_multipart_survives_boundary_like_bytes_and_line_ends() -> None:
    data = b"\r\n--b not yet\r\n\rbinary\x00\n"
    body = b'--bb\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n' + data + b"\r\n--bb--\r\n"
    assert read_form('multipart/form-data; boundary="bb"', body).files["f"].data == data


def test_bracketed_names_become_dictionaries_and_lists() -> None:
    pairs = [("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("e[]", "x"), ("e[]", "y"), ("f", "")]
    assert nested(pairs) == {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "e": ["x", "y"], "f": ""}
    with pytest.raises(ValueError, match="a"):
        nested([("a", "1"), ("a[b]", "2")])
