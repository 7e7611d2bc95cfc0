"""Every endpoint refuses what it cannot take: stable code, place, status, and nothing recorded."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests import factories
from tests.api.client import Story, acting, evidence_item, participant
from tests.factories import COUNCIL, PROVIDER, SPV

EVENTS = "/participants/PI-0001/events"
ABSENT = "0192f0c1-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Bad:
    """A request that must be refused, and how."""

    path: str
    body: Any
    status: int
    code: str
    """Of the first fault."""
    pointer: str
    party: str = PROVIDER
    person: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path} {self.code} {self.pointer}"


def referral(**changes: Any) -> dict[str, Any]:
    return participant("PI-0002") | changes


def happened(**changes: Any) -> dict[str, Any]:
    return {"events": [{"kind": "tenancy_ended", "on": "2021-03-01"} | changes]}


def item(**changes: Any) -> dict[str, Any]:
    return {"items": [evidence_item("PI-0001") | changes]}


def submission(**changes: Any) -> dict[str, Any]:
    body = {"participant_id": "PI-0001", "metric": "MOVE", "evidence_ids": []}
    return body | changes


def claim(start: Any = "2021-01-01", end: Any = "2021-03-31", **changes: Any) -> dict[str, Any]:
    return {"period": {"start": start, "end": end}} | changes


def version(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"effective_from": "2022-04-01", "variation": {"reason": "A test"}}


TERMS = version(factories.document())
PRICE = "/rate_card/0/prices/MOVE"

PARTICIPANTS = (
    Bad("/participants", [], 422, "not-an-object", ""),
    Bad("/participants", {}, 422, "missing-field", "/participant_id"),
    Bad("/participants", referral(name="x"), 422, "unknown-field", "/name"),
    Bad("/participants", referral(participant_id=7), 422, "not-text", "/participant_id"),
    Bad("/participants", referral(participant_id="a b"), 422, "wrong-form", "/participant_id"),
    Bad(
        "/participants",
        referral(participant_id="JOHN-SMITH"),
        422,
        "looks-like-name",
        "/participant_id",
    ),
    Bad(
        "/participants",
        referral(participant_id="943-476-5919"),
        422,
        "looks-like-nhs-number",
        "/participant_id",
    ),
    Bad("/participants", referral(referred_on="2021-02-29"), 422, "not-a-date", "/referred_on"),
    Bad("/participants", referral(referred_on=1577836800), 422, "not-a-date", "/referred_on"),
    Bad(
        "/participants",
        referral(referred_on="2021-02-01T00:00:00"),
        422,
        "not-a-date",
        "/referred_on",
    ),
    Bad("/participants", referral(referred_on="1021-02-01"), 422, "out-of-range", "/referred_on"),
    Bad("/participants", referral(referred_on="2023-11-02"), 409, "date-in-future", "/referred_on"),
    Bad(
        "/participants",
        referral(funded_by_commissioner="yes"),
        422,
        "not-true-or-false",
        "/funded_by_commissioner",
    ),
    Bad(
        "/participants",
        referral(age_at_referral=40.5),
        422,
        "not-a-whole-number",
        "/age_at_referral",
    ),
    Bad("/participants", referral(age_at_referral="40"), 422, "not-a-whole-number",
        "/age_at_referral"),
    Bad("/participants", referral(age_at_referral=121), 422, "out-of-range", "/age_at_referral"),
    Bad("/participants", referral(setting="home"), 409, "setting-not-eligible", "/setting"),
    Bad("/participants", participant("PI-0001"), 409, "participant-exists", "/participant_id"),
    Bad("/participants", referral(), 403, "party-not-permitted", "", party=COUNCIL),
)  # fmt: skip

JOURNEYS = (
    Bad(EVENTS, {"events": []}, 422, "wrong-length", "/events"),
    Bad(EVENTS, {"events": {}}, 422, "not-a-list", "/events"),
    Bad(EVENTS, happened(kind="flew_away"), 422, "not-one-of", "/events/0/kind"),
    Bad(EVENTS, happened(on="2021-13-01"), 422, "not-a-date", "/events/0/on"),
    Bad(EVENTS, happened(reason="DROP TABLE"), 422, "wrong-form", "/events/0/reason"),
    Bad(EVENTS, happened(note="a\x00b"), 422, "control-character", "/events/0/note"),
    Bad(EVENTS, happened(note="x" * 2001), 422, "wrong-length", "/events/0/note"),
    Bad(EVENTS, happened(note="mail j@example.org"), 422, "looks-like-email", "/events/0/note"),
    Bad(
        EVENTS,
        happened(kind="engaged", on="2020-09-30"),
        409,
        "before-referral",
        "/events/0/on",
    ),
    Bad(
        EVENTS,
        {"events": [{"kind": "died", "on": "2021-03-01"},
                    {"kind": "contact_lost", "on": "2021-03-02"}]},
        409,
        "after-death",
        "/events/1/on",
    ),
    Bad(
        EVENTS,
        happened(reason="evicted", on="2023-11-02"),
        409,
        "in-the-future",
        "/events/0/on",
    ),
    Bad(
        EVENTS,
        happened(reason="evicted", supersedes=ABSENT),
        409,
        "supersedes-unknown",
        "/events/0/supersedes",
    ),
    Bad(EVENTS, happened(reason="evicted"), 403, "party-not-permitted", "", party=SPV),
    Bad(
        EVENTS,
        happened(reason="evicted"),
        412,
        "stale-version",
        "",
        headers={"If-Match": '"1"'},
    ),
    Bad(
        "/participants/PI-9999/events",
        happened(reason="evicted"),
        404,
        "participant-unknown",
        "",
    ),
)  # fmt: skip

EVIDENCE = (
    Bad("/evidence", {"items": []}, 422, "wrong-length", "/items"),
    Bad("/evidence", item(sha256="XYZ"), 422, "wrong-form", "/items/0/sha256"),
    Bad("/evidence", item(held_by="cloud"), 422, "not-one-of", "/items/0/held_by"),
    Bad("/evidence", item(supports=[]), 422, "wrong-length", "/items/0/supports"),
    Bad("/evidence", item(supports=["S99"]), 422, "metric-unknown", "/items/0/supports/0"),
    Bad("/evidence", item(dated_on="2023-11-02"), 422, "date-in-future", "/items/0/dated_on"),
    Bad("/evidence", item(covers_to="2021-01-14"), 422, "dates-out-of-order",
        "/items/0/covers_to"),
    Bad("/evidence", item(held_by="service"), 409, "evidence-file-missing", "/items/0/sha256"),
    Bad("/evidence", item(participant_id="PI-9999"), 404, "participant-unknown", ""),
    Bad("/evidence", item(), 403, "party-not-permitted", "", party=COUNCIL),
)  # fmt: skip

OUTCOMES = (
    Bad("/submissions", submission(metric="move"), 422, "wrong-form", "/metric"),
    Bad("/submissions", submission(metric="S99"), 422, "metric-unknown", "/metric"),
    Bad("/submissions", submission(metric="S24", submitted_on="2023-01-14"), 409,
        "milestone-not-achieved", "/metric"),
    Bad("/submissions", submission(metric="S24", submitted_on="2023-07-16"), 409,
        "after-longstop", ""),
    Bad("/submissions", submission(submitted_on="2023-11-02"), 409, "date-in-future",
        "/submitted_on"),
    Bad("/submissions", submission(evidence_ids="x"), 422, "not-a-list", "/evidence_ids"),
    Bad("/submissions", submission(evidence_ids=[ABSENT], submitted_on="2021-02-01"), 422,
        "evidence-unknown", "/evidence_ids/0"),
    Bad("/submissions", submission(participant_id="PI-9999"), 404, "participant-unknown", ""),
    Bad("/submissions", submission(), 403, "party-not-permitted", "", party=COUNCIL),
    Bad(f"/submissions/{ABSENT}/waiver", {}, 404, "submission-unknown", "", party=COUNCIL),
    Bad(f"/submissions/{ABSENT}/decision", {"decision": "verified"}, 428, "if-match-missing", "",
        party=COUNCIL),
    Bad(f"/submissions/{ABSENT}/decision", {"decision": "verified"}, 404, "submission-unknown", "",
        party=COUNCIL, headers={"If-Match": '"1"'}),
    Bad(f"/submissions/{ABSENT}/decision", {"decision": "maybe"}, 422, "not-one-of", "/decision",
        party=COUNCIL, headers={"If-Match": '"1"'}),
    Bad(f"/submissions/{ABSENT}/decision", {"decision": "rejected"}, 422, "reason-mismatch",
        "/reason_code", party=COUNCIL, headers={"If-Match": '"1"'}),
    Bad(f"/submissions/{ABSENT}/decision", {"decision": "verified"}, 422, "wrong-form",
        "/If-Match", party=COUNCIL, headers={"If-Match": 'W/"1"'}),
    Bad(f"/entitlements/{ABSENT}/clawback", {"ground": "lost_interest"}, 422, "not-one-of",
        "/ground", party=COUNCIL),
    Bad(f"/entitlements/{ABSENT}/clawback", {"ground": "duplicate"}, 404, "entitlement-unknown", "",
        party=COUNCIL),
)  # fmt: skip

MONEY = (
    Bad("/claims", {}, 422, "missing-field", "/period", party=SPV),
    Bad("/claims", claim(end="2020-12-31"), 422, "dates-out-of-order", "/period/end", party=SPV),
    Bad("/claims", claim(start=20210101), 422, "not-a-date", "/period/start", party=SPV),
    Bad("/claims", claim(end="2023-12-31"), 409, "period-not-over", "/period/end", party=SPV),
    Bad("/claims", claim(), 409, "nothing-to-claim", "", party=SPV),
    Bad("/claims", claim(), 403, "party-not-permitted", "", party=COUNCIL),
    Bad("/claims/1/approval", {}, 428, "if-match-missing", "", party=COUNCIL),
    Bad("/claims/1/approval", {}, 404, "claim-unknown", "", party=COUNCIL,
        headers={"If-Match": '"1"'}),
    Bad("/claims/0/approval", {}, 422, "out-of-range", "/claim_number", party=COUNCIL,
        headers={"If-Match": '"1"'}),
    Bad("/claims/x/approval", {}, 422, "not-a-whole-number", "/claim_number", party=COUNCIL,
        headers={"If-Match": '"1"'}),
    Bad("/claims/1/return", {}, 422, "missing-field", "/reason_code", party=COUNCIL,
        headers={"If-Match": '"1"'}),
    Bad("/payments", {"claim_number": 1, "payer": COUNCIL}, 422, "missing-field", "/payee",
        party=COUNCIL),
    Bad("/payments", {"claim_number": 1, "payer": COUNCIL, "payee": SPV, "amount": "1.005"}, 422,
        "unknown-field", "/amount", party=COUNCIL),
    Bad("/payments", {"claim_number": 1, "payer": COUNCIL, "payee": SPV}, 404, "claim-unknown", "",
        party=COUNCIL),
    Bad("/payments", {"claim_number": 1, "payer": COUNCIL, "payee": SPV,
        "reference": "RENT FOR JOHN SMITH 7"}, 422, "not-a-reference", "/reference",
        party=COUNCIL),
    Bad("/payments", {"claim_number": 1, "payer": COUNCIL, "payee": SPV, "reference": "7" * 36},
        422, "wrong-length", "/reference", party=COUNCIL),
    Bad("/payments", {"claim_number": True, "payer": COUNCIL, "payee": SPV}, 422,
        "not-a-whole-number", "/claim_number", party=COUNCIL),
)  # fmt: skip

CONTRACTS = (
    Bad("/terms", TERMS | {"surprise": 1}, 422, "unknown-field", "/surprise", party=COUNCIL),
    Bad("/terms", TERMS | {"rate_card": [{"code": "v1", "from_date": "2019-11-28", "prices":
        {"MOVE": "6500.005", "S06": "1", "S12": "1", "S24": "1"}}]}, 422, "too-many-decimals",
        PRICE, party=COUNCIL),
    Bad("/terms", TERMS | {"rate_card": [{"code": "v1", "from_date": "2019-11-28", "prices":
        {"MOVE": 6500.5, "S06": "1", "S12": "1", "S24": "1"}}]}, 422, "fractional-number",
        PRICE, party=COUNCIL),
    Bad("/terms", factories.document(), 422, "variation-missing", "/variation", party=COUNCIL),
    Bad("/terms", TERMS, 403, "party-not-permitted", "", party=factories.FUND),
    Bad("/terms/1/acceptances", {"hash": "0"}, 422, "wrong-form", "/hash", party=COUNCIL),
    Bad("/terms/1/acceptances", {"hash": "0" * 64}, 409, "terms-hash-mismatch", "/hash",
        party=COUNCIL),
    Bad("/terms/9/acceptances", {"hash": "0" * 64}, 404, "terms-version-unknown", "",
        party=COUNCIL),
    Bad("/terms/1/acceptances", {"hash": "0" * 64}, 403, "party-not-signatory", "",
        party=factories.FUND),
)  # fmt: skip


@pytest.mark.parametrize(
    "bad", [*PARTICIPANTS, *JOURNEYS, *EVIDENCE, *OUTCOMES, *MONEY, *CONTRACTS], ids=str
)
def test_bad_input_is_refused_and_nothing_is_recorded(api, stored, bad):
    Story(api.agreed()).moved()
    before = stored()
    answer = api.post(bad.path, bad.body, party=bad.party, person=bad.person, headers=bad.headers)
    problem = answer.json()
    assert (answer.status_code, problem["faults"][0]["code"]) == (bad.status, bad.code), problem
    assert problem["faults"][0]["pointer"] == bad.pointer
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == bad.status
    assert problem["instance"] == f"urn:uuid:{answer.headers['request-id']}"
    assert stored() == before


def test_evidence_of_another_contract_or_person_is_refused(api, http, stored, contract_id):
    story = Story(api.agreed()).moved()
    other = Story(type(api)(http, contract_id + "-other").agreed()).moved()
    foreign = other.evidence()
    before = stored()
    answer = api.post("/submissions", story.submission(foreign))
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "evidence-unknown")
    assert api.get(f"/evidence/{foreign}").status_code == 404
    assert stored() == before


def test_decisions_are_not_the_submitters_and_need_the_present_version(api, stored):
    story = Story(api.agreed()).moved()
    submission = story.submitted()
    before = stored()
    stale = story.decide(submission, headers={"If-Match": '"3"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    own = story.decide(submission, person="worker-1")
    assert (own.status_code, own.json()["code"]) == (403, "verifier-is-submitter")
    early = story.decide(submission, body={"decided_on": "2021-01-31"})
    assert (early.status_code, early.json()["code"]) == (409, "date-before-submission")
    assert stored() == before
    assert story.decide(submission).status_code == 200
    again = story.decide(submission)
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")


def test_claims_are_approved_by_somebody_else_on_the_present_version(api, stored):
    story = Story(api.agreed()).moved()
    claim = story.claimed()
    before = stored()
    verifier = story.approve(claim, person="council-1")
    assert (verifier.status_code, verifier.json()["code"]) == (403, "approver-is-verifier")
    stale = story.approve(claim, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    early = story.approve(claim, body={"decided_on": "2021-04-09"})
    assert (early.status_code, early.json()["faults"][0]["code"]) == (422, "date-before-submission")
    unpaid = api.post(
        "/payments", {"claim_number": 1, "payer": COUNCIL, "payee": SPV}, party=COUNCIL
    )
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "claim-not-approved")
    assert stored() == before
    assert story.approve(claim).status_code == 200
    paid = api.post("/payments", {"claim_number": 1, "payer": SPV, "payee": COUNCIL}, party=SPV)
    assert (paid.status_code, paid.json()["code"]) == (409, "nothing-due")


def test_faults_of_a_new_contract_point_into_its_terms(api, stored):
    answer = api.create(title=7, metrics=[])
    faults = {(one["code"], one["pointer"]) for one in answer.json()["faults"]}
    assert faults == {("not-text", "/terms/title"), ("wrong-length", "/terms/metrics")}
    assert stored()["head"] is None


@pytest.mark.parametrize("contract_id", ["ab", "UPPER", "-a-b", "a_b", "a" * 65, "a.b", "é-é"])
def test_contract_ids_are_short_lower_case_slugs(api, contract_id):
    body = {"contract_id": contract_id, "terms": factories.document()}
    answer = api.post("/v1/contracts", body, party=COUNCIL)
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "wrong-form")
    assert api.http.get(f"/v1/contracts/{contract_id}").status_code == 422


def test_a_contract_id_is_taken_once(api):
    assert api.create().status_code == 201
    again = api.create()
    assert (again.status_code, again.json()["code"]) == (409, "contract-exists")


def test_headers_of_the_actor_are_checked(api):
    headers = acting(COUNCIL)
    body = {"contract_id": api.contract_id, "terms": factories.document()}
    for name, value, code in (
        ("Acting-Party", None, "missing-field"),
        ("Acting-Party", "The Council", "wrong-form"),
        ("Acting-Person", None, "missing-field"),
        ("Acting-Person", "j@example.org", "wrong-form"),
    ):
        sent = headers | ({name: value} if value else {})
        if value is None:
            del sent[name]
        answer = api.http.post("/v1/contracts", json=body, headers=sent)
        fault = answer.json()["faults"][0]
        assert answer.status_code == 422
        assert (fault["code"], fault["in"], fault["pointer"]) == (code, "header", f"/{name}")
