"""The first question: which city gave the ticket.

U> got a ticket in SF and the meter was broken
B> Is it a San Francisco, CA ticket? Reply OK or name the city.
U> ok
"""

from __future__ import annotations

import re

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import ages
from bot.engine.flow import End, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.flow.flow import PlaceMeant, appeal, ask, changed, draft_of, onward, take
from handlers.appeals.flow.words_meant import NO, OK, means
from handlers.appeals.place_names import Place
from handlers.appeals.recognition import recognise_city

_BUTTONS = ("us-ny-new_york", "us-ca-san_francisco", "us-ma-boston")
_KEPT = 2000
_MOST_PLACES = 5
_SPOKEN_WITH_Y = ("eu", "uni", "uti", "uk", "one")


@appeal.start
def begin(turn: Turn, text: str) -> Next | None:
    """Use the words that opened the appeal: a city to confirm, a number to keep. No child begins one (rule UPL-8)."""
    if ages.is_child(turn):
        turn.say("engine.age_child")
        return End()
    if any(p.frame.flow == appeal.name for p in turn.conversation.parked):
        return Goto("saved", forget=True)
    return _first_words(turn, text)


def _first_words(turn: Turn, text: str) -> Next | None:
    draft = draft_of(turn)
    draft.kept = text[:_KEPT]
    found = recognise_city(records.registry_of(turn.work), text) if text.strip() else None
    if found is None or not found.places:
        return None
    draft.places = [_meant(place) for place in found.places[:_MOST_PLACES]]
    return Goto("city_meant" if len(draft.places) == 1 else "city_which", forget=False)


def _meant(place: Place) -> PlaceMeant:
    return PlaceMeant(
        label=place.label, name=place.name, state=place.state, city_id=place.city_id, clocks=place.state_clocks
    )


@ask("saved")
def ask_saved(turn: Turn) -> Ask:
    """Offer the draft that waits."""
    return Ask(
        "appeals.saved.ask",
        choices=(Choice("go_on", key="appeals.saved.go_on", words=OK), Choice("new", key="appeals.saved.new")),
        expects=("choice",),
    )


@take("saved")
def take_saved(turn: Turn, answer: Answer) -> Next:
    """Bring the parked draft back, or begin with a new ticket."""
    if answer.choice == "new":
        return Goto("city", forget=True)
    conversation = turn.conversation
    at = max(n for n, p in enumerate(conversation.parked) if p.frame.flow == appeal.name)
    conversation.frames.pop()
    conversation.parked.append(conversation.parked.pop(at))
    from bot.engine import steps
    from bot.engine.flow import Stay

    steps.resume(turn)
    return Stay()


def _shown_city(turn: Turn) -> str | None:
    draft = draft_of(turn)
    city = records.city_of(turn.work, draft.facts.city_id)
    return f"{city.name}, {city.state}" if city else draft.elsewhere.label if draft.elsewhere else None


@ask("city", kept=_shown_city)
def ask_city(turn: Turn) -> Ask:
    """Ask for the city."""
    if turn.channel == "sms":
        return Ask("appeals.city.ask", expects=("text", "picture"))
    found = [city for one in _BUTTONS if (city := records.city_of(turn.work, one))]
    choices = [Choice(city.city_id, text=city.name.removesuffix(" City"), words=(city.name,)) for city in found]
    other = Choice("other", key="appeals.city.other")
    return Ask("appeals.city.ask", choices=(*choices, other), expects=("choice", "text", "picture"))


@take("city")
def take_city(turn: Turn, answer: Answer) -> Next:
    """Take a city; several or doubtful ones are asked about, a number or a photo is kept."""
    if answer.pictures:
        return _kept_photo(turn, answer)
    if answer.choice == "other":
        raise Mistake("appeals.city.type_it")
    if answer.choice:
        return accept_city(turn, answer.choice)
    return _named(turn, answer.text)


def _kept_photo(turn: Turn, answer: Answer) -> Next:
    from handlers.appeals.flow.photo import keep_photo

    return keep_photo(turn, answer)


def _named(turn: Turn, text: str) -> Next:
    draft = draft_of(turn)
    found = recognise_city(records.registry_of(turn.work), text)
    draft.kept = f"{draft.kept}\n{text}"[-_KEPT:]
    if not found.places:
        if re.search(r"\d{5,}", re.sub(r"\W", "", text)):
            raise Mistake("appeals.city.number_kept")
        raise Mistake("appeals.city.unknown")
    draft.places = [_meant(place) for place in found.places[:_MOST_PLACES]]
    if len(draft.places) > 1:
        return Goto("city_which")
    if not found.certain:
        return Goto("city_meant")
    turn.say("appeals.city.taken", city=draft.places[0].label)
    return _accept_place(turn, draft.places[0])


