"""Quiet hours: when a proactive message may leave (rules SMS-13, SMS-34, SMS-35, SMS-37, SMS-38).

The permitted window is the operator's, less what the state forbids, less the person's own quiet time, in every time
zone where the number may be. States, area codes, ZIP areas and cities are tables; a place that cannot be told gets
hours that are polite from coast to coast. Replies do not come here: see `answers`.
"""

from __future__ import annotations

from bot.core.quiet.hours import Hours, Window, answers, telegram_hours
from bot.core.quiet.places import Place, place_of, place_of_city, place_of_number, place_of_state, place_of_zip

__all__ = [
    "Hours",
    "Place",
    "Window",
    "answers",
    "place_of",
    "place_of_city",
    "place_of_number",
    "place_of_state",
    "place_of_zip",
    "telegram_hours",
]
