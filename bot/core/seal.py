"""Encryption of personal columns, and the keyed hashes by which they are looked up.

A sealed value is `key id (1 byte) | nonce (12) | AES-256-GCM ciphertext`. `SECRET_KEYS` lists 32-byte keys, newest
first: the first one seals, all of them open, so a key is rotated by putting a new one in front. Hashes must survive
rotation, so they are made with a key derived from the *last* one listed, which therefore is never dropped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import itertools
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.core.errors import Misconfigured, Permanent

_KEY_BYTES, _NONCE_BYTES = 32, 12


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Read `SECRET_KEYS`: URL-safe base64 keys of 32 bytes, separated by commas; raise Misconfigured otherwise."""
    try:
        keys = tuple(
            base64.urlsafe_b64decode(part.strip() + "=" * (-len(part.strip()) % 4)) for part in text.split(",")
        )
    except (binascii.Error, ValueError) as error:
        raise Misconfigured("SECRET_KEYS", "each key must be URL-safe base64") from error
    if not all(len(key) == _KEY_BYTES for key in keys):
        raise Misconfigured("SECRET_KEYS", "each key must be 32 bytes in URL-safe base64, separated by commas")
    if len({_key_id(key) for key in keys}) != len(keys):
        raise Misconfigured("SECRET_KEYS", "two keys share their one-byte id; make the new one again")
    return keys


def _key_id(key: bytes) -> int:
    return hashlib.sha256(b"parley key id" + key).digest()[0]


class Seal:
    """Seals and opens bytes, and makes keyed hashes."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise Misconfigured("SECRET_KEYS", "at least one key is needed")
        self._first = bytes([_key_id(keys[0])])
        self._sealer = AESGCM(keys[0])
        self._openers = {_key_id(key): AESGCM(key) for key in reversed(keys)}
        # Counted on from a random number of this process: none comes twice, whichever thread asks.
        self._nonces = itertools.count(int.from_bytes(os.urandom(_NONCE_BYTES)) >> 1)
        self._hash_key = hmac.digest(keys[-1], b"parley look-up hash", "sha256")

    def seal(self, plain: bytes) -> bytes:
        """Encrypt `plain` with the newest key."""
        nonce = next(self._nonces).to_bytes(_NONCE_BYTES)
        return self._first + nonce + self._sealer.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what `seal` returned; raise Permanent when no listed key fits."""
        opener = self._openers.get(sealed[0]) if sealed else None
        if opener is None:
            raise Permanent("sealed with a key that SECRET_KEYS does not list")
        try:
            return opener.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], None)
        except InvalidTag as error:
            raise Permanent("a sealed value was changed") from error

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the newest key sealed this value (rotation reseals the others)."""
        return sealed[:1] == self._first

    def digest(self, kind: str, text: str) -> bytes:
        """Return the 16-byte keyed hash of `text` among values of `kind`, for look-ups."""
        return hashlib.blake2b(f"{kind}\0{text}".encode(), digest_size=16, key=self._hash_key).digest()
