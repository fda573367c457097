"""Ages are heard in numbers and in words, and nothing else is taken for one (SF-4).

Three sets, each written before the patterns were changed for it. Found of those that state an age under 18, in the
right band: by the words of the engine 13 of 50, 6 of 32, 7 of 30, with 2 of 30, 1 of 20 and 0 of 20 others taken for
minors. By the coach's own, before they were changed for the set: `ages_second` 18 of 32, `ages_third` 23 of 30, and
none of the others. What is missed on purpose could be a count or an hour: under 13 deletes a plan.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from handlers.coaching.safety.stated import COACHED, GROWN, stated_age
from tests.rows import each

CORPORA = Path(__file__).parent / "corpora"
TODAY = date(2026, 3, 2)


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (CORPORA / f"{name}.tsv").read_text("utf-8").splitlines()]


def band(text: str) -> str:
    age = stated_age(text, TODAY)
    return "none" if age is None or age >= GROWN else "minor" if age >= COACHED else "child"


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
    "a minor celebrity like me", "explain it like I'm five", "I'm in the top 10", "im 9 to 5", "I'm 12 of 22 done",
])  # fmt: skip
def test_sf_4_a_count_an_hour_or_a_class_that_is_taught_deletes_no_plan(text: str) -> None:
    assert stated_age(text, TODAY) is None


@each("piece", ["im 1", "im in ", "i turned my ", "im a minor ", "still only just ", "a a a ", "my son "])
def test_sf_4_no_text_holds_up_the_others(piece: str) -> None:
    assert band((piece * 400)[:400]) in ("none", "minor", "child")
