"""Many matches accepted at once: each as if alone, all or none, by who may accept each."""

import re

import psycopg
import pytest

from app.domain.errors import NotPermitted
from app.domain.reconciliation import LineKey, MatchState
from app.service import match_bulk, match_decisions, matching
from app.service.journal import list_records
from app.service.verify import verify
from app.storage.matches import LineAllocation
from tests.factories import SPV, gbp
from tests.service.desk import PAYER, Desk
from tests.service.world import APPROVER, FUNDER, MANAGER, refused

EXACT = "2020-04-30,13000.00,SPV-000001,Council"
PART = "2020-10-30,4000.00,SPV-000002,Council"


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world)


def accept(desk, score: int, by=MANAGER, number: int = 1, note: str | None = None, **options):
    return match_bulk.accept_matches_of_import(
        desk.world.context,
        desk.world.by(by, **options),
        number,
        score_at_least=score,
        note=note,
    ).answer


def test_each_match_from_a_score_upwards_is_accepted_as_if_alone(desk):
    desk.rows(EXACT, PART, "2020-11-02,5.00,none,Nobody")
    part, exact = sorted(desk.matches(), key=lambda one: one.score)
    assert part.score < 100 == exact.score
    before = desk.world.state()
    tried = accept(desk, part.score, dry_run=True)
    assert (len(tried.matches), tried.left, desk.world.state()) == (2, 0, before)
    first = accept(desk, 100, note="Checked against the list of the day")
    assert [decided.match_id for decided, _ in first.matches] == [exact.match_id]
    assert (first.left, str(first.recorded), str(first.confirmed)) == (1, "13000.00", "0.00")
    assert desk.only().match_id == part.match_id
    state = desk.world.state()
    again = accept(desk, 100)
    assert (again.matches, again.left, desk.world.state()) == ((), 1, state)
    second = accept(desk, part.score)
    assert (len(second.matches), second.left) == (1, 0)
    assert (desk.open_of(1), desk.open_of(2), desk.cash()) == ("0.00", "6000.00", "17000.00")
    assert desk.holds()
    for decided, version in (*first.matches, *second.matches):
        stored = matching.get_match(desk.world.context, desk.world.contract_id, decided.match_id)
        assert (stored.state, stored.version) == (MatchState.ACCEPTED, version)
    desk.act(match_decisions.undo_match, part.match_id)
    assert (desk.open_of(1), desk.open_of(2)) == ("0.00", "10000.00")
    assert verify(desk.world.context, desk.world.contract_id).intact


def test_each_is_a_record_of_its_own_on_the_day_it_was_booked(desk):
    desk.rows(EXACT, PART)
    done = accept(desk, 1)
    context, contract_id = desk.world.context, desk.world.contract_id
    records = list_records(context, contract_id, 0, 1000)[-2:]
    assert [(one.kind, one.effective_date.isoformat()) for one in records] == [
        ("match_accepted", "2020-04-30"),
        ("match_accepted", "2020-10-30"),
    ]
    assert [one.sequence for one in records] == [version for _, version in done.matches]


def test_all_or_none_and_the_refusal_names_the_match(desk):
    desk.rows(EXACT, PART)
    (exact,) = (one for one in desk.matches() if one.score == 100)
    desk.rows("2020-04-29,13000.00,SPV-000001,", by=PAYER, source="extract")
    assert len(accept(desk, 1, by=PAYER, number=2).matches) == 1
    before = desk.world.state()
    told = refused("more-than-open", accept, desk, 1)
    assert told.message.startswith(f"Match {exact.match_id} of line 1/1: ")
    assert desk.world.state() == before
    matching.propose_matches(desk.world.context, desk.world.by(MANAGER))
    done = accept(desk, 1)
    assert (str(done.recorded), str(done.confirmed)) == ("4000.00", "13000.00")
    assert desk.holds()


def test_two_that_would_settle_one_document_are_refused_together(desk):
    """Files of two accounts may each be right to propose the same invoice; only one of them is."""
    desk.rows(EXACT)
    desk.rows("2020-05-02,13000.00,SPV-000001,Council", source="second")
    assert [one.score for one in desk.matches()] == [100, 100]
    accept(desk, 100)
    refused("allocation-refused", accept, desk, 100, number=2)


def test_what_gives_back_comes_after_what_was_paid(desk):
    desk.rows("2020-04-30,13100.00,SPV-000001,Council", "2020-05-04,-100.00,SPV-000001,Council")
    back, paid = sorted(desk.matches(), key=lambda one: one.rule != "return")
    if back.score > paid.score:
        refused("match-of-payment-first", accept, desk, back.score)
    done = accept(desk, min(back.score, paid.score))
    assert [decided.match_id for decided, _ in done.matches] == [paid.match_id, back.match_id]
    assert (desk.open_of(1), desk.cash()) == ("0.00", "13000.00")
    assert verify(desk.world.context, desk.world.contract_id).intact


def test_who_may_accept_them_and_how_many(desk, monkeypatch):
    desk.rows(EXACT, PART)
    before = desk.world.state()
    with pytest.raises(NotPermitted) as caught:
        accept(desk, 1, by=APPROVER)
    assert caught.value.code == "payer-is-approver"
    first = min(one.match_id for one in desk.matches())
    named = re.compile(rf"Match {first} of line 1/[12]: (.*)", re.DOTALL)
    assert named.match(caught.value.message)[1].startswith("You, or the person for whom you act")
    with pytest.raises(NotPermitted) as caught:
        accept(desk, 1, by=FUNDER)
    assert caught.value.code == "party-not-permitted"
    assert named.match(caught.value.message)
    assert [one.message for one in caught.value.faults] == [caught.value.message]
    refused("import-unknown", accept, desk, 1, number=2)
    refused("looks-like-email", accept, desk, 1, note="ask finance@example.org")
    monkeypatch.setattr(match_bulk, "MATCHES_MAX", 1)
    refused("too-many-matches", accept, desk, 1)
    assert desk.world.state() == before
    assert len(accept(desk, 100, by=PAYER).matches) == 1


def test_ten_are_read_with_as_many_statements_as_two(desk, monkeypatch):
    """Each line pays a part of one invoice, put together by hand."""

    def statements(count: int, source: str) -> int:
        rows = (f"2020-05-{number:02d},{number}.00,{source},x" for number in range(1, count + 1))
        number = desk.rows(*rows, source=source).import_number
        for position in range(1, count + 1):
            key = LineKey(number, position)
            part = LineAllocation(key, f"invoice:{SPV}/1", gbp("1.00"))
            matching.match_by_hand(
                desk.world.context, desk.world.by(MANAGER), lines=[key], allocations=[part]
            )
        asked: list[str] = []
        execute = psycopg.Cursor.execute

        def counting(cursor, query, *args, **kwargs):
            asked.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(psycopg.Cursor, "execute", counting)
            assert len(accept(desk, 100, number=number).matches) == count
        written = [one for one in asked if "INSERT INTO journal" in one]
        assert len(written) == count
        return len(asked) - count

    assert statements(2, "few") == statements(10, "many")
    assert desk.open_of(1) == "12988.00"
