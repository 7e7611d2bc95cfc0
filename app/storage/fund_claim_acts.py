"""Who submitted claims to a fund last, and who queried them last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from app.domain.fund_claim import FundClaimState
from app.domain.parties import Actor
from app.storage.settlement_tables import fund_claim_states


@dataclass(frozen=True, slots=True)
class FundClaimAct:
    """A submission of a claim to a fund, or a query: its day, and the party and person."""

    on: date
    by: Actor


@dataclass(frozen=True, slots=True)
class FundClaimActs:
    """The last submission and the last query of a claim to a fund; None where there was none.

    Of a claim that took two persons, the submission is the second one's: it asked the fund.
    """

    submitted: FundClaimAct | None = None
    queried: FundClaimAct | None = None


def acts_of(
    connection: Connection, contract_id: str, numbers: Sequence[int]
) -> dict[int, FundClaimActs]:
    """By number, what was done last with some claims to funds."""
    states = fund_claim_states.c
    rows = connection.execute(
        select(states.fund_claim_number, states.state, states.on_date, states.party, states.person)
        .where(states.contract_id == contract_id, states.fund_claim_number.in_(numbers))
        .order_by(states.sequence)
    )
    last = {
        (row.fund_claim_number, row.state): FundClaimAct(row.on_date, Actor(row.party, row.person))
        for row in rows
    }
    return {
        number: FundClaimActs(
            last.get((number, FundClaimState.SUBMITTED.value)),
            last.get((number, FundClaimState.QUERIED.value)),
        )
        for number in numbers
    }
