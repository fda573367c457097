"""From a message to an answer of the open question: buttons, digits, words, unique prefixes, or free text.

An old button, or a digit at an address where the question was not shown, acts on nothing: the question now due is
shown again (rules ADR-5, TG-5).
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer
from bot.engine.answers import Ambiguous, Option, match_choice, match_choices
from bot.engine.state import Prompt
from bot.engine.steps import question
from bot.engine.turn import Turn


def read_answer(turn: Turn) -> Answer | None:
    """Return the answer in this message; None when only the open question is to be shown again."""
    prompt = turn.conversation.prompt
    if turn.event.kind == "button":
        return _pressed(turn, prompt)
    text = turn.event.text.strip()
    if prompt is None or not prompt.choices:
        return Answer(text=text)
    return _typed(turn, prompt, text)


def _pressed(turn: Turn, prompt: Prompt | None) -> Answer | None:
    identity, _, number = str(turn.event.payload.get("data") or "").partition(":")
    if prompt is None or prompt.id != identity or not number.isdigit() or int(number) >= len(prompt.choices):
        turn.say("engine.old_button")
        return None
    _note_message(turn, prompt)
    value, words, _ = prompt.choices[int(number)]
    return Answer(text=str(words), choices=(str(value),))


def _note_message(turn: Turn, prompt: Prompt) -> None:
    """Note which message was answered: it loses its buttons, or makes room for the next question (rule TG-5)."""
    message_id, chat_id = turn.event.payload.get("message_id"), turn.event.payload.get("chat_id")
    if message_id and chat_id:
        turn.tapped, turn.tapped_in_place = (int(chat_id), int(message_id)), prompt.in_place


def _typed(turn: Turn, prompt: Prompt, text: str) -> Answer | None:
    elsewhere = turn.address is not None and prompt.address_id != turn.address.id
    options = [(str(v), str(w), tuple(more)) for v, w, more in prompt.choices]
    picked = match_choices(text, options, many=prompt.many)
    if picked is None:
        ask = question(turn)
        if ask is not None and not ask.open_choices and "text" not in ask.expects:
            raise _unclear(turn, text, options)
        return Answer(text=text)
    if elsewhere and text.strip(" .#)").isdigit():
        turn.say("engine.shown_elsewhere")
        return None
    return Answer(text=text, choices=tuple(picked))


def _unclear(turn: Turn, text: str, options: list[Option]) -> Mistake:
    """Say between which choices the words leave it open, or that they are none."""
    found = match_choice(text, options)
    if not isinstance(found, Ambiguous):
        return Mistake("engine.no_such_choice")
    places = [(str(n), label) for n, (value, label, _) in enumerate(options, 1) if value in found.values]
    shown = [number if turn.channel == "sms" else label for number, label in places]
    return Mistake("engine.which_choice", first=", ".join(shown[:-1]), last=shown[-1])


__all__ = ["read_answer"]
