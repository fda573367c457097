"""The metrics: every name from the start, closed label sets, and who may see them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from bot.assembly.demo import Demo
from bot.core.clock import SystemClock
from bot.web.metrics import Metrics
from bot.web.scrape import MetricsPage, page, registry_of
from storage.processes import periodic
from storage.schema import micros
from storage.work import Work
from tests.bot.assembly.conftest import settings_for
from tests.bot.assembly.standin import make_registry

NAMES = [
    "inbox_received_total",
    "inbox_duplicates_total",
    "inbox_pending",
    "turn_seconds",
    "reply_latency_seconds",
    "outbox_pending",
    "outbox_oldest_age_seconds",
    "outbox_attempts_total",
    "dead_letters",
    "vendor_request_seconds",
    "breaker_state",
    "webhook_rejected_total",
    "optouts_total",
    "sms_segments_total",
    "letters_total",
    "payments_total",
    "receipts_total",
    "reconcile_differences",
    "job_last_success_timestamp_seconds",
    "backup_last_success_timestamp_seconds",
    "llm_tokens_total",
    "llm_cost_micros_total",
    "db_statement_seconds",
    "db_pool_wait_seconds",
    "http_request_seconds",
    "process_resident_bytes",
]
SMS, TELEGRAM = "/demo/phone/sms/+14155550123", "/demo/phone/telegram/500000101"


async def scrape(http: aiohttp.ClientSession) -> tuple[str, dict[tuple[str, tuple[str, ...]], float]]:
    async with http.get("/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    samples = {
        (sample.name, tuple(sorted(value for name, value in sample.labels.items() if name != "le"))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return text, samples


async def test_obs_2_every_name_is_there_from_the_start(http: aiohttp.ClientSession) -> None:
    text, _ = await scrape(http)
    families = {name: name.removesuffix("_total") for name in NAMES}
    missing = [
        name
        for name, family in families.items()
        if not re.search(rf"^# TYPE parley_{family}(_total)? ", text, re.MULTILINE)
    ]
    assert not missing


def test_obs_2_the_names_are_those_of_the_specification() -> None:
    page = Path(__file__).parents[3] / "../shared/domain/chat.md"
    if not page.exists():
        pytest.skip("the specification is not beside the checkout")
    listed = next(line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("Names: `parley_"))
    assert set(re.findall(r"`parley_(\w+)", listed)) == set(NAMES)


async def test_a_conversation_is_counted(demo: Demo, http: aiohttp.ClientSession) -> None:
    await http.post(f"{SMS}/say", json={"text": "ticket"})
    await http.post(f"{TELEGRAM}/say", json={"text": "ticket"})
    await demo.app.ticker.settle()
    await http.post("/webhooks/telegram", json={})
    _, samples = await scrape(http)
    assert samples["parley_inbox_received_total", ("sms",)] == 1
    assert samples["parley_inbox_received_total", ("telegram",)] == 1
    assert samples["parley_webhook_rejected_total", ("signature", "telegram")] == 1
    assert samples["parley_turn_seconds_count", ("standin",)] == 2
    assert samples["parley_outbox_attempts_total", ("done", "sms")] == 1
    assert samples["parley_sms_segments_total", ("GSM-7",)] == 1
    assert samples["parley_reply_latency_seconds_count", ("sms",)] == 1
    assert samples["parley_vendor_request_seconds_count", ("SendSms", "done", "twilio")] == 1
    assert samples["parley_http_request_seconds_count", ("/webhooks/twilio/sms", "200")] == 1
    assert samples["parley_http_request_seconds_count", ("/webhooks/telegram", "403")] == 1
    assert samples["parley_breaker_state", ("twilio",)] == 0
    assert samples["parley_process_resident_bytes", ()] > 1e7


async def test_obs_2_replies_are_timed_whichever_way_they_leave(demo: Demo, http: aiohttp.ClientSession) -> None:
    await http.post(f"{SMS}/say", json={"text": "ticket"})
    await http.post(f"{TELEGRAM}/say", json={"text": "ticket"})
    await demo.app.ticker.settle()
    _, samples = await scrape(http)
    assert samples["parley_outbox_attempts_total", ("done", "telegram")] == 0, "it left in the webhook's response"
    assert samples["parley_reply_latency_seconds_count", ("telegram",)] == 1
    assert samples["parley_reply_latency_seconds_count", ("sms",)] == 1


async def test_obs_2_reads_of_the_database_and_their_wait_for_a_connection_are_timed(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    _, before = await scrape(http)
    await demo.app.database.read(lambda connection: None)
    _, after = await scrape(http)
    for name in ("parley_db_pool_wait_seconds_count", "parley_db_statement_seconds_count"):
        labels = ("read",) if "statement" in name else ()
        assert after[name, labels] >= before[name, labels] + 1


async def test_obs_2_periodic_work_of_any_process_and_of_the_last_start_is_told(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    when = demo.clock.now()
    done = micros(when)

    def another_process(work: Work) -> None:
        for kind in ("backup", "watch"):
            row = {"kind": kind, "period": 1, "worker": 9, "at": done, "done_at": done}
            work.write(periodic.insert(), row)

    await demo.app.writers.run(another_process)
    _, samples = await scrape(http)
    assert samples["parley_job_last_success_timestamp_seconds", ("watch",)] >= when.timestamp() - 1
    assert samples["parley_backup_last_success_timestamp_seconds", ()] >= when.timestamp() - 1


async def test_what_waits_is_told_with_its_age(demo: Demo, http: aiohttp.ClientSession) -> None:
    fake: Any = demo.fakes["twilio"]
    fake.faults.add("status_before", "CreateMessage", times=None, status=503)
    await http.post(f"{SMS}/say", json={"text": "ticket"})
    while demo.app.delivery.in_flight:
        await demo.app.delivery.drain()
    demo.clock.advance(timedelta(seconds=90))
    _, samples = await scrape(http)
    assert samples["parley_outbox_pending", ("message",)] == 1
    assert samples["parley_outbox_oldest_age_seconds", ("message",)] >= 85
    assert samples["parley_outbox_oldest_age_seconds", ("call",)] == 0


async def test_an_opt_out_is_counted_once(demo: Demo, http: aiohttp.ClientSession) -> None:
    await http.post(f"{SMS}/say", json={"text": "stop texting me please"})
    await demo.app.ticker.settle()
    for _ in range(2):
        _, samples = await scrape(http)
    assert sum(value for (name, _), value in samples.items() if name == "parley_optouts_total") == 1


async def test_obs_2_no_number_or_text_becomes_a_label(demo: Demo, http: aiohttp.ClientSession) -> None:
    await http.post(f"{SMS}/say", json={"text": "canary words"})
    await http.get("/p/canarytoken0123456789")
    await http.get("/canary/path")
    demo.app.intake.count("canary", "received")
    demo.app.intake.rejected("canary", "canary")
    demo.app.metrics.turn({"flow": "canary", "kind": "canary.canary", "source": "lob", "ms": 1})
    text, _ = await scrape(http)
    assert "canary" not in text
    assert "4155550123" not in text


@pytest.mark.parametrize(
    ("remote", "headers", "token", "wanted"),
    [
        ("127.0.0.1", {}, "", True),
        ("::1", {}, "", True),
        ("203.0.113.9", {}, "", False),
        ("203.0.113.9", {"Authorization": "Bearer right"}, "right", True),
        ("203.0.113.9", {"Authorization": "Bearer wrong"}, "right", False),
        ("203.0.113.9", {"Authorization": "Bearer "}, "", False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, "", False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer right"}, "right", True),
    ],
)
def test_obs_2_the_metrics_are_for_this_machine_or_for_the_token(
    demo_page: Any, remote: str, headers: dict[str, str], token: str, wanted: bool
) -> None:
    page = demo_page(token)
    request = make_mocked_request("GET", "/metrics", headers=headers).clone(remote=remote)
    assert (page._is_local(request) or page._has_token(request)) is wanted


@pytest.fixture
def demo_page() -> Any:
    from storage.database import Database

    metrics = Metrics(clock=SystemClock())
    return lambda token: MetricsPage(metrics, Database("sqlite:///nowhere.db"), token=token)


def test_a_flow_that_registers_late_is_counted_by_its_name() -> None:
    flows = set[str]()
    metrics = Metrics(flows=flows, clock=SystemClock())
    flows.add("coaching")
    for flow in ("coaching", "canary"):
        metrics.turn({"flow": flow, "kind": "text", "ms": 1})
    value = registry_of(metrics).get_sample_value
    assert [value("parley_turn_seconds_count", {"flow": flow}) for flow in ("coaching", "other")] == [1, 1]


async def test_two_processes_keep_two_sets_of_numbers(tmp_path: Path) -> None:
    async with (
        Demo.open(settings_for(tmp_path / "a"), registry=make_registry()) as one,
        Demo.open(settings_for(tmp_path / "b"), registry=make_registry()) as two,
    ):
        one.app.metrics.count("sms", "received")
        assert b'received_total{channel="sms"} 1.0' in page(one.app.metrics)
        assert b'received_total{channel="sms"} 0.0' in page(two.app.metrics)
