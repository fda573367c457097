"""EXP-4: everything as JSON, and back again (RA-9)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.receipts.exports.ledger import Category, Ledger, Picture, Split
from handlers.receipts.exports.ledger_file import SCHEMA, VERSION, LedgerFileError, ledger_file, read_ledger_file
from tests.effort import short
from tests.handlers.receipts.exports.ledgers import CATEGORIES, any_ledger, ledger_of, shop, small_ledger


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ledger_file(small_ledger()).content)
    return document


def test_exp_4_round_trip_of_everything() -> None:
    content = ledger_file(small_ledger()).content
    read = read_ledger_file(content)
    assert read.ledger == small_ledger()
    assert ledger_file(read.ledger).content == content


def test_exp_4_amounts_are_integers_and_the_schema_is_named() -> None:
    document = _document()
    assert (document["schema"], document["version"]) == (SCHEMA, VERSION) == ("parley.ledger", 1)
    assert {type(entry["amount_minor"]) for entry in document["ledger"]["entries"]} == {int}
    assert b"." not in ledger_file(ledger_of(shop(description=""))).content.replace(b"parley.ledger", b"")


def test_exp_4_pictures_travel_when_asked() -> None:
    def read(picture: Picture) -> bytes:
        return picture.id.encode() + b"\x00\xff"

    content = ledger_file(small_ledger(), read).content
    found = read_ledger_file(content)
    assert found.pictures == {"p1": b"p1\x00\xff", "p2": b"p2\x00\xff"}
    assert ledger_file(found.ledger, lambda picture: found.pictures[picture.id]).content == content


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "other"),
        (("version",), 2),
        (("version",), "1"),
        (("version",), [1]),
        (("ledger", "entries", 0, "amount_minor"), 12.5),
        (("ledger", "entries", 0, "amount_minor"), "1250"),
        (("ledger", "entries", 0, "currency"), "XYZ1"),
        (("ledger", "entries", 0, "category_id"), "nobody's"),
        (("ledger", "entries", 0, "account_id"), "nobody's"),
        (("ledger", "entries", 0, "kind"), "theft"),
        (("ledger", "entries", 0, "updated_at"), "2026-03-18T17:30:05"),
        (("ledger", "entries", 0, "date"), "2026-02-30"),
        (("ledger", "entries", 0, "id"), "rcp_03"),
        (("ledger", "categories", 0, "parent_id"), "c2"),
        (("ledger", "surprise"), 1),
        (("ledger",), []),
    ],
)
def test_exp_4_a_damaged_file_is_refused(place: tuple[str | int, ...], value: object) -> None:
    document = _document()
    part: Any = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(LedgerFileError):
        read_ledger_file(json.dumps(document).encode())


@given(st.one_of(st.binary(max_size=60), st.just(b"[" * 100_000), st.just(b"null"), st.just(b'{"schema":1}')))
def test_exp_4_any_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(LedgerFileError):
        read_ledger_file(content)


def test_exp_4_parts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        shop(splits=(Split(1), Split(2)))


def test_exp_4_a_circle_of_categories_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        Ledger((), (*CATEGORIES, Category("x", "X", "y"), Category("y", "Y", "x")))


@settings(deadline=None, max_examples=short(40, whole=80))
@given(any_ledger(), st.randoms(use_true_random=False))
def test_ra_9_exp_4_any_ledger_comes_back_in_any_order(ledger: Ledger, random: Any) -> None:
    content = ledger_file(ledger).content
    read = read_ledger_file(content).ledger
    assert read == ledger
    assert ledger_file(read).content == content
    shuffled = [
        random.sample(list(parts), len(parts)) for parts in (ledger.entries, ledger.categories, ledger.accounts)
    ]
    assert ledger_file(Ledger(*map(tuple, shuffled))).content == content
