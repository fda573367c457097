"""The draft on show: OK, EDIT or DROP, and corrections in plain words (rules DRF-1, DRF-2, DRF-7)."""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Goto, Next
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow import edits, elsewhere
from handlers.receipts.flow.flow import Seen, ask, done, focus, keep, receipt_flow, see, take, tree_of
from handlers.receipts.flow.learning import learn, then_earlier
from handlers.receipts.flow.saving import button, drop, save

OK_WORDS = (
    "ok",
    "okay",
    "save",
    "save it",
    "yes",
    "y",
    "yep",
    "good",
    "looks good",
    "looks right",
    "looks correct",
    "correct",
    "right",
    "that's right",
    "thats right",
    "that's correct",
    "perfect",
    "sounds good",
    "yes please",
    "all good",
    "keep",
    "\N{THUMBS UP SIGN}",
)
DROP_WORDS = ("drop", "drop it", "forget", "forget it", "no", "discard", "remove", "delete", "trash")
EDIT_WORDS = ("edit", "change", "fix", "wrong")
FIELDS = ("amount", "store", "date", "category", "note")


def gone() -> Ask:
    """Ask nothing about a receipt that is not there any more."""
    return Ask("receipts.gone", choices=(Choice("leave", key="receipts.leave_button"),), expects=("text", "choice"))


@ask("check", effort=False)
def ask_check(turn: Turn) -> Ask:
    """Show the draft."""
    seen = see(turn)
    if seen is None:
        return gone()
    choices = tuple(
        Choice(act, key=f"receipts.{act}_button", words=words, quiet=True, standing=button(act, seen.row.code))
        for act, words in (("ok", OK_WORDS), ("edit", EDIT_WORDS), ("drop", DROP_WORDS))
    )
    key = "receipts.check" if focus(turn).explained else "receipts.check_first"
    shown = wording.line(turn, seen.owner, tree_of(turn, seen.owner), seen.fields)
    unpaid = turn.text("receipts.unpaid") if "unpaid" in seen.fields.flags else ""
    return Ask(
        key, {"line": shown, "unpaid": unpaid}, choices=choices, expects=("text", "choice"), open_choices=True,
        in_place=True,
    )  # fmt: skip


@take("check")
def take_check(turn: Turn, answer: Answer) -> Next:
    """Save, drop, or correct."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice == "ok" and save(turn, seen):
        return done(turn)
    if answer.choice == "drop":
        drop(turn, seen)
        return done(turn)
    if answer.choice == "edit":
        focus(turn).explained = True
        return Goto("edit")
    return corrected(turn, seen, answer.text)


@ask("edit", effort=False)
def ask_edit(turn: Turn) -> Ask:
    """Ask what to change."""
    choices = tuple(Choice(name, key=f"receipts.{name}_button", quiet=True) for name in FIELDS)
    back = Choice("back", key="receipts.back_button", quiet=True, words=("back",))
    return Ask("receipts.edit", choices=(*choices, back), expects=("text",), open_choices=True, in_place=True)


@take("edit")
def take_edit(turn: Turn, answer: Answer) -> Next:
    """Go to the field that was named, or take the corrections that were written."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice == "back":
        return Goto("check", forget=True) if seen.waits else End()
    if answer.choice in FIELDS:
        return Goto(str(answer.choice))
    return corrected(turn, seen, answer.text)


def corrected(turn: Turn, seen: Seen, text: str) -> Next:
    """Change the draft by what the person wrote; raise Mistake when nothing in it is a correction."""
    focus(turn).explained = True
    tree = tree_of(turn, seen.owner)
    changed = None if elsewhere.is_theirs(turn, text) else edits.read(text, seen.fields, seen.owner, tree)
    if changed is not None and changed.fields != seen.fields:
        return apply(turn, seen, changed)
    begun = elsewhere.handed_over(turn, text)
    if begun is None:
        raise Mistake("receipts.no_correction")
    return begun


def apply(turn: Turn, seen: Seen, changed: edits.Changed) -> Next:
    """Store corrections and learn from them (CAT-5, CAT-7)."""
    now = keep(turn, seen, learn(turn, seen, changed))
    _tell_inside(turn, now, changed)
    return then_earlier(turn, now)


def _tell_inside(turn: Turn, now: Seen, changed: edits.Changed) -> None:
    """Say what was noted that the line of the draft does not show: a tip or tax is inside the amount."""
    for what in sorted({"tip", "tax"} & changed.names):
        value = getattr(now.fields, what)
        if value is None:
            turn.say("receipts.no_tip")
        elif now.fields.amount is not None:
            part, whole = (wording.money(one, now.fields.currency.value) for one in (value.value, now.fields.amount))
            turn.say(f"receipts.inside_{what}", part=part, whole=whole)


def editor(turn: Turn, argument: str) -> Next | None:
    """Take EDIT, alone or with what to change, at any step of this conversation."""
    seen = see(turn)
    if seen is None:
        return End()
    name = argument.strip().casefold()
    if not name:
        return Goto("edit")
    if name in FIELDS:
        return Goto(name)
    changed = edits.read(argument, seen.fields, seen.owner, tree_of(turn, seen.owner))
    return None if changed is None else apply(turn, seen, changed)


receipt_flow.editor = editor
