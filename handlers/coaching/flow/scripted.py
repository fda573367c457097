"""The scripted coach: deterministic, without a model or a quota; the whole plan can be walked with it (OC-1 to OC-3).

It asks open decisions in order, explains tasks, proposes what was decided in words, and never pretends to understand:
the second unknown text in a row gets numbered choices, the third one a person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from bot.core.fold import fold, words
from bot.engine import navigation
from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_affirmation, match_talk
from handlers.coaching import wording
from handlers.coaching.decisions import Context, Recognition, recognise
from handlers.coaching.flow import saving
from handlers.coaching.flow.asked import asked, update
from handlers.coaching.flow.asking import what_of
from handlers.coaching.flow.buttons import button, offer
from handlers.coaching.flow.questions import ask_decision, ask_next, option_words
from handlers.coaching.flow.seen import Seen, context, look
from handlers.coaching.flow.shown import effort
from handlers.coaching.plan.template import DecisionPoint
from handlers.coaching.safety.spoken import own_words
from handlers.coaching.settings import Said
from storage.coaching.tasks import PlanTask

MENU = ("next", "plan", "progress", "person")


@dataclass(frozen=True, slots=True)
class _Words:
    """What opens a question, the words that name no task, those that ask for income, and those of each decision."""

    asking: re.Pattern[str]
    thin: frozenset[str]
    income: re.Pattern[str]
    about: Mapping[str, Sequence[str]]


@cache
def _words() -> _Words:
    raw = tomllib.loads(resources.files("handlers.coaching").joinpath("data", "words.toml").read_text("utf-8"))
    return _Words(
        re.compile(rf"\?|^(?:{'|'.join(raw['asking'])})\b"),
        frozenset(raw["thin"]),
        re.compile("|".join(raw["income"])),
        raw["about"],
    )


def warm() -> None:
    """Compile what reads decisions, some hundred patterns, before the first person writes one."""
    _words()
    for text in _WARMING:
        recognise(text, Context(date(2026, 3, 2)))


_WARMING = ("let's charge $29 a month", "discord, and we open on may 3", "one tier with a weekly Q&A because I like it")
"""Between them they touch every reader."""


def answer(turn: Turn, said: Said) -> None:
    """Answer free words by the rules alone."""
    seen = look(turn, said.project)
    if not proposed(turn, seen, said) and not explained(turn, seen, said.text):
        _unknown(turn, seen, said.text)


def read(turn: Turn, seen: Seen, said: Said) -> Recognition:
    """Return what a message decides or completes, in the light of what was asked last."""
    return turn.work.once(("coaching", "read", said.text), lambda: _read(turn, seen, said))


def _read(turn: Turn, seen: Seen, said: Said) -> Recognition:
    last = asked(turn)
    options = [option_words(turn, one) for one in last.options]
    heard = context(turn, seen, pending=last.category, options=options, forwarded=said.is_forwarded)
    return recognise(own_words(said.text), heard)


def proposed(turn: Turn, seen: Seen, said: Said) -> bool:
    """Ask for what a message decides or completes; False when it is nothing of the kind."""
    found = read(turn, seen, said)
    return saving.propose(turn, seen, found, message_id=said.message_id, text=said.text)


def explained(turn: Turn, seen: Seen, text: str) -> bool:
    """Answer a question about the plan with what the plan says; False when it names nothing of it."""
    if not _words().asking.search(fold(text)):
        return False
    if _assumed(turn, seen, text):
        return True
    task, point = task_named(seen, text), point_named(turn, seen, text)
    if task is not None and (point is None or task.task_id != point.task):
        turn.say(
            "coaching.short_answer", detail=_sentence(task.detail), id=task.task_id, effort=effort(turn, seen, task)
        )
        return True
    if point is None:
        return False
    turn.say("coaching.recommended", recommended=_sentence(point.recommended))
    held = seen.decisions.get(point.category)
    if held is None:
        ask_decision(turn, seen, point)
    else:
        turn.say("coaching.held_now", value=wording.in_sentence(turn, held.category, held.value, held.text))
    return True


def point_named(turn: Turn, seen: Seen, text: str) -> DecisionPoint | None:
    """Return the decision whose words a text shares, the one asked for first; a number is about a price."""
    said, last = _stems(text), asked(turn).category
    for point in sorted(seen.plan.decisions, key=lambda one: (one.category != last, one.order)):
        offered = " ".join(one.value for one in point.options)
        about = " ".join(_words().about.get(point.category, ()))
        known = _stems(
            f"{point.category} {point.question} {point.recommended} {offered} {what_of(turn, point.category)} {about}"
        )
        if said & known or (point.value_type == "money_per_period" and re.search(r"\d", text)):
            return point
    return None


def _stems(text: str) -> set[str]:
    return {_stem(one) for one in words(fold(text)) if one not in _words().thin}


def _assumed(turn: Turn, seen: Seen, text: str) -> bool:
    """Tell what some report of income, as an assumption, and promise nothing (TP-1)."""
    if not _words().income.search(fold(text)):
        return False
    for one in seen.plan.assumptions:
        if one.kind == "money_per_month" and one.min_minor is not None and one.max_minor is not None:
            low, high = (
                wording.money(amount, seen.plan.currency, short=True) for amount in (one.min_minor, one.max_minor)
            )
            turn.say("coaching.some_report", low=low, high=high)
            return True
    turn.say("coaching.no_forecast")
    return True


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def task_named(seen: Seen, text: str) -> PlanTask | None:
    """Return the one task whose words a text shares most, None when it shares too few or with several alike."""
    said = _stems(text)
    scored = sorted(
        ((_score(said, task), -n, task) for n, task in enumerate(seen.tasks) if not task.is_removed), reverse=True
    )
    if not scored or scored[0][0] < 2 or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][2]


def _score(said: set[str], task: PlanTask) -> int:
    title, detail = _stems(task.title), _stems(task.detail)
    return 2 * len(said & title) + len(said & (detail - title))


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


# -- what nobody understands -------------------------------------------------------------------------------------------


def _unknown(turn: Turn, seen: Seen, text: str) -> None:
    """Say so and offer ways on: first the next step, then numbered choices, then a person (OC-2, OC-3)."""
    if match_talk(text, turn.locale) is Talk.SMALL:
        turn.say("engine.talk_small")
        ask_next(turn, seen)
        return
    if match_affirmation(text) is True:  # a yes to nothing that waits: on with the next step
        ask_next(turn, seen)
        return
    times = asked(turn).unknown + 1
    if times == 1:
        example = f"coaching.example_{asked(turn).category}"
        turn.say(example if turn.registry.catalogue.has(example) else "coaching.unknown")
        ask_next(turn, seen)
    elif times == 2:
        turn.say("coaching.unknown_again")
        turn.lines += [f"{number} {turn.text(f'coaching.menu_{one}')}" for number, one in enumerate(MENU, 1)]
        offer(turn, *(button(turn.text(f"coaching.menu_{one}"), "menu", one) for one in MENU))
        update(turn, menu=list(MENU))
    else:
        hand_over(turn)
        times = 0
    update(turn, unknown=times)


def hand_over(turn: Turn) -> None:
    """Tell our staff that this person wants one of them."""
    navigation.to_person(turn)


def outage(turn: Turn, said: Said) -> None:
    """Answer for a model that failed: short, saying so, and not counted (CT-5)."""
    before = len(turn.lines)
    answer(turn, said)
    if len(turn.lines) > before:
        turn.lines[before] = turn.text("coaching.outage") + " " + turn.lines[before]
        turn.say("coaching.not_counted")
