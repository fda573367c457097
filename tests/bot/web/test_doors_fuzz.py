"""Any bytes at any webhook: 4xx and nothing stored; genuine but senseless: never 5xx (HOOK-2, HOOK-3, FAKE-4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.clock import FixedClock
from tests.bot.web.barrage import Barrage, Toll
from tests.bot.web.fuzz import DOORS, signed, stored
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.world import World

FEW = settings(max_examples=short(70, whole=150), deadline=None, suppress_health_check=list(HealthCheck))


class Doors:
    """A running server, spoken to from synchronous tests."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world, self._loop = world, loop
        self.session = aiohttp.ClientSession(loop=loop)

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> int:
        """Return the status of one request."""
        return self._loop.run_until_complete(self._post(path, body, headers or {}))

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            async with self.session.post(self.world.url + path, data=BytesIO(body), headers=headers) as answer:
                await answer.read()
                return answer.status
        except aiohttp.ClientOSError:  # refused before all of a large body was read
            return 413

    def barrage(self, requests: int) -> Toll:
        """Send many requests at once."""
        return self._loop.run_until_complete(Barrage(self.world, seed=1).run(requests))

    def stored(self) -> dict[str, int]:
        """Count the rows."""
        return self._loop.run_until_complete(stored(self.world))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def doors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The real routes on both databases."""
    loop = asyncio.new_event_loop()
    folder: Path = tmp_path_factory.mktemp("doors")
    with prepared_database(request.param, folder) as url:
        town = World.open(register, url, FixedClock(FRIDAY), folder)
        world = loop.run_until_complete(town.__aenter__())

        async def opened() -> Doors:
            return Doors(world, loop)

        doors = loop.run_until_complete(opened())
        yield doors
        loop.run_until_complete(doors.session.close())
        loop.run_until_complete(town.__aexit__(None, None, None))
    loop.close()


header_values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80)


@FEW
@given(
    path=st.sampled_from(DOORS),
    body=st.binary(max_size=400),
    header=st.sampled_from(
        [
            "X-Telegram-Bot-Api-Secret-Token", "Stripe-Signature", "Lob-Signature", "Lob-Signature-Timestamp",
            "X-Twilio-Signature", "Content-Type", "X-Other",
        ]
    ),
    value=header_values,
)  # fmt: skip
def test_hook_2_any_bytes_unsigned_are_refused_and_not_stored(
    doors: Doors, path: str, body: bytes, header: str, value: str
) -> None:
    before = doors.stored()
    assert 400 <= doors.post(path, body, {header: value}) < 500
    assert doors.stored() == before


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(plain, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8), x, max_size=3))


def _holding(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make objects that hold some of the fields a vendor would send, each right or anything."""
    return st.fixed_dictionaries({}, optional={name: value | anything for name, value in known.items()})


ids = st.text(max_size=12) | st.integers(-(2**70), 2**70)
updates = _holding(
    update_id=st.integers(-(2**70), 2**70),
    message=_holding(
        message_id=st.integers(0, 2**70),
        date=st.integers(0, 2**40),
        chat=_holding(id=st.integers(-(2**70), 2**70), type=st.sampled_from(["private", "group"])),
        **{"from": _holding(id=st.integers(1, 2**70), is_bot=st.just(False), language_code=st.text(max_size=5))},
        text=st.text(max_size=60),
        photo=st.lists(_holding(file_id=st.text(max_size=5), width=st.integers(), height=st.integers()), max_size=2),
        contact=_holding(phone_number=st.text(max_size=12), user_id=st.integers()),
    ),
    callback_query=_holding(
        id=st.text(max_size=8), data=st.text(max_size=10), **{"from": _holding(id=st.integers(1, 2**70))}
    ),
)
stripe_events = _holding(
    id=st.text(max_size=12),
    type=st.sampled_from(["checkout.session.completed", "charge.refunded", "refund.updated"]) | st.text(max_size=9),
    data=_holding(
        object=_holding(
            id=ids, metadata=_holding(payment_id=ids, refund_id=ids, intake_id=ids), client_reference_id=ids,
            payment_intent=ids, payment_status=st.just("paid"), amount_total=st.integers(), currency=st.text(),
        )
    ),
)  # fmt: skip
lob_events = _holding(
    id=st.text(max_size=12),
    event_type=_holding(id=st.sampled_from(["letter.delivered", "letter.failed"]) | st.text(max_size=9)),
    body=_holding(id=ids, metadata=_holding(letter_id=ids), tracking_events=anything),
    reference_id=ids,
)
BODIES = {"/webhooks/telegram": updates, "/webhooks/stripe": stripe_events, "/webhooks/lob": lob_events}


@FEW
@given(data=st.data(), path=st.sampled_from(sorted(BODIES)))
def test_hook_3_genuine_but_senseless_objects_are_never_5xx(doors: Doors, data: st.DataObject, path: str) -> None:
    body = json.dumps(data.draw(BODIES[path] | anything)).encode()
    assert doors.post(path, body, signed(doors.world, path, body)) < 500


@FEW
@given(path=st.sampled_from(DOORS), body=st.binary(max_size=300))
def test_hook_3_genuine_bytes_are_never_5xx(doors: Doors, path: str, body: bytes) -> None:
    assert doors.post(path, body, signed(doors.world, path, body)) < 500


fields = st.dictionaries(
    st.sampled_from(
        [
            "MessageSid",
            "From",
            "To",
            "Body",
            "NumMedia",
            "MediaUrl0",
            "AccountSid",
            "MessageStatus",
            "ErrorCode",
            "SmsSid",
        ]
    ),
    st.text(max_size=40) | st.sampled_from(["+14155550123", "9", "1e9", "delivered", "SM1", "\0"]),
)


@FEW
@given(path=st.sampled_from(["/webhooks/twilio/sms", "/webhooks/twilio/status"]), form=fields)
def test_hook_3_genuine_forms_are_never_5xx(doors: Doors, path: str, form: dict[str, str]) -> None:
    from urllib.parse import urlencode

    body = urlencode({k: v.encode("utf-8", "replace") for k, v in form.items()}).encode()
    assert doors.post(path, body, signed(doors.world, path, body)) < 500


@pytest.mark.parametrize("path", DOORS)
def test_a_body_over_its_cap_is_refused(doors: Doors, path: str) -> None:
    before = doors.stored()
    body = b"a=" + b"x" * 1_200_000
    assert 400 <= doors.post(path, body, signed(doors.world, path, body)) < 500
    assert doors.stored() == before


def test_fake_4_a_short_barrage_finds_nothing(doors: Doors) -> None:
    """`make fuzz` sends 250,000."""
    toll = doors.barrage(1500)
    assert (toll.accepted, toll.broken, toll.changed) == ([], [], False)
    assert toll.forged + toll.genuine == 1500
    assert toll.statuses[200] > 100, "some genuine events are taken"
