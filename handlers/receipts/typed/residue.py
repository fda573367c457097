"""What remains of a text when amount, date and the rest are known: description and merchant (rule MER-2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed.lexicon import flat, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import all_generic, is_filler, is_qualifier, is_venue, leading_noun, trailing_noun
from handlers.receipts.typed.phrase import is_article_name
from handlers.receipts.typed.runs import Run, read_runs
from handlers.receipts.typed.trade_names import trade_name
from handlers.receipts.typed.written import (
    NUMBERED,
    PLACED,
    begins_name,
    brand_in,
    is_article_of_name,
    is_counted_name,
    is_part_of_name,
    is_placed_by,
    is_written_article,
    is_written_first,
    lower_lead,
    tells_alone,
)

_CARD_NAME = re.compile("(?:カード|銀行|银行|카드|은행)\\Z")
_COUNTED = re.compile(r"(?<![\w.,$€£])(?:\d{1,2}|a|one|two|three|four)\s([^\W\d_]+)")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SPOKEN = 3
_SENT = 9
_SENTENCE = 12
_PURPOSE = (
    r"(?<!\w)(?:for|in|into|on|inside|onto|gave|give|(?<!\d\s)tip(?:ped)?|por|para|fur|pour)\s"
    r"(?:(?:the|a|an|my|our|some|this|new|his|her|their|un|una|el|la|los|las|mi|nuestr[oa]|eine?n?|une|le|les|ma)\s)"
)
_FEAST = r"(?:birthday|bday|b-day|wedding|anniversary|graduation|baby shower|christmas|xmas)(?!\w)"
_GREETED = r"(?:^|\n|[.!:]\s)(?:hi|hello|hey|dear|hola|thanks?|thank you)\b[^.!?\n\d]{0,40}?[\s,]"
MOST_COUNTED = 12
LONGEST_PLACE = 3
_ARTICLE_AND_TWO = 3
_AND = frozenset({"and", "n", "y", "und", "et", "e"})
_LEADS = frozenset({"the", "el", "la", "los", "las"})
_OF = frozenset({"of"})
_FAMILY = frozenset({"sons", "son", "daughters", "daughter", "bros", "brothers", "sisters", "co"})


@dataclass(frozen=True, slots=True)
class Residue:
    """The words left: a merchant as written, and generic nouns."""

    merchant: str | None
    description: str | None


def read_residue(message: Message) -> Residue:
    """Return the merchant and the description that the untaken words hold."""
    runs = [run for run in read_runs(message) if run.words]
    nouns: list[str] = []
    names: list[tuple[int, str]] = []
    told = Counter(word for run in runs for word in run.folded)
    counted = frozenset(match[1] for match in _COUNTED.finditer(message.flat))
    for run in _without_banks(runs):
        again = frozenset(word for word, count in Counter(run.folded).items() if told[word] > count)
        part = _shouted_part(run) if message.is_forwarded else run
        name, generic = _divided(part, shouted=message.is_forwarded, again=again, counted=counted)
        nouns += generic
        if name and not message.is_forwarded and _is_purpose(message, name):
            nouns += flat(name).split()[-2:]
        elif name:
            rank = 0 if merchant_key(name) in brands() else 1
            rank += _SPOKEN if message.is_forwarded and not name.isupper() else 0
            rank += _SENTENCE if message.is_forwarded and _is_sentence(name) else 0
            rank += 0 if name.isupper() else bool(generic or any(map(_is_thing, run.folded)))
            rank += _SENT if run.is_sender else 0
            names.append((rank, name))
    if message.is_forwarded:
        names = [(rank, name) for rank, name in names if _is_written_name(name) and not _is_addressed(message, name)]
    merchant = min(names, key=lambda ranked: ranked[0])[1] if names else None
    if merchant and _HANGUL.match(merchant):
        merchant = [name for _, name in names if _HANGUL.match(name)][-1]
    description = " ".join(dict.fromkeys(nouns)) or None
    return Residue(merchant, None if message.is_forwarded and merchant else description)


def _is_addressed(message: Message, name: str) -> bool:
    """Say whether a text greets or thanks somebody by this name ("Thanks for riding, Kim")."""
    return bool(re.search(rf"{_GREETED}{re.escape(flat(name))}\s?[.,!:]", message.flat))


def _is_purpose(message: Message, name: str) -> bool:
    """Say whether words in lower case only tell what it was for ("for a new tyre", "gave the valet 22")."""
    if not name.islower() or merchant_key(name) in brands():
        return False
    if _is_beneficiary(message, name) or re.search(rf"(?<!\w){re.escape(flat(name))}\s{_FEAST}", message.flat):
        return True
    bare = re.sub(r"^(?:the|la|el|los|las|le|les)\s", "", flat(name))
    return bool(re.search(rf"{_PURPOSE}+(?:\w+\s){{0,2}}?{re.escape(bare)}(?!\w)", message.flat))


def _is_beneficiary(message: Message, name: str) -> bool:
    """Say whether one word in lower case after a thing tells for whom it was ("vet visit for luna")."""
    found = re.search(rf"(\w+)\s(?:\w+\s|\W?\d[\d.,]*\W?\s)?for\s{re.escape(flat(name))}(?!\w)", message.flat)
    return found is not None and " " not in name and leading_noun([found[1]]) > 0


def _is_sentence(name: str) -> bool:
    """Say whether words go on in lower case or with a pronoun, as a bank's own sentences do ("We've received")."""
    first, *rest = name.split()
    lower = [word for word in rest if word.islower() and flat(word) not in words("merchants", "words", "particles")]
    return bool(lower) and "'" in first


