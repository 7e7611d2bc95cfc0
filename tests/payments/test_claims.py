"""Claims as a whole: the published plan rebuilt, order of lines, and their totals."""

import random

import pytest

from app.domain.errors import RuleRefused
from app.payments.activity import ActivityDue
from app.payments.claims import claim_totals, prepare
from app.payments.evaluation import Clawback
from app.payments.usage import Usage
from tests.factories import (
    COUNCIL,
    FUND,
    day,
    entitlement,
    gbp,
    quarter,
    version,
)
from tests.used import usage_after

PRICES = {"MOVE": "2750", "S06": "6500", "S12": "10000", "S24": "17000"}
# Counts by quarter of the reconstruction, and the published plan of each quarter.
PLAN = {
    "2020 Q1": ((7, 0, 0, 0), 19250),
    "2020 Q2": ((6, 6, 0, 0), 55500),
    "2020 Q3": ((7, 6, 0, 0), 58250),
    "2020 Q4": ((6, 6, 5, 0), 105500),
    "2021 Q1": ((7, 6, 6, 0), 118250),
    "2021 Q2": ((6, 6, 5, 0), 105500),
    "2021 Q3": ((7, 6, 6, 0), 118250),
    "2021 Q4": ((6, 6, 5, 5), 190500),
    "2022 Q1": ((7, 6, 6, 5), 203250),
    "2022 Q2": ((6, 6, 5, 4), 173500),
    "2022 Q3": ((7, 6, 5, 5), 193250),
    "2022 Q4": ((6, 6, 5, 5), 190500),
    "2023 Q1": ((7, 6, 6, 5), 203250),
    "2023 Q2": ((6, 6, 5, 4), 173500),
    "2023 Q3": ((7, 5, 5, 4), 169750),
    "2023 Q4": ((6, 6, 5, 5), 190500),
    "2024 Q1": ((0, 5, 5, 5), 167500),
    "2024 Q2": ((0, 0, 5, 5), 135000),
    "2024 Q3": ((0, 0, 5, 4), 118000),
    "2024 Q4": ((0, 0, 0, 5), 85000),
    "2025 Q1": ((0, 0, 0, 4), 68000),
    "2025 Q2": ((0, 0, 0, 5), 85000),
    "2025 Q3": ((0, 0, 0, 4), 68000),
}


def planned_outcomes(name, counts):
    """A quarter's outcomes of people numbered in the order in which they reach each metric."""
    start = quarter(name).start.isoformat()
    return [
        entitlement(f"{name}-{number}", metric, start, start, PRICES[metric])
        for metric, count in zip(PRICES, counts, strict=True)
        for number in range(count)
    ]


def plan_claims(**terms):
    """Every quarter's lines, claim after claim."""
    contract = version(**terms)
    usage, claims = Usage(), {}
    for name, (counts, _) in PLAN.items():
        claims[name] = prepare(quarter(name), contract, planned_outcomes(name, counts), usage=usage)
        usage = usage_after(usage, claims[name], quarter(name))
    return claims, usage


CAPPED = {
    "caps": {
        "contract": "2744750",
        "payer": [
            {"payer": FUND, "amount": "686187"},
            {"payer": COUNCIL, "amount": "2058563"},
        ],
    }
}


def test_the_reconstruction_counts_every_outcome_once():
    sums = [sum(counts) for counts in zip(*(row[0] for row in PLAN.values()), strict=True)]
    assert sums == [104, 94, 84, 74]


def test_without_caps_every_quarter_equals_the_published_plan():
    claims, usage = plan_claims()
    found = {
        name: claim_totals(lines, "GBP").payable.minor // 100 for name, lines in claims.items()
    }
    assert found == {name: plan for name, (_, plan) in PLAN.items()}
    assert usage.contract_minor == 299500000


def test_against_the_contract_cap_exactly_250250_is_capped():
    claims, usage = plan_claims(**CAPPED)
    lines = [line for lines in claims.values() for line in lines]
    totals = claim_totals(lines, "GBP")
    assert (str(totals.gross), str(totals.capped), str(totals.payable)) == (
        "2995000.00",
        "250250.00",
        "2744750.00",
    )
    assert {cut.cap for line in lines for cut in line.cuts} == {"contract"}
    assert usage.payer_minor == {FUND: 68618700, COUNCIL: 205856300}
    for name in claims:
        assert claim_totals(claims[name], "GBP").gross.minor // 100 == PLAN[name][1]


def test_the_fund_never_passes_its_cap_on_the_way():
    contract, usage = version(**CAPPED), Usage()
    for name, (counts, _) in PLAN.items():
        for item in planned_outcomes(name, counts):
            lines = prepare(quarter(name), contract, [item], usage=usage)
            usage = usage_after(usage, lines, quarter(name))
            assert usage.payer_minor[FUND] <= 68618700
            assert usage.payer_minor[COUNCIL] <= 205856300


def test_order_is_achievement_date_then_metric_order_then_participant():
    items = [
        entitlement("P2", "S06", "2021-01-05", "2021-02-01", "1"),
        entitlement("P1", "S06", "2021-01-05", "2021-03-01", "1"),
        entitlement("P9", "MOVE", "2021-01-05", "2021-02-01", "1"),
        entitlement("P0", "S24", "2021-01-04", "2021-02-01", "1"),
        entitlement("P0", "OLD", "2021-01-05", "2021-02-01", "1"),
        entitlement("P0", "OLD", "2021-01-05", "2021-02-01", "1", entitlement_id="P0:OLD:2"),
    ]
    expected = ["P0:S24", "P9:MOVE", "P1:S06", "P2:S06", "P0:OLD", "P0:OLD:2"]
    for seed in range(10):
        random.Random(seed).shuffle(items)
        lines = prepare(quarter("2021 Q1"), version(), items, usage=Usage())
        assert [line.source_id for line in lines] == expected
        assert [line.line_number for line in lines] == [1, 2, 3, 4, 5, 6]


