"""The command line in this process, against a real service on a free port and the test database."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from app.cli.client import Service
from app.cli.serving import served_in_thread
from app.main import create_app
from app.settings import Settings
from tests.command_line import run_outcomes

GOLDEN = Path(__file__).parents[2] / "examples" / "golden"


@pytest.fixture
def environment(monkeypatch) -> pytest.MonkeyPatch:
    """An environment without settings; a test adds its own."""
    for name in os.environ:
        if name.startswith("OUTCOMES_") or name.endswith("DATABASE_URL"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture(scope="session")
def service_url(database_urls, engine, tmp_path_factory) -> Iterator[str]:
    """A service in demo mode."""
    settings = Settings(
        mode="demo",
        database_url=database_urls.app,
        evidence_dir=tmp_path_factory.mktemp("evidence"),
    )
    with served_in_thread(create_app(settings, engine)) as url:
        yield url


@pytest.fixture
def service(service_url) -> Iterator[Service]:
    with Service(service_url) as opened:
        yield opened


@pytest.fixture
def outcomes(environment, service_url) -> Callable:
    """Run one command line; the service it speaks to is the test's."""
    environment.setenv("OUTCOMES_URL", service_url)
    return run_outcomes


@pytest.fixture
def golden_terms(tmp_path) -> Path:
    """The first terms of the golden contract, in a file."""
    path = tmp_path / "terms.yaml"
    path.write_bytes((GOLDEN / "terms-1.yaml").read_bytes())
    return path


@pytest.fixture
def agreed(outcomes, contract_id, golden_terms) -> str:
    """A contract made and accepted by three parties, from the command line alone."""
    made = outcomes("contract", "create", golden_terms, "--id", contract_id, "--as", "scc/officer")
    assert made.exit_code == 0, made.output
    for party in ("scc", "spv", "syha"):
        signed = outcomes(
            "terms", "accept", contract_id, "1", "--file", golden_terms, "--as", f"{party}/head"
        )
        assert signed.exit_code == 0, signed.output
    return contract_id


def broken(path: Path) -> Path:
    """The same document with a share above 1 and an unknown field."""
    document = yaml.safe_load(path.read_text())
    document["funding"]["shares"][0]["share"] = "1.5"
    document["colour"] = "blue"
    target = path.with_name("broken.yaml")
    target.write_text(yaml.safe_dump(document, default_flow_style=False))
    return target
