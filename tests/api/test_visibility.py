"""What each party is answered at every address: an investor meets no participant anywhere.

Who asks has real keys, as an investor's and as the fund's finance officer. The addresses are those
of the interface's own description, so a new one is walked from its first day. The contract is the
golden one, with rows in every table.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from uuid_utils import uuid7

from app.api.edge import Edge
from app.domain.parties import Actor
from app.domain.period import Period
from app.service.context import Context
from app.service.heads import sign_head
from app.service.invoices import invoices_of_claim
from app.service.listings.registry import LISTINGS
from app.storage import signing_keys
from tests.access.conftest import Desk
from tests.api.bodies import body_of
from tests.api.walking import Caller, Told, addresses
from tests.banking import reconcile_a_little
from tests.closing import close_a_little
from tests.correcting import correct_a_little
from tests.owner import as_owner
from tests.peoples_data import live_a_little
from tests.replay import Clock as ReplayClock
from tests.replay import Replay, ServiceBackend
from tests.service.disputing import LONG, dispute_a_little
from tests.settling import Settling
from tests.unscanned import UNSCANNED

COUNCIL, FUND, SPV, PROVIDER, INVESTOR = "scc", "lcf", "spv", "syha", "bii"
BLIND = (SPV, FUND, INVESTOR)
"""Parties of the golden contract that may see nobody."""


@pytest.fixture(scope="module")
def callers(told, app) -> list[Caller]:
    desk = Desk(app.state.edge.reception)
    found = []
    for party, role in ((INVESTOR, "investor_finance"), (SPV, "investor_finance"), (FUND, "fund")):
        who = desk.register()
        desk.grant(who, role, told.contract_id, party)
        found.append(Caller(who, party, desk.key(who, f"{role}:write")[1]))
    return found


@pytest.fixture(scope="module")
def told(http, app, engine, tmp_path_factory) -> Iterator[Told]:
    contract_id, clock = str(uuid7()), ReplayClock()
    folder = tmp_path_factory.mktemp("walked")
    key_file = folder / "signing-keys.json"
    signing_keys.create(key_file, datetime(2023, 1, 1, tzinfo=UTC))
    edge: Edge = app.state.edge
    # The service's own files, so that it can open the notes.
    context = Context(
        engine, clock, lambda: str(uuid7()), edge.context.files, key_file, uploads=UNSCANNED
    )
    replay = Replay(ServiceBackend(context, clock, contract_id))
    replay.changes = LONG
    replay.run()
    dispute_a_little(context, contract_id, replay.claims["2023-Q2"])
    settling = Settling(context, contract_id, FUND)
    settling.issue([1])
    settling.reclaim(Period(date(2019, 10, 1), date(2023, 12, 31)))
    invoice = invoices_of_claim(context, contract_id, 1)[0]
    settling.pay(invoice.invoice.document_id, COUNCIL, SPV, invoice.open_amount)
    correct_a_little(settling, 1)
    reconcile_a_little(context, contract_id, SPV, COUNCIL)
    live_a_little(context, contract_id, Actor(PROVIDER, "worker-1"), date(2023, 12, 1), "P3")
    close_a_little(context, contract_id, COUNCIL, SPV)
    sign_head(context, contract_id)
    app.state.edge = replace(edge, context=replace(edge.context, signing_key_file=key_file))
    found = Told(http, contract_id, set())
    people = found.get("/participants?limit=200").json()["items"]
    found.pseudonyms = {one["participant_id"] for one in people}
    assert found.pseudonyms
    for one in found.get("/imports").json()["items"]:
        assert context.files.bank.erase(contract_id, one["sha256"])
    person = next(iter(sorted(found.pseudonyms)))
    found.values = _values(found, person)
    for path, name in (
        (f"/evidence?participant_id={person}", "evidence_id"),
        ("/submissions", "submission_id"),
        ("/entitlements", "entitlement_id"),
    ):
        found.personal |= {one[name] for one in found.get(path).json()["items"]}
    yield found
    app.state.edge = edge


def _values(told: Told, person: str) -> dict[str, list[str]]:
    """A value that exists for every part of an address."""

    def first(path: str, name: str) -> list[str]:
        items = told.get(path).json()["items"]
        assert items, path
        return [str(items[0][name])]

    return {
        "version": ["1"],
        "participant_id": [person],
        "evidence_id": first(f"/evidence?participant_id={person}", "evidence_id"),
        "submission_id": first("/submissions", "submission_id"),
        "entitlement_id": first("/entitlements", "entitlement_id"),
        "claim_number": ["1"],
        "line_number": ["1"],
        "issuer": [SPV],
        "number": ["1"],
        "correction_id": first("/corrections", "correction_id"),
        "dispute_id": first("/disputes", "dispute_id"),
        "fund_claim_number": ["1"],
        "payment_id": first("/payments", "payment_id"),
        "import_number": ["1"],
        "match_id": first("/matches", "match_id"),
        "entry_number": ["1"],
        "posting_number": ["1"],
        "book": [SPV],
        "party": [SPV],
        "kind": ["quarter"],
        "start": ["2019-10-01"],
        "statement_number": ["1"],
        "list_name": sorted(
            name for name, one in LISTINGS.items() if one.of_contract and not one.required
        ),
        "form": ["csv"],
        "quarter": ["2021-Q2"],
        "day": first("/heads", "day"),
        "who": ["worker-1"],
        "sha256": ["0" * 64],
        "grant_id": ["no-such-grant"],
        "position": ["1"],
    }


MISSING = {
    "/evidence/{evidence_id}/file": (403, "download-link-invalid"),
    "/evidence/{evidence_id}/download-link": (404, "evidence-file-elsewhere"),
}
"""Addresses of which the golden contract has nothing, and what they answer to anybody."""
ABOUT_PEOPLE = {
    "/erasures",
    "/export",
    "/participants",
    "/participants/{participant_id}/privacy",
    "/participants/{participant_id}/subject-access",
    "/privacy-gaps",
    "/retention",
    "/evidence/{evidence_id}/download-link",
    "/participants/{participant_id}",
    "/evidence",
    "/evidence/{evidence_id}",
    "/evidence/{evidence_id}/file",
    "/due",
    "/access-log",
    "/access-log/participants/{participant_id}",
    "/access-log/people/{who}",
    "/submissions",
    "/submissions/{submission_id}",
    "/entitlements",
    "/entitlements/{entitlement_id}",
    "/explain/entitlements/{entitlement_id}",
    "/explain/claims/{claim_number}/lines/{line_number}",
    "/explain/entries/{entry_number}",
    "/explain/entries/{entry_number}/postings/{posting_number}",
}
BLIND_CODES = {"person-level-not-permitted", "role-not-permitted"}
LISTS_OF_LINES = {"claim-cuts", "claim-shares"}
"""Lists without a column for a participant, of which a row is still about one, or may be."""


def is_about_people(template: str, path: str) -> bool:
    if template.startswith("/exports/"):
        name = path.removeprefix("/exports/").split(".")[0]
        return LISTINGS[name].person_level or name in LISTS_OF_LINES
    return template in ABOUT_PEOPLE


OF_BOOKS = (
    "/imports",
    "/import-lines",
    "/import-faults",
    "/matches",
    "/match-rules",
    "/column-mappings",
)
OF_A_BOOK = {"/imports/{import_number}", "/matches/{match_id}"}
"""Addresses of one bank file or match: unknown to every party but the one whose it is, the SPV."""


def refusals(app, who: str) -> int:
    """How many refusals the access log has of somebody."""
    query = text("SELECT count(*) FROM access.access_log WHERE who = :who AND outcome = 'refused'")
    with as_owner(app.state.edge.context.engine) as connection:
        return connection.execute(query, {"who": who}).scalar_one()


def test_whoever_may_see_nobody_meets_no_participant_at_any_address(told, app, callers):
    """Each attempt on a person-level address is refused and entered in the access log."""
    shown_to_others, refused = 0, dict.fromkeys((one.who for one in callers), 0)
    walked = addresses(told)
    assert len(walked) > 80
    for template, path in walked:
        whole = told.get(path)
        expected = MISSING.get(template)
        status = expected[0] if expected else 200
        assert whole.status_code == status, f"{path}: {whole.text}"
        shown_to_others += bool(told.recognised(whole))
        for caller in callers:
            answer = told.ask("get", path, caller)
            refused[caller.who] += answer.status_code == 403
            assert not told.told_of_persons(answer), (path, caller.party)
            if is_about_people(template, path):
                assert answer.status_code == 403, path
                assert answer.json()["code"] in BLIND_CODES
            else:
                assert not told.recognised(whole) or template in PARTLY, path
                of_another = template in OF_A_BOOK and caller.party != SPV
                assert answer.status_code == (404 if of_another else whole.status_code), path
    assert shown_to_others > 15
    for caller in callers:
        assert refusals(app, caller.who) == refused[caller.who] > 15


def test_whoever_may_see_nobody_is_answered_no_participant_to_any_act(told, app, callers):
    """Every act is tried with values that exist; what is refused by role is entered."""
    described = told.http.get("/openapi.json").json()
    elsewhere = {"kind", "start", "party", "number"}  # words that other bodies mean otherwise
    known = {
        name: int(one[0]) if one[0].isdecimal() else one[0]
        for name, one in told.values.items()
        if name not in elsewhere
    }
    statuses = set()
    for caller in callers:
        refused, before = 0, refusals(app, caller.who)
        for method in ("post", "put", "patch", "delete"):
            for template, path in addresses(told, method):
                under = "/v1/contracts/{contract_id}"
                body = body_of(described, described["paths"][under + template][method], known)
                answer = told.ask(method, path, caller, body)
                statuses.add(answer.status_code)
                refused += answer.status_code == 403
                assert answer.status_code < 500, (path, answer.text)
                assert not told.told_of_persons(answer), (path, caller.party, answer.text)
        assert refusals(app, caller.who) - before == refused > 15
    assert {200, 403} <= statuses


PARTLY = {"/claims", "/claims/{claim_number}", "/claim-preview", "/journal"}
"""Addresses that leave out what is about people, and answer the rest."""


@pytest.mark.parametrize("party", BLIND)
def test_a_claim_is_its_totals(told, party):
    whole, seen = told.get("/claims/1").json(), told.get("/claims/1", party).json()
    assert whole["lines"]
    assert (whole["lines_withheld"], seen["lines_withheld"]) == (False, True)
    assert seen["lines"] == []
    for name in ("gross", "capped", "payable", "by_payer"):
        assert seen["totals"][name] == whole["totals"][name]
    assert [one["payable"] for one in seen["totals"]["by_metric"]] == [
        one["payable"] for one in whole["totals"]["by_metric"]
    ]
    assert {one["count"] for one in seen["totals"]["by_metric"]} == {"<5"}
    assert seen["status"] == whole["status"]
    assert (seen["corrections"], seen["disputes"]) == (None, None)
    assert whole["corrections"]["count"] == len(whole["corrections"]["items"])


def test_the_chain_of_the_journal_is_told_without_its_payloads(told):
    whole, seen = told.get("/journal").json()["items"], told.get("/journal", INVESTOR).json()
    assert [one["hash"] for one in seen["items"]] == [one["hash"] for one in whole]
    assert {one["payload"] for one in seen["items"]} == {None}
    assert None not in {one["payload"] for one in whole}


def test_a_verification_tells_an_investor_how_many_differences_there_are(told):
    """The files of the imports were taken away: differences to be told."""
    whole, seen = (told.get("/verification", party).json() for party in (PROVIDER, INVESTOR))
    assert (whole["differences_withheld"], seen["differences_withheld"]) == (False, True)
    assert sum(one["found"] for one in whole["checks"]) > 0
    assert any(one["differences"] for one in whole["checks"])
    assert not any(one["differences"] for one in seen["checks"])
    # The reading before this one is itself an entry more of the access log.
    seen, whole = (
        [one for one in answer["checks"] if one["name"] != "access_log"] for answer in (seen, whole)
    )
    for name in ("name", "count", "found"):
        assert [one[name] for one in seen] == [one[name] for one in whole]


@pytest.mark.parametrize("party", [COUNCIL, PROVIDER])
def test_who_works_with_the_people_sees_them(told, party):
    assert told.recognised(told.get("/participants", party)) == told.pseudonyms
    assert told.get("/claims/1", party).json() == told.get("/claims/1").json()


def test_what_banks_say_is_told_to_the_party_concerned_and_to_auditors(told, app):
    desk = Desk(app.state.edge.reception)
    auditor = desk.register()
    desk.grant(auditor, "auditor", told.contract_id, COUNCIL)
    reader = Caller(auditor, COUNCIL, desk.key(auditor, "auditor:read")[1])
    for path in (
        "/imports",
        "/import-lines",
        "/import-faults",
        "/matches",
        "/match-rules",
        "/column-mappings",
    ):
        whole = told.get(path).json()["items"]
        assert whole, path
        assert told.get(path, SPV).json()["items"] == whole
        assert told.ask("get", path, reader).json()["items"] == whole
        for party in (COUNCIL, PROVIDER, FUND, INVESTOR):
            assert told.get(path, party).json()["items"] == [], (path, party)
    records = told.get("/journal?limit=200", COUNCIL).json()["items"]
    payloads = {one["kind"]: one["payload"] for one in records}
    assert {payloads[kind] for kind in ("bank_file_imported", "match_accepted")} == {None}
    assert payloads["claim_submitted"] is not None


@pytest.mark.parametrize("party", [COUNCIL, PROVIDER, FUND])
def test_reconciliation_stands_for_every_party_without_the_others_bank_files(told, party):
    whole, seen = told.get("/reconciliation").json(), told.get("/reconciliation", party).json()
    assert whole["imports"]
    assert seen["imports"] == []
    for name in ("lines", "faults"):
        assert seen[name] == whole[name]
    totals = [
        [(tie["name"], tie["left"]["amount"], tie["right"]["amount"]) for tie in one["ties"]]
        for one in (whole, seen)
    ]
    assert totals[0] == totals[1]


def test_a_party_of_no_contract_is_told_that_there_is_none(told):
    for path in ("", "/participants", "/claims/1", "/journal", "/balances"):
        answer = told.get(path, "stranger")
        assert answer.status_code == 404, path
    listed = told.http.get("/v1/contracts?limit=200", headers={"Acting-Party": "stranger"})
    assert listed.json()["items"] == []
    mine = told.http.get("/v1/contracts?limit=200", headers={"Acting-Party": INVESTOR}).json()
    assert told.contract_id in {one["contract_id"] for one in mine["items"]}


def test_an_spv_may_claim_for_people_it_may_not_see(told):
    """It is answered totals, and no line, at once and in the reply that is kept."""
    body = {"period": {"start": "2023-10-01", "end": "2023-12-31"}}
    headers = {"Acting-Party": SPV, "Acting-Person": "director-1", "Idempotency-Key": "blind"}
    path = f"/v1/contracts/{told.contract_id}/claims"
    tried = told.http.post(f"{path}?dry_run=true", json=body, headers=headers)
    assert not told.recognised(tried)
    assert tried.status_code in {200, 409}
