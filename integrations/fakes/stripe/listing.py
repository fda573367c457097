"""Lists as Stripe gives them (newest first, cursors, `created` ranges), and `expand`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

FindById = Callable[[str, str], Object | None]
"""Takes a field's name and the id it holds; returns the object that belongs there."""

EXPANDABLE = (
    "payment_intent", "latest_charge", "charge", "customer", "refund", "line_items", "latest_invoice", "schedule",
    "subscription", "default_payment_method",
)  # fmt: skip


def page(things: Iterable[Object], given: dict[str, Any], url: str, keep: tuple[str, ...] = ()) -> Object:
    """Return one page of the things (given oldest first) that meet `created` and equal the `keep` fields."""
    span = given.get("created", {})
    wanted = {name: given[name] for name in keep if name in given}
    found = [
        thing
        for thing in things
        if _within(thing["created"], span) and all(thing.get(name) == value for name, value in wanted.items())
    ]
    found.reverse()
    return _cut(found, given, url)


def _within(moment: int, span: dict[str, int]) -> bool:
    return (
        moment > span.get("gt", -1)
        and moment >= span.get("gte", 0)
        and ("lt" not in span or moment < span["lt"])
        and ("lte" not in span or moment <= span["lte"])
    )


def _cut(found: list[Object], given: dict[str, Any], url: str) -> Object:
    limit, ids = given.get("limit", 10), [thing["id"] for thing in found]
    for cursor in ("starting_after", "ending_before"):
        if cursor in given and given[cursor] not in ids:
            raise no_such("object", given[cursor], cursor)
    if "ending_before" in given:
        before = found[: ids.index(given["ending_before"])]
        part, more = before[-limit:], len(before) > limit
    else:
        start = ids.index(given["starting_after"]) + 1 if "starting_after" in given else 0
        part, more = found[start : start + limit], len(found) > start + limit
    return {"object": "list", "data": [shown(thing) for thing in part], "has_more": more, "url": url}


def expand(thing: Object, paths: list[str], find: FindById) -> Object:
    """Replace ids by objects along the paths (`payment_intent.latest_charge`, `data.customer`)."""
    if len(paths) > 20:
        raise StripeRefusal("You can expand at most 20 properties.", param="expand")
    for path in paths:
        _expand(thing, path.split("."), find, path)
    return thing


def _expand(thing: Object, parts: list[str], find: FindById, path: str) -> None:
    head, *rest = parts
    if head == "data" and thing.get("object") == "list":
        for item in thing["data"]:
            _expand(item, rest, find, path)
        return
    if head not in EXPANDABLE or (head not in thing and head != "line_items"):
        message = f"This property cannot be expanded ({path})."
        raise StripeRefusal(message, code="property_cannot_be_expanded", param="expand")
    id = thing["id"] if head == "line_items" else thing[head]
    if isinstance(id, str):
        found = find(head, id)
        thing[head] = found if found is None or head == "line_items" else shown(found)
    if rest and isinstance(thing[head], dict):
        _expand(thing[head], rest, find, path)
