"""Calls to the outside world, as values.

A turn may not touch the network, so it writes down *what* it wants (`MailLetter(...)`) and the delivery worker asks a
vendor's adapter to do it. Calls and results are frozen dataclasses of plain JSON values, so that they can be stored in
an outbox row and come back from it. `pack` and `unpack` do that by class name.
"""

from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.packing import Packed, pack, unpack, wire

__all__ = ["Again", "Done", "Outcome", "Packed", "Refused", "Unknown", "pack", "unpack", "wire"]
