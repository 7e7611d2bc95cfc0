"""What is reclaimed from a fund, how its award stands, and who bears what it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim import Claim
from app.domain.errors import RuleRefused
from app.domain.fund_claim import ShortfallBearer, ShortfallReason
from app.domain.money import total
from app.domain.terms.payment import Flow
from app.payments.claims import prepare
from app.payments.evaluation import CarriedForward, Clawback
from app.payments.fund_claims import (
    ApprovedLine,
    fund_claim_for,
    fund_metric_totals,
    fund_position,
)
from app.payments.fund_shortfalls import fund_shortfalls
from app.payments.usage import Usage
from tests.factories import COUNCIL, FUND, day, entitlement, funding, gbp, quarter, terms, version
from tests.golden_contract import ex_timeline, run
from tests.used import usage_after

RECLAIM, DIRECT = Flow.COMMISSIONER_PAYS_THEN_RECLAIMS, Flow.FUND_PAYS_DIRECT
CAP, END_DATE = ShortfallReason.CAP, ShortfallReason.END_DATE
COMMISSIONER, NOBODY, CARRIED = (
    ShortfallBearer.COMMISSIONER,
    ShortfallBearer.NOBODY,
    ShortfallBearer.CARRIED_FORWARD,
)


def asked(claim):
    """What a claim asks of its fund."""
    return total((line.amount for line in claim.lines), "GBP")


def approved(claims, flow=RECLAIM):
    """Every line, approved on the last day of its claim's period."""
    return [
        ApprovedLine(claim.claim_number, claim.period, claim.period.end, flow, line)
        for claim in claims
        for line in claim.lines
    ]


def ex_fund_claims():
    """A claim to the fund of EX for each quarter with claims, all lines so far known."""
    claims = run(ex_timeline()).claims
    lines, claimed, made = approved(claims), set(), []
    for claim in claims:
        end = claim.period.end
        found = fund_claim_for(
            FUND, claim.period, lines, claimed, fund_claim_number=len(made) + 1, prepared_on=end
        )
        assert found is not None
        claimed |= {
            (line.claim_number, line.line_number, line.correction_id) for line in found.lines
        }
        made.append(found)
    return made


def test_the_fund_claims_of_the_golden_contract():
    made = ex_fund_claims()
    assert [(claim.document_id, str(asked(claim))) for claim in made] == [
        ("fund-claim:1", "1625.00"),
        ("fund-claim:2", "4125.00"),
        ("fund-claim:3", "2000.00"),
        ("fund-claim:4", "2500.00"),
        ("fund-claim:5", "318.87"),
        ("fund-claim:6", "2550.37"),
        ("fund-claim:7", "2062.00"),
        ("fund-claim:8", "2577.50"),
        ("fund-claim:9", "1241.26"),
        ("fund-claim:10", "-1241.26"),
    ]
    # P2's S18 has no part of the fund, so its line is not claimed.
    assert [(one.claim_number, one.line_number) for one in made[8].lines] == [(9, 1)]


def test_per_metric_and_cumulative_per_metric():
    made = ex_fund_claims()
    sixth = fund_metric_totals(made[5].lines, "GBP")
    assert [(one.metric, one.count, str(one.amount)) for one in sixth] == [
        ("MOVE", 1, "1675.37"),
        ("S24", 1, "875.00"),
    ]
    all_lines = [line for claim in made for line in claim.lines]
    assert [
        (one.metric, one.count, str(one.amount)) for one in fund_metric_totals(all_lines, "GBP")
    ] == [
        ("ENG", 1, "318.87"),
        ("MOVE", 3, "4925.37"),
        ("S06", 3, "7577.50"),
        ("S12", 2, "4062.00"),
        ("S24", 1, "875.00"),
    ]
    assert fund_metric_totals([], "GBP") == ()


