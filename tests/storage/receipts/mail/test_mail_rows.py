"""The rows of mail on both databases: hashed addresses, claims that hold once, and nobody else's rows (RA-17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import blobs
from storage.receipts.mail import addresses, consents, mailboxes, privacy, quarantine, senders
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, NOW, at, rows
from tests.storage.receipts.kit import open_books as _books

UNKNOWN = 987_654_321


@pytest.fixture
def work(database: str) -> Any:
    with _books(database) as opened:
        yield opened


def _secret(work: Work, person_id: int = ANN) -> int:
    blob_id = work.new_id()
    work.claim(
        blobs.blob.insert().values(
            id=blob_id, person_id=person_id, media_type="application/json", size=1, data=work.seal.seal(b"s"), at=NOW
        )
    )
    return blob_id


def _fill(work: Work) -> dict[str, int]:
    addresses.put(work, ANN, "sunny.abc")
    senders.allow(work, ANN, "shop@x.example", own=False)
    raw = _secret(work)
    held = quarantine.hold(work, ANN, message_id="m1", sender="x@y.example", own=False, why="sender", blob_id=raw)
    quarantine.claim_message(work, ANN, "m2")
    box = mailboxes.connect(work, ANN, kind="imap", address="ann@x.example", secret=_secret(work))
    assert held is not None
    assert box is not None
    mailboxes.note_import(work, ANN, box, 5)
    consents.begin(work, ANN, address_id=1, link="L")
    consents.open_link(work, "L", state="S", cookie="C", verifier="V")
    return {"held": held, "box": box, "raw": raw}


def _everything(work: Work) -> str:
    return repr([rows(work, table) for table in (*privacy.TABLES, blobs.blob)])


def test_eml_1_an_address_is_found_by_its_hash_alone_and_the_newest_counts(work: Work) -> None:
    addresses.put(work, ANN, "sunny.abc")
    session: Any = work._session
    connection = session._connection
    assert addresses.owner_of(connection, work.seal, "Sunny.ABC") == ANN
    assert b"sunny" not in repr(rows(work, addresses.mail_address)).encode()
    addresses.put(work, ANN, "river.def")
    assert addresses.owner_of(connection, work.seal, "sunny.abc") is None
    assert addresses.of_person(work, ANN) == "river.def"
    with pytest.raises(sa.exc.IntegrityError):
        addresses.put(work, BOB, "river.def")


def test_ra_17_with_anothers_ids_nothing_is_found_and_nothing_changes(work: Work) -> None:
    of = _fill(work)
    before = _everything(work)
    answers = [
        (
            quarantine.decide(work, BOB, ids["held"], "dropped"),
            mailboxes.load(work, BOB, ids["box"]),
            mailboxes.disconnect(work, BOB, ids["box"]),
            mailboxes.shut_out(work, BOB, ids["box"]),
            mailboxes.claim_round(work, BOB, ids["box"], every=timedelta(minutes=1)),
            mailboxes.read_to(work, BOB, ids["box"], cursor="x", was="", secret=None, soon=True),
            mailboxes.imported(work, BOB, ids["box"]),
            senders.forbid(work, BOB, "shop@x.example"),
            senders.is_allowed(work, BOB, "shop@x.example"),
            quarantine.is_seen(work, BOB, "m2"),
            quarantine.waiting(work, BOB),
        )
        for ids in (of, {"held": UNKNOWN, "box": UNKNOWN})
    ]
    mailboxes.forget_secret(work, BOB, of["box"])
    assert answers[0] == answers[1]
    assert _everything(work) == before
    privacy.erase(work, BOB)
    assert _everything(work) == before


def test_privacy_nothing_of_a_persons_mail_is_left(work: Work) -> None:
    _fill(work)
    privacy.erase(work, ANN)
    assert all(rows(work, table) == [] for table in (*privacy.TABLES, blobs.blob))


def test_eml_4_a_message_is_taken_once_per_person(work: Work) -> None:
    taken = [quarantine.claim_message(work, who, "m") for who in (ANN, ANN, BOB)]
    assert taken == [True, False, True]


def test_eml_2_a_held_mail_waits_once_and_a_dropped_one_leaves_no_bytes(work: Work) -> None:
    of = _fill(work)
    again = {"message_id": "m1", "sender": "x@y.example", "own": False, "why": "sender", "blob_id": of["raw"]}
    assert quarantine.hold(work, ANN, **again) is None  # type: ignore[arg-type]
    assert quarantine.decide(work, ANN, of["held"], "dropped") is not None
    assert quarantine.decide(work, ANN, of["held"], "kept") is None
    assert of["raw"] not in [row[0] for row in rows(work, blobs.blob)]


def test_eml_10_a_consent_is_redeemed_once_by_the_browser_that_began(work: Work) -> None:
    consents.begin(work, ANN, address_id=1, link="L")
    assert not consents.open_link(work, "other", state="S", cookie="C", verifier="V")
    assert consents.open_link(work, "L", state="S1", cookie="C1", verifier="V1")
    assert consents.open_link(work, "L", state="S2", cookie="C2", verifier="V2")
    assert consents.redeem(work, "S1", "C1") is None, "the later opening counts"
    assert consents.redeem(work, "S2", "C1") is None, "another browser"
    done = consents.redeem(work, "S2", "C2")
    assert done is not None
    assert (done.person_id, done.address_id, done.verifier) == (ANN, 1, "V2")
    assert consents.redeem(work, "S2", "C2") is None, "used"
    assert not consents.open_link(work, "L", state="S3", cookie="C3", verifier="V3")
    stored = repr(rows(work, consents.mail_consent))
    assert not any(secret in stored for secret in ("'S2'", "'C2'", "V2", "'L'"))


def test_eml_10_a_consent_ends_after_ten_minutes_and_with_a_newer_one(work: Work) -> None:
    consents.begin(work, ANN, address_id=1, link="L")
    consents.open_link(work, "L", state="S", cookie="C", verifier="V")
    assert consents.redeem(at(work, NOW + consents.LIFE), "S", "C") is None
    consents.begin(work, ANN, address_id=1, link="L2")
    assert consents.redeem(work, "S", "C") is None


def test_eml_11_an_old_secret_goes_with_the_new_one_and_with_the_mailbox(work: Work) -> None:
    of, fresh = _fill(work), _secret(work)
    old = mailboxes.load(work, ANN, of["box"])
    assert old is not None
    assert mailboxes.read_to(work, ANN, of["box"], cursor="7:1", was="", secret=fresh, soon=False)
    assert not mailboxes.read_to(work, ANN, of["box"], cursor="7:0", was="", secret=None, soon=False), "too late"
    kept = {row[0] for row in rows(work, blobs.blob)}
    assert fresh in kept
    assert old.secret not in kept
    late = _secret(work)
    assert mailboxes.shut_out(work, ANN, of["box"])
    assert not mailboxes.shut_out(work, ANN, of["box"]), "told once"
    assert not mailboxes.read_to(work, ANN, of["box"], cursor="7:2", was="7:1", secret=late, soon=False)
    assert {row[0] for row in rows(work, blobs.blob)} == {of["raw"]}


def test_job_2_a_round_is_claimed_once_and_mailboxes_that_shut_us_out_are_not_due(work: Work) -> None:
    of, every = _fill(work), timedelta(minutes=30)
    session: Any = work._session
    connection = session._connection
    assert [row.id for row in mailboxes.due(connection, NOW)] == [of["box"]]
    assert [mailboxes.claim_round(work, ANN, of["box"], every=every) for _ in range(2)] == [True, False]
    assert mailboxes.due(connection, NOW) == []
    later = at(work, NOW + every)
    assert [row.id for row in mailboxes.due(connection, NOW + every)] == [of["box"]]
    mailboxes.shut_out(later, ANN, of["box"])
    assert mailboxes.due(connection, NOW + every) == []


def test_a_mailbox_that_comes_back_goes_on_where_it_was(work: Work) -> None:
    of = _fill(work)
    mailboxes.read_to(work, ANN, of["box"], cursor="7:9", was="", secret=None, soon=False)
    mailboxes.disconnect(work, ANN, of["box"])
    assert mailboxes.connect(work, ANN, kind="imap", address="Ann@X.example", secret=_secret(work)) == of["box"]
    box = mailboxes.load(work, ANN, of["box"])
    assert box is not None
    assert (box.state, box.cursor) == ("good", "7:9")
    for n in range(mailboxes.MOST - 1):
        assert mailboxes.connect(work, ANN, kind="imap", address=f"{n}@x.example", secret=_secret(work))
    assert mailboxes.connect(work, ANN, kind="imap", address="more@x.example", secret=_secret(work)) is None
