"""Reading a request into checked values: query, body, upload, and the headers that mean something.

Everything is bounded before it is parsed: bytes, depth, number of parameters. What is wrong is told by the name of the
field, never by repeating what was sent.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.core.errors import Problem
from bot.engine.api import Route, Upload
from integrations.media.kinds import kind_of
from integrations.media.metadata import without_metadata
from integrations.ocr.sizes import claimed_pixels

LARGEST_JSON, LARGEST_FILE = 64 * 1024, 10 * 1024 * 1024
DEEPEST = 12
MOST_PIXELS = 40_000_000
_MOST_PARAMETERS = 50
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CHUNK = 64 * 1024
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return the body, counted while it comes; raise Problem when it is larger than `limit`."""
    too_large = Problem(413, "too_large", f"The body may have {limit} bytes.")
    if (request.content_length or 0) > limit:
        raise too_large
    found = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        found += chunk
        if len(found) > limit:
            raise too_large
    return bytes(found)


def read_query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    """Return the query, checked; a parameter may come twice only where a list is taken."""
    given = request.query
    if len(given) > _MOST_PARAMETERS:
        raise Problem(400, "invalid", "Too many parameters.")
    values: dict[str, Any] = {}
    for name in given:
        known = next((f for key, f in model.model_fields.items() if (f.alias or key) == name), None)
        all_given = given.getall(name)
        if known is not None and get_origin(known.annotation) is tuple:
            values[name] = tuple(part for one in all_given for part in one.split(",") if part)
        elif len(all_given) > 1:
            raise Problem(400, "invalid", "Give this parameter once.", field=_plain(name))
        else:
            values[name] = all_given[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid(error, depth=1) from None


def read_json(body: bytes, model: type[BaseModel], media_type: str) -> BaseModel:
    """Return a JSON body, checked strictly."""
    if media_type != "application/json":
        raise Problem(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json.")
    if _depth(body) > DEEPEST:
        raise Problem(400, "invalid", f"JSON may be {DEEPEST} levels deep.")
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise _invalid(error) from None


def read_upload(body: bytes, route: Route) -> Upload:
    """Return a file, known by its bytes whatever it is called (MED-1), without what a camera said (MED-5)."""
    if not body:
        raise Problem(400, "empty", "The body is empty; send the file itself.")
    media_type = kind_of(body)
    if media_type not in route.takes:
        raise Problem(415, "unsupported_media_type", f"Send one of {', '.join(route.takes)}.")
    if (claimed_pixels(body, media_type.rpartition("/")[2]) or 0) > MOST_PIXELS:
        raise Problem(413, "too_large", "The picture may have 40 megapixels.")
    return Upload(media_type, hashlib.sha256(body).hexdigest(), without_metadata(body, media_type))


def matched_revision(header: str | None, *, needed: bool) -> int | None:
    """Return the revision of `If-Match`, None when any will do."""
    if header is None and needed:
        raise Problem(400, "if_match_needed", "Send the ETag that you last saw as If-Match.", field="If-Match")
    if header is None or header.strip() == "*":
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise Problem(400, "invalid", "If-Match is not an ETag of ours.", field="If-Match")
    return int(found[1])


def idempotency_key(header: str | None) -> str | None:
    """Return the key under which the answer is kept, None when there is none."""
    if header is not None and not _KEY.fullmatch(header):
        raise Problem(400, "invalid", "A key has 1 to 255 plain characters.", field="Idempotency-Key")
    return header


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for byte in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _invalid(error: ValidationError, *, depth: int = DEEPEST) -> Problem:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(_plain(str(part)) for part in first["loc"][:depth]) or None
    return Problem(400, "invalid", first["msg"].removeprefix("Value error, "), field=field)


def _plain(name: str) -> str:
    """Return a name as it may be repeated: of a made-up parameter only what a name of ours may hold."""
    return re.sub(r"[^A-Za-z0-9_-]", "", name)[:40]
