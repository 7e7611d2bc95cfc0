"""The golden contract reconciled: how every line of every file ends, and that all ties hold."""

from itertools import permutations

import pytest

from app.domain.bank import Classification, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.money import Money
from app.domain.payment import PaymentAllocation
from app.domain.reconciliation import IgnoreReason, LineKey, LineState, MatchState
from app.service import line_decisions, match_decisions, matching
from app.service.fault_decisions import list_faults
from app.service.imports import get_import, list_imports, save_mapping
from app.service.invoices import list_invoices
from app.service.ledger import balances
from app.service.payments import list_payments, record_payment
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from tests.owner import as_owner
from tests.service.reconciling import COUNCIL, EXTRACT, FILES, SPV, Reconciling, content
from tests.service.world import stored_state

ORDER = ("spv-1", "spv-2", "payable", "grants")

ENDS = {
    "1/1": ("2020-11-10", "GBP 6,500.00", "in", "matched"),
    "1/2": ("2021-05-10", "GBP 10,000.00", "in", "part"),
    "2/1": ("2021-05-10", "GBP 10,000.00", "in", "duplicate"),
    "2/2": ("2021-06-08", "GBP 6,500.00", "in", "matched"),
    "2/3": ("2022-02-09", "GBP 18,000.00", "in", "matched"),
    "2/4": ("2022-08-10", "GBP 1,275.50", "in", "matched"),
    "2/5": ("2022-11-09", "GBP 10,201.50", "in", "matched"),
    "2/6": ("2023-02-14", "GBP 120.00", "in", "ignored"),
    "2/7": ("2023-05-10", "GBP 8,500.00", "in", "over"),
    "2/8": ("2023-05-24", "GBP 252.00", "out", "matched"),
    "2/9": ("2023-08-09", "EUR 10,310.00", "in", "unknown"),
    "2/10": ("2023-08-16", "GBP 10,310.00", "in", "matched"),
    "2/11": ("2023-11-03", "GBP 11,500.00", "in", "matched"),
    "2/12": ("2024-01-25", "GBP 8,248.00", "out", "matched"),
    "3/1": ("2020-11-09", "GBP 6,500.00", "out", "matched"),
    "3/2": ("2021-05-07", "GBP 10,000.00", "out", "part"),
    "3/3": ("2021-06-07", "GBP 6,500.00", "out", "matched"),
    "3/4": ("2022-02-08", "GBP 18,000.00", "out", "matched"),
    "3/5": ("2022-08-09", "GBP 1,275.50", "out", "matched"),
    "3/6": ("2022-11-08", "GBP 10,201.50", "out", "matched"),
    "3/7": ("2023-03-16", "GBP 450.00", "out", "ignored"),
    "3/8": ("2023-05-09", "GBP 8,500.00", "out", "over"),
    "3/9": ("2023-05-25", "GBP 252.00", "in", "matched"),
    "3/10": ("2023-08-15", "GBP 10,310.00", "out", "matched"),
    "3/11": ("2023-11-02", "GBP 11,500.00", "out", "matched"),
    "3/12": ("2024-01-26", "GBP 8,248.00", "in", "matched"),
    "4/1": ("2023-02-01", "GBP 13,119.24", "in", "matched"),
    "4/2": ("2024-03-01", "GBP 4,639.50", "in", "matched"),
}
TIES = {
    "entitlements": "85062.00",
    "invoiced": "74287.00",
    "posted": "74287.00",
    "paid": "109045.74",
    "fund": "17758.74",
    "mirrors": "0.00",
}


@pytest.fixture
def bank(context, clock, contract_id, golden) -> Reconciling:
    """The golden contract, invoiced and asked of the fund; no file is in yet."""
    return Reconciling(context, clock, contract_id).golden(golden)


@pytest.fixture
def agreed(context, clock, contract_id, golden) -> Reconciling:
    """The same contract before anything is owed, for what files say by themselves."""
    return Reconciling(context, clock, contract_id).agreed(golden)


