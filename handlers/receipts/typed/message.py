"""One text made ready for reading: bounded, in one line form, with a folded twin of the same length (MER-6, CAP-8)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from handlers.receipts.typed.lexicon import entry, flat, listed, phrases, words
from handlers.receipts.typed.slips import without_slips

LONGEST = 2_000
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("‘’‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\u2007\u3000", " "),
        "：": ":",
        "，": ",",
        "￥": "¥",
        "＄": "$",
        "．": ".",
    }
)
_HEADERS = re.compile(
    r"^[ >*]*(?:from|von|de|da|van|fra|to|an|para|subject|betreff|asunto|assunto|sent|date|datum|fecha|received|cc)"
    r"\*?:(?![ ]*[$€£\d])[^\n]{0,120}\n",
    re.I | re.M,
)
_FORWARDED = re.compile(r"^[ >]*(?:-{2,}[^\n]{0,60}-{2,}|(?:fwd?|fw|wg|rv|tr|enc):)[ ]*", re.I | re.M)
_SENDER = re.compile(r"^\s*(?:from|von|de)\*?:", re.I)
_DAY_HEAD = re.compile(
    r"(?:[a-z]{3,9}\.?\s)?\d{1,2}(?:[./-]\d{1,2})?(?:st|nd|rd|th)?(?:\s[a-z]{3,9})?\Z|(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\Z|\d{4}-\d\d-\d\d\Z|(?:yester|to)day\Z"
)
_TAG = re.compile(r"(?<![\w#&])#([^\W\d_][\w-]{0,30})")
_LAST4 = re.compile(
    r"(?:ending|ends|card|karte|tarjeta|cartao|carte|carta|kaart|kort|terminada|final|acct|account|a/c|visa|mastercard"
    r"|amex|cuenta|konto|acc|debito|credito|t\.deb|尾号)\W{0,3}(?:(?:in|with|en|no|number|ending|final|x+)\W{0,3}){0,3}"
    r"[*x.•·]{0,12}(\d{4,5})(?![\d.,]*\d|\s*%|\s?(?:eur|usd|gbp|inr))"
)
_LINK = re.compile(
    r"(?:https?://|(?<![\w@])www\.)\S{1,300}|(?<![\w@.])[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,2}\.[a-z]{2,10}/[\w/?=&-]{1,200}"
)


@dataclass(slots=True)
class Message:
    """The text and its folded twin `flat`; `taken` holds the spans whose meaning is known, as they become known."""

    text: str
    flat: str
    tags: tuple[str, ...] = ()
    last4: str | None = None
    is_forwarded: bool = False
    taken: list[tuple[int, int]] = field(default_factory=list)

    def take(self, start: int, end: int) -> None:
        """Mark a span as read."""
        self.taken.append((start, end))

    def blank(self, spans: Iterable[tuple[int, int]] | None = None, mark: str = "\n") -> str:
        """Return the folded text with the taken (or given) spans blanked, positions kept."""
        characters = list(self.flat)
        for start, end in self.taken if spans is None else spans:
            characters[start:end] = mark * (end - start)
        return "".join(characters)


def read_message(text: str) -> Message:
    """Return the text ready for reading; what comes after 2,000 characters is not read.

    In the person's own words a slip of the fingers is read as what was meant.
    """
    message = _as_written(text)
    if message.is_forwarded:
        return message
    mended = without_slips(message.text)
    return message if mended == message.text else _as_written(mended)


def _as_written(text: str) -> Message:
    plain = unicodedata.normalize("NFC", text[: 2 * LONGEST]).translate(_STRAIGHT)
    plain = "".join(c for c in plain if c in "\n\t" or unicodedata.category(c)[0] != "C")[:LONGEST]
    sender = bool(_SENDER.search(plain)) and "\n" in plain
    plain = _HEADERS.sub("", _FORWARDED.sub("", plain + "\n"))
    plain = re.sub(r"[^\S\n]+", " ", plain)
    plain = re.sub(r" ?\n[\n ]*", "\n", plain).strip()
    folded = flat(plain)
    message = Message(plain, folded)
    tags = list(_TAG.finditer(plain))
    message.tags = tuple(dict.fromkeys(tag[1].lower() for tag in tags))
    for match in (*tags, *_LINK.finditer(plain)):
        message.take(*match.span())
    last4 = _LAST4.search(folded)
    if last4:
        message.last4 = last4[1][-4:]
        message.take(*last4.span(1))
    message.is_forwarded = sender or is_bank_text(message)
    return message


@cache
def _bank_marks() -> re.Pattern[str]:
    from handlers.receipts.typed.lexicon import alternatives

    return re.compile(alternatives(listed(entry("merchants", "bank_marks"))))


def is_only_headed(message: Message) -> bool:
    """Say whether a name before a colon is all that tells a text from the person's own ("Robinhood: ...")."""
    return not (_has_bank_words(message) or _SENDER.search(message.text))


def _has_bank_words(message: Message) -> bool:
    head, colon, _ = message.flat.partition(": ")
    is_named = bool(colon) and head.strip() in words("merchants", "words", "banks")
    return is_named or bool(_bank_marks().search(message.flat) or message.last4)


def is_bank_text(message: Message) -> bool:
    """Say whether a text was written by a bank or a shop rather than by the person."""
    if _has_bank_words(message):
        return True
    head, colon, rest = message.flat.partition(": ")
    is_header = len(head) <= 30 and not _DAY_HEAD.match(head) and message.text[:1].isupper() and "\n" not in head
    return bool(colon) and is_header and any(c.isdecimal() for c in rest)


def languages(message: Message, default: str) -> frozenset[str]:
    """Return the languages that a text may be in: the one with most telling words, English on a tie."""
    from handlers.receipts.typed.lexicon import data

    counts = {
        name: len({match[0] for match in phrases("merchants", "languages", name).finditer(message.flat)})
        for name in data("merchants")["languages"]
    }
    best = max(counts.values(), default=0)
    if not best:
        return frozenset([default])
    return frozenset(name for name, count in counts.items() if count == best)
