"""What a delegate does counts as the delegator's too; and nobody approves above their limit."""

from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from uuid_utils import uuid7

from app.domain.access import AccessRole, Grant, PrincipalKind
from app.domain.dispute import DisputeReason, OutcomeKind
from app.domain.money import Money
from app.domain.parties import Actor
from app.payments.explain import render_text
from app.service.corrections import approve_correction
from app.service.disputes import decide_dispute, raise_dispute
from app.service.explain import explain_claim_line, explain_entry
from app.service.verify import verify
from app.storage import grants, principals
from app.storage.engine import run_transaction
from app.storage.grants import StoredGrant
from app.storage.principals import StoredPrincipal
from app.storage.roles import SERVICE_ROLE
from app.storage.scope import SET_SCOPE
from app.storage.tables import delegated_acts
from tests.correcting import Correcting
from tests.factories import COUNCIL, SPV, gbp
from tests.letting_in import APRIL, LONG_AGO, let_in
from tests.owner import as_owner
from tests.service.world import APPROVER, MANAGER, VERIFIER, WORKER, refused

COVER = Actor(COUNCIL, "council-officer-8")
COVER_TOO = Actor(COUNCIL, "council-officer-9")


def grant(**changes) -> Grant:
    return Grant("g", "c", COUNCIL, AccessRole.APPROVER, date(2019, 1, 1), **changes)


def of(delegator: Actor) -> tuple[Grant, ...]:
    """The mandate of somebody who acts under a delegation only."""
    return (grant(delegated_from="parent", delegated_by=delegator.person),)


OWN = (grant(),)


@pytest.fixture
def verified(world):
    """A person whose move was verified by the usual verifier; the approver's turn comes next."""
    world.agree(claims={"second_approval_above": "10000.00"})
    world.moved()
    world.submission = world.submit("MOVE", "2020-01-20")
    return world


@pytest.fixture
def claimed(verified):
    verified.decide(verified.submission, "2020-01-20")
    verified.claim("2020 Q1", "2020-04-03")
    return verified


def acting(world, actor: Actor, mandate: tuple[Grant, ...]) -> Actor:
    world.mandates[actor] = mandate
    return actor


# --- Explanations ----------------------------------------------------------------------------


def test_explanations_say_for_whom_a_delegate_acted(world):
    world.agree().moved()
    helper, clerk = Actor(WORKER.party, "helper-7"), Actor(SPV, "clerk-7")
    sent = world.submit("MOVE", "2020-01-20", by=acting(world, helper, of(WORKER)))
    world.decide(sent, "2020-01-20", by=acting(world, COVER, of(VERIFIER)))
    world.claim("2020 Q1", "2020-04-03", by=acting(world, clerk, of(MANAGER)))
    [another] = of(Actor(COUNCIL, "another-approver"))
    two = (*of(APPROVER), replace(another, grant_id="h"))
    world.approve(1, "2020-04-10", by=acting(world, COVER_TOO, two))
    desk = Correcting(world.context, world.contract_id, SPV, COUNCIL)
    told = explained(world)
    for actor, others in (
        (helper, WORKER.person),
        (COVER, VERIFIER.person),
        (clerk, MANAGER.person),
        (COVER_TOO, f"another-approver and {APPROVER.person}"),
    ):
        assert f" by {actor.party} ({actor.person} for {others})." in told
    assert f", under a delegation, for {WORKER.person}." in told  # the record of the submission
    correction = desk.propose(1).correction.correction_id
    by = world.by(COVER, mandate=of(APPROVER))
    entry = approve_correction(world.context, by, correction).answer.entry_number
    told = render_text(explain_entry(world.context, world.contract_id, entry))
    assert f"Proposed on 2020-04-10 by {SPV} ({desk.proposer.person})." in told
    assert f"Approved on 2020-04-10 by {COUNCIL} ({COVER.person} for {APPROVER.person})." in told


