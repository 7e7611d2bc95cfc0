"""Token buckets: a minute's requests at once, then evenly; and their answers over HTTP."""

import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import request_limits
from app.api.request_limits import Buckets
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import serving


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_a_minutes_requests_at_once_and_then_one_by_one(seconds):
    buckets = Buckets(60, seconds)
    assert [buckets.take("a") for _ in range(60)] == [0] * 60
    assert buckets.take("a") == 1
    seconds.now += 0.999
    assert buckets.take("a") == 1
    seconds.now += 0.001
    assert buckets.take("a") == 0
    assert buckets.take("a") == 1


def test_keys_do_not_share(seconds):
    buckets = Buckets(1, seconds)
    assert (buckets.take("a"), buckets.take("b"), buckets.take("a")) == (0, 0, 60)


def test_a_refusal_takes_nothing(seconds):
    buckets = Buckets(2, seconds)
    assert [buckets.take("a") for _ in range(100)] == [0, 0, *[30] * 98]
    seconds.now += 30
    assert buckets.take("a") == 0


def test_no_limit_remembers_nothing(seconds):
    buckets = Buckets(0, seconds)
    assert {buckets.take("a") for _ in range(10_000)} == {0}
    buckets.charge("a", 20)
    assert len(buckets) == 0


def test_a_charge_empties_the_bucket_at_worst(seconds):
    buckets = Buckets(60, seconds)
    buckets.charge("a", 20)
    assert [buckets.take("a") for _ in range(41)] == [*[0] * 40, 1]
    buckets.charge("a", 1000)
    assert buckets.take("a") == 1


def test_memory_is_bounded_and_the_longest_unused_goes(seconds, monkeypatch):
    monkeypatch.setattr(request_limits, "KEYS_MAX", 3)
    buckets = Buckets(1, seconds)
    for key in "abc":
        buckets.take(key)
    seconds.now += 60
    assert buckets.take("a") == 0
    buckets.take("d")
    assert len(buckets) == 3
    assert [buckets.take(key) for key in "acd"] == [60, 0, 60]


@given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), max_size=200),
)
def test_never_more_than_a_full_bucket_and_what_has_flowed_in(per_minute, pauses):
    seconds = Seconds()
    buckets = Buckets(per_minute, seconds)
    begun, admitted = seconds.now, 0
    for pause in pauses:
        seconds.now += pause
        admitted += buckets.take("a") == 0
        assert admitted <= per_minute * (1 + (seconds.now - begun) / 60) + 1e-6


@pytest.fixture(scope="module")
def limited(database_urls, engine, tmp_path_factory):
    """A service behind a proxy on this machine, where an address has 40 requests a minute."""
    made = Settings(
        database_url=database_urls.app,
        var_dir=tmp_path_factory.mktemp("limited"),
        public_url="https://ledger.example",
        trusted_proxies="127.0.0.1",
        requests_per_minute_address=40,
    )
    with serving(create_app(made, engine)) as address, httpx.Client(base_url=address) as client:
        yield client


def asked(client: httpx.Client, address: str, path: str = "/health", **headers: str):
    return client.get(path, headers={"X-Forwarded-For": address, **headers})


def test_an_address_over_its_limit(limited):
    answers = [asked(limited, "203.0.113.1") for _ in range(42)]
    assert [one.status_code for one in answers[:40]] == [200] * 40
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] in {"1", "2"}
    assert refused.json()["code"] == "too-many-requests"
    assert "content-security-policy" in refused.headers
    assert asked(limited, "203.0.113.2").status_code == 200


def test_a_client_cannot_choose_its_bucket(limited):
    """What it writes into the header itself stands left of what the proxy adds."""
    answers = [asked(limited, f"198.51.100.{n}, 203.0.113.3") for n in range(42)]
    assert answers[-1].status_code == 429


def test_guessing_credentials_is_slower_than_asking(limited, caplog):
    answers = [
        asked(limited, "203.0.113.4", "/v1/contracts", Authorization=f"Bearer guess-{n}")
        for n in range(4)
    ]
    assert [one.status_code for one in answers] == [401, 401, 429, 429]
    notes: list[str] = []
    for _ in range(200):  # an answer is sent before its line is written
        notes = [one.getMessage() for one in caplog.records if one.name == "outcomes.refusals"]
        if len(notes) == len(answers):
            break
        time.sleep(0.01)
    assert [note.split(" ", 1)[1] for note in notes[-2:]] == ["429 from 203.0.113.4"] * 2
    assert "guess" not in caplog.text
