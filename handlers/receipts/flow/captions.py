"""Words that came with a picture: they correct, tag or name what was read, and are its note otherwise (CAP-1, UX-6).

    U> (photo) lunch with Ann #work
    B> Trader Joe's $26.23, Mar 15, Supermarket #work (lunch with Ann). OK to save, EDIT to change, DROP to forget.

An amount among other words counts only when it is written as money is ("dinner for 3 people" is no 3.00).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.fold import fold
from handlers.receipts import drafts
from handlers.receipts.categories import Tree
from handlers.receipts.fields import Fields
from handlers.receipts.flow import edits, leads
from handlers.receipts.flow.elsewhere import tells_money
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, read_answer

_TAG = re.compile(r"(?<!\w)#([^\W\d_][\w-]{0,39})")
_SAYS_NOTHING = """a an another and bill bills expense expenses foto for from go got here heres hey hi i is it its keep
    log me my new next of one ones pic photo picture please pls receipt receipts save scan sent thanks thank the these
    this today to two up you your la mi el recibo"""
_NOISE = frozenset(_SAYS_NOTHING.split())
_BARE_AMOUNT = re.compile(r"\D{0,3}\d[\d.,]*\D{0,4}")


@dataclass(frozen=True, slots=True)
class Caption:
    """The words, and whether they are of one picture alone: amounts beside several belong to none of them."""

    words: str
    alone: bool = True


NO_CAPTION = Caption("")


def captioned(fields: Fields, caption: Caption, owner: Owner, tree: Tree) -> Fields:
    """Return the fields with what a caption says."""
    words, alone = caption.words.strip(), caption.alone
    if not words or words.endswith("?"):
        return fields
    tags = tuple(dict.fromkeys((*fields.tags, *(one.casefold() for one in _TAG.findall(words)))))
    fields, words = fields.but(tags=tags), " ".join(_TAG.sub(" ", words).split())
    if _is_noise(words):
        return fields
    if alone and (whole := _purchase(fields, words, owner)) is not None:
        return whole
    return _corrected(fields, words, owner, tree, alone=alone) or fields.but(note=words[: edits.LONGEST_NOTE])


def _is_noise(words: str) -> bool:
    return all(word in _NOISE for word in re.findall(r"\w+", fold(words).replace("'", "")))


def _purchase(fields: Fields, words: str, owner: Owner) -> Fields | None:
    """Return the purchase in words that stands for what could not be read of the picture."""
    if not {"unreadable", "no_reader"} & set(fields.questions):
        return None
    found = read_answer(words, owner.today, owner.currency, owner.locale, owner.country)
    if not isinstance(found, Expense):
        return None
    return drafts.of_expense(found, owner, raw_text=words).but(tags=(*fields.tags, *found.tags), flags=fields.flags)


def _corrected(fields: Fields, words: str, owner: Owner, tree: Tree, *, alone: bool) -> Fields | None:
    changed = edits.read(words, fields, owner, tree)
    if changed is None:
        return None
    priced = "amount" in changed.names
    if priced and not (alone and (tells_money(words) or _BARE_AMOUNT.fullmatch(words))):
        return None
    told = priced and not leads.has_lead(words) and "store" in changed.names
    return changed.fields.but(merchant=fields.merchant or changed.fields.merchant) if told else changed.fields
