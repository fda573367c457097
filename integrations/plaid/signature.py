"""The signature of Plaid's webhooks: a JSON Web Token, ES256, that covers the body's hash (rules HOOK-1, HOOK-2).

Written by hand as the other doors' checks are: pure, never raises, compares in constant time. The algorithm is ours to
demand, not the token's to choose; PyJWT is the oracle in the tests.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bot.core.calls.plaid import BankKey

MAX_AGE_SECONDS = 300
_LONGEST, _HALF = 4096, 32


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine signature says: the body's hash, and when it was made (Unix seconds)."""

    body_sha256: str
    issued_at: int


def key_id_of(header: str) -> str | None:
    """Return which key a token says it is signed with, None unless it is a token of our algorithm."""
    head = _object(header.split(".")[0]) if len(header) <= _LONGEST and header.count(".") == 2 else None
    key_id = head.get("kid") if head is not None and head.get("alg") == "ES256" else None
    return key_id if isinstance(key_id, str) and 0 < len(key_id) <= 100 else None


def verify_plaid(body: bytes, header: str, key: BankKey | None, now: float) -> Claims | None:
    """Return the claims when this key signed this body within 300 seconds of `now`, else None."""
    if key is None or key.has_ended or key.algorithm != "ES256" or key_id_of(header) != key.key_id:
        return None
    signed, _, signature = header.rpartition(".")
    claims = _object(signed.partition(".")[2]) if _is_signed(signed, signature, key) else None
    if claims is None:
        return None
    digest, issued = claims.get("request_body_sha256"), claims.get("iat")
    if not isinstance(digest, str) or not isinstance(issued, int) or isinstance(issued, bool):
        return None
    fresh = abs(now - issued) <= MAX_AGE_SECONDS
    same = hmac.compare_digest(digest.encode("utf-8", "replace"), sha256(body).hexdigest().encode())
    return Claims(digest, issued) if fresh and same else None


def _is_signed(signed: str, signature: str, key: BankKey) -> bool:
    raw = _decoded(signature)
    x, y = _decoded(key.x), _decoded(key.y)
    if raw is None or len(raw) != 2 * _HALF or x is None or y is None:
        return False
    try:
        public = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
        numbers = encode_dss_signature(int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:]))
        public.verify(numbers, signed.encode("utf-8", "replace"), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _object(part: str) -> Mapping[str, Any] | None:
    raw = _decoded(part)
    try:
        value = None if raw is None else orjson.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _decoded(part: str) -> bytes | None:
    """Return the bytes of base64url in its one canonical spelling; anything else could say the same twice."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == part else None