def test_explanations_of_who_acts_for_themselves_name_nobody_else(claimed):
    by = acting(claimed, COVER, (*of(VERIFIER), *OWN))
    claimed.approve(1, "2020-04-10", by=by)
    told = explained(claimed)
    assert f" by {COUNCIL} ({COVER.person})." in told
    assert "under a delegation" not in told
    assert " for council-officer" not in told


def explained(world) -> str:
    return render_text(explain_claim_line(world.context, world.contract_id, 1, 1))


# --- The delegator did it before --------------------------------------------------------------


def test_a_delegate_does_not_verify_what_the_delegator_submitted(verified):
    by = acting(verified, COVER, of(WORKER))
    sent = verified.submission
    refused("verifier-is-submitter", verified.decide, sent, "2020-01-20", by=by)
    acting(verified, COVER, OWN)
    assert verified.decide(sent, "2020-01-20", by=by) is not None


@pytest.mark.parametrize(
    ("delegator", "code"),
    [(VERIFIER, "approver-is-verifier"), (MANAGER, "approver-is-claimant")],
)
def test_a_delegate_does_not_approve_what_the_delegator_did(claimed, delegator, code):
    by = acting(claimed, COVER, of(delegator))
    refused(code, claimed.approve, 1, "2020-04-10", by=by)
    if delegator == MANAGER:
        refused(code, claimed.send_back, 1, "2020-04-10", by=by)
    acting(claimed, COVER, (*of(delegator), *OWN))  # a role of their own as well: their own act
    assert claimed.approve(1, "2020-04-10", by=by)


def test_a_delegate_of_two_acts_for_both(claimed):
    by = acting(claimed, COVER, (*of(APPROVER), *of(VERIFIER)))
    refused("approver-is-verifier", claimed.approve, 1, "2020-04-10", by=by)


def test_a_delegate_does_not_approve_a_clawback_that_the_delegator_decided(verified):
    earned = verified.decide(verified.submission, "2020-01-20")
    verified.paid_claim("2020 Q1", "2020-04-03")
    verified.claw_back(earned.entitlement_id, "2020-05-01", by=VERIFIER)
    verified.claim("2020 Q2", "2020-07-03")
    by = acting(verified, COVER, of(VERIFIER))
    refused("approver-is-verifier", verified.approve, 2, "2020-07-10", by=by)


def test_a_delegate_does_not_pay_what_the_delegator_approved(claimed):
    claimed.approve(1, "2020-04-10")
    claimed.issue(1, "2020-04-10")
    [one] = [one for one in claimed.open_documents(1) if one.invoice.customer == COUNCIL]
    due, document = str(one.open_amount), one.invoice.document_id
    asked = (COUNCIL, SPV, due, (document, due))
    by = acting(claimed, COVER, of(APPROVER))
    refused("payer-is-approver", claimed.pay, *asked, on="2020-04-20", by=by)
    acting(claimed, COVER, OWN)
    assert claimed.pay(*asked, on="2020-04-20", by=by)


def test_a_delegate_does_not_decide_on_the_delegators_correction(claimed):
    claimed.approve(1, "2020-04-10")
    desk = Correcting(claimed.context, claimed.contract_id, SPV, COUNCIL)
    correction = desk.propose(1).correction.correction_id
    command = claimed.by(COVER, mandate=of(desk.proposer))
    refused("approver-is-proposer", approve_correction, claimed.context, command, correction)
    assert approve_correction(claimed.context, claimed.by(COVER, mandate=OWN), correction).answer


def test_a_delegate_does_not_decide_on_the_delegators_dispute(world):
    world.agree(disputes={"escalation": [{"name": "Board", "working_days": 10}]})
    world.moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    raised = raise_dispute(
        world.context,
        world.by(VERIFIER),
        subject="claim:1/line:1",
        amount=gbp("10.00"),
        reason=DisputeReason.PRICE,
    ).answer
    spv = Actor(SPV, "spv-manager-8")
    asked = {"dispute_id": raised.stored.dispute.dispute_id, "kind": OutcomeKind.REJECTED}
    command = world.by(spv, mandate=of(VERIFIER))
    refused("decider-is-raiser", decide_dispute, world.context, command, **asked)
    assert decide_dispute(world.context, world.by(spv, mandate=OWN), **asked)


