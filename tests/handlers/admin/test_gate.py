"""The gate: who may, what must be typed, who else agrees, and what is left in the audit (section 12)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls.channels import DeleteTelegram
from bot.engine.staff import Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import buttons
from handlers.admin.members import AdminSettings
from handlers.admin.roles import packaged
from storage import operators
from storage.audit import audit
from storage.staff_actions import staff_action
from storage.transcript import transcript
from tests.handlers.admin.desk import Desk, ann, button, told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with ann, an owner who is logged in."""
    async with Desk.staffed(tmp_path) as opened:
        await ann(opened).say(f"/login {opened.code()}")
        yield opened


async def _challenged(desk: Desk, words: str = "/purse pay 500") -> str:
    return await told(ann(desk), words)


# -- words that are no command ---------------------------------------------------------------------------------------


async def test_a_mistyped_command_is_said_to_be_none_with_what_may_be_meant_and_to_staff_alone(desk: Desk) -> None:
    assert await told(ann(desk), "/look") == "There is no command /look. Did you mean /purse look? /whoami lists yours."
    assert "Did you mean /purse, /refuse?" in await told(ann(desk), "/pruse")
    assert await told(ann(desk), "/zzz") == "There is no command /zzz. /whoami lists yours."
    stranger = desk.phone("telegram", "7:6001")
    said = {text: [m.text for m in await stranger.say(text)] for text in ("hello", "/look", "/zzz")}
    assert said["/look"] == said["/zzz"]
    assert "no command" not in "".join(said["/look"])


async def test_whoami_and_the_roles_fit_a_phone(desk: Desk) -> None:
    answer = await told(ann(desk), "/whoami")
    assert "refunds of $500.00" in answer
    assert "." not in answer.partition("Commands: ")[2].partition("\n")[0], "commands, and no list of permissions"
    roles = (await told(ann(desk), "/role list")).splitlines()
    assert [line.partition(" ")[0] for line in roles] == list(packaged().by_name)
    assert roles[-1].startswith("owner (ann): all of admin, gate.set, role.manage, tfa.reset; alone up to ")


async def test_a104_a_stranger_hears_what_an_unknown_command_hears(desk: Desk) -> None:
    stranger, other = desk.phone("telegram", "7:6001"), desk.phone("telegram", "7:6002")
    heard = [m.text for m in await stranger.say("/purse pay 500")]
    assert heard == [m.text for m in await other.say("/nosuch thing")]
    assert await desk.trail("purse pay") == ["denied stranger"]


@pytest.mark.parametrize(
    "payload", [{"forwarded": True}, {"anonymous": True}, {"chat_id": -100}, {"forwarded": True, "anonymous": True}]
)
async def test_cm_2_what_has_no_sender_of_its_own_is_refused(desk: Desk, payload: dict[str, Any]) -> None:
    """It is answered as any unknown command is, whoever's phone it comes from, and the try is in the audit."""
    heard = []
    for text in ("/purse look", "/nosuch look"):
        start = len(ann(desk).messages)
        event = ann(desk).event("text", {"text": text})
        event.payload.update(payload)
        await desk.happen(event)
        heard.append([message.text for message in ann(desk).messages[start:]])
    assert heard[0] == heard[1]
    assert desk.purse.taken == []
    assert await desk.trail("purse look") == [f"denied {'anonymous' if payload.get('anonymous') else 'stranger'}"]


async def test_cm_2_an_edited_message_runs_nothing(desk: Desk) -> None:
    await desk.happen(ann(desk).event("edited", {"text": "/purse look"}))
    assert desk.purse.taken == []


async def test_cm_2_the_staff_group_counts_when_it_is_named(desk: Desk) -> None:
    desk.registry.settings[AdminSettings] = AdminSettings(staff_group=-100)
    for number in (-100, -200):
        event = ann(desk).event("text", {"text": "/purse look"})
        event.payload["chat_id"] = number
        await desk.happen(event)
    assert len(desk.purse.taken) == 1


async def test_sms_knows_no_staff(desk: Desk) -> None:
    phone = desk.phone("sms")
    await phone.say("/purse look")
    await phone.say(f"/login {desk.fresh()}")
    assert desk.purse.taken == []
    assert "Logged in" not in phone.screen


# -- classes 0 to 2 ----------------------------------------------------------------------------------------------------


