"""Corrections: proposed by one person, approved by another, and what follows everywhere."""

import pytest

from app.domain.correction import CorrectionState
from app.domain.errors import NotFound, NotPermitted, StaleVersion
from app.domain.parties import Actor
from app.service.claims import get_claim
from app.service.corrections import get_correction, list_corrections
from app.service.explain import explain_claim_line, explain_entry
from app.service.fund_claims import get_fund_claim
from app.service.invoices import invoices_of_claim
from app.service.ledger import balances, get_entry
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, SPV, day, funding
from tests.service.world import APPROVER, MANAGER, VERIFIER, WORKER, refused

ON = "2020-05-04"


@pytest.fixture
def approved(world):
    """A move of 6,500.00 (council 4,875.00, fund 1,625.00), approved on 3 April 2020."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    return world.on(ON)


@pytest.fixture
def desk(approved) -> Correcting:
    return Correcting(approved.context, approved.contract_id, SPV, COUNCIL)


def plain(stored) -> dict[str, str]:
    return {share.payer: str(share.amount) for share in stored.correction.shares}


def nets(world) -> dict[str, str]:
    """The balance of every account that is not nothing; debits above zero."""
    found = balances(world.context, world.contract_id).accounts
    return {account.name: str(balance.net) for account, balance in found if balance.net}


def documents(world, number: int = 1) -> list[tuple]:
    return [
        (one.invoice.reference, one.invoice.kind.value, one.invoice.customer,
         str(one.invoice.total), one.invoice.cites)
        for one in invoices_of_claim(world.context, world.contract_id, number)
    ]  # fmt: skip


def tied(world) -> dict[str, tuple[str, str]]:
    """Both sides of every tie, and verify finds nothing."""
    report = verify(world.context, world.contract_id)
    assert report.intact, report
    ties = reconciliation(world.context, world.contract_id).ties
    return {one.name: (str(one.left_amount), str(one.right_amount)) for one in ties}


# --- Two acts by two persons --------------------------------------------------------------------


def test_a_proposal_posts_nothing_and_its_approval_posts_one_linked_entry(approved, desk):
    before = nets(approved)
    proposed = desk.propose(1, amount="1000", note="Paid at the old price")
    assert (proposed.state, proposed.entry_number) == (CorrectionState.PROPOSED, None)
    assert plain(proposed) == {COUNCIL: "-750.00", FUND: "-250.00"}
    assert nets(approved) == before
    made = desk.approve(proposed.correction.correction_id)
    assert (made.state, made.correction.reverses, made.decided_by) == (
        CorrectionState.APPROVED,
        1,
        desk.decider,
    )
    assert nets(approved)[f"{COUNCIL}/payable/{SPV}"] == "-5500.00"
    assert nets(approved)[f"{FUND}/payable/{COUNCIL}"] == "-1375.00"
    reversing, _ = get_entry(approved.context, approved.contract_id, made.entry_number)
    _, reversed_by = get_entry(approved.context, approved.contract_id, 1)
    assert (reversing.entry.reverses, reversed_by) == (1, (made.entry_number,))
    stored = get_correction(approved.context, approved.contract_id, made.correction.correction_id)
    assert (stored.correction, stored.amount) == (made.correction, made.amount)
    assert tied(approved)["posted"] == ("5500.00", "5500.00")


def test_a_refused_proposal_posts_nothing_and_stays_on_record(approved, desk):
    proposed = desk.propose(1)
    before = nets(approved)
    answer = desk.refuse(proposed.correction.correction_id, note="The price was right")
    assert (answer.state, answer.entry_number) == (CorrectionState.REFUSED, None)
    assert nets(approved) == before
    again = refused("correction-already-decided", desk.approve, proposed.correction.correction_id)
    assert "refused on 2020-05-04" in again.message
    assert [
        len(list_corrections(approved.context, approved.contract_id, state=state))
        for state in (None, *CorrectionState)
    ] == [1, 0, 0, 0, 1]
    assert tied(approved)["posted"] == ("6500.00", "6500.00")


def test_corrections_are_listed_in_pages_and_by_claim(approved, desk):
    made = [desk.propose(1, amount=str(100 * place)) for place in (1, 2, 3)]
    ids = [one.correction.correction_id for one in made]
    context, contract_id = approved.context, approved.contract_id
    first = list_corrections(context, contract_id, limit=2)
    key = (first[-1].sequence, first[-1].correction.correction_id)
    rest = list_corrections(context, contract_id, key, 2)
    assert [one.correction.correction_id for one in (*first, *rest)] == ids
    assert list_corrections(context, contract_id, claim_number=2) == []
    assert len(list_corrections(context, contract_id, claim_number=1)) == 3


@pytest.mark.parametrize(
    ("code", "actor"),
    [
        ("party-not-permitted", MANAGER),
        ("party-not-permitted", WORKER),
        ("approver-is-proposer", VERIFIER),
    ],
)
def test_who_may_not_decide(desk, code, actor):
    proposed = desk.propose(1, by=VERIFIER)
    for act in (desk.approve, desk.refuse):
        refusal = refused(code, act, proposed.correction.correction_id, by=actor)
        assert isinstance(refusal, NotPermitted)
    assert desk.approve(proposed.correction.correction_id, by=APPROVER).entry_number


def test_a_stranger_proposes_nothing(desk):
    refused("party-not-permitted", desk.propose, 1, by=Actor("bank", "clerk-1"))


def test_decisions_are_made_on_what_was_read_and_on_a_day_that_can_be(approved, desk):
    proposed = desk.propose(1)
    correction_id = proposed.correction.correction_id
    stored = get_correction(approved.context, approved.contract_id, correction_id)
    stale = refused("stale-version", desk.approve, correction_id, version=stored.version - 1)
    assert isinstance(stale, StaleVersion)
    refused("date-before-proposal", desk.approve, correction_id, decided_on=day("2020-05-03"))
    refused("date-in-future", desk.approve, correction_id, decided_on=day("2020-05-05"))
    refused("looks-like-nhs-number", desk.approve, correction_id, note="NHS 943 476 5919")
    assert isinstance(refused("correction-unknown", desk.approve, "none"), NotFound)
    assert desk.approve(correction_id, version=stored.version).entry_number


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("reversal-exceeds-rest", {"amount": "6500.01"}),
        ("reversal-of-nothing", {"amount": "0"}),
        ("reversal-of-nothing", {"amount": "-1"}),
        ("reversal-exceeds-rest", {"shares": {FUND: "1625.01"}}),
        ("correction-unknown-payer", {"shares": {"bank": "1"}}),
        ("adjustment-of-nothing", {"kind": "goodwill", "shares": {}}),
        ("adjustment-of-nothing", {"kind": "goodwill"}),
        ("adjustment-mixed", {"kind": "goodwill", "shares": {FUND: "1", COUNCIL: "-1"}}),
        ("correction-exceeds-line", {"kind": "goodwill", "shares": {FUND: "-1625.01"}}),
        ("reversal-exceeds-rest", {"kind": "goodwill", "amount": "-6500.01"}),
        ("correction-unknown-payer", {"kind": "goodwill", "shares": {"bank": "1"}}),
        ("reason-of-disputes", {"reason": "dispute_upheld"}),
        ("amount-and-shares", {"amount": "1", "shares": {FUND: "1"}}),
        ("claim-unknown", {"claim_number": 2}),
        ("claim-line-unknown", {"line_number": 2}),
        ("date-before-approval", {"proposed_on": "2020-04-02"}),
        ("looks-like-nhs-number", {"note": "NHS 943 476 5919"}),
    ],
)
def test_what_cannot_be_proposed(approved, desk, code, asked):
    asked = {"claim_number": 1} | asked
    if "proposed_on" in asked:
        asked["proposed_on"] = day(asked["proposed_on"])
    before = approved.state()
    refused(code, desk.propose, **asked)
    assert approved.state() == before


def test_a_claim_that_is_not_approved_is_returned_and_not_corrected(approved, desk):
    approved.moved("P2", "2020-04-20")
    approved.earn("MOVE", "2020-04-21", "P2")
    approved.claim("2020 Q2", "2020-07-01")
    refused("claim-not-approved", desk.propose, 2)


def test_nothing_is_reversed_beyond_itself(desk):
    first, second = desk.propose(1, amount="4000"), desk.propose(1, amount="4000")
    desk.approve(first.correction.correction_id)
    late = refused("reversal-exceeds-rest", desk.approve, second.correction.correction_id)
    assert "not been reversed yet" in late.message
    assert plain(desk.make(1)) == {COUNCIL: "-1875.00", FUND: "-625.00"}
    refused("already-reversed", desk.propose, 1)


def test_what_was_lowered_by_an_adjustment_cannot_be_reversed_once_more(desk):
    desk.make(1, amount="-6000", kind="goodwill")
    refused("reversal-exceeds-rest", desk.propose, 1, amount="500.01")
    assert plain(desk.make(1)) == {COUNCIL: "-375.00", FUND: "-125.00"}


# --- Documents in rounds ------------------------------------------------------------------------


def test_what_is_corrected_before_invoicing_is_netted_into_the_invoice(approved, desk):
    made = desk.make(1, amount="1000")
    approved.issue(1, "2020-05-05")
    assert documents(approved) == [("SPV-000001", "invoice", COUNCIL, "5500.00", ())]
    correction_id = made.correction.correction_id
    stored = get_correction(approved.context, approved.contract_id, correction_id)
    assert stored.documents == ("invoice:spv/1",)
    refused("already-invoiced", approved.issue, 1, "2020-05-06")
    assert tied(approved)["invoiced"] == ("5500.00", "5500.00")


def test_later_corrections_make_credit_notes_and_invoices_each_once(approved, desk):
    approved.issue(1, ON)
    desk.make(1, amount="1000")
    assert tied(approved)["invoiced"] == ("5500.00", "6500.00")  # it waits for its document
    approved.issue(1, "2020-05-05")
    desk.make(1, amount="200", kind="correction")
    refused("date-before-approval", approved.issue, 1, "2020-05-06", dated="2020-05-04")
    approved.issue(1, "2020-05-06")
    refused("already-invoiced", approved.issue, 1, "2020-05-06")
    assert documents(approved) == [
        ("SPV-000001", "invoice", COUNCIL, "6500.00", ()),
        ("SPV-000002", "credit_note", COUNCIL, "1000.00", (1,)),
        ("SPV-000003", "invoice", COUNCIL, "200.00", ()),
    ]
    assert tied(approved)["invoiced"] == ("5700.00", "5700.00")


def test_a_claim_reversed_whole_before_it_was_invoiced_is_asked_of_nobody(approved, desk):
    desk.make(1)
    refused("nothing-to-invoice", approved.issue, 1, "2020-05-05")
    claim = get_claim(approved.context, approved.contract_id, 1)
    assert claim.stored.status.value == "paid"
    desk.make(1, amount="500", kind="correction")
    approved.issue(1, "2020-05-05")
    assert documents(approved) == [("SPV-000001", "invoice", COUNCIL, "500.00", ())]
    assert tied(approved)["invoiced"] == ("500.00", "500.00")


def test_corrections_that_cancel_out_need_no_document(approved, desk):
    approved.issue(1, ON)
    desk.make(1, shares={FUND: "100"})
    desk.make(1, kind="correction", reason="wrong_payer", shares={COUNCIL: "100"})
    refused("already-invoiced", approved.issue, 1, "2020-05-05")
    assert tied(approved)["invoiced"] == ("6500.00", "6500.00")


def test_a_paid_claim_is_open_again_until_its_correction_is_settled(approved, desk):
    approved.pay_all(1, ON)

    def status() -> str:
        return get_claim(approved.context, approved.contract_id, 1).stored.status.value

    assert status() == "paid"
    desk.make(1, amount="1000")
    assert status() == "approved"
    approved.issue(1, "2020-05-05")
    assert status() == "approved"
    approved.pay(SPV, COUNCIL, "1000", ("invoice:spv/2", "-1000"), on="2020-05-06")
    assert status() == "paid"
    found = tied(approved)
    assert found["invoiced"] == ("5500.00", "5500.00")
    assert nets(approved)[f"{COUNCIL}/cash"] == "-3875.00"


def test_each_payer_is_credited_where_the_fund_pays_direct(world):
    world.agree(funding=funding(flow="fund_pays_direct")).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    world.issue(1, ON)
    desk.make(1, amount="1000")
    desk.make(1, shares={FUND: "100"})
    world.issue(1, "2020-05-05")
    assert documents(world)[2:] == [
        ("SPV-000003", "credit_note", COUNCIL, "750.00", (1,)),
        ("SPV-000004", "credit_note", FUND, "350.00", (2,)),
    ]
    assert tied(world)["invoiced"] == ("5400.00", "5400.00")


# --- The fund's share, caps, clawbacks ----------------------------------------------------------


def test_the_fund_is_asked_for_its_part_of_corrections_once(approved, desk):
    first = approved.fund_claim(ON)
    made = desk.make(1, amount="1000")
    second = approved.fund_claim("2020-05-05")
    refused("nothing-to-claim", approved.fund_claim, "2020-05-06")
    view = get_fund_claim(approved.context, approved.contract_id, second)
    (line,) = view.stored.claim.lines
    assert (str(line.amount), line.correction_id) == ("-250.00", made.correction.correction_id)
    assert (first, str(view.position.claimed)) == (1, "1375.00")
    assert tied(approved)["fund"] == ("1375.00", "1375.00")


def test_a_whole_reversal_gives_back_the_count_and_the_money_of_caps(world):
    world.agree(caps={"metric": [{"metrics": ["MOVE"], "count_max": 1}], "contract": "6500"})
    world.moved("P1")
    world.moved("P2", "2020-01-16")
    world.earn("MOVE", "2020-01-20", "P1")
    world.approved_claim("2020 Q1", "2020-04-03")
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    world.on(ON)
    refused("correction-over-cap", desk.propose, 1, amount="0.01", kind="correction")
    made = desk.make(1, reason="duplicate")
    assert made.counted == -1
    world.earn("MOVE", "2020-05-05", "P2")
    view = world.approved_claim("2020 Q2", "2020-07-01")
    assert str(view.totals.payable) == "6500.00"
    over = refused("correction-over-cap", desk.propose, 1, amount="1", kind="correction")
    assert "1 of at most 1 paid" in over.message
    assert tied(world)["posted"] == ("6500.00", "6500.00")


def test_a_part_reversed_gives_back_money_and_no_count(world):
    world.agree(caps={"metric": [{"metrics": ["MOVE"], "count_max": 1}], "contract": "8000"})
    world.moved("P1")
    world.earn("MOVE", "2020-01-20", "P1")
    world.approved_claim("2020 Q1", "2020-04-03")
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    world.on(ON)
    assert desk.make(1, amount="2500").counted == 0
    refused("correction-over-cap", desk.propose, 1, amount="4000.01", kind="correction")
    assert desk.make(1, amount="4000", kind="correction").counted == 0
    refused("correction-over-cap", desk.propose, 1, amount="0.01", kind="correction")


def test_a_corrected_line_is_not_clawed_back_and_a_clawed_back_line_is_not_corrected(world):
    world.agree()
    for name in ("P1", "P2"):
        world.moved(name)
    first = world.earn("MOVE", "2020-01-20", "P1")
    second = world.earn("MOVE", "2020-01-21", "P2")
    world.approved_claim("2020 Q1", "2020-04-03")
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    world.on(ON)
    desk.make(1, 1, amount="1")
    refused("reversed-in-part", world.claw_back, first.entitlement_id, ON)
    world.claw_back(second.entitlement_id, ON)
    refused("already-clawed-back", desk.propose, 1, 2)
    world.approved_claim("2020 Q2", "2020-07-01")
    refused("already-clawed-back", desk.propose, 1, 2)
    refused("reversal-of-reversal", desk.propose, 2)
    # The line that took it back can be put back in part, and never beyond nothing.
    refused("correction-exceeds-line", desk.propose, 2, kind="correction", shares={FUND: "1625.01"})
    put_back = desk.make(2, kind="correction", amount="500")
    assert plain(put_back) == {COUNCIL: "375.00", FUND: "125.00"}
    world.issue(1, "2020-07-02")
    world.issue(2, "2020-07-02")
    assert documents(world, 2) == [("SPV-000002", "credit_note", COUNCIL, "6000.00", (1,))]
    desk.make(2, kind="correction", amount="-200")
    world.issue(2, "2020-07-03")
    assert documents(world, 2)[1:] == [("SPV-000003", "credit_note", COUNCIL, "200.00", (1,))]
    assert tied(world)["invoiced"] == ("6799.00", "6799.00")


# --- Why ----------------------------------------------------------------------------------------


def test_explain_leads_from_entry_to_correction_and_back(approved, desk):
    made = desk.make(1, amount="1000", note="Paid at the old price")
    context, contract_id = approved.context, approved.contract_id
    entry = explain_entry(context, contract_id, made.entry_number)
    (correction,) = [child for child in entry.children if child.kind == "correction"]
    assert correction.id == made.correction.correction_id
    assert "wrong amount" in correction.title
    told = [step.because for step in correction.steps]
    assert any("Paid at the old price" in text for text in told)
    assert correction.children[0].id == "claim:1/line:1"
    original = explain_entry(context, contract_id, 1)
    assert any(f"entry:{made.entry_number}" in step.refs for step in original.steps)
    line = explain_claim_line(context, contract_id, 1, 1)
    (step,) = [step for step in line.steps if step.rule == "correction"]
    assert step.refs == (f"correction:{made.correction.correction_id}",)
    assert "GBP -1,000.00" in step.because
