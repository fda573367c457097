"""The merchant's address and the language of a print (section 1, "Receipt fields")."""

from __future__ import annotations

from datetime import date

from handlers.receipts.reading import Context, page_of_text, read_receipt
from tests.rows import each

CONTEXT = Context(date(2026, 3, 18), "USD")
REST = "03/15/2026 / SOUP 9.00 / TOTAL 9.00"
ADDRESSES = {
    "one line": ("LUNA CAFE / 118 Elm St, Dayton OH 45410 / (937) 555-0118", "118 Elm St, Dayton OH 45410"),
    "two lines": ("LUNA CAFE / 118 Elm Street / Dayton, OH 45410", "118 Elm Street, Dayton, OH 45410"),
    "a place at the end": (
        "KEDAI MAJU SDN BHD / 612345-T / NO. 31, JALAN SETIA 1/14, / 81200 JOHOR BAHRU, / JOHOR. / TEL: 07-3881122",
        "NO. 31, JALAN SETIA 1/14, 81200 JOHOR BAHRU, JOHOR.",
    ),
    "a street of no known word": ("LUNA CAFE / 2290 BROADWAY / New York, NY 10024",
                                  "2290 BROADWAY, New York, NY 10024"),
    "telephone behind it": ("LUNA / Rathausplatz 4, 79098 Freiburg  Tel. 0761 118822",
                            "Rathausplatz 4, 79098 Freiburg"),
    "its label": ("LUNA CAFE / Address: 8 Harbour Street, Whitstable CT5 1AG", "8 Harbour Street, Whitstable CT5 1AG"),
    "a unit first": ("LUNA CAFE / Unit 12, Level 3, Paradigm Avenue / Perth WA 6000",
                     "Unit 12, Level 3, Paradigm Avenue, Perth WA 6000"),
    "none": ("LUNA CAFE / (937) 555-0118 / ORDER 118822", None),
    "the customer's": ("LUNA PIZZA / (413) 555-0172 / CUST: 413-555-0155 / 88 ELM ST APT 4", None),
    "a registration number": ("KEDAI MAJU SDN BHD / (612345-T) / GST NO 001122334455", None),
}  # fmt: skip
LANGUAGES = {
    "en": "LUNA CAFE / 03/15/2026 / Subtotal 8.00 / Tax 1.00 / Total 9.00 / Thank you",
    "de": "GASTHAUS LUNA / Rechnung 12 / Summe 9,00 / MwSt 19% 1,44 / Vielen Dank",
    "fr": "CAFE LUNA / Ticket 12 / TOTAL TTC 9,00 / dont TVA 0,82 / Merci de votre visite",
    "es": "BAR LUNA / Factura simplificada / Base imponible 8,00 / IVA 1,00 / Gracias por su visita",
    "it": "BAR LUNA / Documento commerciale / Totale complessivo 9,00 / di cui IVA 0,82 / Grazie",
    "nl": "BROOD LUNA / Bonnr 12 / Totaal 9,00 / BTW 0,74 / Pinnen 9,00 / Bedankt",
    "pt": "PADARIA LUNA / CNPJ 11.882.233/0001-44 / Cupom fiscal / Valor 9,00 / Troco 1,00 / Obrigado",
    "ms": "KEDAI LUNA / Tarikh 15/03/2026 / Jumlah RM9.00 / Tunai RM10.00 / Baki RM1.00 / Terima kasih",
    "id": "WARUNG LUNA / Jakarta / Total Rp 9.000 / Tunai 10.000 / Kembali 1.000 / Terima kasih",
    "sv": "KAFE LUNA / Kvitto 12 / Summa 90,00 SEK / Moms 12% 9,64 / Kontokort 90,00",
    "ja": "ルナカフェ / 合計 ¥900 / お預り ¥1,000 / お釣り ¥100 / ありがとうございます",
}
QUIET = "LUNA 9.00"


@each("print_, address", ADDRESSES.values())
def test_the_address_is_read_from_the_head(print_: str, address: str | None) -> None:
    reading = read_receipt([page_of_text(f"{print_} / {REST}".split(" / "))], CONTEXT)
    assert (reading.address.value if reading.address else None) == address


def test_the_address_has_its_evidence() -> None:
    reading = read_receipt([page_of_text(["LUNA CAFE", "118 Elm St, Dayton OH 45410", "TOTAL 9.00"])], CONTEXT)
    assert reading.address is not None
    assert (reading.address.raw, reading.address.origin, len(reading.address.box)) == (
        "118 Elm St, Dayton OH 45410", "rule", 8,
    )  # fmt: skip


def test_the_language_is_told_by_words_or_script() -> None:
    read = {code: read_receipt([page_of_text(text.split(" / "))], CONTEXT).language for code, text in LANGUAGES.items()}
    assert read == {code: code for code in LANGUAGES}


def test_too_little_print_tells_no_language() -> None:
    assert read_receipt([page_of_text(QUIET)], CONTEXT).language is None
