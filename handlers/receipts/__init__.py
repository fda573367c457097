"""Receipts: a picture or a line of text becomes a draft, OK puts it into the books, and the books answer questions.

The rules (`reading`, `typed`, `categories`, `merchants`, `currencies`, `books`, `exports`) are pure or read the rows of
one person; `flow` is the conversation. `register` adds the whole service to the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.prompts import Choice

if TYPE_CHECKING:
    from bot.engine.registry import Registry

MENU = "receipts"


def register(registry: Registry) -> None:
    """Add the conversation, its texts, its words, its buttons, and what is done with pictures."""
    from handlers.receipts import joining, later
    from handlers.receipts.exports import words as export_words
    from handlers.receipts.flow import (
        batch,
        books,
        check,
        learning,
        likeness,
        odd,
        pictures,
        questions,
        readers,
        saving,
        typed,
        voices,
        words,
    )
    from handlers.receipts.flow.flow import receipt_flow
    from storage.receipts import privacy

    assert all((batch, check, learning, likeness, odd, questions))  # noqa: S101 - imported for their steps
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(receipt_flow)
    registry.menu.append((MENU, "receipts.menu", "receipt receipts expense expenses budget spending"))
    registry.word(MENU)(words.welcome)
    export_words.register(registry)
    books.register(registry)
    later.register(registry)
    registry.word("text")(readers.heard)
    registry.word("receipt_saved")(readers.saved)
    registry.word("text")(words.heard)
    registry.word("turns")(words.turns)
    registry.warmers.append(typed.warm)
    books.register_last(registry)
    registry.word("beside")(typed.take_beside)
    registry.word("undo")(saving.undo_newest)
    registry.button(saving.BUTTONS)(words.pressed)
    choice = Choice(MENU, key="receipts.photo_choice", words=("receipt", "a receipt", "expense", "bill"))
    registry.takes_photos(choice)(pictures.take_pictures)
    registry.on(f"call:{pictures.CALL}")(pictures.read)
    registry.takes_voices(voices.take_voices)
    registry.on(f"call:{voices.CALL}")(voices.heard)
    registry.erasers.append(privacy.erase)
    registry.joins.append(joining.before)
    registry.word("provable")(joining.has_proof)
    registry.word("proof")(joining.shows)
