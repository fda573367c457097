"""Tokens of the API, made and dropped in the chat (rule API-1).

> TOKEN NEW READ laptop
< plt_7Xq2... This is the only time I show it. ...
> TOKENS
< 1 laptop, read, plt_7Xq2..., until Mar 18, 2027, not used yet
> TOKEN DROP 1
< Token 1 no longer opens anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.categories.learning import own_tree
from storage.receipts import tokens
from storage.receipts.tokens import Token

LONGEST_NAME = 30
_LONGEST = 80
_NEW = re.compile(r"/?token new(?P<read> read)?(?: (?P<name>\S.*))?", re.IGNORECASE)
_DROP = re.compile(r"/?token (?:drop|delete|revoke) (?P<number>\d{1,6})", re.IGNORECASE)
_LIST = re.compile(r"/?tokens(?: list)?|/?token list", re.IGNORECASE)
_HOW = re.compile(r"/?token(?: help| drop)?", re.IGNORECASE)


def register(registry: Registry) -> None:
    """Register the words."""
    registry.word("text")(heard)


def heard(turn: Turn, text: str) -> bool:
    """Take a message about tokens; False for every other."""
    said = " ".join(text.split())
    if turn.person_id is None or len(said) > _LONGEST or "token" not in said.lower():
        return False
    for pattern, act in _ACTS:
        found = pattern.fullmatch(said)
        if found is not None:
            act(turn, found)
            return True
    return False


def _new(turn: Turn, said: re.Match[str]) -> None:
    """Make a token, in a message of its own that nobody sends twice."""
    name = (said["name"] or "").strip()[:LONGEST_NAME]
    made = tokens.make(turn.work, turn.person.id, name=name, writes=said["read"] is None)
    if made is None:
        turn.say("api.too_many", most=tokens.MOST)
        return
    own_tree(turn.work, turn.person.id, turn.locale)
    turn.hide(made.secret)
    turn.notify(
        "api.made", purpose="reply", policy="ask_first", secret=made.secret, scope=_scope(turn, made.token),
        until=_day(made.token.expires_at), number=made.token.number, url=f"{turn.registry.public_url}/api/v1",
    )  # fmt: skip


def _list(turn: Turn, said: re.Match[str]) -> None:
    mine = tokens.of_person(turn.work, turn.person.id)
    if not mine:
        turn.say("api.none")
        return
    for one in mine:
        used = turn.text("api.used", when=_day(one.used_at)) if one.used_at else turn.text("api.unused")
        turn.say(
            "api.line", number=one.number, name=one.name or turn.text("api.unnamed"), scope=_scope(turn, one),
            prefix=one.prefix, until=_day(one.expires_at), used=used,
        )  # fmt: skip


def _drop(turn: Turn, said: re.Match[str]) -> None:
    number = int(said["number"])
    key = "api.dropped" if tokens.drop(turn.work, turn.person.id, number) else "api.no_such"
    turn.say(key, number=number)


def _how(turn: Turn, said: re.Match[str]) -> None:
    turn.say("api.how")


def _scope(turn: Turn, one: Token) -> str:
    return turn.text("api.scope_write" if one.writes else "api.scope_read")


def _day(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


_ACTS: tuple[tuple[re.Pattern[str], Callable[[Turn, re.Match[str]], None]], ...] = (
    (_LIST, _list),
    (_DROP, _drop),
    (_NEW, _new),
    (_HOW, _how),
)
