"""The city's own ways to ask for a review, in words; by SMS on a page of ours, which names no other domain (CONV-2)."""

from __future__ import annotations

from bot.engine.render import private_page
from bot.engine.turn import Turn
from handlers.appeals.city import City
from handlers.appeals.gates import free_routes
from storage import blobs

PAGE = "ways.txt"
MOST = 3


def ways(turn: Turn, city: City | None) -> list[str]:
    """Return the free ways in words, the better attested first."""
    return [f"{turn.text(f'appeals.route.{route.kind}')} {route.value}" for route in free_routes(city)][:MOST]


def ways_page(turn: Turn, found: list[str]) -> int:
    """Keep the ways as a page and return its blob."""
    blob = turn.work.ids.next()
    data = "\n".join(found).encode()
    blobs.keep(turn.work, blob_id=blob, data=data, media_type="text/plain; charset=utf-8", person_id=turn.person_id)
    return blob


def ways_link(turn: Turn, found: list[str]) -> str:
    """Keep the ways as a page and return its address, for a message that is no reply and so shows no files."""
    return private_page(turn, ways_page(turn, found), PAGE)
