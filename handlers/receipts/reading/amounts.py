"""Amounts in print: tokens become minor units, with the slips that cameras make (rules AMT-1 to AMT-5, OCR-8).

Letters are read as digits only inside a token that is shaped like money; dates, times, percentages, telephone and
other numbers are set aside first. A number without decimals is kept as `whole`, so that a lost decimal point can be
restored later, when a sum asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_EXPONENTS = {"BIF": 0, "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0}
_EXPONENTS |= {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3}
WHOLE_IN_PRINT = frozenset({"IDR", "COP", "HUF", "TWD"})

_SLIPS = str.maketrans({**dict.fromkeys("OoQDU", "0"), **dict.fromkeys("lI|", "1"), "S": "5", "B": "8", "Z": "2"})
_SIGN = (
    r"(?:[A-Z]{0,3}[$€£¥₹₩₪₺₫฿₱]|RM|[PR]M(?=[\dOD]\S*\.)|Rp\.?|Rs\.?|Fr\.|CHF|EUR|MYR|USD|SGD|CAD|AUD|NZD|GBP|INR|IDR"
    r"|Php|kr\.?)"
)
_SLIPPED = re.compile(
    rf"(?<![A-Za-z])({_SIGN}?\s?-?)([\dOoQDlI|SBZU]{{1,6}}(?:,[\dOo]{{3}})*[.,][\dOoQDlISBZU]{{2}})(?=[^\w.,]|[A-Z]{{1,2}}\b|[a-z]?\b|$)"
)
_SIX = re.compile(r"(?<=\d)[Gb](?=\d*[.,]\d)|(?<=\d[.,])[Gb](?=\d\b)|(?<=\d[.,]\d)G\b|(?<=[$€£])G(?=[\d.,])")
_COLON = re.compile(r"((?:RM|[$€£])\s?\d{1,4}):(\d{2})(?![\d:])")
_ASIDE = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?|\d{1,4}[/-]\d{1,2}[/-]\d{2,4}"
    r"|[@(]?\s*\d+(?:[.,\s]\d+)?\s*[%％]|\b\d{1,2}\.\d{1,2}\.(?:19|20)\d{2}\b|[xX*#]{2,}\s*\d+|\(\d{3}\)\s*\d{3}[\s.-]?\d{4}"
    r"|\b\d{3}[.-]\d{3}[.-]\d{4}\b|#\s*\d+|\b\d+-\d+(?:-\d+)*\b(?![.,]\d)|\b\d{1,2}[.-]\d{1,2}[.-]\d{2}\b(?=\s+\d{1,2}:)"
)
_NUMBER = re.compile(
    rf"(?P<open>[-−–(]\s?)?(?P<sign>{_SIGN})?\s?(?P<minus>[-−–])?\s?"
    r"(?P<digits>\d{1,3}(?:(?P<group>[,.'’])\d{3})(?:(?P=group)\d{3})*(?:[.,]\s?\d{1,2}(?!\d))?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{2})?"
    r"|\d+\s?[.,]\s?\d{2}(?!\d)|\d+[.,]\d+|[.,]\d{2}(?!\d)|\d+)"
    r"(?P<close>\s?[-−–](?![\w\d])|\)|\s?CR\b)?(?P<code>\s?(?:€|EUR|zł|Kč|Ft|kr|円|元|원|[A-Z]{3}\b(?<=MYR|USD|SGD|CHF|CAD|AUD|GBP|INR|JPY|IDR)))?"
)
_UNIT = re.compile(
    r"^\s*(?:kg|kgs|g|gm|gr|lbs?|1b|oz|l|ltr?|lit(?:re|er)s?|gal(?:lons?)?|ml|cl|pcs?|pkts?|ea|x\s?\d|[x×]\s*\d|/|km|mm|cm|min|hrs?|pts?)\b|^\s*/\s*\S|^\s*[x×]\s*\d",
    re.I,
)
_MULTIPLIED = re.compile(r"(?:@|\d\s?[xX×*]|[xX×]\s)\s*(?:[$€£]|RM)?\s*$")
_SPACED = re.compile(r"^[^\w]*(\d{1,4}) (\d{2})(?=\s*[A-Za-z]{0,3}\W*$)")
LARGEST = 10**12


class Shape(Enum):
    """How an amount is printed."""

    MONEY = "money"
    SPACED = "spaced"
    WHOLE = "whole"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a line: minor units as read, how it is printed, its span, whether a currency sign stands by it."""

    minor: int
    raw: str
    shape: Shape
    start: int
    end: int
    signed: bool = False
    slipped: bool = False

    @property
    def is_money(self) -> bool:
        """Say whether the print has the form of money: decimals, or a whole number beside a currency sign."""
        return self.shape in (Shape.MONEY, Shape.SPACED)


