"""The simulator in a real browser: a conversation on both phones, the desk, the keyboard, and how it looks.

The pictures are kept in `test-artefacts/`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.assembly.demo import Demo
from tests.bot.assembly.conftest import morning_demo
from tests.bot.assembly.printed import print_letter
from tests.bot.web.test_simulator import open_checkout

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
KEPT = Path(__file__).parents[3] / "test-artefacts"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """One Chromium for all; each test opens a profile of its own in it."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as started:
        opened = await started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with morning_demo(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(demo: Demo, browser: Any) -> AsyncIterator[Any]:
    troubles: list[str] = []
    opened = await browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(15_000)
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    await opened.goto(demo.url)
    yield opened
    await opened.close()
    assert not troubles


async def say(page: Any, phone: str, text: str, wanted: str) -> None:
    """Type a message; once more, as a person would, when a digit came before its question was noted as sent."""
    answer = page.locator(f"#{phone} .message:not(.mine)", has_text=wanted).last
    for looks in (120, 150):
        await page.locator(f"#{phone} textarea").fill(text)
        await page.locator(f"#{phone} textarea").press("Enter")
        for _ in range(looks):
            if await answer.is_visible():
                return
            await asyncio.sleep(0.1)
    shown = await page.locator(f"#{phone} .message").all_inner_texts()
    raise AssertionError(f"{wanted!r} was not answered to {text!r}: {shown[-4:]}")


async def converse(page: Any) -> None:
    await page.get_by_role("button", name="Got a ticket in San Francisco").wait_for()
    await say(page, "sms", "ticket", "1 San Francisco")
    await say(page, "sms", "1", "Send a photo")
    await page.locator("#sms [data-do=sample]").click()
    await page.locator("#sms .message", has_text="Your page").wait_for()
    await page.get_by_role("button", name="Start the bot").click()
    await page.locator("#telegram .message:not(.mine)").first.wait_for()
    await say(page, "telegram", "ticket", "Which city")
    await page.locator("#telegram").get_by_role("button", name="San Francisco").click()
    await page.locator("#telegram .message", has_text="Send a photo").wait_for()
    await page.locator("#telegram [data-do=sample]").click()
    await page.locator("#telegram .message", has_text="Your page").wait_for()
    await page.locator("#telegram .bubble img").wait_for()


async def test_a_conversation_on_both_phones_and_the_desk(demo: Demo, page: Any, browser: Any) -> None:
    await converse(page)
    await page.get_by_role("button", name="+1 day").click()
    for phone in ("sms", "telegram"):
        await page.locator(f"#{phone} .message", has_text="A day has gone by").wait_for()
    await print_letter(demo)
    await page.locator("#letter-count", has_text="1").wait_for()
    await page.get_by_role("tab", name="Letters and post").click()
    for name in ("In transit", "Delivered"):
        await page.get_by_role("button", name=name).click()
        await page.locator(".trail li", has_text=name).wait_for()
    picture = page.locator(".sheet img").first
    await picture.wait_for()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    await keep(page, "simulator.png")
    await in_other_lights(demo, browser)


async def keep(page: Any, name: str) -> None:
    KEPT.mkdir(exist_ok=True)
    await page.screenshot(path=KEPT / name)
    assert (KEPT / name).stat().st_size > 20_000


async def in_other_lights(demo: Demo, browser: Any) -> None:
    for name, scheme, width in (("simulator-dark.png", "dark", 1280), ("simulator-narrow.png", "light", 400)):
        context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = await context.new_page()
        await page.goto(demo.url)
        await page.locator("#sms .message", has_text="A day has gone by").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 1000:
            await page.get_by_role("tab", name="Letters and post").click()
            await page.locator(".sheet img").first.evaluate("image => image.decode()")
        await keep(page, name)
        await context.close()


async def test_a_long_talk_scrolls_inside_its_phone_and_not_the_page(demo: Demo, page: Any) -> None:
    for phone in ("sms", "telegram"):
        await page.get_by_role("button", name="Start the bot").click() if phone == "telegram" else None
        for number in range(8):
            await say(page, phone, "help", "Parley")
            await page.locator(f"#{phone} .message.mine").nth(number).wait_for()
    fits = "document.scrollingElement.scrollHeight <= innerHeight"
    assert await page.evaluate(fits)
    await page.get_by_role("tab", name="Wire").click()
    await page.locator(".wire li").nth(15).wait_for()
    assert await page.evaluate(fits)


async def test_a_pay_page_is_opened_from_the_chat_and_paid(demo: Demo, page: Any) -> None:
    url = await open_checkout(demo)
    twilio: Any = demo.fakes["twilio"]
    twilio.messages.reply(twilio.number, "+14155550123", f"Pay here: {url}")
    await page.locator("#sms .bubble a").click()
    frame = page.frame_locator("#page")
    await frame.get_by_role("button", name="Try a card that is declined").click()
    await frame.get_by_role("alert").wait_for()
    await frame.get_by_role("button", name="Pay by card").click()
    await frame.get_by_text("Back to your chat").wait_for()
    assert "/paid" in await page.locator("#address").inner_text()
    await page.get_by_role("button", name="Close").click()
    await page.get_by_text("Links open here").wait_for()


async def test_everything_is_done_by_keyboard(page: Any) -> None:
    async def focused() -> str:
        return str(await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))

    await page.keyboard.press("Tab")
    assert await focused() == "Skip to the SMS phone"
    await page.keyboard.press("Alt+1")
    assert await focused() == "sms-words"
    await page.keyboard.type("ticket")
    await page.keyboard.press("Enter")
    await page.locator("#sms .message", has_text="Which city").wait_for()
    await page.keyboard.press("Alt+2")
    assert await focused() == "telegram-words"
    await page.keyboard.type("ticket")
    await page.keyboard.press("Enter")
    button = page.locator("#telegram").get_by_role("button", name="New York")
    await button.focus()
    style = "getComputedStyle(document.activeElement)"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Shift+Tab")
    assert await page.evaluate(f"{style}.outlineStyle") == "solid"
    assert float((await page.evaluate(f"{style}.outlineWidth")).removesuffix("px")) >= 2
    await page.keyboard.press("Enter")
    await page.locator("#telegram .message", has_text="Send a photo").wait_for()
    await page.keyboard.press("Alt+3")
    await page.keyboard.press("ArrowRight")
    assert (await focused()).startswith("tab-post")
    assert await page.locator("#panel-post").is_visible()