async def test_counters_need_a_role_alone_and_the_rest_an_unlocked_period(desk: Desk) -> None:
    await ann(desk).say("/lock")
    assert "Did" in await told(ann(desk), "/purse count x")
    assert "Log in first" in await told(ann(desk), "/purse look x")
    assert await desk.trail("purse look") == ["denied login_first"]
    await ann(desk).say(f"/login {desk.fresh()}")
    assert "Did x." in await told(ann(desk), "/PURSE Look x")
    assert (await desk.trail("purse look"))[-1] == "executed"


async def test_a_command_that_needs_a_code_takes_a_fresh_one_off_its_end(desk: Desk) -> None:
    assert "fresh code at the end" in await told(ann(desk), "/purse list march")
    assert (await desk.row()).failures == 0
    assert "not right" in await told(ann(desk), "/purse list march 000000")
    assert "Did march." in await told(ann(desk), f"/purse list march {desk.fresh()}")


async def test_half_a_command_gets_what_may_follow_it(desk: Desk) -> None:
    answer = await told(ann(desk), "/purse")
    assert "/purse count" in answer
    assert "/purse pay" in answer
    marketing = await desk.member("mia", "5003", "marketing")
    assert "/purse pay" not in await told(marketing, "/purse")


async def test_words_that_staff_pass_on_are_not_their_own_opt_out(desk: Desk) -> None:
    assert "Did stop texting my phone." in await told(ann(desk), "/purse mark stop texting my phone")
    assert "Did x." in await told(ann(desk), "/purse mark x")


# -- class 3 -----------------------------------------------------------------------------------------------------------


async def test_cm_4_a_grave_act_is_told_first_and_done_by_its_words_and_a_fresh_code(desk: Desk) -> None:
    shown = await _challenged(desk)
    assert "PAY 500: 1995 -> 1495." in shown
    assert "Type within 2 minutes: pay P-1 CODE" in shown
    assert desk.purse.taken == []
    assert "Paid 500." in await told(ann(desk), f"pay p-1 {desk.fresh()}")
    assert desk.purse.taken == [("500", "operator:ann")]
    assert await desk.trail("purse pay") == ["requested", "challenged", "executed"]


async def test_a75_a_second_confirmation_does_nothing(desk: Desk) -> None:
    await _challenged(desk)
    await ann(desk).say(f"pay P-1 {desk.fresh()}")
    assert "done already" in await told(ann(desk), f"pay P-1 {desk.fresh()}")
    assert desk.purse.left == 1495


