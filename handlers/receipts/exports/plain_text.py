"""Text of people made fit for a line of a file: no control characters, no half characters, no line ends."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bot.core.fold import fold

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|\x85|[\u2028\u2029]")
_APOSTROPHE = re.compile("['’`´]")
LONGEST_SLUG = 40


def clean(text: str) -> str:
    """Return the text without characters that files refuse (XML 1.0, UTF-8); lines end with a line feed."""
    return _NOT_TEXT.sub("", _LINE_END.sub("\n", text))


def one_line(text: str) -> str:
    """Return the text cleaned, composed (NFC), with every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", clean(text)).split())


def shortened(text: str, length: int) -> str:
    """Return at most `length` characters of one line, never ending in white space or half an accented letter."""
    line = one_line(text)
    if len(line) <= length:
        return line
    while length and unicodedata.combining(line[length]):
        length -= 1
    return line[:length].rstrip()


def slug(text: str) -> str:
    """Return the text as a part of a file name: `trader-joes`; nothing when no ASCII letter or digit is left."""
    folded = fold(_APOSTROPHE.sub("", clean(text)))
    return _slug_parts().sub("-", folded).strip("-")[:LONGEST_SLUG].rstrip("-")


@cache
def _slug_parts() -> re.Pattern[str]:
    return re.compile("[^a-z0-9]+")
