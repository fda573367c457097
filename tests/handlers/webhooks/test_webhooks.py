"""Events for other programs: who hears what, six tries, dead letters that can be replayed, secrets that rotate."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.webhooks import DeliverWebhook, WebhookTaken
from bot.core.errors import Refusal
from bot.core.events import Event
from bot.engine.registry import Registry
from bot.engine.rights import Decision, Reason, Unlimited
from bot.engine.staff import Member, Risk
from bot.engine.turn import Turn
from handlers import webhooks
from handlers.webhooks.managing import foresee
from handlers.webhooks.sending import EVENTS, TRIES, wants
from storage.webhooks.deliveries import delivery
from tests.handlers.support.counter import Counter
from tests.rows import each

URL = "https://hooks.example.com/parley"
MINUTE = timedelta(minutes=1)


class Listener:
    """Plays the other program: `up` says whether it answers."""

    def __init__(self, counter: Counter) -> None:
        self._counter, self.up = counter, True
        self.heard: list[DeliverWebhook] = []
        self.minutes: list[float] = []
        counter.world[DeliverWebhook] = self._take

    def _take(self, call: DeliverWebhook, _: Any) -> Any:
        self.heard.append(call)
        self.minutes.append(round(self._counter.clock.now().timestamp() / 60, 1))
        return Done(WebhookTaken(200)) if self.up else Refused("status_503")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.heard]


@asynccontextmanager
async def listening(folder: Path, events: str = "ticket.*") -> AsyncIterator[tuple[Counter, Listener]]:
    async with Counter.staffed(folder, more=webhooks.register) as counter:
        said = await counter.act("webhook add", f"{URL} {events}")
        assert "whsec_" in said
        yield counter, Listener(counter)


async def _states(counter: Counter) -> list[tuple[str, str, int]]:
    asked = sa.select(delivery.c.event, delivery.c.state, delivery.c.attempts).order_by(delivery.c.id)
    return [tuple(row) for row in await counter.database.read(lambda c: c.execute(asked).all())]


async def test_wh_1_a_listener_hears_events_in_order_by_ids_alone(tmp_path: Path) -> None:
    async with listening(tmp_path) as (counter, listener):
        await counter.eve.say("/support my SECRETWORD is broken")
        await counter.act("ticket reply", "T-1001 OURWORDS")
        await counter.act("ticket resolve", "T-1001")
        told = [(one["seq"], one["type"]) for one in listener.events]
        assert told == [
            (1, "ticket.created"), (2, "ticket.message"), (3, "ticket.updated"), (4, "ticket.message"),
            (5, "ticket.resolved"),
        ]  # fmt: skip
        assert {one["ids"]["ticket"] for one in listener.events} == {"T-1001"}
        assert not any("WORD" in one.body for one in listener.heard)
        assert listener.heard[0].delivery == listener.events[0]["id"]


async def test_wh_1_only_what_was_asked_for_is_told(tmp_path: Path) -> None:
    async with listening(tmp_path, "ticket.resolved case.mailed") as (counter, listener):
        await counter.eve.say("/support the app is broken")
        await counter.act("ticket resolve", "T-1001")
        assert [one["type"] for one in listener.events] == ["ticket.resolved"]


async def test_a92_a_target_down_for_31_minutes_is_tried_six_times_given_up_and_replayed(tmp_path: Path) -> None:
    async with listening(tmp_path, "ticket.created") as (counter, listener):
        listener.up = False
        await counter.eve.say("/support the app is broken")
        await counter.wait(31 * MINUTE + timedelta(seconds=1))
        assert [round(one - listener.minutes[0]) for one in listener.minutes] == [0, 1, 3, 7, 15, 31]
        assert len({(one.body, one.delivery) for one in listener.heard}) == 1
        assert await _states(counter) == [("ticket.created", "dead", 6)]
        assert "webhook_dead" in await counter.alerts()
        await counter.wait(60 * MINUTE)
        assert len(listener.heard) == len(TRIES) == 6
        shown = await counter.act("webhook list")
        assert "ticket.created" in shown
        assert "status_503" in shown
        listener.up = True
        assert "again: 1 delivery of" in await counter.act("webhook replay", listener.heard[0].delivery)
        assert await _states(counter) == [("ticket.created", "done", 1)]
        assert listener.heard[-1].body == listener.heard[0].body
        assert "no dead delivery" in await counter.act("webhook replay", listener.heard[0].delivery)


async def test_wh_2_a_target_that_comes_back_gets_the_event_once(tmp_path: Path) -> None:
    async with listening(tmp_path, "ticket.created") as (counter, listener):
        counter.restart = True
        listener.up = False
        await counter.eve.say("/support the app is broken")
        await counter.wait(2 * MINUTE)
        listener.up = True
        await counter.wait(60 * MINUTE)
        assert [round(one - listener.minutes[0]) for one in listener.minutes] == [0, 1, 3]
        assert await _states(counter) == [("ticket.created", "done", 3)]


async def test_wh_2_three_days_without_success_switch_a_listener_off_and_it_can_come_back(tmp_path: Path) -> None:
    async with listening(tmp_path, "ticket.message") as (counter, listener):
        listener.up = False
        await counter.eve.say("/support the app is broken")
        await counter.wait(timedelta(days=2, hours=23))
        assert "webhook_off" not in await counter.alerts()
        await counter.wait(timedelta(hours=2))
        await counter.eve.say("T-1001 hello?")
        assert "webhook_off" in await counter.alerts()
        assert " OFF hooks.example.com" in await counter.act("webhook list")
        tried = len(listener.heard)
        await counter.eve.say("T-1001 anybody?")
        assert len(listener.heard) == tried
        listener.up = True
        said = await counter.act("webhook add", f"{URL} ticket.message")
        name = said.partition(" ")[0]
        assert "2 deliveries" in await counter.act("webhook replay", name)
        assert {state for _, state, _ in await _states(counter)} == {"done"}


async def test_wh_1_adding_an_address_again_rotates_its_secret_and_both_sign_for_a_week(tmp_path: Path) -> None:
    async with listening(tmp_path, "ticket.created") as (counter, listener):
        fresh = (await counter.act("webhook add", f"{URL} ticket.created")).rpartition(" ")[2]
        await counter.eve.say("/support the app is broken")
        assert listener.heard[0].secrets[0] == fresh
        assert len(set(listener.heard[0].secrets)) == 2
        await counter.wait(timedelta(days=8))
        await counter.dana.say("agent")
        assert listener.heard[-1].secrets == [fresh]
        acts = [one for one in await counter.acts() if "webhook." in one]
        assert len(acts) == 2
        assert fresh not in " ".join(acts)


async def test_switched_off_by_staff_it_hears_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path) as (counter, listener):
        name = (await counter.act("webhook list")).partition(" ")[0]
        assert "is off" in await counter.act("webhook off", name)
        assert "off already" in await counter.act("webhook off", name)
        await counter.eve.say("/support the app is broken")
        assert listener.heard == []
        assert "No webhook is called NOPE" in await counter.act("webhook off", "nope")


BAD = (
    "http://example.com/x ticket.*", "https://127.0.0.1/x ticket.*", "https://[::1]/x ticket.*",
    "https://10.0.0.1/x ticket.*", "https://169.254.169.254/x ticket.*", "https://localhost/x ticket.*",
    "https://u:p@example.com/x ticket.*", "https://example.com/x?token=1 ticket.*", "", "ticket.*",
)  # fmt: skip


@each("argument", BAD)
def test_a91_an_address_that_leads_inside_is_refused(argument: str) -> None:
    with pytest.raises(Refusal) as refused:
        foresee(None, argument, MEMBER, private=False)  # type: ignore[arg-type]
    assert refused.value.key == "webhooks.refused_url"


MEMBER = Member("operator:ann", "owner", frozenset(), 1, 1)


def test_section_13_adding_is_grave_and_says_beforehand_who_hears_what() -> None:
    registry = Registry()
    webhooks.register(registry)
    risks = {name: row.risk for name, row in registry.staff.items()}
    assert risks == {
        "webhook list": Risk.COUNTERS, "webhook add": Risk.GRAVE, "webhook off": Risk.REVERSIBLE,
        "webhook replay": Risk.REVERSIBLE,
    }  # fmt: skip
    assert {row.permission for row in registry.staff.values()} == {"webhook.manage"}


async def test_the_dry_run_changes_its_version_when_somebody_else_was_faster(tmp_path: Path) -> None:
    async with listening(tmp_path) as (counter, _):
        seen: list[Any] = []

        def look(turn: Turn) -> None:
            turn.silent = True
            argument = f"{URL} case.mailed"
            seen.append(turn.registry.staff["webhook add"].foresee(turn, argument, MEMBER))  # type: ignore[misc]

        await _in_turn(counter, look)
        await counter.act("webhook add", f"{URL} case.mailed")
        await _in_turn(counter, look)
        assert seen[0].version != seen[1].version
        assert seen[0].typed == "webhook hooks.example.com"
        assert "ticket.* True" in seen[0].says


async def _in_turn(counter: Counter, act: Callable[[Turn], None]) -> None:
    counter.registry.handlers["timer:look"] = act
    counter.counter += 1
    await counter.happen(Event("timer", f"look{counter.counter}", "look", {}))


def test_a_service_may_tell_only_events_that_are_documented() -> None:
    assert wants("ticket.* case.mailed", "case.mailed")
    assert not wants("ticket.*", "tickets.created")
    assert len(EVENTS) == 9


async def test_data_api_a_person_hears_of_their_own_events_alone_and_only_while_the_plan_has_it(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, more=webhooks.register) as counter:
        listener, dana = Listener(counter), counter.phone("sms", "+14155550177")
        answers = [(await dana.say(f"webhook new {what}"))[-1].text for what in (
            "http://example.com/hook", "https://127.0.0.1/hook", f"{URL} nothing.such", f"{URL} ticket.*",
        )]  # fmt: skip
        assert ["https address" in one for one in answers] == [True, True, False, False]
        assert "ticket.created" in answers[2]
        assert answers[3].startswith("whsec_")
        name = answers[3].partition("Webhook ")[2][:4]
        await counter.eve.say("/support the app is broken")
        assert listener.heard == []
        for words in ("agent", "my letter never arrived"):
            await dana.say(words)
        await counter.act("ticket resolve", "T-1002")
        assert [one["type"] for one in listener.events] == ["ticket.created", "ticket.message", "ticket.resolved"]
        assert all(one.outside for one in listener.heard)
        assert "Nobody listens" in await counter.act("webhook list"), "the house's own are listed there"
        assert f"{name} hooks.example.com: ticket.*; 3 arrived" in (await dana.say("webhooks"))[0].text
        assert "no webhook" in (await counter.phone("sms", "+14155550178").say(f"webhook drop {name}"))[0].text
        counter.registry.rights = Nothing()
        await dana.say("agent")
        assert len(listener.heard) == 3
        await dana.say("menu")
        assert "not part of your plan" in (await dana.say(f"webhook new {URL}"))[-1].text
        counter.registry.rights = Unlimited()
        assert "hears nothing more" in (await dana.say(f"webhook drop {name.lower()}"))[0].text


async def test_data_api_a_person_is_told_of_a_webhook_that_was_switched_off(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, more=webhooks.register) as counter:
        listener, dana = Listener(counter), counter.phone("telegram", "7:901")
        for number in range(4):
            (*_, last) = await dana.say(f"webhook new {URL}{number} ticket.message")
        assert "more are not possible" in last.text
        listener.up = False
        await dana.say("/support the app is broken")
        for _ in range(4):
            await counter.wait(timedelta(days=1))
            await dana.say("T-1001 it is broken again")
        assert sum("got nothing through for three days" in one.text for one in dana.messages) == 3
        assert not {"webhook_dead", "webhook_off"} & set(await counter.alerts())


class Nothing(Unlimited):
    """A plan that has nothing."""

    def permits(self, work: Any, person_id: int, feature: str) -> bool:
        return False

    def decide(self, turn: Turn, feature: str) -> Decision:
        return Decision(False, Reason.PLAN, told="Pro has it.")
