"""The terms document: its whole shape, how it is read from text, and its canonical hash."""

import hashlib
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import rfc8785
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from app.domain.calendar import add_months
from app.domain.currencies import MINOR_DIGITS
from app.domain.period import within
from app.domain.terms.base import Day, Identifier, PartyId, TermsPart, Text
from app.domain.terms.outcomes import Audit, Metric, Submission, Sustainment, Verification
from app.domain.terms.parties import Cohort, Party, Role
from app.domain.terms.payment import (
    ActivityPayment,
    Caps,
    Claims,
    Clawback,
    Disputes,
    Edition,
    Funding,
    Indexation,
    InvestmentTerms,
    Invoicing,
    SavingsGate,
)


class Variation(TermsPart):
    """Why a later version exists. Retrospective variations also govern earlier achievements.

    `applies_to_achievements_from` is required when retrospective: outcomes achieved on or after
    it, and not yet verified, are assessed and priced under the new version.
    """

    reason: Text
    retrospective: bool = False
    applies_to_achievements_from: Day | None = None


class Terms(TermsPart):
    """The whole terms document. Everything that differs between contracts is in here."""

    schema_version: Literal[1]
    title: Text
    notice: Text | None = None
    identifiers: list[Identifier] = Field(default=[], max_length=20)
    currency: str = Field(default="GBP", pattern=r"^[A-Z]{3}$")
    timezone: str = "Europe/London"
    effective_from: Day
    service_ends: Day | None = None
    variation: Variation | None = None
    parties: list[Party] = Field(min_length=2, max_length=100)
    signatories: list[PartyId] = Field(min_length=3, max_length=20)
    cohort: Cohort
    metrics: list[Metric] = Field(min_length=1, max_length=100)
    sustainment: Sustainment
    submission: Submission = Submission()
    verification: Verification = Verification()
    audit: Audit = Audit()
    rate_card: list[Edition] = Field(min_length=1, max_length=200)
    activity_payments: list[ActivityPayment] = Field(default=[], max_length=50)
    caps: Caps = Caps()
    funding: Funding
    claims: Claims = Claims()
    invoicing: Invoicing | None = None
    clawback: Clawback = Clawback()
    disputes: Disputes = Disputes()
    savings_gate: SavingsGate = SavingsGate()
    indexation: Indexation = Indexation()
    investment: InvestmentTerms = InvestmentTerms()
    evidence_retention_years: int = Field(default=7, ge=0, le=100)

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, currency: str) -> str:
        if currency not in MINOR_DIGITS:
            raise PydanticCustomError(
                "unknown_currency", "Name a currency in use by its ISO 4217 code, such as GBP."
            )
        return currency

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise PydanticCustomError(
                "unknown_timezone", "Name an IANA time zone such as Europe/London."
            ) from error
        return zone

    def parties_with(self, *roles: Role, on: date | None = None) -> tuple[str, ...]:
        """Ids of the parties that hold any of the roles (on a day, if given), in document order.

        A party from 1 Feb holds its roles on 1 Feb and not on 31 Jan. Source: terms /parties.
        """
        return tuple(
            party.id
            for party in self.parties
            if set(party.roles) & set(roles)
            and (on is None or within(on, party.from_date, party.to_date))
        )

    @property
    def commissioner(self) -> str:
        """The commissioning body's party id (validation allows exactly one)."""
        return self.parties_with(Role.COMMISSIONER)[0]

    @property
    def payee(self) -> str:
        """Who outcome payments are made to: the SPV, else the investor (one is required)."""
        return (self.parties_with(Role.SPV) or self.parties_with(Role.INVESTOR))[0]

    @property
    def last_day(self) -> date | None:
        """The last day on which an outcome can be put forward; None: nothing bounds it.

        Source: terms /service_ends and /cohort/run_off_months. 31 Mar 2026 and 24 months is
        31 Mar 2028, on which an outcome must be both reached and put forward.
        """
        if self.service_ends is None or self.cohort.run_off_months is None:
            return None
        return add_months(self.service_ends, self.cohort.run_off_months)

    @property
    def governs_from(self) -> date:
        """First achievement date governed: earlier than `effective_from` if retrospective."""
        variation = self.variation
        if variation and variation.retrospective and variation.applies_to_achievements_from:
            return variation.applies_to_achievements_from
        return self.effective_from

    def metric_order(self) -> dict[str, int]:
        """Position of each metric in the document: the second key of every claim's order."""
        return {metric.code: index for index, metric in enumerate(self.metrics)}


def plain(value: Any) -> Any:
    """The JSON form of a document read from YAML: dates become ISO 8601 strings."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def canonical(document: dict[str, Any]) -> bytes:
    """The document's canonical bytes (RFC 8785), from its JSON form as it was submitted.

    Defaults are not written in: the hash the parties accept covers the text they sent. What a
    missing field means is fixed for ever by `schema_version`.
    """
    return rfc8785.dumps(document)


def terms_hash(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal: what each acceptance names."""
    return hashlib.sha256(canonical(document)).hexdigest()
