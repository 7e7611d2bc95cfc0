"""Clawbacks and carried-forward amounts, line by line."""

from decimal import Decimal

import pytest

from app.domain.claim import LineKind
from app.domain.errors import RuleRefused
from app.payments.claims import prepare
from app.payments.evaluation import CarriedForward, Clawback
from app.payments.usage import Usage
from tests.factories import COUNCIL, FUND, day, entitlement, quarter, version
from tests.used import usage_after

FIRST, SECOND, THIRD = quarter("2021 Q1"), quarter("2021 Q2"), quarter("2021 Q3")


def terms(fund_cap="1.00", year_cap=None, **changes):
    """The fund's cap carries its shortfall forward; a yearly cap too, if there is one."""
    caps = {"payer": [{"payer": FUND, "amount": fund_cap, "shortfall": "carried_forward"}]}
    if year_cap:
        caps["payer_financial_year"] = [
            {
                "payer": FUND,
                "financial_year": "2020/21",
                "amount": year_cap,
                "shortfall": "carried_forward",
            }
        ]
    return version(caps={**caps, **changes.pop("caps", {})}, **changes)


def first_claim(contract, amount="10.00"):
    """One outcome in a claim for January to March 2021, and the usage after it."""
    item = entitlement("P1", "MOVE", "2021-01-05", "2021-02-01", amount)
    lines = prepare(FIRST, contract, [item], usage=Usage())
    return lines[0], usage_after(Usage(), lines, FIRST)


def plain(shares):
    return {share.payer: str(share.amount) for share in shares}


def second_claim(contract, usage, **changes):
    return prepare(SECOND, contract, [], usage=usage, **changes)


def test_what_a_fund_cannot_bear_is_carried_and_paid_by_it_next_year():
    contract = terms("100.00", year_cap="1.00")
    line, usage = first_claim(contract)
    assert plain(line.shares) == {COUNCIL: "7.50", FUND: "1.00"}
    assert plain(line.carried) == {FUND: "1.50"}
    assert (str(line.payable), line.count) == ("8.50", 1)
    (again,) = second_claim(contract, usage, carried_forward=[CarriedForward(1, line, FUND)])
    assert (again.kind, again.source_id) == (LineKind.CARRIED_FORWARD, "claim:1/line:1/fund")
    assert (str(again.gross), str(again.payable)) == ("1.50", "1.50")
    assert plain(again.shares) == {FUND: "1.50"}
    assert (again.count, again.origin, again.carried) == (0, LineKind.OUTCOME, ())
    assert again.working[0].refs == ("claim:1/line:1",)


def test_what_can_still_not_be_borne_is_carried_on():
    line, usage = first_claim(terms("1.00"))
    (again,) = second_claim(terms("2.20"), usage, carried_forward=[CarriedForward(1, line, FUND)])
    assert (str(again.gross), str(again.payable)) == ("1.50", "1.20")
    assert [(cut.cap, str(cut.amount)) for cut in again.cuts] == [("payer:fund", "0.30")]
    assert plain(again.carried) == {FUND: "0.30"}


def test_without_headroom_there_is_no_line_and_the_amount_stays_where_it_was():
    contract = terms("1.00")
    line, usage = first_claim(contract)
    assert second_claim(contract, usage, carried_forward=[CarriedForward(1, line, FUND)]) == ()


@pytest.mark.parametrize(("longstop", "lines"), [("2021-06-29", 0), ("2021-06-30", 1)])
def test_a_payer_past_its_longstop_is_not_asked_again(longstop, lines):
    share = {"payer": FUND, "share": "0.25", "claim_longstop": longstop}
    line, usage = first_claim(terms("1.00"))
    later = terms("9.00", funding={"shares": [share], "remainder_payer": COUNCIL})
    found = second_claim(later, usage, carried_forward=[CarriedForward(1, line, FUND)])
    assert len(found) == lines


def test_a_carried_amount_meets_the_person_and_contract_caps_and_stays_carried():
    line, usage = first_claim(terms("1.00"))
    tight = terms("9.00", caps={"person": "9.00", "contract": "8.90"})
    (again,) = second_claim(tight, usage, carried_forward=[CarriedForward(1, line, FUND)])
    assert [(cut.cap, str(cut.amount)) for cut in again.cuts] == [
        ("person", "1.00"),
        ("contract", "0.10"),
    ]
    assert (str(again.payable), plain(again.carried)) == ("0.40", {FUND: "1.10"})
    assert "it stays carried forward" in again.working[1].because


@pytest.mark.parametrize(
    ("left", "second", "third"),
    [
        ("0.00", None, "1.50"),
        ("0.01", "0.01", "1.49"),
        ("1.49", "1.49", "0.01"),
        ("1.50", "1.50", None),
    ],
)
def test_no_penny_of_a_carried_amount_is_lost_to_a_cap(left, second, third):
    """8.50 was paid and 1.50 carried; what the contract cap leaves no room for is asked again."""
    line, usage = first_claim(terms("1.00"))
    tight = terms("9.00", caps={"contract": f"{Decimal('8.50') + Decimal(left)}"})
    found = second_claim(tight, usage, carried_forward=[CarriedForward(1, line, FUND)])
    assert [str(one.payable) for one in found] == ([second] if second else [])
    last, number = (found[0], 2) if found else (line, 1)
    waiting = [CarriedForward(number, last, share.payer) for share in last.carried]
    room = usage_after(usage, found, SECOND)
    rest = prepare(THIRD, terms("9.00"), [], usage=room, carried_forward=waiting)
    assert [str(one.payable) for one in rest] == ([third] if third else [])
    assert [one.carried for one in rest] == ([()] if third else [])


