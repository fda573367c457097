"""Two persons become one, under the hold of both, and are told apart again within thirty days (rules ID-6, ID-7).

The turn is the survivor's; its event names the other person, so that neither has another turn meanwhile. What was
asked for a moment ago is asked again here, and refused in words if something stands against it by now.
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine import ages
from bot.engine.intake import BESIDE
from bot.engine.registry import Registry
from bot.engine.state import Conversation, Parked
from bot.engine.turn import Address, Turn
from handlers.people.resting import SEVERAL
from storage import addresses, timers
from storage.accounts import holdings, merges, obstacles
from storage.conversation import conversation
from storage.people import address
from storage.schema import micros

JOIN, PART, FORGET = "people.join", "people.part", "people.forget"
_PARKED = 8


def register(registry: Registry) -> None:
    """Register what falls due."""
    registry.on(f"timer:{JOIN}")(due)
    registry.on(f"timer:{PART}")(part_due)
    registry.on(f"timer:{FORGET}")(forget_due)


def order(turn: Turn, survivor: int, absorbed: int, *, key: str, actor: str, **more: Any) -> None:
    """Let two persons be merged as soon as neither is at anything."""
    _order(turn, JOIN, survivor, absorbed, key=key, actor=actor, **more)


def order_parting(turn: Turn, survivor: int, absorbed: int, *, key: str, actor: str) -> None:
    """Let a merge be taken back as soon as its person is at nothing."""
    _order(turn, PART, survivor, absorbed, key=key, actor=actor)


def _order(turn: Turn, kind: str, survivor: int, absorbed: int, *, key: str, actor: str, **more: Any) -> None:
    body = {BESIDE: absorbed, "actor": actor, **more}
    timers.set_timer(
        turn.work, kind=kind, key=f"{kind}:{key}", due=turn.now, person_id=survivor, body=orjson.dumps(body)
    )


def told(turn: Turn, person_id: int) -> str:
    """Return what a person has in words: "3 cases, 41 receipts, 1 project"; empty for nothing."""
    found = holdings.of_person(turn.work, person_id)
    return ", ".join(turn.text(f"people.has.{name}_{'one' if n == 1 else 'many'}", n=n) for name, n in found.items())


def survivor_first(one: int, other: int) -> tuple[int, int]:
    """Return (survivor, absorbed): the older person stays; ids grow with time."""
    return min(one, other), max(one, other)


def check(turn: Turn, survivor: int, absorbed: int, *, by_staff: bool = False) -> None:
    """Raise Refusal for what stands against a merge."""
    found = obstacles.between(turn.work, survivor, absorbed, by_staff=by_staff)
    if found is not None:
        raise Refusal(f"people.merge.{found.what}", one=found.one, other=found.other)


def answer_at(turn: Turn, address_id: int) -> None:
    """Let what this turn says go to one address of its person."""
    row = turn.row(sa.select(address).where(address.c.id == address_id))
    if row is not None and row.person_id == turn.person_id:
        handle = turn.work.seal.open(row.handle).decode()
        turn.address = Address(row.id, row.channel, handle, row.state, row.last_in_at, queued=True)


# -- when it is time ---------------------------------------------------------------------------------------------------


def due(turn: Turn) -> None:
    """Merge, tell the person, and the operators where one of them asked for it."""
    payload = turn.event.payload
    absorbed, actor, by_staff = int(payload[BESIDE]), str(payload["actor"]), "tell" not in payload
    if merges.survivor_of(turn.work, absorbed) != absorbed or absorbed == turn.person.id:
        turn.silent = True
        return
    try:
        check(turn, turn.person.id, absorbed, by_staff=by_staff)
    except Refusal as refusal:
        _refused(turn, refusal, absorbed, by_staff=by_staff)
        return
    merge_id = perform(turn, absorbed, actor)
    turn.timer(FORGET, f"{FORGET}:{merge_id}", turn.now + merges.REVERSIBLE, merge=merge_id)
    if by_staff:
        turn.alert("persons_merged", key=f"merge:{merge_id}", person=turn.person.id, absorbed=absorbed, by=actor)
        turn.silent = True
        return
    answer_at(turn, int(payload["tell"]))
    turn.say("people.merge.done")


def _refused(turn: Turn, refusal: Refusal, absorbed: int, *, by_staff: bool) -> None:
    turn.silent = by_staff
    turn.audit("person.merge.refused", f"person:{turn.person_id}", absorbed=absorbed, why=refusal.key)
    if by_staff:
        turn.alert("merge_refused", key=f"merge_refused:{turn.event.key}", person=turn.person.id, why=refusal.key)
    else:
        turn.say(refusal.key, **refusal.args_)


def perform(turn: Turn, absorbed: int, actor: str) -> int:
    """Give everything of the absorbed person to the person of this turn, who holds both; return the merge's id."""
    from storage.accounts import own
    from storage.accounts.joining import Joining, join

    talk = _join_talk(turn, absorbed)
    joining = Joining(turn.work, turn.person.id, absorbed)
    manifest = join(joining, [own.before, *turn.registry.joins], [own.after, *turn.registry.remakers])
    turn.conversation = talk
    turn.conversation.notes[SEVERAL] = True
    merge_id = merges.note(turn.work, survivor=turn.person.id, absorbed=absorbed, actor=actor, manifest=manifest)
    counts = {name: len(keys) for name, keys in manifest.moved.items()}
    turn.audit("person.merge", f"person:{turn.person.id}", actor=actor, absorbed=absorbed, moved=counts)
    return merge_id


