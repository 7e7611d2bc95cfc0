"""One request, one effect: replays, reused keys, dry runs, pages that stand still."""

from tests import factories
from tests.api.client import Story, acting, participant
from tests.factories import COUNCIL


def test_the_same_request_is_answered_as_it_was_first(api, stored):
    api.agreed()
    first = api.post("/participants", participant(), key="one")
    after = stored()
    again = api.post("/participants", participant(), key="one")
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert stored() == after


def test_creating_a_contract_is_replayed_too(api):
    body = {"contract_id": api.contract_id, "terms": factories.document()}
    first = api.post("/v1/contracts", body, party=COUNCIL, key="one")
    again = api.post("/v1/contracts", body, party=COUNCIL, key="one")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_is_not_used_for_another_request(api, stored):
    api.agreed()
    api.post("/participants", participant(), key="one")
    after = stored()
    for path, body in (
        ("/participants", participant("PI-0002")),
        ("/evidence", {"items": []}),
        ("/participants/PI-0001/events", {"events": [{"kind": "accepted", "on": "2020-10-05"}]}),
    ):
        answer = api.post(path, body, key="one")
        assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "idempotency-key-reused"
    assert stored() == after


def test_keys_belong_to_a_party_and_a_contract(api, http, contract_id):
    api.agreed()
    hash_read = api.get("/terms/1").json()["hash"]
    other = type(api)(http, contract_id + "-other")
    assert other.create().status_code == 201
    for party in ("council", "spv"):
        answer = other.post("/terms/1/acceptances", {"hash": hash_read}, party=party, key="same")
        assert "idempotency-replayed" not in answer.headers
        assert answer.status_code == 200


def test_a_refused_request_does_not_use_its_key_up(api):
    api.agreed()
    refused = api.post("/participants", participant(setting="home"), key="one")
    assert refused.status_code == 409
    assert api.post("/participants", participant(), key="one").status_code == 201


def test_a_dry_run_answers_and_leaves_nothing(api, stored):
    story = Story(api.agreed()).moved()
    before = stored()
    tried = api.post("/participants?dry_run=true", participant("PI-0002"), key="dry")
    assert tried.status_code == 200
    assert tried.headers["dry-run"] == "true"
    assert "etag" not in tried.headers
    assert tried.json()["participant_id"] == "PI-0002"
    submission = story.submission("none") | {"evidence_ids": []}
    tried = api.post("/submissions?dry_run=true", submission)
    assert tried.json()["achieved_on"] == "2021-01-15"
    assert stored() == before
    made = api.post("/participants", participant("PI-0002"), key="dry")
    assert (made.status_code, "idempotency-replayed" in made.headers) == (201, False)


def test_a_dry_run_refuses_what_the_real_one_would(api, stored):
    api.agreed()
    before = stored()
    answer = api.post("/participants?dry_run=true", participant(setting="home"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not-eligible")
    assert stored() == before


def test_a_dry_run_of_a_new_contract(api, stored):
    body = {"contract_id": api.contract_id, "terms": factories.document()}
    answer = api.post("/v1/contracts?dry_run=true", body, party=COUNCIL)
    assert answer.status_code == 200
    assert stored()["head"] is None
    assert api.get().status_code == 404


def test_pages_stand_still_while_records_are_added(api):
    api.agreed()
    for number in (1, 3, 5, 7):
        api.post("/participants", participant(f"PI-{number:04d}"))
    first = api.get("/participants?limit=2")
    assert [one["participant_id"] for one in first.json()["items"]] == ["PI-0001", "PI-0003"]
    for number in (2, 6):
        api.post("/participants", participant(f"PI-{number:04d}"))
    link = first.headers["link"]
    assert link.endswith('>; rel="next"')
    second = api.http.get(link.split(">")[0][1:]).json()
    assert [one["participant_id"] for one in second["items"]] == ["PI-0005", "PI-0006"]
    last = api.get(f"/participants?limit=2&cursor={second['next_cursor']}")
    assert [one["participant_id"] for one in last.json()["items"]] == ["PI-0007"]
    assert last.json()["next_cursor"] is None
    assert "link" not in last.headers


def test_every_list_can_be_walked_one_by_one(api):
    Story(api.agreed()).moved().approved()
    for path in ("/journal", "/entries", "/submissions", "/entitlements", "/claims", "/payments"):
        whole = api.get(f"{path}?limit=200").json()["items"]
        found, cursor = [], ""
        while cursor is not None:
            page = api.get(f"{path}?limit=1{f'&cursor={cursor}' if cursor else ''}").json()
            found += page["items"]
            cursor = page["next_cursor"]
        assert found == whole, path


def test_the_answer_to_another_person_of_the_party_is_the_same(api):
    api.agreed()
    first = api.post("/participants", participant(), key="one")
    headers = acting("provider", "worker-2", "one")
    again = api.http.post(f"{api.base}/participants", json=participant(), headers=headers)
    assert again.content == first.content
