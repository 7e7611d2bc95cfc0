"""Keep one PostgreSQL server running for exactly as long as the process that started this one.

`local_postgres.py` runs this file as a script (`python -I -S`), so it uses the standard library
only. Standard input is a pipe whose other end the starter holds and never writes to: when the
starter stops the server, exits or is killed, the pipe ends, and the keeper shuts the server down
(fast, so that the next start needs no recovery). On Linux the kernel also tells the server when
the keeper itself is killed. Elsewhere killing both the starter and the keeper leaves the server.

A process of its own is worth its few megabytes: Linux sends that signal when the *thread* that
forked ends, so a starter that is a worker thread could not ask for it, and only a parent that
outlives the starter can shut the server down in an orderly way and remove temporary directories.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 30
_POLL_SECONDS = 1.0


def main() -> int:
    """Start the server named by the plan (JSON, first argument) and stay until it ends."""
    plan = json.loads(sys.argv[1])
    starter = plan["starter"]
    server = subprocess.Popen(
        plan["command"],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=plan["environment"],
        preexec_fn=_end_with_keeper(),  # noqa: PLW1509 - this process has one thread so far
        **_run_as(plan["uid"], plan["gid"]),
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: server.send_signal(signal.SIGINT))
    threading.Thread(target=_stop_when_starter_ends, args=(server, starter), daemon=True).start()
    code = server.wait()
    for directory in plan["remove"]:
        shutil.rmtree(directory, ignore_errors=True)
    return abs(code)


def _run_as(uid: int | None, gid: int | None) -> dict[str, Any]:
    return {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}


def _end_with_keeper() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    keeper = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != keeper:  # the keeper ended before the kernel was asked
            os._exit(1)

    return ask


def _stop_when_starter_ends(server: "subprocess.Popen[bytes]", starter: int) -> None:
    # A process forked by the starter may hold the pipe open after its death: the parent id tells.
    while os.getppid() == starter:
        readable, _, _ = select.select([0], [], [], _POLL_SECONDS)
        if readable and not os.read(0, 1):
            break
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(number)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    sys.exit(main())
