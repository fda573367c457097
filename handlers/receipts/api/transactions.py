"""`/transactions`: the ledger of a person, read with every filter of SEA-5 and changed by the rules of the chat.

What belongs to a receipt keeps its amount, date and merchant from there, and what came from a bank from its bank: those
are refused here with `linked`. A category that is given teaches the merchant's rule, as a correction in the chat does.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.core.errors import Problem
from bot.engine.api import Call, Reply, Route
from handlers.receipts.api.pages import after_of, cursor_of
from handlers.receipts.api.transaction_shapes import (
    Listing,
    Share,
    ShareIn,
    Sum,
    TransactionIn,
    TransactionOut,
    TransactionPage,
    TransactionPatch,
)
from handlers.receipts.api.values import (
    missing,
    row_id,
    stale,
    unknown,
)
from handlers.receipts.books import finding
from handlers.receipts.books.cache import BookCache
from handlers.receipts.categories.deciding import decide
from handlers.receipts.categories.learning import merchant_name, own_category, own_rules, own_tree
from handlers.receipts.categories.tree import UNCATEGORISED, Tree
from handlers.receipts.currencies import exponent
from handlers.receipts.later import alerts
from handlers.receipts.merchants import display_name, merchant_key
from storage.receipts import accounts, categories, rules, sources, transactions, words
from storage.receipts.search import ALIVE, Filter
from storage.receipts.transactions import Entry, Part, Transaction
from storage.work import Work

_HUNDREDTHS = 2
TOLD = "told"
"""Why a transaction has the category that its person named."""
LINKED = ("date", "time", "amount_minor", "currency", "kind", "state", "merchant")
"""What a transaction has from its receipt or its bank."""


# -- answers -------------------------------------------------------------------------------------------------------


def shown(one: Transaction) -> TransactionOut:
    """Return a transaction as the API shows it."""
    return TransactionOut(
        id=str(one.id), revision=one.revision, date=one.date,
        time=None if one.minute is None else f"{one.minute // 60:02}:{one.minute % 60:02}",
        amount_minor=one.amount_minor, currency=one.currency, kind=one.kind, state=one.state,
        merchant=one.merchant, description=one.description, note=one.note, tags=list(one.tags),
        category_id=_text(one.category_id), account_id=_text(one.account_id), receipt_id=_text(one.receipt_id),
        has_picture=one.pictured,
        parts=[Share(amount_minor=part.amount_minor, category_id=_text(part.category_id)) for part in one.parts],
    )  # fmt: skip


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _own(call: Call) -> Transaction:
    found = transactions.load(call.work, call.person_id, row_id(call.path["id"]))
    if found is None:
        raise missing()
    return found


def _answer(call: Call, transaction_id: int, *, status: int = 200) -> Reply:
    found = transactions.load(call.work, call.person_id, transaction_id)
    if found is None:
        raise missing()
    location = f"/api/v1/transactions/{found.id}" if status == 201 else None
    return Reply(shown(found), status, revision=found.revision, location=location)


def get(call: Call) -> Reply:
    """Return one transaction."""
    return _answer(call, row_id(call.path["id"]))


# -- the list ------------------------------------------------------------------------------------------------------


def listing(cache: BookCache, call: Call) -> Reply:
    """Return a page of what matches."""
    wanted: Listing = call.query
    found = filter_of(call.work, call.person_id, wanted)
    page = finding.find(
        call.work, call.person_id, found, after=after_of(wanted.cursor), limit=wanted.limit, cache=cache
    )
    more = None if page.after is None else cursor_of(page.after.date, page.after.id)
    sums = None
    if wanted.sums:
        sums = [Sum(currency=one.currency, count=one.count, amount_minor=one.amount_minor) for one in page.sums]
    return Reply(TransactionPage(data=[shown(one) for one in page.rows], next=more, sums=sums))


def filter_of(work: Work, person_id: int, wanted: Listing) -> Filter:
    """Return what the query means."""
    named = None
    if wanted.category:
        tree = Tree(categories.of_person(work, person_id))
        named = frozenset(one for text in wanted.category for one in _with_children(tree, text))
    stems = words.stems(wanted.text) if wanted.text else []
    return Filter(
        words=(*map(words.tag_word, wanted.tag), *stems),
        start=wanted.from_,
        end=wanted.to,
        least_milli=_milli(wanted.min, wanted.currency),
        most_milli=_milli(wanted.max, wanted.currency),
        currency=wanted.currency,
        categories=named,
        kinds=wanted.kind,
        states=wanted.state or ALIVE,
        accounts=frozenset(map(row_id, wanted.account)) if wanted.account else None,
        merchant_key=merchant_key(wanted.merchant) if wanted.merchant else None,
        has_receipt=wanted.has_receipt,
    )


def _with_children(tree: Tree, text: str) -> frozenset[int]:
    return frozenset({UNCATEGORISED}) if text == "0" else tree.with_children(row_id(text))


def _milli(amount: int | None, currency: str | None) -> int | None:
    if amount is None:
        return None
    decimals = exponent(currency) if currency else _HUNDREDTHS
    return int(amount * 1000 // 10**decimals)


# -- changes -------------------------------------------------------------------------------------------------------


def create(call: Call) -> Reply:
    """Add a transaction, as if it had been typed."""
    new: TransactionIn = call.body
    work, person_id = call.work, call.person_id
    tree = own_tree(work, person_id, call.turn.locale)
    parts = _parts(call, tree, new.parts)
    _check_parts(parts, new.amount_minor)
    entry = Entry(
        date=new.date,
        amount_minor=new.amount_minor,
        currency=new.currency,
        exponent=exponent(new.currency),
        kind=new.kind or ("expense" if new.amount_minor > 0 else "refund"),
        state=new.state,
        minute=_minute(new.time),
        account_id=_account(call, new.account_id),
        description=new.description or None,
        note=new.note or None,
        tags=new.tags,
        parts=parts,
    )
    entry = _named(call, entry, new.merchant)
    if "category_id" in new.model_fields_set:
        entry = replace(entry, category_id=_category(tree, new.category_id), reason=TOLD)
    elif not entry.parts:
        entry = _decided(call, tree, entry)
    _check(entry)
    source_id = _source(call, new.external_id)
    made = transactions.add(work, person_id, replace(entry, source_id=source_id))
    alerts.look(work, person_id)
    return _answer(call, made, status=201)


def _source(call: Call, external_id: str | None) -> int | None:
    if external_id is None:
        return None
    found = sources.claim(call.work, call.person_id, kind="api", provider_id=f"transaction:{external_id}")
    if found is None:
        raise Problem(409, "duplicate", "This external_id was taken before.", field="external_id")
    return found


def _named(call: Call, entry: Entry, merchant: str | None) -> Entry:
    """Return the entry at a merchant: as it is shown, or as its person calls it (MER-5, CAT-7)."""
    name = display_name(merchant) if merchant else None
    if merchant and name is None:
        raise Problem(400, "invalid", "holds no letter or digit", field="merchant")
    key = merchant_key(name) if name else None
    if name and key:
        name = merchant_name(call.work, call.person_id, key, name)
    return replace(entry, merchant=name, merchant_key=key)


def _decided(call: Call, tree: Tree, entry: Entry) -> Entry:
    own = own_rules(call.work, call.person_id, entry.merchant_key)
    decision = decide(entry.merchant, (), entry.description, own, merchant_key=entry.merchant_key)
    return replace(entry, category_id=own_category(tree, decision), reason=str(decision.reason))


def _account(call: Call, text: str | None) -> int | None:
    if text is None:
        return None
    wanted = row_id(text)
    if wanted not in {one.id for one in accounts.of_person(call.work, call.person_id)}:
        raise unknown("account_id")
    return wanted


def _category(tree: Tree, text: str | None, field: str = "category_id") -> int | None:
    if text is None:
        return None
    if tree.get(row_id(text)) is None:
        raise unknown(field)
    return row_id(text)


def _parts(call: Call, tree: Tree, given: tuple[ShareIn, ...]) -> tuple[Part, ...]:
    return tuple(Part(_category(tree, one.category_id, "parts"), one.amount_minor) for one in given)


def _minute(text: str | None) -> int | None:
    return None if text is None else int(text[:2]) * 60 + int(text[3:])


def _check(entry: Entry) -> None:
    """Raise Problem for an amount that no movement of money has, or a sign that its kind does not."""
    if entry.amount_minor == 0:
        raise Problem(422, "amount", "An amount is not zero.", field="amount_minor")
    if entry.kind == "expense" and entry.amount_minor < 0:
        raise Problem(422, "amount", "What was spent is positive; money back is a refund.", field="amount_minor")
    if entry.kind in ("refund", "income") and entry.amount_minor > 0:
        raise Problem(422, "amount", "Money that came in is negative.", field="amount_minor")


def _check_parts(parts: tuple[Part, ...], amount_minor: int) -> None:
    if parts and sum(one.amount_minor for one in parts) != amount_minor:
        raise Problem(422, "parts", "The parts must add to the amount.", field="parts")


def patch(call: Call) -> Reply:
    """Change what is named, if the transaction still is at the revision that the caller saw."""
    before, change = _own(call), call.body
    assert isinstance(change, TransactionPatch)  # noqa: S101
    if call.matches is not None and call.matches != before.revision:
        raise stale()
    given = change.model_fields_set
    linked = before.receipt_id is not None or before.bank_line_id is not None
    if linked and given & set(LINKED):
        raise Problem(409, "linked", "Change this at its receipt or bank.", field=min(given & set(LINKED)))
    _need_values(change)
    entry = _changed(call, before, change)
    if not transactions.change(call.work, call.person_id, before.id, entry, revision=before.revision):
        raise stale()
    alerts.look(call.work, call.person_id)
    if "category_id" in given and before.merchant_key and entry.category_id != before.category_id:
        rules.teach(call.work, call.person_id, rules.Rule("merchant", before.merchant_key, entry.category_id))
    return _answer(call, before.id)


def _need_values(change: TransactionPatch) -> None:
    for name in ("date", "amount_minor", "currency", "kind", "state", "tags", "parts"):
        if name in change.model_fields_set and getattr(change, name) is None:
            raise Problem(400, "invalid", "cannot be null", field=name)


def _changed(call: Call, before: Transaction, change: TransactionPatch) -> Entry:
    given, entry = change.model_fields_set, transactions.entry_of(before)
    tree = Tree(categories.of_person(call.work, call.person_id))
    plain = {name: getattr(change, name) for name in given & {"date", "amount_minor", "currency", "kind", "state"}}
    plain |= {name: getattr(change, name) or None for name in given & {"description", "note"}}
    if "tags" in given:
        plain["tags"] = change.tags
    if "time" in given:
        plain["minute"] = _minute(change.time)
    if "account_id" in given:
        plain["account_id"] = _account(call, change.account_id)
    if "category_id" in given:
        plain |= {"category_id": _category(tree, change.category_id), "parts": (), "reason": TOLD}
    if "parts" in given and change.parts is not None:
        plain["parts"] = _parts(call, tree, change.parts)
    _check_parts(plain.get("parts", entry.parts), plain.get("amount_minor", entry.amount_minor))
    entry = replace(entry, **plain)
    entry = replace(entry, exponent=exponent(entry.currency))
    if "merchant" in given:
        entry = _named(call, entry, change.merchant)
    if not (before.receipt_id or before.bank_line_id):
        _check(entry)
    return entry


def delete(call: Call) -> Reply:
    """Delete a transaction that stands for itself."""
    found = _own(call)
    if call.matches is not None and call.matches != found.revision:
        raise stale()
    if found.receipt_id is not None or found.bank_line_id is not None:
        raise Problem(409, "linked", "It belongs to a receipt or a bank line.")
    transactions.remove(call.work, call.person_id, found.id)
    return Reply(status=204)


ROUTES = (
    Route(
        "POST", "/transactions", create, "Add a transaction", TransactionOut, 201, body=TransactionIn, writes=True
    ),
    Route("GET", "/transactions/{id}", get, "Get a transaction", TransactionOut),
    Route(
        "PATCH", "/transactions/{id}", patch, "Change a transaction", TransactionOut, body=TransactionPatch,
        writes=True, versioned=True,
    ),
    Route("DELETE", "/transactions/{id}", delete, "Delete a transaction", status=204, writes=True),
)  # fmt: skip


def routes(cache: BookCache) -> tuple[Route, ...]:
    """Return the list over one cache, which other ways to the same books may share, and all that needs none."""
    found = partial(listing, cache)
    return (Route("GET", "/transactions", found, "List transactions", TransactionPage, query=Listing), *ROUTES)
