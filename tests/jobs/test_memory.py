"""What is free goes back to the system."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from jobs.memory import give_back

MIB = 2**20


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked")
def test_what_a_peak_left_goes_back_to_the_system() -> None:
    peak = [b"x" * 100_000 for _ in range(600)]
    last = peak.pop()  # holds the end of the heap in its place, so that nothing goes back by itself
    peak.clear()
    before = _resident()
    assert give_back()
    assert before - _resident() > 30 * MIB
    assert len(last) == 100_000
