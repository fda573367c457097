"""Opt-out: decides, before anything else, whether a person asks us to stop (rules SMS-1 to SMS-9, VOC-3 to VOC-5).

US law counts any reasonable wording as a revocation of consent (47 CFR 64.1200(a)(10), in force since 2025-04-11), so
keywords are only the start. The rules are data (`rules.toml`); this package folds a text, applies them in order and
names the rule that decided. No model is asked here, and none can lift what is found here.
"""

from __future__ import annotations

from bot.engine.optout.decision import decide
from bot.engine.optout.trial import try_optout
from bot.engine.optout.verdict import OptOut, Verdict

__all__ = ["OptOut", "Verdict", "decide", "try_optout"]
