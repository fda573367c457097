"""Typed and forwarded texts: from a sentence or a bank's message to an expense (section 4 of the receipts rules).

`read_expense` is pure and deterministic: the same text, day and currency give the same answer, no clock, no storage,
no network. A text is read in one order: what it is not (`refusals`), its days (`dates`), its numbers (`amounts`, with
`arithmetic` and `number_words`), its merchant (`payee`). The words of all languages are data beside the code.
"""

from __future__ import annotations

from handlers.receipts.typed.entry import Expense, Kind, NoExpense, Reading, Several
from handlers.receipts.typed.reader import read_answer, read_expense

__all__ = ["Expense", "Kind", "NoExpense", "Reading", "Several", "read_answer", "read_expense"]
