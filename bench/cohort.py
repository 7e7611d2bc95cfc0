"""Assessing a synthetic cohort: every journey assessed, priced, capped and split, in batches.

Pure functions only, no database. Each size runs in a process of its own, so that its memory is
its own: `python -m bench.cohort 100000` prints what it took as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import islice

from app.domain.outcome import Entitlement, MilestoneState
from app.domain.participant import EventKind, Journey, JourneyEvent, Participant
from app.domain.period import Period
from app.payments.assess import assess
from app.payments.claims import claim_lines
from app.payments.pricing import price
from app.payments.usage import Tally, Usage
from bench.contracts import timeline
from bench.database import Bench
from bench.measure import heading, peak_memory_mb

BATCH = 2_000
_AS_OF = date(2024, 6, 3)
_PERIOD = Period(date(2024, 4, 1), date(2024, 6, 30))
_YEAR = "2024/25"


@dataclass(frozen=True, slots=True)
class Took:
    """What one size took; money in pence.

    Seconds are of processor time: one thread that waits for nothing, so other work on the machine
    does not count.
    """

    participants: int
    outcomes: int
    payable_minor: int
    assess_seconds: float
    claim_seconds: float
    start_mb: float
    peak_mb: float

    @property
    def seconds(self) -> float:
        """Everything."""
        return self.assess_seconds + self.claim_seconds


def run(_: Bench, *, quick: bool) -> None:
    """Ten times the people in ten times the time, and in the same memory."""
    heading(f"3. Assess, price, cap and split a cohort, in claims of {BATCH:,} people")
    sizes = (2_000, 20_000) if quick else (10_000, 100_000, 1_000_000)
    before: Took | None = None
    for size in sizes:
        command = [sys.executable, "-m", "bench.cohort", str(size)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        took = Took(**json.loads(answer.stdout))
        times = took.seconds / before.seconds if before else 0
        linear = f"   {times:4.1f}x the time of a tenth" if before else ""
        print(
            f"  {took.participants:>9,} people {took.outcomes:>9,} outcomes {took.seconds:7.1f} s "
            f"(assess {took.assess_seconds:.1f}, claims {took.claim_seconds:.1f})  "
            f"{took.peak_mb:5.0f} MB, {took.peak_mb - took.start_mb:.0f} over the start{linear}",
            flush=True,
        )
        before = took


def measured(size: int) -> Took:
    """Run one size in this process."""
    terms = timeline()
    people = _journeys(size)
    usage = Usage()
    start = peak_memory_mb()
    assessing = claiming = 0.0
    outcomes = 0
    while batch := list(islice(people, BATCH)):
        begun = time.process_time()
        found = [one for journey in batch for one in _entitlements(journey)]
        assessing += time.process_time() - begun
        begun = time.process_time()
        tally = Tally(usage)
        for line in claim_lines(_PERIOD, terms.latest, found, usage=usage):
            tally.add(line, _YEAR)
        usage = replace(tally.usage(), person_minor={})  # every batch is of other people
        claiming += time.process_time() - begun
        outcomes += len(found)
    return Took(size, outcomes, usage.contract_minor, assessing, claiming, start, peak_memory_mb())


def _entitlements(journey: Journey) -> Iterator[Entitlement]:
    """What a journey has achieved, verified on the day and priced."""
    terms = timeline()
    for milestone in assess(journey, terms, _AS_OF):
        if milestone.state is not MilestoneState.ACHIEVED or milestone.on is None:
            continue
        priced = price(
            milestone.metric,
            achieved_on=milestone.on,
            submitted_on=milestone.on,
            verified_on=milestone.on,
            anchor_on=milestone.anchor_on,
            late=False,
            timeline=terms,
            terms_version=milestone.terms_version,
        )
        yield Entitlement(
            f"{milestone.participant_id}-{milestone.metric}",
            milestone.participant_id,
            milestone.metric,
            milestone.scope,
            1,
            milestone.on,
            milestone.on,
            milestone.terms_version,
            priced.terms_version,
            priced.edition,
            priced.amount,
            None,
            priced.working,
        )


def _journeys(size: int) -> Iterator[Journey]:
    """People who move on at some day of four years; every third stays in hospital for a while.

    Every fourth gives up the home, and one in eight has not moved.
    """
    first = date(2019, 12, 2)
    for number in range(size):
        referred_on = first + timedelta(days=number * 7 % 1400)
        person = Participant(
            f"P-{number}", "syha", referred_on, "residential_care", funded_by_commissioner=True
        )
        happened = [(EventKind.ACCEPTED, 7, None, None), (EventKind.ENGAGED, 30, None, None)]
        if number % 8:
            happened.append((EventKind.MOVED_ON, 120, "own_tenancy", None))
            if number % 3 == 0:
                happened.append((EventKind.HOSPITAL_ADMITTED, 200, None, None))
                happened.append((EventKind.HOSPITAL_DISCHARGED, 230, None, None))
            if number % 4 == 0:
                happened.append((EventKind.TENANCY_ENDED, 500, None, "evicted"))
        events = tuple(
            JourneyEvent(
                f"E-{number}-{order}",
                kind,
                referred_on + timedelta(days=after),
                order,
                destination,
                reason,
            )
            for order, (kind, after, destination, reason) in enumerate(happened)
        )
        yield Journey(person, events)


if __name__ == "__main__":
    print(json.dumps(asdict(measured(int(sys.argv[1])))))
