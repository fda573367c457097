"""The second factor: time-based codes (RFC 6238, SHA-1, 30 s, 6 digits, one step either side), each accepted once.

A backup code stands in for one, once (rule TF-5). Five failures lock for 15 minutes, doubling each time; ten in a day
lock until somebody unlocks on the host. Locks are rows, so a restart changes nothing, and a right code during a lock is
refused too (rules TF-2, TF-3).
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import pyotp
import sqlalchemy as sa

from bot.engine.turn import Turn
from storage import backup_codes, operators

STEP_SECONDS = 30
TRIES, DAY_TRIES = 5, 10
LOCK = timedelta(minutes=15)
_DAY_US = 86_400_000_000
_BACKUP = re.compile(r"[A-Z2-7]{5}-[A-Z2-7]{5}")
CODE = r"\d{6}|[A-Za-z2-7]{5}-[A-Za-z2-7]{5}"
"""What a code looks like in a message: six digits, or a backup code."""


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
    """Judge a code of an operator and write down what that means; it is kept nowhere."""
    turn.hide(code)
    work = turn.work
    if row.held:
        return Verdict.HELD
    if row.locked_until is not None and turn.now < row.locked_until:
        return Verdict.LOCKED
    if is_backup(code):
        if not backup_codes.use(work, row.id, code.upper()):
            return wrong(turn, row)
        turn.audit("login.backup_code", f"operator:{row.name}", actor=f"operator:{row.name}")
    else:
        step = step_of(operators.secret_of(work, row), code, turn.now) if code.isascii() and code.isdigit() else None
        if step is None:
            return wrong(turn, row)
        if not operators.use_step(work, row.id, step):
            return _replayed(turn, row, step)
    operators.change(work, row.id, failures=0, locks=0, locked_until=None)
    return Verdict.RIGHT


def is_backup(code: str) -> bool:
    """Tell whether this has the form of a backup code."""
    return _BACKUP.fullmatch(code.upper()) is not None


def _replayed(turn: Turn, row: sa.Row[Any], step: int) -> Verdict:
    turn.audit("login.replayed", f"operator:{row.name}", actor=f"operator:{row.name}", outcome="denied")
    turn.alert("code_replayed", key=f"code_replayed:{row.id}:{step}", operator=row.name)
    return Verdict.REPLAYED


def wrong(turn: Turn, row: sa.Row[Any]) -> Verdict:
    """Count a wrong code; a row that changed meanwhile is read anew, so that two tries in one turn are two."""
    row = operators.by_id(turn.work, row.id) or row
    day = turn.work.now_us // _DAY_US
    failures = row.failures + 1
    today = row.day_failures + 1 if row.day == day else 1
    values: dict[str, Any] = {"failures": failures, "day": day, "day_failures": today}
    verdict = Verdict.WRONG
    if today >= DAY_TRIES:
        values |= {"held": True, "session_until": None, "unlocked_at": None}
        verdict = Verdict.HELD
    elif failures >= TRIES:
        values |= {"failures": 0, "locks": row.locks + 1, "locked_until": turn.now + LOCK * 2**row.locks}
        verdict = Verdict.LOCKED
    operators.change(turn.work, row.id, **values)
    turn.audit("login.failed", f"operator:{row.name}", actor=f"person:{turn.person_id}", today=today, outcome="denied")
    if verdict is not Verdict.WRONG:
        turn.alert(
            "operator_locked",
            key=f"operator_locked:{row.id}:{day}:{today}",
            operator=row.name,
            until="unlocked on the host" if verdict is Verdict.HELD else f"{values['locked_until']:%H:%M} UTC",
        )
    return verdict
