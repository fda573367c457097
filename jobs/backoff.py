"""When a failed call is tried again: full jitter, base 1 s, cap 5 min, the vendor's own wish up to 15 min (rule VEN-4).

Letters follow the schedule of rule FUL-8 instead. A vendor that is down for hours costs no call: it is given up, as
refused with the code `gave_up`, only when its tries are used up and its patience is too (rule FAKE-5).
"""

from __future__ import annotations

import random
from datetime import timedelta

from bot.core.calls.lob import MailLetter

BASE, CAP, WISH_CAP = timedelta(seconds=1), timedelta(minutes=5), timedelta(minutes=15)
LEAST = timedelta(milliseconds=50)
TRIES = 12
PATIENCE = timedelta(hours=6)
_LETTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480))


def next_try(
    call: type, attempts: int, wish: timedelta | None, rng: random.Random, *, waited: timedelta
) -> timedelta | None:
    """Return how long to wait after `attempts` tries since `waited` ago, or None to give up."""
    if call is MailLetter:
        if attempts > len(_LETTER):
            return None
        return max(_LETTER[attempts - 1], min(wish or timedelta(), WISH_CAP))
    if attempts >= TRIES and waited >= PATIENCE:
        return None
    ceiling: timedelta = min(CAP, BASE * 2 ** min(max(0, attempts - 1), 10))
    jittered = max(ceiling * rng.random(), LEAST)
    return jittered if wish is None else max(min(wish, WISH_CAP), LEAST)
