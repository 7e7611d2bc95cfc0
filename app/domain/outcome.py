"""Outcomes of participants: assessed achievements, submissions of them, and entitlements."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.working import Step


class MilestoneState(StrEnum):
    """Where a metric stands for a participant, as of a day."""

    ACHIEVED = "achieved"
    PENDING = "pending"
    """The clock runs; the due date is in the future."""
    UNDETERMINED = "undetermined"
    """The due date has passed inside an absence that may yet turn out too long."""
    LOST = "lost"
    """The spell ended, or a rule closed this metric, before it was reached."""
    NOT_STARTED = "not_started"
    """The event or the anchor has not happened yet."""
    NOT_AVAILABLE = "not_available"
    """Reached on a day on which no version in force had this metric."""
    ALREADY_EARNED = "already_earned"
    """An earlier spell reached it, and the terms pay it once."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One metric of one participant (and spell), assessed under the governing terms version.

    `on` is the achievement date if ACHIEVED, else the date it falls due or was lost, if any.
    `spell` numbers the tenancy spell from 1; None for metrics that need no home.
    `working` tells every rule applied, with events and terms as references. `scope` is that of
    the submission and the entitlement: "life", "spell:<date>" or a financial year; "none" while
    no date or spell decides it. `origins` are the ids under which the events were first recorded
    that it rests on: the event itself, or those that start the spell's clock.
    """

    participant_id: str
    metric: str
    state: MilestoneState
    on: date | None
    anchor_on: date | None
    spell: int | None
    terms_version: int
    working: tuple[Step, ...]
    scope: str = "life"
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A provider's statement that a milestone was achieved, with evidence, for verification.

    `round` counts the times this outcome was put forward, from 1; earlier rounds are kept.
    `occurrence` counts entitlements of this person, metric and scope from 1: a second one is
    possible only when the first was clawed back whole. `scope` is "life", "spell:<date>" or a
    financial year. `due_on` is the last day to submit without a waiver.
    """

    submission_id: str
    participant_id: str
    metric: str
    scope: str
    occurrence: int
    round: int
    achieved_on: date
    anchor_on: date | None
    terms_version: int
    evidence_ids: tuple[str, ...]
    submitted_on: date
    due_on: date | None
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A verified achievement times its price, before caps.

    `edition` is the rate-card edition in force on the price date, under `price_terms_version`.
    `anchor_on` and `origins` name the occurrence that is paid: no other entitlement to the metric
    may rest on it while this one lives.
    """

    entitlement_id: str
    participant_id: str
    metric: str
    scope: str
    occurrence: int
    achieved_on: date
    verified_on: date
    terms_version: int
    price_terms_version: int
    edition: str
    amount: Money
    submission_id: str | None
    working: tuple[Step, ...]
    anchor_on: date | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earning:
    """The occurrence that a live entitlement rests on.

    `begins_on` is the anchor of the spell, or the event's own day; `origins` are the ids under
    which the events that began it were first recorded.
    """

    achieved_on: date
    begins_on: date
    origins: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClawbackDecision:
    """Money of an approved claim line to be taken back whole, with its ground."""

    clawback_id: str
    entitlement_id: str
    ground: str
    decided_on: date
