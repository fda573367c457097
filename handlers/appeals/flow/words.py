"""Part 4, the person's words: typed or spoken, confirmed, printed as they are or tidied.

    B> 4 of 6: your words. Tell me what happened. Text it, or send a voice clip up to 5 minutes.
    U> [voice clip]
    B> I heard: "I got to the meter around 2 ..." Reply OK, or text it the right way.
    U> ok
    B> 1 Print it just like that 2 Let me tidy spelling and order. I add nothing, and you see it first.
    U> 2

The flow never stops because speech or a model failed: typing and the own words always work (rules TXT-1, TXT-6).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import ModelAnswer, Transcribe, Transcript
from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals import statement
from handlers.appeals.flow.flow import (
    Clip,
    Words,
    ask,
    calling,
    changed,
    draft_of,
    excerpt,
    onward,
    part,
    result,
    take,
)
from handlers.appeals.flow.reason import label, picked
from handlers.appeals.flow.rules import city_of
from handlers.appeals.flow.shown import keep_page
from handlers.appeals.flow.words_meant import ok_choice
from handlers.appeals.settings import settings_of
from handlers.appeals.spanish import is_spanish

if TYPE_CHECKING:
    from handlers.appeals.facts_guard import Allowed

MOST_REFINEMENTS = 5
CLIP_SECONDS = 300
MOST_CLIPS = 5
SMS_QUOTE = 200
FEWEST_WORDS = 6
"""A text with fewer words is an answer to something, and no story."""
_OF_PROOF = re.compile(r"\b(?:photos?|pictures?|pics?|proof|evidence|files?|send|upload|skip|fotos?|pruebas?)\b", re.I)
"""Who names these talks of the question ("I don't have any photos of it"), and has to hear of SKIP."""
_HEARING, _TIDYING = timedelta(seconds=90), timedelta(seconds=60)


@part(4)
def due_words(turn: Turn) -> str | None:
    """Name the open question about the statement."""
    draft = draft_of(turn)
    if draft.facts.statement_raw is None:
        return "heard" if draft.words.heard else "statement"
    if draft.facts.statement is None:
        if is_spanish(draft.facts.statement_raw) and settings_of(turn.registry).has_model:
            return "english" if draft.words.offered else "translate"
        return "offered" if draft.words.offered else "tidy"
    return None


@ask("statement", kept=lambda turn: draft_of(turn).facts.statement, free_text=True)
def ask_statement(turn: Turn) -> Ask:
    """Ask for the statement."""
    return Ask("appeals.words.ask", expects=("text", "voice"))


@take("statement")
def take_statement(turn: Turn, answer: Answer) -> Next:
    """Take typed words, or have a clip transcribed."""
    draft = draft_of(turn)
    if answer.voices:
        draft.words = Words(refinements=draft.words.refinements)
        draft.words.clips = [Clip(blob=m.blob or 0, media_type=m.media_type or "") for m in answer.voices[:MOST_CLIPS]]
        return _next_clip(turn)
    set_statement(turn, answer.text, source="text")
    return onward(turn)


def told_early(turn: Turn, text: str) -> bool:
    """Keep a story that is told where proof is asked for; False when it is none or would not be printed."""
    draft = draft_of(turn)
    told = statement.clean(" ".join([*draft.words.heard, text]))
    is_story = len(text.split()) >= FEWEST_WORDS and not text.rstrip().endswith("?") and not _OF_PROOF.search(text)
    if not is_story or draft.facts.statement_raw is not None or statement.problem(told) is not None:
        return False
    draft.words.heard, draft.words.is_typed = [told], True
    return True


def set_statement(turn: Turn, text: str, *, source: str) -> None:
    """Keep the person's words as the statement; raise Mistake when they cannot be printed (TXT-2, AC-44)."""
    draft, words = draft_of(turn), statement.clean(text)
    problem = statement.problem(words)
    if problem is not None:
        length = len(words)
        raise Mistake(
            f"appeals.words.{problem}", length=length, most=statement.LONGEST, over=length - statement.LONGEST
        )
    if pictures := statement.emoji(words):
        turn.say(
            "appeals.words.emoji", emoji=pictures if turn.channel != "sms" else turn.text("appeals.words.emoji_word")
        )
    draft.facts.statement_raw, draft.facts.statement = words, None
    draft.facts.statement_source = "voice" if source == "voice" else "text"
    draft.facts.refined, draft.facts.model, draft.facts.prompt_version = False, None, None
    draft.facts.translated_from = None
    draft.words = Words(refinements=draft.words.refinements)
    changed(turn, "statement")


