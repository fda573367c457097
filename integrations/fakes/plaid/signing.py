"""The fake's own signing key, kept in its book, and the tokens that sign its webhooks."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from integrations.fakes.kit import Hook

if TYPE_CHECKING:
    from integrations.fakes.plaid.server import PlaidFake


def base64url(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """Signs with the newest key; a rotated one stays known, as ended."""

    def __init__(self, fake: PlaidFake) -> None:
        self._fake, self._shelf = fake, fake.book.shelf("key")

    @property
    def newest(self) -> dict[str, Any]:
        """The key that signs now, made at its first use."""
        if not len(self._shelf):
            self.rotate()
        return list(self._shelf)[-1]

    def rotate(self) -> None:
        """Make a new key; the others have ended."""
        for key in self._shelf:
            self._shelf.patch(key["kid"], {"expired_at": int(self._fake.clock.now().timestamp())})
        kid = f"{self._fake.make_hex('', 8)}-{self._fake.make_hex('', 4)}-4fak-8fak-{self._fake.make_hex('', 12)}"
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        made = int(self._fake.clock.now().timestamp())
        self._shelf.put(kid, {"kid": kid, "number": hex(number), "created_at": made, "expired_at": None})

    def public(self, key_id: str) -> dict[str, Any] | None:
        """Return a key as the API shows it."""
        key = self._shelf.get(key_id)
        if key is None:
            return None
        point = _private(key).public_key().public_numbers()
        return {
            "alg": "ES256", "crv": "P-256", "kty": "EC", "use": "sig", "kid": key_id,
            "x": base64url(point.x.to_bytes(32)), "y": base64url(point.y.to_bytes(32)),
            "created_at": key["created_at"], "expired_at": key["expired_at"],
        }  # fmt: skip

    def headers(self, hook: Hook, now: datetime) -> Mapping[str, str]:
        """Return the header that signs a webhook at the moment it leaves."""
        return {"Plaid-Verification": self.token(hook.body.encode(), now)}

    def token(self, body: bytes, now: datetime, *, key: dict[str, Any] | None = None) -> str:
        """Return the token that signs a body."""
        key = key or self.newest
        head = {"alg": "ES256", "kid": key["kid"], "typ": "JWT"}
        claims = {"iat": int(now.timestamp()), "request_body_sha256": sha256(body).hexdigest()}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        r, s = decode_dss_signature(_private(key).sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


def _private(key: dict[str, Any]) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(key["number"], 16), ec.SECP256R1())
