"""`/categories`: the tree of a person, edited by the rules of CAT-4; deleting says where what is in it goes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from handlers.receipts.api.pages import Paging, slice_of
from handlers.receipts.api.values import Given, Name, RowId, Taken, missing, row_id, unknown
from handlers.receipts.categories.learning import own_tree
from handlers.receipts.categories.tree import Fault, Tree
from storage.receipts import categories, recategorising
from storage.receipts.categories import ROOT, Category

_FAULTS = {
    Fault.NAME: (400, "invalid", "A name has 1 to 40 characters and no >.", "name"),
    Fault.TAKEN: (409, "taken", "A category beside it has this name.", "name"),
    Fault.DEPTH: (422, "depth", "The tree has three levels.", "parent_id"),
    Fault.CYCLE: (422, "cycle", "A category cannot be under itself.", "parent_id"),
    Fault.TOO_MANY: (422, "too_many", "You may have 200 categories.", None),
    Fault.SYSTEM: (409, "in_use", "It is used. Hide it instead.", None),
    Fault.CHILDREN: (409, "has_children", "Move or delete what is under it first.", None),
}


class CategoryIn(Taken):
    """A new category: under a parent, whose kind it has, or a root with a kind."""

    name: Name
    parent_id: RowId | None = None
    kind: Literal["expense", "income", "transfer"] | None = None
    icon: Name | None = None


class CategoryPatch(Taken):
    """What changes; `parent_id: null` makes it a root."""

    name: Name | None = None
    parent_id: RowId | None = None
    hidden: bool | None = None


class CategoryOut(Given):
    """A node of the tree; `key` names one of the default tree, whatever it is called now."""

    id: str
    parent_id: str | None
    name: str
    path: str
    kind: str
    key: str | None
    icon: str | None
    hidden: bool


class CategoryPage(Given):
    """A page of the tree, in its order."""

    data: list[CategoryOut]
    next: str | None


class Into(Taken):
    """Where what is in a deleted category goes."""

    into: RowId | None = Field(None, description="A category's id, or `0` for Uncategorised.")


def _tree(call: Call) -> Tree:
    return Tree(categories.of_person(call.work, call.person_id))


def _own(call: Call, tree: Tree) -> Category:
    found = tree.get(row_id(call.path["id"]))
    if found is None:
        raise missing()
    return found


def _shown(tree: Tree, one: Category) -> CategoryOut:
    return CategoryOut(
        id=str(one.id), parent_id=str(one.parent_id) if one.parent_id != ROOT else None, name=one.name,
        path=" > ".join(node.name for node in tree.path(one.id)), kind=one.kind, key=one.key, icon=one.icon,
        hidden=one.hidden,
    )  # fmt: skip


def _answer(call: Call, category_id: int, *, status: int = 200) -> Reply:
    tree = _tree(call)
    found = tree.get(category_id)
    if found is None:
        raise missing()
    return Reply(_shown(tree, found), status, location=f"/api/v1/categories/{found.id}" if status == 201 else None)


def _need(fault: Fault | None) -> None:
    if fault is Fault.UNKNOWN:
        raise missing()
    if fault is not None:
        status, code, message, field = _FAULTS[fault]
        raise Problem(status, code, message, field=field)


def listing(call: Call) -> Reply:
    """Return a page of the tree."""
    nodes = categories.of_person(call.work, call.person_id)
    page, more = slice_of(nodes, call.query, lambda one: one.id)
    tree = Tree(nodes)
    return Reply(CategoryPage(data=[_shown(tree, one) for one in page], next=more))


def get(call: Call) -> Reply:
    """Return one category."""
    return _answer(call, row_id(call.path["id"]))


def create(call: Call) -> Reply:
    """Add a category."""
    new: CategoryIn = call.body
    tree = own_tree(call.work, call.person_id, call.turn.locale)
    parent = None if new.parent_id is None else tree.get(row_id(new.parent_id))
    if new.parent_id is not None and parent is None:
        raise unknown("parent_id")
    if parent is not None and new.kind not in (None, parent.kind):
        raise Problem(422, "kind", "A category has the kind of its parent.", field="kind")
    parent_id = parent.id if parent else ROOT
    _need(tree.may_add(new.name, parent_id))
    kind = parent.kind if parent else new.kind or "expense"
    made = categories.add(call.work, call.person_id, parent_id=parent_id, name=new.name, kind=kind, icon=new.icon)
    return _answer(call, made or 0, status=201)


def patch(call: Call) -> Reply:
    """Rename, move, hide or show a category."""
    change: CategoryPatch = call.body
    work, person_id, given = call.work, call.person_id, change.model_fields_set
    found = _own(call, _tree(call))
    if "parent_id" in given:
        _move(call, found.id, change.parent_id)
    if change.name is not None:
        _need(_tree(call).may_rename(found.id, change.name))
        categories.rename(work, person_id, found.id, change.name)
    if change.hidden is not None:
        categories.hide(work, person_id, found.id, hidden=change.hidden)
    return _answer(call, found.id)


def _move(call: Call, category_id: int, parent: str | None) -> None:
    tree = _tree(call)
    parent_id = ROOT if parent is None else row_id(parent)
    if parent_id != ROOT and tree.get(parent_id) is None:
        raise unknown("parent_id")
    _need(tree.may_move(category_id, parent_id))
    categories.move_under(call.work, call.person_id, category_id, parent_id)


def delete(call: Call) -> Reply:
    """Delete a category; what is in it goes where the caller says."""
    work, person_id, wanted = call.work, call.person_id, call.query
    tree = _tree(call)
    found, used = _own(call, tree), recategorising.is_used(work, person_id, row_id(call.path["id"]))
    _need(tree.may_delete(found.id, used=used))
    if used and wanted.into is None:
        raise Problem(409, "in_use", "Say where what is in it goes: ?into=ID, or into=0.", field="into")
    into = row_id(wanted.into or "0")
    into_id = None if (wanted.into or "0") == "0" else into
    if into_id is not None and tree.get(into_id) is None:
        raise unknown("into")
    _need(tree.may_merge(found.id, into_id))
    recategorising.merge(work, person_id, found.id, into_id)
    return Reply(status=204)


ROUTES = (
    Route("GET", "/categories", listing, "List the category tree", CategoryPage, query=Paging),
    Route("POST", "/categories", create, "Add a category", CategoryOut, 201, body=CategoryIn, writes=True),
    Route("GET", "/categories/{id}", get, "Get a category", CategoryOut),
    Route("PATCH", "/categories/{id}", patch, "Change a category", CategoryOut, body=CategoryPatch, writes=True),
    Route("DELETE", "/categories/{id}", delete, "Delete a category", status=204, query=Into, writes=True),
)
