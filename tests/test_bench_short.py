"""The benchmark works and its turns are correct: a short run that yields every figure. No time is ever judged here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import books, durability, growth, insight, report, run, sms
from tests.bench.bot_api import BotApi
from tests.bench.load import Connection
from tests.bench.rounds import Effort, Figures, measure
from tests.bench.subjects import ECHO, PARLEY, PARLEY_API, PARLEY_PG, PTB, Server, Subject
from tests.bench.targets import Measured, Target, targets
from tests.databases import need_postgres

SHORT = Effort(1, 0.3, 30, (1, 8))


def _quiet(line: str) -> None:
    pass


@pytest.mark.parametrize(
    "subjects",
    [
        pytest.param((PARLEY, PARLEY_API, PTB), id="by-webhook, by-api, peer"),
        pytest.param((PARLEY_PG,), id="on-postgres", marks=pytest.mark.postgres),
    ],
)
async def test_every_reply_of_a_short_run_carries_its_marker(subjects: tuple[Subject, ...]) -> None:
    if any(subject.postgres for subject in subjects):
        need_postgres()
    figures = Figures()
    async with BotApi() as api:
        await measure([ECHO, *subjects], SHORT, api, _quiet, figures)
    assert figures.bad == 0, [p.first_bad for found in figures.phases.values() for p in found if p.bad]
    assert api.surplus == 0
    for senders in SHORT.senders:
        for name in (ECHO.name, *(subject.name for subject in subjects)):
            (phase,) = figures.phases[name, senders]
            assert phase.turns > 0
            assert 0 < phase.p50_ms <= phase.p99_ms
            assert phase.rss_mib > 0


async def test_a_reply_without_its_marker_is_counted_as_bad() -> None:
    async with BotApi() as api, Server(ECHO, api) as server:
        crowd = server.crowd(4)
        crowd.checks = True
        phase = await crowd.run(2, 0.1)
    assert phase.bad == phase.turns > 0
    assert "[1] expected" in phase.first_bad


async def test_an_answer_by_the_api_that_nobody_expects_is_surplus() -> None:
    async with BotApi() as api:
        line = await Connection.open(api.port)
        expected = api.expect(7, "[2]")
        for text in ("[1] early", "[2] due", "[2] twice"):
            body = b'{"chat_id": 7, "text": "%s"}' % text.encode()
            await line.ask(
                b"POST /bot42:BENCH/sendMessage HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )
        line.transport.close()
        assert await expected == "[2] due"
        assert (api.calls, api.surplus) == (3, 2)


async def test_a_missing_peer_is_named_and_the_rest_is_measured() -> None:
    absent = Subject("absent", "tests.bench.absent", needs=("a_package_that_nobody_has",))
    figures = Figures()
    async with BotApi() as api:
        await measure([absent, ECHO], Effort(1, 0.1, 10, (1,)), api, _quiet, figures)
    assert figures.missing == {"absent": "a_package_that_nobody_has is not installed"}
    assert figures.phases[ECHO.name, 1]
    assert "absent" in report.rates(figures)


@pytest.mark.parametrize("subject", [pytest.param(PARLEY, id="by-webhook"), pytest.param(PARLEY_API, id="by-api")])
async def test_after_sigkill_right_after_the_answer_everybody_goes_on(subject: Subject) -> None:
    async with BotApi() as api:
        kept = await durability.kill(subject, api, persons=8)
    assert (kept.kept, kept.persons, kept.wrong_before) == (8, 8, 0)


async def test_persons_of_a_filled_database_are_known_at_any_size(tmp_path: Path) -> None:
    small, large = await growth.measure(tmp_path, (40, 400), turns=20)
    assert (small.persons, large.persons) == (40, 400)
    assert large.mib > small.mib
    assert 0 < small.p50_us <= small.p99_us


async def test_batches_are_counted_and_the_reader_reads_meanwhile() -> None:
    async with BotApi() as api:
        seen = await insight.look(api, seconds=0.3, persons=64)
    assert seen.bad == 0
    assert all(size >= 1 for size in seen.turns_per_commit.values())
    assert seen.turns_per_commit[64] > seen.turns_per_commit[1]
    assert seen.with_reader[0] > 0


async def test_the_document_holds_every_part_and_every_target(capsys: pytest.CaptureFixture[str]) -> None:
    plan = run.Plan(Effort(1, 0.2, 20, (1, 64)), (30, 60), 10, 1, killed=4)
    found = await run.bench(plan, ("growth", "start", "sms"))
    assert found["start"]["seconds"] > 0
    assert found["start"]["idle_mib"] > 0
    assert found["inbound_sms"]["door_us"] > 0
    assert len(found["growth"]) == 2
    verdicts = {row["name"]: row["verdict"] for row in found["targets"]}
    assert verdicts["turns / echo, reply in the webhook response"] == "not measured"
    assert verdicts["turn at 60 persons / at 1,000"] != "not measured"
    printed = capsys.readouterr().out
    assert all(row.name in printed for row in targets(Measured()) if "persons" not in row.name)


def test_every_question_of_the_books_is_timed_at_both_sizes() -> None:
    found = books.grow(60, 120, rounds=4)
    assert found.small.keys() == found.large.keys()
    assert found.steepest > 0
    assert all(name in str(found) for name in found.large)


def test_the_inbound_sms_that_is_timed_is_taken() -> None:
    measured = sms.measure(200)
    assert measured.door_us > 0
    assert measured.official_us > 0


@pytest.mark.parametrize(
    ("value", "least", "verdict"),
    [
        (51.0, True, "goal"),
        (31.0, True, "must"),
        (29.0, True, "BELOW MUST"),
        (None, True, "not measured"),
        (29.0, False, "goal"),
        (40.0, False, "BELOW MUST"),
    ],
)
def test_a_verdict_says_which_mark_is_reached(value: float | None, least: bool, verdict: str) -> None:
    must, goal = (30, 50) if least else (35, 30)
    assert Target("row", "%", must, goal, value, least=least).verdict == verdict
