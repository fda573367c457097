"""A broadcast from its draft to its report: frozen, once for each, through crashes, stopped (BC-1, BC-2, A110)."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.engine.harness import Harness
from handlers.campaigns import sending
from jobs import gate
from storage.audit import audit
from storage.campaigns import recipients
from storage.campaigns.broadcasts import Segment, broadcast
from storage.campaigns.recipients import recipient
from storage.outbox import outbox
from storage.people import address, consent, person
from storage.work import Work
from tests.handlers.campaigns.world import House, offers, open_house, texts

MINUTE = timedelta(minutes=1)
WORDS = "We post letters on Saturdays now."


async def drafted(house: House, marks: str = "") -> None:
    await house.do("broadcast new", f"{marks} :: {WORDS}")


async def test_bc_1_draft_preview_count_send_report(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        phones = await house.people(3, 2)
        silent = house.harness.phone("sms", "+14155559999")
        await silent.say("menu")
        await drafted(house)
        seen = await house.do("broadcast preview", "B-1")
        assert "en on sms:\nParley: We post letters on Saturdays now.\nOFFERS OFF or STOP ends this." in seen
        assert (
            await house.do("broadcast count", "B-1") == "telegram: 2 persons\nsms: 3 persons, 3 segments, about $0.04"
        )
        would = await house.do("broadcast send", "B-1", "would")
        assert "SEND B-1 to everybody who wants offers" in would
        assert "TYPED broadcast B-1" in would
        await house.do("broadcast send", "B-1")
        await house.harness.wait(MINUTE)
        assert [len(offers(phone)) for phone in phones] == [1] * 5
        assert offers(silent) == []
        report = await house.do("broadcast report", "B-1")
        assert report.startswith("B-1 done: 5 sent, 0 waiting, 0 failed, 0 blocked or stopped, 0 ended offers after")


async def test_bc_1_the_dry_run_changes_when_the_audience_does(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.people(1)
        await drafted(house)
        first = await house.do("broadcast send", "B-1", "would")
        assert await house.do("broadcast send", "B-1", "would") == first
        await house.people(2)
        assert (await house.do("broadcast send", "B-1", "would")).splitlines()[-1] != first.splitlines()[-1]


async def test_bc_1_recipients_are_frozen_when_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FROZEN_AT_ONCE", 2)
    async with open_house(tmp_path) as house:
        await house.people(5)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        house.harness.clock.advance(MINUTE)
        late = house.harness.phone("sms", "+14155558888")
        await late.say("offers on")
        await house.harness.wait(MINUTE)
        assert len(await house.rows(sa.select(recipient))) == 5
        assert offers(late) == []
        before = house.harness.clock.now() - 2 * MINUTE
        assert await house.harness.writers.run(
            lambda work: recipients.freeze(work, 7, Segment(), asked_at=before, after=0, most=9)
        ) == max(row.person_id for row in await house.rows(sa.select(recipient)))
        assert len(await house.rows(sa.select(recipient).where(recipient.c.broadcast_id == 7))) == 5


async def test_id_11_a_person_of_two_addresses_gets_it_once_where_they_wrote_last(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        first, second = await house.people(2)
        one, two = await house.rows(
            sa.select(address.c.person_id).order_by(address.c.id).where(address.c.channel == "sms")
        )

        def join(work: Work) -> None:
            for table in (address, consent):
                work.write(table.update().where(table.c.person_id == two.person_id).values(person_id=one.person_id))

        await house.harness.writers.run(join)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        await house.harness.wait(MINUTE)
        assert (len(offers(first)), len(offers(second))) in ((0, 1), (1, 0))
        assert len(await house.rows(sa.select(recipient))) == 1


@pytest.mark.parametrize("at", [1, 2, 3, 5])
async def test_a110_a_crash_in_the_middle_repeats_nobody_and_misses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(sending, "BATCH", 3)
    monkeypatch.setattr(sending, "FROZEN_AT_ONCE", 4)
    async with open_house(tmp_path) as house:
        phones = await house.people(5, 4)
        await drafted(house)
        turns = _dying(monkeypatch, at)
        steps: list[Callable[[], Awaitable[object]]] = [lambda: house.do("broadcast send", "B-1")] + [
            lambda: house.harness.wait(timedelta(seconds=1)) for _ in range(12)
        ]
        for step in steps:
            with contextlib.suppress(AssertionError):  # the harness tells of the turn that failed; its event is kept
                await step()
            await house.restart()
        assert turns["left"] != at
        assert [len(offers(phone)) for phone in phones] == [1] * 9
        assert "B-1 done: 9 sent, 0 waiting" in await house.do("broadcast report", "B-1")


def _dying(monkeypatch: pytest.MonkeyPatch, at: int) -> dict[str, int]:
    """Let the turn die that settles the person of this number."""
    turns = {"left": at}
    real = recipients.settle

    def dies(*args: Any, **named: Any) -> bool:
        turns["left"] -= 1
        if turns["left"] == 0:
            raise RuntimeError("the process died in this turn")
        settled: bool = real(*args, **named)
        return settled

    monkeypatch.setattr(recipients, "settle", dies)
    return turns


async def test_bc_2_stop_is_obeyed_by_the_next_turn_and_cancels_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    async with open_house(tmp_path) as house:
        phones = await house.people(6)
        await drafted(house)
        real = Harness._deliver

        async def held(self: Harness) -> int:
            """Let everything leave but the offers: they wait for their hour."""
            offered = outbox.c.purpose == "offer"
            await self.writers.run(
                lambda work: work.write(outbox.update().where(offered).values(due_at=outbox.c.at + 10**12))
            )
            return await real(self)

        monkeypatch.setattr(Harness, "_deliver", held)
        await house.do("broadcast send", "B-1")
        await house.harness.wait(timedelta(seconds=1))
        assert "is stopped" in await house.do("broadcast stop", "B-1")
        await house.harness.wait(timedelta(days=20))
        assert [offers(phone) for phone in phones] == [[]] * 6
        assert {row.state for row in await house.rows(sa.select(outbox).where(outbox.c.purpose == "offer"))} == {
            "cancelled"
        }
        assert "0 sent, 0 waiting, 0 failed, 6 blocked or stopped" in await house.do("broadcast report", "B-1")
        assert "is not under way" in await house.do("broadcast stop", "B-1")


async def test_bc_2_only_so_many_are_queued_in_a_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    async with open_house(tmp_path) as house:
        phones = await house.people(5)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        got = []
        for _ in range(3):
            got.append(sum(len(offers(phone)) for phone in phones))
            await house.harness.wait(sending.TICK)
        assert got == [2, 4, 5]
    # What the figures of the house itself come to: below thirty a second.
    assert 50 / sending.TICK.total_seconds() < 30


async def test_bc_1_consent_and_opt_out_are_asked_again_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 1)
    async with open_house(tmp_path) as house:
        phones = await house.people(3)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        await phones[1].say("offers off")
        await phones[2].say("stop")
        await house.harness.wait(MINUTE)
        assert [len(offers(phone)) for phone in phones] == [1, 0, 0]
        rows = await house.rows(sa.select(recipient).order_by(recipient.c.person_id))
        assert [(row.state, row.why) for row in rows] == [
            ("sent", None), ("skipped", "no consent"), ("skipped", "opted_out"),
        ]  # fmt: skip
        assert "1 sent, 0 waiting, 0 failed, 2 blocked" in await house.do("broadcast report", "B-1")


async def test_bc_1_quiet_hours_and_consent_are_judged_again_when_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(self: Harness) -> int:
        return 0

    async with open_house(tmp_path) as house:
        (dana,) = await house.people(1)
        await drafted(house)
        monkeypatch.setattr(Harness, "_deliver", nothing)
        await house.do("broadcast send", "B-1")
        (row,) = await house.rows(sa.select(outbox).where(outbox.c.purpose == "offer"))
        assert (row.state, row.policy) == ("ready", "ask_first")
        assert await house.harness.writers.run(lambda work: gate.judge(work, row.id)) is None
        house.harness.clock.advance(timedelta(hours=11))
        late = await house.harness.writers.run(lambda work: gate.judge(work, row.id))
        assert late is not None
        assert late.get("due_at", 0) > row.due_at
        await dana.say("offers off")
        assert await house.harness.writers.run(lambda work: gate.judge(work, row.id)) == {
            "state": "cancelled", "error": "no consent",
        }  # fmt: skip


async def test_who_ends_offers_afterwards_is_counted(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        (first, _) = await house.people(2)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        await house.harness.wait(MINUTE)
        await first.say("OFFERS OFF")
        assert "1 ended offers after it" in await house.do("broadcast report", "B-1")


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("channel=sms", [1, 1, 0]),
        ("channel=telegram", [0, 0, 1]),
        ("city=oakland", [1, 0, 0]),
        ('city="San Francisco"', [0, 0, 0]),
        ("plan=free", [1, 1, 1]),
        ("plan=pro", [0, 0, 0]),
        ("active=30", [0, 0, 1]),
        ("silent=30", [1, 1, 0]),
        ("locale=es", [0, 0, 0]),
    ],
)
async def test_bc_1_segments(tmp_path: Path, marks: str, expected: list[int]) -> None:
    async with open_house(tmp_path) as house:
        phones = await house.people(2)
        await house.harness.writers.run(
            lambda work: work.write(
                person.update().where(person.c.id == sa.select(sa.func.min(person.c.id)).scalar_subquery()).values(
                    place="Oakland"
                )
            )
        )  # fmt: skip
        house.harness.clock.advance(timedelta(days=40))
        phones += await house.people(0, 1)
        await drafted(house, marks)
        await house.do("broadcast send", "B-1")
        await house.harness.wait(MINUTE)
        assert [len(offers(phone)) for phone in phones] == expected


@pytest.mark.parametrize("marks", ["plan=gold", "channel=fax", "active=soon", "colour=red", "sms"])
async def test_an_unknown_mark_is_refused(tmp_path: Path, marks: str) -> None:
    async with open_house(tmp_path) as house:
        assert "I do not know" in await house.do("broadcast new", f"{marks} :: {WORDS}")
        assert await house.rows(sa.select(broadcast)) == []


async def test_bc_1_marks_without_their_parting_are_no_words_to_everybody(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert "Put :: between" in await house.do("broadcast new", f"channel=sms {WORDS}")
        assert await house.rows(sa.select(broadcast)) == []
        assert "is a draft for everybody" in await house.do("broadcast new", "Posting=faster now")


async def test_bc_1_a_broadcast_waits_for_its_hour_and_is_frozen_then(tmp_path: Path) -> None:
    """The hour is the organisation's; who consents before it gets it, and it can be stopped until then."""
    async with open_house(tmp_path) as house:
        (dana,) = await house.people(1)
        await drafted(house)
        hour = "at 2026-11-21 9:30"
        assert "SEND B-1 at 2026-11-21 09:30 (America/Los_Angeles)" in await house.do(
            "broadcast send", f"B-1 {hour}", "would"
        )
        assert "B-1 waits for 2026-11-21 09:30" in await house.do("broadcast send", f"B-1 {hour}")
        assert "B-1 waits for 2026-11-21 09:30" in await house.do("broadcast list")
        late = house.harness.phone("sms", "+14155557777")
        await late.say("offers on")
        await house.harness.wait(timedelta(hours=21, minutes=29))
        assert offers(dana) == []
        await house.harness.wait(2 * MINUTE)
        assert [len(offers(phone)) for phone in (dana, late)] == [1, 1]
        await drafted(house)
        await house.do("broadcast send", "B-2 at 2026-11-23 10:00")
        await house.do("broadcast stop", "B-2")
        await house.harness.wait(timedelta(days=4))
        assert len(offers(dana)) == 1


