"""Who may use the service: people and machines, their credentials, grants and sessions.

These tables stand in a schema of their own, `access`, because they belong to the service and to no
contract: they are not in the journal and are not refolded. Rows are added and never changed, so
that who could do what on any day stays on record; what ends is ended by a row. The exceptions are
`sessions` (when last used, when ended), `pending_sign_ins` (taken out when used) and
`failed_sign_ins` (counted until they are entered in the access log).
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.columns import metadata as contract_metadata
from app.storage.columns import text

ACCESS_SCHEMA = "access"

access_metadata = MetaData(
    schema=ACCESS_SCHEMA, naming_convention=contract_metadata.naming_convention
)


def instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    """An instant in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def to_principal() -> ForeignKeyConstraint:
    """A foreign key to a principal."""
    return ForeignKeyConstraint(["principal_id"], [f"{ACCESS_SCHEMA}.principals.principal_id"])


principals = Table(
    "principals",
    access_metadata,
    text("principal_id"),
    text("kind"),
    text("name"),
    text("organisation"),
    text("created_by"),
    instant("created_at"),
    PrimaryKeyConstraint("principal_id"),
    CheckConstraint("kind IN ('person', 'client', 'group')", name="kind"),
)

identities = Table(
    "identities",
    access_metadata,
    text("issuer"),
    text("kind"),
    text("value"),
    text("principal_id"),
    text("added_by"),
    instant("added_at"),
    PrimaryKeyConstraint("issuer", "kind", "value"),
    to_principal(),
    CheckConstraint("kind IN ('subject', 'client', 'group', 'app_role')", name="kind"),
)

principal_ends = Table(
    "principal_ends",
    access_metadata,
    text("principal_id"),
    text("ended_by"),
    instant("ended_at"),
    PrimaryKeyConstraint("principal_id"),
    to_principal(),
)

