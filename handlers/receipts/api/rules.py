"""`/rules`: what a person taught, or teaches here: a merchant or a text means a category, a name, tags (CAT-5 to 7)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.errors import Problem
from bot.core.fold import fold
from bot.engine.api import Call, Reply, Route
from handlers.receipts.api.pages import Paging, slice_of
from handlers.receipts.api.values import Given, Name, RowId, Tags, Taken, missing, row_id, unknown
from handlers.receipts.merchants import display_name, merchant_key
from storage.receipts import categories, rules
from storage.receipts.rules import Rule

Kind = Literal["merchant", "text", "alias"]


class RuleIn(Taken):
    """A rule; one for the same pattern takes the place of the earlier one.

    `merchant`: this merchant has this category. `text`: these words have. `alias`: this merchant is called otherwise.
    """

    kind: Kind
    pattern: Name = Field(description="The merchant's name, or the words.")
    category_id: RowId | None = None
    rename: Name | None = None
    tags: Tags = ()


class RuleOut(Given):
    """A rule; the pattern as it is compared. `learnt`: by a correction, not by hand."""

    id: str
    kind: str
    pattern: str
    category_id: str | None
    rename: str | None
    tags: list[str]
    learnt: bool


class RulePage(Given):
    """A page, oldest first."""

    data: list[RuleOut]
    next: str | None


def _shown(one: Rule) -> RuleOut:
    category = None if one.category_id is None else str(one.category_id)
    return RuleOut(
        id=str(one.id), kind=one.kind, pattern=one.pattern, category_id=category, rename=one.rename,
        tags=list(one.tags), learnt=one.learnt,
    )  # fmt: skip


def _own(call: Call) -> Rule:
    wanted = row_id(call.path["id"])
    found = next((one for one in rules.of_person(call.work, call.person_id) if one.id == wanted), None)
    if found is None:
        raise missing()
    return found


def listing(call: Call) -> Reply:
    """Return a page of the rules."""
    page, more = slice_of(rules.of_person(call.work, call.person_id), call.query, lambda one: one.id)
    return Reply(RulePage(data=[_shown(one) for one in page], next=more))


def get(call: Call) -> Reply:
    """Return one rule."""
    return Reply(_shown(_own(call)))


def create(call: Call) -> Reply:
    """Teach a rule."""
    new: RuleIn = call.body
    work, person_id = call.work, call.person_id
    pattern = fold(new.pattern) if new.kind == "text" else merchant_key(new.pattern)
    if not pattern:
        raise Problem(400, "invalid", "holds no letter or digit", field="pattern")
    category_id = None if new.category_id is None else row_id(new.category_id)
    if not categories.known(work, person_id, [category_id]):
        raise unknown("category_id")
    rename = display_name(new.rename) if new.rename else None
    if new.kind == "alias" and rename is None:
        raise Problem(422, "empty", "An alias needs a name.", field="rename")
    rule = Rule(new.kind, pattern, category_id, rename, new.tags, learnt=False)
    if not rules.teach(work, person_id, rule):
        raise Problem(422, "too_many", f"You may have {rules.MOST} rules.")
    made = rules.of_pattern(work, person_id, new.kind, pattern)
    if made is None:
        raise missing()
    return Reply(_shown(made), 201, location=f"/api/v1/rules/{made.id}")


def delete(call: Call) -> Reply:
    """Forget a rule."""
    rules.forget(call.work, call.person_id, _own(call).id)
    return Reply(status=204)


ROUTES = (
    Route("GET", "/rules", listing, "List rules", RulePage, query=Paging),
    Route("POST", "/rules", create, "Teach a rule", RuleOut, 201, body=RuleIn, writes=True),
    Route("GET", "/rules/{id}", get, "Get a rule", RuleOut),
    Route("DELETE", "/rules/{id}", delete, "Forget a rule", status=204, writes=True),
)
