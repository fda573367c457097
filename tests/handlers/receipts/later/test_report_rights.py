"""Trends, budgets and digests follow the plan: what was set rests, and nothing is lost (reports.trends, .custom)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.engine.rights import Decision, Reason, Unlimited
from bot.engine.turn import Turn
from tests.handlers.receipts.flow.world import met, open_world, screens

DAY = timedelta(days=1)
NOT = "That is not part of your plan. Pro has it."


class Plan(Unlimited):
    """A plan with or without reports."""

    def __init__(self, *features: str) -> None:
        self.features = set(features)

    def decide(self, turn: Turn, feature: str) -> Decision:
        has = feature in self.features or not feature.startswith("reports.")
        return Decision(has or False, Reason.PLAN, told="Pro has it.")


async def test_reports_trends_a_trend_is_of_a_plan_and_a_chart_of_a_month_is_everybodys(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.registry.rights = plan = Plan()
        ann = await met(harness, "telegram")
        for said in ("12.50 lunch joe's", "ok"):
            await ann.say(said)
        for said in ("trend", "chart food", "chart by month"):
            assert screens(await ann.say(said)) == [NOT], said
        assert NOT not in screens(await ann.say("chart"))
        assert "$12.50" in screens(await ann.say("summary"))[0]
        plan.features.add("reports.trends")
        assert NOT not in screens(await ann.say("trend"))


async def test_reports_custom_a_budget_rests_with_the_plan_and_speaks_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.registry.rights = plan = Plan()
        ann = await met(harness, "telegram")
        assert screens(await ann.say("budget food 20")) == [NOT]
        plan.features.add("reports.custom")
        assert "Budget Food: $20.00 a month" in screens(await ann.say("budget food 20"))[0]
        plan.features.clear()
        await ann.say("17 lunch joe's")
        assert "80" not in "".join(screens(await ann.say("ok")))
        assert "1 Food: $17.00 of $20.00" in screens(await ann.say("budgets"))[0], "it is still there"
        plan.features.add("reports.custom")
        await ann.say("1 lunch joe's")
        assert "Budget Food" in "".join(screens(await ann.say("ok"))), "and speaks of what it was silent about"
        plan.features.clear()
        assert "is ended" in screens(await ann.say("budget drop 1"))[0]


async def test_reports_custom_a_digest_rests_with_the_plan_and_comes_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.registry.rights = plan = Plan()
        ann = await met(harness, "telegram")
        assert screens(await ann.say("digest daily")) == [NOT]
        plan.features.add("reports.custom")
        assert "Daily digest" in screens(await ann.say("digest daily"))[0]
        for said in ("12.50 lunch joe's", "ok"):
            await ann.say(said)
        plan.features.clear()
        assert await harness.wait(DAY, ann) == []
        plan.features.add("reports.custom")
        for said in ("8 lunch joe's", "ok"):
            await ann.say(said)
        assert "$8.00" in "".join(screens(await harness.wait(DAY, ann)))
        plan.features.clear()
        assert "No more digests" in screens(await ann.say("digest off"))[0]
