"""A member's second factor: setting it up, backup codes, giving it up, an owner's reset (rules TF-4, TF-5, TF-7).

> /tfa setup
< (a picture to scan) Type the code that your app shows: /tfa setup CODE. Ten backup codes, shown this once: ...
> /tfa setup 492017
< Your second factor is set.

Until that code nothing of it counts. A finished enrolment kills the secret and the codes before it.
"""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.channels import DeleteTelegram, SendTelegram, SentTelegram
from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import members, telling
from handlers.admin.factor import step_of, wrong
from handlers.admin.members import is_private
from handlers.admin.roles import OWN, OWNER
from storage import backup_codes, blobs, operators

COUNT, LENGTH = 10, 10
ISSUER = "Parley"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SENT = "staff.picture_sent"


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    rows = (
        StaffCommand("tfa setup", Risk.REVERSIBLE, OWN, "/tfa setup, then /tfa setup CODE", setup, "factor"),
        StaffCommand("tfa status", Risk.COUNTERS, OWN, "/tfa status", status, "factor"),
        StaffCommand("tfa codes", Risk.GRAVE, OWN, "/tfa codes", fresh_codes, "factor", foresee=codes_ahead),
        StaffCommand("tfa disable", Risk.GRAVE, OWN, "/tfa disable", disable, "factor", foresee=disable_ahead),
        StaffCommand("tfa reset", Risk.GUARDED, "tfa.reset", "/tfa reset NAME", reset, "factor", foresee=reset_ahead),
    )
    for row in rows:
        registry.staff_command(row)
    registry.on(f"call:{SENT}")(_picture_sent)


def totp_uri(name: str, secret: str, *, issuer: str = ISSUER) -> str:
    """Return what an authenticator app reads."""
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?secret={secret}&issuer={quote(issuer)}"


def new_secret() -> str:
    """Return a TOTP secret of 160 bits."""
    import pyotp

    return pyotp.random_base32(32)


