"""What nobody but the person may read: files, logs, vendors' metadata (PRIV-1, PRIV-2, VEN-8, OBS-3, HOOK-7)."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from bot.core.clock import FixedClock
from bot.web import scrape
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.world import LINK, World

NUMBER, CANARIES = "+14155550123", ("Canarybird", "Ann Example", "1 Main St", "4155550123", "hidden by a tree")


async def _order(world: World) -> None:
    """Let one order go from its first word to a printed letter."""
    phone = world.phone(NUMBER)
    for words in ("order ann", "my name is Canarybird", "go"):
        await phone.say(words)
        await world.rest()
    assert any(LINK.search(text) for text in phone.texts)
    assert world.pay_all() == 1
    await world.advance(timedelta(days=3))
    assert len(world.vendors.lob.letters.shelf) == 1


async def test_priv_1_the_raw_files_of_the_database_hold_nothing_personal(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await _order(world)
            path = world.app.database.path
            raw = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
        assert len(raw) > 100_000
        assert [canary for canary in CANARIES if canary.encode() in raw] == []


async def test_priv_2_no_log_holds_a_number_a_name_a_token_or_a_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)  # as a server does: libraries speak from WARNING on, whatever our own level is
    for name in ("parley", "integrations"):
        caplog.set_level(logging.DEBUG, logger=name)
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await _order(world)
            token = next(found[1] for text in world.phone(NUMBER).texts if (found := LINK.search(text)))
            world.vendors.twilio.faults.add("status_before", "CreateMessage", times=3, status=503)
            await world.phone(NUMBER).say("Canarybird again")
            await world.advance(timedelta(minutes=3))
    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "SendSms" in written, "calls are logged"
    assert [word for word in (*CANARIES, token) if word in written] == []


async def test_obs_3_one_line_a_turn_with_these_fields_and_no_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="parley.turn")
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await world.phone(NUMBER).say("order ann")
            await world.rest()
    turns = [record for record in caplog.records if record.name == "parley.turn" and record.msg == "turn"]
    (line,) = [record for record in turns if record.source == "sms"]  # type: ignore[attr-defined]
    usual = set(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}
    told = {name: value for name, value in line.__dict__.items() if name not in usual}
    assert set(told) == {"source", "kind", "person", "inbox", "flow", "from", "to", "ms", "outbox"}
    assert re.fullmatch(r"[0-9a-f]{12}", told["person"])
    assert (told["source"], told["kind"], told["flow"], told["to"]) == ("sms", "text", "order", "order.notes")


async def test_ven_8_keys_metadata_and_descriptions_hold_our_ids_alone(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await _order(world)
            recorded = [row for fake in world.vendors.all.values() for row in fake.recordings]
    checked = 0
    for row in recorded:
        for name, value in [*row["headers"].items(), *_fields(row)]:
            if re.search(r"idempotency|metadata|description|client_reference_id|user_id|product_data", name, re.I):
                checked += 1
                assert not [canary for canary in CANARIES if canary in str(value)], (row["operation"], name)
                assert "@" not in str(value)
    assert checked > 10


def _fields(row: dict[str, Any]) -> list[tuple[str, Any]]:
    body = row["body"]
    if isinstance(body, dict):
        return list(body.items())
    if body[:1] == "{":
        return list(json.loads(body).items())
    return parse_qsl(body)


async def test_hook_7_a_failed_check_is_counted_and_its_header_never_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import aiohttp

    caplog.set_level(logging.DEBUG)
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world, aiohttp.ClientSession() as http:
            headers = {"Stripe-Signature": "t=1,v1=canarysignature", "X-Telegram-Bot-Api-Secret-Token": "canarysecret"}
            for path in ("/webhooks/stripe", "/webhooks/telegram", "/webhooks/lob", "/webhooks/twilio/sms"):
                async with http.post(world.url + path, data=b"canarybody", headers=headers) as answer:
                    assert answer.status in (400, 403)
            page = scrape.page(world.app.metrics).decode()
    assert "canary" not in "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert page.count('parley_webhook_rejected_total{reason="signature"') >= 4


def test_hook_7_secrets_and_digests_are_compared_in_constant_time() -> None:
    """Every comparison in the module of signatures is of names, numbers and lengths; values go through one function."""
    import ast

    source = Path(__file__).parents[2] / "integrations" / "signatures.py"
    tree = ast.parse(source.read_text("utf-8"))
    compared = {
        ast.unparse(side)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        for side in (node.left, *node.comparators)
    }
    assert not [text for text in compared if re.search(r"secret|expected|given|digest|signature|token", text)], compared
    assert "hmac.compare_digest" in source.read_text("utf-8")
