"""The OpenAPI document: what is committed is what is served, and it is whole."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter

from app.api import (
    fields,
    health,
    schemas_access,
    schemas_claims,
    schemas_delegations,
    schemas_evidence,
    schemas_exports,
    schemas_fund_claims,
    schemas_invoices,
    schemas_ledger,
    schemas_outcomes,
    schemas_participants,
    schemas_payments,
    schemas_session,
    schemas_standing,
    schemas_terms,
    schemas_transparency,
    schemas_trust,
)
from app.api.application import openapi_text
from app.api.openapi import operations

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
DOCUMENT = json.loads(openapi_text())
OPERATIONS = list(operations(DOCUMENT))
SCHEMAS = DOCUMENT["components"]["schemas"]
MODULES = (
    fields,
    health,
    schemas_access,
    schemas_claims,
    schemas_delegations,
    schemas_evidence,
    schemas_exports,
    schemas_fund_claims,
    schemas_invoices,
    schemas_ledger,
    schemas_outcomes,
    schemas_participants,
    schemas_payments,
    schemas_session,
    schemas_standing,
    schemas_terms,
    schemas_transparency,
    schemas_trust,
)
MODELS = {
    name: found
    for module in MODULES
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, BaseModel)
}


def test_the_committed_document_is_up_to_date():
    assert COMMITTED.read_text(encoding="utf-8") == openapi_text(), "run `make openapi`"


def test_the_service_serves_it(http):
    answer = http.get("/openapi.json")
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one["operationId"])
def test_an_operation_is_documented(operation):
    assert operation["summary"]
    assert operation["description"]
    assert [tag["name"] for tag in DOCUMENT["tags"]].count(operation["tags"][0]) == 1
    refusals = [one for status, one in operation["responses"].items() if status >= "400"]
    assert refusals
    for refusal in refusals:
        assert "`" in refusal["description"], "it names its codes"
        assert list(refusal["content"]) == ["application/problem+json"]
    for parameter in operation.get("parameters", ()):
        assert parameter["description"]


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_an_example_that_fits_it(name):
    examples = SCHEMAS[name]["examples"]
    assert examples
    if name in MODELS:
        for example in examples:
            adapter = TypeAdapter(MODELS[name])
            adapter.validate_json(json.dumps(example))


@pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith("New")])
def test_answers_have_no_defaults(name):
    model = MODELS[name]
    if issubclass(model, fields.Answered):
        assert all(field.is_required() for field in model.model_fields.values())


WITHOUT_RECORD = ("/v1/terms/check", "/v1/session", "/v1/account/setup")
OF_NO_CONTRACT = ("/v1/access/", "/v1/account/", "/v1/sessions")
"""Answers that can hold secrets are not kept, so these writes take no Idempotency-Key."""


SAFE_TO_REPEAT = "/v1/contracts/{contract_id}/grants/{grant_id}/confirmation"
"""No record of the journal: whoever sends it again is told `grant-confirmed`."""


def test_every_write_has_a_dry_run_and_a_key():
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method == "get" or path in WITHOUT_RECORD:
                continue
            names = {parameter["name"] for parameter in operation["parameters"]}
            if path.startswith(OF_NO_CONTRACT):
                assert names & {"dry_run", "Acting-Party", "Idempotency-Key"} == {"dry_run"}
                continue
            assert "dry_run" in names
            assert {"Acting-Party", "Acting-Person"} <= names
            assert method == "put" or "Idempotency-Key" in names or path == SAFE_TO_REPEAT


def test_the_reference_page_loads_nothing_from_elsewhere(http):
    answer = http.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    # An address may stand there as text, such as that of an issuer; nothing may be fetched from it.
    assert not re.search(r"(src|href|action|url)\s*[=(]\s*['\"]?(https?:)?//", answer.text)
    for operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in answer.text
