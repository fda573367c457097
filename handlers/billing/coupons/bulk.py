"""Many codes at once: drawn, stored, and handed over as a file in the private chat (CP-9)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

from bot.engine.turn import Turn
from handlers.billing.coupons.described import given
from handlers.billing.coupons.typed import drawn, folded
from storage import blobs
from storage.billing.coupons import codes, figures
from storage.billing.coupons.codes import Coupon, Terms

KEPT = timedelta(days=7)
"""How long the file is kept with us."""
_ROUNDS = 5


def make(turn: Turn, prefix: str, size: int, terms: Terms, *, creator: str) -> int:
    """Store a batch of so many codes and return its id; a code that was drawn before is drawn anew."""
    work = turn.work
    batch_id = codes.add_batch(work, prefix, terms, size=size, creator=creator)
    for _ in range(_ROUNDS):
        missing = size - figures.issued(work, codes.in_batch(batch_id))
        if missing == 0:
            return batch_id
        fresh = {folded(code): code for code in (drawn(prefix, work.ids.digits) for _ in range(missing))}
        pairs = [(code, found) for found, code in fresh.items()]
        codes.add_generated(work, batch_id, pairs, terms, creator=creator)
    raise RuntimeError(f"the codes of {prefix} are used up")


def show(turn: Turn, batch_id: int, prefix: str) -> None:
    """Add the codes of a batch to the reply, as a file."""
    data = table(codes.codes_of(turn.work, batch_id))
    blob_id = turn.work.ids.next()
    blobs.keep(
        turn.work, blob_id=blob_id, data=data, media_type="text/csv; charset=utf-8", person_id=turn.person_id,
        delete_after=turn.now + KEPT,
    )  # fmt: skip
    turn.show(blob_id, f"coupons-{prefix or 'codes'}.csv", size=len(data))


def table(found: Sequence[Coupon]) -> bytes:
    """Return codes as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "gives", "starts", "ends", "uses"])
    for one in found:
        terms = one.terms
        ends = f"{terms.ends_at:%Y-%m-%d}" if terms.ends_at else ""
        writer.writerow([one.code, given(terms), f"{terms.starts_at:%Y-%m-%d}", ends, terms.max_uses or ""])
    return out.getvalue().encode()
