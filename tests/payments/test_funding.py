"""The split: rounding, remainder, ties, dates and ends of shares, per line and per claim."""

from fractions import Fraction

import pytest

from app.domain.errors import RuleRefused
from app.domain.money import Rounding
from app.payments.funding import FundingRules, Splitter, whole_pennies
from tests.factories import COUNCIL, FUND, day, funding, quarter, version

ON = day("2023-06-30")


def rules(*shares, period="2023 Q3", **changes):
    return FundingRules.of(
        version(funding=funding(shares=list(shares), **changes)), quarter(period)
    )


def quarter_share(**changes):
    return {"payer": FUND, "share": "0.25", **changes}


def split(read, amount, metric="MOVE", achieved_on=ON):
    return Splitter(read).split(amount, metric, achieved_on)


@pytest.mark.parametrize(
    ("amount", "rounding", "fund", "council"),
    [
        (670150, "floor", 167537, 502613),
        (670150, "half_up", 167538, 502612),
        (127550, "floor", 31887, 95663),
        (127550, "half_up", 31888, 95662),
        (274475000, "floor", 68618750, 205856250),
        (9999, "floor", 2499, 7500),
        (9999, "half_up", 2500, 7499),
        (1, "floor", 0, 1),
        (1, "half_up", 0, 1),
        (2, "half_up", 1, 1),
        (0, "floor", 0, 0),
    ],
)
def test_a_quarter_is_rounded_once_and_the_remainder_payer_bears_the_rest(
    amount, rounding, fund, council
):
    result = split(rules(quarter_share(), rounding=rounding), amount)
    assert result.by_payer == {FUND: fund, COUNCIL: council}


def test_the_working_names_shares_rounding_and_parts():
    step = split(rules(quarter_share()), 670150).working[0]
    assert step.because == (
        "fund bears 1/4; council bears the rest; rounded down on the line: "
        "council GBP 5,026.13, fund GBP 1,675.37."
    )
    assert step.refs == ("terms:1#/funding", "terms:1#/funding/shares/0")
    alone = split(rules(rounding="half_up", split_rule="per_claim"), 5).working[0]
    assert alone.because == (
        "council bears the rest; rounded half up on the claim so far: council GBP 0.05."
    )


def test_the_remainder_payer_may_be_listed_or_not():
    listed = rules(quarter_share(), {"payer": COUNCIL, "share": "0.75"})
    assert split(listed, 9999).by_payer == split(rules(quarter_share()), 9999).by_payer


def test_a_payer_listed_twice_bears_both_parts_rounded_once():
    twice = rules({"payer": FUND, "share": "1/3"}, {"payer": FUND, "share": "1/3"})
    assert split(twice, 5).by_payer == {FUND: 3, COUNCIL: 2}


@pytest.mark.parametrize("reverse", [False, True])
def test_half_up_of_equal_halves_gives_the_penny_to_the_first_payer_id(reverse):
    shares = [{"payer": FUND, "share": "0.5"}, {"payer": "ward", "share": "0.5"}]
    read = rules(*(reversed(shares) if reverse else shares), rounding="half_up")
    assert split(read, 1).by_payer == {FUND: 1, "ward": 0, COUNCIL: 0}


def test_half_up_over_the_whole_goes_to_the_largest_remainders():
    # 0.05 at 0.3 / 0.3 / 0.4 is 1.5, 1.5 and 2.0 pence: half up makes 6 of 5.
    shares = [
        {"payer": "alpha", "share": "0.3"},
        {"payer": "beta", "share": "0.3"},
        {"payer": "gamma", "share": "0.4"},
    ]
    read = rules(*shares, rounding="half_up")
    assert split(read, 5).by_payer == {"alpha": 2, "beta": 1, "gamma": 2, COUNCIL: 0}


def test_whole_pennies_never_come_from_a_payer_that_was_given_none():
    dues = (Fraction(0), Fraction(1), Fraction(1))
    assert whole_pennies(1, dues, Rounding.FLOOR) == [0, 1, 0]


def test_shares_over_the_whole_are_refused():
    over = rules({"payer": FUND, "share": "0.6"}, {"payer": "ward", "share": "0.5"})
    with pytest.raises(RuleRefused, match="11/10") as refused:
        split(over, 100)
    assert refused.value.code == "shares-exceed-whole"


def test_shares_over_the_whole_on_different_days_are_fine():
    successive = rules(
        {"payer": FUND, "share": "0.6", "to_date": "2023-06-29"},
        {"payer": "ward", "share": "0.5", "from_date": "2023-07-01"},
    )
    assert split(successive, 100).by_payer == {COUNCIL: 100}


