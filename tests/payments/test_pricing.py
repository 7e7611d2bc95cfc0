"""Which edition prices an outcome, by each price date, at its edges; lateness; refusals."""

import pytest

from app.domain.errors import RuleRefused
from app.payments.pricing import price
from tests.factories import day, timeline, version

EDITIONS = [
    {
        "code": "old",
        "from_date": "2019-11-28",
        "to_date": "2022-03-31",
        "prices": {"MOVE": "6500.00", "S06": "10000.00"},
    },
    {"code": "new", "from_date": "2022-04-01", "prices": {"MOVE": "6701.50"}},
]


def priced(metric="MOVE", *, terms=None, **changes):
    values = {
        "achieved_on": day("2022-03-31"),
        "submitted_on": day("2022-04-01"),
        "verified_on": day("2022-04-08"),
        "anchor_on": day("2021-09-30"),
        "late": False,
        "timeline": terms or timeline(version(rate_card=EDITIONS)),
        "terms_version": 1,
        **changes,
    }
    return price(metric, **values)


@pytest.mark.parametrize(
    ("achieved_on", "amount", "edition"),
    [
        ("2019-11-28", "6500.00", "old"),
        ("2022-03-30", "6500.00", "old"),
        ("2022-03-31", "6500.00", "old"),
        ("2022-04-01", "6701.50", "new"),
        ("2024-02-29", "6701.50", "new"),
    ],
)
def test_the_edition_in_force_on_the_achievement_date(achieved_on, amount, edition):
    found = priced(achieved_on=day(achieved_on))
    assert (str(found.amount), found.edition, found.terms_version) == (amount, edition, 1)


@pytest.mark.parametrize(
    ("price_date", "changes", "edition"),
    [
        ("achievement", {}, "old"),
        ("submission", {}, "new"),
        ("submission", {"submitted_on": day("2022-03-31")}, "old"),
        ("verification", {"submitted_on": day("2022-03-31")}, "new"),
        ("spell_start", {"achieved_on": day("2022-05-01")}, "old"),
        # An outcome without a home has no spell and is priced by its achievement.
        ("spell_start", {"achieved_on": day("2022-05-01"), "anchor_on": None}, "new"),
    ],
)
def test_the_terms_choose_the_price_date(price_date, changes, edition):
    terms = timeline(version(rate_card=EDITIONS, claims={"price_date": price_date}))
    assert priced(terms=terms, **changes).edition == edition


@pytest.mark.parametrize(
    ("metric", "achieved_on"),
    [("MOVE", "2019-11-27"), ("S06", "2022-04-01"), ("S24", "2021-01-01")],
)
def test_no_price_on_that_day_is_refused(metric, achieved_on):
    with pytest.raises(RuleRefused, match=achieved_on) as refused:
        priced(metric, achieved_on=day(achieved_on))
    assert (refused.value.code, refused.value.pointer) == ("no-price-in-force", "/rate_card")


def test_a_gap_between_editions_has_no_price():
    gap = [{**EDITIONS[0], "to_date": "2022-03-30"}, EDITIONS[1]]
    with pytest.raises(RuleRefused):
        priced(terms=timeline(version(rate_card=gap)))


def test_the_version_that_governs_the_price_date_holds_the_edition():
    # The first version chooses the verification date, on which the second is in force.
    first = version(
        1, claims={"price_date": "verification"}, rate_card=[{**EDITIONS[0], "to_date": None}]
    )
    second = version(
        2, effective_from="2022-04-01", variation={"reason": "Uplift"}, rate_card=EDITIONS
    )
    found = priced(terms=timeline(first, second))
    assert (str(found.amount), found.terms_version) == ("6701.50", 2)
    assert found.working[0].refs == (
        "terms:1#/claims/price_date",
        "terms:2#/rate_card/1/prices/MOVE",
    )
    assert "MOVE verified on 2022-04-08 is priced at GBP 6,701.50" in found.working[0].because


def test_a_price_of_nothing_is_a_price():
    free = [{**EDITIONS[0], "prices": {"MOVE": "0"}}]
    assert str(priced(terms=timeline(version(rate_card=free))).amount) == "0.00"


@pytest.mark.parametrize(
    ("submission", "late", "amount"),
    [
        ({"late_policy": "reduced_price", "late_price_share": "0.9"}, True, "6031.35"),
        ({"late_policy": "reduced_price", "late_price_share": "1/3"}, True, "2233.83"),
        ({"late_policy": "reduced_price", "late_price_share": "0.9"}, False, "6701.50"),
        # A waived lateness is paid in full.
        ({"late_policy": "waiver_by_commissioner"}, True, "6701.50"),
    ],
)
def test_late_evidence_at_a_reduced_price_is_rounded_down(submission, late, amount):
    terms = timeline(version(rate_card=EDITIONS, submission=submission))
    found = priced(terms=terms, achieved_on=day("2022-04-01"), late=late)
    assert str(found.amount) == amount
    assert [step.rule for step in found.working][1:] == (
        ["price.late"] if amount != "6701.50" else []
    )


def test_a_reduced_price_without_its_share_is_refused():
    terms = timeline(version(rate_card=EDITIONS, submission={"late_policy": "reduced_price"}))
    with pytest.raises(RuleRefused) as refused:
        priced(terms=terms, late=True)
    assert refused.value.code == "no-late-price-share"
