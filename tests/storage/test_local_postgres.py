"""The local PostgreSQL lives as long as its starter, keeps its data, and touches nothing else."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.storage import postgres_files
from app.storage.local_postgres import LocalPostgres, _is_running
from app.storage.postgres_files import (
    LocalPostgresError,
    ServerUser,
    programs,
    reachable,
    server_user,
)

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")
STRANGER = ServerUser(NOBODY.pw_uid, NOBODY.pw_gid)


def test_a_cluster_still_to_be_made_belongs_to_nobody_yet():
    user = server_user(None)
    assert (user == ServerUser()) is not AS_ROOT
    assert user == server_user(Path("/") / "no-such-cluster")


@pytest.mark.skipif(not AS_ROOT, reason="only root may run it for others")
def test_a_cluster_of_root_is_refused_and_one_of_a_user_is_served_as_that_user(tmp_path):
    with pytest.raises(LocalPostgresError, match="belongs to root"):
        server_user(tmp_path)
    os.chown(tmp_path, STRANGER.uid, STRANGER.gid)
    assert server_user(tmp_path) == STRANGER


STARTER = """
import sys, time
from pathlib import Path
from app.storage.local_postgres import LocalPostgres
server = LocalPostgres.start(Path(sys.argv[1]), durable=False)
print(server.superuser_url, server.keeper.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that `nobody` may pass through; pytest's own are closed and long."""
    made = Path(tempfile.mkdtemp(prefix="ol-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A cluster made once; making one takes longer than all else that these tests do."""
    made = Path(tempfile.mkdtemp(prefix="ol-"))
    made.chmod(0o755)
    LocalPostgres.start(made, durable=False).stop()
    yield made / "cluster"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def data_dir(folder: Path, cluster: Path) -> Path:
    """A data directory in which a server has run before."""
    made = folder / "pg"
    made.mkdir()
    subprocess.run(["cp", "-a", cluster, made], check=True)
    return made


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().split("\n")[0])


def gone(pid: int, seconds: float = 15) -> bool:
    """Ended, though perhaps not yet reaped by the first process of this machine."""
    deadline = time.monotonic() + seconds
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _is_running(pid)


def modes(path: Path) -> dict[Path, tuple[int, int]]:
    found = {parent: parent.stat() for parent in (path, *path.parents)}
    return {parent: (status.st_mode, status.st_uid) for parent, status in found.items()}


def start_elsewhere(data_dir: Path, started: list[subprocess.Popen[str]]) -> tuple[str, int]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data_dir)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    started.append(process)
    assert process.stdout is not None
    url, keeper = process.stdout.readline().split()
    return url, int(keeper)


def test_data_survives_a_restart_and_parents_keep_their_modes(folder):
    before = modes(folder)
    with LocalPostgres.start(folder / "var" / "postgres", durable=True) as server:
        data_dir = server.data_dir
        assert ask(server.superuser_url, "SHOW fsync") == "on"
        assert ask(server.superuser_url, "SHOW synchronous_commit") == "on"
        assert ask(server.superuser_url, "SHOW listen_addresses") == ""
        assert ask(server.superuser_url, "SHOW server_encoding") == "UTF8"
        collation = "SELECT datlocale FROM pg_database WHERE datname = 'template0'"
        assert ask(server.superuser_url, collation) == "C.UTF-8"
        ask(server.superuser_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        pid = postmaster(data_dir)
    assert gone(pid)
    assert not (data_dir / "socket").exists()
    with LocalPostgres.start(folder / "var" / "postgres", durable=True) as server:
        assert ask(server.superuser_url, "SELECT answer FROM kept") == 42
    assert modes(folder) == before


def test_without_a_directory_nothing_is_left_behind():
    server = LocalPostgres.start(durable=False)
    assert ask(server.superuser_url, "SHOW fsync") == "off"
    assert server.data_dir.is_dir()
    server.stop()
    server.stop()
    assert not server.data_dir.exists()


def test_only_the_servers_owner_may_enter_its_directories(postgres):
    data_dir = Path(str(ask(postgres, "SHOW data_directory")))
    sockets = Path(str(ask(postgres, "SHOW unix_socket_directories")))
    for private in (data_dir, sockets):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_the_database_and_its_roles_are_created_once(data_dir):
    with LocalPostgres.start(data_dir, durable=False) as server:
        urls = server.database()
        assert server.database() == urls
        assert ask(urls.owner, "SELECT current_user || '@' || current_database()") == (
            "outcomes_owner@outcomes"
        )
        assert ask(urls.app, "SELECT current_user") == "outcomes_app"
        for right in ("CREATE", "TEMPORARY"):
            granted = f"SELECT has_database_privilege('outcomes', '{right}')"
            assert ask(urls.app, granted) is False
        special = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles"
        assert ask(urls.app, f"{special} WHERE rolname = 'outcomes_app'") is False


def test_a_killed_starter_leaves_no_server_and_no_loss(data_dir, started):
    url, _ = start_elsewhere(data_dir, started)
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = postmaster(data_dir)
    started[0].kill()
    # At once: the start waits for the former server, which is still shutting down.
    with LocalPostgres.start(data_dir, durable=False) as server:
        assert gone(pid)
        assert ask(server.superuser_url, "SELECT answer FROM kept") == 42


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_killing_starter_and_keeper_leaves_no_server(data_dir, started):
    _, keeper = start_elsewhere(data_dir, started)
    pid = postmaster(data_dir)
    os.kill(keeper, signal.SIGKILL)
    started[0].kill()
    assert gone(pid)
    with LocalPostgres.start(data_dir, durable=False) as server:
        assert ask(server.superuser_url, "SELECT 1") == 1


def test_a_second_server_on_the_same_directory_is_refused(data_dir, started):
    url, _ = start_elsewhere(data_dir, started)
    with pytest.raises(LocalPostgresError, match=f"started by process {started[0].pid} already"):
        LocalPostgres.start(data_dir, durable=False)
    assert ask(url, "SELECT 1") == 1


def test_a_server_started_by_a_thread_outlives_the_thread(data_dir):
    servers = []
    thread = threading.Thread(
        target=lambda: servers.append(LocalPostgres.start(data_dir, durable=False))
    )
    thread.start()
    thread.join()
    time.sleep(0.2)
    with servers[0] as server:
        assert ask(server.superuser_url, "SELECT 1") == 1


def test_leftovers_of_a_crash_do_not_block_the_next_start(data_dir):
    long = data_dir.rename(data_dir.with_name("x" * 90))  # too long for a socket inside it
    with LocalPostgres.start(long, durable=False) as server:
        assert not server.socket_dir.is_relative_to(long)
    cluster = server.data_dir / "cluster"
    note = cluster / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{cluster}\n1\n5432\n/nowhere\n\n1 1\nready\n")
    (server.data_dir / "cluster.new").mkdir()
    (server.data_dir / "lock").write_text("1")
    with LocalPostgres.start(long, durable=False) as server:
        assert ask(server.superuser_url, "SELECT 1") == 1
        assert postmaster(server.data_dir) != os.getpid()


def test_a_cluster_of_another_release_is_refused(folder):
    (folder / "cluster").mkdir()
    if AS_ROOT:
        os.chown(folder / "cluster", NOBODY.pw_uid, NOBODY.pw_gid)
    (folder / "cluster" / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalPostgresError, match=r"made by PostgreSQL 15, .* are 18: dump it"):
        LocalPostgres.start(folder, durable=True)


def test_a_server_that_cannot_start_says_why(data_dir):
    (data_dir / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(LocalPostgresError, match="no_such_setting"):
        LocalPostgres.start(data_dir, durable=False)


def test_programs_that_the_servers_user_cannot_read_are_copied(folder, monkeypatch, caplog):
    monkeypatch.setattr(postgres_files, "_readable_by_all", lambda _: False)
    with caplog.at_level(logging.WARNING):
        found = programs(STRANGER, folder)
    assert found.is_relative_to(folder)
    assert f"copied to {folder}" in caplog.text
    assert all(path.stat().st_mode & stat.S_IROTH for path in folder.rglob("*"))
    for program in ("initdb", "postgres"):
        run = subprocess.run(
            [found / program, "--version"], capture_output=True, text=True, check=True
        )
        assert "(PostgreSQL) 18" in run.stdout
    assert programs(STRANGER, folder) == found


@pytest.mark.skipif(not AS_ROOT, reason="root only")
def test_root_hands_the_server_to_nobody_and_opens_no_directory(folder, monkeypatch, caplog):
    home = folder / "home"
    home.mkdir(mode=0o700)
    before = modes(home)
    monkeypatch.setattr(postgres_files, "_ELSEWHERE", folder / "lib")
    with (
        caplog.at_level(logging.WARNING),
        LocalPostgres.start(home / "var" / "postgres", durable=False) as server,
    ):
        assert server.data_dir.is_relative_to(folder / "lib")
        assert f"data is kept in {server.data_dir}" in caplog.text
        assert Path(f"/proc/{postmaster(server.data_dir)}").stat().st_uid == NOBODY.pw_uid
        first = server.data_dir
    home.chmod(0o711)  # data stay where they are, even when the first choice becomes reachable
    with LocalPostgres.start(home / "var" / "postgres", durable=False) as server:
        assert server.data_dir == first
    home.chmod(0o700)
    assert modes(home) == before
    assert list(home.iterdir()) == []
    assert not reachable(home / "var", STRANGER)


@pytest.mark.skipif(not AS_ROOT, reason="root only")
def test_data_that_became_unreachable_are_not_replaced_by_an_empty_database(folder):
    (folder / "pg" / "cluster").mkdir(parents=True)
    os.chown(folder / "pg" / "cluster", NOBODY.pw_uid, NOBODY.pw_gid)
    folder.chmod(0o700)
    with pytest.raises(LocalPostgresError, match="can no longer reach its data"):
        LocalPostgres.start(folder / "pg", durable=True)


@pytest.mark.skipif(not AS_ROOT, reason="root only: others are ordinary users already")
def test_an_ordinary_user_needs_nothing_from_root(folder):
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pythons = [Path(sys.executable).resolve(), Path("/usr/bin", version)]
    reached = [path for path in pythons if path.exists() and reachable(path.parent, STRANGER)]
    if not reached or not reachable(ROOT, STRANGER):
        pytest.skip("an ordinary user cannot reach this interpreter or this checkout")
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    code = STARTER.replace("time.sleep(60)", "server.stop()")
    run = subprocess.run(
        [reached[0], "-c", code, str(folder / "pg")],
        user="nobody",
        group=NOBODY.pw_gid,
        extra_groups=[],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PATH": os.defpath},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    assert run.stdout.startswith("postgresql://postgres@")
    assert (folder / "pg" / "cluster").stat().st_uid == NOBODY.pw_uid
