"""Whether a person's own words give positive evidence of a purchase that was made.

A number in a text is no purchase until something says so. The evidence is one of these:

    a price and what it was for, with nothing else     "12.50 lunch joe's", "$9 Philz"
    a verb of getting, and a price or a known thing    "grabbed tacos 14"
    a known thing or shop and an everyday number       "coffee 5", "target 30"
    a number at a place                                "couldn't resist, 45 at Sephora"
    a name, as names are written, or with a day        "zippys friday 14"

Two words that nobody knows beside an everyday number ("thai basil 21") are LIKELY one: read, but asked about.

Words that only other sentences have, and numbers that count or name a thing ("gate 22"), speak against it. What has
some evidence but not enough is DOUBTFUL: the person is asked. Everything else is no entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed.amounts import Amount, Rank
from handlers.receipts.typed.circumstances import SPELLED_COUNT, companions
from handlers.receipts.typed.lexicon import data, phrases, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import is_filler, is_qualifier, is_venue, leading_noun
from handlers.receipts.typed.trade_names import leads_name
from handlers.receipts.typed.written import EDGE

LONGEST_BRAND = 5
MOST_UNKNOWN = 4
MOST_UNKNOWN_BARE = 2
MOST_WORDS = 12
SHORT = 4
_LAST_HOUR = 24
_LEAST_NAMED, _MOST_NAMED = 6, 400
_LEAST_ASKED, _MOST_ASKED = 2, 999
MOST_BARE, MOST_BARE_SMALL_UNITS = 9_999, 9_999_999
_TOKEN = re.compile(r"(?P<amount>#)|(?P<word>[^\W_][\w'&.-]*)|(?P<end>[,;!?\n]|\.(?=\s|\Z)|\s-+\s)")
_CONTRACTED = re.compile(r"n't\Z|'(?:m|re|ve|ll|d)\Z|\A(?:it|that|what|he|she|there|who|where|how)'s\Z")
_PARTICLES = frozenset({"de", "del", "di", "da", "do", "du", "la", "le", "el"})
_PLACES = frozenset({"at", "@", "from", "en", "bei", "chez", "em", "presso", "bij"})


class Evidence(Enum):
    """How surely a text tells of a purchase."""

    PURCHASE = "purchase"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, folded and as it is written; `#` stands for an amount."""

    flat: str
    written: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the words of a text or of a clause are, counted."""

    known: int
    people: int
    got: int
    sentence: int
    of_names: int
    counted: int
    unknown: tuple[Word, ...]
    length: int
    has_place: bool
    has_shop_after: bool
    is_handed: bool
    has_particle: bool


def evidence(message: Message, amounts: Sequence[Amount], *, is_dated: bool, most_bare: int) -> Evidence:
    """Weigh a whole text; where it is none, the clause that holds the amount is weighed alone.

    `most_bare` is the largest everyday number without a sign, which depends on the person's currency.
    """
    clauses = _clauses(message, amounts)
    whole = _weigh([word for clause in clauses for word in clause], amounts, is_dated=is_dated, most_bare=most_bare)
    if whole is Evidence.PURCHASE:
        return whole
    own = [clause for clause in clauses if any(word.flat == "#" for word in clause)]
    if len(own) == 1 and len(clauses) > 1:
        seen = _see(own[0])
        alone = _weigh(own[0], amounts, is_dated=is_dated, most_bare=most_bare)
        if alone is Evidence.PURCHASE and (seen.has_shop_after or _is_priced(amounts)) and seen.known:
            return alone
    return whole


def _clauses(message: Message, amounts: Sequence[Amount]) -> list[list[Word]]:
    text, written = message.blank(mark=" "), message.text
    for pattern in (_asked_to_log(), phrases("merchants", "words", "means"), SPELLED_COUNT):
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    for start, end in companions(text):
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    for amount in amounts:
        text = f"{text[: amount.start]}#{' ' * (amount.end - amount.start - 1)}{text[amount.end :]}"
    clauses: list[list[Word]] = [[]]
    for found in _TOKEN.finditer(text):
        if found["end"]:
            clauses.append([])
        elif found["amount"]:
            clauses[-1].append(Word("#", "#"))
        elif not found[0].isdecimal():
            clauses[-1].append(Word(found[0].rstrip(EDGE), written[found.start() : found.end()]))
    return [clause for clause in clauses if clause]


@cache
def _asked_to_log() -> re.Pattern[str]:
    return re.compile(data("statements")["asked_to_log"])


def _see(clause: Sequence[Word]) -> Seen:
    known = people = got = sentence = of_names = counted = at = 0
    unknown: list[Word] = []
    shop_after = has_place = handed = False
    while at < len(clause):
        word = clause[at].flat
        after_place = at > 0 and clause[at - 1].flat in _PLACES
        is_target = at > 1 and after_place and clause[at - 2].flat == "#"
        taken = 1
        if word == "#" or (word in _IS and at and clause[at - 1].flat in _SUMS):
            pass
        elif count := _known_at(clause, at):
            taken = count
            known += 1
            shop_after |= is_target
        elif count := _obliged(clause, at):
            got, taken = got + 1, count
        elif word in words("evidence", "got") or word in words("evidence", "handed"):
            got += 1
            handed |= word in words("evidence", "handed")
        elif (
            _is_doing(clause, at)
            or _CONTRACTED.search(word)
            or (word in words("evidence", "sentence") and not _is_joining(clause, at))
        ):
            sentence += 1
            of_names += word in words("evidence", "of_names") and _ends_name(clause, at)
        elif word in words("evidence", "people"):
            people += 1
        elif word in words("evidence", "counted") and not (_is_in_name(clause, at) or _ends_led_name(clause, at)):
            counted += 1
        elif not (word in words("evidence", "light") or is_filler(word) or is_qualifier(word)):
            unknown.append(clause[at])
            has_place |= after_place or (at > 1 and clause[at - 2].flat in _PLACES and clause[at - 1].flat in _ARTICLES)
            shop_after |= is_target
        at += taken
    particle = any(word.flat in _PARTICLES for word in clause[1:-1])
    counted *= all(word.flat != "split" for word in clause)
    return Seen(
        known,
        people,
        got,
        sentence,
        of_names,
        counted,
        tuple(unknown),
        len(clause),
        has_place,
        shop_after,
        handed,
        particle,
    )


def _is_joining(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word belongs to a name: by its capital, as a particle after a kind of place, or as its first."""
    after_place = at > 0 and clause[at].flat in _PARTICLES and is_venue(clause[at - 1].flat)
    is_compound = at == 1 and len(clause) > 2 and clause[2].flat == "#" and clause[1].flat in words("evidence", "nouns")
    if is_compound and _known_at(clause, 0):
        return True
    if _is_before_shop(clause, at) or _ends_place(clause, at):
        return True
    begins = not at or clause[at - 1].flat in ("#", *_PLACES)
    return after_place or _is_in_name(clause, at) or (begins and _leads_name(clause[at:]))


