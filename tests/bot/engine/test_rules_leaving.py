"""Leaving asks once, then parks (UX-23); the language changes at any step (UX-19); new terms are told (LEG-6)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.texts import Catalogue
from bot.engine import consent, terms
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from storage import people
from storage.outbox import outbox
from tests.bot.engine.talk import TEXTS, register

ROOT = Path(__file__).parents[3]


async def _parked(h: Harness) -> int:
    """Return how many flows the person has parked."""
    from bot.engine.state import Conversation
    from storage.conversation import conversation

    rows = await h.database.read(lambda c: list(c.execute(sa.select(conversation.c.state))))
    return len(Conversation.load(h.seal.open(rows[0].state)).parked)


# -- UX-23 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "word"),
    [("sms", "MENU"), ("sms", "exit"), ("sms", "SALIR"), ("telegram", "menu"), ("telegram", "/menu"),
     ("telegram", "/cancel")],
)  # fmt: skip
async def test_ux_23_leaving_entered_text_asks_once_with_the_open_question_and_then_parks(
    channel: str, word: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "something that cost me effort"):
            await p.say(text)
        (asked,) = await p.say(word)
        assert "MENU again to leave" in asked.text
        assert "30 days" in asked.text
        assert "next?" in asked.text, "the open question is still the open one"
        assert await _parked(h) == 0
        (left,) = await p.say(word)
        assert "Your answers are saved for 30 days" in left.text
        assert await _parked(h) == 1
        await p.say("RESUME")
        (on,) = await p.say("two")
        assert "count 2" in on.text, "nothing of it was lost"


async def test_ux_23_an_answer_instead_of_the_word_stays_in_the_flow_and_the_next_step_asks_anew(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "one", "MENU"):
            await p.say(text)
        (reply,) = await p.say("choose")
        assert "red or blue?" in reply.text
        (asked,) = await p.say("MENU")
        assert "MENU again to leave" in asked.text
        assert "red or blue?" in asked.text
        await p.say("2")
        p.expect("picked blue")


async def test_ux_23_starting_over_asks_once_too(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "one"):
            await p.say(text)
        (asked,) = await p.say("START OVER")
        assert "RESTART again" in asked.text
        (again,) = await p.say("RESTART")
        assert "Starting over" in again.text
        assert await _parked(h) == 1


async def test_ux_23_a_flow_with_nothing_entered_is_left_at_once(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        (left,) = await p.say("MENU")
        assert "again to leave" not in left.text
        assert "Reply with a number" in left.text


# -- UX-19 -------------------------------------------------------------------------------------------------------------

SPANISH = {
    "talk.ask": "que sigue?", "talk.pick": "rojo o azul?", "talk.red": "Rojo", "talk.blue": "Azul",
    "talk.more": "una foto?", "talk.count": "van {n}", "engine.language_set": "Le escribo en espanol.",
}  # fmt: skip
STEPS = {("talk",): "talk.ask", ("talk", "choose"): "talk.pick", ("talk", "picture"): "talk.more"}


def bilingual(registry: Registry) -> None:
    """Register the talk with a second language."""
    register(registry)
    registry.catalogue.add("es", SPANISH)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("steps", STEPS, ids="-".join)
async def test_ux_19_espanol_and_english_switch_at_any_step_and_repeat_its_question(
    channel: str, steps: tuple[str, ...], tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(bilingual, tmp_path, clock) as h:
        p = h.phone(channel)
        for step in steps:
            await p.say(step)
        for word, told, texts in (
            ("ESPANOL", "Le escribo en espanol.", SPANISH), ("ENGLISH", "I will write in English.", TEXTS),
            ("español", "Le escribo en espanol.", SPANISH),
        ):  # fmt: skip
            (reply,) = await p.say(word)
            assert reply.text.removeprefix("Parley: ").startswith(told)
            assert texts[STEPS[steps]] in reply.text


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("steps", STEPS, ids="-".join)
async def test_ux_19_while_there_is_no_spanish_it_is_said_truthfully_and_the_question_repeated(
    channel: str, steps: tuple[str, ...], tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone(channel)
        for step in steps:
            await p.say(step)
        (reply,) = await p.say("ESPANOL")
        assert "only English so far" in reply.text
        assert TEXTS[STEPS[steps]] in reply.text
        rows = await h.database.read(lambda c: list(c.execute(sa.select(people.person.c.locale))))
        assert [row.locale for row in rows] == ["en"]


def lacking(catalogue: Catalogue, locale: str) -> set[str]:
    """Return the keys that people read in English and not in a second language, and arguments that differ."""
    import string

    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = {key: text for key, text in catalogue.entries("en").items() if not key.startswith("admin.")}
    second = catalogue.entries(locale)
    return {key for key, text in english.items() if key not in second or names(second[key]) - names(text)}


def test_ux_19_a_language_that_ships_lacks_no_key() -> None:
    catalogue = Catalogue()
    folders = {path.parent for room in ("bot", "handlers") for path in (ROOT / room).rglob("texts*/*.toml")}
    assert len(folders) >= 4
    for folder in sorted(folders):
        catalogue.add_folder(folder)
    shipped = {path.stem for folder in folders for path in folder.glob("*.toml")} - {"en"}
    assert {locale: sorted(lacking(catalogue, locale))[:5] for locale in shipped if lacking(catalogue, locale)} == {}


def test_ux_19_the_test_of_missing_keys_sees_one() -> None:
    catalogue = Catalogue()
    catalogue.add("en", {"a.b": "one {n}", "a.c": "two", "admin.x": "staff"})
    catalogue.add("es", {"a.b": "uno {m}"})
    assert lacking(catalogue, "es") == {"a.b", "a.c"}


# -- LEG-6 -------------------------------------------------------------------------------------------------------------

WORDS_OF_VERSION = {"1": "2bc7612542c9"}
"""The digest of what TERMS and PRIVACY say, by version: whoever changes the words counts `terms.VERSION` up."""


def introduced(registry: Registry) -> None:
    """Register the talk as people meet it: with its introduction and the word REMIND."""
    register(registry)
    registry.introduces = True
    consent.register(registry)


def test_leg_6_changed_words_have_a_new_version() -> None:
    catalogue = Catalogue()
    catalogue.add_folder(ROOT / "bot/engine/texts")
    entries = catalogue.entries("en")
    words = [entries[key] for key in sorted(entries) if key.startswith(("engine.terms", "engine.privacy"))]
    assert len(words) >= 4
    assert WORDS_OF_VERSION[terms.VERSION] == hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


@pytest.mark.parametrize("word", ["TERMS", "PRIVACY"])
async def test_leg_6_the_words_name_their_version(word: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        for channel in ("sms", "telegram"):
            (reply,) = await h.phone(channel).say(f"/{word.lower()}" if channel == "telegram" else word)
            assert f"Version {terms.VERSION}" in reply.text


async def test_leg_6_a_change_is_announced_once_and_never_to_a_newcomer(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Harness.open(introduced, tmp_path, clock) as h:
        old, new = h.phone("sms"), h.phone("sms", "+14155550199")
        await old.say("talk")
        monkeypatch.setattr(terms, "VERSION", "2")
        assert await h.wait(timedelta(days=3), old) == [], "nobody is texted because of it"
        told = [message.text for text in ("one", "two", "HELLO", "three") for message in await old.say(text)]
        assert ["(version 2)" in text for text in told] == [True, False, False, False]
        assert "next?" in told[0]
        told = [message.text for text in ("talk", "one", "two") for message in await new.say(text)]
        assert not any("(version 2)" in text for text in told)
        monkeypatch.setattr(terms, "VERSION", "3")
        told = [message.text for phone in (old, new) for text in ("go", "on") for message in await phone.say(text)]
        assert ["(version 3)" in text for text in told] == [True, False, True, False]


async def test_leg_6_consent_rows_name_the_version(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Harness.open(introduced, tmp_path, clock) as h:
        await h.phone("sms").say("talk")
        monkeypatch.setattr(terms, "VERSION", "2")
        await h.phone("sms").say("REMIND")
        query = sa.select(people.consent.c.kind, people.consent.c.wording).order_by(people.consent.c.id)
        rows = await h.database.read(lambda c: list(c.execute(query)))
        assert [(row.kind, row.wording) for row in rows] == [
            ("conversation", "wrote first; terms 1"),
            ("nudges", "reminders 1; terms 2"),
        ]
        proactive = sa.select(outbox.c.id).where(outbox.c.purpose.in_(["notice", "nudge", "offer"]))
        assert await h.database.read(lambda c: list(c.execute(proactive))) == []
