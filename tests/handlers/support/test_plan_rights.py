"""What plans have of support: a contact of one's own, and tickets at all (support.dedicated, support.basic)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.engine.registry import Registry
from bot.engine.rights import Decision, Reason, Unlimited, Value
from bot.engine.turn import Turn
from tests.handlers.support.counter import Counter
from tests.handlers.support.test_assigning import _given

TOLD = "Switched off for a moment."


class Plan(Unlimited):
    """A plan that a test changes."""

    def __init__(self, **values: Value) -> None:
        self.values: dict[str, Value] = dict(values)

    def __call__(self, registry: Registry) -> None:
        registry.rights = self

    def decide(self, turn: Turn, feature: str) -> Decision:
        return Decision(self.values.get(feature.removeprefix("support."), False), Reason.PLAN, told=TOLD)


async def test_support_dedicated_the_contact_gets_whatever_comes_and_a_stand_in_does_not_replace_them(
    tmp_path: Path,
) -> None:
    plan = Plan(basic=True, dedicated=True)
    async with Counter.staffed(tmp_path, away=False, more=plan) as counter:
        await counter.act("desk set", "bob skills billing_payment")
        await counter.dana.say("/support I was charged twice")
        assert await _given(counter) == [("bob", "initial")]
        assert "Parley: bob of our staff is your contact from now on." in [one.text for one in counter.dana.messages]
        await counter.act("desk set", "ann skills appeal_letter")
        await counter.act("desk set", "bob capacity 1")
        await counter.act("ticket resolve", "T-1001")
        for away, then in ((False, ("bob", "initial")), (True, ("ann", "reassign")), (False, ("bob", "initial"))):
            await counter.profile("bob", available=not away)
            await counter.dana.say("agent")
            await counter.dana.say("/menu")
            await counter.dana.say("/support my letter is late")
            assert (await _given(counter))[-1] == then
            number = 1000 + len(await _given(counter))
            await counter.act("ticket resolve", f"T-{number}")
            await counter.wait(timedelta(days=8))
        assert "".join(one.text for one in counter.dana.messages).count("your contact") == 1


async def test_as_1_a_contact_at_90_percent_of_their_capacity_is_stood_in_for(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False, more=Plan(basic=True, dedicated=True)) as counter:
        await counter.act("desk set", "bob skills billing_payment")
        await counter.dana.say("/support I was charged twice")
        await counter.act("ticket resolve", "T-1001")
        await counter.wait(timedelta(days=8))
        await counter.burden("bob", 18)
        await counter.dana.say("agent")
        await counter.dana.say("/menu")
        await counter.dana.say("/support I was charged again")
        assert await _given(counter) == [("bob", "initial"), ("ann", "reassign")]


async def test_support_dedicated_a_ticket_assigned_by_hand_names_another_contact(tmp_path: Path) -> None:
    plan = Plan(basic=True, dedicated=True)
    async with Counter.staffed(tmp_path, away=False, more=plan) as counter:
        await counter.dana.say("/support I was charged twice")
        ((first, _),) = await _given(counter)
        other = "bob" if first == "ann" else "ann"
        await counter.act("ticket assign", f"T-1001 {other}")
        await counter.act("ticket resolve", "T-1001")
        await counter.wait(timedelta(days=8))
        await counter.dana.say("/support my letter is late")
        assert (await _given(counter))[-1] == (other, "initial")


async def test_support_dedicated_without_it_who_knows_the_matter_gets_the_next_ticket(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False, more=Plan(basic=True)) as counter:
        await counter.act("desk set", "bob skills billing_payment")
        await counter.act("desk set", "ann skills appeal_letter")
        await counter.dana.say("/support I was charged twice")
        await counter.act("ticket resolve", "T-1001")
        await counter.wait(timedelta(days=8))
        await counter.dana.say("/support my letter is late")
        assert await _given(counter) == [("bob", "initial"), ("ann", "initial")]
        assert "contact" not in "".join(one.text for one in counter.dana.messages)


async def test_support_basic_without_it_no_ticket_opens_and_an_open_one_goes_on(tmp_path: Path) -> None:
    plan = Plan(basic=False)
    async with Counter.staffed(tmp_path, more=plan) as counter:
        await counter.dana.say("/support my letter is late")
        assert counter.dana.last.text == f"Parley: Our staff cannot be asked from your account now. {TOLD}"
        assert await counter.alerts() == []
        plan.values["basic"] = True
        await counter.dana.say("/support my letter is late")
        plan.values["basic"] = False
        await counter.dana.say("agent")
        await counter.dana.say("and it is urgent")
        assert "Added to T-1001." in counter.dana.last.text
