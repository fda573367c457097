"""ID-13, SP-1: the copy of one's own data leaves out what staff wrote or gathered, whichever table it stands in."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from storage import disputes, person_notes
from storage.accounts import copying
from storage.accounts.rules import of_persons
from storage.schema import metadata
from storage.support import bans
from storage.work import Work
from tests.storage.receipts.kit import open_books
from tests.storage.reports.world import BEFORE, MIDDLE, Town

SECRETS = ("grumpy on the phone", "threatens the staff", "we gave in to keep them", "what we tell the bank")


@pytest.fixture
def work(database: str) -> Iterator[Work]:
    with open_books(database) as opened:
        yield opened


def test_id_13_the_copy_holds_no_note_no_ban_no_reason_of_a_refund_and_no_evidence(work: Work) -> None:
    town, seal = Town(work), work.seal
    dana, _ = town.person(BEFORE)
    person_notes.add(work, dana, actor="operator:ann", remark=SECRETS[0])
    bans.put(work, dana, bans.BAN, reason=SECRETS[1], actor="operator:ann")
    order_id = town.order(dana, MIDDLE, 500, paid_at=MIDDLE)
    refund = {
        "id": work.new_id(), "person_id": dana, "order_id": order_id, "action": "staff:1", "amount_minor": 500,
        "reason": "requested_by_customer", "note": seal.seal(SECRETS[2].encode()), "state": "succeeded",
        "actor": "operator:ann", "at": work.now,
    }  # fmt: skip
    work.claim(metadata.tables["order_refund"].insert().values(**refund))
    payment_id = town.paid(town.case(dana, MIDDLE), dana, MIDDLE, 1995, back=500)
    disputes.add(
        work, person_id=dana, kind="letter", subject=payment_id, label="R-1", ref="dp_1", reason="fraudulent",
        amount_minor=1995, currency="USD", evidence=seal.seal(SECRETS[3].encode()),
    )  # fmt: skip
    found = copying.everything(work, dana)
    assert found["dispute"][0]["reason"] == "fraudulent", "that there is one is theirs to know"
    assert found["order_refund"], "and that money went back"
    written = orjson.dumps(found).decode()
    assert not [secret for secret in SECRETS if secret in written]


THEIRS = {("task_event", "note"), ("task_event", "evidence")}
"""What the person wrote to the coach beside a step that they did."""


def test_sp_1_a_new_column_that_sounds_like_staffs_is_judged_before_it_is_copied() -> None:
    sounds = ("note", "remark", "evidence", "draft_reply", "internal")
    open_to_them = {name for name in of_persons() if name not in copying._SECRET}
    found = {(name, one.name) for name in open_to_them for one in metadata.tables[name].columns if one.name in sounds}
    assert found - THEIRS == set(copying._STAFFS.items())
