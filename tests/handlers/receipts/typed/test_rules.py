"""The rules of reading text, each by its id: amounts, currency, dates, merchants, what is no expense."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.receipts.typed import Expense, Kind, NoExpense, Several, read_answer, read_expense
from tests.rows import each

TODAY = date(2026, 3, 18)


def draft(text: str, currency: str = "USD", **more: str) -> Expense:
    reading = read_expense(text, TODAY, currency, **more)
    assert isinstance(reading, Expense), reading
    return reading


def reason(text: str, currency: str = "USD") -> str:
    reading = read_expense(text, TODAY, currency)
    assert isinstance(reading, NoExpense), reading
    return reading.reason


AMOUNTS = [
    ("AMT-1", "1,234.50 lamp", "USD", 123450, "USD"),
    ("AMT-1", "1.234,50 lamp", "EUR", 123450, "EUR"),
    ("AMT-2", "12,5 lamp", "EUR", 1250, "EUR"),
    ("AMT-2", "1.250 rent", "EUR", 125000, "EUR"),
    ("AMT-2", "1,250 rent", "USD", 125000, "USD"),
    ("AMT-2", "1.250 KWD lunch", "USD", 1250, "KWD"),
    ("AMT-2", "0.125 lamp", "USD", 13, "USD"),
    ("AMT-3", "1,234,567 lamp", "JPY", 1234567, "JPY"),
    ("AMT-3", "€1 234,50 lamp", "USD", 123450, "EUR"),
    ("AMT-3", "CHF 1'234.50 lamp", "USD", 123450, "CHF"),
    ("AMT-3", "Rs 1,25,000.00 car", "INR", 12500000, "INR"),
    ("AMT-3", "12\u202f500,00 € car", "USD", 1250000, "EUR"),
    ("AMT-4", "¥1,480 ramen", "USD", 1480, "JPY"),
    ("AMT-4", "₩15.000 taxi", "USD", 15000, "KRW"),
    ("AMT-4", "JPY 1,480.00 ramen", "USD", 1480, "JPY"),
    ("AMT-5", ".99 candy", "USD", 99, "USD"),
    ("AMT-5", "5. coffee", "USD", 500, "USD"),
    ("AMT-5", "taxi 1.5k", "USD", 150000, "USD"),
    ("AMT-5", "80p milk", "USD", 80, "GBP"),
    ("AMT-5", "99c candy", "USD", 99, "USD"),
    ("AMT-5", "99c candy", "EUR", 99, "EUR"),
    ("AMT-6", "five bucks for coffee", "USD", 500, "USD"),
    ("AMT-6", "twelve fifty lunch", "USD", 1250, "USD"),
    ("AMT-6", "a hundred and twenty for shoes", "USD", 12000, "USD"),
    ("AMT-6", "three dollars and 40 cents for tea", "USD", 340, "USD"),
    ("AMT-6", "nine oh five for tea", "USD", 905, "USD"),
    ("AMT-6", "two thousand five hundred for a sofa", "USD", 250000, "USD"),
    ("AMT-6", "a dollar ninety nine for gum", "USD", 199, "USD"),
    ("AMT-6", "twelve point five for lunch", "USD", 1250, "USD"),
    ("AMT-8", "seven eleven snacks four eighty", "USD", 480, "USD"),
    ("AMT-8", "lunch at five guys twelve fifty", "USD", 1250, "USD"),
    ("AMT-6", "seven ninety nine for tea", "USD", 799, "USD"),
    ("AMT-7", "3 x 4.25 beer", "USD", 1275, "USD"),
    ("AMT-7", "45 + 9 tip dinner", "USD", 5400, "USD"),
    ("AMT-7", "50 dinner plus 20% tip", "USD", 6000, "USD"),
    ("AMT-7", "10.01 lunch split 2", "USD", 501, "USD"),
    ("AMT-7", "split the $80 tab at luna two ways", "USD", 4000, "USD"),
    ("AMT-7", "split a 96 dollar bill at luna 3 ways", "USD", 3200, "USD"),
    ("AMT-8", "subtotal 9.00 tax 0.81 total 9.81 cafe luna", "USD", 981, "USD"),
    ("AMT-8", "Purchase of $45.10 at SHELL, balance $1,200.33", "USD", 4510, "USD"),
    ("AMT-8", "order 4482 coffee 3.50", "USD", 350, "USD"),
    ("AMT-8", "lunch 9.50 at 12:30", "USD", 950, "USD"),
    ("AMT-8", "Charges of $5.00 or more: $27.85 at LUNA", "USD", 2785, "USD"),
    ("AMT-8", "12.50 Grand Central Market", "USD", 1250, "USD"),
    ("AMT-8", "five guys 17.85", "USD", 1785, "USD"),
    ("AMT-8", "lamp 20.00, tel 415-555-0134", "USD", 2000, "USD"),
    ("4.2", "12 chf tea", "USD", 1200, "CHF"),
    ("4.2", "$12 CAD tea", "USD", 1200, "CAD"),
    ("4.2", "$12 tea", "MXN", 1200, "MXN"),
    ("4.2", "$12 tea", "GBP", 1200, "USD"),
    ("4.2", "20 quid tea", "USD", 2000, "GBP"),
    ("4.2", "¥20 tea", "CNY", 2000, "CNY"),
    ("4.2", "Rs 20 tea", "PKR", 2000, "PKR"),
    ("4.2", "20 kr tea", "SEK", 2000, "SEK"),
    ("4.2", "85 pesos tea", "MXN", 8500, "MXN"),
    ("4.2", "12 zł tea", "USD", 1200, "PLN"),
    ("4.2", "R$ 12 tea", "USD", 1200, "BRL"),
    ("4.2", "npr 20", "USD", 2000, "USD"),
    ("4.2", "npr 20 donation march 3", "USD", 2000, "USD"),
    ("4.2", "npr 20 tea", "USD", 2000, "NPR"),
    ("4.2", "npr 500 momo at Thamel", "USD", 50000, "NPR"),
    ("4.2", "npr 20 tea", "NPR", 2000, "NPR"),
    ("AMT-8", "coffee at 4.50", "USD", 450, "USD"),
    ("AMT-8", "target 20 march 3", "USD", 2000, "USD"),
]


@pytest.mark.parametrize(
    ("text", "own", "minor", "currency"), [pytest.param(*r[1:], id=f"{r[0]} {r[1]}") for r in AMOUNTS]
)
def test_amount_and_currency(text: str, own: str, minor: int, currency: str) -> None:
    found = draft(text, own)
    assert (found.amount_minor, found.currency) == (minor, currency)


def test_amt_7_a_computed_sum_tells_its_parts() -> None:
    assert draft("50 dinner plus 20% tip").tip == 1000
    assert draft("45 + 9 tip dinner").tip == 900
    split = draft("90 pizza split 4")
    assert (split.amount_minor, split.note, split.split) == (2250, "90.00 / 4", 4)


@pytest.mark.parametrize(
    "text",
    [
        "refund 12 ikea",
        "returned lamp 12 ikea",
        "12 reversed ikea",
        "credit back 12 ikea",
        "12 cashback ikea",
        "-12 ikea",
        "12.00 CR ikea",
    ],
)
def test_amt_9_money_back_is_negative(text: str) -> None:
    found = draft(text)
    assert (found.amount_minor, found.kind) == (-1200, Kind.REFUND)


@pytest.mark.parametrize(
    ("text", "why"),
    [("0.00 coffee", "zero"), ("1,000,000.01 usd lamp", "too_large"), ("40 or 45 at luna", "which_amount")],
)
def test_amt_10_is_asked(text: str, why: str) -> None:
    assert reason(text) == why


def test_amt_10_rivals_are_the_choices() -> None:
    reading = read_expense("40 or 45 at luna", TODAY, "USD")
    assert isinstance(reading, NoExpense)
    assert reading.candidates == ("$40.00", "$45.00")
    assert draft("1,000,000.00 usd lamp").amount_minor == 100_000_000
    assert draft("Rp 1.250.000 sepatu", "IDR").amount_minor == 125_000_000


def test_4_2_an_open_sign_is_asked() -> None:
    assert reason("20 kr tea") == "currency"
    assert reason("20 pesos tea") == "currency"


DATES = [
    ("DAT-1", "tea 2 today", "USD", "2026-03-18"),
    ("DAT-1", "tea 2 this morning", "USD", "2026-03-18"),
    ("DAT-1", "tea 2 last night", "USD", "2026-03-17"),
    ("DAT-1", "tea 2.00 2 days ago", "USD", "2026-03-16"),
    ("DAT-1", "tea 2 a week ago", "USD", "2026-03-11"),
    ("DAT-1", "tea 2 the day before yesterday", "USD", "2026-03-16"),
    ("DAT-1", "tee 2 gestern", "EUR", "2026-03-17"),
    ("DAT-1", "té 2 ayer", "EUR", "2026-03-17"),
    ("DAT-2", "tea 2 on wednesday", "USD", "2026-03-18"),
    ("DAT-2", "tea 2 thursday", "USD", "2026-03-12"),
    ("DAT-2", "tea 2 last wednesday", "USD", "2026-03-11"),
    ("DAT-3", "tea 2.00 the 3rd", "USD", "2026-03-03"),
    ("DAT-3", "tea 2.00 on the 20th", "USD", "2026-02-20"),
    ("DAT-3", "tea 2.00 Mar 5", "USD", "2026-03-05"),
    ("DAT-3", "tea 2.00 5 March", "USD", "2026-03-05"),
    ("DAT-3", "tea 2.00 Dec 24", "USD", "2025-12-24"),
    ("DAT-4", "tea 2.00 2026-03-05", "USD", "2026-03-05"),
    ("DAT-4", "tea 2.00 05.03.2026", "USD", "2026-03-05"),
    ("DAT-4", "tea 2.00 03/05/2026", "USD", "2026-03-05"),
    ("DAT-4", "tea €2.00 03/02/2026", "USD", "2026-02-03"),
    ("DAT-4", "tea 2.00 2026/03/05", "JPY", "2026-03-05"),
    ("DAT-5", "tea 2.00 13/03", "USD", "2026-03-13"),
    ("DAT-5", "tea 2.00 04/03", "USD", "2026-03-04"),
    ("DAT-6", "tea 2.00 3/5/26", "USD", "2026-03-05"),
    ("DAT-6", "฿20 tea 12/03/2569", "THB", "2026-03-12"),
    ("DAT-3", "tea 2.00 on march third", "USD", "2026-03-03"),
    ("DAT-3", "zara 40 on the second", "USD", "2026-03-02"),
    ("DAT-3", "lunch 12 on the twenty third", "USD", "2026-02-23"),
    ("DAT-3", "paid 40 on the second floor cafe", "USD", None),
    ("DAT-3", "1.234,56 Luna 08.03.", "EUR", "2026-03-08"),
    ("DAT-3", "target 20 march 3", "USD", "2026-03-03"),
    ("DAT-3", "target 5 march 20", "USD", "2026-03-05"),
    ("DAT-3", "target 5 march 2", "GBP", "2026-03-05"),
    ("DAT-1", "tea 2.00 last week", "USD", None),
    ("DAT-4", "You spent RM 24.10. Call us", "MYR", None),
    ("DAT-8", "Purchase of $2.00 at LUNA on 03/05/2026. Balance as of 03/17/2026 $20", "USD", "2026-03-05"),
    ("DAT-8", "You paid $2.00 at LUNA. Next statement date 03/17/2026", "USD", None),
]


@pytest.mark.parametrize(("text", "own", "day"), [pytest.param(*r[1:], id=f"{r[0]} {r[1]}") for r in DATES])
def test_date(text: str, own: str, day: str | None) -> None:
    found = draft(text, own).date
    assert (found.isoformat() if found else None) == day


def test_dat_4_canada_is_asked() -> None:
    found = draft("tea 2.00 02/03/2026", "CAD")
    assert found.question == "date"
    assert found.dates == (date(2026, 2, 3), date(2026, 3, 2))
    assert draft("tea 2.00 02/13/2026", "CAD").question is None


def test_dat_4_the_country_settles_the_order() -> None:
    assert draft("tea 2.00 02/03/2026", "USD", country="GB").date == date(2026, 3, 2)


def test_dat_7_planned_and_old_days_are_asked() -> None:
    assert reason("12.50 lunch next week") == "planned"
    old = draft("lamp 20.00 2022-01-05")
    assert (old.date, old.question, old.candidates) == (None, "date", ("2022-01-05",))
    ahead = draft("lamp 20.00 2026-05-05")
    assert (ahead.date, ahead.question) == (None, "date")


MERCHANTS = [
    ("MER-1", "lunch at Joe's for 12.50", "Joe's"),
    ("MER-1", "12 lunch @ Luna Bar", "Luna Bar"),
    ("MER-1", "12 paid to Dave with cash", "Dave"),
    ("MER-1", "12 at El Pollo Loco", "El Pollo Loco"),
    ("MER-1", "12 chez Le Petit", "Le Petit"),
    ("MER-1", "12 bei Café Mond am Freitag", "Café Mond"),
    ("MER-1", "12 en Casa Pepe con tarjeta", "Casa Pepe"),
    ("MER-1", "12 em Padaria Real", "Padaria Real"),
    ("MER-1", "lamp 12 from Harbor Lights", "Harbor Lights"),
    ("MER-1", "lamp 12 from my account", None),
    ("MER-1", "12 at Smith & Sons, downtown", "Smith & Sons"),
    ("MER-1", "12 at A.P.C. - gift", "A.P.C"),
    ("MER-2", "spent 12 cash lunch luna", "Luna"),
    ("MER-2", "12 lunch visa", None),
    ("MER-3", "12 groceries", None),
    ("MER-3", "12 large coffees", None),
    ("MER-4", "SQ *LUNA BAR 12.00", "Luna Bar"),
    ("MER-4", "TST* LUNA BAR OAKLAND CA 12.00", "Luna Bar"),
    ("MER-4", "AMZN Mktp US*2K4LP0 12.00", "Amazon"),
    ("MER-5", "12.00 LUNA BAR", "Luna Bar"),
    ("MER-4", "UBER *EATS HELP.UBER.COM CA 12.00", "Uber Eats"),
    ("MER-4", "AMAZON.COM*RT4G12 AMZN.COM/BILL WA 12.00", "Amazon"),
    ("MER-4", "WHOLEFDS MKT 10234 OAKLAND CA 12.00", "Whole Foods Market"),
    ("MER-4", "TRADER JOE S #182 BERKELEY CA 12.00", "Trader Joe's"),
    ("MER-4", "12 at SP Plus", "SP Plus"),
    ("MER-1", "$12 paid to OCTOPUS ENERGY taken from your card", "Octopus Energy"),
    ("MER-1", "Your card was charged $12 at Monday's Cafe", "Monday's Cafe"),
    ("MER-1", "12 at The Red Lion sunday", "The Red Lion"),
    ("MER-1", "12 at the Olive Garden", "Olive Garden"),
    ("MER-1", "You paid $12 to Handmade By Rose", "Handmade By Rose"),
    ("MER-1", "Rs.12 debited via UPI/P2M/6074/SWIGGY/YESBANK", "Swiggy"),
    ("MER-2", "12 kebap Çiya Sofrası", "Çiya Sofrası"),
    ("MER-2", "ikea desk 12", "IKEA"),
    ("MER-2", "Smith & Sons 12", "Smith & Sons"),
    ("MER-2", "5 Napkin Burger 12.00", "5 Napkin Burger"),
    ("MER-2", "Noodle House 12", "Noodle House"),
    ("MER-2", "Lunch Chipotle 12", "Chipotle"),
    ("MER-2", "Café Tortoni 12", "Café Tortoni"),
    ("MER-2", "fogo de chao 12", "Fogo de Chao"),
    ("MER-2", "P.F. Chang's 12", "P.F. Chang's"),
    ("MER-2", "12 lunch apple pay", None),
    ("MER-2", "sushi zen 24.50", "Sushi Zen"),
    ("MER-2", "daily grind 4.75", "Daily Grind"),
    ("MER-2", "daily coffee 4.75", None),
    ("MER-2", "happy lemon 7.85", "Happy Lemon"),
    ("MER-2", "happy hour beers 24.50", None),
    ("MER-2", "blue moon diner 27", "Blue Moon Diner"),
    ("MER-2", "lunch blue moon diner 27", "Blue Moon Diner"),
    ("MER-2", "the rusty nail 33", "The Rusty Nail"),
    ("MER-2", "the kids lunch 33", None),
    ("MER-2", "quick stop 8.19", "Quick Stop"),
    ("MER-2", "tims birthday gift 40", None),
    ("MER-2", "npr 20", "NPR"),
    ("MER-3", "lucky nails 35", "Lucky Nails"),
    ("MER-3", "manicure lucky nails 35", "Lucky Nails"),
    ("MER-3", "movie night 32.80", None),
    ("MER-3", "yoga studio 20", None),
    ("MER-1", "Membership at Luna Fitness renewed, 24.99", "Luna Fitness"),
    ("MER-2", "uh fifteen dollars for lunch", None),
    ("MER-4", "Card purchase 45.60 at LUNAMART 2311 LEEDS on 03/15", "Lunamart"),
    ("MER-4", "Card purchase 45.60 at CAFE LUNA 1889 WIEN on 03/15", "Cafe Luna 1889 Wien"),
    ("MER-6", "12 at Luna\u202e\u200b Bar", "Luna Bar"),
]


@pytest.mark.parametrize(("text", "merchant"), [pytest.param(*r[1:], id=f"{r[0]} {r[1]}") for r in MERCHANTS])
def test_merchant(text: str, merchant: str | None) -> None:
    assert draft(text).merchant == merchant


SLIPS = [
    ("left out", "spnt 9.5 on cofee at luna", (950, "Luna", "coffee", None)),
    ("swapped", "lunhc 12 firday", (1200, None, "lunch", "2026-03-13")),
    ("doubled", "30 dollarrs for parking", (3000, None, "parking", None)),
    ("one too many", "paied 30 dolars for parking tuesdy", (3000, None, "parking", "2026-03-17")),
    ("in a long word", "restaurent 45.10 saterday", (4510, None, "restaurant", "2026-03-14")),
    ("of a name", "12.50 at dinr", (1250, "Dinr", None, None)),
    ("known words are none", "el camino 14.00", (1400, "El Camino", None, None)),
    ("begins a name", "Coffe Bros 5.40", (540, "Coffe Bros", None, None)),
    ("begins a sentence", "Spnt 12 on lunhc", (1200, None, "lunch", None)),
    ("written with a capital", "12.50 tea Coffe Bros", (1250, "Coffe Bros", "tea", None)),
]


@each("row, text, wanted", SLIPS)
def test_4_5_a_slip_in_a_small_word_is_read_as_it_was_meant_and_a_name_stays(
    row: str, text: str, wanted: tuple[int, str | None, str | None, str | None]
) -> None:
    found = draft(text)
    day = found.date.isoformat() if found.date else None
    assert (found.amount_minor, found.merchant, found.description, day) == wanted


def test_mer_6_a_name_has_at_most_60_characters() -> None:
    found = draft("12 at " + "Very Long Name " * 10)
    assert found.merchant is not None
    assert len(found.merchant) <= 60


REASONS = [
    ("NOT-1", "882911 is your one-time code. Do not share it.", "otp"),
    ("NOT-1", "Your purchase of $20 at LUNA was declined", "declined"),
    ("NOT-1", "Payment of $20 to LUNA failed", "declined"),
    ("NOT-1", "Insufficient funds for $20.00 at LUNA", "declined"),
    ("NOT-1", "Available balance: $20.00", "balance"),
    ("NOT-1", "Your credit limit is now $2,000", "balance"),
    ("NOT-1", "Your bill of $20.00 is due on 03/28", "due"),
    ("NOT-1", "Your statement is ready. Balance $20.00", "statement"),
    ("NOT-1", "Your order has shipped. Total $20.00", "shipping"),
    ("NOT-1", "Only today: 20% off all lamps from $20!", "advert"),
    ("NOT-1", "Your salary of $2,000.00 was credited", "income"),
    ("NOT-1", "Weekend getaway? Rooms at Luna starting $119/night", "advert"),
    ("NOT-1", "New season is here: dresses from £25 at Luna", "advert"),
    ("NOT-1", "Payment of €29.99 to Luna could not be collected", "declined"),
    ("NOT-1", "Luna will charge your card $24.99 on 3/25", "due"),
    ("NOT-1", "3 coffees", "no_amount"),
    ("NOT-1", "I need to pay 40 to Dave", "planned"),
    ("NOT-2", "did I pay Joe's 12.50?", "search"),
    ("NOT-2", "did luna charge me 15.49 this month", "search"),
    ("NOT-2", "did we pay luna 40", "search"),
    ("NOT-2", "can you delete the 12.50 lunch", "search"),
    ("NOT-2", "how much did I spend on coffee", "search"),
]


@pytest.mark.parametrize(("text", "why"), [pytest.param(*r[1:], id=f"{r[0]} {r[1]}") for r in REASONS])
def test_no_expense(text: str, why: str) -> None:
    assert reason(text) == why


STATEMENTS = [
    # numbers that count or name a thing, and a known shop among other words
    ("locker combo 12 34 6", "talk"),
    ("7 out of 10 honestly", "talk"),
    ("room for 2 more", "talk"),
    ("target at 5 ok", "no_amount"),
    ("that jacket was 300 so i put it back", "talk"),
    ("jake paid for my lunch, 15", "talk"),
    ("got $40 from mom", "income"),
    # some evidence, but not enough
    ("thai basil 21", "likely"),
    ("joes 4", "likely"),
    ("was like 11 dollars", "doubtful"),
    # plans, wishes, conditions, denials
    ("gonna get shoes for 80", "planned"),
    ("I need $50 by friday", "planned"),
    ("if i buy the 300 jacket can i still make rent", "planned"),
    ("I didn't buy the 80 shoes", "planned"),
    ("wish I could afford the 900 phone", "planned"),
    ("no pagué los 80", "planned"),
    ("voy a comprar unos zapatos de 60", "planned"),
    # prices asked and told of
    ("this laptop costs 999", "quoted"),
    ("tickets are 45 each", "quoted"),
    ("gas is 4.89 a gallon now", "quoted"),
    ("the plumber quoted 350 for the sink", "quoted"),
    ("ikea has a desk for $129", "quoted"),
    ("wish list: airpods 249", "quoted"),
    ("el boleto cuesta 45", "quoted"),
    # money that came in, and debts
    ("my mom sent me $100", "income"),
    ("sold my bike for 220", "income"),
    ("me pagaron 800 hoy", "income"),
    ("owe joe 40 for the game", "due"),
    ("te debo 20", "due"),
    # fines are the other service's, until they are paid
    ("I got a parking ticket for $76 on Market Street", "fine"),
    ("they towed my car and it is 540", "fine"),
    # others' doings, the news, talk
    ("my brother spent 600 on a guitar lol", "talk"),
    ("Oil hits $92 a barrel", "quoted"),
    ("change lunch to 14.20", "talk"),
    ("send me the csv for march 2026", "talk"),
    ("be there in 5", "talk"),
    ("table for 4 at 7:30 at Nopa friday", "talk"),
    ("the officer's badge was 4417", "no_amount"),
    ("warriors 112 lakers 108", "talk"),
    ("bought 3 apples and 2 pears", "no_amount"),
    ("I live at 350 5th Ave", "no_amount"),
    ("22 Baker Street", "no_amount"),
    ("the guy on craigslist wants 150 for the couch", "quoted"),
    ("let's get the 90 dollar tickets", "planned"),
    ("got my tax refund, 1,204!!", "income"),
    ("ticket for $83, street had no signs", "fine"),
    ("save me 4 seats", "talk"),
    ("how about 40 for the lamp", "search"),
    ("client paid the 1,200 invoice", "talk"),
    ("contractor says 8,500 for the kitchen", "talk"),
    ("nvidia up 12 bucks", "talk"),
    ("Giants 5 Dodgers 2", "talk"),
    ("unlock with 0912", "no_amount"),
    ("door 5519 star", "talk"),
    ("swim lesson wed 4:15 lane 2", "talk"),
    ("voy con 4 amigos", "talk"),
    ("la renta subió a 1,450", "talk"),
    ("Payment of $30.00 to Sprint was returned", "declined"),
    ("Robinhood: AAPL is up 5% today at $214.11", "talk"),
    ("USPS: your item arrived at the post office 94609", "shipping"),
    ("Capital One: Did you use your card for $499.99 at NEWEGG? Reply 1 yes 2 no", "declined"),
    ("size 9.5 shoes", "no_amount"),
    ("coffee at 4.30", "doubtful"),
    ("lunch at 12.50", "doubtful"),
    ("train at 8.50", "doubtful"),
    ("coffee with sam at 4.50", "doubtful"),
    ("happy birthday 24", "talk"),
    ("happy friday 13", "talk"),
    ("lucky number 7", "no_amount"),
    ("doors open 7.20", "talk"),
    ("next stop 4.15", "talk"),
]


@each(("text", "why"), STATEMENTS)
def test_not_1_a_sentence_that_says_something_else_is_no_expense(text: str, why: str) -> None:
    assert reason(text) == why


SENTENCES = [
    ("couldn't resist, 45 at Sephora", 4500, "Sephora"),
    ("corner store 6", 600, None),
    ("bigbasket order 650", 65000, "BigBasket"),
    ("lunch 12 at 1:30pm", 1200, None),
    ("zuni cafe 38", 3800, "Zuni Cafe"),
    ("Venmo'd Jess 20", 2000, "Jess"),
    ("tacos el gordo 18.75", 1875, "Tacos El Gordo"),
    ("split an uber w/ dan my half was 9.40", 940, "Uber"),
    ("had to buy an umbrella, 14 bucks", 1400, None),
    ("i had to pay 40 for a locksmith", 4000, None),
    ("didn't have cash so paid 20 by card at the market", 2000, None),
    ("they charged me 45 for the oil change", 4500, None),
    ("the mechanic charged me 320", 32000, None),
    ("my wife paid 60 for groceries", 6000, None),
    ("we split dinner, my share was 32 at Nopa", 3200, "Nopa"),
    ("paid the parking ticket 76", 7600, None),
    ("lunch was $14.20", 1420, None),
    ("that was 9.80 for two coffees", 980, None),
    ("went to Target and dropped 85", 8500, "Target"),
    ("can you add 12.50 lunch", 1250, None),
    ("gave 5 to a street musician", 500, None),
    ("fifty five bucks for a new tyre", 5500, None),
    ("zippys 14", 1400, "Zippys"),
    ("Half Moon Tavern lunch w client 36.80", 3680, "Half Moon Tavern"),
    ("total is 45.20 at Target", 4520, "Target"),
    ("me cobraron 80 en el taller", 8000, None),
]


@each(("text", "amount", "merchant"), SENTENCES)
def test_mer_2_a_sentence_of_spending_is_an_expense_and_its_verbs_are_no_merchant(
    text: str, amount: int, merchant: str | None
) -> None:
    found = draft(text)
    assert (found.amount_minor, found.merchant) == (amount, merchant)


def test_amt_9_money_that_was_got_back_is_a_refund() -> None:
    found = draft("got 12.50 back from DoorDash for the missing fries")
    assert (found.amount_minor, found.merchant, found.kind) == (-1250, "DoorDash", Kind.REFUND)
    assert draft("got back $23.99 from Luna for the lamp").amount_minor == -2399


def test_drf_1_an_answer_is_read_whatever_its_sentence_is() -> None:
    assert reason("it should be 14.20") == "planned"
    found = read_answer("it should be 14.20", TODAY, "USD")
    assert isinstance(found, Expense)
    assert found.amount_minor == 1420


def test_not_1_income_tells_its_amount_and_a_cash_machine_is_a_transfer() -> None:
    income = read_expense("Your salary of $2,000.00 was credited", TODAY, "USD")
    assert isinstance(income, NoExpense)
    assert (income.amount_minor, income.currency) == (200_000, "USD")
    assert draft("ATM withdrawal $60.00 on 03/16").kind is Kind.TRANSFER


def test_not_3_a_number_alone_is_left_to_the_open_step() -> None:
    for text in ("1", "12", "1250"):
        assert reason(text) == "what_for"


def test_cap_8_lines_of_a_pasted_message_are_no_merchant() -> None:
    found = draft("From: ALERTS\nSent: Mon, 16 Mar 2026 09:12\nYou spent $12.00 at LUNA BAR on 03/15/2026")
    assert (found.amount_minor, found.merchant, found.date) == (1200, "Luna Bar", date(2026, 3, 15))


def test_two_amounts_share_the_day_that_is_named_once() -> None:
    reading = read_expense("coffee 5.50, bagel 3.20 yesterday", TODAY, "USD")
    assert isinstance(reading, Several)
    assert [each.date for each in reading.drafts] == [date(2026, 3, 17)] * 2


def test_tx_31_a_list_of_purchases_has_a_draft_for_each_however_its_amounts_are_written() -> None:
    reading = read_expense("uber 12, lyft 14.50, parking 6", TODAY, "USD")
    assert isinstance(reading, Several)
    assert [one.amount_minor for one in reading.drafts] == [1200, 1450, 600]


def test_an_unknown_currency_of_the_person_is_an_error() -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        read_expense("5.50 coffee", TODAY, "XXX")