@pytest.mark.parametrize(
    ("achieved_on", "fund"),
    [("2021-03-31", 0), ("2021-04-01", 25), ("2023-06-30", 25), ("2023-07-01", 0)],
)
def test_a_share_supports_achievements_from_its_first_day_to_its_last(achieved_on, fund):
    read = rules(quarter_share(from_date="2021-04-01", to_date="2023-06-30"))
    assert split(read, 100, achieved_on=day(achieved_on)).by_payer.get(FUND, 0) == fund


@pytest.mark.parametrize(("metric", "fund"), [("MOVE", 25), ("S06", 0), ("COVID", 0)])
def test_a_share_for_some_metrics_leaves_the_others_to_the_remainder_payer(metric, fund):
    read = rules(quarter_share(metrics=["MOVE"]))
    assert split(read, 100, metric).by_payer.get(FUND, 0) == fund


BEFORE, AFTER = "2023-06-30", "2023-07-01"


@pytest.mark.parametrize(
    ("policy", "achieved_on", "longstop", "fund", "council", "cut"),
    [
        ("commissioner_pays_full", BEFORE, "2023-09-30", 25, 75, 0),
        ("commissioner_pays_full", AFTER, "2023-09-30", 0, 100, 0),
        ("commissioner_pays_full", BEFORE, "2023-09-29", 0, 100, 0),
        ("no_payment", BEFORE, "2023-09-30", 25, 75, 0),
        ("no_payment", AFTER, "2023-09-30", 0, 75, 25),
        ("no_payment", BEFORE, "2023-09-29", 0, 75, 25),
        ("original_split_if_achieved_before_end", BEFORE, "2023-09-29", 25, 75, 0),
        ("original_split_if_achieved_before_end", AFTER, "2023-09-30", 0, 100, 0),
    ],
)
def test_after_a_share_has_ended(policy, achieved_on, longstop, fund, council, cut):
    read = rules(quarter_share(to_date=BEFORE, claim_longstop=longstop, after_end=policy))
    result = split(read, 100, achieved_on=day(achieved_on))
    assert (result.by_payer.get(FUND, 0), result.by_payer[COUNCIL]) == (fund, council)
    assert [(item.cap, item.amount.minor) for item in result.cuts] == (
        [(f"after_end:{FUND}", cut)] if cut else []
    )


def test_no_payment_of_less_than_a_penny_cuts_nothing():
    read = rules(quarter_share(to_date="2020-01-01", after_end="no_payment"))
    assert split(read, 3).cuts == ()


def test_the_commissioner_bears_an_ended_share_also_when_another_takes_the_remainder():
    read = rules(quarter_share(to_date="2020-01-01"), remainder_payer="ward")
    result = split(read, 100)
    assert result.by_payer == {COUNCIL: 25, "ward": 75}
    assert "the share 1/4 of fund has ended and council bears it" in result.working[0].because


def test_no_payment_is_told():
    read = rules(quarter_share(to_date="2020-01-01", after_end="no_payment"))
    assert "has ended and is not paid" in split(read, 100).working[0].because


@pytest.mark.parametrize(
    ("shares", "payer", "closed"),
    [
        ([quarter_share(claim_longstop="2023-09-29")], FUND, True),
        ([quarter_share(claim_longstop="2023-09-30")], FUND, False),
        ([quarter_share(claim_longstop="2023-09-29"), quarter_share()], FUND, False),
        ([quarter_share(claim_longstop="2023-09-29")], COUNCIL, False),
    ],
)
def test_a_payer_is_closed_when_all_its_shares_are_past_their_longstop(shares, payer, closed):
    assert rules(*shares).closed_to(payer) is closed


def test_per_claim_shares_add_up_to_the_rounded_share_of_the_claim_total():
    splitter = Splitter(rules(quarter_share(), split_rule="per_claim"))
    found = [splitter.split(99, "MOVE", ON).by_payer for _ in range(4)]
    # A quarter of 3.96 is 0.99; per line it would be four times 0.24.
    assert [line[FUND] for line in found] == [24, 25, 25, 25]
    assert [sum(line.values()) for line in found] == [99] * 4


def test_per_claim_pennies_that_a_line_cannot_hold_follow_on_the_next():
    shares = [{"payer": FUND, "share": "0.5"}, {"payer": "ward", "share": "0.5"}]
    splitter = Splitter(rules(*shares, split_rule="per_claim"))
    found = [splitter.split(amount, "MOVE", ON).by_payer for amount in (1, 1, 4)]
    assert found == [
        {FUND: 0, "ward": 0, COUNCIL: 1},
        {FUND: 1, "ward": 0, COUNCIL: 0},
        {FUND: 2, "ward": 2, COUNCIL: 0},
    ]


def test_per_claim_counts_each_shares_own_lines_only():
    splitter = Splitter(
        rules(quarter_share(metrics=["MOVE"], to_date="2023-06-30"), split_rule="per_claim")
    )
    found = [
        splitter.split(99, metric, ON).by_payer.get(FUND, 0) for metric in ("MOVE", "S06", "MOVE")
    ]
    assert found == [24, 0, 25]
