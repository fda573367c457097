"""The conversation of an appeal, from "got a ticket" to the approved letter: one module for each part of it.

`appeal` is the flow and `AppealDraft` its draft; importing this package registers all steps.
"""

from handlers.appeals.flow import (  # noqa: F401
    check,
    city,
    dropping,
    informed,
    issued,
    keeping,
    number,
    paying,
    photo,
    proof,
    reason,
    send,
    sender,
    signature,
    ticket,
    translating,
    words,
)
from handlers.appeals.flow.flow import AppealDraft, appeal

__all__ = ["AppealDraft", "appeal"]
