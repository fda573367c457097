"""A fresh code, asked of whoever acts; at the host's terminal that of any operator will do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.errors import Refusal
from bot.engine.turn import Turn
from handlers.admin.factor import Verdict, check, is_backup, step_of
from handlers.admin.members import Actor
from storage import backup_codes, operators

FEW = 3
"""With so many backup codes left their owner is warned (rule TF-5)."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What became of a code, and which factor it was (`totp`, `backup`)."""

    verdict: Verdict
    factor: str

    @property
    def is_right(self) -> bool:
        """Tell whether the code counts."""
        return self.verdict is Verdict.RIGHT


def prove(turn: Turn, actor: Actor, code: str) -> Proven:
    """Judge a code, and spend it."""
    factor = "backup" if is_backup(code) else "totp"
    if actor.row is None:
        return Proven(_any_operator(turn, code), factor)
    row = operators.by_id(turn.work, actor.row.id) or actor.row
    verdict = check(turn, row, code)
    if verdict is Verdict.RIGHT and factor == "backup":
        warn(turn, row.id)
    return Proven(verdict, factor)


def warn(turn: Turn, operator_id: int) -> None:
    """Say how many backup codes are left when they are few."""
    left = backup_codes.left(turn.work, operator_id)
    if left <= FEW:
        turn.say("admin.codes_left", left=left)


def need(turn: Turn, actor: Actor, code: str) -> str:
    """Ask for a right code and return its factor; raise Refusal otherwise."""
    proven = prove(turn, actor, code)
    if not proven.is_right:
        raise Refusal(f"admin.code_{proven.verdict.value}")
    return proven.factor


def _any_operator(turn: Turn, code: str) -> Verdict:
    turn.hide(code)
    for row in operators.in_force(turn.work):
        step = step_of(operators.secret_of(turn.work, row), code, turn.now) if code.isdigit() else None
        if step is not None and operators.use_step(turn.work, row.id, step):
            return Verdict.RIGHT
    return Verdict.WRONG