def exponent_of(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def without_slips(text: str) -> str:
    """Return the text with letters read as digits inside tokens shaped like money (rule OCR-8); the length stays."""

    def fixed(match: re.Match[str]) -> str:
        number = match[2]
        if sum(c.isdigit() for c in number) < (1 if match[1].strip() else 2):
            return match[0]
        return match[1] + number.translate(_SLIPS)

    plain = _SIX.sub("6", _COLON.sub(r"\1.\2", text))
    return _SLIPPED.sub(fixed, plain)


def amounts_in(text: str, exponent: int = 2, *, whole_is_money: bool = False) -> list[Amount]:
    """Return the numbers of a line from left to right; `whole_is_money` for currencies printed without decimals."""
    fixed = without_slips(text)
    plain = _ASIDE.sub(lambda match: "\x00" * len(match.group()), fixed)
    if spaced := _SPACED.match(plain):
        minor = int(spaced[1]) * 10**exponent + int(spaced[2]) * 10 ** max(0, exponent - 2)
        return [Amount(minor, spaced[0].strip(), Shape.SPACED, spaced.start(1), spaced.end(2), slipped=True)]
    found = []
    for match in _NUMBER.finditer(plain):
        amount = _amount(match, plain, exponent, whole_is_money=whole_is_money or exponent == 0)
        if amount is not None:
            changed = fixed[amount.start : amount.end] != text[amount.start : amount.end]
            found.append(amount if not changed else _marked(amount))
    return found


def _marked(amount: Amount) -> Amount:
    return Amount(amount.minor, amount.raw, amount.shape, amount.start, amount.end, amount.signed, slipped=True)


def _amount(match: re.Match[str], text: str, exponent: int, *, whole_is_money: bool) -> Amount | None:
    start, end = match.span()
    digits = match["digits"]
    if start and (text[match.start("digits") - 1].isalpha() and not match["sign"]) and "." not in digits:
        return None
    if not match["code"] and re.match(r"[A-Za-z]{2}|\d|[A-Za-z]\d", text[end:]) and "." not in digits[-3:]:
        return None
    value = _value(digits, exponent)
    if value is None or value[0] >= LARGEST:
        return None
    minor, decimals = value
    signed = bool(match["sign"] or match["code"])
    negative = bool(match["minus"] or (match["close"] and match["close"] != ")")) or (match["open"] or "").strip() in {
        "-",
        "−",
        "–",
    }
    negative = negative or ((match["open"] or "").strip() == "(" and match["close"] == ")" and decimals > 0)
    if _UNIT.match(text[end:]) or _MULTIPLIED.search(text[:start]) or decimals > max(2, exponent):
        shape = Shape.QUANTITY
    elif decimals or (signed and match["sign"] != "*") or (whole_is_money and len(digits) > 1):
        shape = Shape.MONEY
    else:
        shape = Shape.WHOLE
    return Amount(-minor if negative else minor, match[0].strip(), shape, start, end, signed)


def _value(digits: str, exponent: int) -> tuple[int, int] | None:
    """Return minor units and the number of printed decimals (rules AMT-1 to AMT-3)."""
    digits = re.sub(r"\s", "", digits)
    marks = [c for c in digits if not c.isdigit()]
    whole, decimals = digits, ""
    if marks:
        head, tail = digits[: digits.rindex(marks[-1])], digits[digits.rindex(marks[-1]) + 1 :]
        is_decimal = len(tail) != 3 or (len(marks) == 1 and (exponent == 3 or head in {"", "0"} or len(head) > 3))
        if len(set(marks)) == 2 or (is_decimal and len(marks) == 1):
            whole, decimals = head, tail
    whole = re.sub(r"\D", "", whole) or "0"
    if len(whole) + len(decimals) > 13:
        return None
    kept = decimals[:exponent].ljust(exponent, "0")
    return int(whole + kept) if whole + kept else 0, len(decimals)
