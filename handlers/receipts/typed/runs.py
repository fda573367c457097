"""Words that stand together in what remains of a text, without the bank's words and without fillers at their ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.receipts.typed.lexicon import flat, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import is_filler, trailing_noun
from handlers.receipts.typed.trade_names import begins_with_filler, leads_name
from handlers.receipts.typed.written import (
    EDGE,
    PLACED,
    begins_in_brand,
    ends_in_brand,
    is_article_of_name,
    is_counted_name,
    is_inside_brand,
    is_placed_by,
)

MOST_WORDS = 60
_TOKEN = re.compile(r"[^\s,;()|!?\[\]\"~+=<>]+")
_BREAK = re.compile(
    r"[\n,;()|!?\[\]【】「」（）\"~+=<>]|\s-+\s"
    r"|(?<!\bdr)(?<!\bst)(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\.[^\W\d_])(?<!\s[^\W\d_])(?<!^[^\W\d_])[.:](?=\s|$)",
    re.I,
)
_SENDER = re.compile(r"[^\n:]{2,30}:\s")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together, as written."""

    words: tuple[str, ...]
    is_sender: bool = False

    @property
    def folded(self) -> list[str]:
        return [flat(word).strip(EDGE) for word in self.words]


def read_runs(message: Message) -> list[Run]:
    blanked = message.blank()
    original = "".join(o if b == f else "\n" for o, b, f in zip(message.text, blanked, message.flat, strict=True))
    runs: list[Run] = []
    head = _SENDER.match(original)
    for at, piece in enumerate(_BREAK.split(original)):
        written = [_bare(word) for word in _TOKEN.findall(piece or "")]
        found = [word for at, word in enumerate(written) if _is_word(word) or _joins(written, at)]
        pieces = _without_strangers(found[:MOST_WORDS], is_forwarded=message.is_forwarded)
        runs += [Run(run.words, is_sender=True) for run in pieces] if head and not at else pieces
    return runs


def _bare(word: str) -> str:
    return word.strip("'/") if word == "&" or word.strip("'-.:") else ""


def _is_word(word: str) -> bool:
    return any(c.isalnum() for c in word)


def _joins(tokens: Sequence[str], at: int) -> bool:
    """Say whether an ampersand stands between two words."""
    return tokens[at] == "&" and 0 < at < len(tokens) - 1 and _is_word(tokens[at - 1]) and _is_word(tokens[at + 1])


def _without_strangers(tokens: Sequence[str], *, is_forwarded: bool) -> list[Run]:
    """Cut a run at words of banks (in a bank's text) and strip fillers at its ends."""
    if is_forwarded and flat(" ".join(tokens)).strip(EDGE) in words("merchants", "words", "banks"):
        return []
    pieces: list[list[str]] = [[]]
    breaking = words("merchants", "words", "breakers")
    banking = words("merchants", "words", "bank")
    own = frozenset() if is_forwarded else words("merchants", "words", "own_breakers")
    for at, word in enumerate(tokens):
        folded = flat(word).strip(EDGE)
        starts_name = folded in ("the", "la", "el", "le") and at + 1 < len(tokens) and word.isupper()
        is_banks = (
            is_forwarded
            and (folded in banking or folded.startswith("a/c"))
            and not starts_name
            and word not in ("Dr", "Dr.")
        )
        if (is_banks or folded in breaking | own) and _goes_on(tokens, at):
            is_banks, folded = False, ""
        if is_banks or (folded in breaking | own and (word.islower() or not (at or word.isupper()))) or word == "über":
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [Run(tuple(_stripped(piece))) for piece in pieces]


def _goes_on(tokens: Sequence[str], at: int) -> bool:
    """Say whether a small word belongs to a name: it is one of a brand, or stands in capitals between its words."""
    if is_inside_brand(tokens, at):
        return True
    if flat(tokens[at]) in PLACED and 0 < at < len(tokens) - 1 and is_placed_by(tokens[at - 1], tokens[at + 1]):
        return True
    small = words("merchants", "words", "small_words")
    banking = words("merchants", "words", "bank") - small
    if flat(tokens[at]) not in small or not 0 < at < len(tokens) - 1 or not tokens[at].isupper():
        return False
    before, after = tokens[at - 1], tokens[at + 1]
    return before.isupper() and after.isupper() and not {flat(before), flat(after)} & banking


def _stripped(tokens: list[str]) -> list[str]:
    if len(tokens) > 1 and "".join(tokens).isupper():
        return tokens
    while tokens and _is_outer(tokens[0]) and not _is_head_of_name(tokens):
        tokens = tokens[1:]
    while tokens and _is_outer(tokens[-1]) and not (ends_in_brand(tokens) or _ends_in_thing(tokens)):
        tokens = tokens[:-1]
    return tokens


def _ends_in_thing(tokens: Sequence[str]) -> bool:
    """Say whether the last words, two or more, are one thing ("phone top up")."""
    return trailing_noun([flat(token).strip(EDGE) for token in tokens]) > 1


def _is_head_of_name(tokens: Sequence[str]) -> bool:
    spoken = [flat(token).strip(EDGE) for token in tokens[:2]]
    return (
        is_article_of_name(tokens)
        or is_counted_name(tokens)
        or begins_in_brand(tokens)
        or leads_name(spoken)
        or begins_with_filler(spoken)
    )


def _is_outer(token: str) -> bool:
    folded = flat(token).strip(EDGE)
    return (
        not folded
        or (is_filler(folded) and not (token.isupper() and len(token) > 3))
        or (len(folded) == 1 and folded.isascii())
    )
