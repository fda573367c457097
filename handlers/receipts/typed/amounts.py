"""Amounts in a text: every number that could be money, with its currency and what stands around it (AMT-5, AMT-8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from functools import cache

from handlers.receipts.currencies import SharedSign
from handlers.receipts.merchants import brands, merchant_key, telling_brands
from handlers.receipts.typed.lexicon import alternatives, data, flat, phrases, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import is_filler, is_venue, leading_noun
from handlers.receipts.typed.numerals import decimal_of
from handlers.receipts.typed.signs import Beside, sign_after, sign_before

MOST_NUMBERS = 60
BEYOND = Decimal(10) ** 15  # more than any sum of money: longer numbers and chains of products stop here
LONGEST_BARE = 6
_SMALL = frozenset({"the", "a", "an", "at", "in", "on", "to", "of", "from", "by", "and", "my", "our", "this", "that"})
LAST_HOUR = 24
_GROUPED = re.compile(r"\d{1,3}(?:[ ']\d{2,3})*[ ']\d{3}(?:[.,]\d{1,3})?(?!\d)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?!\d)|(?<![\w.,])[.,]\d{1,2}(?!\d)")
_PHONE = re.compile(
    r"(?<![\d.,])\+?(?:\d{1,3}[ -])?\(?\d{3}\)?[ -.]\d{3}[ -.]\d{4}(?!\d)"
    r"|(?<!\d)\d-\d{3}-\d{3}-\d{4}(?!\d)|(?<!\w)\d{3}-\d{4}(?![\d-])"
)
_TIME = re.compile(
    r"(?<![\d.,])\d{1,2}:\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?(?!\w)|h(?!\w))?"
    r"|(?<![\w.,])\d{1,2}\s?[ap]\.?m\.?(?!\w)|(?<![\w.,$€£])\d{1,2}h\d{2}(?!\w)"
    r"|(?:kl|um|a las|as|at)\.?\s\d{1,2}[.:]\d{2}(?:\suhr|\sh\b)"
)
_IS_GERMAN_ON = re.compile(r"\sam\s\d{1,2}\.")
_PERCENT = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|percent(?!\w))")
_THRESHOLD = re.compile(r"\s(?:or|and)\s(?:more|above|over|higher|up)(?!\w)")
_FRENCH_CENTS = re.compile(r"(?<=\d€)\d{2}(?!\d)")
_STREET = re.compile(
    r"(?:\s(?!(?:for|at|on|in|and|to|of|the|from|with)\s)(?:[^\W\d_]+|\d{1,3}(?:st|nd|rd|th))\.?){1,3}"
    r"\s(?:street|avenue|ave|road|rd|boulevard|blvd|lane|ln|st|drive|dr|court|terrace|parkway|pkwy|highway|hwy|block)(?!['\w])"
)
_NUMBERED_BY = re.compile(r"(?<![^\W_])(?:sizes?|version|ver|chapter|section|episode|level|grade|gpa|mile|v)\s\Z")
_HOUR = re.compile(r"(?<![^\W_])(?:at|by|around|um|kl|gegen|a\slas|as)\s\Z")
_MASKED = re.compile(r"(?<!\d)[*x•·.]{2,12}-?\d{2,6}(?!\d)|(?<![\w*])\*\d{3,6}(?!\d)|#\s?\d+|(?<![^\W_])x\d{3,6}(?!\d)")
_REFERENCE = re.compile(r"(?<![^\W_])(?=[a-z0-9-]{6,})(?=[a-z-]{0,40}\d)[a-z0-9]*[a-z][a-z0-9]*\d[a-z0-9]*(?![^\W_])")


class Rank(IntEnum):
    """How strongly a number says that it is the amount (AMT-8)."""

    BARE = 1
    DECIMALS = 2
    CURRENCY = 3
    LABELLED = 4


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that may be money: its span with signs, its value in whole units, its currency as far as it is told.

    `code` is None when the text tells none; `shared` is a sign of several currencies that the person must settle.
    """

    start: int
    end: int
    value: Decimal
    rank: Rank
    code: str | None = None
    shared: SharedSign | None = None
    is_negative: bool = False
    has_sign: bool = False


