"""FIND, MORE, questions and idle words, as seen in the chat (SEA-1 to SEA-4, NOT-2)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from bot.core.sms import size
from tests.handlers.receipts.flow.books_world import booked, entry, only, placed
from tests.handlers.receipts.flow.world import TODAY, met, open_world, receipt_states

MARCH, FEBRUARY = date(2026, 3, 12), date(2026, 2, 12)


PLAIN_WORDS = [
    ("find food in march", {"Joe's"}),
    ("food in march", {"Joe's"}),
    ("starbucks", {"Starbucks"}),
    ("over 50 last month", {"IKEA"}),
    ("find between 4 and 13", {"Joe's", "Starbucks"}),
    ("between 4 and 13", {"Joe's", "Starbucks"}),
    ("#work", {"Joe's"}),
    ("refunds", {"Zara"}),
    ("uncategorised", {"IKEA", "Zara"}),
    ("without receipt last month", {"IKEA", "Starbucks"}),
    ("did I pay joe's 12.50?", {"Joe's"}),
    ("when did i last buy starbucks", {"Starbucks"}),
    ("show me coffee", {"Starbucks"}),
]


async def test_sea_1_plain_words_find_what_they_mean(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(1_250, "Joe's", MARCH, "food.restaurants", tags=("work",)),
            entry(450, "Starbucks", FEBRUARY, "food.coffee"),
            entry(40_260, "IKEA", FEBRUARY),
            entry(-1_999, "Zara", MARCH, kind="refund"),
        )
        for said, names in PLAIN_WORDS:
            (text,) = await only(ann, said)
            found = {name for name in ("Joe's", "Starbucks", "IKEA", "Zara") if name in text}
            assert (said, text.split(":")[0], found) == (said, f"{len(names)} found", names)


async def test_sea_3_pages_by_sms_never_repeat_or_skip(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        days = [entry(100 + n, f"Cafe {chr(65 + n)}", TODAY - timedelta(days=n // 3)) for n in range(12)]
        await booked(harness, *days, entry(700, "Cafe Euro", TODAY, currency="EUR"))
        harness.redeliver = harness.restart = True
        first, *lines = (await only(ann, "find cafe"))[0].split("\n")
        assert first == "13 found: €7.00, $12.66."
        assert lines.pop() == "MORE for 8 more."
        assert len(lines) == 5
        await booked(harness, entry(999, "Cafe Late", TODAY))
        head, *second = (await only(ann, "more"))[0].split("\n")
        assert (head, second.pop()) == ("6-10 of 14:", "MORE for 4 more.")
        assert size("\n".join([first, *lines])).segments <= 2
        head, *third = (await only(ann, "MORE"))[0].split("\n")
        shown = [line.split(" $")[0].split(" €")[0] for line in (*lines, *second, *third)]
        assert len(shown) == len(set(shown)) == 13
        assert not any("Late" in line for line in shown)
        assert await only(ann, "more") == ["There is no more of it."]


async def test_sea_3_ten_a_page_on_telegram_and_an_old_button_shows_nothing_twice(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await booked(harness, *(entry(100, f"Cafe {chr(65 + n)}") for n in range(23)))
        (first,) = await ann.say("find cafe")
        assert first.text.startswith("23 found: $23.00.")
        assert len(first.text.split("\n")) == 11
        button = first.buttons["More"]
        (second, *_) = await ann.press(button)
        assert second.text.startswith("11-20 of 23:")
        (again, *_) = await ann.press(button)
        assert again.text == "That list has moved on. FIND begins a new one."
        (third, *_) = await ann.tap("More")
        assert third.text.startswith("21-23 of 23:")
        assert not third.buttons


async def test_sea_4_anothers_code_is_an_unknown_code(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("9.00 lunch joe's")
        (saved,) = await ann.say("ok")
        code = saved.text.split()[1].rstrip(".")
        assert (await only(ann, f"find {code}"))[0].startswith("R7K2: Joe's $9.00")
        bob = harness.phone("sms", "+14155550199")
        await bob.say("menu")
        for said in ("find {}", "{}", "split {}: 1 food, rest home", "picture {}"):
            theirs = (await bob.say(said.format(code)))[0].text
            unknown = (await bob.say(said.format("Z9Z9")))[0].text
            assert theirs.replace(code, "X") == unknown.replace("Z9Z9", "X")


async def test_not_2_a_question_makes_no_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert await only(ann, "did I pay Joe's 12.50?") == ["Nothing found: Joe's 12.50."]
        assert await receipt_states(harness) == []


async def test_idle_words_that_mean_nothing_bring_the_menu(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for said in ("starbucks", "hello", "blue sky"):
            assert "1 Receipts and spending" in (await only(ann, said))[0]
        await booked(harness, entry(100, "Joe's"))
        assert "1 Receipts and spending" in (await only(ann, "blue sky"))[0]
        assert "Send a photo" in (await only(ann, "1"))[0]


async def test_a_search_leaves_the_open_draft_open(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, *(entry(100, f"Cafe {chr(65 + n)}") for n in range(7)))
        await ann.say("9.00 lunch joe's")
        found = (await only(ann, "find cafe"))[0]
        assert found.startswith("7 found")
        assert found.endswith("Joe's $9.00, today, Restaurants. OK, EDIT or DROP.")
        assert "6-7 of 7:" in (await only(ann, "more"))[0]
        await ann.say("ok")
        assert await receipt_states(harness) == ["confirmed"]


async def test_words_are_never_taken_from_another_services_question(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", MARCH, "food.restaurants"))
        for said in ("summary", "find food", "budget food 4", "chart", "stats", "over 5 last month", "food"):
            await placed(harness, "own")
            assert (await only(ann, said))[0].startswith(f"taken: {said}")


async def test_more_at_the_choice_of_a_category_shows_the_next_ones(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("9.00 lunch joe's")
        await ann.say("edit")
        first = await only(ann, "category")
        assert (await only(ann, "more")) != first
        assert "1 " in ann.last.text
