"""A person and our staff in one chat.

U> agent
B> Your ticket is T-1042. What is it about? Write it in one message, or send a photo.
U> my letter never arrived
B> T-1042: our staff have it and answer here by Mon Mar 9, 12:30 PM PDT.
B> T-1042, our staff: It was mailed on Friday. Just reply here.
"""

from __future__ import annotations

import re

from pydantic import BaseModel

from bot.core.prompts import Answer, Ask
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.support import telling
from handlers.support.states import LIVE, Did, State
from handlers.support.tickets import Ticket, act, happened, open_ticket, person_writes
from handlers.support.words import solved, split_code, still_broken, thanks
from storage.support import bans, tickets

SHOWN, LONGEST_FEEDBACK = 5, 500
FEATURE = "support.basic"
_RATE = re.compile(r"\W*(?:rate|rating|califico)\s+(?:t-?(\d{4,9})\s+)?([1-5])(?:[\s.,:;!-]+(.*?))?\s*", re.I | re.S)
_FEEDBACK = re.compile(r"\W*feedback[\s:,-]+(?:t-?(\d{4,9})[\s:,-]+)?(\S.*)", re.I | re.S)
_CALLED = re.compile(r"(?:agent|support|human)\b[\s,.:;!-]+(\S.*)", re.I | re.S)
_STATUS = frozenset({"status", "/status", "estado", "/estado"})
_MINE = frozenset({"/mytickets", "mytickets", "my support tickets", "support tickets"})


class Talking(BaseModel):
    """Which ticket the words go to; 0 for one that is not opened yet."""

    ticket: int = 0


talking = Flow(telling.FLOW, Talking, version=1, first="words")


def register(registry: Registry) -> None:
    """Register the conversation and the words that lead to it."""
    registry.add_flow(talking)
    for name, hears in (("agent", wanted), ("text", heard), ("status", status)):
        registry.words.setdefault(name, []).insert(0, hears)  # while staff own a chat its words are theirs (TB-7)
    registry.button(telling.BUTTON)(pressed)
    registry.word("reads")(to_staff)
    registry.word("turns")(turns)


# -- asking for a person -----------------------------------------------------------------------------------------------


def wanted(turn: Turn, argument: str) -> bool:
    """Open a ticket for somebody who wants a person, or go on with the one that is not over."""
    if turn.address is None:
        return False
    top = turn.conversation.top
    if _is_banned(turn):
        if top is not None and top.flow == talking.name:
            steps.follow(turn, End())
        return True
    row = _current(turn)
    if row is not None and row.state == State.RESOLVED and top is not None and top.flow == talking.name:
        steps.follow(turn, End())
        top, row = turn.conversation.top, None
    if row is None and _closed(turn):
        return True
    row = row or open_ticket(turn)
    code = tickets.code(row.number)
    if argument.strip():
        _said_with_it(turn, row, argument.strip())
    elif top is not None and top.call is not None:
        turn.say("support.later", code=code)
    elif top is None or top.flow != talking.name:
        _begin(turn, row)
    return True


def _closed(turn: Turn) -> bool:
    """Say why no ticket can be opened; every plan has support, so somebody took it away or switched it off (RS-1)."""
    found = turn.registry.rights.decide(turn, FEATURE)
    if not found.allows:
        turn.say("support.not_in_plan", told=found.told)
    return not found.allows


def _is_banned(turn: Turn) -> bool:
    """Tell a person from whom staff take no words that it is so (TB-7); all else goes on for them."""
    if bans.kind_of(turn.work, turn.person.id) != bans.BAN:
        return False
    turn.say("support.banned")
    return True


def _said_with_it(turn: Turn, row: Ticket, words: str) -> None:
    """Take the words that came with the wish; more of them may follow where nothing else is asked."""
    after = _add(turn, row, Answer(text=words))
    if turn.conversation.top is None and after.state in LIVE:
        telling.listen(turn, after)
        turn.silent = True


def _begin(turn: Turn, row: Ticket) -> None:
    fresh, code = row.subject is None, tickets.code(row.number)
    if fresh:
        turn.say("support.got", code=code)
    else:
        turn.say("support.again" if row.state == State.RESOLVED else "support.here", code=code)
        turn.silent = True
    steps.open_flow(turn, talking.name, draft={"ticket": row.id}, step="words" if fresh else "more")
    turn.timer("support.leave", f"support:leave:{turn.person_id}", turn.now + telling.LEAVE)


def _current(turn: Turn) -> Ticket | None:
    """Return the newest ticket that is not over, or was resolved within the week."""
    return next((row for row in tickets.of_person(turn.work, turn.person.id, SHOWN) if not _is_over(turn, row)), None)


