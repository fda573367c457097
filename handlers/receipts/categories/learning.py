"""What a correction teaches (rules CAT-5 to CAT-7): the person's rule for a merchant, and when not to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.receipts.categories.deciding import Decision, Rules
from handlers.receipts.categories.tree import Tree, default_tree
from storage.receipts import categories, rules, transactions
from storage.work import Work

CHANGES, RECEIPTS = 3, 10
"""So many corrections among two categories within so many receipts of a merchant, and it is asked each time."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction did: whether the category was theirs to give, and the earlier ones that could follow."""

    done: bool
    earlier: tuple[int, ...] = ()


def own_tree(work: Work, person_id: int, language: str) -> Tree:
    """Return a person's tree, copied from the default one in their language at first use (CAT-3)."""
    if not categories.has_tree(work, person_id):
        categories.plant(work, person_id, default_tree(language))
    return Tree(categories.of_person(work, person_id))


def own_category(tree: Tree, decision: Decision) -> int | None:
    """Return the person's category id of a decision, None for Uncategorised or one they have no more."""
    chosen = decision.category
    if isinstance(chosen, str):
        return tree.by_key(chosen)
    return chosen if chosen is not None and tree.get(chosen) else None


def own_rules(work: Work, person_id: int, merchant_key: str | None) -> Rules:
    """Return what `decide` needs of a person's rules for a purchase at this merchant."""
    texts = {one.pattern: one.category_id for one in rules.of_person(work, person_id, "text") if one.category_id}
    if merchant_key is None:
        return Rules(texts=texts)
    rule = rules.of_pattern(work, person_id, "merchant", merchant_key)
    merchants = {merchant_key: rule.category_id} if rule else {}
    contested = (merchant_key,) if rule and _is_contested(work, person_id, merchant_key) else ()
    return Rules(merchants, texts, contested)


def contradict(lessons: Sequence[int | None]) -> bool:
    """Tell whether corrections of a merchant, all within ten receipts, go to and fro among categories (CAT-6)."""
    return len(lessons) >= CHANGES and len(set(lessons[:CHANGES])) == 2


def _is_contested(work: Work, person_id: int, merchant_key: str) -> bool:
    recent = [row.id for row in transactions.of_merchant(work, person_id, merchant_key, RECEIPTS)]
    since = min(recent) if len(recent) == RECEIPTS else 0
    return contradict(rules.lessons(work, person_id, merchant_key, since_id=since))


def correct(
    work: Work, person_id: int, transaction_id: int, *, category_id: int | None, merchant_key: str | None
) -> Correction:
    """Give a transaction its category and write the rule for its merchant; return the earlier ones to offer."""
    if not transactions.recategorise(work, person_id, [transaction_id], category_id):
        return Correction(False)
    if merchant_key is None:
        return Correction(True)
    rules.teach(work, person_id, rules.Rule("merchant", merchant_key, category_id))
    others = transactions.of_merchant(work, person_id, merchant_key)
    earlier = (row.id for row in others if row.id != transaction_id and row.category_id != category_id)
    return Correction(True, tuple(earlier))


def change_earlier(work: Work, person_id: int, ids: Sequence[int], category_id: int | None) -> int:
    """Give the earlier ones the category too and return how many changed."""
    return transactions.recategorise(work, person_id, ids, category_id)


def rename_merchant(work: Work, person_id: int, merchant_key: str, name: str) -> bool:
    """Teach that a merchant is called otherwise (CAT-7)."""
    return rules.teach(work, person_id, rules.Rule("alias", merchant_key, rename=name))


def merchant_name(work: Work, person_id: int, merchant_key: str, name: str) -> str:
    """Return what the person calls a merchant."""
    alias = rules.of_pattern(work, person_id, "alias", merchant_key)
    return alias.rename if alias and alias.rename else name
