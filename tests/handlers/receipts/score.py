"""The figures of the receipt reader on a folder of labelled pictures, without reading the pictures again.

    python -m tests.handlers.receipts.score [--folder DIR] [--half even|odd|first|last] [--wrong]

The folder holds `labels.jsonl` and `ocr_lines.jsonl`. Rules of scoring: section 5.1 of the receipts domain. Half of the
files (by a checksum of the name) served for development; the last quarter was looked at last.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.reading import Context, Reading, read_receipt

FOLDER = Path(__file__).parents[3] / "../shared/receipts"
RECEIVED = date(2026, 3, 18)
PARTS = {"even": {0, 2}, "odd": {1, 3}, "first": {0, 1, 2}, "last": {3}}
_FORMS = re.compile(r"\b(?:inc|llc|ltd|gmbh|sdn|bhd|co|corp|plc|the|s b)\b")


@dataclass
class Tally:
    """Rights and wholes by the name of a figure."""

    right: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    f1: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, is_right: bool) -> None:
        """Count one answer."""
        self.whole[name] += 1
        self.right[name] += is_right

    def rate(self, name: str) -> float:
        """Return the share of right answers in percent."""
        return 100 * self.right[name] / self.whole[name] if self.whole[name] else 100.0

    @property
    def item_f1(self) -> float:
        """Return the mean F1 of item prices."""
        return sum(self.f1) / len(self.f1) if self.f1 else 1.0


def part_of(name: str) -> int:
    """Return the quarter of the files, 0 to 3, that a file belongs to."""
    return zlib.crc32(name.encode()) % 4


def page_of(record: Mapping[str, Any]) -> PrintedPage:
    """Return the page of one record of read lines."""
    lines = [
        PrintedLine(text, round(score * 1000), tuple(round(n) for n in box)) for box, text, score in record["lines"]
    ]
    width = max((max(line.box[0::2]) for line in lines), default=1)
    height = max((max(line.box[1::2]) for line in lines), default=1)
    return PrintedPage(width, height, lines, "ocr")


def score(folder: Path = FOLDER, half: str | None = None) -> Tally:
    """Read every picture of the folder (or of one half) and compare with the labels."""
    labels = {
        entry["file"]: entry for entry in map(json.loads, (folder / "labels.jsonl").read_text("utf-8").splitlines())
    }
    records = map(json.loads, (folder / "ocr_lines.jsonl").read_text("utf-8").splitlines())
    return score_of(labels, (one for one in records if not half or part_of(one["file"]) in PARTS[half]))


def score_of(labels: Mapping[str, Mapping[str, Any]], records: Iterable[Mapping[str, Any]]) -> Tally:
    """Read the stored lines of every picture and compare with its label."""
    tally = Tally()
    for record in records:
        compare(labels[record["file"]], read_receipt([page_of(record)], Context(RECEIVED)), tally)
    return tally


def compare(label: Mapping[str, Any], reading: Reading, tally: Tally) -> None:
    """Count what of a reading is as its label says."""
    places = 0 if reading.currency.value == "JPY" else 2
    kinds = ("all", "scans" if label["source"] == "sroie" else "photos")
    total = _decimal(reading.total.value if reading.total else None, places)
    day = reading.date.value.isoformat() if reading.date else None
    name = reading.merchant.value if reading.merchant else ""
    raw = reading.merchant.raw if reading.merchant else ""
    results: dict[str, bool] = {}
    if label["total"]:
        results["total"] = total in {label["total"], *(label.get("total_alt") or [])}
    if label["date"]:
        results["date"] = day == label["date"]
    if label["company"]:
        names = [label["company"], *label["company_alt"]]
        results["vendor"] = any(is_same_vendor(name, other) for other in names)
        results["vendor strict"] = any(folded_vendor(name) == folded_vendor(other) for other in names)
    if all(key in results for key in ("total", "date", "vendor")):
        results["all three"] = results["total"] and results["date"] and results["vendor"]
    if label["tax"]:
        results["tax"] = _decimal(reading.tax.value if reading.tax else None, places) == label["tax"] or (
            label["tax"] == "0.00" and reading.tax is None
        )
    if label.get("subtotal"):
        results["subtotal"] = (
            _decimal(reading.subtotal.value if reading.subtotal else None, places) == label["subtotal"]
        )
    if label["currency"]:
        results["currency"] = reading.currency.value == label["currency"]
    if label.get("address"):
        results["address"] = is_same_address(reading.address.value if reading.address else "", label["address"])
    if label.get("language"):
        results["language"] = reading.language == label["language"]
    for kind in kinds:
        for key, is_right in results.items():
            tally.add(f"{kind} {key}", is_right)
        if "total" in results:
            tally.add(f"{kind} accepted", not reading.needs_review)
            if not reading.needs_review:
                tally.add(f"{kind} accepted precision", results["total"])
    if label["item_prices"]:
        found = [_decimal(item.amount, places) or "" for item in reading.items]
        tally.f1.append(f1_of(found, label["item_prices"]))
        if tally.f1[-1] < 1:
            tally.wrong.append(f"{label['file']} items {tally.f1[-1]:.2f}: read {found} for {label['item_prices']}")
    answers = {
        "total": total,
        "date": day,
        "vendor": f"{name} [{raw}]",
        "vendor strict": name,
        "tax": reading.tax,
        "currency": reading.currency.value,
        "subtotal": reading.subtotal,
        "address": reading.address,
        "language": reading.language,
    }
    for key, is_right in results.items():
        if not is_right and key in answers and not (key == "vendor strict" and not results["vendor"]):
            tally.wrong.append(
                f"{label['file']} {key}: {_plain(answers[key])} for {label.get(key) or label['company']}"
            )
    if reading.needs_review:
        best = [(c.amount, c.score) for c in reading.totals]
        tally.wrong.append(
            f"{label['file']} asks {[str(q) for q in reading.questions]} total right: {results.get('total')} {best}"
        )


def _plain(answer: Any) -> str:
    return str(getattr(answer, "value", answer))


def _decimal(minor: int | None, places: int) -> str | None:
    return None if minor is None else f"{minor / 10**places:.{places}f}"


def f1_of(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Return the F1 of two bags of prices."""
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if found or wanted else 1.0