def _join_talk(turn: Turn, absorbed: int) -> Conversation:
    """Keep the newer conversation open and park what the other one held (rule ADR-3)."""
    work, both = turn.work, (turn.person.id, absorbed)
    rows = {row.person_id: row for row in turn.rows(sa.select(conversation).where(conversation.c.person_id.in_(both)))}
    theirs = rows.get(absorbed)
    if theirs is None:
        return turn.conversation
    work.ids.follow(theirs.newest)
    mine, other = turn.conversation, Conversation.load(work.seal.open(theirs.state))
    is_newer = turn.person.id not in rows or theirs.newest > rows[turn.person.id].newest
    stays, rests = (other, mine) if is_newer else (mine, other)
    now = micros(turn.now)
    for frame in rests.frames:
        frame.call = frame.then = None
    rested = [Parked(frame, now) for frame in rests.frames]
    notes = {**other.notes, **mine.notes}
    told = [talk.notes[ages.NOTE] for talk in (mine, other) if ages.NOTE in talk.notes]
    if told:
        notes[ages.NOTE] = min(told)  # whoever said on one side that they are a child said it of both
    return Conversation(
        frames=stays.frames, parked=[*other.parked, *mine.parked, *rested][-_PARKED:], prompt=stays.prompt,
        counter=max(mine.counter, other.counter), greeted=sorted({*mine.greeted, *other.greeted}), notes=notes,
        asked=stays.asked,
    )  # fmt: skip


# -- taking it back ----------------------------------------------------------------------------------------------------


def part_due(turn: Turn) -> None:
    """Give back what a merge moved."""
    from storage.accounts import own
    from storage.accounts.joining import part

    turn.silent = True
    absorbed, actor = int(turn.event.payload[BESIDE]), str(turn.event.payload["actor"])
    row = merges.of_absorbed(turn.work, absorbed)
    manifest = merges.manifest_of(turn.work, row) if row is not None else None
    if row is None or manifest is None or row.survivor_id != turn.person.id:
        turn.alert("merge_refused", key=f"part_refused:{turn.event.key}", person=turn.person.id, why="too late")
        return
    after = [own.after, *turn.registry.remakers]
    part(turn.work, survivor=turn.person.id, absorbed=absorbed, manifest=manifest, after=after)
    merges.note_undone(turn.work, row, manifest)
    turn.audit("person.unmerge", f"person:{turn.person.id}", actor=actor, absorbed=absorbed)
    turn.alert("persons_parted", key=f"part:{row.id}", person=turn.person.id, parted=absorbed, by=actor)
    _answer_elsewhere(turn)


def _answer_elsewhere(turn: Turn) -> None:
    """Do not keep an address that is the other person's again as the one last written from."""
    left = addresses.of_person(turn.work, turn.person.id)
    if left and turn.address is not None and turn.address.id not in {row.id for row in left}:
        answer_at(turn, left[0].id)


def forget_due(turn: Turn) -> None:
    """Drop the manifest when a merge can no longer be taken back."""
    turn.silent = True
    merges.forget(turn.work, int(turn.event.payload["merge"]))
