"""What staff do with codes: /coupon new, show, list, off, bulk, assign, stats (CP-1, CP-9, CP-10)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue
from handlers.billing.coupons import bulk, creating, described
from handlers.billing.coupons.limits import limits
from handlers.billing.coupons.typed import DRAWN, MOST, folded, is_code, normalised
from storage import people
from storage.billing.coupons import codes, figures
from storage.billing.coupons.codes import Coupon, Terms

LISTED, BEST = 20, 10
YEAR = timedelta(days=365)
_BATCH = re.compile(r"batch (\d{1,19})")
_BULK = re.compile(r"([A-Za-z0-9]*) +(\d{1,6}) +(.+)", re.DOTALL)


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Register the rows."""
    desk = Desk(catalogue)
    rows = (
        StaffCommand("coupon new", Risk.REVERSIBLE, "coupon.create",
            "/coupon new CODE 20% ends=2027-01-31 uses=100", desk.new, "coupon"),
        StaffCommand("coupon show", Risk.COUNTERS, "coupon.view", "/coupon show CODE or batch ID", show, "coupon"),
        StaffCommand("coupon list", Risk.COUNTERS, "coupon.view", "/coupon list", listed, "coupon"),
        StaffCommand("coupon off", Risk.REVERSIBLE, "coupon.disable",
            "/coupon off CODE, PREFIX* or batch ID", off, "coupon"),
        StaffCommand("coupon bulk", Risk.GRAVE, "coupon.bulk",
            "/coupon bulk PREFIX 100 20% days=30", desk.many, "coupon", foresee=desk.foresee),
        StaffCommand("coupon assign", Risk.REVERSIBLE, "coupon.create",
            "/coupon assign CODE or batch ID, PERSON ...", assign, "coupon"),
        StaffCommand("coupon stats", Risk.COUNTERS, "coupon.view",
            "/coupon stats, or CODE, or batch ID", stats, "coupon"),
    )  # fmt: skip
    for row in rows:
        registry.staff_command(row)


def _refuse(why: str) -> Refusal:
    return Refusal("billing.coupon.staff", why=why)


# -- making ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Order:
    """A batch as asked for."""

    prefix: str
    size: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Desk:
    """Who makes codes: their scopes are words of the catalogue."""

    catalogue: Catalogue

    def new(self, turn: Turn, argument: str, by: Member) -> str:
        """Make one named code."""
        typed, _, words = argument.strip().partition(" ")
        code = normalised(typed)
        if not is_code(code):
            raise _refuse("a code has 4 to 24 letters A-Z and digits")
        terms = self._terms(turn, words, by)
        if codes.find(turn.work, code, folded(code)) is not None:
            raise _refuse(f"{code} is taken")
        if codes.add(turn.work, code, terms, creator=by.name) is None:
            raise _refuse(f"{code} is taken")
        return f"{code} is made: {described.stated(terms)}."

    def many(self, turn: Turn, argument: str, by: Member) -> str:
        """Make a batch and hand its codes over as a file."""
        order = self._order(turn, argument, by)
        batch_id = bulk.make(turn, order.prefix, order.size, order.terms, creator=by.name)
        bulk.show(turn, batch_id, order.prefix)
        return f"Batch {batch_id}: {order.size} codes, {described.stated(order.terms)}."

    def foresee(self, turn: Turn, argument: str, by: Member) -> Effect:
        """Tell how many codes would be made, and what each gives."""
        order = self._order(turn, argument, by)
        says = f"MAKE {order.size} codes {order.prefix}{'?' * DRAWN}: {described.stated(order.terms)}."
        typed = " ".join(word for word in ("coupon bulk", order.prefix, str(order.size)) if word)
        return Effect(says, typed, hashlib.sha256(f"{by.role} {argument}".encode()).hexdigest()[:16])

    def _terms(self, turn: Turn, words: str, by: Member) -> Terms:
        try:
            terms = creating.read(words, turn.now)
        except creating.Unclear as unclear:
            raise _refuse(str(unclear)) from unclear
        return self._judged(terms, by)

    def _judged(self, terms: Terms, by: Member) -> Terms:
        why = creating.judge(terms, limits().of(by.role), self.catalogue)
        if why:
            raise _refuse(why)
        return terms

    def _order(self, turn: Turn, argument: str, by: Member) -> _Order:
        found = _BULK.fullmatch(argument.strip())
        if found is None:
            raise _refuse("name a prefix, how many, and what each gives: SPRING 100 20% days=30")
        prefix, size, most = normalised(found[1]), int(found[2]), limits().of(by.role).most_codes
        if len(prefix) > MOST - DRAWN:
            raise _refuse(f"a prefix has at most {MOST - DRAWN} letters and digits")
        if not 1 <= size <= most:
            raise _refuse(f"your role makes 1 to {most} codes at once")
        try:
            terms = creating.read(found[3], turn.now)
        except creating.Unclear as unclear:
            raise _refuse(str(unclear)) from unclear
        once = terms if terms.max_uses is not None else replace(terms, max_uses=1)
        return _Order(prefix, size, self._judged(once, by))


