"""Receipts and bank lines of a person, matched: what is certain at once, the rest as questions (MAT-1 to MAT-4).

`run` looks at all that is free around some days, after a sync or when a receipt was confirmed. A match takes the bank's
amount; what that adds to a restaurant's total becomes the receipt's tip, and goes again when the match is taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.receipts.bank.lines import is_restaurant, may_match, to_match
from handlers.receipts.categories import learning
from handlers.receipts.categories.tree import Tree
from handlers.receipts.fields import Fields, Value
from handlers.receipts.matching import Pair, Receipt, decide, pair_of
from handlers.receipts.owner import Owner
from storage.receipts import accounts, bank_items, bank_ledger, bank_lines, bank_pairs, bank_transfers, receipts
from storage.receipts.bank_lines import BankLine
from storage.receipts.bank_pairs import Aliases, FreeReceipt
from storage.work import Work

AROUND = timedelta(days=8)
"""How far from a day its rivals may lie: farther than any candidate."""
_FROM_BANK = "bank"


@dataclass(frozen=True, slots=True)
class Found:
    """What a run did: how many matches it made, how many new questions it left."""

    matched: int = 0
    asked: int = 0


def run(work: Work, owner: Owner, days: Iterable[date]) -> Found:
    """Match what is free around these days and note what must be asked."""
    known = sorted(days)
    if not known or not bank_items.has_any(work, owner.id):
        return Found()
    start, end = known[0] - AROUND, known[-1] + AROUND
    around = bank_lines.unmatched(work, owner.id, start, end)
    moved = bank_transfers.joined(work, owner.id, [one.id for one in around])
    lines = {one.id: one for one in around if may_match(one) and one.id not in moved}
    free = {one.receipt_id: one for one in bank_pairs.free_receipts(work, owner.id, start, end)} if lines else {}
    if not free:
        return Found()
    tree = learning.own_tree(work, owner.id, owner.locale)
    digits = _digits(work, owner.id)
    decided = decide(
        [to_receipt(work, one, tree) for one in free.values()],
        [to_match(one, digits.get(one.account_id or 0)) for one in lines.values()],
        refused=bank_pairs.settled(work, owner.id, list(free)),
        aliases=Aliases(work, owner.id),
    )
    made = [pair for pair in decided.matched if join(work, owner.id, pair, "matched")]
    before = {(row.line_id, row.receipt_id) for row in bank_pairs.asked(work, owner.id, limit=1000)}
    asked = {question.line.id for question in decided.asked if _ask(work, owner.id, question.pairs, before)}
    return Found(len(made), len(asked))


def after_confirming(work: Work, owner: Owner, receipt_id: int) -> Found:
    """Look for the line of a receipt that was just confirmed or corrected."""
    row = receipts.load(work, owner.id, receipt_id)
    return Found() if row is None or row.date is None else run(work, owner, [row.date])


def _digits(work: Work, person_id: int) -> dict[int, str]:
    return {one.id: one.last4 for one in accounts.of_person(work, person_id) if one.last4}


def _ask(work: Work, person_id: int, pairs: Iterable[Pair], before: set[tuple[int, int]]) -> bool:
    """Note a line's candidates as asked; tell whether any of them is new."""
    new = False
    for pair in pairs:
        wrote = bank_pairs.decide(
            work, person_id, pair.line.id, pair.receipt.id, "asked", how=pair.how, score=pair.score,
            tip_minor=pair.tip_minor,
        )  # fmt: skip
        new |= wrote and (pair.line.id, pair.receipt.id) not in before
    return new


def to_receipt(work: Work, one: FreeReceipt, tree: Tree) -> Receipt:
    """Return a confirmed receipt as the matching rules see it."""
    fields = Fields.load(work.seal.open(one.fields))
    category = None if one.entry.category_id is None else tree.get(one.entry.category_id)
    total = one.entry.amount_minor if one.total_minor is None else one.total_minor
    return Receipt(
        id=one.receipt_id, date=one.date, amount_minor=total, currency=one.currency or one.entry.currency,
        merchant=one.entry.merchant_key, kind=one.entry.kind,
        cash_back_minor=max(0, fields.cash_back.value) if fields.cash_back else 0,
        has_tip=fields.tip is not None and fields.tip.value != 0,
        is_restaurant=category is not None and (category.key or "").split(".")[0] == "food",
        last4=fields.last4.value if fields.last4 else None, minute=one.minute or 0,
    )  # fmt: skip


