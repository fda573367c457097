"""Citation numbers: is this a number of the chosen city, and how sure is that? (rules NUM-1 to NUM-9)

    check_number(city, "Ticket no.: 9OO 000 417")  ->  900000417, needs_confirm, two substitutions

The city comes first: a number never selects or changes it. Confusions are read only where every format is digits, at
most two, and never silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from handlers.appeals.citation_text import CONFUSIONS, Group, Sureness, groups_of, normalise, plain_text, reads_as_date
from handlers.appeals.city import CitationFormat, City, Strength

MAX_SUBSTITUTIONS = 2
SHORTEST, LONGEST = 5, 12
LEAST_DIGITS = 2
SHORT_ANSWER = 24
_ORDER: tuple[Strength, ...] = ("measured", "plausible", "weak", "unconfirmed")


class NumberStatus(Enum):
    """Where a number stands; `OK`, `USER_CONFIRMED`, `UNUSUAL` and `OPERATOR_APPROVED` may go into a letter."""

    OK = "ok"
    NEEDS_CONFIRM = "needs_confirm"
    ASK_AGAIN = "ask_again"
    SEVERAL = "several"
    NOT_A_NUMBER = "not_a_number"
    USER_CONFIRMED = "user_confirmed"
    UNUSUAL = "unusual"
    REJECTED = "rejected"
    OPERATOR_APPROVED = "operator_approved"


ACCEPTED = frozenset(
    {NumberStatus.OK, NumberStatus.USER_CONFIRMED, NumberStatus.UNUSUAL, NumberStatus.OPERATOR_APPROVED}
)


@dataclass(frozen=True, slots=True)
class Substitution:
    """One character that was read as another: `position` counts from 0 in the normalised number."""

    position: int
    read: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """The result of a check (rule NUM-8); `reason` says why it is not simply `ok`."""

    city_id: str
    status: NumberStatus
    normalized: str | None = None
    strength: Strength | None = None
    substitutions: tuple[Substitution, ...] = ()
    reason: str | None = None
    candidates: tuple[str, ...] = ()
    hint: str | None = None

    @property
    def accepted(self) -> bool:
        """Say whether the number may go into a letter as it is."""
        return self.status in ACCEPTED

    @property
    def needs_confirm(self) -> bool:
        """Say whether the number is taken when the person confirms it, or types the same once more."""
        repeatable = self.status is NumberStatus.ASK_AGAIN and self.reason == "unusual_format"
        return repeatable or self.status is NumberStatus.NEEDS_CONFIRM

    def confirmed(self) -> NumberCheck:
        """Return the result after the person said "exactly as printed"; only a number waiting for that changes."""
        if self.status is not NumberStatus.NEEDS_CONFIRM:
            return self
        return replace(self, status=NumberStatus.USER_CONFIRMED)

    def approved(self) -> NumberCheck:
        """Return the result after an operator approved a rejected number."""
        return replace(self, status=NumberStatus.OPERATOR_APPROVED)


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: str
    strength: Strength | None
    sureness: Sureness
    looks_like: str | None
    substitutions: tuple[Substitution, ...] = ()


def last_four(number: str) -> str:
    """Return the masked form for everywhere but the fact check, the preview and the letter (rule NUM-7)."""
    return f"...{number[-4:]}"


def check_number(
    city: City, text: str, *, own_phone: str | None = None, today: date | None = None, earlier: Iterable[str] = ()
) -> NumberCheck:
    """Check what a person typed, or what was read from a photo, against one city's formats.

    `earlier` holds the normalised numbers that this person already typed in vain: a second miss of a measured format
    is rejected, the same unusual number twice is taken as typed (rule NUM-5).
    """
    groups = groups_of(text)
    found = (
        _spelt_out(city, text, groups) or _candidates(city, groups) or _candidates(city, _whole_answer(text, groups))
    )
    found = [_with_look(candidate, own_phone, today) for candidate in found]
    if not found:
        return _missed(city, text, groups, tuple(earlier))
    best = max(candidate.sureness for candidate in found)
    unique = {candidate.number: candidate for candidate in reversed(found) if candidate.sureness == best}
    if len(unique) > 1:
        numbers = tuple(reversed(unique))
        return _result(city, NumberStatus.SEVERAL, reason="several_numbers", candidates=numbers)
    return _judged(city, next(iter(unique.values())))


def _judged(city: City, candidate: _Candidate) -> NumberCheck:
    """Turn the one candidate into a result: a look-alike, a substitution or a weak format asks first."""
    if candidate.looks_like:
        reason = f"looks_like_{candidate.looks_like}"
    elif candidate.substitutions:
        reason = "confusions"
    elif candidate.strength is None:
        reason = "format_unknown"
    else:
        reason = {"weak": "weak_format", "unconfirmed": "unconfirmed_format"}.get(candidate.strength, "")
    return _result(
        city,
        NumberStatus.NEEDS_CONFIRM if reason else NumberStatus.OK,
        normalized=candidate.number,
        strength=candidate.strength,
        substitutions=candidate.substitutions,
        reason=reason or None,
    )


def _missed(city: City, text: str, groups: list[Group], earlier: tuple[str, ...]) -> NumberCheck:
    """Answer when nothing matches: no number at all, too many confusions, or a number of another shape."""
    raw = _loose_number(text, groups)
    if raw is None:
        return _result(city, NumberStatus.NOT_A_NUMBER, reason="not_a_number")
    if _digits_only(city) and not raw.isdigit() and _format_of(city, _as_digits(raw)[0]):
        return _result(city, NumberStatus.ASK_AGAIN, reason="too_many_confusions")
    typed = raw.upper()
    if any(shape.strength == "measured" for shape in city.citation_formats):
        status = NumberStatus.REJECTED if earlier else NumberStatus.ASK_AGAIN
        return _result(city, status, normalized=typed, reason="no_match")
    status = NumberStatus.UNUSUAL if typed in earlier else NumberStatus.ASK_AGAIN
    return _result(city, status, normalized=typed, reason="unusual_format")


def _result(
    city: City,
    status: NumberStatus,
    *,
    normalized: str | None = None,
    strength: Strength | None = None,
    substitutions: tuple[Substitution, ...] = (),
    reason: str | None = None,
    candidates: tuple[str, ...] = (),
) -> NumberCheck:
    return NumberCheck(
        city_id=city.city_id,
        status=status,
        normalized=normalized,
        strength=strength,
        substitutions=substitutions,
        reason=reason,
        candidates=candidates,
        hint=next((shape.hint for shape in city.citation_formats if shape.hint), None),
    )


def _spelt_out(city: City, text: str, groups: list[Group]) -> list[_Candidate]:
    """Take "26 00 41 K" as one number where numbers hold letters: a letter on its own belongs to it."""
    atoms = plain_text(text).split()
    if _digits_only(city) or len(atoms) < 2 or not all(len(atom) == 1 or any(map(str.isdigit, atom)) for atom in atoms):
        return []
    return _candidates(city, _whole_answer(text, groups))


def _whole_answer(text: str, groups: list[Group]) -> list[Group]:
    """Take a short answer as one number ("hx 12 34 56"), unless part of it is plainly something else."""
    if len(text) > SHORT_ANSWER or any(group.looks_like for group in groups):
        return []
    return [Group((normalise(text),))]


def _loose_number(text: str, groups: list[Group]) -> str | None:
    """Return what the person seems to mean as a number, whatever its shape, with its case."""
    raws = [group.raw for group in groups]
    if len(text) <= SHORT_ANSWER:
        raws.append(normalise(text))
    return max((raw for raw in raws if _is_numeric(raw)), key=len, default=None)


def _is_numeric(raw: str) -> bool:
    """Say whether letters and digits could be a number at all (rule NUM-3): "hello" and "12" never are."""
    return SHORTEST <= len(raw) <= LONGEST and sum(c.isdigit() for c in raw) >= LEAST_DIGITS


def _candidates(city: City, groups: list[Group]) -> list[_Candidate]:
    """Find the city's numbers: exact ones first, then across line breaks, then with confusions read as digits."""
    unbroken = [group for group in groups if not group.broken]
    look_alikes: list[_Candidate] = []
    for read in (_exact, _confused):
        for some in (unbroken, groups) if len(unbroken) < len(groups) else (groups,):
            found = [candidate for group in some for candidate in _in_group(city, group, read)]
            if any(candidate.sureness > Sureness.LOOK_ALIKE for candidate in found):
                return found
            look_alikes = look_alikes or found
    return look_alikes


