"""The events that stand: corrections, corrections of corrections, retractions, and their order."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.participant import standing
from tests.journeys import event, events


def ids(*lines: str) -> list[str]:
    return [one.event_id for one in standing(events(*lines))]


def test_events_stand_by_date_and_then_in_order_of_recording():
    assert ids("moved_on 2021-01-15 tenancy", "engaged 2021-01-01", "accepted 2021-01-01") == [
        "e2",
        "e3",
        "e1",
    ]


def test_a_correction_replaces_what_it_supersedes():
    assert ids("engaged 2021-01-01", "engaged 2021-02-01 supersedes=e1") == ["e2"]


def test_only_the_last_of_a_chain_of_corrections_stands():
    lines = ("engaged 2021-01-01", "engaged 2021-02-01 supersedes=e1")
    assert ids(*lines, "accepted 2021-03-01 supersedes=e2") == ["e3"]


def test_a_retraction_removes_an_event_and_does_not_stand_itself():
    assert ids("engaged 2021-01-01", "retracted 2021-01-01 supersedes=e1") == []
    assert ids("retracted 2021-01-01 supersedes=gone") == []


def test_on_its_day_a_correction_takes_the_place_of_what_it_corrects():
    lines = (
        "tenancy_ended 2021-03-01 reason=evicted",
        "tenancy_started 2021-03-01 tenancy",
        "tenancy_ended 2021-03-01 reason=abandoned supersedes=e1",
    )
    assert ids(*lines) == ["e3", "e2"]
    assert ids(*lines, "tenancy_ended 2021-03-01 reason=planned_move supersedes=e3") == ["e4", "e2"]


def test_a_correction_whose_event_is_not_at_hand_keeps_its_own_place():
    assert ids("engaged 2021-01-01", "accepted 2021-01-01 supersedes=e9") == ["e1", "e2"]


def test_a_link_to_itself_or_forward_does_not_loop():
    forward = [
        event("engaged 2021-01-01 supersedes=e2", 1),
        event("engaged 2021-01-01 supersedes=e1", 2),
        event("accepted 2021-01-01 supersedes=e3", 3),
        event("moved_on 2021-01-01 tenancy", 4),
    ]
    assert [one.event_id for one in standing(forward)] == ["e4"]
    assert [one.event_id for one in standing(forward[1:2])] == ["e2"]


@given(st.permutations(range(6)))
def test_what_stands_does_not_depend_on_the_order_of_reading(order):
    recorded = events(
        "accepted 2021-01-01",
        "engaged 2021-01-01",
        "moved_on 2021-02-01 tenancy",
        "moved_on 2021-02-03 tenancy supersedes=e3",
        "contact_lost 2021-02-03",
        "retracted 2021-02-03 supersedes=e5",
    )
    assert standing([recorded[index] for index in order]) == standing(recorded)
