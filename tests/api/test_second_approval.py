"""A claim above its limit over HTTP: the first approval, the second, and what both answer."""

import pytest

from tests.api.client import Story
from tests.factories import COUNCIL, FUND, SPV

FIRST = {"first_approved_by": COUNCIL, "first_approved_by_person": "council-2"}
NONE = dict.fromkeys(("first_approved_on", *FIRST))


@pytest.fixture
def story(api) -> Story:
    """A move of 6,500.00, a penny above the limit."""
    return Story(api.agreed(claims={"second_approval_above": "6499.99"})).moved()


def part(found: dict, *more: str) -> dict:
    return {name: found[name] for name in ("first_approved_on", *FIRST, *more)}


def test_two_persons_approve_at_the_same_address(api, story):
    claim = story.claimed()
    assert claim["second_approval_needed"] is True
    assert claim["second_approval_above"] == {"amount": "6499.99", "currency": "GBP"}
    assert part(claim) == NONE
    first = story.approve(claim)
    wanted = FIRST | {"first_approved_on": "2021-04-20", "status": "first_approved"}
    assert first.status_code == 200
    assert part(first.json(), "status") == wanted
    shown = api.get("/claims/1")
    assert part(shown.json(), "status") == wanted
    assert shown.headers["etag"] == f'"{first.json()["version"]}"' == first.headers["etag"]
    assert shown.json()["decided_on"] is None
    assert api.get("/claims").json()["items"] == [shown.json()]
    assert api.get("/entries").json()["items"] == []
    stale = story.approve(claim, person="council-3")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    same = story.approve(first.json())
    assert (same.status_code, same.json()["code"]) == (403, "second-approver-is-first")
    early = story.approve(first.json(), person="council-3", body={"decided_on": "2021-04-19"})
    assert early.json()["faults"][0]["code"] == "date-before-first-approval"
    second = story.approve(first.json(), person="council-3")
    assert part(second.json(), "status") == wanted | {"status": "approved"}
    found = api.get("/claims/1").json()
    assert (found["decided_by_person"], found["status"]) == ("council-3", "approved")
    assert len(api.get("/entries").json()["items"]) == 1
    assert api.post("/claims/1/invoices", {}, party=SPV).status_code == 201


def test_the_first_approval_is_given_once_under_one_key(api, story):
    claim = story.claimed()
    first = story.approve(claim, key="once")
    again = story.approve(claim, key="once")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    tried = story.approve(first.json(), person="council-3", params={"dry_run": "true"})
    assert tried.json()["status"] == "approved"
    assert api.get("/claims/1").json()["status"] == "first_approved"


def test_a_claim_at_the_limit_takes_one(api):
    story = Story(api.agreed(claims={"second_approval_above": "6500.00"})).moved()
    claim = story.claimed()
    assert claim["second_approval_needed"] is False
    approved = story.approve(claim).json()
    assert part(approved, "status") == NONE | {"status": "approved"}


def test_a_claim_is_exported_with_both_approvals(api, story):
    first = story.approve(story.claimed()).json()
    story.approve(first, person="council-3")
    head, row = api.get("/exports/claims.csv").text.splitlines()[:2]
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert part(found, "second_approval_needed") == FIRST | {
        "first_approved_on": "2021-04-20",
        "second_approval_needed": "true",
    }
    assert found["decided_by_person"] == "council-3"


def pounds(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def act(api, path: str, of: dict, person: str, **body):
    """An act of one of the council's people on what was read."""
    headers = {"If-Match": f'"{of["version"]}"'}
    return api.post(path, body, party=COUNCIL, person=person, headers=headers)


def test_a_correction_above_the_limit_is_approved_twice_at_the_same_address(api):
    Story(api.agreed(claims={"second_approval_above": "6500.00"})).moved().approved()
    asked = {"claim_number": 1, "line_number": 1, "kind": "goodwill", "reason": "other"}
    body = asked | {"amount": pounds("6500.01"), "proposed_on": "2021-04-26"}
    proposed = api.post("/corrections", body, party=SPV).json()
    wanted = {"second_approval_needed": True, "approval_counts_for": pounds("13000.01")}
    assert part(proposed, "state", *wanted) == NONE | wanted | {"state": "proposed"}
    path = f"/corrections/{proposed['correction_id']}"
    first = act(api, f"{path}/approval", proposed, "council-2", decided_on="2021-04-27")
    assert first.status_code == 200, first.text
    given = FIRST | {"first_approved_on": "2021-04-27", "state": "first_approved"}
    shown = api.get(path)
    assert part(first.json(), "state") == given
    assert shown.json() == first.json()
    assert (shown.json()["entry_number"], shown.json()["decided_on"]) == (None, None)
    [listed] = api.get("/corrections", params={"state": "first_approved"}).json()["items"]
    assert listed == shown.json()
    same = act(api, f"{path}/approval", shown.json(), "council-2")
    assert (same.status_code, same.json()["code"]) == (403, "second-approver-is-first")
    stale = act(api, f"{path}/approval", proposed, "council-3")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    second = act(api, f"{path}/approval", shown.json(), "council-3").json()
    assert part(second, "state") == given | {"state": "approved"}
    assert (second["decided_by_person"], second["entry_number"]) == ("council-3", 2)
    head, row = api.get("/exports/corrections.csv").text.splitlines()[:2]
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert part(found, "second_approval_needed", "decided_by_person") == FIRST | {
        "first_approved_on": "2021-04-27",
        "second_approval_needed": "true",
        "decided_by_person": "council-3",
    }


def test_a_claim_to_the_fund_above_the_limit_is_submitted_twice_at_the_same_address(api):
    story = Story(api.agreed(claims={"second_approval_above": "1624.99"})).moved()
    story.approve(story.approve(story.claimed()).json(), person="council-3")
    period = {"start": "2021-01-01", "end": "2021-04-30"}
    body = {"fund": FUND, "period": period, "prepared_on": "2021-05-03"}
    made = api.post("/fund-claims", body, party=COUNCIL).json()
    assert made["second_approval_above"] == pounds("1624.99")
    path = "/fund-claims/1/submission"
    first = act(api, path, made, "council-2", on="2021-05-03")
    assert first.status_code == 200, first.text
    given = FIRST | {"first_approved_on": "2021-05-03", "state": "first_approved"}
    assert part(first.json(), "state") == given
    whole = api.get("/fund-claims/1").json()
    assert part(whole, "state", "second_approval_needed") == given | {
        "second_approval_needed": True
    }
    assert api.get("/fund-claims").json()["items"] == [first.json()]
    same = act(api, path, whole, "council-2")
    assert (same.status_code, same.json()["code"]) == (403, "second-approver-is-first")
    second = act(api, path, whole, "council-3")
    assert part(second.json(), "state") == given | {"state": "submitted"}
    head, row = api.get("/exports/fund-claims.csv").text.splitlines()[:2]
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert part(found, "state") == FIRST | {"first_approved_on": "2021-05-03", "state": "submitted"}
