"""Adds the coach's turn to the engine."""

from __future__ import annotations

from pathlib import Path

from bot.engine.registry import Registry
from handlers.coaching.talk import answering, asking, replies, summarising, taking, usage_report
from handlers.coaching.talk.ports import Ports
from handlers.coaching.talk.settings import TalkSettings


def register(registry: Registry, settings: TalkSettings, ports: Ports | None = None) -> None:
    """Register the turn's timers and results, and MORE."""
    registry.settings[TalkSettings], registry.settings[Ports] = settings, ports or Ports()
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.on(f"timer:{taking.TIMER}")(asking.begin)
    registry.on(f"timer:{asking.WATCH}")(answering.watch)
    registry.on(f"call:{asking.ASKED}")(answering.ended)
    registry.on(f"call:{summarising.FOLDED}")(summarising.folded)
    registry.word("more")(replies.more)
    registry.operation("coaching.usage")(usage_report.report)
