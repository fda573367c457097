"""The simulator's doors: the page, the phones, the pay page, the post, the stream."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import aiohttp
import pytest

from bot.assembly.app import App
from bot.assembly.demo import Demo
from bot.core.calls import Done
from bot.core.ports import Attempt
from bot.web.simulator import voice_clip
from integrations.fakes.speech.clips import examine
from tests.bot.assembly.conftest import settings_for
from tests.bot.assembly.printed import Desk, print_letter

SMS, TELEGRAM = "/demo/phone/sms/+14155550123", "/demo/phone/telegram/500000101"


async def test_the_page_needs_no_other_host_and_no_inline_script(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "://" not in page.replace("http://www.w3.org", "")
    for part in page.split('"'):
        if part.startswith("/demo/static/"):
            async with http.get(part) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fdoors.py", "%2e%2e%2fdoors.py"])
async def test_only_its_own_files_are_handed_out(http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"/demo/static/{name}") as answer:
        assert answer.status == 404


async def test_there_is_no_simulator_without_the_demo(tmp_path: Any) -> None:
    key = base64.urlsafe_b64encode(b"k" * 32).decode()
    settings = settings_for(tmp_path, parley_mode="live", secret_keys=key, public_url="https://x.example")
    settings = settings.model_copy(update={"appeals_enabled": False, "telegram_enabled": False, "sms_enabled": False})
    app = App.build(settings)
    known = {resource.canonical for resource in app.site.router.resources()}
    assert not [path for path in known if path.startswith(("/demo", "/c/")) or path == "/"]
    assert "/about" in known
    app._lock.close() if app._lock else None
    await app.database.close()


async def test_photos_are_uploaded_singly_and_as_an_album(demo: Demo, http: aiohttp.ClientSession) -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (1400, 1000), "gray").save(out, "JPEG")
    for phone, action in ((SMS, "mms"), (TELEGRAM, "photo")):
        form = aiohttp.FormData()
        for number in range(2):
            form.add_field(f"file{number}", out.getvalue(), filename=f"{number}.jpg", content_type="image/jpeg")
        async with http.post(f"{phone}/{action}", data=form) as answer:
            assert answer.status == 200, await answer.text()
    async with http.get(f"{TELEGRAM}/chat?after=0") as answer:
        shown = [message for message in (await answer.json())["messages"] if message["photo"]]
    assert len(shown) == 2
    assert shown[0]["album"] == shown[1]["album"]
    url = shown[0]["photo"].replace("/_phone/", "/demo/phone/telegram/")
    async with http.get(url) as answer:
        assert (await answer.read())[:2] == b"\xff\xd8"


async def test_a_large_photo_passes(http: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    large = io.BytesIO(b"\xff\xd8\xff" + b"x" * 4_000_000)
    form.add_field("file0", large, filename="large.jpg", content_type="image/jpeg")
    async with http.post(f"{SMS}/mms", data=form) as answer:
        assert answer.status == 200


async def test_spoken_words_are_heard_by_the_speech_service(demo: Demo, http: aiohttp.ClientSession) -> None:
    async with http.post("/demo/voice", data="The meter was  broken.") as answer:
        clip = await answer.read()
    speech: Any = demo.fakes["speech"]
    assert clip == voice_clip("The meter was broken.")
    form = aiohttp.FormData({"model": "whisper-1"})
    form.add_field("file", clip, filename="a.ogg", content_type="audio/ogg")
    head = {"Authorization": f"Bearer {demo.settings.speech_api_key}"}
    async with http.post(f"{speech.url}/v1/audio/transcriptions", data=form, headers=head) as answer:
        assert (await answer.json())["text"] == "The meter was broken."


@pytest.mark.parametrize("words", ["one", "word " * 60, "é" * 400])
def test_a_clip_is_whole_ogg_opus_as_long_as_its_words(words: str) -> None:
    clip = examine(voice_clip(words))
    assert clip is not None
    assert clip.codec == "ogg"
    assert not clip.silent
    assert clip.seconds == pytest.approx(len(words.split()) * 0.4)


async def test_letters_are_shown_as_printed_and_moved_by_the_post(demo: Demo, http: aiohttp.ClientSession) -> None:
    letter = await print_letter(demo)
    async with http.get("/demo/letters") as answer:
        (shown,) = (await answer.json())["letters"]
    assert shown["id"] == letter
    async with http.get(f"/demo/letters/{letter}/1.png") as answer:
        assert (await answer.read()).startswith(b"\x89PNG")
    async with http.get(f"/demo/letters/{letter}.pdf") as answer:
        assert (await answer.read()).startswith(b"%PDF")
    for number in (0, shown["pages"] + 1):
        async with http.get(f"/demo/letters/{letter}/{number}.png") as answer:
            assert answer.status == 404
    for event in ("in_transit", "returned_to_sender"):
        async with http.post(f"/demo/letters/{letter}/{event}") as answer:
            assert answer.status == 200
    await demo.fakes["lob"].tick()
    told = [row["event_kind"] for row in demo.fakes["lob"].book.of("hook.delivered")]
    assert told[-1] == "letter.certified.returned_to_sender"
    async with http.post(f"/demo/letters/{letter}/teleported") as answer:
        assert answer.status == 404


async def open_checkout(demo: Demo) -> str:
    from bot.core.calls.stripe import OpenCheckout

    now = demo.clock.now()
    call = OpenCheckout(
        reference="1",
        amount_minor=1995,
        currency="usd",
        product_name="Letter preparation and mailing, certified",
        success_url=f"{demo.settings.public_url}/paid",
        cancel_url=f"{demo.settings.public_url}/paid",
        expires_at=int(now.timestamp()) + 7200,
        metadata={"payment_id": "1", "v": "1"},
    )
    adapter = next(adapter for adapter in demo.app.adapters if OpenCheckout in adapter.calls)
    made = await adapter.calls[OpenCheckout](call, Attempt("checkout:1", 1, now, now, Desk()))
    assert isinstance(made, Done), made
    return str(made.result.url)


async def test_the_pay_page_stands_on_our_own_origin_and_takes_its_buttons(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    url = await open_checkout(demo)
    assert url.startswith(f"{demo.url}/c/pay/")
    async with http.get(url) as answer:
        assert "$19.95" in await answer.text()
    async with http.post(f"{url}/decline") as answer:
        assert "declined" in await answer.text()
    async with http.post(f"{url}/pay", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/paid"
    await demo.fakes["stripe"].tick()
    told = [row["event_kind"] for row in demo.fakes["stripe"].book.of("hook.delivered") if row["status"] == 200]
    assert "checkout.session.completed" in told


async def test_pages_may_be_framed_by_the_desk_only(http: aiohttp.ClientSession) -> None:
    for path in ("/paid", "/about", "/p/nothing", "/d/nothing"):
        async with http.get(path) as answer:
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


async def test_the_stream_tells_when_a_book_grew_and_when_time_moved(demo: Demo, http: aiohttp.ClientSession) -> None:
    async with http.get("/demo/events") as stream:
        first = await told(stream)
        await http.post(f"{SMS}/say", json={"text": "ticket"})
        later = await told(stream)
        while later["marks"]["twilio"] == first["marks"]["twilio"]:
            later = await told(stream)
        await http.post("/demo/clock", json={"advance_seconds": 86400 * 3})
        while later["now"] < demo.clock.now().isoformat()[:10]:
            later = await told(stream)
    async with http.get("/demo/wire") as answer:
        rows = (await answer.json())["rows"]
    assert {"vendor": "twilio", "kind": "message.created", "way": "out"}.items() <= next(
        row for row in rows if row["kind"] == "message.created"
    ).items()


async def told(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not (line := await stream.content.readline()).startswith(b"data: "):
            assert line, "the stream ended"
    found: dict[str, Any] = json.loads(line[6:])
    return found


async def test_an_open_stream_does_not_hold_up_the_stop(tmp_path: Any) -> None:
    from tests.bot.assembly.standin import make_registry

    loop = asyncio.get_running_loop()
    async with Demo.open(settings_for(tmp_path), registry=make_registry()) as demo:
        http = aiohttp.ClientSession(demo.url)
        stream = await http.get("/demo/events")
        await told(stream)
        began = loop.time()
    assert loop.time() - began < 3
    stream.close()
    await http.close()


async def test_a_vendor_that_is_not_built_in_has_no_phone_here(demo: Demo, http: aiohttp.ClientSession) -> None:
    demo.fakes.pop("twilio")
    async with http.get(f"{SMS}/chat") as answer:
        assert answer.status == 404
        assert "not built in" in await answer.text()
    async with http.get("/demo/phone/fax/1/chat") as answer:
        assert answer.status == 404


async def test_the_login_of_the_moment_is_told(demo: Demo, http: aiohttp.ClientSession) -> None:
    import pyotp

    async with http.get("/demo/operator") as answer:
        code = (await answer.json())["code"]
    assert pyotp.TOTP(demo.state["operator_secret"]).verify(code, for_time=demo.clock.now(), valid_window=1)
