"""Decisions and completions in what a person writes (section 4 of the coaching rules): precision before recall.

`recognise` is pure and deterministic: the same text and context give the same answer; no clock, no storage, no network.
A text is read in one order: made plain (`text`), its values (`amounts`, `days`, `platforms`, `tiers`, `benefits`,
`completions`), its clauses (`skeleton`, `clauses`), how each is said (`stance`, `contrast`), and what each category
asks for (`frames`, `prices`, `membership`, `opening`). A value counts only when its clause says it as a decision.
`quotes` is the second reading that a model's proposal must pass.
"""

from __future__ import annotations

from handlers.coaching.decisions.quotes import Verdict, check_quote
from handlers.coaching.decisions.reader import read_value, recognise
from handlers.coaching.decisions.values import Category, Certainty, Completion, Context, Decision, Recognition, Task

__all__ = [
    "Category",
    "Certainty",
    "Completion",
    "Context",
    "Decision",
    "Recognition",
    "Task",
    "Verdict",
    "check_quote",
    "read_value",
    "recognise",
]
