"""The acts of the demo in the order of their days, told to the service under each day's clock."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.cli.client import Answer
from app.cli.demo.acts import SIGNATORIES, Acts
from app.cli.demo.cohort import Person
from app.cli.demo.handing import Handing, filing_days
from app.cli.demo.journeys import AUDIT_ON, Event, journeys
from app.cli.demo.quarters import Quarter, quarters
from app.cli.demo.settling import DISPUTED, FILES_ON, Settling
from app.cli.failure import Refused

Progress = Callable[[date, int], None]
"""Called at the end of each year with the day reached and the number of requests so far."""

AGREED_FROM, VARIED_FROM = date(2019, 11, 18), date(2022, 3, 14)
_BEFORE_ALL = date(2019, 1, 1)
NOTHING = "nothing-to-claim"


@dataclass(order=True)
class Act:
    """Something done at an hour of a day."""

    day: date
    hour: int
    do: Callable[[], None] = field(compare=False)


@dataclass
class Story:
    """One telling of the demo. `empty` are the quarters without anything to claim."""

    acts: Acts
    people: Sequence[Person]
    handings: Sequence[Handing]
    terms: Mapping[int, dict[str, Any]]
    empty: list[Quarter] = field(default_factory=list)
    claims: dict[Quarter, Answer] = field(default_factory=dict)
    _settling: Settling = field(init=False)
    _invoices: dict[Quarter, list[dict[str, Any]]] = field(default_factory=dict)
    _disputed: Answer | None = None
    _reclaimed: dict[Quarter, dict[str, Any]] = field(default_factory=dict)
    _submitted: dict[Handing, Answer] = field(default_factory=dict)
    _entitlements: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The accounts are empty before the story is told."""
        self._settling = Settling(self.acts)

    def tell(self, progress: Progress) -> None:
        """Do everything, each act under the clock of its own day."""
        year = _BEFORE_ALL.year
        day = _BEFORE_ALL
        for act in sorted([*self._agreeing(), *self._proving(), *self._paying()]):
            if act.day.year > year and self.acts.requests:
                progress(day, self.acts.requests)
            year, day = act.day.year, act.day
            self.at(day, act.hour)
            act.do()
        progress(day, self.acts.requests)

    def at(self, day: date, hour: int = 12) -> None:
        """Move the service's clock for the requests that follow."""
        instant = datetime.combine(day, time(hour), UTC)
        self.acts.service.set_clock(instant.isoformat())

    def _agreeing(self) -> Iterator[Act]:
        first, second = self.terms[1], self.terms[2]
        yield Act(AGREED_FROM - timedelta(days=7), 9, lambda: self.acts.create(first))
        yield Act(VARIED_FROM - timedelta(days=7), 9, lambda: self.acts.draft(second))
        for version, start in ((1, AGREED_FROM), (2, VARIED_FROM)):
            for number, signatory in enumerate(SIGNATORIES):
                accept = _bound(self.acts.accept, signatory, version)
                yield Act(start + timedelta(days=number), 10, accept)

    def _proving(self) -> Iterator[Act]:
        told = journeys(self.people)
        by_day: dict[date, list[Handing]] = defaultdict(list)
        for one in self.handings:
            by_day[one.filed_on].append(one)
        previous = _BEFORE_ALL
        for day in filing_days():
            yield Act(day, 9, _bound(self._file, told, previous, day, by_day[day]))
            if by_day[day]:
                yield Act(by_day[day][0].decided_on, 14, _bound(self._decide, by_day[day]))
            previous = day
        yield Act(AUDIT_ON, 11, _bound(self._audit, told))

    def _file(
        self,
        told: Mapping[str, Sequence[Event]],
        previous: date,
        day: date,
        handed_in: Sequence[Handing],
    ) -> None:
        """Everything since the last filing day: referrals, events, evidence, submissions."""
        for person in self.people:
            if previous < person.referred_on <= day:
                self.acts.register(person)
        for participant_id, events in told.items():
            # What the audit finds out is told on its own day.
            new = [one for one in events if previous < one.told_on <= day and one.told_on == one.on]
            if new:
                self.acts.tell(participant_id, new)
        if handed_in:
            made = self.acts.hand_in(handed_in)
            self._submitted.update(zip(handed_in, made, strict=True))

    def _decide(self, handed_in: Sequence[Handing]) -> None:
        for one in handed_in:
            made = self.acts.decide(self._submitted[one], one)
            if made:
                self._entitlements[one.participant_id, one.metric] = made["entitlement_id"]

    def _audit(self, told: Mapping[str, Sequence[Event]]) -> None:
        """The provider records what had happened, and the council takes 24 months back."""
        for participant_id, events in told.items():
            late = [event for event in events if event.told_on == AUDIT_ON != event.on]
            if late:
                self.acts.tell(participant_id, late)
                self.acts.claw_back(self._entitlements[participant_id, "S24"])

    def _paying(self) -> Iterator[Act]:
        for quarter in quarters():
            yield Act(quarter.claimed_on, 16, _bound(self._claim, quarter))
            yield Act(quarter.approved_on, 16, _bound(self._approve, quarter))
            yield Act(quarter.invoiced_on, 9, _bound(self._invoice, quarter))
            if quarter.start == DISPUTED:
                notice_on, told_on = quarter.claimed_on, quarter.invoiced_on
                yield Act(notice_on + timedelta(days=2), 16, _bound(self._dispute, quarter))
                yield Act(told_on + timedelta(days=5), 16, _bound(self._reject, quarter))
            yield Act(quarter.council_pays_on, 16, _bound(self._council_pays, quarter))
            yield Act(quarter.reclaimed_on, 16, _bound(self._reclaim, quarter))
            yield Act(quarter.fund_pays_on, 16, _bound(self._fund_pays, quarter))
        for day in FILES_ON:
            yield Act(day, 17, _bound(self._settling.reconcile, day))

    def _claim(self, quarter: Quarter) -> None:
        try:
            self.claims[quarter] = self.acts.claim(quarter.start, quarter.end)
        except Refused as refused:
            if refused.code != NOTHING:
                raise
            self.empty.append(quarter)

    def _approve(self, quarter: Quarter) -> None:
        if quarter in self.claims:
            self.acts.approve(self.claims[quarter])

    def _invoice(self, quarter: Quarter) -> None:
        if quarter in self.claims:
            number: int = self.claims[quarter].body["claim_number"]
            self._invoices[quarter] = self.acts.issue(number)

    def _dispute(self, quarter: Quarter) -> None:
        """One line is disputed; the rest of the claim is approved, invoiced and paid meanwhile."""
        self._disputed = self.acts.dispute(self.claims[quarter])

    def _reject(self, quarter: Quarter) -> None:
        """The dispute is rejected: what it withheld is due, and goes on an invoice of its own."""
        if self._disputed is None:
            raise AssertionError("the dispute was raised before")
        self.acts.reject(self._disputed)
        number: int = self.claims[quarter].body["claim_number"]
        self._invoices[quarter] += self.acts.issue(number)

    def _council_pays(self, quarter: Quarter) -> None:
        documents = self._invoices.get(quarter)
        if documents:
            self._settling.council_pays(quarter.start, quarter.council_pays_on, documents)

    def _reclaim(self, quarter: Quarter) -> None:
        """The fund is asked once a claim is approved, up to the day of its approval."""
        if quarter in self.claims:
            self._reclaimed[quarter] = self.acts.reclaim(quarter.start, quarter.approved_on)

    def _fund_pays(self, quarter: Quarter) -> None:
        if quarter in self._reclaimed:
            self._settling.fund_pays(quarter.fund_pays_on, self._reclaimed[quarter])


def _bound(do: Callable[..., None], *given: Any) -> Callable[[], None]:
    """A call with its arguments fixed now, not when a loop has moved on."""
    return lambda: do(*given)
