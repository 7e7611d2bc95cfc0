"""Which terms, roles and days a command goes by: those in effect, and never a later version's."""

import pytest

from app.service import claims
from app.service.claims import get_claim
from tests.factories import COUNCIL, PROVIDER, SPV, document
from tests.service.world import APPROVER, VERIFIER, refused


def parties(**changes):
    """The parties of the usual contract, with fields of some of them changed."""
    return [party | changes.get(party["id"], {}) for party in document()["parties"]]


@pytest.mark.parametrize(
    ("on", "code"),
    [("2020-01-30", None), ("2020-01-31", None), ("2020-02-01", "party-not-permitted")],
)
def test_a_party_acts_until_its_last_day(world, on, code):
    world.agree(parties=parties(**{PROVIDER: {"to_date": "2020-01-31"}}))
    if code:
        refused(code, world.person, "P1", on)
    else:
        assert world.person("P1", on) == "P1"


@pytest.mark.parametrize(
    ("on", "code"),
    [("2020-05-31", "party-not-permitted"), ("2020-06-01", None)],
)
def test_a_party_acts_from_its_first_day(world, on, code):
    world.agree(parties=parties(**{PROVIDER: {"from_date": "2020-06-01"}}))
    if code:
        refused(code, world.person, "P1", on)
    else:
        assert world.person("P1", on) == "P1"


def test_a_provider_that_has_left_records_nothing_more(world):
    world.agree(parties=parties(**{PROVIDER: {"to_date": "2020-01-31"}})).moved()
    refused("party-not-permitted", world.event, "support_withdrawn 2020-03-01")


def test_a_referral_is_judged_by_the_terms_of_its_day(world):
    cohort = document()["cohort"]
    narrower = cohort | {"eligibility": cohort["eligibility"] | {"age_max": 30}}
    world.agree()
    world.vary("2020-01-10", "2021-01-01", cohort=narrower)
    assert world.person("P1", "2020-02-01") == "P1"
    refused("not-eligible", world.person, "P2", "2021-02-01")


def test_a_clawback_is_judged_by_the_terms_of_its_day(world):
    world.agree(clawback={"lookback_months": 24}).moved()
    entitlement = world.earn("MOVE", "2020-02-01")
    world.paid_claim("2020 Q1", "2020-04-10")
    world.vary("2020-04-20", "2023-01-01", clawback={"lookback_months": 0})
    assert world.claw_back(entitlement.entitlement_id, "2020-06-01")


@pytest.mark.parametrize(
    ("recorded", "dated", "accepted", "code"),
    [
        # Due by 30 Jun 2020 and shut out after 15 Jul 2020, for a move of 15 Jan 2020.
        ("2020-07-15", "2020-07-10", {}, "late-without-waiver"),
        ("2020-07-16", "2020-07-10", {}, "backdated-submission"),
        ("2020-07-16", "2020-07-10", {"backdated": True}, "late-without-waiver"),
        ("2024-05-01", "2020-01-20", {}, "backdated-submission"),
        ("2024-05-01", "2020-01-20", {"backdated": True}, None),
    ],
)
def test_the_recorded_day_counts_for_deadline_and_longstop(world, recorded, dated, accepted, code):
    world.agree().moved()
    submission = world.submit("MOVE", recorded, dated=dated)
    if code:
        refused(code, world.decide, submission, recorded, **accepted)
    else:
        assert world.decide(submission, recorded, **accepted)


def test_the_longstop_counts_where_there_is_no_deadline(world):
    world.agree(submission={"deadline": "none", "longstop_months": 6}).moved()
    submission = world.submit("MOVE", "2024-05-01", dated="2020-01-20")
    refused("backdated-submission", world.decide, submission, "2024-05-01")


def test_a_given_day_that_chooses_the_price_is_accepted_by_name(world):
    world.agree(claims={"price_date": "submission"}).moved()
    submission = world.submit("MOVE", "2020-02-20", dated="2020-02-01")
    refused("backdated-submission", world.decide, submission, "2020-02-21")
    assert world.decide(submission, "2020-02-21", backdated=True)


REDUCED = {"late_policy": "reduced_price", "late_price_share": "0.5"}


def test_a_later_policy_needs_its_waiver(world):
    """Reduced at submission; a retrospective variation then asks for a waiver."""
    world.agree(submission=REDUCED).moved()
    submission = world.submit("MOVE", "2020-07-05")
    world.vary("2020-07-06", "2020-08-01", "2020-01-01", submission={})
    refused("late-without-waiver", world.decide, submission, "2020-07-07")
    world.waive(submission, "2020-07-07")
    assert str(world.decide(submission, "2020-07-07").amount) == "6500.00"


def test_what_was_waived_is_not_reduced(world):
    world.agree().moved()
    submission = world.submit("MOVE", "2020-07-05")
    world.waive(submission, "2020-07-06")
    world.vary("2020-07-07", "2020-08-01", "2020-01-01", submission=REDUCED)
    assert str(world.decide(submission, "2020-07-08").amount) == "6500.00"


def test_a_claim_is_paid_when_nothing_is_due_any_more(world):
    world.agree().moved()
    world.earn("MOVE", "2020-02-01")
    number = world.approved_claim("2020 Q1", "2020-04-10").claim.claim_number

    def status() -> str:
        return get_claim(world.context, world.contract_id, number).stored.status.value

    assert status() == "approved"
    (invoice,) = world.issue(number, "2020-04-11")
    assert status() == "approved"
    world.pay(COUNCIL, SPV, "6499.99", (invoice.document_id, "6499.99"), on="2020-04-20")
    assert status() == "approved"
    world.pay(COUNCIL, SPV, "0.01", (invoice.document_id, "0.01"), on="2020-04-21")
    assert status() == "paid"
    listed = claims.list_claims(world.context, world.contract_id)
    assert [view.stored.status.value for view in listed] == ["paid"]


def test_whoever_decided_a_clawback_does_not_approve_it(world):
    world.agree().moved()
    entitlement = world.earn("MOVE", "2020-02-01")
    world.paid_claim("2020 Q1", "2020-04-10")
    world.claw_back(entitlement.entitlement_id, "2020-05-01", by=APPROVER)
    number = world.claim("2020 Q2", "2020-07-01").claim.claim_number
    refused("approver-is-verifier", world.approve, number, "2020-07-02")
    assert world.approve(number, "2020-07-02", by=VERIFIER)
