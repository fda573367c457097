"""The doors of Google's OAuth and of Gmail."""

from __future__ import annotations

import base64
import email
import hashlib
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, reply

SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
_PARAMETERS = frozenset(
    ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
) | {"access_type", "prompt"}
CODE_LIFE, ACCESS_LIFE = timedelta(minutes=10), timedelta(hours=1)
_PAGE = 100


class GmailFake(FakeServer):
    """One operator's OAuth client and one mailbox. `forget_history` makes older historyIds answer 404."""

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        client_id: str = "parley.apps.googleusercontent.example",
        client_secret: str = "fake-secret",  # noqa: S107 - nobody's
        address: str = "ann@gmail.example",
        **options: Any,
    ) -> None:
        super().__init__("gmail", clock, book_path, port, **options)
        self.client_id, self.client_secret, self.address = client_id, client_secret, address
        self.deny, self.scope = False, SCOPE
        self._codes, self._grants, self._access, self._mails = (
            self.book.shelf(kind) for kind in ("code", "grant", "access", "mail")
        )
        self._oldest = 0
        self.page("GET", "/o/oauth2/v2/auth", self._authorise)
        self.page("POST", "/_deliver", self._take_mail)
        self.operation("POST", "/token", "token", self._token)
        self.operation("POST", "/revoke", "revoke", self._revoke)
        self.operation("GET", "/gmail/v1/users/me/profile", "profile", self._profile)
        self.operation("GET", "/gmail/v1/users/me/messages", "list", self._list)
        self.operation("GET", "/gmail/v1/users/me/messages/{id}", "get", self._get)
        self.operation("GET", "/gmail/v1/users/me/history", "history", self._history)

    # -- control -----------------------------------------------------------------------------------------------------

    def deliver(self, raw: bytes) -> str:
        """Put a mail into the mailbox and return its id."""
        number = len(self._mails) + 1
        key = f"{number:016x}"
        text = base64.urlsafe_b64encode(raw).decode()
        self._mails.put(key, {"id": key, "history": 1000 + number, "raw": text, "at": self.clock.now().isoformat()})
        return key

    def forget_history(self) -> None:
        """Answer 404 to every historyId given out so far."""
        self._oldest = self._newest()

    def end_grants(self) -> None:
        """Take all consents back, as a person does on Google's own page."""
        for grant in list(self._grants):
            self._grants.patch(grant["id"], {"revoked": True}, kind="grant.revoked")

    @property
    def live_grants(self) -> int:
        """How many consents hold."""
        return sum(not grant["revoked"] for grant in self._grants)

    async def _take_mail(self, request: web.Request) -> web.Response:
        return reply({"id": self.deliver(await request.read())})

    def _newest(self) -> int:
        return 1000 + len(self._mails)

    # -- OAuth -------------------------------------------------------------------------------------------------------

    async def _authorise(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        wrong = _wrong(asked, self.client_id)
        if wrong:
            return web.Response(status=400, text=f"Error 400: invalid_request ({wrong})")
        back: dict[str, str] = {"state": asked["state"]}
        if self.deny:
            back["error"] = "access_denied"
        else:
            code = self.make_id("4/0", 40)
            kept = {name: asked[name] for name in ("redirect_uri", "code_challenge")}
            ends = (self.clock.now() + CODE_LIFE).isoformat()
            self._codes.put(code, {**kept, "ends": ends, "used": False})
            back |= {"code": code, "scope": self.scope}
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = (await self.form(request)).flat()
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return _error("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self._of_code(form)
            case "refresh_token":
                return self._of_refresh(str(form.get("refresh_token")))
            case _:
                return _error("unsupported_grant_type")

    def _of_code(self, form: dict[str, Any]) -> web.Response:
        code = self._codes.get(str(form.get("code")))
        verifier = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if code is None or code["used"] or datetime.fromisoformat(code["ends"]) <= self.clock.now():
            return _error("invalid_grant")
        if code["redirect_uri"] != form.get("redirect_uri"):
            return _error("redirect_uri_mismatch")
        if code["code_challenge"] != challenge:
            return _error("invalid_grant")
        self._codes.patch(str(form["code"]), {"used": True}, kind="code.used")
        refresh = self.make_id("1//0", 40)
        self._grants.put(refresh, {"id": refresh, "revoked": False, "scope": self.scope})
        return reply({**self._access_token(refresh), "refresh_token": refresh})

    def _of_refresh(self, refresh: str) -> web.Response:
        grant = self._grants.get(refresh)
        if grant is None or grant["revoked"]:
            return _error("invalid_grant")
        return reply(self._access_token(refresh))

    def _access_token(self, refresh: str) -> dict[str, Any]:
        token = self.make_id("ya29.", 40)
        self._access.put(token, {"grant": refresh, "ends": (self.clock.now() + ACCESS_LIFE).isoformat()})
        life = int(ACCESS_LIFE.total_seconds())
        return {"access_token": token, "expires_in": life, "scope": self.scope, "token_type": "Bearer"}

    async def _revoke(self, request: web.Request) -> web.Response:
        token = str((await self.form(request)).flat().get("token"))
        access = self._access.get(token)
        grant = self._grants.get(access["grant"] if access else token)
        if grant is None or grant["revoked"]:
            return _error("invalid_token")
        self._grants.patch(access["grant"] if access else token, {"revoked": True}, kind="grant.revoked")
        return reply({})

    # -- Gmail -------------------------------------------------------------------------------------------------------

    def _refused(self, request: web.Request) -> web.Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        access = self._access.get(token) if scheme == "Bearer" else None
        grant = self._grants.get(access["grant"]) if access else None
        if access is None or grant is None or grant["revoked"]:
            return self._trouble(401, "Invalid Credentials", "UNAUTHENTICATED")
        if datetime.fromisoformat(access["ends"]) <= self.clock.now():
            return self._trouble(401, "Invalid Credentials", "UNAUTHENTICATED")
        if SCOPE not in grant["scope"].split():
            return self._trouble(403, "Request had insufficient authentication scopes.", "PERMISSION_DENIED")
        return None

    async def _profile(self, request: web.Request) -> web.Response:
        told = {"emailAddress": self.address, "messagesTotal": len(self._mails), "historyId": str(self._newest())}
        return self._refused(request) or reply(told)

    async def _list(self, request: web.Request) -> web.Response:
        refused = self._refused(request)
        if refused:
            return refused
        known = [mail["id"] for mail in self._mails if _matches(mail, request.query.get("q", ""))][::-1]
        start = int(request.query.get("pageToken") or 0)
        size = min(int(request.query.get("maxResults") or _PAGE), 500)
        told: dict[str, Any] = {"resultSizeEstimate": len(known)}
        if known[start : start + size]:
            told["messages"] = [{"id": key, "threadId": key} for key in known[start : start + size]]
        if start + size < len(known):
            told["nextPageToken"] = str(start + size)
        return reply(told)

    async def _get(self, request: web.Request) -> web.Response:
        refused = self._refused(request)
        if refused:
            return refused
        key = request.match_info["id"]
        mail = self._mails.get(key)
        if mail is None:
            return self._trouble(404, "Requested entity was not found.", "NOT_FOUND")
        told: dict[str, Any] = {
            "id": key,
            "threadId": key,
            "historyId": str(mail["history"]),
            "labelIds": ["INBOX", "UNREAD"],
        }
        if request.query.get("format") == "raw":
            told |= {"raw": mail["raw"], "sizeEstimate": len(mail["raw"]) * 3 // 4}
        return reply(told)

    async def _history(self, request: web.Request) -> web.Response:
        refused = self._refused(request)
        if refused:
            return refused
        start = request.query.get("startHistoryId", "")
        if not start.isdigit():
            return self._trouble(400, "Invalid startHistoryId", "INVALID_ARGUMENT")
        if int(start) < self._oldest:
            return self._trouble(404, "Requested entity was not found.", "NOT_FOUND")
        added = [
            {"id": str(mail["history"]), "messagesAdded": [{"message": {"id": mail["id"], "threadId": mail["id"]}}]}
            for mail in self._mails
            if mail["history"] > int(start)
        ]
        told: dict[str, Any] = {"historyId": str(self._newest())}
        return reply({**told, "history": added} if added else told)

    @staticmethod
    def _trouble(status: int, message: str, word: str) -> web.Response:
        return reply({"error": {"code": status, "message": message, "status": word}}, status)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Google does."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        word = "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE"
        body = {"error": {"code": status, "message": "fault", "status": word}}
        return web.Response(text=json.dumps(body), status=status, headers=headers, content_type="application/json")


def _wrong(asked: dict[str, str], client_id: str) -> str:
    """Return what is wrong with a request for consent, or nothing."""
    if set(asked) != _PARAMETERS:
        return "parameters"
    wanted = {
        "client_id": client_id, "response_type": "code", "scope": SCOPE, "code_challenge_method": "S256",
        "access_type": "offline", "prompt": "consent",
    }  # fmt: skip
    wrong = next((name for name, value in wanted.items() if asked[name] != value), "")
    if wrong:
        return wrong
    if len(asked["code_challenge"]) != 43 or len(asked["state"]) < 43:
        return "state" if len(asked["state"]) < 43 else "code_challenge"
    return ""


def _matches(mail: dict[str, Any], query: str) -> bool:
    """Tell whether a mail lies after the day and holds one of the words of a search."""
    raw = base64.urlsafe_b64decode(mail["raw"])
    after = next((one[6:] for one in query.split() if one.startswith("after:")), "")
    head = email.message_from_bytes(raw)
    try:
        sent = parsedate_to_datetime(str(head.get("Date"))).strftime("%Y/%m/%d")
    except (TypeError, ValueError):
        sent = mail["at"][:10].replace("-", "/")
    words = [one.strip('"').lower() for one in query.partition("(")[2].rstrip(")").split(" OR ") if one]
    return sent >= after and (not words or any(word in raw.decode("utf-8", "replace").lower() for word in words))


def _error(word: str, status: int = 400) -> web.Response:
    return reply({"error": word, "error_description": word.replace("_", " ")}, status)
