"""When an amount is the price of the membership, and how several become one decision (DD-4, DD-5)."""

from __future__ import annotations

import re

from handlers.coaching.decisions.frames import has_action, is_bare, is_committed, states
from handlers.coaching.decisions.lexicon import any_of, finder
from handlers.coaching.decisions.mentions import Price

PERIODS = ("month", "year", "week", "once")
_A_HEAD = re.compile(r"\bM\d+\s?/\s?(?:member|person|head|seat|user)\b")


def is_price_topic(text: str) -> bool:
    """Say whether the clause speaks of what the membership costs (DD-5)."""
    return bool(finder("pricing", "prices").search(text) or _A_HEAD.search(text))


def told_period(text: str, price: Price) -> str | None:
    """Return the period of an amount: its own, or one that stands before a price word ("monthly price: $29")."""
    if price.period:
        return price.period
    nouns = any_of("money", "context", "nouns")
    for period in ("once", "year", "week", "month"):
        words = any_of("money", "context", period)
        if re.search(rf"{words}(?:\s\w+)?\s{nouns}|(?:{nouns}\s(?:per\s|a\s)?{words})", text):
            return period
        if period == "once" and re.search(words, text):
            return period
    return None


def is_founders(text: str, token: str) -> bool:
    """Say whether the amount is the founders' price or a discount: an attribute, no price (DD-5)."""
    at = text.find(token)
    founders = any_of("pricing", "founders")
    before, after = text[:at], text[at + len(token) :]
    leading = re.search(rf"{founders}(?P<between>(?:\W+\w+){{0,5}}\W*)$", before)
    if leading and "M" not in leading["between"]:
        return True
    return bool(
        re.match(rf"(?:\W+(?:for|to|para|los|las|the|my|our|a|only|just|in)){{1,3}}\W+{founders}", after)
    ) or bool(re.match(r"\s(?:off|discount|cheaper|de descuento)\b", after))


def belongs_elsewhere(text: str, token: str) -> bool:
    """Say whether the amount is an income, an expense, a goal, or what a product costs (DD-3, DD-5)."""
    if finder("pricing", "others").search(text):
        return True
    at = text.find(token)
    if re.search(
        (
            r"P\d+\s(?:itself\s|also\s|only\s|plan\s|pro\s|business\s)?(?:is|costs?|charges|"
            r"takes|wants|would|starts|runs|was|has|cuesta|cobra|es|vale|plan|pro|pricing)"
            r"\b"
        ),
        text[:at],
    ) or re.search(r"\bP\d+\sis\s(?:\w+\s)*$", text[:at]):
        return True
    if re.match(
        (
            r"\W*(?:for|to|on(?!\sP)|a|per|para|de)\s(?:P\d+\b|(?:the|my|a|an|his|her|one|each|"
            r"every|private|some|new)\s(?!community|membership|member|month|person|group|"
            r"server|club|founders?|vip|basic|pro|premium|lot|start|beginning|whole|first|"
            r"main|base|top|year|one|access|regular|moment|sub\b|time|gold|silver|bronze|"
            r"entry|standard|starter|price|top|higher|lower)[a-z])"
        ),
        text[at + len(token) :],
    ):
        return True
    return bool(re.search(r"\b(?:pay|paying|paid|pays)\s(?:\w+\s){0,2}$", text[:at])) and bool(
        re.search(r"\b(?:i|we|i will|am|are)\s(?:\w+\s)?(?:pay|paying)\b", text)
    )


def decides_price(text: str, token: str, price: Price, *, is_confirmed: bool) -> bool:
    """Say whether the clause states the amount as the membership's price."""
    if price.minor == 0:
        return _decides_free(text, token)
    if belongs_elsewhere(text, token):
        return False
    before = text[: text.find(token)]
    if states(
        any_of("pricing", "statements"),
        before,
        r"(?:\s(?:just|only|exactly|now|still|a flat|set at|it|going to be|be|un|los|solo|a|flat))*\W*$",
    ):
        return True
    if has_action("pricing", text, token) or is_committed(text, token) or is_confirmed:
        return True
    if re.search(rf"\b(?:i|we)?\s?(?:will\s)?{any_of('pricing', 'present')}\s(?:\w+\s){{0,3}}$", before):
        return True
    return is_bare(text)


def _decides_free(text: str, token: str) -> bool:
    """Say whether "free" is said of the membership (DD-6)."""
    at = text.find(token)
    before, after = text[:at], text[at + len(token) :]
    if re.search(
        (
            r"P\d+\s(?:is|stays|server is|seems|has|would)\b|\bi\sam\s$|\b(?:time|game|"
            r"games|stream|streams|video|videos|trial|weekend|mod|mods|software|app|they are|"
            r"he|she)\b"
        ),
        text,
    ):
        return False
    if re.match(r"\W*(?:[-]|of\s|from\s|throw|range|roam|fall|hand|speech|agent|style|dom|ly\b)", after):
        return False
    said = re.search(
        (
            r"(?:make it|making it|keep it|keeping it|leave it|it is|it will be|it is going to be|"
            r"be|membership is|membership will be|access is|joining is|entry is|community is|"
            r"community will be|it stays|stays|remain|offer it|go|going|going with|price is|"
            r"price:?|price will be|launch it|run it|open it|let's do|let's go|doing it|"
            r"do it|settled on|decided on|it|todo|sera|es|gratis|hacerlo|dejarlo|hagamoslo|"
            r"dejemoslo|acceso)\s(?:\w+\s){0,2}$"
        ),
        before,
    )
    return bool(said) or bool(
        re.match(
            r"\W*(?:for (?:all|everyone|everybody|members|now)|to join|para todos|membership|access|community)\b", after
        )
        and is_bare(before)
    )


def canonical(prices: list[Price]) -> str:
    """Return the canonical text: tiers ascending, joined by " + "."""
    ordered = sorted({(p.minor, p.currency, p.period or "month") for p in prices})
    return " + ".join(f"{currency} {minor}/{period}" for minor, currency, period in ordered)
