"""Codes that the terms do not know: what warns, where, and what does not."""

import pytest

from app.domain.evidence import EvidenceItem
from app.domain.recorded_codes import event_warnings, evidence_warnings
from tests.factories import day, event_metric, timeline, version
from tests.journeys import events

LETTER = {"type": "letter", "issuers": ["landlord", "council"]}
NOTE = {"type": "note"}


def item(**told: str) -> EvidenceItem:
    of_day = day("2021-01-15")
    said = {"type": "letter", "issuer": "landlord", **told}
    return EvidenceItem(
        "E1", "P1", said["type"], said["issuer"], of_day, of_day, of_day, ("MOVE",), "0", "provider"
    )


def places(found) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in found]


@pytest.mark.parametrize(
    ("line", "warned"),
    [
        ("moved_on 2021-01-15 tenancy", False),
        ("moved_on 2021-01-15 castle", True),
        ("tenancy_started 2021-01-15 castle", True),
        ("tenancy_changed 2021-01-15 castle", True),
        ("engaged 2021-01-15", False),
    ],
)
def test_a_destination_that_does_not_qualify(line, warned):
    found = event_warnings(events("engaged 2020-01-15", line), timeline())
    wanted = [("destination-not-qualifying", "/events/1/destination")] if warned else []
    assert places(found) == wanted


def test_the_terms_of_the_day_decide_what_qualifies():
    both = timeline(
        version(1),
        version(
            2,
            effective_from="2021-10-01",
            variation={"reason": "Agreed"},
            sustainment={"qualifying_destinations": ["castle"]},
        ),
    )
    moves = events("moved_on 2021-09-30 castle", "moved_on 2021-10-01 castle")
    assert places(event_warnings(moves, both)) == [
        ("destination-not-qualifying", "/events/0/destination")
    ]


@pytest.mark.parametrize(
    ("rule", "told", "wanted"),
    [
        (LETTER, {}, []),
        (LETTER, {"issuer": "council"}, []),
        (LETTER, {"type": "leter"}, [("evidence-type-unnamed", "/items/0/type")]),
        (LETTER, {"issuer": "tenant"}, [("evidence-issuer-unnamed", "/items/0/issuer")]),
        (NOTE, {"type": "note", "issuer": "anyone"}, []),
        ({"any_of": [LETTER, {"all_of": [NOTE]}]}, {"type": "note"}, []),
        ({"any_of": [LETTER, {"all_of": [NOTE]}]}, {"issuer": "council"}, []),
        (None, {}, []),
    ],
)
def test_evidence_that_no_rule_names(rule, told, wanted):
    terms = timeline(version(metrics=[event_metric("MOVE", "moved_on", evidence=rule)]))
    found = evidence_warnings([item(**told)], terms)
    assert places(found) == wanted
    if wanted:
        assert "Those named: " in found[0].message
