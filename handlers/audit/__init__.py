"""The audit for operators: questions by who, what, when and with which outcome, its export, and the check of its chain.

    U> /audit who operator:ann since 7d outcome denied
    B> #412 Nov 20 18:04 operator:ann command.refused command:refund denied ...
    U> /audit verify
    B> (after a moment) The audit is right: 412 entries, the last is #412 b1946ac9...
    U> /export audit csv since 30d
    B> (a document) audit-1.csv

Rows of the staff's catalogue; the gate decides who may. Writing entries is everybody's, in `storage.audit`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Register the commands and what takes their answers."""
    from handlers.audit import asking, exporting, messages, verifying

    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (asking, exporting, messages, verifying):
        part.register(registry)
