"""Danger that is told in pieces: themes of danger beside each other, each with its points (rule SF-3).

    "I relapsed, my arms are covered"    an injury 3, the body 3: self_harm
    "I don't know"                       nothing

`data/weights_en.toml` says what a theme is, what it is worth, and from which sum on a text is heard. Words of trade, of
play and of laughter take points away: "this edit will be the end of me, lol". One theme alone never alarms.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers.coaching.safety.signs import classes_of

_DATA = Path(__file__).parent / "data"
_SENTENCES = re.compile(r"[.!?;\n]+")
_AGAINST = {"play": 4, "trade": 3, "funny": 4}
_FEWEST, _CORE = 2, 3
_FEW_WORDS, _MANY_WORDS = 3, 60


@dataclass(frozen=True, slots=True)
class Scale:
    """The themes of one kind of danger."""

    kind: str
    alarm: int
    needs: re.Pattern[str]
    themes: tuple[tuple[int, re.Pattern[str]], ...]


def weigh(locale: str, message: str) -> str | None:
    """Return the kind of danger that the themes of a folded message add up to, None when they do not."""
    sentences = [part.strip() for part in _SENTENCES.split(message) if part.strip()]
    pairs = [". ".join(sentences[at : at + 2]) for at in range(max(1, len(sentences) - 1))]
    for scale in scales_of(locale):
        if any(
            _FEW_WORDS <= len(pair.split()) <= _MANY_WORDS and points(scale, pair, locale) >= scale.alarm
            for pair in pairs
        ):
            return scale.kind
    return None


def points(scale: Scale, text: str, locale: str) -> int:
    """Return what the themes in a text are worth, 0 when fewer than two meet or none of them is of danger itself."""
    found = [worth for worth, theme in scale.themes if theme.search(text)]
    if len(found) < _FEWEST or max(found) < _CORE or scale.needs.search(text) is None:
        return 0
    return sum(found) - sum(worth for pattern, worth in _against(locale) if pattern.search(text))


@cache
def scales_of(locale: str) -> tuple[Scale, ...]:
    """Load the themes of a language; none where there is no file of them."""
    path = _DATA / f"weights_{locale}.toml"
    data = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return tuple(
        Scale(kind, one["from"], re.compile(one["needs"]), tuple((n, re.compile(words)) for n, words in one["themes"]))
        for kind, one in data.items()
    )


@cache
def _against(locale: str) -> tuple[tuple[re.Pattern[str], int], ...]:
    classes = classes_of(locale)
    return tuple((re.compile(rf"\b(?:{classes[name]})\b"), worth) for name, worth in _AGAINST.items())
