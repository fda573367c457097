"""EXPORT MY DATA: everything that is kept of a person as one JSON file, now, whatever their plan (ID-13, PL-2, A12).

    U> export my data
    B> This is all that is kept of you: 3 cases, 41 receipts. The link is good for 24 hours. (my-data.json)

On Telegram the file comes; on SMS a link, and a code for its page. It counts against no quota, and is asked of nobody.
"""

from __future__ import annotations

import orjson

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.people import merging, stepping
from storage import blobs
from storage.links import make_link
from storage.receipts import exports
from storage.receipts.exports import LIFE, File, Wanted

KIND, NAME = "own_data", "my-data.json"
_CODE_DIGITS = 6


def register(registry: Registry) -> None:
    """Register what hands over all of one's data."""
    registry.word("own_export")(hand_over)


def hand_over(turn: Turn, argument: str) -> bool:
    """Make the file in this turn and hand it over; who asks was proven before."""
    if stepping.doubted(turn, "export"):
        return True
    person_id = turn.person.id
    export_id = exports.begin(turn.work, person_id, Wanted(KIND))
    if export_id is None:
        return False
    file = _made(turn)
    exports.made(turn.work, person_id, export_id, [file], mark_blob=None)
    turn.audit("privacy.export.done", f"person:{person_id}", size=file.size)
    told = merging.told(turn, person_id) or turn.text("people.has.nothing")
    if turn.channel == "telegram":
        turn.say("people.copy.done", what=told)
        turn.show(file.blob_id, NAME, size=file.size)
        return True
    code = turn.work.ids.digits(_CODE_DIGITS)
    exports.lock(turn.work, person_id, export_id, code)
    token = make_link(
        turn.work, kind="d", target=export_id, name="export", expires=turn.now + LIFE, person_id=person_id
    )  # fmt: skip
    turn.hide(code)
    turn.hide(token)
    page = ("people.copy.open", f"{turn.registry.public_url}/d/{token}")
    turn.notify("people.copy.link", purpose="reply", ttl=LIFE, link=page)
    turn.notify("people.copy.code", purpose="code", policy="ask_first", ttl=LIFE, code=code)
    turn.silent = True
    return True


def _made(turn: Turn) -> File:
    from storage.accounts.copying import everything

    found = {"made_at": turn.now.isoformat(), "data": everything(turn.work, turn.person.id)}
    data = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    blob_id = turn.work.new_id()
    blobs.keep(
        turn.work, blob_id=blob_id, data=data, media_type="application/json", person_id=turn.person.id,
        delete_after=turn.now + LIFE,
    )  # fmt: skip
    return File(blob_id, NAME, "application/json", len(data))
