"""`outcomes contract`: create, list and show contracts."""

from typing import Annotated, Any

import typer

from app.cli.files import TermsFile, read_document
from app.cli.options import As, AsJson, Contract, DryRun, Key, Url, connected
from app.cli.output import say, show_json, table
from app.cli.terms import show_version

contract = typer.Typer(help="Contracts.", no_args_is_help=True)


@contract.command("create")
def create(
    file: TermsFile,
    contract_id: Annotated[str, typer.Option("--id", help="The contract's id: a-z, 0-9, hyphens.")],
    actor: As,
    *,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Create a contract; the file is version 1 of its terms, a draft for the parties to accept."""
    body = {"contract_id": contract_id, "terms": read_document(file)}
    with connected(url) as service:
        answer = service.write("/v1/contracts", body, actor, key=key, dry_run=dry_run)
    show_version(answer.body, as_json=as_json, dry_run=answer.dry_run)


@contract.command("list")
def list_all(url: Url = None, as_json: AsJson = False) -> None:
    """List every contract."""
    with connected(url) as service:
        found = list(service.pages("/v1/contracts"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (one["contract_id"], one["version_in_force"], one["head_sequence"], one["title"])
        for one in found
    ]
    say(table(("contract", "in force", "records", "title"), rows, right=(1, 2)))


@contract.command("show")
def show(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """Show a contract: the versions of its terms, and the head of its journal."""
    with connected(url) as service:
        found: dict[str, Any] = service.get(f"/v1/contracts/{contract}")
    if as_json:
        show_json(found)
        return
    say(f"{found['contract_id']}: {found['title']}")
    say(f"Journal: {found['head_sequence']} records, head {found['head_hash']}")
    for version in found["versions"]:
        say()
        show_version(version, as_json=False)
