"""Answers within a person's plan: reserved, counted when answered, and the scripted coach beyond (PL-1, LG-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.engine.rights import Booked, Decision, Reason, Unlimited
from bot.engine.turn import Turn
from tests.handlers.coaching.talk.kit import fails, says, talking


@dataclass
class SoMany(Unlimited):
    """Rights to so many answers; keeps what each operation used."""

    limit: int
    booked: dict[str, int] = field(default_factory=dict)

    def decide(self, turn: Turn, feature: str) -> Decision:
        return Decision(self.limit, Reason.PLAN, told=f"Free plan: {sum(self.booked.values())} of {self.limit}.")

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        assert feature == "coaching.messages"
        if sum(self.booked.values()) + amount > self.limit:
            return Booked.REFUSED
        self.booked[operation] = amount
        return Booked.GRANTED

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        self.booked[operation] = used


async def test_pl_1_beyond_the_plan_the_scripted_coach_answers_and_says_so_once_a_day(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        rights = SoMany(1)
        talk.harness.registry.rights = rights
        assert (await talk.say("one"))[-1].text == "Good. What will members get?"
        assert list(rights.booked.values()) == [1]
        told = (await talk.telegram.say("two"))[-1].text
        assert "Free plan: 1 of 1. Until then I answer in short" in told
        assert told.endswith("Scripted: two")
        assert (await talk.telegram.say("three"))[-1].text == "Scripted: three"
        assert [(state, counts, reserved) for state, counts, reserved, _ in await talk.turns()] == [
            ("answered", True, 0), ("released", False, 0), ("released", False, 0),
        ]  # fmt: skip


async def test_li_2_lg_5_what_the_model_did_not_answer_is_given_back(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        rights = SoMany(1)
        talk.harness.registry.rights = rights
        talk.model = fails()
        await talk.say("one")
        assert list(rights.booked.values()) == [0]
        talk.model = says()
        assert (await talk.say("two"))[-1].text == "Good. What will members get?"
        assert list(rights.booked.values()) == [0, 1]
