"""Fetches files from Telegram and Twilio, measures and names them, and deletes Twilio's copies.

A file that will never come is an answer (`trouble`), not a failure; only trouble of the network asks for another try,
and then of all files together. Deleting is a call of its own, made after the commit that stored the bytes: a process
that dies in between has lost nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.core.calls.channels import DiscardMedia, FetchedMedia, FetchMedia, MediaRef, StoredMedia
from bot.core.calls.outcome import Again, Done, Outcome
from bot.core.ports import Attempt, Files, LookUp, Perform
from integrations.http import Lost, Reply, retry_after, unfinished
from integrations.media.kinds import kind_of
from integrations.media.metadata import without_metadata
from integrations.media.telegram import TelegramFiles
from integrations.twilio.media import TwilioMedia

MAX_BYTES = 10 * 1024 * 1024
"""The largest file that is taken in (rule SMS-44)."""


class MediaAdapter:
    """The files of the channels that are switched on."""

    vendor = "media"

    def __init__(
        self,
        *,
        telegram: TelegramFiles | None = None,
        twilio: TwilioMedia | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._telegram, self._twilio, self._max_bytes = telegram, twilio, max_bytes
        self.calls: Mapping[type, Perform] = {FetchMedia: self._fetch, DiscardMedia: self._discard}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        for channel in (self._telegram, self._twilio):
            if channel is not None:
                await channel.close()

    async def _fetch(self, call: FetchMedia, attempt: Attempt) -> Outcome:
        fetched: list[tuple[MediaRef, bytes | str]] = []
        for ref in call.items:
            data = await self._bytes(ref)
            if isinstance(data, Again):
                return data
            fetched.append((ref, data))
        return Done(FetchedMedia([_stored(ref, data, attempt.files) for ref, data in fetched]))

    async def _discard(self, call: DiscardMedia, attempt: Attempt) -> Outcome:
        for ref in call.items:
            if ref.channel != "sms" or self._twilio is None:
                continue
            answer = await self._twilio.delete(ref.ref)
            again = None if answer is None else _again(answer)
            if again is not None:
                return again
        return Done()

    async def _bytes(self, ref: MediaRef) -> bytes | str | Again:
        """Return the file, a word of trouble, or Again."""
        if ref.size is not None and ref.size > self._max_bytes:
            return "too_large"
        answer = await self._ask(ref)
        if answer is None or isinstance(answer, str):
            return answer or "gone"
        again = _again(answer)
        if again is not None:
            return again
        if isinstance(answer, Lost) or answer.status != 200:
            return "gone"
        return "too_large" if len(answer.body) > self._max_bytes else answer.body

    async def _ask(self, ref: MediaRef) -> Reply | Lost | str | None:
        if ref.channel == "telegram" and self._telegram is not None:
            return await self._telegram.fetch(ref.ref, self._max_bytes)
        if ref.channel == "sms" and self._twilio is not None:
            return await self._twilio.fetch(ref.ref, self._max_bytes)
        return None


def _stored(ref: MediaRef, data: bytes | str, files: Files) -> StoredMedia:
    if isinstance(data, str):
        return StoredMedia(ref, trouble=data)
    media_type = kind_of(data, ref.media_type, ref.name)
    if media_type is None:
        return StoredMedia(ref, size=len(data), trouble="unsupported")
    kept = without_metadata(data, media_type, but_moment=True)
    sha256 = hashlib.sha256(data).hexdigest()  # of what was sent, so that the same file is known by every way in
    return StoredMedia(ref, blob=files.put(kept, media_type), media_type=media_type, sha256=sha256, size=len(kept))


def _again(answer: Reply | Lost) -> Again | None:
    """Return Again for trouble that may pass; a missing credential is an operator's matter and may pass, too."""
    if isinstance(answer, Lost):
        outcome = unfinished(answer, harmless=True)
        return outcome if isinstance(outcome, Again) else Again(answer.reason)
    if answer.status in (401, 408, 429) or answer.status >= 500:
        return Again(f"status_{answer.status}", retry_after(answer.headers))
    return None
