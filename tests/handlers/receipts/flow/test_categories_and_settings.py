"""Categories, splits, settings and statistics, as seen in the chat (CAT-4, CAT-8, DRF-5, section 12)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from storage.receipts import preferences
from storage.receipts.ledger import part, transaction
from tests.handlers.receipts.flow.books_world import booked, entry, first_person, only
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows

MARCH = date(2026, 3, 12)
LONG = "x" * 41


async def test_cat_4_the_tree_is_changed_in_the_chat(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", MARCH, "food.coffee"))
        told = [
            (await only(ann, said))[0]
            for said in (
                "category add Food > Ramen",
                "category rename ramen to Noodles",
                "category move noodles to groceries",
                "category merge coffee into noodles",
                "category hide noodles",
                "categories groceries",
                "category show noodles",
                "find noodles",
                "category delete bakery",
            )
        ]
        assert told == [
            "Added Food > Ramen.",
            "Ramen is now Food > Noodles.",
            "Moved: Groceries > Noodles.",
            "Food > Coffee is gone: all of it is in Groceries > Noodles now.",
            "Groceries > Noodles is hidden from choices. CATEGORY SHOW brings it back.",
            "Groceries: Supermarket, Bakery, Alcohol",
            "Groceries > Noodles is shown again.",
            "1 found: $9.00.\nMar 12 Joe's $9.00",
            "Deleted Groceries > Bakery.",
        ]


FAULTS = [
    ("category add food", "There is a category food at that place already."),
    ("category add Food > Coffee > Ice > Cream", "I know no category Food > Coffee > Ice. CATEGORIES lists yours."),
    (f"category add {LONG}", "A category needs a name of 1 to 40 letters, without >."),
    ("category move food to coffee", "Food cannot be inside itself."),
    ("category delete travel", "Travel has categories under it. Move or delete those first."),
    ("category merge groceries into food", "Groceries has categories under it. Move or delete those first."),
    (
        "category rename coffee",
        "Please say what and where: CATEGORY RENAME Ramen TO Noodles, MOVE Ramen TO Food, MERGE Ramen INTO Coffee.",
    ),
    ("category hide xyzzy", "I know no category xyzzy. CATEGORIES lists yours."),
    ("category hide refund", "Income > Refund is hidden from choices. CATEGORY SHOW brings it back."),
]


async def test_cat_4_faults_are_said_in_plain_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for said, told in FAULTS:
            assert await only(ann, said) == [told]


async def test_cat_4_four_deep_is_too_deep(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert await only(ann, "category add coffee > ice") == ["Added Food > Coffee > ice."]
        assert await only(ann, "category add ice > cream") == [
            "Categories go three deep at most: cream would be the fourth."
        ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("1", "all of it is in Food now"),
        ("2", "all of it is in Uncategorised now"),
        ("bars", "all of it is in Food > Bars now"),
        ("keep", "Food > Coffee stays."),
    ],
)
async def test_cat_4_deleting_asks_where_its_purchases_go(tmp_path: Path, answer: str, told: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", MARCH, "food.coffee"))
        assert await only(ann, "category delete coffee") == [
            "Delete Food > Coffee: where shall its purchases go? 1 Food 2 Uncategorised 3 Keep, or a category by name."
        ]
        assert "I know no category" in (await only(ann, "xyzzy"))[0]
        assert told in (await only(ann, answer))[0]
        assert "1 found: $9.00" in (await only(ann, "find joe's"))[0]


async def test_cat_4_a_used_main_category_is_hidden(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await booked(harness, entry(900, "Joe's", MARCH, "food"))
        assert "in use, so I hid it instead" in (await only(ann, "category delete food"))[0]
        assert not (await only(ann, "categories"))[0].startswith("Food")


async def test_cat_4_a_waiting_draft_and_a_saved_receipt_follow_a_merge(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("9.00 lunch joe's")
        code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
        await ann.say("7.00 lunch pete's")
        await ann.say("category merge restaurants into bars")
        assert (await only(ann, "review"))[0].startswith("Pete's $7.00, today, Bars")
        assert (await only(ann, "ok"))[0].startswith("Saved R7K2")
        assert "Joe's $8.00, today, Bars" in (await only(ann, f"edit {code} amount 8"))[0]
        await ann.say(f"undo {code}")
        assert (await only(ann, code))[0].startswith("R7K2: Joe's $9.00, today")
        assert await receipt_states(harness) == ["confirmed", "confirmed"]


# -- splits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ("10 food, rest home", "Food $10.00 + Home $16.23"),
        ("food 10, home 5", "Food $21.23 + Home $5.00"),
        ("$6.23 food and 10 home and rest fun", "Food $6.23 + Home $10.00 + Fun $10.00"),
    ],
)
async def test_cat_8_a_split_adds_to_the_total(tmp_path: Path, parts: str, told: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("26.23 trader joe's")
        code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
        assert told in (await only(ann, f"split {code}: {parts}"))[0]
        (row,) = await rows(harness, transaction)
        split = await rows(harness, part)
        assert row.split
        assert sum(one.amount_minor for one in split) == row.amount_minor == 2_623
        changed = (await only(ann, f"edit {code} amount 52.46"))[0]
        assert "$52.46" in changed
        assert sum(one.amount_minor for one in await rows(harness, part)) == 5_246


async def test_cat_8_parts_above_the_total_or_unknown_are_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        (draft,) = await ann.say("26.23 trader joe's")
        code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
        assert draft.text
        assert await only(ann, f"split {code}: 20 food, 10 home") == ["Those parts come to more than $26.23."]
        assert await only(ann, f"split {code}: 20 foood, rest home") == [
            "I know no category foood. CATEGORIES lists yours."
        ]
        assert await only(ann, f"split {code}") == ["Please say the parts: SPLIT R7K2: 10 food, rest home."]
        assert not await rows(harness, part)


# -- settings ------------------------------------------------------------------------------------------------------


async def test_settings_are_changed_and_listed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for said in ("currency eur", "zone Europe/Berlin", "week starts on sunday", "auto on", "cloud off", "dark on"):
            assert "know no" not in (await only(ann, said))[0]
        assert (await only(ann, "settings"))[0].startswith(
            "Books: CURRENCY EUR, ZONE Europe/Berlin, WEEK Sunday, AUTO on, CLOUD off, DARK on."
        )
        kept = await harness.writers.run(lambda work: preferences.of_person(work, first_person(work)))
        assert kept == preferences.Preferences("EUR", None, 6, True, "off", True)
        assert (await only(ann, "9.00 lunch joe's"))[0].startswith("Joe's €9.00")


ZONES = [
    ("zone tokyo", "Asia/Tokyo"),
    ("timezone new york", "America/New_York"),
    ("ZONE europe/berlin", "Europe/Berlin"),
    ("zone portland, or", "America/Los_Angeles"),
    ("zone sao paulo", "America/Sao_Paulo"),
]


async def test_a_zone_is_known_by_name_or_city(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for said, zone in ZONES:
            assert (await only(ann, said))[0].startswith(f"Your zone is {zone}, where it is")


@pytest.mark.parametrize("said", ["zone atlantis", "currency xyz"])
async def test_an_unknown_setting_changes_nothing(tmp_path: Path, said: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "I " in (await only(ann, said))[0]
        assert "CURRENCY USD, ZONE America/Los_Angeles" in (await only(ann, "settings"))[0]


async def test_the_first_day_of_the_week_moves_this_week(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(900, "Joe's", date(2026, 3, 15)))
        assert (await only(ann, "summary this week"))[0].startswith("Nothing spent")
        await ann.say("week sunday")
        assert (await only(ann, "summary this week"))[0].startswith("Mar 15-21 so far: $9.00 spent")


async def test_drf_5_auto_saves_sure_readings_at_once_with_undo(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("auto on")
        (text,) = [m.text for m in await ann.photo(photo(*TRADER_JOES))]
        assert "Trader Joe's $26.23, Mar 15, Supermarket. March so far $26.23. UNDO within a day." in text
        assert text.startswith("Saved ")
        assert await receipt_states(harness) == ["confirmed"]
        assert "waits again" in (await only(ann, "undo"))[0]
        assert await receipt_states(harness) == ["draft"]


async def test_drf_5_what_is_unsure_or_alike_is_asked_even_so(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("auto on")
        await ann.photo(photo(*TRADER_JOES))
        assert "Undo" in ann.last.buttons
        await ann.photo(photo("KEDAI MAJU", "15/03/2026", "GST No 123456", "TOTAL RM48.90", "TOTAL RM48.92"))
        await ann.photo(photo(*TRADER_JOES, "SECOND COPY"))
        states = await receipt_states(harness)
        assert states[0] == "confirmed"
        assert "confirmed" not in states[1:]


async def test_drf_5_without_auto_it_is_asked(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        assert await receipt_states(harness) == ["draft"]


async def test_stats_count_states_and_readings(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "No receipts yet" in (await only(ann, "stats"))[0]
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        await ann.photo(photo("!unreadable"))
        await ann.say("drop")
        (text,) = await only(ann, "STATS")
        assert text.startswith("2 receipts: 1 saved, 1 dropped. Read 1 of 2 (50%), mean confidence ")
