"""Readers of a contract with two providers: each sees its own people, the SPV sees none."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from uuid_utils import uuid7

from app.domain.errors import OutcomesError
from app.domain.parties import Actor
from app.domain.sight import Sight, sight_of
from app.domain.terms.timeline import TermsVersion, Timeline
from app.service import claims, contracts, evidence, journal, outcomes, participants
from app.service.context import Context
from app.service.due import due
from app.service.explain import explain_claim_line, explain_entitlement
from app.service.reconciliation import reconciliation
from app.service.statements import statement
from app.service.verify import verify
from app.storage.engine import UnitOfWork
from app.storage.evidence_files import EvidenceFiles
from app.storage.scope import Scope
from tests.factories import COUNCIL, FUND, INVESTOR, PROVIDER, SPV, document, party, quarter
from tests.replay import Clock
from tests.service.world import MANAGER, VERIFIER, WORKER, World, refused

SECOND = Actor("second", "second-worker-1")
OUTSIDER = "outsider"
OWN = {PROVIDER: ["P1"], "second": ["P2"]}


def claimed(world: World) -> World:
    """P1 is the provider's and P2 the second provider's; a MOVE of each is in claim 1, approved."""
    usual = document()["parties"]
    world.agree(parties=[*usual, party("second", "service_provider")])
    world.moved("P1", "2020-01-15")
    world.person("P2", "2019-12-02", by=SECOND)
    world.event("moved_on 2020-01-16 tenancy", "P2", by=SECOND)
    world.decide(world.submit("MOVE", "2020-01-20", "P1"), "2020-01-20")
    world.decide(
        world.submit("MOVE", "2020-01-21", "P2", by=SECOND), "2020-01-21", note="Seen the lease"
    )
    world.claim("2020 Q1", "2020-04-03")
    world.approve(1, "2020-04-06")
    return world


@pytest.fixture(scope="module")
def shared(engine, tmp_path_factory) -> World:
    """That contract, for tests that only read."""
    clock = Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("shared"), 1_000_000)
    return claimed(World(Context(engine, clock, lambda: str(uuid7()), files), clock, str(uuid7())))


def as_seen_by(world, reader: str | None):
    return replace(world.context, reader=reader), world.contract_id


def names(world, reader: str | None) -> list[str]:
    found = participants.list_participants(*as_seen_by(world, reader))
    return [one.participant.participant_id for one in found]


@pytest.mark.parametrize("reader", [PROVIDER, "second"])
def test_a_provider_sees_its_own_participants_and_what_follows_from_them(shared, reader):
    seen = as_seen_by(shared, reader)
    assert names(shared, reader) == OWN[reader]
    submitted = outcomes.list_submissions(*seen)
    assert [one.stored.submission.participant_id for one in submitted] == OWN[reader]
    entitled = [one.participant_id for _, one in outcomes.list_entitlements(*seen)]
    assert entitled == OWN[reader]
    found, _ = due(*seen)
    assert {one.participant_id for one in found} <= set(OWN[reader])
    claim = claims.get_claim(*seen, 1)
    assert [line.participant_id for line in claim.claim.lines] == OWN[reader]
    assert claim.lines_withheld
    assert str(claim.totals.payable) == "13000.00"  # of both: the claim is one


@pytest.mark.parametrize(("reader", "other"), [(PROVIDER, "P2"), ("second", "P1")])
def test_another_providers_participant_is_unknown_to_it(shared, reader, other):
    seen = as_seen_by(shared, reader)
    refused("participant-unknown", participants.get_participant, *seen, other)
    refused("participant-unknown", evidence.list_evidence, *seen, other)
    (entitlement,) = (
        one.entitlement_id
        for _, one in outcomes.list_entitlements(*as_seen_by(shared, None))
        if one.participant_id == other
    )
    refused("entitlement-unknown", outcomes.get_entitlement, *seen, entitlement)
    refused("entitlement-unknown", explain_entitlement, *seen, entitlement)
    line = 1 if other == "P1" else 2
    refused("claim-line-unknown", explain_claim_line, *seen, 1, line)
    assert explain_claim_line(*seen, 1, 3 - line)


def test_a_provider_reads_the_payloads_of_its_own_acts(shared):
    told = journal.list_records(*as_seen_by(shared, "second"), limit=200)
    whole = journal.list_records(*as_seen_by(shared, None), limit=200)
    assert [one.hash for one in told] == [one.hash for one in whole]
    assert {one.actor.party for one in told if one.payload is not None} == {"second"}
    assert not any("P1" in one.payload for one in told if one.payload is not None)


@pytest.mark.parametrize("reader", [SPV, INVESTOR, FUND])
@pytest.mark.parametrize(
    "ask",
    [
        participants.list_participants,
        outcomes.list_submissions,
        outcomes.list_entitlements,
        lambda *seen: participants.get_participant(*seen, "P1"),
        lambda *seen: evidence.list_evidence(*seen, "P1"),
        lambda *seen: explain_claim_line(*seen, 1, 1),
        due,
    ],
)
def test_whoever_may_see_nobody_is_refused_and_not_told_nobody(shared, reader, ask):
    refused("person-level-not-permitted", ask, *as_seen_by(shared, reader))


@pytest.mark.parametrize("reader", [SPV, INVESTOR, FUND, PROVIDER, "second", COUNCIL])
def test_figures_are_the_same_for_every_party(shared, reader):
    seen, whole = as_seen_by(shared, reader), as_seen_by(shared, None)
    claim, known = claims.get_claim(*seen, 1), claims.get_claim(*whole, 1)
    assert claim.stored == known.stored
    for name in ("gross", "capped", "payable", "by_payer"):
        assert getattr(claim.totals, name) == getattr(known.totals, name)
    ties = [(tie.name, tie.left_amount, tie.right_amount) for tie in reconciliation(*whole).ties]
    assert ties == [
        (tie.name, tie.left_amount, tie.right_amount) for tie in reconciliation(*seen).ties
    ]
    period = quarter("2020 Q2")
    told, full = (statement(*one, SPV, period) for one in (seen, whole))
    assert told.accounts == full.accounts
    assert [one.payable for one in told.claims] == [one.payable for one in full.claims]
    assert verify(*seen).intact


@pytest.mark.parametrize(
    ("reader", "count"), [(COUNCIL, 2), (SPV, None), (INVESTOR, None), ("second", None)]
)
def test_small_counts_are_for_those_who_see_the_people(shared, reader, count):
    seen = as_seen_by(shared, reader)
    (total,) = claims.get_claim(*seen, 1).totals.by_metric
    (told,) = statement(*seen, SPV, quarter("2020 Q2")).claims
    assert (total.count, told.by_metric[0][1]) == (count, count)


def test_the_view_counts_as_the_rules_do(shared):
    """The totals of a stored claim and those of an answer to a command are withheld alike."""
    known = claims.get_claim(*as_seen_by(shared, None), 1)
    stored = claims.get_claim(*as_seen_by(shared, INVESTOR), 1)
    assert claims.seen(known, Sight.AGGREGATE).totals == stored.totals


def test_the_spv_previews_and_submits_blind(world):
    shared = claimed(world)
    shared.event("moved_on 2020-05-15 tenancy", shared.person("P3", "2020-04-10"))
    shared.earn("MOVE", "2020-05-20", "P3")
    shared.on("2020-07-02")
    preview = claims.preview_claim(*as_seen_by(shared, SPV), quarter("2020 Q2"))
    assert (preview.claim.lines, str(preview.totals.payable)) == ((), "6500.00")
    done = claims.submit_claim(shared.context, shared.by(MANAGER), period=quarter("2020 Q2"))
    assert (done.answer.claim.lines, done.answer.lines_withheld) == ((), True)
    assert len(claims.get_claim(*as_seen_by(shared, COUNCIL), 2).claim.lines) == 1


def database_gives(world, party: str, asked: Sight = Sight.PERSON) -> str | None:
    """What the database lets a party see, whatever sight a session asks for."""
    with UnitOfWork(world.context.engine, read_only=True) as uow:
        uow.look(Scope(world.contract_id, party, asked))
        return uow.connection.execute(text("SELECT party_sight()")).scalar_one()


@pytest.mark.parametrize(
    ("party", "given"),
    [
        (COUNCIL, "person"),
        (PROVIDER, "own"),
        ("second", "own"),
        *((one, "aggregate") for one in (SPV, FUND, INVESTOR)),
        *((one, None) for one in (OUTSIDER, "")),
    ],
)
def test_a_session_that_asks_for_more_is_given_what_the_terms_give(shared, party, given):
    assert database_gives(shared, party) == given
    with UnitOfWork(shared.context.engine, read_only=True) as uow:
        uow.look(Scope(shared.contract_id, party, Sight.PERSON))
        found = uow.connection.execute(text("SELECT participant_id FROM participants ORDER BY 1"))
        own = OWN.get(party, []) if given == "own" else ["P1", "P2"] if given == "person" else []
        assert found.scalars().all() == own
        lines = uow.connection.execute(text("SELECT DISTINCT participant_id FROM claim_lines"))
        assert sorted(lines.scalars().all()) == own


def test_the_database_follows_the_terms_from_the_first_draft_to_a_variation(world):
    """A draft names who is who only until a version is in force; then it adds readers, no sight."""
    usual = document()["parties"]
    shown = {COUNCIL: "person", PROVIDER: "person", SPV: "aggregate", "second": None}

    def agrees(**changed: str | None) -> None:
        shown.update(changed)
        today = world.clock().date()
        stored = contracts.get_contract(world.context, world.contract_id).versions
        timeline = Timeline.of(
            TermsVersion(one.number, one.hash, one.terms) for one in stored if one.in_force
        )
        drafts = [one.terms for one in stored]
        for name, given in shown.items():
            assert database_gives(world, name) == given, name
            assert sight_of(timeline, name, today, drafts) == given, name

    world.on("2019-11-01")
    contracts.create_contract(world.context, world.by(VERIFIER), document())
    agrees()
    world.accept(1, document())
    agrees()
    more = {"parties": [*usual, party("second", "service_provider")]}
    number = world.draft("2019-12-01", "2019-12-02", **more)
    agrees(second="aggregate")
    stored = contracts.get_terms(world.context, world.contract_id, number)
    for actor in (VERIFIER, MANAGER):
        contracts.accept_terms(world.context, world.by(actor), number, stored.hash)
    agrees()
    contracts.accept_terms(world.context, world.by(WORKER), number, stored.hash)
    world.on("2019-12-03")
    agrees(second="own", provider="own")
    # Its dates over, what it may see at most stays: the service looks at the day.
    gone = {**party("second", "service_provider"), "to_date": "2020-02-01"}
    world.vary("2020-02-02", "2020-02-03", parties=[*usual, gone])
    world.on("2020-02-04")
    assert database_gives(world, "second") == "own"
    assert names(world, PROVIDER) == []
    refused(
        "person-level-not-permitted", participants.list_participants, *as_seen_by(world, "second")
    )


def test_an_outsider_is_told_that_there_is_no_such_contract(shared):
    seen = as_seen_by(shared, OUTSIDER)
    for ask in (contracts.get_contract, participants.list_participants, claims.list_claims):
        refused("contract-unknown", ask, *seen)
    assert contracts.list_contracts(seen[0]) == []
    with pytest.raises(OutcomesError):
        verify(*seen)


def test_a_list_of_contracts_is_the_readers_own(shared):
    for reader in (COUNCIL, SPV, "second"):
        listed = contracts.list_contracts(as_seen_by(shared, reader)[0], limit=100_000)
        assert shared.contract_id in {one.contract_id for one in listed}
    mixture = contracts.list_contracts(as_seen_by(shared, "second")[0], limit=100_000)
    for one in mixture:
        assert "second" in {p.id for v in one.versions for p in v.terms.parties}
