"""The published JSON Schema of the terms document, made from the model."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from app.domain.terms.document import Terms

SCHEMA_ID = "urn:outcomes-ledger:schema:terms-1"

EXAMPLE: dict[str, Any] = {
    "schema_version": 1,
    "title": "Homes kept for six months",
    "effective_from": "2024-04-01",
    "parties": [
        {"id": "council", "name": "Council", "roles": ["commissioner", "outcome_payer"]},
        {"id": "fund", "name": "Outcomes fund", "roles": ["outcomes_fund"]},
        {"id": "spv", "name": "Special purpose company", "roles": ["spv"]},
        {"id": "provider", "name": "Housing association", "roles": ["service_provider"]},
    ],
    "signatories": ["council", "spv", "provider"],
    "cohort": {
        "description": "Adults in residential care that the council funds.",
        "eligibility": {"settings": ["residential_care"]},
    },
    "metrics": [
        {
            "kind": "event",
            "code": "MOVE",
            "name": "Moved on",
            "definition": "Leaves residential care for a home of one's own.",
            "event": "moved_on",
            "evidence": {"type": "tenancy_agreement", "issuers": ["landlord"]},
        },
        {
            "kind": "sustained",
            "code": "S06",
            "name": "Home kept for 6 months",
            "definition": "Keeps a qualifying home for 6 calendar months.",
            "length": 6,
            "evidence": {
                "type": "landlord_confirmation",
                "covers": "on_or_after_achievement",
                "within_days": 28,
            },
        },
    ],
    "sustainment": {"qualifying_destinations": ["own_tenancy"]},
    "rate_card": [
        {
            "code": "v1",
            "from_date": "2024-04-01",
            "prices": {"MOVE": "2500.00", "S06": "6000.00"},
        }
    ],
    "caps": {"contract": "500000.00", "payer": [{"payer": "fund", "amount": "125000.00"}]},
    "funding": {"shares": [{"payer": "fund", "share": "0.25"}], "remainder_payer": "council"},
}
"""A small contract: two metrics, one edition, a quarter of each payment by the fund."""


class _WithoutFieldTitles(GenerateJsonSchema):
    """A field's name is its title; "Days Max" for days_max says nothing more."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Never."""
        return False


def terms_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the terms document: fields, types, code lists, defaults.

    What must agree between fields is not in it: `parse_terms` checks that. A document that the
    schema accepts may still be refused for a metric without a price on some day.
    """
    generated = Terms.model_json_schema(schema_generator=_WithoutFieldTitles)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Terms of an outcomes contract",
        "description": generated["description"],
        "examples": [EXAMPLE],
    }
    return head | {key: value for key, value in generated.items() if key not in head}


def terms_schema_text() -> str:
    """The schema as it is committed in schemas/terms-1.json."""
    return json.dumps(terms_schema(), indent=2, ensure_ascii=False) + "\n"
