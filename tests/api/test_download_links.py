"""Links to evidence files: for one reader, for some minutes, and of no use to anybody else."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.client import Story, acting, evidence_item
from tests.api.conftest import START
from tests.api.test_evidence_files import download, link, upload
from tests.factories import COUNCIL, FUND, INVESTOR, PROVIDER, SPV
from tests.samples import PDF, PNG


def filed(api, content=PDF, media_type="application/pdf", name="PI-0001") -> str:
    """An item whose file is here; its id."""
    sha256 = upload(api, content, media_type).json()["sha256"]
    item = evidence_item(name, sha256=sha256, held_by="service")
    return api.post("/evidence", {"items": [item]}).json()["items"][0]["evidence_id"]


@pytest.fixture
def item(api) -> str:
    Story(api.agreed()).moved()
    return filed(api)


def opened(api, url, party=PROVIDER, person=None):
    return api.http.get(url, headers=acting(party, person))


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (timedelta(0), None),
        (timedelta(seconds=299), None),
        (timedelta(seconds=299, microseconds=999_999), None),
        (timedelta(seconds=300), "download-link-expired"),
        (timedelta(seconds=301), "download-link-expired"),
        (timedelta(days=400), "download-link-expired"),
    ],
)
def test_a_link_lasts_until_its_second_and_not_in_it(api, clock, item, after, code):
    made = link(api, item).json()
    assert made["expires_at"] == "2023-11-01T12:05:00Z"
    clock.now = START + after
    answer = opened(api, made["url"])
    if code is None:
        assert (answer.status_code, answer.content) == (200, PDF)
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, code)


def test_a_link_names_nobody(api, item):
    url = link(api, item).json()["url"]
    assert set(parse_qs(urlsplit(url).query)) == {"expires", "signature"}
    assert "provider" not in url
    assert "worker" not in url
    assert link(api, item).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("party", "person"),
    [(PROVIDER, "worker-2"), (COUNCIL, "worker-1"), (COUNCIL, None)],
)
def test_a_link_is_for_its_party_and_person(api, item, party, person):
    url = link(api, item).json()["url"]
    answer = opened(api, url, party, person)
    assert (answer.status_code, answer.json()["code"]) == (403, "download-link-invalid")
    assert download(api, item, COUNCIL).content == PDF


@pytest.mark.parametrize("party", [SPV, INVESTOR, FUND])
def test_who_only_pays_opens_no_evidence(api, item, party):
    answer = link(api, item, party)
    assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")
    url = link(api, item).json()["url"]
    answer = opened(api, url, party)
    assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("expires=", "expires=1"),
        lambda url: url.replace("expires=16988", "expires=16998"),
        lambda url: url[:-5] + "AAAAA",
        lambda url: url.split("signature=")[0] + "signature=" + "A" * 43,
    ],
)
def test_a_link_that_was_changed_opens_nothing(api, item, change):
    answer = opened(api, change(link(api, item).json()["url"]))
    assert answer.status_code in {403, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_link_is_for_its_file(api, item):
    other = filed(api, PNG, "image/png")
    url = link(api, item).json()["url"].replace(item, other)
    answer = opened(api, url)
    assert (answer.status_code, answer.json()["code"]) == (403, "download-link-invalid")


@pytest.mark.parametrize("query", ["", "?expires=1", "?signature=" + "A" * 43, "?expires=x"])
def test_without_a_link_there_is_no_file(api, item, query):
    answer = opened(api, f"{api.base}/evidence/{item}/file{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_a_damaged_file_is_not_handed_out_at_all(api, settings, item):
    url = link(api, item).json()["url"]
    (path,) = (settings.evidence_dir / api.contract_id).rglob("*.pdf")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    answer = opened(api, url)
    assert (answer.status_code, answer.json()["code"]) == (500, "evidence-file-damaged")


def test_evidence_of_an_unknown_item(api, item):
    answer = link(api, "no-such-item")
    assert (answer.status_code, answer.json()["code"]) == (404, "evidence-unknown")
