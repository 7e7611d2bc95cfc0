"""Who settles a claim's documents had no hand in what that claim is for; another claim is another.

A move earned and claimed in claim 1, 6,500.00, and taken back in claim 2, -6,500.00.
"""

import pytest

from app.domain.parties import Actor
from app.storage.duties import hands_in
from tests.factories import COUNCIL, SPV
from tests.service.world import VERIFIER, WORKER, refused

DECIDER = Actor(COUNCIL, "council-officer-7")
INVOICE, CREDIT_NOTE = "invoice:spv/1", "invoice:spv/2"


@pytest.fixture
def taken_back(world):
    world.agree()
    world.moved()
    move = world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-07")
    world.claw_back(move.entitlement_id, "2020-06-01", by=DECIDER)
    world.approved_claim("2020 Q2", "2020-07-03")
    world.issue(2, "2020-07-07")
    return world


def pay(world, document: str, by: Actor):
    if document == INVOICE:
        way, amount = (COUNCIL, SPV), "6500.00"
    else:
        way, amount = (SPV, COUNCIL), "-6500.00"
    return world.pay(*way, "6500.00", (document, amount), on="2020-07-08", by=by)


@pytest.mark.parametrize(
    ("document", "did", "had_none"),
    [(INVOICE, VERIFIER, DECIDER), (CREDIT_NOTE, DECIDER, VERIFIER)],
)
def test_a_hand_in_one_claim_is_none_in_another_about_the_same_outcome(
    taken_back, document, did, had_none
):
    """The database agrees: it takes the payment of whoever had none."""
    refused("payer-is-verifier", pay, taken_back, document, did)
    assert pay(taken_back, document, had_none)


def test_what_each_document_is_for_is_asked_by_kind_of_line(taken_back):
    def hands(*documents: str) -> set[str]:
        with taken_back.context.reckoning(taken_back.contract_id) as uow:
            return hands_in(uow.connection, taken_back.contract_id, documents)

    earned = {VERIFIER.person, WORKER.person}
    assert hands(INVOICE) == earned
    assert hands(CREDIT_NOTE) == {DECIDER.person}
    assert hands(INVOICE, CREDIT_NOTE) == earned | {DECIDER.person}
