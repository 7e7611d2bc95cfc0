"""How operations document their answers: success with its schema, refusals by status and code."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.api.problems import PROBLEMS

Responses = dict[int | str, dict[str, Any]]

FORM = ("invalid-input",)
SIGNED_IN = (
    "not-signed-in",
    "token-invalid",
    "token-expired",
    "token-not-yet-valid",
    "token-audience",
    "token-issuer",
    "token-key-unknown",
    "key-refused",
    "key-expired",
    "session-over",
    "principal-ended",
    "not-registered",
    "csrf-token-wrong",
    "issuer-unavailable",
)
READS = (*FORM, *SIGNED_IN)
NOT_IN_ROLE = ("access-not-granted", "role-not-permitted", "party-not-permitted", "party-not-yours")
CONTRACT = (*READS, *NOT_IN_ROLE, "contract-unknown")
PERSONAL = (*CONTRACT, "person-level-not-permitted")
KEYED = (
    "idempotency-key-missing",
    "idempotency-key-in-flight",
    "idempotency-key-reused",
    "body-too-large",
    "content-type-not-json",
)
ACTING = ("access-not-granted", "party-not-yours", "person-not-yours", "reading-only")
WRITES = (*CONTRACT, *KEYED, *ACTING)
VERSIONED = ("if-match-missing", "stale-version")

_ANYWHERE = ("too-many-requests", "database-unavailable", "internal-error")
_BODIES = frozenset({"body-too-large", "file-too-large"})
_HEADERS = {
    "ETag": "The version of the record, for If-Match.",
    "Location": "Where the new record is.",
    "Idempotency-Replayed": "true when this is the stored answer to an earlier request.",
    "Dry-Run": "true when nothing was recorded.",
}


def answers(
    status: int,
    model: Any,
    description: str,
    *codes: str | Sequence[str],
) -> Responses:
    """The `responses` of an operation: one success, and refusals gathered by status.

    `model` is a pydantic model, or a type that FastAPI can describe.
    """
    success: dict[str, Any] = {"model": model, "description": description}
    found: Responses = {status: success}
    flat = [code for one in codes for code in ([one] if isinstance(one, str) else one)]
    if "idempotency-key-missing" in flat:
        names = _HEADERS if status == 201 else {k: _HEADERS[k] for k in _HEADERS if k != "Location"}
        success["headers"] = _documented(names)
        if status == 201:
            dry = {"model": model, "description": "dry_run: what would be recorded."}
            found[200] = dry | {"headers": _documented({"Dry-Run": _HEADERS["Dry-Run"]})}
    by_status: dict[int, list[str]] = {}
    slow = ("request-too-slow",) if _BODIES & set(flat) else ()
    for code in (*flat, *slow, *_ANYWHERE):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for refused, listed in sorted(by_status.items()):
        lines = [f"`{code}`: {PROBLEMS[code].title}." for code in sorted(set(listed))]
        found[refused] = {"description": "\n".join(lines)}
    return found


def _documented(headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
    }


__all__ = [
    "ACTING",
    "CONTRACT",
    "FORM",
    "KEYED",
    "PERSONAL",
    "READS",
    "SIGNED_IN",
    "VERSIONED",
    "WRITES",
    "answers",
]