def _ends_place(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word ends a text after "at" and one word that nobody knows or a thing ("at pho ever")."""
    if at < 2 or at + 1 != len(clause) or clause[at - 2].flat not in _PLACES:
        return False
    before = clause[at - 1].flat
    return before != "#" and before not in words("evidence", "sentence") | words("evidence", "people") | _ARTICLES


def _is_before_shop(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word stands between one that is none of a sentence and a kind of shop: "wild rose florist"."""
    if not 0 < at < len(clause) - 1 or not is_venue(clause[at + 1].flat):
        return False
    before, is_last = clause[at - 1].flat, at + 2 == len(clause) or clause[at + 2].flat == "#"
    spoken = words("evidence", "sentence") | words("evidence", "people") | _PLACES | _ARTICLES
    return is_last and before != "#" and before not in spoken and (is_qualifier(before) or not is_filler(before))


def _leads_name(clause: Sequence[Word]) -> bool:
    following = clause[1].flat if len(clause) > 1 else ""
    is_other = any(following in words("evidence", kind) for kind in ("sentence", "people", "counted", "light"))
    return not is_other and leads_name([word.flat for word in clause[:2]])


def _is_in_name(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word is written with a capital beside another one: part of a name ("Bombay House")."""
    beside = [clause[near].written for near in range(at - 3, at + 4) if near != at and 0 <= near < len(clause)]
    return clause[at].written[:1].isupper() and any(word[:1].isupper() for word in beside)


def _ends_name(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word stands last, after one that is no small word of a sentence ("quick stop")."""
    before = clause[at - 1].flat if at else "#"
    is_last = at + 1 == len(clause) or clause[at + 1].flat == "#"
    return is_last and before != "#" and (is_qualifier(before) or not is_filler(before))


def _ends_led_name(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word in the plural ends a name of common words ("lucky strike lanes"): it numbers nothing."""
    return at > 1 and clause[at].flat.endswith("s") and _leads_name(clause)


def _is_doing(clause: Sequence[Word], at: int) -> bool:
    """Say whether a word tells what somebody does now ("a guy walks"): a story, no purchase."""
    after_person = at > 0 and clause[at - 1].flat in words("evidence", "people")
    return after_person and bool(_DOES.fullmatch(clause[at].written)) and not leading_noun([clause[at].flat])


_DOES = re.compile(r"[a-z]{2,}[a-rt-z]s")
_IS = frozenset({"is", "was", "are", "were"})
_SUMS = frozenset({"total", "tab", "damage", "bill", "that", "this", "here", "sum", "all"})
_ARTICLES = frozenset({"the", "a", "an", "la", "el", "this", "that", "my", "our"})


def _obliged(clause: Sequence[Word], at: int) -> int:
    """Return how many words say that one had to pay ("had to pay", "could not resist"), which then was done."""
    spoken = " ".join(word.flat for word in clause[at : at + 3])
    found = _OBLIGED.match(spoken)
    return len(found[0].split()) if found else 0


_OBLIGED = re.compile(
    r"had to (?:pay|buy|get|order|drop|replace|fix|take|shell)\b|(?:couldn't|couldnt|can't) (?:resist|help)\b"
)


def _known_at(clause: Sequence[Word], at: int) -> int:
    """Return how many words at a place are one known thing, shop or brand; people are none."""
    spoken = [word.flat for word in clause[at : at + LONGEST_BRAND]]
    if "#" in spoken:
        spoken = spoken[: spoken.index("#")]
    for count in range(len(spoken), 0, -1):
        if merchant_key(" ".join(spoken[:count])) in brands():
            return count
    if spoken[0] in words("evidence", "people"):
        return 0
    kind = next((count for count in (3, 2, 1) if is_venue(" ".join(spoken[:count]))), 0)
    return max(leading_noun(spoken[:3]), min(kind, len(spoken)))


def _is_priced(amounts: Sequence[Amount]) -> bool:
    """Say whether an amount is written as money is: with a currency, or to the cent."""
    return any(one.rank >= Rank.CURRENCY or (one.rank is Rank.DECIMALS and _has_cents(one)) for one in amounts)


def _has_cents(amount: Amount) -> bool:
    exponent = amount.value.as_tuple().exponent
    return isinstance(exponent, int) and exponent <= -2


def _weigh(text: Sequence[Word], amounts: Sequence[Amount], *, is_dated: bool, most_bare: int) -> Evidence:
    seen = _see(text)
    if _is_priced(amounts):
        if any(one.rank is Rank.DECIMALS for one in amounts) and all(
            word.written.isupper() for word in text if word.flat != "#"
        ):
            return Evidence.PURCHASE  # a line of a bank statement
        return _weigh_price(_named_by_verb(seen, amounts))
    if any(one.value > most_bare for one in amounts):
        return Evidence.DOUBTFUL if seen.known and not seen.sentence else Evidence.NONE
    return _weigh_number(seen, amounts, is_dated=is_dated)


def _named_by_verb(seen: Seen, amounts: Sequence[Amount]) -> Seen:
    """Read a verb that is a noun too as a part of a name, in a text of few words whose price is no time of day."""
    is_short = seen.length <= SHORT and not (seen.people or seen.got or seen.counted)
    is_time = any(
        one.rank is Rank.DECIMALS and one.value < _LAST_HOUR and (one.value * 100) % 5 == 0 for one in amounts
    )
    if not is_short or is_time or not seen.sentence == seen.of_names == 1:
        return seen
    return replace(seen, sentence=0, known=seen.known + 1)


def _weigh_price(seen: Seen) -> Evidence:
    named = seen.known or seen.unknown or seen.people
    if seen.sentence:
        return Evidence.DOUBTFUL if seen.known or seen.has_place else Evidence.NONE
    if not named or len(seen.unknown) > MOST_UNKNOWN or seen.length > MOST_WORDS:
        return Evidence.DOUBTFUL
    if seen.people and not (seen.got or seen.known or seen.unknown):
        return Evidence.DOUBTFUL
    if seen.counted and not (seen.known or seen.got):
        return Evidence.DOUBTFUL
    return Evidence.PURCHASE


def _weigh_number(seen: Seen, amounts: Sequence[Amount], *, is_dated: bool) -> Evidence:
    some = bool(seen.known or seen.has_place or seen.has_shop_after)
    if seen.sentence or (seen.length > MOST_WORDS and not seen.has_shop_after):
        return Evidence.DOUBTFUL if seen.has_shop_after else Evidence.NONE
    if seen.counted:
        return Evidence.DOUBTFUL if seen.known and seen.got else Evidence.NONE
    if seen.is_handed and len(seen.unknown) <= MOST_UNKNOWN:
        return Evidence.PURCHASE
    if seen.has_shop_after:
        return Evidence.PURCHASE
    if seen.got and (some or seen.people):
        return Evidence.PURCHASE if len(seen.unknown) <= MOST_UNKNOWN else Evidence.DOUBTFUL
    if some:
        most = MOST_UNKNOWN if seen.known and seen.has_place else MOST_UNKNOWN_BARE
        return Evidence.PURCHASE if len(seen.unknown) <= most else Evidence.DOUBTFUL
    return _weigh_name(seen, amounts, is_dated=is_dated)


def _weigh_name(seen: Seen, amounts: Sequence[Amount], *, is_dated: bool) -> Evidence:
    """Weigh a name that nobody knows beside a bare number ("zippys 14")."""
    if not seen.unknown or len(seen.unknown) > MOST_UNKNOWN or seen.people or seen.got:
        return Evidence.NONE
    if len(amounts) != 1:
        return Evidence.NONE
    everyday = _LEAST_NAMED <= amounts[0].value <= _MOST_NAMED
    is_short = len(seen.unknown) <= MOST_UNKNOWN_BARE
    written = len(seen.unknown) == 1 or seen.has_particle or any(_is_written(word) for word in seen.unknown)
    if is_short and (is_dated or (everyday and written)):
        return Evidence.PURCHASE
    is_asked = _LEAST_ASKED <= amounts[0].value <= _MOST_ASKED and is_short
    if not is_asked:
        return Evidence.NONE
    return Evidence.LIKELY if seen.length == len(seen.unknown) + 1 else Evidence.DOUBTFUL


def _is_written(word: Word) -> bool:
    """Say whether a word is written as a name is: with a capital, or with the mark of an owner ("joe's")."""
    return word.written[:1].isupper() or "'s" in word.flat
