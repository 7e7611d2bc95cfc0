"""The HTTP server: in this process for `serve`, in a thread on a free port for the demo."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Any

import uvicorn

from app.cli.failure import CannotRun
from app.settings import Settings

Application = Callable[..., Any]
"""Any ASGI application; ours comes from app.main."""

LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 10
_POLL_SECONDS = 0.005


def serve_until_stopped(app: Application, settings: Settings) -> None:
    """Answer requests until a signal ends the process; requests under way are finished first."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit as error:  # uvicorn's way of saying that the address is taken
        raise CannotRun(_taken(settings)) from error
    if not server.started:
        raise CannotRun(_taken(settings))


@contextmanager
def served_in_thread(app: Application) -> Iterator[str]:
    """Serve on a free port of this machine for the length of the block; gives the address."""
    config = uvicorn.Config(app, host=LOOPBACK, port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
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


def _taken(settings: Settings) -> str:
    return (
        f"Cannot listen on {settings.host}, port {settings.port}: another program may use it. "
        "Stop that one, or choose another port with --port or OUTCOMES_PORT."
    )
