"""SMS as the carrier counts it: characters, segments, and the one normaliser that every outbound text passes.

One typographic character turns a whole text from 160-character segments into 70-character ones, so quotes, dashes and
emoji are made plain before counting (SMS-16). Sizes follow 3GPP TS 23.038: 160 septets or 70 UTF-16 units alone, 153 or
67 when concatenated, and a two-unit character never straddles two segments.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

BODY_LIMIT = 1600

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "^{}\\[]~|€\f"
_SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENDED, 2)}
_LIMITS: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}

_GONE = (
    [chr(c) for c in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xAD, 0x61C, 0xFEFF)]
    + [chr(c) for c in range(0x20) if chr(c) not in "\n\t\r"]
    + [chr(0x7F)]
)
_NARROW = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ‹›", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−⁃•◦▪▫●○■□‣∙·", "-"),
        **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000\u2028\u2029\t", " "),
        **dict.fromkeys([chr(c) for c in range(0x2000, 0x200B)], " "),
        **dict.fromkeys(_GONE, ""),
        **dict.fromkeys([chr(c) for c in range(0xD800, 0xE000)], ""),
    }
)
_WIDE = str.maketrans({"…": "...", **dict.fromkeys("→➜➔➙➛➝➞➡⇒⟶⮕", "->"), **dict.fromkeys("←⇐⟵⬅", "<-"), "↔": "<->"})
_EMOJI = re.compile(
    "( *)(?:[\U0001f000-\U0001faff\u2600-\u278f\u2795-\u27bf\u2300-\u23ff\u2b00-\u2bff\u24c2\u3030\u303d\u3297\u3299]"
    "|[\ufe00-\ufe0f\u200d\u20e3]|[\U000e0020-\U000e007f])+( *)"
)
_ARROWS = re.compile("[➜➔➙➛➝➞➡⬅⮕]\ufe0f?")
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*(?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs: its encoding, its septets or UTF-16 units, and its segments (0 for an empty text)."""

    encoding: Encoding
    units: int
    segments: int


def size(text: str) -> Size:
    """Count a text as the carrier does."""
    encoding = encoding_of(text)
    units = [_units(c, encoding) for c in text]
    return Size(encoding, sum(units), sum(1 for _ in _cuts(units, encoding)))


def encoding_of(text: str) -> Encoding:
    """Return GSM-7 when every character has a septet, else UCS-2."""
    return "GSM-7" if all(c in _SEPTETS for c in text) else "UCS-2"


def split(text: str) -> list[str]:
    """Return the text of each segment; two-unit characters are never split."""
    encoding = encoding_of(text)
    return [text[start:end] for start, end in _cuts([_units(c, encoding) for c in text], encoding)]


def normalise(text: str, *, keep_emoji: bool = False) -> str:
    """Return the text in the cheapest faithful characters; idempotent, and never longer in segments."""
    text = _composed(text.replace("\r\n", "\n").replace("\r", "\n"))
    before = size(text).segments
    narrow = _plain(text, keep_emoji=keep_emoji, wide=False)
    wide = _plain(text, keep_emoji=keep_emoji, wide=True)
    return _unaccented(wide if size(wide).segments <= before else narrow)


def cut_at_sentence(text: str, segments: int = 3) -> tuple[str, str]:
    """Return the longest beginning that ends a sentence within so many segments, and the rest (for MORE)."""
    if size(text).segments <= segments and len(text) <= BODY_LIMIT:
        return text, ""
    room = _longest(text, lambda head: size(head).segments <= segments and len(head) <= BODY_LIMIT)
    ends = [end.end() for end in _SENTENCE_END.finditer(text) if end.end() <= room and text[: end.end()].strip()]
    at = ends[-1] if ends else text.rfind(" ", 0, room + 1)
    at = at if at > 0 else room
    return text[:at].rstrip(), text[at:].lstrip()


def _longest(text: str, fits: Callable[[str], bool]) -> int:
    """Return the length of the longest fitting beginning; fitting must be monotonous."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return low


def _units(char: str, encoding: Encoding) -> int:
    return _SEPTETS[char] if encoding == "GSM-7" else 1 + (ord(char) > 0xFFFF)


def _cuts(units: list[int], encoding: Encoding) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each segment."""
    alone, joined = _LIMITS[encoding]
    if sum(units) <= alone:
        if units:
            yield 0, len(units)
        return
    start = filled = 0
    for at, cost in enumerate(units):
        if filled + cost > joined:
            yield start, at
            start, filled = at, 0
        filled += cost
    yield start, len(units)


def _composed(text: str) -> str:
    """Join letters and accents that were typed apart, where that does not lengthen the text."""
    joined = unicodedata.normalize("NFC", text)
    return joined if len(joined) <= len(text) else text


def _plain(text: str, *, keep_emoji: bool, wide: bool) -> str:
    if wide:
        text = _ARROWS.sub(lambda arrow: arrow[0][0], text).translate(_WIDE)
    if not keep_emoji:
        text = _EMOJI.sub(lambda emoji: _gap(emoji, wide=wide), text)
    return text.translate(_NARROW)


def _gap(emoji: re.Match[str], *, wide: bool) -> str:
    """Return what stays where emoji stood: one space between words, else nothing; arrows stay for the wide reading."""
    if not wide and _ARROWS.search(emoji[0]):
        return emoji[0]
    at_start = emoji.start() == 0 or emoji.string[emoji.start() - 1] == "\n"
    at_end = emoji.end() == len(emoji.string) or emoji.string[emoji.end()] == "\n"
    if at_start or at_end:
        return ""
    return " " if emoji[1] or emoji[2] else ""


def _unaccented(text: str) -> str:
    """Drop accents that GSM-7 lacks (á í ó ú ç) only when that makes the text GSM-7 and saves a segment."""
    if encoding_of(text) == "GSM-7":
        return text
    folded = "".join(c if c in _SEPTETS else _bare(c) for c in text)
    saves = encoding_of(folded) == "GSM-7" and size(folded).segments < size(text).segments
    return folded if saves else text


def _bare(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    return apart[0] if len(apart) > 1 and all(unicodedata.combining(c) for c in apart[1:]) else char
