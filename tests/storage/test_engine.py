"""UnitOfWork commits once or not at all; make_engine and normalise_url accept what we document."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, InternalError, ProgrammingError

from app.domain.errors import Unavailable
from app.storage import claims, contracts, import_lines
from app.storage.engine import UnitOfWork, make_engine, normalise_url, run_transaction
from app.storage.roles import DatabaseUrls

COUNT = text("SELECT count(*) FROM jotting WHERE note = :note")
ADD = text("INSERT INTO jotting VALUES (:note)")


@pytest.fixture(scope="module")
def jotting(owner_engine: Engine) -> Iterator[Engine]:
    with owner_engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS jotting (note text)"))
        connection.execute(text("GRANT SELECT, INSERT ON jotting TO outcomes_app"))
    yield owner_engine
    with owner_engine.begin() as connection:  # other tests look at every table there is
        connection.execute(text("DROP TABLE jotting"))


def jotted(engine: Engine, note: str) -> int:
    with UnitOfWork(engine, read_only=True) as uow:
        return uow.connection.execute(COUNT, {"note": note}).scalar_one()


def test_commit_keeps_the_work(engine, jotting):
    with UnitOfWork(engine) as uow:
        uow.connection.execute(ADD, {"note": "kept"})
        uow.commit()
    assert jotted(engine, "kept") == 1


def test_leaving_without_commit_rolls_back(engine, jotting):
    with UnitOfWork(engine) as uow:
        uow.connection.execute(ADD, {"note": "left"})
    assert jotted(engine, "left") == 0


def test_an_error_rolls_back(engine, jotting):
    def work(uow: UnitOfWork) -> None:
        uow.connection.execute(ADD, {"note": "failed"})
        raise LookupError

    with pytest.raises(LookupError):
        run_transaction(engine, work)
    assert jotted(engine, "failed") == 0


def test_dry_run_does_the_work_and_keeps_nothing(engine, jotting):
    with UnitOfWork(engine, dry_run=True) as uow:
        uow.connection.execute(ADD, {"note": "tried"})
        assert uow.connection.execute(COUNT, {"note": "tried"}).scalar_one() == 1
        uow.commit()
    assert jotted(engine, "tried") == 0


def test_dry_run_checks_deferred_constraints(engine, owner_engine):
    with owner_engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY,"
                " other int REFERENCES pair DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        connection.execute(text("GRANT SELECT, INSERT ON pair TO outcomes_app"))
    with UnitOfWork(engine, dry_run=True) as uow:
        uow.connection.execute(text("INSERT INTO pair VALUES (1, 2)"))
        with pytest.raises(DBAPIError, match="foreign key"):
            uow.commit()
    with owner_engine.begin() as connection:
        connection.execute(text("DROP TABLE pair"))


def test_read_only_refuses_to_write_and_to_commit(engine, jotting):
    with UnitOfWork(engine, read_only=True) as uow:
        with pytest.raises(InternalError, match="read-only transaction"):
            uow.connection.execute(ADD, {"note": "read-only"})
        with pytest.raises(RuntimeError, match="nothing to commit"):
            uow.commit()


def test_read_only_sees_one_snapshot(engine, jotting):
    with UnitOfWork(engine, read_only=True) as reader:
        before = reader.connection.execute(COUNT, {"note": "later"}).scalar_one()
        run_transaction(engine, lambda uow: uow.connection.execute(ADD, {"note": "later"}))
        assert reader.connection.execute(COUNT, {"note": "later"}).scalar_one() == before
    assert jotted(engine, "later") == before + 1


def test_a_finished_unit_of_work_is_closed(engine):
    with UnitOfWork(engine) as uow:
        uow.commit()
        with pytest.raises(RuntimeError, match="not open"):
            uow.commit()
    with pytest.raises(RuntimeError, match="not open"):
        _ = uow.connection


@pytest.mark.parametrize(("sqlstate", "runs"), [("40001", 3), ("40P01", 3), ("23505", 1)])
def test_a_transaction_is_run_again_only_when_the_database_asks(engine, sqlstate, runs):
    attempts = []

    def work(uow: UnitOfWork) -> None:
        attempts.append(1)
        raising = f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$"
        uow.connection.execute(text(raising))

    with pytest.raises(DBAPIError):
        run_transaction(engine, work, attempts=3)
    assert len(attempts) == runs


def test_a_second_attempt_may_succeed(engine, jotting):
    attempts = []

    def work(uow: UnitOfWork) -> str:
        attempts.append(1)
        uow.connection.execute(ADD, {"note": "again"})
        if len(attempts) == 1:
            uow.connection.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        return "done"

    assert run_transaction(engine, work) == "done"
    assert jotted(engine, "again") == 1


def test_a_statement_that_runs_too_long_fails(database_urls: DatabaseUrls):
    impatient = make_engine(database_urls.app, pool_size=1, statement_timeout_ms=50)
    with pytest.raises(Unavailable) as refused, UnitOfWork(impatient) as uow:
        uow.connection.execute(text("SELECT pg_sleep(5)"))
    assert refused.value.code == "database-unavailable"
    impatient.dispose()


def test_a_database_that_is_not_there_is_unavailable():
    nowhere = make_engine("postgresql://outcomes_app@127.0.0.1:1/outcomes?connect_timeout=1")
    with pytest.raises(Unavailable) as refused, UnitOfWork(nowhere):
        pass
    assert "127.0.0.1" not in refused.value.message
    nowhere.dispose()


@pytest.mark.parametrize(
    "ask",
    [
        lambda uow: uow.connection.execute(text("SELECT 1")),
        lambda uow: contracts.versions(uow.connection, "none"),
        lambda uow: claims.lines(uow.connection, "none", [1]),
        lambda uow: import_lines.to_match(uow.connection, "none", "spv", "bank"),
    ],
    ids=["core", "together", "three", "alone"],
)
def test_a_session_that_the_server_ends_is_unavailable_and_then_replaced(
    database_urls, postgres, ask
):
    engine = make_engine(database_urls.app, pool_size=1)

    def end_and_go_on() -> None:
        with UnitOfWork(engine) as uow:
            pid = uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with psycopg.connect(postgres, autocommit=True) as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s)", [pid])
            ask(uow)

    with pytest.raises(Unavailable):
        end_and_go_on()
    with UnitOfWork(engine) as uow:
        assert uow.connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_the_service_role_creates_nothing(engine):
    for statement in ("CREATE TABLE mine (x int)", "CREATE TEMP TABLE mine (x int)"):
        with UnitOfWork(engine) as uow, pytest.raises(ProgrammingError, match="permission denied"):
            uow.connection.execute(text(statement))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_usual_url_schemes_are_accepted(scheme):
    found = normalise_url(f"{scheme}://me:s3cret@db.example:5432/outcomes?sslmode=require")
    assert found == "postgresql+psycopg://me:s3cret@db.example:5432/outcomes?sslmode=require"


@pytest.mark.parametrize("url", ["mysql://me:s3cret@db/x", "sqlite://", "me:s3cret@db", ""])
def test_other_urls_are_refused_without_repeating_the_password(url):
    with pytest.raises(ValueError, match="postgresql://") as refused:
        normalise_url(url)
    assert "s3cret" not in str(refused.value)
