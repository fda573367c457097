"""Rules of the chat that need a whole service: what a code shows, what is paid and mailed, what staff see, offers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls.lob import MailLetter
from bot.core.calls.stripe import OpenCheckout
from bot.engine.turn import Turn
from bot.web.pages.templates import page
from handlers.appeals.flow import AppealDraft
from storage import addresses
from tests.handlers.appeals.flow.world import SF_ALL, called, case_of, opened, seen, walk
from tests.handlers.appeals.order_kit import PRIVATE, Shop
from tests.jobs.plant import Plant, notices, notify, plant, sms, telegram
from tests.simulation.services import Someone, everything, full_town

ROOT = Path(__file__).parents[2]
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
DAY = timedelta(days=1)


# -- SMS-27 ------------------------------------------------------------------------------------------------------------


async def _offered(made: Plant, channel: str, *, agrees: bool) -> int:
    handle = "+14155550123" if channel == "sms" else "7:1"
    await made.text("hi", handle=handle, channel=channel)
    await made.settle()
    who = int((await made.rows())[-1].person_id)
    if agrees:
        await made.writers.run(
            lambda work: addresses.consent_to(
                work, person_id=who, handle=f"{channel}:{handle}", kind="offers", wording="offers 1", source="form"
            )
        )
    return who


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("agrees", [False, True])
async def test_sms_27_an_offer_needs_the_persons_own_word_and_is_off_by_default(
    agrees: bool, channel: str, tmp_path: Path
) -> None:
    vendor = sms() if channel == "sms" else telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _offered(made, channel, agrees=agrees)
        await made.text("REMIND", handle="+14155550123" if channel == "sms" else "7:1", channel=channel)
        await notify(made, who, "buy one", purpose="offer")
        await made.wait(3 * DAY)
        sent = [call for call in vendor.asked if "buy one" in getattr(call, "body", getattr(call, "text", ""))]
        assert len(sent) == agrees


async def test_sms_27_a_stop_ends_that_word_and_a_start_does_not_bring_it_back(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _offered(made, "sms", agrees=True)
        for text in ("STOP", "START"):
            await made.text(text)
        await notify(made, who, "buy one", purpose="offer")
        await made.wait(3 * DAY)
        assert not any("buy one" in call.body for call in vendor.asked)
        assert [row.error for row in await made.rows("cancelled")] == ["no consent"]


async def test_sms_27_an_offer_never_shares_a_message_with_a_notice(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _offered(made, "sms", agrees=True)

        @made.registry.on("stripe:both")
        def both(turn: Turn) -> None:
            turn.notify("test.text", text="your letter is printed")
            turn.notify("test.text", purpose="offer", text="buy one")

        from bot.core.events import Event

        await made.event(Event("stripe", "both", "both", {"person": who}))
        await made.wait(3 * DAY)
        bodies = [call.body for call in vendor.asked if "buy one" in call.body or "printed" in call.body]
        assert len(bodies) == 2
        assert not any("buy one" in body and "printed" in body for body in bodies)


SALE = re.compile(r"\{price\}|\$\d|discount|coupon|% off|\bsale\b|\bbuy\b|upgrade|subscribe to|special", re.IGNORECASE)


def _told_as_news() -> Iterator[tuple[str, str]]:
    """Yield the key of every text that goes out by itself as news of a case, and where that is written."""
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "notify"):
                continue
            purposes = [k.value for k in node.keywords if k.arg == "purpose"]
            news = not purposes or (isinstance(purposes[0], ast.Constant) and purposes[0].value == "notice")
            if news and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value), path.name


def test_sms_27_no_news_of_a_case_sells_anything() -> None:
    from bot.engine.registry import Registry

    registry = Registry()
    everything(registry)
    entries, keys = registry.catalogue.entries("en"), dict(_told_as_news())
    assert len(keys) > 10
    told = {key: text for key, text in entries.items() if re.sub(r"\.(sms|telegram)$", "", key) in keys}
    assert [(key, text) for key, text in told.items() if SALE.search(text)] == []
    assert SALE.search("Want a second letter? Only $9.00.")


# -- SMS-43 in the service as it ships ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_43_a_photo_out_of_the_blue_is_a_receipt_and_its_person_may_type_it(
    channel: str, tmp_path: Path
) -> None:
    async with full_town(tmp_path) as world:
        dana = Someone(world, channel)
        if channel == "sms":
            await dana.phone.mms([JPEG])
        else:
            await dana.phone.photo(JPEG)
        await world.advance(timedelta(seconds=5))
        asked = "\n".join(dana.heard)
        assert asked.count("I cannot read this one.") == 1, "a plain colour has nothing printed on it"
        assert "automated" in asked, "it is the first message of this person"
        assert "Joe's $12.50" in (await dana.say("12.50 lunch Joe's"))[0]


# -- ADR-7 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("silence", [0, 120])
async def test_adr_7_a_case_code_alone_shows_status_words_and_nothing_private(silence: int, tmp_path: Path) -> None:
    async with Shop.open(tmp_path) as shop:
        await shop.mail()
        code = (await shop.case()).code
        await shop.wait(days=silence)
        for text in (code, f"status {code}", code.lower()):
            shown = await shop.me.say(text)
            said = "\n".join(message.text for message in shown)
            assert code in said
            secrets = [one for one in PRIVATE if one != "Example"] + ["1 Example", "Apt 4", "Mission St"]
            assert [secret for secret in secrets if secret in said] == []
            assert not any(message.file or message.links or "https://" in message.text for message in shown)


async def test_adr_7_another_persons_code_shows_not_even_that(tmp_path: Path) -> None:
    async with Shop.open(tmp_path) as shop:
        await shop.mail()
        code = (await shop.case()).code
        other = shop.h.phone("telegram", "7:9")
        for text in (code, f"status {code}"):
            (reply,) = await other.say(text)
            assert "no case of yours" in reply.text
            assert "San Francisco" not in reply.text
            assert "printer" not in reply.text


# -- UX-10, LEG-4: paying and mailing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["1", "a", "pay", "sure", "\N{THUMBS UP SIGN}"])
async def test_ux_10_nothing_is_charged_or_mailed_without_the_word_to_the_preview(word: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = await walk(h.phone("sms"), *SF_ALL)
        assert "Your letter, 4 pages" in seen(shown), "the preview"
        await walk(h.phone("sms"), word)
        assert called(h, OpenCheckout) + called(h, MailLetter) == []


@pytest.mark.parametrize("disturbance", ["plain", "redeliver", "restart"])
async def test_ux_10_a_repeated_ok_does_nothing(disturbance: str, tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL)
        h.redeliver, h.restart = disturbance == "redeliver", disturbance == "restart"
        await walk(phone, "ok", "ok", "OK", "ok")
        assert len(called(h, OpenCheckout)) == 1
        assert called(h, MailLetter) == []
        assert (await case_of(h))[0].stage == "awaiting_payment"


async def test_ux_10_a_double_tap_on_approve_opens_one_checkout(tmp_path: Path) -> None:
    from tests.handlers.appeals.flow.world import script

    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *script("new_york.telegram")[:-1])
        data = phone.last.buttons["Approve"]
        for _ in range(3):
            await phone.press(data)
        assert len(called(h, OpenCheckout)) == 1
        assert called(h, MailLetter) == []


@pytest.mark.parametrize("events", [1, 3])
async def test_ux_10_a_payment_told_again_and_again_mails_one_letter(events: int, tmp_path: Path) -> None:
    async with Shop.open(tmp_path) as shop:
        await shop.approve()
        await shop.request()
        for n in range(events):
            await shop.pay(key=f"evt-{n}")
        await shop.wait(minutes=30)
        for _ in range(events):
            await shop.me.say("ok")
        await shop.wait(days=2)
        assert len(shop.calls(MailLetter)) == 1
        assert [row.status for row in await shop.payments()] == ["paid"]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_leg_4_the_refund_rule_and_what_is_not_refunded_stand_before_the_pay_link(
    channel: str, tmp_path: Path
) -> None:
    async with Shop.open(tmp_path) as shop:
        phone = shop.h.phone(channel)
        await shop.approve(phone)
        await shop.request(phone)
        told = next(message for message in phone.messages if "/p/" in message.text + "".join(message.links.values()))
        before = told.text.partition("https://")[0]
        assert "Full refund if we do not mail it" in before
        assert "none for the city's decision" in before


def test_leg_4_the_pay_page_says_what_is_not_refunded_before_its_button() -> None:
    shown = page("pay.html", item="x", less="", amount="$9.00", tax="$0.00", total="$9.00", until="x", demo=False).text
    assert shown is not None
    button = shown.index("<button")
    for rule in ("full refund if we do not mail", "no refund for what the city decides", "once the letter is mailed"):
        assert shown.index(rule) < button


def test_leg_4_terms_say_both() -> None:
    from bot.engine.registry import Registry

    registry = Registry()
    everything(registry)
    for channel in ("sms", "telegram"):
        text = registry.catalogue.text("engine.terms", "en", channel)
        assert "Full refund if we do not mail" in text
        assert "none once mailed, or for the decision" in text


def test_ux_23_the_appeal_counts_as_empty_before_a_word_was_entered() -> None:
    assert AppealDraft().model_dump(exclude_defaults=True) == {}
