"""Whole pictures compared (rule DUP-2)."""

from __future__ import annotations

import io
from datetime import date

from PIL import Image, ImageEnhance

from bot.web.simulator.receipt import sample_receipt
from integrations.ocr.likeness import perceptual_hash


def _photo(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(sample_receipt(date(2026, 3, 15), seed).photo)).convert("RGB")


def _apart(one: Image.Image, other: Image.Image) -> int:
    return (perceptual_hash(one) ^ perceptual_hash(other)).bit_count()


def test_dup_2_the_same_photo_smaller_and_brighter_differs_in_few_bits() -> None:
    photo = _photo(0)
    small = photo.resize((photo.width // 2, photo.height // 2))
    assert _apart(photo, small) <= 6
    assert _apart(photo, ImageEnhance.Brightness(photo).enhance(1.2)) <= 6


def test_dup_2_another_picture_differs_in_many() -> None:
    assert _apart(_photo(0), Image.linear_gradient("L").resize((1200, 900)).rotate(90).convert("RGB")) > 6


def test_a_hash_has_64_bits_and_is_the_same_each_time() -> None:
    assert 0 <= perceptual_hash(_photo(2)) < 2**64
    assert perceptual_hash(_photo(2)) == perceptual_hash(_photo(2))
