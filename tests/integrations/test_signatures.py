"""The four signatures: the published vectors, the vendors' own helpers as oracles, and bytes that mean harm."""

from __future__ import annotations

import base64
import hmac
import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.signatures import (
    parse_form,
    verify_lob,
    verify_razorpay,
    verify_stripe,
    verify_telegram,
    verify_twilio,
)

VECTORS = Path(__file__).parents[2] / "../shared/contracts/signature-vectors.json"
OURS = {"stripe", "twilio", "telegram", "lob", "razorpay"}
URL = "https://parley.example/webhooks/twilio/sms"
NOW = 1_700_000_000


def vectors() -> list[Any]:
    if not VECTORS.exists():
        return []
    return [v for v in json.loads(VECTORS.read_text())["vectors"] if v["provider"] in OURS]


@pytest.mark.skipif(not VECTORS.exists(), reason="the specification folder is not beside this checkout")
@pytest.mark.parametrize(
    "vector", vectors(), ids=lambda v: f"{v['provider']}-{v.get('note', 'plain')}".replace(" ", "_")
)
def test_con_5_hook_1_vector(vector: dict[str, Any]) -> None:
    body = vector.get("body", urlencode(vector.get("params", {}))).encode()
    headers, secret, now = vector["headers"], vector["secret"], vector.get("now", 0)
    verdict = {
        "stripe": lambda: verify_stripe(body, headers, secret, now),
        "lob": lambda: verify_lob(body, headers, secret, now),
        "telegram": lambda: verify_telegram(headers, secret),
        "twilio": lambda: verify_twilio(body, headers, secret, vector["url"]),
        "razorpay": lambda: verify_razorpay(body, headers, secret),
    }[vector["provider"]]()
    assert verdict is bool(vector["valid"]), "what the vectors leave open is refused"


def test_hook_1_at_least_twenty_vectors_were_read() -> None:
    if not VECTORS.exists():
        pytest.skip("the specification folder is not beside this checkout")
    assert len(vectors()) >= 20


def stripe_headers(body: bytes, secret: str, moment: int) -> dict[str, str]:
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={signed}"}


