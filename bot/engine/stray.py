"""Pictures that no step waits for (rules SMS-43, UX-21): the one service that takes them, else a question.

    U> (photo)
    B> What is this photo for? 1 A receipt 2 Your ticket 3 None of them
    U> 1
    B> Saved as a receipt. ...

The open step had its refusal already. What a taker says comes before the question that is due by then.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from bot.core.calls.channels import StoredMedia
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import navigation, steps
from bot.engine.flow import End, Flow, Next, Stay
from bot.engine.registry import Registry
from bot.engine.turn import Turn

NONE = "none"


class Pictures(BaseModel):
    """What waits for the person's word."""

    media: list[StoredMedia] = Field(default_factory=list)
    caption: str = ""


stray = Flow("stray", Pictures, version=1, first="which")


def register(registry: Registry) -> None:
    """Register the question."""
    registry.add_flow(stray)


def place(turn: Turn, answer: Answer) -> None:
    """Give files that the open step refused to whom they belong; the person decides between several."""
    frame, takers = turn.conversation.top, turn.registry.photo_takers
    waits = frame is not None and frame.call is not None
    if answer.voices and not answer.pictures and frame is None and turn.registry.voice_takers:
        turn.registry.voice_takers[0](turn, answer)
    elif not answer.pictures or waits:
        _refuse(turn)
    elif any(claim(turn, answer) for claim in turn.registry.photo_claims):
        return
    elif len(takers) == 1:
        takers[0].take(turn, answer)
    elif stray.name in turn.registry.flows and (takers or (frame is None and _choices(turn))):
        kept = Pictures(media=list(answer.pictures), caption=answer.text).model_dump(mode="json")
        steps.open_flow(turn, stray.name, draft=kept)
    else:
        _refuse(turn)


def _refuse(turn: Turn) -> None:
    turn.say("engine.media_unexpected")
    turn.menu = turn.conversation.top is None


def _choices(turn: Turn) -> tuple[Choice, ...]:
    """Return the services that take pictures; without any, the flows of the menu."""
    takers = tuple(taker.choice for taker in turn.registry.photo_takers)
    if takers:
        return takers
    entries = [entry for entry in turn.registry.menu if entry[0] in turn.registry.flows]
    return tuple(Choice(value, key=key, words=tuple(words.split())) for value, key, words in entries)


@stray.ask("which", effort=False)
def ask_which(turn: Turn) -> Ask:
    """Ask what the picture is for."""
    none = Choice(NONE, key="engine.photo_none", words=("none", "neither", "no", "nothing"))
    return Ask("engine.photo_for", choices=(*_choices(turn), none), expects=("choice", "picture"))


@stray.take("which")
def take_which(turn: Turn, answer: Answer) -> Next:
    """Hand the pictures over; more of them join those that wait."""
    if answer.pictures:
        turn.draft.media = [*turn.draft.media, *answer.pictures]
        return Stay()
    kept: Pictures = turn.draft
    steps.follow(turn, End())
    given = Answer(text=kept.caption, media=tuple(kept.media))
    taker = next((one for one in turn.registry.photo_takers if one.choice.value == answer.choice), None)
    if taker is not None:
        taker.take(turn, given)
    elif answer.choice in turn.registry.flows:
        _begin(turn, str(answer.choice), given)
    else:
        turn.say("engine.photo_aside")
        turn.menu = True
    return Stay()


def _begin(turn: Turn, name: str, given: Answer) -> None:
    """Begin what the picture is for; a first question about something else leaves the picture for later."""
    navigation.begin(turn, name, given.text)
    ask = steps.question(turn)
    if ask is not None and "picture" in ask.expects:
        steps.take(turn, given)
    else:
        turn.say("engine.photo_later")
