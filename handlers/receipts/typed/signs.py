"""Currency signs, codes and words beside a number, and the currency that they mean (section 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from handlers.receipts.currencies import SharedSign, currency_table
from handlers.receipts.merchants import merchant_key, telling_brands
from handlers.receipts.typed.lexicon import flat, words

REACH = 24
LONGEST_BRAND = 40
# Codes that are words in ordinary texts; they count only in capitals beside other letters in lower case.
_WORD_CODES = frozenset(
    {"ALL", "AMD", "BAM", "BOB", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "MUR"}
    | {"PEN", "RON", "SOS", "STN", "TOP", "TRY", "ERN", "NIO", "DOP", "ANG", "WST"}
)
# Codes that are better known as the letters of somebody who is paid. In lower case, with nothing but a day or a word of
# giving beside them, they are that payee and no currency ("npr 20"); "npr 20 tea" and "20 npr" are sums of money.
_PAYEE_CODES = frozenset({"NPR"})
# Letters that are also words or units: they count glued to the number, or when they are the person's own currency.
_SHORT_SIGNS = frozenset(
    {"R", "P", "N", "BD", "LE", "SR", "KD", "QR", "Dh", "din", "rm", "lei", "TL", "Kc", "zl", "Re", "Re."}
)
_LETTERS = frozenset({"R", "P", "N"})
_SPOKEN = re.compile(r"[^\W\d_]+")
_DECIMALS = re.compile(r"[\d ,]*[.,]\d{2}(?!\d)")
_ANY_CASE = frozenset(
    [
        "Rs",
        "Rs.",
        "RM",
        "Rp",
        "Rp.",
        "kr",
        "kr.",
        "KSh",
        "Ksh.",
        "KSh.",
        "Kshs",
        "zł",
        "zl",
        "Kč",
        "Kc",
        "TL",
        "Php",
        "Tk",
        "lei",
        "đ",
        "Dhs",
    ]
)


@dataclass(frozen=True, slots=True)
class Beside:
    """A sign beside a number: how many characters it takes, its rank (2 code, 1 sign or word), and what it means."""

    length: int
    rank: int
    code: str | None
    shared: SharedSign | None = None
    is_cents: bool = False


@cache
def _meanings() -> dict[str, tuple[str | None, SharedSign | None]]:
    table = currency_table()
    found: dict[str, tuple[str | None, SharedSign | None]] = {}
    for sign, code in table.signs.items():
        found[sign] = (code, None)
    for shared in table.shared:
        found.update(dict.fromkeys(shared.signs, (None, shared)))
    found["N"] = ("NGN", None)
    for sign in list(found):
        if sign in _ANY_CASE:
            found.update(dict.fromkeys((sign.lower(), sign.upper(), sign.capitalize()), found[sign]))
    return found


@cache
def _words() -> dict[str, tuple[str | None, SharedSign | None]]:
    table = currency_table()
    found: dict[str, tuple[str | None, SharedSign | None]] = {
        flat(word): (code, None) for word, code in table.words.items()
    }
    for shared in table.shared:
        found.update({flat(word): (None, shared) for word in shared.words})
    found.update(
        {"원": ("KRW", None), "엔": ("JPY", None), "块": ("CNY", None), "人民币": ("CNY", None), "บาท": ("THB", None)}
    )
    return found


def _longest(names: object) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))  # type: ignore[call-overload]


@cache
def _before() -> re.Pattern[str]:
    codes = "|".join(sorted(currency_table().exponents))
    return re.compile(
        rf"(?:(?<![^\W\d_])(?P<code>{codes}|{codes.lower()})(?:[^\S\n]?[$€£¥₹])?|(?P<sign>{_longest(_meanings())}))[^\S\n]?(?P<minus>-?)\Z"
    )


@cache
def _after() -> re.Pattern[str]:
    codes = "|".join(sorted(currency_table().exponents))
    words = _longest(_words())
    return re.compile(
        rf"[^\S\n]?(?:(?P<code>{codes}|{codes.lower()})(?![^\W_])|(?P<sign>{_longest(_meanings())})|(?P<word>{words}))"
    )


def sign_before(text: str, start: int, default: str) -> tuple[Beside, bool] | None:
    """Return the sign that ends at `start` and whether a minus stands between it and the number."""
    left = text[max(0, start - 8) : start]
    match = _before().search(left)
    if not match:
        return None
    length, minus = len(left) - match.start(), bool(match["minus"])
    if match["code"]:
        code = match["code"]
        usable = _is_currency(code, text, default) and not _is_payee(code, text, start, default)
        return (Beside(length, 2, code.upper()), minus) if usable else None
    sign = match["sign"]
    position = match.start()
    if sign[0].isalpha() and position and left[position - 1].isalpha():
        return None
    code_meant, shared = _meanings()[sign]
    if not _counts(sign, code_meant, default, is_glued=match.end("sign") == len(left)):
        return None
    if sign in _LETTERS and code_meant != default and not _DECIMALS.match(text, start):
        return None
    return Beside(length, 1, code_meant, shared), minus


def _is_currency(code: str, text: str, default: str) -> bool:
    return code.upper() == default or code.upper() not in _WORD_CODES or (code.isupper() and not _is_shouted(text))


def _is_payee(code: str, text: str, start: int, default: str) -> bool:
    """Say whether a code in lower case stands before the number for a payee: no other name and no thing is told."""
    if code.isupper() or code.upper() == default or code.upper() not in _PAYEE_CODES:
        return False
    beside = _SPOKEN.findall(flat(text[: start - len(code) - 1] + text[start:]))
    return set(beside) <= words("evidence", "given")


def sign_after(text: str, folded: str, end: int, default: str) -> Beside | None:
    """Return the sign, code or word that begins at `end`; the first word of a brand is none ("12.50 Dollar Tree")."""
    if _begins_brand(folded[end : end + LONGEST_BRAND]):
        return None
    right = text[end : end + REACH]
    match = _after().match(right)
    word = _after().match(folded[end : end + REACH])
    if word and word["word"] and not (match and match["code"]):
        following = folded[end + word.end() : end + word.end() + 1]
        if not following.isalpha() or not word["word"].isascii():
            code, shared = _words()[word["word"]]
            return Beside(
                word.end(), 1, code, shared, is_cents=bool(shared and shared.name == "cent") or word["word"] == "pence"
            )
    if not match:
        return None
    if match["code"]:
        code = match["code"]
        return Beside(match.end(), 2, code.upper()) if _is_currency(code, text, default) else None
    sign = match["sign"]
    if not sign:
        return None
    if sign[-1].isalpha() and right[match.end() : match.end() + 1].isalpha():
        return None
    if right[match.end() : match.end() + 1].isdecimal() and match.start("sign") > 0:
        return None
    code_meant, shared = _meanings()[sign]
    if not _counts(sign, code_meant, default, is_glued=match.start("sign") == 0) or sign in (
        "R",
        "N",
        "S/",
        "S/.",
        "LE",
        "SR",
        "BD",
    ):
        return None
    return Beside(match.end(), 1, code_meant, shared, is_cents=sign == "¢")


def _begins_brand(following: str) -> bool:
    spoken = following.split()[:2]
    is_word = following[:1].isspace() and len(spoken) == 2 and spoken[0].isalpha()
    return is_word and merchant_key(" ".join(spoken)) in telling_brands()


def _counts(sign: str, code: str | None, default: str, *, is_glued: bool) -> bool:
    return sign not in _SHORT_SIGNS or code == default or is_glued or sign in {"lei", "TL", "zl", "Kc", "Re", "Re."}


def _is_shouted(text: str) -> bool:
    return not any(character.islower() for character in text)
