"""What an operator can set, and the only reader of the environment.

Every variable is described in docs/reference/settings.md. What is unsafe is refused at the start,
with every fault found, in words that name the variable, the fault and the remedy.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from app.identity.providers import is_safe_address
from app.settings_database import is_well_known, parts_of, split
from app.settings_edge import EdgeSettings, read_secret
from app.storage.malware import Unscanned

_PREFIX = "OUTCOMES_"
_KEPT_IN_FILES = ("database_url", "migration_database_url", "credential")


class SettingsError(RuntimeError):
    """The environment does not make a safe service. The message lists every fault, one a line."""


class Mode(StrEnum):
    """`demo` shows the service with invented data; everything else is `production`."""

    DEMO = "demo"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least important message that is still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(EdgeSettings):
    """Read once, when a process starts. Descriptions double as the remedy in error messages."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, populate_by_name=True)

    mode: Mode = Field(
        default=Mode.PRODUCTION,
        description="`production`, or `demo` for invented data on one machine.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description=(
            "The database as role `outcomes_app`: "
            "`postgresql://outcomes_app:PASSWORD@HOST:5432/outcomes`."
        ),
    )
    migration_database_url: SecretStr | None = Field(
        default=None,
        validation_alias="MIGRATION_DATABASE_URL",
        description="The same database as role `outcomes_owner`; only `outcomes migrate` needs it.",
    )
    local_postgres: bool | None = Field(
        default=None,
        description=(
            "Whether the service runs a PostgreSQL of its own. Unset: yes if there is no "
            "`DATABASE_URL` and it listens on this machine only."
        ),
    )
    signing_key_file: Path | None = Field(
        default=None,
        description=(
            "The file of the key that signs heads and exports, made by `outcomes keys new`. "
            "Unset: nothing is signed."
        ),
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on; `0.0.0.0` is every address of this machine.",
    )
    port: int = Field(
        default=8000, ge=1, le=65535, description="The port to listen on, 1 to 65535."
    )
    pool_size: int = Field(
        default=10,
        ge=1,
        le=500,
        description="The most database connections that one process opens, 1 to 500.",
    )
    statement_timeout_ms: int = Field(
        default=30_000,
        ge=100,
        le=3_600_000,
        description="How long one database statement may run, in milliseconds, 100 to 3600000.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, description="`debug`, `info`, `warning` or `error`."
    )
    trust_acting_headers: bool | None = Field(
        default=None,
        description=(
            "Whether to believe `Acting-Party` and `Acting-Person` of a request that has no "
            "credential. Unset: yes in demo mode, and where the service listens on this machine "
            "only and has neither `OUTCOMES_PUBLIC_URL` nor identity providers. True is refused "
            "where other machines reach the service, except in demo mode."
        ),
    )
    identity_providers_file: Path | None = Field(
        default=None,
        description="A YAML file of the identity providers that are believed; unset: none.",
    )
    sign_in_key_file: Path = Field(
        default_factory=lambda known: known["var_dir"] / "sign-in.key",
        description=(
            "The file of the key that seals second factors; `outcomes access new-key-file` makes "
            "one. Unset: `sign-in.key` in `OUTCOMES_VAR_DIR`, made where it is missing."
        ),
    )
    session_idle_minutes: int = Field(
        default=30,
        ge=1,
        le=1440,
        description="After how many minutes without a request a session is over, 1 to 1440.",
    )
    session_hours: int = Field(
        default=12, ge=1, le=168, description="After how many hours any session is over, 1 to 168."
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+/?$",
        description=(
            "The address at which browsers reach the service; needed where people sign in at an "
            "identity provider. `https://`, except on this machine."
        ),
    )
    url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/]+/?$",
        description="The address of the service that the other commands speak to.",
    )
    credential: SecretStr | None = Field(
        default=None,
        description=(
            "The API key or access token that the other commands send. Unset: none, and the "
            "service believes `--as` only where it trusts acting headers."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        found, faults = dict(values), []
        for field in _KEPT_IN_FILES:
            name, path = variable_name(field), _given(values, f"{field}_file")
            if not path:
                continue
            if _given(values, field):
                faults.append(f"{name}: is set, and so is {name}_FILE. Unset one of them.")
                continue
            try:
                found[field] = read_secret(Path(path))
            except ValueError as error:
                faults.append(f"{name}_FILE: {error}.")
        if faults:
            raise ValueError("\n".join(faults))
        return found

    @field_validator("database_url", "migration_database_url", mode="before")
    @classmethod
    def _refuse_other_databases(cls, value: str | SecretStr | None) -> str | SecretStr | None:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not plain:  # DATABASE_URL= in a shell means none
            return None
        parts = split(plain)
        if parts is None or not parts.username or not parts.path.strip("/"):
            message = "must be a postgresql:// URL with a user and a database"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _refuse_unsafe_combinations(self) -> Self:
        faults = [
            *self._database_faults(),
            *self._role_faults(),
            *self._exposure_faults(),
            *self._file_faults(),
        ]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def listens_on_this_machine_only(self) -> bool:
        """Whether no other machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def uses_local_postgres(self) -> bool:
        """Whether the service starts a PostgreSQL of its own, in `postgres_dir`."""
        return self.database_url is None

    @property
    def postgres_dir(self) -> Path:
        """Where that PostgreSQL keeps its data."""
        return self.var_dir / "postgres"

    @property
    def acting_headers_trusted(self) -> bool:
        """`trust_acting_headers`, or what it stands for when it is unset."""
        if self.trust_acting_headers is not None:
            return self.trust_acting_headers
        signs_in = self.public_url is not None or self.identity_providers_file is not None
        return self.mode is Mode.DEMO or (self.listens_on_this_machine_only and not signs_in)

    @property
    def request_limits(self) -> tuple[int, int]:
        """Requests a minute of an address and of a principal, 0 for any number.

        Where acting headers are trusted there is one machine, or invented data: nobody to keep out.
        """
        default = (0, 0) if self.acting_headers_trusted else (3000, 1200)
        asked = (self.requests_per_minute_address, self.requests_per_minute_principal)
        return (
            default[0] if asked[0] is None else asked[0],
            default[1] if asked[1] is None else asked[1],
        )

    @property
    def always_over_tls(self) -> bool:
        """Whether browsers are told to reach the service over TLS only."""
        return self.public_url is not None and self.public_url.startswith("https://")

    def read_database_url(self) -> str:
        """The database's URL as its file has it now. Raises ValueError when neither names one."""
        if self.database_url_file is not None:
            return read_secret(self.database_url_file)
        if self.database_url is None:
            raise ValueError("the settings name no database; start the local PostgreSQL first")
        return self.database_url.get_secret_value()

    def with_databases(self, *, app_url: str, owner_url: str) -> Self:
        """The same settings once the service has started its own PostgreSQL."""
        urls = {
            "database_url": SecretStr(app_url),
            "migration_database_url": SecretStr(owner_url),
        }
        return self.model_copy(update=urls)

    def _database_faults(self) -> Iterator[str]:
        if self.database_url is not None and self.local_postgres:
            yield (
                "OUTCOMES_LOCAL_POSTGRES: is true although DATABASE_URL names a database. "
                "Unset one of them."
            )
        if self.database_url is None and not self._may_run_postgres:
            yield (
                "DATABASE_URL: is missing. Set it to a PostgreSQL 15 or newer, as role "
                "outcomes_app; or, to try the service with a PostgreSQL of its own, set "
                "OUTCOMES_LOCAL_POSTGRES=true."
            )

    @property
    def _may_run_postgres(self) -> bool:
        if self.local_postgres is not None:
            return self.local_postgres
        return self.mode is Mode.DEMO or self.listens_on_this_machine_only

    def _role_faults(self) -> Iterator[str]:
        if self.mode is Mode.DEMO:
            return
        app, owner = parts_of(self.database_url), parts_of(self.migration_database_url)
        for name, parts in {"DATABASE_URL": app, "MIGRATION_DATABASE_URL": owner}.items():
            if parts is not None and is_well_known(parts):
                yield (
                    f"{name}: has a password that anybody would guess. "
                    "Choose a long random one and change it in PostgreSQL too."
                )
        if app is None or owner is None:
            return
        if app.username == owner.username:
            yield (
                "MIGRATION_DATABASE_URL: is the same role as DATABASE_URL. Use outcomes_owner "
                "here and outcomes_app there, so that the service cannot change its own limits."
            )
        if app.path != owner.path:
            yield (
                "MIGRATION_DATABASE_URL: names another database than DATABASE_URL. "
                "Both must name the same one."
            )

    def _exposure_faults(self) -> Iterator[str]:
        if self.trust_acting_headers and not self._may_trust_acting_headers:
            yield (
                f"OUTCOMES_TRUST_ACTING_HEADERS: is true although OUTCOMES_HOST={self.host} can be "
                "reached from other machines, so anybody could act for any party. Unset it and "
                "give people accounts and machines keys (`outcomes access`); or set "
                "OUTCOMES_HOST=127.0.0.1."
            )
        if self.public_url is not None and not is_safe_address(self.public_url):
            yield (
                "OUTCOMES_PUBLIC_URL: is not https://, so sessions could be read on their way. "
                "Put a proxy with TLS in front of the service and name its address."
            )

    def _file_faults(self) -> Iterator[str]:
        if self.unscanned_files is Unscanned.ACCEPT and self.mode is not Mode.DEMO:
            yield (
                "OUTCOMES_UNSCANNED_FILES: accept-unscanned is for demo mode. Name a scanner in "
                "OUTCOMES_MALWARE_SCANNER, or set this to refuse or quarantine."
            )

    @property
    def unscanned(self) -> Unscanned:
        """`unscanned_files`, or what it stands for when it is unset."""
        if self.unscanned_files is not None:
            return self.unscanned_files
        return Unscanned.ACCEPT if self.mode is Mode.DEMO else Unscanned.REFUSE

    @property
    def _may_trust_acting_headers(self) -> bool:
        return self.mode is Mode.DEMO or self.listens_on_this_machine_only


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; `overrides` are command-line options, by field name.

    Raises SettingsError with every fault found, never with a secret.
    """
    faults = _unknown_variables()
    try:
        settings = Settings(
            **{name: value for name, value in overrides.items() if value is not None}
        )
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # That one only says that another field, on which the default depends, was wrong.
        faults += [_fault(**one) for one in found if one["type"] != "default_factory_not_called"]
    else:
        if not faults:
            return settings
    raise SettingsError("\n".join(faults))


def variable_name(field: str) -> str:
    """The environment variable of a field of Settings."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{_PREFIX}{field.upper()}"


def _given(values: dict[str, Any], field: str) -> Any:
    """What was given for a field, under its own name or its variable's."""
    return values.get(field) or values.get(variable_name(field))


def _unknown_variables() -> list[str]:
    # A misspelt variable would otherwise leave a default in force without a word.
    known = [variable_name(field) for field in Settings.model_fields]
    faults = []
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            faults.append(f"{name}: is not a setting. Did you mean {nearest}?")
    return faults


def _fault(*, loc: tuple[int | str, ...], msg: str, **_: Any) -> str:
    problem = msg.removeprefix("Value error, ")
    if not loc:
        return problem
    by_variable = {variable_name(field): field for field in Settings.model_fields}
    field = by_variable.get(str(loc[0]), str(loc[0]))
    problem = problem[0].lower() + problem[1:]
    return f"{variable_name(field)}: {problem}. {Settings.model_fields[field].description}"
