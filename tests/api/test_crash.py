"""Killed between write and reply: the same request with the same key has one effect, one answer."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.client import Api, Story
from tests.factories import SPV

ROOT = Path(__file__).parents[2]
DIE = {"Die-Before-Answer": "1"}


@pytest.fixture
def started(settings, contract_id):
    """A function that starts a server of its own process, and gives the contract through it."""

    @contextmanager
    def start() -> Iterator[Api]:
        url = settings.database_url.get_secret_value()
        command = [sys.executable, "-m", "tests.api.crashing_server", url]
        process = subprocess.Popen(
            [*command, str(settings.evidence_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            port = process.stdout.readline().strip()
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, timeout=30) as client:
                yield Api(client, contract_id)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    return start


@pytest.mark.slow
def test_a_decision_and_a_claim_survive_a_kill_before_the_answer(started):
    with started() as api:
        story = Story(api.agreed()).moved()
        submission = story.submitted()
        with pytest.raises(httpx.TransportError):
            story.decide(submission, key="decide", headers=DIE)
    period = {"start": "2021-01-01", "end": "2021-03-31"}
    with started() as api:
        story = Story(api)
        answer = story.decide(submission, key="decide")
        assert answer.status_code == 200, answer.text
        assert answer.headers["idempotency-replayed"] == "true"
        made = api.get("/entitlements").json()["items"]
        assert [answer.json()["entitlement"]] == made
        other = story.decide(submission, key="another")
        assert (other.status_code, other.json()["code"]) == (409, "already-decided")
        with pytest.raises(httpx.TransportError):
            api.post("/claims", {"period": period}, party=SPV, key="claim", headers=DIE)
    with started() as api:
        answer = api.post("/claims", {"period": period}, party=SPV, key="claim")
        assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
        assert answer.headers["location"] == f"{api.base}/claims/1"
        assert len(api.get("/claims").json()["items"]) == 1
        assert api.get("/verification").json()["intact"] is True
