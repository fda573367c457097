"""Letters: made once per key, found by metadata, cancelled inside the window."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from integrations.fakes.kit import Upload
from integrations.fakes.lob.fields import Fields, is_domestic, read_letter
from integrations.fakes.lob.pages import check_length, count_pages
from integrations.fakes.lob.refusal import LobRefusal

if TYPE_CHECKING:
    from integrations.fakes.lob.server import LobFake

KEY_LIFE = timedelta(hours=24)
CANCEL_WINDOW = timedelta(minutes=5)
_LIST_FILTERS = ("status", "mail_type", "send_date", "color")


def iso(moment: datetime) -> str:
    """Return a moment as Lob writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def shown(letter: Fields) -> Fields:
    """Return a letter as the outside sees it."""
    return {name: value for name, value in letter.items() if not name.startswith("_")}


class Letters:
    """The letters of one account, test and live apart."""

    def __init__(self, lob: LobFake) -> None:
        self._lob = lob
        self.shelf = lob.book.shelf("letter")
        self._keys = lob.book.shelf("idempotency")

    # -- creating ------------------------------------------------------------------------------------------------

    def create(self, mode: str, key: str | None, given: Mapping[str, Any], upload: Upload | None) -> Fields:
        """Make a letter, or return the one that this key made in the last 24 hours."""
        known = self._known(mode, key)
        if known is not None:
            return shown(known)
        now = self._lob.clock.now()
        values = {**given, **({"file": upload.filename or "upload"} if upload else {})}
        fields = read_letter(values, now)
        pages = self._pages(fields, upload)
        letter = self._letter(mode, fields, now)
        letter["_pages"] = pages
        if upload:
            self._lob.attachments.put(f"{letter['id']}.pdf", upload.data)
            letter["_sha256"] = hashlib.sha256(upload.data).hexdigest()
        facts = {"mode": mode, "key": key, "metadata": fields["metadata"], "extra_service": fields["extra_service"]}
        self.shelf.put(letter["id"], letter, kind="letter.created", pages=pages, **facts)
        if key is not None:
            self._keys.put(f"{mode}:letters:{key}", {"letter": letter["id"], "at": now.isoformat()})
        self._lob.post.accept(letter["id"])
        return shown(letter)

    def _known(self, mode: str, key: str | None) -> Fields | None:
        kept = self._keys.get(f"{mode}:letters:{key}") if key is not None else None
        if kept is None or datetime.fromisoformat(kept["at"]) + KEY_LIFE <= self._lob.clock.now():
            return None
        return self.shelf[kept["letter"]]

    def _pages(self, fields: Fields, upload: Upload | None) -> int:
        if upload is None:
            return self._pages_of_text(str(fields["file"]))
        pages = count_pages(upload.data, fields["size"])
        extra = 1 if fields["address_placement"] == "insert_blank_page" else 0
        check_length(pages + extra, domestic=is_domestic(fields["to"]), double_sided=fields["double_sided"])
        if fields["perforated_page"] is not None and not 1 <= fields["perforated_page"] <= pages:
            raise LobRefusal("perforated_page must be a page of the file")
        return pages

    def _pages_of_text(self, text: str) -> int:
        """Accept HTML (longer text is cut silently, as Lob does); links and templates cannot be fetched here."""
        if "<" not in text:
            raise LobRefusal("file could not be downloaded", "invalid_file_url")
        if len(text) > 10_000:
            raise LobRefusal("file must be at most 10000 characters when given as HTML")
        return 1

    def _letter(self, mode: str, fields: Fields, now: datetime) -> Fields:
        id = self._lob.make_hex("ltr_", 16)
        send = fields["send_date"] or now + CANCEL_WINDOW
        certified = str(fields["extra_service"]).startswith("certified")
        expires = int((now + timedelta(days=30)).timestamp())
        link = f"https://lob-assets.com/letters/{id}_signature.pdfversion=v1&expires={expires}&signature=demo"
        kept = (
            "description metadata color double_sided address_placement extra_service mail_type perforated_page "
            "use_type fsc return_envelope"
        )
        return {
            "id": id,
            "object": "letter",
            **{name: fields[name] for name in kept.split()},
            "to": self._address(fields["to"], now),
            "from": self._address(fields["from"], now),
            "url": link,
            "thumbnails": [],
            "carrier": "USPS",
            "tracking_number": self._tracking_number(mode) if certified else None,
            "tracking_events": [],
            "expected_delivery_date": _working_days_after(send.date(), 5).isoformat(),
            "send_date": iso(send),
            "date_created": iso(now),
            "date_modified": iso(now),
            "status": "processed",
            "custom_envelope": None,
            "merge_variables": None,
            "deleted": False,
            "_mode": mode,
            "_cancel_until": send.isoformat(),
        }

    def _tracking_number(self, mode: str) -> str:
        """Return a number; with a test key it is a dummy that no carrier knows (LOB-14)."""
        if mode == "test":
            return "92071902358909000011275538"
        return "9407" + str(self._lob.random_number(18)).zfill(18)

    def _address(self, fields: Fields, now: datetime) -> Fields:
        country = "UNITED STATES" if is_domestic(fields) else fields["address_country"]
        upper = {
            name: fields[name].upper() if fields[name] else fields[name]
            for name in ("name", "company", "address_line1", "address_line2", "address_city", "address_state")
        }
        named = {name: value for name, value in upper.items() if value or name not in ("name", "company")}
        return {
            "id": self._lob.make_hex("adr_", 16),
            "object": "address",
            "description": fields["description"],
            **named,
            "phone": fields["phone"],
            "email": fields["email"],
            "address_zip": fields["address_zip"],
            "address_country": country,
            "metadata": {},
            "date_created": iso(now),
            "date_modified": iso(now),
            **({"recipient_moved": False} if is_domestic(fields) else {}),
        }

    # -- reading and cancelling ----------------------------------------------------------------------------------

    def find(self, mode: str, id: str) -> Fields:
        """Return a letter of that mode; raise LobRefusal when there is none."""
        found = self.shelf.get(id)
        if found is None or found["_mode"] != mode:
            raise LobRefusal("letter not found", "not_found", 404)
        return found

    def cancel(self, mode: str, id: str) -> Fields:
        """Delete a letter inside its window."""
        found = self.find(mode, id)
        late = datetime.fromisoformat(found["_cancel_until"]) <= self._lob.clock.now()
        if found["deleted"] or late or found["status"] == "failed":
            raise LobRefusal("This letter can no longer be cancelled", "not_deletable")
        self.shelf.patch(id, {"deleted": True, "date_modified": iso(self._lob.clock.now())}, kind="letter.deleted")
        self._lob.post.stop(id)
        self._lob.post.tell(id, "deleted")
        return {"id": id, "deleted": True}

    def search(self, mode: str, query: Mapping[str, Any]) -> Fields:
        """Answer `GET /letters`: filters, newest first unless sorted, cursors `after` and `before`."""
        self._check_query(query)
        found = [letter for letter in self.shelf if letter["_mode"] == mode and _meets(letter, query)]
        sort = query.get("sort_by", {"date_created": "desc"})
        (field, order), *_ = sort.items()
        found.sort(key=lambda letter: letter[field])
        if order == "desc":
            found.reverse()
        return self._page(found, query)

    def _check_query(self, query: Mapping[str, Any]) -> None:
        known = {
            *_LIST_FILTERS,
            "limit",
            "after",
            "before",
            "include",
            "date_created",
            "metadata",
            "sort_by",
            "scheduled",
        }
        for name in query:
            if name not in known | {"campaign_id"}:
                raise LobRefusal(f"{name} is not allowed")
        limit = str(query.get("limit", "10"))
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            raise LobRefusal("limit must be between 1 and 100")
        sort = query.get("sort_by", {"date_created": "desc"})
        if not isinstance(sort, dict) or not set(sort) <= {"date_created", "send_date"} or not sort:
            raise LobRefusal("sort_by must be one of [date_created, send_date]")
        if not isinstance(query.get("metadata", {}), dict):
            raise LobRefusal("metadata must be an object")

    def _page(self, found: list[Fields], query: Mapping[str, Any]) -> Fields:
        limit, ids = int(query.get("limit", 10)), [letter["id"] for letter in found]
        start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        if query.get("before") in ids:
            start = max(0, ids.index(query["before"]) - limit)
        part = found[start : start + limit]
        more, earlier = start + limit < len(found), start > 0
        answer: Fields = {
            "object": "list",
            "data": [shown(letter) for letter in part],
            "count": len(part),
            "next_url": self._link(limit, "after", part[-1]["id"]) if more else None,
            "previous_url": self._link(limit, "before", part[0]["id"]) if earlier and part else None,
        }
        if "total_count" in query.get("include", []):
            answer["total_count"] = len(found)
        return answer

    def _link(self, limit: int, cursor: str, id: str) -> str:
        return f"{self._lob.api_base}/letters?" + urlencode({"limit": limit, cursor: id})


def _meets(letter: Fields, query: Mapping[str, Any]) -> bool:
    metadata: Mapping[str, Any] = query.get("metadata", {})
    if any(letter["metadata"].get(key) != value for key, value in metadata.items()):
        return False
    for name in _LIST_FILTERS:
        if name in query and str(letter[name]).lower() != str(query[name]).lower():
            return False
    spans: Any = query.get("date_created", {})
    return all(_compare(letter["date_created"], bound, text) for bound, text in dict(spans).items())


def _compare(text: str, bound: str, limit: str) -> bool:
    try:
        moment, edge = datetime.fromisoformat(text), datetime.fromisoformat(limit.replace(" ", "+"))
    except ValueError:
        raise LobRefusal("date_created must be in ISO 8601 format") from None
    edge = edge if edge.tzinfo else edge.replace(tzinfo=moment.tzinfo)
    tests = {"gt": moment > edge, "gte": moment >= edge, "lt": moment < edge, "lte": moment <= edge}
    if bound not in tests:
        raise LobRefusal(f"date_created.{bound} is not allowed")
    return tests[bound]


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
