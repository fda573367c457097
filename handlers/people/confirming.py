"""Where LINK was asked for: is this address yours, and may what is there be part of this account (rules ID-4, ID-5).

B> Make +1 *** *** 0188 and Telegram *** 4711 one account? Reply OK or NO.
U> ok
B> Both have data. 3 cases, 41 receipts, 1 project of +1 *** *** 0188 move to the older account. Reply OK or NO.
U> ok
B> Done: both are one account now.
"""

from __future__ import annotations

import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.people import linking, merging
from storage.accounts import codes, merges
from storage.people import address


class Pair(BaseModel):
    """The code that was answered, the two addresses, and who moves to whom."""

    code: int = 0
    here: int = 0
    there: int = 0
    survivor: int = 0
    absorbed: int = 0


pairing = Flow("people_link", Pair, version=1, first="mine")


def register(registry: Registry) -> None:
    """Register the flow, and the news that a code was sent back."""
    registry.add_flow(pairing)
    registry.on(f"timer:{linking.ANSWERED}")(answered)


def answered(turn: Turn) -> None:
    """Ask where the code was asked for."""
    row = codes.load(turn.work, int(turn.event.payload["code"]))
    if row is None or row.answered_from is None:
        turn.silent = True
        return
    merging.answer_at(turn, row.address_id)
    draft = Pair(code=row.id, here=row.address_id, there=row.answered_from)
    steps.open_flow(turn, pairing.name, draft=draft.model_dump(mode="json"))
    turn.purpose, turn.asks = "reply", True


def _ok_no() -> tuple[Choice, Choice]:
    """YES is the carrier's on SMS, so nobody is asked for it."""
    ok = Choice("ok", key="people.ok", words=("ok", "okay", "yes", "si"), quiet=True)
    return ok, Choice("no", key="people.no", words=("no", "n", "never"), quiet=True)


@pairing.ask("mine", effort=False)
def ask_mine(turn: Turn) -> Ask:
    """Name both addresses, masked."""
    here, there = (linking.shown_address(turn, one) for one in (turn.draft.here, turn.draft.there))
    return Ask("people.link.ask", args={"here": here, "there": there}, choices=_ok_no(), expects=("choice",))


@pairing.take("mine")
def take_mine(turn: Turn, answer: Answer) -> Next:
    """Move an address that has nothing; ask once more where data moves."""
    draft = turn.draft
    if answer.choice != "ok":
        return _declined(turn)
    there = _owner(turn, draft.there)
    if there is None or there == turn.person.id:
        turn.say("people.merge.gone")
        return End()
    if merging.told(turn, there):
        draft.survivor, draft.absorbed = merging.survivor_first(turn.person.id, there)
        merging.check(turn, draft.survivor, draft.absorbed)
        return Goto("moves", forget=True)
    draft.survivor, draft.absorbed = turn.person.id, there
    return _ordered(turn)


@pairing.ask("moves", effort=False)
def ask_moves(turn: Turn) -> Ask:
    """Name what moves."""
    draft = turn.draft
    moves = draft.here if draft.absorbed == turn.person.id else draft.there
    what = merging.told(turn, draft.absorbed) or turn.text("people.has.nothing")
    args = {"what": what, "address": linking.shown_address(turn, moves)}
    return Ask("people.merge.ask", args=args, choices=_ok_no(), expects=("choice",))


@pairing.take("moves")
def take_moves(turn: Turn, answer: Answer) -> Next:
    """Let the merge happen."""
    return _ordered(turn) if answer.choice == "ok" else _declined(turn)


def _ordered(turn: Turn) -> Next:
    draft = turn.draft
    theirs = draft.absorbed if draft.survivor == turn.person.id else draft.survivor
    merging.check(turn, draft.survivor, draft.absorbed)
    if not linking.may_add(turn, len(linking.live(turn, theirs))):
        return End()
    turn.audit("person.link.confirmed", f"person:{turn.person_id}", other=theirs)
    actor = f"person:{turn.person.id}"
    merging.order(turn, draft.survivor, draft.absorbed, key=str(draft.code), actor=actor, tell=draft.here)
    turn.silent = True
    return End()


def _declined(turn: Turn) -> Next:
    turn.audit("person.link.declined", f"person:{turn.person_id}")
    turn.say("people.link.declined")
    return End()


def _owner(turn: Turn, address_id: int) -> int | None:
    row = turn.row(sa.select(address.c.person_id).where(address.c.id == address_id))
    return None if row is None else merges.survivor_of(turn.work, row.person_id)
