"""Pictures of a person who may have only so many read (CAP-14): kept, waiting, and typing stays free."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Refused
from bot.core.calls.reading import ReadPrint
from bot.engine.rights import Booked, Decision, Reason, Rights, Unlimited
from bot.engine.turn import Turn
from storage.receipts.documents import document
from storage.work import Work
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens
from tests.rows import each

UNSURE = ("CORNER SHOP", "03/15/2026", "TOTAL 9.00", "TOTAL 8.00")


class SoMany(Unlimited):
    """Rights to so many readings; keeps what each operation set aside and used."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.booked: dict[str, int] = {}
        self.settled: list[str] = []

    def decide(self, turn: Turn, feature: str) -> Decision:
        left = self.limit - sum(self.booked.values())
        return Decision(left, Reason.PLAN, "free", told=f"Free plan: {self.limit - left} of {self.limit} used.")

    def permits(self, work: Work, person_id: int, feature: str) -> bool:
        return True

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        if operation not in self.booked and sum(self.booked.values()) + amount > self.limit:
            return Booked.REFUSED
        self.booked.setdefault(operation, amount)
        return Booked.GRANTED

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        assert feature == "receipts.read"
        self.settled.append(operation)
        self.booked[operation] = used

    @property
    def used(self) -> int:
        return sum(self.booked.values())


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_cap_14_beyond_the_plan_the_picture_is_kept_and_typing_is_free(tmp_path: Path, channel: str) -> None:
    plan: Rights
    plan = mine = SoMany(1)
    async with open_world(tmp_path) as harness:
        harness.registry.rights = plan
        ann = await met(harness, channel)
        assert "Trader Joe's $26.23" in screens(await ann.photo(photo(*TRADER_JOES)))[0]
        await ann.say("ok")
        (asked,) = screens(await ann.photo(photo("SHELL", "03-16-2026", "TOTAL $41.77")))
        assert asked == (
            "I keep the picture unread for now. Free plan: 1 of 1 used. Typing is free, like 12.50 lunch Joe's. "
            "AGAIN tries to read it."
        )
        assert await receipt_states(harness) == ["confirmed", "needs_review"]
        assert len(await rows(harness, document)) == 2
        assert screens(await ann.say("again"))[0] == asked
        mine.limit = 2
        assert any("Shell $41.77" in text for text in screens(await ann.say("again")))
        await ann.say("ok")
        assert mine.used == 2
        assert len(mine.settled) == 2
        assert "Coffee $5.50" in screens(await ann.say("5.50 coffee"))[0]


async def test_cap_14_typed_values_fill_a_picture_that_was_not_read(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.registry.rights = SoMany(0)
        ann = await met(harness, "sms")
        await ann.photo(photo("SHELL", "TOTAL $41.77"))
        assert screens(await ann.say("41.77 Shell Mar 16"))[0].startswith("Shell $41.77, Mar 16, Fuel.")
        await ann.say("ok")
        assert await receipt_states(harness) == ["confirmed"]


async def test_cap_14_of_several_pictures_those_within_the_plan_are_read(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.registry.rights = SoMany(2)
        ann = await met(harness, "sms")
        shown = screens(await ann.photo(*(photo(name, f"TOTAL ${n}.00") for n, name in enumerate(("A", "B", "C"), 5))))
        assert shown[0] == ("Kept unread for now: 1. Free plan: 2 of 2 used. REVIEW shows them; typing is free.")
        assert shown[1].startswith("2 receipts: ")


async def test_cap_14_what_could_not_be_read_is_given_back_and_a_second_look_is_the_same_reading(
    tmp_path: Path,
) -> None:
    plan = SoMany(5)
    async with open_world(tmp_path) as harness:
        harness.registry.rights = plan
        ann = await met(harness, "sms")
        await ann.photo(photo(*UNSURE))
        assert [type(call) for call in harness.calls].count(ReadPrint) == 2
        assert (plan.used, len(plan.booked), len(plan.settled)) == (1, 1, 1)
        await ann.say("drop")
        await ann.photo(photo("!unreadable"))
        assert (plan.used, len(plan.booked), len(plan.settled)) == (1, 2, 2)
        harness.world[ReadPrint] = lambda call, harness: Refused("failed")
        await ann.photo(photo("another"))
        assert (plan.used, len(plan.booked), len(plan.settled)) == (1, 3, 3)


async def test_cap_13_cap_14_the_same_message_and_the_same_bytes_cost_nothing_again(tmp_path: Path) -> None:
    plan = SoMany(5)
    async with open_world(tmp_path) as harness:
        harness.registry.rights, harness.redeliver = plan, True
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TRADER_JOES))
        await ann.photo(photo(*TRADER_JOES))
        assert (plan.used, len(plan.booked)) == (1, 1)


@each("value, allowed", [
    (None, True), (True, True), (3, True), ("weekly", True), (False, False), (0, False), ("none", False), ("", False),
])  # fmt: skip
def test_rs_4_no_limit_a_number_and_a_word_allow_and_their_empty_values_do_not(value: object, allowed: bool) -> None:
    assert Decision(value, Reason.PLAN).allows is allowed  # type: ignore[arg-type]


def test_cap_14_without_plans_nothing_has_a_limit() -> None:
    turn: Turn = None  # type: ignore[assignment]
    rights: Rights = Unlimited()
    assert rights.decide(turn, "receipts.read").allows
    assert rights.reserve(turn, "receipts.read", "job:1", 10**6) is Booked.GRANTED
