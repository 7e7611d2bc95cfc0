"""The identity providers that a service believes, read from one YAML file.

Each party of a contract may bring its own. What a provider says counts only for identities that
an operator has registered under that provider's issuer, so that one organisation's provider can
never speak for another organisation's people.
"""

import ipaddress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Algorithms that may be allowed: public keys only, so that no key we can read can sign."""

LEEWAY_SECONDS_MAX = 120


class ProvidersError(RuntimeError):
    """The file of identity providers cannot be used. The message lists every fault, one a line."""


class Profile(StrEnum):
    """How a provider writes its access tokens."""

    RFC9068 = "rfc9068"
    ENTRA = "entra"


class Provider(BaseModel):
    """One identity provider. docs/reference/sign-in.md describes every field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    issuer: str
    audience: str = Field(min_length=1)
    profile: Profile = Profile.RFC9068
    tenant: str | None = None
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    leeway_seconds: int = Field(default=30, ge=0, le=LEEWAY_SECONDS_MAX)
    keys_seconds: int = Field(default=3600, ge=60, le=86_400)
    token_seconds_max: int = Field(default=86_400, ge=60, le=604_800)
    required_scope: str | None = None
    groups_claim: str = "groups"
    roles_claim: str = "roles"
    client_id: str | None = None
    client_secret_file: Path | None = None

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        if not is_safe_address(self.issuer):
            raise ValueError("issuer: must be an https:// address (http:// on this machine only)")
        if not self.algorithms or set(self.algorithms) - set(SIGNATURES):
            raise ValueError(f"algorithms: choose from {', '.join(SIGNATURES)}")
        if (self.profile is Profile.ENTRA) != (self.tenant is not None):
            raise ValueError("tenant: is given with profile entra, and only then")
        if self.client_secret_file is not None and self.client_id is None:
            raise ValueError("client_secret_file: needs client_id")
        return self

    @cached_property
    def client_secret(self) -> SecretStr | None:
        """The secret of the service as a client of the provider, from its file."""
        if self.client_secret_file is None:
            return None
        return SecretStr(self.client_secret_file.read_text(encoding="utf-8").strip())


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    providers: tuple[Provider, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _refuse_doubles(self) -> Self:
        for what in ("name", "issuer"):
            values = [getattr(provider, what) for provider in self.providers]
            if len(set(values)) < len(values):
                raise ValueError(f"two providers have the same {what}")
        return self


def load_providers(path: Path | None) -> tuple[Provider, ...]:
    """The providers in a file; none without a file. Raises ProvidersError, never with a secret."""
    if path is None:
        return ()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = _File.model_validate(document).providers
        for provider in found:
            _ = provider.client_secret
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ProvidersError(f"{path}: cannot be read with its secrets ({reason})") from error
    except yaml.YAMLError as error:
        raise ProvidersError(f"{path}: is not YAML") from error
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        lines = [
            f"{path}: {'/'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in faults
        ]
        raise ProvidersError("\n".join(lines)) from error
    return found


def is_safe_address(url: str) -> bool:
    """Whether an address may be trusted to be who it says: TLS, or this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username is not None or parts.query or parts.fragment or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    """Whether a host name or address is a loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
