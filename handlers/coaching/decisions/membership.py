"""Platform, tiers and benefits: what a clause must say for one of them to be decided (DD-2, DD-8)."""

from __future__ import annotations

import re

from handlers.coaching.decisions.frames import has_action, is_bare, is_committed, residue, states
from handlers.coaching.decisions.lexicon import any_of
from handlers.coaching.decisions.mentions import Benefit, PlatformName, Tiers
from handlers.coaching.decisions.tiers import names_of_tiers

# Doing something on a platform one is already on is no choice of it.
_VISIT = re.compile(
    r"\b(?:announc\w+|post(?:ing|ed)?|ask(?:ing)?|check(?:ing)?(?:\sout)?|look(?:ing)?|"
    r"messag\w+|invit\w+|talk\w*|chat(?:ting)?|tell(?:ing)?|test(?:ing)?|stream(?:ing|"
    r"s)?|hop(?:ping)?|dm\w*|answering|reply\w*|remind\w*|join(?:ed|ing)?(?!\s(?:via|"
    r"on))|call\w*|promot\w+|advertis\w+|teas\w+|upload\w*|study|studying|learn\w*|"
    r"read(?:ing)?|video|tutorial|article|delete|deleting|anunciar|publicar|preguntar|"
    r"hablar|avisar|mirar|subir|survey|poll|mods?|nitro|bots?|link|clips?|sub(?:s|"
    r"scription)?|boosts?|event|ban(?:ned)?|hacked|update[ds]?|outage|stock|ceo|"
    r"app|notifications?|voice\scall|friend|meeting|interview)\b"
)
_OTHER_USE = re.compile(
    r"^\W*(?:to|for|as|para)\s(?!(?:the|our|my|this|it|that|now|us|me|everything|"
    r"all|sure|for|a|members|chat|live|starters|real|good|hosting|la|el|mi|now|"
    r"community|is|start|begin|keep|host|run|build|home|its)\b|[A-Z]\d)[a-z]"
)
_PLAY = re.compile(
    r"\b(?:beat|play|played|playing|reach\w*|clear(?:ed|ing)?|finish\w*|grind\w*|"
    r"climb\w*|boss|game|games|twitch|s-tier|ranked|elo|stream|streamed|quest|"
    r"dungeon|map|speedrun|up|tonight|minecraft|mario|zelda|elden|gta|building|"
    r"house|parking|weekend|hotel|dinner|flight|trip|data|phone)\b"
)


def decides_platform(text: str, token: str, value: PlatformName, *, is_confirmed: bool) -> bool:
    """Say whether the clause chooses the platform; weak names need a commitment (DD-8)."""
    at = text.find(token)
    before, after = text[:at], text[at + len(token) :]
    if re.search(r"\b(?:my|our|your|his|her|their)\s$", before) and not has_action("platform", text, token):
        return False
    if (
        _VISIT.search(before)
        or re.match(
            (
                r"\W*(?:mods?|nitro|bots?|links?|calls?|stock|friends?|alternative|competitor|"
                r"vs|down|clips|dms?|member\s?count|notifications?|drama|status|voice|profile|"
                r"meeting|poll|event|tutorial)\b"
            ),
            after,
        )
        or _OTHER_USE.match(after)
    ):
        return False
    if has_action("platform", text, token) or is_committed(text, token) or is_confirmed:
        return True
    if not _PASSING.search(text) and states(any_of("frames", "platform_statement"), before, r"\s(?:\w+\s){0,2}$"):
        return True
    return is_bare(text) and not value.is_weak


_PASSING = re.compile(
    r"\b(?:right now|currently|atm|tonight|already|all day|every day|too much|a lot|chatting|hanging|waiting)\b"
)


def decides_structure(text: str, token: str, value: Tiers, *, is_confirmed: bool) -> bool:
    """Say whether the clause decides on the tiers; weak nouns (levels, plans) need the membership beside them."""
    names = re.sub(names_of_tiers(), " ", re.sub(r"[:(\-]", " ", text))
    at = text.find(token)
    after = re.split(r"\b(?:and|then|with|plus|y|but)\b", text[at:])[0]
    if re.search(
        r"\b(?:later|down the road|down the line|in the future|next year|more adelante|luego|despues)\b", after
    ):
        return False
    if _PLAY.search(text):
        return False
    if value.is_said and not set(residue(text).split()) - {
        "i",
        "we",
        "really",
        "there",
        "are",
        "is",
        "will",
        "have",
        "need",
        "am",
        "do",
        "doing",
        "having",
        "keep",
        "keeping",
        "want",
    }:
        return True
    if has_action("structure", text, token) or is_committed(text, token) or is_confirmed:
        return True
    if re.search(any_of("frames", "structure_statement") + r"\s(?:\w+\s){0,2}$", text[:at]):
        return True
    return not residue(names) and (not value.is_weak or names != text or len(text.split()) <= 4)


def is_content_frame(text: str, token: str) -> bool:
    """Say whether the clause says that members receive the benefit."""
    before = text[: text.find(token)]
    if states(any_of("frames", "content_statement"), before, r"(?:\W+[\w'&%-]+){0,8}\W*$"):
        return True
    return bool(
        re.match(
            (
                r"\W*(?:[\w'-]+\W+){0,3}?(?:for|to|para|with)\s(?:the\s|all\s|our\s|my\s|"
                r"los\s|each\s|every\s|mis\s)*(?:members|member|subscribers|patrons|supporters|"
                r"miembros|socios|suscriptores|everyone who joins)\b"
            ),
            text[text.find(token) + len(token) :],
        )
        and not re.search(r"\b(?:he|she|they|who|should)\b", before)
    )


_PUBLIC = re.compile(
    r"\b(?:youtube|twitch|tiktok|instagram|twitter|public|on stream|on my stream|"
    r"on my channel|my channel|tonight|tomorrow|today|for fun|my viewers|my followers|"
    r"my chat|my school|at work|university|college)\b"
)


def decides_content(text: str, token: str, value: Benefit, *, is_confirmed: bool, is_habit: bool) -> bool:
    """Say whether the clause promises the benefit to members: by a frame, an action with a rhythm, or a bare list."""
    if _FINISHED.search(text):
        return False
    if is_content_frame(text, token):
        return True
    if _PUBLIC.search(text) or re.search(r"\bD\d", text):
        return False
    is_rhythmic = bool(value.cadence) or text.count("B") > 1
    if is_habit:
        return False
    if is_rhythmic and (has_action("content", text, token) or is_committed(text, token)):
        return True
    return (is_rhythmic and is_bare(re.sub(r"C\d+", " ", text))) or (is_confirmed and is_bare(text))


_FINISHED = re.compile(
    r"\b(?:done|finished|completed?|over|held|went|happened|posted|published|terminad[oa]|hech[oa]|listo|lista)\b"
)


def continues_content(text: str) -> bool:
    """Say whether a fragment is one more item of a list of benefits."""
    left = residue(text).split()
    return bool(re.search(r"B\d", text)) and len(left) <= 3 and not _PUBLIC.search(text)
