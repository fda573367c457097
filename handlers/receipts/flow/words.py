"""Words about receipts by their code, and those that wait: REVIEW, PICTURE, WHY, RULES, EDIT, DELETE (DRF-4, 6 to 8).

U> picture R7K2
B> Trader Joe's $26.23, Mar 15 (the file)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeGuard

from bot.core.fold import fold
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import album, steps
from bot.engine.flow import End, Next
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.categories.deciding import Reason
from handlers.receipts.exports.picture_names import picture_name
from handlers.receipts.flow import batch, edits, elsewhere, leads, leaving, pages
from handlers.receipts.flow.flow import (
    Seen,
    ask,
    done,
    focus,
    open_receipt,
    owner,
    receipt_flow,
    see,
    take,
    tidied,
    tree_of,
)
from handlers.receipts.flow.likeness import described
from handlers.receipts.flow.saving import drop, reopen, save, take_back, undo_offer
from handlers.receipts.flow.typed import answers_menu, take_words
from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed import Expense, Several, read_expense
from handlers.receipts.typed.entry import Reading
from storage.receipts import documents, history, receipts, rules, transactions

_CODE = r"(?=\w*\d)[2-9A-HJ-KM-NP-Z]{4}"
_WORDS = re.compile(
    rf"/?(?P<act>review|drafts|rules?|picture|photo|why|edit|change|delete|remove|undo|show|receipts?|expenses?)"
    rf"(?:\s+(?P<code>{_CODE}))?(?:\s+(?P<rest>\S.*))?",
    re.I,
)
_BARE = re.compile(rf"#?({_CODE})", re.I)
SHOWN = 9


def heard(turn: Turn, text: str) -> bool:
    """Answer a word about receipts, or open a draft for a purchase in words; False when it is neither."""
    top = turn.conversation.top
    if top is not None and top.flow != receipt_flow.name:
        return False
    if top is not None and top.step == "batch" and pages.means_same(text):
        steps.take(turn, Answer(text=text))
        return True
    if command(turn, text.strip()) or pages.asked_for_page(turn, text):
        return True
    if top is None and answers_menu(turn, text):
        return False
    if top is None:
        return _thanked(turn, text) or _is_caption(turn, text) or take_words(turn, text)
    if leaving.left(turn, text):
        return True
    return top.step in _NOT_ANSWERED_BY_A_PURCHASE and _is_new(turn, text) and take_words(turn, text)


_LISTS = re.compile(r"/?(?:my )?(?:receipts?|expenses?|drafts|review|rules)", re.I)


def turns(turn: Turn, text: str) -> bool:
    """Tell whether a message asks for the receipts, whatever another service asks (VOC-2)."""
    return _LISTS.fullmatch(text.strip().rstrip(".!? ")) is not None


def _thanked(turn: Turn, text: str) -> bool:
    """Answer thanks for what was saved in the last day: a menu would be no answer."""
    if fold(text).strip(" .!") not in _THANKS or history.newest(turn.work, turn.person.id) is None:
        return False
    turn.say("receipts.welcome_thanks")
    return True


_THANKS = frozenset(
    {
        "thanks",
        "thank you",
        "thx",
        "ty",
        "tysm",
        "cheers",
        "thanks a lot",
        "ok thanks",
        "great thanks",
        "gracias",
        "danke",
    }
)


def _is_caption(turn: Turn, text: str) -> bool:
    """Take words that come while pictures settle for their caption, unless they are a purchase of their own."""
    is_own = elsewhere.tells_money(text) or text.strip(" .#)").isdecimal()
    return turn.conversation.album is not None and not is_own and album.captioned(turn)


_NOT_ANSWERED_BY_A_PURCHASE = ("check", "batch", "total", "dates", "date", "category", "currency", "duplicate")


def _is_new(turn: Turn, text: str) -> bool:
    """Tell whether words at an open draft are another purchase, and no correction of this one."""
    if leads.has_lead(text) or edits.is_addressed(text) or leads.tip_in(text) or leads.note_in(text):
        return False
    of, top = owner(turn), turn.conversation.top
    if top is not None and top.step == "batch" and batch.orders(text):
        return False
    found = read_expense(text, of.today, of.currency, of.locale, of.country)
    if top is None or top.step in ("check", "batch"):
        return isinstance(found, Several) or _is_purchase(found)
    return _is_purchase(found) and not _names_this_one(turn, found) and _cannot_be_a_day(text, found)


def _is_purchase(found: Reading) -> TypeGuard[Expense]:
    return isinstance(found, Expense) and bool(found.merchant or found.description)


def _names_this_one(turn: Turn, found: Expense) -> bool:
    """Tell whether a purchase is of the merchant that is asked about: then it is an answer."""
    seen = see(turn)
    if seen is None or not seen.fields.name or not found.merchant:
        return False
    return merchant_key(found.merchant) == merchant_key(seen.fields.name)


def _cannot_be_a_day(text: str, found: Expense) -> bool:
    return elsewhere.tells_money(text) or found.description is not None


def command(turn: Turn, text: str) -> bool:
    """Do what a word with or without a code asks for."""
    bare = _BARE.fullmatch(text)
    if bare is not None:
        return _of_code(turn, "show", bare[1])
    found = _WORDS.fullmatch(text.rstrip(" .!?"))
    if found is None:
        return False
    act, code = found["act"].casefold(), found["code"]
    if code is not None:
        return _of_code(turn, act, code, found["rest"] or "")
    simple = _SIMPLE.get(act)
    if simple is not None:
        return simple(turn, found["rest"] or "")
    return found["rest"] is None and _without_code(turn, act)


def _without_code(turn: Turn, act: str) -> bool:
    """Do what a word asks of the draft on show, or of the receipt that was saved last; ask for the code otherwise."""
    if act.startswith(("receipt", "expense")):
        return welcome(turn, "")
    if act not in _OF_ONE:
        return False
    top, newest = turn.conversation.top, history.newest(turn.work, turn.person.id)
    talked = focus(turn).receipt_id if top is not None and top.step != "batch" else None
    wanted = talked if talked is not None or top is not None or newest is None else newest.receipt_id
    seen = None if wanted is None else see(turn, wanted)
    if seen is None:
        turn.say("receipts.which_code", word=act.upper())
    elif act != "show" or talked is None:
        _BY_CODE[act](turn, seen, "")
    return True


_OF_ONE = ("show", "picture", "photo", "why")


def _of_code(turn: Turn, act: str, code: str, rest: str = "") -> bool:
    do = _BY_CODE.get(act)
    if do is None:
        return False
    row = receipts.by_code(turn.work, turn.person.id, code)
    seen = None if row is None else see(turn, row.id)
    if seen is None:
        turn.say("receipts.no_such_code", code=code.upper())
    else:
        do(turn, seen, rest)
    return True


# -- one receipt ---------------------------------------------------------------------------------------------------


def _show(turn: Turn, seen: Seen, rest: str) -> None:
    if seen.waits:
        open_receipt(turn, seen.row.id)
        return
    tree = tree_of(turn, seen.owner)
    shown = wording.line(turn, seen.owner, tree, seen.fields)
    turn.say("receipts.shown", code=seen.row.code, line=shown, state=turn.text(f"receipts.state_{seen.row.state}"))
    for item in seen.fields.items[:20]:
        amount = wording.money(item.amount, seen.fields.currency.value)
        turn.say("receipts.item", text=item.text[:60], amount=amount)


def _picture(turn: Turn, seen: Seen, rest: str) -> None:
    pages = documents.of_receipt(turn.work, seen.owner.id, seen.row.id)
    if not pages:
        turn.say("receipts.no_picture", code=seen.row.code)
        return
    turn.say("receipts.picture", code=seen.row.code, line=described(turn, seen))
    for number, page in enumerate(pages[:10]):
        turn.show(page.blob_id, _file_name(seen, page, number), size=page.size)


def _file_name(seen: Seen, page: Any, number: int) -> str:
    return picture_name(seen.fields.day, seen.fields.name, seen.row.code, media_type=page.media_type, page=number + 1)


def _why(turn: Turn, seen: Seen, rest: str) -> None:
    reason = Reason.parse(seen.fields.reason or "none")
    category = wording.category_name(turn, tree_of(turn, seen.owner), seen.fields.category_id)
    turn.say(f"receipts.why_{reason.kind}", code=seen.row.code, category=category, matched=reason.matched)


def _edit(turn: Turn, seen: Seen, rest: str) -> None:
    open_receipt(turn, seen.row.id, step="edit")
    if rest:
        steps.take(turn, Answer(text=rest))


def _delete(turn: Turn, seen: Seen, rest: str) -> None:
    open_receipt(turn, seen.row.id, step="delete")


def _undo(turn: Turn, seen: Seen, rest: str) -> None:
    reopen(turn, take_back(turn, seen.row.id))


_BY_CODE: dict[str, Callable[[Turn, Seen, str], None]] = {
    "show": _show, "receipt": _show, "picture": _picture, "photo": _picture, "why": _why, "edit": _edit,
    "change": _edit, "delete": _delete, "remove": _delete, "undo": _undo,
}  # fmt: skip


@ask("delete", effort=False)
def ask_delete(turn: Turn) -> Ask:
    """Ask once more before a receipt leaves the books."""
    seen = see(turn)
    choices = (
        Choice("delete", key="receipts.delete_button", words=("delete", "yes", "y"), quiet=True),
        Choice("keep", key="receipts.keep_button", words=("keep", "no", "n"), quiet=True),
    )
    args = {"code": seen.row.code, "line": described(turn, seen)} if seen else {"code": "", "line": ""}
    return Ask("receipts.delete", args, choices=choices, expects=("choice",), in_place=True)


@take("delete")
def take_delete(turn: Turn, answer: Answer) -> Next:
    """Take it out of the books; UNDO brings it back for a day."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice != "delete":
        turn.say("receipts.kept", code=seen.row.code)
    elif seen.waits:
        drop(turn, seen)
    elif history.delete(turn.work, seen.owner.id, seen.row.id):
        turn.say("receipts.deleted", code=seen.row.code)
        turn.offer = undo_offer(seen.row.code)
    else:
        turn.say(f"receipts.already_{seen.row.state}", code=seen.row.code)
    return done(turn)