@pytest.mark.parametrize(
    "when", ["at noon", "at 2026-11-19 09:00", "at 2027-11-19 09:00", "at 2026-13-01 09:00", "now"]
)
async def test_bc_1_an_hour_that_cannot_be_is_refused(tmp_path: Path, when: str) -> None:
    async with open_house(tmp_path) as house:
        await drafted(house)
        assert "When? Such as" in await house.do("broadcast send", f"B-1 {when}")
        assert "B-1 draft" in await house.do("broadcast list")


async def test_sending_twice_is_sending_once(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.harness.redeliver = True
        (dana,) = await house.people(1)
        await drafted(house)
        await house.do("broadcast send", "B-1")
        assert "no draft any more" in await house.do("broadcast send", "B-1")
        await house.harness.wait(MINUTE)
        assert len(offers(dana)) == 1
        acts = [row.action for row in await house.rows(sa.select(audit.c.action).order_by(audit.c.id))]
        assert acts == ["broadcast.draft", "broadcast.send"]


async def test_offers_on_and_off_are_no_opt_out(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        (dana,) = await house.people(1)
        await dana.say("offers on")
        await dana.say("Offers off!")
        dana.expect("No more offers here.")
        await dana.say("menu")
        assert texts(dana, "unsubscribed") == 0


async def test_a110_the_same_on_both_databases(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    monkeypatch.setattr(sending, "FROZEN_AT_ONCE", 2)
    async with open_house(database) as house:
        phones = await house.people(3, 2)
        await drafted(house, "active=30 plan=free")
        await house.do("broadcast count", "B-1")
        turns = _dying(monkeypatch, 2)
        with contextlib.suppress(AssertionError):
            await house.do("broadcast send", "B-1")
        await house.restart()
        for _ in range(6):
            with contextlib.suppress(AssertionError):
                await house.harness.wait(timedelta(seconds=1))
            await house.restart()
        await house.harness.wait(MINUTE)
        assert turns["left"] <= 0
        assert [len(offers(phone)) for phone in phones] == [1] * 5
        assert "B-1 done: 5 sent" in await house.do("broadcast report", "B-1")


async def test_bc_1_a_batch_of_recipients_reads_no_more_rows_when_there_are_more_persons(tmp_path: Path) -> None:
    """Counted in steps of SQLite's own machine, so that no clock is asked; also where marks leave almost nobody."""
    async with open_house(tmp_path) as house:
        many, took = [*await house.people(40)], {}
        asked = house.harness.clock.now()
        await many[35].say("menu")
        for number, consents in ((1, 40), (2, 400)):
            await house.harness.writers.run(lambda work, more=consents - 40: _more(work, more))
            for after, marks in (("begin", Segment()), ("city", Segment(city="Nowhere"))):
                count = await house.harness.writers.run(
                    lambda work, n=number, marks=marks: _steps(work, marks, asked=asked, broadcast_id=n)
                )
                took[consents, after] = count
        assert took[400, "begin"] <= took[40, "begin"] * 1.2
        assert took[400, "city"] <= took[40, "city"] * 1.2


def _more(work: Work, persons: int) -> None:
    """Give so many others an address and a consent."""
    for number in range(persons):
        person_id, handle = work.new_id(), f"telegram:7:{90_000 + number}"
        digest = work.seal.digest("address", handle)
        work.claim(person.insert().values(id=person_id, locale="en", created_at=work.now_us))
        work.claim(
            address.insert().values(
                id=work.new_id(), person_id=person_id, channel="telegram", hash=digest, state="active", failures=0,
                handle=work.seal.seal(handle.encode()), created_at=work.now_us,
            )
        )  # fmt: skip
        work.claim(
            consent.insert().values(
                id=work.new_id(), person_id=person_id, hash=digest, kind="offers", wording="w", source="s", at=work.now
            )
        )


def _steps(work: Work, marks: Segment, *, asked: datetime, broadcast_id: int) -> int:
    """Return how many steps the freezing of ten persons takes."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    driver: Any = work._session.execute(sa.text("SELECT 1")).connection.connection.driver_connection
    driver.set_progress_handler(count, 10)
    last = recipients.freeze(work, broadcast_id, marks, asked_at=asked, after=0, most=10)
    driver.set_progress_handler(None, 0)
    assert last is not None
    work.claim(recipient.delete().where(recipient.c.broadcast_id == broadcast_id))
    return steps[0]
