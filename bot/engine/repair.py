"""When an answer does not fit: rephrase, offer choices, offer a person, then both by turns (the repair ladder).

Here too is the loop guard: two bots talking to each other must not run up a bill, but a person who answers a long flow
quickly is never muted, because only messages that answered nothing are counted (rule SMS-47).
"""

from __future__ import annotations

import hashlib

from bot.core.errors import Mistake
from bot.engine import haste
from bot.engine.turn import Turn

WINDOW_US, LIMIT, MUTE_US = 600_000_000, 20, 1_800_000_000
MOST_REPEATS = 4


def missed(turn: Turn, mistake: Mistake) -> None:
    """Answer a message that did not fit the question."""
    conversation = turn.conversation
    conversation.misses += 1
    unaccepted(turn)
    if conversation.misses == 1:
        turn.say(mistake.key, **mistake.args_)
    elif conversation.misses == 2:
        turn.say(mistake.key, **mistake.args_)
        turn.say("engine.miss_2")
    elif conversation.misses == 3:
        turn.say("engine.miss_3")
    elif conversation.misses % 2:
        turn.say(mistake.key, **mistake.args_)
    else:
        turn.say("engine.miss_4")


def accepted(turn: Turn) -> None:
    """An answer fitted: the ladder starts anew."""
    turn.conversation.misses = 0
    turn.conversation.unaccepted.clear()
    turn.conversation.repeats = 0
    haste.forgive(turn)


def unaccepted(turn: Turn) -> None:
    """Count a message that answered nothing."""
    now, conversation = turn.work.now_us, turn.conversation
    conversation.unaccepted = [*[t for t in conversation.unaccepted if now - t < WINDOW_US][-LIMIT:], now]
    digest = _digest(turn)
    conversation.repeats = conversation.repeats + 1 if digest == conversation.last_hash else 1
    conversation.last_hash = digest


def _digest(turn: Turn) -> str:
    return hashlib.blake2b(turn.event.text.encode(), digest_size=6).hexdigest()


def guarded(turn: Turn) -> bool:
    """Tell whether the loop guard keeps this message unanswered."""
    conversation, now = turn.conversation, turn.work.now_us
    if now < conversation.muted_until:
        turn.silent = True
        return True
    is_echo = conversation.repeats >= MOST_REPEATS and _digest(turn) == conversation.last_hash
    if is_echo or len(conversation.unaccepted) > LIMIT:
        conversation.muted_until = now + MUTE_US
        conversation.unaccepted.clear()
        conversation.repeats = 0
        turn.silent = True
        turn.say("engine.muted")
        turn.alert("loop_guard", key=f"loop:{turn.person_id}:{now // MUTE_US}", person=turn.person_id)
        return True
    return False
