"""Closing and reopening: who, in which order, what it freezes, and what is posted afterwards."""

import json

import pytest

from app.domain.calendar import end_of_day
from app.domain.errors import NotPermitted
from app.domain.period import Period
from app.domain.period_close import CloseLevel, LatePosting, PeriodKind, PeriodState
from app.payments.statement_document import document_hash
from app.service import contracts, match_decisions
from app.service.explain import explain_entry
from app.service.frozen_statements import get_frozen, list_frozen
from app.service.invoices import get_invoice_data
from app.service.ledger import balances, list_entries
from app.service.payments import record_payment
from app.service.periods import close_period, get_period, list_periods, reopen_period
from app.service.statements import statement
from app.service.verify import verify
from tests.closing import close_through
from tests.correcting import Correcting
from tests.factories import COUNCIL, FUND, SPV, day, document, gbp, quarter
from tests.service.test_match_decisions import Desk
from tests.service.world import APPROVER, BACKER, FUNDER, MANAGER, WORKER, refused

QUARTER, YEAR = PeriodKind.QUARTER, PeriodKind.FINANCIAL_YEAR


def close(world, start: str, on: str, level: str = "hard", by=APPROVER, kind=QUARTER, **options):
    """A close decided on a day."""
    note = options.pop("note", None)
    return close_period(
        world.on(on).context,
        world.by(by, **options),
        kind=kind,
        start=day(start),
        level=CloseLevel(level),
        note=note,
    ).answer


def reopen(world, start: str, on: str, by=APPROVER, kind=QUARTER, **options):
    note = options.pop("note", "An invoice was missing")
    return reopen_period(
        world.on(on).context, world.by(by, **options), kind=kind, start=day(start), note=note
    ).answer


def entries(world):
    """Every entry: kind, day, and where it belongs if it was posted late."""
    return [
        (
            one.entry.kind.value,
            one.entry.effective_date.isoformat(),
            one.late and (one.late.level.value, one.late.belongs_on.isoformat()),
        )
        for one in list_entries(world.context, world.contract_id)
    ]


@pytest.fixture
def quarters(world):
    """Two quarters hard-closed (to 31 March 2020) and one softly (to 30 June), on 1 July 2020.

    A claim of 6,500.00 was approved on 3 April and paid on 7 April.
    """
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-04-03")
    world.issue(1, "2020-04-06")
    close(world, "2019-10-01", "2020-07-01")
    close(world, "2020-01-01", "2020-07-01")
    close(world, "2020-04-01", "2020-07-01", "soft")
    return world


def test_only_the_commissioner_closes_and_reopens(world):
    world.agree()
    for actor in (MANAGER, WORKER, FUNDER, BACKER):
        with pytest.raises(NotPermitted):
            close(world, "2019-10-01", "2020-01-01", by=actor)
    close(world, "2019-10-01", "2020-01-01", "soft")
    for actor in (MANAGER, WORKER, FUNDER, BACKER):
        with pytest.raises(NotPermitted):
            reopen(world, "2019-10-01", "2020-01-02", by=actor)
    assert reopen(world, "2019-10-01", "2020-01-02").state is PeriodState.OPEN


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        ("2020-03-31 22:59:59", "period-not-over"),
        ("2020-03-31 23:00:00", None),  # 1 April in London, since the clocks went forward
        ("2020-04-01 12:00:00", None),
    ],
)
def test_a_quarter_closes_at_midnight_of_the_contracts_clock(world, instant, code):
    world.agree()
    close(world, "2019-10-01", "2020-01-01")
    text, time = instant.split()
    world.on(text)
    hours, minutes, seconds = map(int, time.split(":"))
    world.clock.set(world.clock().replace(hour=hours, minute=minutes, second=seconds))
    command = (world.context, world.by(APPROVER))
    about = {"kind": QUARTER, "start": day("2020-01-01"), "level": CloseLevel.HARD}
    if code:
        refused(code, close_period, *command, **about)
    else:
        made = close_period(*command, **about).answer
        assert made.decisions[-1].decided_on == day("2020-04-01")