# --- A delegate did it before -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "mandate", "allowed"),
    [
        (APPROVER, OWN, False),  # the delegator themselves
        (COVER_TOO, of(APPROVER), False),  # another delegate of theirs
        (COVER, OWN, False),  # whoever did it
        (COVER_TOO, OWN, True),
    ],
)
def test_what_a_delegate_did_was_done_by_both(verified, then, mandate, allowed):
    """The approver had a colleague verify; neither of them approves, nor another delegate."""
    by = acting(verified, COVER, of(APPROVER))
    verified.decide(verified.submission, "2020-01-20", by=by)
    verified.claim("2020 Q1", "2020-04-03")
    acting(verified, then, mandate)
    if allowed:
        assert verified.approve(1, "2020-04-10", by=then)
    else:
        refused("approver-is-verifier", verified.approve, 1, "2020-04-10", by=then)


def test_who_had_a_claim_submitted_does_not_decide_on_it(verified):
    verified.decide(verified.submission, "2020-01-20")
    cover = acting(verified, Actor(SPV, "spv-manager-8"), of(APPROVER))
    verified.claim("2020 Q1", "2020-04-03", by=cover)
    for act in (verified.approve, verified.send_back):
        refused("approver-is-claimant", act, 1, "2020-04-10", by=APPROVER)
    assert verified.approve(1, "2020-04-10", by=COVER)


def test_the_record_names_who_acted_and_for_whom(claimed):
    by = acting(claimed, COVER, of(APPROVER))
    view = claimed.approve(1, "2020-04-10", by=by)
    assert view is not None
    with as_owner(claimed.context.engine) as connection:
        rows = connection.execute(
            select(delegated_acts).where(delegated_acts.c.contract_id == claimed.contract_id)
        ).all()
    decided = claimed.whole(view).stored
    assert decided.decided_by == COVER
    [row] = rows
    assert (row.sequence, row.on_behalf_of, row.grant_id) == (
        decided.version, APPROVER.person, "g",
    )  # fmt: skip
    assert verify(claimed.context, claimed.contract_id).intact


# --- The database says the same -------------------------------------------------------------------


def without_the_services_eyes(monkeypatch) -> None:
    """Let the service compare nobody, so that the database has to."""
    monkeypatch.setattr("app.service.command.Work.is_behind", lambda *_: False)
    monkeypatch.setattr("app.storage.duties.verifiers_of", lambda *_: frozenset())
    monkeypatch.setattr("app.storage.duties.approvers_of", lambda *_: frozenset())


@pytest.mark.parametrize(
    ("delegator", "said"), [(VERIFIER, "approver verified"), (MANAGER, "submitted it")]
)
def test_the_database_refuses_the_approval_too(claimed, monkeypatch, delegator, said):
    without_the_services_eyes(monkeypatch)
    before = claimed.state()
    by = acting(claimed, COVER, of(delegator))
    with pytest.raises(IntegrityError, match=said):
        claimed.approve(1, "2020-04-10", by=by)
    assert claimed.state() == before


def test_the_database_refuses_the_verification_and_the_payment_too(verified, monkeypatch):
    without_the_services_eyes(monkeypatch)
    by = acting(verified, COVER, of(WORKER))
    with pytest.raises(IntegrityError, match="verifier submitted"):
        verified.decide(verified.submission, "2020-01-20", by=by)
    verified.decide(verified.submission, "2020-01-20")
    verified.approved_claim("2020 Q1", "2020-04-03")
    verified.issue(1, "2020-04-10")
    [one] = [one for one in verified.open_documents(1) if one.invoice.customer == COUNCIL]
    due, document = str(one.open_amount), one.invoice.document_id
    acting(verified, COVER, of(APPROVER))
    with pytest.raises(IntegrityError, match="approved its claim"):
        verified.pay(COUNCIL, SPV, due, (document, due), on="2020-04-20", by=by)


