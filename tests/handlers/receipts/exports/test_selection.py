"""`EXPORT kind new`, and what a dry run says (RA-9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from handlers.receipts.exports.beancount import used_accounts
from handlers.receipts.exports.export_kind import ExportKind, Notice, Options, Sums, dry_run, takes, write
from handlers.receipts.exports.ledger import Category, Ledger, Picture, State
from handlers.receipts.exports.qif import DateOrder
from handlers.receipts.exports.selection import ExportMark, advanced, since
from tests.handlers.receipts.exports.ledgers import CATEGORIES, any_ledger, later, ledger_of, shop, small_ledger


def _ids(ledger: Ledger) -> list[str]:
    return [entry.id for entry in ledger.entries]


def _exported(ledger: Ledger) -> ExportMark:
    return advanced(ExportMark(), ledger)


def test_ra_9_a_corrected_row_comes_again_with_the_same_id_once() -> None:
    first, second = shop(id="r1"), shop(id="r2")
    mark = _exported(ledger_of(first, second))
    corrected = ledger_of(replace(first, amount_minor=2_700, updated_at=later(first)), second, shop(id="r3"))
    found = since(corrected, mark)
    assert (_ids(found.ledger), found.corrected, found.gone) == (["r1", "r3"], frozenset({"r1"}), frozenset())
    assert _ids(since(corrected, advanced(mark, found)).ledger) == []


def test_ra_9_an_undo_to_an_earlier_state_comes_again() -> None:
    before, after = shop(), shop(amount_minor=2_700)
    mark = advanced(_exported(ledger_of(before)), ledger_of(after))
    assert _ids(since(ledger_of(before), mark).ledger) == [before.id]


def test_ra_9_an_export_of_one_month_does_not_hide_another() -> None:
    ledger = ledger_of(shop(id="march", date=date(2026, 3, 31)), shop(id="april", date=date(2026, 4, 1)))
    mark = advanced(ExportMark(), ledger.between(date(2026, 3, 1), date(2026, 4, 1)))
    assert _ids(since(ledger, mark).ledger) == ["april"]


def test_ra_9_what_was_deleted_is_told() -> None:
    mark = _exported(ledger_of(shop(id="r1"), shop(id="r2")))
    found = since(ledger_of(shop(id="r2")), mark)
    assert (_ids(found.ledger), found.gone) == ([], frozenset({"r1"}))
    assert since(ledger_of(shop(id="r2")), advanced(mark, found)).gone == frozenset()


def test_ra_9_a_void_row_comes_again() -> None:
    mark = _exported(ledger_of(shop()))
    assert since(ledger_of(shop(state=State.VOID)), mark).corrected == {"rcp_02K1M"}


def test_ra_9_touching_or_renaming_a_category_brings_nothing() -> None:
    mark = _exported(ledger_of(shop()))
    assert _ids(since(ledger_of(shop(updated_at=later(shop()))), mark).ledger) == []
    renamed = (*CATEGORIES[:1], Category("c2", "Shops", "c1"), *CATEGORIES[2:])
    assert _ids(since(Ledger((shop(),), renamed, ledger_of().accounts), mark).ledger) == []


def test_exp_5_a_second_file_opens_new_accounts_only() -> None:
    mark = advanced(ExportMark(), ledger_of(shop()), used_accounts(ledger_of(shop())))
    found = since(ledger_of(shop(), shop(id="r2", account_id="a2")), mark)
    (file,) = write(ExportKind.BEANCOUNT, found.ledger, Options(opened=mark.opened))
    assert [line for line in file.content.decode().split("\n") if " open " in line] == ["1970-01-01 open Assets:Cash"]


def test_dry_run_counts_and_sums_per_currency() -> None:
    told = dry_run(ExportKind.OFX, small_ledger())
    assert (told.count, told.left_out, told.pictures) == (6, 3, 2)
    assert (told.first, told.last) == (date(2026, 4, 2), date(2026, 4, 3))
    assert told.sums == (
        Sums("JPY", 1, 1_200, 0),
        Sums("KWD", 1, 3_250, 0),
        Sums("USD", 4, 8_623, 251_000),
    )
    assert told.sums[2].net_minor == -242_377
    assert told.notices == (Notice.LEFT_OUT, Notice.NO_PICTURES)


def test_exp_8_the_dry_run_warns_that_a_second_import_doubles() -> None:
    assert dry_run(ExportKind.QIF, ledger_of(shop())).notices == (Notice.IMPORT_DOUBLES,)


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (ExportKind.CSV, "draft pending posted void"),
        (ExportKind.JSON, "draft pending posted void"),
        (ExportKind.BEANCOUNT, "draft pending posted"),
        (ExportKind.HLEDGER, "draft pending posted"),
        (ExportKind.OFX, "posted"),
        (ExportKind.QIF, "posted"),
        (ExportKind.FIREFLY, "posted"),
        (ExportKind.ACTUAL, "posted"),
    ],
)
def test_which_states_a_kind_takes(kind: ExportKind, states: str) -> None:
    assert [state for state in State if takes(kind, shop(state=state))] == states.split()


def test_void_rows_are_in_no_sum() -> None:
    told = dry_run(ExportKind.CSV, ledger_of(shop(), shop(id="r2", state=State.VOID)))
    assert (told.count, told.sums) == (2, (Sums("USD", 1, 2_623, 0),))


FILES = [kind for kind in ExportKind if kind is not ExportKind.FIREFLY]


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_writes_plain_names_and_the_same_bytes(kind: ExportKind) -> None:
    options = Options(bom=True, date_order=DateOrder.DAY_FIRST)
    files = list(write(kind, small_ledger(), options, lambda picture: picture.id.encode()))
    again = list(write(kind, small_ledger(), options, lambda picture: picture.id.encode()))
    assert files == again
    assert files
    assert all(file.content and "/" not in file.name for file in files)


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_writes_an_empty_ledger(kind: ExportKind) -> None:
    files = list(write(kind, Ledger(), Options(), lambda _: b""))
    assert len(files) == (0 if kind is ExportKind.QIF else 1)
    assert dry_run(kind, Ledger()).count == 0


def test_a_zip_needs_a_reader_and_firefly_takes_no_file() -> None:
    with pytest.raises(ValueError, match="reader"):
        list(write(ExportKind.ZIP, ledger_of(shop(pictures=(Picture("p", "image/png"),))), Options()))
    with pytest.raises(ValueError, match="requests"):
        list(write(ExportKind.FIREFLY, Ledger(), Options()))


@settings(deadline=None, max_examples=40)
@given(any_ledger())
def test_ra_9_after_any_export_nothing_is_new(ledger: Ledger) -> None:
    found = since(ledger, advanced(ExportMark(), since(ledger, ExportMark())))
    assert (found.ledger.entries, found.corrected, found.gone) == ((), frozenset(), frozenset())