# -- without a code ------------------------------------------------------------------------------------------------


def _review(turn: Turn, rest: str) -> bool:
    """List what waits."""
    turn.conversation.frames = [one for one in turn.conversation.frames if one.flow != receipt_flow.name]
    waiting = receipts.waiting(turn.work, turn.person.id, SHOWN)
    if not waiting:
        turn.say("receipts.nothing_waits")
        return True
    if len(waiting) == 1:
        open_receipt(turn, waiting[0].id)
    else:
        batch.open_batch(turn, [row.id for row in waiting])
    return True


def _rules(turn: Turn, rest: str) -> bool:
    """List what was taught; `RULES DROP 2` forgets one."""
    of = owner(turn)
    kept = rules.of_person(turn.work, of.id)
    wanted = re.fullmatch(r"(?:drop|delete|forget|remove)\s+(\d{1,3})", rest.strip(), re.I)
    if wanted is not None:
        number = int(wanted[1])
        done = 0 < number <= len(kept) and rules.forget(turn.work, of.id, kept[number - 1].id)
        turn.say("receipts.rule_dropped" if done else "receipts.no_such_rule", number=number)
        return True
    if not kept:
        turn.say("receipts.no_rules")
        return True
    tree = tree_of(turn, of)
    turn.say("receipts.rules", count=len(kept))
    for number, rule in enumerate(kept[:SHOWN], 1):
        means = rule.rename or wording.category_name(turn, tree, rule.category_id)
        turn.say("receipts.rule", number=number, pattern=_shown(turn, rule.pattern), means=means)
    return True


