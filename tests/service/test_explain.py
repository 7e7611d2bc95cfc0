"""From the money back to decision, evidence, events and terms: read, never worked out anew."""

import pytest

from app.payments.explain import as_plain, render_text
from app.service.claims import list_claims
from app.service.contracts import get_terms
from app.service.evidence import list_evidence
from app.service.explain import explain_claim_line, explain_entitlement, explain_entry
from app.service.ledger import list_entries
from app.service.participants import get_participant
from app.service.payments import list_payments
from tests.service.test_claims import ACTIVITY, CARRYING
from tests.service.test_verification import WITH_EVIDENCE
from tests.service.world import refused


def every(trace):
    """The trace and everything below it."""
    yield trace
    for child in trace.children:
        yield from every(child)


def kinds(trace) -> set[str]:
    return {one.kind for one in every(trace)}


def said(trace) -> str:
    return render_text(trace)


@pytest.fixture
def story(world):
    """Six months kept: a round returned, waived lateness, a note, a payment, a clawback."""
    world.agree(**WITH_EVIDENCE).moved()
    world.decide(world.submit("S06", "2020-07-16"), "2020-07-17", "returned", reason="unsigned")
    world.on("2020-07-20")
    world.item = world.evidence("S06", "2020-07-20")
    submission = world.submit("S06", "2021-01-05", ids=[world.item])
    world.waive(submission, "2021-01-06")
    world.earned = world.decide(submission, "2021-01-07", note="Letter seen in full")
    world.paid_claim("2021 Q1", "2021-04-06")
    world.claw_back(world.earned.entitlement_id, "2021-05-04")
    world.paid_claim("2021 Q2", "2021-07-05")
    return world


def line(world, claim: int, number: int = 1):
    return explain_claim_line(world.context, world.contract_id, claim, number)


def test_an_outcome_line_leads_back_to_everything_it_rests_on(story):
    trace = line(story, 1)
    assert str(trace.amount) == "10000.00"
    assert kinds(trace) >= {"claim_line", "entitlement", "submission", "evidence", "event", "terms"}
    found = said(trace)
    recorded = get_participant(story.context, story.contract_id, "P1").events
    moved = next(event for event in recorded if event.kind == "moved_on")
    terms = get_terms(story.context, story.contract_id, 1)
    for wanted in (
        story.item,  # the evidence
        list_evidence(story.context, story.contract_id, "P1")[0].sha256,
        moved.event_id,
        terms.hash,
        "edition v1",
        "GBP 10,000.00",
        "fund GBP 2,500.00",
        "council GBP 7,500.00",
        story.earned.entitlement_id,
        "Lateness waived on 2021-01-06 by council (council-officer-1)",
        "Note: Letter seen in full",
        "reason unsigned",  # the earlier round
        "Approved on 2021-04-06 by council (council-officer-2)",
        "submitted on 2021-04-06 by spv (spv-manager-1)",
    ):
        assert wanted in found, wanted


def test_each_step_of_an_entitlement_names_its_place_in_the_terms(story):
    trace = explain_entitlement(story.context, story.contract_id, story.earned.entitlement_id)
    references = {
        reference for one in every(trace) for step in one.steps for reference in step.refs
    }
    for wanted in (
        "terms:1#/rate_card/0/prices/S06",
        "terms:1#/claims/price_date",
        "terms:1#/submission/deadline",
        "terms:1#/metrics/1/evidence",
        f"evidence:{story.item}",
    ):
        assert wanted in references, wanted
    quoted = {one.id for one in every(trace) if one.kind == "terms"}
    assert "1#/rate_card/0/prices/S06" in quoted


def test_a_clawback_line_leads_to_the_line_it_takes_back(story):
    trace = line(story, 2)
    assert str(trace.amount) == "-10000.00"
    assert kinds(trace) >= {"clawback", "entitlement", "evidence"}
    assert "claim:1/line:1" in {one.id for one in every(trace) if one.kind == "claim_line"}
    assert "Mistaken evidence" in said(trace)


def test_entries_and_single_postings(story):
    entries = [stored.entry for stored in list_entries(story.context, story.contract_id)]
    kinds_seen = {entry.kind.value for entry in entries}
    assert kinds_seen == {"claim_line_approved", "clawback_approved", "payment", "grant_payment"}
    for entry in entries:
        trace = explain_entry(story.context, story.contract_id, entry.entry_number)
        postings = [one for one in trace.children if one.kind == "posting"]
        assert [one.amount for one in postings] == [posting.amount for posting in entry.postings]
        assert "evidence" in kinds(trace)
        assert ("payment" in kinds(trace)) == entry.source.startswith("payment:")
        assert f"journal record {list_sequence(story, entry)}" in said(trace)
        for number in range(1, len(entry.postings) + 1):
            single = explain_entry(story.context, story.contract_id, entry.entry_number, number)
            assert len([one for one in single.children if one.kind == "posting"]) == 1


