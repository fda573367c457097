"""What staff give one person beside their plan, and take back: /grant and /revoke (RS-7).

> /grant 188017 receipts.read 50 14 two days of trouble with photos
< Given to 188017 until 2026-12-05: 50 receipts.read. Number 991204.
> /revoke 188017 991204
< Taken back.

A quota is given as goodwill, used up before anything else; a switch is unlocked, a limit raised. `off` denies. The
whole of the highest plan (`all pro`) is for emergencies, three days at most and as grave as money; so is whatever lasts
longer than thirty days. How much goodwill a role gives a person in a month stands in roles.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.billing import overriding
from handlers.billing.catalogue import Catalogue
from storage import whom
from storage.billing import goodwill, overrides
from storage.billing.grants import Grant
from storage.billing.overrides import EVERY, Override

USAGE = "/grant PERSON FEATURE AMOUNT|unlimited|on|off DAYS REASON, or /grant PERSON all pro DAYS REASON"
USAGE_REVOKE = "/revoke PERSON NUMBER, as /quota show numbers it"
ALL, UNLIMITED = "all", "unlimited"
DENIES = "person.suspend"
"""Who may take something from a person is who may suspend them."""
LIMITS = {
    "appeals.letters": "goodwill_letters",
    "receipts.read": "goodwill_receipts",
    "coaching.messages": "goodwill_coach_messages",
}
"""Which limit of a role counts a quota; a role with such limits gives no other quota."""
DAYS = "override_days"
_ASKED = re.compile(
    r"(\d{1,19}|[TA]-\w{4,9})\s+(\S{1,40})\s+(\S{1,20})\s+(\d{1,4})\s+(\S.*)", re.DOTALL | re.IGNORECASE
)
_TICKET = re.compile(r"\bT-\d{4,9}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A grant as it was typed, and judged."""

    person_id: int
    kind: str
    made: Override
    reason: str
    is_grave: bool
    is_quota: bool

    @property
    def said(self) -> str:
        """What is given, in words for staff."""
        amount = {"unlock": "on", "deny": "off", "plan": "pro"}.get(self.made.operation)
        what = ALL if self.made.feature == EVERY else self.made.feature
        return f"{amount or (UNLIMITED if self.made.unlimited else self.made.amount)} {what}"


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Register both rows."""
    give_row = StaffCommand(
        "grant", Risk.REVERSIBLE, "grant.give", USAGE, partial(give, catalogue=catalogue), "grant",
        foresee=partial(foresee, catalogue=catalogue), is_grave=partial(is_grave, catalogue=catalogue),
    )  # fmt: skip
    registry.staff_command(give_row)
    registry.staff_command(StaffCommand("revoke", Risk.REVERSIBLE, "grant.revoke", USAGE_REVOKE, take_back, "grant"))


def known_person(turn: Turn, typed: str) -> int:
    """Return the id of a person who is there, also by their ticket or case; raise Refusal for anything else."""
    found = whom.meant(turn.work, typed)
    if found is None:
        raise Refusal("billing.give.no_person")
    return found


# -- what is wished ----------------------------------------------------------------------------------------------------


def read(turn: Turn, argument: str, member: Member, catalogue: Catalogue) -> Wish:
    """Return what was asked for; raise Refusal for what may not be given, or not by this member."""
    found = _ASKED.fullmatch(argument.strip())
    if found is None:
        raise Refusal("billing.give.usage", usage=USAGE)
    person_id, days = known_person(turn, found[1]), int(found[4])
    if person_id == member.person_id:
        raise Refusal("billing.give.oneself")
    kind, made = _made(turn, catalogue, (found[2].lower(), found[3].lower()), days)
    had = overrides.had(turn.work, person_id, kind)
    reason = " ".join(found[5].split())
    verdict = overriding.judge(catalogue, kind, made, reason=reason, had_extension=had)
    if verdict.refused:
        raise Refusal(f"billing.give.{verdict.refused}", usage=USAGE)
    feature = catalogue.features.get(made.feature)
    is_quota = feature is not None and feature.kind == "quota" and kind == "quota_increase"
    wish = Wish(person_id, kind, made, reason, verdict.staff_class > Risk.REVERSIBLE, is_quota)
    _check_role(turn, wish, member, days)
    return wish


def _made(turn: Turn, catalogue: Catalogue, typed: tuple[str, str], days: int) -> tuple[str, Override]:
    """Return the kind of override that was meant; what fits nothing is refused when it is judged."""
    name, amount = typed
    ends = turn.now + timedelta(days=days)
    common = (turn.work.new_id(), EVERY if name == ALL else name)
    match amount:
        case "off":
            return "deny", Override(*common, "deny", turn.now, ends)
        case "pro" if name == ALL:
            return "emergency_access", Override(*common, "plan", turn.now, ends)
        case "on":
            return "feature_unlock", Override(*common, "unlock", turn.now, ends)
        case _:
            count = int(amount) if amount.isascii() and amount.isdigit() else None
            unlimited = amount == UNLIMITED
            return "quota_increase", Override(*common, "add", turn.now, ends, count or None, unlimited)


def _check_role(turn: Turn, wish: Wish, member: Member, days: int) -> None:
    """Refuse what the role of a member may not give (section 11)."""
    most_days = member.limit(DAYS)
    if most_days is not None and days > most_days:
        raise Refusal("billing.give.too_long", days=most_days)
    if wish.kind == "deny" and not member.may(DENIES):
        raise Refusal("billing.give.not_yours")
    if not wish.is_quota or not any(name in member.limits for name in LIMITS.values()):
        return
    most = member.limit(LIMITS.get(wish.made.feature, "")) or 0
    left = most - goodwill.month(turn.work, wish.person_id, wish.made.feature).amount
    if wish.made.unlimited or (wish.made.amount or 0) > left:
        raise Refusal("billing.give.too_much", left=max(left, 0), what=wish.made.feature)


# -- giving ------------------------------------------------------------------------------------------------------------


def is_grave(turn: Turn, argument: str, member: Member, *, catalogue: Catalogue) -> bool:
    """Tell whether a grant asks for a dry run and a code: more than thirty days, or everything (RS-7)."""
    return read(turn, argument, member, catalogue).is_grave


def foresee(turn: Turn, argument: str, member: Member, *, catalogue: Catalogue) -> Effect:
    """Say who would get what, and until when."""
    wish = read(turn, argument, member, catalogue)
    standing = len(overrides.standing(turn.work, wish.person_id))
    month = goodwill.month(turn.work, wish.person_id, wish.made.feature)
    says = f"GIVE {wish.said} TO {wish.person_id} UNTIL {wish.made.expires_at:%Y-%m-%d}"
    return Effect(says, f"grant {wish.person_id}", f"{wish.said}:{standing}:{month.count}")


def give(turn: Turn, argument: str, member: Member, *, catalogue: Catalogue) -> str:
    """Give it, with its audit entry."""
    wish = read(turn, argument, member, catalogue)
    number = _goodwill(turn, wish, member) if wish.is_quota else _override(turn, wish, member)
    return f"Given to {wish.person_id} until {wish.made.expires_at:%Y-%m-%d}: {wish.said}. Number {number}."


def _override(turn: Turn, wish: Wish, member: Member) -> int:
    ticket = _TICKET.search(wish.reason)
    overrides.give(
        turn.work, wish.person_id, wish.made, kind=wish.kind, reason=wish.reason, actor=member.name,
        ticket=ticket[0].upper() if ticket else None,
    )  # fmt: skip
    return wish.made.id


def _goodwill(turn: Turn, wish: Wish, member: Member) -> int:
    feature, ends = wish.made.feature, wish.made.expires_at
    number = goodwill.month(turn.work, wish.person_id, feature).count + 1
    ref = goodwill.reference(turn.now, feature, number)
    made = Grant(feature, goodwill.SOURCE, ref, "", turn.now, ends, wish.made.amount, wish.made.unlimited)
    if not goodwill.give(turn.work, wish.person_id, made, reason=wish.reason, actor=member.name):
        raise Refusal("billing.give.again")
    return goodwill.number_of(turn.work, wish.person_id, ref)


def take_back(turn: Turn, argument: str, member: Member) -> str:
    """Take back what staff gave; what was used of it stays used."""
    words = argument.split()
    if len(words) != 2 or not (words[1].isascii() and words[1].isdigit() and len(words[1]) < 20):
        raise Refusal("billing.give.usage", usage=USAGE_REVOKE)
    person_id, number = known_person(turn, words[0]), int(words[1])
    done = overrides.revoke(turn.work, person_id, number, actor=member.name) or goodwill.revoke(
        turn.work, person_id, number, actor=member.name, operation_id=f"staff:{turn.inbox_id}"
    )
    if not done:
        raise Refusal("billing.give.not_there")
    return f"Taken back from {person_id}: {number}."
