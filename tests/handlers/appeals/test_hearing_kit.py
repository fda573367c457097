"""HEARING KIT: what a person gave and what the city publishes, on paper, for plans with appeals.hearing_kit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.engine.registry import Registry
from bot.engine.rights import Decision, Reason, Unlimited, Value
from bot.engine.turn import Turn
from handlers.appeals.facts import EvidenceItem
from integrations.press.sheet import SheetDocument
from storage import blobs
from tests.handlers.appeals.order_kit import Shop

PROOF = [
    EvidenceItem(original=1, prints=[1], caption="the meter screen", taken_at="Nov 16 2:05pm", letter="A"),
    EvidenceItem(original=2, prints=[2], letter="B"),
]


class Plan(Unlimited):
    """A plan that has a hearing kit, or not."""

    def __init__(self, *, kit: Value) -> None:
        self.kit = kit

    def __call__(self, registry: Registry) -> None:
        registry.rights = self

    def decide(self, turn: Turn, feature: str) -> Decision:
        value = self.kit if feature == "appeals.hearing_kit" else None
        return Decision(value, Reason.PLAN, told="Free plan: hearing kit: no. Pro has it.")


async def _press(shop: Shop) -> list[dict[str, Any]]:
    """Let papers be made, and keep their fields, which the press would take."""
    fields: list[dict[str, Any]] = []
    blob = shop.h.ids.next()
    await shop.read(
        lambda work: blobs.keep(work, blob_id=blob, data=b"%PDF", media_type="application/pdf", person_id=None)
    )

    def typeset(call: TypesetSheet, _: object) -> Outcome:
        SheetDocument.model_validate(call.document)
        fields.append(call.document)
        return Done(TypesetPages(blob, "a" * 64, 1))

    shop.h.world[TypesetSheet] = typeset
    return fields


async def _denied(shop: Shop) -> None:
    await shop.mail(evidence=PROOF)
    await shop.wait(days=7)
    await shop.lob("certified.delivered")
    await shop.wait(days=91)
    await shop.me.say("3")
    await shop.me.say("2/16")


async def test_hearing_kit_holds_the_case_the_words_the_exhibits_and_the_last_day(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, also=Plan(kit=True)) as shop:
        made = await _press(shop)
        await _denied(shop)
        assert "Hearing kit" in shop.me.last.text
        code = (await shop.case()).code
        before = len(shop.me.messages)
        await shop.me.say("hearing kit")
        assert "It has been a while" in shop.me.last.text, "after a long silence the case is shown to its person only"
        await shop.me.say("94110")
        await shop.me.say("hearing kit")
        (paper,) = made
        said = dict(paper["facts"])
        assert (said["Citation"], said["Issued"], said["Plate"]) == ("900000417", "November 16, 2026", "CA 8ABC123")
        assert (said["Next step"], said["The city must get the request by"]) == (
            "administrative hearing", "March 9, 2027",
        )  # fmt: skip
        assert paper["rows"] == [["A  the meter screen", "Nov 16 2:05pm"], ["B", ""]]
        notes = "\n".join(paper["notes"])
        for part in ("handed to the post on November", "delivered on November", "The meter screen said FAIL",
                     "sfmta.com", "It is no legal advice"):  # fmt: skip
            assert part in notes, part
        told = "\n".join(one.text for one in shop.me.messages[before:])
        assert f"Your hearing kit for case {code}, to print and bring along." in told
        assert told.count("https://parley.example/d/") == 2, "the kit and the letter, each on a page of its own"


async def test_hearing_kit_is_a_choice_after_a_decision_and_the_question_stays(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, also=Plan(kit=True)) as shop:
        made = await _press(shop)
        await _denied(shop)
        number = next(line[0] for line in shop.me.last.text.splitlines() if line.endswith("Hearing kit"))
        await shop.me.say(number)
        assert made == []
        await shop.me.say("94110")
        await shop.me.say(number)
        assert len(made) == 1
        await shop.me.say("close")
        assert (await shop.case()).stage == "closed"


async def test_hearing_kit_a_plan_without_it_is_told_and_shown_no_choice(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, also=Plan(kit=False)) as shop:
        made = await _press(shop)
        await _denied(shop)
        assert "Hearing kit" not in shop.me.last.text
        await shop.me.say("hearing kit")
        assert "A hearing kit is not part of your plan. Free plan: hearing kit: no. Pro has it." in shop.said
        assert made == []


async def test_hearing_kit_without_plans_is_everybodys_and_an_unknown_case_has_none(tmp_path: Path) -> None:
    async with Shop.open(tmp_path) as shop:
        made = await _press(shop)
        await shop.me.say("hearing kit")
        assert "I see no case of yours" in shop.me.last.text
        await shop.approve()
        await shop.me.say("HEARING KIT A-22222")
        assert made == []
        await shop.me.say(f"hearing kit for case {(await shop.case()).code.lower()}")
        assert len(made) == 1
        shop.h.world[TypesetSheet] = lambda call, harness: Refused("timed_out")
        await shop.me.say("hearing kit")
        assert "could not be made" in shop.me.last.text
        assert "document_failed" in await shop.alerts()
