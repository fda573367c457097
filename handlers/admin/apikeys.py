"""/apikey: the tokens by which a person's programs reach the API, listed by no secret, and taken away (API-1)."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import users
from storage.receipts import tokens

USAGE_LIST, USAGE_REVOKE = "/apikey list PERSON", "/apikey revoke PERSON NUMBER"


def register(registry: Registry) -> None:
    """Register both rows."""
    for name, risk, usage, act in (
        ("apikey list", Risk.PERSONAL, USAGE_LIST, listed),
        ("apikey revoke", Risk.REVERSIBLE, USAGE_REVOKE, revoke),
    ):
        registry.staff_command(StaffCommand(name, risk, "apikey.manage", usage, act, "apikey"))


def listed(turn: Turn, argument: str, member: Member) -> str:
    """List the tokens of a person that open something; their names are the person's own and are not told."""
    person_id = users.known(turn, argument.strip())
    turn.audit("apikey.view", f"person:{person_id}", actor=member.name)
    lines = [
        f"{one.number}: {one.prefix}..., {'writes' if one.writes else 'reads'} {', '.join(one.scopes)}"
        f", until {one.expires_at:%Y-%m-%d}"
        f", last used {f'{one.used_at:%Y-%m-%d}' if one.used_at else 'never'}"
        for one in tokens.of_person(turn.work, person_id)
    ]
    return "\n".join(lines) or "No tokens."


def revoke(turn: Turn, argument: str, member: Member) -> str:
    """Take a token away; its person makes another one if they may."""
    typed, _, number = argument.strip().partition(" ")
    person_id = users.known(turn, typed)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Refusal("admin.usage", usage=USAGE_REVOKE)
    if not tokens.drop(turn.work, person_id, int(number)):
        raise Refusal("admin.no_token")
    turn.audit("apikey.revoke", f"person:{person_id}", actor=member.name, number=int(number))
    return f"Token {number} of person {person_id} opens nothing any more."