def take_no_money(message: Message) -> None:
    """Mark telephone numbers, times, masked cards and references as read: they are never amounts."""
    for pattern in (_PHONE, _TIME, _MASKED):
        for match in pattern.finditer(message.blank()):
            if not (pattern is _TIME and _IS_GERMAN_ON.match(message.flat, match.end() - 3)):
                message.take(*match.span())


def percentages(message: Message) -> list[tuple[int, int, Decimal]]:
    """Return the percentages of a text with their spans."""
    return [(*match.span(), Decimal(match[1].replace(",", "."))) for match in _PERCENT.finditer(message.blank())]


def find_amounts(message: Message, default: str) -> list[Amount]:
    """Return all numbers that may be money, in the text's order."""
    text = message.blank()
    found: list[Amount] = []
    position = 0
    named = _numbered_brands(message)
    if len(_NUMBER.findall(text)) > sum(map(len, (_NUMBER.findall(text[a:b]) for a, b in named))):
        for start, end in named:
            text = text[:start] + re.sub(r"\d", "\n", text[start:end]) + text[end:]
    while len(found) < MOST_NUMBERS and (match := _NUMBER.search(text, position)):
        amount, position = _amount_at(message, text, match, default)
        if amount:
            found.append(amount)
    return found


def _numbered_brands(message: Message) -> list[tuple[int, int]]:
    """Return where brands of several words with a number in them stand ("Microsoft 365")."""
    return [match.span() for match in _numbered().finditer(message.flat)]


@cache
def _numbered() -> re.Pattern[str]:
    names = [flat(name) for name in brands().values() if re.search(r"\b\d+\b", name) and " " in name]
    return re.compile(rf"(?<![\d.,$€£]){alternatives(names)}(?![.,]?\d)")


def _amount_at(message: Message, text: str, match: re.Match[str], default: str) -> tuple[Amount | None, int]:
    start, end = match.span()
    grouped = _GROUPED.match(text, start)
    if grouped and grouped.end() > end and (_is_money(message, grouped, default) or grouped.end() - start > 8):
        end = grouped.end()
    body = text[start:end]
    before = sign_before(message.text, start, default)
    after = sign_after(message.text, message.flat, end, default)
    if after and after.length == 1 and (french := _FRENCH_CENTS.match(text, end + 1)):
        body, after = (
            f"{text[start:end]},{french[0]}",
            Beside(1 + french.end() - french.start(), after.rank, after.code, after.shared),
        )
    if not before and text[start - 1 : start].isascii() and text[start - 1 : start].isalnum():
        return None, max(end, match.end())
    reach_left, reach_right = start - (before[0].length if before else 0), end + (after.length if after else 0)
    scale = Decimal(1)
    if not after and (scaled := _scale(message.flat, end)) and not _is_title(message.text, end):
        scale, end = scaled
        reach_right = end
        if after := sign_after(message.text, message.flat, end, default):
            reach_right = end + after.length
    if not (before or after) and not _stands_alone(message, text, (start, end), has_scale=scale != 1):
        return None, max(end, match.end())
    sign = _stronger(before[0] if before else None, after)
    minor = _minor_suffix(message.flat, end) if not before and not (sign and sign.code) and scale == 1 else 0
    code = sign.code if sign else None
    settled = code or (sign.shared.settle(default) if sign and sign.shared else None) or default
    plain = decimal_of(body, settled)
    if plain is None:
        return None, max(end, match.end())
    value = min(Decimal(plain), BEYOND) * scale
    is_cents = minor or (after and after.is_cents)
    if is_cents:
        value /= 100
        reach_right = max(reach_right, end + minor)
        if message.flat[end : end + 2].strip()[:1] == "p" or (after and after.code == "GBP"):
            code, sign = "GBP", None
    negative = _is_negative(message, reach_left, reach_right, minus=bool(before and before[1]))
    rank = (
        Rank.CURRENCY if (before or after or is_cents) else Rank.DECIMALS if "." in plain or scale != 1 else Rank.BARE
    )
    amount = Amount(
        reach_left,
        reach_right,
        value,
        rank,
        code,
        sign.shared if sign and not code else None,
        negative,
        has_sign=bool(sign),
    )
    return amount, max(reach_right, match.end())


def _is_money(message: Message, grouped: re.Match[str], default: str) -> bool:
    return bool(
        re.search(r"[.,]\d{1,2}$|'", grouped[0])
        or sign_before(message.text, grouped.start(), default)
        or sign_after(message.text, message.flat, grouped.end(), default)
    )


