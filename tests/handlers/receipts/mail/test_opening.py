"""Taking mails apart: hostile ones too, what is hidden, what is attached, and whom the receiving hop believes."""

from __future__ import annotations

import base64
import time
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.calls.mail import Mail
from handlers.receipts.mail.authentication import verdict_of
from handlers.receipts.mail.message import Part
from handlers.receipts.mail.opening import open_mail
from handlers.receipts.mail.page import page_of
from tests.handlers.receipts.mail.letters import AUTHSERV, PDF, RECEIPT, TODAY, letter, png


def opened(raw: bytes) -> tuple[Mail, list[Part]]:
    return open_mail(raw, authserv=AUTHSERV, today=TODAY)


# -- what is seen ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">X</p>',
        '<p style="display : NONE !important">X</p>',
        '<div style="visibility:hidden"><b>X</b></div>',
        '<span style="font-size:0">X</span>',
        '<span style="font-size:0px;line-height:0">X</span>',
        '<span style="opacity:0">X</span>',
        '<span style="max-height:0;overflow:hidden">X</span>',
        '<span style="height:0;overflow:hidden">X</span>',
        '<span style="color:#ffffff">X</span>',
        '<span style="color:#fefefe">X</span>',
        '<table bgcolor="#222222"><tr><td style="color:#232323">X</td></tr></table>',
        '<font color="white">X</font>',
        "<p hidden>X</p>",
        '<span style="color:transparent">X</span>',
        '<p style="text-indent:-9999px">X</p>',
        '<div class="pre">X</div>',
        '<div id="gone"><table><tr><td>X</td></tr></table></div>',
        "<script>X</script><template>X</template><!-- X --><title>X</title>",
        '<img alt="X" src="https://t.example/o.gif"><input value="X"><select><option>X</option></select>',
    ],
)
def test_eml_5_what_a_reader_cannot_see_is_not_read(hidden: str) -> None:
    style = "<style>.pre, #gone {display:none} @media (max-width:600px){.wide{display:none}}</style>"
    page = page_of(f'<html><head>{style}</head><body><p class="wide">before</p>{hidden}<p>after</p></body></html>')
    assert [line for line in page.lines if line] == ["before", "after"]


def test_eml_5_a_row_of_a_table_is_one_line() -> None:
    rows = "<tr><td>Tea<br>loose</td><td>$7.00</td></tr><tr><td>Subtotal<br>Total</td><td>$7.00<br>$7.50</td></tr>"
    page = page_of(f"<table><tr><td><table>{rows}</table></td></tr></table>")
    assert [line for line in page.lines if line] == ["Tea  $7.00", "loose", "Subtotal  $7.00", "Total  $7.50"]


def test_ra_11_html_only_mail_is_read_and_text_stands_in_when_the_page_is_empty() -> None:
    assert opened(letter(html="<p>Total $5.00</p>").as_bytes())[0].lines == ["Total $5.00"]
    both = letter(html='<img src="x">', text="Total $5.00").as_bytes()
    assert [line for line in opened(both)[0].lines if line] == ["Total $5.00"]


# -- attachments -----------------------------------------------------------------------------------------------------


def test_eml_8_inline_logos_are_skipped_and_receipts_kept() -> None:
    mail = letter(
        text="See attached",
        files=[
            ("receipt.pdf", "application/pdf", PDF),
            ("photo.png", "image/png", png(900, 1600, 60_000)),
            ("notes.zip", "application/zip", b"PK\3\4" + bytes(100)),
        ],
    )
    for name, data in (("logo.png", png(640, 640, 900)), ("bar.png", png(800, 90, 50_000))):
        mail.add_attachment(data, maintype="image", subtype="png", filename=name, disposition="inline", cid=f"<{name}>")
    found, parts = opened(mail.as_bytes())
    assert [(part.name, part.media_type) for part in parts] == [
        ("receipt.pdf", "application/pdf"), ("photo.png", "image/png"),
    ]  # fmt: skip
    assert found.skipped == ["file", "logo"]


def test_eml_8_twenty_attachments_are_taken_and_a_type_is_told_by_its_bytes() -> None:
    files = [(f"r{n}.pdf", "application/pdf", PDF + bytes([n])) for n in range(25)]
    found, parts = opened(letter(text="x", files=files).as_bytes())
    assert (len(parts), found.skipped) == (20, ["too_many"])
    _, parts = opened(letter(text="x", files=[("a.pdf", "application/pdf", b"MZ\x90 not a pdf")]).as_bytes())
    assert parts == []


def test_ra_11_nested_parts_and_a_mail_attached_to_a_mail_are_read() -> None:
    inner = letter(sender="Zipcab <noreply@zipcab.example>", subject="Your trip", text=RECEIPT)
    outer = letter(sender="Ann <ann@gmail.com>", subject="Fwd: Your trip", text="see below")
    outer.add_attachment(inner)
    found, _ = opened(outer.as_bytes())
    assert (found.sender.address, found.outer.address, found.forwarded) == (
        "noreply@zipcab.example",
        "ann@gmail.com",
        True,
    )
    assert "Total  $13.05" in found.lines


