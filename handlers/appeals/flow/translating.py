"""Part 4 for words in Spanish: printed as they are, or in English, shown beside the original (rule TXT-8).

    U> El parquimetro no funcionaba y regrese como a las 2
    B> Your words are in Spanish. Print them as they are, or in English? I add nothing, and you see both first.
    U> [In English]
    B> Yours: "El parquimetro no ..." In English: "The meter did not work, and I came back around 2." Use it ...

Without a model this is not offered. When the model fails, or its answer says what was not said, the own words are used.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import ModelAnswer
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals import statement, translation
from handlers.appeals.flow.flow import ask, calling, changed, draft_of, excerpt, onward, result, take
from handlers.appeals.flow.shown import keep_page
from handlers.appeals.flow.words import MOST_REFINEMENTS, SMS_QUOTE, allowed, confirmed_facts, set_statement, use_own

_TRANSLATING = timedelta(seconds=60)
_RETOLD = 8
_BEGINNING = 70


@ask("translate")
def ask_translate(turn: Turn) -> Ask:
    """Ask whether the words are printed as they are."""
    choices = (
        Choice("as_is", key="appeals.translate.as_is", words=("as is", "spanish", "espanol", "print", "mine")),
        Choice("english", key="appeals.translate.english", words=("english", "in english", "ingles", "translate")),
    )
    return Ask("appeals.translate.ask", choices=choices, expects=("choice",))


@take("translate")
def take_translate(turn: Turn, answer: Answer) -> Next:
    """Print as they are, or have an English version made; at most five times a draft (rule TXT-7)."""
    if answer.choice != "english":
        return use_own(turn)
    if draft_of(turn).words.refinements >= MOST_REFINEMENTS:
        turn.say("appeals.translate.enough", most=MOST_REFINEMENTS)
        return use_own(turn)
    return _ask_model(turn, ())


def _ask_model(turn: Turn, violations: tuple[str, ...]) -> Next:
    draft = draft_of(turn)
    draft.words.refinements += 1
    draft.words.violations = list(violations)
    call = translation.question(
        draft.facts.statement_raw or "",
        facts=confirmed_facts(turn),
        private=draft.facts.private_values,
        person=turn.work.seal.digest("model", str(turn.person_id)).hex(),
        violations=violations,
    )
    return calling(turn, Call(call, then="translated", limit=_TRANSLATING))


@result("translated")
def translated(turn: Turn, outcome: Outcome) -> Next:
    """Let the guard read the English version: one retry, then the own words (rules TXT-5, TXT-6)."""
    draft = draft_of(turn)
    raw, answer = draft.facts.statement_raw or "", outcome.result if isinstance(outcome, Done) else None
    if not isinstance(answer, ModelAnswer):
        return _fall_back(turn)
    text = statement.restored(answer.answer, raw, draft.facts.private_values)
    from handlers.appeals import translation_guard

    found = translation_guard.check(text, allowed(turn)) if text else ["unusable"]
    if text and not found and statement.problem(text) is None:
        draft.words.offered, draft.words.offered_by = text, answer.model
        draft.words.version = translation.PROMPT_VERSION
        return Goto("english")
    if not draft.words.violations and draft.words.refinements < MOST_REFINEMENTS:
        return _ask_model(turn, tuple(found[:_RETOLD]))
    return _fall_back(turn)


def _fall_back(turn: Turn) -> Next:
    draft_of(turn).words.violations = []
    turn.say("appeals.translate.failed")
    return use_own(turn)


@ask("english", free_text=True)
def ask_english(turn: Turn) -> Ask:
    """Show the English version beside the original; by SMS, long ones stand on a private page (rule CONV-2)."""
    draft = draft_of(turn)
    own, english = draft.facts.statement_raw or "", draft.words.offered or ""
    choices = (
        Choice("use", key="appeals.offered.use", words=("use this", "use it", "ok", "yes", "si", "good", "english")),
        Choice("own", key="appeals.offered.own", words=("mine", "my words", "use my words", "spanish", "espanol")),
    )
    files: tuple[tuple[int, str], ...] = ()
    if turn.channel == "sms" and len(own) + len(english) > SMS_QUOTE:
        page = turn.text("appeals.translate.page", own=own, english=english)
        files = ((keep_page(turn, page), "both-versions.txt"),)
        own, english = excerpt(own, _BEGINNING), excerpt(english, _BEGINNING)
    args = {"own": own, "english": english}
    return Ask("appeals.translate.offered", args, choices, ("text", "choice"), files=files, open_choices=True)


@take("english")
def take_english(turn: Turn, answer: Answer) -> Next:
    """Use the English version, the own words, or new ones."""
    draft = draft_of(turn)
    if answer.choice == "own":
        return use_own(turn)
    if answer.choice != "use":
        set_statement(turn, answer.text, source="text")
        return onward(turn)
    facts, words = draft.facts, draft.words
    facts.statement, words.offered = words.offered, None
    facts.refined, facts.model, facts.prompt_version = True, words.offered_by, words.version
    facts.translated_from = "es"
    changed(turn, "statement")
    return onward(turn)
