"""Nobody decides on their own work: the database refuses it from psql too, the service in words.

Each trial takes a decision that was made, and enters it once more under another key as somebody who
may not have made it, as the owner of the tables; the same row of another person is let through.
"""

from datetime import date

import psycopg
import pytest
from psycopg.errors import CheckViolation
from uuid_utils import uuid7

from app.domain.errors import NotPermitted
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.service.command import Command
from app.service.context import Context
from app.service.invoices import invoices_of_claim
from app.service.payments import record_payment
from app.storage.evidence_files import EvidenceFiles
from tests.correcting import correct_a_little
from tests.replay import Clock, Replay, ServiceBackend
from tests.service.disputing import LONG, dispute_a_little
from tests.settling import Settling

TRIALS = {
    "verifications": ("submissions", "submission_id"),
    "claim_decisions": ("claims", "claim_number"),
    "correction_decisions": ("corrections", "correction_id"),
    "dispute_outcomes": ("disputes", "dispute_id"),
}
"""Decision: what it decides on, and the key they share."""


@pytest.fixture(scope="module")
def settled(engine, tmp_path_factory):
    """A contract with claims approved and invoiced, a correction and a dispute decided."""
    contract_id, clock = str(uuid7()), Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    context = Context(engine, clock, lambda: str(uuid7()), files)
    replay = Replay(ServiceBackend(context, clock, contract_id))
    replay.changes = LONG
    replay.run()
    dispute_a_little(context, contract_id, replay.claims["2023-Q2"])
    settling = Settling(context, contract_id, "lcf")
    settling.issue([1])
    correct_a_little(settling, 1)
    return context, contract_id


@pytest.fixture
def owner(database_urls):
    """The owner of the tables, with the trigger against changes out of the way; rolled back."""
    with psycopg.connect(database_urls.owner) as connection:
        for table in TRIALS:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
        yield connection
        connection.rollback()


def enter_again(connection, contract_id, table, sequence=2**62, **changes):
    """Take the newest decision, up to a record, out and enter it again with other people."""
    own = TRIALS[table][1]
    query = (
        f"SELECT * FROM {table} WHERE contract_id = %s AND sequence <= %s "
        "ORDER BY sequence DESC LIMIT 1"
    )
    cursor = connection.execute(query, [contract_id, sequence])
    names = [one.name for one in cursor.description]
    row = dict(zip(names, cursor.fetchone(), strict=True))
    connection.execute(
        f"CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM {table} "
        f"WHERE contract_id = %s AND {own} = %s AND sequence = %s",
        [contract_id, row[own], row["sequence"]],
    )
    for name, value in changes.items():
        connection.execute(f"UPDATE again SET {name} = %s", [value])
    connection.execute(
        f"DELETE FROM {table} WHERE contract_id = %s AND {own} = %s AND sequence = %s",
        [contract_id, row[own], row["sequence"]],
    )
    connection.execute(f"INSERT INTO {table} SELECT * FROM again")
    return row[own]


def made_by(connection, contract_id, table):
    """Who made what the newest decision is about."""
    of, key = TRIALS[table]
    query = (
        f"SELECT o.party, o.person FROM {table} d JOIN {of} o USING (contract_id, {key}) "
        "WHERE d.contract_id = %s ORDER BY d.sequence DESC LIMIT 1"
    )
    return connection.execute(query, [contract_id]).fetchone()


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("claim_decisions", "person"),
        ("claim_decisions", "party"),
        ("claim_decisions", "nobody"),
        ("correction_decisions", "person"),
        ("correction_decisions", "party of its own"),
        ("dispute_outcomes", "person"),
        ("dispute_outcomes", "party"),
        ("dispute_outcomes", "nobody"),
    ],
)
def test_who_made_it_does_not_decide_on_it(settled, owner, table, part):
    _, contract_id = settled
    party, person = made_by(owner, contract_id, table)
    changes = {"person": {"person": person}, "party": {"party": party}}.get(part, {})
    enter_again(owner, contract_id, table, **changes)
    triggers = {
        "claim_decisions": "approver_is_neither_claimant_nor_verifier",
        "correction_decisions": "decider_is_not_proposer",
        "dispute_outcomes": "decider_is_not_raiser",
    }
    check = f"SET CONSTRAINTS {triggers[table]} IMMEDIATE"
    if changes:
        with pytest.raises(CheckViolation):
            owner.execute(check)
    else:
        owner.execute(check)