_Reading = tuple[str, Strength | None, tuple[Substitution, ...]]


def _in_group(city: City, group: Group, read: Callable[[City, str], _Reading | None]) -> list[_Candidate]:
    """Return the numbers in one group; parts that are only letters join in when nothing is found without them."""
    found: list[_Candidate] = []
    at = 0
    for lettered in (False, True) if any(part.isalpha() for part in group.parts) else (False,):
        while at < len(group.parts):
            size, reading = _longest(city, group.parts[at : at + LONGEST], read, lettered)
            if reading is not None:
                found.append(_Candidate(reading[0], reading[1], group.sureness, group.looks_like, reading[2]))
            at += size
        if found:
            return found
        at = 0
    return found


def _longest(
    city: City, parts: tuple[str, ...], read: Callable[[City, str], _Reading | None], lettered: bool
) -> tuple[int, _Reading | None]:
    """Return how many leading parts make the longest number, and its reading."""
    for size in range(len(parts), 0, -1):
        joined = "".join(parts[:size])
        fits = SHORTEST <= len(joined) <= LONGEST
        if fits and (lettered or all(any(c.isdigit() for c in part) for part in parts[:size])):
            reading = read(city, joined)
            if reading is not None:
                return size, reading
    return 1, None


def _exact(city: City, raw: str) -> _Reading | None:
    number = raw.upper()
    if not city.citation_formats:
        return (number, None, ()) if _is_numeric(number) and number.isalnum() else None
    shape = _format_of(city, number)
    return (number, shape.strength, ()) if shape and _is_numeric(number) else None


