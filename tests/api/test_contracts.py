"""Contracts and terms over HTTP."""

from tests import factories
from tests.factories import COUNCIL

VARIED = {"effective_from": "2022-04-01", "variation": {"reason": "A test"}}


def test_a_contract_is_created_accepted_and_read(api):
    created = api.create()
    assert created.status_code == 201, created.text
    assert created.headers["location"] == f"{api.base}/terms/1"
    assert created.json()["outstanding"] == ["council", "spv", "provider"]
    api.accept()
    shown = api.get().json()
    assert shown["version_in_force"] == 1
    assert shown["head_sequence"] == 4


def known_at(api) -> str:
    return api.get("/balances?known_on=2023-01-31").json()["known_at"]


def test_a_draft_moves_no_days(api):
    api.agreed()
    assert known_at(api).startswith("2023-02-01T00:00")
    draft = factories.document(timezone="Asia/Tokyo", **VARIED)
    assert api.post("/terms", draft, party=COUNCIL).status_code == 201
    assert known_at(api).startswith("2023-02-01T00:00")
    api.accept(2)
    assert known_at(api).startswith("2023-01-31T15:00")


def test_before_any_terms_are_in_force_the_draft_says_where_days_end(api):
    api.create()
    assert known_at(api).startswith("2023-02-01T00:00")
