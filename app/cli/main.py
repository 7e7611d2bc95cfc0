"""The `outcomes` command."""

from __future__ import annotations

import typer

main = typer.Typer(name="outcomes", help="Outcomes Ledger.", no_args_is_help=True)


@main.callback()
def outcomes() -> None:
    """Record an outcomes contract once, and trace every figure in it."""
