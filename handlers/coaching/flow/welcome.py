"""The welcome: who speaks, why this could work with what is known, and the first question (rule CX-4).

Template text: no model is asked and nothing counts. A reason whose figures are unknown is left out (PR-1).
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.core.sms import size
from bot.engine.turn import Turn
from handlers.coaching.flow.questions import ask_next
from handlers.coaching.flow.seen import Seen, again
from handlers.coaching.plan.template import Reason
from storage.coaching import profiles
from storage.coaching.profiles import Profile

SMS_SEGMENTS, WORDS = 2, 150
_A = re.compile(r"\b([Aa]) (?=[aeioAEIO])")
"""An article before a figure that begins with a vowel: an Instagram audience."""


def welcome(turn: Turn, seen: Seen) -> None:
    """Greet a person at the start of a project, as long as the channel bears."""
    seen = again(turn, seen)
    before, offer = list(turn.lines), turn.offer
    reasons = [told for reason in seen.plan.reasons if (told := _told(turn, reason, seen.profile))]
    while True:
        turn.lines, turn.offer = list(before), offer
        turn.say("coaching.welcome", plan=seen.plan.title, tasks=len(seen.tasks), decisions=len(seen.plan.decisions))
        turn.lines += [f"{one}." for one in reasons]
        ask_next(turn, seen)
        if not reasons or _fits(turn, turn.lines[len(before) :]):
            break
        reasons.pop()
    profiles.put(turn.work, turn.person.id, replace(seen.profile, greeted_at=turn.now))


def _fits(turn: Turn, lines: list[str]) -> bool:
    text = "\n".join(lines)
    if turn.channel == "sms":
        return size(f"Parley: {text}").segments <= SMS_SEGMENTS
    return len(text.split()) <= WORDS


def _told(turn: Turn, reason: Reason, profile: Profile) -> str | None:
    """Return a reason with the person's own figures, None when one of them is unknown."""
    known = _figures(turn, profile)
    if any(known.get(name) is None for name in reason.needs):
        return None
    return _A.sub(r"\1n ", reason.text.format_map({name: known[name] for name in reason.needs}))


def _figures(turn: Turn, profile: Profile) -> dict[str, object]:
    """Return what reasons may name, by the names that plans use for it."""
    rate = profile.engagement_bps
    return {
        "platform": turn.text(f"coaching.on_{profile.primary_platform}") if profile.primary_platform else None,
        "follower_count": None if profile.follower_count is None else f"{profile.follower_count:,}",
        "niche": profile.niche,
        "hours_per_week": profile.hours_per_week,
        "engagement_rate": None if rate is None else f"{rate / 100:g}",
        "engagement_comparison": turn.text(f"coaching.compared_{profile.engagement_comparison}")
        if profile.engagement_comparison
        else None,
        "avg_views": None if profile.avg_views is None else f"{profile.avg_views:,}",
        "posts_per_week": profile.posts_per_week,
        "repeat_commenters": profile.repeat_commenters,
    }
