"""What the provider hands in for each milestone, when, and what the council decides on it.

The provider hands in on the 14th and the 28th of each month, and the council decides ten days
later. A handful of items go wrong on purpose: refused and handed in again, late with a waiver, and
one late without.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.cli.demo.cohort import LAST_DAY, VARIATION_FROM, Person
from app.cli.demo.journeys import training
from app.domain.calendar import add_months, end_of_next_quarter

DECIDED_AFTER = timedelta(days=10)
LONGSTOP_MONTHS = 6
LATE_WAIVED, UPLOADED = 3, 3
_SUSTAINED = {"S06": 6, "S12": 12, "S18": 18, "S24": 24}


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence; `uploaded` says that its file is kept by the service."""

    type: str
    issuer: str
    dated_on: date
    covers_from: date
    covers_to: date
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Handing:
    """One submission with its evidence, and the decision that it meets."""

    participant_id: str
    metric: str
    achieved_on: date
    items: tuple[Item, ...]
    filed_on: date
    decision: str = "verified"
    reason_code: str | None = None
    note: str | None = None
    waived: bool = False

    @property
    def decided_on(self) -> date:
        """The day of the council's decision."""
        return self.filed_on + DECIDED_AFTER


@dataclass(frozen=True, slots=True)
class Refusal:
    """A first attempt that fails: the decision, its reason, and the evidence that was wrong."""

    decision: str
    reason_code: str
    note: str
    type: str
    issuer: str


REFUSALS = (
    Refusal(
        "rejected",
        "insufficient_source",
        "A note of the provider's own visit is not enough; a letter of the landlord is needed.",
        "support_visit_note",
        "service_provider",
    ),
    Refusal(
        "returned",
        "unsigned",
        "The letter is not signed.",
        "landlord_confirmation",
        "landlord",
    ),
    Refusal(
        "rejected",
        "wrong_person",
        "The letter speaks of another tenancy.",
        "landlord_confirmation",
        "landlord",
    ),
)
_REFUSED = 6


def filing_days() -> list[date]:
    """The 14th and the 28th of each month, from December 2019 to the last day."""
    months = [add_months(date(2019, 12, 1), number) for number in range(58)]
    days = [month.replace(day=day) for month in months for day in (14, 28)]
    return [day for day in days if day <= LAST_DAY]


def handings(people: Sequence[Person], seed: int) -> tuple[Handing, ...]:
    """Every submission in order of filing; the same seed gives the same ones."""
    chance = Random(seed)  # noqa: S311 - invented data, not a secret
    first = sorted(
        _first_attempts(people, chance), key=lambda one: (one.achieved_on, one.participant_id)
    )
    late = _late(first)
    refused = _refused([one for one in first if one not in late])
    found: list[Handing] = []
    for one in first:
        if one in refused:
            found.extend(_twice(one, refused[one]))
        else:
            found.append(late.get(one, one))
    return tuple(sorted(_some_uploaded(found), key=lambda one: one.filed_on))


def filed(day: date) -> date:
    """The first filing day on or after a day."""
    for place in (day.replace(day=14), day.replace(day=28)):
        if day <= place:
            return place
    return add_months(day.replace(day=14), 1)


def _first_attempts(people: Sequence[Person], chance: Random) -> Iterator[Handing]:
    trained = training(people)
    for person in people:
        if person.engaged_on and person.engaged_on >= VARIATION_FROM:
            yield _engagement(person.participant_id, person.engaged_on, chance)
        if person.moved_on:
            yield _move(person.participant_id, person.moved_on, chance)
            yield from _kept(person, person.moved_on, chance)
        if person.participant_id in trained:
            begun, done = trained[person.participant_id]
            yield _training(person.participant_id, "TRAIN_BEGUN", begun)
            if done:
                yield _training(person.participant_id, "TRAIN_DONE", done)


def _engagement(participant_id: str, on: date, chance: Random) -> Handing:
    plan_on, star_on = (on - timedelta(days=chance.randint(0, 9)) for _ in range(2))
    items = (
        Item("wellbeing_plan", "service_provider", plan_on, plan_on, plan_on),
        Item("recovery_star", "service_provider", star_on, star_on, star_on),
    )
    return Handing(participant_id, "ENG", on, items, filed(on))