def worked_through(bank: Reconciling, order=ORDER) -> Reconciling:
    """Every file imported, every proposal accepted, two lines left out."""
    for name in order:
        bank.take_in(name)
        bank.accept_all(FILES[name][0])
    strangers = {one.line.references[0]: one for one in bank.lines(state=LineState.OPEN)}
    for reference, actor in (("DEP/88-104", SPV), ("ROOM HIRE 4471", COUNCIL)):
        line_decisions.ignore_line(
            bank.context,
            bank.by(actor),
            strangers[reference].key,
            reason=IgnoreReason.NOT_OF_CONTRACT,
        )
    return bank


def ends(bank: Reconciling) -> dict[str, tuple[str, str, str, str]]:
    return {
        str(one.key): (
            one.line.booked_on.isoformat(),
            one.line.amount.readable(),
            one.line.direction.value,
            one.classification.value,
        )
        for one in bank.lines()
    }


def test_how_every_line_of_every_file_ends_and_that_everything_ties(bank):
    worked_through(bank)
    assert ends(bank) == ENDS
    page = reconciliation(bank.context, bank.contract_id)
    assert {tie.name: str(tie.left_amount) for tie in page.ties} == TIES
    assert all(tie.holds and not tie.unexplained for tie in page.ties)
    assert sum(one.count for one in page.lines) == len(ENDS)
    assert {
        str(stored.open_amount) for stored in list_invoices(bank.context, bank.contract_id)
    } == {"0.00"}
    held = dict(balances(bank.context, bank.contract_id).accounts)
    nets = {account.name: str(one.net) for account, one in held.items()}
    assert nets["spv/cash"] == "74287.00"
    assert nets["scc/cash"] == "-56528.26"
    assert nets["lcf/cash"] == "-17758.74"
    report = verify(bank.context, bank.contract_id)
    assert report.intact, [check.differences for check in report.checks]


def test_a_claim_not_invoiced_yet_is_a_difference_and_no_fault(context, contract_id, golden):
    golden.run()
    made = {tie.name: tie for tie in reconciliation(context, contract_id).ties}
    assert [name for name, tie in made.items() if not tie.holds] == ["invoiced"]
    assert str(made["invoiced"].difference) == "74287.00"
    assert len(made["invoiced"].causes) == 10
    assert made["invoiced"].causes[0].refs == ("claim:1",)
    assert str(made["fund"].left.parts[1].total) == "17758.74"
    assert verify(context, contract_id).intact


def test_before_any_file_the_page_waits_and_nothing_is_broken(bank):
    made = {tie.name: tie for tie in reconciliation(bank.context, bank.contract_id).ties}
    assert [tie.name for tie in made.values() if not tie.holds] == []
    assert str(made["paid"].left_amount) == "0.00"


def test_a_payment_that_no_file_shows_is_a_difference_with_its_cause(bank):
    bank.take_in("spv-1")
    bank.propose(SPV)
    first = next(one for one in bank.proposed() if one.rule == "exact")
    decided = match_decisions.accept_match(bank.context, bank.by(SPV), first.match_id).answer
    match_decisions.undo_match(bank.context, bank.by(SPV), first.match_id)
    amount = Money.parse("6500.00")
    made = record_payment(
        bank.context,
        bank.by(COUNCIL),
        payer="scc",
        payee="spv",
        amount=amount,
        allocations=[PaymentAllocation("invoice:spv/1", amount)],
    ).answer
    (paid,) = (
        tie for tie in reconciliation(bank.context, bank.contract_id).ties if tie.name == "paid"
    )
    (cause,) = paid.causes
    assert cause.key == f"payment:{made.payment.payment_id}"
    assert "is in cash postings and not in payments matched" in cause.because
    assert str(paid.difference) == "-6500.00"
    assert verify(bank.context, bank.contract_id).intact
    assert len(decided.payments) == 1