async def test_what_comes_in_is_told_to_a_screen_reader(page: Any) -> None:
    for phone in ("sms", "telegram"):
        log = page.locator(f"#{phone} .log")
        assert await log.get_attribute("role") == "log"
        assert await log.get_attribute("aria-live") == "polite"
        assert await log.get_attribute("aria-label")
    unnamed = """[...document.querySelectorAll('button, input:not([hidden]), select, textarea, a[href], iframe')]
        .filter(one => !(one.getAttribute('aria-label') || one.title || one.textContent.trim()
            || one.labels?.[0]?.textContent.trim() || one.placeholder))
        .map(one => one.outerHTML)"""
    assert await page.evaluate(unnamed) == []


async def test_text_is_never_markup(page: Any) -> None:
    words = "<b>bold</b> <img src=x onerror=alert(1)> {city} https://example.com/x"
    for phone in ("sms", "telegram"):
        await page.locator(f"#{phone} textarea").fill(words)
        await page.locator(f"#{phone} textarea").press("Enter")
        mine = page.locator(f"#{phone} .mine .bubble").last
        await mine.wait_for()
        assert (await mine.inner_text()).startswith("<b>bold</b> <img")
        assert await mine.locator("img, b").count() == 0


async def test_each_person_has_a_chat_of_their_own(page: Any) -> None:
    await say(page, "sms", "ticket", "Which city")
    await page.locator("#sms .person select").select_option(label="Theo")
    await page.get_by_role("button", name="hi", exact=True).wait_for()
    await page.locator("#sms .person select").select_option(label="Dana")
    await page.locator("#sms .message", has_text="Which city").wait_for()
    await page.reload()
    await page.locator("#sms .message", has_text="Which city").wait_for()


async def test_a_photo_from_the_disk_and_spoken_words_are_sent(page: Any, tmp_path: Path) -> None:
    from PIL import Image

    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        await asyncio.to_thread(Image.new("RGB", (300, 200), "teal").save, path)
    await say(page, "telegram", "ticket", "Which city")
    await page.locator("#telegram").get_by_role("button", name="New York").click()
    await page.locator("#telegram .message", has_text="Send a photo").wait_for()
    await page.locator('#telegram input[name="photo"]').set_input_files([str(path) for path in paths])
    await page.locator("#telegram .message.mine img").nth(2).wait_for()
    await page.locator("#telegram .message", has_text="Your page").wait_for()
    await page.locator("#telegram textarea").fill("The meter was broken")
    await page.locator("#telegram [data-do=speak]").click()
    await page.locator("#telegram .mine audio").wait_for()