def test_a_refused_close_changes_nothing(quarters):
    before = quarters.state()
    for code, start, level, kind in (
        ("period-unknown", "2019-07-01", "hard", QUARTER),
        ("period-unknown", "2020-04-02", "hard", QUARTER),
        ("period-not-over", "2020-07-01", "soft", QUARTER),
        ("period-closed-already", "2020-01-01", "hard", QUARTER),
        ("period-closed-already", "2020-04-01", "soft", QUARTER),
        ("period-not-over", "2020-04-01", "hard", YEAR),
    ):
        refused(code, close, quarters, start, "2020-07-01", level, kind=kind)
    refused("looks-like-email", close, quarters, "2020-04-01", "2020-07-01", note="a@b.org")
    refused("period-hard-closed", reopen, quarters, "2020-01-01", "2020-07-01")
    refused("period-not-closed", reopen, quarters, "2020-07-01", "2020-07-01")
    assert quarters.state() == before


def test_a_decision_is_made_on_what_was_read(world):
    world.agree()
    assert get_period(world.context, world.contract_id, QUARTER, day("2019-10-01")).version == 0
    made = close(world, "2019-10-01", "2020-01-01", "soft", expected_version=0)
    refused("stale-version", close, world, "2019-10-01", "2020-01-01", expected_version=0)
    again = close(world, "2019-10-01", "2020-01-01", expected_version=made.version)
    read = get_period(world.context, world.contract_id, QUARTER, day("2019-10-01"))
    assert [one.decision.level.value for one in read.decisions] == ["soft", "hard"]
    assert again == read


def test_periods_are_listed_from_the_first_to_todays(quarters):
    found = list_periods(quarters.context, quarters.contract_id, QUARTER)
    assert [(one.period.start.isoformat(), one.state.value) for one in found] == [
        ("2019-10-01", "hard"),
        ("2020-01-01", "hard"),
        ("2020-04-01", "soft"),
        ("2020-07-01", "open"),
    ]
    page = list_periods(quarters.context, quarters.contract_id, QUARTER, "2020-01-01", 1)
    assert [one.period.start.isoformat() for one in page] == ["2020-04-01"]
    years = list_periods(quarters.context, quarters.contract_id, YEAR)
    assert [one.period.start.isoformat() for one in years] == ["2019-04-01", "2020-04-01"]


def test_before_the_terms_are_in_force_there_are_no_periods(world):
    refused("contract-unknown", list_periods, world.context, "none-such", QUARTER)
    world.on("2019-11-01")
    contracts.create_contract(world.context, world.by(APPROVER), document())
    assert list_periods(world.context, world.contract_id, QUARTER) == []
    refused("terms-not-in-force", close, world, "2019-10-01", "2020-01-01")
    read = (get_period, world.context, world.contract_id, QUARTER)
    assert read[0](*read[1:], day("2020-01-01")).state is PeriodState.OPEN


def test_a_year_closes_after_its_quarters_and_holds_them_closed(quarters):
    refused("period-before-open", close, quarters, "2020-04-01", "2021-04-01", kind=YEAR)
    made = close(quarters, "2019-04-01", "2020-07-01", "soft", kind=YEAR)
    assert made.state is PeriodState.SOFT
    refused("period-hard-closed", reopen, quarters, "2020-01-01", "2020-07-01")
    close(quarters, "2020-07-01", "2021-04-01", "soft")
    for start in ("2020-10-01", "2021-01-01"):
        close(quarters, start, "2021-04-01", "soft")
    close(quarters, "2020-04-01", "2021-04-01", "soft", kind=YEAR)
    refused("year-closed", reopen, quarters, "2020-07-01", "2021-04-01")
    reopen(quarters, "2020-04-01", "2021-04-01", kind=YEAR)
    assert reopen(quarters, "2020-07-01", "2021-04-01").state is PeriodState.OPEN


def pay(world, dated: str, amount: str = "10.00", on: str = "2020-07-02", **options):
    """A payment on account of the council to the SPV, dated on a day."""
    return world.pay(COUNCIL, SPV, amount, on=on, dated=dated, **options)


