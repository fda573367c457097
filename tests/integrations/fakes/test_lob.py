"""The fake Lob: what it refuses, keeps, delivers and tells."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import importlib.util
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from bot.core.clock import FixedClock
from integrations.fakes.lob import LobFake
from tests.integrations.fakes.conftest import Inbox

SECRET = "lob_secret"
CONTRACTS = Path(__file__).parents[3] / "../shared/contracts"
TO = {
    "to[name]": "City of Example",
    "to[address_line1]": "11 S Van Ness Ave",
    "to[address_city]": "San Francisco",
    "to[address_state]": "CA",
    "to[address_zip]": "94103-1226",
}
FROM = {name.replace("to[", "from["): value for name, value in TO.items()}
FIELDS = {
    **TO,
    **FROM,
    "color": "false",
    "double_sided": "true",
    "use_type": "operational",
    "mail_type": "usps_first_class",
    "address_placement": "top_first_page",
    "description": "l1",
    "metadata[letter_id]": "l1",
}


def pdf(
    pages: int = 1, size: tuple[float, float] = (612, 792), rotate: int = 0, password: str = "", font: str = ""
) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(*size)
        page.rotate(rotate)
        if font:
            face = DictionaryObject(
                {NameObject("/Type"): NameObject("/Font"), NameObject("/BaseFont"): NameObject("/" + font)}
            )
            fonts = DictionaryObject({NameObject("/F1"): face})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def mixed() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    writer.add_blank_page(612, 1008)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def bracketed(name: str) -> str:
    head, _, inner = name.partition("__")
    return f"{head}[{inner}]" if inner else head


class Raw:
    """Speaks plain HTTP to the fake."""

    def __init__(self, http: aiohttp.ClientSession, fake: LobFake) -> None:
        self.http, self.fake = http, fake
        self.headers: Any = {}

    async def __call__(
        self, method: str, path: str, data: Any = None, *, key: str = "test_1", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        sent = {"Authorization": aiohttp.encode_basic_auth(key), **(headers or {})}
        how = "json" if isinstance(data, dict) else "data"
        async with self.http.request(method, self.fake.url + path, headers=sent, **{how: data}) as answer:
            self.headers = answer.headers
            return answer.status, await (answer.json() if "json" in answer.content_type else answer.read())

    async def mail(
        self,
        idempotency: str | None = "letter:l1",
        file: bytes | None = None,
        key: str = "test_1",
        path: str = "/v1/letters",
        without: tuple[str, ...] = (),
        **changes: Any,
    ) -> tuple[int, Any]:
        form = aiohttp.FormData(quote_fields=False)
        for name, value in (FIELDS | {bracketed(name): str(value) for name, value in changes.items()}).items():
            if name not in without:
                form.add_field(name, value)
        if "file" not in without:
            form.add_field("file", pdf() if file is None else file, filename="l.pdf", content_type="application/pdf")
        headers = {} if idempotency is None else {"Idempotency-Key": idempotency}
        return await self("POST", path, form, key=key, headers=headers)


@pytest.fixture
async def fake(clock: FixedClock, inbox: Inbox) -> AsyncIterator[LobFake]:
    server = LobFake(clock, webhook_url=inbox.url, webhook_secret=SECRET)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def raw(fake: LobFake) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as http:
        yield Raw(http, fake)


def kinds(inbox: Inbox) -> list[str]:
    return [json.loads(body)["event_type"]["id"] for body, _ in inbox.seen]


REFUSED: list[Any] = [
    pytest.param({"without": ("to[name]",)}, "invalid", id="LOB-1-no-recipient"),
    pytest.param({"without": ("from[address_line1]",)}, "invalid", id="LOB-1-no-street"),
    pytest.param({"without": ("file",)}, "invalid", id="LOB-1-no-file"),
    pytest.param({"without": ("color",)}, "invalid", id="LOB-1-no-color"),
    pytest.param({"without": ("use_type",)}, "mail_use_type_can_not_be_null", id="LOB-1-no-use-type"),
    pytest.param({"path": "/v1/letters?idempotency_key=l1"}, "invalid", id="LOB-1-two-keys"),
    pytest.param({"idempotency": "k" * 257}, "invalid", id="LOB-1-long-key"),
    pytest.param({"to__name": "N" * 41}, "invalid", id="LOB-1-long-name"),
    pytest.param({"to__address_state": "Cali"}, "invalid", id="LOB-1-state"),
    pytest.param({"to__address_zip": "9410"}, "invalid", id="LOB-1-zip"),
    pytest.param({"to__address_lin1": "x"}, "invalid", id="LOB-1-unknown-inner"),
    pytest.param({"papersize": "A4"}, "invalid", id="LOB-1-unknown"),
    pytest.param({"color": "no"}, "invalid", id="LOB-1-color-text"),
    pytest.param({"file": b"<html>"}, "invalid_file", id="LOB-2-not-a-pdf"),
    pytest.param({"file": b"%PDF-1.7 broken"}, "invalid_file", id="LOB-2-broken"),
    pytest.param({"file": pdf(121)}, "file_pages_exceed_max", id="LOB-2-121-double"),
    pytest.param({"file": pdf(61), "double_sided": "false"}, "file_pages_exceed_max", id="LOB-2-61-single"),
    pytest.param({"file": pdf(size=(595, 842))}, "invalid_file_dimensions", id="LOB-2-a4"),
    pytest.param({"file": pdf(size=(792, 612))}, "invalid_file_dimensions", id="LOB-2-landscape"),
    pytest.param({"file": pdf(rotate=90)}, "invalid_file_dimensions", id="LOB-2-rotated"),
    pytest.param({"file": mixed()}, "inconsistent_page_dimensions", id="LOB-2-mixed"),
    pytest.param({"file": pdf(password="x")}, "pdf_encrypted", id="LOB-2-encrypted"),
    pytest.param({"file": pdf(font="Garamond")}, "unembedded_fonts", id="LOB-2-font"),
    pytest.param(
        {"file": pdf(120), "address_placement": "insert_blank_page"}, "file_pages_exceed_max", id="LOB-3-blank-page"
    ),
    pytest.param({"address_placement": "anywhere"}, "invalid", id="LOB-3-placement"),
    pytest.param({"extra_service": "certified", "mail_type": "usps_standard"}, "invalid", id="LOB-4-standard"),
    pytest.param({"mail_type": "usps_certified"}, "invalid", id="LOB-4-invented"),
    pytest.param({"extra_service": "registered"}, "invalid", id="LOB-4-registered"),
    pytest.param({"return_envelope": "true"}, "invalid_perforation_return_envelope", id="LOB-4-envelope"),
    pytest.param(
        {"extra_service": "certified", "to__address_country": "DE"}, "invalid_international_feature", id="LOB-4-abroad"
    ),
    pytest.param({"send_date": "2027-05-21"}, "invalid", id="LOB-5-181-days"),
    pytest.param({"send_date": "2026-11-20"}, "invalid", id="LOB-5-past"),
    pytest.param({"send_date": "soon"}, "invalid", id="LOB-5-nonsense"),
    pytest.param({f"metadata__k{n}": "v" for n in range(20)}, "invalid", id="LOB-6-21-pairs"),
    pytest.param({"metadata__" + "k" * 41: "v"}, "invalid", id="LOB-6-key"),
    pytest.param({"metadata__a": "v" * 501}, "invalid", id="LOB-6-value"),
    pytest.param({"metadata__a": 'a"b'}, "special_characters_restricted", id="LOB-6-quote"),
    pytest.param({"metadata__a": "a\\b"}, "special_characters_restricted", id="LOB-6-backslash"),
    pytest.param({"description": "d" * 256}, "invalid", id="LOB-6-description"),
    pytest.param({"from__address_country": "CA"}, "foreign_return_address", id="LOB-1-foreign-sender"),
]


@pytest.mark.parametrize(("how", "code"), REFUSED)
async def test_lob_1_to_6_what_lob_would_refuse_is_refused(raw: Raw, how: dict[str, Any], code: str) -> None:
    status, body = await raw.mail(**how)
    assert (status, body["error"]["code"], body["error"]["status_code"]) == (422, code, 422)
    assert len(raw.fake.letters.shelf) == 0


@pytest.mark.parametrize(
    "how",
    [
        {"file": pdf(120)},
        {"file": pdf(60), "double_sided": "false"},
        {"file": pdf(font="Helvetica-Bold")},
        {"file": pdf(size=(792, 612), rotate=90)},
        {"send_date": "2027-05-19"},
        {"description": "d" * 255, "metadata__a": "v" * 500},
        {"to__address_country": "US"},
        {"extra_service": "certified_return_receipt"},
    ],
)
async def test_lob_1_to_6_what_lob_would_print_is_taken(raw: Raw, how: dict[str, Any]) -> None:
    status, body = await raw.mail(**how)
    assert (status, body.get("object")) == (200, "letter"), body


@pytest.mark.parametrize("key", ["", "sk_test_1", "test_", "test_pub_1"])
async def test_lob_9_a_wrong_key_is_401(raw: Raw, key: str) -> None:
    status, body = await raw.mail(key=key)
    assert status == 401
    assert body["error"]["code"] in ("invalid_api_key", "publishable_key_not_allowed")


async def test_a_repeated_key_returns_the_existing_letter_for_24_hours(raw: Raw, clock: FixedClock) -> None:
    first = (await raw.mail())[1]
    clock.advance(timedelta(hours=23, minutes=59))
    assert (await raw.mail(file=pdf(3)))[1]["id"] == first["id"]
    assert (await raw.mail(key="live_1"))[1]["id"] != first["id"]
    clock.advance(timedelta(minutes=1))
    assert (await raw.mail())[1]["id"] != first["id"]
    assert [row["mode"] for row in raw.fake.book.of("letter.created")] == ["test", "live", "test"]


async def test_a_refused_letter_leaves_its_key_free(raw: Raw) -> None:
    assert (await raw.mail(file=b"no"))[0] == 422
    assert (await raw.mail())[0] == 200


async def test_a_letter_behind_a_lost_answer_is_found_by_metadata(raw: Raw) -> None:
    raw.fake.faults.add("status_after", "letter_create", status=500)
    status, body = await raw.mail()
    assert (status, body["error"]["code"]) == (500, "internal_server_error")
    await raw.mail("letter:l2", metadata__letter_id="l2")
    found = (await raw("GET", "/v1/letters?metadata[letter_id]=l1"))[1]
    assert [letter["metadata"] for letter in found["data"]] == [{"letter_id": "l1"}]
    assert (await raw("GET", "/v1/letters?metadata[letter_id]=l9"))[1]["data"] == []
    assert (await raw("GET", "/v1/letters?metadata[letter_id]=l1", key="live_1"))[1]["data"] == []


async def test_lob_7_lists_are_filtered_sorted_and_paged(raw: Raw, clock: FixedClock) -> None:
    for n in range(3):
        service: dict[str, Any] = {"extra_service": "certified"} if n else {}
        await raw.mail(f"k{n}", metadata__letter_id=f"l{n}", **service)
        clock.advance(timedelta(hours=1))
    newest = (await raw("GET", "/v1/letters?limit=2&include[]=total_count"))[1]
    assert [letter["metadata"]["letter_id"] for letter in newest["data"]] == ["l2", "l1"]
    assert (newest["count"], newest["total_count"]) == (2, 3)
    path = newest["next_url"].removeprefix(raw.fake.url)
    assert [x["metadata"]["letter_id"] for x in (await raw("GET", path))[1]["data"]] == ["l0"]
    late = "/v1/letters?date_created[gte]=2026-11-21T10:00:00Z&sort_by[date_created]=asc&mail_type=usps_first_class"
    assert [x["metadata"]["letter_id"] for x in (await raw("GET", late))[1]["data"]] == ["l1", "l2"]
    for wrong in ("limit=0", "limit=101", "colour=red", "sort_by[name]=asc", "metadata=flat"):
        assert (await raw("GET", f"/v1/letters?{wrong}"))[0] == 422, wrong


async def test_lob_5_a_letter_is_cancelled_inside_its_window_only(raw: Raw, clock: FixedClock) -> None:
    early, late = [(await raw.mail(key))[1]["id"] for key in ("a", "b")]
    planned = (await raw.mail("c", send_date="2026-12-01"))[1]["id"]
    clock.advance(timedelta(minutes=4, seconds=59))
    assert await raw("DELETE", f"/v1/letters/{early}") == (200, {"id": early, "deleted": True})
    assert (await raw("GET", f"/v1/letters/{early}"))[1]["deleted"] is True
    clock.advance(timedelta(seconds=1))
    status, body = await raw("DELETE", f"/v1/letters/{late}")
    assert (status, body["error"]["code"]) == (422, "not_deletable")
    clock.advance(timedelta(days=5))
    assert (await raw("DELETE", f"/v1/letters/{planned}"))[0] == 200
    assert (await raw("DELETE", "/v1/letters/ltr_0"))[0] == 404
    clock.advance(timedelta(days=30))
    await raw.fake.tick()
    assert [row["id"] for row in raw.fake.book.of("letter.delivered")] == [late]


async def test_lob_8_the_151st_request_in_five_seconds_waits(raw: Raw, clock: FixedClock) -> None:
    for _ in range(150):
        assert (await raw("GET", "/v1/letters"))[0] == 200
    assert raw.headers["X-Rate-Limit-Remaining"] == "0"
    status, body = await raw("GET", "/v1/letters")
    assert (status, body["error"]["code"]) == (429, "rate_limit_exceeded")
    assert int(raw.headers["X-Rate-Limit-Reset"]) == int(clock.now().timestamp()) + 5
    assert (await raw("GET", "/v1/letters", key="test_2"))[0] == 200
    clock.advance(timedelta(seconds=5))
    assert (await raw("GET", "/v1/letters"))[0] == 200


async def test_lob_14_certified_letters_of_a_test_key_get_a_dummy_number(raw: Raw) -> None:
    plain, certified = (await raw.mail("a"))[1], (await raw.mail("b", extra_service="certified"))[1]
    live = (await raw.mail("c", key="live_1", extra_service="certified"))[1]
    assert plain["tracking_number"] is None
    assert certified["tracking_number"] == "92071902358909000011275538"
    assert live["tracking_number"] not in (None, certified["tracking_number"])


STANDARD = ["created", "rendered_pdf", "rendered_thumbnails", "in_transit", "in_local_area", "processed_for_delivery"]


async def test_lob_12_an_ordinary_letter_is_delivered_and_never_mailed(
    raw: Raw, inbox: Inbox, clock: FixedClock
) -> None:
    letter = (await raw.mail())[1]
    clock.advance(timedelta(days=6))
    await raw.fake.tick()
    assert kinds(inbox) == [f"letter.{event}" for event in [*STANDARD, "delivered"]]
    read = (await raw("GET", f"/v1/letters/{letter['id']}"))[1]
    assert [scan["name"] for scan in read["tracking_events"]][-1] == "Delivered"
    assert read["tracking_events"][0]["time"].startswith("2026-11-23")


async def test_a_certified_letter_has_events_of_its_own(raw: Raw, inbox: Inbox, clock: FixedClock) -> None:
    await raw.mail(extra_service="certified")
    clock.advance(timedelta(days=6))
    await raw.fake.tick()
    assert kinds(inbox)[3:5] == ["letter.certified.mailed", "letter.certified.in_transit"]
    assert kinds(inbox)[-1] == "letter.certified.delivered"


@pytest.mark.parametrize(("route", "last"), [("returned", "returned_to_sender"), ("rejected", "rejected")])
async def test_lob_13_letters_come_back_or_are_rejected_on_request(
    raw: Raw, inbox: Inbox, clock: FixedClock, route: str, last: str
) -> None:
    assert (await raw("POST", "/_desk/route", {"route": route}))[0] == 200
    letter = (await raw.mail("a"))[1]["id"]
    await raw.mail("b")
    clock.advance(timedelta(days=20))
    await raw.fake.tick()
    mine = [json.loads(body) for body, _ in inbox.seen if json.loads(body)["reference_id"] == letter]
    assert mine[-1]["event_type"]["id"] == f"letter.{last}"
    assert (mine[-1]["body"]["status"] == "failed") == (last == "rejected")
    assert "letter.delivered" in kinds(inbox)


async def test_lob_14_letters_of_a_test_key_may_stay_silent_as_the_real_ones_do(clock: FixedClock) -> None:
    async with LobFake(clock, test_letters_travel=False) as fake, aiohttp.ClientSession() as http:
        assert isinstance(fake, LobFake)
        letter = (await Raw(http, fake).mail())[1]["id"]
        clock.advance(timedelta(days=20))
        await fake.tick()
        assert fake.letters.shelf[letter]["tracking_events"] == []


@pytest.mark.parametrize("milliseconds", [True, False])
async def test_events_are_signed_over_timestamp_and_body(inbox: Inbox, clock: FixedClock, milliseconds: bool) -> None:
    async with aiohttp.ClientSession() as http:
        fake = LobFake(clock, webhook_url=inbox.url, webhook_secret=SECRET, milliseconds=milliseconds)
        await fake.start()
        letter = (await Raw(http, fake).mail())[1]
        await fake.tick()
        await fake.stop()
    ((body, headers),) = inbox.seen
    stamp = headers["Lob-Signature-Timestamp"]
    assert len(stamp) == (13 if milliseconds else 10)
    wanted = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Lob-Signature"] == wanted
    event = json.loads(body)
    assert (event["reference_id"], event["body"]["id"], event["object"]) == (letter["id"], letter["id"], "event")
    assert not [name for name in event["body"] if name.startswith("_")]


async def test_the_desk_shows_letters_and_plays_events_by_hand(raw: Raw, inbox: Inbox, clock: FixedClock) -> None:
    data = pdf(3)
    letter = (await raw.mail(file=data))[1]["id"]
    (shown,) = (await raw("GET", "/_desk"))[1]["letters"]
    assert (shown["id"], shown["pages"], shown["mode"]) == (letter, 3, "test")
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    status, body = await raw("GET", shown["pdf"].removeprefix(raw.fake.url))
    assert (status, len(PdfReader(BytesIO(body)).pages)) == (200, 3)
    assert (await raw("POST", f"/_desk/letters/{letter}/in_local_area"))[0] == 200
    assert (await raw("POST", f"/_desk/letters/{letter}/eaten_by_dog"))[0] == 404
    assert (await raw("POST", f"/_desk/letters/{letter}/pickup_available"))[0] == 404
    assert (await raw("POST", "/_desk/letters/ltr_0/delivered"))[0] == 404
    clock.advance(timedelta(days=9))
    await raw.fake.tick()
    events = ["created", "in_local_area", "processed_for_delivery", "delivered"]
    assert kinds(inbox) == [f"letter.{event}" for event in events]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("deliverable", "deliverable"),
        ("missing unit", "deliverable_missing_unit"),
        ("incorrect_unit", "deliverable_incorrect_unit"),
        ("unnecessary unit", "deliverable_unnecessary_unit"),
        ("undeliverable", "undeliverable"),
        ("Behind the old mill", "undeliverable"),
        ("PO Box 7718", "deliverable"),
    ],
)
async def test_magic_lines_answer_as_told(raw: Raw, line: str, verdict: str) -> None:
    status, body = await raw("POST", "/v1/us_verifications", {"primary_line": line, "zip_code": "11111"})
    assert (status, body["deliverability"], body["valid_address"]) == (200, verdict, verdict != "undeliverable")


@pytest.mark.parametrize(
    ("given", "primary", "secondary", "last"),
    [
        (
            {
                "primary_line": "185 Berry Street",
                "secondary_line": "Suite 6100",
                "city": "San Francisco",
                "state": "ca",
            },
            "185 BERRY ST",
            "STE 6100",
            "SAN FRANCISCO CA 94107",
        ),
        ({"primary_line": "1200 north Main ave. apt 4b"}, "1200 N MAIN AVE", "APT 4B", " 94107"),
        ({"primary_line": "12 Elm Rd #7"}, "12 ELM RD", "# 7", " 94107"),
        ({"primary_line": "500 Avenue of the Americas"}, "500 AVENUE OF THE AMERICAS", "", " 94107"),
        ({"primary_line": "P.O. Box 12"}, "P O BOX 12", "", " 94107"),
    ],
)
async def test_ordinary_addresses_are_written_as_the_postal_service_does(
    raw: Raw, given: dict[str, str], primary: str, secondary: str, last: str
) -> None:
    status, body = await raw("POST", "/v1/us_verifications", {**given, "zip_code": "94107"})
    assert status == 200
    assert (body["primary_line"], body["secondary_line"]) == (primary, secondary)
    assert body["deliverability"] == "deliverable"
    assert last.strip() in body["last_line"]
    assert body["components"]["zip_code"] == "94107"


async def test_a_plus_four_that_was_given_is_kept(raw: Raw) -> None:
    given = {"primary_line": "1 A St", "zip_code": "94107-1741"}
    assert (await raw("POST", "/v1/us_verifications", given))[1]["components"]["zip_code_plus_4"] == "1741"


async def test_a_missing_unit_is_asked_for_until_it_comes(raw: Raw) -> None:
    wanted = {"primary_line": "185 Berry St", "deliverability": "deliverable_missing_unit"}
    await raw("POST", "/_desk/verdict", wanted)
    given = {"primary_line": "185 Berry Street", "zip_code": "94107"}
    assert (await raw("POST", "/v1/us_verifications", given))[1]["deliverability"] == "deliverable_missing_unit"
    given["secondary_line"] = "Apt 2"
    assert (await raw("POST", "/v1/us_verifications", given))[1]["deliverability"] == "deliverable"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"primary_line": "1 A St"},
        {"primary_line": "1 A St", "city": "SF"},
        {"primary_line": "1 A St", "zip_code": "941"},
        {"primary_line": "1 A St", "zip_code": "94107", "country": "US"},
        {"primary_line": 1, "zip_code": "94107"},
    ],
)
async def test_verifications_need_a_line_and_a_place(raw: Raw, given: dict[str, Any]) -> None:
    assert (await raw("POST", "/v1/us_verifications", given))[0] == 422


async def test_lob_15_the_301st_live_verification_of_a_month_is_403(raw: Raw, clock: FixedClock) -> None:
    given = {"primary_line": "1 A St", "zip_code": "94107"}
    for _ in range(300):
        assert (await raw("POST", "/v1/us_verifications", given, key="live_1"))[0] == 200
    clock.advance(timedelta(seconds=6))
    status, body = await raw("POST", "/v1/us_verifications", given, key="live_1")
    assert (status, body["error"]["code"]) == (403, "feature_limit_reached")
    assert (await raw("POST", "/v1/us_verifications", given))[0] == 200
    clock.advance(timedelta(days=10))
    assert (await raw("POST", "/v1/us_verifications", given, key="live_1"))[0] == 200


@pytest.mark.parametrize("status", [500, 503])
async def test_trouble_has_lobs_shape(raw: Raw, status: int) -> None:
    raw.fake.faults.add("status_before", status=status)
    got, body = await raw.mail()
    assert (got, body["error"]["status_code"], len(raw.fake.letters.shelf)) == (status, status, 0)
    raw.fake.faults.add("rate_limit", retry_after=3)
    got, body = await raw.mail()
    assert (got, body["error"]["code"], raw.headers["Retry-After"]) == (429, "rate_limit_exceeded", "3")


async def test_a_json_body_that_is_not_an_object_is_refused(raw: Raw) -> None:
    for body in (b"[]", b"{", b"1"):
        status, _ = await raw("POST", "/v1/letters", body, headers={"Content-Type": "application/json"})
        assert status == 422
    assert (await raw("GET", "/v1/postcards"))[0] == 404


async def test_a_restart_on_the_same_book_forgets_nothing(clock: FixedClock, tmp_path: Path, inbox: Inbox) -> None:
    path = tmp_path / "lob.jsonl"
    async with aiohttp.ClientSession() as http:
        first = LobFake(clock, path, webhook_url=inbox.url)
        await first.start()
        letter = (await Raw(http, first).mail())[1]
        await first.tick()
        await first.stop()
        second = LobFake(clock, path, webhook_url=inbox.url)
        await second.start()
        raw = Raw(http, second)
        assert (await raw.mail())[1]["id"] == letter["id"]
        assert (await raw("GET", f"/_desk/letters/{letter['id']}.pdf"))[1] == pdf()
        clock.advance(timedelta(days=9))
        await second.tick()
        await second.stop()
    assert kinds(inbox) == [f"letter.{event}" for event in [*STANDARD, "delivered"]]
    assert len(second.book.of("letter.created")) == 1


FAULTS = ["status_before", "status_after", "timeout_after", "reset_before", "reset_during", "rate_limit", "truncate"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_fake_1_after_any_fault_the_same_key_leads_to_one_letter(raw: Raw, fault: str) -> None:
    raw.fake.faults.add(fault, "letter_create", times=2)
    status = 0
    while status != 200:
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, json.JSONDecodeError):
            async with asyncio.timeout(0.3):
                status, _ = await raw.mail()
    assert len(raw.fake.book.of("letter.created")) == 1
    assert raw.fake.calls["letter_create"] == 3


async def test_a_simulation_may_switch_the_pace_off(clock: FixedClock) -> None:
    async with LobFake(clock, strict_pace=False) as fake, aiohttp.ClientSession() as http:
        assert isinstance(fake, LobFake)
        raw = Raw(http, fake)
        assert {(await raw("GET", "/v1/letters"))[0] for _ in range(160)} == {200}


# -- against the vendor's own description ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checker() -> Any:
    if not CONTRACTS.exists():
        pytest.skip("the contracts folder is not beside the checkout")
    spec = importlib.util.spec_from_file_location("check_example", CONTRACTS / "check_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Checker()


@pytest.fixture
def problems(checker: Any) -> Callable[[str, Any], list[str]]:
    contract = checker.contract("lob")

    def find(schema: str, body: Any) -> list[str]:
        found: list[str] = contract.errors(body, {"$ref": f"#/components/schemas/{schema}"}, schema)
        return found

    return find


def branch(letter: dict[str, Any]) -> str:
    """Name the branch of the contract's `letter`: its oneOf overlaps while a certified letter has no scan yet."""
    return "certified" if letter["extra_service"] else "no_extra_service"


