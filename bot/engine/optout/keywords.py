"""Rules 1 to 3: what a whole message says by a single word, alone, among fillers, or mistyped."""

from __future__ import annotations

import re

from bot.core.fold import words
from bot.engine.optout.rules import Keywords, Rules
from bot.engine.optout.typos import is_typo, suspects
from bot.engine.optout.verdict import OptOut, Verdict
from bot.engine.optout.wording import Said

_MOST_WORDS = 12
"""Different words beyond this number are a sentence, not a keyword with fillers."""
_LONGEST = 60
_PHONE_DIGITS = 7
_NOUN = re.compile(r"\b(?:a|the|this|that|my|at|each|every|next|last) (?:stop|end)$")
_APART = re.compile(r"[.,;!]+")


def by_keyword(said: Said, known: Rules) -> OptOut | None:
    """Return what the keyword rules decide, which hold for the whole message in every state, or None."""
    keywords, text, plain, spoken = known.keywords, said.text, said.plain, said.spoken
    if plain in keywords.out:
        return OptOut(Verdict.OUT, "S1", keyword=text.strip().lower() == plain)
    if not text.replace(keywords.stop_sign, "").strip(" \ufe0f!."):
        return OptOut(Verdict.OUT, "S1") if keywords.stop_sign in text else None
    if len(spoken) > _MOST_WORDS:
        return None
    if spoken.isdisjoint(keywords.core) and not any(is_typo(word, keywords) for word in suspects(spoken)):
        return None
    fillers, spelling = keywords.fillers, known.spelling.right
    bare = known.spelling.noise_phrases.sub("", plain)
    if _NOUN.search(bare):
        return None
    typed = words(bare)
    if sum(len(word) for word in typed if word.isdecimal()) >= _PHONE_DIGITS:
        typed = [word for word in typed if not word.isdecimal()]
    rest = [word for word in typed if word not in fillers and spelling.get(word) not in fillers]
    return _filled(rest, keywords) if rest else None


def _filled(rest: list[str], keywords: Keywords) -> OptOut | None:
    """Decide on what is left of a message without its fillers."""
    kinds = frozenset(rest)
    if kinds & keywords.sure and kinds <= keywords.sure | keywords.scope:
        return OptOut(Verdict.OUT, "S2")
    if " ".join(dict.fromkeys(rest)) in keywords.sure_pairs:
        return OptOut(Verdict.OUT, "S2")
    if kinds <= keywords.unsure:
        return OptOut(Verdict.ASK, "S2")
    if kinds <= keywords.unsure | keywords.sure and kinds & keywords.sure:
        return OptOut(Verdict.OUT, "S2")
    if all(word in keywords.sure or is_typo(word, keywords) for word in kinds):
        return OptOut(Verdict.OUT, "S3")
    return None


def while_idle(plain: str, keywords: Keywords) -> OptOut | None:
    """Return what a message can only mean while no question is open, or None."""
    if len(plain) > _LONGEST:
        return None
    bare = " ".join(word for word in plain.split() if word not in keywords.courtesies)
    if not keywords.idle_out.isdisjoint((plain, bare)) or _is_all_dismissal(plain, keywords):
        return OptOut(Verdict.OUT, "P6")
    return OptOut(Verdict.ASK, "S2") if plain in keywords.idle_ask else None


def _is_all_dismissal(plain: str, keywords: Keywords) -> bool:
    """Tell whether a message of several parts says in each that it wants nothing: "Not interested. Remove." """
    parts = [part.strip() for part in _APART.split(plain)]
    said = [part for part in parts if not keywords.fillers.issuperset(part.split())]
    return len(parts) > 1 and bool(said) and all(part in keywords.idle_out for part in said)


def coming_back(plain: str, known: Rules, *, opted_out: bool, toll_free: bool) -> OptOut | None:
    """Return START when the message opts in again: START and UNSTOP always, more words only while opted out."""
    keywords = known.keywords
    if plain in keywords.start:
        return OptOut(Verdict.START, "S1")
    if not opted_out or toll_free:
        return None
    asked = plain in keywords.start_while_out or keywords.start_phrases.search(known.spelling.canonical(plain))
    return OptOut(Verdict.START, "S1") if asked else None
