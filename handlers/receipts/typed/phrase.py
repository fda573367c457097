"""A merchant's name after a preposition or a label: where it ends and whether it is one (rule MER-1)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from handlers.receipts.merchants import brands, display_name, merchant_key, without_place, without_prefix
from handlers.receipts.typed.lexicon import alternatives, data, flat, listed, words
from handlers.receipts.typed.nouns import all_generic, is_generic, is_venue, leading_noun
from handlers.receipts.typed.written import PLACED, is_placed_by

_PLACES = Path(__file__).parents[1] / "data" / "places.toml"
LONGEST_PHRASE = 80
_LONG_NUMBER = re.compile(r"\s+#?\d{7,}(?=\s|\Z).*\Z")
_STORE_AND_PLACE = re.compile(
    r"(?P<numbered>(?P<name>[^\d]*[^\W\d_]{3,})\s#?(?!1[5-9]\d\d\s|20\d\d\s)\d{3,6})\s[^\W\d_][^\d]+\Z"
)
"""A store number and its town after a name in capitals ("ALDI 1123 LEEDS"), no year of a house ("CAFE 1889 WIEN")."""
_CODE_AFTER_STAR = re.compile(r"(?<=\w)\s?\*[A-Za-z0-9-]*\d[A-Za-z0-9-]*\Z")
_MEANS = re.compile(r"\s(?:(?:credit|debit)\s)?(?:card|visa|mastercard)\Z", re.I)
_BY_WALLET = re.compile(r"(?<=[a-z])\s(?:venmo|zelle|paypal|cashapp|cash app|apple pay|google pay|amex|cash)\Z")
_DAY_WORD = re.compile(
    r"\s(?:avec|with|con|com|mit|via|using|by|le|el|il|am|op|den|del|dia|on|em|vom|um|at|du|y|and|i|efetuado|efetuada|realizada|de|di|da|von|por)\Z",
    re.I,
)
_ARTICLE = re.compile(r"^(?:the|el|la|los|las|le|les|der|die|das|dem|den|il|lo|de|het|o|os)\s(?=[^\W\d_a-z])")
_ARTICLES = frozenset({"the", "la", "el", "le", "los", "las", "les", "de", "der", "das", "il", "lo"})
_ARTICLE_NAME = re.compile(
    r"(?:The|La|El|Le|Les|Los|Las|Der|Das|Il|Lo|THE|LA|EL|LE|LES|LOS|LAS|DER|DAS|IL|LO)\s[^\W\d_a-z]"
)
_CHANNEL = re.compile(r"^(?:ach(?:\s?[cd])?|nach|upi|imps|neft|rtgs|pos|ecom|si|bil)\s?-\s?(?=\S)", re.I)
_JOINED_NAME = re.compile(r"[A-Z]\w+\s(?:&|and|y|e|et|und|n|'n'?)\s[A-Z]\w+", re.A)
_NUMBERED_NAME = re.compile(r"[A-Z][^\W\d_]+\s\d{1,3}")
_AND, _PAIR = frozenset({"and", "&", "n"}), 3
_COUNTRIES = frozenset({"sf", "nyc", "usa", "us", "uk", "gb", "singapore", "hong kong", "store"})
_NUMBERED_STORE = re.compile(r"(?:[A-Z]{2,4}\s)?\S{0,3}\d")
_SMALL = frozenset({"by", "in", "on", "for", "is", "to", "your", "after", "before", "at", "into", "with"})
_BRAND_WORDS = 5
_STOP = re.compile(
    r"[\n,;()|!?\[\]\"~]|\s-+\s|\s/\s|:(?=\s|$)|(?<![^\W\d_]\.[^\W\d_])(?<!\s[^\W\d_])(?<!\bst)(?<!\bdr)(?<!\bmr)(?<!\bmrs)\.(?=\s|$)"
)
_LEAD = re.compile(r"^(?:vpa|upi|m/s\.?|merchant|the merchant|payee|beneficiary)\s+", re.I)
_TAIL = re.compile(r"[\s.,:;*&/-]+$")
_DOMAIN = re.compile(
    r"^(?:www\.)?([a-z0-9-]{2,40})\.(?:com|net|org|de|es|fr|it|nl|in|co\.uk|com\.br|com\.mx|co|io|uk)(?:/\S*|\*\S*)?$",
    re.I,
)


@cache
def _boundaries(languages: frozenset[str]) -> re.Pattern[str]:
    table = data("merchants")["boundaries"]
    listing = [word for language in languages for word in listed(table.get(language, ""))]
    return re.compile(r"\s" + alternatives(listing)) if listing else re.compile(r"(?!)")


def phrase_at(text: str, folded: str, start: int, languages: Iterable[str]) -> tuple[str, int, str]:
    """Return the name that begins at `start`, its end, and the folded word that ended it ("" for punctuation)."""
    head = folded[start : start + LONGEST_PHRASE]
    stop = _STOP.search(head, 1)
    limit = stop.start() if stop else len(head)
    floor = _brand_end(text[start : start + limit])
    boundary = _boundaries(frozenset(languages)).search(head[:limit] + " ", floor)
    mixed = not text.isupper()
    while boundary and (boundary.start() < 1 or _is_written_in(text[start : start + limit], boundary, is_mixed=mixed)):
        boundary = _boundaries(frozenset(languages)).search(head[:limit] + " ", boundary.start() + 1)
    end = boundary.start() if boundary and boundary.start() < limit else limit
    return text[start : start + end], start + end, boundary[0].strip() if boundary and end < limit else ""


def _is_written_in(name: str, boundary: re.Match[str], *, is_mixed: bool) -> bool:
    """Say whether a small word is written as part of a name ("Handmade By Rose").

    In a text that is not all in capitals (`is_mixed`) capitals tell it too ("at HAIR BY NINA on 3/15").
    """
    word = boundary[0].strip()
    before, after = name[: boundary.start()].split()[-1:], name[boundary.end() :].split()[:1]
    if before and after and word in PLACED and is_placed_by(before[0], after[0]):
        return True
    if word not in _SMALL | words("merchants", "words", "particles") or not (before and after):
        return False
    own = (before[0].lstrip("*"), name[boundary.start() : boundary.end()].strip(), after[0])
    if is_mixed and "".join(own).isalpha() and "".join(own).isupper():
        return flat(after[0]) not in words("merchants", "words", "bank")
    return (
        word in _SMALL
        and all(re.fullmatch(r"[^\W\d_a-z][^\W\d_A-Z]+", part) for part in own)
        and flat(after[0]) not in words("merchants", "words", "bank")
    )


def as_printed(name: str, end: int, ended_by: str) -> tuple[str, int, str]:
    """Cut a name in a bank's text at the bank's own words: in lower case after capitals ("OCTOPUS ENERGY taken")."""
    spans = list(re.finditer(r"\S+", name))
    if not spans or not name[spans[0].start()].isupper():
        return name, end, ended_by
    for at, span in enumerate(spans[1:], 1):
        word = span[0]
        after = (span[0] for span in spans[at + 1 :])
        following = next((one for one in after if flat(one) not in words("merchants", "words", "particles")), "")
        if not word.isalpha() or not word.islower() or len(word) == 1:
            continue
        if flat(word) in PLACED and is_placed_by(spans[at - 1][0], following):
            continue
        if flat(word) in words("merchants", "words", "particles") and not following[:1].islower():
            continue
        return name[: span.start()].rstrip(), end - len(name) + span.start() - 1, flat(word)
    return name, end, ended_by


def without_deed(name: str) -> str:
    """Return a name that is written with capitals without the verb in lower case that goes on with the sentence."""
    *named, last = name.split() or [""]
    is_deed = last.islower() and last.endswith("ed") and all(word[:1].isupper() for word in named)
    return " ".join(named) if named and is_deed else name


def thing_before(name: str) -> int:
    """Return how many characters of a phrase name a thing or a trade before a name ("electrician Ramesh")."""
    spans = list(re.finditer(r"\S+", name))
    count = leading_noun([flat(span[0]) for span in spans])
    if not 0 < count < len(spans) or not name[: spans[count].start()].islower():
        return 0
    return spans[count].start() if spans[count][0][:1].isupper() else 0


def _brand_end(text: str) -> int:
    """Return where a brand of several words at the start ends, so that its own words do not end it."""
    spans = list(re.finditer(r"\S+", text))[:_BRAND_WORDS]
    for count in range(len(spans), 1, -1):
        if merchant_key(text[: spans[count - 1].end()]) in brands():
            return spans[count - 1].end()
    return 0


def cleaned(name: str) -> str:
    """Return a phrase without lead-in words and trailing marks; a domain becomes its name."""
    name = _DAY_WORD.sub("", name.rstrip())
    name = _without_channel(name.strip(" .:*-\n'\""))
    name = _BY_WALLET.sub("", name)
    name = _MEANS.sub("", _TAIL.sub("", _LEAD.sub("", name.strip(" .:*-\n'\""))))
    if domain := _DOMAIN.match(name):
        return brands().get(merchant_key(name)) or domain[1].title()
    return name


def _without_channel(name: str) -> str:
    """Return the party of a bank's narration: "UPI/P2M/607412/SWIGGY/YESBANK" -> "SWIGGY"."""
    name = _CHANNEL.sub("", name)
    parts = [part.strip() for part in name.split("/")]
    if len(parts) < 2 or flat(parts[0]) not in words("merchants", "words", "channels"):
        return name
    named = [
        p for p in parts[1:] if re.search(r"[^\W\d_]{3}", p) and flat(p) not in words("merchants", "words", "channels")
    ]
    return named[0] if named else name


