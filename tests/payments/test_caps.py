"""Each cap before the split at its edges, alone and in order."""

import pytest

from app.domain.claim import LineKind
from app.payments.caps import CapRules, within_caps
from app.payments.usage import Tally, Usage
from tests.factories import version

OUTCOME, ACTIVITY, CARRIED = LineKind.OUTCOME, LineKind.ACTIVITY, LineKind.CARRIED_FORWARD


def capped(caps, usage=None, *, gross=1000, kind=OUTCOME, origin=OUTCOME, metric="MOVE", **terms):
    rules = CapRules.of(version(caps=caps, **terms))
    return within_caps(
        rules,
        Tally(usage or Usage()),
        kind=kind,
        origin=origin,
        metric=metric,
        participant_id="P1",
        gross=gross,
    )


def names(result):
    return [(cut.cap, cut.amount.minor) for cut in result.cuts]


def test_without_caps_nothing_is_cut_and_nothing_need_be_told():
    result = capped({})
    assert (result.amount, result.cuts, result.working) == (1000, (), ())


@pytest.mark.parametrize(
    ("used", "amount"),
    [(0, 1000), (8999, 1000), (9000, 1000), (9001, 999), (9999, 1), (10000, 0), (12000, 0)],
)
@pytest.mark.parametrize("cap", ["person", "contract"])
def test_an_amount_cap_leaves_what_was_left_and_never_less_than_nothing(cap, used, amount):
    usage = Usage(contract_minor=used, person_minor={"P1": used, "P2": 7})
    result = capped({cap: "100.00"}, usage)
    assert result.amount == amount
    assert names(result) == ([(cap, 1000 - amount)] if amount < 1000 else [])


def test_a_clawback_restores_room():
    assert capped({"contract": "1.00"}, Usage(contract_minor=-900)).amount == 1000


def test_the_working_says_how_much_room_there_was():
    usage = Usage(person_minor={"P1": 2450000})
    result = capped({"person": "28000.00"}, usage, gross=477875)
    assert result.working[0].because == (
        "GBP 3,500.00 was left under the cap per person of GBP 28,000.00: GBP 1,278.75 of "
        "GBP 4,778.75 is over it; it is cut."
    )
    assert result.working[0].refs == ("terms:1#/caps/person",)
    easy = capped({"contract": "85000"})
    assert easy.working[0].because == (
        "Within what was left under the contract cap of GBP 85,000.00; nothing is cut."
    )


@pytest.mark.parametrize(("used", "amount"), [(59, 1000), (60, 0), (61, 0)])
def test_a_metric_cap_pays_up_to_its_count_and_then_nothing(used, amount):
    caps = {"metric": [{"metrics": ["MOVE"], "count_max": 60}]}
    result = capped(caps, Usage(metric_count={"MOVE": used, "S06": 99}))
    assert result.amount == amount
    assert names(result) == ([] if amount else [("metric", 1000)])
    told = "Fewer than 60 paid so far" if amount else f"{used} of at most 60 paid so far"
    assert f"{told} for MOVE" in result.working[0].because


def test_a_target_that_is_no_cap_cuts_nothing_and_says_so():
    item = {"metrics": ["MOVE"], "count_max": 60, "policy": "target_is_not_cap"}
    result = capped({"metric": [item]}, Usage(metric_count={"MOVE": 60}))
    assert result.amount == 1000
    assert "a target and not a cap" in result.working[0].because


@pytest.mark.parametrize(
    ("counts", "amount"),
    [
        ({"MOVE": 3, "S06": 6}, 1000),
        ({"MOVE": 3, "S06": 7}, 0),
        ({"MOVE": 10}, 0),
        ({"S06": 11, "MOVE": -1}, 0),
        # Net of clawback: a count taken back can be paid again.
        ({"S06": 10, "MOVE": -1}, 1000),
    ],
)
def test_a_pooled_cap_counts_its_metrics_together(counts, amount):
    caps = {"metric": [{"metrics": ["MOVE", "S06", "MOVE"], "count_max": 10}]}
    assert capped(caps, Usage(metric_count=counts)).amount == amount


def test_of_two_caps_on_one_metric_the_fuller_one_cuts():
    caps = {
        "metric": [
            {"metrics": ["MOVE"], "count_max": 5},
            {"metrics": ["MOVE", "S06"], "count_max": 8},
        ]
    }
    result = capped(caps, Usage(metric_count={"MOVE": 4, "S06": 4}))
    assert (result.amount, names(result)) == (0, [("metric", 1000)])
    assert len(result.working) == 2


def test_a_free_outcome_beyond_its_count_has_nothing_to_cut():
    caps = {"metric": [{"metrics": ["MOVE"], "count_max": 0}]}
    assert capped(caps, gross=0).cuts == ()


def test_caps_bite_in_order_each_on_what_the_one_before_left():
    usage = Usage(contract_minor=9700, person_minor={"P1": 9500})
    result = capped({"person": "100.00", "contract": "100.00"}, usage)
    assert (result.amount, names(result)) == (300, [("person", 500), ("contract", 200)])
    assert [step.rule for step in result.working] == ["cap.person", "cap.contract"]


def test_a_carried_outcome_is_not_counted_again():
    caps = {"metric": [{"metrics": ["MOVE"], "count_max": 0}], "person": "5.00"}
    result = capped(caps, kind=CARRIED)
    assert (result.amount, names(result)) == (500, [("person", 500)])


def activity_payment(code, **changes):
    return {
        "code": code,
        "name": code,
        "amount": "2000",
        "from_date": "2020-12-01",
        "to_date": "2021-12-31",
        **changes,
    }


@pytest.mark.parametrize(
    ("used", "cuts"), [(3000, []), (4500, [("activity:COVID", 500)]), (9000, [])]
)
def test_an_activity_payment_meets_its_own_cap_and_the_contract_cap_only(used, cuts):
    code = "FREE" if used == 9000 else "COVID"
    payments = [activity_payment("FREE"), activity_payment("COVID", cap="50.00")]
    caps = {
        "metric": [{"metrics": ["MOVE"], "count_max": 0}],
        "person": "0",
        "contract": "100.00",
    }
    usage = Usage(activity_minor={"COVID": used}, person_minor={"P1": 99})
    result = capped(
        caps, usage, kind=ACTIVITY, origin=ACTIVITY, metric=code, activity_payments=payments
    )
    assert names(result) == cuts
    assert result.working[-1].rule == "cap.contract"


def test_the_activity_cap_is_named_in_cut_and_rule():
    payments = [activity_payment("COVID", cap="1.00")]
    result = capped({}, kind=ACTIVITY, origin=ACTIVITY, metric="COVID", activity_payments=payments)
    assert (names(result), result.working[0].rule) == ([("activity:COVID", 900)], "cap.activity")
