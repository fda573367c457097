"""Books sent to programs of a person's own, from the chat (EXP-9, EXP-10)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.books import BooksSent, SendToActual, SendToFirefly
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from handlers.receipts.exports.mark_file import mark_from
from storage.receipts import connections, exports
from tests.handlers.receipts.exports.chat.shelf import Books, open_shelf
from tests.spoken import spoken


@pytest.fixture
async def books(database: str) -> AsyncIterator[Books]:
    async with open_shelf(database) as opened:
        yield opened


async def connect(books: Books) -> Phone:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    await dana.say("export firefly")
    dana.expect("Where is your Firefly III?")
    await dana.say("http://192.168.0.3")
    dana.expect("must be an https address")
    await dana.say("https://money.example.org/")
    await dana.say("two words")
    dana.expect("That is not one.")
    await dana.say("eyJ0.token")
    dana.expect("EXPORT FIREFLY sends your books")
    return dana


async def test_exp_9_connected_sent_and_marked(books: Books) -> None:
    dana = await connect(books)
    asked: list[SendToFirefly] = []

    def send(call: SendToFirefly, harness: Harness) -> Outcome:
        asked.append(call)
        return Done(BooksSent(2, 2)) if call.skip == 0 else Done(BooksSent(-1, 2, 1, ["none_of_ours"], 1))

    books.harness.world[SendToFirefly] = send
    await dana.say("export firefly")
    dana.expect("Sent: 4 new, 1 changed.", "1 were refused", "1 pictures did not arrive")
    assert [(one.base_url, one.token, one.skip) for one in asked] == [
        ("https://money.example.org", "eyJ0.token", 0), ("https://money.example.org", "eyJ0.token", 2),
    ]  # fmt: skip
    await dana.say("export firefly new")
    dana.expect("Nothing new since your last Firefly III export.")


async def test_sec_r4_a_typed_token_stays_in_no_transcript(books: Books) -> None:
    await connect(books)
    kept = await spoken(books.harness)
    assert "[token]" in kept
    assert not any("eyJ0" in entry for entry in kept)


async def test_what_was_refused_comes_again(books: Books) -> None:
    dana = await connect(books)
    person_id = await books.person(dana)
    refused = next(one.id for one in (await books.ledger(dana)).entries if one.merchant == "Corner")
    books.harness.world[SendToFirefly] = lambda call, harness: Done(BooksSent(-1, 4, 0, [refused]))
    await dana.say("export firefly")
    with books._look() as work:
        kept = exports.mark_of(work, person_id, "firefly")
    assert refused not in mark_from(await books.file(kept.blob_id)).fingerprints
    await dana.say("export firefly new")
    dana.expect("Sending 1 entries")


@pytest.mark.parametrize(
    ("code", "told"),
    [("unauthorized", "token was refused"), ("not_allowed", "public internet"), ("gave_up", "nothing doubles")],
)
async def test_trouble_is_told_and_nothing_is_marked(books: Books, code: str, told: str) -> None:
    dana = await connect(books)
    person_id = await books.person(dana)
    books.harness.world[SendToFirefly] = lambda call, harness: Refused(code)
    await dana.say("export firefly")
    dana.expect(told)
    with books._look() as work:
        assert exports.mark_of(work, person_id, "firefly").revision == 0


async def test_disconnect_forgets_the_token(books: Books) -> None:
    dana = await connect(books)
    person_id = await books.person(dana)
    await dana.say("disconnect firefly")
    dana.expect("Firefly III is forgotten")
    await dana.say("disconnect firefly")
    dana.expect("not connected")
    with books._look() as work:
        assert connections.load(work, person_id, "firefly") is None


async def test_exp_10_actual_is_a_file_until_it_is_connected(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    sent = await dana.say("export actual")
    assert [one.filename for one in sent if one.file] == ["actual.json"]
    await dana.say("connect actual")
    for answer in ("https://actual.example.org", "key", "7ad3-budget"):
        await dana.say(answer)
    books.harness.world[SendToActual] = lambda call, harness: Done(
        BooksSent(-1, 3, 0, ["x"], 0, ["Visa JPY", call.budget])
    )
    await dana.say("export actual")
    dana.expect("Sent: 3 new", "No account there is called: Visa JPY, 7ad3-budget")
