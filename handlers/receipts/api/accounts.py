"""`/accounts`: cash, cards and bank accounts, of whose number only the last four digits are known."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.engine.api import Call, Reply, Route
from handlers.receipts.api.pages import Paging, slice_of
from handlers.receipts.api.values import Given, Name, Taken, missing, row_id
from storage.receipts import accounts
from storage.receipts.accounts import Account

Last4 = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class AccountIn(Taken):
    """An account; kind and last four digits together are one."""

    kind: Literal["cash", "card", "bank"]
    last4: Last4 | None = None
    name: Name | None = None


class AccountPatch(Taken):
    """Its name may be changed."""

    name: Name


class AccountOut(Given):
    """An account; a balance is there only where a bank tells it."""

    id: str
    kind: str
    name: str
    last4: str | None
    currency: str | None
    balance_minor: int | None


class AccountPage(Given):
    """A page, oldest first."""

    data: list[AccountOut]
    next: str | None


def _shown(one: Account) -> AccountOut:
    return AccountOut(
        id=str(one.id), kind=one.kind, name=one.name, last4=one.last4, currency=one.currency,
        balance_minor=one.balance_minor,
    )  # fmt: skip


def _answer(call: Call, account_id: int, *, status: int = 200) -> Reply:
    mine = accounts.of_person(call.work, call.person_id)
    found = next((one for one in mine if one.id == account_id), None)
    if found is None:
        raise missing()
    return Reply(_shown(found), status, location=f"/api/v1/accounts/{found.id}" if status == 201 else None)


def listing(call: Call) -> Reply:
    """Return a page of the accounts."""
    page, more = slice_of(accounts.of_person(call.work, call.person_id), call.query, lambda one: one.id)
    return Reply(AccountPage(data=[_shown(one) for one in page], next=more))


def get(call: Call) -> Reply:
    """Return one account."""
    return _answer(call, row_id(call.path["id"]))


def create(call: Call) -> Reply:
    """Add an account, or answer 200 with the one that is there."""
    new: AccountIn = call.body
    work, person_id = call.work, call.person_id
    before = {one.id for one in accounts.of_person(work, person_id)}
    made = accounts.find_or_add(work, person_id, kind=new.kind, last4=new.last4, name=new.name or "")
    return _answer(call, made, status=200 if made in before else 201)


def patch(call: Call) -> Reply:
    """Rename an account."""
    account_id = row_id(call.path["id"])
    if not accounts.rename(call.work, call.person_id, account_id, call.body.name):
        raise missing()
    return _answer(call, account_id)


ROUTES = (
    Route("GET", "/accounts", listing, "List accounts", AccountPage, query=Paging),
    Route("POST", "/accounts", create, "Add an account", AccountOut, 201, body=AccountIn, writes=True),
    Route("GET", "/accounts/{id}", get, "Get an account", AccountOut),
    Route("PATCH", "/accounts/{id}", patch, "Rename an account", AccountOut, body=AccountPatch, writes=True),
)
