"""One tier or several: the phrases that say so, negated plurals included (DD-4)."""

from __future__ import annotations

import re
from functools import cache

from handlers.coaching.decisions.mentions import Finds, Kind, Tiers

COUNTS = {
    "two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4, "five": 5, "5": 5, "six": 6, "6": 6, "a couple of": 2,
    "a couple": 2, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
}  # fmt: skip
_KIND = (
    r"(?:(?:different|membership|member|paid|paying|price|pricing|subscription|"
    r"simple|separate|distinct|flat|clean|main|total|support|fan|diferentes|distintos)"
    r"[\s-])*"
)
_STRONG = (
    r"(?:tiers?|teirs?|tieres|niveles|nivel|membership\s(?:levels?|plans?|options?|"
    r"packages?)|subscription\s(?:levels?|plans?|options?)|(?:price|pricing|paid)"
    r"\s(?:levels?|points?|plans?|options?))"
)
_WEAK = r"(?:levels?|plans?|packages?|memberships?|planes|plan|membresias?)"
_NAMES = (
    r"(?:basic|vip|pro|premium|gold|silver|bronze|fan|superfan|super fan|standard|"
    r"plus|elite|free|paid|starter|supporter|regular|platinum|diamond|founder|"
    r"basico|gratis|core|lite|inner circle|insider)"
)
_NOT_GAME = (
    r"(?!\s?(?:list|lists|maker|up\b|of\sthe\sgame|above|below|sub\b|subs\b|higher|lower|[0-9](?!\))|boss|boxes|s\b))"
)
_ONE = (
    r"(?:one|1|single|solo\sun|solamente\sun|a\ssingle|un\ssolo|un\sunico|"
    r"una\ssola|una\sunica|1\ssolo|just\sa\ssingle|one\ssingle|uno\ssolo)"
)
_NO = r"(?:no|zero|without(?:\sany)?|skip(?:ping)?(?:\sthe)?|sin|ningun|forget\s(?:the\s|about\s)?)"
_UNWANTED = (
    r"(?:(?:do\snot|don't|dont|won't|wont|will\snot|not|never|no\squiero|no\svoy\sa\s(?:tener|"
    r"hacer|poner)|no\snecesito|no\shabra|no)\s"
    r"(?:(?:gonna|going\sto|to|want|wanna|need|have|having|do|doing|offer|offering|"
    r"use|using|be|tener|hacer|quiero|bother\swith|want\sto\s(?:have|do|offer)"
    r"|need\sto\shave|be\s(?:doing|having|offering)|there\sbe)\s)*)"
)


@cache
def _single() -> list[tuple[re.Pattern[str], bool]]:
    any_noun = rf"(?:{_STRONG}|{_WEAK})"
    sources = [
        (
            rf"{_UNWANTED}(?:more\sthan|mas\sde|mas\sque)\s(?:one|1|a\ssingle|un|uno)(?:\ssolo)?(?:\s{_KIND}{any_noun})",
            False,
        ),
        (rf"(?:no|not|never|nunca)\s(?:more\sthan|mas\sde|mas\sque)\s(?:one|1|a\ssingle|un)\s{_KIND}{any_noun}", False),
        (
            (
                rf"{_UNWANTED}(?:multiple|several|different|any|many|a\sbunch\sof|various|"
                rf"lots\sof|varios|muchos|diferentes|distintos)\s{_KIND}{_STRONG}"
            ),
            False,
        ),
        (rf"{_UNWANTED}tiers", False),
        (r"no\slevels(?=,?\s(?:everyone|everybody|all|just|only|one|a\ssingle|the\ssame)\b)", False),
        (r"(?:against|no\sto)\s(?:(?:the|any|multiple|several|having|different)\s)*(?:tiers|levels)", False),
        (
            rf"no\sneed\s(?:for|of|to\shave|to\sdo)\s(?:(?:more\sthan\sone|several|multiple|many|any|different|two)\s)?"
            rf"{_KIND}(?:{_STRONG})",
            False,
        ),
        (
            (
                rf"{_NO}\s(?:(?:different|extra|multiple|fancy|complicated|crazy|separate|"
                rf"other)\s)*(?:tiers|teirs|niveles|membership\slevels|nivel)"
            ),
            False,
        ),
        (rf"{_NO}\s(?:second|third|extra|additional|higher|segundo)\s{_KIND}{_STRONG}", False),
        (rf"(?:(?:just|only|solo|solamente|simply)\s)?{_ONE}[\s-]{_KIND}(?:{_STRONG})(?:ed)?{_NOT_GAME}", False),
        (
            (
                rf"(?:just|only|solo)\s(?:the\s)?(?:one|1)\s{_KIND}{_WEAK}{_NOT_GAME}|(?:single|"
                rf"one\ssingle|un\ssolo|una\ssola)\s{_KIND}{_WEAK}{_NOT_GAME}"
            ),
            True,
        ),
        (rf"(?:one|1)\s{_KIND}{_WEAK}{_NOT_GAME}", True),
        (
            (
                r"(?:one|1|single|same|flat|un(?:\smismo)?|el\smismo|un\ssolo|un\sunico)\s(?:flat\s|"
                r"single\s|simple\s|solo\s|unico\s)?(?:price|fee|rate|precio)\s(?:for\s(?:all|"
                r"everyone|everybody|everything)|fits\sall|para\stodos?|across\sthe\sboard)"
            ),
            False,
        ),
        (
            (
                r"(?:tiers?|levels?|structure|niveles|estructura)\s?[:=-]\s?(?:just\s|only\s|"
                r"solo\s)?(?:one|1|single|uno|un\ssolo)(?:\s(?:tier|nivel))?"
            ),
            False,
        ),
        (r"everyone\s(?:pays|gets)\s(?:the\s)?same(?:\sprice|\sthing)?|todos\spagan\slo\smismo", False),
        (r"(?:a\s)?one[\s-]size[\s-]fits[\s-]all(?:\smembership|\sprice|\stier)?|un\s(?:solo|unico)\sprecio", False),
    ]
    return [(re.compile(rf"(?<![a-z0-9-])(?:{source})(?![a-z0-9])"), weak) for source, weak in sources]


