"""From a wish to a file in the chat: the claim, the call, and what is done with what it made (rules 10, MED-8).

    U> EXPORT CSV
    B> That is 412 entries, Jan 2 - Mar 18, spent $9,310.20. Send the file? Reply OK or NO.
    U> yes
    B> (transactions.csv) 412 entries, ...

On Telegram the file itself comes; on SMS a link for a day, and a code that its page asks for. The mark of what this
kind has sent advances in the same commit.
"""

from __future__ import annotations

from bot.core.calls import Done, Refused
from bot.core.calls.books import ExportMade
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Outgoing, Turn
from handlers.receipts.exports import asking, export_rights, sending
from handlers.receipts.exports.starting import SENT_ON, SLOW_TIMER, THEN, kind_name, start
from handlers.receipts.exports.telling import told
from handlers.receipts.mail import letters
from storage.links import make_link
from storage.receipts import connections, exports
from storage.receipts.exports import LIFE, File, Wanted

CODE_DIGITS = 6


def register(registry: Registry) -> None:
    """Register the outcome of making a file, and the word that it takes long."""
    registry.on(f"call:{THEN}")(exported)
    registry.on(f"timer:{SLOW_TIMER}")(slow)
    sending.register(registry)


def slow(turn: Turn) -> None:
    """Say once that it takes longer."""
    row = exports.load(turn.work, turn.person.id, int(turn.event.payload["export"]))
    if row is not None and row.state == "making":
        turn.notify("receipts.export.slow", purpose="reply")
    turn.silent = True


def exported(turn: Turn) -> None:
    """Hand over what was made, ask about a large file, or say why there is none."""
    export_id, outcome = int(turn.event.payload["context"]["export"]), outcome_of(turn)
    row = exports.load(turn.work, turn.person.id, export_id)
    turn.purpose = "reply"
    turn.cancel_timers(f"{SLOW_TIMER}:{export_id}")
    if row is None or row.state != "making":
        turn.silent = True
        return
    wanted = Wanted(row.kind, row.start, row.end, row.fresh)
    if isinstance(outcome, Done) and isinstance(outcome.result, ExportMade):
        _made(turn, export_id, wanted, outcome.result)
        return
    exports.end(turn.work, turn.person.id, export_id, state="ended")
    export_rights.settle(turn, export_id, made=False)
    code = outcome.code if isinstance(outcome, Refused) else ""
    turn.say(f"receipts.export.{'too_large' if code == 'too_large' else 'failed'}")


def _made(turn: Turn, export_id: int, wanted: Wanted, made: ExportMade) -> None:
    if not made.asks and wanted.kind in SENT_ON and connections.load(turn.work, turn.person.id, wanted.kind):
        sending.begin(turn, export_id, made)
        return
    if not made.asks:
        files = [File(one.blob, one.name, one.media_type, one.size) for one in made.files]
        exports.made(turn.work, turn.person.id, export_id, files, mark_blob=made.mark_blob)
        export_rights.settle(turn, export_id, made=True)
        _hand_over(turn, export_id, files, told(turn, wanted, made.weighed))
        return
    exports.end(turn.work, turn.person.id, export_id, state="ended")
    export_rights.settle(turn, export_id, made=False)
    frame = turn.conversation.top
    if made.weighed.count == 0:
        nothing = "nothing_new" if wanted.fresh else "nothing"
        turn.say(f"receipts.export.{nothing}", kind=kind_name(turn, wanted.kind))
    elif frame is not None and frame.call is not None:
        start(turn, wanted, confirmed=True)  # whose answer of the world is awaited has no ear for a question
    else:
        asking.sure(turn, wanted, told(turn, wanted, made.weighed))


def _hand_over(turn: Turn, export_id: int, files: list[File], text: str) -> None:
    if turn.channel == "telegram":
        shown = tuple((one.blob_id, one.name) for one in files)
        turn.outgoing.append(Outgoing(text, "reply", "repeat_ok", shown, ttl=LIFE))
        return
    code = turn.work.ids.digits(CODE_DIGITS)
    turn.hide(code)
    exports.lock(turn.work, turn.person.id, export_id, code)
    token = make_link(
        turn.work, kind="d", target=export_id, name="export", expires=turn.now + LIFE, person_id=turn.person.id
    )
    page = f"{turn.registry.public_url}/d/{token}"
    link = ("receipts.export.open", page)
    letters.tell(turn, "export", name=files[0].name, link=page)
    turn.notify("receipts.export.link", purpose="reply", ttl=LIFE, link=link, told=text)
    turn.notify("receipts.export.code", purpose="code", policy="ask_first", ttl=LIFE, code=code)