def without_kind(name: str) -> str:
    """Return a narration without the bank's words for the kind of movement ("POS PURCHASE SHOPRITE" -> "SHOPRITE")."""
    spans = [(span[0], span.start()) for span in re.finditer(r"\S+", name)]
    known = words("merchants", "words", "channels") | words("merchants", "words", "bank")
    known -= _ARTICLES
    return next((name[start:] for word, start in spans if flat(word).strip(".,:/-") not in known), name)


def is_written_name(name: str) -> bool:
    """Say whether a bank wrote a phrase as a name: several words, each with a capital ("Metro Card Recharge")."""
    written = name.split()
    small = words("merchants", "words", "particles")
    return (
        len(written) > 1
        and all(word[:1].isupper() or (at and flat(word) in small) for at, word in enumerate(written))
        and written[-1][:1].isupper()
        and not _begins_otherwise(name)
    )


def is_placed_shop(name: str) -> bool:
    """Say whether common words after "at" or "from" without an article are a shop's name.

    A kind of shop is named by where it stands ("corner store"), and nobody buys from two things ("flour and water").
    """
    spoken = _folded_words(name)
    if len(spoken) == _PAIR and spoken[1] in _AND and name.islower():
        ends = {spoken[0], spoken[2]}
        return all(map(is_generic, ends)) and not ends <= words("merchants", "trade", "no_heads")
    return len(spoken) > 1 and spoken[0] in words("merchants", "words", "placing") and is_venue(spoken[-1])


