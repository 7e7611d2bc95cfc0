"""Who an activity payment is due for, when, once or quarterly, and what was claimed before."""

import pytest

from app.domain.participant import EventKind, Journey, JourneyEvent, Participant
from app.payments.activity import activity_due
from tests.factories import PROVIDER, day, quarter, version

PAYMENT = {
    "code": "COVID",
    "name": "Temporary payment per person",
    "amount": "2000",
    "from_date": "2020-12-01",
    "to_date": "2021-12-31",
}


def journey(participant_id, *events):
    happened = tuple(
        JourneyEvent(f"{participant_id}-{order}", EventKind(kind), day(on), order)
        for order, (kind, on) in enumerate(events)
    )
    person = Participant(
        participant_id, PROVIDER, day("2019-12-01"), "care", funded_by_commissioner=True
    )
    return Journey(person, happened)


def due(*journeys, period="2021 Q4", claimed=(), **changes):
    terms = version(activity_payments=[{**PAYMENT, **changes}])
    return activity_due(journeys, terms, quarter(period), claimed)


def days(found):
    return [item.due_on.isoformat() for item in found]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("engaged", "2020-03-03")], ["2020-12-01"]),
        ([("engaged", "2020-12-01")], ["2020-12-01"]),
        ([("engaged", "2021-12-31")], ["2021-12-31"]),
        ([("engaged", "2022-01-01")], []),
        ([("accepted", "2020-03-03")], []),
        ([("engaged", "2020-03-03"), ("moved_on", "2020-11-30")], []),
        ([("engaged", "2020-03-03"), ("moved_on", "2020-12-01")], []),
        ([("engaged", "2020-03-03"), ("moved_on", "2020-12-02")], ["2020-12-01"]),
        ([("engaged", "2020-03-03"), ("tenancy_started", "2020-12-01")], []),
        ([("engaged", "2021-02-01"), ("moved_on", "2021-02-01")], []),
        ([("engaged", "2020-03-03"), ("withdrew_before_move", "2020-11-30")], []),
        ([("engaged", "2020-03-03"), ("died", "2020-11-30")], []),
        ([("engaged", "2020-03-03"), ("hospital_admitted", "2020-11-30")], ["2020-12-01"]),
        # Moved on before the payment began, and preparing for a second move within it.
        (
            [
                ("engaged", "2020-03-03"),
                ("moved_on", "2020-06-01"),
                ("tenancy_ended", "2021-01-10"),
                ("re_referred", "2021-02-01"),
            ],
            ["2021-02-01"],
        ),
        ([("re_referred", "2021-02-01")], []),
        ([("engaged", "2020-03-03"), ("re_referred", "2021-02-01")], ["2020-12-01"]),
    ],
)
def test_once_per_person_engaged_and_not_yet_moved(events, expected):
    assert days(due(journey("P1", *events))) == expected


def test_what_a_due_payment_says():
    (found,) = due(journey("P1", ("engaged", "2020-03-03")))
    assert (found.source_id, found.code, str(found.amount)) == ("COVID:P1", "COVID", "2000.00")
    assert found.working[0].refs == ("event:P1-0", "terms:1#/activity_payments/0")


def test_what_began_the_wait_for_a_second_move_is_in_the_working():
    events = [("engaged", "2020-03-03"), ("moved_on", "2020-06-01"), ("re_referred", "2021-02-01")]
    (found,) = due(journey("P1", *events))
    assert found.working[0].refs[0] == "event:P1-2"


@pytest.mark.parametrize(
    ("period", "expected"),
    [("2020 Q3", []), ("2020 Q4", ["2020-12-01"]), ("2022 Q3", ["2020-12-01"])],
)
def test_due_by_the_end_of_the_period_and_late_records_in_a_later_one(period, expected):
    assert days(due(journey("P1", ("engaged", "2020-03-03")), period=period)) == expected


def test_quarterly_payments_are_due_once_in_each_quarter():
    found = due(
        journey("P1", ("engaged", "2021-05-15"), ("moved_on", "2021-10-01")),
        journey("P0", ("engaged", "2020-12-30"), ("moved_on", "2021-04-02")),
        frequency="quarterly",
        claimed=["COVID:P0:2020-10-01"],
    )
    assert [(item.source_id, item.due_on.isoformat()) for item in found] == [
        ("COVID:P0:2021-01-01", "2021-01-01"),
        ("COVID:P0:2021-04-01", "2021-04-01"),
        ("COVID:P1:2021-04-01", "2021-05-15"),
        ("COVID:P1:2021-07-01", "2021-07-01"),
    ]


@pytest.mark.parametrize("from_date", ["2020-10-01", "2020-11-15", "2020-12-31"])
def test_a_quarter_is_paid_once_wherever_a_variation_moves_the_first_day(from_date):
    someone = journey("P1", ("engaged", "2020-03-03"))
    asked = {"period": "2020 Q4", "frequency": "quarterly"}
    (before,) = due(someone, **asked)
    assert before.source_id == "COVID:P1:2020-10-01"
    assert due(someone, from_date=from_date, claimed=[before.source_id], **asked) == ()


def test_claimed_payments_are_not_due_again():
    assert due(journey("P1", ("engaged", "2020-03-03")), claimed={"COVID:P1"}) == ()


def test_terms_without_activity_payments_owe_none():
    someone = journey("P1", ("engaged", "2020-03-03"))
    assert activity_due([someone], version(), quarter("2021 Q4")) == ()
