"""Shows what waits for a person's topic, in order: one call at a time, the next one when its answer came.

It runs in the person's queue. The row of the topic is made once, so two first messages make one topic (A88). A topic
that staff deleted is opened again with the person's card, the headers and the last five messages, then what was
refused is posted once more (TB-3, A87): nothing that waits is lost, also while the group cannot be reached.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.calls.channels import Button, EditTelegram
from bot.core.calls.groups import OpenTopic, PinMessage, PostedInTopic, PostInTopic, RenameTopic, TopicOpened
from bot.core.calls.outcome import Done, Refused
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.support.bridge import cards
from handlers.support.settings import SupportSettings
from handlers.support.states import LIVE
from handlers.support.tickets import WORDLESS, Ticket, wake
from storage.support import messages, pairs, posts, tickets, topics

AGAIN, RETRIES = 5, 2
MOVED = "What this person writes now stands in a topic of another group."
_GROUP_TROUBLE = frozenset(
    {"blocked", "gone", "unauthorized", "not_configured", "gave_up", "migrated", "timed_out", "conflict", "unknown"}
)
_LONGEST, _WITH_FILES = 4000, 1000


def register(registry: Registry) -> None:
    """Register what falls due and the answers of the calls."""
    registry.on("timer:support.pump")(pump)
    registry.on("call:support.topic")(opened)
    registry.on("call:support.posted")(posted)


def _settings(turn: Turn) -> SupportSettings:
    found: SupportSettings = turn.registry.settings.get(SupportSettings, SupportSettings())
    return found


def _group_of(turn: Turn, settings: SupportSettings, oldest: Ticket | None) -> int:
    """Return the group of a person's topic: that of the oldest ticket which is not over; else it stays (TB-6)."""
    if oldest is not None:
        return settings.groups.get(oldest.category, settings.group)
    known = topics.of_person(turn.work, turn.person.id)
    return known.chat_id if known is not None and known.chat_id in settings.groups.values() else settings.group


def _oldest(turn: Turn) -> Ticket | None:
    rows = [row for row in tickets.of_person(turn.work, turn.person.id) if row.state in LIVE]
    return rows[-1] if rows else None


def pump(turn: Turn) -> None:
    """Let the next thing out, unless a call is under way."""
    turn.silent = True
    settings, person_id, oldest = _settings(turn), turn.person.id, _oldest(turn)
    if not settings.group:
        return
    if settings.groups and oldest is not None and oldest.subject is None and turn.now < oldest.opened_at + WORDLESS:
        wake(turn, oldest, "support.pump", f"support:pump:{person_id}", oldest.opened_at + WORDLESS)
        return  # the first words tell which group it is
    before, group = topics.of_person(turn.work, person_id), _group_of(turn, settings, oldest)
    topic, is_new = topics.ensure(turn.work, person_id, group, cards.title(turn, person_id))
    if is_new:
        posts.lose(turn.work, person_id)  # what an earlier group shows is no message of this one
        _restore(turn, person_id)
        if before is not None and before.thread_id and before.chat_id in (settings.group, *settings.groups.values()):
            turn.call(PostInTopic(before.chat_id, before.thread_id, MOVED))
    _step(turn, topic)


def _step(turn: Turn, topic: sa.Row[Any]) -> None:
    if topic.asked is not None:
        return
    if topic.thread_id is None:
        call = OpenTopic(topic.chat_id, cards.title(turn, topic.person_id))
        topics.change(turn.work, topic.person_id, asked=turn.call(call, then="support.topic"), title=call.name)
        return
    post = posts.first(turn.work, topic.person_id)
    if post is None:
        _refresh(turn, topic)
        return
    buttons = [[Button(label, data=data) for label, data in row] for row in cards.buttons_of(turn, post)]
    text = cards.text_of(turn, post)[: _WITH_FILES if post.files else _LONGEST]
    place = (topic.chat_id, topic.thread_id)
    call_post = PostInTopic(*place, text, buttons, list(post.files)[:10], post.reply_to)
    asked = turn.call(call_post, then="support.posted", context={"post": post.id, "text": text})
    topics.change(turn.work, topic.person_id, asked=asked)


def _current(turn: Turn) -> sa.Row[Any] | None:
    """Return the topic whose call has ended; None for a call that nobody waits for any more."""
    turn.silent = True
    topic = topics.of_person(turn.work, turn.person.id)
    return topic if topic is not None and topic.asked == int(turn.event.payload["call_id"]) else None


def _on(turn: Turn, topic: sa.Row[Any], **values: Any) -> None:
    topics.change(turn.work, topic.person_id, asked=None, **values)
    fresh = topics.of_person(turn.work, topic.person_id)
    assert fresh is not None  # noqa: S101
    _step(turn, fresh)


