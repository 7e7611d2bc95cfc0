"""The published payments of Promoting Independence, imported as bank lines: none is lost."""

import importlib.util
import sys

import pytest
import yaml

from app.domain.bank import Classification, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.parties import Actor
from app.domain.reconciliation import LineState
from app.domain.terms.document import plain, terms_hash
from app.service import contracts, imports, match_decisions, matching
from app.service.command import Command
from app.service.ledger import balances
from app.service.reconciliation import reconciliation
from app.service.verify import verify
from app.storage.import_lines import Wanted
from app.storage.matches import LineAllocation
from tests.replay import EXAMPLES
from tests.service.world import noon

PLACE = EXAMPLES / "promoting-independence"
SPV, COUNCIL = Actor("spv", "spv-manager-1"), Actor("scc", "finance-officer-1")
LINES = ColumnMapping(date="Date", amount="Amount", references=("Text",), counterparty="From")


def published():
    """What the example's own script makes of the record."""
    path = PLACE / "check_actuals.py"
    spec = importlib.util.spec_from_file_location("check_actuals", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_actuals"] = module
    spec.loader.exec_module(module)
    return module.read()


@pytest.fixture
def contract(context, clock, contract_id):
    """The example's two versions of the terms, agreed."""
    for name, on in (("terms-2019.yaml", "2019-11-20"), ("terms-2022.yaml", "2022-03-14")):
        clock.set(noon(on))
        terms = plain(yaml.safe_load((PLACE / name).read_text(encoding="utf-8")))
        command = Command(contract_id, COUNCIL)
        if "2019" in name:
            contracts.create_contract(context, command, terms)
        else:
            contracts.draft_terms(context, command, terms)
        number = 1 if "2019" in name else 2
        for party in ("scc", "spv", "syha"):
            signing = Command(contract_id, Actor(party, f"{party}-signatory"))
            contracts.accept_terms(context, signing, number, terms_hash(terms))
    clock.set(noon("2024-11-01"))
    return context, contract_id


def take_in(context, contract_id, actor, file, source):
    command = Command(contract_id, actor)
    imports.save_mapping(context, command, "lines", LINES)
    with context.files.bank.receive(contract_id) as incoming:
        incoming.write((PLACE / file).read_bytes())
        return imports.import_file(
            context, command, incoming, kind=SourceKind.CSV, source=source, mapping="lines"
        ).answer


def accept_on_account(context, contract_id, actor, payer):
    """No document is published, so each line is accepted as money on account of its payer."""
    command = Command(contract_id, actor)
    matching.propose_matches(context, command)
    for one in imports.list_lines(
        context, contract_id, Wanted(party=actor.party, state=LineState.OPEN), limit=100
    ):
        assert [step.rule for step in one.reasons] == ["unknown.nothing-open"]
        part = LineAllocation(one.key, f"on-account:{payer}", one.line.amount)
        match = matching.match_by_hand(context, command, lines=[one.key], allocations=[part]).answer
        match_decisions.accept_match(context, command, match.match_id)


def test_what_is_odd_about_the_published_record_is_said():
    record = published()
    assert record.odd == (
        "2019-10 to 2020-06 covers 9 months, not one quarter",
        "2020-07 to 2020-12 covers 6 months, not one quarter",
        "2022-04 to 2022-06 was paid 2 times",
    )
    assert (len(record.actuals), record.total) == (18, 2_376_250_00)
    assert (record.council, record.fund) == (1_782_187_50, 594_062_50)
    assert record.headroom == 368_500_00


def test_every_published_payment_is_imported_split_and_tied(contract):
    context, contract_id = contract
    taken = take_in(context, contract_id, SPV, "bank-spv.csv", "main-account")
    shared = take_in(context, contract_id, COUNCIL, "bank-council-grants.csv", "grants-account")
    assert [(one.line_count, one.duplicate_count, one.fault_count) for one in (taken, shared)] == [
        (18, 0, 0),
        (18, 0, 0),
    ]
    accept_on_account(context, contract_id, SPV, "scc")
    accept_on_account(context, contract_id, COUNCIL, "lcf")
    found = imports.list_lines(context, contract_id, Wanted(), limit=100)
    assert {(one.state, one.classification) for one in found} == {
        (LineState.ACCEPTED, Classification.OVER)
    }
    double = [one for one in found if one.line.references == ("Outcomes 2022-04 to 2022-06",)]
    assert [str(one.line.amount) for one in double] == ["116250.00", "134250.00"]
    record = published()
    by_party = {
        party: [one.line.amount.minor for one in found if one.party == party]
        for party in ("spv", "scc")
    }
    assert by_party["spv"] == [one.pence for one in record.actuals]
    assert by_party["scc"] == [one.pence // 4 for one in record.actuals]
    held = {account.name: str(one.net) for account, one in balances(context, contract_id).accounts}
    assert held["spv/cash"] == "2376250.00"
    assert held["scc/cash"] == "-1782187.50"
    assert held["lcf/cash"] == "-594062.50"
    terms = contracts.get_contract(context, contract_id).versions[-1].terms
    assert terms.caps.contract == "2744750.00"
    page = reconciliation(context, contract_id)
    assert all(tie.holds for tie in page.ties)
    assert verify(context, contract_id).intact
