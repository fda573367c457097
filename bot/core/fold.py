"""Text folding for matching: what a person typed, reduced to what they meant.

Words are compared without case, accents, typographic variants and outer decoration (VOC-8), so that "«Stop!»", "STOP"
and "stop 🙏" are one word. Folded text is for comparing only; what is stored and shown stays as the person wrote it.
"""

from __future__ import annotations

import re
import unicodedata

_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
    }
)
_OUTER = re.compile(r"^[\W_]+|[\W_]+$")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_DROPPED = frozenset(("Mn", "Cf"))


def fold(text: str) -> str:
    """Return the text in lower case without accents and invisible marks, with straight quotes and single spaces."""
    if not text.isascii():
        text = text.translate(_STRAIGHT)
        if not text.isascii():
            return " ".join(_plain(text).split())
    return " ".join(text.lower().split())


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _FOREIGN.sub(_without_marks, apart))


def _without_marks(foreign: re.Match[str]) -> str:
    return "".join(c for c in foreign[0] if unicodedata.category(c) not in _DROPPED)


def trim(folded: str) -> str:
    """Return folded text without the punctuation, quotes and emoji around it."""
    if folded[:1].isalnum() and folded[-1:].isalnum():
        return folded
    return _OUTER.sub("", folded)


def words(folded: str) -> list[str]:
    """Return the words of folded text; an apostrophe inside a word belongs to it."""
    return _WORD.findall(folded)


def is_pictures_only(text: str) -> bool:
    """Tell whether a text has characters but neither letters nor digits nor a question mark: emoji, dots, hearts."""
    return bool(text.strip()) and "?" not in text and not any(c.isalnum() for c in text)