def _shown(turn: Turn, key: str) -> str:
    """Return what a merchant of a rule is called: rules know it by its key only."""
    newest = transactions.of_merchant(turn.work, turn.person.id, key, 1)
    booked = transactions.load(turn.work, turn.person.id, newest[0].id) if newest else None
    return brands().get(key) or (booked.merchant if booked else None) or key


_SIMPLE: dict[str, Callable[[Turn, str], bool]] = {
    "review": _review, "drafts": _review, "rule": _rules, "rules": _rules,
}  # fmt: skip


# -- buttons that stay ---------------------------------------------------------------------------------------------


def pressed(turn: Turn, argument: str) -> None:
    """Do what a button under a draft or a saved receipt says, whatever is asked by now."""
    act, _, code = argument.partition(":")
    row = receipts.by_code(turn.work, turn.person.id, code)
    seen = None if row is None else see(turn, row.id)
    if seen is None:
        turn.say("receipts.no_such_code", code=code[:8])
        return
    top = turn.conversation.top
    shown = top is not None and (top.flow, top.step) == (receipt_flow.name, "check")
    if shown and act in ("ok", "edit", "drop") and focus(turn).receipt_id == seen.row.id:
        turn.tapped_in_place = True
        steps.take(turn, Answer(choices=(act,)))
        return
    if act == "ok" and not save(turn, seen):
        open_receipt(turn, seen.row.id)
    elif act == "drop":
        drop(turn, seen)
    elif act == "edit" and seen.waits:
        open_receipt(turn, seen.row.id, step="edit")
    elif act == "undo":
        reopen(turn, take_back(turn, seen.row.id))
    elif act == "edit":
        turn.say(f"receipts.already_{seen.row.state}", code=seen.row.code)
    tidied(turn)
    turn.tapped_in_place = turn.conversation.top is None


def welcome(turn: Turn, argument: str) -> bool:
    """Say how it is done, to a person who chose it from the menu."""
    turn.say("receipts.welcome")
    return True
