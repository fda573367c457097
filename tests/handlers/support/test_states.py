"""The moves of a ticket, and what words say of it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import Refusal
from handlers.support.states import MOVES, Did, State, happenings, move
from handlers.support.words import category_of, presses, priority_of, solved, split_code, still_broken, thanks, words
from storage.support import history
from storage.support.tickets import ticket
from storage.work import Work
from tests.handlers.support.counter import Counter
from tests.rows import each


@each(
    "before, did, after, told",
    [
        ("new", "assigned", "open", []),
        ("new", "wrote", "new", []),
        ("new", "replied", "waiting_user", ["staff", "waits"]),
        ("open", "replied", "waiting_user", ["staff", "waits"]),
        ("open", "kept", "open", ["staff"]),
        ("waiting_user", "wrote", "open", ["goes_on", "person"]),
        ("waiting_user", "replied", "waiting_user", ["staff"]),
        ("waiting_user", "kept", "open", ["staff", "goes_on"]),
        ("waiting_user", "silent", "resolved", ["resolved"]),
        ("open", "wrote", "open", ["person"]),
        ("new", "resolved", "resolved", ["resolved"]),
        ("resolved", "wrote", "open", ["reopened"]),
        ("resolved", "reopened", "open", ["reopened"]),
        ("resolved", "rested", "closed", []),
        ("open", "merged", "closed", []),
    ],
)
def test_the_moves_of_section_9(before: str, did: str, after: str, told: list[str]) -> None:
    assert move(State(before), Did(did)) is State(after)
    assert happenings(State(before), Did(did), State(after)) == told


# Columns: new, open, waiting_user, resolved, closed. A dash is refused. Giving a ticket to somebody and saying that the
# person has the next word are moves of ours; all others are rows of the document.
TABLE = """
wrote     new           open          open          open    -
assigned  open          open          waiting_user  -       -
replied   waiting_user  waiting_user  waiting_user  -       -
kept      open          open          open          -       -
resolved  resolved      resolved      resolved      -       -
reopened  -             -             -             open    -
silent    -             -             resolved      -       -
rested    -             -             -             closed  -
merged    closed        closed        closed        -       -
waits     waiting_user  waiting_user  -             -       -
"""
LEGAL = {
    (state, Did(words[0])): State(after)
    for words in map(str.split, TABLE.split("\n")[1:-1])
    for state, after in zip(State, words[1:], strict=True)
    if after != "-"
}


def test_a81_every_pair_of_state_and_event_is_as_the_table_says_and_every_other_is_refused_in_words() -> None:
    assert {(state, did) for state, did in product(State, Did) if (state, did) in MOVES} == set(LEGAL)
    for state, did in product(State, Did):
        if (state, did) in LEGAL:
            assert move(state, did) is LEGAL[state, did]
            continue
        with pytest.raises(Refusal) as refused:
            move(state, did)
        assert refused.value.key == "support.refused_move"


COMMANDS = {
    "ticket take": Did.ASSIGNED, "ticket reply": Did.REPLIED, "ticket wait": Did.WAITS, "ticket resolve": Did.RESOLVED,
    "ticket reopen": Did.REOPENED, "ticket merge": Did.MERGED, "ticket assign": Did.ASSIGNED,
}  # fmt: skip
BEHIND = {"ticket reply": " hello", "ticket merge": " T-1099", "ticket assign": " bob"}


async def test_a81_every_command_in_every_state_moves_as_the_table_says_or_is_refused_in_words(tmp_path: Path) -> None:
    """A refused one leaves the ticket, its history and its version as they were."""
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        first = await counter.row()
        pairs = list(product(State, COMMANDS))
        for number, (state, command) in enumerate(pairs, 2001):
            await _ticket_in(counter, first, number, state)
            told = await counter.act(command, f"T-{number}{BEHIND.get(command, '')}".replace("T-1099", "T-1001"))
            row = await counter.row(number)
            after = LEGAL.get((state, COMMANDS[command]))
            assert row.state == (after or state), (state, command)
            if after is None:
                shown = state.replace("_", " ")
                assert told == f"That is not possible: the ticket is {shown}.", (state, command)
                assert row.version == 1


async def _ticket_in(counter: Counter, like: Any, number: int, state: State) -> None:
    """Put a ticket into a state."""

    def put(work: Work) -> None:
        values = {**like._mapping, "id": work.new_id(), "number": number, "source": f"s{number}", "state": state.value}
        ended = {"resolved_at": work.now} if state in (State.RESOLVED, State.CLOSED) else {}
        work.claim(ticket.insert().values(**values | {"version": 1} | ended))
        history.note(work, like.person_id, values["id"], "opened", actor="x", priority=like.priority)

    await counter.writers.run(put)


@each(
    "text, flow, category",
    [
        ("I was charged twice", "", "billing_payment"),
        ("where is my letter", "", "appeal_letter"),
        ("the line is bad", "", "general"),
        ("I have a question", "appeal", "appeal_letter"),
        ("I have a question", "", "general"),
        ("me cobraron dos veces, quiero un reembolso", "", "billing_payment"),
        ("the csv is empty", "", "data_export"),
        ("tasking", "", "general"),
    ],
)
def test_sp_4_the_category_comes_from_whole_words(text: str, flow: str, category: str) -> None:
    assert category_of(text, flow) == category


def test_sp_4_every_category_has_its_priority() -> None:
    names = [*words().categories, "general"]
    assert len(names) == 11
    assert {name: priority_of(name) for name in names if priority_of(name) == "high"}.keys() == {
        "account_access",
        "appeal_letter",
        "billing_payment",
        "privacy",
    }


@each(
    "text, does",
    [("URGENT please", True), ("it is down", True), ("the download is slow", False), ("I need this ASAP!", True)],
)
def test_sp_4_pressing_words_are_whole_words(text: str, does: bool) -> None:
    assert presses(text) is does


@each(
    "text, is_thanks",
    [
        ("thanks!", True),
        ("Thank you so much", True),
        ("👍", True),
        ("5", False),
        ("gracias", True),
        ("!!", True),
        ("thanks but it still fails", False),
        ("no thanks to you", False),
    ],
)
def test_a82_thanks_are_told_from_a_message(text: str, is_thanks: bool) -> None:
    assert thanks(text) is is_thanks


def test_words_that_close_and_that_open_again() -> None:
    assert solved("It's solved!")
    assert not solved("is it solved?")
    assert still_broken("still broken")
    assert not still_broken("my heart is still broken")


@each(
    "text, found",
    [
        ("T-1042 here is the photo", (1042, "here is the photo")),
        ("t-1042: hello", (1042, "hello")),
        ("T-1042", (1042, "")),
        ("about T-1042", None),
        ("T-12", None),
        ("ST-1042", None),
    ],
)
def test_a_message_may_begin_with_the_number_of_its_ticket(text: str, found: tuple[int, str] | None) -> None:
    assert split_code(text) == found
