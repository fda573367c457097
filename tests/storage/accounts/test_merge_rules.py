"""What a merge does with every table (ID-6): nothing of a person may be forgotten."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

import storage
from storage.accounts.joining import APPEND_ONLY
from storage.accounts.merges import Changed, Manifest, packed, unpacked
from storage.accounts.rules import of_persons, rules, unique_keys
from storage.schema import metadata
from tests.databases import know_all_tables

FRESH = Path(storage.__file__).parent / "migrations" / "fresh.sql"


def test_id_6_every_table_that_names_a_person_has_a_rule_of_its_merge() -> None:
    know_all_tables()
    named = rules().named
    assert len(named) == len(set(named)), "a table stands under two headings"
    missing, unknown = set(of_persons()) - set(named), set(named) - set(of_persons())
    assert not missing, f"say in storage/accounts/tables.toml what a merge does with {sorted(missing)}"
    assert not unknown, f"no table of a person: {sorted(unknown)}"
    assert all(remark for heading in (rules().move, rules().own, rules().kept) for remark in heading.values())


def test_id_6_a_table_that_nobody_named_is_found() -> None:
    know_all_tables()
    strange = sa.Table("strange", metadata, sa.Column("person_id", sa.BigInteger))
    try:
        assert set(of_persons()) - set(rules().named) == {"strange"}
    finally:
        metadata.remove(strange)


def test_a_persons_unique_keys_are_read_from_the_schema() -> None:
    know_all_tables()

    def keys(table: str) -> set[tuple[tuple[str, ...], str]]:
        found = unique_keys(metadata.tables[table])
        return {(tuple(column.name for column in columns), where) for columns, where in found}

    assert keys("project") == {(("id",), ""), ((), "status = 'active'")}
    assert keys("mail_sender") == {(("address_hash",), "")}
    assert keys("appeal_payment") == set()


def test_a_manifest_comes_back_as_it_was_written() -> None:
    moment = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)
    manifest = Manifest(
        {"a": [[1], [2, b"x", date(2026, 3, 1)]]},
        {"b": [{"id": 3, "at": moment, "day": date(2026, 2, 28), "none": None, "data": b"\x00\xff", "yes": True}]},
        [Changed("c", [4], "day", date(2026, 1, 1), None)],
        {"d": [[5]]},
        [6],
    )
    assert unpacked(packed(manifest)) == manifest


HOUSE = {
    "alert", "audit", "audit_chain", "audit_segment", "backup_code", "broadcast", "city_change", "city_record",
    "city_verification", "coach_spend", "coupon", "coupon_batch", "document_counter", "flag", "model_call",
    "organisation", "periodic", "person", "person_merge", "plan_template", "process", "quote_counter", "staff_action",
    "support_counter", "support_rule", "support_staff", "switch", "webhook_subscription",
}  # fmt: skip
"""What is nobody's but ours."""
REMEMBERED = {"suppression", "trial_used"}
"""Keyed hashes that outlive the person, on purpose (ID-13, SB-12)."""
WAYS = {"inbox", "outbox"}
"""The post."""


def test_id_1_every_row_of_somebody_names_the_person_or_what_is_the_persons_and_never_an_address_alone() -> None:
    know_all_tables()
    owned = set(of_persons())
    others = {name: table for name, table in metadata.tables.items() if name not in owned | HOUSE | REMEMBERED}
    for name, table in others.items():
        parents = {key.column.table.name for key in table.foreign_keys}
        assert parents & owned, f"{name} leads to no person"
    by_address = {name for name, table in metadata.tables.items() if "address_id" in table.c}
    assert by_address <= owned, "an address stands only beside its person"
    loose = {name for name in by_address if metadata.tables[name].c.person_id.nullable}
    assert loose <= WAYS, "only the post may come from somebody whom nobody knows yet"


def test_id_6_every_table_that_refuses_changes_is_moved_by_rows_made_anew() -> None:
    know_all_tables()
    refuse = set(re.findall(r"BEFORE UPDATE ON (\w+)", FRESH.read_text("utf-8")))
    assert refuse & set(of_persons()) == APPEND_ONLY
