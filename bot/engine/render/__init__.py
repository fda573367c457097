"""How a message looks on each channel, decided by the channel's capabilities and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.core.prompts import Ask
from bot.engine.render.mms import LIFE, PictureTexts
from bot.engine.render.sms import render_sms
from bot.engine.render.telegram import render_telegram
from bot.engine.standing import data_of
from bot.engine.state import Prompt
from storage.links import make_link

if TYPE_CHECKING:
    from bot.engine.turn import Address, Outgoing, Turn


def render(
    turn: Turn,
    address: Address,
    *,
    text: str,
    files: list[tuple[int, str]],
    ask: Ask | None,
    prompt: Prompt | None,
    outgoing: Outgoing,
) -> list[Any]:
    """Return the calls that show a message at an address, in order."""
    link = (turn.text(ask.link[0]), ask.link[1]) if ask and ask.link else outgoing.link
    purpose = outgoing.purpose
    labels = [choice[1] for choice in prompt.choices] if prompt else []
    if address.channel == "telegram":
        chat_id = int(address.handle.split(":")[-1])
        return list(render_telegram(chat_id, text, labels=labels, datas=_datas(ask, prompt), link=link, files=files))
    brand = purpose not in ("reply", "code") or turn.conversation.notes.get("sms_branded") is None
    turn.conversation.notes["sms_branded"] = 1
    allowed: PictureTexts = turn.registry.settings.get(PictureTexts) or PictureTexts()
    pictures, rest = allowed.parted(address.handle, files, turn.sizes)
    pages = [private_page(turn, blob, name) for blob, name in rest[:1]]
    media = [private_page(turn, blob, name, life=LIFE) for blob, name in pictures]
    sms = render_sms(address.handle, text, labels=labels, link=link, pages=pages, brand=brand, purpose=purpose)
    return [replace(sms, media_urls=media)] if media else [sms]


def _datas(ask: Ask | None, prompt: Prompt | None) -> list[str]:
    """Return what each button sends back: its place in the question, or what it does by itself."""
    if ask is None or prompt is None:
        return []
    return [
        data_of(choice.standing) if choice.standing else f"{prompt.id}:{number}"
        for number, choice in enumerate(ask.choices)
    ]


def private_page(turn: Turn, blob: int, name: str, *, life: timedelta = timedelta(hours=24)) -> str:
    """Make a page on our own domain for a file that the channel cannot carry, valid for 24 hours (rule CONV-2)."""
    token = make_link(turn.work, kind="d", target=blob, name=name, expires=turn.now + life, person_id=turn.person_id)
    return f"{turn.registry.public_url}/d/{token}"


__all__ = ["PictureTexts", "private_page", "render", "render_sms", "render_telegram"]
