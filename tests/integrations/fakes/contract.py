"""The vendors' own API descriptions as judges of the fakes, when the specification folder is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recordings import CHECKER, contract_checker


def checker() -> Any:
    """Return the request checker; skip the test by name when the folder is absent."""
    if not CHECKER.exists():
        pytest.skip(f"needs {CHECKER.name} of the specification folder")
    return contract_checker()


def complaints(vendor: str, schema: str, value: Any) -> list[str]:
    """Return what a vendor's schema finds wrong with a value, unknown names included."""
    contract = checker().contract(vendor)
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return list(contract.errors(value, reference, schema)) + list(contract.unknown(value, reference, schema))
