"""The facts guard on a corpus of its own, and what it costs: it runs inside a turn, which has 20 ms in all."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from handlers.appeals.facts_guard import MOST, Allowed, check, prepare
from handlers.appeals.statement import LONGEST, tidy_locally
from tests.rows import each

CASES = tomllib.loads(Path(__file__).with_name("guard_corpus.toml").read_text("utf-8"))["case"]
MOST_TOO_FREE, MOST_MISSED = 0.02, 0.04
MOST_CALLS = 80_000
"""What it costs on any machine, however busy."""


def allowed_of(case: dict[str, Any]) -> Allowed:
    given = {field: tuple(case.get(field, ())) for field in ("facts", "captions", "evidence")}
    return Allowed(statement=case["statement"], **given)


def texts(kind: str) -> Iterator[object]:
    for number, case in enumerate(CASES):
        for n, output in enumerate(case.get(kind, ())):
            yield pytest.param(allowed_of(case), output, id=f"{number}-{kind}{n}")


@each(("allowed", "output"), list(texts("honest")))
def test_txt_5_an_honest_tidy_of_the_corpus_passes(allowed: Allowed, output: str) -> None:
    assert [str(violation) for violation in check(output, allowed)] == []


@each(("allowed", "output"), list(texts("false")))
def test_txt_5_never_3_a_false_tidy_of_the_corpus_is_refused(allowed: Allowed, output: str) -> None:
    assert check(output, allowed) != []


def count(*kinds: str) -> int:
    return sum(len(case.get(kind, ())) for case in CASES for kind in kinds)


def test_txt_5_the_corpus_is_large_and_what_the_guard_gets_wrong_is_bounded() -> None:
    honest, false = count("honest", "too_free"), count("false", "missed")
    assert honest >= 100
    assert false >= 180
    assert count("too_free") / honest <= MOST_TOO_FREE
    assert count("missed") / false <= MOST_MISSED


@each("case", CASES)
def test_txt_6_the_own_words_and_the_local_tidy_pass(case: dict[str, Any]) -> None:
    allowed = allowed_of(case)
    assert check(case["statement"], allowed) == []
    assert check(tidy_locally(case["statement"]), allowed) == []


RECOMBINED = [
    (
        "I told the desk clerk that parking there is fine. The officer wrote the ticket.",
        "The desk clerk told me that parking there is fine. The officer wrote the ticket.",
    ),
    (
        "The first meter took my card. The second meter was broken and I left a note.",
        "The second meter took my card. The first meter was broken and I left a note.",
    ),
    (
        "I arrived at 9:10 and left at 9:40. The ticket says 9:25.",
        "I arrived at 9:25 and left at 9:40. The ticket says 9:10.",
    ),
    ("The clerk said it was free. The sign says two hours.", "The sign says it was free. The clerk said two hours."),
    (
        "I paid with the app. The officer did not look at my phone.",
        "The officer paid with the app. I did not look at my phone.",
    ),
    (
        "I was in the bank. My brother parked the car in the alley near the school by the old bridge on Pine.",
        "I was in the school. My brother parked the car in the alley near the bank by the old bridge on Pine.",
    ),
    ("He should have asked me. I said nothing.", "He asked me. I said nothing."),
]


@pytest.mark.parametrize(("statement", "output"), RECOMBINED)
def test_txt_5_a_sentence_of_the_persons_own_words_put_together_anew_is_refused(statement: str, output: str) -> None:
    assert check(output, Allowed(statement=statement)) != []


def longest() -> tuple[str, str]:
    """Return a statement of nearly the longest length, and an honest tidy of all of it."""
    statement = output = ""
    for case in CASES:
        if "honest" not in case or len(statement) + len(case["statement"]) + 2 > LONGEST:
            continue
        statement += case["statement"].rstrip(".") + ". "
        output += case["honest"][0] + " "
    return statement.strip(), output.strip()


def hard() -> Iterator[object]:
    """Texts that are meant to keep the guard busy."""
    random = Random(7)

    def word(length: int) -> str:
        return "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(length))

    statement, output = longest()
    yield pytest.param(statement, output, id="honest")
    yield pytest.param(statement, statement, id="itself")
    yield pytest.param(" ".join(word(6) for _ in range(500)), " ".join(word(6) for _ in range(750)), id="strange words")
    yield pytest.param(
        " ".join("a" + word(4) for _ in range(580)), " ".join("a" + word(4) for _ in range(870)), id="alike"
    )
    numbers = [str(n) for n in range(1000, 1690)]
    yield pytest.param(" ".join(numbers), " ".join(reversed(numbers)), id="numbers")
    phrases = ("two thirty", "1 2 3", "not no never", "I think he said it.", "he told me, I told him,", ".", "[x]")
    more = ("about 2 or so, maybe 3", "the sign says the sign says", "Nov 3-6 at 2:30 pm", "1" * 60, "a" * 80)
    for phrase in (*phrases, *more):
        text = (f"{phrase} " * 3500)[: LONGEST - 1]
        yield pytest.param(text, f"{text[: LONGEST - 20]} nothing", id=phrase[:20])


@pytest.mark.parametrize(("statement", "output"), list(hard()))
def test_txt_5_the_guard_takes_little_of_a_turn_on_the_longest_statements(statement: str, output: str) -> None:
    allowed = Allowed(statement=statement)
    prepare(statement)
    found = check(output, allowed)
    assert len(found) <= MOST + 10
    assert _calls(output, allowed) < MOST_CALLS


def _calls(output: str, allowed: Allowed) -> int:
    """Return how many calls a check makes, which does not depend on how busy the machine is."""
    calls = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        check(output, allowed)
    finally:
        sys.setprofile(None)
    return calls
