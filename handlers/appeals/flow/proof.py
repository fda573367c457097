"""Part 3, proof: papers are asked for one by one, each skippable unless the city requires it.

    B> 3 of 6: proof. Review offices often ask for a photo of the meter screen. Send one, or SKIP.
    U> [photo]
    B> Saved as Exhibit A. What does it show, and when was it taken? Example: meter screen, Nov 16 2:05pm
    U> meter screen nov 16 2:05pm
    B> Next: the ticket, front and back. Send photos, or SKIP.
    U> skip

A story that is told here is kept for the statement, where it is shown and confirmed (part 4).
Captions and times come from the person only; print copies carry no place and no camera data (rules GRD-2, GRD-4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import PreparedPicture, PreparedPictures, PreparePictures
from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Next
from bot.engine.turn import Turn
from handlers.appeals import evidence_pages
from handlers.appeals.facts import MOST_EXHIBITS, EvidenceItem
from handlers.appeals.flow.captions import captions
from handlers.appeals.flow.flow import ask, calling, changed, draft_of, onward, part, result, take
from handlers.appeals.flow.reason import picked
from handlers.appeals.flow.rules import authorization_of, city_of
from handlers.appeals.flow.shown import exhibit_names
from handlers.appeals.flow.words import told_early
from handlers.appeals.flow.words_meant import DONE, SKIP, means, skipped
from handlers.appeals.grounds import Ground, Paper
from handlers.appeals.letter import CAPTION_LONGEST
from handlers.appeals.statement import clean, foreign_letters
from handlers.appeals.wording import counted

MOST_ITEMS = 20
MORE = "more"
TICKET = "ticket"
_NOT_A_PAPER = frozenset({"photo_date"})
_NONE = re.compile(
    r"(?:no(?!\.?\s*#?\d)|nope|none|never|not yet|not really|i did ?n[o']?t|did ?n[o']?t)\b", re.IGNORECASE
)
_NO_CAPTION = frozenset({"form", "photo_id", "ticket_copy", "original_ticket"})
_PREPARE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper that is asked for: its id, its words, what the city makes of it."""

    id: str
    text: str
    kind: str = "photo"
    required: bool = False
    caption: str = ""


def wanted(turn: Turn) -> list[Wanted]:
    """Return the papers to ask for, in order: the city's own, those of the reasons, the ticket, anything else."""
    city = city_of(turn)
    papers = [e for e in city.mail.enclosures if e.met_by != "letter_text" and e.required] if city else []
    found = [Wanted(e.id, e.text, e.kind, e.met_by == "user_upload") for e in papers if e.when == "always"]
    for ground in picked(turn):
        found += [Wanted(f"{ground.id}.{e.id}", e.text) for e in ground.evidence if _may_exist(turn, ground, e)]
    if not any(one.kind in ("ticket_copy", "original_ticket") for one in found):
        found.append(
            Wanted(TICKET, turn.text("appeals.proof.ticket"), caption=turn.text("appeals.proof.ticket_caption"))
        )
    seen = {"the ticket, front and back"}
    unique = [one for one in found if one.id == TICKET or not (one.text in seen or seen.add(one.text))]  # type: ignore[func-returns-value]
    return [*unique[: MOST_ITEMS - 1], Wanted(MORE, "")]


def _may_exist(turn: Turn, ground: Ground, paper: Paper) -> bool:
    """Tell whether a paper is worth asking for: not the confirmation of a report that was never made."""
    if paper.of:
        answer = draft_of(turn).facts.answers.get(f"{ground.id}.{paper.of}", "")
        return bool(answer) and not _NONE.match(answer)
    return paper.id not in _NOT_A_PAPER


@part(3)
def due_proof(turn: Turn) -> str | None:
    """Name the first paper that was not asked for yet."""
    draft = draft_of(turn)
    if any(item.original not in draft.captioned for item in draft.facts.exhibits):
        return "caption"
    if draft.proof_done:
        return "leave_out" if draft.page_break or evidence_pages.surplus(turn, draft.facts.exhibits) else None
    for number, one in enumerate(wanted(turn)):
        if one.id not in draft.proof_asked:
            return f"proof_{number}"
    return None


