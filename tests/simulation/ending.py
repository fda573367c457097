"""How a story ended: the state of its case, its payment, its letter, and what the vendors' books hold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.appeals.cases import case
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.inbox import inbox
from storage.outbox import outbox
from tests.simulation.world import World


async def ending(world: World) -> dict[str, Any]:
    """Return the end state without ids and times, so that a disturbed run can be compared with an undisturbed one."""

    def read(connection: sa.Connection) -> dict[str, Any]:
        def column(what: Any, *where: Any) -> list[str]:
            return sorted(str(row[0]) for row in connection.execute(sa.select(what).where(*where)))

        return {
            "stages": column(case.c.stage),
            "payments": column(payment.c.status),
            "letters": column(letter.c.status),
            "waiting": column(inbox.c.kind, inbox.c.state.in_(["waiting", "dead"])),
            "in flight": column(outbox.c.purpose, outbox.c.state == "sending"),
            "dead": column(outbox.c.purpose, outbox.c.state == "dead"),
        }

    vendors, found = world.vendors, await world.app.database.read(read)
    return {
        **found,
        "paid": sum(s["payment_status"] == "paid" for s in vendors.stripe.checkout.shelf),
        "posted": sum(not x["deleted"] for x in vendors.lob.letters.shelf),
        "refunds": len(vendors.stripe.payments.refunds),
    }


DELIVERED: dict[str, Any] = {
    "stages": ["submitted"],
    "payments": ["paid"],
    "letters": ["delivered"],
    "waiting": [],
    "in flight": [],
    "dead": [],
    "paid": 1,
    "posted": 1,
    "refunds": 0,
}
"""The end of an undisturbed order, three weeks later."""