def is_linked_name(name: str) -> bool:
    """Say whether words with capitals are linked by small ones in lower case ("Café de la Gare", "House of Pies")."""
    written = name.split()
    return any(word.islower() for word in written) and is_written_name(name)


def _begins_otherwise(name: str) -> bool:
    folded_words = _folded_words(name)
    stops = words("merchants", "words", "not_first")
    if (
        len(folded_words) > 1
        and all(word[:1].isupper() for word in name.split()[:2])
        and not _is_banks(folded_words[1])
    ):
        stops = stops - words("merchants", "words", "shouted_first")
    return any(" ".join(folded_words[:count]) in stops for count in (1, 2, 3))


def is_article_name(name: str) -> bool:
    """Say whether an article and the next word have capitals ("La Boulangerie")."""
    return bool(_ARTICLE_NAME.match(name))


def _is_banks(word: str) -> bool:
    return word in words("merchants", "words", "bank") or word in words("merchants", "words", "not_first")


def is_name(name: str) -> bool:
    """Say whether a phrase can be a merchant: it has letters, is not generic and does not begin like something else."""
    folded_words = _folded_words(name)
    if not folded_words or not any(character.isalpha() for character in name):
        return False
    if merchant_key(name) in brands() and not all_generic(folded_words):
        return True
    if _NUMBERED_NAME.fullmatch(name) and leading_noun(folded_words[:1]):
        return True
    if _begins_otherwise(name):
        return False
    if (
        re.fullmatch(r"[\dx*#.\-]+[a-z]{0,2}|x{2,}|(?:ngn|usd|inr|kes|myr|sgd|eur|gbp|rs|rm)\d+", folded_words[0])
        and len(folded_words) == 1
    ):
        return False
    if name.isupper() and len(folded_words) > 1:
        return True
    if _JOINED_NAME.match(name) or is_article_name(name) or is_linked_name(name):
        return True
    return not all_generic(
        [word for word in folded_words if word not in ("the", "a", "an", "der", "die", "das", "el", "la", "le")]
    )


