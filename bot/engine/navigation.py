"""Words that work in every state, the main menu, and what an idle person's message opens (rules VOC-2, UX-5).

Every state has a way out: menu, back, edit, options, help, status, agent belong to the engine, not to the flows.
HELP and OPTIONS never change the conversation and repeat the open question.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.core.prompts import Ask, Choice
from bot.engine import repair, steps, terms
from bot.engine.answers import match_choices
from bot.engine.registry import about_services
from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, Word, match_talk, match_word, without_courtesy
from storage import addresses

_TOKENS = re.compile(r"[^\W_]+")


def obey(turn: Turn) -> bool:
    """Do what a global word, a command or small talk asks for; False when the message is something else."""
    if turn.event.kind == "button":
        return _menu_button(turn)
    introduce(turn)
    text = turn.event.text
    if turn.event.kind != "text" or not text.strip():
        turn.say("engine.unreadable")
        return True
    gate = turn.registry.gate
    if gate is not None and turn.channel == "telegram" and gate(turn, text):
        turn.silent = True
        return True
    found = match_word(text, turn.locale, channel=turn.channel)
    if found is not None and _WORDS.get(found.word, _nobody)(turn, found.argument):
        return True
    return _by_service(turn, text) or _talk(turn, text)


def _by_service(turn: Turn, text: str) -> bool:
    """Let a service take words of its own, said with a please or without."""
    words, plain = turn.registry.words.get("text", ()), without_courtesy(text)
    said = (text,) if plain == text.strip() else (text, plain)
    return any(word(turn, one) for one in said for word in words)


def introduce(turn: Turn) -> None:
    """Say once who speaks (rules UX-1, UPL-1), and once that the terms have changed."""
    address = turn.address
    if address is not None and address.id in turn.conversation.greeted:
        terms.announce(turn)
    elif turn.registry.introduces and address is not None:
        terms.begin(turn)
        turn.conversation.greeted.append(address.id)
        turn.say(about_services(turn.registry, "engine.intro"))
        if turn.person_id is not None:
            addresses.consent_to(
                turn.work,
                person_id=turn.person_id,
                handle=f"{address.channel}:{address.handle}",
                kind="conversation",
                wording=terms.named("wrote first"),
                source=f"inbox:{turn.inbox_id}",
            )


def _talk(turn: Turn, text: str) -> bool:
    """Answer small talk and questions about ourselves without losing the step (rules UX-1, UX-7, UPL-4)."""
    talk = match_talk(text, turn.locale)
    if talk is None or (talk is Talk.SMALL and turn.conversation.top is None):
        return False
    if talk is Talk.SMALL and _open_choice(turn, text):
        return False
    turn.say(f"engine.talk_{talk.name.lower()}")
    return True


def _open_choice(turn: Turn, text: str) -> bool:
    prompt = turn.conversation.prompt
    if prompt is None:
        return False
    return match_choices(text, [(str(v), str(w), tuple(m)) for v, w, m in prompt.choices], many=prompt.many) is not None


# -- words -------------------------------------------------------------------------------------------------------------


def _nobody(turn: Turn, argument: str) -> bool:
    return False


def _help(turn: Turn, argument: str) -> bool:
    if turn.channel == "sms" and turn.registry.carrier_answers(turn.event.text):
        turn.silent = True
        return True
    turn.say(about_services(turn.registry, "engine.help"), url=turn.registry.public_url)
    return True


def _options(turn: Turn, argument: str) -> bool:
    turn.say("engine.options")
    for add in turn.registry.words.get("options", ()):
        add(turn, argument)
    return True


def _menu(turn: Turn, argument: str) -> bool:
    if turn.conversation.top is not None:
        if _asked_first(turn, "MENU"):
            return True
        kept = [steps.leave(turn) for _ in range(len(turn.conversation.frames))]
        if any(kept):
            turn.say("engine.parked")
    turn.menu = True
    return True


def _asked_first(turn: Turn, word: str) -> bool:
    """Ask once before a flow is left in which the person entered something; the same word again leaves (UX-23)."""
    frame, notes = turn.conversation.top, turn.conversation.notes
    if frame is None or not steps.has_answers(turn):
        return False
    here = f"{word}:{frame.flow}:{frame.step}"
    if notes.pop("leaving", None) == here:
        return False
    notes["leaving"] = here
    turn.say("engine.leave", word=word)
    return True


def _back(turn: Turn, argument: str) -> bool:
    if turn.conversation.top is None:
        turn.menu = True
    elif not steps.back(turn):
        turn.say("engine.first_step")
    return True


def _restart(turn: Turn, argument: str) -> bool:
    frame = turn.conversation.top
    if frame is None:
        turn.menu = True
        return True
    if _asked_first(turn, "RESTART"):
        return True
    name = frame.flow
    steps.park(turn)
    turn.say("engine.restarted")
    steps.open_flow(turn, name)
    return True


def _resume(turn: Turn, argument: str) -> bool:
    """Go on with what rests in a service, else with the newest parked draft."""
    if any(word(turn, argument) for word in turn.registry.words.get("resume", ())):
        return True
    if turn.conversation.top is None and not steps.resume(turn):
        turn.say("engine.nothing_parked")
        turn.menu = True
    return True


def _edit(turn: Turn, argument: str) -> bool:
    flow = turn.flow()
    if flow is None or flow.editor is None:
        return False
    step = flow.editor(turn, argument)
    if step is None:
        turn.say("engine.cannot_edit")
    else:
        steps.follow(turn, step)
    return True


def to_person(turn: Turn, argument: str = "") -> bool:
    """Hand a person over to our staff: to the service that answers the word, else by an alert."""
    if any(word(turn, argument) for word in turn.registry.words.get("agent", ())):
        return True
    turn.alert("agent_wanted", key=f"agent:{turn.person_id}:{turn.inbox_id}", person=turn.person_id)
    turn.say("engine.agent")
    return True


def _language(locale: str) -> Callable[[Turn, str], bool]:
    def change(turn: Turn, argument: str) -> bool:
        if not turn.registry.speaks(locale):
            turn.say("engine.no_spanish")
            return True
        turn.set_locale(locale)
        turn.say("engine.language_set")
        return True

    return change


def _service(name: str) -> Callable[[Turn, str], bool]:
    """A word that services answer: the first one that knows it."""

    def ask(turn: Turn, argument: str) -> bool:
        if any(word(turn, argument) for word in turn.registry.words.get(name, ())):
            return True
        if not turn.registry.catalogue.has(f"engine.{name}"):
            return False
        turn.say(f"engine.{name}", url=turn.registry.public_url)
        return True

    return ask


def _own_data(name: str) -> Callable[[Turn, str], bool]:
    """Rights of a person: refused where a service doubts who asks, and on the record; what none obeys, staff do."""

    def ask(turn: Turn, argument: str) -> bool:
        words = turn.registry.words
        doubted = any(doubts(turn, name) for doubts in words.get("prove", ()))
        turn.audit(f"privacy.{name}.{'refused' if doubted else 'asked'}", f"person:{turn.person_id}")
        if doubted or any(word(turn, argument) for word in words.get(name, ())):
            return True
        to_staff(turn, name)
        return True

    return ask


def to_staff(turn: Turn, name: str) -> None:
    """Do what a person has a right to: by the service that can (`own_export`), else by our staff, and say so."""
    if any(word(turn, "") for word in turn.registry.words.get(f"own_{name}", ())):
        return
    turn.alert("privacy_wanted", key=f"privacy:{name}:{turn.person_id}:{turn.inbox_id}", person=turn.person_id)
    turn.say(f"engine.{name}")


def _started(turn: Turn, argument: str) -> bool:
    if argument and any(word(turn, argument) for word in turn.registry.words.get("start", ())):
        return True
    if turn.channel == "sms":
        return False
    if turn.conversation.top is None:
        turn.menu = True
    return True


_WORDS: dict[Word, Callable[[Turn, str], bool]] = {
    Word.HELP: _help,
    Word.OPTIONS: _options,
    Word.MENU: _menu,
    Word.BACK: _back,
    Word.RESTART: _restart,
    Word.RESUME: _resume,
    Word.EDIT: _edit,
    Word.AGENT: to_person,
    Word.START: _started,
    Word.LANGUAGE_ES: _language("es"),
    Word.LANGUAGE_EN: _language("en"),
    Word.STATUS: _service("status"),
    Word.UNDO: _service("undo"),
    Word.PRIVACY: _service("privacy"),
    Word.EXPORT: _own_data("export"),
    Word.DELETE: _own_data("delete"),
    Word.SETTINGS: _service("settings"),
    Word.CANCEL_PLAN: _service("cancel_plan"),
    Word.MORE: _service("more"),
    Word.TERMS: _service("terms"),
    Word.PAYSUPPORT: _service("paysupport"),
    Word.LANGUAGE: _service("language"),
}


def obey_word(turn: Turn, word: Word, argument: str = "") -> bool:
    """Do what a global word asks for, as if it had just been said."""
    return _WORDS[word](turn, argument)


# -- idle --------------------------------------------------------------------------------------------------------------


def menu(turn: Turn) -> Ask:
    """Return the main menu: each service's entry."""
    choices = tuple(Choice(value, key=key, words=tuple(words.split())) for value, key, words in turn.registry.menu)
    return Ask("engine.menu", choices=choices, expects=("choice", "text"))


