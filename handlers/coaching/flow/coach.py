"""Which messages are the coach's, and who answers them.

`claims` stands before other services and takes only what is clearly the coach's: its commands, a yes or a number to its
question, a decision in words. `rest` stands behind them and takes what nobody wanted while a project is active. Free
words go to `heard`, the one place where a model may answer in the place of the scripted coach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.core.fold import fold, trim
from bot.engine import navigation
from bot.engine.answers import match_choices
from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_affirmation, match_talk
from handlers.coaching.flow import commands, phrases, saving, scripted, shown
from handlers.coaching.flow.asked import NOTE, asked, update
from handlers.coaching.flow.asking import what_of
from handlers.coaching.flow.buttons import in_place
from handlers.coaching.flow.questions import ask_next, option_words
from handlers.coaching.flow.record import heard_id, is_forwarded, with_reply
from handlers.coaching.flow.seen import Seen, again, see
from handlers.coaching.settings import Said, settings_of
from storage.coaching import proposals

LONGEST = 2_000
FEW = 3
"""So few words that open another service mean it, also in the middle of a talk with the coach."""
_BEFELL = re.compile(
    r"\b(?:got|get|received|have|found|fight|contest|appeal|dispute) (?:a|an|my|this|the|another) (?:\w+ ){0,2}"
    r"(?:ticket|citation|fine)\b",
    re.I,
)
"""What befell a person, told in however many words, is for the service that mends it."""
_NUMBERS = re.compile(r"(?:ok |okay |yes )?(?:numbers? )?(\d(?:\s*(?:,|and|&|\+|y|\s)\s*\d){0,8})", re.I)
_ALL = ("", " it", " that", " this", " all", " both", " them")
_SAVE = frozenset({"all", "all of them", "both", "all three", "everything", "guardar"}) | {
    f"{verb}{what}" for verb in ("save", "tick", "keep") for what in _ALL
}
_POLITE = re.compile(
    r"^(?:ok|okay|yes|yeah|yep|yup|sure|please|so)\s+|\s+(?:please|pls|thanks|thank you|works|is fine|is good)$"
)
_THAT = frozenset({"that", "this", "it", "that one"})


def heard(turn: Turn, text: str) -> None:
    """Take free words to the coach: store them, and let the coach that is configured answer (CT-1)."""
    seen = see(turn)
    if seen is None:
        return
    if len(text) > LONGEST:
        turn.say("coaching.too_long", most=LONGEST)
        return
    message_id = heard_id(turn, seen, text)
    if message_id is not None:
        said = Said(text, message_id, seen.project, is_forwarded(turn))
        with_reply(turn, seen, lambda: settings_of(turn).answer(turn, said))


def claims(turn: Turn, text: str) -> bool:
    """Take what is clearly the coach's before another service reads it; False for everything else."""
    if len(text) > LONGEST:
        return False
    top = turn.conversation.top
    if top is not None:
        return not top.flow.startswith("coach") and _obeyed_elsewhere(turn, text)
    seen = see(turn) if NOTE in turn.conversation.notes else None  # who never spoke with the coach costs no look-up
    if commands.obeyed(turn, seen, text):
        return True
    return seen is not None and (_answered(turn, seen, text) or _decided(turn, seen, text))


def _obeyed_elsewhere(turn: Turn, text: str) -> bool:
    """Obey PLAN and words that name a task in the middle of another service, whose question stays open (OC-2)."""
    if NOTE not in turn.conversation.notes or not commands.names_the_plan(text):
        return False
    seen = see(turn)
    return seen is not None and commands.obeyed(turn, seen, text)


def none(turn: Turn, text: str) -> bool:
    """Tell a person without a project where PROGRESS and its like belong; a menu would be no answer."""
    if len(text) > LONGEST or not commands.needs_a_plan(phrases.plain(text)) or see(turn) is not None:
        return False
    turn.say("coaching.none")
    return True


def turns(turn: Turn, text: str) -> bool:
    """Tell whether words ask for the coach or what it keeps, whatever another service asks (VOC-2)."""
    plain = phrases.plain(text)
    if len(text) > LONGEST:
        return False
    return commands.opens(plain) or (NOTE in turn.conversation.notes and commands.is_of_a_plan(plain))


