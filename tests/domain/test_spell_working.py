"""What a spell's working says, and which events it names."""

import pytest

from app.domain.sustainment import spells
from tests.factories import day
from tests.journeys import journey, rules

MOVED = "moved_on 2021-01-15 tenancy"
LATER = "2024-12-31"
HOSPITAL = "hospital_admitted 2021-03-01"
CARE = "care_stay_started 2021-03-01"


def working(*lines: str, as_of: str = LATER, **changes) -> list[tuple[str, str, tuple[str, ...]]]:
    found = spells(journey(MOVED, *lines), rules(**changes), day(as_of))
    return [(step.rule, step.because, step.refs) for step in found[0].working[1:]]


def test_the_working_names_the_anchor_and_the_events_it_rests_on():
    step = spells(journey(MOVED), rules(), day(LATER))[0].working[0]
    assert step.rule == "sustainment.anchor"
    assert step.because == (
        "The clock starts on 2021-01-15: home (tenancy) from 2021-01-15, out of care from "
        "2021-01-15."
    )
    assert step.refs == ("event:e1",)
    again = spells(journey(MOVED, HOSPITAL, "hospital_discharged 2021-06-10"), rules(), day(LATER))[
        1
    ]
    assert again.working[0].because.endswith("and back on that day after a break.")


@pytest.mark.parametrize(
    ("lines", "changes", "rule", "because", "refs"),
    [
        (
            ["hospital_admitted 2021-04-10", "hospital_discharged 2021-05-19"],
            {},
            "sustainment.hospital",
            "39 days in hospital from 2021-04-10 to 2021-05-19: not above 91, so the clock runs.",
            ("event:e2", "event:e3"),
        ),
        (
            [
                HOSPITAL,
                "absence_accepted 2021-03-02 reason=hospital",
                "hospital_discharged 2021-07-01",
            ],
            {},
            "sustainment.hospital",
            (
                "122 days in hospital from 2021-03-01 to 2021-07-01, accepted by the commissioner: "
                "not above 364, so the clock runs."
            ),
            ("event:e2", "event:e3", "event:e4"),
        ),
        (
            ["custody_started 2024-12-30"],
            {},
            "sustainment.custody",
            (
                "2 days in custody from 2024-12-30 and still there on 2024-12-31: not above 91, so "
                "the clock runs."
            ),
            ("event:e2",),
        ),
        (
            [CARE, "care_stay_ended 2021-03-30"],
            {},
            "sustainment.care",
            "29 nights in care from 2021-03-01, above 28: the spell ends on the first of them.",
            ("event:e2", "event:e3"),
        ),
        (
            ["returned_to_care 2021-03-01"],
            {},
            "sustainment.care",
            "Returned to care on 2021-03-01: the spell ends on that day.",
            ("event:e2",),
        ),
        (
            [CARE, "tenancy_ended 2021-03-04 reason=abandoned", "care_stay_ended 2021-03-05"],
            {},
            "sustainment.care",
            (
                "The tenancy ended during the stay in care from 2021-03-01: a return to care "
                "from its first night."
            ),
            ("event:e2", "event:e4"),
        ),
        (
            ["tenancy_ended 2021-03-01 reason=evicted", "tenancy_started 2021-03-05 supported"],
            {},
            "sustainment.gap",
            (
                "Home ended on 2021-03-01, the next started on 2021-03-05: not more than 28 days "
                "without one, so the clock continues."
            ),
            ("event:e2", "event:e3"),
        ),
        (
            ["tenancy_ended 2021-03-01 reason=evicted"],
            {},
            "sustainment.gap",
            (
                "Home ended on 2021-03-01 (evicted) and no qualifying home followed within 28 "
                "days: the spell ended on that day."
            ),
            ("event:e2",),
        ),
        (
            ["tenancy_ended 2024-12-20 reason=evicted"],
            {},
            "sustainment.gap",
            (
                "No home since 2024-12-20; the clock continues if the next qualifying home starts "
                "within 28 days."
            ),
            ("event:e2",),
        ),
        (
            ["tenancy_changed 2021-03-01 supported"],
            {"planned_move_restarts_clock": True},
            "sustainment.restart",
            "Home ended on 2021-03-01 (planned move); every change of home ends the spell.",
            ("event:e2",),
        ),
        (
            ["support_withdrawn 2021-03-01"],
            {"support_needed_for_outcome": True},
            "sustainment.support",
            "Support was withdrawn on 2021-03-01, and the terms need it.",
            ("event:e2",),
        ),
        (
            ["died 2021-03-01"],
            {},
            "sustainment.end",
            "The spell ended on 2021-03-01: died.",
            ("event:e2",),
        ),
    ],
)
def test_the_working_says_why_in_a_sentence(lines, changes, rule, because, refs):
    assert working(*lines, **changes) == [(rule, because, refs)]
