"""Dates that are the community's opening, not a stream, a video or another's launch (DD-7)."""

from __future__ import annotations

import re
from functools import cache

_VERB = (
    r"(?:launch(?:ing|es)?|open(?:ing|s)?(?:\sup)?|open for business|kick(?:ing)?\s(?:it\s|"
    r"things\s)?off|go(?:es|ing)?\spublic|unveil(?:ing)?|abrir(?:e|emos|a)?|abro|"
    r"abrimos|abre|abriendo|lanzar(?:e|emos|a)?|lanzo|lanzamos|lanza|inaugur\w+|"
    r"estren\w+|debut(?:ing)?|soft launch|relaunch(?:ing)?)"
)
_LIVE = r"(?:go(?:es|ing)?\slive|be\slive|salir\sen\svivo|is\slive|are\slive)"
_START = r"(?:start(?:ing|s)?|begin(?:ning|s)?|empezar(?:emos)?|empezamos|empieza|arranc\w+|comenz\w+|comienza|go)"
_THING = (
    r"(?:community|memberships?|club|group|server|doors?|gates?|program|hub|space|"
    r"enrol?lment|registration|sign-?ups?|public|comunidad|puertas?|inscripciones|"
    r"grupo|servidor|membresia|P\d+|lanzamiento|tavern|guild|crew)"
)
_OBJECT = (
    rf"(?:\W+(?:it|is|their|this|everything|all|up|the|our|my|your|a|new|own|paid|"
    rf"premium|private|whole|to|for|real|members?|everyone|everybody|business|"
    rf"officially|publicly|with|la|el|las|los|mi|nuestra|nuestro|al|publico|con|"
    rf"at|in|oficialmente|de|thing|full|already|again|ya|that|{_THING}))*"
)
_LINK = (
    r"(?:\W+(?:on|by|in|at|for|from|this|is|the|day|date|set|scheduled|planned|"
    r"el|en|para|a|an|will|be|going|to|right|exactly|officially|definitely|dia|"
    r"moved|pushed|changed|shifted|delayed|postponed|back|forward|noon|midnight|"
    r"birthday|anniversary|my|our|H\d+|exactly|happening|happen|happens|take|"
    r"takes|place|as|of|locked|fixed|confirmed|finally|it|that|de|sera|es|fijada|"
    r"comes|come|due|just|lo|decided|final|now|D\d+|starting|no later than|than|"
    r"later))*"
)
_BEFORE = (
    rf"(?:^|[,:(]|\b(?:we|i|will|to|let's|am|are|is|officially|and|the|our|my|"
    rf"a|grand|big|official|public|full|{_THING}|it|that|be|for|so|then|just|definitely|"
    rf"plan|want|decided|planning|going|also|only|[A-Z]\d+|on|by|shall|can|final|"
    rf"finally|ok|actual|day|yes|not|now|this|of|date|target|no|vamos|voy|que|"
    rf"la|el|mi|nuestra|y|nos|se|lo|fecha|de|ya|would|rather|plus|with|everything|"
    rf"target|instead|please|date))\W*$"
)
_NOUN = (
    r"(?:(?:launch(?:ing)?|opening|start(?:ing)?|go[\s-]live|release|grand\sopening|"
    r"open)\s(?:day|date|time)|launch|opening|grand\sopening|big\sday|(?:day|"
    r"dia|fecha)\sde\s(?:lanzamiento|apertura|inicio)|lanzamiento|apertura|gran\sdia|"
    r"inauguracion|timeline|d-day)"
)
_MEMBERSHIP = re.compile(rf"\b(?:{_THING}|members?|miembros|it)\b")


@cache
def _frames() -> list[re.Pattern[str]]:
    subject = (
        rf"(?:(?:we|i|it|{_THING}|everything|se|nos|la|las|el|the|our|my|will|are|"
        rf"am|is|lets|officially|finally|abre|people can|members can|doors will|doors|"
        rf"launching|going to)\W+)*"
    )
    return [
        re.compile(rf"(?P<verb>\b{_VERB}){_OBJECT}{_LINK}\W*(?P<day>D\d+)"),
        re.compile(
            rf"(?P<noun>\b{_NOUN})(?:\W+(?:for|of)\W+(?:the|our|my)\W+{_THING}|\s{_THING}|"
            rf"\swith\s(?:the|our|my)\s{_THING}|\sde\s(?:la\s)?{_THING})?{_LINK}\W*(?P<day>D\d+)"
        ),
        re.compile(
            rf"(?P<day>D\d+)\W+(?:it\sis\W+)?(?:is|as|for|will\sbe|be|that\sis|es|sera|"
            rf"para|shall\sbe|=)\W+(?:when\W+|the\sday\W+|el\sdia\sde(?:l)?\W+|officially\W+|"
            rf"going\sto\sbe\W+)*(?:(?:the|our|my|a|la|el|nuestra|nuestro|mi|official|"
            rf"big|grand|final)\W+)*{subject}(?P<noun>{_NOUN}|{_VERB})"
        ),
        re.compile(rf"(?P<day>D\d+)\W+{subject}(?P<verb>{_VERB}|{_LIVE})(?!\s(?:my|a|an)\s(?!{_THING}|paid|new))"),
        re.compile(rf"(?P<live>\b{_LIVE})(?P<rest>{_OBJECT}{_LINK})\W*(?P<day>D\d+)(?P<after>{_OBJECT})"),
        re.compile(rf"(?P<start>\b{_START})(?P<rest>{_OBJECT}{_LINK})\W*(?P<day>D\d+)(?P<after>{_OBJECT})"),
        re.compile(rf"(?P<day>D\d+)\W+(?P<noun>{_NOUN})\b"),
        re.compile(
            rf"(?P<noun>members\s(?:can\s)?(?:join|get\sin|come\sin)|people\scan\sjoin|"
            rf"sign\s?-?ups?\sopen|sign\s?-?ups?\sstart){_LINK}\W*(?P<day>D\d+)"
        ),
    ]


def names_opening(text: str, token: str) -> bool:
    """Say whether the clause says that the community opens on the day of the token."""
    for pattern in _frames():
        for match in pattern.finditer(text):
            if match["day"] == token and _is_ours(text, match):
                return True
    return False


_TELLING = re.compile(
    r"\b(?:tell|telling|announce|announcing|decide|share|sharing|reveal|know|"
    r"confirm|discuss|talk|figure|update|send|show|let you|post|have a|get back|"
    r"meeting|call)\b"
)


def _is_ours(text: str, match: re.Match[str]) -> bool:
    if _TELLING.search(text[: match.start()]):
        return False
    groups = match.groupdict()
    if "live" in groups and groups.get("live"):
        return bool(_MEMBERSHIP.search(text))
    if "start" in groups and groups.get("start"):
        return bool(re.search(rf"\b(?:{_THING}|members)\b", text)) or bool(
            re.search(r"(?:^|\bwe\s(?:will\s)?|we are\s)$", text[: match.start()])
        )
    if match.start() == match.start("day"):
        return bool(re.search(r"(?:^|\W|on|el|by|from|in)\W*$", text[: match.start()]))
    return bool(re.search(_BEFORE, text[: match.start()]))
