"""A message cut into sentences and clauses, each judged apart (DD-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from handlers.coaching.decisions.lexicon import any_of
from handlers.coaching.decisions.skeleton import TOKEN, Skeleton


class Joint(StrEnum):
    """What joins a clause to the one before it."""

    START = "start"
    COMMA = "comma"
    BUT = "but"
    AND = "and"
    BECAUSE = "because"
    IF = "if"
    RUN_ON = "run on"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its text as a skeleton, its place there, its sentence and what joins it to the clause before."""

    text: str
    start: int
    end: int
    sentence: int
    joint: Joint
    mark: str = ""

    @property
    def tokens(self) -> list[str]:
        """Return the values' tokens in order."""
        return TOKEN.findall(self.text)


_SENTENCE_END = re.compile(r"(?:(?<=\s)|^)\(?\d\)(?=\s)|[.!?…]+(?=[\s\")']|$|[A-Z])|[\n;|]+|(?<=\s)/(?=\s)|[.]{2,}")
_HEADS = (
    r"(?:(?:yes|ok|now|finally|today|then|basically|also|just|well|honestly)\s)*(?:(?:i|"
    r"we|he|she|it|they|you|members|fans|subs|subscribers|everyone|everybody|"
    r"each member|the (?:price|community|membership|doors|plan|launch|opening|"
    r"platform)|my|our|doors|there|let's|that|this|what|who|which)\s"
    r"|(?:launch|launching|open|opening|opens|start|starting|going|charge|charging|"
    r"use|using|set|make|call|pick|picked|keep|host|hosting|should|is|are|do|"
    r"does|can|could|would|will|maybe|perhaps|not|no|members|member|perks|lock|"
    r"scratch|actually|also|then|price|pricing|platform|doors)\b"
    r"|(?:yo|nosotros|voy|vamos|abrimos|abro|abrire|abriremos|lanzamos|lanzo|"
    r"lanzaremos|cobro|cobrare|cobraremos|cobramos|los|el precio|la comunidad|"
    r"usare|usaremos|me quedo|nos quedamos|quiero|tendre|tendremos|incluye|ofrecere|"
    r"no|quiza|tal vez|solo|un solo|dos)\b)"
)
_IF = (
    r"(?:if|unless|in case|provided(?:\sthat)?|assuming|suppose|supposing|as long as|"
    r"so long as|depending on|until|till|(?<!is\s)when(?=\s(?:i|we|it|they|he|"
    r"she|the|my|there|someone|members)\b)|whenever|once(?=\s(?:i|we|it|they|"
    r"the|my|there|that|this|everything|people|enough|members)\b)|si|a menos que|"
    r"siempre que|con tal de|cuando|en caso de|hasta que)"
)
_BECAUSE = (
    r"(?:because|since(?!\s[DH]\d)|so that|so\s(?=(?:people|members|everyone|"
    r"everybody|fans|nobody|no one|they|it is|it stays|it feels|my (?:fans|viewers)"
    r")\b)|given that|seeing as|as(?=\s(?:it is|it has|they are|most|my(?!\s(?:price|"
    r"platform|launch|final|only|tier|home|community|pick|choice))|everyone)\b)"
    r"|due to|thanks to|after\s(?=(?:i|we|my|our|reading|watching|looking|comparing|"
    r"talking|thinking|seeing|trying|hearing)\b)|porque|ya que|para que|puesto que|"
    r"asi que no|dado que|despues de)"
)
_BUT = (
    r"(?:but|however|though|although|even though|pero|aunque|except|whereas|while|"
    r"mientras|yet(?=\s(?:i|we|the)\b)|sino|then again|otherwise|whatever)"
)
_JOINTS = re.compile(
    rf"(?P<heading>(?<=[a-z0-9]):\s(?!(?:i|we|members|they)\b))|(?P<comma>\s*[,()"
    rf"\[\]]\s*|\s-+\s|\s*:\s(?=(?:i|we|members|they)\b)|\s(?:=>|->|→|>)\s|\"\s)"
    rf"|(?<![a-z0-9])(?P<because>{_BECAUSE})(?![a-z0-9])|(?<![a-z0-9])(?P<if>{_IF})"
    rf"(?![a-z0-9'])|(?<![a-z0-9])(?P<but>{_BUT})(?![a-z0-9])"
    rf"|(?<![a-z0-9])(?P<and>(?:so|and so|and|then)(?=\s[A-Z]\d+\s(?:it\sis|wins|"
    rf"is\sit|works))|and|so|then|plus|y|e|&|asi que|entonces|also|also,|ademas|"
    rf"w/)\s(?={_HEADS}|[A-Z]\d+\s(?:it\sis|wins|is\sit|works))"
)
_RUN_ON = re.compile(
    r"(?:(?<=[A-Z]\d\s)|(?<=[A-Z]\d\d\s))(?=(?:i\s(?:will|am|would|think|chose|"
    r"picked|decided|want|do not|might)|we\s(?:will|are|open|launch|charge|chose|"
    r"picked|decided|start)|they\s(?:will|get|pay)|members\s(?:get|pay|will|receive)"
    r"|doors\sopen|let's(?!\s\w+\s(?:pay|have|get|charge))|launch(?:ing)?|opening|"
    r"open|should\si|is\sthat|what\sdo|abrimos|lanzamos|los\smiembros|maybe|perhaps|"
    r"not\ssure|with\sno\stiers|no\swait|wait|actually|scratch|the\sprice|my\sprice|"
    r"going\slive|start\sdate)\b)"
)
_OPENING_AFTER_DAY = re.compile(r"D\d+\s(?:we|i|doors|open|opening|launch|launching|abrimos|lanzamos|is)\b")
# A heading that names what follows belongs to it ("Price: M0"); a longer one without a value is a clause of its own.
_KEPT_HEADING = re.compile(
    r"[A-Z]\d|\b(?:members?|get|gets|receive|includ\w+|perks?|benefits?|launch\w*|"
    r"open\w*|pric\w+|charge|cost|platform|tiers?|fee|date|inside|offer|content|"
    r"promise|pick|choice|answer|decision|lanzamiento|apertura|precio|plataforma|"
    r"ventajas|beneficios|incluye|fecha|reciben)\b|^\W*(?:\w+\W+){0,2}\w*$"
)
_BEFORE_RUN_ON = re.compile(
    r"(?:what|that|when|where|which|who|is|and|or|if|on|by|at|the|for|to|before|after|from|until)\s$"
)


