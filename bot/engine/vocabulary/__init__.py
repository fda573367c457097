"""Words that mean the same at every step, in the person's language and in English (VOC-1 to VOC-8).

Only a whole message is a word: "back" goes a step back, "back of my car was..." is a statement. The words are data, one
file a language; small talk, questions about ourselves and questions for advice are recognised here as well, so that
they can be answered at any step without losing it.
"""

from __future__ import annotations

from bot.engine.vocabulary.talk import Talk, match_affirmation, match_talk
from bot.engine.vocabulary.words import Said, Word, match_word, without_courtesy

__all__ = ["Said", "Talk", "Word", "match_affirmation", "match_talk", "match_word", "without_courtesy"]
