"""CATEGORIES, and changing them: add, rename, move, merge, hide, delete (rule CAT-4).

U> category add Food > Ramen
B> Added Food > Ramen.
U> category delete coffee
B> Delete Food > Coffee: where shall its purchases go? 1 Food 2 Uncategorised, or a name.
"""

from __future__ import annotations

import re

from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.fold import fold
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Next
from bot.engine.turn import Turn
from handlers.receipts import drafts
from handlers.receipts.categories import Fault
from handlers.receipts.flow.books.opened import Books, category_named, open_books, path_of, plain
from handlers.receipts.flow.questions import inline
from storage.receipts import categories, recategorising
from storage.receipts.categories import ROOT, Category

_TO = re.compile(r"\s+(?:to|into|under|as|in|->|=>)\s+|\s*(?:->|=>)\s*", re.I)
_TOP = frozenset({"top", "the top", "root", "nothing", "none"})
_NOWHERE = frozenset({"uncategorised", "uncategorized", "none", "nowhere", "nothing"})
_QUOTES = " \"'.:"


class Leaving(BaseModel):
    """Which category is to be deleted."""

    category_id: int = 0


category_flow = Flow("receipt_category", Leaving, version=1, first="where")


# -- listing -------------------------------------------------------------------------------------------------------


def listed(turn: Turn, rest: str) -> bool:
    """List the categories: the roots on SMS, all of them elsewhere, or what is under one."""
    books = open_books(turn)
    if rest:
        found = category_named(books, rest)
        if found is None:
            turn.say("books.no_category", name=plain(rest))
            return True
        turn.say("books.under", name=path_of(books, found), names=_names(books, found) or "-")
        return True
    roots = _shown(books, ROOT)
    if turn.channel == "sms":
        turn.say("books.categories", names=", ".join(one.name for one in roots))
        return True
    turn.lines += [_root_line(books, one) for one in roots]
    turn.say("books.categories_how")
    return True


def _shown(books: Books, parent_id: int) -> list[Category]:
    return [one for one in books.tree.children(parent_id) if not one.hidden]


def _names(books: Books, parent_id: int) -> str:
    return ", ".join(one.name for one in _shown(books, parent_id))


def _root_line(books: Books, root: Category) -> str:
    below = _names(books, root.id)
    return f"{root.name}: {below}" if below else root.name


# -- changing ------------------------------------------------------------------------------------------------------


def arrange(turn: Turn, rest: str) -> bool:
    """Do one change, or say why it cannot be done."""
    verb, _, rest = rest.partition(" ")
    act = _ACTS[verb.casefold()]
    try:
        act(turn, open_books(turn), rest.strip(_QUOTES))
    except Mistake as mistake:
        turn.say(mistake.key, **mistake.args_)
    return True


def _known(books: Books, name: str) -> Category:
    """Return the category that words mean; one with a path is told apart from one of the same name elsewhere."""
    name = name.strip(_QUOTES)
    exact = books.tree.named(name) if name else []
    if len(exact) > 1:
        raise Mistake("books.which_category", paths=", ".join(path_of(books, one.id) for one in exact[:3]))
    found = exact[0].id if exact else category_named(books, name)
    node = None if found is None else books.tree.get(found)
    if node is None:
        raise Mistake("books.no_category", name=plain(name))
    return node


def _two(rest: str) -> tuple[str, str]:
    found = list(_TO.finditer(rest))
    if not found:
        raise Mistake("books.category_how")
    return rest[: found[0].start()].strip(_QUOTES), rest[found[0].end() :].strip(_QUOTES)


def _refuse(fault: Fault | None, name: str) -> None:
    if fault is not None:
        raise Mistake(f"books.fault_{fault.value}", name=plain(name))


def _add(turn: Turn, books: Books, rest: str) -> None:
    above, _, name = rest.rpartition(">")
    name = name.strip(_QUOTES)
    parent = _known(books, above) if above.strip() else None
    parent_id = parent.id if parent else ROOT
    _refuse(books.tree.may_add(name, parent_id), name)
    made = categories.add(
        turn.work, books.owner.id, parent_id=parent_id, name=name, kind=parent.kind if parent else "expense"
    )
    assert made is not None  # noqa: S101 - the tree was asked
    turn.say("books.category_added", name=path_of(open_books(turn), made))


def _rename(turn: Turn, books: Books, rest: str) -> None:
    old, new = _two(rest)
    node = _known(books, old)
    _refuse(books.tree.may_rename(node.id, new), new)
    categories.rename(turn.work, books.owner.id, node.id, new)
    turn.say("books.category_renamed", old=node.name, name=path_of(open_books(turn), node.id))


