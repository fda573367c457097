"""What a person typed, as the words they meant: apostrophes, slang, slips of the keyboard, disguises (rule SF-3).

    "i dnt wanna b here anymor"     i dont want to be here anymore
    "su1cide", "s.u.i.c.i.d.e"      suicide

Only words that tell of danger are guessed at, and only where no other word is as near: "stacking" is no "stalking".
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

from bot.core.fold import fold

_DATA = Path(__file__).parent / "data" / "spelling.toml"
_LONGEST = 4_000
_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_MARKS = re.compile(r"[*_~`|]+|\s+(?=[.,;!?])")
_NUMBER_WORDS = re.compile(r"(?<=[a-z] )2(?= [a-z])")
_LETTERS = re.compile(r"\b(?:[a-z][ .\-]){3,}[a-z]\b")
_DISGUISED = re.compile(r"\b[a-z]+(?:[013@$!*][a-z]+)+\b")
_DISGUISES = str.maketrans("013@$!*", "oieasii")
_WORD = re.compile(r"[a-z]+\d?[a-z]*")
_LONG_ENOUGH = 6


def said(text: str) -> str:
    """Return folded text without apostrophes, marks, drawn-out letters and disguises, its slang in plain words."""
    folded = _STRETCHED.sub(r"\1", _APOSTROPHES.sub("", fold(text[:_LONGEST])))
    plain = _MARKS.sub("", _DISGUISED.sub(lambda found: found[0].translate(_DISGUISES), folded))
    joined = _LETTERS.sub(lambda found: re.sub(r"\W", "", found[0]), _NUMBER_WORDS.sub("to", plain))
    return _WORD.sub(lambda found: _meant(found[0]), joined)


@lru_cache(maxsize=8192)
def _meant(word: str) -> str:
    """Return what a word stands for: itself, but for slang and slips of words that matter."""
    slang, exact = _known()
    if word in slang:
        return slang[word]
    if len(word) < _LONG_ENOUGH or word in exact:
        return word
    return next((one for one in exact if one[0] == word[0] and _is_slip(one, word)), word)


def _is_slip(word: str, typed: str) -> bool:
    """Tell whether one letter was left out, doubled, struck wrong, or two were swapped."""
    if abs(len(word) - len(typed)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(word, typed, strict=False)) if a != b), min(len(word), len(typed)))
    rest, other = word[start:], typed[start:]
    swapped = len(rest) > 1 and len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other or rest == other[1:] or rest[1:] == other[1:]


@cache
def _known() -> tuple[dict[str, str], tuple[str, ...]]:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    return data["slang"], tuple(data["slips"]["of"])