def _register(number: int) -> None:
    @ask(f"proof_{number}")
    def ask_proof(turn: Turn) -> Ask:
        every = wanted(turn)
        return _question(turn, every[min(number, len(every) - 1)], every)

    @take(f"proof_{number}")
    def take_proof(turn: Turn, answer: Answer) -> Next:
        every = wanted(turn)
        return _take(turn, answer, every[min(number, len(every) - 1)])


def _question(turn: Turn, one: Wanted, every: list[Wanted]) -> Ask:
    """Ask for a paper; the first one of the person's own choice says what to cover (rule GRD-5)."""
    lead = turn.text("appeals.proof.lead" if one is every[0] else "appeals.proof.next")
    first = one is next((paper for paper in every if not paper.required and paper.kind != "original_ticket"), None)
    if one.id == MORE:
        done = Choice("skip", key="appeals.done", words=(*DONE, *SKIP), quiet=True)
        return Ask("appeals.proof.more", choices=(done,), expects=("picture", "text", "choice"))
    skip = Choice("skip", key="appeals.skip", words=SKIP, quiet=True)
    done = Choice("done", key="appeals.done", words=DONE, quiet=True)
    key = "required" if one.required else one.kind if one.kind == "original_ticket" else "first" if first else "ask"
    return Ask(
        f"appeals.proof.{key}",
        {"lead": lead, "paper": one.text},
        choices=(skip, done),
        expects=("picture", "text", "choice"),
    )


def _take(turn: Turn, answer: Answer, one: Wanted) -> Next:
    draft = draft_of(turn)
    if answer.pictures:
        return prepare(turn, answer)
    if answer.choice == "done" or means(answer.text, DONE):
        draft.proof_asked += [item.id for item in wanted(turn) if item.id == one.id or not item.required]
        draft.proof_done = all(item.id in draft.proof_asked for item in wanted(turn))
        return onward(turn)
    if answer.choice == "skip" or means(answer.text, SKIP):
        draft.proof_asked.append(one.id)
        draft.proof_done = draft.proof_done or one.id == MORE
        return onward(turn)
    if told_early(turn, answer.text):
        turn.say("appeals.proof.told")
        return onward(turn)
    raise Mistake("appeals.proof.send_or_done" if one.id == MORE else "appeals.proof.send_or_skip")


for _number in range(MOST_ITEMS):
    _register(_number)


# -- pictures ----------------------------------------------------------------------------------------------------------


def prepare(turn: Turn, answer: Answer) -> Next:
    """Have print copies made of what was sent."""
    draft = draft_of(turn)
    blobs = [m.blob for m in answer.pictures if m.blob]
    draft.beside = answer.text[:CAPTION_LONGEST]
    return calling(turn, Call(PreparePictures(blobs), then="prepared", limit=_PREPARE))


@result("prepared")
def prepared(turn: Turn, outcome: Outcome) -> Next:
    """Make exhibits of the pictures that could be read, and tell of those that could not."""
    draft = draft_of(turn)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, PreparedPictures):
        raise Mistake("appeals.proof.failed")
    added = [item for picture in outcome.result.pictures if (item := _exhibit(turn, picture)) is not None]
    if not added:
        return onward(turn)
    draft.facts = draft.facts.relettered()
    changed(turn, "exhibits")
    letters = [i.letter for i in draft.facts.evidence if i.original in {a.original for a in added}]
    one = _open_item(turn)
    note, draft.beside = draft.beside, ""
    if one is not None and (one.kind in _NO_CAPTION or one.id == TICKET):
        _caption_as(turn, letters, one)
        turn.say("appeals.proof.saved_as", exhibits=exhibit_names(letters), paper=one.caption or one.text)
    elif note.strip():
        _caption(turn, note, letters)
        turn.say("appeals.proof.saved", exhibits=exhibit_names(letters))
    if one is not None and one.id != MORE and one.id not in draft.proof_asked:
        draft.proof_asked.append(one.id)
    return onward(turn)


