"""The merchant and the description of a text (rules MER-1 to MER-3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from handlers.receipts.typed.lexicon import alternatives, data, entry, flat, listed, phrases, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import all_generic
from handlers.receipts.typed.phrase import (
    as_printed,
    cleaned,
    is_name,
    is_placed_shop,
    is_written_name,
    phrase_at,
    shown,
    thing_before,
    without_deed,
    without_kind,
)
from handlers.receipts.typed.residue import read_residue

_ALWAYS = ("en", "de", "es", "pt", "fr")
_OWN_MEANS = frozenset(
    {
        "card",
        "account",
        "a/c",
        "acct",
        "karte",
        "konto",
        "tarjeta",
        "cuenta",
        "cartao",
        "carte",
        "carta",
        "pas",
        "rekening",
        "kort",
    }
)
_AFTER_COLON = r"\s?(?:\([^)\n]{0,20}\)\s?)?:\s?"
_WEAK = 4
MOST_PLACES = 40
_INDEFINITE = re.compile(r"(?:an?|her|his|their|him|them|myself|un|una|mi|ein|eine[mr]?|une)(?!\w)\s?(?=[a-z]|\Z)")
_CREDITED = re.compile(r"[;.]\s(?P<name>[^;.\n]{2,40})\scredited(?!\w)")
_POSTPOSITION = re.compile(r"(?P<name>[^\W\d_][\w'&.-]{1,30}(?:\s[^\W\d_][\w'&.-]{1,30})?)\s(?:pe|par)(?!\w)")


@dataclass(frozen=True, slots=True)
class Payee:
    """The merchant as shown, and what was bought, as far as the text says."""

    merchant: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    rank: int
    start: int
    end: int
    name: str


def find_payee(message: Message, languages: frozenset[str], *, is_refund: bool) -> Payee:
    """Return the merchant and description; all spans that are known otherwise are taken in the message."""
    text = message.blank()
    places = list(islice(_places(message, text, languages, is_refund=is_refund), MOST_PLACES))
    if not places:
        residue = read_residue(message)
        return Payee(shown(residue.merchant) if residue.merchant else None, residue.description)
    best = min(places, key=lambda place: (place.rank, place.start))
    message.take(best.start, best.end)
    return Payee(shown(best.name), read_residue(message).description)


def _original(message: Message, blanked: str) -> str:
    return "".join(o if b == f else "\n" for o, b, f in zip(message.text, blanked, message.flat, strict=True))


def _places(message: Message, text: str, languages: frozenset[str], *, is_refund: bool) -> Iterator[_Place]:
    original = _original(message, text)
    yield from _labelled(original, text, languages)
    if message.is_forwarded:
        for match in _CREDITED.finditer(text):
            name = original[match.start("name") : match.end("name")]
            if "debited" in text[: match.start()] and is_name(cleaned(name)):
                yield _Place(2, *match.span("name"), name)
    if "kharch" in text or languages & {"hi"}:
        for match in _POSTPOSITION.finditer(text):
            name = original[match.start("name") : match.end("name")]
            if is_name(name):
                yield _Place(1, *match.span("name"), name)
    for language in (*_ALWAYS, *sorted(languages - set(_ALWAYS))):
        for match in _prepositions("prepositions", language).finditer(text):
            if place := _place(message, original, text, match, language):
                yield place
    for language in sorted(languages):
        for match in _prepositions("weak_prepositions", language).finditer(text):
            if place := _place(message, original, text, match, language, rank=_WEAK, also=languages):
                yield place
    for match in _prepositions("sources", "en").finditer(text):
        word = match[1]
        if word == "from" or (message.is_forwarded and (word != "by" or is_refund or "order" not in text)):
            place = _place(message, original, text, match, "en", rank=5 if word == "from" else 6)
            if place and (word == "from" or place.name[:1].isupper()):
                yield place


def _labelled(original: str, text: str, languages: frozenset[str]) -> Iterator[_Place]:
    for match in _labels().finditer(text):
        name, end, _ = phrase_at(original, text, match.end(), ("label", "cjk"))
        name = without_kind(name)
        if is_name(cleaned(name)):
            yield _Place(0, match.end(), end, name)


@cache
def _labels() -> re.Pattern[str]:
    listing = listed(entry("merchants", "labels"))
    unspaced = [label for label in listing if not label.isascii()]
    return re.compile(f"{alternatives(listing)}{_AFTER_COLON}|{alternatives(unspaced)}\\s")


@cache
def _prepositions(table: str, language: str) -> re.Pattern[str]:
    found = data("merchants")[table].get(language, [])
    return re.compile(rf"(?<![^\W_])({alternatives(found)})\s?") if found else re.compile(r"(?!)")


def _is_inside_name(message: Message, original: str, start: int, end: int) -> bool:
    """Say whether a short preposition goes on with a name: after a word that is no bank's and no thing's.

    In a bank's text that is told by capitals only ("FOGO DE CHAO").
    """
    before = re.search(r"([^\W\d_]{3,})\s\Z", original[max(0, start - 24) : start])
    if not before or original[end : end + 1] == "\n":
        return False
    word = flat(before[1])
    if word in words("merchants", "words", "bank") or all_generic([word]) or _is_telling(word):
        return False
    return not message.is_forwarded or (before[1] + original[start : end + 3].strip()).replace(" ", "").isupper()


@cache
def _telling() -> frozenset[str]:
    return frozenset(word for text in data("merchants")["languages"].values() for word in listed(text))


def _is_telling(word: str) -> bool:
    return word in _telling() or word in words("merchants", "words", "breakers")


def _place(
    message: Message,
    original: str,
    text: str,
    match: re.Match[str],
    language: str,
    *,
    rank: int | None = None,
    also: frozenset[str] = frozenset(),
) -> _Place | None:
    word = match[1]
    if rank == _WEAK and _is_inside_name(message, original, match.start(), match.end()):
        return None
    if match.end() == match.end(1) and word[-1].isalnum():
        return None
    if (
        word == "to"
        and not message.is_forwarded
        and phrases("merchants", "words", "rides").search(text[: match.start()])
    ):
        return None
    name, end, ended_by = phrase_at(
        original, text, match.end(), (language, *also, "en") if message.is_forwarded else (language,)
    )
    if message.is_forwarded:
        name, end, ended_by = as_printed(name, end, ended_by)
    else:
        name = without_deed(name[thing_before(name) :])
    if not message.is_forwarded and _INDEFINITE.match(name):
        return None
    named = is_name(cleaned(name)) or is_placed_shop(name)
    if not (named or (message.is_forwarded and is_written_name(cleaned(name)))):
        return None
    if (rank is not None or word in ("to", "towards")) and ended_by in _OWN_MEANS:
        return None
    if rank is None:
        rank = 3 if word in ("to", "towards") else 1
    return _Place(rank, match.start(), end, name)
