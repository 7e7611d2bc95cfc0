"""The published schema: made from the model, and its example holds."""

import json
from pathlib import Path

from app.domain.terms.check import parse_terms, warnings
from app.domain.terms.schema import EXAMPLE, SCHEMA_ID, terms_schema, terms_schema_text

COMMITTED = Path(__file__).parents[3] / "schemas" / "terms-1.json"


def test_the_committed_schema_is_the_model():
    again = "write it again: python -m app.cli.schema > schemas/terms-1.json"
    assert COMMITTED.read_text(encoding="utf-8") == terms_schema_text(), again


def test_the_schema_says_what_it_is():
    schema = json.loads(terms_schema_text())
    assert schema["$id"] == SCHEMA_ID
    assert schema["title"] == "Terms of an outcomes contract"
    assert schema["examples"] == [EXAMPLE]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) >= {"schema_version", "metrics", "rate_card", "funding"}


def test_no_part_of_the_schema_takes_unknown_fields_or_fractional_numbers():
    schema = terms_schema()
    objects = [part for part in schema["$defs"].values() if part.get("type") == "object"]
    assert objects
    assert all(part["additionalProperties"] is False for part in objects)
    assert '"number"' not in terms_schema_text()


def test_the_example_is_a_document_without_faults_or_findings():
    assert warnings(parse_terms(EXAMPLE)) == ()
