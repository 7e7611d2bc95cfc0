"""`outcomes terms`: check and hash a document here; draft, accept and show versions there."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failure import fault_lines
from app.cli.files import TermsFile, read_document
from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    OnDay,
    Url,
    connected,
    text_of,
    without_none,
)
from app.cli.output import counted, say, show_json, table, warn
from app.domain.errors import Fault, InputInvalid

if TYPE_CHECKING:
    from app.service.contracts import TermsCheck

terms = typer.Typer(help="Terms of contracts: documents and their versions.", no_args_is_help=True)


@terms.command("check")
def check(file: TermsFile, as_json: AsJson = False) -> None:
    """Find every fault and warning of a terms document. Asks no service. Exit 1 with faults."""
    found = _checked(file)
    if as_json:
        show_json(
            {
                "valid": found.hash is not None,
                "hash": found.hash,
                "faults": _plain(found.faults),
                "warnings": _plain(found.warnings),
            }
        )
    else:
        for line in fault_lines(found.faults):
            say(f"fault  {line}")
        for line in fault_lines(found.warnings):
            say(f"warning{line}")
        say(_verdict(len(found.faults), len(found.warnings), found.hash))
    if found.hash is None:
        raise typer.Exit(1)


@terms.command("hash")
def print_hash(file: TermsFile) -> None:
    """Print the hash that the parties accept. Asks no service. Exit 1 with faults."""
    found = _checked(file)
    if found.hash is None:
        for line in fault_lines(found.faults):
            warn(f"fault  {line}")
        raise typer.Exit(1)
    say(found.hash)


@terms.command("draft")
def draft(
    contract: Contract,
    file: TermsFile,
    actor: As,
    *,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Add a variation to a contract as a draft for its parties to accept."""
    document = read_document(file)
    with connected(url) as service:
        answer = service.write(
            f"/v1/contracts/{contract}/terms", document, actor, key=key, dry_run=dry_run
        )
    show_version(answer.body, as_json=as_json, dry_run=answer.dry_run)


@terms.command("accept")
def accept(
    contract: Contract,
    version: Annotated[int, typer.Argument(help="The version's number.", min=1)],
    actor: As,
    *,
    named: Annotated[
        str | None, typer.Option("--hash", help="The hash of the document that you have read.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="The document that you have read, instead of its hash."),
    ] = None,
    on: OnDay = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Accept a version for your party, by the hash of the document that you have read."""
    body = without_none(hash=_named_hash(named, file), accepted_on=text_of(on))
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/terms/{version}/acceptances"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    show_version(answer.body, as_json=as_json, dry_run=answer.dry_run)


@terms.command("show")
def show(
    contract: Contract,
    version: Annotated[int, typer.Argument(help="The version's number.", min=1)],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Print a version's document exactly as it was hashed; with --json its acceptances too."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/terms/{version}")
    if as_json:
        show_json(found)
    else:
        say(found["document"])


def show_version(body: dict[str, Any], *, as_json: bool, dry_run: bool = False) -> None:
    """A version with its acceptances, as JSON or as text."""
    if as_json:
        show_json(body)
        return
    state = "in force" if body["in_force"] else "draft"
    say(f"Version {body['version']}, {state}, effective from {body['effective_from']}")
    say(f"Hash {body['hash']}")
    if body["acceptances"]:
        rows = [(one["party"], one["person"], one["accepted_on"]) for one in body["acceptances"]]
        say(table(("accepted by", "person", "on"), rows))
    if body["outstanding"]:
        say(f"Still to accept: {', '.join(body['outstanding'])}")
    say_if_dry(dry_run=dry_run)


def say_if_dry(*, dry_run: bool) -> None:
    """Remind that a dry run has recorded nothing."""
    if dry_run:
        warn("Dry run: nothing was recorded.")


def _named_hash(named: str | None, file: Path | None) -> str:
    if named is not None and file is None:
        return named
    if file is None or named is not None:
        raise typer.BadParameter("give either --hash or --file")
    found = _checked(file)
    if found.hash is None:
        raise InputInvalid(found.faults)
    return found.hash


def _checked(file: Path) -> "TermsCheck":
    from app.service.contracts import check_terms  # which loads the whole service

    return check_terms(read_document(file))


def _plain(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"code": one.code, "pointer": one.pointer, "message": one.message} for one in faults]


def _verdict(faults: int, warnings: int, found: str | None) -> str:
    if found is None:
        return f"{counted(faults, 'fault')}, {counted(warnings, 'warning')}."
    return f"No faults, {counted(warnings, 'warning')}. Hash {found}"
