"""A purchase that is spoken (rule CAP-7): heard behind a port, then taken as if it were typed.

U> (voice: twelve fifty for lunch at Joe's)
B> I heard: twelve fifty for lunch at Joe's. Joe's $12.50, today, Restaurants. OK, EDIT or DROP.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.workshop import Transcribe, Transcript
from bot.core.prompts import Answer
from bot.engine import slow
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.flow.typed import take_words

CALL = "receipt_heard"
LIMIT = timedelta(seconds=60)
LONGEST = 300
"""Characters of what was heard that can be a purchase; a longer clip is a story."""


def take_voices(turn: Turn, answer: Answer) -> None:
    """Have the first clip written down."""
    clip = answer.voices[0]
    words = Transcribe(clip.blob or 0, clip.media_type or "", turn.locale)
    slow.watch(turn, f"heard:{turn.call(words, then=CALL, limit=LIMIT, typing=True)}")
    turn.silent = not turn.lines


def heard(turn: Turn) -> None:
    """Take what was heard as a purchase; without a port, or when nothing was understood, ask for it typed."""
    turn.purpose, outcome = "reply", outcome_of(turn)
    slow.over(turn, f"heard:{turn.event.payload['call_id']}")
    result = outcome.result if isinstance(outcome, Done) else None
    words = " ".join(result.text.split()) if isinstance(result, Transcript) else ""
    if not words or len(words) > LONGEST or turn.conversation.top is not None:
        turn.say("receipts.unheard")
        return
    turn.say("receipts.heard", words=words[:100])
    if not take_words(turn, words, kind="voice"):
        turn.lines.pop()
        turn.say("receipts.heard_nothing", words=words[:100])
