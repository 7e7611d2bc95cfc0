"""Once only: many requests at the same moment make one submission, one entitlement, one claim."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from httpx import Response

from tests.api.client import Api, Story, payment_of
from tests.factories import COUNCIL, SPV

AT_ONCE = 20


@pytest.fixture
def many(http: httpx.Client, api: Api):
    """A client with a connection for each of the requests made at once."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    with httpx.Client(base_url=http.base_url, timeout=60, limits=limits) as client:
        yield Api(client, api.contract_id)


def at_once(request: Callable[[int], Response]) -> list[Response]:
    """The answers to AT_ONCE requests that start together."""
    start = Barrier(AT_ONCE)

    def one(number: int) -> Response:
        start.wait()
        return request(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def sorted_out(answers: list[Response], made: int, *codes: str) -> None:
    """One request did it; the others were refused with one of the codes."""
    done = [one for one in answers if one.status_code == made]
    refused = {(one.status_code, one.json()["code"]) for one in answers if one not in done}
    assert len(done) == 1, [one.text for one in answers]
    assert refused <= {(409, code) for code in codes}, refused


def test_one_submission(api, many):
    story = Story(api.agreed()).moved()
    body = story.submission(story.evidence())
    sorted_out(at_once(lambda _: many.post("/submissions", body)), 201, "already-submitted")
    assert len(api.get("/submissions").json()["items"]) == 1


def test_one_entitlement(api, many):
    story = Story(api.agreed()).moved()
    submission = story.submitted()
    other = Story(many)
    sorted_out(at_once(lambda _: other.decide(submission)), 200, "already-decided")
    assert len(api.get("/entitlements").json()["items"]) == 1


def test_one_entitlement_for_one_key_and_the_same_answer(api, many):
    story = Story(api.agreed()).moved()
    submission = story.submitted()
    other = Story(many)
    answers = at_once(lambda _: other.decide(submission, key="the-decision"))
    good = [one for one in answers if one.status_code == 200]
    assert len({one.content for one in good}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in good) == 1
    rest = {(one.status_code, one.json()["code"]) for one in answers if one not in good}
    assert rest <= {(409, "idempotency-key-in-flight")}
    assert len(api.get("/entitlements").json()["items"]) == 1
    assert story.decide(submission, key="the-decision").content == good[0].content


def test_one_claim_and_one_approval(api, many):
    story = Story(api.agreed()).moved()
    story.verified()
    body = {"period": {"start": "2021-01-01", "end": "2021-03-31"}, "submitted_on": "2021-04-10"}
    answers = at_once(lambda _: many.post("/claims", body, party=SPV))
    sorted_out(answers, 201, "nothing-to-claim")
    claim = next(one.json() for one in answers if one.status_code == 201)
    other = Story(many)
    sorted_out(at_once(lambda _: other.approve(claim)), 200, "claim-already-decided")
    answers = at_once(lambda _: many.post("/claims/1/invoices", {}, party=SPV))
    sorted_out(answers, 201, "already-invoiced")
    payment = payment_of(api.get("/invoices/spv/1").json(), COUNCIL, SPV)
    answers = at_once(lambda _: many.post("/payments", payment, party=COUNCIL))
    sorted_out(answers, 201, "allocation-refused")
    assert api.get("/verification").json()["intact"] is True


def test_one_contract(api, many):
    sorted_out(at_once(lambda _: many.create()), 201, "contract-exists")
    assert api.get().json()["head_sequence"] == 1