async def test_cm_4_a_redelivered_confirmation_does_nothing_more(desk: Desk) -> None:
    await _challenged(desk)
    desk.redeliver = True
    await ann(desk).say(f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == [("500", "operator:ann")]


async def test_a106_two_minutes_later_it_has_expired(desk: Desk) -> None:
    await _challenged(desk)
    desk.clock.advance(timedelta(minutes=2))
    assert "expired" in await told(ann(desk), f"pay P-1 {desk.code()}")
    assert desk.purse.taken == []
    assert (await desk.trail("purse pay"))[-1] == "expired"


async def test_a107_a_changed_state_is_refused_with_the_new_dry_run(desk: Desk) -> None:
    await _challenged(desk)
    desk.purse.left = 900
    answer = await told(ann(desk), f"pay P-1 {desk.fresh()}")
    assert "Things changed meanwhile" in answer
    assert "PAY 500: 900 -> 400." in answer
    assert desk.purse.taken == []
    assert "denied changed" in await desk.trail("purse pay")
    assert "Paid 500." in await told(ann(desk), f"pay P-1 {desk.fresh()}")


async def test_a107_what_is_no_longer_possible_is_refused_in_its_own_words(desk: Desk) -> None:
    await _challenged(desk)
    desk.purse.left = 100
    assert "100 at most" in await told(ann(desk), f"pay P-1 {desk.fresh()}")
    assert "That act is off" in await told(ann(desk), f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == []


async def test_cm_4_one_code_is_good_for_one_act(desk: Desk) -> None:
    await _challenged(desk)
    code = desk.fresh()
    await ann(desk).say(f"pay P-1 {code}")
    await _challenged(desk, "/purse pay 100")
    assert "used before" in await told(ann(desk), f"pay P-1 {code}")
    assert desk.purse.taken == [("500", "operator:ann")]


async def test_cm_4_a_newer_dry_run_takes_the_place_of_the_older(desk: Desk) -> None:
    await _challenged(desk, "/purse pay 500")
    await _challenged(desk, "/purse pay 100")
    await ann(desk).say(f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == [("100", "operator:ann")]
    assert "expired" in await desk.trail("purse pay")


async def test_cm_4_wrong_codes_and_wrong_words_do_nothing(desk: Desk) -> None:
    await _challenged(desk)
    assert "not right" in await told(ann(desk), "pay P-1 000000")
    await ann(desk).say(f"pay P-2 {desk.fresh()}")
    assert desk.purse.taken == []
    bob = await desk.member("bob", "5002")
    await bob.say(f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == []
    assert "denied code wrong" in await desk.trail("purse pay")


async def test_cm_4_who_lost_the_role_meanwhile_does_nothing(desk: Desk) -> None:
    await _challenged(desk)
    row = await desk.row()
    await desk.writers.run(lambda work: operators.change(work, row.id, role="support"))
    assert "Your role" in await told(ann(desk), f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == []


async def test_cm_4_a_row_that_somebody_changed_is_refused(desk: Desk) -> None:
    await _challenged(desk)
    await desk.writers.run(lambda work: work.claim(staff_action.update().values(argument=work.seal.seal(b"1900"))))
    await ann(desk).say(f"pay P-1 {desk.fresh()}")
    assert desk.purse.taken == []


async def test_tf_6_a_message_with_a_code_is_deleted_and_the_code_is_kept_nowhere(desk: Desk) -> None:
    await _challenged(desk)
    code = desk.fresh()
    await ann(desk).say(f"pay P-1 {code}", message_id=77)
    assert [call for call in desk.calls if isinstance(call, DeleteTelegram)] == [DeleteTelegram(5001, 77)]
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(transcript.c.body))))
    assert not [1 for row in rows if code.encode() in desk.seal.open(row.body)]
    entries = await desk.database.read(lambda c: list(c.execute(sa.select(audit))))
    assert not [entry for entry in entries if code in entry.details]
    wrong = len(desk.calls)
    await _challenged(desk, "/purse pay 1")
    await ann(desk).say("pay P-1 000000", message_id=78)
    assert DeleteTelegram(5001, 78) in desk.calls[wrong:], "on failure too"


# -- CM-3: buttons -----------------------------------------------------------------------------------------------------


async def test_a105_a_button_counts_once_and_for_its_author_alone(desk: Desk) -> None:
    bob = await desk.member("bob", "5002")
    data = await button(desk, "purse mark", "z")
    assert len(data) <= 64
    assert "not yours" in "\n".join(m.text for m in await bob.press(data))
    assert desk.purse.taken == []
    await ann(desk).press(data)
    assert desk.purse.taken == [("z", "operator:ann")]
    assert "out of date" in "\n".join(m.text for m in await ann(desk).press(data))
    assert len(desk.purse.taken) == 1


async def test_cm_3_an_old_button_says_so_and_does_nothing(desk: Desk) -> None:
    data = await button(desk, "purse mark", "z")
    desk.clock.advance(buttons.LIFE)
    await ann(desk).say(f"/login {desk.fresh()}")
    assert "out of date" in "\n".join(m.text for m in await ann(desk).press(data))
    assert desk.purse.taken == []


async def test_a_locked_members_button_waits_for_them(desk: Desk) -> None:
    data = await button(desk, "purse mark", "z")
    await ann(desk).say("/lock")
    assert "Log in first" in "\n".join(m.text for m in await ann(desk).press(data))
    await ann(desk).say(f"/login {desk.fresh()}")
    await ann(desk).press(data)
    assert len(desk.purse.taken) == 1


async def test_cm_3_a_button_of_no_row_cannot_be_made(desk: Desk) -> None:
    with pytest.raises(LookupError, match="nosuch"):
        await button(desk, "nosuch", "")


# -- AU-1 --------------------------------------------------------------------------------------------------------------


async def test_au_1_a_change_that_fails_leaves_no_row_and_a_denied_try_leaves_one(desk: Desk) -> None:
    def broken(turn: Turn, argument: str, member: object) -> str:
        turn.audit("purse.broken", "purse:1")
        raise RuntimeError("a bug")

    desk.registry.staff["purse mark"] = StaffCommand(
        "purse mark", Risk.REVERSIBLE, "pay.offline", "/purse mark", broken, "purse"
    )
    with pytest.raises(AssertionError, match="failed"):
        await ann(desk).say("/purse mark x")
    assert not [act for act in await desk.acts() if "purse.broken" in act or "staff.executed command:purse" in act]
    await desk.phone("telegram", "7:6001").say("/purse mark x")
    assert await desk.trail("purse mark") == ["denied stranger"]
