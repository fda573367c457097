"""The rules as data: every pattern compiles, needs words, and is never kept from a text that it matches."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.optout import phrases
from bot.engine.optout.rules import Rules, rules
from bot.engine.optout.wording import Said, clauses
from bot.engine.patterns import CueReader, Entry, Index
from tests.bot.engine.test_optout_corpora import BATCHES, texts
from tests.rows import each

KNOWN = rules()
ENTRIES = [*KNOWN.requests.entries, *KNOWN.wholes.entries, *KNOWN.pauses.entries]
LOOK_AROUND = re.compile(r"\(\?<?[!=](?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)")
LONG_STATEMENT = (
    "I parked at 2:10 pm and paid at the meter until 4:10 pm. When I came back at 3:50 pm there was already a ticket "
    "on the windshield. The sign was covered by tree branches and I took pictures right after I found the citation."
)


def test_families_stand_in_their_order() -> None:
    order = list(dict.fromkeys(entry.rule for entry in KNOWN.requests.entries))
    assert order == [f"P{number}" for number in range(1, 10)]


@each("entry", ENTRIES)
def test_pattern_compiles_and_has_words_to_be_found_by(entry: Entry) -> None:
    assert re.compile(entry.text)
    assert entry.cues
    assert all(entry.cues)
    assert not any("~" in word or " " in word for cue in entry.cues for word in cue)


@pytest.mark.parametrize("batch", BATCHES)
def test_no_pattern_is_kept_from_a_text_that_it_matches(batch: str) -> None:
    """The index only saves time: what every pattern says of every clause is what the found ones say."""
    for text in (*texts(f"optout_{batch}"), *texts(f"ordinary_{batch}")):
        said = Said(text, KNOWN.spelling)
        for sentence in said.sentences():
            for part in (*clauses(sentence.text), sentence.text):
                plain = KNOWN.spelling.canonical(part)
                matching = [entry for entry in KNOWN.requests.entries if entry.pattern.search(plain)]
                assert all(entry.fits(frozenset(plain.split())) for entry in matching), text
                assert all(entry.fits(sentence.spoken) for entry in matching), text
                assert set(map(id, matching)) <= set(map(id, KNOWN.requests.fitting(sentence.spoken))), text


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("number", range(0, len(KNOWN.requests.entries), 12))
def test_whatever_a_pattern_matches_holds_its_words(number: int, data: st.DataObject) -> None:
    """On texts made from the pattern itself; what it looks around for only forbids and needs no words."""
    pattern = LOOK_AROUND.sub("", KNOWN.requests.entries[number].text)
    found = data.draw(st.from_regex(pattern, alphabet=st.sampled_from("abcdefghijklmnopqrstuvwxyz ")))
    spoken = frozenset(found.split())
    assert not any(map(spoken.isdisjoint, CueReader({}).cues(pattern))), found


def test_ordinary_messages_meet_hardly_any_pattern() -> None:
    """The speed of every turn: on average less than one pattern is tried on an ordinary message."""
    said = [text for batch in BATCHES for text in texts(f"ordinary_{batch}")]
    tried = sum(_tried(text, KNOWN) for text in said)
    assert tried / len(said) < 1.5
    assert _tried(LONG_STATEMENT, KNOWN) == 0


def _tried(text: str, known: Rules) -> int:
    said = Said(text, known.spelling)
    return sum(len(known.requests.fitting(sentence.spoken)) for sentence in said.sentences())


def test_an_index_without_hits_costs_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever silences the index hears no request any more: the corpus tests depend on it."""
    silent = replace(KNOWN, requests=Index([]), direct=Index([]), wholes=Index([]))
    said = Said("take me off your list", KNOWN.spelling)
    assert phrases.by_phrase(said, KNOWN, collecting=False).optout
    assert not phrases.by_phrase(said, silent, collecting=False).optout


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("plz quit txting me", "quit texting me"), ("don't", "do not"), ("u r", "you r"), ("stahp", "stop"),
        ("th1s", "th1s"), ("remvoe my nmbr", "remove my number"), ("t3xting", "texting"),
        ("david's phone", "davids phone"),
    ],
)  # fmt: skip
def test_spelling_is_made_canonical(said: str, canonical: str) -> None:
    assert KNOWN.spelling.canonical(said) == canonical


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two three", ["One", "Two three"]), ("who is this? stop", ["who is this", "stop"]),
        ("line one\nline two", ["line one", "line two"]), ("please. stop. now", ["please stop now"]),
        ("first - second", ["first", "second"]), ("s.t.o.p", ["stop"]),
    ],
)  # fmt: skip
def test_sentences_are_told_apart(text: str, sentences: list[str]) -> None:
    found = [sentence.text.strip() for sentence in Said(text, KNOWN.spelling).sentences()]
    assert found == [sentence.lower() for sentence in sentences]


def test_a_question_is_known_as_one() -> None:
    said = Said("why? because of you. ok then", KNOWN.spelling)
    assert [sentence.asked for sentence in said.sentences()] == [True, False, False]
