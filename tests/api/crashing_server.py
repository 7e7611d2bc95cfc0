"""A server that can be told to die at the worst moment: after the work, before the answer.

Run as `python -m tests.api.crashing_server DATABASE_URL EVIDENCE_DIR`; it writes its port to
standard output. A request with the header Die-Before-Answer is worked on to the end, and then the
process kills itself before a byte of the answer is sent.
"""

import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.main import create_app
from app.settings import Settings


class DiesBeforeAnswering:
    """Lets the application answer, and kills the process instead of sending the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (b"die-before-answer", b"1") not in scope["headers"]:
            await self.app(scope, receive, send)
            return

        async def die(_: Message) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        await self.app(scope, receive, die)


def main() -> None:
    """Serve on a free port until killed."""
    database_url, evidence_dir = sys.argv[1:]
    settings = Settings(mode="demo", database_url=database_url, evidence_dir=Path(evidence_dir))
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    app = DiesBeforeAnswering(create_app(settings))
    uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listening])


if __name__ == "__main__":
    main()
