"""Requests spoilt on purpose, one field at a time: misspelt names, and values of a type that the contract forbids.

The place of a field is its way through the body: `("line_items", "0", "price_data", "currency")`. Where a value travels
as text, a wrong type is a word in place of a number, an object in place of a text (`name[x]=`), or a second value in
place of a single one; what any text satisfies cannot be spoilt and is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

Request = dict[str, Any]
Spoilt = tuple[str, Request]
"""What was spoilt, and the request with it."""

_FREE = re.compile(r"metadata|^file\d$")
"""Names below metadata are our own, and so are those of files that an album refers to."""

_WRONG = {"object": {"x": "y"}, "array": ["x"], "boolean": True, "integer": 7, "string": "word"}


def renamed(request: Request) -> Iterator[Spoilt]:
    """Yield the request once for each field of its query and body, with that field's name misspelt."""
    for where, name, _, change in _fields(request):
        if not _FREE.search(name):
            yield f"{where} {name} misspelt", change(f"x{name}", None)


def retyped(request: Request, contract: Any) -> Iterator[Spoilt]:
    """Yield the request once for each value whose type the contract names, with a value of another type."""
    found = contract.find(request["method"].lower(), urlsplit(request["url"]).path)
    _, operation, parameters, _ = found
    query = {one["name"]: one.get("schema", {}) for one in parameters if one["in"] == "query"}
    body = contract.deref(operation.get("requestBody") or {}).get("content", {}).get(_kind(request), {}).get("schema")
    if _kind(request) == "application/json" and request["body"]:
        yield from _retyped_json(request, contract, body)
        return
    for where, name, value, change in _fields(request):
        schema = _schema_at(contract, {"properties": query} if where == "query" else body, _parts(name))
        if schema is None or not isinstance(value, str):
            continue
        for name_too, wrong in _wrong_texts(_kinds(contract, schema), name, contract.name):
            yield f"{where} {name} retyped", change(name_too, wrong)


# -- fields that travel as text ----------------------------------------------------------------------------------------


def _fields(request: Request) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield where a field stands, its name, its value, and how to get the request with another name or value."""
    parts = urlsplit(request["url"])
    query = parse_qsl(parts.query, keep_blank_values=True)
    for index, (name, value) in enumerate(query):
        yield (
            "query",
            name,
            value,
            lambda new, wrong, i=index: _with_query(request, parts, _swapped(query, i, new, wrong)),
        )
    body, kind = request["body"], _kind(request)
    if isinstance(body, dict):
        pairs = list(body.items())
        for index, (name, value) in enumerate(pairs):
            yield (
                "body",
                name,
                value,
                lambda new, wrong, i=index: {**request, "body": dict(_swapped(pairs, i, new, wrong))},
            )
    elif kind == "application/json" and body:
        fields = list(json.loads(body).items())
        for index, (name, value) in enumerate(fields):
            yield "body", name, value, lambda new, wrong, i=index: {
                **request, "body": json.dumps(dict(_swapped(fields, i, new, wrong)))
            }  # fmt: skip
    elif body:
        pairs = parse_qsl(body, keep_blank_values=True)
        for index, (name, value) in enumerate(pairs):
            yield "body", name, value, lambda new, wrong, i=index: {
                **request, "body": urlencode(_swapped(pairs, i, new, wrong), doseq=True)
            }  # fmt: skip


def _swapped(pairs: list[tuple[str, Any]], index: int, name: str, wrong: Any) -> list[tuple[str, Any]]:
    value = pairs[index][1] if wrong is None else wrong
    return [*pairs[:index], (name, value), *pairs[index + 1 :]]


def _with_query(request: Request, parts: Any, pairs: list[tuple[str, Any]]) -> Request:
    return {**request, "url": urlunsplit(parts._replace(query=urlencode(pairs, doseq=True, quote_via=quote)))}


def _kind(request: Request) -> str:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return str(headers.get("content-type", "")).partition(";")[0].strip().lower()


def _parts(name: str) -> list[str]:
    head, *rest = re.findall(r"[^\[\]]+", name)
    return [head, *rest]


def _wrong_texts(kinds: set[str], name: str, vendor: str) -> Iterator[tuple[str, Any]]:
    if not kinds:
        return
    nests, as_json = vendor in ("stripe", "lob"), vendor == "telegram"
    if "string" not in kinds and (as_json or kinds & {"integer", "number", "boolean"}):
        yield name, '{"x": "y"}' if "array" in kinds else "word"
    elif nests and "object" not in kinds:
        yield f"{name}[x]", "word"
    elif vendor == "twilio" and "array" not in kinds:
        yield name, ["one", "two"]


# -- JSON --------------------------------------------------------------------------------------------------------------


def _retyped_json(request: Request, contract: Any, schema: Any) -> Iterator[Spoilt]:
    whole = json.loads(request["body"])
    for path, kinds in _places(contract, whole, schema, ()):
        wrong = next((value for kind, value in _WRONG.items() if not kinds & _also(kind)), None)
        if kinds and wrong is not None:
            yield f"body {'.'.join(map(str, path))} retyped", {**request, "body": json.dumps(_put(whole, path, wrong))}


def _also(kind: str) -> set[str]:
    return {"integer", "number"} if kind == "integer" else {kind}


def _places(
    contract: Any, value: Any, schema: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], set[str]]]:
    if path:
        yield path, _kinds(contract, schema)
    branches = contract.branches(schema)
    if isinstance(value, dict):
        names = contract.names(branches)
        for name, below in value.items():
            if name in names:
                yield from _places(contract, below, names[name], (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _places(contract, below, contract.items(branches), (*path, index))


def _put(value: Any, path: tuple[str | int, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    if isinstance(value, list):
        return [_put(one, path[1:], wrong) if index == path[0] else one for index, one in enumerate(value)]
    return {name: _put(one, path[1:], wrong) if name == path[0] else one for name, one in value.items()}


# -- the contract ------------------------------------------------------------------------------------------------------


def _kinds(contract: Any, schema: Any) -> set[str]:
    """Return the types that a schema allows; none when it names none."""
    kinds: set[str] = set()
    for branch in contract.branches(schema):
        named = branch.get("type")
        kinds.update(named if isinstance(named, list) else [named] if named else [])
        if "properties" in branch or "additionalProperties" in branch:
            kinds.add("object")
        for value in [*branch.get("enum", ()), *([branch["const"]] if "const" in branch else [])]:
            kinds.add("boolean" if isinstance(value, bool) else "string")
    return kinds


def _schema_at(contract: Any, schema: Any, parts: list[str]) -> Any:
    for part in parts:
        branches = contract.branches(schema)
        names = contract.names(branches)
        if part in names:
            schema = names[part]
        elif part.isdigit() and contract.items(branches):
            schema = contract.items(branches)
        else:
            return None
    return schema
