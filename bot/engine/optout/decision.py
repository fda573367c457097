"""The opt-out decision, in the order of the procedure: keyword, fillers, typos, phrases less exclusions.

It stands on the path of every message, before model, quota and flow (SMS-24), so ordinary answers leave early: a short
answer costs a few microseconds, and a pattern runs only where all the words occur that it needs.
"""

from __future__ import annotations

from functools import lru_cache

from bot.engine.optout.keywords import by_keyword, coming_back, while_idle
from bot.engine.optout.phrases import by_phrase
from bot.engine.optout.rules import rules
from bot.engine.optout.topics import limited, pause_or_topic
from bot.engine.optout.verdict import ORDINARY, OptOut, Verdict
from bot.engine.optout.wording import Said

_SHORT = 24
"""Verdicts on texts this short are remembered: the same few words make most of the traffic."""


def decide(
    text: str,
    *,
    collecting_free_text: bool = False,
    opted_out: bool = False,
    toll_free: bool = False,
    idle: bool = False,
    by_topic: bool = False,
) -> OptOut:
    """Decide whether a text asks us to stop, to stop a part, to pause, or (START) to begin again.

    While a step collects free text, only keywords and requests that name our messages count. `toll_free` numbers come
    back by START and UNSTOP alone (SMS-7). `idle` says that no question is open, so that "not interested" can only be
    about us. `by_topic` is the setting under which "stop the reminders" ends the reminders and not everything (SMS-5).
    """
    if text.isascii() and text.isdigit():
        return ORDINARY
    judge = _remembered if len(text) <= _SHORT else _judge
    verdict = judge(text, collecting_free_text, opted_out, toll_free, idle)
    return limited(text, verdict, rules()) if by_topic and verdict.optout else verdict


def _judge(text: str, collecting: bool, opted_out: bool, toll_free: bool, idle: bool) -> OptOut:
    known = rules()
    said = Said(text, known.spelling)
    verdict = by_keyword(said, known) or coming_back(said.plain, known, opted_out=opted_out, toll_free=toll_free)
    if verdict is None and said.plain in known.keywords.own_data:
        return ORDINARY
    if verdict is None and idle:
        verdict = while_idle(said.plain, known.keywords)
    if verdict is None and not collecting:
        verdict = pause_or_topic(said, known)
    if verdict is None:
        verdict = by_phrase(said, known, collecting=collecting)
    if verdict.optout and known.everywhere.search(said.plain):
        return OptOut(Verdict.OUT, verdict.reason, everywhere=True, keyword=verdict.keyword)
    return verdict


_remembered = lru_cache(maxsize=4096)(_judge)
