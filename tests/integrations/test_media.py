"""Files people sent: fetched within bounds, named by their bytes, deleted only afterwards (SMS-19, TG-21, TWI-8)."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.calls.channels import DiscardMedia, FetchedMedia, FetchMedia, MediaRef, StoredMedia
from bot.core.calls.outcome import Again, Done, Outcome
from integrations.media import MediaAdapter, TelegramFiles, kind_of
from integrations.twilio import TwilioMedia
from integrations.twilio.media import NotAllowed, PublicOnly
from tests.integrations.door import Answer, Door, Fault, Shelf, attempt, open_door
from tests.rows import each

JPEG = b"\xff\xd8\xff\xe0 a small picture"
SID = "AC" + "0" * 32
PATH = f"/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1"


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("media") as opened:
        yield opened


@pytest.fixture
async def storage() -> AsyncIterator[Door]:
    async with open_door("storage") as opened:
        opened.always = Answer(200, JPEG)
        yield opened


@pytest.fixture
async def media(door: Door) -> AsyncIterator[MediaAdapter]:
    adapter = MediaAdapter(
        telegram=TelegramFiles("1:T", base_url=door.url, seconds=2),
        twilio=TwilioMedia(SID, "token", base_url=door.url, seconds=2),
        max_bytes=1000,
    )
    yield adapter
    await adapter.close()


async def fetch(media: MediaAdapter, *refs: MediaRef) -> tuple[Outcome, Shelf]:
    shelf = Shelf()
    return await media.calls[FetchMedia](FetchMedia(list(refs)), attempt(files=shelf)), shelf


async def fetch_one(media: MediaAdapter, ref: MediaRef) -> StoredMedia:
    outcome, _ = await fetch(media, ref)
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, FetchedMedia)
    return outcome.result.items[0]


def file(**fields: Any) -> Answer:
    return Answer(
        200, {"ok": True, "result": {"file_id": "F", "file_unique_id": "U", "file_path": "p/f.jpg", **fields}}
    )


async def test_tg_21_a_telegram_file_is_stored_with_its_real_type(door: Door, media: MediaAdapter) -> None:
    door.script.extend([file(file_size=len(JPEG)), Answer(200, JPEG)])
    ref = MediaRef("telegram", "F", media_type="application/octet-stream")
    outcome, shelf = await fetch(media, ref)
    sha = hashlib.sha256(JPEG).hexdigest()
    assert outcome == Done(FetchedMedia([StoredMedia(ref, 1, "image/jpeg", sha, len(JPEG))]))
    assert shelf.kept == {1: (JPEG, "image/jpeg")}
    assert door.last["url"] == f"{door.url}/file/bot1:T/p/f.jpg"


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ([file(file_size=1001)], "too_large"),
        ([file(), Answer(200, JPEG + bytes(1000))], "too_large"),
        ([Answer(400, {"ok": False, "description": "Bad Request: file is too big"})], "too_large"),
        ([Answer(400, {"ok": False, "description": "Bad Request: wrong file_id or the file is temporarily"})], "gone"),
        ([file(), Answer(404, b"")], "gone"),
        ([file(file_path=None)], "gone"),
        ([file(), Answer(200, b"BEGIN:VCARD")], "unsupported"),
    ],
)
async def test_sms_44_files_that_cannot_be_had_say_why(
    script: list[Answer], trouble: str, door: Door, media: MediaAdapter
) -> None:
    door.script.extend(script)
    assert (await fetch_one(media, MediaRef("telegram", "F"))).trouble == trouble


async def test_sms_44_a_file_said_to_be_too_large_is_not_asked_for(door: Door, media: MediaAdapter) -> None:
    assert (await fetch_one(media, MediaRef("telegram", "F", size=1001))).trouble == "too_large"
    assert door.requests == []


@pytest.mark.parametrize("reaction", [Answer(502, b""), Answer(429, {}), Fault.CUT, Fault.TRUNCATED])
async def test_trouble_of_the_network_asks_for_another_try_of_all(
    reaction: Any, door: Door, media: MediaAdapter
) -> None:
    door.script.extend([file(), Answer(200, JPEG)])
    door.always = reaction
    outcome, shelf = await fetch(media, MediaRef("telegram", "F"), MediaRef("sms", door.url + PATH))
    assert isinstance(outcome, Again)
    assert shelf.kept == {}


async def test_twi_8_media_come_by_a_redirect_without_our_credentials(
    door: Door, storage: Door, media: MediaAdapter
) -> None:
    door.answer(307, {}, Location=f"{storage.url}/signed?x=1")
    stored = await fetch_one(media, MediaRef("sms", door.url + PATH, media_type="image/jpeg"))
    assert stored.media_type == "image/jpeg"
    assert door.last["headers"]["Authorization"].startswith("Basic ")
    assert "Authorization" not in storage.last["headers"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1" + PATH,
        "https://evil.example" + PATH,
        "file:///etc/passwd",
        "{door}/2010-04-01/Accounts/AC9/Messages/MM1/Media/ME1",
        "{door}/2010-04-01/Accounts/" + SID + "/Messages/../Balance.json",
        "{door}" + PATH + "/../../../Keys.json",
        "http://[",
        "",
    ],
)
async def test_twi_8_our_credentials_go_to_media_of_our_account_only(url: str, door: Door, media: MediaAdapter) -> None:
    assert (await fetch_one(media, MediaRef("sms", url.format(door=door.url)))).trouble == "gone"
    assert door.requests == []


@pytest.mark.parametrize("target", ["https://evil.example/x", "http://169.254.169.254/x", "ftp://127.0.0.1/x", "//["])
async def test_twi_8_redirects_to_other_hosts_are_not_followed(target: str, door: Door, media: MediaAdapter) -> None:
    door.answer(302, {}, Location=target)
    assert (await fetch_one(media, MediaRef("sms", door.url + PATH))).trouble == "gone"


async def test_twi_8_redirects_end(door: Door, media: MediaAdapter) -> None:
    door.always = Answer(302, {}, {"Location": PATH})
    assert (await fetch_one(media, MediaRef("sms", door.url + PATH))).trouble == "gone"
    assert len(door.requests) == 4


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://media.twiliocdn.com/a/b", True),
        ("https://s3-external-1.amazonaws.com/media.twiliocdn.com/a", True),
        ("http://media.twiliocdn.com/a/b", False),
        ("https://media.twiliocdn.com:8080/a", False),
        ("https://eviltwiliocdn.com/a", False),
        ("https://user@media.twiliocdn.com/a", False),
        ("http://127.0.0.1/a", False),
        ("https://127.0.0.1/a", False),
        ("https://[::1]/a", False),
    ],
)
def test_twi_8_live_redirects_stay_with_listed_hosts_and_https(url: str, allowed: bool) -> None:
    live = TwilioMedia(SID, "token")
    assert live._is_storage(url) is allowed
    assert live._path_of("https://api.twilio.com" + PATH) == PATH
    assert live._path_of("http://api.twilio.com" + PATH) is None
    assert live._path_of("http://127.0.0.1" + PATH) is None


class Resolver(AbstractResolver):
    """A name server that says what the test wants."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [{"hostname": host, "host": self.address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fd00::1"])
