"""Preparing a claim: what waits to be claimed by a day, on the state left by earlier claims."""

from dataclasses import dataclass, replace
from datetime import date

from app.domain.claim import Claim, LineKind
from app.domain.errors import RuleRefused
from app.domain.outcome import Entitlement
from app.domain.period import Period
from app.domain.terms.timeline import TermsVersion, Timeline
from app.payments.activity import ActivityDue, activity_due
from app.payments.claim_period import require_whole_periods
from app.payments.claims import prepare
from app.payments.evaluation import CarriedForward, Clawback
from app.service.standing_outcomes import borne_out
from app.storage import claim_usage, claims, outcomes, participants
from app.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that a claim could ask for."""

    entitlements: tuple[Entitlement, ...]
    activity: tuple[ActivityDue, ...]
    carried_forward: tuple[CarriedForward, ...]
    clawbacks: tuple[Clawback, ...]
    withheld: tuple[Entitlement, ...]

    def only(self, sources: frozenset[tuple[LineKind, str]]) -> "Waiting":
        """What of it has one of the sources."""
        return Waiting(
            tuple(
                item
                for item in self.entitlements
                if (LineKind.OUTCOME, item.entitlement_id) in sources
            ),
            tuple(item for item in self.activity if (LineKind.ACTIVITY, item.source_id) in sources),
            tuple(
                item
                for item in self.carried_forward
                if (LineKind.CARRIED_FORWARD, item.source_id) in sources
            ),
            tuple(
                item
                for item in self.clawbacks
                if (LineKind.CLAWBACK, item.line.source_id) in sources
            ),
            self.withheld,
        )


def prepared(
    connection: Connection, contract_id: str, timeline: Timeline, period: Period, today: date
) -> tuple[Claim, tuple[Entitlement, ...]]:
    """The claim for a period: all that waits by its end, after every earlier live claim.

    The second value is what was left out, because the journey no longer bears it out: the
    commissioner takes it back, or the journey is corrected.
    """
    number = claims.next_number(connection, contract_id)
    version = _in_force(timeline, period.end)
    require_whole_periods(period, version.terms.claims.calendar)
    waiting = _waiting(connection, contract_id, timeline, version, period, number, today)
    supplementary = claims.overlaps(connection, contract_id, period, number)
    claim = Claim(number, period, supplementary, version.number, ())
    return _evaluated(connection, contract_id, version, claim, waiting), waiting.withheld


def prepared_again(
    connection: Connection, contract_id: str, timeline: Timeline, claim: Claim, today: date
) -> Claim:
    """The same claim on the present state: the same sources, after the earlier live claims.

    A source that the journey no longer bears out is not in it.
    """
    version = _in_force(timeline, claim.period.end)
    number = claim.claim_number
    waiting = _waiting(connection, contract_id, timeline, version, claim.period, number, today)
    sources = frozenset((line.kind, line.source_id) for line in claim.lines)
    again = replace(claim, terms_version=version.number, lines=())
    return _evaluated(connection, contract_id, version, again, waiting.only(sources))


def _evaluated(
    connection: Connection,
    contract_id: str,
    version: TermsVersion,
    claim: Claim,
    waiting: Waiting,
) -> Claim:
    lines = prepare(
        claim.period,
        version,
        waiting.entitlements,
        usage=claim_usage.usage(connection, contract_id, claim.claim_number),
        activity=waiting.activity,
        carried_forward=waiting.carried_forward,
        clawbacks=waiting.clawbacks,
    )
    return replace(claim, lines=lines)


def _in_force(timeline: Timeline, day: date) -> TermsVersion:
    version = timeline.governing(day)
    if version is None:
        raise RuleRefused(
            "period-before-contract",
            "No terms were in force at the end of the period.",
            pointer="/period/end",
        )
    return version


def _waiting(
    connection: Connection,
    contract_id: str,
    timeline: Timeline,
    version: TermsVersion,
    period: Period,
    before_claim: int,
    today: date,
) -> Waiting:
    unclaimed = tuple(outcomes.unclaimed(connection, contract_id, period.end, before_claim))
    shown, gone = borne_out(connection, contract_id, timeline, unclaimed, today)
    activity: tuple[ActivityDue, ...] = ()
    if version.terms.activity_payments:
        claimed = claims.claimed_sources(connection, contract_id, LineKind.ACTIVITY, before_claim)
        journeys = participants.journeys(connection, contract_id)
        activity = activity_due(journeys, version, period, claimed)
    carried = claim_usage.carried(connection, contract_id, before_claim)
    taken_back = outcomes.unclaimed_clawbacks(connection, contract_id, period.end, before_claim)
    return Waiting(
        tuple(shown),
        activity,
        tuple(
            CarriedForward(number, claims.line(connection, contract_id, number, line), payer)
            for number, line, payer in carried
        ),
        tuple(
            Clawback(
                number, claims.line(connection, contract_id, number, line), decision.decided_on
            )
            for decision, number, line in taken_back
        ),
        tuple(gone),
    )
