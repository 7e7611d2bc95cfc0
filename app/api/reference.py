"""The API's reference as one static page, without scripts, and the OpenAPI document itself."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api.openapi import example_of
from app.api.problems import PROBLEMS
from app.api.security_headers import POLICY

router = APIRouter(include_in_schema=False)

OPERATIONS = {"/openapi.json": "getOpenApiDocument", "/docs": "getReference"}
"""The operation ids of these pages, which the document that they show does not hold."""

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f3f3f3;padding:.75rem;overflow:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}
h3{border-top:2px solid #111;padding-top:.75rem;margin-top:2rem}
"""
# The page's one style, by its hash: nothing that slipped into a text could style or run anything.
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"{POLICY}; style-src 'sha256-{_STYLE_HASH}'"


@router.get("/openapi.json")
async def get_openapi_document(request: Request) -> Response:
    """The OpenAPI 3.1 document."""
    return JSONResponse(request.app.state.openapi)


@router.get("/docs")
async def get_reference(request: Request) -> Response:
    """Every operation with its fields and examples, and every error code."""
    page = reference_page(request.app.state.openapi)
    return HTMLResponse(page, headers={"content-security-policy": _POLICY})


def reference_page(document: dict[str, Any]) -> str:
    """The whole page for an OpenAPI document."""
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append(_operation(document, method, path, operation))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_text(document['info']['title'])} API</title><style>{_STYLE}</style></head>",
        f"<body><main><h1>{_text(document['info']['title'])} API</h1>",
        *(f"<p>{_text(text)}</p>" for text in document["info"]["description"].split("\n\n")),
        '<p>The same for machines: <a href="/openapi.json">openapi.json</a>.</p>',
    ]
    for tag in document["tags"]:
        parts += [f"<h2>{_text(tag['name'])}</h2><p>{_text(tag['description'])}</p>"]
        parts += by_tag[tag["name"]]
    rows = (
        [
            f"<code>{_text(kind.code)}</code>",
            str(kind.status),
            _text(kind.title),
            _text(kind.remedy),
        ]
        for kind in PROBLEMS.values()
    )
    parts += ["<h2>Codes</h2>", _table(("code", "status", "meaning", "what to do"), rows)]
    return "".join([*parts, "</main></body></html>"])


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<h3 id="{_text(operation["operationId"])}">{_text(operation["summary"])}</h3>',
        f"<p><code>{method.upper()} {_text(path)}</code></p>",
        f"<p>{_text(operation['description'])}</p>",
    ]
    if parameters := operation.get("parameters"):
        rows = (
            [
                f"<code>{_text(one['name'])}</code>",
                one["in"] + (", required" if one.get("required") else ""),
                _text(one.get("description", "")),
            ]
            for one in parameters
        )
        parts.append(_table(("parameter", "in", "meaning"), rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Body ({_text(media_type)}):</p>")
        parts.append(_schema(document, content["schema"]))
    for status, response in operation["responses"].items():
        parts.append(f"<p><strong>{status}</strong> {_text(response['description'])}</p>")
        for media_type, content in response.get("content", {}).items():
            if status.startswith("2") and media_type == "application/json":
                parts.append(_schema(document, content["schema"]))
    return "".join(parts)


def _schema(document: dict[str, Any], schema: dict[str, Any]) -> str:
    schemas = document["components"]["schemas"]
    whole = schemas[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    rows = (
        [f"<code>{_text(name)}</code>", _kind(field), _text(field.get("description", ""))]
        for name, field in whole.get("properties", {}).items()
    )
    table = _table(("field", "type", "meaning"), rows) if whole.get("properties") else ""
    if "properties" not in whole and "examples" not in whole:
        return table
    return f"{table}<pre>{_text(_json(example_of(whole, schemas)))}</pre>"


def _kind(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return _text(field["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in field:
        return " or ".join(_kind(one) for one in field["anyOf"])
    if "enum" in field:
        return " | ".join(_text(str(value)) for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}"
    return _text(str(field.get("format", field.get("type", "any"))))


def _table(head: tuple[str, ...], rows: Any) -> str:
    cells = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _text(text: str) -> str:
    return escape(text)
