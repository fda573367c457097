"""Words of other services: a parking ticket is an appeal, parking that was paid is a purchase (NOT-3, VOC-2).

U> got a parking ticket for $76 in San Francisco
B> Parking citation in San Francisco ...
"""

from __future__ import annotations

import re

from bot.engine import navigation
from bot.engine.flow import Next, Stay
from bot.engine.turn import Turn
from handlers.receipts.flow.flow import receipt_flow
from handlers.receipts.typed import Expense
from handlers.receipts.typed.entry import Reading

BANK = re.compile(r"\b(?:card|acct|account|a/c|debited|credited|transaction|purchase|charged|withdrawal|alert)\b", re.I)
_STARTS = re.compile(r"^\W*(?:\d|[a-z]{0,3}\s?[$€£¥₹₩]|(?:i )?(?:spent|paid|bought|got charged)\b)", re.I)
_OTHERS = re.compile(
    r"\b(?:parking|speeding|traffic|my|a|the)\s+(?:ticket|citation|fine)s?\b|\b(?:appeal|citation|towed)\b", re.I
)
_TICKETS = re.compile(
    r"\b(?:movie|cinema|concert|bus|train|metro|tram|plane|flight|museum|theat(?:er|re)|lottery|zoo|ferry)\b", re.I
)
_THEIRS = frozenset({"ticket", "tickets", "citation", "fine", "appeal", "contest", "violation"})
_MONEY = re.compile(r"[$€£¥₹₩]|\d[.,]\d{2}\b")
_TOKENS = re.compile(r"[^\W_]+")


_SPENT = re.compile(r"^\W*(?:(?:i|we)\s+)?(?:just\s+)?(?:spent|paid|bought)\b", re.I)
_UNITS = re.compile(
    r"\d\s*(?:bucks?|dollars?|usd|euros?|eur|pounds?|quid|gbp|yen|jpy|rupees?|inr|pesos?|francs?|chf)\b", re.I
)


def says_it_was_spent(text: str) -> bool:
    """Tell whether words are a purchase on their face: money with its sign or name, or an amount that was spent."""
    return tells_money(text) or bool(_UNITS.search(text)) or bool(_SPENT.match(text) and re.search(r"\d", text))


def tells_money(text: str) -> bool:
    """Tell whether an amount is written as money is: with a sign, or to the cent."""
    return bool(_MONEY.search(text))


def service_of(turn: Turn, text: str, found: Reading | None = None) -> str | None:
    """Return the flow whose words are spoken, None for a purchase ("parking 18") and for words that no flow claims."""
    name = _claimed_by(turn, text)
    if name is None or BANK.search(text):
        return None
    if _OTHERS.search(text):
        return name
    spoken = set(_TOKENS.findall(text.casefold()))
    paid = isinstance(found, Expense) and (not spoken & _THEIRS or bool(_TICKETS.search(text)))
    return None if paid or _STARTS.match(text) else name


def belongs_elsewhere(turn: Turn, text: str) -> bool:
    """Tell whether another service's words are spoken in what is no purchase."""
    return service_of(turn, text) is not None


def _claimed_by(turn: Turn, text: str) -> str | None:
    spoken = set(_TOKENS.findall(text.casefold()))
    for flow in turn.registry.flows.values():
        if flow.name == receipt_flow.name:
            continue
        if spoken & set(flow.entry) or (flow.recognises is not None and flow.recognises(text)):
            return flow.name
    return None


def is_theirs(turn: Turn, text: str) -> bool:
    """Tell whether words are surely another service's, whatever amount they name ("my parking ticket is 76")."""
    return bool(_OTHERS.search(text)) and not BANK.search(text) and _claimed_by(turn, text) is not None


def handed_over(turn: Turn, text: str) -> Next | None:
    """Begin the service whose words are spoken at a draft that they do not answer; the draft waits below."""
    name = _claimed_by(turn, text)
    if name is None:
        return None
    turn.keep_draft()
    navigation.begin(turn, name, text)
    return Stay()
