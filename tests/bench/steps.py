"""The same conversation as one pure function, for peers that bring no flow of their own."""

from __future__ import annotations

import datetime
import re

CITIES = {"SF": "San Francisco", "LA": "Los Angeles", "NYC": "New York", "SD": "San Diego"}
_NUMBER = re.compile(r"^[A-Z]{0,3}\d{6,11}$")
FIELDS = ("city", "number", "date", "statement")
ASK = {
    "city": "[1] Which city issued the ticket? (SF, LA, NYC, SD)",
    "number": "[2] What is the citation number?",
    "date": "[3] On which date was it issued? (YYYY-MM-DD)",
    "statement": "[4] In one or two sentences: why is the ticket wrong?",
}
AGAIN = {
    "city": "[e1] I do not know that city.",
    "number": "[e2] That does not look like a citation number. Try again.",
    "date": "[e3] Please send the date as YYYY-MM-DD.",
    "statement": "[e4] Please write 10-1000 characters.",
}
DONE = "[6] Done. We saved your appeal and will text you the payment link."
Draft = dict[str, str]


def check(field: str, text: str) -> str | None:
    """Return the clean value of an answer, or None when it is not acceptable."""
    text = text.strip()
    match field:
        case "city":
            return text.upper() if text.upper() in CITIES else None
        case "number":
            number = text.upper().replace(" ", "").replace("-", "")
            return number if _NUMBER.match(number) else None
        case "date":
            try:
                return datetime.date.fromisoformat(text).isoformat()
            except ValueError:
                return None
        case _:
            return text if 10 <= len(text) <= 1000 else None


def preview(draft: Draft) -> str:
    """Return the letter."""
    return (
        f"[5] To: {CITIES[draft['city']]} Parking Citations\nRe: citation {draft['number']} of {draft['date']}\n\n"
        f"I contest this citation. {draft['statement']}\n\nReply YES to confirm or NO to start over."
    )


def answer(state: str | None, draft: Draft, text: str) -> tuple[str | None, Draft, str]:
    """Return the next state, the draft and the reply; after DONE the draft is the appeal to save."""
    if text.startswith("/appeal") or state is None:
        return "city", {}, ASK["city"]
    if state == "confirm":
        return (None, draft, DONE) if text.strip().upper() == "YES" else ("city", {}, ASK["city"])
    value = check(state, text)
    if value is None:
        return state, draft, AGAIN[state]
    draft = {**draft, state: value}
    place = FIELDS.index(state) + 1
    if place < len(FIELDS):
        return FIELDS[place], draft, ASK[FIELDS[place]]
    return "confirm", draft, preview(draft)
