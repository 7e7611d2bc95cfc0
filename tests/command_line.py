"""The command line in this process, its commands put together once.

Typer's runner does that for each run, which takes longer than most commands do.
"""

from functools import cache

from typer import testing

from app.cli.main import main

testing._get_command = cache(testing._get_command)


def run_outcomes(*arguments: object, stdin: bytes | None = None) -> testing.Result:
    """Run `outcomes` with these arguments."""
    return testing.CliRunner().invoke(main, [str(part) for part in arguments], input=stdin)
