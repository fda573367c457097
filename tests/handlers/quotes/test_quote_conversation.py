"""A quote from its first word to its payment, on both channels (QT-1 to QT-4, QT-8, QT-9)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.workshop import TypesetSheet
from bot.core.errors import Permanent
from bot.engine.orders import Opened, Wanted
from bot.engine.turn import Turn
from handlers.quotes.corrugated import rates as rate_file
from storage.audit import audit
from storage.links import link
from storage.quotes.contacts import contact
from storage.quotes.privacy import OF_PERSON
from storage.quotes.versions import version
from tests.handlers.quotes.world import A, B, C, Counter, open_world

DAY = timedelta(days=1)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize(("line", "total"), [(A, 1_260_000), (B, 2_783_025), (C, 3_320_100)])
async def test_a112_the_golden_quotes_end_to_end(tmp_path: Path, channel: str, line: str, total: int) -> None:
    async with open_world(tmp_path, channel) as world:
        assert "Right?" in await world.say(line)
        said = await world.say("ok")
        assert f"= {total // 100:,}.{total % 100:02d} INR" in said
        assert "Q-1001 version 1, draft" in said
        assert await world.totals() == [(1, total)]


async def test_a113_an_outside_size_is_told_both_ways_and_costs_as_the_inside(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        echo = await world.say("quote outside 305x205x152.5 mm, 3-ply B, 1000")
        assert "Box 300 x 200 x 150 mm" in echo
        assert "(Outside 305 x 205 x 152.5 mm.)" in echo
        assert "12,600.00" in await world.say("ok")


async def test_qt_1_missing_fields_are_asked_one_by_one_and_everything_is_echoed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for text, asked in {
            "quote": "Which size", "12x8x6": "which unit", "in": "How many plies", "3 ply": "Which flute",
            "b": "How many pieces", "500": "304.8 x 203.2 x 152.4",
        }.items():  # fmt: skip
            assert asked in await world.say(text)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_qt_1_a_number_of_plies_is_itself_and_no_place_in_a_list(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path, channel) as world:
        for said, ply in {"1": 1, "3": 3, "5": 5, "five": 5, "5 ply": 5, "9": 9}.items():
            asked = await world.say("quote 300x200x150 mm 1000 pcs")
            assert "How many plies: 1, 3, 5, 7 or 9?" in asked
            assert "\n1 1" not in asked, "a numbered list of numbers has two readings"
            assert f"{ply}-ply" in await world.say(said)


async def test_qt_1_plies_have_buttons_that_mean_what_they_say(tmp_path: Path) -> None:
    async with open_world(tmp_path, "telegram") as world:
        await world.say("quote 300x200x150 mm B 1000 pcs")
        shown = await world.phone.press(dict(world.phone.last.buttons)["3"])
        assert "3-ply" in shown[-1].text


async def test_qt_1_a_quote_is_asked_for_in_plain_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for line in (
            "I need a quote for 1000 boxes 300x200x150mm 3 ply B",
            "can I get a quote for 1000 pcs 300x200x150 mm 3ply B please",
            "need a quotation for 1000 boxes 300x200x150mm 3 ply B",
            "we're looking for a quote on 1000 boxes 300x200x150mm 3 ply B",
            "Hi, please quote 1000 boxes 300x200x150mm 3ply B",
            "Could you please send me a quotation for 300x200x150mm 3ply B 1000 pcs",
            "We'd like a price quote on 300x200x150mm 3ply B 1000 pcs",
            "Quotation for 300x200x150mm 3ply B 1000 pcs",
        ):
            assert "Box 300 x 200 x 150 mm, 3-ply B, 1,000 pieces." in await world.say(line), line
            await world.say("drop")
        assert "Which size" not in await world.say("your quote is too high")


async def test_a_question_without_an_answer_is_left_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("quote")
        assert "Which size" not in await world.say("menu")
        await world.say("quote 300x200x150 mm")
        assert "MENU again" in await world.say("menu")


async def test_an_edit_says_what_is_missing_then(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made(B)
        assert "Which flute for 3-ply?" in await world.say("quote 1001 edit 3 ply")
        assert "3-ply B" in await world.say("quote 1001 edit 3 ply B")


async def test_qt_1_drop_ends_it_at_a_question_too(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("quote 300x200x150 mm")
        assert "Dropped" in await world.say("Drop it")


async def test_qt_1_out_of_bounds_asks_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        said = await world.say("quote 5x3x2 mm 3ply B 1000")
        assert "every side is 20 to 2500 mm" in said
        assert "Which size?" in said
        assert "Right?" in await world.say("500x300x200 mm")


async def test_a_correction_at_the_echo_is_read_and_drop_ends_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say(A)
        assert "2,000 pieces" in await world.say("make it 2000 pcs")
        assert "Dropped" in await world.say("drop")
        assert await world.totals() == []


async def test_words_of_other_services_are_left_alone_and_a_redelivered_ok_makes_one_quote(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.harness.redeliver = world.harness.restart = True
        await world.made()
        assert await world.totals() == [(1, 1_260_000)]
        assert "no quote Q-1002" in await world.say("quote 1002 show")


async def test_qt_2_every_edit_makes_a_version_and_a_sent_one_is_locked(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        first = (await world.rows(sa.select(version)))[0]
        assert first.locked_at is not None
        assert "version 2, draft" in await world.say("quote 1001 edit 2000 pcs")
        await world.say("quote 1001 send")
        assert (await world.row()).state == "negotiated"
        again = (await world.rows(sa.select(version).where(version.c.number == 1)))[0]
        assert (again.body, again.total_minor) == (first.body, first.total_minor)
        assert "This is an old version; version 2 counts now." in await world.say("quote 1001 v1")


async def test_a116_paper_prices_that_change_move_no_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path) as world:
        await world.sent(B)
        dear = tmp_path / "dear.toml"
        dear.write_text(rate_file.FILE.read_text("utf-8").replace('16 = "38"', '16 = "58"'), "utf-8")
        boxes = next(iter(world.harness.registry.settings.values())).usual
        monkeypatch.setattr(boxes, "_rates", rate_file.rates(dear))
        assert "27,830.25 INR" in await world.say("quote 1001")
        assert "500 53.01, 1,000 49.56, 2,000 47.83, 5,000 46.80" in await world.say("quote 1001 breaks")
        edited = await world.say("quote 1001 edit 600 pcs")
        assert "version 2" in edited
        totals = dict(await world.totals())
        assert totals[1] == 2_783_025
        assert totals[2] > 600 * 5301 * 1.05


async def test_qt_2_an_edit_of_a_draft_keeps_the_rates_of_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path) as world:
        await world.made(B)
        dear = tmp_path / "dear.toml"
        dear.write_text(rate_file.FILE.read_text("utf-8").replace('16 = "38"', '16 = "58"'), "utf-8")
        boxes = next(iter(world.harness.registry.settings.values())).usual
        monkeypatch.setattr(boxes, "_rates", rate_file.rates(dear))
        await world.say("quote 1001 edit 1000 pcs")
        assert (await world.totals())[-1] == (2, 4956 * 1000 * 105 // 100)


async def test_several_items_add_up_and_can_be_removed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made(A)
        await world.say("quote 1001 add 600x400x80 mm 3ply B 1000")
        said = await world.say("ok")
        assert "2. Box 600 x 400 x 80 mm" in said
        assert "45,801.00 INR" in said
        assert "2. Box 600 x 400 x 80 mm, 3-ply B: 2,000 at" in await world.say("quote 1001 edit 2: 2000 pcs")
        assert "33,201.00" not in await world.say("quote 1001 remove 2")
        assert (await world.totals())[-1] == (4, 1_260_000)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_qt_9_sending_makes_a_paper_for_the_owner_to_forward(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path, channel) as world:
        await world.made()
        await world.say("quote 1001 for Asha Rao; Asha Traders; 12 Mill Road; 27ABCDE1234F1Z5; 30 days; limit 50000")
        await world.say("quote 1001 send")
        call = next(one for one in world.harness.calls if isinstance(one, TypesetSheet))
        assert call.document["buyer"] == ["Asha Traders", "Asha Rao", "12 Mill Road", "Tax id 27ABCDE1234F1Z5"]
        assert ["Payment", "within 30 days"] in call.document["facts"]
        assert call.document["sums"][-1] == ["Total", "12,600.00 INR"]
        shown = world.phone.messages
        if channel == "telegram":
            assert any(message.filename == "Q-1001-v1.pdf" for message in shown)
            await world.say("quote 1001 send +919812345678")
        assert len(await world.rows(sa.select(link))) == 1
        assert "/d/" in world.phone.last.text
        assert {handle for _, handle in world.harness.phones} == {world.phone.handle}


async def test_qt_2_the_paper_says_what_a_customer_asks_and_keeps_what_is_ours(tmp_path: Path) -> None:
    """The day, the board, the currency of every column; not what print and die cost us."""
    async with open_world(tmp_path) as world:
        await world.made(B)
        await world.say("quote 1001 send")
        paper = world.papers[-1]
        assert paper["name"] == "Quote Q-1001"
        assert ["Date", "Nov 20, 2026"] in paper["facts"]
        assert paper["columns"] == ["Item", "Quantity", "Unit price INR", "Amount INR"]
        first, papers, strength = paper["rows"][0][0].split("\n")
        assert first == "Box 400 x 300 x 250 mm inside, 5-ply, flutes CB, printed, die included"
        assert papers == "Papers KRA180/20, KRA120/16, KRA120/16, KRA120/16, KRA150/18."
        assert strength == "Bears about 3374 N (344.1 kgf) on top: for information only."
        assert "print 2.00, die 3000" in await world.say("quote 1001"), "its author goes on seeing them"
        await world.say("quote 1001 accept")
        assert [line.text for line in world.till.orders[0].lines] == [first]


async def test_qt_7_a_rate_of_ones_own_is_on_no_paper(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        assert "KRA120/16@37.5" in await world.say("quote 300x200x150 mm 150/18 120/16@37.5 150/18 flute B 1000")
        await world.say("ok")
        await world.say("quote 1001 send")
        assert "KRA120/16" in repr(world.papers[-1])
        assert "37.5" not in repr(world.papers[-1])


async def test_qt_4_the_sent_paper_carries_the_buttons_of_its_version(tmp_path: Path) -> None:
    async with open_world(tmp_path, "telegram") as world:
        await world.sent()
        assert "Q-1001 version 1, good to Nov 27, 2026. Forward it" in world.phone.last.text
        assert set(world.phone.last.buttons) == {"Accept", "Decline"}
        said = await world.phone.press(dict(world.phone.last.buttons)["Accept"])
        assert "is accepted" in said[0].text
        await world.made(C)
        await world.say("quote")
        await world.say("quote 1002 send")
        shown = "\n".join(message.text for message in world.phone.messages)
        assert "When they say yes: QUOTE 1002 ACCEPT." in shown, "beside an open question words do"


async def test_qt_2_a_sent_version_keeps_its_customer(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        await world.say("quote 1001 for Asha Rao; Asha Traders; 12 Mill Road")
        await world.say("quote 1001 send")
        await world.made(C)
        await world.say("quote 1002 for Asha Rao; Asha Traders; 99 New Street")
        await world.say("quote 1001 send")
        assert world.papers[-1] == world.papers[0]
        assert "version 2, draft" in await world.say("quote 1001 for Bob")
        await world.say("quote 1001 send")
        assert world.papers[-1]["buyer"] == ["Bob"]
        again = await world.say("quote 1001 for Bob")
        assert "version 3" not in again, "the same customer is no edit"


async def test_what_cannot_be_printed_is_told_with_the_way_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.harness.world[TypesetSheet] = lambda call, harness: Refused("unsupported_script")
        await world.sent()
        assert "in Latin letters" in world.phone.last.text


async def test_qt_9_a_known_customer_is_found_by_name_alone(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        await world.say("quote 1001 for Asha Rao; Asha Traders")
        await world.made(C)
        await world.say("quote 1002 for asha rao")
        assert (await world.row(1001)).contact_id == (await world.row(1002)).contact_id
        assert len(await world.rows(sa.select(contact))) == 1
        assert "Asha Rao, Asha Traders" in await world.say("quote contacts")
        (kept,) = await world.rows(sa.select(contact.c.body))
        assert b"Asha" not in kept.body


async def test_qt_4_accept_twice_is_one_acceptance_and_one_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        first = await world.say("quote 1001 accept")
        assert "accepted" in first
        assert "https://pay.test/p/1" in first
        second = await world.say("quote 1001 accept")
        assert "accepted already" in second
        assert "https://pay.test/p/1" in second
        assert len(world.till.orders) == 1
        wanted = world.till.orders[0]
        assert (wanted.reference, wanted.is_physical, wanted.expires_at - world.harness.clock.now()) == (
            "1001.1", True, 7 * DAY,
        )  # fmt: skip


async def test_qt_4_an_old_version_is_refused_with_the_current_one(tmp_path: Path) -> None:
    async with open_world(tmp_path, "telegram") as world:
        await world.sent()
        await world.say("quote 1001")
        old = dict(world.phone.last.buttons)["Accept"]
        await world.say("quote 1001 edit 2000 pcs")
        await world.say("quote 1001 send")
        for said in (await world.say("quote 1001 accept v1"), (await world.phone.press(old))[-1].text):
            assert "version 1 is old: version 2 counts now" in said
        assert (await world.row()).state == "negotiated"
        assert world.till.orders == []


async def test_a_draft_cannot_be_accepted_and_an_accepted_quote_not_edited(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        assert "not sent yet" in await world.say("quote 1001 accept")
        assert "not accepted yet" in await world.say("quote 1001 pay")
        await world.say("quote 1001 send")
        await world.say("quote 1001 accept")
        for word in ("edit 5 pcs", "decline", "discount 5", "for Bob"):
            assert "cannot be done any more" in await world.say(f"quote 1001 {word}")


async def test_a117_a_pay_tap_after_expiry_is_told_and_opens_no_order(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        await world.say("quote 1001 accept")
        await world.harness.wait(7 * DAY, world.phone)
        assert "no longer valid" in world.phone.last.text
        assert (await world.row()).state == "expired"
        assert "was valid to Nov 27, 2026" in await world.say("quote 1001 pay")
        assert len(world.till.orders) == 1


async def test_a117_the_days_end_also_when_the_timer_is_late(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        world.harness.clock.advance(7 * DAY)
        assert "was valid to" in await world.say("quote 1001 accept")
        assert world.till.orders == []


async def test_qt_2_a_new_version_gets_new_days(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        await world.harness.wait(6 * DAY)
        await world.say("quote 1001 edit 2000 pcs")
        await world.harness.wait(6 * DAY)
        assert (await world.row()).state == "draft"


async def test_a_payment_marks_the_quote_once_also_after_its_days(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()
        await world.say("quote 1001 accept")
        await world.harness.wait(8 * DAY)
        await world.pay("1001.1")
        assert (await world.row()).state == "paid"
        told = [message.text for message in world.phone.messages if "is paid" in message.text]
        await world.pay("1001.1")
        assert len(told) == len([m for m in world.phone.messages if "is paid" in m.text]) == 1


async def test_qt_8_five_percent_is_the_authors_and_keeps_the_original_price(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        said = await world.say("quote 1001 discount 5%")
        assert "12,000.00 less 5% (600.00)" in said
        assert "= 11,970.00 INR" in said
        await world.say("quote 1001 send")
        await world.say("quote 1001 accept")
        assert [line.amount_minor for line in world.till.orders[0].lines] == [1_200_000, -60_000]


@pytest.mark.parametrize(
    ("verdict", "told", "total"), [("approve", "is granted", 1_159_200), ("decline", "was not granted", 1_260_000)]
)
async def test_qt_8_above_five_percent_staff_decide_once(tmp_path: Path, verdict: str, told: str, total: int) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        assert "8% is more than 5%" in await world.say("quote 1001 discount 8")
        assert await world.alerts() == ["quote_discount"]
        assert (await world.totals())[-1][1] == 1_260_000
        assert "Asks for 8% off" in await world.staff("quote show", "Q-1001")
        assert "8% off" in await world.staff(f"quote {verdict}", "Q-1001")
        assert told in world.phone.last.text
        assert (await world.totals())[-1][1] == total
        acts = [row for row in await world.rows(sa.select(audit)) if row.action.startswith("quote.discount")]
        assert [(row.actor, row.object, json.loads(row.details)) for row in acts] == [
            ("fay", "quote:1001", {"version": 1, "bps": 800})
        ]
        assert "Which quote?" in await world.staff("quote show", "")
        assert "asks for no discount any more" in await world.staff(f"quote {verdict}", "Q-1001")


async def test_qt_8_an_edit_takes_the_wish_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        await world.say("quote 1001 discount 8")
        await world.say("quote 1001 edit 2000 pcs")
        assert "asks for no discount any more" in await world.staff("quote approve", "Q-1001")


async def test_a_quote_of_somebody_else_is_like_none(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        other = world.harness.phone("sms", "+14155550999")
        for word in ("", " send", " accept", " pay", " discount 5"):
            await other.say(f"quote 1001{word}")
            other.expect("I know no quote Q-1001 of yours")


async def test_without_a_till_nothing_is_pretended(tmp_path: Path) -> None:
    async with open_world(tmp_path, till=False) as world:
        await world.sent()
        assert "nothing can be paid here" in await world.say("quote 1001 accept")


async def test_a_till_that_charges_another_amount_is_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path) as world:
        await world.sent()

        def dear(self: Counter, turn: Turn, wanted: Wanted) -> Opened:
            return Opened(1, "https://pay.test/p/1", 1, "INR")

        monkeypatch.setattr(Counter, "open", dear)
        with pytest.raises(AssertionError, match=Permanent.__name__):
            await world.say("quote 1001 accept")
        assert (await world.row()).state == "sent"


async def test_a_deletion_leaves_no_quote(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.made()
        await world.say("quote 1001 for Asha Rao")
        owner = (await world.row()).person_id
        (erase,) = world.harness.registry.erasers
        await world.harness.writers.run(lambda work: erase(work, owner))
        assert [await world.rows(sa.select(table)) for table in OF_PERSON] == [[], [], []]


async def test_qt_2_qt_4_the_same_on_both_databases(database: str) -> None:
    async with open_world(database) as world:
        await world.sent()
        await world.say("quote 1001 for Asha Rao; Asha Traders")
        await world.say("quote 1001 edit 2000 pcs")
        await world.say("quote 1001 send")
        await world.say("quote 1001 accept")
        await world.say("quote 1001 accept")
        assert len(world.till.orders) == 1
        assert (await world.row()).state == "accepted"


async def test_qt_1_back_from_a_question_that_a_correction_opened_asks_it_and_prices_nothing(tmp_path: Path) -> None:
    """Found by a random walk: the echo was shown of a box that had lost its flutes."""
    async with open_world(tmp_path) as world:
        await world.say("quote 300x200x150 mm 3ply B 1000")
        assert "Which flute for 5-ply" in await world.say("5ply")
        assert "Which flute for 5-ply" in await world.say("back")
        assert "5-ply BC, 1,000 pieces" in await world.say("BC")
