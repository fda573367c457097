"""A message made plain for reading, with the way back to the person's own characters (PP-1).

`plain` has straight quotes, plain dashes, single spaces and no invisible characters; `flat` is the same in lower case
without accents, character for character. `original` gives the person's exact text of a span.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2_000
_PLAIN = {
    **dict.fromkeys("‘’‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("✅✔☑", "✓"),
    "…": "…",
    "\t": " ",
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
}
_QUOTED_LINE = re.compile(r"^[ ]*>[^\n]*", re.M)
_FORWARD = re.compile(
    r"^\W{0,4}(?:forwarded|fwd?|fw|reenviado|reenviada)\b(?:[^\n:)\]]{0,40}[:)\]]|\s+(?:from|message|de)\b)", re.I
)


@dataclass(frozen=True, slots=True)
class Message:
    """The text as read and as written; `origins[i]` is where the i-th plain character stands in `written`."""

    written: str
    plain: str
    flat: str
    origins: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """Return what the person wrote between two positions of the plain text."""
        if start >= end:
            return ""
        return self.written[self.origins[start] : self.origins[end - 1] + 1].strip()


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    category = unicodedata.category(character)
    if character == "\n":
        return character
    if category[0] == "Z":
        return " "
    if category in ("Cf", "Mn", "Me", "Cc", "Cn", "Co"):
        return ""
    if category in ("So", "Sk") and character != "°":
        return " "
    folded = unicodedata.normalize("NFKC", character) if character >= "\uff00" else character
    return folded if len(folded) == 1 else character


@lru_cache(maxsize=4096)
def _flat_character(character: str) -> str:
    lowered = character.lower()[:1]
    return unicodedata.normalize("NFD", lowered)[:1] or " "


def flat(text: str) -> str:
    """Return the text in lower case without accents, of the same length."""
    return text.lower() if text.isascii() else "".join(map(_flat_character, text))


def read_message(text: str) -> Message:
    """Return the text ready for reading; what comes after 2,000 characters is not read."""
    characters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text[:LONGEST]):
        plain = _plain_character(character)
        if not plain or (plain == " " and characters and characters[-1] in " \n"):
            continue
        characters.append(plain)
        origins.append(position)
    plain_text = "".join(characters)
    plain_text = _QUOTED_LINE.sub(lambda match: "\n" * len(match[0]), plain_text)
    return Message(text, plain_text, flat(plain_text), tuple(origins))


def same_characters(text: str) -> str:
    """Return the form in which a quote and a message are compared (PP-1): letters in their own case."""
    return " ".join("".join(map(_plain_character, text)).split())


def is_marked_forwarded(message: Message) -> bool:
    """Say whether the text itself says that it was forwarded."""
    return bool(_FORWARD.match(message.flat))
