"""The currency and country of a print: signs first, then words and addresses, then the person's default (CHK-3)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers.receipts.reading.results import Context
from handlers.receipts.reading.rows import Row

_DATA = Path(__file__).parents[1] / "data"
_DOLLAR = re.compile(r"(?<![A-Za-z])\$\s?[\d.]|(?<=T\d)\$\s?\d")
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "CLP", "COP", "ARS"})
_SIGN_WEIGHT = 4


@dataclass(frozen=True, slots=True)
class Money:
    """The currency with its evidence; `sure` is false when two fit; `country` is null when nothing tells it."""

    currency: str
    country: str | None
    evidence: str
    confidence: float
    sure: bool


@dataclass(frozen=True, slots=True)
class _Tables:
    of_country: Mapping[str, str]
    signs: Mapping[str, re.Pattern[str]]
    cues: Sequence[tuple[str, int, re.Pattern[str]]]


@cache
def _tables() -> _Tables:
    table = tomllib.loads((_DATA / "currency_cues.toml").read_text("utf-8"))
    places = tomllib.loads((_DATA / "places.toml").read_text("utf-8"))["cities"]
    cues = [
        (cue["country"], cue["weight"], re.compile(_with_escapes(cue["pattern"]), re.I | re.M)) for cue in table["cues"]
    ]
    cues += [
        (country, 1, re.compile(r"\b(?:" + "|".join(map(re.escape, cities)) + r")\b", re.I))
        for country, cities in places.items()
    ]
    return _Tables(table["of_country"], {code: re.compile(sign) for code, sign in table["signs"].items()}, cues)


def _with_escapes(pattern: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), pattern)


def currency_of(rows: Sequence[Row], context: Context) -> Money:
    """Return the likeliest currency and country of a print."""
    text = "\n".join(row.text for row in rows)
    countries = _countries(text)
    country = _leader(countries)
    signs = Counter({code: len(sign.findall(text)) for code, sign in _tables().signs.items()})
    signs = +signs
    if signs:
        code = _settled(signs, country)
        sure = len(signs) == 1 or signs[code] > sum(signs.values()) / 2
        return Money(code, country or _country_of(code), f"sign {code}", 0.97 if sure else 0.7, sure)
    dollar = bool(_DOLLAR.search(text))
    if country:
        code = _tables().of_country.get(country, context.currency)
        if not dollar or code in _DOLLARS:
            return Money(code, country, f"country {country}", 0.93 if countries[country] >= 3 else 0.75, sure=True)
        if countries[country] >= 3:
            return Money(code, country, f"country {country}", 0.8, sure=True)
    if dollar:
        code = context.currency if context.currency in _DOLLARS else "USD"
        return Money(code, context.country if code == context.currency else None, "$", 0.8, sure=True)
    return Money(context.currency, context.country, "default", 0.5, sure=True)


def _countries(text: str) -> Counter[str]:
    votes: Counter[str] = Counter()
    for country, weight, pattern in _tables().cues:
        votes[country] += weight * min(2, len(set(pattern.findall(text))))
    return +votes


def _leader(votes: Counter[str]) -> str | None:
    if not votes:
        return None
    (best, most), *others = votes.most_common(2)
    return best if not others or most > others[0][1] else None


def _settled(signs: Counter[str], country: str | None) -> str:
    if country and (code := _tables().of_country.get(country)) in signs and code:
        return code
    return signs.most_common(1)[0][0]


def _country_of(code: str) -> str | None:
    found = [country for country, currency in _tables().of_country.items() if currency == code]
    return found[0] if len(found) == 1 else None


def currency_of_country(country: str) -> str | None:
    """Return the currency of an ISO 3166 country, None for one that is not in the table."""
    return _tables().of_country.get(country)
