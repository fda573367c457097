"""The profile in chat: four questions, each may be skipped, all may be changed later (rule PR-1).

U> coach
B> Where do you publish? 1 YouTube 2 Instagram 3 TikTok 4 Twitch 5 Elsewhere. SKIP leaves it open.
U> twitch
B> How many followers do you have there? 12k is fine.
U> 12k
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.coaching.counts import LONGEST_NICHE, has_link, read_count, read_percent
from handlers.coaching.decisions import Category, Context, recognise
from handlers.coaching.decisions.platforms import is_one_edit
from storage.coaching import profiles
from storage.coaching.profiles import COMPARISONS, PLATFORMS, TONES, Profile

FIELDS = (
    "primary_platform", "follower_count", "niche", "hours_per_week", "engagement_rate", "engagement_comparison",
    "repeat_commenters", "avg_views", "posts_per_week", "profile_url", "tone",
)  # fmt: skip
FIRST = ("primary_platform", "follower_count", "niche", "hours_per_week")
"""What is asked at the beginning; everything else waits for PROFILE."""
_PER_PERIOD = re.compile(r"\W*\d[\d.,]*\s*(?:/|per|a)\s*(?:month|mo|year|yr|week)\W*", re.I)
_ANY_DAY = date(2000, 1, 1)
"""A price is the same on every day."""
_CHOICES = {"primary_platform": PLATFORMS, "engagement_comparison": COMPARISONS, "tone": TONES}
_NO_IDEA = (
    "no idea", "dont know", "don't know", "do not know", "not sure", "idk", "no clue", "dunno", "have no idea",
)  # fmt: skip
_SHORT = {
    "yt": "youtube", "youtuber": "youtube", "ig": "instagram", "insta": "instagram", "tt": "tiktok",
    "tiktoker": "tiktok", "streamer": "twitch",
}  # fmt: skip
_SKIP = frozenset(
    {"skip", "skip it", "skip this", "pass", "later", "next", "none", "n/a", "na", "rather not say"}
    | {"prefer not to say", "i'm not sure", "im not sure", "i am not sure", "omitir", "saltar", "no se", "ni idea"}
    | {f"{who}{what}{when}" for who in ("", "i ") for what in _NO_IDEA for when in ("", " yet")}
)
_BOUNDS = {
    "follower_count": (0, 1_000_000_000), "hours_per_week": (1, 80), "avg_views": (0, 1_000_000_000),
    "posts_per_week": (0, 500), "repeat_commenters": (0, 1_000_000),
}  # fmt: skip


class ProfileDraft(BaseModel):
    """Which field is asked, whether the plan begins afterwards, and what was told so far."""

    field: str = FIRST[0]
    starts: bool = True
    told: dict[str, Any] = {}


profile_flow = Flow("coach_profile", ProfileDraft, version=1, first="field")


@profile_flow.ask("field", free_text=True)
def ask_field(turn: Turn) -> Ask:
    """Ask for one field."""
    name = turn.draft.field
    choices = tuple(Choice(value, key=f"coaching.choice_{value}") for value in _CHOICES.get(name, ()))
    skip = Choice("skip", key="coaching.skip_button", words=tuple(_SKIP), quiet=True)
    key = f"coaching.profile_{name}"
    return Ask(key, choices=(*choices, skip), expects=("choice", "text"), open_choices=True)


@profile_flow.take("field")
def take_field(turn: Turn, answer: Answer) -> Next:
    """Keep an answer, or leave the field open."""
    draft: ProfileDraft = turn.draft
    skipped = answer.choice == "skip" or trim(fold(answer.text)) in _SKIP
    if not skipped:
        draft.told[draft.field] = read_field(draft.field, answer.choice or answer.text)
    following = _after(draft)
    if following is None:
        return _finished(turn, draft)
    draft.field = following
    return Goto("field", forget=True)


def _after(draft: ProfileDraft) -> str | None:
    if not draft.starts:
        return None
    at = FIRST.index(draft.field) + 1
    return FIRST[at] if at < len(FIRST) else None


def read_field(name: str, text: str) -> Any:
    """Return the value that a text states for a field; raise Mistake otherwise."""
    value = _READERS[name](name, text.strip())
    if value is None:
        raise Mistake(f"coaching.bad_{name}")
    return value


def _number(name: str, text: str) -> int | None:
    low, high = _BOUNDS[name]
    return read_count(text, least=low, most=high)


def _percent(name: str, text: str) -> int | None:
    return read_percent(text)


def _choice(name: str, text: str) -> str | None:
    plain = trim(fold(text))
    known = next((one for one in _CHOICES[name] if plain.startswith(one)), None)
    if known is None and name == "primary_platform":
        known = _platform(plain)
    return known or ("other" if name == "primary_platform" and plain and len(plain) <= 40 else None)


def _platform(plain: str) -> str | None:
    """Return the one platform that words name, in short or with a letter wrong; None for none or several."""
    found = {
        one
        for word in re.findall(r"[a-z]+", plain)
        for one in PLATFORMS
        if word == one or _SHORT.get(word) == one or (one != "other" and is_one_edit(word, one))
    }
    return found.pop() if len(found) == 1 else None


def _niche(name: str, text: str) -> str | None:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 0 < len(shown) <= LONGEST_NICHE or has_link(shown) or _is_price(shown):
        return None
    return shown


def _is_price(text: str) -> bool:
    """Tell whether a price was typed, which answers a later question: "29.99/month", "I'll charge $29 a month"."""
    if _PER_PERIOD.fullmatch(text):
        return True
    found = recognise(text, Context(_ANY_DAY, pending=Category.PRICING))
    return any(one.category is Category.PRICING for one in found.decisions)


def _url(name: str, text: str) -> str | None:
    return text if len(text) <= 200 and has_link(text) and " " not in text else None


_READERS: dict[str, Callable[[str, str], Any]] = {
    "primary_platform": _choice, "engagement_comparison": _choice, "tone": _choice, "niche": _niche,
    "profile_url": _url, "engagement_rate": _percent, "follower_count": _number, "hours_per_week": _number,
    "avg_views": _number, "posts_per_week": _number, "repeat_commenters": _number,
}  # fmt: skip


def column(name: str) -> str:
    """Return where a field is kept."""
    return "engagement_bps" if name == "engagement_rate" else name


def _finished(turn: Turn, draft: ProfileDraft) -> Next:
    before = profiles.load(turn.work, turn.person.id) or Profile()
    profiles.put(turn.work, turn.person.id, replace(before, **{column(name): one for name, one in draft.told.items()}))
    if not draft.starts:
        turn.say("coaching.profile_changed" if draft.told else "coaching.profile_same")
        return End()
    steps.follow(turn, End())
    for begun in turn.registry.words.get("coach_profile_done", ()):
        begun(turn, "")
    return Stay()


# -- PROFILE -----------------------------------------------------------------------------------------------------------


def show(turn: Turn) -> None:
    """List what is known; `PROFILE hours 7` changes one thing."""
    known = profiles.load(turn.work, turn.person.id) or Profile()
    lines = []
    for name in FIELDS:
        value = getattr(known, column(name))
        if value is not None:
            shown = turn.text(f"coaching.field_{name}")
            lines.append(turn.text("coaching.field_line", name=shown, value=_shown(turn, name, value)))
    turn.say("coaching.profile", known="; ".join(lines) if lines else turn.text("coaching.profile_empty"))
    turn.say("coaching.profile_how", names=", ".join(turn.text(f"coaching.field_{name}") for name in FIELDS))


def _shown(turn: Turn, name: str, value: Any) -> str:
    if name in _CHOICES:
        return turn.text(f"coaching.choice_{value}")
    if name == "engagement_rate":
        return f"{value / 100:g} %"
    return f"{value:,}" if isinstance(value, int) else str(value)


def field_named(turn: Turn, text: str) -> tuple[str, str] | None:
    """Return which field a text begins with, and what follows it."""
    plain = fold(text).strip()
    for name in FIELDS:
        for shown in (fold(turn.text(f"coaching.field_{name}")), name.replace("_", " ")):
            if plain == shown or plain.startswith(f"{shown} "):
                return name, text.strip()[len(shown) :].strip(" :=")
    return None


def change(turn: Turn, text: str) -> str | None:
    """Change one field as told; return the field that is still to be asked for, None when it is done."""
    found = field_named(turn, text)
    if found is None:
        turn.say("coaching.no_such_field")
        return None
    name, rest = found
    if not rest:
        return name
    known = profiles.load(turn.work, turn.person.id) or Profile()
    cleared = fold(rest) in ("none", "clear", "delete", "-") and name != "tone"
    value = None if cleared else read_field(name, rest)
    told: dict[str, Any] = {column(name): value}
    profiles.put(turn.work, turn.person.id, replace(known, **told))
    turn.say("coaching.profile_changed")
    return None
