"""Linking a bank, logging in again, and leaving it (rules BNK-1, BNK-6, SEC-R8).

    U> BANK
    B> Link your bank on this page (30 minutes): https://parley.example/p/...
    (the person agrees, logs in at the bank, comes back)
    B> Demo Bank is linked: Checking ..0042, Card ..4421. I read 90 days back.

A page belongs to the person who asked for it, is good once and for half an hour. Its end is told by a webhook; should
that be lost, the page is looked at. The token that it brings is exchanged by a call and lies in a sealed blob.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done, Refused
from bot.core.calls.plaid import (
    BankAccess,
    BankLink,
    BankLinkEnd,
    ExchangeBankToken,
    OpenBankLink,
    ReadBankLink,
    RemoveBank,
)
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.bank import room, syncing
from handlers.receipts.owner import owner_of
from storage import timers
from storage.links import make_link
from storage.receipts import accounts, bank_items
from storage.receipts.bank_items import LINK_NAME, Item, Link
from storage.work import Work

DAYS, MOST_DAYS = 90, 730
PAGE_LIFE = timedelta(minutes=30)
LOOKS = (timedelta(minutes=10), timedelta(minutes=31))
"""When a page is looked at whose end no webhook told."""
CONSENT = "bank-1"
"""The wording that was agreed to on our page before the bank's (`bot/web/templates/bank.html`)."""

