"""The second factor: setting up in the chat, backup codes, giving it up, locks (TF-3 to TF-7, A98, A100 to A102)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import sqlalchemy as sa

from bot.core.calls.channels import DeleteTelegram, SendTelegram
from handlers.admin import tfa
from storage import backup_codes, operators
from storage.backup_codes import backup_code
from storage.outbox import outbox
from storage.transcript import transcript
from tests.handlers.admin.desk import SECRET, Desk, ann, told

_CODES = re.compile(r"\b[A-Z2-7]{5}-[A-Z2-7]{5}\b")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with ann and bob, owners who are logged in."""
    async with Desk.staffed(tmp_path) as opened:
        await opened.member("bob", "5002")
        await ann(opened).say(f"/login {opened.code()}")
        yield opened


async def _begun(desk: Desk) -> tuple[str, list[str]]:
    """Begin an enrolment of ann; return its secret and its backup codes."""
    shown = await told(ann(desk), "/tfa setup")
    found = re.search(r"secret there: ([A-Z2-7]{32})", shown)
    assert found is not None, shown
    return found[1], _CODES.findall(shown)


async def _enrolled(desk: Desk) -> tuple[str, list[str]]:
    secret, codes = await _begun(desk)
    desk.clock.advance(timedelta(seconds=31))
    assert "Your second factor is set" in await told(ann(desk), f"/tfa setup {desk.code(secret)}")
    return secret, codes


def test_tf_4_the_picture_holds_the_address_that_an_app_reads() -> None:
    uri = tfa.totp_uri("ann", SECRET)
    image = cv2.imdecode(np.frombuffer(tfa.picture(uri), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert cv2.QRCodeDetector().detectAndDecode(image)[0] == uri


def test_tf_2_a_new_secret_has_160_bits_and_a_backup_code_50() -> None:
    assert len(tfa.new_secret()) * 5 == 160
    assert tfa.LENGTH * 5 == 50


async def test_tf_4_setting_up_shows_a_picture_once_and_deletes_it_after_the_first_code(desk: Desk) -> None:
    secret, codes = await _begun(desk)
    assert len(set(codes)) == 10
    (shown,) = [call for call in desk.calls if isinstance(call, SendTelegram)]
    assert shown.photo is not None
    desk.clock.advance(timedelta(seconds=31))
    await ann(desk).say(f"/tfa setup {desk.code(secret)}", message_id=90)
    deleted = [call.message_id for call in desk.calls if isinstance(call, DeleteTelegram)]
    assert sorted(deleted) == [90, 1001], "the code, and the picture"
    await ann(desk).say("/lock")
    assert "not right" in await told(ann(desk), f"/login {desk.fresh()}"), "the old secret is dead"
    assert "Logged in" in await told(ann(desk), f"/login {desk.code(secret)}")
    desk.clock.advance(timedelta(seconds=31))
    assert "No enrolment waits" in await told(ann(desk), f"/tfa setup {desk.code(secret)}")


async def test_a98_nothing_of_an_abandoned_enrolment_ever_works(desk: Desk) -> None:
    secret, codes = await _begun(desk)
    desk.clock.advance(timedelta(seconds=31))
    assert "not right" in await told(ann(desk), f"/login {desk.code(secret)}")
    assert "not right" in await told(ann(desk), f"/login {codes[0]}")
    again, _ = await _enrolled(desk)
    assert "not right" in await told(ann(desk), f"/login {codes[1]}"), "a later one does not wake it"
    assert "Logged in" in await told(ann(desk), f"/login {_fresh(desk, again)}")


def _fresh(desk: Desk, secret: str) -> str:
    desk.clock.advance(timedelta(seconds=31))
    return desk.code(secret)


async def test_tf_4_a_new_enrolment_kills_the_old_secret_and_the_old_codes(desk: Desk) -> None:
    old, codes = await _enrolled(desk)
    new, _ = await _enrolled(desk)
    assert "not right" in await told(ann(desk), f"/login {codes[0]}")
    assert "not right" in await told(ann(desk), f"/login {_fresh(desk, old)}")
    assert "Logged in" in await told(ann(desk), f"/login {desk.code(new)}")


async def test_a101_a_backup_code_counts_once_and_the_true_number_is_shown(desk: Desk) -> None:
    _, codes = await _enrolled(desk)
    assert "Backup codes: 10." in await told(ann(desk), "/tfa status")
    assert "Logged in" in await told(ann(desk), f"/login {codes[3].lower()}")
    assert "Backup codes: 9." in await told(ann(desk), "/tfa status")
    assert "not right" in await told(ann(desk), f"/login {codes[3]}")
    assert "Backup codes: 9." in await told(ann(desk), "/tfa status")


async def test_tf_5_with_three_codes_left_their_owner_is_warned(desk: Desk) -> None:
    _, codes = await _enrolled(desk)
    for used in codes[:6]:
        assert "backup codes left" not in await told(ann(desk), f"/login {used}")
    assert "You have 3 backup codes left" in await told(ann(desk), f"/login {codes[6]}")


async def test_tf_5_a_backup_code_is_a_second_factor_of_its_owner_alone(desk: Desk) -> None:
    _, codes = await _enrolled(desk)
    bob, stranger = desk.phone("telegram", "7:5002"), desk.phone("telegram", "7:6001")
    assert "not right" in await told(bob, f"/login {codes[0]}")
    assert "Logged in" not in await told(stranger, f"/login {codes[0]}")
    await ann(desk).say("/purse pay 5")
    assert "Paid 5." in await told(ann(desk), f"pay P-1 {codes[0]}")


async def test_tf_5_codes_are_kept_as_keyed_hashes_and_nowhere_in_clear(desk: Desk) -> None:
    secret, codes = await _enrolled(desk)
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(backup_code.c.hash))))
    assert {len(row.hash) for row in rows} == {16}
    kept = await desk.database.read(lambda c: list(c.execute(sa.select(transcript.c.body))))
    words = b"\n".join(desk.seal.open(row.body) for row in kept)
    assert not [hidden for hidden in (secret, *codes) if hidden.encode() in words]
    sent = await desk.database.read(lambda c: list(c.execute(sa.select(outbox.c.body))))
    assert not [row for row in sent if row.body and secret.encode() in row.body]
    assert secret.encode() not in (await desk.row()).secret


