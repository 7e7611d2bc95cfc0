"""`outcomes serve`, `migrate`, `demo` and `openapi`: running and describing the service itself.

What loads the whole service is imported by the command that needs it, so that `--help` and the
commands that only send a request start at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.failure import CannotRun
from app.cli.output import say, warn
from app.settings import load_settings

_OPENAPI = Path("openapi") / "openapi.json"


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="The address to listen on. Default: OUTCOMES_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="The port to listen on. Default: OUTCOMES_PORT.")
    ] = None,
) -> None:
    """Run the service until it is stopped, with a PostgreSQL of its own if none is named."""
    settings = load_settings(host=host, port=port)
    from app.cli import operating

    operating.serve(settings)


def upgrade() -> None:
    """Bring the database to this release, as the role in MIGRATION_DATABASE_URL."""
    settings = load_settings()
    from app.cli import operating

    operating.upgrade(settings)


def demo() -> None:
    """Show the service on a worked contract: invented people, real interface, real database."""
    from app.cli.demo.command import run_demo

    run_demo()


def openapi(
    output: Annotated[
        Path, typer.Option("--output", help="The file; - is standard output.")
    ] = _OPENAPI,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is out of date.")
    ] = False,
) -> None:
    """Write the OpenAPI description of the interface. Needs no database."""
    from app.main import openapi_text

    text = openapi_text()
    if str(output) == "-":
        say(text.rstrip("\n"))
        return
    try:
        current = output.read_text(encoding="utf-8") if output.exists() else None
        if check and current != text:
            warn(f"{output} does not describe this release; run `outcomes openapi`.")
            raise typer.Exit(1)
        if current == text:
            say(f"{output} is up to date.")
        else:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(text, encoding="utf-8")
            say(f"{output} is written.")
    except OSError as error:
        raise CannotRun(f"{output}: {error.strerror}.") from error
