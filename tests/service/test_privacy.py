"""Lawful basis and notice, and all that is held about a person, for those who may ask."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.parties import Actor
from app.domain.privacy import LawfulBasis, SpecialCondition
from app.service import privacy
from app.service.verify import verify
from tests.service.people_world import UNSCANNED, basis, file_of
from tests.service.world import BACKER, FUNDER, MANAGER, VERIFIER, WORKER, refused

GIVEN = date(2019, 12, 1)


@pytest.fixture
def lived(world):
    world.context = replace(world.context, uploads=UNSCANNED)
    world.agree()
    world.moved("P1")
    world.moved("P2")
    return world


def gaps(world, **more):
    return privacy.without_basis(world.context, world.contract_id, **more)


def test_the_last_basis_stands_and_the_earlier_one_is_seen(lived):
    assert gaps(lived) == ["P1", "P2"]
    basis(lived.context, lived.by(WORKER), "P1", GIVEN)
    assert gaps(lived) == ["P2"]
    assert gaps(lived, after="P2") == []
    privacy.record_privacy(
        lived.context,
        lived.by(VERIFIER),
        "P1",
        lawful_basis=LawfulBasis.CONSENT,
        special_condition=SpecialCondition.EXPLICIT_CONSENT,
        notice_version="2020-01",
        notice_given_on=date(2020, 1, 2),
    )
    found = privacy.privacy_history(lived.context, lived.contract_id, "P1")
    told = [(one.privacy.lawful_basis.value, one.privacy.notice_version) for one in found]
    assert told == [("public_task", "2019-10"), ("consent", "2020-01")]
    assert found[1].by == VERIFIER
    assert verify(lived.context, lived.contract_id).intact


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"notice_version": "S1-2AB"}, "looks-like-postcode"),
        ({"notice_given_on": date(2020, 1, 16)}, "date-in-future"),
    ],
)
def test_a_basis_that_is_wrong_is_refused(lived, changes, code):
    given = {
        "lawful_basis": LawfulBasis.CONSENT,
        "special_condition": SpecialCondition.EXPLICIT_CONSENT,
        "notice_version": "2019-10",
        "notice_given_on": date(2020, 1, 15),
    }
    before = lived.state()
    command = lived.by(WORKER)
    refused(code, privacy.record_privacy, lived.context, command, "P1", **(given | changes))
    assert lived.state() == before
    assert privacy.record_privacy(lived.context, command, "P1", **given).answer is not None


STRANGERS = [MANAGER, BACKER, FUNDER, Actor("stranger", "x")]


@pytest.mark.parametrize("actor", STRANGERS)
def test_who_is_no_controller_records_and_sees_nothing(lived, actor):
    refused("party-not-permitted", basis, lived.context, lived.by(actor), "P1", GIVEN)
    refused(
        "party-not-permitted",
        privacy.subject_access, lived.context, lived.contract_id, "P1", actor,
    )  # fmt: skip


def test_an_unknown_person(lived):
    refused("participant-unknown", basis, lived.context, lived.by(WORKER), "P9", GIVEN)
    for act in (privacy.privacy_history, privacy.subject_access):
        more = (WORKER,) if act is privacy.subject_access else ()
        refused("participant-unknown", act, lived.context, lived.contract_id, "P9", *more)


@pytest.mark.parametrize("actor", [WORKER, VERIFIER])
def test_all_that_is_held_about_a_person_and_nothing_of_another(lived, actor):
    for name in ("P1", "P2"):
        file_of(lived, name, "2020-01-15")
        lived.event(f"training_begun 2020-02-01 note=About_{name}", name)
    earned = lived.submit("MOVE", "2020-02-10", "P1")
    lived.decide(earned, "2020-02-11", note="The letter is signed.")
    lived.paid_claim("2020 Q1", "2020-04-02")
    basis(lived.context, lived.by(WORKER), "P1", GIVEN)
    found = privacy.subject_access(lived.context, lived.contract_id, "P1", actor)
    assert len(found.files) == 1
    assert set(found.records) >= {
        "participants", "participant_privacy", "journey_events", "evidence_items", "submissions",
        "verifications", "entitlements", "claim_lines", "claim_line_shares", "fund_claim_lines",
    }  # fmt: skip
    assert found.records["verifications"][0]["note"] == "The letter is signed."
    assert found.records["journey_events"][-1]["note"] == "About_P1"
    assert len(found.records["claim_lines"]) == 1
    assert "P2" not in str(found.records)
