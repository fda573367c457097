"""What owners say about quotes: QUOTE with a line, or with a number and what is to be done.

U> QUOTE Q-1001 SEND
U> QUOTE 1001 DISCOUNT 5
U> QUOTE 1001 FOR Asha Rao; Asha Traders; 12 Mill Road, Pune; 27ABCDE1234F1Z5; 30 days; limit 50000
U> QUOTE 1001 EDIT 2000 pcs
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from bot.core.errors import Refusal
from bot.engine.turn import Turn
from handlers.quotes import flow, making, moving, paper, shown
from handlers.quotes.settings import settings_of
from storage.quotes import contacts, quotes
from storage.quotes.contacts import Contact
from storage.quotes.quotes import Quote

_VERBS = "show|send|accept|pay|decline|drop|discount|for|add|edit|remove|breaks"
_QUOTE = re.compile(r"\s*/?(?:quotes?|quotation)\b[\s:,]*(.*)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(
    r"\s*(?:(?:hi|hello|hey)\b[\s,!.]*)?(?:(?:please|(?:i|we)(?:'d|\s+would)\s+like|(?:(?:i|we)\s+)?(?:need|want)|(?:(?:i\s*am|i'm|we\s*are|we're)\s+)?looking\s+for"
    r"|(?:(?:can|could|may)\s+(?:i|we|you)\s+(?:please\s+)?)?(?:get|have|make|(?:give|send)(?:\s+(?:me|us))?))\b\s*,?)+"
    r"\s*(?:(?:an?|the|your)\s+)?(?:price\s+)?(?:quote|quotation)\b(?:\s+(?:for|on|of))?[\s:,]*(.*)",
    re.IGNORECASE | re.DOTALL,
)
"""The same in a sentence."""
_NUMBERED = re.compile(
    rf"(?:q-(?P<coded>\d{{4,9}})|(?P<bare>\d{{4,9}}))(?:\s+v(?:ersion\s*)?(?P<version>\d{{1,4}}))?"
    rf"(?:\s+(?P<verb>{_VERBS})\b\s*(?P<rest>.*))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_VERSION = re.compile(r"\s*v?(?:ersion\s*)?(\d{1,4})\s*", re.IGNORECASE)
_PERCENT = re.compile(r"\s*(\d{1,2}(?:[.,]\d{1,2})?)\s*(?:%|percent)?\s*", re.IGNORECASE)
_PLACED = re.compile(r"\s*(\d{1,2})\s*:\s*(.+)", re.DOTALL)
_DAYS = re.compile(r"(?:net\s*)?(\d{1,3})\s*days?", re.IGNORECASE)
_LIMIT = re.compile(r"(?:credit\s*)?limit\s*:?\s*([\d,]{1,12})(?:\.(\d{2}))?", re.IGNORECASE)
_LIST = frozenset({"list", "all"})
LONGEST = 600


def heard(turn: Turn, text: str) -> bool:
    """Do what QUOTE asks for; False while another service waits for words, and for everything else."""
    found = _meant(text) if len(text) <= LONGEST else None
    top = turn.conversation.top
    if found is None or (top is not None and top.flow != flow.NAME):
        return False
    rest = found[1].strip()
    numbered = _NUMBERED.fullmatch(rest)
    if numbered is not None:
        return _numbered(turn, numbered)
    if rest.casefold() == "contacts":
        return _contacts(turn)
    if rest.casefold() in _LIST or (not rest and text.strip().casefold().endswith("quotes")):
        shown.everything(turn)
        return True
    _leave(turn)
    flow.begin(turn, rest)
    return True


def turns(turn: Turn, text: str) -> bool:
    """Tell whether words are about quotes, whatever another service asks."""
    return len(text) <= LONGEST and _meant(text) is not None


def _meant(text: str) -> re.Match[str] | None:
    return _QUOTE.fullmatch(text) or _PLAIN.fullmatch(text)


def add_options(turn: Turn, argument: str) -> bool:
    """Add QUOTE to OPTIONS."""
    turn.say("quotes.options")
    return True


def _leave(turn: Turn) -> None:
    """A new line about another box takes the place of the one that was asked about."""
    top = turn.conversation.top
    if top is not None and top.flow == flow.NAME:
        turn.conversation.frames.pop()


def _numbered(turn: Turn, found: re.Match[str]) -> bool:
    row = _mine(turn, int(found["coded"] or found["bare"]))
    version = int(found["version"]) if found["version"] else None
    verb, rest = (found["verb"] or "show").casefold(), (found["rest"] or "").strip()
    if verb in ("accept", "show") and (named := _VERSION.fullmatch(rest)) is not None:
        version = int(named[1])
    if verb == "show":
        shown.version(turn, row, version)
    elif verb == "accept":
        moving.accept(turn, row, version)
    else:
        _DEEDS[verb](turn, row, rest)
    return True


def _mine(turn: Turn, number: int) -> Quote:
    """Return a quote of this person; somebody else's is answered like one that is not there."""
    row = quotes.of_number(turn.work, number)
    if row is None or row.person_id != turn.person.id:
        raise Refusal("quotes.unknown", code=quotes.code(number))
    return row