def rest(turn: Turn, text: str) -> bool:
    """Take what no other service wanted, while a project is active."""
    if turn.conversation.top is not None or match_talk(text, turn.locale) is Talk.IDENTITY:
        return False
    if NOTE not in turn.conversation.notes or see(turn) is None or _is_for_others(turn, text):
        return False
    heard(turn, text)
    return True


def _is_for_others(turn: Turn, text: str) -> bool:
    """Tell whether words choose from the menu on show, or open another service."""
    prompt = turn.conversation.prompt
    if prompt is not None and prompt.choices and turn.address is not None and prompt.address_id == turn.address.id:
        choices = [(str(v), str(w), tuple(m)) for v, w, m in prompt.choices]
        if match_choices(text, choices, many=False):
            return True
    name = navigation.opens(turn, text)
    if name is None:
        return False
    knows = turn.registry.flows[name].recognises
    means_it = len(text.split()) <= FEW or _BEFELL.search(text) is not None
    return asked(turn).turn == 0 or means_it or (knows is not None and knows(text))


# -- answers to its question -------------------------------------------------------------------------------------------


def _answered(turn: Turn, seen: Seen, text: str) -> bool:
    """Take a yes, a no or numbers to what the coach asked last (PP-2, C17)."""
    last, plain = asked(turn), trim(fold(text))
    if last.menu and plain in tuple("1234"[: len(last.menu)]):
        way = last.menu[int(plain) - 1]
        _with_words(turn, seen, text, lambda: choose(turn, seen, way))
        return True
    if last.question:
        yes = _is_yes(text, plain)
        if yes and not last.picking:
            _with_words(turn, seen, text, lambda: saving.confirm(turn, seen, last.question))
            return True
        if match_affirmation(text) is False:
            _with_words(turn, seen, text, lambda: _declined(turn, seen, last.question))
            return True
        numbers = _picked(turn, seen, last.question, plain)
        if numbers:
            _with_words(
                turn, seen, text, lambda: saving.confirm(turn, seen, last.question, numbers=numbers, how="number")
            )
            return True
    value = _chosen(turn, last.options, plain)
    if value is not None:
        _with_words(turn, seen, text, lambda: option(turn, seen, last.category, value))
        return True
    return False


def _chosen(turn: Turn, options: Sequence[str], plain: str) -> str | None:
    """Return the option that a message is the number or the name of, and nothing else."""
    if plain.isdigit():
        return options[int(plain) - 1] if 0 < int(plain) <= len(options) else None
    return next((one for one in options if plain == trim(fold(option_words(turn, one)))), None)


def _is_yes(text: str, plain: str) -> bool:
    """Tell whether words are a yes to what was asked: "ok", "yeah save it", "yep that works"."""
    if plain in _SAVE or match_affirmation(text) is True:
        return True
    core = plain
    while (shorter := _POLITE.sub("", core)) != core:
        core = shorter
    return core != plain and (core in _SAVE | _THAT or match_affirmation(core) is True)


def _picked(turn: Turn, seen: Seen, question: int, plain: str) -> list[int]:
    """Return the numbers that were picked, none when one of them stands for nothing."""
    found = _NUMBERS.fullmatch(plain)
    if found is None:
        return []
    known = {one.number for one in proposals.of_question(turn.work, turn.person.id, seen.id, question)}
    numbers = [int(one) for one in re.findall(r"\d", found[1])]
    return numbers if len(known) > 1 and set(numbers) <= known else []


def _decided(turn: Turn, seen: Seen, text: str) -> bool:
    """Take a decision or a completion in words, so that a price is no purchase; bare ones only while it is talked."""
    last = asked(turn)
    found = scripted.read(turn, seen, Said(text, 0, seen.project, is_forwarded(turn)))
    talking = last.turn != 0
    clear = [one for one in found.decisions if talking or one.certainty != "bare" or _is_whole(one.quote, text)]
    if not clear and not found.completions:
        return False
    heard(turn, text)
    return True


def _is_whole(quote: str, text: str) -> bool:
    """Tell whether a message is nothing but this: "$29 a month" names no shop, and is no purchase."""
    return trim(fold(quote)) == trim(fold(text))


def _declined(turn: Turn, seen: Seen, question: int) -> None:
    saving.decline(turn, seen, question)
    ask_next(turn, again(turn, seen))