# -- one pair ----------------------------------------------------------------------------------------------------------


def join(work: Work, person_id: int, pair: Pair, verdict: str) -> bool:
    """Match a pair by itself (`matched`) or by the person's word (`yes`); tell whether both were free."""
    if verdict == "matched" and bank_pairs.is_refused(work, person_id, pair.line.id, pair.receipt.id):
        return False
    cash_back = pair.receipt.cash_back_minor if pair.how == "cash_back" else 0
    if not bank_ledger.merge(work, person_id, pair.line.id, pair.receipt.id, cash_back_minor=cash_back):
        return False
    bank_pairs.decide(
        work, person_id, pair.line.id, pair.receipt.id, verdict, how=pair.how, score=pair.score,
        tip_minor=pair.tip_minor,
    )  # fmt: skip
    retip(work, person_id, pair.receipt.id, pair.tip_minor)
    if verdict == "yes" and pair.receipt.merchant:
        for name in pair.line.merchants:
            if name != pair.receipt.merchant:
                bank_pairs.learn(work, person_id, name, pair.receipt.merchant)
    return True


def candidate(work: Work, owner: Owner, line: BankLine, receipt_id: int) -> Pair | None:
    """Return the pair of a line and a free receipt, also one that a person chose against the odds."""
    free = bank_pairs.free_receipt(work, owner.id, receipt_id)
    if free is None:
        return None
    tree = learning.own_tree(work, owner.id, owner.locale)
    receipt = to_receipt(work, free, tree)
    seen = to_match(line, _digits(work, owner.id).get(line.account_id or 0))
    return pair_of(receipt, seen, Aliases(work, owner.id)) or Pair(receipt, seen, "total", 0)


def separate(work: Work, person_id: int, receipt_id: int) -> BankLine | None:
    """Take a receipt's match apart for good; return the line, None when there was none (MAT-4)."""
    line = bank_lines.of_receipt(work, person_id, receipt_id)
    if line is None:
        return None
    bank_pairs.decide(work, person_id, line.id, receipt_id, "no")
    bank_ledger.part(work, person_id, line.id)
    retip(work, person_id, receipt_id, 0)
    return line


# -- the tip -----------------------------------------------------------------------------------------------------------


def retip(work: Work, person_id: int, receipt_id: int, tip_minor: int) -> None:
    """Write what the bank took beyond the printed total into the receipt as its tip, or take that out again."""
    row = receipts.load(work, person_id, receipt_id)
    if row is None:
        return
    fields = Fields.load(work.seal.open(row.fields))
    ours = fields.tip.value if fields.tip is not None and fields.tip.raw == _FROM_BANK else 0
    if fields.total is None or tip_minor == ours:
        return
    total = fields.total.but_value(fields.total.value - ours + tip_minor)
    tip = Value(tip_minor, _FROM_BANK) if tip_minor else None
    receipts.change(work, person_id, receipt_id, fields.but(total=total, tip=tip).as_draft(), revision=row.revision)


def follow(work: Work, person_id: int, lines: Iterable[BankLine]) -> None:
    """Let receipts' tips follow matched lines whose amounts changed, such as a settled restaurant bill."""
    for line in lines:
        if line.receipt_id is None or line.before is None or line.before.currency != line.currency:
            continue
        pair = next(one for one in bank_pairs.of_line(work, person_id, line.id) if one.receipt_id == line.receipt_id)
        beyond = max(0, line.amount_minor - line.cash_back_minor - line.before.amount_minor)
        if beyond != pair.tip_minor and (pair.how == "tip" or is_restaurant(line.detail)):
            bank_pairs.retip(work, person_id, line.id, line.receipt_id, beyond)
            retip(work, person_id, line.receipt_id, beyond)