SUBMISSIONS = (
    "JOIN entitlements e ON e.contract_id = l.contract_id AND e.entitlement_id = l.source_id "
    "JOIN {} h ON h.contract_id = e.contract_id AND h.submission_id = e.submission_id "
    "WHERE l.kind = 'outcome'"
)
HANDS = {
    "verified an outcome": SUBMISSIONS.format("verifications"),
    "submitted an outcome": SUBMISSIONS.format("submissions"),
    "decided a clawback": (
        "JOIN clawbacks h ON h.contract_id = l.contract_id AND h.entitlement_id = l.source_id "
        "WHERE l.kind = 'clawback'"
    ),
}
"""Who had a hand in what a claim asks for, from its lines `l`."""


@pytest.mark.parametrize("did", HANDS)
def test_nobody_approves_what_they_had_a_hand_in(settled, owner, did):
    _, contract_id = settled
    person, sequence = owner.execute(
        "SELECT h.person, d.sequence FROM claim_decisions d "
        f"JOIN claim_lines l USING (contract_id, claim_number) {HANDS[did]} "
        "AND d.contract_id = %s AND d.decision = 'approved' ORDER BY d.sequence DESC LIMIT 1",
        [contract_id],
    ).fetchone()
    enter_again(owner, contract_id, "claim_decisions", sequence=sequence, person=person)
    with pytest.raises(CheckViolation, match=f"the approver {did}"):
        owner.execute("SET CONSTRAINTS approver_is_neither_claimant_nor_verifier IMMEDIATE")


PAID_CLAIM = (
    "FROM claim_lines l {} AND l.contract_id = %s AND l.claim_number = 1 ORDER BY 1 LIMIT 1"
)


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("approved its claim", "payer-is-approver"),
        ("verified an outcome", "payer-is-verifier"),
        ("submitted an outcome", "payer-is-verifier"),
    ],
)
def test_who_had_a_hand_in_a_claim_records_no_payment_of_it(settled, owner, did, code):
    context, contract_id = settled
    hands = HANDS | {
        "approved its claim": "JOIN claim_decisions h USING (contract_id, claim_number) WHERE true"
    }
    query = "SELECT h.person " + PAID_CLAIM.format(hands[did])
    [person] = owner.execute(query, [contract_id]).fetchone()
    invoice = invoices_of_claim(context, contract_id, 1)[0]
    part = Money.parse("1.00")
    asked = {
        "payer": "scc",
        "payee": "spv",
        "amount": part,
        "paid_on": date(2023, 12, 1),
        "allocations": [PaymentAllocation(invoice.invoice.document_id, part)],
    }
    with pytest.raises(NotPermitted) as refused:
        record_payment(context, Command(contract_id, Actor("scc", person)), **asked)
    assert refused.value.code == code
    on_account = {**asked, "allocations": []}
    dry = Command(contract_id, Actor("scc", person), dry_run=True)
    assert record_payment(context, dry, **on_account).answer is not None
    other = Command(contract_id, Actor("scc", "cashier-1"))
    record_payment(context, other, **asked)
    owner.execute("ALTER TABLE payment_allocations DISABLE TRIGGER refuse_change")
    owner.execute("ALTER TABLE journal DISABLE TRIGGER refuse_change")
    last = "(SELECT max(sequence) FROM payment_allocations WHERE contract_id = %s)"
    owner.execute(
        f"UPDATE journal SET person = %s WHERE contract_id = %s AND sequence = {last}",
        [person, contract_id, contract_id],
    )
    owner.execute(
        "CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM payment_allocations "
        f"WHERE contract_id = %s AND sequence = {last}",
        [contract_id, contract_id],
    )
    owner.execute(
        f"DELETE FROM payment_allocations WHERE contract_id = %s AND sequence = {last}",
        [contract_id, contract_id],
    )
    owner.execute("INSERT INTO payment_allocations SELECT * FROM again")
    with pytest.raises(CheckViolation, match=f"the recorder of a payment {did}"):
        owner.execute("SET CONSTRAINTS payment_recorder_is_not_approver IMMEDIATE")


def test_the_submitter_does_not_verify(settled, owner):
    """Entered beside the decision that was made, under an id of its own."""
    _, contract_id = settled
    owner.execute(
        "CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM verifications "
        "WHERE contract_id = %s ORDER BY sequence DESC LIMIT 1",
        [contract_id],
    )
    party, person = made_by(owner, contract_id, "verifications")
    for changed, value in (("person", person), ("party", party)):
        with owner.transaction(force_rollback=True):
            owner.execute("UPDATE again SET verification_id = 'again'")
            owner.execute(f"UPDATE again SET {changed} = %s", [value])
            unique = owner.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'verifications'::regclass "
                "AND contype = 'u'"
            ).fetchall()
            for (name,) in unique:
                owner.execute(f"ALTER TABLE verifications DROP CONSTRAINT {name} CASCADE")
            owner.execute("INSERT INTO verifications SELECT * FROM again")
            with pytest.raises(CheckViolation, match="submitted the outcome"):
                owner.execute("SET CONSTRAINTS verifier_is_not_submitter IMMEDIATE")