# -- voice -------------------------------------------------------------------------------------------------------------


def _next_clip(turn: Turn) -> Next:
    clip = draft_of(turn).words.clips[0]
    return calling(turn, Call(Transcribe(clip.blob, clip.media_type, turn.locale), then="heard", limit=_HEARING))


@result("heard")
def heard(turn: Turn, outcome: Outcome) -> Next:
    """Take a transcript; nothing of it is used before the person confirmed it (TXT-1, AC-51)."""
    words = draft_of(turn).words
    result = outcome.result if isinstance(outcome, Done) else None
    text = statement.clean(result.text) if isinstance(result, Transcript) else ""
    too_long = isinstance(result, Transcript) and result.seconds is not None and result.seconds > CLIP_SECONDS
    if not text or too_long:
        draft_of(turn).words = Words(refinements=words.refinements)
        turn.say("appeals.words.clip_too_long" if too_long else "appeals.words.unheard")
        return Goto("statement")
    words.heard.append(text)
    words.clips = words.clips[1:]
    return _next_clip(turn) if words.clips else Goto("heard")


def _quoted(turn: Turn, text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return a text as it is quoted: whole, or by SMS its beginning with a private page (rule CONV-2)."""
    if turn.channel != "sms" or len(text) <= SMS_QUOTE:
        return text, ()
    return excerpt(text, 80), ((keep_page(turn, text), "your-words.txt"),)


@ask("heard", free_text=True)
def ask_heard(turn: Turn) -> Ask:
    """Show what was heard, or told earlier."""
    words = draft_of(turn).words
    quote, files = _quoted(turn, " ".join(words.heard))
    key = "appeals.words.told" if words.is_typed else "appeals.words.heard"
    return Ask(
        key, {"quote": quote}, choices=(ok_choice("appeals.photo.right"),),
        expects=("text", "choice", "voice"), files=files, open_choices=True,
    )  # fmt: skip


@take("heard")
def take_heard(turn: Turn, answer: Answer) -> Next:
    """Take OK, the right words typed, or another clip."""
    if answer.voices:
        return take_statement(turn, answer)
    if answer.choice == "ok":
        words = draft_of(turn).words
        set_statement(turn, " ".join(words.heard), source="text" if words.is_typed else "voice")
    else:
        set_statement(turn, answer.text, source="text")
    return onward(turn)


# -- tidy --------------------------------------------------------------------------------------------------------------


@ask("tidy")
def ask_tidy(turn: Turn) -> Ask:
    """Ask whether the words are printed as they are."""
    choices = (
        Choice("as_is", key="appeals.tidy.as_is", words=("as is", "print", "print it", "mine")),
        Choice("tidy", key="appeals.tidy.tidy", words=("tidy", "tidy up", "clean up", "fix")),
    )
    return Ask("appeals.tidy.ask", choices=choices, expects=("choice",))


@take("tidy")
def take_tidy(turn: Turn, answer: Answer) -> Next:
    """Print as is, or tidy; at most five times a draft (rule TXT-7)."""
    draft = draft_of(turn)
    raw = draft.facts.statement_raw or ""
    if answer.choice != "tidy":
        return use_own(turn)
    if draft.words.refinements >= MOST_REFINEMENTS:
        turn.say("appeals.tidy.enough", most=MOST_REFINEMENTS)
        return _offer_local(turn, raw)
    return _refine(turn, ())


def use_own(turn: Turn) -> Next:
    """Print the person's own words as they are."""
    draft = draft_of(turn)
    draft.facts.statement, draft.facts.refined = draft.facts.statement_raw, False
    draft.facts.model = draft.facts.prompt_version = draft.facts.translated_from = None
    draft.words.offered = None
    changed(turn, "statement")
    return onward(turn)


def _refine(turn: Turn, violations: tuple[str, ...]) -> Next:
    draft = draft_of(turn)
    draft.words.refinements += 1
    draft.words.violations = list(violations)
    facts = draft.facts
    from handlers.appeals import facts_guard  # large, and needed only where a model tidies

    facts_guard.prepare(facts.statement_raw or "")
    person = turn.work.seal.digest("model", str(turn.person_id)).hex()
    call = statement.refinement(
        facts.statement_raw or "",
        facts=confirmed_facts(turn),
        private=facts.private_values,
        person=person,
        violations=violations,
    )
    return calling(turn, Call(call, then="tidied", limit=_TIDYING))


def confirmed_facts(turn: Turn) -> list[str]:
    """Return the confirmed facts in words, without name, address, number or plate (rule TXT-4)."""
    facts = draft_of(turn).facts
    found = [label(turn, ground) for ground in picked(turn)]
    found += [text for text in facts.answers.values() if text]
    found += [facts.place] if facts.place else []
    return found + (
        [f"{facts.issue_date:%B} {facts.issue_date.day}, {facts.issue_date.year}"] if facts.issue_date else []
    )


@result("tidied")
def tidied(turn: Turn, outcome: Outcome) -> Next:
    """Let the guard read the tidied text: one retry, then the own words (rules TXT-5, TXT-6)."""
    draft = draft_of(turn)
    raw = draft.facts.statement_raw or ""
    result = outcome.result if isinstance(outcome, Done) else None
    if not isinstance(result, ModelAnswer):
        return _offer_local(turn, raw)
    text = statement.restored(result.answer, raw, draft.facts.private_values)
    if text and text.strip() == raw.strip():
        return _offer_local(turn, raw)  # twice the same words are no choice
    found = _violations(turn, text) if text else ["unusable"]
    if text and not found and statement.problem(text) is None:
        draft.words.offered, draft.words.offered_by = text, result.model
        draft.words.version = statement.PROMPT_VERSION
        return Goto("offered")
    if not draft.words.violations and draft.words.refinements < MOST_REFINEMENTS:
        return _refine(turn, tuple(found[:8]))
    return _offer_local(turn, raw)


def _violations(turn: Turn, text: str) -> list[str]:
    from handlers.appeals import facts_guard

    return [str(violation) for violation in facts_guard.check(text, allowed(turn))]


def allowed(turn: Turn) -> Allowed:
    """Return what a refined statement may draw on (rule TXT-5)."""
    from handlers.appeals.facts_guard import Allowed

    facts, city = draft_of(turn).facts, city_of(turn)
    return Allowed(
        statement=facts.statement_raw or "",
        facts=tuple(confirmed_facts(turn)),
        captions=tuple(f"{item.caption} {item.taken_at}".strip() for item in facts.exhibits),
        evidence=tuple({item.kind for item in facts.exhibits}),
        city=(city.name, city.agency.value) if city else (),
    )


def _offer_local(turn: Turn, raw: str) -> Next:
    """Offer the person's own words with white space and spelling fixes only."""
    words = draft_of(turn).words
    words.violations = []
    local = statement.tidy_locally(raw)
    if local == raw:
        turn.say("appeals.tidy.own_words")
        return use_own(turn)
    turn.say("appeals.tidy.local")
    words.offered, words.offered_by, words.version = local, None, None
    return Goto("offered")


@ask("offered", free_text=True)
def ask_offered(turn: Turn) -> Ask:
    """Show the tidied words before they are used (rule TXT-7)."""
    draft = draft_of(turn)
    quote, files = _quoted(turn, draft.words.offered or "")
    choices = (
        Choice("use", key="appeals.offered.use", words=("use this", "use it", "ok", "yes", "good")),
        Choice("own", key="appeals.offered.own", words=("mine", "my words", "use my words")),
    )
    args = {"quote": quote, "own": draft.facts.statement_raw or ""}
    return Ask("appeals.offered.ask", args, choices=choices, expects=("text", "choice"), files=files, open_choices=True)


@take("offered")
def take_offered(turn: Turn, answer: Answer) -> Next:
    """Use the tidied words, the own ones, or new ones."""
    draft = draft_of(turn)
    if answer.choice == "own":
        return use_own(turn)
    if answer.choice != "use":
        set_statement(turn, answer.text, source="text")
        return onward(turn)
    draft.facts.statement, draft.words.offered = draft.words.offered, None
    draft.facts.refined, draft.facts.model = True, draft.words.offered_by
    draft.facts.prompt_version = draft.words.version
    changed(turn, "statement")
    return onward(turn)
