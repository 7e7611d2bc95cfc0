"""Spells: the clock's start, stays away, gaps between homes, and what ends it."""

import pytest

from app.domain.participant import Journey, standing
from app.domain.sustainment import Hold, spells
from tests.factories import day
from tests.journeys import event, events, journey, person, rules

MOVED = "moved_on 2021-01-15 tenancy"
LATER = "2024-12-31"


def clocks(*lines: str, as_of: str = LATER, **changes) -> list[tuple[str, str | None, str | None]]:
    """Anchor, last live day and end reason of each spell, in text."""
    found = spells(journey(*lines), rules(**changes), day(as_of))
    return [
        (
            one.anchor_on.isoformat(),
            one.live_until.isoformat() if one.live_until else None,
            one.end_reason.value if one.end_reason else None,
        )
        for one in found
    ]


LIVE = [("2021-01-15", None, None)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="nothing happened"),
        pytest.param(["engaged 2021-01-01"], [], id="not moved"),
        pytest.param([MOVED], LIVE, id="the move names the home"),
        pytest.param(["tenancy_started 2021-01-15 tenancy"], [], id="a tenancy is not yet a move"),
        pytest.param(["moved_on 2021-01-15"], [], id="a move to no home"),
        pytest.param(["moved_on 2021-01-15 care_home"], [], id="a home that does not qualify"),
        pytest.param(
            ["tenancy_started 2021-01-10 tenancy", "moved_on 2021-01-15"],
            LIVE,
            id="tenancy first, then out of care",
        ),
        pytest.param(
            ["tenancy_started 2021-01-10 tenancy", MOVED], LIVE, id="the move names the same home"
        ),
        pytest.param(
            ["moved_on 2021-01-10 tenancy", "tenancy_started 2021-01-15 tenancy"],
            LIVE,
            id="the home named by the move starts later",
        ),
        pytest.param(
            ["moved_on 2021-01-10", "tenancy_started 2021-01-15 tenancy"],
            LIVE,
            id="out of care first, then a tenancy",
        ),
        pytest.param(
            ["moved_on 2021-01-01 hostel", "tenancy_changed 2021-01-15 tenancy"],
            LIVE,
            id="from a home that does not qualify to one that does",
        ),
        pytest.param(
            ["tenancy_started 2021-01-10 hostel", MOVED], LIVE, id="the move names another home"
        ),
        pytest.param(
            [MOVED, "returned_to_care 2021-01-15"], [], id="back in care on the day of the move"
        ),
    ],
)
def test_the_clock_starts_on_the_later_of_home_and_leaving_care(lines, expected):
    assert clocks(*lines) == expected


HOSPITAL = ("hospital_admitted 2021-03-01", "hospital_discharged")
CUSTODY = ("custody_started 2021-03-01", "custody_ended")
CARE = ("care_stay_started 2021-03-01", "care_stay_ended")


@pytest.mark.parametrize(
    ("stay", "back_on", "accepted", "expected"),
    [
        pytest.param(HOSPITAL, "2021-05-31", "", LIVE, id="hospital 91 days"),
        pytest.param(
            HOSPITAL,
            "2021-06-01",
            "",
            [("2021-01-15", "2021-02-28", "hospital"), ("2021-06-01", None, None)],
            id="hospital 92 days",
        ),
        pytest.param(HOSPITAL, "2022-02-28", "hospital", LIVE, id="hospital 364 days accepted"),
        pytest.param(
            HOSPITAL,
            "2022-03-01",
            "hospital",
            [("2021-01-15", "2021-02-28", "hospital"), ("2022-03-01", None, None)],
            id="hospital 365 days accepted in vain",
        ),
        pytest.param(CUSTODY, "2021-05-31", "", LIVE, id="custody 91 days"),
        pytest.param(
            CUSTODY,
            "2021-06-01",
            "",
            [("2021-01-15", "2021-02-28", "custody"), ("2021-06-01", None, None)],
            id="custody 92 days",
        ),
        pytest.param(
            CUSTODY,
            "2021-06-01",
            "custody",
            [("2021-01-15", "2021-02-28", "custody"), ("2021-06-01", None, None)],
            id="custody is never accepted by default",
        ),
        pytest.param(CARE, "2021-03-29", "", LIVE, id="care 28 nights"),
        pytest.param(
            CARE,
            "2021-03-30",
            "",
            [("2021-01-15", "2021-02-28", "returned_to_care")],
            id="care 29 nights: back in care until moved on again",
        ),
    ],
)
def test_a_stay_is_a_break_one_day_above_its_limit(stay, back_on, accepted, expected):
    lines = [MOVED, stay[0], f"{stay[1]} {back_on}"]
    if accepted:
        lines.append(f"absence_accepted {back_on} reason={accepted}")
    assert clocks(*lines) == expected


