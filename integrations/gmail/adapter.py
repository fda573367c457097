"""Gmail's mailbox: tokens, and the mails that are new since the last reading (rules EML-10 to EML-12).

Tokens are one sealed file (JSON: refresh_token, access_token, expires_at). A token that was refreshed during a call
comes back as a new file in its result, and is stored in the commit that marks the call done. `invalid_grant` is final:
the person took the consent back, and no retry will bring it again.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.core.calls.mail import (
    FoundMail,
    GmailExchange,
    GmailLinked,
    MailboxRead,
    ReadGmail,
    RevokeGmail,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.ports import Attempt, LookUp, Perform
from integrations.gmail.consent import SCOPE
from integrations.http import Lost, Reply, Wire, retry_after
from integrations.mail.opener import MailOpener

SECONDS, RUN_SECONDS = 30.0, 300.0
LARGEST, LARGEST_RUN, MOST_PAGES = 20 * 1024 * 1024, 60 * 1024 * 1024, 20
_SOON = timedelta(minutes=2)
_PROFILE = "/gmail/v1/users/me/profile"
_MESSAGES = "/gmail/v1/users/me/messages"
_HISTORY = "/gmail/v1/users/me/history"


class _Ended(Exception):
    """The call is over with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(slots=True)
class _Tokens:
    refresh: str
    access: str
    expires: datetime
    fresh: bool = False

    def dump(self) -> bytes:
        return orjson.dumps(
            {"refresh_token": self.refresh, "access_token": self.access, "expires_at": self.expires.isoformat()}
        )