# -- looking and changing ----------------------------------------------------------------------------------------------


def _found(turn: Turn, typed: str) -> Coupon:
    code = normalised(typed)
    found = codes.find(turn.work, code, folded(code))
    if found is None:
        raise _refuse(f"no code {code or '?'}")
    return found


def _batch(turn: Turn, argument: str) -> tuple[sa.Row[object], str] | None:
    """Return the batch that an argument begins with, and what follows."""
    found = _BATCH.match(argument.strip().lower())
    if found is None:
        return None
    row = codes.load_batch(turn.work, int(found[1]))
    if row is None:
        raise _refuse(f"no batch {found[1]}")
    return row, argument.strip()[found.end() :].strip(" ,")


def show(turn: Turn, argument: str, by: Member) -> str:
    """Show a code, or a batch with its codes as a file."""
    named = _batch(turn, argument)
    if named is None:
        return described.line(_found(turn, argument))
    row = named[0]
    bulk.show(turn, row.id, row.prefix)
    return f"Batch {row.id} {row.prefix} of {row.at:%Y-%m-%d} by {row.creator}: {row.size} codes."


def listed(turn: Turn, argument: str, by: Member) -> str:
    """List the codes and batches made last."""
    lines = [described.line(one) for one in codes.newest(turn.work, LISTED)]
    lines += [f"batch {row.id} {row.prefix}: {row.size} codes" for row in codes.batches(turn.work, LISTED)]
    return "\n".join(lines) or "No codes."


def off(turn: Turn, argument: str, by: Member) -> str:
    """Switch codes off: one, those of a prefix, those of a batch; what is reserved may still be paid."""
    named = _batch(turn, argument)
    if named is not None:
        done = codes.switch_off(turn.work, codes.in_batch(named[0].id))
    elif argument.strip().endswith("*"):
        prefix = normalised(argument.strip().rstrip("*"))
        if len(prefix) < 3 or not prefix.isalnum() or not prefix.isascii():
            raise _refuse("a prefix has at least 3 letters and digits")
        done = codes.switch_off(turn.work, codes.beginning(prefix))
    else:
        done = codes.switch_off(turn.work, codes.coded(_found(turn, argument).code))
    return f"Off: {done} {'code' if done == 1 else 'codes'}."


def assign(turn: Turn, argument: str, by: Member) -> str:
    """Give a code to one person, or codes of a batch to a list of persons."""
    named = _batch(turn, argument)
    if named is not None:
        free = [one for one in codes.codes_of(turn.work, named[0].id) if one.assigned_to is None]
        return _assigned(turn, free, named[1])
    typed, _, rest = argument.strip().partition(" ")
    return _assigned(turn, [_found(turn, typed)], rest)


def _assigned(turn: Turn, free: list[Coupon], words: str) -> str:
    persons = [_person(turn, word) for word in re.split(r"[\s,]+", words.strip()) if word]
    if not persons or len(persons) > len(free):
        raise _refuse(f"{len(free)} free codes for {len(persons)} persons")
    lines = []
    for person_id, one in zip(persons, free, strict=False):
        if not codes.assign(turn.work, one.id, person_id):
            raise _refuse(f"{one.code} is off or somebody's")
        lines.append(f"{person_id}: {one.code}")
    return "\n".join(lines)


def _person(turn: Turn, word: str) -> int:
    known = people.person.c.id
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 20 else 0
    if turn.row(sa.select(known).where(known == number)) is None:
        raise _refuse(f"no person {word}")
    return number


def stats(turn: Turn, argument: str, by: Member) -> str:
    """Tell what codes brought: all of the last year with the best ten, one code, or one batch."""
    if not argument.strip():
        since = turn.now - YEAR
        told = described.figures(figures.lately(turn.work, since), None)
        top = described.best(figures.best(turn.work, since, BEST))
        return f"{told}\n{top}".strip()
    named = _batch(turn, argument)
    if named is not None:
        mine = codes.in_batch(named[0].id)
        return described.figures(figures.of(turn.work, mine), figures.issued(turn.work, mine))
    return described.figures(figures.of(turn.work, codes.coded(_found(turn, argument).code)), None)
