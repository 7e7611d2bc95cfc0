"""What is unsafe is refused, in words that name the variable, the fault and the remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.settings import Mode, Settings, SettingsError, load_settings, variable_name

APP = "postgresql://outcomes_app:kT7-long-and-random@db.example/outcomes"
OWNER = "postgresql://outcomes_owner:pW4-another-long-one@db.example/outcomes"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OUTCOMES_") or "DATABASE_URL" in name:
            monkeypatch.delenv(name)


def load(monkeypatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_an_empty_environment_is_a_trial_on_this_machine():
    settings = load_settings()
    assert settings.mode is Mode.PRODUCTION
    assert settings.host == "127.0.0.1"
    assert settings.uses_local_postgres
    assert settings.postgres_dir == Path("var/postgres")
    assert settings.evidence_dir == Path("var/evidence")
    assert settings.acting_headers_trusted


def test_production_with_its_two_roles(monkeypatch):
    settings = load(
        monkeypatch,
        DATABASE_URL=APP,
        MIGRATION_DATABASE_URL=OWNER,
        OUTCOMES_HOST="0.0.0.0",
        OUTCOMES_VAR_DIR="/srv/outcomes",
        OUTCOMES_EVIDENCE_MAX_BYTES="1000",
    )
    assert not settings.uses_local_postgres
    assert not settings.listens_on_this_machine_only
    assert not settings.acting_headers_trusted
    assert settings.evidence_dir == Path("/srv/outcomes/evidence")
    assert settings.evidence_max_bytes == 1000
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == APP


def test_an_empty_database_url_is_none_at_all(monkeypatch):
    assert load(monkeypatch, DATABASE_URL="").uses_local_postgres


def test_options_of_the_command_line_come_before_the_environment(monkeypatch):
    monkeypatch.setenv("OUTCOMES_PORT", "9000")
    assert load_settings(port=9001, host=None).port == 9001
    assert load_settings().port == 9000


def test_the_database_that_the_service_started_is_put_in():
    settings = load_settings().with_databases(app_url=APP, owner_url=OWNER)
    assert not settings.uses_local_postgres
    assert "long-and-random" not in repr(settings)


@pytest.mark.parametrize(
    ("host", "here_only"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.7", False),
        ("ledger.example", False),
    ],
)
def test_what_listens_on_this_machine_only(host, here_only):
    settings = load_settings(host=host, mode=Mode.DEMO)
    assert settings.listens_on_this_machine_only is here_only


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"OUTCOMES_PROT": "1"}, "OUTCOMES_PROT: is not a setting. Did you mean OUTCOMES_PORT?"),
        ({"OUTCOMES_PORT": "http"}, "OUTCOMES_PORT: input should be a valid integer"),
        ({"OUTCOMES_PORT": "70000"}, "OUTCOMES_PORT: input should be less than or equal to 65535"),
        ({"OUTCOMES_MODE": "test"}, "OUTCOMES_MODE: input should be 'demo' or 'production'"),
        ({"OUTCOMES_POOL_SIZE": "0"}, "OUTCOMES_POOL_SIZE: input should be greater than"),
        ({"DATABASE_URL": "mysql://u:hunter2@h/d"}, "DATABASE_URL: must be a postgresql:// URL"),
        ({"DATABASE_URL": "postgresql://[bad/d"}, "DATABASE_URL: must be a postgresql:// URL"),
        ({"DATABASE_URL": "postgresql://db.example/outcomes"}, "with a user and a database"),
        ({"DATABASE_URL": "postgresql://me:hunter2@db.example/"}, "with a user and a database"),
        ({"OUTCOMES_LOCAL_POSTGRES": "false"}, "DATABASE_URL: is missing"),
        (
            {"OUTCOMES_LOCAL_POSTGRES": "true", "DATABASE_URL": APP},
            "OUTCOMES_LOCAL_POSTGRES: is true although DATABASE_URL names a database",
        ),
        ({"OUTCOMES_HOST": "0.0.0.0"}, "DATABASE_URL: is missing"),
        (
            {
                "OUTCOMES_HOST": "0.0.0.0",
                "DATABASE_URL": APP,
                "OUTCOMES_TRUST_ACTING_HEADERS": "true",
            },
            "OUTCOMES_TRUST_ACTING_HEADERS: is true although OUTCOMES_HOST=0.0.0.0",
        ),
        (
            {"OUTCOMES_PUBLIC_URL": "http://outcomes.example"},
            "OUTCOMES_PUBLIC_URL: is not https://",
        ),
        (
            {"OUTCOMES_PUBLIC_URL": "outcomes.example"},
            "OUTCOMES_PUBLIC_URL: string should match pattern",
        ),
        (
            {"DATABASE_URL": "postgresql://outcomes_app:Postgres@db.example/outcomes"},
            "DATABASE_URL: has a password that anybody would guess",
        ),
        (
            {"DATABASE_URL": "postgresql://outcomes_app:outcomes_app@db.example/outcomes"},
            "DATABASE_URL: has a password that anybody would guess",
        ),
        (
            {"DATABASE_URL": APP, "MIGRATION_DATABASE_URL": APP},
            "MIGRATION_DATABASE_URL: is the same role as DATABASE_URL",
        ),
        (
            {"DATABASE_URL": APP, "MIGRATION_DATABASE_URL": OWNER + "2"},
            "MIGRATION_DATABASE_URL: names another database than DATABASE_URL",
        ),
    ],
)
def test_what_is_unsafe_or_wrong_is_refused(monkeypatch, variables, fault):
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, **variables)
    assert fault in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "long-and-random" not in str(refused.value)


def test_every_fault_is_listed_at_once(monkeypatch):
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, OUTCOMES_PORT="x", OUTCOMES_MODE="x", OUTCOMES_NONSENSE="x")
    starts = [line.split(":")[0] for line in str(refused.value).splitlines()]
    assert starts == ["OUTCOMES_NONSENSE", "OUTCOMES_MODE", "OUTCOMES_PORT"]


def test_demo_mode_may_do_what_production_may_not(monkeypatch):
    settings = load(monkeypatch, OUTCOMES_MODE="demo", OUTCOMES_HOST="0.0.0.0")
    assert settings.uses_local_postgres
    assert settings.acting_headers_trusted


def test_headers_are_not_believed_when_that_is_said(monkeypatch):
    assert not load(monkeypatch, OUTCOMES_TRUST_ACTING_HEADERS="false").acting_headers_trusted


@pytest.mark.parametrize(
    "variables",
    [
        {"OUTCOMES_PUBLIC_URL": "https://outcomes.example"},
        {"OUTCOMES_IDENTITY_PROVIDERS_FILE": "providers.yaml"},
    ],
)
def test_headers_are_not_believed_where_people_sign_in(monkeypatch, variables):
    assert not load(monkeypatch, **variables).acting_headers_trusted
    assert load(monkeypatch, OUTCOMES_TRUST_ACTING_HEADERS="true").acting_headers_trusted


def test_a_credential_is_kept_to_itself(monkeypatch):
    settings = load(monkeypatch, OUTCOMES_CREDENTIAL="olk.id.hunter2")
    assert "hunter2" not in repr(settings)
    assert settings.sign_in_key_file == Path("var/sign-in.key")


def test_every_setting_is_documented_with_its_default():
    page = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"
    rows = dict(
        line.strip("| ").split(" | ", 1)
        for line in page.read_text().splitlines()
        if line.startswith("| `")
    )
    fields = Settings.model_fields
    assert list(rows) == [f"`{variable_name(field)}`" for field in fields]
    for field, about in fields.items():
        default, description = rows[f"`{variable_name(field)}`"].split(" | ", 1)
        value = about.default
        unset = value is None or about.default_factory is not None
        assert default == ("unset" if unset else f"`{value}`"), field
        assert description == about.description, field
