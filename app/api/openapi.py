"""The OpenAPI description: the framework's, completed with problem documents and examples."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.errors import PROBLEM_JSON

_METHODS = ("get", "put", "post", "delete", "patch")

_DESCRIPTION = """\
Record the terms, evidence, decisions and money of an outcomes contract once, and trace every figure
to the evidence and the rule behind it.

Every change is one request with an Idempotency-Key: sent again with the same key, it is answered as
it was first. `dry_run=true` checks a change and records nothing. Records that change have an ETag;
decisions name it in If-Match. Amounts are decimal strings with their currency. Days are YYYY-MM-DD
in the contract's time zone. In a service in demo mode, the header Sandbox-Clock (RFC 3339) moves
the clock of its request.

Machines send Authorization: Bearer with an access token (RFC 9068) or an API key; people have a
session. Acting-Party chooses among the parties for which the caller has a role. Every refusal is a
problem document (RFC 9457) with a stable code.
"""

_TAGS = {
    "Contracts and terms": "What the parties have agreed, in versions that each accepts by hash.",
    "Participants": "People under a pseudonym, and what happened on their way, dated.",
    "Evidence": "What proves an outcome: the file, or only its SHA-256.",
    "Outcomes": "Submissions, decisions on them, and what they entitle to.",
    "Claims": "What is asked for in a period, and the commissioner's decision.",
    "Invoices": "What the payee asks for approved claims, and credits: data and print.",
    "Corrections": "Reversals and adjustments of approved lines: proposed, decided, posted.",
    "Disputes": "Challenges to lines: raised, handed on, decided, and what follows in money.",
    "Fund claims": "What the commissioner asks of an outcomes fund, against its award.",
    "Payments": "Money that moved, the documents it settles, and what came back.",
    "Payment clock": "What is unpaid and how late, and figures of payments compliance notices.",
    "Reconciliation": "Bank and payables files, what their lines pay, and whether all ties hold.",
    "Ledger": "Double entry with one book per party: entries, balances, statements.",
    "Periods": "Closes of quarters and years, and the statements that hard closes froze.",
    "Exports": "Every list as CSV and XLSX, whole, from the pages that the interface reads.",
    "Trust": "Why a figure is what it is, the journal, and the check of the whole record.",
    "People's data": "Lawful basis, subject access, erasure and retention.",
    "Sign-in": "Who is asking: sessions of people, and local accounts.",
    "Access": "Who may do what: what operators of the service register, grant and end.",
    "Service": "The service itself.",
}

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "instance", "faults"],
    "properties": {
        "type": {"type": "string", "description": "The address of the code's explanation."},
        "title": {"type": "string", "description": "The meaning of the code."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What was wrong and what to do."},
        "code": {"type": "string", "description": "The stable code."},
        "instance": {"type": "string", "description": "This request, as the log knows it."},
        "faults": {
            "type": "array",
            "description": "Everything that was wrong, each with its place.",
            "items": {"$ref": "#/components/schemas/ProblemFault"},
        },
    },
    "examples": [
        {
            "type": "/problems/invalid-input",
            "title": "The input has faults",
            "status": 422,
            "detail": "The input has 1 fault; see `faults`.",
            "code": "invalid-input",
            "instance": "urn:uuid:0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e",
            "faults": [
                {
                    "code": "not-a-date",
                    "in": "body",
                    "pointer": "/referred_on",
                    "message": "The calendar has no such day.",
                }
            ],
        }
    ],
}
_FAULT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "ProblemFault",
    "description": "One thing that was wrong.",
    "required": ["code", "in", "pointer", "message"],
    "properties": {
        "code": {"type": "string", "description": "The stable code."},
        "in": {
            "type": "string",
            "enum": ["body", "query", "path", "header"],
            "description": "The part of the request.",
        },
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into that part."},
        "message": {"type": "string", "description": "What was wrong, in a sentence."},
    },
    "examples": [{"code": "not-a-date", "in": "body", "pointer": "/on", "message": "No such day."}],
}


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the application."""
    document: dict[str, Any] = get_openapi(
        title="Outcomes Ledger",
        version=version("outcomes-ledger"),
        summary="One shared record of an outcomes contract.",
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This service"}],
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"], schemas["ProblemFault"] = _PROBLEM_SCHEMA, _FAULT_SCHEMA
    for operation in operations(document):
        _complete(operation)
    for name in schemas:
        schemas[name].setdefault("examples", [example_of(schemas[name], schemas)])
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of an OpenAPI document."""
    for path in document["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example of a schema, put together from the examples of its fields.

    Raises KeyError for a field that has none: every field must show what it holds.
    """
    for listed in ("examples", "enum"):
        if listed in schema:
            return schema[listed][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas)]
    if "properties" in schema:
        fields = schema["properties"].items()
        return {name: example_of(field, schemas) for name, field in fields}
    raise KeyError(f"no example: {schema}")


def _complete(operation: dict[str, Any]) -> None:
    """Give every refusal its schema; drop the framework's own validation answer."""
    for status, response in operation["responses"].items():
        if status.startswith(("4", "5")):
            schema = {"$ref": "#/components/schemas/Problem"}
            response["content"] = {PROBLEM_JSON: {"schema": schema}}
    needed = {"Idempotency-Key"}
    if "if-match-missing" in operation["responses"].get("428", {}).get("description", ""):
        needed.add("If-Match")
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "header":
            continue
        # Header names as people write them; a header is there or not, never null.
        parameter["name"] = "-".join(part.title() for part in parameter["name"].split("-"))
        parameter["required"] = parameter["required"] or parameter["name"] in needed
        branches = parameter["schema"].pop("anyOf", None)
        if branches is not None:
            parameter["schema"] |= branches[0]
