"""No text that a caller can send and the service keeps takes what identifies a person.

The walk goes through every operation of the interface: each parameter and each field of each body,
lists and objects inside them included. A new field that would take an e-mail address, an NHS
number, a National Insurance number or a postcode fails here until it is checked, or stands in
HARMLESS with the reason why it may stay as it is.
"""

import json
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Path
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.api.application import ROUTERS, openapi_text
from app.domain.terms.document import Terms

SAMPLES = {
    "looks-like-email": ("jo@example.org", "Ask jo@example.org."),
    "looks-like-nhs-number": ("943 476 5919", "9434765919", "nhs-9434765919", "nhs_9434765919"),
    "looks-like-postcode": ("S1 2AB", "S12AB", "s1_s12ab"),
    "looks-like-ni-number": ("AB123456C", "AB 12 34 56 C", "ab123456c"),
}
NUMBER = "digits of an amount, never a text"
IN_TERMS = "must be one that the signed terms name, and there it is checked"
EXISTS = "must name a record that is there, and is not stored for itself"
STAFF = "who works with the service: accounts and keys, kept apart from contracts"
SECRET = "a secret: only a hash of it is kept"
TERMS = "the terms document: every text in it is walked below, as Terms"
REGISTER = "an identifier in a public register, of an organisation"
HARMLESS: dict[str, str] = {
    **dict.fromkeys(
        (
            "ActivityPayment.amount", "ActivityPayment.cap", "AmountIn.amount", "Caps.contract",
            "Claims.second_approval_above",
            "Caps.person", "Commitment.amount", "Edition.prices{}", "InvestmentTerms.commitment",
            "PayerCap.amount", "PayerYearCap.amount",
        ),
        NUMBER,
    ),
    **dict.fromkeys(
        (
            "NewEvidenceItem.supports[]", "NewFundClaim.fund", "NewPayment.payee",
            "NewPayment.payer", "NewSubmission.metric", "ShareIn.payer", "header:acting-party",
        ),
        IN_TERMS,
    ),
    **dict.fromkeys(
        (
            "AllocationIn.document", "LineAllocationIn.item", "NewDispute.subject",
            "NewEvidenceItem.participant_id", "NewJourneyEvent.supersedes",
            "NewSubmission.evidence_ids[]", "NewSubmission.participant_id", "query:mapping",
        ),
        EXISTS,
    ),
    **dict.fromkeys(
        (
            "IdentityIn.issuer", "IdentityIn.value", "NewAccount.principal_id",
            "NewAccount.sign_in_name", "NewApiKey.name", "NewApiKey.scopes[]",
            "DelegationIn.grant_id", "DelegationIn.principal_id",
            "NewGrant.contract_id", "NewGrant.party", "NewGrant.principal_id", "NewPrincipal.name",
            "NewPrincipal.organisation", "NewSession.sign_in_name", "header:acting-person",
        ),
        STAFF,
    ),
    **dict.fromkeys(
        (
            "NewAccountSecrets.code", "NewAccountSecrets.password",
            "NewAccountSecrets.setup_token", "NewPassword.current_password",
            "NewPassword.password", "NewSession.code", "NewSession.password",
            "SetupIn.setup_token",
        ),
        SECRET,
    ),
    **dict.fromkeys(
        ("NewContract.terms{}", "body:checkTerms{}", "body:draftTerms{}"), TERMS
    ),
    "Identifier.id": REGISTER,
    "Identifier.scheme": REGISTER,
    "Terms.timezone": "must be a time zone of the IANA list",
    "header:idempotency-key": "made by the caller's program for one request; the reference says so",
    "header:if-match": "compared with a version and not stored",
}  # fmt: skip
"""Field -> why it may take such a value."""


def routes() -> list[APIRoute]:
    return [
        route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    ]


INSIDE = {list: "[]", tuple: "[]", dict: "{}"}


def leaves(annotation: Any, metadata: tuple[Any, ...], place: str) -> Iterator[tuple[str, Any]]:
    """Every text inside a type, with the type that checks it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from leaves(inner, (*more, *metadata), place)
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            if part is not NoneType:
                yield from leaves(part, metadata, place)
    elif origin in INSIDE:
        for part in get_args(annotation):
            yield from leaves(part, (), place + INSIDE[origin])
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from of_model(annotation)
    elif annotation is str:
        yield place, Annotated[str, *metadata] if metadata else str


def of_model(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[Any]:
    if model in _WALKED:
        return
    _WALKED.add(model)
    for name, field in model.model_fields.items():
        yield from leaves(field.annotation, tuple(field.metadata), f"{model.__name__}.{name}")


_WALKED: set[type] = set()


def every_text() -> dict[str, Any]:
    _WALKED.clear()
    found: dict[str, Any] = {}
    for route in routes():
        for param in get_flat_params(route.dependant):
            if route.methods == {"GET"} or isinstance(param.field_info, Path):
                continue  # what only finds something is not stored
            info = param.field_info
            place = f"{type(info).__name__.lower()}:{param.alias}"
            found |= leaves(info.annotation, tuple(info.metadata), place)
        if route.body_field is not None:
            annotation = route.body_field.field_info.annotation
            found |= leaves(annotation, (), f"body:{route.operation_id}")
    found |= of_model(Terms)
    return found


TEXTS = every_text()


def taken(kind: Any) -> list[str]:
    """The samples that a text takes."""
    adapter = TypeAdapter(kind)
    found = []
    for samples in SAMPLES.values():
        for sample in samples:
            try:
                adapter.validate_python(sample)
            except ValidationError:
                continue
            found.append(sample)
    return found


@pytest.mark.parametrize("place", TEXTS)
def test_no_text_takes_what_identifies_a_person(place):
    found = taken(TEXTS[place])
    if place in HARMLESS:
        assert found, f"{place} takes nothing of the kind any more: take it out of HARMLESS"
    else:
        assert found == [], f"{place} takes {found}: check it (IdentityChecked)"


def test_no_reason_is_left_over():
    assert sorted(set(HARMLESS) - set(TEXTS)) == []


def test_the_walk_sees_every_text_that_the_description_has():
    """The description that is published and the walk agree on the texts of every body."""
    document = json.loads(openapi_text())
    schemas = document["components"]["schemas"]
    waiting = [
        media["schema"]
        for path in document["paths"].values()
        for operation in path.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
    ]
    named: set[str] = set()
    while waiting:
        found = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(waiting.pop()))
        for name in set(found) - named:
            named.add(name)
            waiting.append(schemas[name])
    missing = [
        f"{name}.{field}"
        for name in named
        for field, schema in schemas[name].get("properties", {}).items()
        if _is_free(schema) and not any(place.startswith(f"{name}.{field}") for place in TEXTS)
    ]
    assert named
    assert sorted(missing) == []


def _is_free(schema: dict[str, Any]) -> bool:
    """Whether a property is a text that a caller words: neither a date nor one of a list."""
    options = schema.get("anyOf", [schema])
    return any(
        one.get("type") == "string" and not {"enum", "const", "format"} & set(one)
        for one in options
    )


@pytest.mark.parametrize(
    ("sample", "code"), [(one, code) for code, many in SAMPLES.items() for one in many[:1]]
)
def test_what_is_refused_says_so_by_its_code(api, sample, code):
    api.agreed()
    answer = api.post(
        "/participants/P1/events",
        {"events": [{"kind": "engaged", "on": "2023-10-01", "note": f"Ask {sample}"}]},
    )
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["code"] == code
    assert answer.json()["faults"][0]["pointer"] == "/events/0/note"
    assert sample not in answer.text