# --- Limits -----------------------------------------------------------------------------------


@pytest.fixture
def registered(claimed):
    """Enters people with grants, as the service would have, and gives who acts and by what."""

    def enter(*limits: str | None, **changes) -> Actor:
        person = str(uuid7())
        by = Actor(COUNCIL, person)
        made = tuple(
            replace(
                grant(approval_limit=None if limit is None else Money.parse(limit)),
                **{"grant_id": str(uuid7()), "contract_id": claimed.contract_id} | changes,
            )
            for limit in limits
        )

        def work(uow) -> None:
            principals.add(
                uow.connection,
                StoredPrincipal(person, PrincipalKind.PERSON, "n", "Council", "b", LONG_AGO),
            )
            for one in made:
                let_in(uow.connection, one, person)

        run_transaction(claimed.context.engine, work)
        claimed.mandates[by] = made
        return by

    return enter


@pytest.fixture
def delegated(claimed, registered):
    """Has somebody away delegate a grant of any amount to a person, in April 2020."""

    def enter(to: Actor, limit: str | None = None, days=(1, 30), **changes) -> Grant:
        away = registered(None, **changes)
        [parent] = claimed.mandates[away]
        given = replace(
            parent,
            grant_id=str(uuid7()),
            from_date=date(2020, 4, days[0]),
            to_date=date(2020, 4, days[1]),
            delegated_from=parent.grant_id,
            delegated_by=away.person,
            approval_limit=None if limit is None else Money.parse(limit),
        )

        def work(uow) -> None:
            let_in(uow.connection, given, to.person, away.person)

        run_transaction(claimed.context.engine, work)
        return given

    return enter


TOTAL = "6500.00"
"""What the claim comes to: one move."""


@pytest.mark.parametrize("limits", [["6500.00"], ["6500.01"], [None], ["1.00", "6500.00"]])
def test_up_to_the_limit_a_claim_is_approved(claimed, registered, limits):
    view = claimed.approve(1, "2020-04-10", by=registered(*limits))
    assert str(view.totals.payable) == TOTAL


@pytest.mark.parametrize("limits", [["6499.99"], ["1.00", "6499.99"]])
def test_a_penny_above_it_is_refused_by_the_service_and_the_database(claimed, registered, limits):
    by, could = registered(*limits), registered(TOTAL)
    before = claimed.state()
    refusal = refused("above-your-limit", claimed.approve, 1, "2020-04-10", by=by)
    assert "GBP 6,499.99" in refusal.message
    assert "GBP 6,500.00" in refusal.message
    assert could.person in refusal.message
    claimed.mandates[by] = ()  # as if the service had not looked
    with pytest.raises(IntegrityError, match="above the limit"):
        claimed.approve(1, "2020-04-10", by=by)
    assert claimed.state() == before
    assert claimed.approve(1, "2020-04-10", by=could)


def test_returning_a_claim_has_no_limit(claimed, registered):
    assert claimed.send_back(1, "2020-04-10", by=registered("0.01"))


def test_when_nobody_could_it_says_so(claimed, registered):
    refusal = refused("above-your-limit", claimed.approve, 1, "2020-04-10", by=registered("5.00"))
    assert "Nobody could at present." in refusal.message


def test_a_delegation_lifts_a_limit_and_brings_the_delegators_duties(
    claimed, registered, delegated
):
    """Up to 1.00 of their own, and any amount for the verifier: refused for the verifier's sake."""
    by = registered("1.00")
    own = claimed.mandates[by]
    acting(claimed, by, (*own, *of(VERIFIER)))
    refused("approver-is-verifier", claimed.approve, 1, "2020-04-10", by=by)
    acting(claimed, by, (*own, *of(MANAGER)))
    refused("approver-is-claimant", claimed.approve, 1, "2020-04-10", by=by)
    acting(claimed, by, (*own, delegated(by)))
    assert claimed.approve(1, "2020-04-10", by=by).stored is not None