PAID = "payment"


@pytest.mark.parametrize(
    ("dated", "posted", "late"),
    [
        ("2020-03-30", "2020-07-02", ("hard", "2020-03-30")),
        ("2020-03-31", "2020-07-02", ("hard", "2020-03-31")),
        ("2020-02-29", "2020-07-02", ("hard", "2020-02-29")),
        ("2019-09-30", "2020-07-02", ("hard", "2019-09-30")),
        ("2020-07-01", "2020-07-01", None),
        ("2020-07-02", "2020-07-02", None),
    ],
)
def test_a_payment_of_a_hard_closed_day_is_posted_today(quarters, dated, posted, late):
    made = pay(quarters, dated)
    assert made.payment.paid_on == day(dated)
    assert entries(quarters)[-1] == (PAID, posted, late)
    assert verify(quarters.context, quarters.contract_id).intact


@pytest.mark.parametrize("dated", ["2020-04-01", "2020-06-30"])
def test_a_soft_closed_day_needs_a_reason(quarters, dated):
    before = quarters.state()
    refusal = refused("period-soft-closed", pay, quarters, dated)
    assert "2020-04-01 to 2020-06-30" in refusal.message
    assert quarters.state() == before
    command = quarters.by(APPROVER, late_reason="The bank file came late")
    made = pay_with(quarters, command, dated)
    assert entries(quarters)[-1] == (PAID, dated, ("soft", dated))
    told = explain_entry(quarters.context, quarters.contract_id, made.entry_number)
    assert any("The bank file came late" in step.because for step in told.steps)
    assert verify(quarters.context, quarters.contract_id).intact


def pay_with(world, command, dated: str):
    return record_payment(
        world.context,
        command,
        payer=COUNCIL,
        payee=SPV,
        amount=gbp("10.00"),
        paid_on=day(dated),
    ).answer


def test_a_reason_names_nobody_and_is_kept_only_where_it_is_needed(quarters):
    named = quarters.by(APPROVER, late_reason="ask jo@example.org")
    refused("looks-like-email", pay_with, quarters, named, "2020-06-30")
    notes = quarters.state()["notes"]
    spare = quarters.by(APPROVER, late_reason="Not needed")
    pay_with(quarters, spare, "2020-07-01")
    assert quarters.state()["notes"] == notes
    pay_with(quarters, spare, "2020-03-31")
    assert quarters.state()["notes"] == notes + 1


def test_a_reopened_period_takes_postings_as_before(quarters):
    reopen(quarters, "2020-04-01", "2020-07-02")
    pay(quarters, "2020-06-30")
    assert entries(quarters)[-1] == (PAID, "2020-06-30", None)