@pytest.mark.parametrize(
    ("claims", "claimed", "headroom"),
    [
        (1, "1625.00", "17375.00"),
        (8, "17758.74", "1241.26"),
        (9, "19000.00", "0.00"),
        (10, "17758.74", "1241.26"),
    ],
)
def test_the_award_of_the_golden_contract_is_used_to_its_cap_and_freed_again(
    claims, claimed, headroom
):
    timeline = ex_timeline()
    position = fund_position(FUND, timeline.latest.terms, approved(run(timeline).claims[:claims]))
    assert (position.fund, str(position.award)) == (FUND, "19000.00")
    assert (str(position.claimed), str(position.headroom)) == (claimed, headroom)


def test_the_position_says_years_ends_and_who_bears_the_rest():
    timeline = ex_timeline()
    position = fund_position(FUND, timeline.latest.terms, approved(run(timeline).claims))
    assert [(year, str(amount), cap) for year, amount, cap in position.years] == [
        ("2020/21", "5750.00", None),
        ("2021/22", "4500.00", None),
        ("2022/23", "4931.24", None),
        ("2023/24", "2577.50", None),
    ]
    assert (position.supports_achievements_to, position.claims_to) == (day("2023-06-30"), None)
    assert position.shortfall_borne_by == (
        "above 19000 in all: borne by council; achieved after 2023-06-30: borne by council"
    )


def test_a_position_with_every_kind_of_limit():
    contract = terms(
        caps={
            "payer": [
                {"payer": FUND, "amount": "100", "shortfall": "unpaid"},
                {"payer": COUNCIL, "amount": "900", "shortfall": "unpaid"},
            ],
            "payer_financial_year": [
                {"payer": FUND, "financial_year": "2022/23", "amount": "60"},
                {
                    "payer": FUND,
                    "financial_year": "2023/24",
                    "amount": "50",
                    "shortfall": "carried_forward",
                },
                {
                    "payer": COUNCIL,
                    "financial_year": "2022/23",
                    "amount": "1",
                    "shortfall": "unpaid",
                },
            ],
        },
        funding=funding(
            shares=[
                {
                    "payer": FUND,
                    "share": "0.25",
                    "to_date": "2024-09-30",
                    "claim_longstop": "2024-12-31",
                    "metrics": ["MOVE"],
                    "after_end": "no_payment",
                },
                {
                    "payer": FUND,
                    "share": "0.5",
                    "to_date": "2024-06-30",
                    "claim_longstop": "2024-09-30",
                    "metrics": ["S06"],
                    "after_end": "original_split_if_achieved_before_end",
                },
                {"payer": "ward", "share": "0.1"},
            ]
        ),
    )
    position = fund_position(FUND, contract, [])
    assert position.years == (
        ("2022/23", gbp("0"), gbp("60")),
        ("2023/24", gbp("0"), gbp("50")),
    )
    assert (position.supports_achievements_to, position.claims_to) == (
        day("2024-09-30"),
        day("2024-12-31"),
    )
    assert position.shortfall_borne_by == (
        "above 100 in all: not paid; above 60 in 2022/23: borne by council; "
        "above 50 in 2023/24: carried forward for fund; achieved after 2024-09-30: not paid; "
        "claimed for periods after 2024-12-31: not paid; "
        "achieved after 2024-06-30: borne by council"
    )


def test_a_fund_without_cap_is_measured_against_its_commitment_or_nothing():
    committed = terms(funding=funding(commitments=[{"payer": FUND, "amount": "100.00"}]))
    assert str(fund_position(FUND, committed, []).headroom) == "100.00"
    open_ended = fund_position(FUND, terms(), [])
    assert (open_ended.award, open_ended.headroom) == (None, None)
    assert open_ended.shortfall_borne_by == "no cap and no end date"
    nothing = terms(funding={"remainder_payer": COUNCIL})
    assert fund_position(FUND, nothing, []).claims_to is None


FIRST, SECOND = quarter("2022 Q3"), quarter("2022 Q4")


def line_of(amount="6701.50", **changes):
    """One line of claim 1, of the third quarter of 2022, approved on its last day."""
    item = entitlement("P1", "MOVE", "2022-06-30", "2022-07-11", amount)
    (line,) = prepare(FIRST, version(), [item], usage=Usage())
    return replace(ApprovedLine(1, FIRST, FIRST.end, RECLAIM, line), **changes)


