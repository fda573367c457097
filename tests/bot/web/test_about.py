"""The public page that tells how to know us."""

from __future__ import annotations

import aiohttp
import pytest

from bot.assembly.demo import Demo
from bot.web.pages.about import AboutPage


async def test_sms_33_the_page_names_number_domain_and_what_we_never_ask(
    demo: Demo, http: aiohttp.ClientSession
) -> None:
    async with http.get("/about") as answer:
        text = await answer.text()
        assert answer.status == 200
    assert "+1 415 555 0100" in text
    assert demo.settings.public_url.removeprefix("http://") in text
    assert "What we never ask" in text
    assert "card, bank or social security number" in text
    assert "Not a law firm" in text


@pytest.mark.parametrize(("sender", "shown"), [("MG0123", False), ("+442079460000", True), ("", False)])
async def test_a_messaging_service_is_not_shown_as_a_number(sender: str, shown: bool) -> None:
    from aiohttp.test_utils import make_mocked_request

    about = AboutPage(public_url="https://x.example", sender=sender, telegram=False, demo=False)
    text = (await about.show(make_mocked_request("GET", "/about"))).text or ""
    assert ("Texts come from" in text) is shown
    assert "Telegram" not in text
