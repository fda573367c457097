"""Which bank line is which receipt: pure rules from values to a decision (rules MAT-1 to MAT-4, MT-1 to MT-8).

A pair is a candidate by currency, date and amount; a score says how well it fits; `decide` matches what is certain, one
to one, and names what a person must be asked. Nothing here knows a database or a clock.
"""

from handlers.receipts.matching.deciding import Matching, Question, decide
from handlers.receipts.matching.original import original_amount
from handlers.receipts.matching.pairing import CERTAIN, POSSIBLE, Pair, pair_of
from handlers.receipts.matching.values import Line, Receipt

__all__ = [
    "CERTAIN",
    "POSSIBLE",
    "Line",
    "Matching",
    "Pair",
    "Question",
    "Receipt",
    "decide",
    "original_amount",
    "pair_of",
]
