"""Which category a purchase belongs to: the default tree, the tables of brands and keywords, and what was learnt.

`decide` is pure: a merchant, items, a description and the person's rules in, a category and the reason for it out
(rules CAT-1, CAT-2). `learning` writes what a correction teaches (CAT-5 to CAT-7), `tree` knows which edits of a
person's tree are allowed (CAT-4).
"""

from handlers.receipts.categories.deciding import Decision, Reason, Rules, choose, decide
from handlers.receipts.categories.tree import Fault, Tree

__all__ = ["Decision", "Fault", "Reason", "Rules", "Tree", "choose", "decide"]
