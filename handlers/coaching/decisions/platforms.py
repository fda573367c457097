"""Names of community platforms in a text, misspelt by one letter too, and the common words that only look so (DD-8)."""

from __future__ import annotations

import re
from functools import cache

from handlers.coaching.decisions.lexicon import any_of, data, finder
from handlers.coaching.decisions.mentions import Finds, Kind, PlatformName

_WORD = re.compile(r"(?<![a-z0-9@./-])[a-z]{5,10}(?![a-z0-9@'/-])")
# "circle back", "full circle", "my circle of friends", "discord between my mods", "slack off" are no products.
_COMMON = re.compile(
    r"circle\s(?:back|around|round|of|jerk|the|up|time|pit|k)\b|circle's|(?:full|"
    r"inner|vicious|small|social|magic|crop|whole|friend|close|come)\scircle"
    r"|(?:my|our|his|her|their|in|squared?|draw|drew|red|blue|big|in\sa|around\sin\sa?)"
    r"\scircle\b(?!\.so|\s(?:community|space|plan|account|it\sis))"
    r"|discord\s(?:between|among|in\smy\s(?:team|family|house)|over\sthe)|(?:there's|"
    r"there\sis|sow|sows|sowing|cause|caused|causing|causes|much|some|so\smuch)"
    r"\s(?:some\s|a\slot\sof\s|so\smuch\s|any\s)?discord\b(?!\s(?:server|group)"
    r")"
    r"|slack\s(?:off|ing)|slacking|(?:cut|some|any|the|no|pick\sup\sthe|more)\sslack\b|circle\sstrafe\w*"
)


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    misspelt = data("platforms")["misspelt"]
    return frozenset(misspelt["names"].split()), frozenset(misspelt["not"].split())


def is_one_edit(word: str, name: str) -> bool:
    """Say whether one swap, drop, addition or change makes `word` into `name`."""
    if word == name or abs(len(word) - len(name)) > 1:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    rest, other = word[start:], name[start:]
    swapped = len(rest) > 1 and len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def find_platforms(finds: Finds) -> None:
    """Add the platforms that the text names."""
    common = [match.span() for match in _COMMON.finditer(finds.flat)]

    def add(start: int, end: int, value: PlatformName) -> None:
        if not any(start < b and a < end for a, b in common):
            finds.add(Kind.PLATFORM, start, end, value)

    for code in data("platforms")["sure"]:
        for match in finder("platforms", "sure", code).finditer(finds.flat):
            add(*match.span(), PlatformName(code))
    for match in finder("platforms", "other", "hosts").finditer(finds.flat):
        shown = re.sub(r"^(?:my|our|a|mi|nuestra)\s(?=(?:own|propi|web|site))", "", match[0])
        add(*match.span(), PlatformName("other", is_weak=True, text=shown))
    for code in data("platforms")["weak"]:
        for match in finder("platforms", "weak", code).finditer(finds.flat):
            add(*match.span(), PlatformName(code, is_weak=True))
    _add_misspelt(finds, add)


def _add_misspelt(finds: Finds, add: object) -> None:
    names, exceptions = _vocabulary()
    for match in _WORD.finditer(finds.flat):
        if match[0] in exceptions or match[0] in names:
            continue
        name = next((name for name in names if is_one_edit(match[0], name)), None)
        if name:
            code = "facebook_group" if name == "facebook" else name
            finds.add(Kind.PLATFORM, *match.span(), PlatformName(code, is_weak=True))


@cache
def unknown_host() -> re.Pattern[str]:
    """Return the matcher of a host that no list knows: "I'll host it on Frobnicate"."""
    return re.compile(
        rf"(?:host|hosting|run|running|build|building|set up|put|move|alojar|montar)"
        rf"\s(?:it|this|everything|the\s(?:community|group|club|membership)|la\scomunidad)"
        rf"\s(?:up\s)?(?:on|in|en|to)\s"
        rf"(?P<host>(?!{any_of('platforms', 'weak', 'slack')}|(?:a|the|my|our|your|"
        rf"may|june|monday|friday|tuesday|sunday|saturday)\b)[a-z][a-z0-9.]{{2,20}})"
        rf"(?=\s*(?:$|[.,;!)]|and|for|at|y|with))"
    )