@pytest.mark.parametrize("order", list(permutations(("spv-1", "spv-2", "payable")))[1::2])
def test_the_order_of_files_does_not_change_how_a_line_ends(bank, order):
    """Each file may be first; a line is the same in each order, except which copy is the second."""
    for name in order:
        bank.take_in(name)
    bank.accept_all(FILES[order[0]][0])
    bank.accept_all(COUNCIL)
    bank.accept_all(SPV)
    found = {
        (one.party, one.line.identity): one.classification.value
        for one in bank.lines()
        if one.classification is not Classification.DUPLICATE
    }
    by_day = {
        (one.party, one.line.booked_on.isoformat(), one.line.amount.readable()): found[
            one.party, one.line.identity
        ]
        for one in bank.lines()
    }
    in_time = {"1": "spv", "2": "spv", "3": "scc"}
    expected = {
        (in_time[key[0]], day, amount): "unknown" if end == "ignored" else end
        for key, (day, amount, _, end) in ENDS.items()
        if key[0] in in_time and end != "duplicate"
    }
    # The part payment and its rest, matched in one run, are one invoice paid in two parts.
    for place in (
        ("spv", "2021-05-10", "GBP 10,000.00"),
        ("scc", "2021-05-07", "GBP 10,000.00"),
    ):
        expected[place] = "matched"
    assert by_day == expected
    page = reconciliation(bank.context, bank.contract_id)
    assert all(tie.holds for tie in page.ties)


def test_the_same_file_again_changes_nothing(agreed):
    first = agreed.take_in("spv-2")
    with as_owner(agreed.context.engine) as connection:
        before = stored_state(connection, agreed.contract_id)
    assert agreed.take_in("spv-2") == first
    with as_owner(agreed.context.engine) as connection:
        assert stored_state(connection, agreed.contract_id) == before
    assert (first.line_count, first.duplicate_count, first.fault_count) == (12, 0, 0)
    assert str(first.opening) == "7000.00"


def test_a_file_that_was_read_wrongly_is_read_again_with_the_mapping_put_right(agreed):
    rows = b"Day,Amount,Text\n2024-03-28,5.00,SPV-1\n29/03/2024,7.00,SPV-2\n"

    def taken(date_format: str):
        mapping = ColumnMapping(
            date="Day", amount="Amount", references=("Text",), date_format=date_format
        )
        save_mapping(agreed.context, agreed.by(SPV), "bank", mapping)
        done = agreed.import_bytes(SPV, rows, SourceKind.CSV, "other-account", "bank")
        return done.import_number, done.line_count, done.duplicate_count, done.fault_count

    assert taken("YYYY-MM-DD") == (1, 1, 0, 1)
    assert taken("YYYY-MM-DD") == (1, 1, 0, 1)
    assert taken("DD/MM/YYYY") == (2, 1, 0, 1)
    assert taken("YYYY-MM-DD") == (3, 1, 1, 1)
    assert verify(agreed.context, agreed.contract_id).intact


def test_a_file_that_could_be_read_is_not_read_again_with_another_mapping(agreed):
    first = agreed.take_in("payable")
    assert first.fault_count == 0
    save_mapping(agreed.context, agreed.by(COUNCIL), "other", EXTRACT)
    actor, _, kind, source = FILES["payable"]
    assert agreed.import_bytes(actor, content("payable"), kind, source, "other") == first


def test_a_dry_run_keeps_neither_lines_nor_the_file(agreed):
    tried = agreed.take_in("spv-1", dry_run=True)
    assert list_imports(agreed.context, agreed.contract_id) == []
    assert not agreed.context.files.bank.is_intact(agreed.contract_id, tried.sha256)
    assert agreed.take_in("spv-1").line_count == tried.line_count
    assert agreed.context.files.bank.is_intact(agreed.contract_id, tried.sha256)


def test_an_overlapping_file_is_recognised_line_by_line(agreed):
    agreed.take_in("spv-2")
    first = agreed.take_in("spv-1")
    assert (first.line_count, first.duplicate_count) == (2, 1)
    (twice,) = agreed.lines(classification=Classification.DUPLICATE)
    assert (str(twice.key), str(twice.first)) == ("2/2", "1/1")
    assert twice.state is LineState.DUPLICATE