def _stronger(before: Beside | None, after: Beside | None) -> Beside | None:
    if before and after:
        return after if after.rank > before.rank or (after.code and not before.code) else before
    return before or after


def _is_title(text: str, end: int) -> bool:
    """Say whether a word with a capital follows: a name ("12.50 Grand Central"), no scale."""
    return bool(re.match(r"\s[A-Z][a-z]{2,}", text[end : end + 5]))


def _scale(folded: str, end: int) -> tuple[Decimal, int] | None:
    scales = data("numbers")["scales"]
    match = re.match(r"\s?([^\W\d_]{1,6})(?![^\W_])", folded[end : end + 8])
    if (
        not match
        or match[1] not in scales
        or (match[1] != "k" and not match[0][0].isspace() and match[1] not in ("rb", "jt"))
    ):
        return None
    return Decimal(scales[match[1]]), end + match.end()


def _minor_suffix(folded: str, end: int) -> int:
    match = re.match(r"\s?(p|c|ct|cts|cents?|¢)(?![^\W_])", folded[end : end + 7])
    return match.end() if match and (match[1] not in "pc" or not match[0].startswith(" ")) else 0


def _stands_alone(message: Message, text: str, span: tuple[int, int], *, has_scale: bool) -> bool:
    """Tell a free number from one inside a word, a name, a quantity of measure or a label's number (AMT-8)."""
    start, end = span
    folded = message.flat
    previous, following = text[start - 1 : start], folded[end : end + 1]
    if previous and (previous.isalnum() or previous in "*#/_@&") and not previous >= "\u2e80":
        return False
    if previous == "-" and text[start - 2 : start - 1].isalnum():
        return False
    if (
        following
        and ((following.isalpha() and not following >= "\u2e80") or following in "%_@°")
        and not has_scale
        and not _minor_suffix(folded, end)
    ):
        return False
    if following in ("-", "/", ":") and folded[end + 1 : end + 2].isalnum():
        return following == "/" and folded[end + 1 : end + 2].isalpha()
    body = text[start:end]
    if following and _is_measure(folded, end, whole="." not in body and "," not in body):
        return False
    if body.isdecimal() and int(body) <= LAST_HOUR and _HOUR.search(folded[max(0, start - 8) : start]):
        return False
    if body.isdecimal() and len(body) > 1 and body.startswith("0"):
        return False
    if "." in body or "," in body:
        return not _is_numbered(folded, start)
    return len(body) <= LONGEST_BARE and not _is_labelled_id(message, start)


def _is_measure(folded: str, end: int, *, whole: bool) -> bool:
    if whole and _is_street(folded, end):
        return True
    if whole and leading_noun(folded[end : end + 30].split()[:2]) > 1:
        return False  # "28 day pass"
    match = re.match(r"[^\S\n]([^\W\d_.]+(?:\.m\.)?)", folded[end : end + 16])
    return bool(match and match[1] in words("numbers", "measures" if whole else "physical"))


def _is_street(folded: str, end: int) -> bool:
    """Say whether a house number stands here: a street's name of one to three words follows, with its kind."""
    match = _STREET.match(folded, end)
    return bool(match) and not leading_noun(folded[end:].split()[:1])


def _is_numbered(folded: str, start: int) -> bool:
    """Say whether the word just before says what a number with a point counts ("size 9.5", "version 2.4")."""
    return bool(_NUMBERED_BY.search(folded[max(0, start - 16) : start]))


def _is_labelled_id(message: Message, start: int) -> bool:
    folded = message.flat
    before = folded[max(0, start - 28) : start]
    if _is_last_of_named(message, start) or _is_added_to(folded, start):
        return False
    for match in phrases("numbers", "labels_of_ids").finditer(before):
        if before[: match.start()].endswith("gift ") or _names_a_shop(before[: match.start()], match[0]):
            continue
        if re.fullmatch(
            r"(?:\W|in|is|was|are|the|with|no|nr|number|ending|x|de|numero|[a-z]{2}(?=\s)){0,6}", before[match.end() :]
        ):
            return True
    return False


@cache
def _before_own_number() -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?P<before>\S+)\s){phrases('numbers', 'names_before_numbers').pattern}\s\Z")


