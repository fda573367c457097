"""The second factor: time-based codes (RFC 6238, SHA-1, 30 s, 6 digits, one step either side), each accepted once.

Five failures lock for 15 minutes, doubling each time; ten in a day lock until somebody unlocks on the host. Locks are
rows, so a restart changes nothing, and a right code during a lock is refused too (rules TF-2, TF-3).
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import pyotp
import sqlalchemy as sa

from bot.engine.turn import Turn
from storage import operators

STEP_SECONDS = 30
TRIES, DAY_TRIES = 5, 10
LOCK = timedelta(minutes=15)
_DAY_US = 86_400_000_000


class Verdict(Enum):
    """What became of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    REPLAYED = "replayed"
    LOCKED = "locked"
    HELD = "held"


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, None when it is none of the three that count now."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.generate_otp(max(step, 0)), code):
            return step
    return None


def check(turn: Turn, row: sa.Row[Any], code: str) -> Verdict:
    """Judge a code of an operator and write down what that means."""
    work = turn.work
    if row.held:
        return Verdict.HELD
    if row.locked_until is not None and turn.now < row.locked_until:
        return Verdict.LOCKED
    step = step_of(operators.secret_of(work, row), code, turn.now) if code.isascii() and code.isdigit() else None
    if step is None:
        return _failed(turn, row)
    if not operators.use_step(work, row.id, step):
        turn.audit("login.replayed", f"operator:{row.name}", actor=f"operator:{row.name}")
        turn.alert("code_replayed", key=f"code_replayed:{row.id}:{step}", operator=row.name)
        return Verdict.REPLAYED
    operators.change(work, row.id, failures=0, locks=0, locked_until=None)
    return Verdict.RIGHT


def _failed(turn: Turn, row: sa.Row[Any]) -> Verdict:
    day = turn.work.now_us // _DAY_US
    failures = row.failures + 1
    today = row.day_failures + 1 if row.day == day else 1
    values: dict[str, Any] = {"failures": failures, "day": day, "day_failures": today}
    verdict = Verdict.WRONG
    if today >= DAY_TRIES:
        values |= {"held": True, "session_until": None}
        verdict = Verdict.HELD
    elif failures >= TRIES:
        values |= {"failures": 0, "locks": row.locks + 1, "locked_until": turn.now + LOCK * 2**row.locks}
        verdict = Verdict.LOCKED
    operators.change(turn.work, row.id, **values)
    turn.audit("login.failed", f"operator:{row.name}", actor=f"person:{turn.person_id}", today=today)
    if verdict is not Verdict.WRONG:
        turn.alert(
            "operator_locked",
            key=f"operator_locked:{row.id}:{day}:{today}",
            operator=row.name,
            until="unlocked on the host" if verdict is Verdict.HELD else f"{values['locked_until']:%H:%M} UTC",
        )
    return verdict
