"""A model's words as a person gets them: clean, whole sentences, no longer than the channel bears (rules CH-2, MC-5).

A text message carries three segments at most; the rest waits a day for MORE.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from bot.core.model_text import clean, cut_at_sentence, whole_sentences
from bot.core.sms import cut_at_sentence as cut_for_sms
from bot.core.sms import encoding_of, normalise
from bot.engine.turn import Turn

LONGEST_SMS, LONGEST_TELEGRAM = 459, 3500
_REST, _KEPT = "coach_rest", timedelta(hours=24)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_US = 1_000_000


def say(turn: Turn, text: str, stop_reason: str) -> str:
    """Say a model's reply and return it as it is kept in the conversation."""
    words = seen_of(turn, text, stop_reason)
    turn.conversation.notes.pop(_REST, None)
    if words:
        _show(turn, words)
    return words


def seen_of(turn: Turn, text: str, stop_reason: str) -> str:
    """Return what a person would see of a model's reply; nothing when it holds only what nobody may see."""
    own = urlsplit(turn.registry.public_url).hostname or ""
    words = clean(whole_sentences(text) if stop_reason == "max_tokens" else text, own)
    return words if any(one.isalnum() for one in words) else ""


def without_question(text: str) -> str:
    """Return a reply without the questions at its end, for one who is asked for a yes; all of it if it only asks."""
    sentences = _SENTENCE.split(text.strip())
    while sentences and sentences[-1].rstrip("\"')* ").endswith("?"):
        sentences.pop()
    return " ".join(sentences) or text


def more(turn: Turn, argument: str) -> bool:
    """Answer MORE with what a reply had left; False when there is nothing."""
    kept = turn.conversation.notes.pop(_REST, None)
    if not kept or turn.work.now_us > int(kept[1]):
        return False
    _show(turn, turn.work.seal.open(bytes.fromhex(kept[0])).decode())
    turn.silent = True
    return True


def _show(turn: Turn, words: str) -> None:
    head, rest = _cut(turn, words)
    turn.lines.append(head)
    if rest:
        until = turn.work.now_us + round(_KEPT.total_seconds()) * _US
        turn.conversation.notes[_REST] = [turn.work.seal.seal(rest.encode()).hex(), until]
        turn.say("coaching.talk.more")


def _cut(turn: Turn, words: str) -> tuple[str, str]:
    if turn.channel != "sms":
        return cut_at_sentence(words, LONGEST_TELEGRAM)
    plain = normalise(words)
    if encoding_of(plain) != "GSM-7":
        return cut_for_sms(plain, 2)
    if len(plain) <= LONGEST_SMS:
        return plain, ""
    hint = len(turn.text("coaching.talk.more")) + 1
    return cut_at_sentence(plain, LONGEST_SMS - hint - 1)
