"""What has been earned: the occurrences that live entitlements rest on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, exists, select

from app.domain.outcome import Earning
from app.storage.prepared import Prepared
from app.storage.tables import clawbacks, entitlements


def earned_by(
    connection: Connection, contract_id: str, participant_ids: Sequence[str]
) -> dict[str, dict[tuple[str, str], Earning]]:
    """What entitlements not clawed back rest on, by metric and scope, by participant."""
    found: dict[str, dict[tuple[str, str], Earning]] = {one: {} for one in participant_ids}
    rows = _EARNED.all(connection, contract=contract_id, people=list(participant_ids))
    for row in rows:
        found[row.participant_id][row.metric, row.scope] = Earning(
            row.achieved_on, row.anchor_on or row.achieved_on, frozenset(row.origins)
        )
    return found


def clawed_back(contract_id: Any) -> Any:
    """The condition that a row of `entitlements` was clawed back."""
    return exists().where(
        clawbacks.c.contract_id == contract_id,
        clawbacks.c.entitlement_id == entitlements.c.entitlement_id,
    )


_CONTRACT: Any = bindparam("contract")
_EARNED = Prepared(
    select(
        entitlements.c.participant_id,
        entitlements.c.metric,
        entitlements.c.scope,
        entitlements.c.achieved_on,
        entitlements.c.anchor_on,
        entitlements.c.origins,
    ).where(
        entitlements.c.contract_id == _CONTRACT,
        entitlements.c.participant_id == any_(bindparam("people", type_=ARRAY(Text))),
        ~clawed_back(_CONTRACT),
    )
)
