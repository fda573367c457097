"""Part 5, the check: every fact on a line of its own, OK or the right value; place and plate are asked here.

    B> 5 of 6: check. Line 1 of 8: San Francisco citation 900000417. Reply OK or the right value.
    U> ok
    B> Line 2 of 8: issued Mon Nov 16, 2026, no late notice. OK?
    U> ok
    B> Line 3 of 8: where was the car? As the ticket prints it. Example: 500 Main St
    U> 1200 Valencia St

A line that is changed is shown again before it counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.flow import keeping
from handlers.appeals.flow.flow import appeal, ask, changed, draft_of, excerpt, onward, part, take
from handlers.appeals.flow.photo import proposal
from handlers.appeals.flow.proof import set_captions
from handlers.appeals.flow.reason import answer_key, label, picked, questions
from handlers.appeals.flow.rules import city_of
from handlers.appeals.flow.shown import day
from handlers.appeals.flow.words_meant import EDIT, SKIP, means, ok_choice
from handlers.appeals.plates import read_plate
from handlers.appeals.statement import clean, foreign_letters

MOST_LINES = 20
_SMS_VALUE, _TELEGRAM_VALUE, _SHORT_LINE = 150, 700, 100
PLACE_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the check: the slots it shows, the step that changes them, and its words (None: not given yet)."""

    name: str
    step: str
    text: str | None


def lines(turn: Turn) -> list[Line]:
    """Return the lines of this case, in order."""
    facts, city = draft_of(turn).facts, city_of(turn)
    plate = f"{facts.plate}, {facts.plate_state}" if facts.plate else None
    found = [
        Line("ticket", "number", turn.text("appeals.line.ticket", city=city.name if city else "", number=facts.number)),
        Line("dates", "issued", _dates(turn)),
        Line("place", "place", turn.text("appeals.line.place", place=facts.place) if facts.place else None),
        Line("plate", "plate", turn.text("appeals.line.plate", plate=plate) if plate else None),
        *_reasons(turn),
    ]
    exhibits = facts.exhibits
    if exhibits:
        found.append(Line("exhibits", "caption", _exhibits(turn)))
    found.append(
        Line("statement", "statement", turn.text("appeals.line.statement", text=_cut(turn, facts.statement or "")))
    )
    return found[:MOST_LINES]


def _cut(turn: Turn, text: str) -> str:
    """Return the beginning of a value; the line ends the sentence, so the value's own full stop would be a second."""
    shown = excerpt(text, _SMS_VALUE if turn.channel == "sms" else _TELEGRAM_VALUE)
    return shown if shown.endswith("...") else shown.removesuffix(".")


def _dates(turn: Turn) -> str:
    facts = draft_of(turn).facts
    issued = day(facts.issue_date) if facts.issue_date else ""
    if facts.notice_date:
        return turn.text("appeals.line.dates_notice", issued=issued, notice=day(facts.notice_date))
    return turn.text("appeals.line.dates", issued=issued)


def _reasons(turn: Turn) -> list[Line]:
    found: list[Line] = []
    answers = draft_of(turn).facts.answers
    order = [answer_key(*pair) for pair in questions(turn)]
    for ground in picked(turn):
        keys = [answer_key(ground, question) for question in ground.questions]
        said = [answers[key] for key in keys if answers.get(key)]
        name = label(turn, ground)
        if len(said) == 1:
            text = turn.text("appeals.line.ground_said", ground=name, said=_cut(turn, said[0]))
            found.append(Line(f"grounds:{ground.id}", "grounds", text))
            continue
        found.append(Line(f"grounds:{ground.id}", "grounds", turn.text("appeals.line.ground", ground=name)))
        if said:
            first = order.index(keys[0]) if keys[0] in order else 0
            text = turn.text("appeals.line.answers", said=_cut(turn, "; ".join(said)))
            found.append(Line(f"answers:{ground.id}", f"question_{first}", text))
    return found


def _exhibits(turn: Turn) -> str:
    shown = [
        ": ".join(filter(None, (i.letter, ", ".join(filter(None, (i.caption, i.taken_at))))))
        for i in draft_of(turn).facts.exhibits
    ]
    return turn.text("appeals.line.exhibits", exhibits=_cut(turn, "; ".join(shown)))


@part(5)
def due_check(turn: Turn) -> str | None:
    """Name the first line that is not OK yet."""
    checked = draft_of(turn).checked
    for number, line in enumerate(lines(turn)):
        if line.name not in checked:
            return f"line_{number}"
    keeping.reviewed(turn)
    return None


def _line(turn: Turn, number: int) -> tuple[Line, int]:
    every = lines(turn)
    return every[min(number, len(every) - 1)], len(every)


