"""Agreeing terms: who drafts and accepts, when a version is in force, what a variation reaches."""

from datetime import timedelta

import pytest

from app.domain.parties import Actor
from app.service import contracts
from app.service.contracts import check_terms
from app.service.ledger import balances
from app.service.outcomes import get_submission
from app.storage.contracts import timeline
from tests.factories import day, document
from tests.owner import as_owner
from tests.service.world import BACKER, FUNDER, MANAGER, VERIFIER, WORKER, lines_of, noon, refused

EDITION = {
    "code": "v1",
    "from_date": "2019-11-28",
    "prices": {"MOVE": "6500", "S06": "10000", "S12": "8000", "S24": "9000"},
}

CHEAPER = EDITION["prices"] | {"S06": "1"}


def rate_card(new_from: str, **prices: str) -> list[dict]:
    """The first edition to the day before, and new prices for the same metrics from a day."""
    last = (day(new_from) - timedelta(days=1)).isoformat()
    changed = EDITION["prices"] | prices
    return [EDITION | {"to_date": last}, {"code": "v2", "from_date": new_from, "prices": changed}]


@pytest.mark.parametrize("by", [VERIFIER, MANAGER, WORKER, BACKER])
def test_the_parties_to_the_terms_may_draft_them(world, by):
    world.on("2019-11-01")
    done = contracts.create_contract(world.context, world.by(by), document())
    assert (done.answer.number, done.answer.in_force) == (1, False)
    assert done.answer.outstanding == ("council", "spv", "provider")


@pytest.mark.parametrize("by", [FUNDER, Actor("stranger", "somebody")])
def test_nobody_else_drafts_terms(world, by):
    world.on("2019-11-01")
    before = world.state()
    refused(
        "party-not-permitted", contracts.create_contract, world.context, world.by(by), document()
    )
    assert world.state() == before


def test_a_first_version_varies_nothing(world):
    world.on("2019-11-01")
    terms = document(variation={"reason": "None"})
    refused(
        "variation-of-nothing", contracts.create_contract, world.context, world.by(VERIFIER), terms
    )


def test_every_fault_of_a_document_is_told_at_once():
    faulty = document(currency="pounds", signatories=["council"], metrics=[])
    found = check_terms(faulty)
    assert {fault.pointer for fault in found.faults} >= {"/currency", "/signatories", "/metrics"}
    assert found.hash is None
    assert check_terms(document()).faults == ()


def accept(world, actor, number=1, named=None, **options):
    stored = contracts.get_terms(world.context, world.contract_id, number)
    return contracts.accept_terms(
        world.context, world.by(actor), number, named or stored.hash, **options
    ).answer


@pytest.fixture
def drafted(world):
    world.on("2019-11-01")
    contracts.create_contract(world.context, world.by(VERIFIER), document())
    return world


def test_a_version_is_in_force_when_the_last_of_three_has_accepted(drafted):
    assert [accept(drafted, actor).in_force for actor in (WORKER, VERIFIER)] == [False, False]
    refused("terms-not-in-force", drafted.person, "P1")
    assert drafted.state()["accounts"] == 0
    assert accept(drafted, MANAGER).in_force
    assert drafted.state()["accounts"] > 0
    assert contracts.get_contract(drafted.context, drafted.contract_id).in_force == 1
    assert drafted.person("P1") == "P1"


@pytest.mark.parametrize("by", [FUNDER, BACKER, Actor("stranger", "somebody")])
def test_only_signatories_accept(drafted, by):
    refused("party-not-signatory", accept, drafted, by)


def test_an_acceptance_names_the_hash_and_is_given_once(drafted):
    before = drafted.state()
    refused("terms-hash-mismatch", accept, drafted, VERIFIER, named="f" * 64)
    assert drafted.state() == before
    accept(drafted, VERIFIER)
    refused("terms-already-accepted", accept, drafted, Actor("council", "somebody-else"))


def test_an_acceptance_is_not_dated_ahead(drafted):
    tomorrow = noon("2019-11-02").date()
    refused("date-in-future", accept, drafted, VERIFIER, accepted_on=tomorrow)
    accept(drafted, VERIFIER, accepted_on=tomorrow - timedelta(days=1))


def test_versions_known_at_an_instant(drafted):
    for on, actor in (("2019-11-02", VERIFIER), ("2019-11-03", MANAGER), ("2019-11-04", WORKER)):
        drafted.on(on)
        accept(drafted, actor)
    with as_owner(drafted.context.engine) as connection:
        for on, numbers in (("2019-11-04", []), ("2019-11-05", [1])):
            known = timeline(connection, drafted.contract_id, noon(on).replace(hour=0))
            assert [version.number for version in known.versions] == numbers


def test_a_variation_needs_a_version_in_force(drafted):
    terms = document(effective_from="2020-04-01", variation={"reason": "Agreed"})
    refused(
        "terms-not-in-force", contracts.draft_terms, drafted.context, drafted.by(VERIFIER), terms
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"variation": None}, "variation-missing"),
        ({"effective_from": "2019-11-28"}, "not-later"),
        ({"currency": "EUR"}, "currency-changed"),
        (
            {"rate_card": [EDITION | {"prices": EDITION["prices"] | {"S06": "1"}}]},
            "edition-changed",
        ),
    ],
)
def test_what_a_variation_must_leave_alone(world, changes, code):
    world.agree()
    terms = document(**({"effective_from": "2020-04-01", "variation": {"reason": "x"}} | changes))
    before = world.state()
    refused(code, contracts.draft_terms, world.context, world.by(VERIFIER), terms)
    assert world.state() == before


