"""What the conversation does with a case, in one place.

opened = open_case(turn, facts); save_facts(turn, opened.case_id, facts); to_review(...)
approve(...) -> draft id or the gate that refuses; request_payment(...) -> the pay link follows as a message
reopen(...) for an edit after approval; withdraw(...) to drop the case; my_cases(turn) for the list
"""

from handlers.appeals.approvals import approve, to_review
from handlers.appeals.case_files import facts_of, own_case
from handlers.appeals.checkouts import Requested, request_payment
from handlers.appeals.opening import OpenedCase, informed, open_case, save_facts
from handlers.appeals.overview import CaseLine, my_cases
from handlers.appeals.stages import ForbiddenTransition, move, stage_of
from handlers.appeals.withdrawals import reopen, withdraw

__all__ = [
    "CaseLine",
    "ForbiddenTransition",
    "OpenedCase",
    "Requested",
    "approve",
    "facts_of",
    "informed",
    "move",
    "my_cases",
    "open_case",
    "own_case",
    "reopen",
    "request_payment",
    "save_facts",
    "stage_of",
    "to_review",
    "withdraw",
]
