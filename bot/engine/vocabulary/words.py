"""Global words and Telegram commands: whole messages only (VOC-6), without case, accents and decoration (VOC-8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.core.fold import fold, trim
from bot.engine.vocabulary.lexicon import Lexicon, lexicons


class Word(StrEnum):
    """What a global word asks for."""

    MENU = "menu"
    BACK = "back"
    RESTART = "restart"
    OPTIONS = "options"
    EDIT = "edit"
    RESUME = "resume"
    AGENT = "agent"
    STATUS = "status"
    HELP = "help"
    START = "start"
    STOP = "stop"
    LANGUAGE = "language"
    LANGUAGE_ES = "language_es"
    LANGUAGE_EN = "language_en"
    PRIVACY = "privacy"
    EXPORT = "export"
    DELETE = "delete"
    SETTINGS = "settings"
    CANCEL_PLAN = "cancel_plan"
    MORE = "more"
    UNDO = "undo"
    TERMS = "terms"
    PAYSUPPORT = "paysupport"


@dataclass(frozen=True, slots=True)
class Said:
    """A recognised word with what followed it: the thing to edit, or the payload of /start."""

    word: Word
    argument: str = ""


COMMANDS = {
    "start": Word.START,
    "stop": Word.STOP,
    "help": Word.HELP,
    "options": Word.OPTIONS,
    "menu": Word.MENU,
    "cancel": Word.MENU,
    "back": Word.BACK,
    "restart": Word.RESTART,
    "resume": Word.RESUME,
    "human": Word.AGENT,
    "agent": Word.AGENT,
    "support": Word.AGENT,
    "status": Word.STATUS,
    "language": Word.LANGUAGE,
    "privacy": Word.PRIVACY,
    "export": Word.EXPORT,
    "mydata": Word.EXPORT,
    "delete": Word.DELETE,
    "deleteme": Word.DELETE,
    "settings": Word.SETTINGS,
    "terms": Word.TERMS,
    "paysupport": Word.PAYSUPPORT,
    "undo": Word.UNDO,
    "edit": Word.EDIT,
}
_COMMAND = re.compile(r"/([a-z_]+)(?:@[a-z0-9_]+)?(?:\s+(\S.*))?", re.IGNORECASE | re.DOTALL)
_COURTEOUS = re.compile(
    r"^(?:please|pls|plz|por favor)\b[, ]+|[, ]+(?:please|pls|plz|por favor)[.! ]*$",
    re.IGNORECASE,
)
_COURTESY = re.compile(r"^(?:please|pls|plz|ok|por favor) | (?:please|pls|plz|por favor)$")
_LONGEST = 60
_SHORT = 24
"""What answers this short are is remembered: the same few words make most of the traffic."""


def match_word(text: str, locale: str, *, channel: str, opted_out: bool = False) -> Said | None:
    """Return the global word that the whole message is, or None.

    An opted-out number has no words but START, which belongs to the opt-out rules. On SMS a slash command is read too;
    CANCEL, END and QUIT leave a flow only where no carrier owns them.
    """
    stripped = text.strip()
    if opted_out or not stripped:
        return None
    if stripped.startswith("/"):
        return _command(stripped)
    if len(stripped) > _LONGEST:
        return None
    return _remembered(stripped, locale, channel) if len(stripped) <= _SHORT else _word(stripped, locale, channel)


def without_courtesy(text: str) -> str:
    """Return a short message less the please before or after it; a longer one as it is."""
    return _COURTEOUS.sub("", text.strip()) if len(text) <= _LONGEST else text


def _word(stripped: str, locale: str, channel: str) -> Said | None:
    folded = fold(stripped)
    if set(folded) <= {"?", " ", "¿", "!"} and "?" in folded:
        return Said(Word.OPTIONS)
    plain = trim(folded)
    known = lexicons(locale)
    bare = _COURTESY.sub("", plain)
    return _whole(plain, known, channel) or _whole(bare, known, channel) or _edit(bare, known)


_remembered = lru_cache(maxsize=4096)(_word)


def _command(text: str) -> Said | None:
    match = _COMMAND.fullmatch(text)
    word = COMMANDS.get(match[1].lower()) if match else None
    return Said(word, (match[2] or "").strip()) if match and word else None


def _whole(plain: str, known: tuple[Lexicon, ...], channel: str) -> Said | None:
    for lexicon in known:
        word = lexicon.words.get(plain) or (lexicon.elsewhere.get(plain) if channel != "sms" else None)
        if word:
            return Said(Word[word])
    return None


def _edit(plain: str, known: tuple[Lexicon, ...]) -> Said | None:
    """Read "edit 3", "change my plate"; a longer sentence that begins so is a statement, and "correct" alone a yes."""
    verb, _, rest = plain.partition(" ")
    for lexicon in known:
        if verb not in lexicon.edit_verbs:
            continue
        things = rest.split()
        if not things and verb in lexicon.yes:
            return None
        if things and things[0] in lexicon.edit_never:
            return None
        named = [thing for thing in things if thing not in lexicon.edit_articles]
        return Said(Word.EDIT, " ".join(named)) if len(named) <= 2 else None
    return None