async def test_twi_8_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed):
        await PublicOnly(Resolver(address)).resolve("media.twiliocdn.com", 443)


async def test_twi_8_a_public_name_is_resolved() -> None:
    public = PublicOnly(Resolver("52.1.2.3"))
    assert (await public.resolve("media.twiliocdn.com", 443))[0]["host"] == "52.1.2.3"
    await public.close()


async def test_twi_8_live_media_behind_a_private_name_are_refused() -> None:
    live = TwilioMedia(SID, "token")
    live._wire._resolver = PublicOnly(Resolver("127.0.0.1"))
    assert await live.fetch("https://api.twilio.com" + PATH, 1000) is None
    await live.close()


async def test_sms_19_twilios_copies_are_deleted_by_a_call_of_its_own(door: Door, media: MediaAdapter) -> None:
    refs = [MediaRef("sms", door.url + PATH), MediaRef("telegram", "F"), MediaRef("sms", "https://evil.example/x")]
    door.answer(204, b"")
    assert await media.calls[DiscardMedia](DiscardMedia(refs), attempt()) == Done()
    assert [(one["method"], one["url"]) for one in door.requests] == [("DELETE", f"{door.url}{PATH}.json")]


async def test_media_already_deleted_are_no_trouble_and_a_lost_answer_is_repeated(
    door: Door, media: MediaAdapter
) -> None:
    call = DiscardMedia([MediaRef("sms", door.url + PATH)])
    door.answer(404, {"code": 20404})
    assert await media.calls[DiscardMedia](call, attempt()) == Done()
    door.always = Fault.CUT
    assert isinstance(await media.calls[DiscardMedia](call, attempt()), Again)


async def test_a_channel_that_is_switched_off_has_no_files() -> None:
    assert (await fetch_one(MediaAdapter(), MediaRef("sms", "https://api.twilio.com" + PATH))).trouble == "gone"


@each(
    ("data", "declared", "kind"),
    [
        (JPEG, None, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n...", None, "image/png"),
        (b"GIF89a", None, "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", None, "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None, "audio/wav"),
        (b"\x00\x00\x00\x18ftypheic", None, "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1", None, "image/heic"),
        (b"%PDF-1.4", None, "application/pdf"),
        (b"\n\n%PDF-1.4", None, "application/pdf"),
        (b"OggS\x00", None, "audio/ogg"),
        (b"ID3\x04", None, "audio/mpeg"),
        (b"#!AMR\n", None, "audio/amr"),
        (b"\x00\x00\x00\x18ftypM4A ", None, "audio/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", None, None),
        (b"\x00\x00\x00\x18ftypmp42", "audio/mp4", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "audio/3gpp", "audio/3gpp"),
        (b"\x00\x00\x00\x18ftyp3gp4", "video/3gpp", None),
        (b"BEGIN:VCARD", "text/vcard", None),
        (b"<html>", "image/jpeg", None),
        (b"MZ\x90", "image/png", None),
        (b"", "image/png", None),
    ],
)
def test_sms_19_a_file_is_what_its_bytes_say(data: bytes, declared: str | None, kind: str | None) -> None:
    assert kind_of(data, declared) == kind
