"""The phase of a participant's life in the project, and separately the support."""

import pytest

from app.domain.status import life_phase, support_status
from tests.factories import day
from tests.journeys import journey, rules

MOVED = "moved_on 2021-01-15 tenancy"
P2 = (
    "accepted 2020-12-01",
    MOVED,
    "returned_to_care 2021-09-20",
    "re_referred 2021-11-01",
    "moved_on 2022-02-01 tenancy",
)


@pytest.mark.parametrize(
    ("lines", "as_of", "expected"),
    [
        ((), "2020-12-31", "referred"),
        (("accepted 2020-12-01",), "2020-11-30", "referred"),
        (("accepted 2020-12-01",), "2020-12-01", "preparing"),
        (("engaged 2020-12-01",), "2020-12-01", "preparing"),
        (("declined 2020-12-01",), "2020-12-01", "declined"),
        (("declined 2020-12-01", "re_referred 2021-01-01"), "2021-01-01", "referred"),
        (("found_ineligible 2020-12-01",), "2020-12-01", "ineligible"),
        (("accepted 2020-12-01", "found_ineligible 2021-01-01"), "2021-01-01", "ineligible"),
        ((MOVED, "found_ineligible 2021-03-01"), "2021-02-28", "sustaining"),
        ((MOVED, "found_ineligible 2021-03-01"), "2021-03-01", "ineligible"),
        (("withdrew_before_move 2020-12-01",), "2020-12-01", "withdrawn_pre_move"),
        (
            ("withdrew_before_move 2020-12-01", "re_referred 2021-01-01"),
            "2021-01-01",
            "preparing",
        ),
        (("accepted 2020-12-01", "died 2020-12-20"), "2020-12-20", "withdrawn_pre_move"),
        (("tenancy_started 2021-01-10 tenancy",), "2021-01-10", "referred"),
        (("moved_on 2021-01-15 care_home",), "2021-01-15", "preparing"),
        ((MOVED,), "2021-01-14", "referred"),
        ((MOVED,), "2021-01-15", "sustaining"),
        ((MOVED, "hospital_admitted 2021-03-01"), "2021-03-01", "interrupted"),
        ((MOVED, "hospital_admitted 2021-03-01"), "2021-05-31", "spell_ended"),
        (
            (MOVED, "hospital_admitted 2021-03-01", "hospital_discharged 2021-03-10"),
            "2021-03-10",
            "sustaining",
        ),
        ((MOVED, "tenancy_ended 2021-03-01 reason=evicted"), "2021-03-28", "interrupted"),
        ((MOVED, "tenancy_ended 2021-03-01 reason=evicted"), "2021-03-29", "spell_ended"),
        ((MOVED, "died 2021-03-01"), "2021-03-01", "spell_ended"),
        ((MOVED, "support_withdrawn 2021-03-01"), "2021-03-01", "sustaining"),
        (P2, "2021-09-19", "sustaining"),
        (P2, "2021-09-20", "spell_ended"),
        (P2, "2021-10-31", "spell_ended"),
        (P2, "2021-11-01", "preparing"),
        (P2, "2022-02-01", "sustaining"),
    ],
)
def test_the_phase_on_a_day(lines, as_of, expected):
    assert life_phase(journey(*lines), rules(), day(as_of)).value == expected


@pytest.mark.parametrize(
    ("lines", "as_of", "expected"),
    [
        ((), "2023-01-14", "sustaining"),
        ((), "2023-01-15", "completed"),
        (("tenancy_ended 2023-03-01 reason=evicted",), "2023-06-01", "completed"),
        (("returned_to_care 2023-03-01", "re_referred 2023-04-01"), "2023-03-31", "completed"),
        (("returned_to_care 2023-03-01", "re_referred 2023-04-01"), "2023-04-01", "preparing"),
    ],
)
def test_who_reached_the_longest_milestone_has_completed(lines, as_of, expected):
    found = life_phase(journey(MOVED, *lines), rules(), day(as_of), day("2023-01-15"))
    assert found.value == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), None),
        (("declined 2020-12-01",), None),
        (("accepted 2020-12-01",), "on_support"),
        (("engaged 2020-12-01",), "on_support"),
        ((MOVED,), "on_support"),
        (("accepted 2020-12-01", "found_ineligible 2020-12-02"), None),
        (("accepted 2020-12-01", "withdrew_before_move 2020-12-02"), "withdrew_from_support"),
        ((MOVED, "support_withdrawn 2021-02-01"), "withdrew_from_support"),
        ((MOVED, "support_withdrawn 2021-02-01", "support_resumed 2021-02-02"), "on_support"),
        ((MOVED, "support_ended_planned 2021-02-01"), "support_ended_planned"),
        ((MOVED, "contact_lost 2021-02-01"), "lost_contact"),
        ((MOVED, "contact_lost 2021-02-01", "contact_lost 2021-02-02"), "lost_contact"),
        ((MOVED, "contact_lost 2021-02-01", "contact_regained 2021-02-02"), "on_support"),
        ((MOVED, "contact_regained 2021-02-02"), "on_support"),
        (
            (
                MOVED,
                "support_ended_planned 2021-02-01",
                "contact_lost 2021-02-01",
                "contact_regained 2021-02-02",
            ),
            "support_ended_planned",
        ),
        (
            ("accepted 2020-12-01", "support_withdrawn 2020-12-20", MOVED),
            "withdrew_from_support",
        ),
        ((MOVED, "returned_to_care 2021-02-01"), "on_support"),
        ((MOVED, "returned_to_care 2021-02-01", "re_referred 2021-03-01"), None),
        (
            (
                "withdrew_before_move 2020-12-01",
                "re_referred 2021-03-01",
                "accepted 2021-03-02",
            ),
            "on_support",
        ),
        ((MOVED, "died 2021-02-01"), None),
        ((MOVED, "tenancy_ended 2021-02-01 reason=died"), None),
        ((MOVED, "tenancy_ended 2021-02-01 reason=evicted"), "on_support"),
        ((MOVED, "support_withdrawn 2021-07-01"), "on_support"),
    ],
)
def test_support_is_separate_from_the_home(lines, expected):
    found = support_status(journey(*lines), day("2021-06-30"))
    assert (found and found.value) == expected
