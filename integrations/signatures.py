"""The signatures at the webhook doors, checked over the raw bytes as they arrived.

Each check is a pure function that answers True or False for any bytes and any headers whatever: it never raises, it
compares in constant time, and an unset secret refuses everything (rules HOOK-1, HOOK-2, HOOK-7). They are written by
hand because they stand on the path of every message; the vendors' own helpers are the oracles in the tests.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

MAX_AGE_SECONDS = 300
_MILLISECONDS_FROM = 100_000_000_000
"""Read as seconds this would be the year 5138: a larger timestamp counts milliseconds."""

_HEX = "0123456789abcdefABCDEF"
_PERCENT = {(a + b).encode(): bytes([int(a + b, 16)]) for a in _HEX for b in _HEX}
"""What stands for which byte in an encoded form (`2B` is `+`)."""

_TWILIO_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """Split a form body into its fields, in order, blank values and unknown names included (rule HOOK-4).

    Bytes that are no UTF-8 become replacement characters; nothing is refused.
    """
    text = body.decode("utf-8", "replace")
    pairs = [pair.partition("=") for pair in text.split("&") if pair]
    if "%" not in text and "+" not in text:
        return [(name, value) for name, _, value in pairs]
    return [(_decode(name), _decode(value)) for name, _, value in pairs]


def _decode(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    first, *rest = text.encode().split(b"%")
    decoded = [first]
    for part in rest:
        byte = _PERCENT.get(part[:2])
        decoded.append(b"%" + part if byte is None else byte + part[2:])
    return b"".join(decoded).decode("utf-8", "replace")


def verify_telegram(headers: Mapping[str, str], secret: str) -> bool:
    """Tell whether Telegram's secret token header equals our secret; the body is not covered by it."""
    return bool(secret) and _same(_header(headers, "X-Telegram-Bot-Api-Secret-Token"), secret)


def verify_stripe(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> bool:
    """Tell whether one of the `v1` signatures fits `t.body` and `t` is within 300 s of `now` (Unix seconds)."""
    parts = [part.strip().partition("=") for part in _header(headers, "Stripe-Signature").split(",")]
    moment = next((value for name, _, value in parts if name == "t"), "")
    if not secret.strip() or not _is_number(moment) or abs(now - int(moment)) > MAX_AGE_SECONDS:
        return False
    expected = hmac.digest(_bytes(secret), f"{int(moment)}.".encode() + body, "sha256").hex()
    return _any_same((value for name, _, value in parts if name == "v1"), expected)


def verify_lob(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> bool:
    """Tell whether Lob's signature fits `timestamp.body` and is within 300 s of `now` (Unix seconds).

    The timestamp may count seconds or milliseconds; its size decides (FUL-11).
    """
    moment = _header(headers, "Lob-Signature-Timestamp")
    if not secret or not _is_number(moment):
        return False
    seconds = int(moment) / 1000 if int(moment) >= _MILLISECONDS_FROM else int(moment)
    if abs(now - seconds) > MAX_AGE_SECONDS:
        return False
    expected = hmac.digest(_bytes(secret), moment.encode() + b"." + body, "sha256").hex()
    return _same(_header(headers, "Lob-Signature"), expected)


def verify_razorpay(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Tell whether Razorpay's signature fits the body; it knows no time, so its event id must stop a replay."""
    if not secret.strip():
        return False
    expected = hmac.digest(_bytes(secret), body, "sha256").hex()
    return _same(_header(headers, "X-Razorpay-Signature"), expected)


def verify_mail(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> bool:
    """Tell whether the receiving mail server signed this mail: hex HMAC-SHA256 of `timestamp.recipients.body`.

    The recipients of the envelope are covered too, or a mail could be turned to another person.
    """
    moment, recipients = _header(headers, "Mail-Timestamp"), _header(headers, "Mail-Recipients")
    if not secret.strip() or not _is_number(moment) or abs(now - int(moment)) > MAX_AGE_SECONDS:
        return False
    return _same(_header(headers, "Mail-Signature"), mail_signature(body, recipients, secret, int(moment)))


def mail_signature(body: bytes, recipients: str, secret: str, moment: int) -> str:
    """Return the signature that `verify_mail` takes, for whoever hands mails to our door."""
    return hmac.digest(_bytes(secret), _bytes(f"{moment}.{recipients}.") + body, "sha256").hex()


def verify_twilio(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    url: str,
    fields: list[tuple[str, str]] | None = None,
) -> bool:
    """Tell whether Twilio signed this request to `url`, our public URL with path and query.

    `fields` are the parsed form when the caller has it already. A `bodySHA256` in the query means that the URL alone is
    signed and the hash covers the raw body. The `X-Twilio-Webhooks-Signature-Settings` header may name HMAC_SHA256.
    """
    given = _header(headers, "X-Twilio-Signature")
    hash_name = _TWILIO_HASHES.get(_twilio_algorithm(_header(headers, "X-Twilio-Webhooks-Signature-Settings")))
    if not secret or not given or hash_name is None:
        return False
    if "bodySHA256=" in url:
        tail = ""
        if not _same(_query_value(url, "bodySHA256"), sha256(body).hexdigest()):
            return False
    else:
        tail = "".join([name + value for name, value in sorted(set(parse_form(body) if fields is None else fields))])
    key = _bytes(secret)
    return any(
        _same(given, base64.b64encode(hmac.digest(key, _bytes(form + tail), hash_name)).decode())
        for form in _url_forms(url)
    )


def _url_forms(url: str) -> Iterable[str]:
    """Yield the URL as given, then with and without its port: Twilio signs either."""
    yield url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    host = parts.netloc.rpartition("@")[2]
    if port is None:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"))
    else:
        yield urlunsplit(parts._replace(netloc=host.rpartition(":")[0]))


def _query_value(url: str, name: str) -> str:
    query = url.partition("?")[2].partition("#")[0]
    return next((value for key, value in parse_form(_bytes(query)) if key == name), "")


def _twilio_algorithm(settings: str) -> str:
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if value is None and isinstance(headers, dict):
        lower = name.lower()
        value = next((v for k, v in headers.items() if k.lower() == lower), None)
    return value or ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def _any_same(given: Iterable[str], expected: str) -> bool:
    found = False
    for one in given:
        found |= _same(one, expected)
    return found