@ask("city_meant")
def ask_city_meant(turn: Turn) -> Ask:
    """Ask whether this city is meant."""
    places = draft_of(turn).places
    if not places:
        return ask_city(turn)
    choices = (
        Choice("ok", key="appeals.city.yes", words=OK, quiet=True),
        Choice("other", key="appeals.city.other", words=NO, quiet=True),
    )
    args = {"city": places[0].label, "a": article_of(places[0].label)}
    return Ask("appeals.city.meant", args, choices=choices, expects=("text", "choice", "picture"))


def article_of(name: str) -> str:
    """Return the English article before a name: "an Oakland ticket", but "a Eugene ticket", "a Union City ticket"."""
    spoken = name.casefold()
    return "an" if spoken.startswith(tuple("aeiou")) and not spoken.startswith(_SPOKEN_WITH_Y) else "a"


@take("city_meant")
def take_city_meant(turn: Turn, answer: Answer) -> Next:
    """Take OK, or another city."""
    draft = draft_of(turn)
    if answer.pictures:
        return _kept_photo(turn, answer)
    if answer.choice == "ok" and draft.places:
        return _accept_place(turn, draft.places[0])
    if answer.choice == "other" or means(answer.text, NO):
        return Goto("city", forget=True)
    return _named(turn, answer.text)


@ask("city_which")
def ask_city_which(turn: Turn) -> Ask:
    """Ask which of several places is meant."""
    choices = tuple(Choice(str(n), text=place.label) for n, place in enumerate(draft_of(turn).places))
    return Ask("appeals.city.which", choices=choices, expects=("choice", "text", "picture"))


@take("city_which")
def take_city_which(turn: Turn, answer: Answer) -> Next:
    """Take the picked place, or another name."""
    draft = draft_of(turn)
    if answer.pictures:
        return _kept_photo(turn, answer)
    if answer.choice is None:
        return _named(turn, answer.text)
    return _accept_place(turn, draft.places[int(answer.choice)])


def _accept_place(turn: Turn, place: PlaceMeant) -> Next:
    if place.city_id:
        return accept_city(turn, place.city_id)
    draft = draft_of(turn)
    _forget_number(turn)
    slug = re.sub(r"[^a-z]+", "_", place.name.casefold()).strip("_") or "unnamed"
    draft.elsewhere, draft.facts.city_id = place, f"us-{place.state.lower()}-{slug}"
    draft.case_id = None
    return onward(turn)


def accept_city(turn: Turn, city_id: str) -> Next:
    """Take the city; what was said before it was known is used now (AC-1, CONV-4)."""
    draft = draft_of(turn)
    city = records.city_of(turn.work, city_id)
    if draft.facts.city_id != city_id:
        _forget_number(turn)
        draft.case_id = None
    draft.elsewhere, draft.facts.city_id = None, city_id
    draft.facts.record_version = city.version if city else None
    draft.places = []
    changed(turn, "ticket", "dates")
    if draft.facts.number is None and draft.kept:
        _use_kept(turn)
    return _read_kept(turn) or onward(turn)


def _forget_number(turn: Turn) -> None:
    """A number was checked for one city only (rule NUM-1): for another one it is checked again."""
    facts = draft_of(turn).facts
    if facts.number:
        draft_of(turn).kept = f"{draft_of(turn).kept}\n{facts.number}"
    facts.number = facts.number_status = facts.agency_answer = None
    facts.substitutions, facts.earlier_numbers = [], []


def _read_kept(turn: Turn) -> Next | None:
    """Have the photos read that came before the city; where no letter can go, nothing is read."""
    from handlers.appeals.flow.photo import read_blobs
    from handlers.appeals.flow.rules import refusal

    draft = draft_of(turn)
    photos, draft.photos = draft.photos, []
    if not photos or draft.facts.number is not None or draft.number_meant or draft.candidates or refusal(turn):
        return None
    return read_blobs(turn, photos)


def _use_kept(turn: Turn) -> None:
    """Check the numbers and dates that were sent before the city; what does not fit is simply asked for."""
    from handlers.appeals.flow.issued import take_date_too
    from handlers.appeals.flow.number import accept_number
    from handlers.appeals.flow.rules import refusal

    draft = draft_of(turn)
    text, draft.kept = draft.kept, ""
    if refusal(turn) is not None:
        draft.kept = text
        return
    try:
        accept_number(turn, text)
    except Mistake:
        draft.facts.earlier_numbers = []
    if draft.facts.number:
        turn.say("appeals.number.taken", number=draft.facts.number)
    take_date_too(turn, text)
