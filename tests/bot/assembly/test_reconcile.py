"""Reconciliation with the real adapters: what the webhooks did not bring comes in once, and nothing twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.stripe import OpenCheckout
from bot.core.events import Event
from bot.core.ports import Attempt
from bot.engine.dispatch import Dispatcher
from bot.web.doors.twilio import inbound_event
from jobs.files import StoredFiles
from storage.alerts import alert
from storage.inbox import inbox
from storage.outbox import outbox
from storage.timers import timer
from tests.bot.assembly.town import Town, letter_of, town


async def _events(here: Town, source: str) -> list[str]:
    query = sa.select(inbox.c.key).where(inbox.c.source == source).order_by(inbox.c.id)
    return [row.key for row in await here.app.database.read(lambda c: list(c.execute(query)))]


async def _alerts(here: Town) -> list[str]:
    return [row.kind for row in await here.app.database.read(lambda c: list(c.execute(sa.select(alert.c.kind))))]


async def test_rec_1_texts_that_no_webhook_brought_are_read_from_the_list_once(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        phone = here.twilio.phone("+14155550123")
        sid = await phone.say("got a ticket")
        for _ in range(3):
            await here.run("reconcile_twilio")
            here.clock.advance(timedelta(seconds=60))
        assert await _events(here, "sms") == [sid]
        assert len(phone.texts) == 1
        assert (await _alerts(here)).count("reconcile_difference") == 1


async def test_rec_1_a_text_that_the_webhook_brought_does_nothing_again(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        phone = here.twilio.phone("+14155550123")
        sid = await phone.say("got a ticket")
        fields = {"MessageSid": sid, "From": "+14155550123", "To": "+14155550100", "Body": "got a ticket"}
        event = inbound_event(fields)
        assert isinstance(event, Event)
        dispatcher: Dispatcher = here.app.dispatcher
        here.app.delivery.offer(await here.app.writers.run(dispatcher.intake(event)))
        await here.app.ticker.settle()
        await here.run("reconcile_twilio")
        assert len(phone.texts) == 1
        assert "reconcile_difference" not in await _alerts(here)


async def test_rec_1_pictures_come_with_their_texts(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        sid = await here.twilio.phone("+14155550123").mms([b"\xff\xd8\xff picture"], "look")
        await here.run("reconcile_twilio")
        query = sa.select(inbox.c.kind).where(inbox.c.key == sid)
        assert [row.kind for row in await here.app.database.read(lambda c: list(c.execute(query)))] == ["media"]


async def test_rec_1_an_outage_of_the_list_moves_no_cursor(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.twilio.faults.add("status_before", "ListMessage", status=503, times=None)
        sid = await here.twilio.phone("+14155550123").say("hello")
        await here.run("reconcile_twilio")
        assert await _events(here, "sms") == []
        here.clock.advance(timedelta(hours=30))
        here.twilio.faults.clear()
        await here.run("reconcile_twilio")
        assert await _events(here, "sms") == [sid]


async def test_rec_2_stripes_events_come_in_once_under_their_own_ids(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        adapter = next(a for a in here.app.adapters if OpenCheckout in a.calls)
        now = here.clock.now()
        await letter_of(here, status="delivered", lob_id="ltr_1", accepted_at=now)  # somebody pays here
        expires = int(now.timestamp()) + 3600
        wanted = OpenCheckout("77", 900, "usd", "A letter", "https://x.example/a", "https://x.example/b", expires, {})
        attempt = Attempt("checkout:77", 1, now, now, StoredFiles(here.app.database, here.app.seal, here.app.ids))
        outcome = await adapter.calls[OpenCheckout](wanted, attempt)
        assert isinstance(outcome, Done)
        here.stripe.pay(outcome.result.session_id)
        for _ in range(2):
            await here.run("reconcile_stripe")
            here.clock.advance(timedelta(hours=1))
        kinds = await here.app.database.read(
            lambda c: [row.kind for row in c.execute(sa.select(inbox.c.kind).where(inbox.c.source == "stripe"))]
        )
        assert kinds.count("checkout.session.completed") == 1
        assert (await _alerts(here)).count("reconcile_difference") == 1


async def test_rec_2_where_nobody_was_ever_asked_to_pay_stripe_is_not_asked(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.run("reconcile_stripe")
        assert here.stripe.calls["events.list"] == 0
        await letter_of(here, status="delivered", lob_id="ltr_1", accepted_at=here.clock.now())
        here.clock.advance(timedelta(hours=1))
        await here.run("reconcile_stripe")
        assert here.stripe.calls["events.list"] > 0


async def _timers(here: Town) -> dict[str, int | None]:
    rows = await here.app.database.read(lambda c: list(c.execute(sa.select(timer).where(timer.c.state == "set"))))
    return {row.key: row.person_id for row in rows}


async def test_rec_3_silent_letters_are_read_and_stuck_ones_searched(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        old = here.clock.now() - timedelta(days=4)
        silent = await letter_of(here, status="accepted", lob_id="ltr_1", accepted_at=old)
        stuck = await letter_of(here, status="sending", claimed_at=old)
        await letter_of(here, status="delivered", lob_id="ltr_2", accepted_at=old)
        await letter_of(here, status="accepted", lob_id="ltr_3", accepted_at=here.clock.now())
        await here.job("reconcile_lob").run()
        found = {key: who for key, who in (await _timers(here)).items() if "letter" in key or "search" in key}
        assert set(found) == {f"reconcile:letter:{silent}", f"search:{stuck}"}
        assert None not in found.values()


async def test_rec_3_a_letter_whose_call_is_still_to_be_made_is_not_searched(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        stuck = await letter_of(here, status="sending", claimed_at=here.clock.now() - timedelta(hours=5))
        row = {
            **dict.fromkeys(outbox.columns.keys()), "id": here.app.ids.next(), "lane": 1, "kind": "call",
            "purpose": "call", "policy": "ask_first", "key": f"letter:{stuck}", "state": "ready", "attempts": 3,
            "due_at": 2**62, "at": 0,
        }  # fmt: skip
        await here.app.writers.run(lambda work: work.write(outbox.insert(), row))
        await here.job("reconcile_lob").run()
        assert f"search:{stuck}" not in await _timers(here)


async def test_backups_watch_and_upkeep_run_beside_a_living_app(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        for kind in ("watch", "alerts", "backup", "retention", "upkeep"):
            await here.run(kind)
        assert len(list((tmp_path / "backups").glob("parley-*.db"))) == 1
