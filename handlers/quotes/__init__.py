"""Quotes: items priced by calculators, offered in versions, accepted once, paid at the till (section 15).

`calculator` is the port of the plug-ins, `corrugated` the first of them; `making` makes versions, `moving` moves a
quote from offer to payment, `paper` prints it, `words` and `flow` hold the conversation, `staff` what staff may do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry, own: Path | None = None, *, demo: bool = False) -> None:
    """Add the conversation, the commands of staff and what a payment does; raise Misconfigured for bad rates."""
    from handlers.quotes import flow, moving, paper, staff, words
    from handlers.quotes.corrugated import Boxes
    from handlers.quotes.settings import QuoteSettings
    from storage.quotes import privacy

    boxes = Boxes(own)
    registry.settings[QuoteSettings] = QuoteSettings({boxes.kind: boxes}, demo=demo)
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(flow.quote_flow)
    registry.word("text")(words.heard)
    registry.word("turns")(words.turns)
    registry.word("options")(words.add_options)
    registry.button("quote")(words.pressed)
    registry.on(f"call:{paper.THEN}")(paper.made)
    registry.on("timer:quotes.expire")(moving.expired)
    registry.on("timer:quotes.granted")(moving.granted)
    registry.fulfils(moving.PURPOSE)(moving.paid)
    registry.erasers.append(privacy.erase)
    staff.register(registry)
