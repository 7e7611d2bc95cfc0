"""examples/golden/journeys.yaml under the rules alone, without the service: it is a fair tale.

Every event could be recorded on its day, every person is eligible, the assessment finds exactly the
dates of expected.csv, and every verified submission has the evidence that the terms ask for.
"""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cli.documents import load_document
from app.domain.eligibility import eligibility_faults
from app.domain.event_rules import event_faults
from app.domain.evidence import EvidenceItem, gaps
from app.domain.outcome import Milestone, MilestoneState
from app.domain.participant import EventKind, Journey, JourneyEvent, Participant
from app.domain.pseudonym import pseudonym_fault
from app.domain.terms.check import parse_terms
from app.domain.terms.document import Terms, terms_hash
from app.domain.terms.timeline import TermsVersion, Timeline
from app.payments.assess import assess

GOLDEN = Path(__file__).parents[1] / "examples" / "golden"
BEFORE_THE_AUDIT, AFTER_THE_AUDIT = date(2023, 10, 8), date(2023, 12, 31)


def read(name: str) -> dict[str, Any]:
    return load_document((GOLDEN / name).read_bytes(), "application/yaml")


TALE = read("journeys.yaml")


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    documents = [read("terms-1.yaml"), read("terms-2.yaml")]
    return Timeline.of(
        TermsVersion(number, terms_hash(document), parse_terms(document))
        for number, document in enumerate(documents, 1)
    )


def journey(person: str, part: dict[str, Any], known_on: date) -> Journey:
    """A participant with the events recorded by a day."""
    facts = next(one for one in part["participants"] if one["id"] == person)
    participant = Participant(
        facts["id"],
        facts["provider"],
        date.fromisoformat(facts["referred_on"]),
        facts["setting"],
        facts["funded_by_commissioner"],
        facts["age_at_referral"],
    )
    told = [one for one in part["events"] if one["participant"] == person]
    events = [
        JourneyEvent(
            f"event-{order}",
            EventKind(one["kind"]),
            date.fromisoformat(one["date"]),
            order,
            destination=one.get("destination"),
            reason=one.get("reason"),
        )
        for order, one in enumerate(told)
        if one.get("recorded_on", one["date"]) <= known_on.isoformat()
    ]
    events.sort(key=lambda event: (event.on, event.order))
    return Journey(participant, tuple(events))


def achieved(timeline: Timeline, person: str, known_on: date) -> dict[str, date | None]:
    found: dict[str, date | None] = {}
    for milestone in assess(journey(person, TALE, known_on), timeline, known_on):
        if milestone.state is MilestoneState.ACHIEVED:
            found.setdefault(milestone.metric, milestone.on)
    return found


@pytest.mark.parametrize("person", ["P1", "P2", "P3", "P4"])
def test_every_event_could_be_recorded_on_its_day(timeline, person):
    part = TALE["variants"]["price_date"] if person == "P4" else TALE
    whole = journey(person, part, AFTER_THE_AUDIT)
    terms: Terms = timeline.latest.terms
    assert pseudonym_fault(person) is None
    assert eligibility_faults(whole.participant, terms.cohort) == ()
    recorded: list[JourneyEvent] = []
    for event in sorted(whole.events, key=lambda event: event.order):
        day = max([event.on, *(one.on for one in recorded)])
        so_far = Journey(whole.participant, tuple(recorded))
        assert event_faults(so_far, recorded, [event], day, terms.sustainment) == ()
        recorded.append(event)


def test_the_assessment_finds_the_dates_of_the_expected_rows(timeline):
    with (GOLDEN / "expected.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] == "outcome"]
    for person in ("P1", "P2", "P3"):
        expected = {
            row["metric"]: date.fromisoformat(row["achieved_on"])
            for row in rows
            if row["participant"] == person
        }
        assert achieved(timeline, person, BEFORE_THE_AUDIT) == expected


def test_the_audit_takes_p3_s_12_months_away(timeline):
    assert "S12" in achieved(timeline, "P3", BEFORE_THE_AUDIT)
    assert set(achieved(timeline, "P3", AFTER_THE_AUDIT)) == {"ENG", "MOVE", "S06"}


def test_p1_s_18_months_came_before_the_metric(timeline):
    milestones = assess(journey("P1", TALE, BEFORE_THE_AUDIT), timeline, BEFORE_THE_AUDIT)
    (eighteen,) = [one for one in milestones if one.metric == "S18"]
    assert (eighteen.state, eighteen.on) == (MilestoneState.NOT_AVAILABLE, date(2022, 2, 28))


def items(listed: list[str], evidence: list[dict[str, Any]]) -> list[EvidenceItem]:
    return [
        EvidenceItem(
            one["id"],
            one["participant"],
            one["type"],
            one["issuer"],
            date.fromisoformat(one["dated_on"]),
            date.fromisoformat(one["covers_from"]),
            date.fromisoformat(one["covers_to"]),
            tuple(one["supports"]),
            sha256="0" * 64,
            held_by="syha",
        )
        for one in evidence
        if one["id"] in listed
    ]


@pytest.mark.parametrize("submission", TALE["submissions"], ids=lambda one: one["id"])
def test_verified_means_that_the_evidence_is_what_the_terms_ask_for(timeline, submission):
    known_on = date.fromisoformat(submission["submitted_on"])
    milestones = assess(journey(submission["participant"], TALE, known_on), timeline, known_on)
    met: Milestone = next(
        one
        for one in milestones
        if one.metric == submission["metric"] and one.state is MilestoneState.ACHIEVED
    )
    assert met.on is not None
    terms = timeline.numbered(met.terms_version).terms
    rule = next(one for one in terms.metrics if one.code == met.metric).evidence
    handed_in = items(submission["evidence"], TALE["evidence"])
    missing = gaps(rule, handed_in, met.on, met.anchor_on)
    assert (missing == ()) == (submission["decision"] == "verified")