def test_an_acceptance_never_shortens_what_the_terms_allow():
    lines = [MOVED, HOSPITAL[0], "absence_accepted 2021-03-02 reason=hospital"]
    shorter = {"hospital": {"days_max": 91, "accepted_days_max": 30}}
    assert clocks(*lines, "hospital_discharged 2021-05-31", **shorter) == LIVE


@pytest.mark.parametrize(
    "line",
    [
        "absence_accepted 2021-03-01 reason=hospital",
        "hospital_discharged 2021-03-01",
        "tenancy_changed 2021-03-01 tenancy",
    ],
)
def test_what_has_nothing_to_refer_to_changes_no_clock(line):
    assert clocks(MOVED, line) == LIVE


def test_a_person_back_in_care_needs_to_move_on_again():
    lines = [MOVED, CARE[0], "care_stay_ended 2021-04-10", "moved_on 2021-04-20"]
    assert clocks(*lines) == [
        ("2021-01-15", "2021-02-28", "returned_to_care"),
        ("2021-04-20", None, None),
    ]
    found = spells(journey(*lines), rules(), day(LATER))
    assert [one.from_care for one in found] == [True, True]


def test_coming_home_from_a_long_hospital_stay_is_not_a_new_move():
    lines = [MOVED, HOSPITAL[0], "hospital_discharged 2021-06-01"]
    found = spells(journey(*lines), rules(), day(LATER))
    assert [one.from_care for one in found] == [True, False]


def test_moved_on_while_still_in_hospital_ends_that_stay():
    lines = ["hospital_admitted 2020-10-01", MOVED, "hospital_discharged 2021-02-01"]
    assert clocks(*lines) == LIVE


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        # 1 to 15 March are 14 nights, 16 to 30 March too; the night between makes them 29.
        ("2021-03-16", [("2021-01-15", "2021-02-28", "returned_to_care")]),
        ("2021-03-15", [("2021-01-15", "2021-02-28", "returned_to_care")]),
        ("2021-03-17", LIVE),
    ],
)
def test_one_night_at_home_does_not_reset_a_break(second, expected):
    lines = [MOVED, CARE[0], "care_stay_ended 2021-03-15", f"care_stay_started {second}"]
    assert clocks(*lines, "care_stay_ended 2021-03-30") == expected


def test_stays_of_different_kinds_are_judged_each_on_its_own():
    lines = [MOVED, HOSPITAL[0], "hospital_discharged 2021-05-31", "care_stay_started 2021-05-31"]
    assert clocks(*lines, "care_stay_ended 2021-06-28") == LIVE


@pytest.mark.parametrize(
    ("lines", "last_day"),
    [
        pytest.param(["returned_to_care 2021-03-10"], "2021-03-09", id="permanent return"),
        pytest.param(
            [CARE[0], "returned_to_care 2021-03-10"], "2021-02-28", id="a trial stay made permanent"
        ),
        pytest.param(
            [CARE[0], "care_stay_ended 2021-03-09", "returned_to_care 2021-03-10"],
            "2021-02-28",
            id="made permanent after one night at home",
        ),
        pytest.param(
            [CARE[0], "care_stay_ended 2021-03-09", "returned_to_care 2021-03-11"],
            "2021-03-10",
            id="permanent return after two nights at home",
        ),
        pytest.param(
            [CARE[0], "tenancy_ended 2021-03-05 reason=surrendered", "care_stay_ended 2021-03-10"],
            "2021-02-28",
            id="tenancy ended during the stay",
        ),
        pytest.param(
            ["tenancy_ended 2021-03-10 reason=returned_to_care"],
            "2021-03-09",
            id="tenancy ended because of the return",
        ),
        pytest.param(
            ["hospital_admitted 2021-03-01", "returned_to_care 2021-03-10"],
            "2021-03-09",
            id="from hospital to care",
        ),
    ],
)
def test_a_return_to_care_ends_the_spell(lines, last_day):
    assert clocks(MOVED, *lines) == [("2021-01-15", last_day, "returned_to_care")]


def test_a_tenancy_ended_on_the_day_of_return_is_not_ended_during_the_stay():
    lines = [MOVED, CARE[0], "care_stay_ended 2021-03-10"]
    assert clocks(*lines, "tenancy_ended 2021-03-10 reason=evicted") == [
        ("2021-01-15", "2021-03-09", "evicted")
    ]


def test_a_change_of_home_during_a_stay_in_care_keeps_the_clock():
    lines = [MOVED, CARE[0], "tenancy_changed 2021-03-10 supported", "care_stay_ended 2021-03-20"]
    assert clocks(*lines) == LIVE


