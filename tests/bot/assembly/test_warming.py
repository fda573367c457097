"""What is compiled once is compiled beside the turns, after the first event (PERF: a turn over 20 ms holds all up)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers.coaching.decisions import Context, recognise


def test_perf_words_after_the_warming_compile_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, compiled = Registry(), list[Any]()
    register_services(registry, Settings.model_validate({"PARLEY_MODE": "demo", "SECRET_KEYS": ""}))
    registry.warm()
    real: Any = vars(re)["_compiler"].compile

    def compile_one(pattern: Any, flags: Any = 0) -> Any:
        compiled.append(pattern)
        return real(pattern, flags)

    monkeypatch.setattr("re._compiler.compile", compile_one)

    recognise(
        "how do i get people to join, is 29 dollars a month fine, and when do we open?", Context(date(2026, 3, 2))
    )

    assert len(compiled) < 25, compiled  # of about 150
    assert len(registry.warmers) == 2  # both readers of free words have one