def _menu_button(turn: Turn) -> bool:
    prompt = turn.conversation.prompt
    if turn.conversation.top is not None:
        return False
    identity, _, number = str(turn.event.payload.get("data") or "").partition(":")
    if prompt is None or prompt.id != identity or not number.isdigit() or int(number) >= len(prompt.choices):
        turn.say("engine.old_button")
        turn.menu = True
        return True
    choose(turn, str(prompt.choices[int(number)][0]), "")
    return True


def idle(turn: Turn) -> None:
    """Take a message when no flow is open: a menu choice, words that open a flow, or the menu itself."""
    text, prompt = turn.event.text, turn.conversation.prompt
    if prompt is not None and prompt.choices and turn.address is not None and prompt.address_id == turn.address.id:
        picked = match_choices(text, [(str(v), str(w), tuple(m)) for v, w, m in prompt.choices], many=False)
        if picked:
            choose(turn, picked[0], text)
            return
    name = opens(turn, text)
    if name is not None:
        begin(turn, name, text)
        return
    if any(word(turn, text) for word in turn.registry.words.get("lost", ())):
        return
    turn.menu = True
    if len(turn.lines) == 0:
        repair.unaccepted(turn)


def begin(turn: Turn, name: str, text: str) -> None:
    """Open a flow for a person who asked for it; services may add a line to its first question."""
    steps.open_flow(turn, name, text)
    for word in turn.registry.words.get("opened", ()):
        word(turn, name)


def choose(turn: Turn, value: str, text: str) -> bool:
    """Do what an entry of the menu is for."""
    if value in turn.registry.flows:
        begin(turn, value, text)
    elif not any(word(turn, "") for word in turn.registry.words.get(value, ())):
        turn.say(f"engine.{value}")
    return True


def opens(turn: Turn, text: str) -> str | None:
    """Return the flow that words open: one of its entry words is among them, or it knows them otherwise."""
    spoken = set(_TOKENS.findall(text.casefold()))
    for flow in turn.registry.flows.values():
        if spoken & set(flow.entry) or (flow.recognises is not None and flow.recognises(text)):
            return flow.name
    return None
