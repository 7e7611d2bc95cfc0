"""Claims: what falls into one, who decides, what a return releases, what carries over."""

import pytest

from app.domain.parties import Actor
from app.service.claims import get_claim, list_claims, preview_claim
from app.service.ledger import balances, get_entry
from app.service.payments import list_payments
from app.service.verify import verify
from tests.factories import COUNCIL, PROVIDER, document, funding, quarter
from tests.service.world import (
    APPROVER,
    BACKER,
    FUNDER,
    MANAGER,
    VERIFIER,
    WORKER,
    lines_of,
    refused,
)


def totals(view) -> tuple[str, str, str, dict[str, str]]:
    """gross, capped, payable and what each payer bears of a claim."""
    found = view.totals
    by_payer = {share.payer: str(share.amount) for share in found.by_payer}
    return str(found.gross), str(found.capped), str(found.payable), by_payer


def earned_moves(world, *dates: str, on: str) -> list:
    """People P1, P2, ... who moved on the dates, each move verified on a day."""
    found = []
    for number, date in enumerate(dates, start=1):
        world.moved(f"P{number}", date)
        found.append(world.earn("MOVE", on, f"P{number}"))
    return found


# --- Who, and when ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "may"),
    [(MANAGER, True), (BACKER, True), (WORKER, True), (VERIFIER, False), (FUNDER, False)],
)
def test_who_submits_claims(world, by, may):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    if may:
        assert world.claim("2020 Q1", "2020-04-03", by=by).claim.claim_number == 1
    else:
        refused("party-not-permitted", world.claim, "2020 Q1", "2020-04-03", by=by)


@pytest.mark.parametrize("by", [MANAGER, WORKER, FUNDER, BACKER, Actor("stranger", "x")])
def test_only_the_commissioner_decides_on_claims(world, by):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    before = world.state()
    refused("party-not-permitted", world.approve, 1, "2020-04-06", by=by)
    refused("party-not-permitted", world.send_back, 1, "2020-04-06", by=by)
    assert world.state() == before


