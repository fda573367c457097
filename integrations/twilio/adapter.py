"""Sends SMS and MMS through Twilio, finds them again, and lists what came in.

Twilio cannot deduplicate a send. After a lost answer the message is looked for by recipient, day, exact text and time;
only after two looks a minute apart is it held to have never been taken (vendors.md 2). One form POST with Basic
authorization is the whole protocol, so no SDK stands on the path of a message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.core.calls.channels import FindSms, InboundSmsList, ListInboundSms, SendSms
from bot.core.calls.outcome import Again, Done, Outcome
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, basic_auth, unfinished
from integrations.twilio import errors, inbound, rows

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_LOOKS = 2
"""A message is sent again only when it was not found this many times (vendors.md section 2)."""
_WINDOW = timedelta(minutes=5)
_PAGE = 200
_MAX_PAGES = 50
STATUS_PATH = "/webhooks/twilio/status"


class TwilioAdapter:
    """One Twilio account and its sender: a number (`+...`) or a messaging service (`MG...`)."""

    vendor = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        public_url: str,
        *,
        base_url: str = "https://api.twilio.com",
        seconds: float = 15.0,
        connect_seconds: float = CONNECT_SECONDS,
        look_gap: timedelta = timedelta(seconds=60),
    ) -> None:
        self._sender = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
        self._callback = public_url.rstrip("/") + STATUS_PATH
        self._seconds, self._look_gap = seconds, look_gap
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages"
        base = base_url.rstrip("/").removesuffix("/2010-04-01")
        self._wire = Wire("twilio", base, headers=basic_auth(account_sid, auth_token), connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {
            SendSms: self._send,
            FindSms: self._find,
            ListInboundSms: self._list_inbound,
        }
        self.look_ups: Mapping[type, LookUp] = {SendSms: self._look_up}

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _send(self, call: SendSms, attempt: Attempt) -> Outcome:
        fields = {
            "To": call.to,
            **self._sender,
            "StatusCallback": self._callback,
            "ValidityPeriod": min(max(call.validity_seconds, 1), 36_000),
        }
        if call.body:
            fields["Body"] = call.body
        if call.media_urls:
            fields["MediaUrl"] = call.media_urls
        answer = await self._wire.ask(
            "POST",
            f"{self._messages}.json",
            operation="create_message",
            seconds=self._seconds,
            data=urlencode(fields, doseq=True),
            headers=_FORM,
        )
        if isinstance(answer, Lost):
            return unfinished(answer)
        sent = rows.sent(answer.record()) if 200 <= answer.status < 300 else None
        return Done(sent) if sent else errors.outcome_of(answer)

    async def _look_up(self, call: SendSms, attempt: Attempt) -> Outcome | None:
        window = (attempt.first_at - _WINDOW, attempt.now + _WINDOW)
        found = await self._search(call.to, call.body, *window, known=attempt.known)
        if found is not None:
            return found
        if attempt.looks < _LOOKS - 1:
            return Again("not_found_yet", self._look_gap, whole_vendor=False)
        return None

    async def _find(self, call: FindSms, attempt: Attempt) -> Outcome:
        near = datetime.fromtimestamp(call.near, UTC)
        return await self._search(call.to, call.body, near - _WINDOW, near + _WINDOW) or Done()

    async def _search(
        self, to: str, body: str, start: datetime, end: datetime, *, known: frozenset[str] = frozenset()
    ) -> Outcome | None:
        """Return Done with the newest match, None when there is none, Again when Twilio cannot be asked.

        The second question, without the day, is for messages that still wait: they have no date of sending yet.
        """
        day = {"DateSent>": start.date().isoformat()}
        for when in (day, {}):
            async for page in self._pages({"To": to, **when, "PageSize": str(_PAGE)}):
                if not isinstance(page, list):
                    return page
                for row in page:
                    fits = rows.is_outbound(row, to) and rows.has_body(row, body) and row.get("sid") not in known
                    if fits and start <= (rows.moment(row) or end) <= end:
                        return Done(rows.sent(row))
                if rows.are_all_before(page, start):
                    break
        return None

    async def _list_inbound(self, call: ListInboundSms, attempt: Attempt) -> Outcome:
        since = datetime.fromtimestamp(call.since, UTC)
        query = {"DateSent>": since.date().isoformat(), "PageSize": str(_PAGE)}
        messages: list[dict[str, str]] = []
        async for page in self._pages(query):
            if not isinstance(page, list):
                return page
            for row in page:
                if row.get("direction") == "inbound" and (rows.moment(row) or since) >= since:
                    media = await self._media_of(row)
                    if not isinstance(media, list):
                        return media
                    messages.append(inbound.webhook_fields(row, media, self._wire.base_url))
        return Done(InboundSmsList(messages[::-1]))

    async def _media_of(self, row: dict[str, Any]) -> list[dict[str, Any]] | Outcome:
        if str(row.get("num_media") or "0") == "0":
            return []
        answer = await self._get(f"{self._messages}/{row['sid']}/Media.json", "list_media", {})
        if isinstance(answer, Lost) or answer.status != 200 or "media_list" not in answer.record():
            return _unread(answer)
        return rows.named(answer.record(), "media_list")

    async def _pages(self, query: dict[str, str]) -> AsyncIterator[list[dict[str, Any]] | Outcome]:
        """Yield page after page, newest first, or one outcome when Twilio cannot be asked."""
        path, params = f"{self._messages}.json", query
        for _ in range(_MAX_PAGES):
            answer = await self._get(path, "list_messages", params)
            if isinstance(answer, Lost) or answer.status != 200 or "messages" not in answer.record():
                yield _unread(answer)
                return
            yield rows.named(answer.record(), "messages")
            following = str(answer.record().get("next_page_uri") or "")
            if self._messages not in following:
                return
            path, params = following[following.index(self._messages) :], {}
        yield Again("too_many_pages", whole_vendor=False)

    async def _get(self, path: str, operation: str, params: dict[str, str]) -> Reply | Lost:
        target = f"{path}?{urlencode(params)}" if params else path
        return await self._wire.ask("GET", target, operation=operation, seconds=self._seconds)


def _unread(answer: Reply | Lost) -> Outcome:
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=True)
    return errors.outcome_of(answer, harmless=True)
