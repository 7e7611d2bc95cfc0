"""What an operator can set about files and the keys that seal them. Part of app/settings.py."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from app.storage.malware import Clamd, Unscanned
from app.storage.master_keys import parsed


class FileSettings(BaseSettings):
    """Directories, limits, keys and the malware scanner."""

    var_dir: Path = Field(
        default=Path("var"),
        description="The directory for what the service itself keeps on this machine.",
    )
    evidence_dir: Path = Field(
        default_factory=lambda known: known["var_dir"] / "evidence",
        description="The directory for evidence files. Unset: `evidence` in `OUTCOMES_VAR_DIR`.",
    )
    evidence_max_bytes: int = Field(
        default=20 * 1024 * 1024,
        ge=1,
        le=1024**3,
        description="The largest evidence file accepted, in bytes, 1 to 1073741824.",
    )
    evidence_party_files_max: int = Field(
        default=10_000,
        ge=1,
        le=10_000_000,
        description="The most evidence files that one party keeps here for one contract.",
    )
    evidence_party_bytes_max: int = Field(
        default=10 * 1024**3,
        ge=1,
        le=1024**5,
        description="The most bytes that those files have together.",
    )
    download_link_seconds: int = Field(
        default=300,
        ge=10,
        le=3600,
        description="How long a link to an evidence file lasts, in seconds, 10 to 3600.",
    )
    unnamed_files_hours: int = Field(
        default=168,
        ge=1,
        le=8760,
        description=(
            "How long an uploaded file waits for an evidence item that names it, in hours, 1 to "
            "8760; then `outcomes retention expire` removes it."
        ),
    )
    master_key: SecretStr | None = Field(
        default=None,
        description=(
            "The master key of evidence files and notes, 64 hexadecimal digits, and older ones "
            "after it, separated by spaces. Unset: `OUTCOMES_MASTER_KEY_FILE`."
        ),
    )
    master_key_file: Path = Field(
        default_factory=lambda known: known["var_dir"] / "master.key",
        description=(
            "The file of that key; `outcomes keys rotate-master` puts a new one first. Unset: "
            "`master.key` in `OUTCOMES_VAR_DIR`, made where it is missing."
        ),
    )
    malware_scanner: str | None = Field(
        default=None,
        description=(
            "ClamAV's daemon, which looks at every file that comes in: "
            "`unix:/run/clamav/clamd.ctl` or `tcp:HOST:3310`. Unset: none."
        ),
    )
    unscanned_files: Unscanned | None = Field(
        default=None,
        description=(
            "What happens to a file that no scanner could look at: `refuse`, `quarantine`, or, in "
            "demo mode only, `accept-unscanned`. Unset: `refuse`; in demo mode "
            "`accept-unscanned`."
        ),
    )

    @field_validator("master_key")
    @classmethod
    def _check_master_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parsed(value.get_secret_value())
        return value

    @field_validator("malware_scanner")
    @classmethod
    def _check_scanner(cls, value: str | None) -> str | None:
        return None if value is None else Clamd(value).address