@pytest.mark.parametrize("reason", ["evicted", "abandoned", "surrendered", "planned_move"])
@pytest.mark.parametrize(
    ("next_start", "continues"),
    [("2021-03-01", True), ("2021-03-28", True), ("2021-03-29", True), ("2021-03-30", False)],
)
def test_a_gap_of_28_days_continues_the_clock_and_29_restart_it(reason, next_start, continues):
    lines = [MOVED, f"tenancy_ended 2021-03-01 reason={reason}"]
    new = [("2021-01-15", "2021-02-28", reason), (next_start, None, None)]
    assert clocks(*lines, f"tenancy_started {next_start} supported") == (LIVE if continues else new)


@pytest.mark.parametrize("reason", ["left_area", "died", "returned_to_care"])
def test_no_gap_rule_after_a_final_end(reason):
    lines = [MOVED, f"tenancy_ended 2021-03-01 reason={reason}"]
    found = clocks(*lines, "tenancy_started 2021-03-02 tenancy")
    assert found[0] == ("2021-01-15", "2021-02-28", reason)
    assert found[1:] == ([("2021-03-02", None, None)] if reason == "left_area" else [])


@pytest.mark.parametrize(
    ("lines", "changes", "expected"),
    [
        pytest.param(["tenancy_changed 2021-03-01 supported"], {}, LIVE, id="planned change"),
        pytest.param(
            ["tenancy_changed 2021-03-01 supported"],
            {"planned_move_restarts_clock": True},
            [("2021-01-15", "2021-02-28", "planned_move"), ("2021-03-01", None, None)],
            id="where every home restarts the clock",
        ),
        pytest.param(
            ["tenancy_changed 2021-03-01 hostel", "tenancy_changed 2021-03-20 tenancy"],
            {},
            LIVE,
            id="19 days in a home that does not qualify are a gap",
        ),
        pytest.param(
            ["tenancy_changed 2021-03-01 hostel"],
            {},
            [("2021-01-15", "2021-02-28", "planned_move")],
            id="for good to a home that does not qualify",
        ),
        pytest.param(
            ["tenancy_ended 2021-03-01 reason=other_planned", "tenancy_started 2021-03-02 tenancy"],
            {},
            LIVE,
            id="planned exit, then another home",
        ),
        pytest.param(
            ["tenancy_ended 2021-03-01 reason=other_planned", "tenancy_started 2021-03-02 tenancy"],
            {"planned_exit": "count_as_success"},
            [("2021-01-15", "2021-02-28", "other_planned"), ("2021-03-02", None, None)],
            id="a planned exit that counts as success is final",
        ),
        pytest.param(
            ["tenancy_started 2021-03-01 supported"], {}, LIVE, id="another home replaces the first"
        ),
        pytest.param(
            [
                "hospital_admitted 2021-02-01",
                "hospital_discharged 2021-02-05",
                "tenancy_started 2021-03-01 tenancy",
            ],
            {},
            LIVE,
            id="once lived in, a second start is another home",
        ),
        pytest.param(
            ["died 2021-03-01", "tenancy_ended 2021-03-20 reason=died"],
            {},
            [("2021-01-15", "2021-02-28", "died")],
            id="death",
        ),
        pytest.param(
            ["hospital_admitted 2021-02-01", "died 2021-03-01"],
            {},
            [("2021-01-15", "2021-02-28", "died")],
            id="death in hospital",
        ),
        pytest.param(
            ["tenancy_ended 2021-03-01 reason=evicted", "returned_to_care 2021-03-10"],
            {},
            [("2021-01-15", "2021-02-28", "evicted")],
            id="evicted, then back in care",
        ),
        pytest.param(
            ["hospital_admitted 2021-02-01", "tenancy_changed 2021-05-10 supported"],
            {},
            [("2021-01-15", "2021-01-31", "hospital")],
            id="still in a hospital stay that is too long",
        ),
        pytest.param(["support_withdrawn 2021-03-01"], {}, LIVE, id="support is not needed"),
        pytest.param(["contact_lost 2021-03-01"], {}, LIVE, id="contact lost"),
        pytest.param(
            ["contact_lost 2021-03-01"],
            {"support_needed_for_outcome": True},
            LIVE,
            id="contact lost where support is needed",
        ),
        pytest.param(
            ["support_withdrawn 2021-03-01"],
            {"support_needed_for_outcome": True},
            [("2021-01-15", "2021-02-28", "support_withdrawn")],
            id="support withdrawn where it is needed",
        ),
        pytest.param(
            ["support_withdrawn 2021-03-01", "support_resumed 2021-04-01"],
            {"support_needed_for_outcome": True},
            [("2021-01-15", "2021-02-28", "support_withdrawn"), ("2021-04-01", None, None)],
            id="support resumed starts a new clock",
        ),
    ],
)
def test_what_ends_a_spell(lines, changes, expected):
    assert clocks(MOVED, *lines, **changes) == expected