def folded_vendor(name: str) -> str:
    """Fold case, accents, brackets, legal forms and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", " ", re.sub(r"['’.]", "", plain))
    return re.sub(r"\s+", "", _FORMS.sub(" ", words)) or re.sub(r"\s+", "", words)


def is_same_vendor(answer: str, label: str) -> bool:
    """Say whether two names are one by the rule of section 5.1."""
    a, b = folded_vendor(answer), folded_vendor(label)
    if not a or not b:
        return False
    if a == b or SequenceMatcher(None, a, b).ratio() >= 0.80:
        return True
    short, long = sorted((a, b), key=len)
    return len(short) >= 4 and short in long and len(short) * 2 >= len(long)


def is_same_address(answer: str, label: str) -> bool:
    """Say whether two addresses are one: alike by 0.80 in letters and digits."""
    a, b = (re.sub(r"[\W_]+", "", text.casefold()) for text in (answer, label))
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= 0.80


def lines_of(tally: Tally) -> Iterable[str]:
    """Yield the figures, one line each."""
    names = (
        "total",
        "date",
        "vendor",
        "vendor strict",
        "all three",
        "tax",
        "subtotal",
        "currency",
        "address",
        "language",
        "accepted",
        "accepted precision",
    )
    for name in names:
        figures = [
            f"{kind} {tally.rate(f'{kind} {name}'):5.1f} % of {tally.whole[f'{kind} {name}']:3d}"
            for kind in ("all", "scans", "photos")
            if tally.whole[f"{kind} {name}"]
        ]
        yield f"{name:20s}" + "   ".join(figures)
    yield f"{'item F1':20s}{tally.item_f1:.3f} over {len(tally.f1)}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--half", choices=sorted(PARTS))
    parser.add_argument("--wrong", action="store_true", help="list every wrong answer")
    chosen = parser.parse_args()
    tally = score(chosen.folder, chosen.half)
    print("\n".join(lines_of(tally)))
    if chosen.wrong:
        print("\n".join(tally.wrong))


if __name__ == "__main__":
    main()
