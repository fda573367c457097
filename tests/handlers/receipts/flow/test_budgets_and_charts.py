"""BUDGET with its alerts, TREND and CHART, as seen in the chat (SUM-5, SUM-6, SM-8, SM-9, CHA-1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.calls import Done, Refused
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.ports import Attempt
from bot.engine.render import PictureTexts
from integrations.charts import Charts
from storage.links import link
from tests.handlers.receipts.flow.books_world import Drawer, booked, entry, only
from tests.handlers.receipts.flow.world import met, open_world, rows
from tests.integrations.press.test_press import Shelf

KEPT = Path(__file__).parents[4] / "test-artefacts"
NOW = datetime(2026, 3, 18, tzinfo=UTC)
MARCH = date(2026, 3, 12)
EIGHT = ("food", "groceries", "transport", "shopping", "home", "utilities", "health", "fun", "travel")


async def test_sm_9_alerts_at_80_and_100_percent_only(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        assert await only(ann, "budget food 100") == ["Budget Food: $100.00 a month. $0.00 of $100.00 (0%) so far."]
        alerts: list[list[str]] = []
        for amount in ("79.99", "0.01", "19.99", "0.01"):
            await ann.say(f"{amount} lunch cafe {'abcdefg'[len(alerts)]}")
            (saved,) = await only(ann, "ok")
            alerts.append(saved.split("\n")[1:])
        assert alerts == [
            [],
            ["Budget Food: $80.00 of $100.00 (80%) this month."],
            [],
            ["Budget Food is used up: $100.00 of $100.00 (100%) this month."],
        ]
        await ann.say("undo")
        await ann.say("edit")
        await ann.say("1 1.01")
        assert "Budget" not in (await only(ann, "ok"))[0]


async def test_sum_6_an_edit_of_a_saved_receipt_crosses_too(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("budget food 100")
        await ann.say("10.00 lunch joe's")
        code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
        assert "Budget Food: $90.00 of $100.00 (90%) this month." in (await only(ann, f"edit {code} amount 90"))[0]


SETTING = [
    ("BUDGET FOOD 400", "Budget Food: $400.00 a month. $90.00 of $400.00 (22%) so far."),
    ("budget coffee 25 week", "Budget Coffee: $25.00 a week. $0.00 of $25.00 (0%) so far."),
    ("budget 1,200.50", "Budget Everything: $1,200.50 a month. $90.00 of $1,200.50 (7%) so far."),
    ("budget for groceries to €80 weekly", "Budget Groceries: €80.00 a week. €0.00 of €80.00 (0%) so far."),
    ("budget food 100 EUR", "Budget Food: €100.00 a month. €0.00 of €100.00 (0%) so far."),
    (
        "budget food 100 rollover",
        "Budget Food: $100.00 a month, what is left carries over. $90.00 of $100.00 (90%) so far.",
    ),
    ("budget foood 100", "I know no category foood. CATEGORIES lists yours."),
    ("budget food", "A budget is set like this: BUDGET FOOD 400, BUDGET COFFEE 25 WEEK, BUDGET ALL 2000 ROLLOVER."),
    (
        "budget food 0",
        "A budget is set like this: BUDGET FOOD 400, BUDGET COFFEE 25 WEEK, BUDGET ALL 2000 ROLLOVER.",
    ),
    ("budget drop 9", "There is no budget 9. BUDGETS lists them."),
]


async def test_sum_6_budgets_are_set_in_plain_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(9_000, "Joe's", MARCH, "food.restaurants"))
        for said, told in SETTING:
            assert await only(ann, said) == [told]


async def test_sum_6_budgets_are_listed_and_dropped(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        assert "no budget yet" in (await only(ann, "budgets"))[0]
        await ann.say("budget food 100")
        await ann.say("budget all 2000 week")
        (text,) = await only(ann, "budgets")
        assert text.split("\n")[:2] == [
            "1 Food: $0.00 of $100.00 (0%) this month",
            "2 Everything: $0.00 of $2,000.00 (0%) this week",
        ]
        assert await only(ann, "budget drop 1") == ["Budget Food is ended."]
        assert (await only(ann, "budgets"))[0].startswith("1 Everything")


# -- charts --------------------------------------------------------------------------------------------------------


async def test_cha_1_by_category_at_most_seven_parts_and_others(tmp_path: Path) -> None:
    drawer = Drawer()
    async with open_world(tmp_path, world=drawer.world) as harness:
        ann = await met(harness, "telegram")
        parts = [entry(100 * (9 - n), f"Shop {n}", MARCH, key) for n, key in enumerate(EIGHT)]
        await booked(harness, *parts, entry(500, "Euro", MARCH, currency="EUR"))
        picture, line = await ann.say("CHART march")
        assert picture.file is not None
        assert line.text.startswith("March, USD: Food $9.00 20%, Groceries $8.00 18%")
        assert line.text.endswith("Other $3.00 6%. Also in EUR.")
        (call,) = drawer.asked
        assert call.title == "Spent: March, USD"
        assert len(call.bars) == 8
        assert (call.bars[0].length, call.bars[-1].label, call.bars[-1].tone) == (1000, "Other", -1)
        assert sum(int(bar.value.split()[-1].rstrip("%")) for bar in call.bars) == 100
        assert not call.dark
        await _kept(call, "chart-chat-parts.png")


async def test_sm_8_and_sum_5_a_trend_lists_every_month(tmp_path: Path) -> None:
    drawer = Drawer()
    async with open_world(tmp_path, world=drawer.world) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(1_000, "Joe's", MARCH, "food.restaurants"),
            entry(4_000, "Joe's", date(2025, 4, 30), "food.coffee"),
            entry(7_000, "Shell", date(2025, 12, 31), "transport.fuel"),
        )
        await ann.say("dark on")
        (message,) = await ann.say("trend 12 food")
        line, link = message.text.split("\n")
        assert line.startswith("Food by month, USD: Apr 2025 $40.00, May 2025 $0.00,")
        assert line.endswith("Dec 2025 $0.00, Jan $0.00, Feb $0.00, Mar $10.00.")
        assert re.fullmatch(r"http://localhost/d/\S+", link)
        (call,) = drawer.asked
        assert len(call.bars) == 12
        assert call.dark
        await _kept(call, "chart-chat-months.png")
        await ann.say("chart 3 weeks light")
        assert [bar.label for bar in drawer.asked[1].bars] == ["Mar 2", "Mar 9", "Mar 16"]
        assert not drawer.asked[1].dark


async def test_cha_1_budget_bars_mark_their_limits(tmp_path: Path) -> None:
    drawer = Drawer()
    async with open_world(tmp_path, world=drawer.world) as harness:
        ann = await met(harness, "telegram")
        assert "no budget yet" in (await only(ann, "chart budgets"))[0]
        await booked(harness, entry(12_000, "Joe's", MARCH, "food.restaurants"))
        await ann.say("budget food 100")
        await ann.say("budget all 1000")
        _, line = await ann.say("chart budgets")
        assert line.text == "Budgets, USD: Food $120.00 of $100.00, Everything $120.00 of $1,000.00."
        (call,) = drawer.asked
        assert [(bar.length, bar.mark) for bar in call.bars] == [(1000, 833), (120, 1000)]
        await _kept(call, "chart-chat-budgets.png")


async def test_cha_1_without_a_drawer_the_line_comes_alone_and_the_draft_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=Drawer(Refused("not_configured")).world) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(1_000, "Joe's", MARCH, "food.restaurants"))
        await ann.say("9.00 coffee joe's")
        assert await only(ann, "chart") == ["March, USD: Food $10.00 100%."]
        assert (await only(ann, "ok"))[0].startswith("Saved R7K2.")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("chart february", "Nothing spent: February. So there is nothing to draw."),
        ("trend 3 foood", "I know no category foood. CATEGORIES lists yours."),
    ],
)
async def test_what_cannot_be_drawn_is_said(tmp_path: Path, said: str, told: str) -> None:
    drawer = Drawer()
    async with open_world(tmp_path, world=drawer.world) as harness:
        ann = await met(harness, "sms")
        assert await only(ann, said) == [told]
        assert not drawer.asked


async def _kept(call: DrawChart, name: str) -> None:
    """Draw what the chat asked for, look at its size, and keep it."""
    shelf = Shelf()
    outcome = await Charts().draw(call, Attempt("k", 1, NOW, NOW, shelf))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, ChartDrawn)
    data, _ = shelf.blobs[outcome.result.blob]
    assert outcome.result.width == 1080
    assert len(data) <= 600_000
    KEPT.mkdir(exist_ok=True)
    (KEPT / name).write_bytes(data)


@pytest.mark.parametrize(
    ("is_on", "size", "as_picture"), [(True, 90_000, True), (True, 700_000, False), (False, 90_000, False)]
)
async def test_chn_2_cha_1_a_chart_is_a_picture_by_sms_where_it_can_be_and_a_link_elsewhere(
    tmp_path: Path, is_on: bool, size: int, as_picture: bool
) -> None:
    async with open_world(tmp_path, world=Drawer(size=size).world) as harness:
        harness.registry.settings[PictureTexts] = PictureTexts(is_on, "+14155550100")
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", MARCH, "food.restaurants"))
        (shown,) = await ann.say("chart")
        assert "Food $9.00 100%" in shown.text
        assert ("/d/" in shown.text) is not as_picture
        assert [url.startswith(f"{harness.registry.public_url}/d/") for url in shown.pictures] == [True] * as_picture
        (made,) = await rows(harness, link)
        life = timedelta(hours=1) if as_picture else timedelta(hours=24)
        assert made.expires_at == harness.clock.now() + life
