"""Statements that the driver runs by itself: values, rows, and several of them in one trip."""

import psycopg
import pytest
from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
)

from app.storage.engine import UnitOfWork
from app.storage.prepared import Built, Prepared, run, together

LENGTH = Prepared(select(func.length(bindparam("given", type_=Text)).label("length")))


def test_rows_have_their_columns_as_attributes(engine):
    with UnitOfWork(engine, read_only=True) as uow:
        assert LENGTH.first(uow.connection, given="four").length == 4
        assert [row.length for row in LENGTH.all(uow.connection, given="")] == [0]


def test_values_written_into_the_statement_are_kept(engine):
    statement = Prepared(select((bindparam("given", type_=Text) + literal("!")).label("said")))
    with UnitOfWork(engine, read_only=True) as uow:
        assert statement.first(uow.connection, given="ten %").said == "ten %!"


def test_a_value_that_is_missing_is_an_error(engine):
    with UnitOfWork(engine, read_only=True) as uow, pytest.raises(psycopg.ProgrammingError):
        LENGTH.first(uow.connection)


def test_several_go_in_one_trip_and_each_has_its_answer(engine):
    with UnitOfWork(engine, read_only=True) as uow:
        with together(uow.connection):
            asked = [LENGTH.run(uow.connection, {"given": "x" * size}) for size in (1, 2, 3)]
        assert [cursor.fetchone().length for cursor in asked] == [1, 2, 3]


@pytest.mark.parametrize("megabytes", [1, 20])
def test_a_long_statement_that_goes_with_the_commit_does_not_stall(engine, megabytes):
    long = "x" * megabytes * 1024 * 1024
    with UnitOfWork(engine) as uow:
        uow.only_writes_follow()
        asked = LENGTH.run(uow.connection, {"given": long})
        uow.commit()
    assert asked.fetchone().length == len(long)


def test_long_answers_in_one_trip_do_not_stall(engine):
    repeat = "SELECT repeat('x', 1000000) AS said FROM generate_series(1, 20)"
    with UnitOfWork(engine, read_only=True) as uow:
        with together(uow.connection):
            asked = [run(uow.connection, repeat, {}) for _ in range(3)]
        assert [len(cursor.fetchall()) for cursor in asked] == [20, 20, 20]


def test_what_one_raises_is_raised_at_the_end_of_the_trip(engine):
    def fail_in_the_middle(connection: Connection) -> None:
        with together(connection):
            run(connection, "SELECT 1 / 0", {})
            LENGTH.run(connection, {"given": "never"})

    with UnitOfWork(engine) as uow, pytest.raises(psycopg.errors.DivisionByZero):
        fail_in_the_middle(uow.connection)


@Built
def _repeated(given: str, times: int | None) -> Select[tuple[str]]:
    return select((given if times is None else func.repeat(given, cast(times, Integer))).label("s"))


def test_a_built_statement_is_made_once_for_each_set_of_what_is_given(engine):
    with UnitOfWork(engine, read_only=True) as uow:
        assert _repeated.first(uow.connection, given="ab", times=2).s == "abab"
        assert _repeated.first(uow.connection, given="ab", times=None).s == "ab"
        assert _repeated.first(uow.connection, given="ab").s == "ab"
        assert _repeated.first(uow.connection, given="c", times=3).s == "ccc"


def test_a_built_statement_is_given_nothing_it_does_not_know(engine):
    with UnitOfWork(engine, read_only=True) as uow, pytest.raises(AssertionError, match="tims"):
        _repeated.first(uow.connection, given="ab", tims=2)


def test_what_the_driver_cannot_expand_is_refused_when_it_is_built():
    with pytest.raises(AssertionError, match="any_"):
        Prepared(select(literal(1).in_([1, 2])))
