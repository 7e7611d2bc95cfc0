"""New events and corrections: every fault at once, judged on the journey as it will stand."""

import pytest

from app.domain.event_order import _HANDLERS
from app.domain.event_rules import event_faults
from app.domain.participant import EventKind, Journey, standing
from tests.factories import day
from tests.journeys import event, events, person, rules

TODAY = "2024-06-30"
MOVED = "moved_on 2021-01-15 tenancy"


def faults(recorded, *new: str, today: str = TODAY, **changes) -> list[tuple[str, str]]:
    """(code, pointer) of each fault; ids go on from those of the recorded events."""
    before = events(*recorded)
    added = events(*new, first=len(before) + 1)
    found = event_faults(
        Journey(person(), standing(before)), before, added, day(today), rules(**changes)
    )
    return [(one.code, one.pointer) for one in found]


def out_of_order(index: int = 0) -> list[tuple[str, str]]:
    return [("out-of-order", f"/events/{index}/kind")]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            [
                "accepted 2019-12-01",
                "engaged 2020-01-10",
                "training_begun 2020-02-01",
                "training_completed 2020-06-01",
                MOVED,
                "tenancy_started 2021-01-20 tenancy",
                "hospital_admitted 2021-04-10",
                "hospital_discharged 2021-05-19",
                "tenancy_changed 2021-08-01 supported",
                "support_ended_planned 2022-01-01",
                "tenancy_ended 2022-06-01 reason=planned_move",
                "tenancy_started 2022-06-01 private",
                "died 2023-01-01",
                "tenancy_ended 2023-02-01 reason=died",
            ],
            id="a whole life",
        ),
        pytest.param(
            [
                MOVED,
                "returned_to_care 2021-09-20 reason=client_choice",
                "tenancy_ended 2021-09-20 reason=returned_to_care",
                "moved_on 2022-02-01 tenancy",
            ],
            id="back in care and out again",
        ),
        pytest.param(
            [MOVED, "returned_to_care 2021-09-20", "re_referred 2021-10-01", "engaged 2021-10-02"],
            id="referred again",
        ),
        pytest.param(
            ["declined 2020-01-01 reason=client_choice", "re_referred 2020-06-01", MOVED],
            id="declined, then referred again",
        ),
        pytest.param(
            ["withdrew_before_move 2020-01-01", "re_referred 2020-06-01", "accepted 2020-06-02"],
            id="withdrew, then referred again",
        ),
        pytest.param(
            [MOVED, "tenancy_ended 2021-03-01 reason=evicted", "moved_on 2021-03-20 supported"],
            id="rehoused, recorded as a move",
        ),
        pytest.param(
            [MOVED, "tenancy_ended 2021-03-01 reason=evicted", "re_referred 2021-03-20"],
            id="referred again after losing the home",
        ),
        pytest.param(
            [
                MOVED,
                "care_stay_started 2021-03-01",
                "care_stay_ended 2021-04-10",
                "moved_on 2021-04-10",
            ],
            id="back from a stay that was a return to care",
        ),
        pytest.param(
            [MOVED, "care_stay_started 2021-03-01", "moved_on 2021-04-10 tenancy"],
            id="the move ends the long stay",
        ),
        pytest.param(
            [MOVED, "care_stay_started 2021-03-01", "returned_to_care 2021-04-10"],
            id="a long trial stay made permanent",
        ),
        pytest.param(
            [MOVED, "returned_to_care 2021-03-01", "tenancy_started 2021-05-01 supported"],
            id="a new tenancy arranged from care",
        ),
        pytest.param(
            [
                "tenancy_started 2021-01-10 tenancy",
                "moved_on 2021-01-15",
                "custody_started 2021-02-01",
                "custody_ended 2021-02-05",
                "contact_lost 2021-03-01",
                "contact_regained 2021-03-02",
                "support_withdrawn 2021-03-03",
                "support_resumed 2021-03-04",
                "absence_accepted 2021-03-05 reason=custody",
            ],
            id="support and contact",
        ),
        pytest.param(["moved_on 2021-01-15 houseboat"], id="an unknown destination"),
        pytest.param([MOVED, "found_ineligible 2021-03-01"], id="found ineligible after the move"),
        pytest.param(["tenancy_started 2021-01-10 tenancy", MOVED], id="home named twice"),
    ],
)
def test_accepts_what_can_happen(lines):
    changes = {"custody": {"days_max": 91, "accepted_days_max": 180}}
    assert faults([], *lines, **changes) == []


