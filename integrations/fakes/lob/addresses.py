"""US address verification: the magic inputs of the test mode, and a postal clerk's tidying of everything else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from integrations.fakes.lob.refusal import LobRefusal

Fields = dict[str, Any]

MAGIC = {
    "deliverable": "deliverable",
    "missing unit": "deliverable_missing_unit",
    "incorrect unit": "deliverable_incorrect_unit",
    "unnecessary unit": "deliverable_unnecessary_unit",
    "undeliverable": "undeliverable",
}
_SUFFIXES = {
    "STREET": "ST",
    "AVENUE": "AVE",
    "AV": "AVE",
    "BOULEVARD": "BLVD",
    "ROAD": "RD",
    "DRIVE": "DR",
    "LANE": "LN",
    "COURT": "CT",
    "PLACE": "PL",
    "PLAZA": "PLZ",
    "SQUARE": "SQ",
    "TERRACE": "TER",
    "PARKWAY": "PKWY",
    "HIGHWAY": "HWY",
    "CIRCLE": "CIR",
    "ALLEY": "ALY",
    "WAY": "WAY",
    "TRAIL": "TRL",
}
_DIRECTIONS = {
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "NORTHEAST": "NE",
    "NORTHWEST": "NW",
    "SOUTHEAST": "SE",
    "SOUTHWEST": "SW",
}
_UNITS = {
    "APARTMENT": "APT",
    "APT": "APT",
    "SUITE": "STE",
    "STE": "STE",
    "UNIT": "UNIT",
    "FLOOR": "FL",
    "FL": "FL",
    "ROOM": "RM",
    "RM": "RM",
    "#": "#",
}
_ALLOWED = frozenset("recipient primary_line secondary_line urbanization city state zip_code address".split())  # noqa: SIM905


def verify(given: Mapping[str, Any], verdicts: Mapping[str, str]) -> Fields:
    """Return the verification, without its id; `verdicts` sets the answer for a primary line in upper case."""
    parts = _parts(given)
    magic = MAGIC.get(parts["primary_line"].lower().replace("_", " "))
    if magic:
        parts = {**parts, "primary_line": "1 Telegraph Hill Blvd", "city": "San Francisco", "state": "CA"}
        parts["zip_code"] = "94133"
    primary, secondary = _split_unit(_tidy(parts["primary_line"]), _tidy(parts["secondary_line"]))
    verdict = magic or _verdict(primary, secondary, verdicts)
    return _answer(given, parts, primary, secondary, verdict)


def _parts(given: Mapping[str, Any]) -> dict[str, str]:
    for name, value in given.items():
        if name not in _ALLOWED:
            raise LobRefusal(f"{name} is not allowed")
        if value is not None and not isinstance(value, str):
            raise LobRefusal(f"{name} must be a string")
    whole = given.get("address")
    if whole:
        given = _taken_apart(str(whole))
    names = ("primary_line", "secondary_line", "city", "state", "zip_code")
    parts = {name: str(given.get(name) or "").strip() for name in names}
    if not parts["primary_line"]:
        raise LobRefusal("primary_line is required")
    if not parts["zip_code"] and not (parts["city"] and parts["state"]):
        raise LobRefusal("zip_code or both city and state are required")
    if parts["zip_code"] and not re.fullmatch(r"\d{5}(-?\d{4})?", parts["zip_code"]):
        raise LobRefusal("zip_code must be in a valid zip format")
    if len(parts["primary_line"]) > 200:
        raise LobRefusal("primary_line length must be less than or equal to 200 characters long")
    return parts


def _taken_apart(address: str) -> dict[str, str]:
    found = re.fullmatch(r"(?P<p>[^,]+),\s*(?P<c>[^,]+),\s*(?P<s>[A-Za-z]{2})\s+(?P<z>\d{5}(-\d{4})?)", address.strip())
    if not found:
        return {"primary_line": address, "zip_code": "00000"}
    return {"primary_line": found["p"], "city": found["c"], "state": found["s"], "zip_code": found["z"]}


def _tidy(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"#\s*", "# ", re.sub(r"[.,;]", " ", line.upper()))).strip()


def _split_unit(primary: str, secondary: str) -> tuple[str, str]:
    words = primary.split()
    at = next((n for n, word in enumerate(words) if n > 1 and word in _UNITS and n + 1 < len(words)), None)
    if at is not None and not secondary:
        words, secondary = words[:at], " ".join(words[at:])
    unit = secondary.split()
    if unit and unit[0] in _UNITS:
        secondary = " ".join([_UNITS[unit[0]], *unit[1:]])
    elif unit:
        secondary = f"# {secondary}"
    return _street(words), secondary


def _street(words: list[str]) -> str:
    """Shorten a direction and the last suffix as the postal service writes them."""
    if len(words) > 2 and words[1] in _DIRECTIONS:
        words = [words[0], _DIRECTIONS[words[1]], *words[2:]]
    if len(words) > 3 and words[-1] in _DIRECTIONS:
        words = [*words[:-1], _DIRECTIONS[words[-1]]]
    for n in range(len(words) - 1, max(1, len(words) - 3), -1):
        if words[n] in _SUFFIXES:
            return " ".join([*words[:n], _SUFFIXES[words[n]], *words[n + 1 :]])
    return " ".join(words)


def _is_box(primary: str) -> bool:
    return re.match(r"P ?O BOX \w+", primary) is not None


def _verdict(primary: str, secondary: str, verdicts: Mapping[str, str]) -> str:
    told = verdicts.get(primary)
    if told:
        return "deliverable" if told == "deliverable_missing_unit" and secondary else told
    return "deliverable" if _is_box(primary) or re.match(r"\d+\S* \S", primary) else "undeliverable"


def _answer(given: Mapping[str, Any], parts: dict[str, str], primary: str, secondary: str, verdict: str) -> Fields:
    zip5 = parts["zip_code"][:5] or "00000"
    plus4 = parts["zip_code"].replace("-", "")[5:] or _plus4(primary + secondary + zip5)
    city, state = _tidy(parts["city"]), parts["state"].upper()[:2]
    return {
        "object": "us_verification",
        "recipient": given.get("recipient"),
        "primary_line": primary,
        "secondary_line": secondary,
        "urbanization": "",
        "last_line": f"{city} {state} {zip5}-{plus4}".strip(),
        "deliverability": verdict,
        "valid_address": verdict != "undeliverable",
        "components": _components(primary, secondary, {"city": city, "state": state, "zip": zip5, "plus4": plus4}),
        "deliverability_analysis": _analysis(verdict),
        "lob_confidence_score": {"score": 0 if verdict == "undeliverable" else 95, "level": _level(verdict)},
    }


def _level(verdict: str) -> str:
    return "low" if verdict == "undeliverable" else "high"


def _plus4(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest()[:6], 16) % 9000 + 1000)


def _components(primary: str, secondary: str, last: Mapping[str, str]) -> Fields:
    words, box = primary.split(), _is_box(primary)
    unit = secondary.split()
    suffix = words[-1] if len(words) > 2 and words[-1] in _SUFFIXES.values() else ""
    before = words[1] if len(words) > 3 and words[1] in _DIRECTIONS.values() else ""
    name = words[(2 if before else 1) : (-1 if suffix else len(words))]
    blank = (
        "delivery_point_barcode extra_secondary_designator extra_secondary_number pmb_designator pmb_number "
        "county carrier_route street_postdirection"
    )
    return {
        **dict.fromkeys(blank.split(), ""),
        "primary_number": words[-1] if box else (words[0] if words and words[0][0].isdigit() else ""),
        "street_predirection": before,
        "street_name": "PO BOX" if box else " ".join(name),
        "street_suffix": "" if box else suffix,
        "secondary_designator": unit[0] if unit else "",
        "secondary_number": " ".join(unit[1:]),
        "city": last["city"],
        "state": last["state"],
        "zip_code": last["zip"],
        "zip_code_plus_4": last["plus4"],
        "zip_code_type": "standard",
        "county_fips": "00000",
        "carrier_route_type": "po_box" if box else "city_delivery",
        "record_type": "po_box" if box else ("highrise" if unit else "street"),
        "address_type": "residential",
        "po_box_only_flag": "N",
        "default_building_address": False,
        "latitude": None,
        "longitude": None,
    }


def _analysis(verdict: str) -> Fields:
    confirmation = {
        "deliverable": "Y",
        "deliverable_unnecessary_unit": "S",
        "deliverable_incorrect_unit": "S",
        "deliverable_missing_unit": "D",
        "undeliverable": "N",
    }[verdict]
    notes = {"Y": ["AA", "BB"], "S": ["AA", "CC"], "D": ["AA", "N1"], "N": ["A1"]}[confirmation]
    flags = "dpv_cmra dpv_vacant dpv_door_not_accessible dpv_no_secure_location dpv_non_delivery_day_flag dpv_throwback"
    return {
        **dict.fromkeys(flags.split(), "N"),
        "dpv_confirmation": confirmation,
        "dpv_active": "N" if confirmation == "N" else "Y",
        "dpv_inactive_reason": "",
        "dpv_non_delivery_day_values": "",
        "dpv_footnotes": notes,
        "ews_match": False,
        "lacs_indicator": "N",
        "lacs_return_code": "",
        "suite_return_code": "",
    }
