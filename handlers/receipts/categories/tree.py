"""A person's tree of categories: paths, children, look-up by name, and which edits are allowed (rules CAT-3, CAT-4)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.core.fold import fold
from storage.receipts.categories import ROOT, Category, Seed

DEEPEST, MOST, LONGEST_NAME = 3, 200, 40
UNCATEGORISED = 0
_DEFAULT = Path(__file__).with_name("tree.toml")


class Fault(StrEnum):
    """Why an edit of the tree is refused."""

    UNKNOWN = "unknown"
    NAME = "name"
    TAKEN = "taken"
    DEPTH = "depth"
    CYCLE = "cycle"
    TOO_MANY = "too_many"
    SYSTEM = "system"
    CHILDREN = "children"


@cache
def default_tree(language: str) -> tuple[Seed, ...]:
    """Return the default tree in a language, parents before children; English where there is no other."""
    lang = "es" if language.lower().startswith("es") else "en"
    return tuple(_seeds(lang))


def _seeds(lang: str) -> Iterator[Seed]:
    for root in tomllib.loads(_DEFAULT.read_text("utf-8"))["category"]:
        kind = root.get("kind", "expense")
        yield Seed(root["key"], None, root[lang], kind, root["icon"])
        for child in root["children"]:
            yield Seed(f"{root['key']}.{child['key']}", root["key"], child[lang], kind)


class Tree:
    """The categories of one person."""

    def __init__(self, nodes: Iterable[Category]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._children: dict[int, list[int]] = {}
        for node in self._nodes.values():
            self._children.setdefault(node.parent_id, []).append(node.id)

    def get(self, category_id: int) -> Category | None:
        """Return a category."""
        return self._nodes.get(category_id)

    def ids(self) -> frozenset[int]:
        """Return the ids of all categories that are shown."""
        return frozenset(node.id for node in self._nodes.values() if not node.hidden)

    def path(self, category_id: int) -> tuple[Category, ...]:
        """Return a category with its ancestors, the root first; empty for an unknown one."""
        found: list[Category] = []
        while (node := self._nodes.get(category_id)) is not None and len(found) <= DEEPEST:
            found.append(node)
            category_id = node.parent_id
        return tuple(reversed(found))

    def root_of(self, category_id: int) -> int:
        """Return the id of the root above a category, Uncategorised (0) for an unknown one."""
        path = self.path(category_id)
        return path[0].id if path else UNCATEGORISED

    def children(self, category_id: int) -> list[Category]:
        """Return the children of a category, or the roots for 0, in their order."""
        return [self._nodes[one] for one in self._children.get(category_id, ())]

    def with_children(self, category_id: int) -> frozenset[int]:
        """Return the ids of a category and of everything under it."""
        found, waiting = {category_id}, [category_id]
        while waiting:
            below = self._children.get(waiting.pop(), ())
            waiting += [one for one in below if one not in found]
            found.update(below)
        return frozenset(found)

    def by_key(self, key: str) -> int | None:
        """Return the person's category for a key of the default tree; its parent's where it was deleted."""
        for node in self._nodes.values():
            if node.key == key:
                return node.id
        parent, _, last = key.rpartition(".")
        return self.by_key(parent) if last and parent else None

    def named(self, name: str) -> list[Category]:
        """Return the categories of a name or path ("Coffee", "Food > Coffee"), compared folded."""
        wanted = [fold(part) for part in name.split(">")]
        return [node for node in self._nodes.values() if self._ends_with(node, wanted)]

    def _ends_with(self, node: Category, wanted: list[str]) -> bool:
        names = [fold(one.name) for one in self.path(node.id)]
        return names[-len(wanted) :] == wanted

    def may_add(self, name: str, parent_id: int) -> Fault | None:
        """Tell why a category may not be added, None when it may."""
        if parent_id != ROOT and parent_id not in self._nodes:
            return Fault.UNKNOWN
        if len(self._nodes) >= MOST:
            return Fault.TOO_MANY
        if len(self.path(parent_id)) + 1 > DEEPEST:
            return Fault.DEPTH
        return self._may_be_called(name, parent_id, None)

    def may_rename(self, category_id: int, name: str) -> Fault | None:
        """Tell why a category may not be given a name."""
        node = self._nodes.get(category_id)
        return Fault.UNKNOWN if node is None else self._may_be_called(name, node.parent_id, category_id)

    def may_move(self, category_id: int, parent_id: int) -> Fault | None:
        """Tell why a category may not hang under another one."""
        node = self._nodes.get(category_id)
        if node is None or (parent_id != ROOT and parent_id not in self._nodes):
            return Fault.UNKNOWN
        if parent_id in self.with_children(category_id):
            return Fault.CYCLE
        if len(self.path(parent_id)) + self._height(category_id) > DEEPEST:
            return Fault.DEPTH
        return self._may_be_called(node.name, parent_id, category_id)

    def may_merge(self, category_id: int, into: int | None) -> Fault | None:
        """Tell why a category may not be emptied into another one and deleted; None stands for Uncategorised."""
        if category_id not in self._nodes or (into is not None and into not in self._nodes):
            return Fault.UNKNOWN
        if into == category_id:
            return Fault.CYCLE
        return Fault.CHILDREN if self._children.get(category_id) else None

    def may_delete(self, category_id: int, *, used: bool) -> Fault | None:
        """Tell why a category may not be deleted; a used root of the default tree is hidden instead."""
        node = self._nodes.get(category_id)
        if node is None:
            return Fault.UNKNOWN
        if node.key and node.parent_id == ROOT and used:
            return Fault.SYSTEM
        return Fault.CHILDREN if self._children.get(category_id) else None

    def _may_be_called(self, name: str, parent_id: int, itself: int | None) -> Fault | None:
        wanted = fold(name)
        if not wanted or len(name) > LONGEST_NAME or ">" in name or not name.isprintable():
            return Fault.NAME
        taken = any(fold(one.name) == wanted and one.id != itself for one in self.children(parent_id))
        return Fault.TAKEN if taken else None

    def _height(self, category_id: int) -> int:
        return 1 + max((self._height(one) for one in self._children.get(category_id, ())), default=0)