def _without_banks(runs: list[Run]) -> list[Run]:
    """Drop the runs that only name the bank or wallet, when there is another."""
    banks = words("merchants", "words", "banks")
    left = [run for run in runs if " ".join(run.folded) not in banks and not _CARD_NAME.search(" ".join(run.words))]
    return left if any(not all_generic(run.folded) for run in left) else runs


def _shouted_part(run: Run) -> Run:
    """Return the capitals of a run, as banks print names among their own words; the run when there are none."""
    if all(word[:1].isupper() for word in run.words):
        return run
    at = [i for i, word in enumerate(run.words) if (word.isupper() and len(word) > 1) or _is_numeral(run.words, i)]
    return Run(run.words[at[0] : at[-1] + 1], run.is_sender) if at else run


def _is_numeral(tokens: Sequence[str], at: int) -> bool:
    """Say whether a short number stands beside a word in capitals ("FOREVER 21")."""
    beside = (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])
    return tokens[at].isdecimal() and len(tokens[at]) <= 3 and any(word.isupper() for word in beside)


def _is_thing(word: str) -> bool:
    return bool(leading_noun([word])) and not is_venue(word)


_PRONOUN = re.compile(r"(?:we|you|it|that|here|there|they|i)'(?:ve|re|ll|s|d|m)(?!\w)", re.I)


def _is_written_name(name: str) -> bool:
    if _PRONOUN.match(name):
        return False
    return name[:1].isupper() or not name[:1].isascii() or name[:1].isdecimal() or merchant_key(name) in brands()


def _divided(
    run: Run, *, shouted: bool, again: frozenset[str], counted: frozenset[str]
) -> tuple[str | None, list[str]]:
    """Divide a run into a name and the generic nouns at its ends; a noun told elsewhere (`again`) ends a name.

    Things that a number counts (`counted`) were bought, whatever follows ("2 burritos el farolito").
    """
    tokens, folded = list(run.words), run.folded
    if whole := _known_name(tokens, folded, shouted=shouted):
        start, end = whole
        return " ".join(tokens[start:end]), _things([*folded[:start], *folded[end:]])
    left = 0 if all_generic(folded) else _start_of_name(tokens, folded, counted)
    if not shouted and (common := _common_name(folded, left)):
        start, end = common
        end = len(tokens) if all(token[:1].isupper() for token in tokens[start:]) else end
        return " ".join(tokens[start:end]), _things([*folded[:start], *folded[end:]])
    right = 0 if all_generic(folded) else _end_of_name(tokens, folded, left, again)
    if all(is_qualifier(word) or is_filler(word) for word in folded[left:right]):
        return None, [word for word in _things(folded) if not word.isdecimal()]
    name = _without_lower_tail(tokens[left:right]) if not shouted else tokens[left:right]
    while len(name) > 1 and _is_count(name) and not shouted:
        name = name[1:]
    return " ".join(name), _things([*folded[:left], *folded[right:]])


def _common_name(folded: Sequence[str], left: int) -> tuple[int, int] | None:
    """Return the span of a name of common words, when only things stand around it ("manicure lucky nails")."""
    for start in range(left + 1):
        count = trade_name(folded[start:])
        if count and all_generic(folded[:start]) and all_generic(folded[start + count :]):
            return start, start + count
    return None


def _without_lower_tail(name: list[str]) -> list[str]:
    """Cut what follows a name of two words or more with capitals in lower case ("Half Moon Tavern lunch w client")."""
    small = words("merchants", "words", "particles")
    end = next((at for at, word in enumerate(name) if word[:1].islower() and flat(word) not in small), len(name))
    return name[:end] if end > 1 and all(word[:1].isupper() for word in name[:2]) else name


def _things(folded: Sequence[str]) -> list[str]:
    return [word for word in folded if word and not is_filler(word)]


