"""What Twilio does with STOP, START and HELP before the backend can, by the account's set-up.

`default`: a plain number: Twilio blocks, answers by itself, and shows nothing in the webhook. `advanced`: a Messaging
Service: the same with the operator's texts, and `OptOutType` in the webhook. `self`: switched off; we do it all.
Twilio knows single words only (chat.md 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

_STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
_START = {"START", "UNSTOP", "YES"}
_TOLL_FREE_START = {"START", "UNSTOP"}
_HELP = {"HELP", "INFO"}
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")


class Mode(StrEnum):
    """Who answers keywords."""

    DEFAULT = "default"
    ADVANCED = "advanced"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Words:
    """The operator's texts of advanced opt-out; the default ones are Twilio's own."""

    stop: str = (
        "You have successfully been unsubscribed. You will not receive any more messages from this number. "
        "Reply START to resubscribe."
    )
    start: str = (
        "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
        "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    )
    help: str = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    removed: frozenset[str] = field(default_factory=frozenset)
    """Words that the operator took from the console's list (YES, CANCEL; never STOP, START, HELP)."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that Twilio acted on: STOP, START or HELP, and Twilio's answer."""

    kind: str
    answer: str


def recognise(body: str, *, number: str, opted_out: bool, words: Words) -> Keyword | None:
    """Return what a message means to Twilio, or None."""
    word = body.strip().upper()
    starts = _TOLL_FREE_START if is_toll_free(number) else _START
    if word in words.removed and word not in ("STOP", "START", "HELP"):
        return None
    if word in _STOP:
        return Keyword("STOP", "" if opted_out else words.stop)
    if word in starts and opted_out:
        return Keyword("START", words.start)
    if word in _HELP and not opted_out:
        return Keyword("HELP", words.help)
    return None


def is_toll_free(number: str) -> bool:
    """Tell whether a sender is a North American toll-free number."""
    return number.startswith("+1") and number[2:5] in _TOLL_FREE
