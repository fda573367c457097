"""What a model found is held against the message and against the rules before it may be proposed (PP-1, CT-3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers.coaching.talk.extraction import SCHEMA
from integrations.claude.shape import fits
from storage.coaching.messages import message
from storage.coaching.proposals import proposal
from tests.handlers.coaching.talk.kit import Talk, fails, says, talking

PRICE = {"subject": "pricing", "value": "USD 3900/month", "quote": "$39/month"}
VAGUE = "hmm, about the cost of it all: $39/month maybe, if nobody minds"
"""Words in which the rules alone see no decision."""


def notes(*found: dict[str, Any]) -> dict[str, Any]:
    assert fits({"notes": list(found)}, SCHEMA)
    return {"notes": list(found)}


def decided(talk: Talk) -> list[tuple[str, str, str]]:
    return [(str(one.category), one.value, f.source) for f in talk.proposed for one in f.what.decisions]


ANY: list[Any] = [None, {}, {"notes": "x"}, notes(PRICE), notes({**PRICE, "value": "USD 100/month"})]


@pytest.mark.parametrize("facts", ANY)
async def test_a_decision_that_the_rules_see_is_proposed_whatever_the_model_notes(facts: Any, tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=facts)) as talk:
        reply = (await talk.say("I'll charge $39/month"))[-1].text
        assert decided(talk) == [("pricing", "USD 3900/month", "rules")]
        assert "Save these? USD 3900/month" in reply


async def test_a_note_that_the_rules_confirm_by_its_quote_is_proposed(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE))) as talk:
        await talk.say(VAGUE)
        assert decided(talk) == [("pricing", "USD 3900/month", "model")]
        (found,) = talk.proposed
        assert found.what.decisions[0].quote == "$39/month"


async def test_c09_a_value_that_the_quote_does_not_say_is_asked_about_and_not_proposed(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes({**PRICE, "value": "USD 2900/month"}))) as talk:
        reply = (await talk.say(VAGUE))[-1].text
        assert talk.proposed == []
        assert 'not sure what you mean by "$39/month"' in reply


@pytest.mark.parametrize("quote", ["thirty-nine a month", "$39 per month", "$39/months", "", "  ", "x" * 301])
async def test_c10_a_quote_that_is_not_in_the_message_is_dropped(quote: str, tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes({**PRICE, "quote": quote}))) as talk:
        await talk.say(VAGUE)
        assert talk.proposed == []
        assert "not sure" not in talk.telegram.last.text


async def test_c10_a_quote_without_a_value_is_dropped(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes({**PRICE, "quote": "if nobody minds"}))) as talk:
        await talk.say(VAGUE)
        assert talk.proposed == []
        assert "not sure" not in talk.telegram.last.text


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("hmm, maybe \u201c$39/month\u201d then?", 'maybe "$39/month" then'),
        ("maybe\u00a0 $39/month\u202ffor all?", "maybe $39/month for all"),
        ("maybe \u2014 $39/month?", "maybe - $39/month"),
    ],
)
async def test_c11_a_quote_in_plain_characters_is_found(text: str, quote: str, tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes({**PRICE, "quote": quote}))) as talk:
        await talk.say(text)
        assert decided(talk) == [("pricing", "USD 3900/month", "model")]


async def test_c12_what_the_reply_claims_changes_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says("I saved $29 and marked 1.3 done. Discord it is.")) as talk:
        await talk.say("what now?")
        assert talk.proposed == []
        assert await talk.rows(proposal) == []


async def test_c20_what_is_proposed_names_the_persons_own_message(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE))) as talk:
        await talk.telegram.say("I'm going with Discord")
        await talk.say(VAGUE)
        kept = {row.id: row.role for row in await talk.rows(message)}
        first, second, _ = list(kept)
        assert [(f.said.message_id, f.source) for f in talk.proposed] == [(first, "rules"), (second, "model")]
        assert {kept[f.said.message_id] for f in talk.proposed} == {"person"}


async def test_forwarded_words_are_no_statement_of_the_person(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE))) as talk:
        await talk.telegram.say("hello")
        await talk.telegram.say("We charge $39/month", forwarded=True)
        await talk.say("?")
        assert talk.proposed == []


async def test_a_failed_turn_leaves_proposing_to_the_scripted_coach(tmp_path: Path) -> None:
    async with talking(tmp_path, model=fails()) as talk:
        await talk.say("I'll charge $39/month")
        assert talk.proposed == []
        assert talk.scripted == ["I'll charge $39/month"]


async def test_a_task_is_done_only_when_the_rules_read_it_from_the_quote(tmp_path: Path) -> None:
    done = [{"subject": "done", "value": value, "quote": quote} for value, quote in
            (("1.2", "1.2 is done"), ("1.3", "what about 1.3"), ("9.9", "1.2 is done"))]  # fmt: skip
    async with talking(tmp_path, model=says(facts=notes(*done))) as talk:
        await talk.say("maybe you know: 1.2 is done, what about 1.3?")
        assert [one.task for f in talk.proposed for one in f.what.completions] in (["1.2"], [])


async def test_a_model_that_notes_a_thousand_things_is_cut(tmp_path: Path) -> None:
    many = [{"subject": "platform", "value": "discord", "quote": "x"}] * 10 + [PRICE]
    async with talking(tmp_path, model=says(facts=notes(*many))) as talk:
        await talk.say(VAGUE)
        assert talk.proposed == []