@pytest.mark.parametrize(
    ("recorded", "new"),
    [
        ([], "hospital_discharged 2021-02-01"),
        (["hospital_admitted 2021-01-20"], "custody_ended 2021-02-01"),
        (["hospital_admitted 2021-01-20"], "custody_started 2021-02-01"),
        ([], "care_stay_started 2021-02-01"),
        ([MOVED, "tenancy_ended 2021-02-01 reason=evicted"], "care_stay_started 2021-02-05"),
        ([MOVED], "care_stay_ended 2021-02-01"),
        ([], "tenancy_ended 2021-02-01 reason=evicted"),
        ([], "tenancy_changed 2021-02-01 tenancy"),
        ([MOVED], "tenancy_started 2021-01-20 supported"),
        ([MOVED], "tenancy_started 2021-02-13 tenancy"),
        ([MOVED, "tenancy_started 2021-01-20 tenancy"], "tenancy_started 2021-01-25 tenancy"),
        ([MOVED], "moved_on 2021-02-01 supported"),
        ([], "returned_to_care 2021-02-01"),
        ([MOVED, "returned_to_care 2021-02-01"], "returned_to_care 2021-03-01"),
        ([MOVED], "absence_accepted 2021-02-01 reason=hospital"),
        ([MOVED], "support_resumed 2021-02-01"),
        ([MOVED, "support_withdrawn 2021-02-01"], "support_withdrawn 2021-03-01"),
        ([MOVED, "support_withdrawn 2021-02-01"], "support_ended_planned 2021-03-01"),
        ([MOVED], "contact_regained 2021-02-01"),
        ([MOVED, "contact_lost 2021-02-01"], "contact_lost 2021-03-01"),
        ([], "training_completed 2021-02-01"),
        (["training_begun 2021-01-01"], "training_begun 2021-02-01"),
        ([], "re_referred 2021-02-01"),
        ([MOVED], "re_referred 2021-02-01"),
        (["accepted 2020-01-01"], "accepted 2020-01-02"),
        (["engaged 2020-01-01"], "accepted 2020-01-02"),
        (["accepted 2020-01-01"], "declined 2020-01-02"),
        (["engaged 2020-01-01"], "declined 2020-01-02"),
        ([MOVED], "declined 2021-02-01"),
        (["engaged 2020-01-01"], "engaged 2020-01-02"),
        ([MOVED], "withdrew_before_move 2021-02-01"),
        (["declined 2020-01-01"], "accepted 2020-01-02"),
        (["declined 2020-01-01"], "declined 2020-01-02"),
        (["declined 2020-01-01"], "found_ineligible 2020-01-02"),
        (["declined 2020-01-01"], "engaged 2020-01-02"),
        (["declined 2020-01-01"], "withdrew_before_move 2020-01-02"),
        (["withdrew_before_move 2020-01-01"], MOVED),
        (["found_ineligible 2020-01-01"], MOVED),
    ],
)
def test_refuses_what_is_out_of_order(recorded, new):
    assert faults([], *recorded) == []
    assert faults(recorded, new) == out_of_order()


def test_the_home_named_by_a_move_may_start_within_the_gap_allowed():
    assert faults([MOVED], "tenancy_started 2021-02-12 tenancy") == []