@cache
def _several() -> list[tuple[re.Pattern[str], bool]]:
    counts = "|".join(sorted(COUNTS, key=len, reverse=True))
    sources = [
        (rf"(?P<n>{counts})[\s-]{_KIND}(?:{_STRONG}){_NOT_GAME}", False),
        (rf"(?P<n>{counts})[\s-]{_KIND}(?:{_WEAK}){_NOT_GAME}", True),
        (
            (
                rf"(?:a\s|un\s)?(?P<a>{_NAMES})\s(?:tier\s|nivel\s)?(?:and|&|\+|plus|y)\s(?:a\s|"
                rf"un\s)?(?P<b>{_NAMES})\stiers?|nivel\s{_NAMES}\sy\s(?:nivel\s)?{_NAMES}"
            ),
            False,
        ),
        (rf"(?P<list>{_NAMES}(?:,\s{_NAMES})+,?\s(?:and|&|y)\s{_NAMES})\stiers", False),
        (
            (
                rf"(?:multiple|several|a\sfew|various|different|many|varios|multiples|diferentes)"
                rf"\s{_KIND}(?:{_STRONG}){_NOT_GAME}"
            ),
            False,
        ),
        (rf"(?:tiers|levels|structure|niveles|estructura)\s?[:=]\s?(?P<n>{counts})(?!\s?[/$€]|,\s?\d|\d)", False),
    ]
    return [(re.compile(rf"(?<![a-z0-9.$€£-])(?:{source})(?![a-z0-9])"), weak) for source, weak in sources]


def find_tiers(finds: Finds) -> None:
    """Add every phrase that tells how many tiers there are."""
    for pattern, is_weak in _single():
        for match in pattern.finditer(finds.flat):
            is_said = bool(re.match(r"no|do|won|will|never|not|without|zero|skip|sin|forget|everyone|todos", match[0]))
            finds.add(Kind.STRUCTURE, *match.span(), Tiers("single", is_weak, is_said))
    for pattern, is_weak in _several():
        for match in pattern.finditer(finds.flat):
            finds.add(Kind.STRUCTURE, *match.span(), Tiers(_canonical(match), is_weak))


def _canonical(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("n"):
        return f"multiple:{COUNTS[groups['n']]}"
    if groups.get("list"):
        return f"multiple:{len(re.findall(_NAMES, groups['list']))}"
    return "multiple:2" if re.search(r"\b(?:and|y|plus)\b|[&+]", match[0]) else "multiple"


def names_of_tiers() -> str:
    """Return the source of the usual names of tiers."""
    return rf"(?<![a-z0-9])(?:the\s|our\s|a\s)?{_NAMES}(?:\s(?:tier|level|members?|plan))?(?![a-z0-9])"
