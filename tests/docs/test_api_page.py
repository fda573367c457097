"""Every example of docs/api.md is run against the API, and what it shows is what comes; all routes are described."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.web.api.openapi import describe
from storage.receipts import tokens
from tests.bot.web.api.kit import ANN, Town, open_town
from tests.bot.web.api.test_scopes import more
from tests.bot.web.api.test_uploads import picture
from tests.databases import prepared_database
from tests.docs.pages import ROOT, commands

PAGE = ROOT / "docs" / "api.md"


async def _run(town: Town, line: str, folder: Path) -> str:
    env = {**os.environ, "PARLEY": town.url, "TOKEN": town.secrets[ANN], "NO_PROXY": "*"}
    done = await asyncio.create_subprocess_exec(
        "bash", "-c", line, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    shown, trouble = await done.communicate()
    assert not trouble, trouble
    return shown.decode().rstrip("\n")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_every_example_of_the_page_gives_what_it_shows(tmp_path: Path) -> None:
    examples = commands(PAGE)
    assert len(examples) >= 10
    (tmp_path / "receipt.jpg").write_bytes(picture())
    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(url) as town:
            for example in examples:
                assert await _run(town, example.line, tmp_path) == example.shown, example.line


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    registry = Registry()
    register_services(registry, Settings(_env_file=None, parley_mode="demo", billing_enabled=True))
    document: dict[str, Any] = json.loads(json.dumps(describe(registry.routes)))
    return document


def test_every_route_named_in_the_page_is_described(described: dict[str, Any]) -> None:
    text = PAGE.read_text("utf-8")
    named = set(re.findall(r"`(?:GET|POST|PATCH|DELETE) /api/v1(/[\w/{}]+)`", text)) - {"/openapi"}
    assert named
    assert named <= set(described["paths"])


def test_every_resource_and_filter_is_in_the_page(described: dict[str, Any]) -> None:
    text = PAGE.read_text("utf-8").casefold()
    assert [path for path in described["paths"] if path.split("/")[1] not in text] == []
    filters = [one["name"] for one in described["paths"]["/transactions"]["get"]["parameters"]]
    assert [name for name in filters if f"{name}`" not in text and f"{name}=" not in text] == []


def test_api_2_the_description_is_whole(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert named <= set(schemas)
    for path, operations in described["paths"].items():
        parts = set(re.findall(r"\{(\w+)\}", path))
        for operation in operations.values():
            given = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert given == parts
            assert operation["summary"]
            assert set(operation["responses"]) >= {"default"}
    names = [one["operationId"] for operations in described["paths"].values() for one in operations.values()]
    assert len(set(names)) == len(names)


async def test_api_2_answers_are_as_described(tmp_path: Path, described: dict[str, Any]) -> None:
    money = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD"}
    bodies: dict[str, dict[str, Any]] = {
        "/transactions": money, "/categories": {"name": "Mine"}, "/accounts": {"kind": "cash"},
        "/rules": {"kind": "text", "pattern": "luna"},
        "/budgets": {"period": "week", "currency": "USD", "amount_minor": 9},
    }  # fmt: skip
    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(url, more) as town:
            everything = await town.token(ANN, scopes=tokens.SCOPES)
            for path, body in bodies.items():
                made = await town.ask("POST", path, body)
                _fits(described, made.json, path, "post", "201")
            for path, operations in described["paths"].items():
                if "{" not in path and "get" in operations:
                    _fits(described, (await town.ask("GET", path, who=everything)).json, path, "get", "200")
            assert (await town.ask("GET", "/openapi.json", who=None)).json["paths"].keys() <= described["paths"].keys()


def _fits(described: dict[str, Any], answer: Any, path: str, method: str, status: str) -> None:
    schema = described["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": described["components"]})
