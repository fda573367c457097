"""Mails as they come: which are receipts, of whom, how much and when (EML-5, EML-6, EML-7)."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.receipts.mail.opening import open_mail
from handlers.receipts.mail.reading import MailReceipt, drafts_of
from handlers.receipts.mail.sorting import Way
from handlers.receipts.reading import Context
from tests.handlers.receipts.mail.letters import AUTHSERV, TODAY, corpus, of_corpus

OWN = ("ann@gmail.com", "bob@outlook.com", "cleo@icloud.com", "dora@gmail.com")


def _read(entry: dict[str, Any], way: Way = Way.SENT) -> list[MailReceipt]:
    mail, parts = open_mail(of_corpus(entry), authserv=AUTHSERV, today=TODAY)
    assert parts == []
    return drafts_of(mail, [], Context(TODAY), way=way, own=OWN)


@pytest.mark.parametrize("entry", corpus(), ids=lambda entry: entry["name"])
def test_eml_7_mail_is_sorted(entry: dict[str, Any]) -> None:
    found = _read(entry)
    assert [one.kind for one in found] == ([] if entry["kind"] == "nothing" else [entry["kind"]])


@pytest.mark.parametrize("entry", [e for e in corpus() if e["kind"] != "nothing"], ids=lambda entry: entry["name"])
def test_eml_6_mail_is_read(entry: dict[str, Any]) -> None:
    [found] = _read(entry)
    assert found.reading is not None
    assert found.reading.total is not None
    assert found.merchant == entry["merchant"]
    assert found.reading.merchant is not None
    assert found.reading.merchant.value == entry["merchant"]
    if "total" in entry:
        assert (found.reading.total.value, found.reading.currency.value) == (
            entry["total"],
            entry.get("currency", "USD"),
        )
    else:
        assert abs(found.reading.total.value) == 8000
    if "day" in entry:
        assert found.day is not None
        assert found.day.isoformat() == entry["day"]
    if "number" in entry:
        assert found.order_number == entry["number"]


@pytest.mark.parametrize("entry", [e for e in corpus() if e["kind"] == "nothing"], ids=lambda entry: entry["name"])
def test_eml_9_what_is_no_receipt_in_a_mailbox_is_not_kept(entry: dict[str, Any]) -> None:
    assert _read(entry, Way.FOUND) == []


def test_the_corpus_is_large_enough() -> None:
    kinds = [entry["kind"] for entry in corpus()]
    assert len(kinds) >= 25
    assert kinds.count("nothing") >= 10
