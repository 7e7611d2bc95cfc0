"""Claims of one period, corrections, claims to a fund: above the limit two persons approve them.

Each trial enters approvals by hand, as the owner of the tables and as the application without sight
of people, asks for the constraints, and takes everything back.
"""

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation
from uuid_utils import uuid7

from app.domain.parties import Actor
from app.domain.sight import Sight
from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from app.storage.scope import SET_SCOPE, Scope
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, SPV, funding
from tests.replay import Clock
from tests.service.world import APPROVER, MANAGER, World

SECOND = Actor(COUNCIL, "council-officer-3")
FUNDER = Actor(FUND, "fund-officer-1")
KEYS = {"claim": "claim_number", "correction": "correction_id", "fund_claim": "fund_claim_number"}
DECISIONS = {
    "claim": ("claim_decisions", "decision", "approved", "returned"),
    "correction": ("correction_decisions", "decision", "approved", "refused"),
    "fund_claim": ("fund_claim_states", "state", "submitted", "queried"),
}
CHECKS = "SET CONSTRAINTS ALL IMMEDIATE"


@pytest.fixture(scope="module")
def made(engine, tmp_path_factory) -> tuple[World, dict[tuple[str, str], object]]:
    """Limit 6,500.00, and the keys of what is above it and at it, nothing of which is decided.

    Claim 1 of two moves and claim 2 of one are approved. Claim 3, of one move, is for the period of
    claim 1; claim 4, of one, for another. The fund bears all, and is asked for claim 1 and claim 2.
    Claim 1's first line is to be taken back whole, and its second raised by 6,500.01. Terms without
    a limit were drafted for all that time, and agreed from 6 October.
    """
    clock = Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    world = World(Context(engine, clock, lambda: str(uuid7()), files), clock, str(uuid7()))
    whole = funding(shares=[{"payer": FUND, "share": "1"}])
    world.agree(claims={"second_approval_above": "6500.00"}, funding=whole)
    for name in ("P1", "P2"):
        world.moved(name, "2020-01-15")
        world.earn("MOVE", "2020-01-20", name)
    world.claim("2020 Q1", "2020-04-03")
    for by in (APPROVER, SECOND):
        world.approve(1, "2020-04-03", by=by)
    world.moved("P4", "2020-03-01", referred="2020-01-02")
    late = world.submit("MOVE", "2020-04-06", "P4", dated="2020-03-30")
    world.moved("P3", "2020-04-15")
    world.earn("MOVE", "2020-04-20", "P3")
    world.approved_claim("2020 Q2", "2020-07-03")
    above = world.fund_claim("2020-07-06", "2020-01-01", "2020-06-30")
    found = {("fund_claim", "above"): above}
    found["fund_claim", "at"] = world.fund_claim("2020-07-06", "2020-07-01")
    world.decide(late, "2020-07-06", dated="2020-03-31")
    found["claim", "above"] = world.claim("2020 Q1", "2020-07-07").claim.claim_number
    world.moved("P5", "2020-07-15")
    world.earn("MOVE", "2020-07-20", "P5")
    found["claim", "at"] = world.claim("2020 Q3", "2020-10-05").claim.claim_number
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    desk.proposer = MANAGER
    raised = desk.propose(1, 2, amount="6500.01", kind="goodwill")
    found["correction", "above"] = raised.correction.correction_id
    found["correction", "at"] = desk.propose(1, 1).correction.correction_id
    world.draft("2020-10-05", "2020-01-01", funding=whole)
    world.vary("2020-10-05", "2020-10-06", funding=whole)
    return world, found


@pytest.fixture(params=["owner", "aggregate"])
def writer(request, database_urls, made):
    """A connection of whoever writes."""
    is_owner = request.param == "owner"
    with psycopg.connect(database_urls.owner if is_owner else database_urls.app) as connection:
        if not is_owner:
            scope = Scope(made[0].contract_id, COUNCIL, Sight.AGGREGATE, service=True).settings()
            connection.execute(SET_SCOPE, scope)
        yield connection
        connection.rollback()


def enter(connection, made, kind: str, acts) -> None:
    """Acts on things of one kind, one after the other, each in a record so many before the last."""
    world, keys = made
    contract = world.contract_id
    head = "SELECT head_sequence FROM contracts WHERE contract_id = %s"
    last = connection.execute(head, [contract]).fetchone()[0]
    decisions, column, approved, refused = DECISIONS[kind]
    for place, (act, which, who, back) in enumerate(acts):
        row = {
            "contract_id": contract, "sequence": last - back, "party": who.party,
            "person": who.person, KEYS[kind]: keys[kind, which],
        }  # fmt: skip
        table = f"{kind}_first_approvals" if act == "first" else decisions
        row["on_date" if table == "fund_claim_states" else
            "approved_on" if act == "first" else "decided_on"] = "2020-10-06"  # fmt: skip
        if act != "first":
            row[column] = approved if act == "approve" else refused
        if table == "correction_decisions":
            row |= {"counted": 0, "entry_number": place % 3 + 1 if act == "approve" else None}
        names, values = ", ".join(row), ", ".join(["%s"] * len(row))
        connection.execute(
            f"INSERT INTO {table} (recorded_at, {names}) VALUES (now(), {values})",
            list(row.values()),
        )
    connection.execute(CHECKS)