async def test_tfa_codes_makes_new_ones_by_a_dry_run_and_a_code(desk: Desk) -> None:
    secret, old = await _enrolled(desk)
    assert "the 10 old ones die" in await told(ann(desk), "/tfa codes")
    shown = await told(ann(desk), f"tfa codes {_fresh(desk, secret)}")
    fresh = _CODES.findall(shown)
    assert len(fresh) == 10
    assert "not right" in await told(ann(desk), f"/login {old[0]}")
    assert "Logged in" in await told(ann(desk), f"/login {fresh[0]}")


async def test_a102_disabling_needs_a_code(desk: Desk) -> None:
    assert "SECOND FACTOR OFF" in await told(ann(desk), "/tfa disable")
    assert "not right" in await told(ann(desk), "tfa disable 000000")
    assert (await desk.row()).state == "active"
    assert "is off" in await told(ann(desk), f"tfa disable {desk.fresh()}")
    assert (await desk.row()).state == "joined"
    assert "Set up your second factor first" in await told(ann(desk), "/purse count x")
    assert "Set up your second factor first" in await told(ann(desk), f"/login {desk.fresh()}")
    await _enrolled(desk)
    assert "Did x." in await told(ann(desk), "/purse look x")


async def test_the_last_owner_keeps_their_factor(desk: Desk) -> None:
    await desk.writers.run(lambda work: operators.disable(work, "bob"))
    assert "leave nobody to own this" in await told(ann(desk), "/tfa disable")


async def test_tf_7_an_owner_resets_a_factor_when_somebody_else_agrees(desk: Desk) -> None:
    sue = await desk.member("sue", "5004", "support")
    carl = await desk.member("carl", "5003", "admin")
    await ann(desk).say("/tfa reset sue")
    await ann(desk).say(f"tfa reset sue {desk.fresh()}")
    assert (await desk.row("sue")).state == "active"
    await carl.tap("Approve")
    assert (await desk.row("sue")).state == "joined"
    sue.expect("took your second factor away")
    assert "Set up your second factor first" in await told(sue, "/purse count x")
    assert "Your role" in await told(carl, "/tfa reset ann")


async def test_tf_3_wrong_codes_of_an_enrolment_lock_too(desk: Desk) -> None:
    await _begun(desk)
    for _ in range(5):
        await ann(desk).say("/tfa setup 000000")
    assert "Locked" in await told(ann(desk), "/tfa setup 000000")


async def test_tf_3_right_codes_and_backup_codes_during_a_lock_are_refused_too(desk: Desk) -> None:
    secret, codes = await _enrolled(desk)
    for _ in range(5):
        await ann(desk).say("/login 000000")
    desk.restart = True
    assert "Locked" in await told(ann(desk), f"/login {_fresh(desk, secret)}")
    assert "Locked" in await told(ann(desk), f"/login {codes[0]}")
    row = await desk.row()
    left = await desk.writers.run(lambda work: backup_codes.left(work, row.id))
    assert left == 10, "and it is not spent"
