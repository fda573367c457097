"""Several drafts at once: one list, saved together or looked at one by one (rule CAP-2).

B> 4 receipts: 1 Shell $41.77 2 CVS $11.06 3 IKEA $402.60 4 unclear. OK ALL saves 1-3, or a number to edit.
U> ok all
B> Saved 3: Shell, CVS, IKEA. March so far $455.43.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Enter, Goto, Next
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow import pages
from handlers.receipts.flow.flow import Focus, Seen, ask, done, focus, next_step, open_receipt, receipt_flow, see, take
from handlers.receipts.flow.saving import confirm, drop, so_far
from storage.receipts.receipts import WAITING

ALL_WORDS = ("ok all", "all", "ok", "save all", "okay all", "yes", "yes all", "save")


def open_batch(turn: Turn, receipt_ids: Sequence[int], *, explained: bool = True) -> None:
    """Show several drafts; one alone is shown as itself, with what can be said to it unless that is known."""
    if len(receipt_ids) == 1:
        open_receipt(turn, receipt_ids[0], explained=explained)
    elif receipt_ids:
        open_receipt(turn, receipt_ids[0], step="batch", batch=list(receipt_ids))


def waiting(turn: Turn) -> list[Seen]:
    """Return those of the batch that still wait, in order."""
    found = (see(turn, one) for one in focus(turn).batch)
    return [seen for seen in found if seen is not None and seen.row.state in WAITING]


def is_clear(seen: Seen) -> bool:
    """Tell whether a draft can be saved as it is."""
    return seen.fields.amount is not None and not seen.fields.questions and seen.row.older_id is None


@ask("batch", effort=False)
def ask_batch(turn: Turn) -> Ask:
    """List them."""
    drafts = waiting(turn)
    labels = [_label(turn, seen) for seen in drafts]
    clear = [number for number, seen in enumerate(drafts, 1) if is_clear(seen)]
    choices = [
        Choice(f"edit:{seen.row.id}", text=label, quiet=True) for seen, label in zip(drafts, labels, strict=True)
    ]
    if clear:
        choices.append(Choice("all", key="receipts.all_button", words=ALL_WORDS, quiet=True))
    key = "receipts.batch" if clear else "receipts.batch_unclear"
    listed = " ".join(f"{number} {label}" for number, label in enumerate(labels, 1))
    args = {"count": len(drafts), "list": listed, "clear": _spans(clear)}
    return Ask(key, args, choices=tuple(choices), expects=("text",), open_choices=True, in_place=True)


def _label(turn: Turn, seen: Seen) -> str:
    if seen.fields.amount is None or (seen.fields.name is None and not is_clear(seen)):
        return turn.text("receipts.unclear")
    priced = wording.priced(turn, seen.fields)
    if seen.row.older_id is not None:
        return turn.text("receipts.batch_twice", name=priced)
    return priced if is_clear(seen) else turn.text("receipts.batch_open", name=priced)


def _spans(numbers: Sequence[int]) -> str:
    """Write [1, 2, 3, 5] as "1-3, 5"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


@take("batch")
def take_batch(turn: Turn, answer: Answer) -> Next:
    """Save all that are clear, or talk about one of them."""
    drafts = waiting(turn)
    if answer.choice == "all" or not drafts:
        return _save_all(turn, drafts)
    if pages.means_same(answer.text):
        return _as_one(turn, drafts)
    if answer.choice is None:
        return _ordered(turn, answer.text, drafts)
    wanted = int(answer.choice.removeprefix("edit:"))
    seen = see(turn, wanted)
    older = seen.row.older_id if seen else None
    about = Focus(receipt_id=wanted, older_id=older).model_dump(mode="json")
    step = next_step(seen.fields, older_id=older) if seen else "check"
    return Enter(receipt_flow.name, about, step)


def orders(text: str) -> tuple[str, str] | None:
    """Return (act, numbers) of "drop 2 and 3" or "save 1, 2", numbers empty for "drop all"; None for other words."""
    found = _ORDER.fullmatch(text.strip(" .!"))
    if found is None:
        return None
    return "drop" if found["act"].casefold() not in ("ok", "okay", "save", "keep") else "save", found["which"]


def _ordered(turn: Turn, text: str, drafts: Sequence[Seen]) -> Next:
    """Save or drop those that are named by number, or drop all."""
    act, which = orders(text) or ("", "")
    numbers = [int(one) for one in re.findall(r"\d+", which)]
    chosen = [drafts[one - 1] for one in dict.fromkeys(numbers) if 0 < one <= len(drafts)]
    if not act or len(chosen) != len(set(numbers)):
        clear = any(is_clear(seen) for seen in drafts)
        raise Mistake("receipts.no_such_number" if clear else "receipts.no_such_draft", count=len(drafts))
    if act == "save":
        return _save_all(turn, [seen for seen in chosen if is_clear(seen)]) if chosen else _save_all(turn, drafts)
    for seen in chosen or drafts:
        drop(turn, seen)
    return done(turn) if len(chosen or drafts) == len(drafts) else Goto("batch", forget=True)


_ORDER = re.compile(
    r"(?P<act>drop|forget|delete|remove|discard|ok|okay|save|keep)\s+"
    r"(?P<which>(?:all|them|everything|the\s+rest)|\d{1,3}(?:\s*(?:,|&|and|\s)\s*\d{1,3})*)",
    re.I,
)


def _as_one(turn: Turn, drafts: Sequence[Seen]) -> Next:
    """Take the batch for pages of one receipt (CAP-2)."""
    whole = see(turn, pages.join(turn, drafts[0].owner, [seen.row.id for seen in drafts]))
    assert whole is not None  # noqa: S101
    about = Focus(receipt_id=whole.row.id, older_id=whole.row.older_id).model_dump(mode="json")
    return Enter(receipt_flow.name, about, next_step(whole.fields, older_id=whole.row.older_id), replace=True)


def _save_all(turn: Turn, drafts: Sequence[Seen]) -> Next:
    place = len(turn.lines)
    saved = [seen for seen in drafts if is_clear(seen) and confirm(turn, seen) is not None]
    left = [seen for seen in drafts if not is_clear(seen)]
    if saved:
        first = saved[0]
        names = ", ".join(wording.name_of(turn, seen.fields) for seen in saved)
        day, currency = first.fields.day or first.owner.today, first.fields.currency.value
        spent = so_far(turn, first.owner, day, currency)
        turn.lines.insert(place, turn.text("receipts.saved_all", count=len(saved), names=names, so_far=spent))
    if not left:
        return End()
    about = Focus(receipt_id=left[0].row.id, older_id=left[0].row.older_id).model_dump(mode="json")
    return Enter(receipt_flow.name, about, next_step(left[0].fields, older_id=left[0].row.older_id), replace=True)