def activity(person, due_on="2020-12-01"):
    return ActivityDue(f"COVID:{person}", "COVID", person, day(due_on), gbp("20.00"), ())


def test_activity_follows_outcomes_and_never_crowds_them_out():
    contract = version(caps={"contract": "70.00", "metric": [], "person": "65.00"})
    lines = prepare(
        quarter("2021 Q1"),
        contract,
        [entitlement("P1", "MOVE", "2021-01-05", "2021-02-01", "65.00")],
        activity=[activity("P2"), activity("P1")],
        usage=Usage(),
    )
    assert [(line.source_id, str(line.payable), line.count) for line in lines] == [
        ("P1:MOVE", "65.00", 1),
        ("COVID:P1", "5.00", 0),
        ("COVID:P2", "0.00", 0),
    ]
    assert [line.shares[0].payer for line in lines[:2]] == [COUNCIL, COUNCIL]


def test_a_clawback_comes_first_so_that_its_room_serves_the_same_claim():
    contract = version(caps={"contract": "65.00"})
    first = prepare(
        quarter("2021 Q1"),
        contract,
        [entitlement("P1", "MOVE", "2021-01-05", "2021-02-01", "65.00")],
        usage=Usage(),
    )
    usage = usage_after(Usage(), first, quarter("2021 Q1"))
    later = [entitlement("P2", "MOVE", "2021-04-05", "2021-05-01", "65.00")]
    without = prepare(quarter("2021 Q2"), contract, later, usage=usage)
    assert str(without[0].payable) == "0.00"
    lines = prepare(
        quarter("2021 Q2"),
        contract,
        later,
        usage=usage,
        clawbacks=[Clawback(1, first[0], day("2021-06-01"))],
    )
    assert [str(line.payable) for line in lines] == ["-65.00", "65.00"]
    assert usage_after(usage, lines, quarter("2021 Q2")).contract_minor == 6500


def test_caps_and_funding_are_of_the_claims_version_but_share_dates_of_the_achievement():
    share = {"payer": FUND, "share": "0.5", "from_date": "2021-01-10"}
    contract = version(2, funding={"shares": [share], "remainder_payer": COUNCIL})
    lines = prepare(
        quarter("2021 Q1"),
        contract,
        [
            entitlement("P1", "MOVE", "2021-01-09", "2021-02-01", "1.00"),
            entitlement("P2", "MOVE", "2021-01-10", "2021-02-01", "1.00"),
        ],
        usage=Usage(),
    )
    assert [[share.payer for share in line.shares] for line in lines] == [
        [COUNCIL],
        [COUNCIL, FUND],
    ]
    assert lines[0].working[0].refs[0] == "terms:2#/funding"


@pytest.mark.parametrize(("verified_on", "accepted"), [("2021-03-31", True), ("2021-04-01", False)])
def test_what_was_verified_after_the_period_belongs_to_a_later_claim(verified_on, accepted):
    items = [entitlement("P1", "MOVE", "2021-01-09", verified_on, "1.00")]
    if accepted:
        assert len(prepare(quarter("2021 Q1"), version(), items, usage=Usage())) == 1
        return
    with pytest.raises(RuleRefused) as refused:
        prepare(quarter("2021 Q1"), version(), items, usage=Usage())
    assert refused.value.code == "after-claim-period"


def test_the_same_entitlement_twice_is_refused():
    item = entitlement("P1", "MOVE", "2021-01-09", "2021-02-01", "1.00")
    with pytest.raises(RuleRefused) as refused:
        prepare(quarter("2021 Q1"), version(), [item, item], usage=Usage())
    assert refused.value.code == "claimed-twice"


def test_another_currency_is_a_programming_error():
    item = entitlement("P1", "MOVE", "2021-01-09", "2021-02-01", "1.00")
    with pytest.raises(AssertionError):
        prepare(quarter("2021 Q1"), version(currency="EUR"), [item], usage=Usage())


def test_totals_by_payer_and_metric():
    lines = prepare(
        quarter("2021 Q1"),
        version(caps={"person": "1.50"}),
        [
            entitlement("P1", "S06", "2021-01-09", "2021-02-01", "1.00"),
            entitlement("P1", "MOVE", "2021-01-08", "2021-02-01", "1.00"),
            entitlement("P2", "MOVE", "2021-01-09", "2021-02-01", "1.00"),
        ],
        usage=Usage(),
    )
    totals = claim_totals(lines, "GBP")
    assert [str(m) for m in (totals.gross, totals.capped, totals.payable)] == [
        "3.00",
        "0.50",
        "2.50",
    ]
    assert [(share.payer, str(share.amount)) for share in totals.by_payer] == [
        (COUNCIL, "1.88"),
        (FUND, "0.62"),
    ]
    assert [
        (item.metric, item.count, str(item.gross), str(item.capped), str(item.payable))
        for item in totals.by_metric
    ] == [("MOVE", 2, "2.00", "0.00", "2.00"), ("S06", 1, "1.00", "0.50", "0.50")]


def test_an_empty_claim_has_no_lines_and_totals_of_nothing():
    lines = prepare(quarter("2021 Q1"), version(), [], usage=Usage())
    totals = claim_totals(lines, "GBP")
    assert (lines, str(totals.payable), totals.by_payer) == ((), "0.00", ())
