"""The alerts that ship, each fired once, and told to the operators once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.calls.channels import SendTelegram
from bot.core.events import Event
from jobs.alerts import AlertTeller
from jobs.watch import (
    CONDITIONS,
    Measured,
    Watch,
    backup_old,
    circuit_open,
    dead_letters,
    disk_low,
    job_late,
    no_inbound,
    outbox_late,
    segments_surge,
)
from storage import operators
from storage.alerts import raise_alert
from storage.organisation import Organisation, amend
from tests.jobs.plant import NOW, notices, plant, telegram

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUIET = Measured(now=NOW, since=NOW - timedelta(days=30), backup=NOW - HOUR, last_inbound=NOW - HOUR)


def test_nothing_is_wrong_with_a_healthy_machine() -> None:
    assert [finding for condition in CONDITIONS for finding in condition(QUIET)] == []


@pytest.mark.parametrize(
    ("condition", "wrong", "just_right"),
    [
        (outbox_late, replace(QUIET, oldest=NOW - 6 * MINUTE), replace(QUIET, oldest=NOW - 5 * MINUTE)),
        (dead_letters, replace(QUIET, dead=(1, 0), newest_dead=(9, 0)), QUIET),
        (
            circuit_open,
            replace(QUIET, circuits={"lob": NOW - 6 * MINUTE}),
            replace(QUIET, circuits={"lob": NOW - MINUTE}),
        ),
        (
            no_inbound,
            replace(QUIET, now=NOW + 3 * HOUR, last_inbound=NOW - 4 * HOUR),
            replace(QUIET, now=NOW + 13 * HOUR, last_inbound=NOW - 4 * HOUR),
        ),
        (
            job_late,
            replace(QUIET, rhythms={"x": HOUR}, done={"x": NOW - 3 * HOUR - MINUTE}),
            replace(QUIET, rhythms={"x": HOUR}, done={"x": NOW - 3 * HOUR}),
        ),
        (backup_old, replace(QUIET, backup=NOW - 27 * HOUR), replace(QUIET, backup=NOW - 26 * HOUR)),
        (
            segments_surge,
            replace(QUIET, segments={0: 301, **dict.fromkeys(range(1, 168), 100)}),
            replace(QUIET, segments={0: 300, **dict.fromkeys(range(1, 168), 100)}),
        ),
        (
            segments_surge,
            replace(QUIET, segments={0: 61, **dict.fromkeys(range(1, 25), 10)}),
            replace(QUIET, segments={0: 60, **dict.fromkeys(range(1, 25), 10)}),
        ),
        (segments_surge, replace(QUIET, segments={0: 301}), replace(QUIET, segments={0: 300, 1: 20})),
        (disk_low, replace(QUIET, disk_free=0.09), replace(QUIET, disk_free=0.10)),
    ],
)
def test_each_shipped_alert_fires_at_its_limit_and_not_before(
    condition: object, wrong: Measured, just_right: Measured
) -> None:
    assert callable(condition)
    assert len(list(condition(wrong))) == 1
    assert list(condition(just_right)) == []


def test_a_new_dead_letter_is_a_new_alert() -> None:
    first = next(dead_letters(replace(QUIET, dead=(1, 0), newest_dead=(9, 0))))
    second = next(dead_letters(replace(QUIET, dead=(1, 1), newest_dead=(9, 12))))
    assert first[1] != second[1]


async def test_the_watch_raises_each_alert_once(tmp_path: Path) -> None:
    def register(registry: object) -> None:
        from bot.engine.registry import Registry
        from bot.engine.turn import Turn

        assert isinstance(registry, Registry)
        notices(registry)

        @registry.on("stripe:bad")
        def bad(turn: Turn) -> None:
            raise RuntimeError

    async with plant(tmp_path, telegram(), register=register) as made:
        watch = Watch(
            made.database, made.writers, made.clock, data_dir=tmp_path, breakers=made.delivery.breakers,
            rhythms=lambda: {"backup": timedelta(days=1)},
        )  # fmt: skip
        await watch.run()
        await made.event(Event("stripe", "e", "bad", {}))
        for _ in range(6):
            made.clock.advance(2 * MINUTE)
            await made.settle()
        for _ in range(5):
            made.delivery.breakers["telegram"].failed()
        made.clock.advance(6 * MINUTE)
        for _ in range(3):
            await watch.run()
        raised = await made.alerts()
        assert raised.count("dead_letters") == 1
        assert raised.count("circuit_open") == 1
        made.clock.advance(timedelta(days=4))
        await watch.run()
        assert {"backup_old", "job_late"} <= set(await made.alerts())


async def test_rem_9_every_operator_is_told_once_even_at_night(tmp_path: Path) -> None:
    vendor = telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        teller = AlertTeller(made.database, made.writers, made.registry.catalogue)
        await made.writers.run(lambda work: raise_alert(work, kind="paid_blocked_1h", key="k", details={"payment": 7}))
        await teller.run()
        assert not any(isinstance(call, SendTelegram) and "paid_blocked" in call.text for call in vendor.asked)
        for user in (1, 2):
            await made.text("hi", handle=f"7:{user}", channel="telegram")
        await made.settle()
        people = dict.fromkeys(row.person_id for row in await made.rows())
        for n, who in enumerate(people):
            row = await made.writers.run(
                lambda work, n=n: operators.enroll(work, name=f"o{n}", role="owner", state="active", secret="A" * 32)
            )
            await made.writers.run(lambda work, row=row, who=who: operators.change(work, row, person_id=who))
        made.clock.advance(datetime(2026, 11, 21, 8, 0, tzinfo=UTC) - made.clock.now())
        for _ in range(3):
            await teller.run()
            await made.settle()
        told = [call for call in vendor.asked if "paid_blocked_1h" in call.text]
        assert sorted(call.chat_id for call in told) == [1, 2]
        assert "payment 7" in told[0].text


async def test_cm_5_au_5_or_1_what_is_the_owners_goes_to_their_channel_once_they_named_one(tmp_path: Path) -> None:
    vendor = telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        await made.text("hi", handle="7:1", channel="telegram")
        await made.settle()
        (who,) = {row.person_id for row in await made.rows()}
        row = await made.writers.run(
            lambda work: operators.enroll(work, name="ann", role="owner", state="active", secret="A" * 32)
        )
        await made.writers.run(lambda work: operators.change(work, row, person_id=who))
        ours = Organisation(owners_channel="-1001234567890")
        await made.writers.run(lambda work: amend(work, 0, ours, actor="operator:ann"))
        for kind in ("staff_act", "audit_anchor", "disk_low"):
            await made.writers.run(lambda work, kind=kind: raise_alert(work, kind=kind, key=kind, details={}))
        teller = AlertTeller(made.database, made.writers, made.registry.catalogue)
        for _ in range(3):
            await teller.run()
            await made.settle()
        told = [(call.chat_id, call.text) for call in vendor.asked if isinstance(call, SendTelegram)]
        assert [chat for chat, text in told if "staff_act" in text or "audit_anchor" in text] == [-1001234567890] * 2
        assert [chat for chat, text in told if "disk_low" in text] == [1]
        assert [row.state for row in await made.rows() if row.kind == "call"] == ["sent", "sent"]
