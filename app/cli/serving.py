"""The HTTP server: in this process for `serve`, in a thread on a free port for the demo."""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from time import sleep
from typing import Any

import uvicorn

from app.cli.failure import CannotRun
from app.cli.http_protocol import PatientHttp
from app.settings import Settings

Application = Callable[..., Any]
"""Any ASGI application; ours comes from app.main."""

LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 10
_KEEP_ALIVE_SECONDS = 10
_POLL_SECONDS = 0.005


@contextmanager
def listening(settings: Settings) -> Iterator[list[socket.socket]]:
    """The addresses of the settings, taken for the block, so that no other program can have them.

    Raises CannotRun, with what to do, if one is taken or is none of this machine.
    """
    with ExitStack() as opened:
        try:
            found = _bound(settings, opened)
        except OSError as error:
            raise CannotRun(_refused(settings, error)) from error
        yield found


def _bound(settings: Settings, opened: ExitStack) -> list[socket.socket]:
    places = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    found, missing = [], None
    for family, kind, protocol, _, address in dict.fromkeys(places):
        one = opened.enter_context(socket.socket(family, kind, protocol))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            one.bind(address)
        except OSError as error:
            # localhost often stands for two addresses of which the machine has only one.
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            missing = error
        else:
            found.append(one)
    if missing is not None and not found:
        raise missing
    return found


def serve_until_stopped(app: Application, sockets: list[socket.socket]) -> None:
    """Answer requests until a signal ends the process; requests under way are finished first."""
    uvicorn.Server(configured(app)).run(sockets=sockets)


def configured(app: Application) -> uvicorn.Config:
    """How the server runs, on a free port of this machine where it is given no sockets.

    Forwarded headers are the application's matter: it knows the proxies.
    """
    return uvicorn.Config(
        app,
        host=LOOPBACK,
        port=0,
        http=PatientHttp,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


@contextmanager
def served_in_thread(app: Application) -> Iterator[str]:
    """Serve on a free port of this machine for the length of the block; gives the address."""
    server = uvicorn.Server(configured(app))
    thread = Thread(target=server.run, name="outcomes-demo-server")
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise CannotRun("The service could not be started on a free port.")
            sleep(_POLL_SECONDS)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _refused(settings: Settings, error: OSError) -> str:
    where = f"Cannot listen on {settings.host}, port {settings.port}: "
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where}another program uses it, perhaps `outcomes serve` itself. "
            "Stop that one, or choose another port with --port or OUTCOMES_PORT."
        )
    return f"{where}{error.strerror}. Choose others with --host and --port."
