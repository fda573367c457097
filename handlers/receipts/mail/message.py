"""From the raw bytes of a mail to the pieces that matter, whatever the bytes are (rules EML-4, EML-5, EML-8).

Nothing here raises for a broken mail, and work is bounded: parts beyond the limits, nested too deep or in too many
pieces are left unread and named in `skipped`. Headers are read with the older, forgiving rules of the standard library;
its newer ones raise at many malformed headers.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from bot.core.calls.mail import MailParty
from handlers.receipts.mail.pictures import kind_of, shorter_side

MOST_BYTES, MOST_PARTS, MOST_PIECES, DEEPEST = 20 * 1024 * 1024, 20, 300, 25
LONGEST_TEXT, LONGEST_HEADER = 2_000_000, 2_000
SMALL_BYTES, SMALL_PIXELS = 10_000, 200
_WORK = 20_000_000
"""Lines times boundaries: the parser looks for every open boundary in every line."""
_BROKEN = (HeaderParseError, LookupError, ValueError, binascii.Error)


@dataclass(frozen=True, slots=True)
class Part:
    """An attached PDF or picture; the media type is what its bytes are."""

    name: str
    media_type: str
    data: bytes


@dataclass(slots=True)
class Pieces:
    """What a mail is made of. `html` and `text` are of the innermost attached mail, when one is attached."""

    head: Message
    inner: Message
    html: str = ""
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def pieces_of(raw: bytes) -> Pieces:
    """Take a mail apart; of one that is too large or too deeply nested only the head is read."""
    boundaries = raw.lower().count(b"boundary=")
    if len(raw) > MOST_BYTES * 3 // 2 or boundaries * raw.count(b"\n") > _WORK:
        return _head_only(raw, "too_large")
    try:
        message = message_from_bytes(raw)
    except (RecursionError, *_BROKEN):
        return _head_only(raw, "unreadable")
    found = Pieces(message, message)
    left = MOST_BYTES
    for count, (part, related) in enumerate(_leaves(message, found)):
        if count >= MOST_PIECES:
            found.skipped.append("too_many")
            break
        data = _payload(part)
        left -= len(data)
        if left < 0:
            found.skipped.append("too_large")
            break
        _take(found, part, data, related=related)
    return found


def _head_only(raw: bytes, why: str) -> Pieces:
    head = BytesHeaderParser().parsebytes(raw[:200_000].split(b"\r\n\r\n")[0].split(b"\n\n")[0])
    return Pieces(head, head, skipped=[why])


def _leaves(message: Message, found: Pieces) -> Iterator[tuple[Message, bool]]:
    """Yield the parts that hold no others, with whether they belong to a page (`multipart/related`)."""
    waiting = [(message, 0, False)]
    while waiting:
        part, depth, related = waiting.pop(0)
        payload = part.get_payload()
        if not part.is_multipart() or not isinstance(payload, list):
            yield part, related
        elif depth >= DEEPEST:
            found.skipped.append("too_deep")
        else:
            if part.get_content_type() == "message/rfc822" and payload and isinstance(payload[0], Message):
                found.inner, found.html, found.text = payload[0], "", ""
            inside = part.get_content_type() == "multipart/related"
            waiting[:0] = [(one, depth + 1, inside) for one in payload if isinstance(one, Message)]


def _take(found: Pieces, part: Message, data: bytes, *, related: bool) -> None:
    kind = _word(part.get_content_type())
    name = file_name(part)
    attached = _word(str(part.get("Content-Disposition") or "")).startswith("attachment")
    if kind in ("text/plain", "text/html") and not attached and not name:
        where = "html" if kind == "text/html" else "text"
        joined = getattr(found, where) + _decoded(data, part)
        setattr(found, where, joined[:LONGEST_TEXT])
        return
    if not data:
        return
    media_type = kind_of(data)
    if media_type is None:
        if attached or name:
            found.skipped.append("file")
    elif media_type != "application/pdf" and _is_logo(part, data, attached=attached, related=related):
        found.skipped.append("logo")
    elif len(found.parts) >= MOST_PARTS:
        found.skipped.append("too_many")
    else:
        found.parts.append(Part(name, media_type, data))


def _is_logo(part: Message, data: bytes, *, attached: bool, related: bool) -> bool:
    """Tell whether a picture belongs to the page and is too small to be a receipt (rule EML-8)."""
    inline = related or not attached or part.get("Content-ID") is not None
    side = shorter_side(data)
    return inline and (len(data) < SMALL_BYTES or (side is not None and side < SMALL_PIXELS))


def _payload(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _BROKEN:
        return b""
    return data if isinstance(data, bytes) else b""


def _decoded(data: bytes, part: Message) -> str:
    try:
        charset = part.get_content_charset() or "utf-8"
        text = data.decode(charset, "replace")
    except _BROKEN:
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\0", "")


def _word(text: str) -> str:
    return text.strip().lower()


def file_name(part: Message) -> str:
    """Return the bare name of an attached file, without folders and control characters."""
    try:
        name = decoded(part.get_filename() or "")
    except _BROKEN:
        return ""
    return re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1])[:100]


# -- headers ---------------------------------------------------------------------------------------------------------


def header(message: Message, name: str) -> str:
    """Return a header's first value, decoded, in one line, cut to a sane length."""
    return decoded(str(message.get(name) or "")[:LONGEST_HEADER])


def decoded(value: str) -> str:
    """Return a header's value with its encoded words read."""
    try:
        pieces = decode_header(re.sub(r"\s+", " ", value))
        text = "".join(
            one if isinstance(one, str) else one.decode(charset or "utf-8", "replace") for one, charset in pieces
        )
    except _BROKEN:
        text = value
    return re.sub(r"[\x00-\x1f\x7f\ufffd\ud800-\udfff]+", " ", text).strip()


def party(value: str) -> MailParty:
    """Return address and name from `Name <address>`; empty where there is no address."""
    value = decoded(value[:LONGEST_HEADER])
    whole = re.fullmatch(
        r"([^<>]*)<([^<>]*)>[\s;,]*", value
    )  # names with commas come unquoted where a mail is forwarded
    try:
        found = [(whole[1], whole[2].strip())] if whole else getaddresses([value])
    except _BROKEN:
        found = []
    for name, address in found:
        if re.fullmatch(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}", address):
            return MailParty(address.lower(), name.strip(" '\"")[:100])
    return MailParty("", found[0][0].strip()[:100] if found else "")


def message_id(message: Message, raw: bytes) -> str:
    """Return the Message-ID; for a mail without one a name made from its bytes."""
    told = header(message, "Message-ID").strip(" <>")
    return told or f"sha256:{hashlib.sha256(raw).hexdigest()}"


def sent_day(message: Message) -> str:
    """Return the day of the Date header in its own zone, in ISO form; empty when there is none."""
    try:
        return parsedate_to_datetime(header(message, "Date")).date().isoformat()
    except (TypeError, *_BROKEN):
        return ""


_AUTOMATIC = ("List-Id", "List-Unsubscribe", "List-Post", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
_MAILERS = ("mailer-daemon@", "postmaster@", "bounce@", "bounces@")


def is_automatic(message: Message) -> bool:
    """Tell whether a machine sent a mail by itself: a list, a bounce, an auto-reply (RFC 3834, RFC 2369)."""
    submitted = header(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if header(message, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
        return True
    bounced = header(message, "Return-Path") == "<>" or message.get_content_type() == "multipart/report"
    sender = party(str(message.get("From") or "")).address
    return bounced or sender.startswith(_MAILERS) or any(message.get(name) is not None for name in _AUTOMATIC)
