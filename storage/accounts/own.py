"""What a merge does with the rows that cannot simply move, and what it is refused for (ID-6)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import storage.tables  # noqa: F401 - every table takes part
from storage import conversation as conversations
from storage.accounts.joining import Joining
from storage.appeals.cases import OVER, case
from storage.billing.coupons.uses import use
from storage.billing.grants import grant
from storage.billing.orders import order
from storage.billing.purchases import OPEN, purchase
from storage.coaching.messages import message
from storage.coaching.projects import pause, project
from storage.people import usage
from storage.receipts import joining as books
from storage.receipts.receipts import CODE_LENGTH, receipt
from storage.receipts.tokens import token
from storage.schema import micros, word
from storage.work import Work

UNPAID = ("intake", "review", "ready", "abandoned")
"""Stages of a case in which no money has moved and no pay link is open."""


def before(joining: Joining) -> None:
    """Do what has a rule of its own, before the rows move."""
    books.before(joining)
    for act in (_usage, _tokens, _uses, _codes, _orders, _purchases, _grants, _projects, _cases):
        act(joining)


def after(work: Work, person_id: int) -> None:
    """Make again what is derived."""
    books.after(work, person_id)


def _usage(joining: Joining) -> None:
    """Add up what was counted on both sides."""
    other = usage.alias("other")
    same = (other.c.person_id == joining.survivor, other.c.kind == usage.c.kind, other.c.period == usage.c.period)
    both = joining.work.rows(sa.select(usage).where(joining.theirs(usage), sa.exists().where(*same)))
    for row in both:
        mine = (usage.c.person_id == joining.survivor, usage.c.kind == row.kind, usage.c.period == row.period)
        joining.work.claim(usage.update().where(*mine).values(used=usage.c.used + row.used))
    joining.give_way(usage, both)


def _tokens(joining: Joining) -> None:
    """Count the absorbed person's tokens of the HTTP API on from the survivor's; the tokens themselves stay good."""
    most = sa.select(sa.func.coalesce(sa.func.max(token.c.number), 0)).where(token.c.person_id == joining.survivor)
    first = joining.work.rows(most)[0][0]
    rows = joining.work.rows(sa.select(token).where(joining.theirs(token)).order_by(token.c.number.desc()))
    for row in rows if first else ():
        joining.change(token, row, {"number": row.number + first})


def _uses(joining: Joining) -> None:
    """Count the absorbed person's uses of a coupon on from the survivor's (CP-7)."""
    mine = use.alias("mine")
    for row in joining.work.rows(sa.select(use).where(joining.theirs(use), use.c.ordinal.is_not(None))):
        most = sa.select(sa.func.max(mine.c.ordinal)).where(
            mine.c.person_id == joining.survivor, mine.c.coupon_id == row.coupon_id
        )
        if first := joining.work.rows(most)[0][0]:
            joining.change(use, row, {"ordinal": first + row.ordinal})


def _codes(joining: Joining) -> None:
    """Give a receipt whose code the survivor has too another one."""
    other = receipt.alias("other")
    same = sa.exists().where(other.c.person_id == joining.survivor, other.c.code == receipt.c.code)
    for row in joining.work.rows(sa.select(receipt).where(joining.theirs(receipt), same)):
        joining.change(receipt, row, {"code": joining.work.ids.code(CODE_LENGTH + 1)})


def _orders(joining: Joining) -> None:
    """Give an order that meets one of the survivor's another reference, with what it gave: both stay, paid or open."""
    work, other = joining.work, order.alias("other")
    met = (other.c.person_id == joining.survivor, other.c.purpose == order.c.purpose)
    same = sa.exists().where(*met, other.c.reference == order.c.reference)
    for row in work.rows(sa.select(order).where(joining.theirs(order), same)):
        anew = f"{row.reference}+{joining.absorbed}"
        joining.change(order, row, {"reference": anew})
        mine = (joining.theirs(grant), grant.c.source == row.purpose, grant.c.source_ref == row.reference)
        for gave in work.rows(sa.select(grant).where(*mine)):
            joining.change(grant, gave, {"source_ref": anew})


