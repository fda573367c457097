"""Posts letters through Lob, finds, reads and cancels them, and checks addresses.

A letter must be posted exactly once. Every POST carries `letter:<letter_id>` as its idempotency key, which Lob keeps
for 24 hours; before any attempt that follows an uncertain one, or that comes more than 20 hours after the first, the
letter is searched for by its id in the metadata, and a search that cannot be made means waiting (FUL-6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from bot.core.calls.lob import (
    AddressVerdict,
    CancelLetter,
    FindLetter,
    MailLetter,
    PostedLetter,
    PostedLetters,
    ReadLetter,
    VerifyAddress,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, basic_auth, retry_after, seconds_or_none, unfinished
from integrations.lob import letters

_PAGE, _MAX_PAGES = "10", 50
SEARCH_AFTER = timedelta(hours=20)
"""From this age on no letter is posted without a search: Lob forgets keys after 24 hours (FUL-6)."""


class LobAdapter:
    """One Lob account, in the mode of its key."""

    vendor = "lob"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = "https://api.lob.com/v1",
        create_seconds: float = 30.0,
        seconds: float = 10.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._create_seconds, self._seconds = create_seconds, seconds
        self._is_test = api_key.startswith("test_")
        base = base_url.rstrip("/")
        base = base if urlsplit(base).path else f"{base}/v1"
        self._wire = Wire("lob", base, headers=basic_auth(api_key, ""), connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {
            MailLetter: self._mail,
            FindLetter: self._find,
            ReadLetter: self._read,
            CancelLetter: self._cancel,
            VerifyAddress: self._verify,
        }
        self.look_ups: Mapping[type, LookUp] = {MailLetter: self._look_up, CancelLetter: self._look_up_cancelled}

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _mail(self, call: MailLetter, attempt: Attempt) -> Outcome:
        if attempt.number > 1 and attempt.now - attempt.first_at >= SEARCH_AFTER:
            found = await self._look_up(call, attempt)
            if found is not None:
                return found
        try:
            pdf = await attempt.files.get(call.file)
        except KeyError:
            return Refused("file_gone", "the letter's PDF no longer exists")
        answer = await self._wire.ask(
            "POST",
            "/letters",
            operation="letter_create",
            seconds=self._create_seconds,
            data=letters.letter_form(call, pdf),
            headers={"Idempotency-Key": f"letter:{call.letter_id}"},
        )
        return self._letter(answer, attempt.now, harmless=False)

    async def _look_up(self, call: MailLetter, attempt: Attempt) -> Outcome | None:
        found = await self._search(call.letter_id, attempt.now)
        if not isinstance(found, list):
            return found
        return Done(found[0]) if found else None

    async def _look_up_cancelled(self, call: CancelLetter, attempt: Attempt) -> Outcome | None:
        found = await self._read(ReadLetter(call.lob_id), attempt)
        if isinstance(found, Refused) and found.code == "not_found":
            return Done(_cancelled(call.lob_id, self._is_test))
        if isinstance(found, Done) and not found.result.deleted:
            return None
        return found

    async def _find(self, call: FindLetter, attempt: Attempt) -> Outcome:
        found = await self._search(call.letter_id, attempt.now)
        return Done(PostedLetters(found)) if isinstance(found, list) else found

    async def _search(self, letter_id: str, now: datetime) -> list[PostedLetter] | Outcome:
        """Return the letters that bear this id, cancelled ones last; a doubtful answer is no answer.

        The list is filtered by the id, so that one page is all there is; should it hold others' letters too, all of it
        is read, and a letter that does not show its id could be the one.
        """
        query = {"metadata[letter_id]": letter_id, "limit": _PAGE}
        found: list[PostedLetter] = []
        for _ in range(_MAX_PAGES):
            path = f"/letters?{urlencode(query)}"
            answer = await self._wire.ask("GET", path, operation="letters_list", seconds=self._seconds)
            rows = answer.record().get("data") if isinstance(answer, Reply) and answer.status == 200 else None
            if not isinstance(rows, list) or isinstance(answer, Lost):
                return _trouble(answer, now, harmless=True)
            letters_here = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
            if not all(isinstance(row.get("metadata"), dict) for row in letters_here):
                return Again("doubtful_list", whole_vendor=False)
            found += [self._posted(row) for row in letters_here if row["metadata"].get("letter_id") == letter_id]
            following = dict(parse_qsl(urlsplit(str(answer.record().get("next_url") or "")).query))
            if found or not rows or not following or following == query:
                return sorted(found, key=lambda letter: letter.deleted)
            query = following
        return Again("too_many_pages", whole_vendor=False)

    async def _read(self, call: ReadLetter, attempt: Attempt) -> Outcome:
        answer = await self._wire.ask(
            "GET", f"/letters/{call.lob_id}", operation="letter_retrieve", seconds=self._seconds
        )
        return self._letter(answer, attempt.now, harmless=True)

    async def _cancel(self, call: CancelLetter, attempt: Attempt) -> Outcome:
        answer = await self._wire.ask(
            "DELETE", f"/letters/{call.lob_id}", operation="letter_cancel", seconds=self._seconds
        )
        if isinstance(answer, Reply) and _is_good(answer) and answer.record().get("deleted") is True:
            return Done(_cancelled(call.lob_id, self._is_test))
        return _trouble(answer, attempt.now, harmless=False)

    async def _verify(self, call: VerifyAddress, attempt: Attempt) -> Outcome:
        answer = await self._wire.ask(
            "POST",
            "/us_verifications",
            operation="us_verification",
            seconds=self._seconds,
            data=orjson.dumps(letters.question(call)),
            headers={"Content-Type": "application/json"},
        )
        if isinstance(answer, Reply) and _is_good(answer) and "deliverability" in answer.record():
            verdict: AddressVerdict = letters.verdict(answer.record())
            return Done(verdict)
        return _trouble(answer, attempt.now, harmless=True)

    def _letter(self, answer: Reply | Lost, now: datetime, *, harmless: bool) -> Outcome:
        if isinstance(answer, Reply) and _is_good(answer) and isinstance(answer.record().get("id"), str):
            return Done(self._posted(answer.record()))
        return _trouble(answer, now, harmless=harmless)

    def _posted(self, row: dict[str, Any]) -> PostedLetter:
        return letters.posted(row, test_mode=self._is_test)


def _is_good(answer: Reply) -> bool:
    return 200 <= answer.status < 300


def _cancelled(lob_id: str, test_mode: bool) -> PostedLetter:
    return PostedLetter(lob_id, None, None, None, None, test_mode=test_mode, deleted=True)


def _trouble(answer: Reply | Lost, now: datetime, *, harmless: bool) -> Outcome:
    """Judge an answer that is no success; a refusal's code is Lob's own, such as `invalid` or `not_deletable`."""
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=harmless)
    reason = f"status_{answer.status}"
    if answer.status == 429:
        return Again("rate_limited", retry_after(answer.headers) or _until_reset(answer, now))
    if answer.status >= 500 or answer.status < 400:
        return Again(reason) if harmless else Unknown(reason)
    if answer.status in (408, 409):
        return Again(reason, whole_vendor=False)
    error = answer.record().get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return Refused(code if isinstance(code, str) else reason, reason)


def _until_reset(answer: Reply, now: datetime) -> timedelta | None:
    """Read when the rate limit ends: a number of seconds, or a moment in Unix seconds."""
    text = answer.headers.get("X-Rate-Limit-Reset", "")
    wait = seconds_or_none(text)
    if wait is None and text.isascii() and text.isdigit():
        return seconds_or_none(max(int(text) - now.timestamp(), 0))
    return wait