def _is_over(turn: Turn, row: Ticket) -> bool:
    """Tell whether a ticket takes no more messages, also when the timer that closes it is late (A83)."""
    if row.state in LIVE:
        return False
    return bool(row.state == State.CLOSED or turn.now >= row.resolved_at + telling.CLOSE)


@talking.ask("words", free_text=True, effort=False)
def ask_words(turn: Turn) -> Ask:
    """Ask what the ticket is about."""
    return Ask("support.ask", expects=("text", "picture"))


@talking.take("words")
def take_words(turn: Turn, answer: Answer) -> Next:
    """Take the first words."""
    return _take(turn, answer)


@talking.ask("more", free_text=True, effort=False)
def ask_more(turn: Turn) -> Ask:
    """Say where words go."""
    row = tickets.load(turn.work, turn.draft.ticket)
    return Ask("support.more", args={"code": tickets.code(row.number) if row else ""}, expects=("text", "picture"))


@talking.take("more")
def take_more(turn: Turn, answer: Answer) -> Next:
    """Add to the ticket."""
    return _take(turn, answer)


def _take(turn: Turn, answer: Answer) -> Next:
    if _is_banned(turn):
        return End()
    row = tickets.load(turn.work, turn.draft.ticket) if turn.draft.ticket else None
    row = row or open_ticket(turn)
    after = _add(turn, row, answer)
    turn.draft.ticket = after.id
    if after.state not in LIVE or len(turn.conversation.frames) > 1:
        return End()
    turn.silent = True
    turn.timer("support.leave", f"support:leave:{turn.person_id}", turn.now + telling.LEAVE)
    return Goto("more", forget=True)


# -- words and pictures of a ticket ------------------------------------------------------------------------------------


def _add(turn: Turn, row: Ticket, answer: Answer) -> Ticket:
    """Add words and pictures to a ticket and say so; to one that is over they open the next one."""
    row = _living(turn, row)
    code = tickets.code(row.number)
    files = [item.blob for item in answer.media if item.blob]
    if not files and solved(answer.text) and row.state in LIVE:
        return _close(turn, row)
    if row.state == State.RESOLVED and not files and thanks(answer.text):
        turn.say("support.thanks", code=code)
        return row
    if _is_over(turn, row):
        row = open_ticket(turn, parent_id=row.id)
        code = tickets.code(row.number)
    fresh, again = row.subject is None, row.state == State.RESOLVED
    after = person_writes(turn, row, answer.text, files)
    if again:
        turn.say("support.reopened", code=code)
    elif fresh and after.first_due is not None:
        beside = any(frame.flow != talking.name for frame in turn.conversation.frames)
        key = "support.opened_beside" if beside else "support.opened"
        turn.say(key, code=code, when=telling.told_time(turn, after.first_due))
    else:
        turn.say("support.added", code=code)
    return after


def _living(turn: Turn, row: Ticket) -> Ticket:
    """Return the ticket into which one was merged, or the one itself."""
    into = tickets.load(turn.work, row.merged_into) if row.merged_into else None
    return row if into is None else _living(turn, into)


def _close(turn: Turn, row: Ticket) -> Ticket:
    """Resolve a ticket because its person says so."""
    after = act(turn, row, Did.RESOLVED, actor=f"person:{row.person_id}")
    telling.rests(turn, after)
    turn.say("support.closed", code=tickets.code(row.number))
    return after


def heard(turn: Turn, text: str) -> bool:
    """Take what belongs to a ticket: words while staff own the chat, its number, RATE 5, "still broken"."""
    top = turn.conversation.top
    if top is not None and top.flow == talking.name and not text.startswith("/"):
        steps.follow(turn, _take(turn, Answer(text=text.strip())))
        return True
    if text.strip().casefold() in _MINE:
        return _mine(turn)
    called = _CALLED.fullmatch(text.strip()) if top is None else None
    if called is not None:
        return wanted(turn, called[1])
    rated = _RATE.fullmatch(text)
    if rated is not None:
        return _rated(turn, int(rated[1]) if rated[1] else None, int(rated[2]), rated[3] or "")
    said = _FEEDBACK.fullmatch(text)
    if said is not None:
        row = _ended(turn, int(said[1]) if said[1] else None)
        return row is not None and row.rating is not None and _feed_back(turn, row, said[2])
    found = split_code(text)
    if found is not None:
        row = tickets.of_number(turn.work, found[0])
        return row is not None and row.person_id == turn.person_id and _to(turn, row, found[1])
    if top is None and len(text) <= 60 and still_broken(text):
        row = _current(turn)
        return row is not None and row.state == State.RESOLVED and _to(turn, row, text)
    return False