def _confused(city: City, raw: str) -> _Reading | None:
    """Read look-alike letters as digits, where every format is digits and at most two were needed (rule NUM-4)."""
    if not _digits_only(city):
        return None
    number, substitutions = _as_digits(raw)
    shape = _format_of(city, number)
    return (number, shape.strength, substitutions) if shape and len(substitutions) <= MAX_SUBSTITUTIONS else None


def _as_digits(raw: str) -> tuple[str, tuple[Substitution, ...]]:
    changed = tuple(Substitution(at, c, CONFUSIONS[c]) for at, c in enumerate(raw) if c in CONFUSIONS)
    return "".join(CONFUSIONS.get(c, c) for c in raw), changed


def _digits_only(city: City) -> bool:
    shapes = city.citation_formats
    return bool(shapes) and all(shape.charset == "digits" for shape in shapes)


def _format_of(city: City, number: str) -> CitationFormat | None:
    """Return the strongest format that a number matches."""
    matching = [shape for shape in city.citation_formats if re.fullmatch(shape.regex, number, re.ASCII)]
    return min(matching, key=lambda shape: _ORDER.index(shape.strength), default=None)


def _with_look(candidate: _Candidate, own_phone: str | None, today: date | None) -> _Candidate:
    """Mark the sender's own telephone number and eight digits that are a date (rule NUM-6)."""
    looks_like = candidate.looks_like
    if own_phone and candidate.number == re.sub(r"\D", "", own_phone)[-10:]:
        looks_like = "own_phone"
    elif not looks_like and today and reads_as_date(candidate.number, today):
        looks_like = "date"
    return replace(candidate, looks_like=looks_like, sureness=Sureness.LOOK_ALIKE) if looks_like else candidate
