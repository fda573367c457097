"""What a text is instead of an expense: codes, declined payments, bills to come, news, adverts (NOT-1, NOT-2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from handlers.receipts.typed.lexicon import alternatives, data, listed

_SPENT_AT = re.compile(r"(?:[$€£¥₹]|(?<![^\W_])(?:rs\.?|rm|r\$|[a-z]{3}))\s?\d[\d.,]*\s(?:at|@|bei|chez)\s[^\W_]")
_CARD = re.compile(r"(?<!\w)(?:card|acct|account|a/c)\s?(?:no\.?\s?)?[x*#(-]{0,4}\d{4}(?!\d)")
"""A card or account by its last digits: a bank's word of a purchase, no advert."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str
    signs: re.Pattern[str]
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    unless_card: bool
    unless_spending: bool
    least: int
    requires: re.Pattern[str]

    def fits(self, text: str, *, is_spending: bool) -> bool:
        seen = bool(self.signs.search(text)) + sum(bool(pattern.search(text)) for pattern in self.patterns)
        if seen < self.least:
            return False
        if not self.requires.search(text):
            return False
        if (self.unless_spending and is_spending) or (self.unless_card and _CARD.search(text)):
            return False
        if self.unless and self.unless.search(text):
            return False
        return not self.needs or bool(self.needs.search(text))


@cache
def _refusals() -> tuple[_Refusal, ...]:
    return tuple(_compiled(kind) for kind in data("refusals")["kinds"])


def _compiled(kind: dict[str, Any]) -> _Refusal:
    def matcher(key: str) -> re.Pattern[str] | None:
        return re.compile(alternatives(listed(kind[key]))) if key in kind else None

    return _Refusal(
        reason=kind["reason"],
        signs=matcher("any") or re.compile(r"(?!)"),
        patterns=tuple(re.compile(pattern) for pattern in kind.get("patterns", ())),
        unless=matcher("unless"),
        needs=matcher("needs"),
        unless_card=kind.get("unless_card", False),
        unless_spending=kind.get("unless_spending", False),
        least=kind.get("least", 1),
        requires=re.compile(kind.get("requires", "")),
    )


@cache
def _spending() -> re.Pattern[str]:
    return re.compile(alternatives(listed(data("refusals")["spending"])))


def is_spending(flat: str) -> bool:
    """Say whether a folded text tells of money that went out."""
    return bool(_spending().search(flat) or _SPENT_AT.search(flat))


def refusal(flat: str) -> str | None:
    """Return why a folded text is no expense, or None."""
    spending = is_spending(flat)
    return next((kind.reason for kind in _refusals() if kind.fits(flat, is_spending=spending)), None)
