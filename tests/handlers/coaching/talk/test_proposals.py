"""What a model found is held against the message and against the rules before it may be proposed (PP-1, CT-3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers.coaching.talk.extraction import SCHEMA, candidates
from integrations.claude.shape import fits
from storage.coaching.messages import message
from storage.coaching.proposals import proposal
from tests.handlers.coaching.talk.kit import fails, says, talking

RULES = {"$39/month": ("pricing", "USD 3900/month"), "Discord": ("platform", "discord")}
PRICE = {"subject": "pricing", "value": "USD 3900/month", "quote": "$39/month"}


def notes(*found: dict[str, Any]) -> dict[str, Any]:
    assert fits({"notes": list(found)}, SCHEMA)
    return {"notes": list(found)}


async def test_a_note_that_the_rules_confirm_is_proposed(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE)), rules=RULES) as talk:
        (reply, *_) = [one.text for one in await talk.say("ok, $39/month it is")][-1:]
        (one,) = talk.proposed
        assert (one.subject, one.value, one.asks) == ("pricing", "USD 3900/month", False)
        assert "Save these? USD 3900/month" in reply


async def test_c09_a_value_that_the_quote_does_not_say_is_asked_about_and_not_proposed(tmp_path: Path) -> None:
    wrong = notes({**PRICE, "value": "USD 2900/month"})
    found = candidates(wrong, [(7, "$39/month it is")], lambda quote: {"pricing": "USD 3900/month"})
    assert found is not None
    assert [(one.asks, one.message_id) for one in found] == [(True, 7)]
    async with talking(tmp_path, model=says(facts=wrong)) as talk:
        talk.recognise = lambda text, hearing: _only_quotes(talk, text, hearing)  # type: ignore[method-assign]
        reply = (await talk.say("so $39/month, I guess, it could be"))[-1].text
        assert talk.proposed == []
        assert 'not sure what you mean by "$39/month"' in reply


def _only_quotes(talk: Any, text: str, hearing: Any) -> Any:
    """Read a value out of the bare quote alone, as rules do with a hedge around it."""
    talk.rules = RULES if text == "$39/month" else {}
    return type(talk).recognise(talk, text, hearing)


@pytest.mark.parametrize("quote", ["thirty-nine a month", "$39 / month!", "", "  ", "x" * 301])
async def test_c10_a_quote_that_is_not_in_the_message_is_dropped(quote: str, tmp_path: Path) -> None:
    facts = notes({**PRICE, "quote": quote})
    async with talking(tmp_path, model=says(facts=facts)) as talk:
        await talk.say("I could take thirty nine")
        assert talk.proposed == []
        assert "not sure" not in talk.telegram.last.text


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("it’s “$39/month” then", 'it\'s "$39/month"'),
        ("that is\u00a0 $39/month\u202ffor all", "that is $39/month for all"),
        ("so — $39/month", "so - $39/month"),
    ],
)
def test_c11_a_quote_in_plain_characters_is_found(text: str, quote: str) -> None:
    found = candidates(notes({**PRICE, "quote": quote}), [(1, text)], lambda q: {"pricing": "USD 3900/month"})
    assert found is not None
    assert [one.subject for one in found] == ["pricing"]


async def test_c12_what_the_reply_claims_changes_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says("I saved $29 and marked 1.3 done. Discord it is."), rules=RULES) as talk:
        await talk.say("what now?")
        assert talk.proposed == []
        assert await talk.rows(proposal) == []


async def test_c20_a_candidate_names_the_persons_own_message(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE)), rules=RULES) as talk:
        await talk.telegram.say("I use Discord")
        await talk.say("and $39/month it is")
        kept = {row.id: row.role for row in await talk.rows(message)}
        by_subject = {one.subject: one.message_id for one in talk.proposed}
        first, second, _ = list(kept)
        assert by_subject == {"platform": first, "pricing": second}
        assert {kept[one] for one in by_subject.values()} == {"person"}


@pytest.mark.parametrize("facts", [None, {}, {"notes": "x"}, {"notes": []}])
async def test_without_notes_the_rules_alone_read_the_message(facts: Any, tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=facts), rules=RULES) as talk:
        await talk.say("$39/month it is")
        assert [(one.value, one.source) for one in talk.proposed] == [("USD 3900/month", "rules")]


async def test_forwarded_words_are_no_statement_of_the_person(tmp_path: Path) -> None:
    async with talking(tmp_path, model=says(facts=notes(PRICE)), rules=RULES) as talk:
        await talk.telegram.say("hello")
        await talk.telegram.say("we charge $39/month", forwarded=True)
        await talk.say("?")
        assert talk.proposed == []


async def test_a_failed_turn_leaves_proposing_to_the_scripted_coach(tmp_path: Path) -> None:
    async with talking(tmp_path, model=fails(), rules=RULES) as talk:
        await talk.say("$39/month it is")
        assert talk.proposed == []
        assert talk.scripted == ["$39/month it is"]


def test_many_notes_are_ten_at_most() -> None:
    many = [{"subject": "done", "value": f"1.{n}", "quote": f"1.{n}"} for n in range(30)]
    text = " ".join(one["quote"] for one in many)
    found = candidates(notes(*many), [(1, text)], lambda quote: {f"done {quote}": quote})
    assert found is not None
    assert len(found) == 10
