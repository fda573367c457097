"""The fields of a letter and how Lob refuses what does not fit (LOB-1 to LOB-6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from integrations.fakes.lob.refusal import LobRefusal

Fields = dict[str, Any]

LETTER_FIELDS = frozenset(
    {
        "to",
        "from",
        "file",
        "color",
        "use_type",
        "description",
        "metadata",
        "mail_type",
        "extra_service",
        "address_placement",
        "double_sided",
        "return_envelope",
        "perforated_page",
        "send_date",
        "size",
        "merge_variables",
        "billing_group_id",
        "cards",
        "custom_envelope",
        "fsc",
        "print_speed",
        "qr_code",
    }
)
_ADDRESS_FIELDS = frozenset(
    {
        "name",
        "company",
        "address_line1",
        "address_line2",
        "address_city",
        "address_state",
        "address_zip",
        "address_country",
        "phone",
        "email",
        "description",
        "metadata",
    }
)
_LENGTHS = {"name": 40, "company": 40, "phone": 40, "email": 100, "description": 255, "address_city": 200}
_WORDS: Mapping[str, tuple[str, ...]] = {
    "mail_type": ("usps_first_class", "usps_standard"),
    "extra_service": ("certified", "certified_return_receipt", "registered"),
    "address_placement": ("top_first_page", "insert_blank_page", "bottom_first_page_center", "bottom_first_page"),
    "use_type": ("marketing", "operational"),
    "size": ("us_letter", "us_legal"),
    "print_speed": ("core",),
}
_DEFAULTS: Mapping[str, Any] = {
    "mail_type": "usps_first_class",
    "extra_service": None,
    "address_placement": "top_first_page",
    "double_sided": True,
    "return_envelope": False,
    "perforated_page": None,
    "size": "us_letter",
    "description": None,
    "metadata": {},
    "fsc": False,
}
MAX_AHEAD = timedelta(days=180)


def read_letter(given: Mapping[str, Any], now: datetime) -> Fields:
    """Return the letter's fields, typed and with defaults; raise LobRefusal at the first that does not fit."""
    for name in given:
        if name not in LETTER_FIELDS:
            raise LobRefusal(f"{name} is not allowed")
    for name in ("to", "from", "file", "color"):
        if given.get(name) in (None, ""):
            raise LobRefusal(f"{name} is required")
    if given.get("use_type") in (None, ""):
        raise LobRefusal("use_type is required", "mail_use_type_can_not_be_null")
    read: Fields = {**_DEFAULTS, **given}
    for name in ("color", "double_sided", "return_envelope", "fsc"):
        read[name] = _flag(name, read[name])
    for name, words in _WORDS.items():
        if name in read and read[name] is not None and read[name] not in words:
            raise LobRefusal(f"{name} must be one of [{', '.join(words)}]")
    read["to"], read["from"] = _address("to", given["to"]), _address("from", given["from"])
    read["metadata"], read["description"] = _metadata(read["metadata"]), _text("description", read["description"], 255)
    read["send_date"] = _send_date(given.get("send_date"), now)
    _check_together(read)
    return read


def _check_together(read: Fields) -> None:
    domestic = is_domestic(read["to"])
    if not is_domestic(read["from"]):
        raise LobRefusal("from must be a US address", "foreign_return_address")
    if read["extra_service"] and read["mail_type"] == "usps_standard":
        raise LobRefusal("extra_service is not available with mail_type usps_standard")
    if not domestic and (read["mail_type"] == "usps_standard" or str(read["extra_service"]).startswith("certified")):
        raise LobRefusal("not available for international mail", "invalid_international_feature")
    if domestic and read["extra_service"] == "registered":
        raise LobRefusal("registered is available for international mail only")
    if read["perforated_page"] is not None:
        read["perforated_page"] = _whole("perforated_page", read["perforated_page"])
    if read["return_envelope"] and read["perforated_page"] is None:
        raise LobRefusal("return_envelope requires perforated_page", "invalid_perforation_return_envelope")


def is_domestic(address: Mapping[str, Any]) -> bool:
    """Say whether an address lies in the United States."""
    return address["address_country"] in ("US", "UNITED STATES")


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise LobRefusal(f"{name} must be a boolean")


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,4}", str(value)):
        raise LobRefusal(f"{name} must be an integer")
    return int(value)


def _text(name: str, value: Any, limit: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise LobRefusal(f"{name} must be a string")
    if len(value) > limit:
        raise LobRefusal(f"{name} length must be less than or equal to {limit} characters long")
    return value


def _address(where: str, given: Any) -> Fields:
    if isinstance(given, str):
        if not re.fullmatch(r"adr_[a-zA-Z0-9]+", given):
            raise LobRefusal(f"{where} must be an address id or an object")
        raise LobRefusal(f"{where} address not found", "not_found", 404)
    if not isinstance(given, dict):
        raise LobRefusal(f"{where} must be an address id or an object")
    for name in given:
        if name not in _ADDRESS_FIELDS:
            raise LobRefusal(f"{where}.{name} is not allowed")
    read = {name: given.get(name) or None for name in _ADDRESS_FIELDS - {"metadata"}}
    read["address_country"] = str(read["address_country"] or "US").upper()
    if not (read["name"] or read["company"]):
        raise LobRefusal(f"{where}.name or {where}.company is required")
    domestic = is_domestic(read)
    for name, value in read.items():
        _text(f"{where}.{name}", value, _LENGTHS.get(name, 64 if domestic else 200))
    if domestic:
        _check_us(where, read)
    elif not read["address_line1"]:
        raise LobRefusal(f"{where}.address_line1 is required")
    return read


def _check_us(where: str, read: Fields) -> None:
    for name in ("address_line1", "address_city", "address_state", "address_zip"):
        if not read[name]:
            raise LobRefusal(f"{where}.{name} is required")
    if not re.fullmatch(r"[a-zA-Z]{2}", read["address_state"]):
        raise LobRefusal(f"{where}.address_state must be a two-letter state")
    if not re.fullmatch(r"\d{5}(-\d{4})?", read["address_zip"]):
        raise LobRefusal(f"{where}.address_zip must be in a valid zip format")


def _metadata(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise LobRefusal("metadata must be an object")
    if len(given) > 20:
        raise LobRefusal("metadata must have at most 20 keys")
    for key, value in given.items():
        if not isinstance(value, str):
            raise LobRefusal(f"metadata.{key} must be a string")
        if len(key) > 40 or len(value) > 500:
            raise LobRefusal(f"metadata.{key} is too long (key 40, value 500)")
        if re.search(r'["\\]', key + value):
            raise LobRefusal(f'metadata.{key} must not contain " or \\', "special_characters_restricted")
    return dict(given)


def _send_date(given: Any, now: datetime) -> datetime | None:
    if given in (None, ""):
        return None
    try:
        text = str(given)
        if len(text) == 10:
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
            early = day < now.date()
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            early = moment < now
    except ValueError:
        raise LobRefusal("send_date must be in ISO 8601 format") from None
    if early:
        raise LobRefusal("send_date must not be in the past")
    if moment > now + MAX_AHEAD:
        raise LobRefusal("send_date must be within 180 days")
    return moment
