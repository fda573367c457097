"""Tokens of the API, made and dropped in the chat (rule API-1).

> TOKEN NEW READ laptop
< plt_7Xq2... This is the only time I show it. ...
> TOKENS
< 1 laptop, read, plt_7Xq2..., until Mar 18, 2027, not used yet
> TOKEN DROP 1
< Token 1 no longer opens anything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.categories.learning import own_tree
from storage.receipts import tokens
from storage.receipts.tokens import Token

LONGEST_NAME, MOST_NETWORKS = 30, 5
_LONGEST, _LONGEST_BOUND = 80, 200
FEATURE = "data.api"
_SCOPE = f"(?:{'|'.join(tokens.SCOPES)})"
_NEW = re.compile(
    rf"/?token new(?P<read> read)?(?P<name> .+?)??(?: for (?P<scopes>{_SCOPE}(?:(?:,? and |, ?| ){_SCOPE})*))?"
    r"(?: from (?P<networks>(?=.*\d)(?=.*[.:])[0-9a-f.:/, ]+))?",
    re.IGNORECASE,
)
"""FOR names scopes only where what follows are such words, FROM networks only where they look it; else it is a name."""
_LISTED = re.compile(r".* for (?P<scopes>[a-z]+(?:(?:,? and |, ?)[a-z]+)+)", re.IGNORECASE)
_DROP = re.compile(r"/?token (?:drop|delete|revoke) (?P<number>\d{1,6})", re.IGNORECASE)
_LIST = re.compile(r"/?tokens(?: list)?|/?token list", re.IGNORECASE)
_HOW = re.compile(r"/?token(?: help| drop)?", re.IGNORECASE)


def register(registry: Registry) -> None:
    """Register the words."""
    registry.word("text")(heard)


def heard(turn: Turn, text: str) -> bool:
    """Take a message about tokens; False for every other."""
    said = " ".join(text.split())
    longest = _LONGEST_BOUND if " from " in said.lower() else _LONGEST
    if turn.person_id is None or len(said) > longest or "token" not in said.lower():
        return False
    for pattern, act in _ACTS:
        found = pattern.fullmatch(said)
        if found is not None:
            act(turn, found)
            return True
    return False


def _new(turn: Turn, said: re.Match[str]) -> None:
    """Make a token, in a message of its own that nobody sends twice."""
    right = turn.registry.rights.decide(turn, FEATURE)
    if not right.allows:
        turn.say("api.not_in_plan", told=right.told)
        return
    name, scopes, networks = (said["name"] or "").strip()[:LONGEST_NAME], _scopes(said), _networks(said)
    if _half_known(name) or networks is None:
        turn.say("api.unknown_network" if networks is None else "api.unknown_scope", scopes=", ".join(tokens.SCOPES))
        return
    writes = said["read"] is None and tokens.BOOKS in scopes
    made = tokens.make(turn.work, turn.person.id, name=name, writes=writes, scopes=scopes, networks=networks)
    if made is None:
        turn.say("api.too_many", most=tokens.MOST)
        return
    own_tree(turn.work, turn.person.id, turn.locale)
    turn.hide(made.secret)
    turn.notify(
        "api.made", purpose="reply", policy="ask_first", secret=made.secret, name=name or turn.text("api.unnamed"),
        scope=_scope(turn, made.token), until=_day(made.token.expires_at), number=made.token.number,
        url=f"{turn.registry.public_url}/api/v1",
    )  # fmt: skip


def _scopes(said: re.Match[str]) -> tuple[str, ...]:
    """Return what a token shall open, the books unless something is named."""
    named = re.split(r"[ ,]+", (said["scopes"] or tokens.BOOKS).lower())
    return tuple(one for one in tokens.SCOPES if one in named)


def _half_known(name: str) -> bool:
    """Tell whether what was read as a name ends in a list of which something is a scope: then the rest is a slip."""
    listed = _LISTED.fullmatch(name)
    return listed is not None and not set(re.split(r"[ ,]+", listed["scopes"].lower())).isdisjoint(tokens.SCOPES)


def _networks(said: re.Match[str]) -> tuple[str, ...] | None:
    """Return the networks from which a token is taken, none for every one; None for what is none, or too many."""
    named = [one for one in re.split(r"[ ,]+", said["networks"] or "") if one]
    try:
        found = tuple(str(ipaddress.ip_network(one, strict=False)) for one in named)
    except ValueError:
        return None
    return found if len(found) <= MOST_NETWORKS else None


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
    can = turn.text("api.scope_write" if one.writes else "api.scope_read")
    line = can if one.scopes == (tokens.BOOKS,) else f"{can} {', '.join(one.scopes)}"
    return turn.text("api.bound", scope=line, networks=", ".join(one.networks)) if one.networks else line


def _day(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


_ACTS: tuple[tuple[re.Pattern[str], Callable[[Turn, re.Match[str]], None]], ...] = (
    (_LIST, _list),
    (_DROP, _drop),
    (_NEW, _new),
    (_HOW, _how),
)
