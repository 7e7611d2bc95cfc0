"""`outcomes verify`: intact, altered, and what cannot be checked; each with its exit code."""

import json

import pytest
from sqlalchemy import text

from app.storage.roles import OWNER_ROLE, create_database


@pytest.fixture
def on_database(environment, database_urls, tmp_path, outcomes):
    """`outcomes` with the test database as the one to verify."""
    environment.setenv("DATABASE_URL", database_urls.app)
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    return outcomes


def test_an_untouched_contract_is_intact(on_database, agreed):
    found = on_database("verify", agreed)
    assert found.exit_code == 0
    assert f"Contract {agreed} is intact up to journal record 4" in found.stdout
    assert "chain" in found.stdout
    assert "4 journal records: intact" in found.stdout


def test_json_is_what_the_service_answers(on_database, service, agreed):
    found = on_database("verify", agreed, "--json")
    assert json.loads(found.stdout) == service.get(f"/v1/contracts/{agreed}/verification")


def test_an_altered_record_is_named_and_the_exit_code_tells(on_database, owner_engine, agreed):
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE journal SET person = 'somebody' WHERE contract_id = :id AND sequence = 3"),
            {"id": agreed},
        )
        connection.execute(text("ALTER TABLE journal ENABLE TRIGGER USER"))
    found = on_database("verify", agreed)
    assert found.exit_code == 1
    assert "journal record 3: hash does not match" in found.stdout
    assert "journal records: 1 DIFFERENCE\n" in found.stdout
    assert "NOT INTACT" in found.stdout
    assert json.loads(on_database("verify", agreed, "--json").stdout)["intact"] is False


def test_an_unknown_contract_cannot_be_checked(on_database):
    found = on_database("verify", "no-such-contract")
    assert found.exit_code == 2
    assert "no-such-contract" in found.stderr


def test_a_database_that_does_not_answer_cannot_be_checked(environment, outcomes):
    environment.setenv("DATABASE_URL", "postgresql://outcomes_app:hunter2@127.0.0.1:1/outcomes")
    found = outcomes("verify")
    assert found.exit_code == 2
    assert "DATABASE_URL: the database outcomes at 127.0.0.1:1" in found.stderr
    assert "hunter2" not in found.stderr


def test_a_database_without_tables_is_of_another_release(environment, postgres, outcomes):
    create_database(postgres, "outcomes_empty")
    bare = postgres.replace("//postgres@/postgres?", "//outcomes_app@/outcomes_empty?")
    environment.setenv("DATABASE_URL", bare)
    found = outcomes("verify")
    assert found.exit_code == 2
    assert "run `outcomes migrate`" in found.stderr


def test_migrate_brings_an_empty_database_to_this_release_and_then_nothing_is_there_to_verify(
    environment, postgres, outcomes, tmp_path
):
    create_database(postgres, "outcomes_fresh")
    for variable, role in (
        ("DATABASE_URL", "outcomes_app"),
        ("MIGRATION_DATABASE_URL", OWNER_ROLE),
    ):
        environment.setenv(
            variable, postgres.replace("//postgres@/postgres?", f"//{role}@/outcomes_fresh?")
        )
    environment.setenv("OUTCOMES_VAR_DIR", str(tmp_path))
    migrated = outcomes("migrate")
    assert migrated.exit_code == 0
    assert "The database is at version" in migrated.stdout
    nothing = outcomes("verify")
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "There is no contract to verify, so nothing was checked." in nothing.stderr
    assert outcomes("verify", "--json").exit_code == 2
    allowed = outcomes("verify", "--allow-empty", "--json")
    assert allowed.exit_code == 0
    assert json.loads(allowed.stdout) == {"items": []}
    assert "There is no contract to verify." in allowed.stderr


@pytest.mark.parametrize("arguments", [(), ("pi",), ("--allow-empty",)])
def test_where_no_database_was_ever_made_none_is_made_to_be_verified(
    environment, outcomes, tmp_path, arguments
):
    place = tmp_path / "nowhere"
    environment.setenv("OUTCOMES_VAR_DIR", str(place))
    found = outcomes("verify", *arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"There is no database in {place / 'postgres'}" in found.stderr
    assert "OUTCOMES_VAR_DIR" in found.stderr
    assert not place.exists()


def test_migrate_needs_the_owners_address(environment, database_urls, outcomes):
    environment.setenv("DATABASE_URL", database_urls.app)
    found = outcomes("migrate")
    assert found.exit_code == 2
    assert "MIGRATION_DATABASE_URL: is missing" in found.stderr
