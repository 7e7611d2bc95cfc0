"""The database and its three roles.

`outcomes_owner` runs the migrations and owns every table. `outcomes_app` is what the service
connects as: it may log in, only reads the tables of contracts, and sees what the terms let a party
see. `outcomes_service` is what it becomes for one transaction that writes or reckons: it cannot log
in, and sees one contract. Neither owns, creates or bypasses anything, and each has exactly what
migrations grant to it. A mistake in the service can therefore not change its own limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

OWNER_ROLE = "outcomes_owner"
APP_ROLE = "outcomes_app"
SERVICE_ROLE = "outcomes_service"

_CREATE_ROLE = SQL(
    "CREATE ROLE {} NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS {}"
)


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """How to reach one database: `owner` for migrations, `app` for the service."""

    owner: str
    app: str


def create_roles(superuser_url: str) -> None:
    """Create the roles where they are missing. Owner and application log in without a password."""
    logins = {OWNER_ROLE: "LOGIN", APP_ROLE: "LOGIN", SERVICE_ROLE: "NOLOGIN"}
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role, login in logins.items():
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if known.fetchone() is None:
                connection.execute(_CREATE_ROLE.format(Identifier(role), SQL(login)))
        # Not inherited: the application has to become the service, and does for one transaction.
        member = SQL("GRANT {} TO {}").format(Identifier(SERVICE_ROLE), Identifier(APP_ROLE))
        connection.execute(member)


def create_database(superuser_url: str, name: str, *, template: str = "template0") -> None:
    """Create database `name` if it is missing: owned by `outcomes_owner`, closed to the public."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is not None:
            return
        create = SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        names = (Identifier(name), Identifier(OWNER_ROLE), Identifier(template))
        connection.execute(create.format(*names))
        connection.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(name)))
        grant = SQL("GRANT CONNECT ON DATABASE {} TO {}")
        connection.execute(grant.format(Identifier(name), Identifier(APP_ROLE)))
