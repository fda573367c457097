"""The benchmark's conversation as a Parley flow: four questions, a preview, a confirm; replies carry [1]..[6]."""

from __future__ import annotations

import datetime
import re

from pydantic import BaseModel

from bot.core.prompts import Answer, Ask
from bot.engine.flow import End, Flow, Goto, Next, Stay
from bot.engine.registry import Registry
from bot.engine.turn import Turn

CITIES = {"SF": "San Francisco", "LA": "Los Angeles", "NYC": "New York", "SD": "San Diego"}
_NUMBER = re.compile(r"^[A-Z]{0,3}\d{6,11}$")


class Draft(BaseModel):
    """What was answered; `wrong` asks in the words of the error."""

    city: str = ""
    number: str = ""
    date: str = ""
    statement: str = ""
    wrong: bool = False


flow = Flow("bench", Draft, version=1, first="city", entry=("appeal",))


def _question(name: str, text: str, error: str) -> None:
    @flow.ask(name)
    def ask(turn: Turn) -> Ask:
        return Ask("bench.line", {"line": error if turn.draft.wrong else text})


_question("city", "[1] Which city issued the ticket? (SF, LA, NYC, SD)", "[e1] I do not know that city.")
_question("number", "[2] What is the citation number?", "[e2] That does not look like a citation number. Try again.")
_question("date", "[3] On which date was it issued? (YYYY-MM-DD)", "[e3] Please send the date as YYYY-MM-DD.")
_question("statement", "[4] In one or two sentences: why is the ticket wrong?", "[e4] Please write 10-1000 characters.")


@flow.ask("confirm")
def ask_confirm(turn: Turn) -> Ask:
    """Show the letter."""
    d = turn.draft
    text = (
        f"[5] To: {CITIES[d.city]} Parking Citations\nRe: citation {d.number} of {d.date}\n\n"
        f"I contest this citation. {d.statement}\n\nReply YES to confirm or NO to start over."
    )
    return Ask("bench.line", {"line": text})


def _keep(turn: Turn, field: str, value: str | None, then: str) -> Next:
    turn.draft.wrong = value is None
    if value is None:
        return Stay()
    setattr(turn.draft, field, value)
    return Goto(then)


@flow.take("city")
def take_city(turn: Turn, answer: Answer) -> Next:
    """Keep a known city."""
    city = answer.text.upper()
    return _keep(turn, "city", city if city in CITIES else None, "number")


@flow.take("number")
def take_number(turn: Turn, answer: Answer) -> Next:
    """Keep a number of the right shape."""
    number = answer.text.upper().replace(" ", "").replace("-", "")
    return _keep(turn, "number", number if _NUMBER.match(number) else None, "date")


@flow.take("date")
def take_date(turn: Turn, answer: Answer) -> Next:
    """Keep an ISO date."""
    try:
        return _keep(turn, "date", datetime.date.fromisoformat(answer.text).isoformat(), "statement")
    except ValueError:
        return _keep(turn, "date", None, "statement")


@flow.take("statement")
def take_statement(turn: Turn, answer: Answer) -> Next:
    """Keep a statement of a sensible length."""
    return _keep(turn, "statement", answer.text if 10 <= len(answer.text) <= 1000 else None, "confirm")


@flow.take("confirm")
def take_confirm(turn: Turn, answer: Answer) -> Next:
    """Save the appeal."""
    if answer.text.casefold() != "yes":
        return Goto("city")
    turn.audit("bench.appeal", f"inbox:{turn.inbox_id}")
    turn.lines.append("[6] Done. We saved your appeal and will text you the payment link.")
    return End()


def register(registry: Registry) -> None:
    """Register the conversation alone, without the introduction that would hide its markers."""
    registry.catalogue.add("en", {"bench.line": "{line}"})
    registry.introduces = False
    registry.add_flow(flow)
