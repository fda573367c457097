"""Opens and reads link pages, exchanges tokens, syncs transactions, removes items, reads webhook keys.

A sync collects all pages of one loop. When the data changed between two pages, the loop begins again at its first
cursor (BNK-2); the same cursor gives the same answer, so a sync that was lost is simply made again. Access tokens come
from and go to sealed blobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import orjson

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.plaid import (
    BankAccess,
    BankAccount,
    BankKey,
    BankLink,
    BankLinkEnd,
    BankNews,
    BankTransaction,
    ExchangeBankToken,
    OpenBankLink,
    ReadBankKey,
    ReadBankLink,
    RemoveBank,
    SyncBank,
)
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire
from integrations.plaid import objects
from integrations.plaid.errors import MUTATED, code_of, trouble

TOKEN_TYPE = "application/x-bank-token"  # noqa: S105 - a media type
_PAGE = 500
_MAX_PAGES = 200
_MOST_RESTARTS = 3
_GONE = ("ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN")
CLIENT_NAME = "Parley"


class PlaidAdapter:
    """One Plaid account in one environment; client id and secret travel in the body."""

    vendor = "plaid"

    def __init__(
        self,
        client_id: str,
        secret: str,
        *,
        base_url: str = "https://production.plaid.com",
        seconds: float = 30.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._keys = {"client_id": client_id, "secret": secret}
        self._seconds = seconds
        self._wire = Wire("plaid", base_url, connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {
            OpenBankLink: self._open,
            ReadBankLink: self._read_link,
            ExchangeBankToken: self._exchange,
            SyncBank: self._sync,
            RemoveBank: self._remove,
            ReadBankKey: self._key,
        }
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _ask(self, path: str, operation: str, body: dict[str, Any]) -> Reply | Lost:
        return await self._wire.ask(
            "POST",
            path,
            operation=operation,
            seconds=self._seconds,
            data=orjson.dumps({**self._keys, **body}),
            headers={"Content-Type": "application/json"},
        )

    # -- linking ---------------------------------------------------------------------------------------------------

    async def _open(self, call: OpenBankLink, attempt: Attempt) -> Outcome:
        body: dict[str, Any] = {
            "client_name": CLIENT_NAME,
            "language": call.language,
            "country_codes": [call.country],
            "user": {"client_user_id": call.person},
            "webhook": call.webhook,
            "hosted_link": {
                "completion_redirect_uri": call.done_url,
                "url_lifetime_seconds": call.lifetime_seconds,
            },
        }
        if call.token is None:
            body |= {"products": ["transactions"], "transactions": {"days_requested": call.days}}
        else:
            token = await _token(call.token, attempt)
            if token is None:
                return _gone()
            body["access_token"] = token
        answer = await self._ask("/link/token/create", "link_token_create", body)
        made = answer.record() if _is_good(answer) else {}
        if isinstance(made.get("link_token"), str) and isinstance(made.get("hosted_link_url"), str):
            return Done(BankLink(made["link_token"], made["hosted_link_url"]))
        return trouble(answer, harmless=True)

    async def _read_link(self, call: ReadBankLink, attempt: Attempt) -> Outcome:
        answer = await self._ask("/link/token/get", "link_token_get", {"link_token": call.link_token})
        if not _is_good(answer):
            return trouble(answer, harmless=True)
        sessions = answer.record().get("link_sessions")
        found = [one for one in sessions if isinstance(one, dict)] if isinstance(sessions, list) else []
        tokens = [token for one in found for token in _public_tokens(one)]
        return Done(BankLinkEnd(any(one.get("finished_at") for one in found), tokens))

    async def _exchange(self, call: ExchangeBankToken, attempt: Attempt) -> Outcome:
        """Exchange the token; what else is read about the bank may fail, for the token would be lost with it."""
        answer = await self._ask("/item/public_token/exchange", "token_exchange", {"public_token": call.public_token})
        made = answer.record() if _is_good(answer) else {}
        token, item_id = made.get("access_token"), made.get("item_id")
        if not isinstance(token, str) or not isinstance(item_id, str):
            return trouble(answer, harmless=True)
        institution, accounts = await self._about(token, call.country)
        blob = attempt.files.put(token.encode(), TOKEN_TYPE)
        return Done(BankAccess(blob, item_id, institution, accounts))

    async def _about(self, token: str, country: str) -> tuple[str, list[BankAccount]]:
        answer = await self._ask("/accounts/get", "accounts_get", {"access_token": token})
        if not _is_good(answer):
            return "", []
        told = objects.exact(answer)
        accounts, item = objects.accounts(told.get("accounts")), told.get("item")
        institution_id = item.get("institution_id") if isinstance(item, dict) else None
        return (await self._name(institution_id, country) if isinstance(institution_id, str) else ""), accounts

    async def _name(self, institution_id: str, country: str) -> str:
        wanted = {"institution_id": institution_id, "country_codes": [country]}
        answer = await self._ask("/institutions/get_by_id", "institution_get", wanted)
        institution = answer.record().get("institution") if _is_good(answer) else None
        name = institution.get("name") if isinstance(institution, dict) else None
        return name[:60] if isinstance(name, str) else ""

    # -- syncing ---------------------------------------------------------------------------------------------------

    async def _sync(self, call: SyncBank, attempt: Attempt) -> Outcome:
        token = await _token(call.token, attempt)
        if token is None:
            return _gone()
        for _ in range(_MOST_RESTARTS + 1):
            news = await self._loop(token, call.cursor)
            if news is not None:
                return news
        return Again(MUTATED, whole_vendor=False)

    async def _loop(self, token: str, first_cursor: str | None) -> Outcome | None:
        """Collect the pages of one loop; None when the data changed under it and the loop must begin again."""
        cursor, stated = first_cursor, dict[str, BankTransaction]()
        removed, accounts = dict[str, None](), list[BankAccount]()
        for _ in range(_MAX_PAGES):
            page = await self._page(token, cursor)
            if not isinstance(page, dict):
                return None if code_of(page) == MUTATED else trouble(page, harmless=True)
            for line in (*objects.transactions(page.get("added")), *objects.transactions(page.get("modified"))):
                stated[line.transaction_id] = line
                removed.pop(line.transaction_id, None)
            for gone in objects.removed(page.get("removed")):
                removed[gone] = None
            accounts = objects.accounts(page.get("accounts")) or accounts
            cursor = page["next_cursor"]
            if page.get("has_more") is not True:
                ready = page.get("transactions_update_status") != "NOT_READY"
                return Done(BankNews(cursor, list(stated.values()), list(removed), accounts, ready))
        return Again("too_many_pages", whole_vendor=False)

    async def _page(self, token: str, cursor: str | None) -> dict[str, Any] | Reply | Lost:
        wanted = {"access_token": token, "count": _PAGE, **({"cursor": cursor} if cursor else {})}
        answer = await self._ask("/transactions/sync", "transactions_sync", wanted)
        if not isinstance(answer, Reply) or answer.status != 200:
            return answer
        page = objects.exact(answer)
        return page if isinstance(page.get("next_cursor"), str) else Lost("broken_answer", sent=True)

    async def _remove(self, call: RemoveBank, attempt: Attempt) -> Outcome:
        token = await _token(call.token, attempt)
        if token is None:
            return Done()
        answer = await self._ask("/item/remove", "item_remove", {"access_token": token})
        if _is_good(answer) or code_of(answer) in _GONE:
            return Done()
        return trouble(answer, harmless=True)

    # -- webhooks --------------------------------------------------------------------------------------------------

    async def _key(self, call: ReadBankKey, attempt: Attempt) -> Outcome:
        answer = await self._ask("/webhook_verification_key/get", "webhook_key_get", {"key_id": call.key_id})
        key = answer.record().get("key") if _is_good(answer) else None
        if not isinstance(key, dict):
            return trouble(answer, harmless=True)
        texts = {name: str(key.get(name) or "") for name in ("alg", "x", "y")}
        ended = key.get("expired_at") is not None
        return Done(BankKey(call.key_id, texts["alg"], texts["x"], texts["y"], ended))


async def _token(blob: int, attempt: Attempt) -> str | None:
    try:
        return (await attempt.files.get(blob)).decode()
    except KeyError:
        return None


def _gone() -> Refused:
    return Refused("token_gone", "the bank was disconnected meanwhile")


def _is_good(answer: Reply | Lost) -> TypeGuard[Reply]:
    return isinstance(answer, Reply) and answer.status == 200


def _public_tokens(session: dict[str, Any]) -> list[str]:
    """Return the public tokens of a session, in the place where several may stand or in that of one."""
    results = session.get("results")
    added = results.get("item_add_results") if isinstance(results, dict) else None
    found = [one.get("public_token") for one in added if isinstance(one, dict)] if isinstance(added, list) else []
    success = session.get("on_success")
    if not found and isinstance(success, dict):
        found = [success.get("public_token")]
    return [one for one in found if isinstance(one, str)]