def _folded_words(name: str) -> Sequence[str]:
    return [word.strip(".,:;!?()") for word in flat(name).split() if word.strip(".,:;!?()")]


@cache
def _legal_form() -> re.Pattern[str]:
    return re.compile(
        r"[\s,]+" + alternatives({form.rstrip(".") for form in words("merchants", "words", "legal_forms")}) + r"\.?\Z"
    )


@cache
def _cities() -> frozenset[str]:
    """Return the towns; a country's name after a brand belongs to it ("Uber India")."""
    table = tomllib.loads(_PLACES.read_text("utf-8"))
    return frozenset(flat(city) for cities in table["cities"].values() for city in cities) - set(table["lands"])


def _not_lengthened(name: str, display: str | None) -> str | None:
    """Keep to the words that were written where the table of brands knows a longer name ("whole foods")."""
    if not display or not (key := merchant_key(name)) or key == merchant_key(display):
        return display
    return " ".join(display.split()[: len(name.split())]) if merchant_key(display).startswith(key) else display


def shown(name: str) -> str | None:
    """Return the display form of a merchant; after a known brand, a store number or a city ends the descriptor."""
    name = _ARTICLE.sub("", without_prefix(cleaned(name)))
    for numbered in words("merchants", "words", "numbered"):
        if flat(name).startswith(numbered):
            name = without_place(name)
            return name.title() if name.islower() or name.isupper() else name
    if form := _legal_form().search(flat(name)):
        name = name[: form.start()]
    if name.isupper() and (store := _STORE_AND_PLACE.match(name)) and merchant_key(store["numbered"]) not in brands():
        name = store["name"]
    name = _CODE_AFTER_STAR.sub("", _LONG_NUMBER.sub("", name))
    tokens = name.split()
    for count in range(0 if merchant_key(name) in brands() else min(len(tokens) - 1, _BRAND_WORDS), 0, -1):
        head, rest = " ".join(tokens[:count]), tokens[count:]
        if merchant_key(head) in brands() and (
            re.search(r"\d", rest[0])
            or _NUMBERED_STORE.match(" ".join(rest))
            or flat(" ".join(rest)) in _cities() | _COUNTRIES
        ):
            name = head
            break
    display = _not_lengthened(name, display_name(name))
    article = name[:4] in ("The ", "THE ") and display and not display.startswith("The ")
    if display and display.startswith("The ") and not re.search(r"\bthe\s", flat(name)):
        return display[4:]
    return f"The {display}" if article else display
