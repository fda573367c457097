"""How each clause is said: committed, or refused as a question, a hedge, a condition, the past, another's words (DD-3).

A clause without a verb of its own is a fragment: it shares the stance of the clause before it. Values after a negation
or on the losing side of a contrast are refused one by one (DD-4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from handlers.coaching.decisions.clauses import Clause, Joint
from handlers.coaching.decisions.lexicon import any_of, finder
from handlers.coaching.decisions.skeleton import TOKEN

LEAD = (
    r"^\W*(?:(?:so|ok|and|but|hey|hi|hello|coach|well|also|then|yes|no|now|or|"
    r"wait|actually|plus|anyway|anyways|alright|look|honestly|"
    r"quick question|pero|y|entonces|oye|hola|bueno|pues|vale)[\s,]+)*"
)
_HEADED = re.compile(
    r"\b(?:i|we|he|she|they|you|it|is|are|am|was|were|be|will|would|should|could|"
    r"can|do|does|did|has|have|had|going|charg\w+|pays?|paying|costs?"
    r"|gets?|receives?|includes?|launch\w*|opens?|opening|picked|pick|chose|choose|"
    r"decided|settled|use|using|make|set|let's|wants?|needs?|said|says"
    r"|locked|sticking|stick|doing|hosting|host|starting|start|voy|vamos|abr\w+|"
    r"lanz\w+|cobr\w+|us(?:o|are|aremos|amos)|quiero|quedo|quedamos|reciben|tienen|"
    r"tendran|pagan"
    r"|incluye|sera|es|son|era|fue|dicen|dice|elijo|elegimos)\b"
)
_SELF_SAID = re.compile(r"\b(?:like|as)?\s?(?:i|we)\s(?:said|told you|have said|say)\b")
_POINTING = re.compile(
    r"\b(?:it|that|this|too|enough|ok|thoughts?|think|opinion|opinan?s?|parece|"
    r"bien|mucho|poco|caro|barato|price|much|high|low|crazy|fair|reasonable|good|"
    r"bad|expensive|cheap)\b"
)
_HEADING = re.compile(
    LEAD
    + (
        r"(?:what|whatq|lo que|que)\s(?:(?:they|members|you|fans|subs|subscribers|"
        r"people|everyone|each member|supporters|los miembros|miembros|all members)"
        r"\s)?(?:will\s)?(?:get|gets|receive|receives|is inside|is included|have|"
        r"reciben|tendran|obtienen|incluye)\b"
    )
)
_POLITE_IF = re.compile(
    r"^(?:(?:that|it|this)\s(?:(?:is|works|sounds)\s)?(?:ok|fine|good|alright|cool|"
    r"possible|all right|allowed|for you|with you|works?)[\s\w]{0,12}|you (?:agree|"
    r"do not mind|think so|are ok[\s\w]{0,14})|possible|not|te parece(?:\sbien)?|"
    r"no te importa|es posible|i may|i can|anything|anyone asks|you must know|"
    r"you ask me)$"
)
_PLATFORM_ACTS = re.compile(
    LEAD
    + r"P\d+\slet's\s|"
    + LEAD
    + (
        r"P\d+(?:\s(?:also|only|even|just|really|always))?\s(?:lets|takes|charges|"
        r"costs|gives|offers|allows|says|recommends|makes|wants|pays|went|launches|"
        r"launched|opens|got|banned|uses|gets(?!\smy)|limits|supports|includes|comes|"
        r"raised|changed|announced|used|does|did|removed|added|lists|starts|sells|"
        r"has|had|asks|needs|cobra|cuesta|permite|tiene)\b"
    )
)
_SUBJECTLESS = re.compile(
    r"^(?:(?:also|just|then|even|to)\s)*(?:charge|use|set|make|keep|go|open|launch|"
    r"host|pick|start|do|offer|have|give|call|price|run|put|stick|cobrar|usar|"
    r"abrir|lanzar)\b"
)
_FOR_NOW = re.compile(
    LEAD
    + (
        r"(?:for now|right now|at first|at launch|until then|meanwhile|today|to start|"
        r"to begin|initially|por ahora|de momento)\b"
    )
)
_NO_MEMBER = re.compile(
    r"\bthey\s(?!will\s(?:get|receive|pay|have|be able|also get|all get)|(?:all\s|"
    r"also\s)?(?:get|gets|receive|pay|have access|can|enjoy|also get)\b)"
)


@dataclass(slots=True)
class Stance:
    """What is known of one clause: why it is refused, which tokens are, and whether it is a commitment of itself."""

    refused: str | None = None
    tokens: set[str] = field(default_factory=set)
    is_fragment: bool = False
    is_confirmed: bool = False
    is_questioned: bool = False
    """A question beside it asks about it: only a commitment stands."""


def judge(clauses: Sequence[Clause]) -> list[Stance]:
    """Return the stance of each clause, those around it considered."""
    texts = [plain_clause(clause.text) for clause in clauses]
    stances = [_own(clause, text) for clause, text in zip(clauses, texts, strict=True)]
    _apply_conditions(clauses, stances, texts)
    _inherit(clauses, stances)
    _apply_questions(clauses, stances, texts)
    _apply_trailing(clauses, stances, texts)
    return stances


def plain_clause(text: str) -> str:
    """Return a clause without the idioms that would be misread as a stance."""
    for words in (("corrections", "leads"), ("idioms", "neutral")):
        text = finder("stance", *words).sub(" ", text)
    return re.sub(r"\s+", " ", text).strip(" ,:'\"*_-~")


def _own(clause: Clause, text: str) -> Stance:
    stance = Stance(is_fragment=not _HEADED.search(text))
    stance.tokens = refused_tokens(text)
    if clause.joint is Joint.BECAUSE:
        stance.refused = "rationale"
    elif re.match(LEAD + any_of("stance", "commands", "words"), text):
        stance.refused = "command"
    elif _is_question(clause, text):
        stance.refused = "question"
    elif _is_others(text):
        stance.refused = "third party"
    elif _is_hedged(text):
        stance.refused = "hedge"
    elif _is_past(text):
        stance.refused = "past"
    return stance


def _is_question(clause: Clause, text: str) -> bool:
    if "¿" in clause.text:
        return True
    if _HEADING.match(text) and "?" not in clause.mark:
        return False
    return bool(re.match(LEAD + any_of("stance", "questions", "openings"), text))


@cache
def _others() -> re.Pattern[str]:
    owners, people = any_of("stance", "third", "owners"), any_of("stance", "third", "people")
    pronouns, products = any_of("stance", "third", "pronouns"), any_of("stance", "third", "products")
    member = any_of("stance", "third", "receivers")
    noun = (
        rf"(?:{owners}\s(?:(?!{member})[\w'-]+\s){{0,2}}?(?:of\s(?:my|the|our)\s)?{people}|"
        rf"(?!(?:bro|dude|man|guys|coach|mate|buddy|folks|girl|pal|sis|boss|fam|chat|"
        rf"mentor)\b){people})(?:'s)?"
    )
    return re.compile(
        LEAD
        + (
            rf"(?:(?:like|as|for|even|just|only|apparently|unlike)\s)?(?:{noun}(?!\s(?:who (?:join|"
            rf"sign up|pay)))|{pronouns}|{products}|you(?!\s(?:will\s)?(?:get|receive|"
            rf"convinced|have convinced|win|won|got me|are right|were right|sold|talked me|"
            rf"persuaded|made me)))\b(?!\s?:)"
        )
    )


def _is_others(text: str) -> bool:
    if re.match(
        LEAD
        + (
            r"(?:their|his|her|your|[a-z]+(?<!it)(?<!that)(?<!there)(?<!month)(?<!today)"
            r"(?<!week)(?<!let)(?<!here)(?<!what)'s)\s"
        ),
        text,
    ):
        return True
    if _PLATFORM_ACTS.match(text):
        return True
    if _others().match(text) or _NO_MEMBER.search(text):
        return True
    return bool(finder("stance", "third", "reported").search(_SELF_SAID.sub(" ", text)))


def _is_hedged(text: str) -> bool:
    kept = finder("stance", "hedges_not", "words").sub(" ", text)
    return bool(finder("stance", "hedges", "words").search(kept))


def _is_past(text: str) -> bool:
    return bool(finder("stance", "past", "words").search(text)) and not finder("stance", "past", "decisions").search(
        text
    )


def refused_tokens(text: str) -> set[str]:
    """Return the tokens that a negation or a contrast refuses (DD-4)."""
    refused: set[str] = set()
    for match in re.finditer(
        rf"{any_of('stance', 'negation', 'verbs')}\s(?:the\s|my\s|our\s|on\s|el\s|la\s)?([A-Z]\d+)", text
    ):
        refused.add(match[1])
    tokens = [(match.start(), match[0]) for match in TOKEN.finditer(text)]
    for match in re.finditer(
        (
            r"(?<![a-z])(?:instead of|rather than|than|as opposed to|en vez de|en lugar de|"
            r"antes que)\s(?:the\s|a\s|using\s|charging\s|doing\s|going with\s|el\s|la\s)*"
        ),
        text,
    ):
        refused |= set(_first_after(tokens, match.end()))
    for match in re.finditer(r"([A-Z])\d+\s?(?:>+|beats|trumps|gana a)\s?\1\d+", text):
        refused.add(TOKEN.findall(match[0])[1])
    for match in re.finditer(r"([A-Z])\d+\s(?:\w+\s)?(?:over|to|a|sobre|antes que)\s([A-Z]\d+)", text):
        is_preferred = "prefer" in text[: match.start()] or " over " in match[0] or " sobre " in match[0]
        if match[1] == match[2][0] and is_preferred:
            refused.add(match[2])
    for match in re.finditer(
        r"(?:from|de|desde)\s(?:the\s)?([A-Z])(\d+)\s(?:\w+\s){0,2}?(?:to|a)\s(?:the\s)?([A-Z])\d+", text
    ):
        if match[1] == match[3]:
            refused.add(match[1] + match[2])
    return refused | _negated(text, tokens)


def _first_after(tokens: list[tuple[int, str]], position: int) -> list[str]:
    return [token for start, token in tokens if start >= position][:1]


def _negated(text: str, tokens: list[tuple[int, str]]) -> set[str]:
    refused: set[str] = set()
    for match in finder("stance", "negation", "words").finditer(text):
        after = [token for start, token in tokens if start >= match.end()]
        before = [token for start, token in tokens if start < match.start()]
        if after:
            refused |= set(after[:1]) if before else set(after)
        elif before and not re.match(r"\s(?:wait|no)\b", text[match.end() :]):
            refused |= set(before[-1:]) if len(before) > 1 else set(before)
    return refused


def _apply_conditions(clauses: Sequence[Clause], stances: list[Stance], texts: list[str]) -> None:
    for index, clause in enumerate(clauses):
        if clause.joint is not Joint.IF:
            continue
        if _POLITE_IF.match(texts[index]) or (index and texts[index - 1].endswith("even")):
            stances[index].refused = stances[index].refused or "aside"
            continue
        stances[index].refused = "condition"
        later = index + 1
        while (
            later < len(clauses)
            and clauses[later].sentence == clause.sentence
            and clauses[later].joint is not Joint.BUT
            and not _FOR_NOW.match(texts[later])
        ):
            stances[later].refused = stances[later].refused or "condition"
            later += 1
        is_first = index == 0 or clauses[index - 1].sentence != clause.sentence
        if not is_first and later == index + 1 and not _joins_forward(texts[index - 1]):
            stances[index - 1].refused = stances[index - 1].refused or "condition"


def _joins_forward(text: str) -> bool:
    return bool(re.search(r"\b(?:and|but|then|y|pero)$", text))


def _inherit(clauses: Sequence[Clause], stances: list[Stance]) -> None:
    """Let a fragment share what was said of the clause before it; a negation is not shared ("not Discord, Circle")."""
    for index in range(1, len(clauses)):
        clause, stance, before = clauses[index], stances[index], stances[index - 1]
        if clause.sentence != clauses[index - 1].sentence or clause.joint in (Joint.BUT, Joint.IF, Joint.BECAUSE):
            continue
        is_carried = clause.joint is Joint.AND and bool(_SUBJECTLESS.match(clause.text))
        if (stance.is_fragment or is_carried) and not stance.refused and before.refused and before.refused != "aside":
            stance.refused = before.refused


def _apply_questions(clauses: Sequence[Clause], stances: list[Stance], texts: list[str]) -> None:
    for index, clause in enumerate(clauses):
        is_tag = bool(re.fullmatch(LEAD + rf"{any_of('stance', 'questions', 'tags')}\W*", texts[index]))
        asks = "?" in clause.mark or "¿" in clause.text
        if is_tag and (asks or stances[index].refused == "question"):
            stances[index].refused = "tag"
            _question_before(clauses, stances, index)
        elif stances[index].refused == "question" and not clause.tokens:
            if _POINTING.search(texts[index]):
                _question_before(clauses, stances, index)
        elif (asks and stances[index].refused in (None, "aside")) or (asks and stances[index].refused != "question"):
            _question_statement(clauses, stances, texts, index)


def _question_before(clauses: Sequence[Clause], stances: list[Stance], index: int) -> None:
    """Mark the statement that a tag or a question refers to: the clauses of the same sentence or of the one before."""
    if index == 0:
        return
    sentence = clauses[index - 1].sentence
    for earlier in range(index - 1, -1, -1):
        if clauses[earlier].sentence != sentence:
            break
        stances[earlier].is_questioned = True


def _question_statement(clauses: Sequence[Clause], stances: list[Stance], texts: list[str], index: int) -> None:
    stances[index].refused = "question"
    for earlier in range(index - 1, -1, -1):
        if clauses[earlier].sentence != clauses[index].sentence or re.search(
            r"\b(?:i|we)\b|let's|\bgoing\b|decided|picked|final", texts[earlier]
        ):
            break
        stances[earlier].refused = stances[earlier].refused or "question"


_TRAILING_HEDGE = re.compile(
    LEAD
    + (
        r"(?:(?:but|or|and)\s)?(?:maybe|perhaps|probably|possibly|i guess|i suppose|"
        r"not sure(?: (?:though|yet|tbh|about (?:it|that)))?|i am not sure(?: (?:though|"
        r"yet|about (?:it|that)))?|i do not know(?: (?:yet|though))?|do not know|"
        r"or something(?: like that)?|something like that|or so|still thinking|still deciding|"
        r"hopefully|we will see|tbd|not decided yet|undecided|quiza|quizas|tal vez|"
        r"no se|supongo|no estoy segur[oa]|ya veremos|creo|or not|maybe not|let me think(?: about it)?|"
        r"still unsure|unsure|just an idea|just a thought|just thinking(?: out loud)?|"
        r"just wondering|thinking out loud|for example|what if)(?:\sthough|\syet)?\W*$"
    )
)


_REPORTING = re.compile(
    LEAD
    + (
        r"(?:(?:they|he|she|people|everyone|everybody|someone|(?:my|the)\s\w+)\s(?:said|"
        r"says|say|told|keeps? saying|was like|were like|goes|suggested)|(?:is|was)"
        r" what (?:he|she|they|people|everyone|you|my \w+) (?:said|says|say|told|"
        r"suggested|wants?)|dice|dijo|dicen|me dijo|me dijeron)\b"
    )
)


def _apply_trailing(clauses: Sequence[Clause], stances: list[Stance], texts: list[str]) -> None:
    """Let a value-less clause that only hedges or only confirms speak for its neighbours."""
    for index, clause in enumerate(clauses):
        if index and _REPORTING.match(texts[index]) and clauses[index - 1].sentence == clause.sentence:
            stances[index - 1].refused = stances[index - 1].refused or "reported"
        if clause.tokens:
            continue
        if _TRAILING_HEDGE.match(texts[index]) and index:
            stances[index - 1].refused = stances[index - 1].refused or "hedge"
        elif is_confirmation(texts[index]) and stances[index].refused not in ("question", "tag"):
            for other in _neighbours(clauses, index):
                stances[other].is_confirmed = True


def is_confirmation(text: str) -> bool:
    """Say whether a clause only confirms: "final answer", "that's my price"."""
    return bool(
        re.fullmatch(
            LEAD
            + (
                rf"(?:i say\s)?{any_of('stance', 'commitment', 'confirmations')}(?:\s(?:then|"
                rf"now|for me|for us|please|thanks|coach|bro|man|guys))*\W*"
            ),
            text,
        )
    )


def _neighbours(clauses: Sequence[Clause], index: int) -> list[int]:
    same = [i for i, clause in enumerate(clauses) if clause.sentence == clauses[index].sentence and i != index]
    if same:
        return same
    around = [clauses[index].sentence - 1, clauses[index].sentence + 1]
    return [i for i, clause in enumerate(clauses) if clause.sentence in around]
