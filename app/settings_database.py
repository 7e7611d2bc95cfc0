"""Reading the URLs of databases, for app/settings.py."""

from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

_POSTGRES_SCHEMES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
# Passwords that stand in examples everywhere; whoever uses one has forgotten to choose.
_WELL_KNOWN_PASSWORDS = frozenset(
    {"admin", "change-me", "changeme", "example", "outcomes", "password", "postgres", "secret"}
)


def parts_of(url: SecretStr | None) -> SplitResult | None:
    """The parts of a setting that names a database, if it does."""
    return None if url is None else split(url.get_secret_value())


def split(url: str) -> SplitResult | None:
    """The parts of a PostgreSQL URL; None for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.scheme in _POSTGRES_SCHEMES else None


def is_well_known(parts: SplitResult) -> bool:
    """Whether anybody would guess the password."""
    password = parts.password
    return password is not None and (
        password.lower() in _WELL_KNOWN_PASSWORDS or password == parts.username
    )