def test_support_given_up_before_the_move_lets_no_clock_start():
    lines = ["support_withdrawn 2021-01-01", MOVED]
    assert clocks(*lines, support_needed_for_outcome=True) == []
    lines.append("tenancy_ended 2021-02-01 reason=evicted")
    assert clocks(*lines, "support_resumed 2021-03-01", support_needed_for_outcome=True) == []


@pytest.mark.parametrize(
    ("lines", "as_of", "undecided_from", "interrupted"),
    [
        pytest.param([HOSPITAL[0]], "2021-03-01", "2021-03-01", True, id="first day away"),
        pytest.param([HOSPITAL[0]], "2021-05-30", "2021-03-01", True, id="91st day away"),
        pytest.param(
            [HOSPITAL[0], "hospital_discharged 2021-03-10"],
            "2021-03-10",
            "2021-03-01",
            False,
            id="the day of return",
        ),
        pytest.param(
            [HOSPITAL[0], "hospital_discharged 2021-03-10"],
            "2021-03-11",
            None,
            False,
            id="the day after the return",
        ),
        pytest.param(
            ["tenancy_ended 2021-03-01 reason=evicted"],
            "2021-03-28",
            "2021-03-01",
            True,
            id="27 days without a home: one may start tomorrow",
        ),
        pytest.param(
            [HOSPITAL[0], "tenancy_ended 2021-03-05 reason=evicted"],
            "2021-03-10",
            "2021-03-01",
            True,
            id="both: from the earlier",
        ),
        pytest.param(
            [HOSPITAL[0], "hospital_discharged 2021-06-10"],
            "2021-06-10",
            "2021-06-10",
            False,
            id="the new clock on the day of return",
        ),
        pytest.param(
            [HOSPITAL[0], "tenancy_ended 2021-03-05 reason=left_area"],
            "2021-03-10",
            "2021-03-01",
            False,
            id="ended, with a doubt about the days before",
        ),
    ],
)
def test_an_absence_or_gap_is_undecided_until_it_is_known(
    lines, as_of, undecided_from, interrupted
):
    latest = spells(journey(MOVED, *lines), rules(), day(as_of))[-1]
    assert latest.undecided_from == (day(undecided_from) if undecided_from else None)
    assert latest.interrupted is interrupted


@pytest.mark.parametrize(
    ("line", "as_of", "reason"),
    [
        (HOSPITAL[0], "2021-05-31", "hospital"),
        (CARE[0], "2021-03-29", "returned_to_care"),
        ("tenancy_ended 2021-03-01 reason=evicted", "2021-03-29", "evicted"),
    ],
)
def test_one_day_later_it_is_known_to_be_a_break(line, as_of, reason):
    assert clocks(MOVED, line, as_of=as_of) == [("2021-01-15", "2021-02-28", reason)]


def test_later_events_are_not_known_yet():
    assert clocks(MOVED, "returned_to_care 2021-03-10", as_of="2021-03-09") == LIVE
    assert clocks(MOVED, as_of="2021-01-14") == []


def test_a_spell_tells_which_days_it_was_live():
    found = spells(journey(MOVED, HOSPITAL[0]), rules(), day("2021-03-20"))[0]
    assert [found.on(day(one)) for one in ("2021-01-14", "2021-02-28", "2021-03-01")] == [
        Hold.NOT_LIVE,
        Hold.LIVE,
        Hold.UNDECIDED,
    ]
    assert found.ended_on is None
    ended = spells(journey(MOVED, "died 2021-03-10"), rules(), day("2021-03-20"))[0]
    assert ended.on(day("2021-03-09")) is Hold.LIVE
    assert ended.on(day("2021-03-10")) is Hold.NOT_LIVE
    assert ended.ended_on == day("2021-03-10")


def test_a_spell_lists_its_homes():
    lines = [MOVED, "tenancy_changed 2021-03-01 supported"]
    found = spells(journey(*lines), rules(), day(LATER))[0]
    assert found.destination == "tenancy"
    assert [home.destination for home in found.tenancies] == ["tenancy", "supported"]


def test_a_correction_of_the_end_of_a_home_leaves_the_next_home_alone():
    recorded = [
        *events(MOVED, "tenancy_ended 2021-03-01 reason=evicted"),
        event("tenancy_started 2021-03-01 supported", 3),
        event("tenancy_ended 2021-03-01 reason=planned_move supersedes=e2", 4),
    ]
    found = spells(Journey(person(), standing(recorded)), rules(), day(LATER))
    assert [(one.anchor_on, one.live_until) for one in found] == [(day("2021-01-15"), None)]
