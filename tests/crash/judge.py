"""Whether anything was lost or happened twice, judged by the vendors' books alone.

letters = paid sessions, each exactly one; no refund; no SMS twice; Telegram repeats at most one per kill;
every acknowledged message has its reply; the counted notes have no gap, no repetition, no disorder
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.world import Vendors

_NOTED = re.compile(r"noted (.+) as (\d+)")
_SENT = re.compile(r"sent (\d+) notes")
Who = tuple[str, str]
"""Channel and handle."""


@dataclass(slots=True)
class Said:
    """One message of a person, and whether the server acknowledged it."""

    who: Who
    words: str
    acknowledged: bool = False


@dataclass(slots=True)
class Verdict:
    """What the books show; empty `problems` means that all promises were kept."""

    problems: list[str] = field(default_factory=list)
    messages: int = 0
    acknowledged: int = 0
    paid: int = 0
    letters: int = 0
    sms: int = 0
    telegram: int = 0
    repeats: int = 0
    silent_notices: int = 0

    def line(self) -> str:
        """Return the figures on one line."""
        return (
            f"{self.messages} messages ({self.acknowledged} acknowledged), {self.paid} paid, {self.letters} letters, "
            f"{self.sms} SMS, {self.telegram} Telegram messages, {self.repeats} Telegram repeats, "
            f"{self.silent_notices} Telegram notices given up as uncertain"
        )


class Judge:
    """Reads the books of one town."""

    def __init__(self, vendors: Vendors, *, kills: int) -> None:
        self._vendors, self._kills = vendors, kills
        self.heard: dict[Who, list[str]] = defaultdict(list)

    def judge(self, said: Iterable[Said], payers: Iterable[Who] = ()) -> Verdict:
        """Compare the books with what the people said and paid."""
        said, verdict = list(said), Verdict()
        self._listen()
        verdict.messages = len(said)
        verdict.acknowledged = sum(s.acknowledged for s in said)
        self._letters(verdict)
        self._repeats(verdict)
        for one in said:
            self._answered(verdict, one)
        for who in self.heard:
            self._counted(verdict, who)
        for who in payers:
            self._told(verdict, who)
        if verdict.silent_notices > self._kills:
            verdict.problems.append(f"{verdict.silent_notices} notices given up in {self._kills} kills")
        return verdict

    def _listen(self) -> None:
        for row in self._vendors.twilio.book.shelf("message"):
            if row["direction"].startswith("outbound"):
                self.heard["sms", row["to"]].append(row["body"])
        for user in self._vendors.telegram.chats.users:
            if not user["is_bot"]:
                chat = self._vendors.telegram.person(user["id"]).chat
                self.heard["telegram", str(user["id"])] += chat.texts

    def _letters(self, verdict: Verdict) -> None:
        stripe, lob = self._vendors.stripe, self._vendors.lob
        paid = Counter(s["client_reference_id"] for s in stripe.checkout.shelf if s["payment_status"] == "paid")
        letters = Counter(x["metadata"].get("payment_id") for x in lob.letters.shelf if not x["deleted"])
        verdict.paid, verdict.letters = sum(paid.values()), sum(letters.values())
        verdict.problems += [f"payment {ref}: {letters[ref]} letters" for ref in paid if letters[ref] != 1]
        verdict.problems += [f"a letter for {ref}, which nobody paid" for ref in letters if not paid[ref]]
        verdict.problems += [f"payment {ref} was made {n} times" for ref, n in paid.items() if n > 1]
        verdict.problems += [f"refund {r['id']} nobody asked for" for r in stripe.payments.refunds]

    def _repeats(self, verdict: Verdict) -> None:
        for (channel, handle), texts in self.heard.items():
            again = {text: n - 1 for text, n in Counter(texts).items() if n > 1}
            if channel == "telegram":
                verdict.telegram += len(texts)
                verdict.repeats += sum(again.values())
                continue
            verdict.sms += len(texts)
            verdict.problems += [f"SMS to {handle} {n + 1} times: {text[:60]!r}" for text, n in again.items()]
        if verdict.repeats > self._kills:
            verdict.problems.append(f"{verdict.repeats} Telegram repeats in {self._kills} kills")

    def _answered(self, verdict: Verdict, one: Said) -> None:
        if not one.acknowledged:
            return
        wanted = (
            "sent " if one.words == "go" else f" {one.words} as " if not one.words.startswith("order") else one.words
        )
        if not any(wanted in text for text in self.heard[one.who]):
            verdict.problems.append(f"{one.who}: no reply to {one.words!r}, which was acknowledged")

    def _counted(self, verdict: Verdict, who: Who) -> None:
        noted = [(m[2], m[1]) for text in dict.fromkeys(self.heard[who]) for m in _NOTED.finditer(text)]
        numbers, words = [int(n) for n, _ in noted], [w for _, w in noted]
        if numbers != list(range(1, len(numbers) + 1)):
            verdict.problems.append(f"{who}: notes were counted {numbers}")
        if len(set(words)) != len(words):
            verdict.problems.append(f"{who}: a note was taken twice: {words}")
        for text in self.heard[who]:
            found = _SENT.search(text)
            if found and int(found[1]) != len(noted):
                verdict.problems.append(f"{who}: {len(noted)} notes were taken and {found[1]} sent")

    def _told(self, verdict: Verdict, who: Who) -> None:
        """Everybody who paid hears of the receipt and of the printer, once."""
        texts = dict.fromkeys(self.heard[who])
        for what in ("receipt R-", "at the printer"):
            times = sum(what in text for text in texts)
            if times == 1:
                continue
            if times == 0 and who[0] == "telegram":
                verdict.silent_notices += 1
            else:
                verdict.problems.append(f"{who}: told {times} times {what!r}")
