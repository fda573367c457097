"""Ages are heard in numbers and in words, and nothing else is taken for one (ID-12, UX-16, SF-4).

Three sets, each written before the patterns were changed for it. Found of those that state an age under 18, in the
right band: by the words of the engine 13 of 50, 6 of 32, 7 of 30, with 2 of 30, 1 of 20 and 0 of 20 others taken for
minors. By the coach's own, before they were changed for the set: `ages_second` 18 of 32, `ages_third` 23 of 30, and
none of the others. What is missed on purpose could be a count or an hour: under 13 deletes a plan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.engine.patterns import Entry, Index
from bot.engine.vocabulary import ages
from bot.engine.vocabulary.ages import GROWN, SERVED, stated_age
from tests.rows import each

SETS = Path(__file__).parents[2] / "handlers" / "coaching" / "safety" / "corpora"
TODAY = date(2026, 3, 2)


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (SETS / f"{name}.tsv").read_text("utf-8").splitlines()]


def band(text: str) -> str:
    age = stated_age(text, TODAY)
    return "none" if age is None or age >= GROWN else "minor" if age >= SERVED else "child"


@each("name", ["ages", "ages_second", "ages_third"])
def test_sf_4_ages_in_numbers_and_words(name: str) -> None:
    young = [(kind, text) for kind, text in rows(name) if kind != "none"]
    wrong = [(text, band(text)) for kind, text in young if band(text) != kind]
    assert len(wrong) <= len(young) // 10, wrong
    assert all(found == "none" for _, found in wrong), wrong


@each("name", ["ages", "ages_second", "ages_third", "ordinary", "scope", "scope_second"])
def test_sf_4_what_is_no_age_of_the_person_is_none(name: str) -> None:
    assert [text for kind, text in rows(name) if kind == "none" and band(text) != "none"] == []


@each("text, age", [
    ("turned 17", 17), ("im in 8th grade", 13), ("born in 2011", 14), ("born in 2013", 13), ("I was born in 2014", 12),
    ("I'm in 6th grade", 12), ("I'm in 7th grade", 13), ("I'll be 18 in August", 17), ("I'm under 13", 12),
    ("I was born in 2008", 17), ("I'm a minor", 13), ("I'm a sophomore", 13), ("I'm 34", 34), ("im in year 10", 14),
    ("my 12th birthday is tomorrow", 11), ("I was born in 1985", 40), ("I'm not 12. I'm 34", 34),
    ("14f", 14), ("16/m, hi", 16), ("I'm not an adult", 13), ("I'm not of legal age", 13),
    ("I'm a kid in elementary school", 12),
    ("im 12 years old", 12), ("i am 16 btw", 16), ("15 years old", 15), ("my age is 14", 14), ("im eleven", 11),
    ("i am under 13", 12), ("tengo 12 años", 12), ("soy menor de edad", 13), ("tengo quince años", 15), ("age 15", 15),
    ("12 years old btw", 12), ("11 yo", 11), ("I'm not 18 yet", 17), ("I'm a teenager", 13),
])  # fmt: skip
def test_sf_4_an_age_is_given_as_far_as_the_words_are_certain(text: str, age: int) -> None:
    assert stated_age(text, TODAY) == age


@each("text", [
    "10 years", "I'll be 10", "I'll be 10 minutes late", "im under 10", "15m", "10m followers",
    "I'm a 5th grade teacher",
    "I'm an elementary school art teacher", "born in 2014, my channel is about bikes", "10 like me", "minimum age 12",
    "I had my 10th birthday stream", "I'm 10 years into this", "I started 5th grade math videos",
    "at 11 I can't stream",
    "10 here", "15 here", "turned 12 followers into fans", "I'm 8 weeks pregnant", "I'm 12, 13 hours a week at most",
    "I'm 5'10",
    "12", "I am 12 minutes late", "my son is 12", "tengo 12 años viviendo aquí", "the fine is 15", "I'm a kid at heart",
    "12 year old scotch 45", "12 years old whisky 60.00", "12 yo scotch, 55.00", "10 yr old toyota repair 300",
    "$45 12 year old scotch", "gift for age 12", "toy age 10 15.99", "my daughter just turned 15",
    "a minor celebrity like me", "explain it like I'm five", "I'm in the top 10", "im 9 to 5", "I'm 12 of 22 done",
])  # fmt: skip
def test_sf_4_a_count_an_hour_or_a_class_that_is_taught_deletes_no_plan(text: str) -> None:
    assert stated_age(text, TODAY) is None


@each("piece", ["im 1", "im in ", "i turned my ", "im a minor ", "still only just ", "a a a ", "my son "])
def test_sf_4_no_text_holds_up_the_others(piece: str) -> None:
    assert band((piece * 400)[:400]) in ("none", "minor", "child")


@each("name", ["ages", "ages_second", "ages_third", "ordinary", "scope"])
def test_sf_4_no_age_is_missed_for_the_sake_of_speed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = [stated_age(text, TODAY) for _, text in rows(name)]
    known = ages._known()
    every = Index(Entry(one.rule, one.kind, one.text, ()) for one in known.ways.entries)
    monkeypatch.setattr(ages, "_known", lambda: replace(known, ways=every))
    ages._short.cache_clear()
    assert [stated_age(text, TODAY) for _, text in rows(name)] == quick
    ages._short.cache_clear()
