"""Ledgers for the tests of exports: a small one written out, and any that a person could bring about."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from handlers.receipts.exports.ledger import (
    Account,
    AccountKind,
    Balance,
    Budget,
    Category,
    CategoryKind,
    Details,
    Entry,
    Item,
    Kind,
    Ledger,
    Picture,
    Rule,
    Split,
    State,
    TaxLine,
)

SAVED = datetime(2026, 3, 18, 17, 30, 5, tzinfo=UTC)
CATEGORIES = (
    Category("c1", "Groceries", icon="basket", colour="#2b6"),
    Category("c2", "Supermarket", "c1"),
    Category("c3", "Food"),
    Category("c4", "Restaurants", "c3"),
    Category("c5", "Income", kind=CategoryKind.INCOME),
    Category("c6", "Salary", "c5", CategoryKind.INCOME),
    Category("c7", "Cash", kind=CategoryKind.TRANSFER),
    Category("c8", "Withdrawal", "c7", CategoryKind.TRANSFER),
)
ACCOUNTS = (
    Account("a1", "Visa", AccountKind.CARD, "4421"),
    Account("a2", "Cash", AccountKind.CASH),
    Account("a3", "Chequing", AccountKind.BANK, "9876", Balance(150_000, "USD", SAVED)),
)


def shop(**changes: object) -> Entry:
    """Return a purchase in a shop, with changes."""
    fields: dict[str, object] = {
        "id": "rcp_02K1M",
        "date": date(2026, 4, 2),
        "merchant": "Miller's Market",
        "description": "for the week",
        "amount_minor": 2_623,
        "currency": "USD",
        "updated_at": SAVED,
        "category_id": "c2",
        "account_id": "a1",
        "tags": ("work",),
        "receipt_code": "Q4M8",
        "taxes": (TaxLine(113, "sales tax"),),
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type]


def ledger_of(*entries: Entry) -> Ledger:
    """Return a ledger with the categories and accounts of this module."""
    return Ledger(entries, CATEGORIES, ACCOUNTS)


def small_ledger() -> Ledger:
    """Return one entry of each sort: split, refund, yen, dinars, income, transfer, draft, pending, void."""
    split = (Split(2_000, "c2", "food"), Split(623, "c4"))
    items = (
        Item('=HYPERLINK("x")', 300, Decimal("1.250"), 240, 25, "c2"),
        Item("Milk", 2_323),
    )
    details = Details(
        number="0042", time=time(18, 5), tendered_minor=3_000, change_minor=377, return_by=date(2026, 5, 2)
    )
    picture = Picture("p1", "image/jpeg", "ab" * 32, 120)
    return Ledger(
        (
            shop(splits=split, items=items, details=details, pictures=(picture, Picture("p2", "application/pdf"))),
            shop(
                id="rcp_03", date=date(2026, 4, 3), kind=Kind.REFUND, amount_minor=-1_000, receipt_code="Q4M9", taxes=()
            ),
            shop(id="rcp_04", currency="JPY", amount_minor=1_200, taxes=(), receipt_code="R2", account_id="a2"),
            shop(id="rcp_05", currency="KWD", amount_minor=3_250, taxes=(), receipt_code="R3", tip_minor=250),
            shop(id="rcp_06", kind=Kind.INCOME, amount_minor=-250_000, category_id="c6", account_id="a3", taxes=()),
            shop(id="rcp_07", kind=Kind.TRANSFER, amount_minor=6_000, category_id="c8", account_id="a3", taxes=()),
            shop(id="rcp_08", state=State.DRAFT, receipt_code=""),
            shop(id="rcp_09", state=State.PENDING, receipt_code="", account_id=None, category_id=None),
            shop(id="rcp_10", state=State.VOID, receipt_code="R9"),
        ),
        CATEGORIES,
        ACCOUNTS,
        (Rule("r1", "millers market", category_id="c2", tags=("work",)),),
        (Budget("b1", "month", 40_000, "USD", "c1"),),
    )


_HOSTILE = [
    *('"', "\\", '\\"', "a\nb", "a\r\nb", "\t", "\x00", "\x1b[0m", "; comment", "| pipe", "(code)", "* star", "! flag"),
    *("=1+1", "+1", "-1", "@x", "'=1", "''", "#tag", "^link", "{", "}", "<b>&amp;</b>", "]]>", "date:2026-99-99"),
    *(
        "[2026-02-30]",
        "a: b, c: d",
        "=2026-01-01",
        "東京商店",
        "Café Zoë",
        "Ψωμί",
        "مخبز",
        "🍕",
        "e\u0301",
        "ß",
        "ǆ",
        "ⅷ",
    ),
    *(
        "../../etc/passwd",
        "C:\\con",
        "..",
        "a/b",
        "\u2028",
        "\u202eexe",
        "\ufeff",
        "  two  spaces  ",
        "",
        "%s{0}",
        "١٢٣",
    ),
    *(
        "\ufffe",
        "हिन्दी",
        "include x",
        "end comment",
        "2026-01-01 open Assets:X",
        "Q" * 300,
        "é" * 40,
        "P^",
        "ı",
        "ﬁ",
        "１２",
    ),
]
words = st.one_of(
    st.sampled_from(_HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text(string.ascii_letters + " '&.-", min_size=1, max_size=20),
)
_amounts = st.one_of(st.integers(-50_000, 500_000), st.sampled_from([0, 1, -1, 10**12]))
_days = st.dates(date(2000, 1, 1), date(2031, 12, 31))
_moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_decimals = st.decimals(Decimal("0.001"), Decimal(999), places=3)


@st.composite
def _categories(draw: st.DrawFn) -> tuple[Category, ...]:
    made: list[Category] = []
    for index in range(draw(st.integers(1, 7))):
        parent = draw(st.sampled_from([None, *made[-2:]]))
        kind = parent.kind if parent else draw(st.sampled_from(CategoryKind))
        made.append(Category(f"c{index}", draw(words), parent.id if parent else None, kind))
    return tuple(made)


_accounts = st.lists(
    st.tuples(words, st.sampled_from(AccountKind), st.sampled_from(["", "4421", "4421", "0007"])), max_size=4
).map(lambda rows: tuple(Account(f"a{index}", *row) for index, row in enumerate(rows)))


@st.composite
def _entries(draw: st.DrawFn, number: int, categories: list[str | None], accounts: list[str | None]) -> Entry:
    a_category = st.sampled_from(categories)
    amount = draw(_amounts)
    cuts = draw(st.lists(_amounts, max_size=3))
    splits = tuple(Split(part, draw(a_category), draw(words)) for part in (*cuts, amount - sum(cuts))) if cuts else ()
    taxes = st.builds(TaxLine, st.one_of(st.just(0), st.integers(-200, 3_000)), words, st.none() | _decimals)
    items = st.builds(Item, words, _amounts, st.none() | _decimals, st.none() | _amounts, st.none(), a_category)
    pages = draw(st.lists(st.sampled_from(["image/jpeg", "image/png", "application/pdf", "x/y"]), max_size=2))
    return Entry(
        id=f"rcp_{number:05}",
        date=draw(_days),
        merchant=draw(words),
        amount_minor=amount,
        currency=draw(st.sampled_from(["USD", "JPY", "KWD"])),
        updated_at=draw(_moments),
        kind=draw(st.sampled_from(Kind)),
        state=draw(st.sampled_from([*State, State.POSTED, State.POSTED])),
        description=draw(words),
        category_id=draw(a_category),
        account_id=draw(st.sampled_from(accounts)),
        tags=tuple(draw(st.lists(words, max_size=3))),
        note=draw(words),
        receipt_code=draw(st.sampled_from(["", f"R{number}"])),
        tip_minor=draw(st.sampled_from([0, 0, 150])),
        taxes=tuple(draw(st.lists(taxes, max_size=2))),
        items=tuple(draw(st.lists(items, max_size=2))),
        splits=splits,
        pictures=tuple(Picture(f"p{number}-{page}", kind) for page, kind in enumerate(pages)),
    )


@st.composite
def any_ledger(draw: st.DrawFn) -> Ledger:
    """Draw a ledger of up to eight entries with hostile names, three currencies, refunds, splits and odd taxes."""
    categories, accounts = draw(_categories()), draw(_accounts)
    of_categories = [None, *(category.id for category in categories)]
    of_accounts = [None, *(account.id for account in accounts)]
    entries = [draw(_entries(number, of_categories, of_accounts)) for number in range(draw(st.integers(1, 8)))]
    return Ledger(tuple(entries), categories, accounts)


def later(entry: Entry, minutes: int = 1) -> datetime:
    """Return a moment after the entry's last change."""
    return entry.updated_at + timedelta(minutes=minutes)
