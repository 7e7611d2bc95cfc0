"""Reversals whole and in part, what is left to reverse, and adjustments, on the golden contract."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import PayerShare
from app.domain.correction import Correction, CorrectionKind, CorrectionReason
from app.domain.errors import IntegrityBroken, RuleRefused
from app.domain.ledger import Entry, EntryKind, Posting
from app.domain.money import Money
from app.payments.balances import balances, mirror_differences
from app.payments.corrections import (
    adjustment_entry,
    left_to_reverse,
    proportional,
    reversal,
    shares_of,
)
from app.payments.posting import chart, entry_for_payment, share_postings
from tests.factories import COUNCIL, FUND, day, funding, gbp, party, terms
from tests.golden_contract import ex_timeline, run
from tests.owed import amounts_due

EX = run(ex_timeline())
TERMS = terms()
DIRECT = terms(funding=funding(flow="fund_pays_direct"))
THIRD = terms(
    parties=[
        party(COUNCIL, "commissioner", "outcome_payer"),
        party(FUND, "outcomes_fund"),
        party("ward", "outcome_payer"),
        party("spv", "spv"),
        party("provider", "service_provider"),
    ]
)
S12 = next(entry for entry in EX.entries if entry.source == "claim:9/line:1")
ON = day("2023-11-01")


def shares(**amounts):
    return tuple(PayerShare(payer, gbp(amount)) for payer, amount in amounts.items())


def plain(parts):
    return {share.payer: str(share.amount) for share in parts}


def posted(entry):
    return [(item.debit, item.credit, str(item.amount)) for item in entry.postings]


def entry_of(parts, contract=TERMS, number=1):
    return Entry(
        number, EntryKind.CLAIM_LINE_APPROVED, "claim:1/line:1", ON, share_postings(parts, contract)
    )


def take_back(original, earlier=(), amounts=None, number=99):
    return reversal(
        original,
        earlier,
        amounts,
        entry_number=number,
        source=f"entry:{original.entry_number}",
        effective_date=ON,
    )


def paid(entry, contract=TERMS):
    """The payment entries of what one entry makes due, by number."""
    return [
        entry_for_payment(due, 50 + place, f"payment:{place}", ON)
        for place, due in enumerate(amounts_due([entry], chart(contract)))
    ]


def test_the_shares_of_every_golden_line_are_those_of_its_claim():
    by_source = {
        f"claim:{claim.claim_number}/line:{line.line_number}": line
        for claim in EX.claims
        for line in claim.lines
    }
    for entry in EX.entries:
        line = by_source[entry.source]
        told = {share.payer: abs(share.amount.minor) for share in line.shares}
        read = {share.payer: share.amount.minor for share in shares_of(entry) if share.amount}
        assert read == told


def test_the_shares_of_payments():
    grant, payment = sorted(paid(S12), key=lambda entry: entry.kind)
    assert plain(shares_of(grant)) == {FUND: "1241.26"}
    assert plain(shares_of(payment)) == {COUNCIL: "8248.00"}


def test_a_whole_reversal_exchanges_debit_and_credit():
    made = take_back(S12)
    assert (made.entry_number, made.kind, made.reverses) == (99, EntryKind.REVERSAL, 11)
    assert (made.source, made.effective_date) == ("entry:11", ON)
    assert posted(made) == [
        ("council/payable/spv", "council/outcome-expenditure", "8248.00"),
        ("spv/outcome-income", "spv/receivable/council", "8248.00"),
        ("council/grant-income/fund", "council/grant-receivable/fund", "1241.26"),
        ("fund/payable/council", "fund/grant-expenditure", "1241.26"),
    ]


def test_a_part_takes_the_amounts_named_from_every_book():
    line = entry_of(shares(fund="1675.37", council="5026.13"))
    made = take_back(line, amounts=shares(council="1000", fund="333.33"))
    assert posted(made) == [
        ("council/payable/spv", "council/outcome-expenditure", "1333.33"),
        ("spv/outcome-income", "spv/receivable/council", "1333.33"),
        ("council/grant-income/fund", "council/grant-receivable/fund", "333.33"),
        ("fund/payable/council", "fund/grant-expenditure", "333.33"),
    ]
    assert plain(shares_of(made)) == {"council": "1000.00", "fund": "333.33"}
    assert plain(left_to_reverse(line, [made, S12])) == {"council": "4026.13", "fund": "1342.04"}


def test_a_part_of_one_payer_only():
    line = entry_of(shares(fund="1675.37", council="5026.13"))
    mine = take_back(line, amounts=shares(council="1000"))
    assert len(mine.postings) == 2
    assert plain(shares_of(mine)) == {"council": "1000.00"}
    fund = take_back(line, [mine], shares(fund="1675.37"))
    assert plain(shares_of(fund)) == {"council": "0.00", "fund": "1675.37"}
    rest = take_back(line, [mine, fund])
    assert plain(shares_of(rest)) == {"council": "4026.13"}
    assert set(plain(left_to_reverse(line, [mine, fund, rest])).values()) == {"0.00"}


def test_a_fund_that_pays_direct_is_reversed_in_its_own_accounts():
    line = entry_of(shares(fund="25", council="75"), DIRECT)
    made = take_back(line, amounts=shares(fund="5"))
    assert posted(made) == [
        ("fund/payable/spv", "fund/outcome-expenditure", "5.00"),
        ("spv/outcome-income", "spv/receivable/fund", "5.00"),
    ]


def test_a_payment_that_was_returned_in_part():
    (payment,) = paid(entry_of(shares(council="6500")))
    made = take_back(payment, amounts=shares(council="500"))
    assert posted(made) == [
        ("council/cash", "council/payable/spv", "500.00"),
        ("spv/receivable/council", "spv/cash", "500.00"),
    ]
    grant = min(paid(S12), key=lambda entry: entry.kind)
    assert posted(take_back(grant)) == [
        ("fund/cash", "fund/payable/council", "1241.26"),
        ("council/grant-receivable/fund", "council/cash", "1241.26"),
    ]


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        (shares(council="5026.14"), "reversal-exceeds-rest"),
        (shares(council="1", fund="1675.38"), "reversal-exceeds-rest"),
        ([*shares(council="3000"), *shares(council="3000")], "reversal-exceeds-rest"),
        (shares(ward="1"), "reversal-unknown-payer"),
        ((), "reversal-of-nothing"),
        (shares(council="0"), "reversal-of-nothing"),
        (shares(council="-1", fund="5"), "reversal-of-nothing"),
    ],
)
def test_parts_that_are_refused(amounts, code):
    line = entry_of(shares(fund="1675.37", council="5026.13"))
    with pytest.raises(RuleRefused) as refused:
        take_back(line, amounts=amounts)
    assert refused.value.code == code


def test_nothing_is_reversed_twice():
    whole = take_back(S12)
    with pytest.raises(RuleRefused) as refused:
        take_back(S12, [whole])
    assert refused.value.code == "already-reversed"
    with pytest.raises(RuleRefused) as refused:
        take_back(whole)
    assert refused.value.code == "reversal-of-reversal"
    # The clawback of the golden contract is a reversal too.
    with pytest.raises(RuleRefused) as refused:
        take_back(S12, EX.entries)
    assert refused.value.code == "already-reversed"


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        ("1000", {"fund": "250.00", "council": "750.00"}),
        ("3350.75", {"fund": "837.68", "council": "2513.07"}),  # half a penny each: by name
        ("1000.02", {"fund": "250.00", "council": "750.02"}),
        ("6701.50", {"fund": "1675.37", "council": "5026.13"}),
        ("0.01", {"fund": "0.00", "council": "0.01"}),
        ("0", {"fund": "0.00", "council": "0.00"}),
    ],
)
def test_an_amount_divided_as_the_shares_are(amount, parts):
    assert plain(proportional(shares(fund="1675.37", council="5026.13"), gbp(amount))) == parts


def test_equal_remainders_go_by_name_and_more_than_all_is_refused():
    thirds = shares(c="1", b="1", a="1")
    assert plain(proportional(thirds, gbp("1"))) == {"a": "0.34", "b": "0.33", "c": "0.33"}
    with pytest.raises(RuleRefused) as refused:
        proportional(thirds, gbp("3.01"))
    assert refused.value.code == "reversal-exceeds-rest"
    assert plain(proportional(shares(a="0"), gbp("0"))) == {"a": "0.00"}
    with pytest.raises(AssertionError):
        proportional(thirds, gbp("-1"))


def test_an_entry_that_cannot_be_divided():
    cash = Posting("council/cash", "council/reserve", gbp("1"))
    with pytest.raises(IntegrityBroken) as broken:
        shares_of(replace(S12, postings=(cash,)))
    assert broken.value.code == "posting-without-debtor"
    more = replace(S12.postings[1], amount=gbp("1"))
    with pytest.raises(IntegrityBroken) as broken:
        shares_of(replace(S12, postings=(S12.postings[0], more)))
    assert broken.value.code == "postings-disagree"


def adjustment(*amounts):
    return Correction(
        "a1", CorrectionKind.GOODWILL, CorrectionReason.OTHER, 9, 1, None, None, ON, amounts
    )


def adjusted(amounts, contract, number):
    return adjustment_entry(adjustment(*amounts), contract, entry_number=number, effective_date=ON)


def test_an_adjustment_posts_as_a_line_or_its_opposite():
    raised = adjusted(shares(council="75", fund="25", ward="0"), THIRD, 7)
    assert (raised.entry_number, raised.kind, raised.source) == (
        7,
        EntryKind.ADJUSTMENT,
        "correction:a1",
    )
    assert (raised.effective_date, raised.reverses) == (ON, None)
    assert posted(raised)[0] == ("council/outcome-expenditure", "council/payable/spv", "100.00")
    lowered = adjusted(shares(council="-100"), TERMS, 8)
    assert posted(lowered) == [
        ("council/payable/spv", "council/outcome-expenditure", "100.00"),
        ("spv/outcome-income", "spv/receivable/council", "100.00"),
    ]
    # An adjustment is undone like any entry.
    assert plain(shares_of(take_back(lowered, amounts=shares(council="40")))) == {
        "council": "40.00"
    }


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ((), "adjustment-of-nothing"),
        (shares(council="0"), "adjustment-of-nothing"),
        ([*shares(council="1"), *shares(council="1")], "adjustment-repeats-payer"),
        (shares(council="1", fund="-1"), "adjustment-mixed"),
        (shares(council="-1", fund="1"), "adjustment-mixed"),
    ],
)
def test_adjustments_that_are_refused(amounts, code):
    with pytest.raises(RuleRefused) as refused:
        adjusted(amounts, TERMS, 7)
    assert refused.value.code == code


AMOUNTS = st.integers(1, 5000)


@given(
    st.dictionaries(st.sampled_from([COUNCIL, FUND, "ward"]), AMOUNTS, min_size=1),
    st.lists(st.dictionaries(st.sampled_from([COUNCIL, FUND, "ward"]), AMOUNTS), max_size=4),
    st.lists(st.integers(1, 9), max_size=3),
    st.sampled_from(["commissioner_pays_then_reclaims", "fund_pays_direct"]),
)
def test_parts_never_exceed_the_whole_and_every_book_balances(parts, asked, ninths, flow):
    contract = THIRD.model_copy(
        update={"funding": THIRD.funding.model_copy(update={"flow": funding(flow=flow)["flow"]})}
    )
    whole = tuple(PayerShare(payer, Money(minor)) for payer, minor in sorted(parts.items()))
    original = entry_of(whole, contract)
    entries = [original]
    reversals = []
    for amounts in asked:
        named = tuple(PayerShare(payer, Money(minor)) for payer, minor in amounts.items())
        before = {share.payer: share.amount for share in left_to_reverse(original, reversals)}
        try:
            made = take_back(original, reversals, named, number=len(entries) + 1)
        except RuleRefused:
            assert not amounts or any(
                before.get(payer, Money(0)).minor < minor for payer, minor in amounts.items()
            )
            continue
        reversals.append(made)
        after = {share.payer: share.amount for share in left_to_reverse(original, reversals)}
        taken = {payer: before[payer].minor - after[payer].minor for payer in before}
        assert {payer: minor for payer, minor in taken.items() if minor} == amounts
    for ninth in ninths:
        left = left_to_reverse(original, reversals)
        rest = sum(share.amount.minor for share in left)
        if part := rest * ninth // 9:
            divided = proportional(left, Money(part))
            assert sum(share.amount.minor for share in divided) == part
            reversals.append(take_back(original, reversals, divided, number=50))
    assert all(share.amount.minor >= 0 for share in left_to_reverse(original, reversals))
    entries += reversals
    assert not mirror_differences(balances(entries, "GBP"), chart(contract), "GBP")
    if any(share.amount for share in left_to_reverse(original, reversals)):
        entries.append(take_back(original, reversals))
    folded = balances(entries, "GBP")
    assert all(not balance.net for balance in folded.values())
