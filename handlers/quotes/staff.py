"""What staff do about quotes: look at one, and grant or refuse a discount above the author's own (QT-8)."""

from __future__ import annotations

import re

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.quotes import making, wording
from storage.quotes import quotes
from storage.quotes.quotes import Quote

PERMISSION = "quote.approve"
_CODE = re.compile(r"\s*(?:q-?)?(\d{4,9})\s*", re.IGNORECASE)


def register(registry: Registry) -> None:
    """Register the rows."""
    for name, usage, act in (
        ("quote show", "/quote show Q-1001", show),
        ("quote approve", "/quote approve Q-1001: grant the discount that was asked for", approve),
        ("quote decline", "/quote decline Q-1001: refuse that discount", decline),
    ):
        risk = Risk.PERSONAL if act is show else Risk.REVERSIBLE
        registry.staff_command(StaffCommand(name, risk, PERMISSION, usage, act, "quote"))


def _asked(turn: Turn, argument: str) -> Quote:
    found = _CODE.fullmatch(argument)
    if found is None:
        raise Refusal("quotes.staff_how")
    row = quotes.of_number(turn.work, int(found[1]))
    if row is None:
        raise Refusal("quotes.staff_none")
    return row


def show(turn: Turn, argument: str, member: Member) -> str:
    """Tell what a quote comes to; its customer stays its owner's."""
    row = _asked(turn, argument)
    found = making.version_of(turn, row)
    wish = f"\nAsks for {wording.percent(row.wished_bps)} off." if row.wished_bps else ""
    return f"{wording.line(turn, row, found)}\n{wording.priced(turn, found)}{wish}"


def approve(turn: Turn, argument: str, member: Member) -> str:
    """Grant the discount that was asked for, once, for the version that it was asked for."""
    row, bps = _settled(turn, argument, member, granted=True)
    return f"{quotes.code(row.number)}: {wording.percent(bps)} off; the author has a new version."


def decline(turn: Turn, argument: str, member: Member) -> str:
    """Refuse it."""
    row, bps = _settled(turn, argument, member, granted=False)
    return f"{quotes.code(row.number)}: {wording.percent(bps)} off was refused."


def _settled(turn: Turn, argument: str, member: Member, *, granted: bool) -> tuple[Quote, int]:
    row = _asked(turn, argument)
    bps = row.wished_bps
    if bps is None or not quotes.grant(turn.work, row, bps):
        raise Refusal("quotes.staff_no_wish", code=quotes.code(row.number))
    did = "approve" if granted else "refuse"
    turn.audit(f"quote.discount.{did}", f"quote:{row.number}", actor=member.name, version=row.current, bps=int(bps))
    making.wake(turn, row, "quotes.granted", turn.now, bps=bps, granted=granted)
    return row, int(bps)
