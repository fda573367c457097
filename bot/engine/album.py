"""Pictures and voice clips: collected until they settle, fetched by a job, then one answer.

Parts of one album, or pictures within 1.5 s of each other, are one answer (rules SMS-42, TG-18). They wait in the
person's row, not in memory, so a crash between two parts loses none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.core.calls import Done, Outcome
from bot.core.calls.channels import DiscardMedia, FetchedMedia, FetchMedia, MediaRef, StoredMedia
from bot.core.errors import Mistake
from bot.core.prompts import Answer
from bot.engine import navigation, repair, slow, steps, stray
from bot.engine.state import Album
from bot.engine.turn import Turn

SETTLE = timedelta(seconds=1.5)
MOST = 20
LONGEST_CAPTION = 1024
"""As long as Telegram lets one be."""


def collect(turn: Turn) -> None:
    """Add the message's files to the pile and wait for it to settle."""
    conversation, address = turn.conversation, turn.address
    assert address is not None  # noqa: S101
    items = list(turn.event.payload.get("media") or [])
    if conversation.album is None or conversation.album.call is not None:
        conversation.album = Album(items=[], address_id=address.id)
    conversation.album.items = (conversation.album.items + items)[:MOST]
    conversation.album.caption = conversation.album.caption or turn.event.text
    turn.timer("album", f"album:{turn.person_id}", turn.now + SETTLE)
    turn.silent = True


def captioned(turn: Turn) -> bool:
    """Take words that answer nothing and come while pictures settle for the caption of these.

    False without pictures, and for words that would make the caption longer than a caption can be.
    """
    album, address = turn.conversation.album, turn.address
    if album is None or address is None or album.address_id != address.id or turn.event.kind != "text":
        return False
    caption = f"{album.caption} {turn.event.text}".strip()
    if len(caption) > LONGEST_CAPTION:
        return False
    album.caption = caption
    turn.silent = True
    return True


def settled(turn: Turn) -> None:
    """Fetch what was collected."""
    album = turn.conversation.album
    turn.silent = True
    if album is None or album.call is not None or not album.items:
        return
    turn.purpose = "reply"
    album.call = turn.call(
        FetchMedia([MediaRef(**item) for item in album.items]), then="album", limit=timedelta(seconds=60), typing=True
    )
    turn.timer("slow", f"slow:{album.call}", turn.now + steps.SLOW, call=album.call)


def slow_call(turn: Turn) -> None:
    """Say once, on SMS, that the work takes longer (rules CONV-6, UX-24)."""
    call_id = turn.event.payload.get("call")
    frame, album = turn.conversation.top, turn.conversation.album
    waits = (frame is not None and frame.call == call_id) or (album is not None and album.call == call_id)
    if waits and turn.channel == "sms":
        turn.purpose = "reply"
        turn.say("engine.still_working")
        slow.told(turn)
    turn.silent = True


def fetched(turn: Turn, outcome: Outcome) -> None:
    """Give the stored files to the open step as one answer."""
    album, turn.conversation.album = turn.conversation.album, None
    caption = album.caption if album else ""
    items = outcome.result.items if isinstance(outcome, Done) and isinstance(outcome.result, FetchedMedia) else []
    hosted = [i.ref for i in items if i.blob and i.ref.channel == "sms"]
    if hosted:
        turn.call(DiscardMedia(hosted))
    good, bad = [i for i in items if i.blob], [i for i in items if not i.blob]
    navigation.introduce(turn)
    if bad or not items:
        turn.say(f"engine.media_{_worst(bad)}")
    if good:
        _give(turn, Answer(text=caption, media=tuple(good)))
    slow.forget(turn)


def _worst(bad: list[StoredMedia]) -> str:
    return next((str(i.trouble) for i in bad if i.trouble in ("too_large", "unsupported")), "gone")


def _give(turn: Turn, answer: Answer) -> None:
    ask = steps.question(turn)
    wanted = ask.expects if ask else ()
    if answer.tables:
        _give_tables(turn, answer, expected="table" in wanted)
        return
    if not {"picture", "voice"} & set(wanted):
        stray.place(turn, answer)
        return
    if (answer.pictures and "picture" in wanted) or (answer.voices and "voice" in wanted):
        try:
            steps.take(turn, answer)
            repair.accepted(turn)
        except Mistake as mistake:
            turn.say(mistake.key, **mistake.args_)
    else:
        turn.say("engine.media_wrong_kind")


def _give_tables(turn: Turn, answer: Answer, *, expected: bool) -> None:
    """Give files with data to the step that asked, else to the service that takes them; the rest of a pile goes on."""
    frame, rest = turn.conversation.top, Answer(text=answer.text, media=answer.pictures + answer.voices)
    given = Answer(text=answer.text, media=answer.tables)
    try:
        if expected:
            steps.take(turn, given)
            repair.accepted(turn)
        elif turn.registry.table_taker is None or (frame is not None and frame.call is not None):
            turn.say("engine.media_unsupported")
        else:
            turn.registry.table_taker(turn, given)
    except Mistake as mistake:
        turn.say(mistake.key, **mistake.args_)
    if rest.media:
        turn.say("engine.media_wrong_kind")


TIMERS: dict[str, Callable[[Turn], Any]] = {"album": settled, "slow": slow_call}
"""The engine's own timers."""