def test_the_database_holds_a_delegate_to_the_delegations_limit(claimed, registered, delegated):
    """The grant named in the record is one of 1.00, whatever the service believed of it."""
    by = registered()
    acting(claimed, by, (replace(delegated(by, "1.00"), approval_limit=None),))
    with pytest.raises(IntegrityError, match="above the limit"):
        claimed.approve(1, "2020-04-10", by=by)


NAMED = {
    "nothing": False,
    "made up": False,
    "somebody's own": False,
    "somebody's delegation": False,
    "their own": False,
    "for another than it names": False,
    "on another contract": False,
    "for another party": False,
    "in another role": False,
    "not begun": False,
    "over": False,
    "ended": False,
    "of what has ended": False,
    "too little": False,
    "enough": True,
    "any amount": True,
}
"""What an act names as delegated, by somebody with 1.00 of their own, and whether it is taken."""


@pytest.mark.parametrize(("named", "taken"), NAMED.items())
def test_only_a_delegation_to_whoever_approves_lifts_their_limit(
    claimed, registered, delegated, database_urls, named, taken
):
    """Straight to SQL, on 10 April, under the record that made the contract."""
    by = registered("1.00")
    other = {
        "on another contract": {"contract_id": str(uuid7())},
        "for another party": {"party": SPV},
        "in another role": {"role": AccessRole.VERIFIER},
    }
    days = {"not begun": (11, 30), "over": (1, 9)}.get(named, (1, 30))
    limit = {"too little": "6499.99", "enough": TOTAL}.get(named)
    to = registered() if named == "somebody's delegation" else by
    given = delegated(to, limit, days, **other.get(named, {}))
    grant_id = {
        "made up": "made-up",
        "somebody's own": given.delegated_from,
        "their own": claimed.mandates[by][0].grant_id,
    }.get(named, given.grant_id)
    ended = {"ended": given.grant_id, "of what has ended": given.delegated_from}.get(named)
    if ended:
        run_transaction(
            claimed.context.engine, lambda uow: grants.end(uow.connection, ended, "b", APRIL)
        )
    values = {
        "contract": claimed.contract_id,
        "party": COUNCIL,
        "person": by.person,
        "grant": grant_id,
        "for": "somebody" if named == "for another than it names" else given.delegated_by,
    }
    scope = {"contract": claimed.contract_id, "party": SPV, "sight": "person", "role": SERVICE_ROLE}
    with psycopg.connect(database_urls.app) as connection:
        connection.execute(SET_SCOPE, scope)
        if named != "nothing":
            connection.execute(
                "INSERT INTO delegated_acts (contract_id, sequence, recorded_at, grant_id, "
                "on_behalf_of) VALUES (%(contract)s, 1, '2020-04-10', %(grant)s, %(for)s)",
                values,
            )
        connection.execute(
            "INSERT INTO claim_decisions (contract_id, sequence, recorded_at, claim_number, "
            "decision, decided_on, party, person) VALUES (%(contract)s, 1, '2020-04-10', 1, "
            "'approved', '2020-04-10', %(party)s, %(person)s)",
            values,
        )
        check = "SET CONSTRAINTS ALL IMMEDIATE"
        if taken:
            connection.execute(check)
        else:
            with pytest.raises(CheckViolation, match="above the limit"):
                connection.execute(check)
        connection.rollback()


@pytest.mark.parametrize("over", ["ended", "later", "given afterwards"])
def test_a_limit_that_did_not_count_that_day_holds_nobody_back(claimed, registered, over):
    """Who acts without grants in force (a group's member) is held by the service, not by these."""
    by = registered()
    starts = date(2020, 4, 11) if over == "later" else LONG_AGO.date()
    given = datetime(2020, 5, 1, tzinfo=UTC) if over == "given afterwards" else LONG_AGO
    one = replace(grant(approval_limit=Money.parse("1.00")), grant_id=str(uuid7()))
    one = replace(one, contract_id=claimed.contract_id, from_date=starts)

    def work(uow) -> None:
        grants.add(uow.connection, StoredGrant(one, by.person, "b", given))
        if over == "ended":
            grants.end(uow.connection, one.grant_id, "b", LONG_AGO)

    run_transaction(claimed.context.engine, work)
    assert claimed.approve(1, "2020-04-10", by=by)