def _open_item(turn: Turn) -> Wanted | None:
    frame = turn.conversation.top
    step = frame.step if frame else ""
    match = re.fullmatch(r"proof_(\d+)", step)
    every = wanted(turn)
    if match and int(match[1]) < len(every):
        return every[int(match[1])]
    form = authorization_of(city_of(turn))
    return Wanted(form, turn.text("appeals.proof.authorization"), "form") if step == "authorization" and form else None


def _exhibit(turn: Turn, picture: PreparedPicture) -> EvidenceItem | None:
    draft, one = draft_of(turn), _open_item(turn)
    if picture.trouble or not picture.prints:
        turn.say(
            f"appeals.proof.{picture.trouble if picture.trouble in ('too_large', 'unsupported') else 'unreadable'}"
        )
        return None
    if any(item.sha256 == picture.sha256 for item in draft.facts.evidence):
        turn.say("appeals.proof.same_again")
        return None
    kind = {"form": "form", "ticket_copy": "form", "photo_id": "photo_id"}.get(one.kind if one else "", "photo")
    item = EvidenceItem(
        kind=kind,
        checklist_item=one.id if one and one.id != MORE else None,
        original=picture.original,
        prints=list(picture.prints),
        sha256=picture.sha256,
    )
    if picture.taken_at:
        draft.suggested[picture.original] = picture.taken_at
    first = one is not None and one.kind == "original_ticket"
    draft.facts.evidence = [item, *draft.facts.evidence] if first else [*draft.facts.evidence, item]
    return item


def _caption_as(turn: Turn, letters: list[str], one: Wanted) -> None:
    draft = draft_of(turn)
    for item in draft.facts.evidence:
        if item.letter in letters:
            words = one.caption or one.text
            item.caption = words[:1].upper() + words[1:]
            draft.captioned.append(item.original)


# -- captions ----------------------------------------------------------------------------------------------------------


def _waiting(turn: Turn) -> list[EvidenceItem]:
    draft = draft_of(turn)
    return [item for item in draft.facts.exhibits if item.original not in draft.captioned]


@ask("caption", free_text=True)
def ask_caption(turn: Turn) -> Ask:
    """Ask what the new exhibits show."""
    letters = (
        [item.letter for item in _waiting(turn)] or [item.letter for item in draft_of(turn).facts.exhibits] or ["A"]
    )
    skip = Choice("skip", key="appeals.skip", words=SKIP, quiet=True)
    key = "appeals.caption.one" if len(letters) == 1 else "appeals.caption.many"
    example = ", ".join(f"{a} {b}" for a, b in zip(letters, ("the tree", "the pole", "the block"), strict=False))
    args = {"exhibits": exhibit_names(letters), "example": example, "camera": _camera_time(turn)}
    return Ask(key, args, choices=(skip,), expects=("text", "choice", "picture"), open_choices=True)


def _camera_time(turn: Turn) -> str:
    """Offer the time that one file bears; it is used only when the person says so (rule GRD-4)."""
    waiting, suggested = _waiting(turn), draft_of(turn).suggested
    if len(waiting) != 1 or waiting[0].original not in suggested:
        return ""
    return turn.text("appeals.caption.camera", taken=suggested[waiting[0].original])


@take("caption")
def take_caption(turn: Turn, answer: Answer) -> Next:
    """Take captions and times in the person's own words."""
    draft, waiting = draft_of(turn), _waiting(turn) or draft_of(turn).facts.exhibits
    if answer.pictures:
        return prepare(turn, answer)
    if skipped(turn, answer):
        draft.captioned += [item.original for item in waiting]
        return onward(turn)
    _caption(turn, answer.text, [item.letter for item in waiting])
    return onward(turn)