def test_a_tenancy_that_ends_because_of_the_return_puts_the_person_in_care():
    lines = [MOVED, "tenancy_ended 2021-02-01 reason=returned_to_care"]
    assert faults(lines, "moved_on 2021-03-01 tenancy") == []
    assert faults([MOVED, "returned_to_care 2021-02-01"], lines[1]) == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("tenancy_started 2021-01-10", [("missing-field", "/events/0/destination")]),
        ("moved_on 2021-01-10", [("missing-field", "/events/0/destination")]),
        ("tenancy_changed 2021-01-10", [("missing-field", "/events/0/destination")]),
        ("engaged 2021-01-10 tenancy", [("foreign-field", "/events/0/destination")]),
        ("moved_on 2021-01-10 Own-Flat", [("not-a-code", "/events/0/destination")]),
        ("tenancy_ended 2021-01-10", [("missing-field", "/events/0/reason")]),
        ("tenancy_ended 2021-01-10 reason=bored", [("unknown-reason", "/events/0/reason")]),
        ("moved_on 2021-01-10 tenancy reason=evicted", [("foreign-field", "/events/0/reason")]),
        ("declined 2021-01-10 reason=No!", [("not-a-code", "/events/0/reason")]),
        ("absence_accepted 2021-01-10", [("missing-field", "/events/0/reason")]),
        ("absence_accepted 2021-01-10 reason=care", [("unknown-reason", "/events/0/reason")]),
        (
            "absence_accepted 2021-01-10 reason=custody",
            [("absence-never-accepted", "/events/0/reason")],
        ),
        ("retracted 2021-01-10", [("missing-field", "/events/0/supersedes")]),
        ("engaged 2021-01-10 supersedes=e99", [("supersedes-unknown", "/events/0/supersedes")]),
        ("engaged 2019-11-30", [("before-referral", "/events/0/on")]),
        ("engaged 2019-12-01", []),
        ("engaged 2024-06-30", []),
        ("engaged 2024-07-01", [("in-the-future", "/events/0/on")]),
    ],
)
def test_fields_and_dates(new, expected):
    assert faults([], new) == expected


class TestDeath:
    DEAD = (MOVED, "died 2021-03-01")

    @pytest.mark.parametrize(
        ("new", "refused"),
        [
            ("contact_lost 2021-02-28", False),
            ("contact_lost 2021-03-01", False),
            ("contact_lost 2021-03-02", True),
            ("tenancy_ended 2021-03-20 reason=died", False),
            ("tenancy_ended 2021-03-20 reason=evicted", True),
            ("retracted 2021-03-20 supersedes=e2", False),
        ],
    )
    def test_nothing_but_the_end_of_the_tenancy_follows_it(self, new, refused):
        expected = [("after-death", "/events/0/on")] if refused else []
        assert faults(self.DEAD, new) == expected

    def test_a_death_before_recorded_events_is_refused(self):
        recorded = (MOVED, "contact_lost 2021-03-10", "contact_regained 2021-03-11")
        assert faults(recorded, "died 2021-03-09") == [("after-death", "/events/0/on")]
        assert faults(recorded, "died 2021-03-11") == []

    @pytest.mark.parametrize("on", ["2021-02-20", "2021-03-05"])
    def test_nobody_dies_twice(self, on):
        assert faults(self.DEAD, f"died {on}") == [
            ("after-death", "/events/0/on"),
            ("out-of-order", "/events/0/kind"),
        ]

    def test_a_corrected_date_of_death_is_judged_as_it_will_stand(self):
        assert faults(self.DEAD, "died 2021-04-01 supersedes=e2") == []


class TestDuplicates:
    def test_same_kind_and_day(self):
        assert faults(["engaged 2020-01-01"], "engaged 2020-01-01") == [
            ("duplicate-event", "/events/0"),
            ("out-of-order", "/events/0/kind"),
        ]

    def test_within_one_request(self):
        found = faults([], "contact_lost 2021-01-01", "contact_lost 2021-01-01")
        assert found == [("duplicate-event", "/events/1"), *out_of_order(1)]

    def test_a_correction_is_no_duplicate_of_what_it_corrects(self):
        assert faults([MOVED], "moved_on 2021-01-15 supported supersedes=e1") == []

    def test_two_acceptances_on_a_day_may_be_of_two_absences(self):
        recorded = (
            MOVED,
            "hospital_admitted 2021-02-01",
            "hospital_discharged 2021-02-03",
            "custody_started 2021-02-04",
            "absence_accepted 2021-02-05 reason=hospital",
        )
        allowed = {"custody": {"days_max": 91, "accepted_days_max": 180}}
        new = "absence_accepted 2021-02-05 reason={}"
        assert faults(recorded, new.format("custody"), **allowed) == []
        assert faults(recorded, new.format("hospital"), **allowed) == [
            ("duplicate-event", "/events/0")
        ]