TWO, ONE = "the approval of two persons", "takes one approval"
TRIALS = {
    "nobody before": ([("approve", "above", APPROVER, 0)], TWO),
    "one person twice": (
        [("first", "above", APPROVER, 1), ("approve", "above", APPROVER, 0)],
        TWO,
    ),
    "one record": (
        [("first", "above", APPROVER, 0), ("approve", "above", SECOND, 0)],
        f"{TWO}|before the decision",
    ),
    "first after": (
        [("approve", "above", APPROVER, 1), ("first", "above", SECOND, 0)],
        f"{TWO}|before the decision",
    ),
    "two persons": ([("first", "above", APPROVER, 1), ("approve", "above", SECOND, 0)], None),
    "two parties": ([("first", "above", FUNDER, 1), ("approve", "above", SECOND, 0)], TWO),
    "only the first": ([("first", "above", APPROVER, 0)], None),
    "refused after": ([("first", "above", APPROVER, 1), ("refuse", "above", SECOND, 0)], None),
    "at the limit": ([("approve", "at", APPROVER, 0)], None),
    "first at the limit": ([("first", "at", APPROVER, 0)], ONE),
}
OF_ONE_KIND = {
    "claim returned before": (
        "claim",
        [("refuse", "above", APPROVER, 1), ("first", "above", SECOND, 0)],
        "before the decision",
    ),
    "correction's proposer first": (
        "correction",
        [("first", "above", Actor(COUNCIL, MANAGER.person), 0)],
        "proposed it",
    ),
    "corrections added up": (
        "correction",
        [
            ("first", "above", APPROVER, 2),
            ("approve", "above", SECOND, 1),
            ("approve", "at", SECOND, 0),
        ],
        TWO,
    ),
    "first because added up": (
        "correction",
        [
            ("first", "above", APPROVER, 3),
            ("approve", "above", SECOND, 2),
            ("first", "at", SECOND, 1),
            ("approve", "at", APPROVER, 0),
        ],
        None,
    ),
    "not yet added up": (
        "correction",
        [
            ("first", "above", APPROVER, 2),
            ("approve", "at", SECOND, 1),
            ("approve", "above", SECOND, 0),
        ],
        None,
    ),
    "claim to a fund again after a query": (
        "fund_claim",
        [
            ("first", "above", APPROVER, 3),
            ("approve", "above", SECOND, 2),
            ("refuse", "above", FUNDER, 1),
            ("approve", "above", APPROVER, 0),
        ],
        None,
    ),
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("trial", TRIALS)
def test_two_persons_of_one_party_approve_what_is_above_the_limit(writer, made, kind, trial):
    acts, refused = TRIALS[trial]
    if refused is None:
        enter(writer, made, kind, acts)
        return
    with pytest.raises(CheckViolation, match=refused):
        enter(writer, made, kind, acts)


@pytest.mark.parametrize("trial", OF_ONE_KIND)
def test_what_holds_for_one_kind(writer, made, trial):
    kind, acts, refused = OF_ONE_KIND[trial]
    if refused is None:
        enter(writer, made, kind, acts)
        return
    with pytest.raises(CheckViolation, match=refused):
        enter(writer, made, kind, acts)


@pytest.mark.parametrize("kind", KEYS)
def test_there_is_one_first_approval(writer, made, kind):
    with pytest.raises(UniqueViolation):
        enter(writer, made, kind, [("first", "above", APPROVER, 1), ("first", "above", SECOND, 0)])


@pytest.mark.parametrize(
    ("limit", "may"), [("650000", True), ("649999", False), ("650001", False), ("NULL", False)]
)
def test_the_limit_of_a_claim_to_a_fund_is_that_of_its_terms(writer, made, limit, may):
    writer.execute(
        "INSERT INTO fund_claims (contract_id, sequence, recorded_at, fund_claim_number, fund, "
        "period_start, period_end, prepared_on, party, person, terms_version, "
        "second_approval_above_minor) SELECT contract_id, sequence, recorded_at, 99, fund, "
        "period_start, period_end, prepared_on, party, person, terms_version, "
        f"{limit} FROM fund_claims WHERE contract_id = %s AND fund_claim_number = 1",
        [made[0].contract_id],
    )
    if may:
        writer.execute(CHECKS)
        return
    with pytest.raises(CheckViolation, match="is not that of its terms"):
        writer.execute(CHECKS)


@pytest.mark.parametrize(
    ("table", "number"), [("claims", "claim_number"), ("fund_claims", "fund_claim_number")]
)
@pytest.mark.parametrize(
    ("version", "limit", "end", "may"),
    [
        (1, "650000", "2020-06-30", True),
        (1, "650000", "2020-10-05", True),
        (1, "650000", "2020-10-06", False),  # version 3 is in effect
        (2, "NULL", "2020-06-30", False),  # nobody has accepted it
        (3, "NULL", "2020-10-05", False),
        (3, "NULL", "2020-10-06", True),
    ],
)
def test_a_claim_names_the_terms_in_effect(writer, made, table, number, version, limit, end, may):
    writer.execute(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(c, jsonb_build_object("
        f"'{number}', 99, 'period_end', '{end}', 'terms_version', {version}, 'sequence', "
        "(SELECT head_sequence FROM contracts o WHERE o.contract_id = c.contract_id), "
        f"'second_approval_above_minor', {limit}))).* FROM {table} c "
        f"WHERE contract_id = %s AND {number} = 1",
        [made[0].contract_id],
    )
    if may:
        writer.execute(CHECKS)
        return
    with pytest.raises(CheckViolation, match="not those in effect"):
        writer.execute(CHECKS)


@pytest.mark.parametrize(
    ("line", "disputed", "is_posted", "due", "sign", "may"),
    [
        (1, 650_001, True, None, -1, False),  # in no record of its outcome
        (1, 650_001, True, 0, -1, False),  # another line than the correction's
        (2, 650_001, True, 0, -1, True),
        (2, 650_000, True, 0, -1, False),
        (2, 650_001, True, 1, -1, False),
        (2, 650_001, True, 0, 1, False),
        (2, 650_001, False, 650_001, 1, True),  # put back, having been withheld
        (2, 650_001, False, 650_000, 1, False),
        (2, 650_001, False, 650_001, -1, False),
    ],
)
def test_a_dispute_excuses_only_the_correction_that_carries_it_out(
    writer, made, line, disputed, is_posted, due, sign, may
):
    """6,500.01 of line 2 of claim 1, named as a dispute's: else it takes two like any other."""
    world, keys = made
    contract, forged = world.contract_id, str(uuid7())
    writer.execute(
        f"INSERT INTO disputes SELECT %s, sequence, recorded_at, %s, 'claim:1/line:{line}', 1, "
        f"{line}, {is_posted}, DATE '2020-04-06', DATE '2020-04-03', {disputed}, 'GBP', 'price', "
        "NULL, party, person FROM claims WHERE contract_id = %s AND claim_number = 1",
        [contract, forged, contract],
    )
    if due is not None:
        writer.execute(
            "INSERT INTO dispute_outcomes SELECT %s, head_sequence, now(), %s, 'settled', "
            f"DATE '2020-10-06', 'Managers', {due}, NULL, 'council', 'council-officer-9' "
            "FROM contracts WHERE contract_id = %s",
            [contract, forged, contract],
        )
    copied = (
        "INSERT INTO {table} SELECT (jsonb_populate_record(c, jsonb_build_object("
        "'correction_id', %(forged)s::text{more}))).* FROM {table} c "
        "WHERE contract_id = %(contract)s AND correction_id = %(of)s"
    )
    values = {"forged": forged, "contract": contract, "of": keys["correction", "above"]}
    more = ", 'dispute_id', %(forged)s::text"
    writer.execute(copied.format(table="corrections", more=more), values)
    more = f", 'amount_minor', amount_minor * {sign}"
    writer.execute(copied.format(table="correction_shares", more=more), values)
    world_and_forged = world, {("correction", "forged"): forged}
    approved = [("approve", "forged", APPROVER, 0)]
    if may:
        enter(writer, world_and_forged, "correction", approved)
        return
    with pytest.raises(CheckViolation, match=TWO):
        enter(writer, world_and_forged, "correction", approved)


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("claim_lines", "'line_number', 99"),
        ("fund_claim_lines", "'claim_number', 4, 'line_number', 1"),
        ("correction_shares", "'payer', 'council'"),
    ],
)
def test_no_part_joins_later(writer, made, table, part):
    """A row like one that is there, in the record of something else."""
    with pytest.raises(CheckViolation, match="belongs to the record of what it is a part of"):
        writer.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(c, jsonb_build_object({part}, "
            "'sequence', (SELECT head_sequence FROM contracts o "
            f"WHERE o.contract_id = c.contract_id)))).* FROM {table} c "
            "WHERE contract_id = %s LIMIT 1",
            [made[0].contract_id],
        )
