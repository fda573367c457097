"""TXT-8: words in Spanish are printed as they are, or in English, seen beside the original and marked in the letter."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import AskModel, ModelAnswer, TypesetLetter
from bot.engine.harness import Harness
from handlers.appeals.flow.document import plain_text
from handlers.appeals.level_two import child_facts
from tests.handlers.appeals.flow.world import (
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SEND,
    SF_SENDER,
    SF_TICKET,
    called,
    case_of,
    opened,
    refuse,
    seen,
    settings,
    too_long,
    walk,
)

W = (*SF_TICKET, *SF_REASON, *SF_PROOF)
TG = (
    "/start", "[Appeal a ticket]", "[San Francisco]", "900000417", "11/16", "[No]", "[None]", "[Meter]",
    "[Meter did not work]", "[Done]", "[Skip]", "[Skip]", "[Skip]", "[Skip]", "done",
)  # fmt: skip
OWN = "Llegué al parquímetro como a las 2 y la pantalla decía FAIL. Regresé a las 2:30 y había una multa."
ENGLISH = "I got to the meter around 2, and the screen said FAIL. I came back at 2:30 and there was a ticket."
LINE = "Translated from Spanish at my request."


def model(*texts: str) -> object:
    """Return a model that answers these texts in turn."""
    given = list(texts)

    def answer(call: AskModel, h: Harness) -> Outcome:
        return Done(ModelAnswer({"statement": given.pop(0)}, "model-1", 1, 1, None))

    return answer


async def test_txt_8_the_english_version_stands_beside_the_original_before_it_is_used(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(ENGLISH)) as h:
        phone = h.phone("telegram")
        shown = seen(await walk(phone, *TG, OWN))
        assert "Your words are in Spanish." in shown
        assert "[In Spanish] [In English]" in shown
        shown = seen(await walk(phone, "[In English]"))
        assert OWN in shown
        assert ENGLISH in shown
        assert (await case_of(h))[1].statement is None, "nothing is used before it was seen"
        await walk(phone, "[Use this]")
        facts = (await case_of(h))[1]
        assert (facts.statement, facts.statement_raw) == (ENGLISH, OWN)
        assert (facts.translated_from, facts.refined, facts.model) == ("es", True, "model-1")
        assert facts.prompt_version == "letter-translate-1"


async def test_txt_8_the_letter_prints_the_english_text_and_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(ENGLISH)) as h:
        phone = h.phone("sms")
        await walk(phone, *W, OWN, "2", "1", *SF_CHECK, *SF_SENDER, *SF_SEND)
        (letter,) = called(h, TypesetLetter)
        assert letter.document["statement"] == [ENGLISH]
        assert letter.document["translation"] == LINE
        assert LINE in plain_text(letter.document)
        assert "Your letter, 4 pages" in phone.last.text


async def test_in_spanish_the_own_words_are_printed_and_nothing_is_claimed(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model()) as h:
        await walk(h.phone("sms"), *W, OWN, "1", *SF_CHECK, *SF_SENDER, *SF_SEND)
        (letter,) = called(h, TypesetLetter)
        assert letter.document["statement"] == [OWN]
        assert letter.document["translation"] == ""
        assert called(h, AskModel) == []


async def test_conv_2_both_versions_fit_a_text_or_stand_on_a_page(tmp_path: Path) -> None:
    long, english = f"{OWN} {OWN}".replace("2:30", "2:30"), f"{ENGLISH} {ENGLISH}"
    async with opened(tmp_path, AskModel=model(ENGLISH, english)) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *W, OWN)
        assert too_long(shown) == []
        shown = await walk(phone, "2")
        assert too_long(shown) == []
        await walk(phone, long)
        shown = await walk(phone, "2")
        assert "https://parley.example/d/" in shown[-1].text
        assert too_long(shown) == []


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(f"{ENGLISH} The officer laughed at the fine print.", id="AC-47-invented"),
        pytest.param(ENGLISH.replace("around 2", "2"), id="AC-48-hedge"),
        pytest.param(f"{ENGLISH} See my photo.", id="AC-49-photo"),
        pytest.param(OWN, id="still-spanish"),
    ],
)
async def test_txt_6_one_retry_names_what_was_wrong_then_the_own_words(tmp_path: Path, bad: str) -> None:
    async with opened(tmp_path, AskModel=model(bad, bad)) as h:
        shown = seen(await walk(h.phone("sms"), *W, OWN, "2"))
        first, second = called(h, AskModel)
        assert first.prompt_version == "letter-translate-1"
        assert "An earlier answer was refused" in second.system
        assert "I could not put it into English for sure. I use your own words." in shown
        facts = (await case_of(h))[1]
        assert (facts.statement, facts.translated_from) == (OWN, None)


async def test_a_good_retry_is_offered(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(f"{ENGLISH} I paid $4.", ENGLISH)) as h:
        shown = seen(await walk(h.phone("telegram"), *TG, OWN, "[In English]"))
        assert ENGLISH in shown
        assert "$4" not in shown


@pytest.mark.parametrize("code", ["not_configured", "timed_out", "no_result", "model_limit"])
async def test_ac_50_a_model_that_fails_means_the_own_words_and_the_flow_goes_on(tmp_path: Path, code: str) -> None:
    async with opened(tmp_path, AskModel=refuse(code)) as h:
        shown = seen(await walk(h.phone("sms"), *W, OWN, "2"))
        assert "I use your own words." in shown
        assert "5 of 6" in shown


async def test_without_a_model_english_is_not_offered(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(has_model=False), AskModel=lambda c, h: Refused("never")) as h:
        shown = seen(await walk(h.phone("sms"), *W, OWN))
        assert "English" not in shown
        assert "How should I print it?" in shown


async def test_own_words_or_a_new_text_after_all(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(ENGLISH, ENGLISH)) as h:
        phone = h.phone("telegram")
        await walk(phone, *TG, OWN, "[In English]", "[Use my words]")
        facts = (await case_of(h))[1]
        assert (facts.statement, facts.translated_from) == (OWN, None)
    other = tmp_path / "typed"
    other.mkdir()
    async with opened(other, AskModel=model(ENGLISH)) as h:
        phone = h.phone("telegram")
        await walk(phone, *TG, OWN, "[In English]")
        shown = seen(await walk(phone, "I came back at 2:30 and there was a ticket on my car."))
        assert "Print it as it is, or tidy" in shown, "the new text is English: it can be tidied"
        assert (await case_of(h))[1].translated_from is None


async def test_txt_7_at_most_five_versions_a_draft(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(*[ENGLISH] * 9)) as h:
        phone = h.phone("telegram")
        await walk(phone, *TG, OWN)
        for _ in range(5):
            h.clock.advance(timedelta(minutes=1))
            assert ENGLISH in seen(await walk(phone, "[In English]"))
            await walk(phone, OWN)
        assert "I tried 5 times. I use your own words." in seen(await walk(phone, "[In English]"))
        assert len(called(h, AskModel)) == 5


async def test_st_22_the_next_level_says_nothing_of_a_translation(tmp_path: Path) -> None:
    async with opened(tmp_path, AskModel=model(ENGLISH)) as h:
        await walk(h.phone("sms"), *W, OWN, "2", "1")
        row, facts = await case_of(h)
        assert facts.translated_from == "es"
        child = child_facts(row, facts)
        assert (child.translated_from, child.statement, child.statement_raw) == (None, None, OWN)
