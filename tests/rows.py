"""Many small cases as one test: a corpus of thousands costs more to collect and to report than to judge.

`each` stands where `pytest.mark.parametrize` would. All rows are judged, and every one that fails is shown.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def each(names: str | tuple[str, ...], rows: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a test be one for all these rows of its parameters."""
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    judged = [_values(row, len(parameters)) for row in rows]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        assert not inspect.iscoroutinefunction(test)
        assert set(parameters) <= set(signature.parameters)

        @functools.wraps(test)
        def judge(**fixtures: Any) -> None:
            assert judged, "no row to judge"
            wrong = []
            for row in judged:
                try:
                    test(**dict(zip(parameters, row, strict=True)), **fixtures)
                except Exception as error:
                    shown = ", ".join(map(repr, row))
                    wrong.append(f"{shown}\n    {type(error).__name__}: {error}")
            if wrong:
                pytest.fail("\n".join([f"{len(wrong)} of {len(judged)} rows fail:", *wrong]), pytrace=False)

        rest = [p for name, p in signature.parameters.items() if name not in parameters]
        judge.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return judge

    return decorate


def _values(row: Any, count: int) -> tuple[Any, ...]:
    """Return a row's values; it may be written as `pytest.param`, too."""
    if isinstance(row, type(pytest.param())):
        return tuple(row.values)
    return tuple(row) if count > 1 else (row,)
