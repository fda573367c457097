"""A Spanish statement in English: what is asked of the model (rule TXT-8); `translation_guard` reads its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.core.calls.workshop import AskModel
from handlers.appeals import statement

PROMPT_VERSION = "letter-translate-1"


def question(
    words: str, *, facts: Iterable[str], private: Sequence[str], person: str, violations: Iterable[str] = ()
) -> AskModel:
    """Return the call that puts a Spanish statement into English; private values stay here (rule TXT-4)."""
    asked = list(violations)
    call = statement.refinement(words, facts=facts, private=private, person=person, violations=asked, language="es")
    version = PROMPT_VERSION + ("-retry" if asked else "")
    return replace(call, purpose="letter_translate", prompt_version=version)