def _move(participant_id: str, on: date, chance: Random) -> Handing:
    signed_on = on - timedelta(days=chance.randint(1, 12))
    ended_on = on + timedelta(days=chance.randint(1, 8))
    kind = chance.choice(("tenancy_agreement", "tenancy_agreement", "licence_agreement"))
    items = (
        Item(kind, chance.choice(("landlord", "housing_provider")), signed_on, on, on),
        Item("placement_end_record", "council", ended_on, on, on),
    )
    return Handing(participant_id, "MOVE", on, items, filed(ended_on))


def _kept(person: Person, moved_on: date, chance: Random) -> Iterator[Handing]:
    for metric, months in _SUSTAINED.items():
        on = add_months(moved_on, months)
        letter_on = on + timedelta(days=chance.randint(1, 9))
        lost = person.home_ended_on is not None and person.home_ended_on <= on
        unknown = metric == "S18" and on < VARIATION_FROM
        if lost or unknown or on > LAST_DAY - timedelta(days=29):
            continue
        issuer = chance.choice(("landlord", "housing_provider"))
        letter = Item("landlord_confirmation", issuer, letter_on, moved_on, letter_on)
        yield Handing(person.participant_id, metric, on, (letter,), filed(letter_on))


def _training(participant_id: str, metric: str, on: date) -> Handing:
    kind = "enrolment_confirmation" if metric == "TRAIN_BEGUN" else "completion_certificate"
    item = Item(kind, "training_provider", on + timedelta(days=3), on, on)
    return Handing(participant_id, metric, on, (item,), filed(item.dated_on))


def _late(first: Sequence[Handing]) -> dict[Handing, Handing]:
    """Three items handed in after their last day and waived, and one that is not waived.

    Only those whose next filing day still lies before the long-stop can be late and yet handed in.
    """
    waivable = [one for one in first if one.metric in {"S06", "S12"} and _can_be_late(one)]
    third = len(waivable) // LATE_WAIVED
    chosen = waivable[third // 2 :: third][:LATE_WAIVED]
    found = {one: replace(one, filed_on=_late_day(one), waived=True) for one in chosen}
    hopeless = [one for one in first if one.metric == "S24" and _can_be_late(one)]
    lost = hopeless[len(hopeless) // 2]
    found[lost] = replace(
        lost,
        filed_on=_late_day(lost),
        decision="rejected",
        reason_code="late",
        note="Handed in after the last day, without a reason that could be waived.",
    )
    return found


def _late_day(one: Handing) -> date:
    return filed(end_of_next_quarter(one.achieved_on) + timedelta(days=1))


def _can_be_late(one: Handing) -> bool:
    day = _late_day(one)
    return day <= add_months(one.achieved_on, LONGSTOP_MONTHS) and day < date(2024, 8, 1)


def _refused(first: Sequence[Handing]) -> dict[Handing, Refusal]:
    """Six letters of landlords, spread over the years, that fail at first."""
    letters = [
        one for one in first if one.metric in {"S06", "S12"} and one.achieved_on < date(2024, 4, 1)
    ]
    step = len(letters) // _REFUSED
    chosen = letters[step // 3 :: step][:_REFUSED]
    return {one: REFUSALS[place % len(REFUSALS)] for place, one in enumerate(chosen)}


def _twice(one: Handing, refusal: Refusal) -> tuple[Handing, Handing]:
    """The attempt that fails, and the second one with a letter of the last days allowed."""
    letter = one.items[0]
    wrong = replace(letter, type=refusal.type, issuer=refusal.issuer)
    failed = replace(
        one,
        items=(wrong,),
        decision=refusal.decision,
        reason_code=refusal.reason_code,
        note=refusal.note,
    )
    good_on = one.achieved_on + timedelta(days=26)
    good = replace(letter, dated_on=good_on, covers_to=good_on)
    again = filed(max(failed.decided_on, good_on) + timedelta(days=2))
    return failed, replace(one, items=(good,), filed_on=again)


def _some_uploaded(found: Sequence[Handing]) -> Iterator[Handing]:
    left = UPLOADED
    for one in found:
        if left and one.metric == "S06" and one.decision == "verified":
            left -= 1
            yield replace(one, items=(replace(one.items[0], uploaded=True),))
        else:
            yield one
