"""Part 2, the reason: the person picks grounds from the checklist and answers their questions, each skippable.

    B> 2 of 6: your reason. What happened? More than one is fine, like 1 3. ...
    U> 1
    B> What did the meter show or do? One or two lines in your own words.
    U> screen said FAIL, would not take coins or card
    B> Which ways to pay did you try? Example: two cards and quarters.
    U> skip

Nothing is chosen or ranked for the person (rule UPL-3).
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import ask, changed, draft_of, onward, part, take
from handlers.appeals.flow.limits import show_limits
from handlers.appeals.flow.rules import city_of
from handlers.appeals.flow.words_meant import DONE, NO, SKIP, means, skipped
from handlers.appeals.grounds import Asked, Ground, packaged_checklist
from handlers.appeals.statement import clean, foreign_letters

MOST_QUESTIONS = 30
MOST_GROUNDS = 6
PAGE = 4
ANSWER_LONGEST = 400
_SCRIPT = 3
_NO_MEANS_NOTHING = frozenset({"reported"})


def offered(turn: Turn) -> tuple[Ground, ...]:
    """Return the grounds to choose from: those of this class of violation, then those of every class."""
    city, facts = city_of(turn), draft_of(turn).facts
    found = packaged_checklist().offered(city.city_id if city else "", facts.violation_class or "other")
    return tuple(sorted(found, key=lambda ground: "all" in ground.classes))


def picked(turn: Turn) -> list[Ground]:
    """Return the picked grounds in the checklist's order, in the city's wording."""
    chosen = draft_of(turn).facts.grounds
    return [ground for ground in offered(turn) if ground.id in chosen]


def label(turn: Turn, ground: Ground) -> str:
    """Return the short words of a ground, as its choice shows them."""
    known = packaged_checklist().ground(ground.id).text
    return ground.text if ground.text != known else turn.text(f"appeals.ground.{ground.id}")


def questions(turn: Turn) -> list[tuple[Ground, Asked]]:
    """Return every question of the picked grounds, in order."""
    return [(ground, question) for ground in picked(turn) for question in ground.questions][:MOST_QUESTIONS]


def answer_key(ground: Ground, question: Asked) -> str:
    """Return the name under which an answer is kept."""
    return f"{ground.id}.{question.id}"


@part(2)
def due_reason(turn: Turn) -> str | None:
    """Name the first open question about the reason."""
    draft = draft_of(turn)
    if not draft.facts.grounds:
        return "grounds"
    for number, (ground, question) in enumerate(questions(turn)):
        if answer_key(ground, question) not in draft.facts.answers:
            return f"question_{number}"
    return None


@ask("grounds")
def ask_grounds(turn: Turn) -> Ask:
    """Ask for the reasons: all of them as buttons, or a few and "more" where they are numbered."""
    draft, all_grounds = draft_of(turn), offered(turn)
    if turn.channel == "sms":
        start = draft.reasons_page * PAGE
        page = all_grounds[start : start + PAGE]
        if len(all_grounds) - start <= PAGE + 1:
            page = all_grounds[start:]
        choices = [_choice(turn, ground) for ground in page]
        if start + len(page) < len(all_grounds):
            choices.append(Choice("more", key="appeals.grounds.more", words=("more", "other", "others")))
        choices += [_hidden(turn, g) for g in all_grounds if g not in page]
        return Ask(
            _grounds_key(turn), {"picked": _picked_text(turn)}, choices=tuple(choices), expects=("choice",), many=True
        )
    choices = [_choice(turn, ground) for ground in all_grounds if ground.id not in draft.reasons_picked]
    if draft.reasons_picked:
        choices.append(Choice("done", key="appeals.done", words=DONE))
    return Ask(
        _grounds_key(turn), {"picked": _picked_text(turn)}, choices=tuple(choices), expects=("choice",), many=True
    )


def _grounds_key(turn: Turn) -> str:
    return (
        "appeals.grounds.ask_more"
        if draft_of(turn).reasons_picked or draft_of(turn).reasons_page
        else "appeals.grounds.ask"
    )


def _picked_text(turn: Turn) -> str:
    chosen = [g for g in offered(turn) if g.id in draft_of(turn).reasons_picked]
    return turn.text("appeals.grounds.picked", names="; ".join(label(turn, g) for g in chosen)) if chosen else ""


def _choice(turn: Turn, ground: Ground) -> Choice:
    return Choice(ground.id, text=label(turn, ground), words=(ground.id.replace("_", " "),))


def _hidden(turn: Turn, ground: Ground) -> Choice:
    """A ground on another page: understood by its words, not shown."""
    return Choice(ground.id, text=label(turn, ground), words=(ground.id.replace("_", " "),), quiet=True)


@take("grounds")
def take_grounds(turn: Turn, answer: Answer) -> Next:
    """Take one reason or several; buttons are pressed one by one until Done."""
    draft = draft_of(turn)
    chosen = [c for c in answer.choices if c not in ("more", "done")]
    draft.reasons_picked = list(dict.fromkeys([*draft.reasons_picked, *chosen]))[:MOST_GROUNDS]
    if "more" in answer.choices:
        draft.reasons_page = 0 if (draft.reasons_page + 1) * PAGE >= len(offered(turn)) else draft.reasons_page + 1
        return Goto("grounds")
    pressed = turn.event.kind == "button" and "done" not in answer.choices
    if not draft.reasons_picked or (pressed and turn.channel == "telegram"):
        return Goto("grounds")
    draft.facts.grounds, draft.reasons_picked, draft.reasons_page = draft.reasons_picked, [], 0
    draft.proof_done = False
    changed(turn, "grounds", "answers")
    show_limits(turn, _next_question(turn))
    return onward(turn)


def _next_question(turn: Turn) -> str | None:
    answers = draft_of(turn).facts.answers
    open_ones = (one for ground, one in questions(turn) if answer_key(ground, one) not in answers)
    first = next(open_ones, None)
    return turn.text("appeals.question.ask", question=first.text) if first else None


def _current(turn: Turn, number: int) -> tuple[Ground, Asked] | None:
    every = questions(turn)
    return every[number] if number < len(every) else None


def _register(number: int) -> None:
    name = f"question_{number}"

    def kept(turn: Turn) -> str | None:
        current = _current(turn, number)
        return draft_of(turn).facts.answers.get(answer_key(*current)) if current else None

    @ask(name, kept=kept, free_text=True)
    def ask_question(turn: Turn) -> Ask:
        current = _current(turn, number)
        if current is None:
            return ask_grounds(turn)
        skip = Choice("skip", key="appeals.skip", words=SKIP, quiet=True)
        return Ask(
            "appeals.question.ask",
            {"question": current[1].text},
            choices=(skip,),
            expects=("text", "choice"),
            open_choices=True,
        )

    @take(name)
    def take_question(turn: Turn, answer: Answer) -> Next:
        current = _current(turn, number)
        if current is None:
            return onward(turn)
        return take_answer(turn, answer, current)


def take_answer(turn: Turn, answer: Answer, current: tuple[Ground, Asked]) -> Next:
    """Keep the answer to a question in the person's words; a skipped one is never mentioned."""
    draft, key = draft_of(turn), answer_key(*current)
    if skipped(turn, answer) or (current[1].id in _NO_MEANS_NOTHING and means(answer.text, NO)):
        draft.facts.answers[key] = ""
        changed(turn, "answers", "grounds")
        return onward(turn)
    words = clean(answer.text)
    if len(words) > ANSWER_LONGEST:
        raise Mistake("appeals.question.too_long", length=len(words), most=ANSWER_LONGEST)
    if len(foreign_letters(words)) >= _SCRIPT:
        raise Mistake("appeals.script")
    if not any(c.isalnum() for c in words):
        raise Mistake("appeals.question.empty")
    draft.facts.answers[key] = words
    changed(turn, "answers", "grounds")
    return onward(turn)


for _number in range(MOST_QUESTIONS):
    _register(_number)
