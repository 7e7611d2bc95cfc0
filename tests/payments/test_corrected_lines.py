"""What a line comes to with its corrections, what can still be corrected, counts, documents."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import Claim, LineKind, PayerShare
from app.domain.correction import Correction, CorrectionKind, CorrectionReason
from app.domain.errors import RuleRefused
from app.domain.invoice import DocumentKind
from app.domain.ledger import EntryKind
from app.domain.money import Money, total
from app.payments.corrected_lines import (
    LineStanding,
    correction_entry,
    count_changed,
    shares_adjusted,
    shares_taken_back,
)
from app.payments.correction_caps import require_headroom
from app.payments.invoiced_corrections import invoiced_corrections
from app.payments.invoicing import documents_for_claim
from app.payments.usage import Usage
from tests.factories import COUNCIL, FUND, day, funding, gbp, quarter, terms, version
from tests.golden_contract import INVOICING, ex_timeline, run
from tests.used import usage_after

EX = run(ex_timeline())
TERMS = terms(invoicing=INVOICING)
DIRECT = terms(invoicing=INVOICING, funding=funding(flow="fund_pays_direct"))
P3_S12 = EX.claims[8].lines[0]  # 8,248.00: the council 7,006.74, the fund 1,241.26
CLAWBACK = EX.claims[9].lines[0]  # takes all of it back
ENTRIES = {entry.source: entry for entry in EX.entries}
ON = day("2023-11-01")
Q3 = quarter("2023 Q3")


def shares(**amounts):
    return tuple(PayerShare(payer, gbp(amount)) for payer, amount in sorted(amounts.items()))


def plain(parts):
    return {share.payer: str(share.amount) for share in parts}


def correction(parts, kind="correction", line_number=1, dispute_id=None, number=1):
    return Correction(
        f"c{number}",
        CorrectionKind(kind),
        CorrectionReason.WRONG_AMOUNT,
        9,
        line_number,
        11 if kind == "reversal" else None,
        dispute_id,
        ON,
        tuple(parts),
    )


def standing(line=P3_S12, *corrections, contract=TERMS, entry="claim:9/line:1", reversals=()):
    return LineStanding(
        9, Q3, line, contract, ENTRIES.get(entry), tuple(reversals), tuple(corrections)
    )


def refused(code, act, *args, **kwargs):
    with pytest.raises(RuleRefused) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code


def posted(of, one, on=ON):
    return correction_entry(of, one, entry_number=99, effective_date=on)


def test_what_a_line_comes_to_and_what_is_left_of_it():
    taken = correction(shares_taken_back(standing(), gbp("1000")), "reversal")
    assert plain(taken.shares) == {COUNCIL: "-849.51", FUND: "-150.49"}
    entry = posted(standing(), taken)
    now = standing(P3_S12, taken, reversals=[entry])
    assert (str(now.amount), plain(now.shares)) == (
        "7248.00",
        {COUNCIL: "6157.23", FUND: "1090.77"},
    )
    lowered = correction(shares_adjusted(now, gbp("-248")), number=2)
    then = standing(P3_S12, taken, lowered, reversals=[entry])
    assert str(total((part.amount for part in shares_taken_back(then)), "GBP")) == "-7000.00"
    assert shares_taken_back(then, shares=shares(fund="1", council="0")) == shares(fund="-1")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("-100", {COUNCIL: "-84.95", FUND: "-15.05"}),
        ("100", {COUNCIL: "84.95", FUND: "15.05"}),
        ("-8248", {COUNCIL: "-7006.74", FUND: "-1241.26"}),
        ("16496", {COUNCIL: "14013.48", FUND: "2482.52"}),
    ],
)
def test_an_amount_is_divided_as_the_line_is(amount, expected):
    assert plain(shares_adjusted(standing(), gbp(amount))) == expected


def test_a_clawback_line_is_put_back_in_parts_and_never_beyond_nothing():
    of = standing(CLAWBACK, entry="claim:10/line:1")
    put_back = correction(shares_adjusted(of, gbp("248")))
    assert plain(put_back.shares) == {COUNCIL: "210.68", FUND: "37.32"}
    assert count_changed(of, put_back) == 0
    whole = correction(shares(council="7006.74", fund="1241.26"))
    assert count_changed(of, whole) == 1
    later = day("2024-01-02")
    assert posted(of, whole, later).kind is EntryKind.ADJUSTMENT
    for beyond in ("1241.27", "-0.01"):
        one = correction(shares(fund=beyond))
        refused("correction-exceeds-line", posted, of, one, later)
    again = standing(CLAWBACK, put_back, entry="claim:10/line:1")
    assert plain(shares_adjusted(again, gbp("-200"))) == {COUNCIL: "-169.90", FUND: "-30.10"}
    refused("reversal-of-reversal", shares_taken_back, of)


def test_parts_are_taken_as_they_are_named():
    named = shares(council="1", fund="0")
    assert shares_adjusted(standing(), shares=named) == shares(council="1")
    assert correction(named).line == standing().place


def test_what_is_refused():
    unpaid = replace(P3_S12, payable=gbp("0"), shares=())
    nothing = standing(unpaid, entry="")
    refused("nothing-to-reverse", shares_taken_back, nothing)
    refused("nothing-to-reverse", posted, nothing, correction(shares(fund="-1"), "reversal"))
    refused("adjustment-needs-shares", shares_adjusted, nothing, gbp("1"))
    refused("adjustment-of-nothing", shares_adjusted, standing(), gbp("0"))
    refused("adjustment-of-nothing", shares_adjusted, standing())
    refused("correction-unknown-payer", posted, standing(), correction(shares(bank="1")))
    refused("correction-exceeds-line", posted, standing(), correction(shares(fund="-1241.27")))
    approved_on = ENTRIES["claim:9/line:1"].effective_date
    raised = correction(shares(fund="1"))
    early = approved_on.replace(day=approved_on.day - 1)
    refused("date-before-approval", posted, standing(), raised, early)
    assert posted(standing(), raised, approved_on).effective_date == approved_on
    assert posted(nothing, raised).reverses is None


def test_the_count_is_given_back_with_the_last_penny_and_taken_again_with_the_first():
    whole = correction(shares(council="-7006.74", fund="-1241.26"))
    almost = correction(shares(council="-7006.74", fund="-1241.25"))
    assert (count_changed(standing(), whole), count_changed(standing(), almost)) == (-1, 0)
    gone = standing(P3_S12, whole)
    assert count_changed(gone, correction(shares(fund="0.01"), number=2)) == 1
    carries = replace(P3_S12, carried=shares(fund="5"))
    assert count_changed(standing(carries), whole) == 0
    activity = replace(P3_S12, kind=LineKind.ACTIVITY, origin=LineKind.ACTIVITY, count=0)
    assert count_changed(standing(activity), whole) == 0


# --- Caps ---------------------------------------------------------------------------------------


def capped(**caps):
    return version(caps=caps)


USED = usage_after(Usage(), [P3_S12], Q3)


@pytest.mark.parametrize(
    ("caps", "fits"),
    [
        ({"contract": "8249"}, {"fund": "1"}),
        ({"person": "8249"}, {"fund": "1"}),
        ({"payer": [{"payer": FUND, "amount": "1242.26"}]}, {"fund": "1"}),
        (
            {
                "payer_financial_year": [
                    {"payer": FUND, "financial_year": "2023/24", "amount": "1242.26"}
                ]
            },
            {"fund": "1"},
        ),
    ],
)
def test_a_raise_fits_to_the_penny_and_no_further(caps, fits):
    terms_now = capped(**caps)
    require_headroom(terms_now, USED, standing(), correction(shares(**fits)))
    over = correction(shares(fund="1.01"))
    refused("correction-over-cap", require_headroom, terms_now, USED, standing(), over)
    require_headroom(terms_now, USED, standing(), correction(shares(fund="-1.01")))


def test_a_count_that_is_full_lets_no_line_back_in():
    whole = correction(shares(council="-7006.74", fund="-1241.26"))
    gone = standing(P3_S12, whole)
    back = correction(shares(fund="1"), number=2)
    for used, allowed in ((0, True), (1, False)):
        now = replace(USED, metric_count={"S12": used})
        full = capped(metric=[{"metrics": ["S12"], "count_max": 1}])
        if allowed:
            require_headroom(full, now, gone, back)
        else:
            refused("correction-over-cap", require_headroom, full, now, gone, back)
        # A line that is paid already needs no count.
        require_headroom(full, now, standing(), back)


def test_an_activity_line_has_its_own_cap_and_no_person_cap():
    line = replace(P3_S12, kind=LineKind.ACTIVITY, origin=LineKind.ACTIVITY, count=0)
    one = correction(shares(fund="1"))
    require_headroom(capped(person="1"), USED, standing(line), one)


def test_what_a_dispute_withheld_goes_back_without_headroom_and_no_more():
    full = capped(contract="8248")
    withheld = correction(shares(fund="-100"), "reversal", dispute_id="d1")
    of = standing(P3_S12, withheld)
    back = correction(shares(fund="100"), "settlement", dispute_id="d1", number=2)
    require_headroom(full, USED, of, back)
    more = replace(back, shares=shares(fund="100.01"))
    refused("correction-over-cap", require_headroom, full, USED, of, more)
    other = replace(back, dispute_id="d2")
    refused("correction-over-cap", require_headroom, full, USED, of, other)


# --- Documents in rounds ------------------------------------------------------------------------

LINES = (
    P3_S12,
    replace(P3_S12, line_number=2, metric="S18", payable=gbp("100"), shares=shares(council="100")),
)
CLAIM = Claim(9, Q3, supplementary=False, terms_version=1, lines=LINES)


def documents(contract, corrections=(), issued=(), claim=CLAIM, originals=None):
    return documents_for_claim(
        claim,
        contract,
        issuer_number_next=len(issued) + 1,
        issued_on=ON,
        originals=originals or {},
        corrections=corrections,
        issued=issued,
    )


def told(found):
    return [
        (one.number, one.kind.value, one.customer, one.cites,
         [(line.metric, line.count, str(line.net)) for line in one.lines])
        for one in found
    ]  # fmt: skip


def test_rounds_of_documents_ask_only_for_what_changed():
    first = documents(TERMS)
    assert told(first) == [
        (1, "invoice", COUNCIL, (), [("S12", 1, "8248.00"), ("S18", 1, "100.00")])
    ]
    assert documents(TERMS, (), first) == ()
    taken = correction(shares(council="-7006.74", fund="-1241.26"), "reversal")
    raised = correction(shares(council="50"), line_number=2, number=2)
    second = documents(TERMS, (taken, raised), first)
    assert told(second) == [
        (2, "invoice", COUNCIL, (), [("S18", 0, "50.00")]),
        (3, "credit_note", COUNCIL, (1,), [("S12", 1, "8248.00")]),
    ]
    both = (*first, *second)
    assert documents(TERMS, (taken, raised), both) == ()
    lowered = correction(shares(council="-60"), line_number=2, number=3)
    third = documents(TERMS, (taken, raised, lowered), both)
    assert told(third) == [(4, "credit_note", COUNCIL, (1, 2), [("S18", 0, "60.00")])]
    placed = invoiced_corrections(
        CLAIM, TERMS, (taken, raised), originals={}, made=second, issued=first
    )
    assert [(one.correction_id, one.customer, one.document.number) for one in placed] == [
        ("c1", COUNCIL, 3),
        ("c2", COUNCIL, 2),
    ]


def test_what_is_corrected_before_the_first_round_is_netted():
    taken = correction(shares(council="-7006.74", fund="-1241.26"), "reversal")
    lowered = correction(shares(council="-10"), line_number=2, number=2)
    made = documents(TERMS, (taken, lowered))
    assert told(made) == [(1, "invoice", COUNCIL, (), [("S18", 1, "90.00")])]
    placed = invoiced_corrections(
        CLAIM, TERMS, (taken, lowered), originals={}, made=made, issued=()
    )
    assert [one.document and one.document.number for one in placed] == [None, 1]


def test_a_payer_who_was_asked_of_nothing_gets_a_first_invoice_later():
    gone = correction(shares(fund="-1241.26"))
    first = documents(DIRECT, (gone,))
    assert [one.customer for one in first] == [COUNCIL]
    back = correction(shares(fund="41.26"), number=2)
    second = documents(DIRECT, (gone, back), first)
    assert told(second) == [(2, "invoice", FUND, (), [("S12", 1, "41.26")])]
    (placed,) = invoiced_corrections(
        CLAIM, DIRECT, (back,), originals={}, made=second, issued=first
    )
    assert placed.document == second[0]


def test_credits_keep_the_tax_of_the_invoices_that_they_take_back():
    standard = {
        "treatment": "standard",
        "rationale": "As advised.",
        "decided_on": "2019-11-28",
        "rate": "0.20",
    }
    taxed = terms(invoicing=INVOICING | {"vat": standard})
    first = documents(TERMS)
    raised = correction(shares(council="100"))
    second = documents(taxed, (raised,), first)
    assert (str(second[0].vat), second[0].kind) == ("20.00", DocumentKind.INVOICE)
    lowered = correction(shares(council="-150"), number=2)
    (credit,) = documents(taxed, (raised, lowered), (*first, *second))
    assert (str(credit.vat), credit.cites) == ("0.00", (1,))


def test_a_clawback_that_is_put_back_and_taken_again_cites_the_first_invoice():
    first = documents(TERMS)
    claim = Claim(10, Q3, supplementary=False, terms_version=1, lines=(CLAWBACK,))
    originals = {1: list(first)}
    put_back = correction(shares(council="7006.74", fund="1241.26"))
    assert documents(TERMS, (put_back,), claim=claim, originals=originals) == ()
    credit = documents(TERMS, claim=claim, originals=originals)
    assert told(credit) == [(1, "credit_note", COUNCIL, (1,), [("S12", 1, "8248.00")])]
    second = documents(TERMS, (put_back,), credit, claim, originals)
    assert told(second) == [(2, "invoice", COUNCIL, (), [("S12", 1, "8248.00")])]
    part = correction(shares(council="248"))
    netted = documents(TERMS, (part,), claim=claim, originals=originals)
    assert told(netted) == [(1, "credit_note", COUNCIL, (1,), [("S12", 1, "8000.00")])]
    taken_again = correction(shares(council="-248"), number=2)
    third = documents(TERMS, (part, taken_again), netted, claim, originals)
    assert told(third) == [(2, "credit_note", COUNCIL, (1,), [("S12", 0, "248.00")])]
    (placed,) = invoiced_corrections(
        claim, TERMS, (part,), originals=originals, made=netted, issued=()
    )
    assert placed.document == netted[0]


# --- Any sequence -------------------------------------------------------------------------------

ASKED = st.lists(
    st.tuples(
        st.sampled_from(["reversal", "goodwill"]),
        st.dictionaries(st.sampled_from([COUNCIL, FUND]), st.integers(-5000, 5000), min_size=1),
        st.booleans(),
    ),
    max_size=6,
)


@given(ASKED, st.sampled_from([TERMS, DIRECT]))
def test_documents_always_come_to_what_the_line_comes_to(asked, contract):
    """Any corrections, with documents issued now and then: invoices less credits are the line."""
    line = replace(P3_S12, payable=gbp("100"), shares=shares(council="70", fund="30"))
    claim = replace(CLAIM, lines=(line,))
    original = ENTRIES["claim:9/line:1"]
    base = standing(line, contract=contract)
    entry = replace(
        posted(replace(base, line=replace(line, payable=gbp("0"), shares=())),
               correction(line.shares)),
        entry_number=original.entry_number,
    )  # fmt: skip
    corrections, reversals, issued = [], [], []
    for number, (kind, parts, issues) in enumerate(asked):
        named = [PayerShare(payer, Money(minor)) for payer, minor in sorted(parts.items())]
        one = correction([part for part in named if part.amount], kind, number=number)
        now = replace(base, entry=entry, reversals=tuple(reversals), corrections=tuple(corrections))
        try:
            made = posted(now, one)
        except RuleRefused:
            continue
        reversals += [made] if kind == "reversal" else []
        corrections.append(one)
        if issues:
            issued += documents(contract, corrections, issued, claim)
    issued += documents(contract, corrections, issued, claim)
    whole = replace(base, entry=entry, corrections=tuple(corrections))
    asked_of = {COUNCIL: 0, FUND: 0}
    for one in issued:
        sign = 1 if one.kind is DocumentKind.INVOICE else -1
        asked_of[one.customer] += sign * one.net.minor
    borne = {share.payer: share.amount.minor for share in whole.shares}
    assert all(amount >= 0 for amount in borne.values())
    if contract is DIRECT:
        assert asked_of == {COUNCIL: 0, FUND: 0} | borne
    else:
        assert asked_of == {COUNCIL: sum(borne.values()), FUND: 0}
    assert documents(contract, corrections, issued, claim) == ()
