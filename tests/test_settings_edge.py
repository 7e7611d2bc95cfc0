"""Proxies, limits and secrets in files: what is taken, what is refused, and rotation."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import psycopg
import pytest
from sqlalchemy import text

from app.domain.errors import Unavailable
from app.main import make_context
from app.settings import Settings, SettingsError, load_settings
from app.storage.engine import UnitOfWork
from tests.test_settings import APP, OWNER, empty_environment, load  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("", None),
        ("10.0.3.1", ("10.0.3.1/32",)),
        ("10.0.3.0/24, 127.0.0.1", ("10.0.3.0/24", "127.0.0.1/32")),
        ("10.0.0.0/8 fd12::/16", ("10.0.0.0/8", "fd12::/16")),
    ],
)
def test_proxies(monkeypatch, text, proxies):
    found = load(monkeypatch, OUTCOMES_TRUSTED_PROXIES=text).trusted_proxies
    assert found == (None if proxies is None else tuple(map(ip_network, proxies)))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("*", "'*' is neither"),
        ("proxy.example", "'proxy.example' is neither"),
        ("10.0.3.1/24", "'10.0.3.1/24' is neither"),  # host bits: probably a slip
        ("0.0.0.0/0", "0.0.0.0/0 holds clients too"),
        ("10.0.0.0/7", "10.0.0.0/7 holds clients too"),
        ("::/0", "::/0 holds clients too"),
    ],
)
def test_proxies_that_are_none(monkeypatch, text, fault):
    with pytest.raises(SettingsError, match="OUTCOMES_TRUSTED_PROXIES") as refused:
        load(monkeypatch, OUTCOMES_TRUSTED_PROXIES=text)
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    ("variables", "limits"),
    [
        ({}, (0, 0)),
        ({"OUTCOMES_MODE": "demo"}, (0, 0)),
        ({"OUTCOMES_PUBLIC_URL": "https://ledger.example"}, (3000, 1200)),
        ({"OUTCOMES_HOST": "0.0.0.0", "DATABASE_URL": APP}, (3000, 1200)),
        ({"OUTCOMES_MODE": "demo", "OUTCOMES_REQUESTS_PER_MINUTE_ADDRESS": "5"}, (5, 0)),
        (
            {
                "OUTCOMES_PUBLIC_URL": "https://ledger.example",
                "OUTCOMES_REQUESTS_PER_MINUTE_PRINCIPAL": "0",
            },
            (3000, 0),
        ),
    ],
)
def test_limits(monkeypatch, variables, limits):
    assert load(monkeypatch, **variables).request_limits == limits


def test_secrets_from_files(monkeypatch, tmp_path):
    for name, value in {"app": APP, "owner": OWNER, "key": "ol_key"}.items():
        (tmp_path / name).write_text(f"{value}\n")
    settings = load(
        monkeypatch,
        DATABASE_URL_FILE=str(tmp_path / "app"),
        MIGRATION_DATABASE_URL_FILE=str(tmp_path / "owner"),
        OUTCOMES_CREDENTIAL_FILE=str(tmp_path / "key"),
    )
    assert settings.database_url.get_secret_value() == APP
    assert settings.migration_database_url.get_secret_value() == OWNER
    assert settings.credential.get_secret_value() == "ol_key"
    assert not settings.uses_local_postgres
    assert "long" not in repr(settings)
    assert "ol_key" not in repr(settings)


def test_what_a_file_holds_is_checked_as_if_it_stood_there(monkeypatch, tmp_path):
    (tmp_path / "app").write_text("postgresql://outcomes_app:postgres@db.example/outcomes")
    with pytest.raises(SettingsError, match="anybody would guess"):
        load(monkeypatch, DATABASE_URL_FILE=str(tmp_path / "app"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "cannot be read"), (b" \n", "is empty"), (b"\xff\xfe", "is not a text file")],
)
def test_files_without_a_secret(monkeypatch, tmp_path, content, fault):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"^DATABASE_URL_FILE: {fault}"):
        load(monkeypatch, DATABASE_URL_FILE=str(path))


def test_a_secret_in_both_places(monkeypatch, tmp_path):
    (tmp_path / "app").write_text(APP)
    with pytest.raises(SettingsError, match="is set, and so is DATABASE_URL_FILE") as refused:
        load(monkeypatch, DATABASE_URL=APP, DATABASE_URL_FILE=str(tmp_path / "app"))
    assert "long-and-random" not in str(refused.value)


def test_a_password_changes_while_the_service_runs(
    postgres, database_urls, tmp_path, contract_id, caplog
):
    """PostgreSQL here trusts local connections, so the role stands for the password."""
    role, path = f"turned_{contract_id.replace('-', '')}", tmp_path / "url"
    path.write_text(database_urls.app)
    settings = Settings(database_url_file=path, pool_size=1)
    engine = make_context(settings).engine
    with psycopg.connect(postgres, autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE {role} LOGIN IN ROLE outcomes_app")
        try:
            assert who(engine) == "outcomes_app"
            path.write_text(database_urls.app.replace("outcomes_app@", f"{role}@"))
            assert who(engine) == "outcomes_app", "connections that are open stay"
            engine.dispose()
            assert who(engine) == role
            path.unlink()
            engine.dispose()
            with caplog.at_level(logging.ERROR, "outcomes.database"):
                assert who(engine) == "outcomes_app", "the URL of the start is tried"
            assert "cannot be read again" in caplog.text
            path.write_text(database_urls.app.replace("outcomes_app@", "nobody_at_all@"))
            engine.dispose()
            with pytest.raises(Unavailable):
                who(engine)
        finally:
            engine.dispose()
            administrator.execute(f"DROP ROLE {role}")


def who(engine) -> str:
    with UnitOfWork(engine, read_only=True) as uow:
        return uow.connection.execute(text("SELECT current_user")).scalar_one()


def test_an_unknown_variable_that_looks_like_a_file(monkeypatch):
    monkeypatch.setenv("OUTCOMES_CREDENTIALS_FILE", "/x")
    with pytest.raises(SettingsError, match="Did you mean OUTCOMES_CREDENTIAL_FILE"):
        load_settings()