def _register(number: int) -> None:
    name = f"line_{number}"

    @ask(name, free_text=True)
    def ask_line(turn: Turn) -> Ask:
        line, total = _line(turn, number)
        lead = turn.text("appeals.check.lead") if number == 0 else ""
        where: dict[str, object] = {"lead": lead, "n": number + 1, "total": total}
        read = proposal(turn, line.name) if line.text is None else None
        if line.text is None and read is None:
            return Ask(f"appeals.check.{line.name}", where, in_place=True)
        shown = turn.text(f"appeals.line.{line.name}", **{line.name: read}) if read else line.text
        choices = (ok_choice(), Choice("edit", key="appeals.edit", words=EDIT, quiet=True))
        key = "appeals.check.read" if read else "appeals.check.first" if number == 0 else "appeals.check.line"
        return Ask(
            key,
            {**where, "line": shown, "short": excerpt(shown or "", _SHORT_LINE)},
            choices=choices,
            expects=("text", "choice"),
            open_choices=True,
            in_place=True,
        )

    @take(name)
    def take_line(turn: Turn, answer: Answer) -> Next:
        line, total = _line(turn, number)
        return _take(turn, answer, line, (number + 1, total))


def _take(turn: Turn, answer: Answer, line: Line, where: tuple[int, int]) -> Next:
    draft = draft_of(turn)
    if line.text is not None and answer.choice == "ok":
        draft.checked.append(line.name)
        return onward(turn)
    read = proposal(turn, line.name) if line.text is None else None
    if (line.text is not None or read) and (answer.choice == "edit" or means(answer.text, EDIT)):
        return Goto(line.step)
    if line.text is None and line.name in ("place", "plate"):
        given = Answer(text=read) if read and answer.choice == "ok" else answer
        return take_place(turn, given) if line.name == "place" else take_plate(turn, given)
    return _correct(turn, answer, line, where)


def _correct(turn: Turn, answer: Answer, line: Line, where: tuple[int, int]) -> Next:
    """Take the right value of a line; it is shown again."""
    if line.name == "exhibits":
        set_captions(turn, answer.text)
    elif line.step == "grounds":
        return Goto("grounds")
    elif line.step.startswith("question_"):
        raise Mistake("appeals.check.answers_by_edit")
    else:
        taken = appeal.steps[line.step].take
        next_step = taken(turn, answer) if taken else onward(turn)
        if not isinstance(next_step, Goto) or not next_step.step.startswith("line_"):
            return next_step
    draft_of(turn).checked = [name for name in draft_of(turn).checked if name != line.name]
    turn.say("appeals.check.updated", n=where[0], total=where[1])
    return onward(turn)


for _number in range(MOST_LINES):
    _register(_number)


# -- place and plate ---------------------------------------------------------------------------------------------------


@ask("place", kept=lambda turn: draft_of(turn).facts.place, free_text=True)
def ask_place(turn: Turn) -> Ask:
    """Ask where the car stood."""
    return Ask("appeals.place.ask")


@take("place")
def take_place(turn: Turn, answer: Answer) -> Next:
    """Take the place as the ticket prints it."""
    place = " ".join(clean(answer.text).split())
    if len(foreign_letters(place)) >= 3:
        raise Mistake("appeals.script")
    if not any(c.isalnum() for c in place) or re.search(r"[\[\]{}<>]", place):
        raise Mistake("appeals.place.unread")
    if len(place) > PLACE_LONGEST:
        raise Mistake("appeals.place.too_long", most=PLACE_LONGEST)
    draft = draft_of(turn)
    first = draft.facts.place is None
    draft.facts.place = place
    changed(turn, "place")
    if first:
        draft.checked.append("place")
    return onward(turn)


@ask("plate", kept=lambda turn: draft_of(turn).facts.plate)
def ask_plate(turn: Turn) -> Ask:
    """Ask for the plate and its state."""
    return Ask("appeals.plate.ask")


@take("plate")
def take_plate(turn: Turn, answer: Answer) -> Next:
    """Take the plate; without a state the city's own is shown for OK, and so is one that could be read otherwise."""
    draft, city = draft_of(turn), city_of(turn)
    found = (
        None if means(answer.text, SKIP) else read_plate(answer.text, records.registry_of(turn.work).place_names.states)
    )
    if found is None:
        raise Mistake("appeals.plate.unread")
    first = draft.facts.plate is None
    draft.facts.plate = found.plate
    draft.facts.plate_state = found.state or (city.state if city else None)
    changed(turn, "plate")
    if first and found.state and found.certain:
        draft.checked.append("plate")
    return onward(turn)
