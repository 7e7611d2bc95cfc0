"""`outcomes serve` as a process of its own, `openapi`, and commands without a service."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread

import httpx
import pytest

from app.cli.demo.command import again
from app.main import openapi_text

ROOT = Path(__file__).parents[2]
OUTCOMES = [sys.executable, "-c", "from app.cli.main import main; main()"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port: int, **variables: str) -> subprocess.Popen:
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OUTCOMES_") and "DATABASE_URL" not in name
    }
    return subprocess.Popen(
        [*OUTCOMES, "serve", "--port", str(port)],
        cwd=ROOT,
        env=plain | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_ready(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the service did not become ready")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_in_order_when_told_to(database_urls, tmp_path, stop):
    port = free_port()
    process = start(port, DATABASE_URL=database_urls.app, OUTCOMES_VAR_DIR=str(tmp_path))
    wait_until_ready(port, process)
    process.send_signal(stop)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"Serving http://127.0.0.1:{port}; the interface" in said
    assert "mode" not in said
    assert said.endswith("Stopped.\n")


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A short path that the database's own user may pass through; pytest's own are closed."""
    made = Path(tempfile.mkdtemp(prefix="ol-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.slow
def test_serve_brings_its_own_database_and_takes_it_down(var_dir):
    port = free_port()
    process = start(port, OUTCOMES_VAR_DIR=str(var_dir))
    wait_until_ready(port, process)
    found = subprocess.run(
        [*OUTCOMES, "verify"],
        cwd=ROOT,
        env=os.environ | {"OUTCOMES_VAR_DIR": str(var_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert "There is no contract to verify" in found.stderr
    other = start(free_port(), OUTCOMES_VAR_DIR=str(var_dir))
    _, refused = other.communicate(timeout=30)
    assert other.returncode == 2
    assert "already runs on" in refused
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert re.search(r"Starting a local PostgreSQL in \S+/postgres", said)
    assert (var_dir / "postgres" / "cluster").is_dir()
    assert not (var_dir / "postgres" / "cluster" / "postmaster.pid").exists()


def test_serve_says_that_its_port_is_taken(database_urls, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = start(port, DATABASE_URL=database_urls.app, OUTCOMES_VAR_DIR=str(tmp_path))
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"Cannot listen on 127.0.0.1, port {port}: another program uses it" in said
    assert "--port" in said
    assert "Serving" not in said


def test_serve_says_that_an_address_is_none_of_this_machine(environment, database_urls, outcomes):
    environment.setenv("DATABASE_URL", database_urls.app)
    found = outcomes("serve", "--host", "192.0.2.1")
    assert found.exit_code == 2
    assert "Cannot listen on 192.0.2.1, port 8000" in found.stderr
    assert "Serving" not in found.stderr


HEAVY = {"alembic", "fastapi", "psycopg", "sqlalchemy", "starlette", "uvicorn", "app.service"}


def test_help_and_commands_that_send_a_request_load_no_service():
    asked = "import sys; import app.cli.main; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert HEAVY & set(found.stdout.split()) == set()


def test_the_version_is_that_of_the_package(outcomes):
    found = outcomes("--version")
    assert (found.exit_code, found.stdout) == (0, f"outcomes {version('outcomes-ledger')}\n")


def test_serve_refuses_what_the_settings_refuse(environment, outcomes):
    environment.setenv("OUTCOMES_HOST", "0.0.0.0")
    environment.setenv("OUTCOMES_TRUST_ACTING_HEADERS", "true")
    found = outcomes("serve")
    assert found.exit_code == 2
    assert "DATABASE_URL: is missing" in found.stderr
    assert "OUTCOMES_TRUST_ACTING_HEADERS: is true" in found.stderr


def test_a_misspelt_setting_stops_every_command(environment, outcomes):
    environment.setenv("OUTCOMES_ULR", "http://127.0.0.1:1")
    found = outcomes("contract", "list")
    assert found.exit_code == 2
    assert "OUTCOMES_ULR: is not a setting. Did you mean OUTCOMES_URL?" in found.stderr


def test_no_service_is_a_clear_message(outcomes):
    found = outcomes("contract", "list", "--url", f"http://127.0.0.1:{free_port()}")
    assert found.exit_code == 2
    assert "No service answers" in found.stderr
    assert "outcomes serve" in found.stderr


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_another_kind_of_server_is_a_clear_message(outcomes):
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            found = outcomes("contract", "list", "--url", f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
    assert found.exit_code == 2
    assert "answered 404, not as this service does" in found.stderr


def test_openapi_writes_the_file_and_checks_it(outcomes, tmp_path):
    target = tmp_path / "openapi" / "openapi.json"
    assert outcomes("openapi", "--output", target, "--check").exit_code == 1
    assert outcomes("openapi", "--output", target).exit_code == 0
    assert target.read_text() == openapi_text()
    assert outcomes("openapi", "--output", target, "--check").exit_code == 0
    assert "up to date" in outcomes("openapi", "--output", target).stdout
    assert outcomes("openapi", "--output", "-").stdout == openapi_text()


def test_help_names_the_exit_codes(outcomes):
    found = outcomes("--help")
    assert found.exit_code == 0
    assert "0 done, 1 refused or differences found, 2 could not run" in found.stdout


@pytest.mark.parametrize(
    ("called", "printed"),
    [
        (".venv/bin/outcomes", ".venv/bin/outcomes"),
        ("{here}/.venv/bin/outcomes", ".venv/bin/outcomes"),
        ("/opt/other/bin/outcomes", "/opt/other/bin/outcomes"),
        ("{here}/on-path/outcomes", "outcomes"),
        ("/usr/bin/python3", "outcomes"),
    ],
)
def test_the_demo_names_the_program_as_it_can_be_called_again(
    monkeypatch, tmp_path, called, printed
):
    on_path = tmp_path / "on-path" / "outcomes"
    on_path.parent.mkdir()
    on_path.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert again(called.format(here=tmp_path)) == printed