def _is_added_to(folded: str, start: int) -> bool:
    """Say whether a tip is added to a number, which then is a price ("bar 40 + 8 tip")."""
    return bool(re.match(r"\d+\s?(?:\+|plus)\s?\d+\s(?:tip|gratuity)", folded[start : start + 40]))


def _is_last_of_named(message: Message, start: int) -> bool:
    """Say whether a number after a word of a place is the only one that can be the price ("lou's corner bar 42").

    The word has another one before it that is no small word, and the other numbers of the text belong to names too.
    """
    text = message.blank(mark=" ")
    numbers = [match.start() for match in re.finditer(r"(?<![\w.,/$])\d[\d.,]*(?![\w/])", text)]
    found = [_before_own_number().search(text[max(0, at - 40) : at]) for at in numbers]
    if not numbers or numbers[-1] != start or not all(found):
        return False
    last = found[-1]
    before = last["before"] if last else None
    return before is not None and not is_filler(before) and before not in _SMALL


def _names_a_shop(before: str, label: str) -> bool:
    """Say whether a label's word belongs to a kind of shop ("corner store") or tells what a brand's entry is."""
    spoken = before.split()
    if _ends_brand(spoken, label):
        return True
    if spoken and (is_venue(f"{spoken[-1]} {label}") or leading_noun([spoken[-1], label]) > 1):
        return True
    return label == "order" and bool(spoken) and merchant_key(before) in telling_brands()


def _ends_brand(before: Sequence[str], label: str) -> bool:
    """Say whether a label is the last word of a brand ("foot locker 13", "five below 20")."""
    return any(merchant_key(" ".join([*before[-count:], label])) in telling_brands() for count in (1, 2) if before)


def _is_negative(message: Message, start: int, end: int, *, minus: bool) -> bool:
    folded = message.flat
    if re.match(r"\s?cr(?![^\W_])(?!\s(?:limit|card|lmt))", folded[end : end + 9]):
        return True
    if minus:
        return True
    return folded[start - 1 : start] == "-" and (start < 2 or not folded[start - 2].isalnum()) and start >= 1


def labelled(message: Message, amounts: list[Amount]) -> Iterator[tuple[Amount, str | None]]:
    """Return each amount with what its label says: "total", "other" (balance, limit, tax), "tip" or None."""
    end = 0
    for amount in amounts:
        before = message.flat[max(end, amount.start - 60) : amount.start]
        yield amount, "other" if _THRESHOLD.match(message.flat, amount.end) else _label(_clause(before))
        end = amount.end


def _clause(before: str) -> str:
    return re.split(r"[\n;!?]|[.,](?=\s)", before)[-1]


def _label(clause: str) -> str | None:
    """Return what the last telling word of a clause says about the amount after it."""
    found: list[tuple[int, str]] = []
    for name, key in (
        ("total", "labels_of_totals"),
        ("other", "labels_of_others"),
        ("part", "labels_of_parts"),
        ("tip", "tips"),
    ):
        found += [
            (match.end(), name)
            for match in phrases("numbers", key).finditer(clause)
            if not (re.search(r"\d\s\Z", clause[: match.start()]) or _is_name_with_label(clause, match))
        ]
    if not found:
        return None
    position, name = max(found)
    rest = clause[position:]
    if name != "total" and _has_spending(rest):
        return None
    return name


def _is_name_with_label(clause: str, match: re.Match[str]) -> bool:
    """Say whether a label is part of a thing or a name: "oil change", "BALANCE FITNESS", "at New Balance"."""
    if leading_noun([*clause[: match.start()].split()[-1:], match[0]]) > 1:
        return True  # "oil change"
    if _ends_brand(clause[: match.start()].split(), match[0]):
        return True
    if match[0] != "balance":
        return False
    following = re.match(r"\s([^\W\d_]{4,})", clause[match.end() :])
    if following and following[1] not in words("numbers", "after_balance"):
        return True
    return bool(re.search(r"(?:\b(?:at|from|to)\s|[@*]\s?)new\s\Z", clause[: match.start()]))


def _has_spending(text: str) -> bool:
    return bool(re.search(r"\b(?:spent|paid|charged|debited|purchase|used|transaction|dinner|lunch)\b", text))
