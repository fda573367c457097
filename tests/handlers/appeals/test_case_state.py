"""The state of the return address beside the sealed facts: kept with the address, gone with the person's data."""

from __future__ import annotations

from pathlib import Path

from storage.appeals import cases, privacy
from storage.work import Work
from tests.handlers.appeals.flow.world import SF_ALL, SF_TICKET, case_of, opened, walk


async def test_the_state_is_kept_once_the_address_is_confirmed(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET)
        assert (await case_of(h))[0].return_state is None
        await walk(phone, *SF_ALL[len(SF_TICKET) :])
        row, facts = await case_of(h)
        assert (row.return_state, facts.state) == ("CA", "CA")


async def test_ux_14_it_goes_with_the_persons_data(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_ALL)
        row, _ = await case_of(h)

        def erased(work: Work) -> object:
            privacy.erase(work, row.person_id)
            kept = cases.load(work, row.id)
            return kept.return_state if kept else "gone"

        assert await h.writers.run(erased) is None
