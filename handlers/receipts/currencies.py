"""ISO 4217 for receipts: how many decimals a currency has, its signs, and amounts as text in both directions.

Amounts are integers in the currency's smallest unit (`exponent("JPY") == 0`, `exponent("KWD") == 3`). What
`format_amount` writes, `handlers.receipts.typed.read_expense` reads back as the same amount.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "currencies.toml"
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
MAX_DIGITS = 18
LARGEST_USUAL = 1_000_000
SMALL_UNIT_FACTOR = 1_000


@dataclass(frozen=True, slots=True)
class SharedSign:
    """Signs and words that several currencies use, such as `$` and "pesos"."""

    name: str
    signs: tuple[str, ...]
    words: tuple[str, ...]
    codes: frozenset[str]
    otherwise: str | None

    def settle(self, default: str) -> str | None:
        """Return the currency meant by a person whose own currency is `default`; None asks."""
        return default if default in self.codes else self.otherwise


@dataclass(frozen=True, slots=True)
class CurrencyTable:
    """All currencies: exponents by code, code by sign and word (words in lower case), shared signs, signs to show."""

    exponents: Mapping[str, int]
    signs: Mapping[str, str]
    words: Mapping[str, str]
    shared: tuple[SharedSign, ...]
    shown: Mapping[str, str]
    small_unit: frozenset[str]


@cache
def currency_table() -> CurrencyTable:
    """Return the table, read once."""
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return CurrencyTable(
        exponents={code: int(digits) for digits, codes in raw["exponents"].items() for code in codes.split()},
        signs={sign: code for code, signs in raw["signs"].items() for sign in signs},
        words={word: code for code, words in raw["words"].items() for word in words},
        shared=tuple(
            SharedSign(
                name=entry["name"],
                signs=tuple(entry["signs"]),
                words=tuple(entry["words"]),
                codes=frozenset(entry["of"].split()),
                otherwise=entry.get("otherwise"),
            )
            for entry in raw["shared"]
        ),
        shown=raw["shown"],
        small_unit=frozenset(raw["small_unit"]["codes"].split()),
    )


def is_currency(code: str) -> bool:
    """Say whether `code` is an active ISO 4217 code, in capitals."""
    return code in currency_table().exponents


def exponent(code: str) -> int:
    """Return the number of decimals of a currency; raise ValueError for an unknown code."""
    try:
        return currency_table().exponents[code]
    except KeyError:
        raise ValueError(f"not an ISO 4217 code: {code[:10]!r}") from None


def largest_usual(code: str) -> int:
    """Return the amount, in minor units, above which a person is asked whether it is right (AMT-10)."""
    units = LARGEST_USUAL * (SMALL_UNIT_FACTOR if code in currency_table().small_unit else 1)
    return int(units * 10 ** exponent(code))


def to_minor(decimal_text: str, code: str) -> int:
    """Return a plain decimal ("1234.5", dot as the mark, no groups) in minor units, rounded half up.

    Raises ValueError for other text, for more than 18 digits before the mark, and for an unknown code.
    """
    digits = exponent(code)
    if not _DECIMAL.fullmatch(decimal_text) or len(decimal_text.split(".")[0].lstrip("+-0")) > MAX_DIGITS:
        raise ValueError(f"not an amount: {decimal_text[:40]!r}")
    scaled = Decimal(decimal_text[: 2 * MAX_DIGITS]).scaleb(digits)
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_amount(amount_minor: int, code: str, *, grouped: bool = True) -> str:
    """Write an amount as people read it: `$1,234.50`, `-€3.00`, `¥2,400`, `3.250 KWD`."""
    digits = exponent(code)
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**digits)
    number = f"{whole:,}" if grouped else str(whole)
    if digits:
        number += f".{part:0{digits}d}"
    shown = currency_table().shown.get(code)
    return f"{sign}{shown}{number}" if shown else f"{sign}{number} {code}"


def decimal_text(amount_minor: int, code: str) -> str:
    """Write an amount as a plain decimal for files: "-12.50", "2400", "3.250"."""
    digits = exponent(code)
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"
