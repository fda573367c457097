"""The fake model's English: what its phrasebook holds, and nothing made up beyond it."""

from __future__ import annotations

import pytest

from bot.core.calls import Done
from bot.core.calls.workshop import AskModel
from bot.core.clock import FixedClock
from integrations.claude import ClaudeAdapter
from integrations.fakes.claude import ClaudeFake
from integrations.fakes.claude.translating import asks_for_english, translate
from tests.integrations.door import attempt

SCHEMA = {
    "type": "object",
    "properties": {"statement": {"type": "string"}},
    "required": ["statement"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("El parquímetro no funcionaba.", "The meter did not work."),
        ("el parquimetro no funcionaba", "The meter did not work."),
        ("NO VI NINGUN LETRERO!! Ya había pagado.", "I did not see any sign. I had already paid."),
        ("No vi ningún letrero. Era de noche.", "I did not see any sign. Era de noche."),
        ("", ""),
    ],
)
def test_known_sentences_are_put_into_english_and_the_others_stay(spanish: str, english: str) -> None:
    assert translate(spanish) == english


async def test_a_request_for_english_is_answered_so(clock: FixedClock) -> None:
    async with ClaudeFake(clock, api_key="k") as fake:
        claude = ClaudeAdapter("k", base_url=fake.url)
        for system, expected in (
            ("The statement is in Spanish: give a faithful English version.", "The meter did not work."),
            ("Tidy the statement.", "El parquímetro no funcionaba."),
        ):
            call = AskModel("x", "v", "letters", system, {"statement": "El parquímetro no funcionaba"}, SCHEMA, 90, "k")
            outcome = await claude.calls[AskModel](call, attempt())
            assert isinstance(outcome, Done)
            assert outcome.result.answer == {"statement": expected}
        await claude.close()


def test_only_that_question_is_taken_for_one() -> None:
    assert not asks_for_english("Tidy the statement. Write English unless told otherwise.")
