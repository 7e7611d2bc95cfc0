"""Local accounts: passwords and second factors in versions, of which the newest counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from app.domain.errors import NotFound, RuleRefused
from app.storage.access_tables import (
    account_factors,
    account_passwords,
    account_setups,
    factor_uses,
    local_accounts,
    recovery_codes,
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose owner has set it up: its newest password and second factor."""

    principal_id: str
    password_hash: str
    factor_version: int
    totp_sealed: str


@dataclass(frozen=True, slots=True)
class Setup:
    """An invitation to set up an account, or to set it up anew."""

    setup_hash: str
    principal_id: str
    totp_sealed: str
    expires_at: datetime
    created_by: str
    created_at: datetime


def add(
    connection: Connection, sign_in_name: str, principal_id: str, by: str, now: datetime
) -> None:
    """Open an account. Raises RuleRefused `sign-in-name-taken`."""
    row = {
        "sign_in_name": sign_in_name,
        "principal_id": principal_id,
        "created_by": by,
        "created_at": now,
    }
    added = connection.execute(
        insert_or_leave(local_accounts)
        .values(row)
        .on_conflict_do_nothing()
        .returning(local_accounts.c.sign_in_name)
    )
    if added.first() is None:
        raise RuleRefused("sign-in-name-taken", "There is an account with that name; use another.")


def principal_of(connection: Connection, sign_in_name: str) -> str:
    """Whose account a name is. Raises NotFound `account-unknown`; for operators only."""
    query = select(local_accounts.c.principal_id).where(
        local_accounts.c.sign_in_name == sign_in_name
    )
    found: str | None = connection.execute(query).scalar()
    if found is None:
        raise NotFound("account-unknown", "There is no local account with that name.")
    return found


def name_of(connection: Connection, principal_id: str) -> str | None:
    """The name of a principal's account, or None if it has none."""
    query = select(local_accounts.c.sign_in_name).where(
        local_accounts.c.principal_id == principal_id
    )
    found: str | None = connection.execute(query).scalar()
    return found


def add_setup(connection: Connection, setup: Setup) -> None:
    """Record an invitation; it takes the place of earlier ones."""
    row = {
        "setup_hash": setup.setup_hash,
        "principal_id": setup.principal_id,
        "totp_sealed": setup.totp_sealed,
        "expires_at": setup.expires_at,
        "created_by": setup.created_by,
        "created_at": setup.created_at,
    }
    connection.execute(insert(account_setups).values(row))


def open_setup(connection: Connection, setup_hash: str) -> Setup | None:
    """An invitation that is the newest of its account and was not used; None for every other."""
    later = account_setups.alias("later")
    used = select(account_factors.c.setup_hash).where(
        account_factors.c.setup_hash == account_setups.c.setup_hash
    )
    newer = select(later.c.setup_hash).where(
        later.c.principal_id == account_setups.c.principal_id,
        later.c.created_at > account_setups.c.created_at,
    )
    query = select(account_setups).where(
        account_setups.c.setup_hash == setup_hash, ~used.exists(), ~newer.exists()
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Setup(
        row.setup_hash,
        row.principal_id,
        row.totp_sealed,
        row.expires_at,
        row.created_by,
        row.created_at,
    )


def find(connection: Connection, sign_in_name: str) -> Account | None:
    """The account of a name, if there is one and its owner has set it up."""
    owner = local_accounts.c.principal_id
    query = (
        select(
            owner,
            account_passwords.c.password_hash,
            account_factors.c.version,
            account_factors.c.totp_sealed,
        )
        .join(account_passwords, account_passwords.c.principal_id == owner)
        .join(account_factors, account_factors.c.principal_id == owner)
        .where(local_accounts.c.sign_in_name == sign_in_name)
        .order_by(account_passwords.c.version.desc(), account_factors.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Account(*row)


def set_password(
    connection: Connection, principal_id: str, password_hash: str, now: datetime
) -> None:
    """Record a new password."""
    query = select(func.coalesce(func.max(account_passwords.c.version), 0) + 1).where(
        account_passwords.c.principal_id == principal_id
    )
    row = {
        "principal_id": principal_id,
        "version": connection.execute(query).scalar_one(),
        "password_hash": password_hash,
        "set_at": now,
    }
    connection.execute(insert(account_passwords).values(row))


def set_factor(
    connection: Connection, setup: Setup, code_hashes: Iterable[str], now: datetime
) -> None:
    """Record the second factor of an invitation with its recovery codes. An invitation is used
    once: raises RuleRefused `setup-refused` for the second of two at the same time.
    """
    query = select(func.coalesce(func.max(account_factors.c.version), 0) + 1).where(
        account_factors.c.principal_id == setup.principal_id
    )
    key = {
        "principal_id": setup.principal_id,
        "version": connection.execute(query).scalar_one(),
    }
    factor = key | {
        "totp_sealed": setup.totp_sealed,
        "setup_hash": setup.setup_hash,
        "set_at": now,
    }
    added = connection.execute(
        insert_or_leave(account_factors)
        .values(factor)
        .on_conflict_do_nothing()
        .returning(account_factors.c.version)
    )
    if added.first() is None:
        raise RuleRefused("setup-refused", "The invitation has just been used.")
    connection.execute(insert(recovery_codes), [key | {"code_hash": one} for one in code_hashes])


def has_recovery_code(
    connection: Connection, principal_id: str, version: int, code_hash: str
) -> bool:
    """Whether a recovery code belongs to a second factor; used ones too."""
    query = select(recovery_codes.c.version).where(
        recovery_codes.c.principal_id == principal_id,
        recovery_codes.c.version == version,
        recovery_codes.c.code_hash == code_hash,
    )
    return connection.execute(query).first() is not None


def use_factor(
    connection: Connection, principal_id: str, version: int, value: str, now: datetime
) -> bool:
    """Use a one-time code up; False if it was used before, also by a request at the same time."""
    row = {"principal_id": principal_id, "version": version, "value": value, "used_at": now}
    used = connection.execute(
        insert_or_leave(factor_uses)
        .values(row)
        .on_conflict_do_nothing()
        .returning(factor_uses.c.version)
    )
    return used.first() is not None