def new_codes(turn: Turn) -> list[str]:
    """Return ten backup codes of 50 bits each."""
    import secrets

    made = ["".join(secrets.choice(_ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    return [f"{one[:5]}-{one[5:]}" for one in made]


def picture(uri: str) -> bytes:
    """Return the QR code of an address as a picture (PNG)."""
    import segno

    held = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(held, kind="png", scale=8, border=4)
    return held.getvalue()


def _own(turn: Turn, member: Member) -> sa.Row[Any]:
    row = operators.by_id(turn.work, member.operator_id) if member.operator_id is not None else None
    if row is None:
        raise Refusal("admin.in_chat_only")
    return row


# -- setting up --------------------------------------------------------------------------------------------------------


def setup(turn: Turn, argument: str, member: Member) -> str:
    """Show a new secret, or take the first code of it."""
    row, code = _own(turn, member), argument.strip()
    if code:
        turn.hide(code)
        telling.take_back(turn)
        return finish(turn, row, code)
    if not is_private(turn) or turn.address is None:
        raise Refusal("admin.in_private_only")
    secret, codes = new_secret(), new_codes(turn)
    operators.change(turn.work, row.id, pending=turn.work.seal.seal(secret.encode()), picture=None)
    backup_codes.keep(turn.work, row.id, codes, state="pending")
    _show(turn, row, secret)
    for hidden in (secret, *codes):
        turn.hide(hidden)
    turn.audit("tfa.begun", f"operator:{row.name}", actor=member.name, outcome="ok")
    return turn.text("admin.tfa_shown", secret=secret, codes="\n".join(codes))


def _show(turn: Turn, row: sa.Row[Any], secret: str) -> None:
    """Send the picture by a call, whose answer tells which message to delete later."""
    blob = turn.work.new_id()
    blobs.keep(
        turn.work, blob_id=blob, data=picture(totp_uri(row.name, secret)), media_type="image/png",
        person_id=turn.person_id, delete_after=turn.now + timedelta(hours=1),
    )  # fmt: skip
    chat = int(turn.event.payload["chat_id"])
    turn.call(
        SendTelegram(chat, "", photo=blob, filename="authenticator.png"),
        then=SENT, context={"operator": row.id, "chat": chat}, limit=timedelta(minutes=5),
    )  # fmt: skip


def _picture_sent(turn: Turn) -> None:
    """Remember which message shows the secret; one that comes after the first code goes at once."""
    outcome, context = outcome_of(turn), turn.event.payload["context"]
    row = operators.by_id(turn.work, int(context["operator"]))
    if not isinstance(outcome, Done) or not isinstance(outcome.result, SentTelegram) or row is None:
        return
    if row.pending is None:
        turn.call(DeleteTelegram(int(context["chat"]), outcome.result.message_id), limit=telling.LIFE)
    else:
        operators.change(turn.work, row.id, picture=outcome.result.message_id)


def finish(turn: Turn, row: sa.Row[Any], code: str) -> str:
    """Let a new factor count from its first right code on; a wrong one counts as any wrong code."""
    if row.held:
        raise Refusal("admin.code_held")
    if row.locked_until is not None and turn.now < row.locked_until:
        raise Refusal("admin.code_locked")
    if row.pending is None:
        raise Refusal("admin.factor_first" if row.state == "joined" else "admin.tfa_not_begun")
    secret = turn.work.seal.open(row.pending).decode()
    step = step_of(secret, code, turn.now) if code.isascii() and code.isdigit() else None
    if step is None:
        return turn.text(f"admin.code_{wrong(turn, row).value}")
    state = "active" if row.state == "joined" else row.state
    fresh: dict[str, Any] = {"secret": row.pending, "pending": None, "picture": None, "last_step": step, "state": state}
    operators.change(turn.work, row.id, **fresh, failures=0, locks=0, locked_until=None)
    backup_codes.confirm(turn.work, row.id)
    members.unlock(turn, row)
    if row.picture is not None and turn.event.payload.get("chat_id"):
        turn.call(DeleteTelegram(int(turn.event.payload["chat_id"]), int(row.picture)), limit=telling.LIFE)
    turn.audit("tfa.set", f"operator:{row.name}", actor=f"operator:{row.name}", outcome="ok")
    return turn.text("admin.tfa_set")


# -- afterwards --------------------------------------------------------------------------------------------------------


def status(turn: Turn, argument: str, member: Member) -> str:
    """Tell how the own factor stands; the number of codes is the true one."""
    row = _own(turn, member)
    left = backup_codes.left(turn.work, row.id)
    begun = ", an enrolment waits for its first code" if row.pending is not None else ""
    return (
        f"Your second factor: {'on' if row.state in operators.IN_FORCE else 'not set up'}{begun}. Backup codes: {left}."
    )


def codes_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell what new backup codes do to the old ones."""
    left = backup_codes.left(turn.work, _own(turn, member).id)
    return Effect(f"TEN NEW BACKUP CODES for {member.name}; the {left} old ones die.", "tfa codes", f"codes:{left}")


def fresh_codes(turn: Turn, argument: str, member: Member) -> str:
    """Show ten new backup codes, this once."""
    codes = new_codes(turn)
    backup_codes.keep(turn.work, _own(turn, member).id, codes, state="live")
    for code in codes:
        turn.hide(code)
    return turn.text("admin.tfa_codes", codes="\n".join(codes))


def disable_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell what giving up the factor means; the last owner keeps theirs."""
    row = _own(turn, member)
    guard_last_owner(turn, row)
    says = f"SECOND FACTOR OFF for {member.name}: you can do nothing here until you set up another by /tfa setup."
    return Effect(says, "tfa disable", f"{row.state}:{row.last_step > 0}")


def disable(turn: Turn, argument: str, member: Member) -> str:
    """Give up the own factor."""
    row = _own(turn, member)
    guard_last_owner(turn, row)
    take_away(turn, row)
    return turn.text("admin.tfa_off")


def reset_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell whose factor would be reset."""
    row = _other(turn, argument, member)
    says = f"SECOND FACTOR of {row.name} ({row.role}) is taken away; they set up a new one by /tfa setup."
    return Effect(says, f"tfa reset {row.name}", f"{row.id}:{row.state}")


def reset(turn: Turn, argument: str, member: Member) -> str:
    """Take somebody else's factor away (rule TF-7)."""
    row = _other(turn, argument, member)
    telling.tell_member(turn.work, row.id, turn.text("admin.tfa_was_reset", by=member.name))
    take_away(turn, row)
    turn.audit("tfa.reset", f"operator:{row.name}", actor=member.name, outcome="ok")
    return f"{row.name} has no second factor now."


def _other(turn: Turn, argument: str, member: Member) -> sa.Row[Any]:
    row = operators.by_name(turn.work, argument.strip().lower())
    if row is None or row.state not in operators.KNOWN:
        raise Refusal("admin.no_member")
    if row.id == member.operator_id:
        raise Refusal("admin.not_oneself")
    guard_last_owner(turn, row)
    return row


def take_away(turn: Turn, row: sa.Row[Any]) -> None:
    """Take a factor away with all its codes; what remains of the member is who they are."""
    gone: dict[str, Any] = {"state": "joined", "pending": None, "picture": None, "secret": _unknown(turn)}
    operators.change(turn.work, row.id, **gone, unlocked_at=None, session_until=None)
    backup_codes.forget(turn.work, row.id)


def _unknown(turn: Turn) -> bytes:
    """Return a sealed secret that nobody knows."""
    return turn.work.seal.seal(new_secret().encode())


def guard_last_owner(turn: Turn, row: sa.Row[Any]) -> None:
    """Raise Refusal when nobody would be left who guards the roles (section 11)."""
    owns = row.role == OWNER and row.state in operators.IN_FORCE
    if owns and not operators.another_owns(turn.work, row.id):
        raise Refusal("admin.last_owner")
