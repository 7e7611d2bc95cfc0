"""Who belongs to the cohort: setting, funding, age at referral, referral window."""

import pytest

from app.domain.eligibility import eligibility_faults
from app.domain.terms.parties import Cohort
from tests.factories import day
from tests.journeys import person


def cohort(**changes) -> Cohort:
    rule = {"settings": ["care", "nursing"], **changes.pop("eligibility", {})}
    return Cohort.model_validate({"description": "People in care", "eligibility": rule, **changes})


def codes(terms: Cohort, **participant) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in eligibility_faults(person(**participant), terms)]


AGES = {"age_min": 18, "age_max": 65}
WINDOW = {"referrals_from": "2019-11-28", "referrals_to": "2024-03-31"}


@pytest.mark.parametrize(
    ("terms", "participant", "expected"),
    [
        (cohort(), {}, []),
        (cohort(), {"setting": "nursing"}, []),
        (cohort(), {"setting": "own_home"}, [("setting-not-eligible", "/setting")]),
        (
            cohort(),
            {"funded_by_commissioner": False},
            [("not-funded-by-commissioner", "/funded_by_commissioner")],
        ),
        (
            cohort(eligibility={"funded_by_commissioner": False}),
            {"funded_by_commissioner": False},
            [],
        ),
        (cohort(), {"age_at_referral": None}, []),
        (
            cohort(eligibility=AGES),
            {"age_at_referral": None},
            [("age-missing", "/age_at_referral")],
        ),
        (cohort(eligibility=AGES), {"age_at_referral": 17}, [("too-young", "/age_at_referral")]),
        (cohort(eligibility=AGES), {"age_at_referral": 18}, []),
        (cohort(eligibility=AGES), {"age_at_referral": 65}, []),
        (cohort(eligibility=AGES), {"age_at_referral": 66}, [("too-old", "/age_at_referral")]),
        (cohort(eligibility={"age_min": 18}), {"age_at_referral": 90}, []),
        (cohort(eligibility={"age_max": 65}), {"age_at_referral": 3}, []),
        (
            cohort(**WINDOW),
            {"referred_on": "2019-11-27"},
            [("outside-referral-window", "/referred_on")],
        ),
        (cohort(**WINDOW), {"referred_on": "2019-11-28"}, []),
        (cohort(**WINDOW), {"referred_on": "2024-03-31"}, []),
        (
            cohort(**WINDOW),
            {"referred_on": "2024-04-01"},
            [("outside-referral-window", "/referred_on")],
        ),
    ],
)
def test_eligibility(terms, participant, expected):
    assert codes(terms, **participant) == expected


def test_every_fault_is_reported_at_once():
    terms = cohort(eligibility=AGES, referrals_from="2020-01-01")
    assert codes(
        terms,
        setting="own_home",
        funded_by_commissioner=False,
        age_at_referral=70,
        referred_on="2019-12-31",
    ) == [
        ("setting-not-eligible", "/setting"),
        ("not-funded-by-commissioner", "/funded_by_commissioner"),
        ("too-old", "/age_at_referral"),
        ("outside-referral-window", "/referred_on"),
    ]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"referrals_from": "2020-01-01"}, "from 2020-01-01 to the end."),
        ({"referrals_to": "2019-11-30"}, "from the start to 2019-11-30."),
    ],
)
def test_the_message_names_the_window(window, words):
    (fault,) = eligibility_faults(person("2019-12-01"), cohort(**window))
    assert fault.message.endswith(words)


@pytest.mark.parametrize(
    ("referred_on", "window", "service_ends", "eligible"),
    [
        ("2024-03-30", {}, "2024-03-31", True),
        ("2024-03-31", {}, "2024-03-31", True),
        ("2024-04-01", {}, "2024-03-31", False),
        ("2024-04-01", {}, None, True),
        ("2024-03-31", WINDOW, "2024-06-30", True),
        ("2024-04-01", WINDOW, "2024-06-30", False),
        ("2023-12-31", WINDOW, "2023-12-30", False),
    ],
)
def test_nobody_is_referred_after_the_service(referred_on, window, service_ends, eligible):
    faults = eligibility_faults(
        person(referred_on), cohort(**window), service_ends and day(service_ends)
    )
    assert [fault.code for fault in faults] == ([] if eligible else ["outside-referral-window"])


def test_the_message_names_the_end_of_the_service():
    (fault,) = eligibility_faults(person("2024-04-01"), cohort(), day("2024-03-31"))
    assert fault.message.endswith("from the start to 2024-03-31.")
