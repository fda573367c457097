"""What a token opens, from where, and for whom (OR-2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.errors import Misconfigured
from bot.engine.registry import Registry
from bot.web.source import Sources
from handlers.appeals import api as appeals_api
from handlers.appeals.case_files import sealed
from handlers.appeals.facts import Facts
from handlers.billing import api as billing_api
from handlers.billing.catalogue import catalogue
from storage import segments
from storage.appeals import cases
from storage.billing import subscriptions, usage
from storage.coaching.model_calls import model_call
from storage.coaching.usage import TOKENS, person_hash
from storage.receipts import tokens
from storage.webhooks import deliveries
from storage.work import Work
from tests.bot.web.api.kit import ANN, BOB, Town, open_town
from tests.databases import prepared_database

OFF: set[int | tuple[int, str]] = set()


def more(registry: Registry) -> None:
    appeals_api.register(registry)
    billing_api.register(registry, catalogue())


@pytest.fixture
async def wide(tmp_path: Path) -> AsyncIterator[Town]:
    """The API with all its resources; those in `OFF` have no plan for it."""
    OFF.clear()
    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(
            url, more, permits=lambda work, person_id, feature: not OFF & {person_id, (person_id, feature)}
        ) as opened:
            yield opened


async def test_or_2_a_token_opens_its_scopes_alone_and_cases_and_use_are_only_read(wide: Town) -> None:
    keys = {scope: await wide.token(ANN, scopes=(scope,)) for scope in ("receipts", "cases", "usage")}
    paths = {"receipts": "/transactions", "cases": "/cases", "usage": "/usage"}
    for scope, key in keys.items():
        for other, path in paths.items():
            got = await wide.ask("GET", path, who=key)
            assert got.status == (200 if scope == other else 403), (scope, path)
            assert scope == other or got.code == "scope"
    assert (await wide.ask("POST", "/cases", {}, who=keys["cases"])).status == 405
    both = await wide.token(ANN, scopes=("cases", "usage"))
    assert [(await wide.ask("GET", path, who=both)).status for path in paths.values()] == [403, 200, 200]


async def test_or_2_a_token_is_taken_from_its_networks_alone(wide: Town) -> None:
    for networks, status in ((("203.0.113.7/32",), 403), (("203.0.113.7/32", "127.0.0.0/8"), 200), ((), 200)):
        got = await wide.ask("GET", "/accounts", who=await wide.token(ANN, networks=networks))
        assert got.status == status, networks
    bound = await wide.token(BOB, networks=("2001:db8::/32",))
    refused = await wide.ask("GET", "/accounts", who=bound)
    assert (refused.status, refused.code) == (403, "network")
    [kept] = [row for row in await wide.rows(_tokens()) if row.networks is not None and row.person_id == BOB]
    assert b"2001" not in kept.networks, "sealed"


def _tokens() -> sa.Select[Any]:
    return sa.select(tokens.token)


async def test_or_2_who_has_no_plan_for_it_is_told_so_and_whoever_gets_one_goes_on(wide: Town) -> None:
    OFF.add(ANN)
    refused = await wide.ask("GET", "/transactions")
    assert (refused.status, refused.code) == (403, "plan")
    assert (await wide.ask("GET", "/transactions", who=BOB)).status == 200
    OFF.clear()
    assert (await wide.ask("GET", "/transactions")).status == 200


async def test_or_2_trends_need_their_own_feature_as_in_the_chat(wide: Town) -> None:
    OFF.add((ANN, "reports.trends"))
    refused = await wide.ask("GET", "/trends")
    assert (refused.status, refused.code) == (403, "plan")
    assert "reports.trends" in refused.json["error"]["message"]
    assert (await wide.ask("GET", "/summaries")).status == 200
    assert (await wide.ask("GET", "/trends", who=BOB)).status == 200


async def test_or_2_cases_and_use_are_a_persons_own(wide: Town) -> None:
    def fill(work: Work) -> None:
        for who, stage in ((ANN, "intake"), (BOB, "withdrawn")):
            facts = sealed(work, Facts())
            cases.add(work, person_id=who, city_id="us-ca-san-francisco", facts=facts, stage=stage, level=1)
        usage.count(work, ANN, "receipts_read", 9, operation_id="a")
        usage.count(work, BOB, "receipts_read", 4, operation_id="a")
        subscriptions.add(work, BOB, plan="pro", version=1, state="active", anchor_at=work.now - timedelta(days=3))

    await wide.write(fill)
    keys = {who: await wide.token(who, scopes=("cases", "usage")) for who in (ANN, BOB)}
    assert [one["stage"] for one in (await wide.ask("GET", "/cases", who=keys[ANN])).json["data"]] == ["intake"]
    told = {who: (await wide.ask("GET", "/usage", who=key)).json for who, key in keys.items()}
    assert [(told[who]["plan"], told[who]["since"][:10]) for who in (ANN, BOB)] == [
        ("free", "2026-03-01"), ("pro", "2026-03-15"),
    ]  # fmt: skip
    read = {who: {one["metric"]: one["quantity"] for one in told[who]["data"]}["receipts_read"] for who in told}
    assert read == {ANN: 9, BOB: 4}


async def test_lg_11_every_metric_is_counted_where_its_thing_is(wide: Town) -> None:
    def fill(work: Work) -> None:
        segments.count(work, ANN, 3)
        segments.count(work, BOB, 9)
        call = {"project_id": None, "turn_id": 1, "purpose": "reply", "attempt": 1, "model": "m", "price_row": "m"}
        counts = dict.fromkeys((*TOKENS, "reserved_nano", "latency_ms"), 0)
        work.claim(model_call.insert().values(
            id=work.new_id(), person_hash=person_hash(work, ANN), nano_usd=5_000_000, usage_known=True,
            outcome="answered", utc_day=work.now.date(), at=work.now, **call, **counts,
        ))  # fmt: skip
        for number, tries in ((1, 2), (2, 0)):
            deliveries.add(work, number, person_id=ANN, subscription_id=7, event="payment.paid", body=b"{}")
            for one in range(tries):
                deliveries.tried(work, number, one + 1, "waiting")
        usage.count(work, ANN, "bank_syncs", 1, operation_id="bank:1:2")

    await wide.write(fill)
    key = await wide.token(ANN, scopes=("usage",))
    for _ in range(3):
        await wide.ask("GET", "/usage", who=key)
    wide.clock.advance(timedelta(minutes=2))
    await wide.ask("GET", "/usage", who=key)
    told = await wide.ask("GET", "/usage", who=key)
    used = {one["metric"]: one["quantity"] for one in told.json["data"] if one["quantity"]}
    assert used == {
        "sms_segments": 3, "coach_cost": 5000, "webhook_deliveries": 1, "bank_syncs": 1, "api_calls": 4,
    }  # fmt: skip


async def test_or_2_behind_a_trusted_proxy_the_caller_counts_and_never_what_the_caller_wrote(wide: Town) -> None:
    bound = await wide.token(ANN, networks=("203.0.113.7/32",))
    cases = (
        ("", "203.0.113.7", 403),
        ("127.0.0.0/8", "203.0.113.7", 200),
        ("127.0.0.1", "203.0.113.7:4711", 200),
        ("127.0.0.1", "[::ffff:203.0.113.7]:1", 200),
        ("127.0.0.1", "203.0.113.7, 198.51.100.9", 403),
        ("127.0.0.1, 10.0.0.0/8", "198.51.100.9, 203.0.113.7, 10.1.2.3", 200),
        ("10.0.0.0/8", "203.0.113.7", 403),
        ("127.0.0.1", "203.0.113.7, nonsense", 403),
        ("127.0.0.1", "", 403),
    )
    for trusted, told, status in cases:
        wide.api._sources = Sources(trusted)
        got = await wide.ask("GET", "/accounts", who=bound, X_Forwarded_For=told)
        assert got.status == status, (trusted, told)
    with pytest.raises(Misconfigured, match="TRUSTED_PROXIES"):
        Sources("the proxy")