def _purchases(joining: Joining) -> None:
    """Of two open purchases of a plan let one be replaced; what is paid for it all the same counts (STR-15)."""
    waits = purchase.c.state.in_([word(one) for one in OPEN])
    both = joining.work.rows(
        sa.select(purchase).where(purchase.c.person_id.in_((joining.survivor, joining.absorbed)), waits)
    )
    if len(both) > 1:
        rests = min(both, key=lambda row: (row.state == "processing", row.person_id == joining.survivor))
        joining.change(purchase, rests, {"state": "replaced"})


def _grants(joining: Joining) -> None:
    """Close the absorbed person's plan grant of a period in which the survivor has one: no double quota (A07).

    What was bought or given counts beside the survivor's under a name of its own.
    """
    work, other = joining.work, grant.alias("other")
    keys = ("feature", "source", "source_ref", "period_key")
    same = sa.exists().where(other.c.person_id == joining.survivor, *(other.c[one] == grant.c[one] for one in keys))
    for row in work.rows(sa.select(grant).where(joining.theirs(grant), same)):
        if row.source != "plan":
            joining.change(grant, row, {"source_ref": f"{row.source_ref}+{joining.absorbed}"})
            continue
        ends = {"expires_at": work.now} if row.effective_at < work.now < row.expires_at else {}
        joining.change(grant, row, {"period_key": f"{row.period_key} merged {joining.absorbed}", **ends})


def _projects(joining: Joining) -> None:
    """Of two active projects let the one used last go on, and pause the other."""
    work = joining.work
    active = sa.select(project).where(project.c.status == word("active"))
    both = [work.row(active.where(project.c.person_id == one)) for one in (joining.survivor, joining.absorbed)]
    if both[0] is None or both[1] is None:
        return
    rests = min((row for row in both if row is not None), key=lambda row: (_last_used(work, row), row.id))
    joining.change(project, rests, {"status": "paused", "status_at": work.now})
    row = {"id": work.new_id(), "person_id": rests.person_id, "project_id": rests.id, "from_day": work.now.date()}
    joining.add(pause, row)


def _last_used(work: Work, row: sa.Row[Any]) -> int:
    mine = (message.c.person_id == row.person_id, message.c.project_id == row.id)
    spoken = work.row(sa.select(sa.func.max(message.c.at)).where(*mine))
    said = spoken[0] if spoken is not None else None
    return max(micros(row.status_at), micros(said) if said is not None else 0)


def _cases(joining: Joining) -> None:
    """Withdraw one of two live cases of the same citation: the one in which no money has moved."""
    other = case.alias("other")
    same = [other.c[name] == case.c[name] for name in ("city_id", "number_hash", "level")]
    live = [one.c.stage.not_in(OVER) | (one.c.stage == "abandoned") for one in (case, other)]
    pairs = sa.select(case, other.c.id.label("twin")).join(other, sa.and_(*same))
    mine = (joining.theirs(case), other.c.person_id == joining.survivor, *live)
    for row in joining.work.rows(pairs.where(*mine)):
        gives = row.id if row.stage in UNPAID else row.twin
        chosen = joining.work.rows(sa.select(case).where(case.c.id == gives))[0]
        joining.change(
            case, chosen, {"stage": "withdrawn", "reason": "same_ticket", "revision": chosen.revision + 1}
        )  # fmt: skip


def both_paid(work: Work, survivor: int, absorbed: int) -> str | None:
    """Return the code of a citation's case that has cost money on both sides; such persons stay two."""
    other = case.alias("other")
    same = [other.c[name] == case.c[name] for name in ("city_id", "number_hash", "level")]
    bound = [one.c.stage.not_in((*OVER, *UNPAID)) for one in (case, other)]
    pairs = sa.select(case.c.code).join(other, sa.and_(*same))
    row = work.row(pairs.where(case.c.person_id == absorbed, other.c.person_id == survivor, *bound))
    return None if row is None else str(row.code)


def conversation_of(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return where the absorbed person's conversation stands."""
    table = conversations.conversation
    return work.row(sa.select(table).where(table.c.person_id == person_id))
