"""Whether a purchase may go on, asked while a provider waits: decided from our rows, beside every queue (TS-2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.seal import Seal


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is about to be paid: `handle` is the address of whoever pays, `payload` what we gave the invoice."""

    handle: str
    payload: str
    amount_minor: int
    currency: str


Judge = Callable[[sa.Connection, Seal, Purchase, datetime], str]
"""Returns the text key of why not, empty for yes. Reads only."""