@pytest.mark.parametrize(("age", "valid"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_hook_1_str_12_stripe_ages(age: int, valid: bool) -> None:
    assert verify_stripe(b"{}", stripe_headers(b"{}", "whsec_x", NOW), "whsec_x", NOW + age) is valid


@pytest.mark.parametrize(("age", "valid"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
@pytest.mark.parametrize("factor", [1, 1000], ids=["seconds", "milliseconds"])
def test_ful_11_lob_ages(age: int, valid: bool, factor: int) -> None:
    stamp = str(NOW * factor)
    signature = hmac.new(b"s", stamp.encode() + b".{}", sha256).hexdigest()
    headers = {"Lob-Signature": signature, "Lob-Signature-Timestamp": stamp}
    assert verify_lob(b"{}", headers, "s", NOW + age) is valid


@pytest.mark.parametrize("secret", ["", " "])
def test_hook_2_an_unset_secret_refuses_everything(secret: str) -> None:
    body = b"{}"
    assert not verify_stripe(body, stripe_headers(body, secret, NOW), secret, NOW)
    signed_razorpay = hmac.digest(secret.encode(), body, "sha256").hex()
    assert not verify_razorpay(body, {"X-Razorpay-Signature": signed_razorpay}, secret)
    if not secret:
        signed = base64.b64encode(hmac.digest(b"", URL.encode(), "sha1")).decode()
        lob = hmac.digest(b"", f"{NOW}.{{}}".encode(), "sha256").hex()
        assert not verify_twilio(b"", {"X-Twilio-Signature": signed}, secret, URL)
        assert not verify_lob(body, {"Lob-Signature": lob, "Lob-Signature-Timestamp": str(NOW)}, secret, NOW)
        assert not verify_telegram({"X-Telegram-Bot-Api-Secret-Token": secret}, secret)


def test_hook_2_missing_headers_are_refused() -> None:
    assert not verify_stripe(b"{}", {}, "s", NOW)
    assert not verify_lob(b"{}", {}, "s", NOW)
    assert not verify_twilio(b"{}", {}, "s", URL)
    assert not verify_telegram({}, "s")


def test_hook_2_an_unknown_algorithm_is_refused() -> None:
    signed = base64.b64encode(hmac.digest(b"s", URL.encode(), "md5")).decode()
    headers = {"X-Twilio-Signature": signed, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_MD5"}
    assert not verify_twilio(b"", headers, "s", URL)


def test_header_names_are_read_in_any_case() -> None:
    assert verify_telegram({"x-telegram-bot-api-secret-token": "s3"}, "s3")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(texts, texts), max_size=8)


@given(forms)
def test_hook_4_forms_are_split_as_the_standard_library_does(fields: list[tuple[str, str]]) -> None:
    body = urlencode(fields).encode()
    assert parse_form(body) == parse_qsl(body.decode(), keep_blank_values=True, errors="replace")


def test_hook_4_blank_values_and_bare_names_are_kept() -> None:
    assert parse_form(b"Body=&From=%2B1&x&&y=a=b+c%26") == [("Body", ""), ("From", "+1"), ("x", ""), ("y", "a=b c&")]


@given(st.binary(max_size=200), st.dictionaries(texts, texts, max_size=3), texts)
def test_hook_3_no_bytes_raise(body: bytes, headers: dict[str, str], noise: str) -> None:
    fixed = {
        "Stripe-Signature": f"t={noise},v1={noise}",
        "Lob-Signature": noise,
        "Lob-Signature-Timestamp": noise,
        "X-Twilio-Signature": noise,
        "X-Twilio-Webhooks-Signature-Settings": noise,
        "X-Telegram-Bot-Api-Secret-Token": noise,
    }
    parse_form(body)
    for given_headers in (headers, fixed):
        assert not verify_stripe(body, given_headers, "secret!", NOW)
        assert not verify_lob(body, given_headers, "secret!", NOW)
        assert not verify_telegram(given_headers, "secret!")
        assert not verify_twilio(body, given_headers, "secret!", URL + noise)


@pytest.mark.parametrize("noise", ["٣", "1" * 5000, "-1", "+1700000000", "1_7", "1e9", " 1700000000", "\ud800"])
def test_hook_3_odd_timestamps_are_refused_quietly(noise: str) -> None:
    assert not verify_stripe(b"", {"Stripe-Signature": f"t={noise},v1=00"}, "s", NOW)
    assert not verify_lob(b"", {"Lob-Signature": "00", "Lob-Signature-Timestamp": noise}, "s", NOW)


@given(fields=forms, token=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=32))
@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_twilio_signatures_of_its_own_library_are_accepted(
    port: str, fields: list[tuple[str, str]], token: str
) -> None:
    from multidict import MultiDict
    from twilio.request_validator import RequestValidator

    url = f"https://parley.example{port}/webhooks/twilio/sms?a=1"
    bare = "https://parley.example/webhooks/twilio/sms?a=1"
    signed_url = url if port == ":8443" else bare
    validator = RequestValidator(token)
    for algorithm in ("HMAC_SHA1", "HMAC_SHA256"):
        signature = validator.compute_signature(signed_url, MultiDict(fields), algorithm)
        headers = {
            "X-Twilio-Signature": signature,
            "X-Twilio-Webhooks-Signature-Settings": f"key=k,algorithm={algorithm}",
        }
        body = urlencode(fields).encode()
        assert validator.validate(url, MultiDict(fields), signature, algorithm)
        assert verify_twilio(body, headers, token, url)
        assert verify_twilio(body, headers, token, url, fields)
        assert not verify_twilio(body + b"&zz=1", headers, token, url)
        assert not verify_twilio(body, headers, token + "x", url)


def test_twilio_json_bodies_are_covered_by_their_hash() -> None:
    from twilio.request_validator import RequestValidator

    body = b'{"a": 1}'
    url = f"{URL}?bodySHA256={sha256(body).hexdigest()}"
    headers = {"X-Twilio-Signature": RequestValidator("t").compute_signature(url, {})}
    assert verify_twilio(body, headers, "t", url)
    assert not verify_twilio(body + b" ", headers, "t", url)


def test_stripes_own_library_agrees() -> None:
    from stripe import WebhookSignature

    body, moment = '{"id":"evt_1","text":"Grüße"}', int(time.time())
    header = WebhookSignature.generate_signature_header(body, "whsec_s", moment)
    WebhookSignature.verify_header(body, header, "whsec_s", 300)
    assert verify_stripe(body.encode(), {"Stripe-Signature": header}, "whsec_s", moment)
    assert not verify_stripe(body.encode() + b" ", {"Stripe-Signature": header}, "whsec_s", moment)