def _is_count(name: Sequence[str]) -> bool:
    return not is_counted_name(name) and flat(name[0]).isdecimal() and int(name[0]) <= MOST_COUNTED


def _known_name(tokens: Sequence[str], folded: Sequence[str], *, shouted: bool) -> tuple[int, int] | None:
    """Return the span of a name that is told by the table of brands or by how the whole run is written."""
    if brand := brand_in(tokens, folded):
        rest = [*folded[: brand[0]], *folded[brand[1] :]]
        if all_generic(rest) or (not shouted and tells_alone(tokens, *brand)):
            return brand
    phrase = " ".join(tokens)
    if not shouted and _is_numbered_thing(folded):
        return 0, len(tokens)
    if NUMBERED.fullmatch(phrase) or is_article_name(phrase):
        return 0, len(tokens)
    if shouted and len(tokens) > 1 and "".join(tokens).isupper() and not all(map(is_filler, folded)):
        return 0, len(tokens)
    return (0, 2) if is_venue(folded[0]) and NUMBERED.match(phrase) and all_generic(folded[2:]) else None


def _is_numbered_thing(folded: Sequence[str]) -> bool:
    """Say whether a number that counts nothing follows a thing ("pho 2000", "donut 88"): both are a name."""
    if len(folded) != 2 or not folded[1].isdecimal() or folded[0] in words("merchants", "trade", "no_heads"):
        return False
    return leading_noun(folded[:1]) > 0 and int(folded[1]) > MOST_COUNTED and not is_qualifier(folded[0])


def _start_of_name(tokens: Sequence[str], folded: Sequence[str], counted: frozenset[str]) -> int:
    """Return where the name begins after the things that were bought."""
    left = 0
    while count := leading_noun(folded[left:]):
        rest = tokens[left:]
        if rest[count : count + 1] == ["&"] or begins_name(rest, count) or is_written_first(rest, folded[left], count):
            break
        if len(rest) > count + 1 and folded[left + count] in PLACED and is_placed_by(rest[count - 1], rest[count + 1]):
            break
        if (left and is_written_article(rest)) or (
            folded[left] not in counted and _names_with_article(folded[left:], count)
        ):
            break
        left += count
        while left < len(tokens) and is_filler(folded[left]) and not is_written_article(tokens[left:]):
            if folded[left] in _LEADS and is_article_of_name(tokens[left:]):
                return left
            left += 1
    return left + lower_lead(tokens[left:])


def _names_with_article(folded: Sequence[str], count: int) -> bool:
    """Say whether a Spanish article and a name follow a thing: "tacos el gordo"."""
    rest = folded[count:]
    return len(rest) > 1 and rest[0] in ("el", "la", "los", "las") and not all_generic(rest[1:])


def _is_linked(spoken: Sequence[str]) -> bool:
    """Say whether words link a name to the thing after them: "slug and (lettuce)", "house of (pies)", no "cup of"."""
    if len(spoken) < 2:
        return False
    head, link = spoken[-2:]
    if link in _OF:
        measured = leading_noun([head]) or is_filler(head) or is_qualifier(head)
        return not (measured or head in words("merchants", "words", "measures"))
    return link in _AND and _is_unknown(head)


def _names_places(spoken: Sequence[str]) -> bool:
    """Say whether a few words before a kind of place are its name ("zuni cafe", "blue moon diner"): none is known."""
    led = 1 if spoken and is_qualifier(spoken[0]) and not spoken[0].isdecimal() else 0
    return led < len(spoken) <= LONGEST_PLACE and all(map(_is_unknown, spoken[led:]))


def _is_unknown(word: str) -> bool:
    known = merchant_key(word) in brands() or leading_noun([word]) or is_filler(word) or is_qualifier(word)
    return not (known or is_venue(word))


def _end_of_name(tokens: Sequence[str], folded: Sequence[str], left: int, again: frozenset[str]) -> int:
    """Return where the name ends before the things that were bought."""
    right = len(tokens)
    while right > left and (count := trailing_noun(folded[left:right])):
        if tokens[right - count - 1] == "&" or is_part_of_name(tokens[left:right], count):
            break
        if _is_linked(folded[left : right - count]):
            break
        if right - count > left and _is_unknown(folded[right - count - 1]) and folded[right - 1] in again:
            break  # "lumber 211.90 ashby lumber"
        if right - left == 3 == len(tokens) and folded[-1] in _FAMILY and folded[-2] == "and":
            break
        if right == len(tokens) == _ARTICLE_AND_TWO and folded[0] == "the" and _is_unknown(folded[1]):
            break
        if right == len(tokens) and is_venue(folded[-1]) and _names_places(folded[left : right - 1]):
            break
        right -= count
        while right > left and is_filler(folded[right - 1]):
            right -= 1
    return right