def claim_for(lines, claimed=(), period=FIRST, on="2022-10-05"):
    return fund_claim_for(FUND, period, lines, claimed, fund_claim_number=1, prepared_on=day(on))


@pytest.mark.parametrize(
    ("approved_on", "claimed"),
    [("2022-09-29", True), ("2022-09-30", True), ("2022-10-01", False)],
)
def test_what_is_approved_after_the_period_waits_for_the_next(approved_on, claimed):
    line = line_of(approved_on=day(approved_on))
    found = claim_for([line])
    assert (found is not None) is claimed
    later = claim_for([line], period=SECOND, on="2022-12-31")
    assert later is not None
    assert str(asked(later)) == "1675.37"
    assert (later.prepared_on, later.period, later.fund) == (day("2022-12-31"), SECOND, FUND)


@pytest.mark.parametrize(
    ("on", "refused"), [("2022-09-29", True), ("2022-09-30", False), ("2022-10-01", False)]
)
def test_no_claim_to_a_fund_before_the_period_is_over(on, refused):
    if not refused:
        assert claim_for([line_of()], on=on) is not None
        return
    with pytest.raises(RuleRefused) as error:
        claim_for([line_of()], on=on)
    assert error.value.code == "period-not-over"


def test_nothing_is_claimed_twice_or_from_a_fund_that_pays_itself_or_bears_nothing():
    assert claim_for([]) is None
    assert claim_for([line_of()], claimed={(1, 1, None)}) is None
    assert claim_for([line_of(flow=DIRECT)]) is None
    assert claim_for([line_of("0.03")]) is None
    assert claim_for([line_of()], claimed={(1, 2), (2, 1)}) is not None


def test_lines_stand_in_the_order_of_their_claims():
    lines = [line_of(claim_number=number) for number in (3, 1, 2)]
    found = claim_for(lines)
    assert found is not None
    assert [line.claim_number for line in found.lines] == [1, 2, 3]


