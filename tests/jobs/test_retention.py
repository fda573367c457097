"""The table of lives, and the job that obeys it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.events import Event
from jobs.retention import TABLE, Retention
from storage import audit, blobs
from storage.blobs import blob
from storage.coaching import tasks
from storage.coaching.projects import project, template
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import person
from storage.transcript import transcript
from tests.jobs.plant import Plant, notices, plant, sms
from tests.storage.coaching.kit import ANN, PROJECT, TODAY, put

DAY = timedelta(days=1)


async def _all(made: Plant, table: sa.Table) -> list[Any]:
    return await made.database.read(lambda c: list(c.execute(sa.select(table))))


async def test_ux_15_bodies_are_blanked_and_keys_kept_then_dropped(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.text("my words")
        await made.settle()
        retention = Retention(made.database, made.writers, made.clock)
        made.clock.advance(29 * DAY)
        await retention.run()
        assert all(row.body for row in await _all(made, outbox))
        made.clock.advance(2 * DAY)
        await retention.run()
        assert not any(row.body for row in [*await _all(made, inbox), *await _all(made, outbox)])
        assert {row.key for row in await _all(made, inbox)}
        assert all(row.body for row in await _all(made, transcript))
        made.clock.advance(340 * DAY)
        await retention.run()
        assert await _all(made, transcript)
        assert not any(row.body for row in await _all(made, transcript))
        made.clock.advance(40 * DAY)
        await retention.run()
        assert not await _all(made, inbox)
        assert not await _all(made, outbox)


async def test_ux_15_a_redelivery_after_the_body_was_blanked_does_nothing(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        event = Event("sms", "SM1", "text", {"text": "hi"}, channel="sms", handle="+14155550123")
        await made.event(event)
        await made.settle()
        made.clock.advance(31 * DAY)
        await Retention(made.database, made.writers, made.clock).run()
        sent = await made.event(event)
        assert sent.duplicate


async def test_ux_15_an_event_that_is_done_keeps_no_body_of_its_own(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.text("my words")
        await made.settle()
        assert [row.body for row in await _all(made, inbox) if row.state == "done"] == [None]


async def test_waiting_and_dead_letters_keep_their_bodies(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.text("my words")
        await made.settle()
        await made.writers.run(lambda work: work.write(inbox.update().values(state="dead", body=b"sealed")))
        made.clock.advance(100 * DAY)
        await Retention(made.database, made.writers, made.clock).run()
        assert all(row.body for row in await _all(made, inbox))


async def test_ux_15_loose_files_live_thirty_days_and_more_than_a_batch_is_taken(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:

        def keep(work: Any) -> None:
            for _ in range(1203):
                blobs.keep(work, blob_id=work.ids.next(), data=b"x", media_type="image/jpeg", person_id=None)

        await made.writers.run(keep)
        retention = Retention(made.database, made.writers, made.clock)
        made.clock.advance(29 * DAY)
        await retention.run()
        assert len(await _all(made, blob)) == 1203
        made.clock.advance(2 * DAY)
        await retention.run()
        assert await _all(made, blob) == []


async def test_ux_15_tk_1_a_photo_that_shows_a_task_lives_as_long_as_its_event(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        kept: list[int] = []

        def keep(work: Any) -> None:
            work.claim(person.insert().values(id=ANN, locale="en", created_at=0))
            put(work, template, digest="d")
            put(work, project, id=PROJECT, person_id=ANN, code="P-1")
            for _ in range(2):
                kept.append(work.ids.next())
                blobs.keep(work, blob_id=kept[-1], data=b"x", media_type="image/jpeg", person_id=ANN)
            tasks.record(work, ANN, PROJECT, task_id="1.3", kind="note", day=TODAY, evidence=kept[0])

        await made.writers.run(keep)
        made.clock.advance(60 * DAY)
        await Retention(made.database, made.writers, made.clock).run()
        assert [row.id for row in await _all(made, blob)] == kept[:1]


async def test_ux_15_the_audit_outlives_six_years_and_not_eight(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await made.writers.run(lambda work: audit.record(work, actor="a", action="b"))
        retention = Retention(made.database, made.writers, made.clock)
        for years, left in ((6, 1), (2, 0)):
            assert isinstance(made.clock, FixedClock)
            made.clock.advance(years * 365 * DAY)
            await retention.run()
            assert len(await _all(made, audit.audit)) == left


def test_every_line_of_the_table_names_something_that_may_be_emptied() -> None:
    for keeping in TABLE:
        for name in keeping.blank or ():
            column = keeping.table.c[name]
            assert column.nullable or isinstance(column.type, sa.LargeBinary), keeping.name


async def test_li_5_the_log_of_model_calls_is_kept_for_two_years(tmp_path: Path) -> None:
    (keeping,) = [one for one in TABLE if one.table.name == "model_call"]
    assert keeping.life.days == 730
    assert keeping.blank is None
