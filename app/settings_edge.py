"""What an operator can set about the network in front of the service, and about secrets in files.

Part of app/settings.py.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from app.settings_files import FileSettings

Network = IPv4Network | IPv6Network

# Wider than this, and a network holds clients too: then anybody could choose their address.
_WIDEST = {4: 8, 6: 16}


class EdgeSettings(FileSettings):
    """Proxies, limits, waiting times, and where secrets are kept."""

    trusted_proxies: Annotated[tuple[Network, ...] | None, NoDecode] = Field(
        default=None,
        description=(
            "The addresses or networks of the proxies whose `X-Forwarded-For` and "
            "`X-Forwarded-Proto` are believed, separated by commas: `10.0.3.0/24, 127.0.0.1`. "
            "Unset: none."
        ),
    )
    requests_per_minute_address: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description=(
            "How many requests a minute one client address may make, 0 for any number. Unset: "
            "`3000`; any number where acting headers are trusted."
        ),
    )
    requests_per_minute_principal: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description=(
            "How many requests a minute one person or machine may make, with all its credentials "
            "together, 0 for any number. Unset: `1200`; any number where acting headers are "
            "trusted."
        ),
    )
    body_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="How long the body of a request may take to arrive, in seconds, 1 to 86400.",
    )
    database_url_file: Path | None = Field(
        default=None,
        validation_alias="DATABASE_URL_FILE",
        description=(
            "A file with what `DATABASE_URL` would be. It is read again for every new connection, "
            "so that a password can change while the service runs."
        ),
    )
    migration_database_url_file: Path | None = Field(
        default=None,
        validation_alias="MIGRATION_DATABASE_URL_FILE",
        description="A file with what `MIGRATION_DATABASE_URL` would be.",
    )
    credential_file: Path | None = Field(
        default=None, description="A file with what `OUTCOMES_CREDENTIAL` would be."
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _parse_proxies(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = []
        for part in value.replace(",", " ").split():
            try:
                network = ip_network(part)
            except ValueError:
                message = f"must be addresses and networks; {part[:50]!r} is neither"
                raise ValueError(message) from None
            if network.prefixlen < _WIDEST[network.version]:
                message = f"must name proxies; {part} holds clients too"
                raise ValueError(message)
            found.append(network)
        return tuple(found) or None


def read_secret(path: Path) -> str:
    """The secret that a file holds, without the white space around it.

    Raises ValueError, which says what is wrong with the file, and OSError is never left over.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ValueError(message) from error
    except UnicodeDecodeError:
        message = "is not a text file"
        raise ValueError(message) from None
    if not text:
        message = "is empty"
        raise ValueError(message)
    return text