class TestCorrections:
    def test_a_correction_of_a_corrected_event_is_refused(self):
        recorded = ("engaged 2020-01-01", "engaged 2020-01-02 supersedes=e1")
        assert faults(recorded, "engaged 2020-01-03 supersedes=e1") == [
            ("already-superseded", "/events/0/supersedes"),
            # Two engagements would stand, on different days, but order is not judged yet.
        ]
        assert faults(recorded, "engaged 2020-01-03 supersedes=e2") == []

    def test_two_corrections_of_one_event_in_one_request(self):
        new = ("engaged 2020-01-02 supersedes=e1", "engaged 2020-01-03 supersedes=e1")
        assert faults(["engaged 2020-01-01"], *new) == [
            ("already-superseded", "/events/1/supersedes")
        ]

    def test_a_correction_of_an_event_in_the_same_request(self):
        new = ("engaged 2020-01-02", "engaged 2020-01-03 supersedes=e1")
        assert faults([], *new) == []

    def test_a_retraction_cannot_be_corrected(self):
        recorded = ("engaged 2020-01-01", "retracted 2020-01-01 supersedes=e1")
        assert faults(recorded, "retracted 2020-01-02 supersedes=e2") == [
            ("supersedes-retraction", "/events/0/supersedes")
        ]

    def test_retracting_an_admission_would_orphan_the_discharge(self):
        recorded = (MOVED, "hospital_admitted 2021-02-01", "hospital_discharged 2021-02-03")
        assert faults(recorded, "retracted 2021-02-01 supersedes=e2") == out_of_order()
        both = ("retracted 2021-02-01 supersedes=e2", "retracted 2021-02-03 supersedes=e3")
        assert faults(recorded, *both) == []

    def test_the_fault_names_the_new_event_that_causes_it(self):
        recorded = (MOVED, "tenancy_ended 2021-06-01 reason=evicted")
        new = ("contact_lost 2021-02-01", "tenancy_ended 2021-05-01 reason=abandoned")
        assert faults(recorded, *new) == out_of_order(1)
        message = event_faults(
            Journey(person(), standing(events(*recorded))),
            events(*recorded),
            [event(new[1], 3)],
            day(TODAY),
            rules(),
        )[0].message
        assert message == (
            "This would leave the event of kind tenancy_ended on 2021-06-01 out of order: no "
            "tenancy had started."
        )

    def test_what_was_out_of_order_before_is_not_held_against_new_events(self):
        recorded = (MOVED, "hospital_discharged 2021-02-01")
        assert faults(recorded, "contact_lost 2021-03-01") == []


def test_every_fault_is_reported_at_once():
    new = (
        "engaged 2019-01-01 tenancy reason=x",
        "tenancy_ended 2030-01-01",
        "retracted 2021-01-01",
        "contact_lost 2021-01-01 supersedes=e77",
    )
    assert faults([], *new) == [
        ("foreign-field", "/events/0/destination"),
        ("foreign-field", "/events/0/reason"),
        ("missing-field", "/events/1/reason"),
        ("missing-field", "/events/2/supersedes"),
        ("supersedes-unknown", "/events/3/supersedes"),
        ("before-referral", "/events/0/on"),
        ("in-the-future", "/events/1/on"),
    ]


def test_each_kind_of_event_has_its_place_in_the_order():
    assert set(EventKind) - set(_HANDLERS) == {EventKind.RETRACTED}


@pytest.mark.parametrize(
    ("recorded", "new", "refused"),
    [
        ([], ["moved_on 2021-01-15"], True),
        ([], ["moved_on 2021-01-15", "tenancy_started 2021-01-20 tenancy"], False),
        (["tenancy_started 2021-01-10 tenancy"], ["moved_on 2021-01-15"], False),
        (
            ["tenancy_started 2021-01-10 tenancy", "tenancy_ended 2021-01-14 reason=evicted"],
            ["moved_on 2021-01-15"],
            True,
        ),
        ([MOVED], ["moved_on 2021-01-16 supersedes=e1"], True),
        ([MOVED], ["moved_on 2021-01-16 tenancy supersedes=e1"], False),
    ],
)
def test_a_move_says_where_to_unless_a_tenancy_does(recorded, new, refused):
    wanted = [("missing-field", "/events/0/destination")] if refused else []
    assert faults(recorded, *new) == wanted
