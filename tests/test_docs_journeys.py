"""The page about journeys has every event kind, reason, state and code, and no other kind."""

import re
from enum import StrEnum

import pytest

from app.domain.claim import ClaimStatus, ReturnReason
from app.domain.event_fields import field_faults
from app.domain.outcome import MilestoneState
from app.domain.participant import EndReason, EventKind, JourneyEvent
from app.domain.status import LifePhase, SupportStatus
from app.domain.terms.outcomes import Absence, Sustainment
from app.domain.verification import ClawbackGround, Decision, ReasonCode
from tests.test_docs import ROOT

PAGE = (ROOT / "docs" / "reference" / "journeys.md").read_text(encoding="utf-8")
RULES = Sustainment(
    qualifying_destinations=["own_tenancy"], custody=Absence(days_max=91, accepted_days_max=100)
)
_EVENT_ROW = re.compile(r"^\| `(\w+)` \|[^|]*\| (none|(?:needs|may)[^|]*) \|", re.MULTILINE)
EVENT_ROWS = dict(_EVENT_ROW.findall(PAGE))
FIRST_REASON = {
    EventKind.TENANCY_ENDED: "evicted",
    EventKind.ABSENCE_ACCEPTED: "hospital",
}


def test_every_kind_of_event_has_its_row_and_no_other_has():
    assert set(EVENT_ROWS) == set(EventKind)


def section(title: str) -> str:
    """The text under a heading, up to the next of any depth."""
    return re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("End reasons", EndReason),
        ("Reason codes of a decision", ReasonCode),
        ("Reasons for returning a claim", ReturnReason),
        ("Grounds for a clawback", ClawbackGround),
    ],
)
def test_a_table_of_codes_has_each_code_and_no_other(title, codes):
    rows = re.findall(r"^\| `(\w+)` \|", section(title), re.MULTILINE)
    assert sorted(rows) == sorted(codes)


@pytest.mark.parametrize(
    "states", [LifePhase, SupportStatus, MilestoneState, Decision, ClaimStatus]
)
def test_every_state_is_named(states: type[StrEnum]):
    text = section("States")
    assert [state for state in states if f"`{state}`" not in text] == []


def faults(kind: EventKind, **fields: str) -> set[str]:
    event = JourneyEvent("e1", kind, on=None, order=1, **fields)
    return {one.code for one in field_faults(event, "/events/0", RULES)}


@pytest.mark.parametrize("kind", EventKind)
def test_the_fields_that_a_row_names_are_those_that_the_rules_take(kind):
    said = EVENT_ROWS[kind]
    needs = re.search(r"needs: ([^;]*)", said)
    needed = set(re.findall(r"destination|reason|supersedes", needs[1])) if needs else set()
    allowed = set(re.findall(r"destination|reason", said))
    values = {
        "destination": "own_tenancy",
        "reason": FIRST_REASON.get(kind, "a_code"),
        "supersedes": "e0",
    }
    given = {name: values[name] for name in needed}
    assert faults(kind, **given) == set()
    for name in needed:
        rest = {other: value for other, value in given.items() if other != name}
        assert faults(kind, **rest) == {"missing-field"}
    for name in ("destination", "reason"):
        found = faults(kind, **(given | {name: values[name]}))
        assert found == (set() if name in allowed else {"foreign-field"})
