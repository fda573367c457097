"""Exports over the API: asked for, made elsewhere, fetched within a day (API-2, EXP-1, SEC-R7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.calls.books import ExportMade, MadeFile, MakeExport, Weighed
from handlers.receipts.exports.making import Order, make
from storage import blobs
from storage.receipts import transactions
from storage.receipts.exports import LIFE
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.bot.web.api.kit import ANN, BOB, Town

DAY = date(2026, 3, 2)


def _order(town: Town) -> MakeExport:
    [row] = [row for sent in town.sent for row in sent.rows]
    call = row["body"]["call"]
    assert isinstance(call, MakeExport)
    return call


async def _make(town: Town) -> None:
    """Do what the bookkeeper's child does, and give the outcome."""
    call = _order(town)
    order = Order(call.export_id, call.person_id, call.kind, call.start, call.end, call.fresh, call.mark_blob)

    def work_it(work: Work) -> ExportMade:
        made, files, mark = list(make(work, order)), [], None
        for head, contents in made:
            if not contents:
                continue
            blob_id = work.new_id()
            media_type = head.get("media_type", "application/json")
            blobs.keep(work, blob_id=blob_id, data=contents[0], media_type=media_type, person_id=ANN,
                       delete_after=work.now + LIFE)  # fmt: skip
            if "name" in head:
                files.append(MadeFile(blob_id, head["name"], media_type, len(contents[0])))
            else:
                mark = blob_id
        return ExportMade(Weighed(1), files, mark, asks=bool(made[0][0]["asks"]))

    result: Any = await town.write(work_it)
    await town.outcome(result)


async def test_exp_1_an_export_is_asked_for_made_and_fetched(town: Town) -> None:
    await town.write(lambda work: transactions.add(work, ANN, Entry(DAY, 1250, "USD", merchant="Joe's")))
    asked = await town.ask("POST", "/exports", {"kind": "csv", "start": "2026-03-01", "end": "2026-04-01"})
    assert (asked.status, asked.json["state"], asked.json["files"]) == (202, "making", [])
    at = asked.headers["Location"]
    busy = await town.ask("POST", "/exports", {"kind": "csv"})
    assert (busy.status, busy.code, busy.headers["Retry-After"]) == (409, "busy", "20")
    assert (await town.ask("POST", "/exports", {"kind": "csv"}, who=BOB)).status == 202
    town.sent.pop()
    await _make(town)
    made = (await town.ask("GET", at)).json
    assert made["state"] == "made"
    [one] = made["files"]
    assert (one["number"], one["name"]) == (1, "transactions.csv")
    got = await town.ask("GET", f"{at}/files/1")
    assert (got.status, len(got.data)) == (200, one["size"])
    assert b"Joe's" in got.data
    assert b"-12.50" in got.data
    assert got.headers["Content-Disposition"] == 'attachment; filename="transactions.csv"'
    assert (await town.ask("GET", f"{at}/files/2")).status == 404
    assert (await town.ask("GET", f"{at}/files/1", who=BOB)).status == 404
    assert [one["id"] for one in (await town.ask("GET", "/exports")).json["data"]] == [made["id"]]
    town.clock.advance(timedelta(hours=24))
    assert (await town.ask("GET", f"{at}/files/1")).status == 404
    assert (await town.ask("GET", at)).json["files"] == []


async def test_exp_1_what_is_new_is_exported_once(town: Town) -> None:
    await town.write(lambda work: transactions.add(work, ANN, Entry(DAY, 1250, "USD")))
    for state in ("made", "ended"):
        asked = await town.ask("POST", "/exports", {"kind": "csv", "new": True})
        await _make(town)
        assert (await town.ask("GET", asked.headers["Location"])).json["state"] == state


async def test_an_export_that_fails_ends_and_makes_room(town: Town) -> None:
    asked = await town.ask("POST", "/exports", {"kind": "json"})
    await town.outcome("too_large")
    assert (await town.ask("GET", asked.headers["Location"])).json["state"] == "ended"
    assert (await town.ask("POST", "/exports", {"kind": "json"})).status == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [({"kind": "firefly"}, "kind"), ({"kind": "csv", "new": True, "start": "2026-03-01"}, "new"),
     ({"kind": "csv", "start": "2026-03-01", "end": "2026-03-01"}, "end"), ({}, "kind")],
)  # fmt: skip
async def test_exports_that_are_none_are_refused(town: Town, body: dict[str, Any], field: str) -> None:
    refused = await town.ask("POST", "/exports", body)
    assert (refused.status, refused.json["error"]["field"]) == (400, field)