def pressed(turn: Turn, argument: str) -> None:
    """Do what a button under a quote says, for the version that it stands under."""
    way, _, rest = argument.partition(":")
    number, _, version = rest.partition(":")
    if not (number.isdigit() and version.isdigit()):
        turn.say("engine.old_button")
        return
    try:
        row = _mine(turn, int(number))
        if way == "accept":
            moving.accept(turn, row, int(version))
        elif int(version) == row.current and way in ("send", "decline", "drop"):
            _DEEDS[way](turn, row, "")
        else:
            turn.say("engine.old_button")
    except Refusal as refusal:
        turn.say(refusal.key, **refusal.args_)


# -- what is done ------------------------------------------------------------------------------------------------------


def _send(turn: Turn, row: Quote, rest: str) -> None:
    """Make the paper; with a number or an address behind it comes the link, for the owner to forward."""
    paper.send(turn, row, as_link=bool(rest))


def _discount(turn: Turn, row: Quote, rest: str) -> None:
    found = _PERCENT.fullmatch(rest)
    if found is None:
        raise Refusal("quotes.how_discount", number=row.number)
    after = moving.discount(turn, row, int(Decimal(found[1].replace(",", ".")) * 100))
    if after is not None:
        shown.version(turn, after)


def _add(turn: Turn, row: Quote, rest: str) -> None:
    _leave(turn)
    flow.begin(turn, rest, quote_id=row.id)


def _edit(turn: Turn, row: Quote, rest: str) -> None:
    """Read a change into an item, the first unless another is named, and make the next version of it."""
    place, rest = _place(rest)
    items = making.items_of(making.version_of(turn, row))
    if not 1 <= place <= len(items):
        raise Refusal("quotes.no_item", place=place)
    kind, fields = items[place - 1]
    calculator = settings_of(turn.registry).of(kind)
    found = calculator.read(rest, fields)
    missing = calculator.missing(found.fields)
    if found.doubts or missing is not None or found.fields == fields:
        flow.say(turn, found)
        if missing is not None:
            key, args = missing.said
            turn.say(key, **args)
        turn.say("quotes.how_edit", number=row.number)
        return
    items[place - 1] = (kind, found.fields)
    shown.version(turn, making.amend(turn, row, items))


def _place(rest: str) -> tuple[int, str]:
    found = _PLACED.fullmatch(rest)
    return (int(found[1]), found[2]) if found else (1, rest)


def _remove(turn: Turn, row: Quote, rest: str) -> None:
    items = making.items_of(making.version_of(turn, row))
    if not rest.isdigit() or not 1 <= int(rest) <= len(items):
        raise Refusal("quotes.no_item", place=rest or "?")
    shown.version(turn, making.amend(turn, row, [one for n, one in enumerate(items, 1) if n != int(rest)]))


def _for(turn: Turn, row: Quote, rest: str) -> None:
    """Name the customer: one who is known by a name alone, or one with what stands behind it (QT-9)."""
    if row.state not in ("draft", *quotes.OFFERED):
        raise Refusal("quotes.is_closed", code=quotes.code(row.number), state=turn.text(f"quotes.is_{row.state}"))
    made = contact_of(rest)
    if not made.name:
        raise Refusal("quotes.how_for", number=row.number)
    known = contacts.named(turn.work, turn.person.id, made.name)
    is_known = known is not None and made in (Contact(made.name), known[1])
    contact_id = known[0] if known and is_known else contacts.put(turn.work, turn.person.id, made)
    quotes.note(turn.work, row.id, contact_id=contact_id)
    turn.say("quotes.for_noted", code=quotes.code(row.number), name=made.name)
    if row.state in quotes.OFFERED and not (is_known and contact_id == row.contact_id):
        items = making.items_of(making.version_of(turn, row))
        shown.version(turn, making.amend(turn, making.load(turn, row.id), items))


def contact_of(text: str) -> Contact:
    """Read `name; company; address; tax id`, with `30 days` and `limit 50000` anywhere among them."""
    parts, days, limit = [], None, None
    for part in (one.strip() for one in text.split(";")):
        if (found := _DAYS.fullmatch(part)) is not None:
            days = int(found[1])
        elif (found := _LIMIT.fullmatch(part)) is not None:
            limit = int(found[1].replace(",", "")) * 100 + int(found[2] or 0)
        else:
            parts.append(part[:200])
    name, company, address, tax_id = (*parts, "", "", "", "")[:4]
    return Contact(name, company, address, tax_id, days, limit)


def _contacts(turn: Turn) -> bool:
    known = contacts.of_person(turn.work, turn.person.id)
    for one in known:
        turn.lines.append(", ".join([one.name, *([one.company] if one.company else [])]))
    if not known:
        turn.say("quotes.no_contacts")
    return True


_DEEDS: dict[str, Callable[[Turn, Quote, str], None]] = {
    "send": _send,
    "pay": lambda turn, row, rest: moving.pay(turn, row),
    "decline": lambda turn, row, rest: moving.decline(turn, row),
    "drop": lambda turn, row, rest: moving.decline(turn, row),
    "discount": _discount,
    "for": _for,
    "add": _add,
    "edit": _edit,
    "remove": _remove,
    "breaks": lambda turn, row, rest: shown.breaks(turn, row),
}