def test_carried_amounts_come_from_the_oldest_and_before_outcomes():
    line, usage = first_claim(terms("1.00"))
    item = entitlement("P2", "MOVE", "2021-04-05", "2021-05-01", "10.00")
    lines = prepare(
        SECOND,
        terms("3.00"),
        [item],
        usage=usage,
        carried_forward=[CarriedForward(2, line, FUND), CarriedForward(1, line, FUND)],
    )
    assert [(found.source_id, plain(found.shares).get(FUND)) for found in lines] == [
        ("claim:1/line:1/fund", "1.50"),
        ("claim:2/line:1/fund", "0.50"),
        ("P2:MOVE", None),
    ]
    assert [found.line_number for found in lines] == [1, 2, 3]


def test_a_clawback_takes_back_the_same_pence_per_payer():
    line, usage = first_claim(version(), "67.01")
    (back,) = second_claim(version(), usage, clawbacks=[Clawback(1, line, day("2021-06-30"))])
    assert (back.kind, back.source_id, back.count) == (LineKind.CLAWBACK, "P1:MOVE", -1)
    assert (str(back.gross), str(back.payable), back.cuts) == ("-67.01", "-67.01", ())
    assert plain(back.shares) == {COUNCIL: "-50.26", FUND: "-16.75"}
    assert (back.achieved_on, back.verified_on) == (line.achieved_on, day("2021-06-30"))
    after = usage_after(usage, [back], SECOND)
    assert (after.contract_minor, after.metric_count, after.payer_minor) == (
        0,
        {"MOVE": 0},
        {COUNCIL: 0, FUND: 0},
    )


def test_a_line_taken_back_is_no_longer_asked_for_what_it_carried():
    contract = terms("1.00")
    line, usage = first_claim(contract)
    lines = second_claim(
        contract,
        usage,
        clawbacks=[Clawback(1, line, day("2021-06-30"))],
        carried_forward=[CarriedForward(1, line, FUND)],
    )
    assert [found.kind for found in lines] == [LineKind.CLAWBACK]


def test_an_outcome_and_its_carried_line_are_taken_back_together():
    line, usage = first_claim(terms("1.00"))
    contract = terms("9.00")
    (again,) = second_claim(contract, usage, carried_forward=[CarriedForward(1, line, FUND)])
    usage = usage_after(usage, [again], SECOND)
    third = quarter("2021 Q3")
    backs = prepare(
        third,
        contract,
        [],
        usage=usage,
        clawbacks=[
            Clawback(2, again, day("2021-07-01")),
            Clawback(1, line, day("2021-07-01")),
        ],
    )
    assert [str(back.payable) for back in backs] == ["-8.50", "-1.50"]
    assert [back.count for back in backs] == [-1, 0]
    assert usage_after(usage, backs, third).contract_minor == 0


def test_an_outcome_cut_whole_is_not_counted():
    contract = version(caps={"contract": "0"})
    line, _ = first_claim(contract)
    assert (str(line.payable), line.shares, line.count) == ("0.00", (), 0)


def test_an_outcome_carried_whole_is_counted():
    whole = {"shares": [{"payer": FUND, "share": "1"}], "remainder_payer": COUNCIL}
    line, _ = first_claim(terms("0", funding=whole))
    assert (str(line.payable), plain(line.carried), line.count) == ("0.00", {FUND: "10.00"}, 1)


def test_a_share_that_has_ended_unpaid_is_a_cut_beside_the_payers_own():
    share = {
        "payer": "ward",
        "share": "0.5",
        "to_date": "2020-12-31",
        "after_end": "no_payment",
    }
    shares = [share, {"payer": FUND, "share": "0.25"}]
    line, _ = first_claim(terms("1.00", funding={"shares": shares, "remainder_payer": COUNCIL}))
    assert [(cut.cap, str(cut.amount)) for cut in line.cuts] == [
        ("after_end:ward", "5.00"),
        ("payer:fund", "1.50"),
    ]
    assert str(line.payable) == "3.50"


@pytest.mark.parametrize(
    ("decided_on", "code"), [("2021-07-01", "after-claim-period"), ("2021-06-30", None)]
)
def test_a_clawback_decided_after_the_period_belongs_to_a_later_claim(decided_on, code):
    line, usage = first_claim(version())
    clawbacks = [Clawback(1, line, day(decided_on))]
    if code is None:
        assert len(second_claim(version(), usage, clawbacks=clawbacks)) == 1
        return
    with pytest.raises(RuleRefused) as refused:
        second_claim(version(), usage, clawbacks=clawbacks)
    assert refused.value.code == code


def test_a_clawback_is_not_clawed_back_and_not_twice():
    line, usage = first_claim(version())
    once = Clawback(1, line, day("2021-06-30"))
    (back,) = second_claim(version(), usage, clawbacks=[once])
    with pytest.raises(RuleRefused) as refused:
        second_claim(version(), usage, clawbacks=[Clawback(2, back, day("2021-06-30"))])
    assert refused.value.code == "clawback-of-clawback"
    with pytest.raises(RuleRefused) as twice:
        second_claim(version(), usage, clawbacks=[once, once])
    assert twice.value.code == "claimed-twice"
