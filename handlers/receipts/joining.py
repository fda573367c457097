"""Receipts of a person who was absorbed: found by the survivor's hashes, filed in the survivor's tree (ID-6).

The rest of the books is hashed by `storage.receipts.joining`; what a receipt is found by is known here only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.receipts.fields import Fields
from storage.receipts import receipts
from storage.receipts.receipts import receipt

if TYPE_CHECKING:
    from storage.accounts.joining import Joining


def before(joining: Joining) -> None:
    """Hash what a receipt is found by as the survivor's, and name the survivor's categories in it."""
    twins = joining.twins.get("ledger_category", {})
    for row in joining.work.rows(sa.select(receipt).where(joining.theirs(receipt))):
        fields = Fields.load(joining.work.seal.open(row.fields))
        found = receipts.columns(joining.work, joining.survivor, _filed(fields, twins).as_draft())
        if not twins:
            found.pop("fields")
        hashes = {name: value for name, value in found.items() if name.endswith("_hash") or name == "fields"}
        joining.change(receipt, row, hashes)


def _filed(fields: Fields, twins: dict[int, int]) -> Fields:
    def moved(one: int | None) -> int | None:
        return None if one is None else twins.get(one, one)

    return fields.but(
        category_id=moved(fields.category_id),
        items=tuple(msgspec.structs.replace(one, category_id=moved(one.category_id)) for one in fields.items),
        split=tuple(msgspec.structs.replace(one, category_id=moved(one.category_id)) for one in fields.split),
    )


def has_proof(turn: Turn, argument: str) -> bool:
    """Tell whether there is a receipt whose code only its person knows."""
    return turn.row(sa.select(receipt.c.id).where(receipt.c.person_id == turn.person.id).limit(1)) is not None


def shows(turn: Turn, text: str) -> bool:
    """Tell whether a text is the code of one of this person's receipts."""
    code = text.strip()
    return len(code) == receipts.CODE_LENGTH and receipts.by_code(turn.work, turn.person.id, code) is not None