class GmailAdapter:
    """Google's token service and Gmail."""

    vendor = "gmail"

    def __init__(
        self, opener: MailOpener, client_id: str, client_secret: str, *, oauth_base: str = "", api_base: str = ""
    ) -> None:
        self._opener, self._client = opener, {"client_id": client_id, "client_secret": client_secret}
        self._oauth = Wire("gmail", oauth_base or "https://oauth2.googleapis.com")
        self._api = Wire("gmail", api_base or "https://gmail.googleapis.com")
        self.calls: Mapping[type, Perform] = {
            GmailExchange: self._exchange,
            ReadGmail: self._read,
            RevokeGmail: self._revoke,
        }
        self.look_ups: Mapping[type, LookUp] = {}

    # -- tokens --------------------------------------------------------------------------------------------------------

    async def _exchange(self, call: GmailExchange, attempt: Attempt) -> Outcome:
        form = {
            "grant_type": "authorization_code", "code": call.code, "code_verifier": call.verifier,
            "redirect_uri": call.redirect_uri,
        }  # fmt: skip
        try:
            told = await self._token(form)
            if SCOPE not in str(told.get("scope", "")).split() or not told.get("refresh_token"):
                return Refused("scope")
            tokens = _tokens(told, str(told["refresh_token"]), attempt.now)
            profile = await self._get(tokens, _PROFILE, {}, "profile")
        except _Ended as ended:
            return ended.outcome
        address = str(profile.get("emailAddress") or "")
        if "@" not in address:
            return Refused("profile")
        secret = attempt.files.put(tokens.dump(), "application/json")
        return Done(GmailLinked(secret, address, str(profile.get("historyId") or "")))

    async def _token(self, form: dict[str, str]) -> dict[str, Any]:
        answer = await self._oauth.ask(
            "POST", "/token", operation="token", seconds=SECONDS, data={**form, **self._client}
        )
        if isinstance(answer, Reply) and answer.status == 400:
            raise _Ended(Refused(str(answer.record().get("error") or "refused")))
        return _told(answer)

    async def _opened(self, secret: int, attempt: Attempt) -> _Tokens:
        """Return tokens that hold for this run, refreshed when they are about to end."""
        try:
            kept = orjson.loads(await attempt.files.get(secret))
            tokens = _Tokens(kept["refresh_token"], kept["access_token"], datetime.fromisoformat(kept["expires_at"]))
        except (KeyError, TypeError, ValueError) as error:
            raise _Ended(Refused("gone")) from error
        if tokens.expires - attempt.now > _SOON:
            return tokens
        return await self._refreshed(tokens, attempt)

    async def _refreshed(self, tokens: _Tokens, attempt: Attempt) -> _Tokens:
        told = await self._token({"grant_type": "refresh_token", "refresh_token": tokens.refresh})
        fresh = _tokens(told, str(told.get("refresh_token") or tokens.refresh), attempt.now)
        fresh.fresh = True
        return fresh

    async def _revoke(self, call: RevokeGmail, attempt: Attempt) -> Outcome:
        try:
            kept = orjson.loads(await attempt.files.get(call.secret))
        except (KeyError, ValueError):
            return Done()
        answer = await self._oauth.ask(
            "POST", "/revoke", operation="revoke", seconds=SECONDS, data={"token": str(kept.get("refresh_token"))}
        )
        if isinstance(answer, Reply) and answer.status in (200, 400):  # 400: it was revoked before
            return Done()
        try:
            _told(answer)
        except _Ended as ended:
            return ended.outcome
        return Done()

    # -- mails -----------------------------------------------------------------------------------------------------

    async def _read(self, call: ReadGmail, attempt: Attempt) -> Outcome:
        try:
            async with asyncio.timeout(RUN_SECONDS):
                tokens = await self._opened(call.secret, attempt)
                return await self._run(call, tokens, attempt)
        except _Ended as ended:
            return ended.outcome
        except TimeoutError:
            return Again("TimeoutError", whole_vendor=False)

    async def _run(self, call: ReadGmail, tokens: _Tokens, attempt: Attempt) -> Outcome:
        history, _, rest = call.cursor.partition("+")
        start = str((await self._get(tokens, _PROFILE, {}, "profile")).get("historyId") or "")
        ids = await self._since(tokens, history) if history else None
        if ids is None:
            ids = await self._listed(tokens, call.query)
        done = int(rest) if rest.isdigit() else 0
        wanted = ids[done : done + call.most]
        mails, size, looked = list[FoundMail](), 0, 0
        for key in wanted:
            raw = await self._raw(tokens, key)
            looked, size = looked + 1, size + len(raw or b"")
            if raw and await self._opener.is_wanted(raw, attempt.now.date()):
                mails.append(FoundMail(key, attempt.files.put(raw, "message/rfc822")))
            if size > LARGEST_RUN:
                break
        more = done + looked < len(ids)
        cursor = f"{history}+{done + looked}" if more else start
        secret = attempt.files.put(tokens.dump(), "application/json") if tokens.fresh else None
        return Done(MailboxRead(mails, cursor, more=more, looked_at=looked, secret=secret))

    async def _since(self, tokens: _Tokens, history: str) -> list[str] | None:
        """Return the mails added since a point of the history, oldest first; None when Gmail forgot it (404)."""
        found: list[str] = []
        page = ""
        for _ in range(MOST_PAGES):
            query = {"startHistoryId": history, "historyTypes": "messageAdded", **({"pageToken": page} if page else {})}
            try:
                told = await self._get(tokens, _HISTORY, query, "history")
            except _Ended as ended:
                if isinstance(ended.outcome, Refused) and ended.outcome.code == "404":
                    return None
                raise
            for record in told.get("history") or []:
                found += [str(one["message"]["id"]) for one in record.get("messagesAdded") or []]
            page = str(told.get("nextPageToken") or "")
            if not page:
                break
        return list(dict.fromkeys(found))

    async def _listed(self, tokens: _Tokens, query: str) -> list[str]:
        """Return all mails that a search finds, oldest first."""
        found: list[str] = []
        page = ""
        for _ in range(MOST_PAGES):
            asked = {"q": query, "maxResults": "100", **({"pageToken": page} if page else {})}
            told = await self._get(tokens, _MESSAGES, asked, "list")
            found += [str(one["id"]) for one in told.get("messages") or []]
            page = str(told.get("nextPageToken") or "")
            if not page:
                break
        return found[::-1]

    async def _raw(self, tokens: _Tokens, key: str) -> bytes | None:
        try:
            told = await self._get(tokens, f"{_MESSAGES}/{key}", {"format": "raw"}, "get")
        except _Ended as ended:
            if isinstance(ended.outcome, Refused) and ended.outcome.code == "404":
                return None  # deleted meanwhile
            raise
        text = str(told.get("raw") or "")
        try:
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) < LARGEST * 4 // 3 else None
        except (binascii.Error, ValueError):
            return None

    async def _get(self, tokens: _Tokens, path: str, query: dict[str, str], operation: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {tokens.access}"}
        answer = await self._api.ask("GET", path, operation=operation, seconds=SECONDS, params=query, headers=headers)
        return _told(answer)

    async def close(self) -> None:
        """Close all connections."""
        await self._oauth.close()
        await self._api.close()


def _tokens(told: dict[str, Any], refresh: str, now: datetime) -> _Tokens:
    life = told.get("expires_in")
    seconds = life if isinstance(life, int) and 0 < life <= 86_400 else 600
    return _Tokens(refresh, str(told.get("access_token") or ""), now + timedelta(seconds=seconds))


def _told(answer: Reply | Lost) -> dict[str, Any]:
    """Return the JSON of a good answer; end the call for every other one."""
    if isinstance(answer, Lost):
        raise _Ended(Again(answer.reason))
    if answer.status == 200:
        told = answer.json()
        if not isinstance(told, dict):  # cut off: an empty list here would lose what it held
            raise _Ended(Again("unreadable"))
        return told
    if answer.status == 429 or answer.status >= 500:
        raise _Ended(Again(str(answer.status), retry_after(answer.headers), whole_vendor=answer.status >= 500))
    raise _Ended(Refused("login" if answer.status == 401 else str(answer.status)))