DECIDE = (
    "INSERT INTO claim_decisions (contract_id, sequence, recorded_at, claim_number, decision, "
    "decided_on, party, person) SELECT contract_id, sequence, recorded_at, claim_number, "
    "'approved', '2020-04-10', %(party)s, %(person)s FROM claims WHERE contract_id = %(contract)s"
)
CLAIM = (
    "INSERT INTO claims SELECT (jsonb_populate_record(c, jsonb_build_object('claim_number', 99, "
    "'second_approval_above_minor', %(above)s::bigint))).* FROM claims c "
    "WHERE contract_id = %(contract)s"
)
ENTER = (
    "INSERT INTO entries SELECT (jsonb_populate_record(e, jsonb_build_object('entry_number', 99, "
    "'source', 'forged', 'reverses', 1))).* FROM entries e "
    "WHERE contract_id = %(contract)s AND entry_number = 1"
)
TAKE_BACK = (
    "INSERT INTO postings SELECT (jsonb_populate_record(p, jsonb_build_object('entry_number', 99, "
    "'debit', credit, 'credit', debit, 'amount_minor', amount_minor * %(times)s))).* "
    "FROM postings p WHERE contract_id = %(contract)s AND entry_number = 1"
)
REVERSE = [ENTER, TAKE_BACK, "SET CONSTRAINTS entry_balances, posting_balances IMMEDIATE"]
WRITTEN = {
    "verifier": ([DECIDE], {"person": VERIFIER.person}, "approver verified"),
    "limit": ([DECIDE], {}, "above the limit"),
    "no second approval": ([CLAIM], {"above": None}, "not that of its terms"),
    "reversed twice over": (REVERSE, {"times": 2}, "exceed it"),
}
"""What somebody writes straight to SQL, with which values, and what the database says."""


@pytest.mark.parametrize(
    "hiding",
    [{}, {"contract": ""}, {"contract": "another"}, {"role": "none", "party": "", "sight": ""}],
    ids=lambda hiding: ",".join(f"{key}={value}" for key, value in hiding.items()) or "nothing",
)
@pytest.mark.parametrize("written", WRITTEN)
def test_no_setting_hides_a_duty_or_a_limit(claimed, registered, database_urls, written, hiding):
    """As the role that writes, which then looks at something else, when the commit comes."""
    statements, values, said = WRITTEN[written]
    if written == "reversed twice over":
        claimed.approve(1, "2020-04-10")
    values = {"party": COUNCIL, "contract": claimed.contract_id} | values
    if written == "limit":
        values["person"] = registered("1.00").person
    scope = {"contract": claimed.contract_id, "party": SPV, "sight": "person", "role": SERVICE_ROLE}
    with psycopg.connect(database_urls.app) as connection:
        connection.execute(SET_SCOPE, scope)
        for statement in statements:
            assert connection.execute(statement, values).rowcount
        connection.execute(SET_SCOPE, scope | hiding)
        with pytest.raises(CheckViolation, match=said):
            connection.commit()


@pytest.mark.parametrize(
    ("statements", "values"), [([CLAIM], {"above": 1_000_000}), (REVERSE, {"times": 1})]
)
def test_what_is_within_the_rules_is_let_through(claimed, database_urls, statements, values):
    claimed.approve(1, "2020-04-10")
    scope = {"contract": claimed.contract_id, "party": SPV, "sight": "person", "role": SERVICE_ROLE}
    with psycopg.connect(database_urls.app) as connection:
        connection.execute(SET_SCOPE, scope)
        for statement in statements:
            assert connection.execute(statement, values | scope).rowcount
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.rollback()
