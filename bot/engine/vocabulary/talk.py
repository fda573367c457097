"""Talk beside the matter: greetings, questions who we are, questions for advice, yes and no.

Each is answered in one line and leaves the open question as it was (UX-1, UX-7, UPL-4, LEG-2).
"""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache

from bot.core.fold import fold, is_pictures_only, trim, words
from bot.engine.patterns import Entry
from bot.engine.vocabulary.lexicon import Lexicon, lexicons

_LONGEST = 160
_LONG = 60
_HINTS = frozenset(
    {"you", "u", "bot", "robot", "human", "ai", "should", "win", "winning", "chance", "chances", "odds", "worth"}
    | {"legal", "illegal", "lawyer", "attorney", "rights", "recommend", "advise", "suggest", "likely", "guaranteed"}
    | {"eres", "usted", "humano", "persona", "deberia", "ganar", "ilegal", "abogado"}
)
"""A long text that asks nothing and holds none of these is a story, and the patterns need not be tried on it."""
_SHORT = 24
"""Answers this short ("ok", "2", "900000417") come again and again: what they are is remembered."""

_LONGEST_AFFIRMATION = 80
_COMMAS = str.maketrans("!.", ",,")


class Talk(Enum):
    """Kinds of talk that no step waits for."""

    SMALL = auto()
    IDENTITY = auto()
    ADVICE = auto()


_ASKING = {"identity": Talk.IDENTITY, "advice": Talk.ADVICE}


def match_talk(text: str, locale: str) -> Talk | None:
    """Return the kind of talk a message is, or None when it may be an answer."""
    if len(text) > _LONGEST:
        return None
    return _short_talk(text, locale) if len(text) <= _SHORT else _talk(text, locale)


def _talk(text: str, locale: str) -> Talk | None:
    if is_pictures_only(text):
        return Talk.SMALL
    known, plain = lexicons(locale), trim(fold(text))
    spaced = _spaced(plain)
    if _is_small(plain, spaced, known):
        return Talk.SMALL
    spoken = frozenset(spaced.split())
    fitting = _fitting(spoken, known)
    if not fitting:
        return None
    if len(text) > _LONG and "?" not in text and _HINTS.isdisjoint(spoken):
        return None
    asked = {entry.rule for entry in fitting if entry.rule in _ASKING and entry.pattern.search(spaced)}
    return next((_ASKING[rule] for rule in _ASKING if rule in asked), None)


def _fitting(spoken: frozenset[str], known: tuple[Lexicon, ...]) -> list[Entry]:
    return [entry for lexicon in known for entry in lexicon.talk.fitting(spoken)]


_short_talk = lru_cache(maxsize=4096)(_talk)


def _is_small(plain: str, spaced: str, known: tuple[Lexicon, ...]) -> bool:
    """Tell whether folded text is a greeting, thanks, laughter or a bare acknowledgement, or some of them in a row."""
    if any(plain in lexicon.small or spaced in lexicon.small for lexicon in known):
        return True
    if plain.isalnum() or not ("," in plain or "!" in plain or "." in plain):
        return False
    parts = [trim(part) for part in plain.translate(_COMMAS).split(",") if part.strip()]
    return len(parts) > 1 and all(any(_in_words(part) in lexicon.small for lexicon in known) for part in parts)


def match_affirmation(text: str, locale: str = "en") -> bool | None:
    """Return True for a plain yes, False for a plain no, None for anything else."""
    return _affirmation(text, locale) if len(text) <= _LONGEST_AFFIRMATION else None


@lru_cache(maxsize=4096)
def _affirmation(text: str, locale: str) -> bool | None:
    folded = fold(text)
    plain = trim(folded) or folded
    spaced = _in_words(plain)
    known = lexicons(locale)
    kept = [word for word in spaced.split() if not any(word in lexicon.courtesies for lexicon in known)]
    for said in (plain, spaced, " ".join(dict.fromkeys(kept))):
        for lexicon in known:
            if said in lexicon.yes:
                return True
            if said in lexicon.no:
                return False
    return None


def _in_words(plain: str) -> str:
    return " ".join(words(plain)) or plain


def _spaced(plain: str) -> str:
    return " ".join(words(plain.replace("'re", " are").replace("'m", " am").replace("'s", " is")))
