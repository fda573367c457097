"""Buttons of the coach: they act by themselves, so that an old one can say that it is out of date (PP-4, TG-5)."""

from __future__ import annotations

from bot.core.prompts import Ask, Choice
from bot.engine.turn import Turn

NAME = "coach"
"""The name under which they are registered."""


def button(label: str, act: str, argument: object = "", *, words: tuple[str, ...] = ()) -> Choice:
    """Return a button that acts whatever is asked by then."""
    standing = f"{NAME}:{act}:{argument}" if argument != "" else f"{NAME}:{act}"
    return Choice(act, text=label, words=words, quiet=True, standing=standing)


def offer(turn: Turn, *choices: Choice) -> None:
    """Put buttons under the reply, behind those that are there already."""
    before = turn.offer.choices if turn.offer is not None else ()
    turn.offer = Ask("coaching.nothing_more", choices=(*before, *choices), expects=("text",), in_place=True)


def in_place(turn: Turn) -> None:
    """Let the reply stand where the pressed button was: a plan is one message, whichever phase it shows (CH-4)."""
    turn.tapped_in_place = True