COUNTRIES = ("US", "CA", "GB", "IE", "FR", "ES", "NL", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT", "BE")


# -- a page to link at -------------------------------------------------------------------------------------------------


def begin(turn: Turn, *, days: int = DAYS, item: Item | None = None) -> None:
    """Ask the vendor for a page, to link a bank or to log in again at one; an open page is sent again."""
    if item is None and not room.has_room(turn):
        turn.say("bank.no_room", told=room.told(turn))
        return
    work, person_id = turn.work, turn.person.id
    link = bank_items.open_link(work, person_id)
    if link is not None and link.page and link.item_id == (item.id if item else None) and link.days == days:
        send_page(turn, link)
        return
    link_id = bank_items.ask_link(
        work, person_id, days=days, expires=turn.now + PAGE_LIFE, item_id=item.id if item else None
    )
    country = _country(turn)
    call = OpenBankLink(
        person=work.seal.digest("plaid", str(person_id)).hex(),
        webhook=f"{turn.registry.public_url}/webhooks/plaid",
        done_url=f"{turn.registry.public_url}/linked",
        days=days,
        lifetime_seconds=int(PAGE_LIFE.total_seconds()),
        language="es" if turn.locale.startswith("es") else "en",
        country=country,
        token=item.token_blob if item else None,
    )
    turn.call(call, key=f"bank_link:{link_id}", then="bank.link_opened", context={"link": link_id}, limit=PAGE_LIFE)
    turn.say("bank.link_coming")


def wanted(turn: Turn) -> None:
    """Ask for a page because the person's own page did."""
    begin(turn)


def _country(turn: Turn) -> str:
    """Return the country whose banks are offered; in a person's very first turn nothing is known of them."""
    try:
        country = owner_of(turn.work, turn.person.id).country
    except LookupError:
        return COUNTRIES[0]
    return country if country in COUNTRIES else COUNTRIES[0]


def send_page(turn: Turn, link: Link) -> None:
    """Send the address of a page of ours behind which the vendor's is."""
    key = "bank.relink" if link.item_id else "bank.link"
    left = max(1, int((link.expires_at - turn.now).total_seconds() // 60))
    turn.notify(key, purpose="reply", ttl=timedelta(minutes=left), minutes=left, link=("bank.button", link.page or ""))


def link_opened(turn: Turn) -> None:
    """Take the vendor's page and send ours."""
    work, person_id, outcome = turn.work, turn.person.id, outcome_of(turn)
    link_id = int(turn.event.payload["context"]["link"])
    if not isinstance(outcome, Done) or not isinstance(outcome.result, BankLink):
        if bank_items.move_link(work, person_id, link_id, was=("asked",), to="failed"):
            off = isinstance(outcome, Refused) and outcome.code == "not_configured"
            turn.notify("bank.off" if off else "bank.link_failed", purpose="reply")
        return
    link = bank_items.load_link(work, person_id, link_id)
    if link is None or link.state != "asked" or link.expires_at <= turn.now:
        turn.silent = True
        return
    token = make_link(work, kind="p", target=link_id, name=LINK_NAME, expires=link.expires_at, person_id=person_id)
    page = f"{turn.registry.public_url}/p/{token}"
    made: BankLink = outcome.result
    bank_items.show_link(work, person_id, link_id, token=made.link_token, url=made.url, page=page)
    for n, after in enumerate(LOOKS):
        turn.timer("bank.look", f"bank_link:{link_id}:{n}", turn.now + after, link=link_id)
    shown = bank_items.load_link(work, person_id, link_id)
    if shown is not None:
        send_page(turn, shown)


# -- its end -----------------------------------------------------------------------------------------------------------


def finished(turn: Turn) -> None:
    """Take a page's end as the webhook tells it; the person was found by the page's token."""
    payload = turn.event.payload
    found = bank_items.whose(turn.work, kind="link", vendor_id=str(payload.get("link_token") or ""))
    turn.silent = True
    if found is None or found.person_id != turn.person_id:
        return
    if str(payload.get("status") or "").upper() != "SUCCESS":
        return
    _ended(turn, found.target, [str(one) for one in payload.get("public_tokens") or []])


def look_due(turn: Turn) -> None:
    """Look at a page of whose end nothing was heard."""
    turn.silent = True
    link = bank_items.load_link(turn.work, turn.person.id, int(turn.event.payload["link"]))
    if link is not None and link.state == "open" and link.token is not None:
        turn.call(ReadBankLink(link.token), then="bank.link_read", context={"link": link.id})


def link_read(turn: Turn) -> None:
    """Take a page's end as a look found it."""
    turn.silent = True
    outcome, link_id = outcome_of(turn), int(turn.event.payload["context"]["link"])
    if isinstance(outcome, Done) and isinstance(outcome.result, BankLinkEnd) and outcome.result.finished:
        _ended(turn, link_id, outcome.result.public_tokens)
        return
    link = bank_items.load_link(turn.work, turn.person.id, link_id)
    if link is not None and link.expires_at <= turn.now:
        bank_items.move_link(turn.work, turn.person.id, link_id, was=("open",), to="failed")


def _ended(turn: Turn, link_id: int, public_tokens: list[str]) -> None:
    work, person_id = turn.work, turn.person.id
    link = bank_items.load_link(work, person_id, link_id)
    if link is None or link.state != "open":
        return
    if link.item_id is not None:
        bank_items.move_link(work, person_id, link_id, was=("open",), to="linked")
        repaired(turn, link.item_id)
        return
    if not public_tokens or not bank_items.move_link(work, person_id, link_id, was=("open",), to="exchanging"):
        return
    for token in public_tokens:
        call = ExchangeBankToken(token, _country(turn))
        turn.call(call, then="bank.exchanged", context={"link": link_id, "days": link.days})


def exchanged(turn: Turn) -> None:
    """Keep a bank whose token was exchanged, say its accounts, and sync it."""
    work, person_id, outcome = turn.work, turn.person.id, outcome_of(turn)
    context = turn.event.payload["context"]
    if not isinstance(outcome, Done) or not isinstance(outcome.result, BankAccess):
        bank_items.move_link(work, person_id, int(context["link"]), was=("exchanging",), to="failed")
        turn.notify("bank.link_failed")
        return
    access: BankAccess = outcome.result
    fits = room.has_room(turn)
    item_id = bank_items.add(
        work, person_id, vendor_id=access.item_id, institution=access.institution or turn.text("bank.your_bank"),
        token_blob=access.token, days=int(context["days"]), today=owner_of(work, person_id).today, consent=CONSENT,
    )  # fmt: skip
    if item_id is None:
        turn.silent = True
        return
    bank_items.move_link(work, person_id, int(context["link"]), was=("exchanging",), to="linked")
    if not fits:
        _send_back(turn, item_id)
        return
    syncing.know_accounts(work, person_id, item_id, access.accounts)
    shown = ", ".join(f"{one.name} ..{one.last4}" if one.last4 else one.name for one in access.accounts)
    item = bank_items.load(work, person_id, item_id)
    if item is not None:
        key = "bank.linked" if shown else "bank.linked_bare"
        turn.notify(key, bank=item.institution, accounts=shown, days=item.days)
        syncing.schedule(turn, item_id)


def _send_back(turn: Turn, item_id: int) -> None:
    """Leave a bank at once that came although there was no room for it any more: two pages, or a smaller plan."""
    item = bank_items.load(turn.work, turn.person.id, item_id)
    if item is not None:
        leave(turn, item)
    turn.notify("bank.no_room", told=room.told(turn))


def repaired(turn: Turn, item_id: int) -> None:
    """Go on with a bank whose login works again."""
    if bank_items.move(turn.work, turn.person.id, item_id, was=("needs_login",), to="good"):
        item = bank_items.load(turn.work, turn.person.id, item_id)
        turn.notify("bank.repaired", bank=item.institution if item else "")
    syncing.schedule(turn, item_id)


# -- leaving -----------------------------------------------------------------------------------------------------------


def leave(turn: Turn, item: Item) -> None:
    """Stop reading a bank at once, and have the vendor forget it; its token goes when the vendor has."""
    bank_items.move(turn.work, turn.person.id, item.id, was=("good", "needs_login"), to="revoked")
    turn.cancel_timers(f"bank:{item.id}:")
    if item.token_blob is not None:
        key = f"bank_leave:{item.id}:{turn.work.new_id()}"
        turn.call(RemoveBank(item.token_blob), key=key, then="bank.removed", context={"item": item.id})


def removed(turn: Turn) -> None:
    """Delete the token of a bank that the vendor has forgotten (PLD-3)."""
    turn.silent = True
    item_id, outcome = int(turn.event.payload["context"]["item"]), outcome_of(turn)
    if isinstance(outcome, Done):
        bank_items.forget_token(turn.work, turn.person.id, item_id)
    elif isinstance(outcome, Refused):
        turn.alert("bank_not_removed", key=f"bank_not_removed:{item_id}", item=item_id, code=outcome.code)


def unlinked(work: Work, person_id: int) -> bool:
    """Tell whether banks must be left before all of a person's data goes, and have them left (SEC-R7)."""
    items = bank_items.with_token(work, person_id)
    for item in items:
        timers.set_timer(work, kind="bank.leave", key=f"bank_leave:{item.id}", due=work.now, person_id=person_id)
    return bool(items)


def leave_due(turn: Turn) -> None:
    """Leave all banks of a person whose data goes."""
    turn.silent = True
    for item in bank_items.with_token(turn.work, turn.person.id):
        leave(turn, item)


def account_names(turn: Turn, item: Item) -> str:
    """Return a bank's accounts as a person knows them."""
    mine = set(bank_items.ledger_accounts(turn.work, turn.person.id, item.id))
    found = [one for one in accounts.of_person(turn.work, turn.person.id) if one.id in mine]
    return ", ".join(f"{one.name} ..{one.last4}" if one.last4 else one.name for one in found)
