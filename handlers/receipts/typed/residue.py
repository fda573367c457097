"""What remains of a text when amount, date and the rest are known: description and merchant (rule MER-2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.receipts.merchants import brands, merchant_key, telling_brands
from handlers.receipts.typed.lexicon import flat, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import all_generic, is_filler, is_qualifier, is_venue, leading_noun, trailing_noun
from handlers.receipts.typed.phrase import is_article_name

_TOKEN = re.compile(r"[^\s,;()|!?\[\]\"~+=<>]+")
_ARTICLES = ("the", "la", "el", "le", "los", "las", "les", "de", "der", "das", "di", "den", "die", "il", "lo")
_FUNCTION = frozenset(
    (
        "at",
        "for",
        "on",
        "by",
        "to",
        "with",
        "of",
        "the",
        "con",
        "de",
        "del",
        "la",
        "el",
        "le",
        "du",
        "and",
        "und",
        "a",
        "in",
        "y",
    )
) | {"an", "en", "di", "da", "do"}
_NUMBERED = re.compile(r"[A-Z][^\W\d_]+\s\d{1,3}")
_EDGE = ".:*-/'&_"
_BREAK = re.compile(
    r"[\n,;()|!?\[\]【】「」（）\"~+=<>]|\s-+\s|(?<!\bdr)(?<!\bst)(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\.[^\W\d_])(?<!\s[^\W\d_])(?<!^[^\W\d_])[.:](?=\s|$)",
    re.I,
)
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SENDER = re.compile(r"[^\n:]{2,30}:\s")
LONGEST_BRAND = 5
_SPOKEN = 3
_SENT = 9


@dataclass(frozen=True, slots=True)
class Residue:
    """The words left: a merchant as written, and generic nouns."""

    merchant: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class _Run:
    """Words that stand together, as written."""

    words: tuple[str, ...]
    is_sender: bool = False

    @property
    def folded(self) -> list[str]:
        return [flat(word).strip(_EDGE) for word in self.words]


def read_residue(message: Message) -> Residue:
    """Return the merchant and the description that the untaken words hold."""
    runs = [run for run in _runs(message) if run.words]
    nouns: list[str] = []
    names: list[tuple[int, str]] = []
    for run in _without_banks(runs):
        name, generic = _divided(_shouted_part(run) if message.is_forwarded else run, shouted=message.is_forwarded)
        nouns += generic
        if name:
            rank = 0 if merchant_key(name) in brands() else 1
            rank += _SPOKEN if message.is_forwarded and not name.isupper() else 0
            rank += 0 if name.isupper() else bool(generic or any(map(_is_thing, run.folded)))
            rank += _SENT if run.is_sender else 0
            names.append((rank, name))
    merchant = min(names, key=lambda ranked: ranked[0])[1] if names else None
    if merchant and _HANGUL.match(merchant):
        merchant = [name for _, name in names if _HANGUL.match(name)][-1]
    description = " ".join(dict.fromkeys(nouns)) or None
    if merchant and message.is_forwarded and not _is_written_name(merchant):
        return Residue(None, description)
    return Residue(merchant, None if message.is_forwarded and merchant else description)


def _without_banks(runs: list[_Run]) -> list[_Run]:
    """Drop the runs that only name the bank or wallet, when there is another."""
    left = [run for run in runs if " ".join(run.folded) not in words("merchants", "words", "banks")]
    return left if any(not all_generic(run.folded) for run in left) else runs


def _shouted_part(run: _Run) -> _Run:
    """Return the capitals of a run, as banks print names among their own words; the run when there are none."""
    if all(word[:1].isupper() for word in run.words):
        return run
    at = [i for i, word in enumerate(run.words) if (word.isupper() and len(word) > 1) or _is_numeral(run.words, i)]
    return _Run(run.words[at[0] : at[-1] + 1], run.is_sender) if at else run


def _is_numeral(tokens: Sequence[str], at: int) -> bool:
    """Say whether a short number stands beside a word in capitals ("FOREVER 21")."""
    beside = (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])
    return tokens[at].isdecimal() and len(tokens[at]) <= 3 and any(word.isupper() for word in beside)


def _is_thing(word: str) -> bool:
    return bool(leading_noun([word])) and not is_venue(word)


def _is_written_name(name: str) -> bool:
    return name[:1].isupper() or not name[:1].isascii() or name[:1].isdecimal() or merchant_key(name) in brands()


def _runs(message: Message) -> list[_Run]:
    blanked = message.blank()
    original = "".join(o if b == f else "\n" for o, b, f in zip(message.text, blanked, message.flat, strict=True))
    runs: list[_Run] = []
    head = _SENDER.match(original)
    for at, piece in enumerate(_BREAK.split(original)):
        written = [_bare(word) for word in _TOKEN.findall(piece or "")]
        found = [word for at, word in enumerate(written) if _is_word(word) or _joins(written, at)]
        pieces = _without_strangers(found, is_forwarded=message.is_forwarded)
        runs += [_Run(run.words, is_sender=True) for run in pieces] if head and not at else pieces
    return runs


def _bare(word: str) -> str:
    return word.strip("'/") if word == "&" or word.strip("'-.:") else ""


def _is_word(word: str) -> bool:
    return any(c.isalnum() for c in word)


def _joins(tokens: Sequence[str], at: int) -> bool:
    """Say whether an ampersand stands between two words."""
    return tokens[at] == "&" and 0 < at < len(tokens) - 1 and _is_word(tokens[at - 1]) and _is_word(tokens[at + 1])


def _without_strangers(tokens: Sequence[str], *, is_forwarded: bool) -> list[_Run]:
    """Cut a run at words of banks (in a bank's text) and strip fillers at its ends."""
    if is_forwarded and flat(" ".join(tokens)).strip(_EDGE) in words("merchants", "words", "banks"):
        return []
    pieces: list[list[str]] = [[]]
    breaking = words("merchants", "words", "breakers")
    banking = words("merchants", "words", "bank")
    for at, word in enumerate(tokens):
        folded = flat(word).strip(_EDGE)
        starts_name = folded in ("the", "la", "el", "le") and at + 1 < len(tokens) and word.isupper()
        is_banks = is_forwarded and folded in banking and not starts_name and word not in ("Dr", "Dr.")
        if (is_banks or folded in breaking) and _goes_on(tokens, at):
            is_banks, folded = False, ""
        if is_banks or (folded in breaking and (word.islower() or not (at or word.isupper()))) or word == "über":
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [_Run(tuple(_stripped(piece))) for piece in pieces]


def _stripped(tokens: list[str]) -> list[str]:
    if len(tokens) > 1 and "".join(tokens).isupper():
        return tokens
    while tokens and _is_outer(tokens[0]) and not _is_head_of_name(tokens):
        tokens = tokens[1:]
    while tokens and _is_outer(tokens[-1]) and not _ends_in_brand(tokens):
        tokens = tokens[:-1]
    return tokens


def _is_article_of_name(tokens: Sequence[str]) -> bool:
    """Say whether the words are an article and a name ("la taqueria"), not an article and a thing."""
    if len(tokens) < 2 or flat(tokens[0]) not in _ARTICLES:
        return False
    rest = [flat(token).strip(_EDGE) for token in tokens[1:]]
    if tokens[0].istitle() and tokens[1][:1].isupper():
        return not all_generic(rest)
    return not (all_generic(rest) or leading_noun(rest) or is_filler(rest[0]) or is_qualifier(rest[0]))


def _is_head_of_name(tokens: Sequence[str]) -> bool:
    return (
        _is_article_of_name(tokens)
        or _is_counted_name(tokens)
        or any(
            merchant_key(" ".join(tokens[:count])) in brands()
            for count in range(2, min(len(tokens), LONGEST_BRAND) + 1)
        )
    )


def _is_inside_brand(tokens: Sequence[str], at: int) -> bool:
    """Say whether a word is one of a brand of several words ("TOYS R US")."""
    return any(
        merchant_key(" ".join(tokens[start : start + count])) in brands()
        for count in range(2, LONGEST_BRAND + 1)
        for start in range(max(0, at - count + 1), min(at, len(tokens) - count) + 1)
    )


def _goes_on(tokens: Sequence[str], at: int) -> bool:
    """Say whether a small word belongs to a name: it begins a brand, or stands in capitals between its words."""
    if _is_inside_brand(tokens, at):
        return True
    banking = words("merchants", "words", "bank")
    if flat(tokens[at]) not in _FUNCTION or not 0 < at < len(tokens) - 1 or not tokens[at].isupper():
        return False
    before, after = tokens[at - 1], tokens[at + 1]
    known = flat(before) in banking and flat(before) not in _FUNCTION
    return before.isupper() and after.isupper() and not known and flat(after) not in banking - _FUNCTION


def _ends_in_brand(tokens: Sequence[str]) -> bool:
    return any(
        merchant_key(" ".join(tokens[-count:])) in brands() for count in range(1, min(len(tokens), LONGEST_BRAND) + 1)
    )


def _is_outer(token: str) -> bool:
    folded = flat(token).strip(_EDGE)
    return (
        not folded
        or (is_filler(folded) and not (token.isupper() and len(token) > 3))
        or (len(folded) == 1 and folded.isascii())
    )


def _divided(run: _Run, *, shouted: bool) -> tuple[str | None, list[str]]:
    """Divide a run into a name and the generic nouns at its ends."""
    tokens, folded = list(run.words), run.folded
    brand = _brand_in(tokens, folded)
    if brand:
        start, end = brand
        rest = [*folded[:start], *folded[end:]]
        if not rest or all_generic(rest) or (not shouted and _tells_alone(tokens, start, end)):
            return " ".join(tokens[start:end]), [word for word in rest if word and not is_filler(word)]
    if _NUMBERED.fullmatch(" ".join(tokens)) or is_article_name(" ".join(tokens)):
        return " ".join(tokens), []
    if shouted and len(tokens) > 1 and "".join(tokens).isupper() and not all(map(is_filler, folded)):
        return " ".join(tokens), []
    if all_generic(folded):
        return None, [word for word in folded if word and not is_filler(word) and not word.isdecimal()]
    left, right = 0, len(tokens)
    while left < right and (count := leading_noun(folded[left:right])):
        if (
            tokens[left + count : left + count + 1] == ["&"]
            or _begins_name(tokens[left:right], count)
            or _is_written_first(tokens[left:right], folded[left], count)
            or (left and _is_written_article(tokens[left:right]))
        ):
            break
        left += count
        while left < right and is_filler(folded[left]) and not _is_written_article(tokens[left:right]):
            left += 1
    left += _lower_lead(tokens[left:right])
    while right > left and (count := trailing_noun(folded[left:right])):
        if tokens[right - count - 1] == "&" or _is_part_of_name(tokens[left:right], count):
            break
        right -= count
        while right > left and is_filler(folded[right - 1]):
            right -= 1
    generic = [word for word in [*folded[:left], *folded[right:]] if word and not is_filler(word)]
    name = tokens[left:right]
    if not name or all(is_qualifier(word) or is_filler(word) for word in folded[left:right]):
        return None, [word for word in folded if word and not is_filler(word) and not word.isdecimal()]
    if _is_counted_name(name):
        return " ".join(name), generic
    while len(name) > 1 and flat(name[0]).isdecimal() and int(name[0]) <= 12 and not shouted:
        name = name[1:]
    return " ".join(name), generic


def _tells_alone(tokens: Sequence[str], start: int, end: int) -> bool:
    """Say whether a well-known brand stands beside words in lower case, which then name the thing ("ikea desk")."""
    rest = (*tokens[:start], *tokens[end:])
    return merchant_key(" ".join(tokens[start:end])) in telling_brands() and all(word.islower() for word in rest)


def _begins_name(tokens: Sequence[str], count: int) -> bool:
    """Say whether a kind of place begins a name written the same way: "Café Tortoni", not "boulangerie Paul"."""
    if count != 1 or len(tokens) < 2 or not is_venue(flat(tokens[0]).strip(_EDGE)):
        return False
    rest = [flat(token).strip(_EDGE) for token in tokens[1:]]
    return tokens[0][:1].isupper() == tokens[1][:1].isupper() and not all_generic(rest) and not is_filler(rest[0])


def _is_written_first(tokens: Sequence[str], folded: str, count: int) -> bool:
    """Say whether a thing begins a name: all words have capitals, and it is none that people begin an entry with."""
    return (
        count == 1
        and len(tokens) > 1
        and folded not in words("merchants", "words", "entry_heads")
        and _singular(folded) not in words("merchants", "words", "entry_heads")
        and all(token[:1].isupper() for token in tokens)
    )


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _is_written_article(tokens: Sequence[str]) -> bool:
    """Say whether an article is written as the first word of a name: "El Califa"."""
    return len(tokens) > 1 and tokens[0].istitle() and tokens[1][:1].isupper()


def _lower_lead(tokens: Sequence[str]) -> int:
    """Return how many words in lower case stand before a name with capitals ("kebap Çiya Sofrası")."""
    count = next((at for at, token in enumerate(tokens) if token[:1].isupper() or token[:1].isdecimal()), 0)
    head = tokens[:count]
    if not count or any(not word.islower() or "'" in word or not word.isalpha() for word in head):
        return 0
    if flat(head[-1]) in words("merchants", "words", "particles") or merchant_key(" ".join(head)) in brands():
        return 0
    return count if all(token[:1].isupper() for token in (tokens[count], tokens[-1])) else 0


def _is_counted_name(name: Sequence[str]) -> bool:
    """Say whether a number begins a name: two words with capitals follow it ("5 Napkin Burger")."""
    return len(name) > 2 and name[0].isdecimal() and all(token[:1].isupper() for token in name[1:])


def _is_part_of_name(tokens: Sequence[str], count: int) -> bool:
    """Say whether the noun at the end is written as part of a name: "Joe's Pizza", "CENTRAL CAFE"."""
    head, tail = tokens[:-count], tokens[-count:]
    small = words("merchants", "words", "particles")
    return bool(head) and all(
        token[:1].isupper() or not token[:1].isalpha() or (at and flat(token) in small)
        for at, token in enumerate((*head, *tail))
    )


def _brand_in(tokens: Sequence[str], folded: Sequence[str]) -> tuple[int, int] | None:
    """Return the span of the longest brand among the words; a lone generic noun is none."""
    for count in range(min(len(tokens), LONGEST_BRAND), 0, -1):
        for start in range(len(tokens) - count + 1):
            if merchant_key(" ".join(tokens[start : start + count])) not in brands():
                continue
            if count > 1 or not all_generic(folded[start : start + count]):
                return start, start + count
    return None
