"""Words by which people say yes, no, skip, done and none, beside the choices that a question shows."""

from __future__ import annotations

from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Choice
from bot.engine.turn import Turn

OK = (
    "ok", "okay", "okey", "k", "kk", "yes", "y", "yep", "yeah", "yup", "yea", "ya", "sure", "right", "correct",
    "thats right", "that's right", "all right", "alright", "looks good", "good", "fine", "confirm", "confirmed",
    "agreed",    "si", "sí", "vale", "claro", "correcto", "send", "save",
)  # fmt: skip
KEEP = (*OK, "keep", "keep it", "same", "unchanged")
NO = (
    "no",
    "n",
    "nope",
    "nah",
    "not",
    "wrong",
    "incorrect",
    "no it isnt",
    "no it isn't",
    "it does not",
    "doesnt",
    "doesn't",
)
SKIP = ("skip", "pass", "next", "none", "na", "n/a", "dont have it", "don't have it", "i dont have it",
    "i don't have it", "dont know", "don't know", "i dont know", "i don't know", "not sure", "idk", "no idea", "saltar",
    "no photo", "no photos", "nothing")  # fmt: skip
DONE = ("done", "finished", "finish", "thats all", "that's all", "that is all", "thats it", "that's it", "no more",
    "nothing else", "all", "no", "listo", "ready")  # fmt: skip
EDIT = ("edit", "change", "fix", "correct it", "cambiar")


def means(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether a whole message is one of these words."""
    return trim(fold(text)) in words


def skipped(turn: Turn, answer: Answer) -> bool:
    """Tell whether a question in free words was skipped: by its button, or by a skip word and nothing looser."""
    if turn.event.kind == "button":
        return answer.choice == "skip"
    return means(answer.text, SKIP)


def ok_choice(key: str = "appeals.ok") -> Choice:
    """Return the choice that OK means."""
    return Choice("ok", key=key, words=OK, quiet=True)