def split(skeleton: Skeleton) -> list[Clause]:
    """Return the clauses of a message in order."""
    found: list[Clause] = []
    for number, (start, end, mark) in enumerate(_sentences(skeleton.text)):
        pieces = list(_pieces(skeleton.text, start, end))
        for index, (a, b, joint) in enumerate(pieces):
            last = index == len(pieces) - 1
            found.append(Clause(skeleton.text[a:b].strip(), a, b, number, joint, mark if last else ""))
    return [clause for clause in found if clause.text or clause.mark]


def _sentences(text: str) -> Iterator[tuple[int, int, str]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if text[start : match.start()].strip() or match[0].strip():
            yield start, match.start(), match[0]
        start = match.end()
    if text[start:].strip():
        yield start, len(text), ""


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, Joint]]:
    position, joint = start, Joint.START
    cuts: list[tuple[int, int, Joint]] = []
    for match in _JOINTS.finditer(text, start, end):
        kind = match.lastgroup or "comma"
        if kind == "heading":
            if _KEPT_HEADING.search(text[start : match.start()]):
                continue
            kind = "comma"
        cuts.append((*match.span(), Joint(kind)))
    for match in _RUN_ON.finditer(text, start, end):
        is_one = _OPENING_AFTER_DAY.search(text, max(start, match.start() - 4), match.start() + 14)
        if not is_one and not _BEFORE_RUN_ON.search(text[max(start, match.start() - 8) : match.start()]):
            cuts.append((match.start(), match.start(), Joint.RUN_ON))
    for a, b, kind in sorted(cuts):
        if a < position:
            continue
        if text[position:a].strip():
            yield position, a, joint
            joint = kind
        elif kind is not Joint.COMMA and kind is not Joint.RUN_ON:
            joint = kind
        position = b
    if text[position:end].strip():
        yield position, end, joint


def spoken_words() -> str:
    """Return the source of a neutral word among which a bare value may stand (DD-2 b)."""
    return any_of("stance", "neutral", "words")