def opened(turn: Turn) -> None:
    """Take the number of a new topic."""
    topic = _current(turn)
    if topic is None:
        return
    match outcome_of(turn):
        case Done(TopicOpened(thread_id)):
            _on(turn, topic, thread_id=thread_id)
        case Refused(code, _, _):
            _trouble(turn, topic, code)
        case _:
            _trouble(turn, topic, "no answer")


def _trouble(turn: Turn, topic: sa.Row[Any], code: str) -> None:
    """Keep what waits until something new happens, and tell the operators once an hour."""
    topics.change(turn.work, topic.person_id, asked=None)
    turn.alert("staff_group", key=f"staff_group:{code}:{turn.now:%Y-%m-%d-%H}", code=code)


def posted(turn: Turn) -> None:
    """Take what became of a post, then go on."""
    topic, post = _current(turn), posts.load(turn.work, int(turn.event.payload["context"]["post"]))
    if topic is None or post is None:
        return
    match outcome_of(turn):
        case Done(PostedInTopic(message_ids=numbers)):
            _shown(turn, topic, post, numbers)
            _on(turn, topic, losses=0)
        case Refused("thread_gone", _, _) if topic.losses < RETRIES:
            posts.lose(turn.work, topic.person_id)
            _restore(turn, topic.person_id, but=post)
            _on(turn, topic, thread_id=None, losses=topic.losses + 1)
        case Refused(code, _, _) if code in _GROUP_TROUBLE or code == "thread_gone":
            _trouble(turn, topic, code)
        case Refused(code, _, _):
            posts.settle(turn.work, post.id, "failed")
            words = f"{post.text[:500]}\n(its files cannot be shown here: {code}; /ticket show has them)"
            again = words if post.files else f"(something could not be shown here: {code})"
            posts.add(turn.work, post.person_id, post.ticket_id, kind="system", text=again, rank=0)
            _on(turn, topic)


def _shown(turn: Turn, topic: sa.Row[Any], post: posts.Post, numbers: list[int]) -> None:
    posts.settle(turn.work, post.id, "sent", numbers[0])
    if post.kind in ("card", "header"):
        posts.reword(turn.work, post.id, str(turn.event.payload["context"]["text"]))
    if post.kind == "card":
        turn.call(PinMessage(topic.chat_id, numbers[0]))
    for number in numbers if post.message_id is not None else ():
        pairs.add(
            turn.work, post.person_id, int(post.message_id or 0), place="group", chat=topic.chat_id, number=number
        )


def _restore(turn: Turn, person_id: int, but: posts.Post | None = None) -> None:
    """Let the card, the headers of what is open, and the last messages be shown before what waits."""
    waiting = posts.waiting(turn.work, person_id)
    heads = {one.ticket_id for one in waiting if one.kind == "header"}
    coming = {one.message_id for one in waiting} | {but.message_id if but else None}
    if not any(one.kind == "card" for one in waiting):
        posts.add(turn.work, person_id, None, kind="card", text="", rank=0)
    rows = [row for row in tickets.of_person(turn.work, person_id) if row.state in LIVE]
    for row in reversed(rows):
        if row.id not in heads:
            posts.add(turn.work, person_id, row.id, kind="header", text="", rank=0)
    looked = [(one, row) for row in rows for one in messages.of_ticket(turn.work, row.id, AGAIN + len(coming))]
    said = [(one, row) for one, row in looked if one.id not in coming]
    for one, row in sorted(said, key=lambda found: found[0].id)[-AGAIN:]:
        text = one.text if one.author == "person" else f"staff: {one.text}"
        posts.add(turn.work, person_id, row.id, kind=one.author, text=text, files=one.files, message_id=one.id, rank=0)


def _refresh(turn: Turn, topic: sa.Row[Any]) -> None:
    """Let title, card and headers say how things stand now; what cannot be changed any more is left."""
    title = cards.title(turn, topic.person_id)
    if title != topic.title:
        turn.call(RenameTopic(topic.chat_id, topic.thread_id, title))
        topics.change(turn.work, topic.person_id, title=title)
    for kind in ("card", "header"):
        for post in posts.shown(turn.work, topic.person_id, kind):
            text = cards.text_of(turn, post)
            if text != post.text and post.number is not None:
                buttons = [[Button(label, data=data) for label, data in row] for row in cards.buttons_of(turn, post)]
                turn.call(EditTelegram(topic.chat_id, post.number, text, html=False, buttons=buttons))
                posts.reword(turn.work, post.id, text)
