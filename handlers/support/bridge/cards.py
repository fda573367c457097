"""What stands in a topic beside the talk: its title, the pinned card of the person, a header for each ticket."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.support.looking import line_of
from handlers.support.states import LIVE
from handlers.support.tickets import Ticket
from storage import addresses, operators
from storage.appeals import payments
from storage.billing import subscriptions
from storage.support import posts, tickets

BUTTON = "desk"
_TITLE, _SHOWN, _PAYMENTS = 128, 10, 3
_PAID = ("paid", "partially_refunded", "refunded")
WAYS = (
    ("Assign me", "take"), ("Priority", "priority"), ("Waiting", "wait"), ("Resolve", "resolve"), ("Profile", "card"),
)  # fmt: skip
"""The buttons of a header, and what each means."""
Buttons = list[list[tuple[str, str]]]


def title(turn: Turn, person_id: int) -> str:
    """Return a topic's title: the newest ticket, how the person writes, where it stands (TB-1)."""
    row = next(iter(tickets.of_person(turn.work, person_id, 1)), None)
    if row is None:
        return f"#{person_id % 10_000} - no ticket"
    return f"#{row.number} {_name(turn, row)} - {row.state.replace('_', ' ')}"[:_TITLE]


def _name(turn: Turn, row: Ticket) -> str:
    """Return how a person is called among staff: the channel, with the end of a phone number."""
    known = next((one for one in addresses.of_person(turn.work, row.person_id) if one.id == row.address_id), None)
    if known is None or known.channel != "sms":
        return "Telegram" if row.channel == "telegram" else row.channel.upper()
    return f"SMS *{turn.work.seal.open(known.handle).decode()[-4:]}"


def card(turn: Turn, person_id: int) -> str:
    """Return the pinned card: plan, tickets that are open, last payments."""
    found = subscriptions.current(turn.work, person_id)
    rows = [row for row in tickets.of_person(turn.work, person_id, _SHOWN) if row.state in LIVE]
    paid = payments.of_person(turn.work, person_id, _PAID)[-_PAYMENTS:]
    told = [f"{row.total_minor // 100}.{row.total_minor % 100:02} {row.currency.upper()} {row.status}" for row in paid]
    open_now = ", ".join(f"{tickets.code(row.number)} {row.priority} {row.state}" for row in rows)
    return "\n".join(
        [
            f"Person {person_id}, plan {found.plan if found is not None else 'free'}",
            f"Open tickets: {open_now or 'none'}",
            f"Last payments: {', '.join(told) or 'none'}",
            "Reply to one of their messages to answer. Everything else you write here is a note for staff.",
        ]
    )


def header(turn: Turn, row: Ticket) -> str:
    """Return a ticket's header."""
    names = {one.id: one.name for one in operators.everyone(turn.work)}
    return f"{line_of(turn, row, names)}\n{row.category}, by {row.channel}"


def text_of(turn: Turn, post: posts.Post) -> str:
    """Return what a post says now: cards and headers are told as things stand."""
    row = tickets.load(turn.work, post.ticket_id) if post.ticket_id else None
    if post.kind == "card":
        return card(turn, post.person_id)
    if post.kind == "header":
        return header(turn, row) if row is not None else "(gone)"
    said = post.text or f"[{len(post.files)} files]"
    return f"{tickets.code(row.number)}, {row.channel}: {said}" if post.kind == "person" and row is not None else said


def buttons_of(turn: Turn, post: posts.Post) -> Buttons:
    """Return the buttons under a post; a ticket that is over has none."""
    if post.kind != "header" or post.ticket_id is None:
        return [list(post.buttons)] if post.buttons else []
    row = tickets.load(turn.work, post.ticket_id)
    if row is None or row.state not in LIVE:
        return []
    labelled = [(label, f"{BUTTON}:{name}:{row.id}") for label, name in WAYS]
    return [labelled[:3], labelled[3:]]
