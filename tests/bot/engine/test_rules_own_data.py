"""A person's own data: shown before it goes, refused to whom is doubted, gone everywhere (UX-10, PRIV-6, PRIV-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.engine import consent, own_data
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.state import Conversation
from bot.engine.turn import Turn
from storage import addresses
from storage.audit import audit
from storage.blobs import blob
from storage.conversation import conversation
from storage.outbox import outbox
from storage.people import address, suppression
from storage.timers import timer
from storage.transcript import transcript
from storage.work import Work
from tests.bot.engine.talk import register

DAY = timedelta(hours=24, minutes=1)


def owned(registry: Registry) -> None:
    """Register the talk, reminders, and the rights of a person."""
    register(registry)
    consent.register(registry)
    own_data.register(registry)


async def _acts(h: Harness) -> list[str]:
    query = sa.select(audit.c.actor, audit.c.action, audit.c.object).order_by(audit.c.id)
    rows = await h.database.read(lambda c: list(c.execute(query)))
    return [f"{row.actor} {row.action} {row.object}" for row in rows if row.action.startswith("privacy.")]


async def _rows(h: Harness, table: sa.Table) -> list[Any]:
    return await h.database.read(lambda c: list(c.execute(sa.select(table))))


async def _erased(h: Harness) -> bool:
    return {row.body for row in await _rows(h, transcript)} == {None}


# -- UX-10 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("word", ["OK", "yes", "1", "d", "del", "sure", "DELETE MY DATA", "\N{THUMBS UP SIGN}"])
async def test_ux_10_deleting_is_shown_first_and_nothing_looser_than_the_word_confirms_it(
    channel: str, word: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone(channel)
        await p.say("talk")
        (preview,) = await p.say("DELETE MY DATA")
        for part in ("deletes your answers", "Kept without words", "Reply DELETE or KEEP"):
            assert part in preview.text
        await p.say(word)
        await h.wait(DAY, p)
        assert not await _erased(h)
        assert not any("confirmed" in act for act in await _acts(h))


@pytest.mark.parametrize("again", ["delete", "DELETE", "ok"])
async def test_ux_10_a_second_confirmation_does_nothing(again: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        h.redeliver = True
        p = h.phone("sms")
        for text in ("hello", "delete my data", "delete", again, again):
            await p.say(text)
        assert len([act for act in await _acts(h) if "delete.confirmed" in act]) == 1
        set_ = [row for row in await _rows(h, timer) if row.kind == own_data.TIMER and row.state == "set"]
        assert len(set_) == 1
        told = [message.text for message in p.messages if "is deleted in 24 hours" in message.text]
        assert len(told) == 1


async def test_ux_10_a_double_tap_deletes_once_and_an_old_button_does_nothing(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone("telegram")
        await p.say("/delete")
        data = p.last.buttons["Delete"]
        await p.press(data)
        await p.press(data)
        p.expect("number D-", "older question")
        assert len([act for act in await _acts(h) if "delete.confirmed" in act]) == 1


@pytest.mark.parametrize("word", ["KEEP MY DATA", "keep my data."])
async def test_ux_10_it_can_be_taken_back_for_a_day(word: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "one", "DELETE MY DATA", "DELETE"):
            await p.say(text)
        await h.wait(timedelta(hours=23), p)
        (reply,) = await p.say(word)
        assert "your data stays" in reply.text
        await h.wait(timedelta(days=3), p)
        assert not await _erased(h)
        assert "count 2" in (await p.say("two"))[0].text


# -- PRIV-6 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["EXPORT", "DELETE MY DATA"])
async def test_priv_6_a_wish_about_own_data_is_always_on_the_record(
    word: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        await h.phone("sms").say(word)
        (act,) = await _acts(h)
        actor, action, thing = act.split()
        assert actor == thing
        assert actor.startswith("person:")
        assert action == {"EXPORT": "privacy.export.asked", "DELETE MY DATA": "privacy.delete.asked"}[word]


@pytest.mark.parametrize("word", ["EXPORT", "DELETE MY DATA"])
async def test_priv_6_it_is_refused_where_a_service_doubts_who_asks_and_that_is_on_the_record_too(
    word: str, tmp_path: Path, clock: FixedClock
) -> None:
    def doubting(registry: Registry) -> None:
        owned(registry)
        registry.catalogue.add("en", {"test.prove": "who are you?"})

        @registry.word("prove")
        def doubted(turn: Turn, argument: str) -> bool:
            turn.say("test.prove")
            return True

    async with Harness.open(doubting, tmp_path, clock) as h:
        p = h.phone("sms")
        (reply,) = await p.say(word)
        assert "who are you?" in reply.text
        assert "staff" not in reply.text
        assert [act.split()[1].rpartition(".")[2] for act in await _acts(h)] == ["refused"]
        await p.say("delete")
        await h.wait(DAY, p)
        assert not await _erased(h)


async def test_priv_6_every_turn_of_a_deletion_is_on_the_record(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("DELETE MY DATA", "delete", "KEEP MY DATA", "DELETE MY DATA", "delete"):
            await p.say(text)
        await h.wait(DAY, p)
        turns = [act.split()[1].rpartition(".")[2] for act in await _acts(h)]
        assert turns == ["asked", "confirmed", "kept", "asked", "confirmed", "done"]


# -- PRIV-7 ------------------------------------------------------------------------------------------------------------


def _plain(h: Harness, rows: list[Any]) -> bytes:
    """Return every value of these rows, opened where it is sealed."""
    found: list[bytes] = []
    for value in (value for row in rows for value in row):
        if isinstance(value, bytes):
            try:
                found.append(h.seal.open(value))
            except Exception:  # a keyed hash is no sealed value
                found.append(value)
        else:
            found.append(str(value).encode())
    return b"\n".join(found)


async def _told(h: Harness) -> bytes:
    """Return all that the database can tell of anybody."""
    from storage.tables import metadata

    tables = [table for table in metadata.sorted_tables if table is not suppression]
    return b"\n".join([_plain(h, await _rows(h, table)) for table in tables])


def _queue(h: Harness) -> Callable[[Work], None]:
    """Return a job that queues a message for tomorrow, as a notice that waits for the morning."""

    def write(work: Work) -> None:
        row = work.row(sa.select(outbox).where(outbox.c.kind == "message"))
        assert row is not None
        later = work.now_us + 3 * 86_400_000_000
        waiting = {**row._mapping, "id": work.ids.next(), "state": "ready", "due_at": later, "expires_at": None}
        work.write(outbox.insert().values(waiting))

    return write


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_priv_7_deleting_takes_effect_in_drafts_queue_files_and_words(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "Canarybird is my name", "picture"):
            await p.say(text)
        await p.photo(b"canary picture", caption="Canarybird")
        for text in ("MENU", "MENU", "talk", "REMIND", "Canarybird again"):
            await p.say(text)
        await h.writers.run(_queue(h))
        before = await _told(h)
        assert b"Canarybird" in before
        assert b"canary picture" in before
        for text in ("DELETE MY DATA", "delete"):
            await p.say(text)
        assert len(await _rows(h, blob)) == 1, "not before the day is over"
        heard = len(p.messages)
        await h.wait(DAY, p)

        after = await _told(h)
        handle = b"+14155550123" if channel == "sms" else b"7:5001"
        assert [canary for canary in (b"Canarybird", b"canary picture", handle) if canary in after] == []
        (kept,) = await _rows(h, conversation)
        assert Conversation.load(h.seal.open(kept.state)).parked == []
        assert await _rows(h, blob) == []
        assert not [row for row in await _rows(h, outbox) if row.state == "ready"]
        assert not [row for row in await _rows(h, timer) if row.state == "set"]
        await h.wait(timedelta(days=5), p)
        assert len(p.messages) == heard, "nothing is sent any more"


async def test_priv_7_whoever_writes_from_there_is_new_and_an_opt_out_still_stands(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "one", "DELETE MY DATA", "delete", "stop texting me please"):
            await p.say(text)
        await h.wait(DAY, p)
        assert await p.say("hello?") == []
        assert len({row.person_id for row in await _rows(h, address)}) == 2
        await p.say("START")
        (reply,) = await p.say("RESUME")
        assert "Nothing is waiting" in reply.text


async def test_priv_7_what_must_be_settled_first_puts_it_off_and_services_empty_their_own(
    tmp_path: Path, clock: FixedClock
) -> None:
    owed: list[str] = ["A-12345"]
    emptied: list[int] = []

    def shop(registry: Registry) -> None:
        owned(registry)
        registry.holds.append(lambda work, person_id: owed)
        registry.erasers.append(lambda work, person_id: emptied.append(person_id))

    async with Harness.open(shop, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "one", "DELETE MY DATA", "delete"):
            await p.say(text)
        await h.wait(DAY, p)
        assert (await _erased(h), emptied) == (False, [])
        owed.clear()
        await h.wait(DAY, p)
        assert await _erased(h)
        assert len(emptied) == 1


async def test_priv_7_what_was_agreed_to_ends_with_it(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(owned, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "REMIND", "DELETE MY DATA", "delete"):
            await p.say(text)
        person_id = (await _rows(h, address))[0].person_id
        agreed = lambda work: addresses.has_consent(  # noqa: E731
            work, person_id=person_id, kind="nudges", handle="sms:+14155550123"
        )
        assert await h.writers.run(agreed)
        await h.wait(DAY, p)
        assert not await h.writers.run(agreed)
