"""What caps have already been used by earlier claims and earlier lines, net of clawback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.domain.claim import ClaimLine, LineKind


def _nothing() -> Mapping[str, int]:
    return MappingProxyType({})


def _nothing_by_year() -> Mapping[tuple[str, str], int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Usage:
    """Used so far, in minor units (pence) of the contract's currency; counts are of outcomes.

    Every figure is a sum over claim lines, so that stored lines can be added up to the same:
    `metric_count` sums `count` by metric; `person_minor` sums payable by participant where origin
    is outcome; `activity_minor` sums payable by activity code where origin is activity;
    `contract_minor` sums all payable; `payer_minor` sums shares by payer; `payer_year_minor` by
    payer and the UK financial year in which the claim's period ends.
    """

    contract_minor: int = 0
    metric_count: Mapping[str, int] = field(default_factory=_nothing)
    person_minor: Mapping[str, int] = field(default_factory=_nothing)
    activity_minor: Mapping[str, int] = field(default_factory=_nothing)
    payer_minor: Mapping[str, int] = field(default_factory=_nothing)
    payer_year_minor: Mapping[tuple[str, str], int] = field(default_factory=_nothing_by_year)


class Tally:
    """A running usage that one claim's evaluation adds its lines to; never shared or stored."""

    __slots__ = ("activity", "contract", "count", "payer", "payer_year", "person")

    def __init__(self, usage: Usage) -> None:
        self.contract = usage.contract_minor
        self.count = dict(usage.metric_count)
        self.person = dict(usage.person_minor)
        self.activity = dict(usage.activity_minor)
        self.payer = dict(usage.payer_minor)
        self.payer_year = dict(usage.payer_year_minor)

    def add(self, line: ClaimLine, year: str) -> None:
        """Use up what a line pays; a clawback line gives back, as its amounts are negative."""
        payable = line.payable.minor
        self.contract += payable
        if line.count:
            self.count[line.metric] = self.count.get(line.metric, 0) + line.count
        if line.origin is LineKind.ACTIVITY:
            self.activity[line.metric] = self.activity.get(line.metric, 0) + payable
        else:
            person = line.participant_id
            self.person[person] = self.person.get(person, 0) + payable
        for share in line.shares:
            payer, amount = share.payer, share.amount.minor
            self.payer[payer] = self.payer.get(payer, 0) + amount
            key = (payer, year)
            self.payer_year[key] = self.payer_year.get(key, 0) + amount
