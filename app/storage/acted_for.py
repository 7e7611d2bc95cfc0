"""For whom an act was done under a delegation, read from the rows that its record carries."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Table, literal, select, union_all

from app.storage.tables import delegated_acts


def acted_for(
    connection: Connection, contract_id: str, acts: Iterable[Table], **key: str | int
) -> Mapping[str, tuple[str, ...]]:
    """By the name of each table of acts: for whom its row with the key was added, in order.

    A table whose row was added by somebody for themselves, or that has none, is left out.
    """
    [(column, value)] = key.items()
    queries = [
        select(literal(act.name).label("act"), delegated_acts.c.on_behalf_of)
        .join(act, act.c.sequence == delegated_acts.c.sequence)
        .where(
            delegated_acts.c.contract_id == contract_id,
            act.c.contract_id == contract_id,
            act.c[column] == value,
        )
        for act in acts
    ]
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(union_all(*queries).order_by("act", "on_behalf_of")):
        if row.on_behalf_of not in found.get(row.act, ()):
            found[row.act] = (*found.get(row.act, ()), row.on_behalf_of)
    return found


def record_acted_for(connection: Connection, contract_id: str, sequence: int) -> tuple[str, ...]:
    """For whom one journal record was made, in order; empty: for nobody else."""
    query = select(delegated_acts.c.on_behalf_of).where(
        delegated_acts.c.contract_id == contract_id, delegated_acts.c.sequence == sequence
    )
    return tuple(connection.execute(query.distinct().order_by("on_behalf_of")).scalars())
