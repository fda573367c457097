"""The OpenAPI 3.1 description of the API, made from the routes and the very models that check what comes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.engine.api import Nothing, Route

Named = dict[tuple[type[BaseModel], str], dict[str, Any]]
_REFERENCE = "#/components/schemas/{model}"
_PART = re.compile(r"\{(\w+)\}")
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {name: {"type": "string"} for name in ("code", "message", "request_id", "field")},
            "additionalProperties": False,
        }
    },
}


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the document."""
    named, schemas = _schemas(routes)
    paths: dict[str, Any] = {}
    for route in sorted(routes, key=lambda one: (one.path, one.method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Parley receipts",
            "version": "1",
            "description": "A person's receipts and ledger. Amounts are integers in the currency's smallest unit; "
            "positive was spent, negative came back. Ids are strings. Date ranges do not hold their end.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Error": _ERROR},
        },
    }


def _schemas(routes: Sequence[Route]) -> tuple[Named, dict[str, Any]]:
    """Return the reference to each model as it is taken or given, and the schemas that the references lead to."""
    taken = {(route.body, "validation") for route in routes if route.body is not None}
    given = {(route.answers, "serialization") for route in routes if route.answers is not None}
    wanted: Any = sorted(taken | given, key=lambda pair: (pair[0].__name__, pair[1]))
    named, document = models_json_schema(wanted, ref_template=_REFERENCE)
    references: Named = {(model, str(mode)): dict(schema) for (model, mode), schema in named.items()}  # type: ignore[misc]
    return references, document.get("$defs", {})


def _operation(route: Route, named: Named) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _name(route),
        "tags": [route.path.split("/")[1]],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": {str(route.status): _answer(route, named), "default": _refusal()},
        "x-scope": f"{route.scope}:{'write' if route.writes else 'read'}",
    }
    if route.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": named[route.body, "validation"]}},
        }
    elif route.takes:
        file = {"schema": {"type": "string", "format": "binary"}}
        found["requestBody"] = {"required": True, "content": dict.fromkeys(route.takes, file)}
    return found


def _name(route: Route) -> str:
    words = [part.strip("{}") for part in route.path.split("/") if part]
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [_parameter(name, "path", {"type": "string"}, required=True) for name in _PART.findall(route.path)]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is Nothing:
        return []
    schema = route.query.model_json_schema(ref_template=_REFERENCE, mode="validation")
    inner, needed = schema.get("$defs", {}), schema.get("required", [])
    return [
        _parameter(name, "query", _inlined(one, inner), required=name in needed)
        for name, one in schema["properties"].items()
    ]


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.versioned:
        found.append(_parameter("If-Match", "header", {"type": "string"}, required=True))
    if route.method == "POST":
        found.append(_parameter("Idempotency-Key", "header", {"type": "string", "maxLength": 255}))
    return found


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "in": place, "required": required, "schema": schema}
    if "description" in schema:
        found["description"] = schema.pop("description")
    return found


def _inlined(schema: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of a parameter with the few definitions it names put in their place."""
    named = schema.get("$ref")
    if named is not None:
        return dict(inner[named.rpartition("/")[2]])
    return {key: value for key, value in schema.items() if key != "title"}


def _answer(route: Route, named: Named) -> dict[str, Any]:
    if route.answers is not None:
        schema = named[route.answers, "serialization"]
        return {"description": "Done", "content": {"application/json": {"schema": schema}}}
    file = {"schema": {"type": "string", "format": "binary"}}
    return {"description": "Done", **({"content": dict.fromkeys(route.gives, file)} if route.gives else {})}


def _refusal() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": "Not done", "content": {"application/json": {"schema": schema}}}