@given(
    amounts=st.lists(st.integers(0, 10**9), max_size=8),
    delays=st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_claims_to_the_fund_together_hold_every_part_once(amounts, delays):
    periods = [quarter(f"2022 Q{number}") for number in (1, 2, 3, 4)]
    lines = [
        line_of(f"{minor}", claim_number=number, approved_on=periods[delay].end)
        for number, (minor, delay) in enumerate(zip(amounts, delays, strict=False), start=1)
    ]
    claimed, made = set(), []
    for period in periods:
        found = claim_for(lines, claimed, period, on="2023-01-05")
        if found is not None:
            made += found.lines
            claimed |= {
                (line.claim_number, line.line_number, line.correction_id) for line in found.lines
            }
    assert len(claimed) == len(made)
    parts = total((line.borne_by(FUND) for line in lines), "GBP")
    assert total((line.amount for line in made), "GBP") == parts
    assert fund_position(FUND, terms(), lines).claimed == parts


def versioned(timeline):
    """Every claim of EX with its terms version."""
    return [(claim, timeline.numbered(claim.terms_version)) for claim in run(timeline).claims]


def plain(rows):
    return [
        (row.claim_number, row.line_number, row.reason, row.bearer, str(row.amount)) for row in rows
    ]


@pytest.mark.parametrize("split_rule", ["per_line", "per_claim"])
def test_who_bore_what_the_fund_of_the_golden_contract_did_not(split_rule):
    rows = fund_shortfalls(FUND, versioned(ex_timeline(split_rule=split_rule)))
    assert plain(rows) == [
        (9, 1, CAP, COMMISSIONER, "820.74"),
        (9, 2, END_DATE, COMMISSIONER, "813.00"),
        (10, 1, CAP, COMMISSIONER, "-820.74"),
    ]


CAPPED = {"payer": FUND, "amount": "100"}
ENDED = {"payer": FUND, "share": "0.25", "to_date": "2022-06-29"}


@pytest.mark.parametrize(
    ("changes", "amounts", "expected"),
    [
        ({}, ["400"], []),
        ({"caps": {"payer": [CAPPED]}}, ["400"], []),
        ({"caps": {"payer": [CAPPED]}}, ["400.04"], [(CAP, COMMISSIONER, "0.01")]),
        ({"caps": {"payer": [CAPPED | {"shortfall": "unpaid"}]}}, ["500"],
         [(CAP, NOBODY, "25.00")]),
        ({"caps": {"payer": [CAPPED | {"shortfall": "carried_forward"}]}}, ["500"],
         [(CAP, CARRIED, "25.00")]),
        ({"caps": {"payer_financial_year":
                   [{"payer": FUND, "financial_year": "2022/23", "amount": "40",
                     "shortfall": "unpaid"}],
                   "payer": [CAPPED]}}, ["500"],
         [(CAP, COMMISSIONER, "25.00"), (CAP, NOBODY, "60.00")]),
        ({"caps": {"payer": [{"payer": COUNCIL, "amount": "1", "shortfall": "unpaid"}]}},
         ["500"], []),
        ({"funding": funding(shares=[ENDED])}, ["500"], [(END_DATE, COMMISSIONER, "125.00")]),
        ({"funding": funding(shares=[ENDED | {"to_date": "2022-06-30"}])}, ["500"], []),
        ({"funding": funding(shares=[ENDED | {"after_end": "no_payment"}])}, ["500"],
         [(END_DATE, NOBODY, "125.00")]),
        ({"funding": funding(shares=[ENDED, {"payer": "ward", "share": "0.1"}])}, ["500"],
         [(END_DATE, COMMISSIONER, "125.00")]),
        ({"caps": {"person": "0", "payer": [CAPPED]}}, ["500"], []),
    ],
)  # fmt: skip
def test_each_policy_of_the_terms_says_who_bears_it(changes, amounts, expected):
    contract = version(**changes)
    claim = claim_of(contract, amounts)
    rows = fund_shortfalls(FUND, [(claim, contract)])
    assert [(row.reason, row.bearer, str(row.amount)) for row in rows] == expected


def claim_of(contract, amounts):
    items = [
        entitlement(f"P{index}", "MOVE", "2022-06-30", "2022-07-11", amount)
        for index, amount in enumerate(amounts)
    ]
    lines = prepare(FIRST, contract, items, usage=Usage())
    return Claim(1, FIRST, supplementary=False, terms_version=1, lines=lines)


def test_what_is_carried_forward_and_then_borne_or_taken_back_is_no_longer_missing():
    caps = {"payer": [CAPPED | {"shortfall": "carried_forward"}]}
    tight = version(caps=caps)
    wide = version(2, caps={"payer": [CAPPED | {"amount": "110"}]})
    first = claim_of(tight, ["500"])
    usage = usage_after(Usage(), first.lines, FIRST)
    carried = CarriedForward(1, first.lines[0], FUND)
    lines = prepare(SECOND, wide, [], usage=usage, carried_forward=[carried])
    second = Claim(2, SECOND, supplementary=False, terms_version=2, lines=lines)
    rows = fund_shortfalls(FUND, [(first, tight), (second, wide)])
    assert plain(rows) == [(1, 1, CAP, CARRIED, "25.00"), (2, 1, CAP, CARRIED, "-10.00")]
    usage = usage_after(usage, lines, SECOND)
    clawbacks = [
        Clawback(1, first.lines[0], day("2022-11-01")),
        Clawback(2, lines[0], day("2022-11-01")),
    ]
    third_lines = prepare(quarter("2023 Q1"), wide, [], usage=usage, clawbacks=clawbacks)
    third = Claim(3, quarter("2023 Q1"), False, 2, third_lines)  # noqa: FBT003
    rows = fund_shortfalls(FUND, [(first, tight), (second, wide), (third, wide)])
    assert total((row.amount for row in rows), "GBP") == gbp("0")
    assert plain(rows)[2:] == [(3, 1, CAP, CARRIED, "-25.00"), (3, 2, CAP, CARRIED, "10.00")]
