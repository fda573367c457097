"""What happens to an event, layer by layer; the first layer that knows the event decides (rule VOC-2).

    reachability -> opt-out and opt-in -> silence (opted out, a human owns the chat, loop guard, haste) -> HELP ->
    operators' commands -> global words -> pictures settling -> the open step -> other flows' entry words -> fallback

Events that are not messages go to the handler that a service registered for them.
"""

from __future__ import annotations

from bot.core.errors import Mistake, Refusal
from bot.core.prompts import Ask
from bot.engine import album, cards, contact, haste, navigation, repair, standing, steps, turning
from bot.engine.answering import read_answer
from bot.engine.results import call_ended
from bot.engine.turn import Turn


def run(turn: Turn) -> Ask | None:
    """Run the turn of an event and return the question to show, if any."""
    if turn.event.channel is None:
        _internal(turn)
    else:
        _message(turn)
        if turn.registry.before_reply is not None and _replies(turn):
            turn.registry.before_reply(turn)
        for word in turn.registry.words.get("closing", ()):
            word(turn, "")
    if turn.menu and turn.conversation.top is None:
        return navigation.menu(turn)
    if turn.offer is not None and turn.conversation.top is None:
        return turn.offer
    return None if turn.silent else _question(turn)


def _replies(turn: Turn) -> bool:
    """Tell whether the person is answered at all: nobody is who stopped our messages, or whom staff talk to."""
    return bool(turn.lines or turn.menu or turn.offer is not None or not turn.silent) and turn.purpose == "reply"


def _question(turn: Turn) -> Ask | None:
    if turn.event.channel is None and turn.purpose == "notice" and not turn.asks:
        return None
    return steps.question(turn)


def _internal(turn: Turn) -> None:
    event = turn.event
    if event.source == "call":
        call_ended(turn)
        return
    if event.source == "delivery" and event.kind == "delayed":
        turn.notify("engine.delayed", purpose="reply")
        return
    if event.kind in album.TIMERS:
        album.TIMERS[event.kind](turn)
        return
    handler = turn.registry.handlers.get(f"{event.source}:{event.kind}") or turn.registry.handlers.get(
        f"{event.source}:*"
    )
    if handler:
        handler(turn)
    else:
        turn.silent = True


def _message(turn: Turn) -> None:
    if contact.decide(turn) or repair.guarded(turn) or cards.masked(turn) or haste.held(turn):
        return
    for guard in turn.registry.guards:
        if guard(turn):
            return
    if turn.event.kind == "media":
        album.collect(turn)
        return
    if turn.event.kind == "edited":
        turn.silent = True
        for word in turn.registry.words.get("edited", ()):
            word(turn, turn.event.text)
        return
    try:
        if standing.pressed(turn) or navigation.obey(turn):
            return
        _answer(turn)
    except Mistake as mistake:
        _missed(turn, mistake)
    except Refusal as refusal:
        turn.say(refusal.key, **refusal.args_)


def _missed(turn: Turn, mistake: Mistake) -> None:
    """Give what the open step refused to whom it belongs; else ask again."""
    if album.captioned(turn) or _taken_beside(turn):
        return
    if turning.turned(turn):
        repair.accepted(turn)
    else:
        repair.missed(turn, mistake)


def _taken_beside(turn: Turn) -> bool:
    """Let a service take what does not answer the open question of another one; the question is asked again."""
    text = turn.event.text if turn.event.kind == "text" else ""
    return bool(text) and any(word(turn, text) for word in turn.registry.words.get("beside", ()))


def _answer(turn: Turn) -> None:
    frame = turn.conversation.top
    if frame is None:
        navigation.idle(turn)
        return
    if frame.call is not None:
        turn.say("engine.still_working")
        turn.silent = True
        return
    answer = None if turning.commanded(turn) else read_answer(turn)
    if answer is None:
        return
    steps.take(turn, answer)
    repair.accepted(turn)