def _caption(turn: Turn, text: str, letters: list[str]) -> None:
    words = clean(text)
    if len(foreign_letters(words)) >= 3:
        raise Mistake("appeals.script")
    if not any(c.isalnum() for c in words):
        raise Mistake("appeals.caption.empty")
    draft = draft_of(turn)
    known = [item.letter for item in draft.facts.exhibits]
    found = captions(words, letters if len(letters) > 1 else letters or known)
    if any(len(f"{c.shows}, {c.taken}") > CAPTION_LONGEST for c in found.values()):
        raise Mistake("appeals.caption.too_long", most=CAPTION_LONGEST)
    for item in draft.facts.evidence:
        said = found.get(item.letter)
        if said is not None:
            item.caption, item.taken_at = said.shows or item.caption, said.taken or item.taken_at
            if item.original not in draft.captioned:
                draft.captioned.append(item.original)
    changed(turn, "exhibits")


def set_captions(turn: Turn, text: str) -> None:
    """Correct captions or times at the check: "A the pole", or only a date for all of them."""
    draft = draft_of(turn)
    letters = [item.letter for item in draft.facts.exhibits]
    found = captions(clean(text), letters)
    said = next(iter(found.values()))
    if said.taken and not said.shows:
        for item in draft.facts.exhibits:
            item.taken_at = said.taken
        changed(turn, "exhibits")
        turn.say("appeals.caption.taken", taken=said.taken)
        return
    if len(letters) > 1 and set(found) == set(letters) and len({c.shows for c in found.values()}) == 1:
        raise Mistake("appeals.caption.letters")
    _caption(turn, text, letters)


# -- too many ----------------------------------------------------------------------------------------------------------


@ask("leave_out")
def ask_leave_out(turn: Turn) -> Ask:
    """Ask which exhibits stay out: the letter holds ten (rule LET-4, AC-53), and a plan so many pages."""
    draft = draft_of(turn)
    shown = draft.facts.exhibits
    count, extra = len(shown), evidence_pages.surplus(turn, shown)
    letters = "".join(item.letter for item in shown)
    if not extra and letters:
        return Ask("appeals.leave_out.pages", {"letters": f"{letters[0]}-{letters[-1]}", "last": letters[-1]})
    example = _last(letters, extra)
    if count - extra < MOST_EXHIBITS:
        told = evidence_pages.right(turn).told
        pages = evidence_pages.pages_of(shown)
        return Ask("appeals.leave_out.plan", {"pages": pages, "told": told, "extra": extra, "example": example})
    return Ask(
        "appeals.leave_out.ask", {"count": count, "most": MOST_EXHIBITS, "extra": extra, "example": example}
    )  # fmt: skip


def _last(letters: str, count: int) -> str:
    return " ".join(letters[-count:])


@take("leave_out")
def take_leave_out(turn: Turn, answer: Answer) -> Next:
    """Leave the named exhibits out; the rest are lettered anew."""
    draft = draft_of(turn)
    letters = "".join(item.letter for item in draft.facts.exhibits)
    known, extra = set(letters), evidence_pages.surplus(turn, draft.facts.exhibits)
    named = set(re.findall(r"(?<![A-Z])[A-Z](?![A-Z])", answer.text.upper())) & known
    named = named or (set(answer.text.upper()) & known if re.fullmatch(r"[A-Za-z\s,]{1,30}", answer.text) else set())
    if not named:
        raise Mistake("appeals.leave_out.unread", example=_last(letters, max(extra, 1)))
    more = evidence_pages.surplus(turn, [item for item in draft.facts.exhibits if item.letter not in named])
    if more:
        raise Mistake("appeals.leave_out.more", extra=len(named) + more, example=_last(letters, len(named) + more))
    for item in draft.facts.evidence:
        if item.letter in named:
            item.included = False
    draft.facts, draft.page_break = draft.facts.relettered(), False
    changed(turn, "exhibits")
    turn.say("appeals.leave_out.done", exhibits=counted(turn, "exhibits", len(draft.facts.exhibits)))
    return onward(turn)
