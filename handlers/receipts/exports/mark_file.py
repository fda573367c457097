"""An `ExportMark` as bytes, to be kept sealed between two exports."""

from __future__ import annotations

import msgspec

from handlers.receipts.exports.selection import ExportMark


class _Kept(msgspec.Struct):
    sent: dict[str, bytes]
    opened: list[str]


def mark_bytes(mark: ExportMark) -> bytes:
    """Write a mark."""
    sent = {key: bytes.fromhex(value) for key, value in mark.fingerprints.items()}
    return msgspec.msgpack.encode(_Kept(sent, sorted(mark.opened)))


def mark_from(content: bytes) -> ExportMark:
    """Read what `mark_bytes` wrote."""
    kept = msgspec.msgpack.decode(content, type=_Kept)
    return ExportMark({key: value.hex() for key, value in kept.sent.items()}, frozenset(kept.opened))


def without(content: bytes, ids: list[str]) -> bytes:
    """Return a mark that has not sent these, so that they come again."""
    kept = msgspec.msgpack.decode(content, type=_Kept)
    return msgspec.msgpack.encode(_Kept({key: v for key, v in kept.sent.items() if key not in ids}, kept.opened))
