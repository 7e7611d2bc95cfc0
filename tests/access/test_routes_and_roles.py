"""Every route is called as every role: allowed or refused exactly as the policy table says."""

from pathlib import Path

import pytest

from app.api.application import build_operations, roles_text
from app.api.permit import Operations
from app.api.policy import RULES, SEES_PEOPLE, Door
from app.domain.access import AccessRole
from app.service.listings.registry import LISTINGS
from tests.factories import COUNCIL, FUND, PROVIDER, SPV
from tests.issuing import NOW

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
PARTY = {
    "provider": PROVIDER,
    "verifier": COUNCIL,
    "approver": COUNCIL,
    "commissioner_finance": COUNCIL,
    "investor_finance": SPV,
    "fund": FUND,
    "auditor": COUNCIL,
}
REFUSALS = {"role-not-permitted", "operator-only", "access-not-granted"}
PLACES = {
    "sha256": "0" * 64,
    "version": "1",
    "claim_number": "1",
    "fund_claim_number": "1",
    "import_number": "1",
    "position": "1",
    "entry_number": "1",
    "line_number": "1",
    "posting_number": "1",
    "statement_number": "1",
    "number": "1",
    "kind": "quarter",
    "start": "2024-01-01",
    "day": "2024-01-01",
    "form": "csv",
    "quarter": "2024-q1",
}
PEOPLE_ONLY = {
    "listParticipants", "getParticipant", "getSubjectAccess", "listEvidence", "getEvidence",
    "downloadEvidenceFile", "listSubmissions", "getSubmission",
    "listEntitlements", "getEntitlement", "explainEntitlement", "listDue", "exportContract",
}  # fmt: skip


@pytest.fixture(scope="module")
def callers(reception, moved):
    """One key for each role, on one contract, for the party that would have it."""
    from tests.access.conftest import Desk

    moved.now = max(moved.now, NOW)
    desk, found = Desk(reception), {}
    for role in AccessRole:
        principal_id = desk.register()
        if role is AccessRole.OPERATOR:
            desk.grant(principal_id, role)
        else:
            desk.grant(principal_id, role, CONTRACT, PARTY[role.value])
        found[role] = desk.key(principal_id, f"{role.value}:write")[1]
    return found


CONTRACT = "every-route-every-role"


def address(path: str) -> str:
    """The path with something in every place."""
    places = {"contract_id": CONTRACT, **PLACES}
    parts = [part.split("{") for part in path.split("}")]
    return "".join(
        first + (places.get(name[0], "some-1") if name else "") for first, *name in parts
    )


def call(http, method, path, headers):
    """The status and the code of the answer."""
    sent = {"Idempotency-Key": "walk", "Sec-Fetch-Site": "none", **headers}
    answer = http.request(method, address(path), headers=sent)
    is_problem = answer.headers.get("content-type", "").startswith("application/problem")
    return answer.status_code, answer.json()["code"] if is_problem else ""


def test_every_route_as_every_role(http, callers, capsys):
    routes = build_operations()
    calls, refusals, unexpected = 0, 0, []
    for method, path, operation in routes:
        rule = RULES[operation]
        for role, headers in {None: {}, **callers}.items():
            status, code = call(http, method, path, headers)
            calls += 1
            allowed = rule.door is Door.ANYBODY or (
                role is not None and (rule.door is Door.SIGNED_IN or role in rule.roles)
            )
            # A key that signs out is told that it has no session; that is no refusal of its role.
            refused = code in REFUSALS or (role is None and code == "not-signed-in")
            refusals += refused
            if refused is allowed or (status >= 500 and code != "signing-key-missing"):
                unexpected.append((operation, str(role), status, code))
    with capsys.disabled():
        print(  # noqa: T201 - the figures that a reader of the build wants
            f"\n{len(routes)} routes x {len(callers)} roles and nobody: {calls} calls, "
            f"{refusals} refused, {len(unexpected)} unexpected"
        )
    assert unexpected == []


def test_every_list_as_a_file_is_given_to_whom_the_list_is(http, callers):
    unexpected, refusals = [], 0
    for name, listing in LISTINGS.items():
        place = f"/v1/contracts/{CONTRACT}/exports" if listing.of_contract else "/v1/exports"
        rules = [RULES[operation] for operation in listing.pages]
        for role, headers in callers.items():
            answer = http.get(f"{place}/{name}.csv", headers=headers)
            is_file = answer.headers["content-type"].startswith("text/csv")
            code = "" if is_file else answer.json()["code"]
            allowed = all(rule.door is Door.SIGNED_IN or role in rule.roles for rule in rules)
            refusals += code in REFUSALS
            if (code in REFUSALS) is allowed or answer.status_code >= 500:
                unexpected.append((name, str(role), answer.status_code, code))
    assert unexpected == []
    assert refusals > len(LISTINGS)


def test_files_of_few():
    operations = Operations(build_operations())
    people = {"provider", "verifier", "approver", "auditor"}
    for name, roles in {
        "access-log": {"auditor"},
        "seen-by": {"auditor"},
        "actions": {"auditor"},
        "principals": {"operator"},
        "grants": {"operator"},
        "api-keys": {"operator"},
        "service-heads": {"operator", "auditor"},
        "participants": people,
        "privacy": people,
        "privacy-gaps": people,
        "erasures": people,
        "erased-items": people,
    }.items():
        place = f"/v1/contracts/{CONTRACT}/exports" if LISTINGS[name].of_contract else "/v1/exports"
        asked = operations.asked("GET", f"{place}/{name}.xlsx")
        assert {role.value for role in asked.rule.roles} == roles
        assert asked.rule.export


def test_a_route_without_a_rule_is_not_served():
    routes = [*build_operations(), ("GET", "/v1/new", "newThing")]
    with pytest.raises(RuntimeError, match="newThing"):
        Operations(routes)


def test_a_rule_without_a_route_is_noticed():
    with pytest.raises(RuntimeError, match="getHealth"):
        Operations([one for one in build_operations() if one[2] != "getHealth"])


def test_investor_fund_and_operator_are_let_in_to_no_participant():
    for operation in PEOPLE_ONLY:
        assert RULES[operation].personal
        assert RULES[operation].roles <= SEES_PEOPLE


def test_operators_have_no_money_no_evidence_and_no_contract():
    for method, path, operation in build_operations():
        if AccessRole.OPERATOR in RULES[operation].roles:
            assert path.startswith("/v1/access/"), (method, path)
            if method != "GET" or not path.startswith("/v1/access/heads"):
                assert RULES[operation].roles == {AccessRole.OPERATOR}


def test_auditors_only_read():
    for method, path, operation in build_operations():
        if AccessRole.AUDITOR in RULES[operation].roles:
            assert method == "GET", path


def test_the_page_of_roles_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == roles_text(), "run `make roles`"
