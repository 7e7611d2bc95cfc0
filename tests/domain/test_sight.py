"""Who sees the people of a contract: by role, by day, and among several providers."""

import pytest

from app.domain.sight import Sight, narrower, person_level_refused, sight_of
from app.domain.terms.document import Terms
from app.domain.terms.timeline import TermsVersion, Timeline
from tests.factories import COUNCIL, FUND, INVESTOR, PROVIDER, SPV, day, document, party

USUAL = [
    party(COUNCIL, "commissioner", "outcome_payer"),
    party(FUND, "outcomes_fund"),
    party(SPV, "spv"),
    party(INVESTOR, "investor"),
]
ON = day("2020-06-30")


def terms(*providers: dict) -> Terms:
    return Terms.model_validate(document(parties=[*USUAL, *providers]))


def agreed(*versions: Terms) -> Timeline:
    return Timeline.of(
        TermsVersion(number, str(number), one) for number, one in enumerate(versions, 1)
    )


ONE = terms(party(PROVIDER, "service_provider"))
TWO = terms(party(PROVIDER, "service_provider"), party("other", "service_provider"))


@pytest.mark.parametrize(
    ("who", "sight"),
    [
        (COUNCIL, Sight.PERSON),
        (PROVIDER, Sight.PERSON),
        (SPV, Sight.AGGREGATE),
        (INVESTOR, Sight.AGGREGATE),
        (FUND, Sight.AGGREGATE),
        ("stranger", None),
    ],
)
def test_sight_follows_the_roles(who, sight):
    assert sight_of(agreed(ONE), who, ON) is sight


@pytest.mark.parametrize("who", [PROVIDER, "other"])
def test_each_of_several_providers_sees_its_own(who):
    assert sight_of(agreed(TWO), who, ON) is Sight.OWN
    assert sight_of(agreed(TWO), COUNCIL, ON) is Sight.PERSON


def test_a_provider_that_followed_another_sees_its_own():
    follower = terms(party("other", "service_provider"))
    assert sight_of(agreed(ONE, follower), "other", ON) is Sight.OWN
    assert sight_of(agreed(ONE, follower), PROVIDER, ON) is Sight.AGGREGATE  # no role any more


def test_the_widest_of_several_roles_counts():
    both = terms(party(PROVIDER, "service_provider", "intermediary"))
    assert sight_of(agreed(both), PROVIDER, ON) is Sight.PERSON


@pytest.mark.parametrize(
    ("on", "sight"),
    [
        ("2020-01-31", Sight.AGGREGATE),
        ("2020-02-01", Sight.OWN),
        ("2020-02-29", Sight.OWN),
        ("2020-03-01", Sight.AGGREGATE),
    ],
)
def test_sight_has_the_dates_of_the_party(on, sight):
    dated = party("other", "service_provider") | {
        "from_date": "2020-02-01",
        "to_date": "2020-02-29",
    }
    found = agreed(terms(party(PROVIDER, "service_provider"), dated))
    assert sight_of(found, "other", day(on)) is sight


def test_before_any_terms_are_in_force_the_first_draft_says():
    assert sight_of(agreed(), COUNCIL, ON, [ONE]) is Sight.PERSON
    assert sight_of(agreed(), PROVIDER, ON, [ONE, TWO]) is Sight.PERSON
    assert sight_of(agreed(), "stranger", ON, [ONE]) is None


def test_a_draft_gives_nobody_the_sight_of_people():
    assert sight_of(agreed(ONE), "other", ON) is None
    assert sight_of(agreed(ONE), "other", ON, [TWO]) is Sight.AGGREGATE


def test_the_narrower_of_two_sights_shows_less():
    order = [Sight.AGGREGATE, Sight.OWN, Sight.PERSON]
    for one in order:
        for other in order:
            assert narrower(one, other) is order[min(order.index(one), order.index(other))]


def test_whoever_sees_nobody_is_told_whom_to_ask():
    refusal = person_level_refused()
    assert refusal.code == "person-level-not-permitted"
    assert "Ask the provider or the commissioner" in refusal.message