def test_an_approval_dated_in_a_closed_period_is_posted_today(world):
    """Approved on 3 April 2020; recorded on 2 July, when April to June is hard-closed."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    close_through(world.on("2020-07-01").context, world.contract_id, COUNCIL, day("2020-06-30"))
    world.approve(1, "2020-07-02", dated="2020-04-03")
    assert entries(world) == [("claim_line_approved", "2020-07-02", ("hard", "2020-04-03"))]
    for name, numbers in (("2020 Q2", []), ("2020 Q3", [1])):
        found = statement(world.context, world.contract_id, COUNCIL, quarter(name))
        assert [claim.claim_number for claim in found.claims] == numbers


def test_a_late_claim_of_a_closed_period_is_a_prior_period_adjustment(world):
    """January to March is hard-closed before its claim is approved on 5 May."""
    world.agree().moved()
    world.earn("MOVE", "2020-01-20")
    world.claim("2020 Q1", "2020-04-03")
    close(world, "2019-10-01", "2020-04-04")
    close(world, "2020-01-01", "2020-04-04")
    world.approve(1, "2020-05-05")
    assert entries(world) == [("claim_line_approved", "2020-05-05", ("hard", "2020-03-31"))]
    found = statement(world.context, world.contract_id, SPV, quarter("2020 Q2"))
    assert (len(found.own_lines), len(found.prior_period_lines)) == (0, 1)
    (claim,) = found.claims
    assert claim.claim_number == 1


def test_vat_returns_and_undone_matches_obey_the_closes(world):
    desk = Desk(world)
    desk.rows("2020-04-30,13000.00,SPV-000001,Council")
    desk.accept()
    close_through(world.context, world.contract_id, COUNCIL, day("2020-12-31"))
    desk.rows("2020-12-31,10000.00,SPV-000002,Council")
    desk.accept()
    assert entries(world)[-1] == (PAID, "2021-03-01", ("hard", "2020-12-31"))
    (first, second) = desk.paid()
    assert second.payment.paid_on == day("2020-12-31")
    world.give_back(
        second.payment.payment_id,
        "10000.00",
        ("invoice:spv/2", "-10000.00"),
        on="2021-03-01",
        dated="2020-12-31",
        expected_version=second.version,
    )
    assert entries(world)[-1] == (PAID, "2021-03-01", ("hard", "2020-12-31"))
    accepted = next(
        one for one in desk.matches(match_decisions.MatchState.ACCEPTED)
        if any(paid.payment_id == first.payment.payment_id for paid in one.payments)
    )  # fmt: skip
    desk.act(match_decisions.undo_match, accepted.match_id)
    assert entries(world)[-1] == ("reversal", "2021-03-01", None)
    assert verify(world.context, world.contract_id).intact


def test_an_invoice_dated_in_a_closed_period_posts_its_vat_today(world):
    vat = {"treatment": "standard", "rationale": "For tests.", "decided_on": "2019-11-01"}
    world.agree(invoicing={"vat": vat | {"rate": "0.2"}}).moved()
    world.earn("MOVE", "2020-01-20")
    world.approved_claim("2020 Q1", "2020-06-01")
    close_through(world.on("2020-07-01").context, world.contract_id, COUNCIL, day("2020-06-30"))
    (invoice,) = world.issue(1, "2020-07-02", dated="2020-06-30")
    assert invoice.issued_on == day("2020-06-30")
    assert entries(world)[-1] == ("vat_invoiced", "2020-07-02", ("hard", "2020-06-30"))
    assert (
        str(get_invoice_data(world.context, world.contract_id, SPV, 1)[0].open_amount) == "7800.00"
    )


def test_a_hard_close_freezes_a_numbered_statement_for_every_book(quarters):
    for book in (COUNCIL, FUND, SPV):
        found = list_frozen(quarters.context, quarters.contract_id, book)
        assert [(one.statement_number, str(one.period)) for one in found] == [
            (1, "2019-10-01 to 2019-12-31"),
            (2, "2020-01-01 to 2020-03-31"),
        ]
    close(quarters, "2019-04-01", "2020-07-02", kind=YEAR)
    close(quarters, "2020-04-01", "2020-07-02")
    found = list_frozen(quarters.context, quarters.contract_id, SPV, after=2)
    assert [(one.statement_number, one.kind.value) for one in found] == [
        (3, "financial_year"),
        (4, "quarter"),
    ]
    one = get_frozen(quarters.context, quarters.contract_id, SPV, 4)
    assert one == found[1]
    assert document_hash(one.document) == one.sha256
    told = json.loads(one.document)
    assert [line["amount"]["amount"] for line in told["lines"]] == ["6500.00"]
    assert told["lines"][0]["late"] is None
    assert (told["statement_number"], told["party"]) == (4, SPV)
    assert told["known_through"] == {
        "sequence": one.known_through,
        "hash": one.known_through_hash,
    }
    refused("statement-unknown", get_frozen, quarters.context, quarters.contract_id, SPV, 5)
    refused("book-unknown", list_frozen, quarters.context, quarters.contract_id, "provider")


def test_a_soft_close_freezes_nothing(world):
    world.agree()
    close(world, "2019-10-01", "2020-01-01", "soft")
    assert list_frozen(world.context, world.contract_id, SPV) == []


def test_both_stories_are_told(quarters):
    """A payment of 31 March, learned of on 2 July, after the hard close of its quarter."""
    context, contract_id = quarters.context, quarters.contract_id
    frozen = get_frozen(context, contract_id, SPV, 2)
    pay(quarters, "2020-03-31", "70.00")
    pay(quarters, "2020-07-02", "5.00")
    assert get_frozen(context, contract_id, SPV, 2) == frozen
    then, now = end_of_day(day("2020-07-01"), "Europe/London"), None

    def told(name: str, known_at):
        found = statement(context, contract_id, SPV, quarter(name), known_at)
        parts = (found.own_lines, found.prior_period_lines, found.posted_later)
        return tuple([str(line.amount) for line in lines] for lines in parts)

    assert told("2020 Q1", then) == ([], [], [])
    assert told("2020 Q1", now) == ([], [], ["70.00"])
    assert told("2020 Q3", then) == ([], [], [])
    assert told("2020 Q3", now) == (["5.00"], ["70.00"], [])
    whole = statement(context, contract_id, SPV, Period(day("2020-01-01"), day("2020-12-31")))
    assert whole.prior_period_lines == ()
    late = whole.lines[-1] if whole.lines[-1].late else whole.lines[-2]
    assert late.late == LatePosting(PeriodState.HARD, day("2020-03-31"))
    movements = statement(context, contract_id, SPV, quarter("2020 Q3")).prior_period_movements
    assert [(one.account, str(one.debits), str(one.credits)) for one in movements] == [
        ("spv/cash", "70.00", "0.00"),
        ("spv/receivable/council", "0.00", "70.00"),
    ]
    closed = balances(context, contract_id, effective_to=day("2020-03-31"))
    assert {str(one.net) for _, one in closed.accounts} == {"0.00"}
    entry = next(one for one in list_entries(context, contract_id) if one.late)
    steps = explain_entry(context, contract_id, entry.entry.entry_number).steps
    assert any("prior-period adjustment: it belongs on 2020-03-31" in one.because for one in steps)


def test_a_year_shows_what_was_posted_after_its_own_quarters(quarters):
    """The item belongs in the year, and is posted after it: the year's frozen statement says so."""
    pay(quarters, "2020-03-31", "70.00")
    close(quarters, "2019-04-01", "2020-07-03", kind=YEAR)
    told = json.loads(get_frozen(quarters.context, quarters.contract_id, SPV, 3).document)
    assert told["lines"] == []
    (later,) = told["posted_later"]
    assert later["late"] == {"level": "hard", "belongs_on": "2020-03-31"}
    assert later["effective_date"] == "2020-07-02"
    assert verify(quarters.context, quarters.contract_id).intact


