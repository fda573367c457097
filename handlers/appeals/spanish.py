"""Spanish, as far as a guard of translations needs it: is a text Spanish, and what do its words say in English?

A gloss is no translation. It puts English words in the place of those Spanish words that are known, in their order, so
that numbers, dates, denials and softening words of both languages can be compared; what is unknown stays as it is.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data") / "spanish.toml"
_TOKEN = re.compile(r"\d[\d:/.,$-]*\d|\d|\$\s?\d[\d.,]*|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\s\w]|\n")
_NOT_FIRST = re.compile(
    r"\bnot ((?:i |we |it |there )?)(can|could|was|were|is|are|am|had|have|has|did|do|does|will|would|should)\b"
)
_LEAST_MARKS = 2
_CLITICS = ("melo", "selo", "los", "las", "les", "nos", "lo", "la", "le", "me", "te", "se")
_DENYING = {"nada": ("nothing", "anything"), "nadie": ("nobody", "anybody"), "nunca": ("never", "ever"),
    "jamas": ("never", "ever"), "ninguno": ("no", "any"), "ningun": ("no", "any"), "ninguna": ("no", "any"),
    "tampoco": ("neither", "either")}  # fmt: skip
"""Words that deny alone, and what they are after another denial of the same clause, where Spanish denies twice."""

_ENDS = frozenset(".;:!?\n()")
_CLAUSES = _ENDS | {",", "pero", "porque", "cuando", "entonces", "aunque", "sino"}
_ARTICLES = frozenset({"el", "la", "los", "las"})
_MONTHS = frozenset(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
_REGULAR = {
    "ar": ("ar ando ado ada ados adas o as a an aste aba aban ara aran aria arian en", "e are",
        "amos abamos aremos", "aron"),
    "er": ("er iendo ido ida idos idas o es e en iste ia ian era eran eria erian a an", "i ere",
        "emos imos iamos eremos", "io ieron"),
    "ir": ("ir iendo ido ida idos idas o es e en iste ia ian ira iran iria irian a an", "i ire",
        "imos iamos iremos", "io ieron"),
}  # fmt: skip
"""The endings of regular verbs: of any person, of "I", of "we", of others. Without accents "o" may be either."""

_BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}


@dataclass(frozen=True, slots=True)
class Gloss:
    """A Spanish text in English words, in order, and all other English words that may stand for its words."""

    text: str
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    spanish: frozenset[str]
    shared: frozenset[str]
    english: frozenset[str]
    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    numbers: dict[str, str]
    words: dict[str, str]
    acts: frozenset[str]


def is_spanish(text: str) -> bool:
    """Tell whether a text is written in Spanish, by its small words."""
    found, known = [_folded(word) for word in re.findall(r"[^\W\d_]+", text)], _known()
    own = sum(word in known.spanish for word in found)
    shared = sum(word in known.shared for word in found)
    return own >= _LEAST_MARKS and own + shared > 2 * sum(word in known.english for word in found)


def gloss(text: str) -> Gloss:
    """Return a text's gloss."""
    tokens = _TOKEN.findall(text.replace("’", "'"))
    out: list[str] = []
    others: list[str] = []
    denied = denied_before = False
    at = 0
    while at < len(tokens):
        size, said = _phrase_at(tokens, at)
        if not size:
            size, said = 1, _word(tokens, at, denied)
        here = _folded(tokens[at])
        if here == "ni":
            said = "or|nor" if denied_before else "neither|nor"
        denies = here in ("no", "sin", "ni") or here in _DENYING or said.startswith("did not")
        denied = (denied or denies) and here not in _CLAUSES
        denied_before = (denied_before or denies) and here not in _ENDS
        first, _, rest = said.partition("|")
        out.append(first)
        others.append(rest)
        at += size
    return Gloss(_spaced(out), " ".join(filter(None, others)))


def plain(text: str) -> str:
    """Return a text without accents, as its words are compared with English ones."""
    return _folded(text)


def _word(tokens: list[str], at: int, denied: bool) -> str:
    """Return the English of one token, "main|others"."""
    written, here = tokens[at], _folded(tokens[at])
    after = _folded(tokens[at + 1]) if at + 1 < len(tokens) else ""
    if not written[0].isalpha():
        return written
    if here == "no":
        return "not|no"
    if here in _DENYING:
        return _DENYING[here][denied]
    if here == "sin":
        return "without"
    if here in _ARTICLES and (after[:1].isdigit() or after in _known().numbers):
        return ""
    if here in ("de", "del") and at and _folded(tokens[at - 1]) in _MONTHS and after[:1].isdigit():
        return ""
    return _looked_up(here, by_others=written.endswith("ó")) or written


def _looked_up(word: str, *, by_others: bool) -> str:
    """Return the English of a word; the written accent tells "he parked" from "I park"."""
    known = _known()
    for form in _forms_of(word):
        for table in (known.words, known.numbers):
            if form in table:
                said = table[form]
                return _split(f"they {said}" if by_others and form == word and form in known.acts else said)
    return ""


def _forms_of(word: str) -> Iterator[str]:
    """Yield a word, then what it may be a plural, a feminine, or a verb with pronouns at its end of."""
    yield word
    for cut in (word.removesuffix("s"), word.removesuffix("es")):
        if len(cut) > 2:
            yield cut
            yield f"{cut[:-1]}o" if cut.endswith("a") else cut
    for tail in _CLITICS:
        if word.endswith((f"r{tail}", f"ndo{tail}")):
            yield word.removesuffix(tail)


def _split(english: str) -> str:
    """Turn "i went was" into "i went|was": the pronoun belongs to the first word."""
    words = english.split()
    size = 2 if words[0] in ("i", "we", "they") and len(words) > 1 else 1
    return f"{' '.join(words[:size])}|{' '.join(words[size:])}"


def _phrase_at(tokens: list[str], at: int) -> tuple[int, str]:
    for long, english in _known().phrases.get(_folded(tokens[at]), ()):
        if tuple(map(_folded, tokens[at : at + len(long)])) == long:
            return len(long), english
    return 0, ""


def _spaced(parts: list[str]) -> str:
    text = " ".join(part for part in parts if part)
    return _NOT_FIRST.sub(r"\1\2 not", re.sub(r" +([,.;:!?)])", r"\1", text))


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


@cache
def _known() -> _Known:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for spanish, english in sorted(data["phrases"].items(), key=lambda pair: -len(pair[0].split())):
        words = tuple(_folded(spanish).split())
        phrases.setdefault(words[0], []).append((words, english))
    verbs = {form: said for infinitive, english in data["verbs"].items() for form, said in _verb(infinitive, english)}
    words = verbs | data["forms"] | data["words"]
    return _Known(
        spanish=frozenset(data["spanish"].split()),
        shared=frozenset(data["shared"].split()),
        english=frozenset(data["english"].split()),
        phrases=phrases,
        numbers=data["numbers"],
        words=words,
        acts=frozenset(verbs) - frozenset(data["words"]),
    )


def _verb(infinitive: str, english: str) -> Iterator[tuple[str, str]]:
    """Yield the regular forms of a verb with their English; the form of "I" and "we" name who acts."""
    stem, kind = infinitive[:-2], infinitive[-2:]
    for who, endings in zip(("", "i ", "we ", "they "), _REGULAR[kind], strict=True):
        for ending in endings.split():
            last = _BEFORE_E.get(stem[-1:]) if kind == "ar" and ending.startswith("e") else None
            yield f"{stem[:-1]}{last}{ending}" if last else f"{stem}{ending}", f"{who}{english}"