def _move(turn: Turn, books: Books, rest: str) -> None:
    old, new = _two(rest)
    node = _known(books, old)
    parent_id = ROOT if fold(new) in _TOP else _known(books, new).id
    _refuse(books.tree.may_move(node.id, parent_id), node.name)
    categories.move_under(turn.work, books.owner.id, node.id, parent_id)
    turn.say("books.category_moved", name=path_of(open_books(turn), node.id))


def _merge(turn: Turn, books: Books, rest: str) -> None:
    old, new = _two(rest)
    node = _known(books, old)
    into = None if fold(new) in _NOWHERE else _known(books, new).id
    _refuse(books.tree.may_merge(node.id, into), node.name)
    _empty(turn, books, node, into)


def _empty(turn: Turn, books: Books, node: Category, into: int | None) -> None:
    """Move all that is in a category to another one, drafts that wait too, and delete it."""
    name = path_of(books, node.id)
    recategorising.merge(turn.work, books.owner.id, node.id, into)
    drafts.recategorised(turn.work, books.owner.id, node.id, into)
    there = turn.text("receipts.uncategorised") if into is None else path_of(books, into)
    turn.say("books.category_merged", name=name, into=there)


def _hide(turn: Turn, books: Books, rest: str) -> None:
    node = _known(books, rest)
    categories.hide(turn.work, books.owner.id, node.id)
    turn.say("books.category_hidden", name=path_of(books, node.id))


def _unhide(turn: Turn, books: Books, rest: str) -> None:
    node = _known(books, rest)
    categories.hide(turn.work, books.owner.id, node.id, hidden=False)
    turn.say("books.category_shown", name=path_of(books, node.id))


def _delete(turn: Turn, books: Books, rest: str) -> None:
    """Delete an unused category; ask where the purchases of a used one go; a used root of ours is hidden."""
    node = _known(books, rest)
    used = recategorising.is_used(turn.work, books.owner.id, node.id)
    fault = books.tree.may_delete(node.id, used=used)
    if fault is Fault.SYSTEM:
        categories.hide(turn.work, books.owner.id, node.id)
    _refuse(fault, node.name)
    if used:
        turn.keep_draft()
        steps.open_flow(turn, category_flow.name, "", Leaving(category_id=node.id).model_dump(mode="json"))
        return
    recategorising.merge(turn.work, books.owner.id, node.id, None)
    drafts.recategorised(turn.work, books.owner.id, node.id, None)
    turn.say("books.category_deleted", name=path_of(books, node.id))


_ACTS = {
    "add": _add, "new": _add, "create": _add, "rename": _rename, "move": _move, "merge": _merge, "hide": _hide,
    "show": _unhide, "unhide": _unhide, "delete": _delete, "remove": _delete, "drop": _delete,
}  # fmt: skip


# -- where its purchases go ----------------------------------------------------------------------------------------


@category_flow.ask("where", effort=False)
def ask_where(turn: Turn) -> Ask:
    """Ask where the purchases of a category go that is to be deleted."""
    books, node = open_books(turn), _leaving(turn)
    if node is None:
        return Ask("books.category_gone", choices=(Choice("keep", key="receipts.leave_button"),))
    choices = []
    if node.parent_id != ROOT:
        choices.append(Choice("parent", text=path_of(books, node.parent_id), quiet=True))
    choices.append(Choice("none", key="receipts.uncategorised", words=tuple(_NOWHERE), quiet=True))
    choices.append(Choice("keep", key="receipts.keep_button", words=("keep", "no", "stop"), quiet=True))
    labels = [one.text or turn.text(one.key) for one in choices]
    args = {"name": path_of(books, node.id), "choices": inline(turn, labels)}
    return Ask(
        "books.category_where", args, choices=tuple(choices), expects=("text",), open_choices=True, in_place=True
    )


def _leaving(turn: Turn) -> Category | None:
    about: Leaving = turn.draft
    return open_books(turn).tree.get(about.category_id)


@category_flow.take("where")
def take_where(turn: Turn, answer: Answer) -> Next:
    """Move them there and delete it, or keep it."""
    books, node = open_books(turn), _leaving(turn)
    if node is None:
        return End()
    if answer.choice == "keep":
        turn.say("books.category_kept", name=path_of(books, node.id))
        return End()
    into = {"parent": node.parent_id, "none": None}[answer.choice] if answer.choice else _known(books, answer.text).id
    _refuse(books.tree.may_merge(node.id, into), node.name)
    _empty(turn, books, node, into)
    return End()