def test_a_dry_close_freezes_nothing(quarters):
    before = quarters.state()
    close(quarters, "2020-04-01", "2020-07-02", dry_run=True)
    assert quarters.state() == before


def test_corrections_obey_the_closes(quarters):
    """Approved on 3 April; a reversal dated in the soft-closed quarter, one in the hard-closed."""
    desk = Correcting(quarters.context, quarters.contract_id, SPV, COUNCIL)
    made = desk.propose(1, 1, "100.00", proposed_on=day("2020-06-30"))
    name = made.correction.correction_id
    refused("period-soft-closed", desk.approve, name, decided_on=day("2020-06-30"))
    desk.approve(name, decided_on=day("2020-07-01"))
    assert entries(quarters)[-1] == ("reversal", "2020-07-01", ("hard", "2020-03-31"))
    close(quarters, "2020-04-01", "2020-07-02")
    made = desk.propose(1, 1, "50.00", proposed_on=day("2020-06-30"))
    desk.approve(made.correction.correction_id, decided_on=day("2020-06-30"))
    assert entries(quarters)[-1] == ("reversal", "2020-07-02", ("hard", "2020-06-30"))
    found = statement(quarters.context, quarters.contract_id, SPV, quarter("2020 Q3"))
    assert [str(line.amount) for line in found.prior_period_lines] == ["100.00", "50.00"]
    assert verify(quarters.context, quarters.contract_id).intact
