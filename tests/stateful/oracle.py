"""A naive oracle for a small contract: plain dictionaries and fractions, written from the terms.

It shares no code with the service. Everything is worked out again from the list of what happened,
every time it is asked: slow, short, and easy to check by eye. Amounts are whole pence.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

PRICES = {"MOVE": 650000, "S06": 1000050, "S12": 800001}
METRICS = ["MOVE", "S06", "S12"]
MONTHS = {"S06": 6, "S12": 12}
SHARE = Fraction(1, 3)
PERSON_CAP = 2000000
CONTRACT_CAP = 5500000
FUND_CAP = 1200000
COUNT_CAP = {"S06": 3}


def months_after(start: date, months: int) -> date:
    """The same day some months later; the last day of the month where there is no such day."""
    year, month = divmod(start.month - 1 + months, 12)
    target = date(start.year + year, month + 1, 1)
    following = date(target.year + target.month // 12, target.month % 12 + 1, 1)
    return target.replace(day=min(start.day, (following - timedelta(days=1)).day))


@dataclass
class Person:
    moved: date
    ended: date | None = None

    def reached(self, metric: str, by: date) -> date | None:
        """The day on which the person met a metric, if it is not after `by`."""
        on = self.moved if metric == "MOVE" else months_after(self.moved, MONTHS[metric])
        if on > by or (self.ended is not None and metric != "MOVE" and self.ended <= on):
            return None
        return on


@dataclass
class Outcome:
    """One entitlement, in the order in which they were verified."""

    key: str
    person: str
    metric: str
    on: date
    verified: date
    clawed_back: date | None = None


@dataclass
class Line:
    kind: str
    outcome: Outcome
    gross: int
    payable: int
    fund: int
    counted: int
    reclaimed: bool = False

    @property
    def council(self) -> int:
        return self.payable - self.fund


@dataclass
class ClaimMade:
    number: int
    end: date
    lines: list[Line]
    state: str = "submitted"
    invoiced: bool = False


@dataclass
class Oracle:
    people: dict[str, Person] = field(default_factory=dict)
    open: dict[tuple[str, str], tuple[str, date]] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    claims: list[ClaimMade] = field(default_factory=list)
    paid: list[tuple[str, str, int]] = field(default_factory=list)

    # --- what is earned ---

    def live(self, person: str, metric: str) -> Outcome | None:
        for one in self.outcomes:
            if (one.person, one.metric) == (person, metric) and one.clawed_back is None:
                return one
        return None

    def may_submit(self, person: str, metric: str, today: date) -> bool:
        on = self.people[person].reached(metric, today)
        return (
            on is not None
            and self.live(person, metric) is None
            and (person, metric) not in self.open
        )

    def borne_out(self, one: Outcome) -> bool:
        """Whether what is known now of the person still shows what was verified."""
        return self.people[one.person].reached(one.metric, one.verified) == one.on

    # --- claims ---

    def standing_lines(self, before: int) -> list[Line]:
        return [
            line
            for claim in self.claims
            if claim.number < before and claim.state != "returned"
            for line in claim.lines
        ]

    def asked(self, kind: str, before: int) -> set[str]:
        return {line.outcome.key for line in self.standing_lines(before) if line.kind == kind}

    def claim_lines(self, end: date, number: int) -> list[Line]:
        """The lines of a claim for everything up to a day, after the standing earlier claims."""
        used = self.standing_lines(number)
        lines: list[Line] = []
        approved = [
            line
            for claim in self.claims
            if claim.state == "approved"
            for line in claim.lines
            if line.kind == "outcome"
        ]
        taken_back = self.asked("clawback", number)
        for line in approved:
            one = line.outcome
            if one.clawed_back and one.clawed_back <= end and one.key not in taken_back:
                lines.append(
                    Line("clawback", one, -line.payable, -line.payable, -line.fund, -line.counted)
                )
        waiting = [
            one
            for one in self.outcomes
            if one.verified <= end
            and one.clawed_back is None
            and one.key not in self.asked("outcome", number)
            and self.borne_out(one)
        ]
        for one in sorted(waiting, key=lambda o: (o.on, METRICS.index(o.metric), o.person)):
            lines.append(self.priced(one, used + lines))
        return lines

    def priced(self, one: Outcome, before: list[Line]) -> Line:
        """One outcome, cut by each cap in turn, split, and the fund held to its cap."""
        gross = amount = PRICES[one.metric]
        cap = COUNT_CAP.get(one.metric)
        count = sum(line.counted for line in before if line.outcome.metric == one.metric)
        if cap is not None and count >= cap:
            return Line("outcome", one, gross, 0, 0, 0)
        of_person = sum(line.payable for line in before if line.outcome.person == one.person)
        amount = min(amount, max(0, PERSON_CAP - of_person))
        amount = min(amount, max(0, CONTRACT_CAP - sum(line.payable for line in before)))
        fund = floor(amount * SHARE)
        fund = min(fund, max(0, FUND_CAP - sum(line.fund for line in before)))
        return Line("outcome", one, gross, amount, fund, 1 if amount else 0)

    def approved(self) -> list[ClaimMade]:
        return [claim for claim in self.claims if claim.state == "approved"]

    def undecided(self) -> list[ClaimMade]:
        return [claim for claim in self.claims if claim.state == "submitted"]

    def still_the_same(self, claim: ClaimMade) -> bool:
        """Whether the claim's own sources would make the same lines now."""
        if not all(self.borne_out(line.outcome) for line in claim.lines if line.kind == "outcome"):
            return False
        sources = {(line.kind, line.outcome.key) for line in claim.lines}
        used = self.standing_lines(claim.number)
        again: list[Line] = []
        for line in claim.lines:
            if line.kind == "clawback":
                again.append(line)
                used = [*used, line]
            else:
                again.append(self.priced(line.outcome, used))
                used = [*used, again[-1]]
        return {(line.kind, line.outcome.key) for line in again} == sources and again == claim.lines

    # --- money ---

    def booked(self) -> dict[str, int]:
        """What each account must hold (debits less credits)."""
        posted = [line for one in self.claims if one.state == "approved" for line in one.lines]
        whole, fund = sum(line.payable for line in posted), sum(line.fund for line in posted)
        to_spv = sum(amount for payer, _, amount in self.paid if payer == "council")
        from_spv = sum(amount for payer, _, amount in self.paid if payer == "spv")
        from_fund = sum(amount for payer, _, amount in self.paid if payer == "fund")
        to_fund = sum(amount for _, payee, amount in self.paid if payee == "fund")
        to_spv -= to_fund  # the council paid both
        net_spv, net_fund = to_spv - from_spv, from_fund - to_fund
        return {
            "council/outcome-expenditure": whole,
            "council/payable/spv": net_spv - whole,
            "council/cash": net_fund - net_spv,
            "council/grant-income/fund": -fund,
            "council/grant-receivable/fund": fund - net_fund,
            "fund/grant-expenditure": fund,
            "fund/payable/council": net_fund - fund,
            "fund/cash": -net_fund,
            "spv/outcome-income": -whole,
            "spv/receivable/council": whole - net_spv,
            "spv/cash": net_spv,
        }