# -- buttons -----------------------------------------------------------------------------------------------------------


def pressed(turn: Turn, argument: str) -> None:
    """Do what a button of the coach says; one of a project that is over says so (PP-4)."""
    act, _, rest_ = argument.partition(":")
    seen = see(turn)
    do = _BUTTONS.get(act)
    if seen is None or do is None:
        turn.say("coaching.out_of_date")
        return
    with_reply(turn, seen, lambda: do(turn, seen, rest_))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _save_button(turn: Turn, seen: Seen, argument: str) -> None:
    saving.confirm(turn, seen, _number(argument), how="button")


def _one_button(turn: Turn, seen: Seen, argument: str) -> None:
    """Save one proposal and leave those beside it as they are."""
    wanted = _number(argument)
    found = proposals.load(turn.work, turn.person.id, seen.id, wanted)
    saving.save(turn, seen, [] if found is None else [found], how="button")


def _no_button(turn: Turn, seen: Seen, argument: str) -> None:
    _declined(turn, seen, _number(argument))


def _pick_button(turn: Turn, seen: Seen, argument: str) -> None:
    turn.say("coaching.pick")
    update(turn, question=_number(argument), picking=True)


def _change_button(turn: Turn, seen: Seen, argument: str) -> None:
    found = proposals.of_question(turn.work, turn.person.id, seen.id, _number(argument))
    waits = [one for one in found if one.state == "pending"]
    if not waits:
        turn.say("coaching.out_of_date")
        return
    turn.say("coaching.send_another", what=what_of(turn, waits[0].subject))
    update(turn, category=waits[0].subject)


def _option_button(turn: Turn, seen: Seen, argument: str) -> None:
    category, _, value = argument.partition(":")
    option(turn, seen, category, value)


def option(turn: Turn, seen: Seen, category: str, value: str) -> None:
    """Take an option that was offered as the person's answer, and ask for a yes."""
    point = seen.plan.point_of(category)
    if point is None or value not in {one.value for one in point.options}:
        turn.say("coaching.out_of_date")
        return
    words = option_words(turn, value)
    message_id = heard_id(turn, seen, turn.event.text or words)
    if message_id is not None:
        saving.propose_option(turn, seen, point, value, turn.event.text or words, message_id=message_id)


def _tick_button(turn: Turn, seen: Seen, argument: str) -> None:
    commands.tick(turn, seen, [argument])


def _undo_button(turn: Turn, seen: Seen, argument: str) -> None:
    if not saving.undo(turn, seen):
        turn.say("coaching.nothing_to_undo")


def _phase_button(turn: Turn, seen: Seen, argument: str) -> None:
    in_place(turn)
    shown.plan(turn, seen, _number(argument))


def choose(turn: Turn, seen: Seen, way: str) -> None:
    """Take one of the ways on that were offered after words that nobody understood."""
    if way == "person":
        scripted.hand_over(turn)
    elif way == "plan":
        shown.plan(turn, seen)
    elif way == "progress":
        shown.show_progress(turn, seen)
    else:
        ask_next(turn, seen)


_BUTTONS: dict[str, Callable[[Turn, Seen, str], None]] = {
    "save": _save_button, "all": _save_button, "one": _one_button, "no": _no_button, "pick": _pick_button,
    "change": _change_button, "opt": _option_button, "tick": _tick_button, "undo": _undo_button,
    "phase": _phase_button, "menu": choose,
}  # fmt: skip


# -- UNDO --------------------------------------------------------------------------------------------------------------


def undo_newest(turn: Turn, argument: str) -> bool:
    """Do what a bare UNDO asks for while the coach is talked to; False leaves it to others (PP-6)."""
    return asked(turn).turn != 0 and undo_any(turn, argument)


def undo_any(turn: Turn, argument: str) -> bool:
    """Do what a bare UNDO asks for when no other service had anything to take back."""
    seen = see(turn) if turn.conversation.top is None else None
    if seen is None:
        return False
    done: list[bool] = []
    with_reply(turn, seen, lambda: done.append(saving.undo(turn, seen)))
    return done[0]


def _with_words(turn: Turn, seen: Seen, text: str, act: Callable[[], object]) -> None:
    """Store a short answer of the person and what the coach says to it."""
    if heard_id(turn, seen, text) is not None:
        with_reply(turn, seen, act)