def list_sequence(story, entry) -> int:
    stored = list_entries(story.context, story.contract_id)
    return next(one.sequence for one in stored if one.entry == entry)


def test_a_reversal_names_the_entry_it_takes_back(story):
    stored = list_entries(story.context, story.contract_id)
    reversing = next(one.entry for one in stored if one.entry.reverses)
    found = said(explain_entry(story.context, story.contract_id, reversing.entry_number))
    assert f"It reverses entry {reversing.reverses}, posting by posting." in found


def test_a_payment_leads_to_the_lines_that_it_pays(story):
    payment = list_payments(story.context, story.contract_id)[0]
    trace = explain_entry(story.context, story.contract_id, payment.entry_number)
    assert payment.payment.payment_id in {one.id for one in every(trace) if one.kind == "payment"}
    assert "claim:1/line:1" in {one.id for one in every(trace) if one.kind == "claim_line"}


def test_the_data_and_the_text_say_the_same(story):
    trace = line(story, 1)
    data = as_plain(trace)
    assert data["amount"] == {"amount": "10000.00", "currency": "GBP"}

    def titles(one):
        yield one["title"]
        for child in one["children"]:
            yield from titles(child)

    text = said(trace)
    assert all(title in text for title in titles(data))


def test_a_capped_line_names_the_cap_and_what_it_took(world):
    world.agree(caps={"person": "15000"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    found = said(line(world, 1, 2))
    assert "less GBP 1,500.00 by cap person: payable GBP 8,500.00" in found
    assert "/caps/person" in found


def test_a_line_of_which_nothing_is_payable(world):
    world.agree(caps={"person": "6500"}).moved()
    world.earn("MOVE", "2020-01-20")
    world.earn("S06", "2020-07-20")
    world.approved_claim("2020 Q3", "2020-10-02")
    assert "Borne by nobody: nothing is payable." in said(line(world, 1, 2))


def test_a_carried_line_leads_to_the_line_it_comes_from(world):
    world.agree(**CARRYING).moved()
    world.earn("MOVE", "2020-01-20")
    world.paid_claim("2020 Q1", "2020-04-03")
    world.paid_claim("2020 Q2", "2020-07-03")
    trace = line(world, 2)
    lines = [one.id for one in every(trace) if one.kind == "claim_line"]
    assert lines == ["claim:2/line:1", "claim:1/line:1"]
    assert "entitlement" in kinds(trace)


def test_an_activity_line_says_why_it_is_due(world):
    world.agree(**ACTIVITY)
    world.person("P1", "2019-12-02")
    world.approved_claim("2020 Q1", "2020-04-03")
    found = said(line(world, 1))
    assert "Engaged and not yet moved on" in found
    assert "/activity_payments/0" in found
    assert "Engaged 2019-12-02" in found


def test_an_undecided_and_a_returned_claim_explain_themselves(world):
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    assert "Claim 1 submitted on 2020-04-03" in said(line(world, 1))
    world.send_back(1, "2020-04-06")
    assert "Returned on 2020-04-06 by council" in said(line(world, 1))


def test_every_line_and_entry_of_the_golden_story_can_be_explained(context, contract_id, golden):
    golden.run()
    hashes = [get_terms(context, contract_id, number).hash for number in (1, 2)]
    for view in list_claims(context, contract_id):
        for one in view.claim.lines:
            number = view.claim.claim_number
            trace = explain_claim_line(context, contract_id, number, one.line_number)
            found = said(trace)
            assert trace.amount == one.payable
            assert hashes[view.claim.terms_version - 1] in found
            assert all(cut.cap in found for cut in one.cuts)
            assert all(f"{share.payer} {share.amount.readable()}" in found for share in one.shares)
            assert kinds(trace) >= {"entitlement", "submission", "evidence", "event", "terms"}
    for stored in list_entries(context, contract_id):
        assert explain_entry(context, contract_id, stored.entry.entry_number).children


@pytest.mark.parametrize(
    ("act", "arguments", "code"),
    [
        (explain_entitlement, ("no-such-one",), "entitlement-unknown"),
        (explain_claim_line, (9, 1), "claim-line-unknown"),
        (explain_claim_line, (1, 9), "claim-line-unknown"),
        (explain_entry, (99,), "entry-unknown"),
    ],
)
def test_what_does_not_exist_is_not_explained(story, act, arguments, code):
    refused(code, act, story.context, story.contract_id, *arguments)


def test_a_posting_that_an_entry_does_not_have_is_not_explained(story):
    refused("posting-unknown", explain_entry, story.context, story.contract_id, 1, 99)
