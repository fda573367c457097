"""What every resource keeps: tokens, scopes, rates, errors, headers, idempotency, versions (API-1, 3, 4)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured
from bot.engine.api import Route
from bot.web.api import headers
from bot.web.api.rates import Rates
from jobs.retention import Retention
from storage.audit import audit
from storage.receipts import tokens
from storage.receipts.ledger import transaction
from storage.receipts.rates import Drawn
from storage.receipts.replies import reply
from storage.receipts.tokens import token
from tests.bot.web.api.kit import ANN, BOB, NOW, Town, open_town
from tests.databases import prepared_database

COFFEE = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD", "merchant": "Peet's"}


async def _count(town: Town) -> int:
    return len(await town.rows(sa.select(transaction.c.id)))


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_api_1_a_token_opens_its_own_books_and_nothing_else_does(both: Town) -> None:
    assert (await both.ask("GET", "/transactions")).status == 200
    for wrong in (None, "plt_" + "A" * 22, "x", "plt_" + "é" * 22, both.secrets[ANN] + "A"):
        refused = await both.ask("GET", "/transactions", who=wrong)
        assert (refused.status, refused.code) == (401, "unauthorized")
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    other = await both.ask("GET", "/transactions", who=None, Authorization=f"Basic {both.secrets[ANN]}")
    assert other.status == 401


async def test_api_1_a_token_is_kept_as_a_hash(town: Town) -> None:
    rows = await town.rows(sa.select(token))
    assert not any(town.secrets[ANN].encode() in bytes(str(tuple(row)), "utf-8") for row in rows)
    assert town.secrets[ANN].startswith(rows[0].prefix)
    assert len(rows[0].prefix) < 10


async def test_api_1_a_token_that_expired_or_was_dropped_opens_nothing(town: Town) -> None:
    short = await town.token(ANN, life=timedelta(days=1))
    dropped = await town.token(ANN)
    await town.write(lambda work: tokens.drop(work, ANN, 3))
    assert (await town.ask("GET", "/rules", who=dropped)).status == 401
    assert (await town.ask("GET", "/rules", who=short)).status == 200
    town.clock.advance(timedelta(days=1))
    assert (await town.ask("GET", "/rules", who=short)).status == 401


async def test_api_1_a_reading_token_changes_nothing(town: Town) -> None:
    reader = await town.token(ANN, writes=False)
    refused = await town.ask("POST", "/transactions", COFFEE, who=reader)
    assert (refused.status, refused.code) == (403, "scope")
    assert (await town.ask("GET", "/transactions", who=reader)).status == 200
    assert await _count(town) == 0


async def test_api_1_the_last_use_is_noted_once_a_minute(town: Town) -> None:
    async def used() -> Any:
        await town.rest()
        return (await town.rows(sa.select(token.c.used_at).where(token.c.person_id == ANN)))[0].used_at

    await town.ask("GET", "/rules")
    assert await used() == NOW
    town.clock.advance(timedelta(seconds=59))
    await town.ask("GET", "/rules")
    assert await used() == NOW
    town.clock.advance(timedelta(seconds=2))
    await town.ask("GET", "/rules")
    assert await used() == NOW + timedelta(seconds=61)


async def test_api_1_a_token_dropped_while_a_change_waits_changes_nothing(town: Town) -> None:
    blocked = asyncio.Event()

    async def late() -> Any:
        reading = town.api._look

        async def slow(function: Any) -> Any:
            found = await reading(function)
            blocked.set()
            return found

        town.api._look = slow  # type: ignore[method-assign]
        return await town.ask("POST", "/transactions", COFFEE)

    # The drop is queued by the very moment at which the door has let the request in.
    task = asyncio.create_task(late())
    await blocked.wait()
    await town.write(lambda work: tokens.drop(work, ANN, 1))
    assert (await task).status in (201, 401)
    assert (await _count(town)) == (1 if task.result().status == 201 else 0)


# -- errors --------------------------------------------------------------------------------------------------------


async def test_api_3_errors_have_one_shape(town: Town) -> None:
    cases = [
        (await town.ask("GET", "/nowhere"), 404, None),
        (await town.ask("GET", "/transactions/5"), 404, None),
        (await town.ask("PUT", "/transactions", COFFEE), 405, None),
        (await town.ask("POST", "/transactions", {**COFFEE, "amount_minor": "450"}), 400, "amount_minor"),
        (await town.ask("POST", "/transactions", {**COFFEE, "more": 1}), 400, "more"),
        (await town.ask("POST", "/transactions", b"{"), 400, None),
        (await town.ask("POST", "/transactions", b"[" * 50 + b"]" * 50), 400, None),
        (await town.ask("POST", "/transactions", b" " * 70_000), 413, None),
        (await town.ask("POST", "/transactions", COFFEE, Content_Type="text/plain"), 415, None),
        (await town.ask("POST", "/transactions", {**COFFEE, "amount_minor": 0}), 422, "amount_minor"),
        (await town.ask("GET", "/transactions?nonsense=1"), 400, "nonsense"),
        (await town.ask("GET", "/transactions?limit=1&limit=2"), 400, "limit"),
        (await town.ask("GET", "/transactions?limit=101"), 400, "limit"),
        (await town.ask("GET", "/transactions?limit=0"), 400, "limit"),
    ]
    for got, status, field in cases:
        error = got.json["error"]
        assert (got.status, error.get("field")) == (status, field), got.json
        assert set(error) - {"field"} == {"code", "message", "request_id"}
        assert error["request_id"] == got.headers["X-Request-ID"]
        assert "Traceback" not in got.data.decode()


async def test_api_3_a_failure_of_ours_shows_no_trace(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(function: Any) -> Any:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(town.api, "_look", broken)
    failed = await town.ask("GET", "/rules", X_Request_Id="seen-again")
    assert (failed.status, failed.code) == (500, "internal")
    assert "secret inside" not in failed.data.decode()
    assert caplog.records[-1].__dict__["request_id"] == "seen-again"
    caplog.clear()


async def test_api_3_a_change_needs_the_version_that_was_seen(both: Town) -> None:
    made = await both.ask("POST", "/transactions", COFFEE)
    at, etag = made.headers["Location"], made.headers["Etag"]
    without = await both.ask("PATCH", at, {"note": "x"})
    assert (without.status, without.json["error"]["field"]) == (400, "If-Match")
    assert (await both.ask("PATCH", at, {"note": "x"}, If_Match='"what"')).status == 400
    first = await both.ask("PATCH", at, {"note": "first"}, If_Match=etag)
    assert (first.status, first.json["note"]) == (200, "first")
    assert first.headers["Etag"] != etag
    stale = await both.ask("PATCH", at, {"note": "second"}, If_Match=etag)
    assert (stale.status, stale.code) == (409, "stale")
    assert (await both.ask("DELETE", at, If_Match=etag)).status == 409
    assert (await both.ask("GET", at)).json["note"] == "first"
    assert (await both.ask("PATCH", at, {"note": "any"}, If_Match="*")).status == 200
    assert (await both.ask("DELETE", at)).status == 204
    assert (await both.ask("GET", at)).status == 404


async def test_api_3_two_changes_of_one_version_at_once_are_one(both: Town) -> None:
    made = await both.ask("POST", "/transactions", COFFEE)
    at, etag = made.headers["Location"], made.headers["Etag"]
    got = await asyncio.gather(*(both.ask("PATCH", at, {"note": str(n)}, If_Match=etag) for n in range(4)))
    assert sorted(one.status for one in got) == [200, 409, 409, 409]


# -- idempotency ---------------------------------------------------------------------------------------------------


async def test_api_3_the_same_key_gives_the_same_answer_for_a_day(both: Town) -> None:
    first = await both.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-1")
    again = await both.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-1")
    assert (first.status, again.status, again.data) == (201, 201, first.data)
    assert (again.headers["Location"], again.headers["Etag"]) == (first.headers["Location"], first.headers["Etag"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await _count(both) == 1
    both.clock.advance(timedelta(hours=24))
    assert (await both.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-1")).status == 201
    assert await _count(both) == 2


async def test_api_3_the_same_key_twice_at_once_is_one_transaction(both: Town) -> None:
    got = await asyncio.gather(*(both.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-2") for _ in range(5)))
    assert {one.status for one in got} == {201}
    assert len({one.data for one in got}) == 1
    assert await _count(both) == 1


async def test_api_3_a_key_of_another_request_is_refused(town: Town) -> None:
    await town.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-3")
    for path, body in (("/transactions", {**COFFEE, "amount_minor": 9}), ("/accounts", {"kind": "cash"})):
        reused = await town.ask("POST", path, body, Idempotency_Key="k-3")
        assert (reused.status, reused.code) == (422, "key_reused")
    assert (await town.ask("POST", "/accounts", {"kind": "cash"}, who=BOB, Idempotency_Key="k-3")).status == 201
    assert (await town.ask("POST", "/accounts", {"kind": "cash"}, Idempotency_Key="a b")).status == 400
    assert await _count(town) == 1


async def test_api_3_a_refused_request_leaves_its_key_free_and_nothing_behind(town: Town) -> None:
    wrong = {**COFFEE, "external_id": "e-1", "parts": [{"amount_minor": 1}]}
    assert (await town.ask("POST", "/transactions", wrong, Idempotency_Key="k-4")).status == 422
    right = {**COFFEE, "external_id": "e-1"}
    assert (await town.ask("POST", "/transactions", right, Idempotency_Key="k-4")).status == 201


async def test_cap_12_the_same_external_id_is_never_taken_twice(town: Town) -> None:
    body = {**COFFEE, "external_id": "bank-7"}
    made = await town.ask("POST", "/transactions", body)
    assert made.status == 201
    again = await town.ask("POST", "/transactions", {**body, "amount_minor": 1})
    assert (again.status, again.code, again.json["error"]["field"]) == (409, "duplicate", "external_id")
    assert (await town.ask("DELETE", made.headers["Location"])).status == 204
    assert (await town.ask("POST", "/transactions", body)).status == 409
    assert (await town.ask("POST", "/transactions", body, who=BOB)).status == 201


async def test_aud_1_a_change_is_audited_with_its_request(town: Town) -> None:
    await town.ask("POST", "/transactions", COFFEE, X_Request_Id="mine-1")
    rows = await town.rows(sa.select(audit).order_by(audit.c.id))
    acts = {row.action: row for row in rows if row.actor == f"person:{ANN}"}
    assert "receipts.transaction.create" in acts
    assert '"request": "mine-1"' in acts["api.post"].details
    before = len(rows)
    await town.ask("POST", "/transactions", {**COFFEE, "category_id": "5"})
    assert len(await town.rows(sa.select(audit))) == before


async def test_api_3_answers_are_forgotten_after_a_day_and_tokens_after_their_end(town: Town) -> None:
    retention = Retention(town.database, town.writers, town.clock)
    await town.ask("POST", "/transactions", COFFEE, Idempotency_Key="k-5")
    for advance, left in ((timedelta(hours=23), (1, 2)), (timedelta(hours=2), (0, 2)), (timedelta(days=400), (0, 0))):
        town.clock.advance(advance)
        await retention.run()
        assert (len(await town.rows(sa.select(reply))), len(await town.rows(sa.select(token)))) == left
    assert await _count(town) == 1


# -- headers, origins, rates ---------------------------------------------------------------------------------------


async def test_api_4_every_answer_has_the_security_headers_and_a_request_id(town: Town) -> None:
    for method, path, who in (
        ("GET", "/rules", ANN), ("GET", "/rules", None), ("GET", "/nowhere", ANN), ("OPTIONS", "/rules", None),
        ("GET", "/openapi.json", None), ("TRACE", "/rules", ANN), ("HEAD", "/rules", ANN),
    ):  # fmt: skip
        got = await town.ask(method, path, who=who)
        assert {name: got.headers.get(name) for name in headers.SECURITY} == headers.SECURITY
        assert got.headers["X-Request-ID"]
        assert "Access-Control-Allow-Origin" not in got.headers


async def test_api_4_a_request_id_comes_back_unless_it_could_do_harm(town: Town) -> None:
    assert (await town.ask("GET", "/rules", X_Request_Id="abc-1.2")).headers["X-Request-ID"] == "abc-1.2"
    for harmful in ("<script>", "a" * 65, "a b"):
        assert (await town.ask("GET", "/rules", X_Request_Id=harmful)).headers["X-Request-ID"] != harmful


async def test_api_4_only_listed_origins_may_read(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(url, origins="https://books.example") as town:
            good = await town.ask("GET", "/rules", Origin="https://books.example")
            assert good.headers["Access-Control-Allow-Origin"] == "https://books.example"
            before = await town.ask("OPTIONS", "/rules", who=None, Origin="https://books.example")
            assert (before.status, before.headers["Access-Control-Allow-Methods"]) == (204, "GET, POST")
            for origin in ("https://evil.example", "null", "https://books.example.evil.example"):
                bad = await town.ask("GET", "/rules", Origin=origin)
                assert "Access-Control-Allow-Origin" not in bad.headers
                assert (await town.ask("OPTIONS", "/rules", who=None, Origin=origin)).status == 405


@pytest.mark.parametrize("listed", ["*", "books.example", "https://books.example/", "ftp://x"])
def test_api_4_origins_are_written_out(listed: str) -> None:
    with pytest.raises(Misconfigured):
        headers.origins(listed)


async def test_api_4_sixty_requests_a_minute_for_a_token(town: Town) -> None:
    got = [(await town.ask("GET", "/accounts")).status for _ in range(60)]
    assert set(got) == {200}
    refused = await town.ask("GET", "/accounts")
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "too_many_requests", "1")
    assert (await town.ask("GET", "/accounts", who=BOB)).status == 200
    town.clock.advance(timedelta(seconds=1))
    assert (await town.ask("GET", "/accounts")).status == 200


async def test_api_4_a_limiter_that_fails_stops_changes_only(tmp_path: Path) -> None:
    async def broken(token: tokens.Token, a_minute: int) -> Drawn:
        raise RuntimeError("no limiter")

    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(url, rates=Rates(FixedClock(NOW), broken)) as town:
            assert (await town.ask("GET", "/accounts")).status == 200
            refused = await town.ask("POST", "/accounts", {"kind": "cash"})
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            assert (await town.ask("GET", "/accounts")).json["data"] == []


async def test_api_4_guessing_tokens_is_slowed_down_and_stops_nobody_else(town: Town) -> None:
    got = [(await town.ask("GET", "/rules", who="plt_" + "B" * 22)).status for _ in range(22)]
    assert got[:20] == [401] * 20
    assert got[20:] == [429] * 2
    assert (await town.ask("GET", "/rules")).status == 200


async def test_api_4_a_limiter_that_hangs_stops_changes_only(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging(token: tokens.Token, a_minute: int) -> Drawn:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(town.api._rates, "_draw", hanging)
    monkeypatch.setattr("bot.web.api.rates.DRAW_SECONDS", 0.01)
    assert (await town.ask("GET", "/accounts")).status == 200
    assert (await town.ask("POST", "/accounts", {"kind": "cash"})).status == 503


async def test_api_4_a_bucket_fills_by_one_a_second(both: Town) -> None:
    ann, bob = [await _token(both, who) for who in (ANN, BOB)]
    limiter = Rates(both.clock, both.api._draw, a_minute=2)
    assert [await limiter.take(one) for one in (ann, ann, ann, bob)] == [0, 0, 30, 0]
    both.clock.advance(timedelta(seconds=30))
    assert [await limiter.take(ann), await limiter.take(ann)] == [0, 30]


async def test_api_4_several_processes_hold_a_token_to_one_rate(both: Town) -> None:
    ann = await _token(both, ANN)
    processes = [Rates(both.clock, both.api._draw) for _ in range(3)]
    got = await asyncio.gather(*(processes[n % 3].take(ann) for n in range(120)))
    assert got.count(0) == 60
    both.clock.advance(timedelta(seconds=10))
    assert [await processes[0].take(ann) for _ in range(11)].count(0) <= 10


async def test_api_4_reading_does_not_write_for_every_request(town: Town) -> None:
    ann, draws = await _token(town, ANN), list[int]()

    async def counted(token: tokens.Token, a_minute: int) -> Drawn:
        drawn = await town.api._draw(token, a_minute)
        draws.append(drawn.count)
        return drawn

    limiter = Rates(town.clock, counted)
    for _ in range(60):
        assert await limiter.take(ann) == 0
        town.clock.advance(timedelta(seconds=1))
    assert len(draws) <= 8


async def test_api_4_what_a_process_drew_long_ago_is_void(town: Town) -> None:
    ann = await _token(town, ANN)
    first, second = Rates(town.clock, town.api._draw), Rates(town.clock, town.api._draw)
    assert await first.take(ann) == 0
    town.clock.advance(timedelta(minutes=5))
    assert [await second.take(ann) for _ in range(60)].count(0) == 60
    assert await first.take(ann) > 0


async def _token(town: Town, person_id: int) -> tokens.Token:
    found = await town.write(lambda work: tokens.holder(work, town.secrets[person_id]))
    assert isinstance(found, tokens.Token)
    return found


# -- the whole -----------------------------------------------------------------------------------------------------


def _routes(town: Town) -> list[Route]:
    return town.api._all


async def test_api_2_every_resource_of_the_rules_is_there(town: Town) -> None:
    served = {route.path.split("/")[1] for route in _routes(town)}
    assert served == {
        "receipts", "transactions", "categories", "rules", "accounts", "budgets", "summaries", "trends", "exports",
    }  # fmt: skip


async def test_api_2_what_changes_something_is_no_get(town: Town) -> None:
    assert all(route.writes == (route.method != "GET") for route in _routes(town))
