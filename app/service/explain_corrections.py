"""What corrections add to explanations: of the line they change, the entry they take back."""

from app.domain.working import Step
from app.service.explain_actors import told
from app.storage import corrections, notes, tables
from app.storage.acted_for import acted_for
from app.storage.corrections import StoredCorrection
from app.storage.engine import Connection
from app.storage.vault import Vault


def line_steps(
    connection: Connection, contract_id: str, claim_number: int, line_number: int
) -> tuple[Step, ...]:
    """A step for each approved correction of a line, in the order in which they were proposed."""
    return tuple(
        Step(
            "correction",
            f"Corrected on {_day(stored)}, {_words(stored)}: {stored.amount.readable()}, "
            f"posted as entry {stored.entry_number}.",
            (stored.correction.source,),
        )
        for stored in corrections.approved_of(connection, contract_id, [claim_number])
        if stored.correction.line_number == line_number
    )


def own_steps(
    connection: Connection, vault: Vault, contract_id: str, stored: StoredCorrection
) -> tuple[Step, ...]:
    """Who proposed, approved first and decided a correction, and what it changes for whom."""
    one, decider = stored.correction, stored.decided_by
    firsts = tables.correction_first_approvals
    acts = (tables.corrections, firsts, tables.correction_decisions)
    others = acted_for(connection, contract_id, acts, correction_id=one.correction_id)
    shares = "; ".join(f"{share.payer} {share.amount.readable()}" for share in one.shares)
    steps = [
        Step("correction.shares", f"Changes what is owed: {shares}."),
        Step(
            "correction.proposal",
            f"Proposed on {one.proposed_on.isoformat()} by "
            f"{told(stored.by, others.get(tables.corrections.name, ()))}."
            f"{_note(connection, vault, contract_id, stored.note_digest)}",
        ),
    ]
    if first := stored.approval.first:
        steps.append(
            Step(
                "correction.first_approval",
                f"Approved first on {first.approved_on.isoformat()} by "
                f"{told(first.by, others.get(firsts.name, ()))}; its amount takes the approval of "
                "another person too.",
            )
        )
    if decider is not None:
        digest = stored.decision_note_digest
        steps.append(
            Step(
                "correction.decision",
                f"{stored.state.value.capitalize()} on {_day(stored)} by "
                f"{told(decider, others.get(tables.correction_decisions.name, ()))}."
                f"{_note(connection, vault, contract_id, digest)}",
            )
        )
    if one.dispute_id is not None:
        because = "It carries out what was decided, or is still open, in a dispute."
        steps.append(Step("correction.dispute", because, (f"dispute:{one.dispute_id}",)))
    if stored.documents:
        because = f"It went on {', '.join(stored.documents)}."
        steps.append(Step("correction.documents", because, stored.documents))
    return tuple(steps)


def title(stored: StoredCorrection) -> str:
    """A correction in words: Reversal of claim:9/line:1, wrong amount."""
    return (
        f"{stored.correction.kind.value.replace('_', ' ').capitalize()} of "
        f"{stored.correction.line}, {_words(stored)}"
    )


def _words(stored: StoredCorrection) -> str:
    return stored.correction.reason.value.replace("_", " ")


def _day(stored: StoredCorrection) -> str:
    if stored.decided_on is None:
        raise AssertionError("only a correction that was decided has the day of its decision")
    return stored.decided_on.isoformat()


def _note(connection: Connection, vault: Vault, contract_id: str, digest: str | None) -> str:
    text = notes.read(connection, vault, contract_id, digest)
    return f" Note: {text}" if text else ""
