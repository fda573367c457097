"""Part 6, send: free or paid with equal weight, the mail class, the signature, the preview, the approval.

    B> 6 of 6: send. The city reviews both. 1 Free: do it yourself ... 2 Paid: we print and mail your letter
    U> 2
    B> Which mail? Order by Wed Nov 25, 5pm. 1 Standard mail $9.00 ... 2 Certified mail $19.95 ...
    U> 2
    B> Type your full name to sign. By signing you say the facts are yours and true.
    U> Dana Reyes

An approval belongs to the preview that was shown; whatever changes afterwards needs a new one (rules CONV-5, ST-6).
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import TypesetLetter, TypesetPages
from bot.core.errors import Mistake
from bot.core.fold import fold
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import ages
from bot.engine.flow import Call, End, Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.appeals import approvals, letter, letter_guard
from handlers.appeals.alarms import alarm
from handlers.appeals.deadlines import MailClass, Plan
from handlers.appeals.flow import keeping
from handlers.appeals.flow.document import document, plain_text, recipient
from handlers.appeals.flow.flow import Preview, ask, calling, draft_of, onward, part, result, take
from handlers.appeals.flow.informed import inform
from handlers.appeals.flow.later import ended
from handlers.appeals.flow.paying import first_link
from handlers.appeals.flow.rules import city_of, plan_of, refusal
from handlers.appeals.flow.shown import address_line, city_page, clock_time, day, keep_page
from handlers.appeals.flow.words_meant import EDIT, means
from handlers.appeals.gates import free_routes
from handlers.appeals.opening import informed as note_informed
from handlers.appeals.settings import settings_of
from handlers.appeals.stages import BEFORE_PAYMENT, stage_of
from handlers.appeals.wording import counted

MOST_PAGES = 10
_APPROVE = ("ok", "okay", "yes", "approve", "approved", "i approve", "send")
"""Nothing looser approves: no digit, no prefix, no typing slip (rule CONV-5)."""
_PRESSING = timedelta(seconds=60)
_SLOTS = {
    "place": "place",
    "plate": "plate",
    "grounds": "grounds",
    "telephone": "telephone",
    "violation_code": "violation_code",
    "address": "address",
    "name": "name",
    "citation": "number",
    "role": "signer",
}


@part(7)
def due_send(turn: Turn) -> str | None:
    """Name the open question about sending."""
    draft = draft_of(turn)
    if draft.route is None:
        return "route"
    if draft.route == "free":
        return "free"
    if draft.facts.mail_class is None or draft.facts.mail not in _offered(turn):
        return "mail_class"
    if draft.facts.signature is None or draft.preview is None:
        return "sign"
    return "preview" if draft.preview.draft_id is None else None


@ask("route")
def ask_route(turn: Turn) -> Ask:
    """Name the free route first, then the paid one (rule UPL-5)."""
    free = Choice("free", key="appeals.send.free", words=("free", "free online", "myself"))
    paid = Choice("paid", key="appeals.send.paid", words=("paid", "mail it", "letter", "mail"))
    return Ask("appeals.send.ask", choices=(free, paid), expects=("choice",))


@take("route")
def take_route(turn: Turn, answer: Answer) -> Next:
    """Take the route; the free one ends the letter path with the text to copy (rule ST-7)."""
    draft_of(turn).route = answer.choice
    return _paid(turn) if answer.choice == "paid" else _free(turn)


def _paid(turn: Turn) -> Next:
    """Go on to the price, after saying what we are and are not; the free way where nothing is sold (UPL-1, UPL-8)."""
    draft_of(turn).route = "paid"
    if not settings_of(turn.registry).sells:
        turn.say("appeals.send.not_sold")
    elif not ages.may_pay(turn):
        turn.say("appeals.age.minor")
    else:
        turn.say("appeals.send.notice")
        return onward(turn)
    draft_of(turn).route = "free"
    return _free(turn)


def _free(turn: Turn) -> Next:
    draft, city = draft_of(turn), city_of(turn)
    text = plain_text(document(turn))
    found = free_routes(city)
    if city is not None:
        page = f"{city_page(turn, city, found)}\n\n{turn.text('appeals.free.your_text')}\n\n{text}"
        turn.show(keep_page(turn, page), "your-text.txt")
    if draft.case_id is not None and stage_of(turn, draft.case_id) in BEFORE_PAYMENT:
        note_informed(turn, draft.case_id, "free_route")
    return Goto("free")


@ask("free")
def ask_free(turn: Turn) -> Ask:
    """Say how to go on alone, and that the letter is still there."""
    choices = (
        Choice("done", key="appeals.done", words=("ok", "thanks", "done")),
        Choice("paid", key="appeals.free.paid"),
    )
    return Ask("appeals.free.ask", choices=choices, expects=("choice", "text"))


@take("free")
def take_free(turn: Turn, answer: Answer) -> Next:
    """End here, or take the paid route after all."""
    if answer.choice == "paid":
        keeping.reopen(turn)
        return _paid(turn)
    if answer.choice == "done":
        turn.say("appeals.free.bye")
        return ended(turn, End())
    return Stay()


# -- mail class --------------------------------------------------------------------------------------------------------


def _offered(turn: Turn) -> list[MailClass]:
    """Return the classes that are in time and that the return address allows."""
    planned, facts = plan_of(turn), draft_of(turn).facts
    classes = [entry.mail_class for entry in planned.offered] if planned else []
    return [c for c in classes if not (c is MailClass.CERTIFIED and facts.address_check == "undeliverable")]


@ask("mail_class")
def ask_mail_class(turn: Turn) -> Ask:
    """Ask for the class, with its price and the last hour to order."""
    planned, settings = plan_of(turn), settings_of(turn.registry)
    choices = tuple(
        Choice(c.value, text=turn.text(f"appeals.mail.{c.value}", price=settings.price(c)), words=(c.value,))
        for c in _offered(turn)
    )
    return Ask("appeals.mail.ask", {"until": _until(planned) if planned else ""}, choices=choices, expects=("choice",))


def _until(planned: Plan) -> str:
    closes = [
        moment for c in MailClass if (entry := planned.of(c)) and entry.offered and (moment := planned.order_closes(c))
    ]
    last = max(closes, default=None)
    return f"{day(last.date(), planned.today)}, {clock_time(last)}" if last else ""


@take("mail_class")
def take_mail_class(turn: Turn, answer: Answer) -> Next:
    """Take the class."""
    draft = draft_of(turn)
    draft.facts.mail_class = answer.choice  # type: ignore[assignment]
    return onward(turn)


# -- signature and preview ---------------------------------------------------------------------------------------------


@ask("sign")
def ask_sign(turn: Turn) -> Ask:
    """Ask for the typed signature."""
    return Ask("appeals.sign.ask")


@take("sign")
def take_sign(turn: Turn, answer: Answer) -> Next:
    """Take the signature and have the letter typeset."""
    facts = draft_of(turn).facts
    if _plain(answer.text) != _plain(facts.signer_name or ""):
        raise Mistake("appeals.sign.differs", name=facts.signer_name)
    facts.signature = facts.signer_name
    return typeset(turn)


def _plain(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


def typeset(turn: Turn) -> Next:
    """Compose the letter, let the guard read it, and have it typeset (rules LET-7, AC-56)."""
    stop = refusal(turn, final=True)
    if stop is not None:
        return inform(turn, stop)
    draft = draft_of(turn)
    try:
        composed = document(turn)
    except letter.UnfinishedLetter as unfinished:
        return _missing(turn, unfinished.problems)
    if seams := letter_guard.check(composed, draft.facts.own_words):
        key = f"letter_guard:{draft.case_id}"
        alarm(turn, "letter_guard", draft.case_id, key=key, code=seams[0].code, slot=seams[0].where)
        turn.say("appeals.letter.stopped")
        draft.facts.signature = None
        return Goto("sign")
    draft.preview = Preview(pdf=0, sha256="", pages=0, document=composed)
    return calling(turn, Call(TypesetLetter(composed), then="typeset", limit=_PRESSING))


def _missing(turn: Turn, problems: tuple[str, ...]) -> Next:
    draft = draft_of(turn)
    draft.facts.signature = None
    slot = next((_SLOTS[p.removeprefix("missing:")] for p in problems if p.removeprefix("missing:") in _SLOTS), None)
    if slot is None:
        alarm(turn, "letter_unfinished", draft.case_id, key=f"letter_unfinished:{draft.case_id}", code=problems[0])
        raise Mistake("appeals.letter.stopped")
    turn.say("appeals.letter.missing")
    return Goto(slot)


@result("typeset")
def typeset_done(turn: Turn, outcome: Outcome) -> Next:
    """Show the letter, or ask what to leave out when it has too many pages."""
    draft, city = draft_of(turn), city_of(turn)
    pages = outcome.result if isinstance(outcome, Done) else None
    composed = draft.preview.document if draft.preview else {}
    if not isinstance(pages, TypesetPages):
        draft.preview = None
        turn.say("appeals.letter.not_made")
        return Goto("sign")
    if pages.pages > MOST_PAGES:
        draft.preview, draft.page_break = None, bool(draft.facts.exhibits)
        return Goto("leave_out") if draft.page_break else _too_long(turn)
    draft.preview = Preview(
        pdf=pages.pdf,
        sha256=pages.sha256,
        pages=pages.pages,
        pictures=list(pages.pictures),
        dropped=pages.dropped,
        record_version=city.version if city else "",
        document=composed,
    )
    if pages.dropped:
        turn.say("appeals.preview.dropped")
    return Goto("preview")


def _too_long(turn: Turn) -> Next:
    turn.say("appeals.letter.too_long")
    return Goto("statement")


@ask("preview")
def ask_preview(turn: Turn) -> Ask:
    """Show the letter with the agency's full address (rule REG-5)."""
    preview = draft_of(turn).preview
    if preview is None:
        return ask_sign(turn)
    files = [(preview.pdf, "your-letter.pdf")]
    if turn.channel != "sms":
        files += [(picture, "page-1.png") for picture in preview.pictures[:1]]
    choices = (
        Choice("approve", key="appeals.preview.approve", words=_APPROVE, quiet=True),
        Choice("edit", key="appeals.edit", words=EDIT, quiet=True),
    )
    args = {"pages": counted(turn, "pages", preview.pages), "address": address_line(recipient(turn))}
    return Ask("appeals.preview.ask", args, choices=choices, expects=("choice",), files=tuple(files))


@take("preview")
def take_preview(turn: Turn, answer: Answer) -> Next:
    """Approve the letter that was shown, or change something."""
    draft, city = draft_of(turn), city_of(turn)
    preview = draft.preview
    if answer.choice == "edit":
        turn.say("appeals.edit.which")
        return Stay()
    if turn.event.kind != "button" and not means(answer.text, _APPROVE):
        raise Mistake("appeals.preview.word")
    if preview is None or draft.case_id is None or city is None:
        return onward(turn)
    if city.version != preview.record_version:
        turn.say("appeals.preview.record_changed")
        draft.preview = None
        return typeset(turn)
    if draft.facts.mail not in _offered(turn):
        return onward(turn)
    return _approve(turn, preview, draft.case_id)


def _approve(turn: Turn, preview: Preview, case_id: int) -> Next:
    draft = draft_of(turn)
    pages = TypesetPages(preview.pdf, preview.sha256, preview.pages, preview.pictures, preview.dropped)
    approved = approvals.approve(turn, case_id, draft.facts, pages, recipient(turn), document=preview.document)
    if not isinstance(approved, int):
        return inform(turn, approved)
    preview.draft_id = approved
    return first_link(turn, case_id, approved)
