"""Operators from the host's terminal: enrolling them, and the commands of the chat run by the same functions.

Whoever has the host has the database; the audit names them `terminal:<user>`. The server may run meanwhile: each
command is one short transaction.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from bot.assembly.terminal_answers import AT_ONCE, TerminalOffice
from bot.core.calls import Done, Outcome, Refused, pack
from bot.core.clock import Clock, SystemClock
from bot.core.errors import Misconfigured
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal, parse_keys
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.engine.staff import TERMINAL
from bot.engine.state import Conversation
from bot.engine.turn import CallRow, Turn
from handlers.admin.roles import FIRST, OWNER
from handlers.admin.tfa import new_secret, totp_uri
from storage import audit, operators
from storage.database import Database, Writers
from storage.session import Session
from storage.work import Work

INVITED = timedelta(hours=24)


async def ensure_demo_operator(
    writers: Writers, *, name: str = "operator", secret: str | None = None
) -> tuple[str, str]:
    """Enrol the demo's operator unless there is one; return the secret and its address for an authenticator.

    Any phone of the simulator that knows the code may take the part, which live mode never allows.
    """
    wanted = secret or new_secret()

    def enrol(work: Work) -> str:
        known = operators.by_name(work, name)
        if known is not None and (secret is None or operators.secret_of(work, known) == secret):
            return operators.secret_of(work, known)
        operators.enroll(work, name=name, role="owner", state="open", secret=wanted)
        audit.record(work, actor="demo", action="operator.enrolled", obj=f"operator:{name}")
        return wanted

    kept: str = await writers.run(enrol)
    return kept, totp_uri(name, kept, issuer="Parley demo")


def with_demo_keys(settings: Settings) -> Settings:
    """Fill in the keys that demo mode made for itself, if it ran here before."""
    kept = settings.data_dir / "demo.json"
    if settings.secret_keys or not settings.is_demo or not kept.exists():
        return settings
    return settings.model_copy(update={"secret_keys": str(orjson.loads(kept.read_bytes())["secret_keys"])})


class Shell:
    """One terminal session on the database."""

    def __init__(self, settings: Settings, registry: Registry, *, clock: Clock | None = None) -> None:
        settings = with_demo_keys(settings)
        if not settings.secret_keys:
            raise Misconfigured("SECRET_KEYS", "is missing; the server's own keys are needed here")
        self._clock, self._settings = clock or SystemClock(), settings
        self._registry, self._ids = registry, Ids(self._clock)
        self._seal, self._database = Seal(parse_keys(settings.secret_keys)), Database(settings.database)
        self.user = getpass.getuser()

    @property
    def actor(self) -> str:
        """Who acts, in the audit."""
        return f"terminal:{self.user}"

    @contextmanager
    def _work(self) -> Iterator[Work]:
        """Open a transaction; commit it when the block ends well."""
        session: Session = self._database.session()
        work = Work(session, self._clock.now(), self._ids, self._seal)
        try:
            session.begin()
            try:
                yield work
                work.keep()
                _flush(session, work)
                session.commit()
            except BaseException:
                session.rollback()
                raise
        finally:
            session.close()

    def run(self, name: str, argument: str, *, folder: Path | None = None) -> str:
        """Run a command of staff, or the words and the code that confirm one, and return what it says.

        What it has done beside it is done before this returns; files go into `folder`, or where the terminal stands.
        Raise Misconfigured for a command that has the server do something: nothing of it was done.
        """
        office = TerminalOffice(
            self._settings, self._database, self._seal, self._clock, self._work, folder or Path.cwd()
        )  # fmt: skip
        with self._work() as work:
            turn = self._turn(work, "command", {})
            self._hear(turn, f"/{name} {argument}".rstrip())
            calls = list(turn.calls)
            if any(type(one.call) not in AT_ONCE for one in calls):
                raise Misconfigured(f"/{name}", "has the server do something: it works in the chat only")
        said = list(turn.lines) if not calls else []
        for one in calls:
            said += self._told(one, office.perform(one.call))
        return "\n".join([*said, *(f"written: {path}" for path in office.written)])

    def _turn(self, work: Work, kind: str, payload: dict[str, Any]) -> Turn:
        event = Event(TERMINAL, f"terminal:{work.ids.next()}", kind, {"user": self.user, **payload})
        return Turn(
            self._registry, work, event, inbox_id=work.ids.next(), person=None, address=None,
            conversation=Conversation(),
        )  # fmt: skip

    def _told(self, row: CallRow, outcome: Outcome) -> list[str]:
        """Return what the second turn says, the one that takes a call's outcome; no chart is drawn here."""
        told: dict[str, Any] = {"call_id": row.id, "then": row.then, "context": {**row.context, "chart": False}}
        match outcome:
            case Done(result):
                told |= {"outcome": "done", "result": pack(result)}
            case Refused(code, reason):
                told |= {"outcome": "refused", "code": code, "reason": reason}
            case _:
                told |= {"outcome": "refused"}
        with self._work() as work:
            turn = self._turn(work, "call", told)
            self._registry.handlers[f"call:{row.then}"](turn)
            return [*turn.lines, *(one.text for one in turn.outgoing)]

    def _hear(self, turn: Turn, text: str) -> None:
        self._registry.complete()
        if self._registry.gate is None or not self._registry.gate(turn, text):
            turn.lines.append("There is no such command.")

    def enroll(self, name: str, *, role: str | None, telegram: str | None) -> tuple[str, str, str | None]:
        """Invite an operator; return the secret, its address, and the invitation for the first login.

        Without a role the first one is the owner, somebody known keeps theirs, and others begin as new staff do.
        """
        secret = new_secret()
        with self._work() as work:
            owners = [row for row in operators.in_force(work) if row.role == OWNER and row.name != name]
            known = operators.by_name(work, name)
            role = role or (known.role if known is not None else FIRST if owners else OWNER)
            invite = None if telegram else work.ids.token()
            operators.enroll(
                work, name=name, role=role, state="invited", secret=secret, telegram=telegram, invite=invite,
                invited_until=work.now + INVITED,
            )  # fmt: skip
            audit.record(work, actor=self.actor, action="operator.enrolled", obj=f"operator:{name}", role=role)
        return secret, totp_uri(name, secret), invite

    def change(self, name: str, action: str) -> bool:
        """Unlock or disable an operator; False when there is none of this name."""
        act: Callable[[Work, str], bool] = {"unlock": operators.release, "disable": operators.disable}[action]
        with self._work() as work:
            audit.record(work, actor=self.actor, action=f"operator.{action}", obj=f"operator:{name}")
            return act(work, name)


def _flush(session: Session, work: Work) -> None:
    for hot, params in work.hot:
        session.write_many(hot, [params])
    for statement, bind, expected in work.cold:
        result: Any = session.execute(statement, bind)
        if expected is not None and result.rowcount != expected:
            raise RuntimeError("a guarded write found its row changed")
