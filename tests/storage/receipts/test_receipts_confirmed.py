"""Receipts, their sources and documents, confirming once, undoing exactly (DRF-*, DUP-*, CAP-13, AUD-1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from storage.receipts import documents, duplicates, history, line_items, readings, receipts, sources, transactions
from storage.receipts.ledger import part, transaction
from storage.receipts.line_items import Line
from storage.receipts.receipts import Draft, receipt
from storage.receipts.totals import total
from storage.receipts.transactions import Part
from storage.receipts.words import word
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, NOW, TODAY, at, rows, spent

DRAFT = Draft(b'{"merchant": "Joe"}', TODAY, 490, "USD", 1250, "joes", "A-17", 93)


def _audited(work: Work) -> list[str]:
    return [str(params["action"]) for _, params in work.hot]


def test_cap_13_a_source_is_claimed_once_per_person(work: Work) -> None:
    first = sources.claim(work, ANN, kind="photo", provider_id="m1")
    assert first
    assert sources.claim(work, ANN, kind="photo", provider_id="m1") is None
    assert sources.claim(work, ANN, kind="photo", provider_id="m1", media_index=1)
    assert sources.claim(work, ANN, kind="mms", provider_id="m1")
    assert sources.claim(work, BOB, kind="photo", provider_id="m1")
    found = sources.find(work, ANN, kind="photo", provider_id="m1")
    assert found is not None
    assert found.id == first


def test_codes_are_short_clear_and_unique_per_person(work: Work) -> None:
    codes = [receipts.add(work, ANN, DRAFT).code for _ in range(60)]
    assert len(set(codes)) == 60
    assert all(len(code) == 4 and not set(code) & set("0O1IL") for code in codes)


def test_a_code_that_is_taken_is_made_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter(["R7K2", "R7K2", "R7K3", "R7K2"])
    monkeypatch.setattr("bot.core.ids.Ids.code", lambda self, length: next(made))
    assert [receipts.add(work, ANN, DRAFT).code for _ in range(2)] == ["R7K2", "R7K3"]
    assert receipts.add(work, BOB, DRAFT).code == "R7K2"


def test_drf_2_confirming_twice_makes_one_transaction(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    first = history.confirm(work, ANN, made.id, spent(1250))
    assert first
    assert history.confirm(work, ANN, made.id, spent(1250)) is None
    stored = transactions.of_receipt(work, ANN, made.id)
    assert [(one.id, one.amount_minor, one.receipt_id) for one in stored] == [(first, 1250, made.id)]


def test_drf_2_the_database_refuses_a_second_transaction_of_a_receipt(work: Work) -> None:
    transactions.add(work, ANN, spent(1, receipt_id=7))
    transactions.add(work, ANN, spent(1, receipt_id=7, kind="transfer"))
    transactions.add(work, BOB, spent(1, receipt_id=7))
    with pytest.raises(sa.exc.IntegrityError):
        transactions.add(work, ANN, spent(1, receipt_id=7, kind="refund"))
    work.undo()


def test_cash_back_is_a_transfer_beside_the_purchase(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    history.confirm(work, ANN, made.id, spent(2623), cash_back=spent(2000, kind="transfer"))
    kinds = [(one.kind, one.amount_minor) for one in transactions.of_receipt(work, ANN, made.id)]
    assert kinds == [("expense", 2623), ("transfer", 2000)]


def _state(work: Work) -> list[object]:
    tables = (transaction, part, word, total)
    sealed = {"body", "fields"}
    found: list[object] = []
    for table in tables:
        names = [c.name for c in table.columns if c.name not in sealed | {"revision"}]
        found.append(sorted(map(str, work.rows(sa.select(*(table.c[name] for name in names))))))
    hidden = ("fields", "state_at", "revision")
    shown = [c for c in receipt.columns if c.name not in hidden]
    return [*found, sorted(map(str, work.rows(sa.select(*shown))))]


@pytest.mark.parametrize("act", ["confirm", "edit", "delete"])
def test_drf_6_undo_restores_the_exact_state(work: Work, act: str) -> None:
    transactions.add(work, ANN, spent(999, TODAY - timedelta(days=40)))
    made = receipts.add(work, ANN, DRAFT)
    entry = spent(1250, tags=("work",), parts=(Part(None, 1000), Part(None, 250)), note="two of us")
    if act != "confirm":
        history.confirm(work, ANN, made.id, entry)
    before = _state(work)
    row = receipts.load(work, ANN, made.id)
    assert row is not None
    match act:
        case "confirm":
            history.confirm(work, ANN, made.id, entry)
        case "edit":
            edited = Draft(b"{}", date(2026, 2, 1), None, "EUR", 7, "else")
            assert history.edit(work, ANN, made.id, edited, spent(7, date(2026, 2, 1)), revision=row.revision)
        case _:
            assert history.delete(work, ANN, made.id)
    assert _state(work) != before
    assert history.undo(work, ANN, made.id) == act
    assert _state(work) == before
    again = receipts.load(work, ANN, made.id)
    assert again is not None
    assert work.seal.open(again.fields) == DRAFT.fields
    assert f"receipts.{'receipt.undo'}" in _audited(work)


def test_drf_6_after_a_day_nothing_is_undone(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    history.confirm(work, ANN, made.id, spent(1250))
    assert history.undo(at(work, NOW + timedelta(hours=24)), ANN, made.id) is None
    late = at(work, NOW + timedelta(hours=23, minutes=59))
    assert history.newest(late, ANN) is not None
    assert history.undo(late, ANN, made.id) == "confirm"
    assert history.undo(late, ANN, made.id) is None
    assert transactions.of_receipt(work, ANN, made.id) == []
    assert history.confirm(late, ANN, made.id, spent(1250))


def test_drf_7_an_edit_at_an_old_revision_changes_nothing(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    history.confirm(work, ANN, made.id, spent(1250))
    assert not history.edit(work, ANN, made.id, DRAFT, spent(1), revision=0)
    assert history.edit(work, ANN, made.id, DRAFT, spent(1300), revision=1)
    assert [one.amount_minor for one in transactions.of_receipt(work, ANN, made.id)] == [1300]


def test_drf_3_waiting_drafts_are_summed_per_currency(work: Work) -> None:
    receipts.add(work, ANN, Draft(b"", currency="USD", total_minor=3000))
    receipts.add(work, ANN, Draft(b"", currency="USD", total_minor=810), state="needs_review")
    receipts.add(work, ANN, Draft(b"", currency="EUR", total_minor=5))
    receipts.add(work, ANN, Draft(b"", currency="USD", total_minor=7), state="failed")
    sums = [(row.currency, row.entries, row.amount_minor) for row in receipts.waiting_sums(work, ANN)]
    assert sums == [("EUR", 1, 5), ("USD", 2, 3810)]
    assert len(receipts.waiting(work, ANN)) == 3
    assert len(receipts.waiting_since(work, ANN, NOW + timedelta(seconds=1))) == 3
    assert {row.state: row.entries for row in receipts.statistics(work, ANN)} == {
        "draft": 2, "failed": 1, "needs_review": 1,
    }  # fmt: skip


def test_dup_1_same_bytes_are_one_document_of_a_person(work: Work) -> None:
    first = documents.add(work, ANN, sha256="f0", size=7, media_type="image/jpeg", blob_id=5)
    assert first
    assert documents.add(work, ANN, sha256="f0", size=7, media_type="image/jpeg", blob_id=6) is None
    found = documents.same_bytes(work, ANN, "f0")
    assert found is not None
    assert found.id == first
    assert documents.same_bytes(work, BOB, "f0") is None
    assert documents.add(work, BOB, sha256="f0", size=7, media_type="image/jpeg", blob_id=7)


@pytest.mark.parametrize(("bits", "same"), [(0, True), (6, True), (7, False)])
@pytest.mark.parametrize("base", [0, (1 << 64) - 1, 0x8000_0000_0000_0000])
def test_dup_2_pictures_alike_with_an_equal_total(work: Work, bits: int, same: bool, base: int) -> None:
    made = receipts.add(work, ANN, DRAFT)
    page = documents.add(work, ANN, sha256="aa", size=1, media_type="image/png", blob_id=1, perceptual_hash=base)
    assert page
    assert documents.attach(work, ANN, page, receipt_id=made.id)
    other = base ^ ((1 << bits) - 1)
    found = documents.alike(work, ANN, perceptual_hash=other, total_minor=1250, currency="USD")
    assert found == ([made.id] if same else [])
    assert documents.alike(work, ANN, perceptual_hash=other, total_minor=1251, currency="USD") == []
    assert documents.alike(work, BOB, perceptual_hash=other, total_minor=1250, currency="USD") == []


def test_dup_3_and_5_candidates_are_older_and_of_the_same_merchant(work: Work) -> None:
    older = receipts.add(work, ANN, DRAFT)
    newer = receipts.add(work, ANN, DRAFT)

    def ids(than: int | None, day: date, number: str | None = None) -> list[int]:
        found = duplicates.candidates(work, ANN, than=than, merchant_key="joes", day=day, number=number)
        return [row.id for row in found]

    assert ids(newer.id, TODAY) == [older.id]
    assert ids(older.id, TODAY) == []
    assert ids(newer.id, TODAY - timedelta(days=9)) == []
    assert ids(newer.id, TODAY - timedelta(days=9), "a-17") == [older.id]
    receipts.move(work, ANN, older.id, was=("draft",), to="rejected")
    assert ids(newer.id, TODAY) == []


def test_dup_4_different_is_remembered_for_the_pair(work: Work) -> None:
    older, newer, third = (receipts.add(work, ANN, DRAFT) for _ in range(3))
    assert duplicates.point_at(work, ANN, newer.id, older.id)
    assert not duplicates.point_at(work, ANN, older.id, newer.id)
    assert duplicates.call_different(work, ANN, newer.id, older.id)
    assert duplicates.pair_is_different(work, ANN, newer.id, older.id)
    found = duplicates.candidates(work, ANN, than=third.id, merchant_key="joes", day=TODAY)
    assert [row.id for row in found] == [older.id, newer.id]
    assert duplicates.candidates(work, ANN, than=newer.id, merchant_key="joes", day=TODAY) == []


def test_one_reading_per_document_reader_and_version(work: Work) -> None:
    page = documents.add(work, ANN, sha256="aa", size=1, media_type="image/png", blob_id=1)
    assert page
    opened = readings.claim(work, ANN, page, reader="local_ocr", version="1")
    assert opened
    assert readings.claim(work, ANN, page, reader="local_ocr", version="1") is None
    assert readings.finish(work, ANN, opened, body=b"TOTAL 5", cost_micros=12)
    assert not readings.finish(work, ANN, opened, body=b"other")
    kept = readings.of_document(work, ANN, page)
    assert [work.seal.open(row.body) for row in kept] == [b"TOTAL 5"]
    assert b"TOTAL" not in kept[0].body


def test_lines_are_replaced_as_a_whole(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    lines = [Line("item", 400, text="Latte", quantity="2"), Line("tax", 40, rate_basis_points=1000, base_minor=400)]
    assert line_items.replace(work, ANN, made.id, lines)
    assert line_items.of_receipt(work, ANN, made.id) == lines
    assert line_items.replace(work, ANN, made.id, lines[:1])
    assert line_items.of_receipt(work, ANN, made.id) == lines[:1]


def test_sec_r4_no_column_holds_what_was_written(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    history.confirm(work, ANN, made.id, spent(1, merchant="Zanzibar Secret", note="Hidden", tags=("private",)))
    line_items.replace(work, ANN, made.id, [Line(text="Zanzibar Secret")])
    stored = repr([rows(work, table) for table in (receipt, transaction, word, line_items.line_item, history.history)])
    assert not [one for one in ("Zanzibar", "zanzibar", "Hidden", "private", "joes") if one in stored]


def test_aud_1_every_change_is_audited_by_storage(work: Work) -> None:
    made = receipts.add(work, ANN, DRAFT)
    history.confirm(work, ANN, made.id, spent(1250))
    history.edit(work, ANN, made.id, DRAFT, spent(1), revision=1)
    history.delete(work, ANN, made.id)
    acts = _audited(work)
    for act in ("receipt.create", "receipt.confirmed", "transaction.create", "receipt.edit", "transaction.edit",
                "receipt.rejected", "transaction.delete"):  # fmt: skip
        assert f"receipts.{act}" in acts
