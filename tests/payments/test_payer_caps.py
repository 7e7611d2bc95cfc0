"""Payer caps over the project and by financial year, and each shortfall policy."""

import pytest

from app.payments.payer_caps import PayerCapRules, within_payer_caps
from app.payments.usage import Tally, Usage
from tests.factories import COUNCIL, FUND, quarter, version

LATER = "payer_financial_year"


def borne(parts, *, usage=None, period="2023 Q1", carried_only=False, payer=(), year=()):
    caps = {"payer": list(payer), LATER: list(year)}
    rules = PayerCapRules.of(version(caps=caps), quarter(period))
    return within_payer_caps(rules, Tally(usage or Usage()), parts, carried_only=carried_only)


def cap(payer, amount, shortfall="commissioner_absorbs", **year):
    return {"payer": payer, "amount": amount, "shortfall": shortfall, **year}


def plain(items):
    return {getattr(item, "payer", None) or item.cap: item.amount.minor for item in items}


def test_without_caps_the_split_stands_without_zeros():
    result = borne({FUND: 25, COUNCIL: 75, "ward": 0})
    assert plain(result.shares) == {COUNCIL: 75, FUND: 25}
    assert (result.cuts, result.carried, result.working) == ((), (), ())


@pytest.mark.parametrize(
    ("shortfall", "shares", "cuts", "carried"),
    [
        ("commissioner_absorbs", {FUND: 10, COUNCIL: 90}, {}, {}),
        ("unpaid", {FUND: 10, COUNCIL: 75}, {"payer:fund": 15}, {}),
        ("carried_forward", {FUND: 10, COUNCIL: 75}, {"payer:fund": 15}, {FUND: 15}),
    ],
)
def test_what_a_payer_cannot_bear_follows_the_policy(shortfall, shares, cuts, carried):
    result = borne(
        {FUND: 25, COUNCIL: 75},
        usage=Usage(payer_minor={FUND: 90}),
        payer=[cap(FUND, "1.00", shortfall)],
    )
    assert (plain(result.shares), plain(result.cuts), plain(result.carried)) == (
        shares,
        cuts,
        carried,
    )
    assert "GBP 0.10 was left under the cap of payer fund" in result.working[0].because


@pytest.mark.parametrize(("used", "fund"), [(74, 25), (75, 25), (76, 24), (100, 0), (120, 0)])
def test_a_payer_pays_up_to_its_cap_exactly(used, fund):
    result = borne(
        {FUND: 25, COUNCIL: 75},
        usage=Usage(payer_minor={FUND: used}),
        payer=[cap(FUND, "1.00")],
    )
    assert plain(result.shares) == {
        COUNCIL: 100 - fund,
        **({FUND: fund} if fund else {}),
    }


@pytest.mark.parametrize(
    ("shortfall", "carried"),
    [("commissioner_absorbs", {}), ("unpaid", {}), ("carried_forward", {COUNCIL: 15})],
)
def test_the_commissioner_cannot_absorb_for_itself(shortfall, carried):
    result = borne(
        {FUND: 25, COUNCIL: 75},
        usage=Usage(payer_minor={FUND: 100, COUNCIL: 15}),
        payer=[cap(FUND, "1.00"), cap(COUNCIL, "1.00", shortfall)],
    )
    assert plain(result.shares) == {COUNCIL: 85}
    assert plain(result.cuts) == {"payer:council": 15}
    assert plain(result.carried) == carried


def test_the_commissioner_absorbs_although_it_bore_nothing_before():
    result = borne({FUND: 100}, payer=[cap(FUND, "0.40")])
    assert plain(result.shares) == {COUNCIL: 60, FUND: 40}


@pytest.mark.parametrize(
    ("period", "fund"), [("2022 Q1", 25), ("2022 Q2", 20), ("2023 Q1", 20), ("2023 Q2", 25)]
)
def test_a_year_cap_binds_claims_that_end_in_april_to_march(period, fund):
    result = borne(
        {FUND: 25, COUNCIL: 75},
        period=period,
        usage=Usage(payer_year_minor={(FUND, "2022/23"): 80, (FUND, "2021/22"): 999}),
        year=[cap(FUND, "1.00", "unpaid", financial_year="2022/23")],
    )
    assert plain(result.shares)[FUND] == fund
    assert plain(result.cuts) == ({"payer_financial_year:fund:2022/23": 5} if fund == 20 else {})


def test_the_project_cap_comes_before_the_years_cap():
    result = borne(
        {FUND: 50, COUNCIL: 50},
        payer=[cap(FUND, "0.40", "carried_forward")],
        year=[cap(FUND, "0.30", "carried_forward", financial_year="2022/23")],
    )
    assert plain(result.cuts) == {"payer:fund": 10, "payer_financial_year:fund:2022/23": 10}
    assert plain(result.carried) == {FUND: 20}
    assert [step.rule for step in result.working] == ["cap.payer", "cap.payer_financial_year"]


def test_several_payers_short_on_one_line():
    result = borne(
        {FUND: 30, "ward": 30, COUNCIL: 40},
        payer=[cap("ward", "0.20", "carried_forward"), cap(FUND, "0.10", "carried_forward")],
    )
    assert plain(result.carried) == {FUND: 20, "ward": 10}
    assert plain(result.shares) == {COUNCIL: 40, FUND: 10, "ward": 20}


@pytest.mark.parametrize("shortfall", ["commissioner_absorbs", "unpaid", "carried_forward"])
def test_a_carried_amount_stays_with_its_payer_whatever_the_policy(shortfall):
    result = borne({FUND: 50}, carried_only=True, payer=[cap(FUND, "0.30", shortfall)])
    assert plain(result.shares) == {FUND: 30}
    assert plain(result.cuts) == {"payer:fund": 20}
    assert plain(result.carried) == {FUND: 20}
