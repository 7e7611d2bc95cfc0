"""Codes that the terms do not know: warned of in the answer, or refused where a list is closed."""

import pytest

from app.domain.claim import ReturnReason
from tests.api.client import COUNCIL, Story, evidence_item, participant
from tests.factories import event_metric, sustained_metric

PEOPLE = "/participants/PI-0001/events"
LETTER = {"type": "letter", "issuers": ["landlord"]}
METRICS = [
    event_metric("MOVE", "moved_on", evidence=LETTER),
    *(sustained_metric(f"S{months:02}", months) for months in (6, 12, 24)),
]


def test_a_destination_that_does_not_qualify_is_recorded_with_a_warning(api):
    story = Story(api.agreed()).moved()
    event = {"kind": "tenancy_changed", "on": "2021-02-15", "destination": "castle"}
    answer = story.api.post(PEOPLE, {"events": [event]})
    assert answer.status_code == 200
    [warning] = answer.json()["warnings"]
    assert warning["code"] == "destination-not-qualifying"
    assert warning["pointer"] == "/events/0/destination"
    assert "the move will not count" in warning["message"]
    assert answer.json()["events"][-1]["destination"] == "castle"
    assert "warnings" not in story.api.get("/participants/PI-0001").json()


def test_a_move_to_nowhere_is_refused(api):
    story = Story(api.agreed()).moved()
    events = [
        {"kind": "returned_to_care", "on": "2021-02-15"},
        {"kind": "moved_on", "on": "2021-03-15", "destination": None},
    ]
    events.insert(1, {"kind": "tenancy_ended", "on": "2021-02-15", "reason": "returned_to_care"})
    answer = story.api.post(PEOPLE, {"events": events})
    assert answer.status_code == 409
    assert [(one["code"], one["pointer"]) for one in answer.json()["faults"]] == [
        ("missing-field", "/events/2/destination")
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"type": "leter"}, "evidence-type-unnamed"),
        ({"issuer": "tenant"}, "evidence-issuer-unnamed"),
    ],
)
def test_evidence_that_no_rule_names_is_recorded_with_a_warning(api, changes, code):
    story = Story(api.agreed(metrics=METRICS)).moved()
    answer = story.api.post("/evidence", {"items": [evidence_item("PI-0001", **changes)]})
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1
    assert [one["code"] for one in answer.json()["warnings"]] == ([code] if code else [])


def test_the_reason_of_a_return_is_one_of_a_closed_list(api):
    answer = api.agreed().post(
        "/claims/1/return",
        {"reason_code": "nonsense"},
        party=COUNCIL,
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 422
    [fault] = answer.json()["faults"]
    assert (fault["code"], fault["pointer"]) == ("not-one-of", "/reason_code")
    assert all(reason.value in fault["message"] for reason in ReturnReason)


@pytest.mark.parametrize("word", ["yes", "1", "on", "True", ""])
def test_a_dry_run_is_asked_for_by_true_or_false_only(api, word):
    answer = api.agreed().post(f"/participants?dry_run={word}", participant())
    assert answer.status_code == 422
    [fault] = answer.json()["faults"]
    assert (fault["code"], fault["in"], fault["pointer"]) == (
        "not-true-or-false",
        "query",
        "/dry_run",
    )