async def test_con_3_answers_conform_to_lobs_own_schemas(
    raw: Raw, clock: FixedClock, problems: Callable[[str, Any], list[str]]
) -> None:
    plain = (await raw.mail("a"))[1]
    assert problems("letter", plain) == []
    for made in (plain, (await raw.mail("b", extra_service="certified"))[1]):
        assert problems(branch(made), made) == []
    rejected = (await raw.mail("c"))[1]
    assert problems("letter_deletion", (await raw("DELETE", f"/v1/letters/{rejected['id']}"))[1]) == []
    clock.advance(timedelta(days=9))
    listed = (await raw("GET", "/v1/letters"))[1]
    assert problems("list", listed) == []
    for letter in listed["data"]:
        assert problems(branch(letter), letter) == []
        assert problems("letter", letter) == []
    for line in ("1 North Elm Street Apt 3", "missing unit", "undeliverable", "PO Box 3"):
        body = (await raw("POST", "/v1/us_verifications", {"primary_line": line, "zip_code": "11111"}))[1]
        assert problems("us_verification", body) == []
    wrong = [await raw.mail(file=b"x"), await raw.mail(key="x"), await raw("GET", "/v1/letters/ltr_0")]
    raw.fake.faults.add("status_before", status=500)
    wrong += [await raw.mail()]
    raw.fake.faults.add("rate_limit")
    wrong += [await raw.mail()]
    assert [problems("error", body) for _, body in wrong] == [[]] * 5
    assert sorted(status for status, _ in wrong) == [401, 404, 422, 429, 500]


async def test_con_1_recorded_requests_conform(raw: Raw, checker: Any) -> None:
    letter = (await raw.mail(extra_service="certified"))[1]["id"]
    await raw("GET", f"/v1/letters/{letter}")
    await raw("GET", "/v1/letters?metadata[letter_id]=l1&limit=2")
    await raw("POST", "/v1/us_verifications", {"primary_line": "1 A St", "zip_code": "94107"})
    await raw("DELETE", f"/v1/letters/{letter}")
    assert [checker.check(request) for request in raw.fake.recordings] == [[]] * 5
    await raw.mail(idempotency=None)
    assert checker.check(raw.fake.recordings[-1]) != []