def test_a_draft_that_a_later_version_in_force_overtook_cannot_be_accepted(world):
    world.agree()
    second = world.draft("2020-01-10", "2020-04-01", title="Second")
    world.vary("2020-01-12", "2020-05-01", title="Third")
    refused("terms-superseded", accept, world, VERIFIER, second)


def test_a_draft_made_before_another_version_came_into_force_must_still_vary_it(world):
    """Drafted as a variation of version 1; version 2, agreed meanwhile, starts later than it."""
    world.agree()
    second = world.draft("2020-01-10", "2020-07-01", title="Second")
    third = world.draft("2020-01-11", "2020-04-01", title="Third")
    for actor in (VERIFIER, MANAGER, WORKER):
        accept(world, actor, second)
    before = world.state()
    error = refused("terms-superseded", accept, world, VERIFIER, third)
    assert [fault.code for fault in error.faults] == ["not-later"]
    assert world.state() == before


def test_what_was_achieved_before_a_variation_keeps_its_price(world):
    world.agree()
    world.moved("P1", "2020-03-31")
    world.moved("P2", "2020-04-01", referred="2020-01-02")
    world.vary("2020-03-30", "2020-04-01", rate_card=rate_card("2020-04-01", MOVE="7000"))
    before, on = world.earn("MOVE", "2020-04-06", "P1"), world.earn("MOVE", "2020-04-06", "P2")
    assert [(one.terms_version, one.edition, str(one.amount)) for one in (before, on)] == [
        (1, "v1", "6500.00"),
        (2, "v2", "7000.00"),
    ]


def test_a_retrospective_variation_reaches_what_is_not_verified_yet(world):
    world.agree()
    for name, on in (("P1", "2020-01-31"), ("P2", "2020-02-01"), ("P3", "2020-02-10")):
        world.moved(name, on)
    verified = world.earn("MOVE", "2020-02-12", "P3")
    open_ = {name: world.submit("MOVE", "2020-02-12", name) for name in ("P1", "P2")}
    world.vary(
        "2020-03-02",
        "2020-04-01",
        retrospective_from="2020-02-01",
        rate_card=rate_card("2020-02-01", MOVE="7000"),
    )
    found = {name: world.decide(one, "2020-03-03") for name, one in open_.items()}
    assert (verified.terms_version, str(verified.amount)) == (1, "6500.00")
    assert (found["P1"].terms_version, str(found["P1"].amount)) == (1, "6500.00")
    assert (found["P2"].terms_version, str(found["P2"].amount)) == (2, "7000.00")
    submitted = get_submission(world.context, world.contract_id, open_["P2"]).stored.submission
    assert submitted.terms_version == 1  # what was put forward is not rewritten


def test_a_retrospective_variation_that_undoes_the_milestone_stops_the_verification(world):
    """Under the new terms seven nights in care are a return; under the old ones they were not."""
    world.agree()
    world.moved("P1", "2020-02-01")
    world.event("care_stay_started 2020-05-01")
    world.event("care_stay_ended 2020-05-09")
    submission = world.submit("S06", "2020-08-03")
    world.vary(
        "2020-08-05",
        "2020-10-01",
        retrospective_from="2020-02-01",
        sustainment={"qualifying_destinations": ["tenancy"], "care_stay_nights_max": 7},
    )
    refused("milestone-no-longer-achieved", world.decide, submission, "2020-08-06")


def test_a_claim_submitted_before_a_retrospective_variation_is_made_anew(world):
    world.agree()
    world.moved("P1", "2020-01-31")
    world.earn("MOVE", "2020-02-12")
    number = world.claim("2020 Q1", "2020-04-03").claim.claim_number
    world.vary("2020-04-06", "2020-07-01", retrospective_from="2020-01-01")
    refused("claim-outdated", world.approve, number, "2020-04-07")
    world.send_back(number, "2020-04-07")
    view = world.approved_claim("2020 Q1", "2020-04-08")
    assert (view.claim.terms_version, lines_of(view)) == (
        2,
        [("outcome", "P1", "MOVE", "6500.00", "6500.00")],
    )


def test_a_variation_that_brings_a_payer_opens_its_accounts_once(world):
    world.agree()
    names = {account.name for account, _ in balances(world.context, world.contract_id).accounts}
    parties = [
        *document()["parties"],
        {"id": "pool", "name": "Pooled budget", "roles": ["outcome_payer"]},
    ]
    world.vary("2020-01-10", "2020-04-01", parties=parties)
    later = {account.name for account, _ in balances(world.context, world.contract_id).accounts}
    assert names < later
    assert {name.split("/")[0] for name in later - names} == {"pool", "council"}


def test_contracts_are_listed_in_order_of_their_ids(world):
    world.agree()
    found = contracts.list_contracts(world.context, after=world.contract_id[:-1], limit=1)
    assert [one.contract_id for one in found] == [world.contract_id]
    assert (found[0].title, found[0].in_force, found[0].head_sequence) == ("Test contract", 1, 4)