grants = Table(
    "grants",
    access_metadata,
    text("grant_id"),
    text("principal_id"),
    Column("contract_id", Text),
    Column("party", Text),
    text("role"),
    Column("from_date", Date, nullable=False),
    Column("to_date", Date),
    text("granted_by"),
    instant("granted_at"),
    Column("delegated_from", Text),
    Column("reason", Text),
    Column("limit_minor", BigInteger),
    Column("limit_currency", Text),
    # Set by the database (migrations/versions/0001_access_standing.sql), whatever is inserted.
    Column("to_confirm", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("grant_id"),
    to_principal(),
    UniqueConstraint("grant_id", "contract_id", "party", "role"),
    ForeignKeyConstraint(
        ["delegated_from", "contract_id", "party", "role"],
        [f"{ACCESS_SCHEMA}.grants.{name}" for name in ("grant_id", "contract_id", "party", "role")],
    ),
    CheckConstraint(
        "(role = 'operator') = (contract_id IS NULL) AND (contract_id IS NULL) = (party IS NULL)",
        name="place",
    ),
    CheckConstraint("to_date IS NULL OR from_date <= to_date", name="dates"),
    CheckConstraint("(delegated_from IS NULL) = (reason IS NULL)", name="reason"),
    CheckConstraint(
        "delegated_from IS NULL OR (role <> 'operator' "
        "AND to_date IS NOT NULL AND to_date - from_date < 92 "
        "AND from_date >= CAST(granted_at AT TIME ZONE 'UTC' AS date))",
        name="delegation",
    ),
    CheckConstraint(
        "(limit_minor IS NULL) = (limit_currency IS NULL) "
        "AND (limit_minor IS NULL "
        "OR (role IN ('approver', 'commissioner_finance') AND limit_minor > 0))",
        name="limit",
    ),
    Index(None, "principal_id"),
    Index(None, "contract_id"),
    Index(None, "delegated_from"),
)

grant_ends = Table(
    "grant_ends",
    access_metadata,
    text("grant_id"),
    text("ended_by"),
    instant("ended_at"),
    PrimaryKeyConstraint("grant_id"),
    ForeignKeyConstraint(["grant_id"], [grants.c.grant_id]),
)

grant_confirmations = Table(
    "grant_confirmations",
    access_metadata,
    text("grant_id"),
    text("confirmed_by"),
    instant("confirmed_at"),
    PrimaryKeyConstraint("grant_id"),
    ForeignKeyConstraint(["grant_id"], [grants.c.grant_id]),
)

api_keys = Table(
    "api_keys",
    access_metadata,
    text("key_id"),
    text("principal_id"),
    text("name"),
    text("secret_hash"),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("replaces", Text),
    text("created_by"),
    instant("created_at"),
    instant("expires_at"),
    PrimaryKeyConstraint("key_id"),
    to_principal(),
    ForeignKeyConstraint(["replaces"], [f"{ACCESS_SCHEMA}.api_keys.key_id"]),
    UniqueConstraint("replaces"),
    CheckConstraint("created_at < expires_at", name="dates"),
    Index(None, "principal_id"),
)

api_key_ends = Table(
    "api_key_ends",
    access_metadata,
    text("key_id"),
    instant("ends_at"),
    text("ended_by"),
    instant("ended_at"),
    PrimaryKeyConstraint("key_id", "ends_at"),
    ForeignKeyConstraint(["key_id"], [api_keys.c.key_id]),
)

local_accounts = Table(
    "local_accounts",
    access_metadata,
    text("sign_in_name"),
    text("principal_id"),
    text("created_by"),
    instant("created_at"),
    PrimaryKeyConstraint("sign_in_name"),
    UniqueConstraint("principal_id"),
    to_principal(),
)

account_setups = Table(
    "account_setups",
    access_metadata,
    text("setup_hash"),
    text("principal_id"),
    text("totp_sealed"),
    instant("expires_at"),
    text("created_by"),
    instant("created_at"),
    PrimaryKeyConstraint("setup_hash"),
    to_principal(),
    Index(None, "principal_id", "created_at"),
)


def to_version(table: str) -> ForeignKeyConstraint:
    """A foreign key to one version of an account's password or second factor."""
    columns = ["principal_id", "version"]
    return ForeignKeyConstraint(columns, [f"{ACCESS_SCHEMA}.{table}.{one}" for one in columns])


account_passwords = Table(
    "account_passwords",
    access_metadata,
    text("principal_id"),
    Column("version", Integer, nullable=False),
    text("password_hash"),
    instant("set_at"),
    PrimaryKeyConstraint("principal_id", "version"),
    to_principal(),
)

account_factors = Table(
    "account_factors",
    access_metadata,
    text("principal_id"),
    Column("version", Integer, nullable=False),
    text("totp_sealed"),
    text("setup_hash"),
    instant("set_at"),
    PrimaryKeyConstraint("principal_id", "version"),
    UniqueConstraint("setup_hash"),
    to_principal(),
    ForeignKeyConstraint(["setup_hash"], [account_setups.c.setup_hash]),
)

recovery_codes = Table(
    "recovery_codes",
    access_metadata,
    text("principal_id"),
    Column("version", Integer, nullable=False),
    text("code_hash"),
    PrimaryKeyConstraint("principal_id", "version", "code_hash"),
    to_version("account_factors"),
)

factor_uses = Table(
    "factor_uses",
    access_metadata,
    text("principal_id"),
    Column("version", Integer, nullable=False),
    text("value"),
    instant("used_at"),
    PrimaryKeyConstraint("principal_id", "version", "value"),
    to_version("account_factors"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    access_metadata,
    text("attempt_id"),
    text("name_mark"),
    text("address_mark"),
    text("outcome"),
    instant("at"),
    PrimaryKeyConstraint("attempt_id"),
    CheckConstraint("outcome IN ('failed', 'succeeded', 'unlocked')", name="outcome"),
    Index(None, "name_mark", "at"),
    Index(None, "address_mark", "at"),
)

sessions = Table(
    "sessions",
    access_metadata,
    text("session_hash"),
    text("principal_id"),
    text("issuer"),
    Column("groups", ARRAY(Text), nullable=False),
    Column("app_roles", ARRAY(Text), nullable=False),
    instant("started_at"),
    instant("last_used_at"),
    instant("ended_at", nullable=True),
    PrimaryKeyConstraint("session_hash"),
    to_principal(),
    Index(None, "principal_id"),
)

failed_sign_ins = Table(
    "failed_sign_ins",
    access_metadata,
    text("operation"),
    text("code"),
    instant("entered_at"),
    Column("counted", BigInteger, nullable=False),
    PrimaryKeyConstraint("operation", "code"),
)

pending_sign_ins = Table(
    "pending_sign_ins",
    access_metadata,
    text("state_hash"),
    text("provider"),
    text("nonce"),
    text("verifier"),
    text("return_to"),
    instant("expires_at"),
    PrimaryKeyConstraint("state_hash"),
)