def test_the_same_bytes_as_another_source_are_another_account(agreed):
    agreed.take_in("spv-1")
    again = agreed.import_bytes(SPV, content("spv-1"), SourceKind.CAMT_053, "savings-account")
    assert (again.import_number, again.duplicate_count) == (2, 0)


def test_a_proposal_says_how_its_score_comes_about(bank):
    bank.take_in("spv-1")
    bank.propose(SPV)
    exact, part = sorted(bank.proposed(), key=lambda one: -one.score)
    assert (exact.score, exact.rule, exact.classification.value) == (100, "exact", "matched")
    assert [step.rule for step in exact.working] == [
        "match.reference.exact",
        "match.amount.equal",
        "match.day",
        "match.counterparty",
    ]
    assert (part.rule, part.classification.value) == ("reference", "part")


def test_proposing_again_changes_nothing(bank):
    bank.take_in("spv-2")
    bank.propose(SPV)
    before = bank.proposed()
    again = bank.propose(SPV)
    assert (again.proposed, again.kept, again.superseded) == (0, len(before), 0)
    assert bank.proposed() == before


def test_a_later_file_supersedes_what_was_proposed(bank):
    """The rest of a part payment makes the proposal of the part give way to one of both."""
    bank.take_in("spv-1")
    bank.propose(SPV)
    (part,) = (one for one in bank.proposed() if one.classification is Classification.PART)
    bank.take_in("spv-2")
    bank.propose(SPV)
    assert matching.get_match(bank.context, bank.contract_id, part.match_id).state is (
        MatchState.SUPERSEDED
    )
    (both,) = (one for one in bank.proposed() if one.rule == "split")
    assert [str(key) for key in both.lines] == ["1/2", "2/2"]


def test_a_line_in_another_currency_says_so(bank):
    bank.take_in("spv-2")
    bank.propose(SPV)
    (euros,) = (one for one in bank.lines() if one.line.amount.currency == "EUR")
    assert euros.classification is Classification.UNKNOWN
    assert [step.rule for step in euros.reasons] == ["unknown.currency"]
    stranger = next(one for one in bank.lines() if one.line.references[0] == "DEP/88-104")
    assert [step.rule for step in stranger.reasons] == ["unknown.reference"]


def test_an_import_tells_its_first_faults_only(agreed, monkeypatch):
    monkeypatch.setattr("app.service.imports.FAULTS_SHOWN", 2)
    rows = content("payable").replace(b"/2022,", b"/2022x,")
    stored = agreed.import_bytes(COUNCIL, rows, SourceKind.CSV, "extract", "supplier-payments")
    assert stored.fault_count > 2
    _, faults = get_import(agreed.context, agreed.contract_id, stored.import_number)
    assert len(faults) == 2
    assert len(list_faults(agreed.context, agreed.contract_id)) == stored.fault_count


def test_faults_of_a_file_are_listed_with_their_place(agreed):
    rows = content("payable").replace(b"09/08/2022", b"31/09/2022")
    stored = agreed.import_bytes(COUNCIL, rows, SourceKind.CSV, "extract", "supplier-payments")
    assert (stored.line_count, stored.fault_count) == (11, 1)
    _, faults = get_import(agreed.context, agreed.contract_id, stored.import_number)
    assert [(one.position, one.code) for one in faults] == [(5, "bad-date")]


def test_what_accepting_records(bank):
    worked_through(bank, ("spv-1", "spv-2", "payable"))
    made = list_payments(bank.context, bank.contract_id, limit=100)
    assert len(made) == 11
    over = next(one for one in made if str(one.payment.amount) == "8500.00")
    assert (str(over.returned), str(over.on_account)) == ("252.00", "0.00")
    back = next(one for one in made if str(one.payment.amount) == "8248.00")
    assert (back.payment.payer, back.payment.pays_back) == ("spv", True)
    match = matching.get_match(
        bank.context,
        bank.contract_id,
        next(one.match_id for one in bank.lines() if one.key == LineKey(3, 8)),
    )
    assert [paid.effect.value for paid in match.payments] == ["confirmed"]