def turns(turn: Turn, text: str) -> bool:
    """Tell whether words call our staff and say why, whatever a service asks ("agent my letter never came")."""
    return _CALLED.fullmatch(text.strip()) is not None


def to_staff(turn: Turn, text: str) -> bool:
    """Tell whether a message goes to our staff or asks after a ticket, which works at every address (RS-2, LG-9)."""
    top = turn.conversation.top
    if top is not None and top.flow == talking.name:
        return True
    return text.casefold() in _MINE or split_code(text) is not None or _RATE.fullmatch(text) is not None


def status(turn: Turn, argument: str) -> bool:
    """Tell where a person's tickets stand; "any news?" while staff own the chat is a word to them."""
    top, text = turn.conversation.top, turn.event.text.strip()
    if top is not None and top.flow == talking.name and text.casefold() not in _STATUS:
        steps.follow(turn, _take(turn, Answer(text=text)))
        return True
    for row in tickets.of_person(turn.work, turn.person.id, SHOWN):
        if row.state in LIVE:
            turn.say("support.state", code=tickets.code(row.number), state=turn.text(f"support.is_{row.state}"))
    return False


def _to(turn: Turn, row: Ticket, words: str) -> bool:
    if words and _is_banned(turn):
        return True
    if words:
        _add(turn, row, Answer(text=words))
        turn.silent = turn.conversation.top is None
    else:
        turn.say("support.state", code=tickets.code(row.number), state=turn.text(f"support.is_{row.state}"))
    return True


def _mine(turn: Turn) -> bool:
    """List a person's own tickets."""
    rows = tickets.of_person(turn.work, turn.person.id, SHOWN)
    for row in rows:
        turn.say("support.state", code=tickets.code(row.number), state=turn.text(f"support.is_{row.state}"))
    if not rows:
        turn.say("support.none")
    return True


def _ended(turn: Turn, number: int | None) -> Ticket | None:
    """Return the newest ticket that is resolved or closed, or the one of a number."""
    rows = [row for row in tickets.of_person(turn.work, turn.person.id, SHOWN) if number in (None, row.number)]
    return next((row for row in rows if row.state in (State.RESOLVED, State.CLOSED)), None)


def _rated(turn: Turn, number: int | None, stars: int, words: str) -> bool:
    row = _ended(turn, number)
    if row is None or not _rate(turn, row, stars):
        return False
    if words:
        turn.lines.pop()
        _feed_back(turn, tickets.load(turn.work, row.id) or row, words)
    return True


def _feed_back(turn: Turn, row: Ticket, words: str) -> bool:
    """Keep what a person says of how it went, with their rating."""
    sealed = turn.work.seal.seal(words.strip()[:LONGEST_FEEDBACK].encode())
    if tickets.change(turn.work, row.id, row.version, feedback=sealed):
        happened(turn, row.person_id, row.id, "feedback")
    turn.say("support.feedback", code=tickets.code(row.number))
    return True


def _rate(turn: Turn, row: Ticket, stars: int) -> bool:
    """Keep a rating; it starts no clock and opens nothing again (A82)."""
    if row.person_id != turn.person_id or row.state not in (State.RESOLVED, State.CLOSED):
        return False
    if tickets.change(turn.work, row.id, row.version, rating=stars):
        happened(turn, row.person_id, row.id, "rated")
    turn.say("support.rated", code=tickets.code(row.number))
    return True


def pressed(turn: Turn, argument: str) -> None:
    """Do what a button under "resolved" says; it counts only for the one whose ticket it is."""
    act_name, _, rest = argument.partition(":")
    ticket_id, _, stars = rest.partition(":")
    row = tickets.load(turn.work, int(ticket_id)) if ticket_id.isdigit() else None
    if row is None or row.person_id != turn.person_id:
        turn.say("engine.old_button")
    elif act_name == "rate" and stars in ("1", "2", "3", "4", "5"):
        if not _rate(turn, row, int(stars)):
            turn.say("engine.old_button")
    elif act_name == "broken" and row.state == State.RESOLVED and not _is_over(turn, row):
        act(turn, row, Did.WROTE, actor=f"person:{row.person_id}")
        turn.say("support.broken", code=tickets.code(row.number))
        if turn.conversation.top is None:
            telling.listen(turn, row)
            turn.silent = True
    else:
        turn.say("engine.old_button")


__all__ = ["register", "talking"]