# -- hostile ---------------------------------------------------------------------------------------------------------


def _nested(depth: int, body: bytes = b"Total $5.00") -> bytes:
    head = b"From: a@b.example\nMIME-Version: 1.0\n"
    opens = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return head + opens + b"Content-Type: text/plain\n\n" + body + b"\n"


_HOSTILE = {
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
    "nested 100": _nested(100),
    "nested 5000": _nested(5000),
    "nested and long": _nested(120, b"x\n" * 300_000),
    "charset unknown": b"From: a@b.example\nContent-Type: text/plain; charset=nonsense\n\nTotal \xff\xfe 5.00",
    "charset null": b'From: a@b.example\nContent-Type: text/plain; charset="\0"\n\nhi',
    "encoded words": b"From: =?utf-8?b?////?= <a@b.example>\nSubject: =?x?q?=?= =?utf-8?b?!!!?=\n\nhi",
    "header bomb": b"From: a@b.example\n" + b"X-A: " + b"y" * 3_000_000 + b"\n\nhi",
    "many headers": b"From: a@b.example\n" + b"X-A: y\n" * 100_000 + b"\nhi",
    "many addresses": b"From: " + b"a@b.example, " * 50_000 + b"\n\nhi",
    "no end of boundary": b'Content-Type: multipart/mixed; boundary="\n\n--"\n\n',
    "base64 broken": b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n!!!!\xff=",
    "date broken": b"From: a@b.example\nDate: Wed, 99 Foo 99999999999 99:99:99 +9999\n\nhi",
    "open tags": b"Content-Type: text/html\n\n" + b"<div>" * 150_000,
    "open bold": b"Content-Type: text/html\n\n" + b"<b a=1><p>" * 60_000,
    "open tables": b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 30_000,
    "long line": b"Content-Type: text/html\n\n<p>" + b"1.00 " * 150_000,
    "many rows": b"Content-Type: text/html\n\n<table>" + b"<tr><td>a<td>1.00" * 30_000,
    "styles": b"Content-Type: text/html\n\n<style>" + b"p p p p{display:none}" * 9_000 + b"</style>" + b"<p>" * 9_000,
    "json deep": b'Content-Type: text/html\n\n<script type="application/ld+json">' + b"[" * 150_000 + b"</script><p>hi",
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_ra_11_a_hostile_mail_is_bounded_and_raises_nothing(name: str) -> None:
    began = time.perf_counter()
    found, parts = opened(_HOSTILE[name])
    assert time.perf_counter() - began < 3
    assert len(found.lines) <= 600
    assert all(len(line) <= 300 for line in found.lines)
    assert parts == []


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_mail_of_some_kind(raw: bytes) -> None:
    opened(raw)
    opened(b"Content-Type: text/html\n\n" + raw)
    opened(
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(raw)
    )


# -- who is believed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([f"{AUTHSERV}; dmarc=pass header.from=luna.example"], "pass"),
        ([f"{AUTHSERV}; dkim=pass header.d=mail.luna.example; spf=fail smtp.mailfrom=x@y.example"], "pass"),
        ([f"{AUTHSERV}; spf=pass smtp.mailfrom=bounce@luna.example"], "pass"),
        ([f"{AUTHSERV}; spf=pass smtp.mailfrom=bounce@forger.example; dkim=pass header.d=forger.example"], "fail"),
        ([f"{AUTHSERV}; dkim=fail header.d=luna.example; spf=none"], "fail"),
        ([f"{AUTHSERV}; dkim=pass header.d=luna.example; dmarc=fail header.from=luna.example"], "fail"),
        ([f"{AUTHSERV}; spf=none; dkim=none; dmarc=none"], "none"),
        (["forger.example; dmarc=pass header.from=luna.example"], "none"),
        ([f"{AUTHSERV}; dmarc=fail", f"{AUTHSERV}; dmarc=pass"], "fail"),
        ([f"{AUTHSERV}; dkim=none (dmarc=pass header.from=luna.example)"], "none"),
        ([], "none"),
    ],
)
def test_eml_3_only_the_trusted_hop_is_believed(results: list[str], verdict: str) -> None:
    mail = EmailMessage()
    for line in results:
        mail.add_header("Authentication-Results", line)
    assert verdict_of(mail, authserv=AUTHSERV, sender="orders@luna.example") == verdict
    assert verdict_of(mail, authserv="", sender="orders@luna.example") == "none"


def test_eml_4_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    one, two = (opened(b"From: a@b.example\n\n" + body)[0].message_id for body in (b"one", b"two"))
    assert one != two
    assert one.startswith("sha256:")


def test_eml_6_the_inner_date_is_that_of_the_inner_mail() -> None:
    text = "From: Luna <a@luna.example>\nSent: Sunday, March 15, 2026 6:40 PM\nSubject: Receipt\n\nTotal $5.00"
    found, _ = opened(letter(sender="Ann <ann@gmail.com>", subject="FW: Receipt", text=text).as_bytes())
    assert date.fromisoformat(found.day) == date(2026, 3, 15)
