"""What never enters the audit: codes, secrets, cards, words of persons; and numbers and mail addresses, masked (AU-3).

A masked number or address carries a short keyed hash, so that whoever knows it can search for it, and nobody else can
learn it. Most details are ids and words of ours: they are looked at once, by one expression, and pass as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.core.masking import is_card

if TYPE_CHECKING:
    from bot.core.seal import Seal
    from storage.work import Work

REDACTED = "[redacted]"
SECRETS = frozenset(
    {"code", "codes", "otp", "pin", "secret", "token", "password", "card", "cvc", "api_key", "authorization"}
)
WORDS = frozenset({"text", "body", "letter", "statement", "words", "note", "reply", "transcript", "fields"})
"""Details of these names hold a person's words when they are text."""

_SUSPECT = re.compile(
    r"@|\+\d|(?<!\d)1?\D?\d{3}\D{0,2}\d{3}\D?\d{4}(?!\d)|(?<![\w:])[2-6](?:\d{12,18}(?!\d)|\d{3}[ -]\d{4})"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(
    r"\+\d[\d ().-]{6,16}\d(?!\d)|(?<!\d)(?:1[ .-]?)?\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}(?!\d)"
)
_CARD = re.compile(r"(?<![\w:])[2-6]\d(?:[ -]?\d){11,17}(?!\w)")
_TAG_BYTES, _LONGEST_NUMBER = 6, 15


def redacted(details: dict[str, Any], work: Work) -> dict[str, Any]:
    """Return details as they may be kept."""
    return {name: _value(name, value, work.seal) for name, value in details.items()}


def _value(name: str, value: Any, seal: Seal) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name in SECRETS:
        return REDACTED
    if isinstance(value, str):
        return REDACTED if name in WORDS and value else redacted_text(value, seal)
    if isinstance(value, dict):
        return {str(key): _value(str(key), one, seal) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_value(name, one, seal) for one in value]
    return value


def redacted_text(text: str, seal: Seal) -> str:
    """Return a text without cards, and with telephone numbers and mail addresses masked."""
    if text.isidentifier() or _is_id(text) or _SUSPECT.search(text) is None:
        return text
    text = _CARD.sub(lambda found: REDACTED if is_card(found[0]) else found[0], text)
    text = _EMAIL.sub(lambda found: _masked_email(found[0], seal), text)
    return _NUMBER.sub(lambda found: _masked_number(found[0], seal), text)


def _is_id(text: str) -> bool:
    """Tell whether a text is a word and a row id of ours, which is longer than a telephone number."""
    word, _, number = text.partition(":")
    return len(number) > _LONGEST_NUMBER and number.isdigit() and word.isidentifier()


def tag(text: str, seal: Seal) -> str:
    """Return the mark by which a number or a mail address is found, however it was typed."""
    plain = text.casefold() if "@" in text else _digits(text)
    return f"#{seal.digest('audit', plain)[:_TAG_BYTES].hex()}"


def tagged(text: str, seal: Seal) -> str | None:
    """Return the mark of a text that is a number or a mail address, None for any other."""
    whole = text.strip()
    return tag(whole, seal) if _EMAIL.fullmatch(whole) or _NUMBER.fullmatch(whole) else None


def _digits(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"1{digits}" if len(digits) == 10 and not number.startswith("+") else digits


def _masked_number(number: str, seal: Seal) -> str:
    digits = _digits(number)
    return f"+{digits[:1]} *** *** {digits[-4:]} {tag(number, seal)}"


def _masked_email(address: str, seal: Seal) -> str:
    name, _, domain = address.partition("@")
    return f"{name[0]}***@{domain[0]}***.{domain.rpartition('.')[2]} {tag(address, seal)}"