def test_neither_the_claimant_nor_who_verified_an_outcome_of_it_approves(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    same = Actor(COUNCIL, MANAGER.person)
    refused("approver-is-claimant", world.approve, 1, "2020-04-06", by=same)
    refused("approver-is-verifier", world.approve, 1, "2020-04-06", by=VERIFIER)
    assert world.approve(1, "2020-04-06", by=APPROVER)


def test_who_verified_may_return_the_claim(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    assert world.send_back(1, "2020-04-06", by=VERIFIER)


@pytest.mark.parametrize(
    ("on", "code"), [("2020-03-30", "period-not-over"), ("2020-03-31", None), ("2020-04-01", None)]
)
def test_a_claim_is_submitted_once_its_period_is_over(world, on, code):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    if code:
        refused(code, world.claim, "2020 Q1", on)
    else:
        assert world.claim("2020 Q1", on)


def test_dates_of_decisions_on_claims(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    refused("date-before-submission", world.approve, 1, "2020-04-06", dated="2020-04-02")
    refused("date-in-future", world.approve, 1, "2020-04-06", dated="2020-04-07")
    world.approve(1, "2020-04-06", dated="2020-04-03")
    stored = get_claim(world.context, world.contract_id, 1).stored
    assert (stored.decided_on.isoformat(), stored.decided_by) == ("2020-04-03", APPROVER)


def test_a_decision_names_the_version_read(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    version = get_claim(world.context, world.contract_id, 1).stored.version
    refused("stale-version", world.approve, 1, "2020-04-06", expected_version=version - 1)
    assert world.approve(1, "2020-04-06", expected_version=version)


# --- What falls into a claim ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verified", "in_first"), [("2020-03-30", True), ("2020-03-31", True), ("2020-04-01", False)]
)
def test_what_is_verified_by_the_periods_end_is_in_the_claim(world, verified, in_first):
    world.agree()
    world.moved("P1", "2020-01-15")
    world.moved("P2", "2020-01-16")
    world.earn("MOVE", "2020-01-20", "P1")
    world.earn("MOVE", verified, "P2")
    people = [line[1] for line in lines_of(world.claim("2020 Q1", "2020-04-03"))]
    assert people == (["P1", "P2"] if in_first else ["P1"])


def test_a_late_verified_outcome_falls_into_the_next_claim(world):
    world.agree()
    world.moved("P1", "2020-03-15")
    submission = world.submit("MOVE", "2020-03-20")
    world.on("2020-04-03")
    refused("nothing-to-claim", world.claim, "2020 Q1", "2020-04-03")
    world.decide(submission, "2020-04-06")
    view = world.approved_claim("2020 Q2", "2020-07-03")
    assert lines_of(view) == [("outcome", "P1", "MOVE", "6500.00", "6500.00")]
    refused("nothing-to-claim", world.claim, "2020 Q3", "2020-10-03")


def test_a_period_without_lines_is_no_claim(world):
    world.agree()
    before = world.state()
    refused("nothing-to-claim", world.claim, "2020 Q1", "2020-04-03")
    assert world.state() == before
    assert preview_claim(world.context, world.contract_id, quarter("2020 Q1")).claim.lines == ()


def test_a_preview_is_the_claim_that_is_then_submitted(world):
    world.agree()
    earned_moves(world, "2020-01-15", "2020-02-01", on="2020-02-03")
    world.on("2020-04-03")
    seen = preview_claim(world.context, world.contract_id, quarter("2020 Q1"))
    assert seen.claim == world.claim("2020 Q1", "2020-04-03").claim
    stored = get_claim(world.context, world.contract_id, 1)
    assert (stored.claim, stored.totals) == (seen.claim, seen.totals)


def test_a_supplementary_claim_for_the_same_period(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    first = world.approved_claim("2020 Q1", "2020-04-03")
    world.moved("P9", "2020-03-01", referred="2020-01-02")
    late = world.submit("MOVE", "2020-04-06", "P9", dated="2020-03-30")
    world.decide(late, "2020-04-06", dated="2020-03-31")
    second = world.approved_claim("2020 Q1", "2020-04-08")
    assert [view.claim.supplementary for view in (first, second)] == [False, True]
    assert lines_of(second) == [("outcome", "P9", "MOVE", "6500.00", "6500.00")]


def test_terms_without_supplementary_claims_refuse_one_unless_the_first_was_returned(world):
    world.agree(claims={"supplementary_allowed": False})
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    world.moved("P9", "2020-03-01", referred="2020-01-02")
    late = world.submit("MOVE", "2020-04-06", "P9", dated="2020-03-30")
    world.decide(late, "2020-04-06", dated="2020-03-31")
    refused("supplementary-not-allowed", world.claim, "2020 Q1", "2020-04-08")
    world.send_back(1, "2020-04-09")
    view = world.claim("2020 Q1", "2020-04-10")
    assert (view.claim.supplementary, len(view.claim.lines)) == (False, 2)


def test_a_returned_claim_releases_its_lines_and_its_headroom(world):
    world.agree(caps={"contract": "6500"})
    earned_moves(world, "2020-01-15", "2020-01-16", on="2020-01-20")
    first = world.claim("2020 Q1", "2020-04-03")
    refused("nothing-to-claim", world.claim, "2020 Q1", "2020-04-04")
    world.send_back(1, "2020-04-06")
    again = world.claim("2020 Q1", "2020-04-08")
    assert again.claim.claim_number == 2
    assert again.claim.lines == first.claim.lines
    assert totals(again) == (
        "13000.00",
        "6500.00",
        "6500.00",
        {"council": "4875.00", "fund": "1625.00"},
    )
    refused("claim-already-decided", world.approve, 1, "2020-04-09")
    world.approve(2, "2020-04-09")
    statuses = [view.stored.status for view in list_claims(world.context, world.contract_id)]
    assert statuses == ["returned", "approved"]


# --- Order of decisions -----------------------------------------------------------------------


def test_claims_are_decided_in_their_order(world):
    world.agree(caps={"contract": "10000"})
    world.moved("P1", "2020-01-15")
    world.earn("MOVE", "2020-01-20", "P1")
    world.claim("2020 Q1", "2020-04-03")
    world.moved("P2", "2020-04-06", referred="2020-04-06")
    world.earn("MOVE", "2020-04-08", "P2")
    second = world.claim("2020 Q2", "2020-07-03")
    assert totals(second)[:3] == ("6500.00", "3000.00", "3500.00")
    before = world.state()
    refused("earlier-claim-undecided", world.approve, 2, "2020-07-06")
    assert world.state() == before
    world.send_back(1, "2020-07-07")
    # With the first returned, 10,000 is left for the second: it would come out differently now.
    refused("claim-outdated", world.approve, 2, "2020-07-08")
    world.send_back(2, "2020-07-08")
    third = world.approved_claim("2020 Q2", "2020-07-09")
    assert totals(third)[:3] == ("13000.00", "3000.00", "10000.00")


def test_a_return_may_come_before_an_earlier_decision(world):
    world.agree()
    world.moved("P1", "2020-01-15")
    world.earn("MOVE", "2020-01-20", "P1")
    world.claim("2020 Q1", "2020-04-03")
    world.moved("P2", "2020-04-06", referred="2020-04-06")
    world.earn("MOVE", "2020-04-08", "P2")
    world.claim("2020 Q2", "2020-07-03")
    world.send_back(2, "2020-07-06")
    assert world.approve(1, "2020-07-07")


def test_a_claim_that_an_earlier_return_does_not_touch_is_approved_as_it_is(world):
    world.agree()
    world.moved("P1", "2020-01-15")
    world.earn("MOVE", "2020-01-20", "P1")
    world.claim("2020 Q1", "2020-04-03")
    world.moved("P2", "2020-04-06", referred="2020-04-06")
    world.earn("MOVE", "2020-04-08", "P2")
    world.claim("2020 Q2", "2020-07-03")
    world.send_back(1, "2020-07-06")
    world.approve(2, "2020-07-07")
    view = world.approved_claim("2020 Q1", "2020-07-08")
    assert lines_of(view) == [("outcome", "P1", "MOVE", "6500.00", "6500.00")]


# --- Clawback ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [WORKER, MANAGER, FUNDER])
def test_only_the_commissioner_claws_back(world, by):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    refused("party-not-permitted", world.claw_back, move.entitlement_id, "2020-02-03", by=by)


def test_a_clawback_before_any_claim_voids_the_entitlement(world):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claw_back(move.entitlement_id, "2020-02-03")
    refused("nothing-to-claim", world.claim, "2020 Q1", "2020-04-03")
    refused("already-clawed-back", world.claw_back, move.entitlement_id, "2020-04-06")


def test_an_entitlement_in_an_undecided_claim_is_taken_back_after_its_return(world):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    refused("in-undecided-claim", world.claw_back, move.entitlement_id, "2020-04-06")
    world.send_back(1, "2020-04-07")
    assert world.claw_back(move.entitlement_id, "2020-04-08")


def test_a_clawback_is_a_line_of_the_next_claim_with_the_original_split(world):
    """The share changed since: what the fund paid comes back to the fund, penny for penny."""
    world.agree(funding=funding(shares=[{"payer": "fund", "share": "0.25"}]))
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.vary(
        "2020-04-06", "2020-05-01", funding=funding(shares=[{"payer": "fund", "share": "0.5"}])
    )
    world.claw_back(move.entitlement_id, "2020-06-01")
    view = world.approved_claim("2020 Q2", "2020-07-03")
    assert totals(view) == (
        "-6500.00",
        "0.00",
        "-6500.00",
        {"council": "-4875.00", "fund": "-1625.00"},
    )
    world.pay_all(2, "2020-07-10")
    paid = [stored.payment for stored in list_payments(world.context, world.contract_id)][2:]
    assert [(one.payer, one.payee, str(one.amount), one.pays_back) for one in paid] == [
        ("spv", "council", "6500.00", True),
        ("council", "fund", "1625.00", True),
    ]
    held = balances(world.context, world.contract_id)
    assert all(not balance.net for _, balance in held.accounts)
    entry, reversed_by = get_entry(world.context, world.contract_id, 1)
    assert (entry.entry.entry_number, reversed_by) == (1, (4,))


@pytest.mark.parametrize(
    ("decided", "in_claim"), [("2020-06-29", True), ("2020-06-30", True), ("2020-07-01", False)]
)
def test_a_clawback_falls_into_the_claim_of_the_period_it_is_decided_in(world, decided, in_claim):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claw_back(move.entitlement_id, decided)
    if in_claim:
        assert lines_of(world.claim("2020 Q2", "2020-07-03"))[0][0] == "clawback"
    else:
        refused("nothing-to-claim", world.claim, "2020 Q2", "2020-07-03")


# Paid on 3 Apr 2020 under terms that look back 24 months, until 3 Apr 2022.
LOOKBACK = [
    ("2022-04-02", "mistaken_evidence", None),
    ("2022-04-03", "mistaken_evidence", None),
    ("2022-04-04", "mistaken_evidence", "after-lookback"),
    ("2022-04-04", "false_evidence", None),
]


@pytest.mark.parametrize(("on", "ground", "code"), LOOKBACK)
def test_how_far_a_clawback_looks_back(world, on, ground, code):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    if code:
        refused(code, world.claw_back, move.entitlement_id, on, ground)
    else:
        assert world.claw_back(move.entitlement_id, on, ground)


def test_terms_may_bound_fraud_too_or_bound_nothing(world):
    world.agree(clawback={"unlimited_for_fraud": False, "lookback_months": 1})
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    refused("after-lookback", world.claw_back, move.entitlement_id, "2020-05-04", "false_evidence")
    world.vary("2020-05-05", "2020-06-01", clawback={"lookback_months": None})
    assert world.claw_back(move.entitlement_id, "2029-01-08")


# Moved on 15 Jan 2020; the terms take a move back after a return to care within 30 days.
EARLY_RETURNS = [
    ("2020-02-13", 30, None),
    ("2020-02-14", 30, None),
    ("2020-02-15", 30, "no-early-return"),
    ("2020-02-13", 0, "no-early-return"),
]


@pytest.mark.parametrize(("returned", "days", "code"), EARLY_RETURNS)
def test_an_early_return_to_care(world, returned, days, code):
    world.agree(clawback={"move_clawback_days": days})
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.event(f"tenancy_ended {returned} reason=returned_to_care")
    world.event(f"returned_to_care {returned}")
    act = (move.entitlement_id, "2020-03-02", "early_return_to_care")
    if code:
        refused(code, world.claw_back, *act)
    else:
        assert world.claw_back(*act)


def test_only_a_move_is_taken_back_for_an_early_return(world):
    world.agree(clawback={"move_clawback_days": 400})
    world.moved("P1", "2020-01-15")
    kept = world.earn("S06", "2020-07-20")
    world.event("returned_to_care 2020-08-03")
    act = (kept.entitlement_id, "2020-09-01", "early_return_to_care")
    refused("no-early-return", world.claw_back, *act)


def test_a_clawback_is_not_dated_before_the_verification_nor_ahead(world):
    world.agree()
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    one = move.entitlement_id
    refused("date-before-verification", world.claw_back, one, "2020-02-03", dated="2020-01-19")
    refused("date-in-future", world.claw_back, one, "2020-02-03", dated="2020-02-04")
    refused("entitlement-unknown", world.claw_back, "no-such-one", "2020-02-03")


def test_a_clawback_restores_headroom_within_the_same_claim(world):
    world.agree(caps={"contract": "6500"})
    first, _ = earned_moves(world, "2020-01-15", "2020-01-16", on="2020-01-20")
    view = world.paid_claim("2020 Q1", "2020-04-03")
    assert lines_of(view)[1] == ("outcome", "P2", "MOVE", "6500.00", "0.00")
    world.claw_back(first.entitlement_id, "2020-05-01")
    world.earn("S06", "2020-07-20", "P2")
    second = world.approved_claim("2020 Q3", "2020-10-02")
    assert lines_of(second) == [
        ("clawback", "P1", "MOVE", "-6500.00", "-6500.00"),
        ("outcome", "P2", "S06", "10000.00", "6500.00"),
    ]


# --- What is carried forward, and activity payments -------------------------------------------

CARRYING = {
    "caps": {
        "payer_financial_year": [
            {
                "payer": "fund",
                "financial_year": "2019/20",
                "amount": "1000",
                "shortfall": "carried_forward",
            }
        ]
    }
}


def test_what_a_payers_year_cannot_bear_is_asked_again_in_the_next(world):
    world.agree(**CARRYING)
    earned_moves(world, "2020-01-15", on="2020-01-20")
    first = world.paid_claim("2020 Q1", "2020-04-03")
    assert totals(first) == (
        "6500.00",
        "625.00",
        "5875.00",
        {"council": "4875.00", "fund": "1000.00"},
    )
    second = world.paid_claim("2020 Q2", "2020-07-03")
    assert lines_of(second) == [("carried_forward", "P1", "MOVE", "625.00", "625.00")]
    assert totals(second)[3] == {"fund": "625.00"}
    refused("nothing-to-claim", world.claim, "2020 Q3", "2020-10-02")
    assert verify(world.context, world.contract_id).intact


def test_a_clawback_takes_back_the_carried_part_as_well(world):
    world.agree(**CARRYING)
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.paid_claim("2020 Q2", "2020-07-03")
    world.claw_back(move.entitlement_id, "2020-08-03")
    third = world.paid_claim("2020 Q3", "2020-10-02")
    assert lines_of(third) == [
        ("clawback", "P1", "MOVE", "-5875.00", "-5875.00"),
        ("clawback", "P1", "MOVE", "-625.00", "-625.00"),
    ]
    held = balances(world.context, world.contract_id)
    assert all(not balance.net for _, balance in held.accounts)
    refused("nothing-to-claim", world.claim, "2020 Q4", "2021-01-04")


def test_a_clawback_drops_what_is_still_carried(world):
    world.agree(**CARRYING)
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claw_back(move.entitlement_id, "2020-05-04")
    second = world.paid_claim("2020 Q2", "2020-07-03")
    assert lines_of(second) == [("clawback", "P1", "MOVE", "-5875.00", "-5875.00")]
    refused("nothing-to-claim", world.claim, "2020 Q3", "2020-10-02")


def test_a_clawback_decided_while_the_carried_part_waits_in_a_claim(world):
    world.agree(**CARRYING)
    (move,) = earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.claim("2020 Q2", "2020-07-03")
    world.claw_back(move.entitlement_id, "2020-07-06")
    world.approve(2, "2020-07-07")
    third = world.approved_claim("2020 Q3", "2020-10-02")
    assert [line[4] for line in lines_of(third)] == ["-5875.00", "-625.00"]


ACTIVITY = {
    "activity_payments": [
        {
            "code": "COVID",
            "name": "Payment in a hard time",
            "amount": "2000",
            "from_date": "2019-12-01",
            "to_date": "2020-12-31",
            "cap": "3000",
        }
    ]
}


def test_activity_payments_are_claimed_once_a_person_up_to_their_cap(world):
    world.agree(**ACTIVITY)
    world.person("P1", "2019-12-02")
    world.person("P2", "2020-01-06")
    world.moved("P3", "2020-01-15", referred="2020-01-15")
    world.earn("MOVE", "2020-01-20", "P3")
    first = world.paid_claim("2020 Q1", "2020-04-03")
    assert lines_of(first) == [
        ("outcome", "P3", "MOVE", "6500.00", "6500.00"),
        ("activity", "P1", "COVID", "2000.00", "2000.00"),
        ("activity", "P2", "COVID", "2000.00", "1000.00"),
    ]
    refused("nothing-to-claim", world.claim, "2020 Q2", "2020-07-03")


def test_a_returned_claim_releases_activity_payments_too(world):
    world.agree(**ACTIVITY)
    world.person("P1", "2019-12-02")
    first = world.claim("2020 Q1", "2020-04-03")
    world.send_back(1, "2020-04-06")
    assert world.claim("2020 Q1", "2020-04-07").claim.lines == first.claim.lines


# --- Payments ---------------------------------------------------------------------------------


def test_a_claim_is_paid_once_its_documents_are_settled(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    assert get_claim(world.context, world.contract_id, 1).stored.status == "approved"
    world.pay_all(1, "2020-04-07")
    made = [
        (stored.payment.payer, stored.payment.payee, str(stored.payment.amount))
        for stored in list_payments(world.context, world.contract_id)
    ]
    assert made == [("council", "spv", "6500.00"), ("fund", "council", "1625.00")]
    assert get_claim(world.context, world.contract_id, 1).stored.status == "paid"


def test_a_fund_that_pays_the_company_itself(world):
    world.agree(funding=funding(flow="fund_pays_direct"))
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    made = [
        (stored.payment.payer, stored.payment.payee, str(stored.payment.amount))
        for stored in list_payments(world.context, world.contract_id)
    ]
    assert sorted(made) == [("council", "spv", "4875.00"), ("fund", "spv", "1625.00")]
    assert verify(world.context, world.contract_id).intact


def test_the_provider_as_claimant_cannot_decide_under_another_hat(world):
    world.agree()
    earned_moves(world, "2020-01-15", on="2020-01-20")
    world.claim("2020 Q1", "2020-04-03", by=Actor(PROVIDER, "finance-1"))
    refused("approver-is-claimant", world.approve, 1, "2020-04-06", by=Actor(COUNCIL, "finance-1"))


def test_a_line_that_two_caps_cut_is_approved_as_it_was_submitted(world):
    """10,000.00 cut to 9,000.00 by the cap per person, and to 3,000.00 by the contract cap."""
    world.agree(caps={"person": "15500", "contract": "9500"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.earn("S06", "2020-07-20")
    view = world.claim("2020 Q3", "2020-10-02")
    (line,) = view.claim.lines
    assert [(cut.cap, str(cut.amount)) for cut in line.cuts] == [
        ("person", "1000.00"),
        ("contract", "6000.00"),
    ]
    world.approve(2, "2020-10-05")
    assert get_claim(world.context, world.contract_id, 2).claim == view.claim


def test_payers_whose_names_a_database_may_order_otherwise(world):
    """A-city is before Abbey by code points, and after it where hyphens count for nothing."""
    parties = [
        *document()["parties"],
        *({"id": name, "name": name, "roles": ["outcome_payer"]} for name in ("a-city", "abbey")),
    ]
    shares = [{"payer": name, "share": "0.1"} for name in ("fund", "abbey", "a-city")]
    world.agree(parties=parties, funding=funding(shares=shares)).moved()
    world.earn("MOVE", "2020-01-20")
    view = world.approved_claim("2020 Q1", "2020-04-03")
    assert [share.payer for share in view.claim.lines[0].shares] == [
        "a-city",
        "abbey",
        "council",
        "fund",
    ]
