"""The press: typesets a letter as a PDF that the printer takes as it is (rules LET-1 to LET-4).

The work runs in a child process with bounded memory and time. Equal documents give equal bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.workshop import TypesetLetter, TypesetPages, TypesetSheet
from bot.core.ports import Attempt, LookUp, Perform
from integrations.child import Bounds, ChildFailed, Message, run
from integrations.press.characters import characters, clean_all, right_to_left
from integrations.press.document import LetterDocument
from integrations.press.sheet import SheetDocument

_WORK = Path(__file__).with_name("typesetting.py")
_BOUNDS = Bounds(memory=1_500_000_000, seconds=60)


class Press:
    """Typesets letters and papers about money.

    Refuses with `text_too_long` (over 2 pages of text), `too_many_pages` (over 10 in all), `unsupported_script`
    (letters that are not printed; `details["characters"]`), `exhibit_unreadable`, `exhibit_gone`, `bad_document`.
    """

    vendor = "press"

    def __init__(self, bounds: Bounds = _BOUNDS) -> None:
        self.calls: Mapping[type, Perform] = {
            TypesetLetter: self.typeset,
            TypesetSheet: self.typeset_sheet,
        }
        self.look_ups: Mapping[type, LookUp] = {}
        self._bounds = bounds

    async def typeset(self, call: TypesetLetter, attempt: Attempt) -> Outcome:
        """Make the PDF and grey pictures of its pages."""
        try:
            letter = LetterDocument.model_validate(clean_all(call.document)).model_dump(mode="json")
        except ValidationError as error:
            return Refused("bad_document", "; ".join(".".join(map(str, e["loc"])) for e in error.errors()))
        chars = characters(letter)
        if reversed_ := right_to_left(chars):
            return Refused("unsupported_script", "right to left", {"characters": "".join(sorted(reversed_))})
        ids = _blob_ids(letter)
        try:
            blobs = [await attempt.files.get(blob) for blob in ids]
        except KeyError:
            return Refused("exhibit_gone", "a print copy is no longer kept")
        request = {"document": letter, "characters": "".join(sorted(chars)), "blob_ids": ids}
        try:
            return _outcome(await run(_WORK, "typeset", (request, blobs), self._bounds), attempt)
        except ChildFailed as failure:
            return Again(f"typesetting failed: {failure}", whole_vendor=False)

    async def typeset_sheet(self, call: TypesetSheet, attempt: Attempt) -> Outcome:
        """Make the PDF of a paper about money; it is read on a screen, so there are no pictures of its pages."""
        try:
            sheet = SheetDocument.model_validate(clean_all(call.document)).model_dump(mode="json")
        except ValidationError as error:
            return Refused("bad_document", "; ".join(".".join(map(str, e["loc"])) for e in error.errors()))
        if any(len(row) != len(sheet["columns"]) for row in sheet["rows"]):
            return Refused("bad_document", "rows")
        chars = characters(sheet)
        if reversed_ := right_to_left(chars):
            return Refused("unsupported_script", "right to left", {"characters": "".join(sorted(reversed_))})
        request = {"document": sheet, "characters": "".join(sorted(chars))}
        try:
            return _outcome(await run(_WORK, "typeset_sheet", (request, []), self._bounds), attempt)
        except ChildFailed as failure:
            return Again(f"typesetting failed: {failure}", whole_vendor=False)

    async def close(self) -> None:
        """Hold nothing open."""


def _blob_ids(letter: dict[str, Any]) -> list[int]:
    ids = [blob for exhibit in letter["exhibits"] for blob in exhibit["blobs"]]
    signature = letter["signature"]["blob"]
    return list(dict.fromkeys(ids if signature is None else [*ids, signature]))


def _outcome(answer: Message, attempt: Attempt) -> Outcome:
    head, made = answer
    if code := head.pop("refused", None):
        return Refused(code, str(head.get("reason", "")), head)
    pdf, *pictures = made
    return Done(
        TypesetPages(
            pdf=attempt.files.put(pdf, "application/pdf"),
            sha256=hashlib.sha256(pdf).hexdigest(),
            pages=head["pages"],
            pictures=[attempt.files.put(picture, "image/png") for picture in pictures],
            dropped=head["dropped"],
        )
    )
