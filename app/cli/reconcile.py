"""`outcomes reconcile`: import files, list their lines, see whether everything ties together."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.documents import MediaType, load_document
from app.cli.failure import REFUSED, CannotRun
from app.cli.options import As, AsJson, Contract, DryRun, Key, Url, connected
from app.cli.output import amount, say, show_json, table, warn
from app.cli.terms import say_if_dry
from app.domain.bank import Classification, SourceKind
from app.domain.reconciliation import LineState

reconcile = typer.Typer(
    help="Bank and accounts-payable files, and what their lines pay.", no_args_is_help=True
)

_CHUNK_BYTES = 1024 * 1024
_KINDS = {".xml": SourceKind.CAMT_053, ".sta": SourceKind.MT940, ".csv": SourceKind.CSV}

Source = Annotated[
    str, typer.Option("--source", help="The party's name for the account or extract.")
]
SomeSource = Annotated[str | None, typer.Option("--source", help="Only of this source.")]


@reconcile.command("mapping")
def mapping(
    contract: Contract,
    name: Annotated[str, typer.Argument(help="A name for the mapping.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="The mapping as YAML or JSON.")],
    actor: As,
    *,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Save how the columns of a CSV source are read. Saved again, it gets the next version."""
    media: MediaType = "application/json" if file.suffix.lower() == ".json" else "application/yaml"
    body = {"name": name, "mapping": load_document(_read(file), media)}
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/column-mappings"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        say(f"Mapping {name}, version {answer.body['mapping_version']}")
    say_if_dry(dry_run=answer.dry_run)


@reconcile.command("import")
def take_in(
    contract: Contract,
    file: Annotated[Path, typer.Argument(help="A camt.053, MT940 or CSV file.")],
    source: Source,
    actor: As,
    *,
    kind: Annotated[
        SourceKind | None,
        typer.Option("--kind", help="Its form. Default: by its name, .xml, .sta or .csv."),
    ] = None,
    mapping_name: Annotated[
        str | None, typer.Option("--mapping", help="The saved mapping of a CSV file.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            help="The account, such as its IBAN or sort code and number (5 to 50 letters, digits, "
            "spaces, slashes and hyphens), if the file does not say.",
        ),
    ] = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Import a file of one of the party's accounts. The same file again changes nothing."""
    kind = kind or _KINDS.get(file.suffix.lower())
    if kind is None:
        raise CannotRun(f"{file}: say with --kind what it is: camt.053, mt940 or csv.")
    with connected(url) as service:
        found = service.upload_parts(
            f"/v1/contracts/{contract}/imports/{_sha256(file)}",
            _chunks(file),
            actor,
            dry_run=dry_run,
            kind=kind.value,
            source=source,
            mapping=mapping_name,
            account=account,
        )
    if as_json:
        show_json(found.body)
    else:
        _say_import(found.body)
    say_if_dry(dry_run=found.dry_run)


@reconcile.command("lines")
def lines(
    contract: Contract,
    *,
    source: SomeSource = None,
    party: Annotated[str | None, typer.Option("--party", help="Only of this party.")] = None,
    classification: Annotated[
        Classification | None, typer.Option("--class", help="Only those classified so.")
    ] = None,
    state: Annotated[
        LineState | None, typer.Option("--state", help="Only those in this state.")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List imported lines with how each ends and why."""
    query = {"source": source, "party": party, "classification": classification, "state": state}
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/import-lines", **query))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (
            one["line"],
            one["booked_on"],
            one["direction"],
            one["amount"]["currency"],
            one["amount"],
            one["classification"],
            one["state"],
            "; ".join(step["because"] for step in one["reasons"]) or ", ".join(one["references"]),
        )
        for one in found
    ]
    head = ("line", "booked", "way", "in", "amount", "class", "state", "why, or its references")
    say(table(head, rows, right=(4,)))


@reconcile.command("faults")
def faults(
    contract: Contract,
    *,
    state: Annotated[
        LineState | None, typer.Option("--state", help="Only open or ignored ones.")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List what of the files could not be read, and whether it is left out."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/import-faults", state=state))
    if as_json:
        show_json({"items": found})
        return
    names = ("line", "party", "source", "state", "ignored_because", "code", "message")
    rows = [[one[name] for name in names] for one in found]
    say(table(("line", "party", "source", "state", "why", "code", "what is wrong"), rows))


@reconcile.command("report")
def report(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """Show whether everything ties together, what differs and why. Exit 1 if anything differs."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/reconciliation")
    if as_json:
        show_json(found)
    else:
        _say_report(found)
    if not found["holds"]:
        raise typer.Exit(REFUSED)


def _say_report(found: dict[str, Any]) -> None:
    rows = [
        (
            tie["name"],
            tie["left"]["name"],
            tie["left"]["amount"],
            tie["right"]["name"],
            tie["right"]["amount"],
            tie["difference"],
        )
        for tie in found["ties"]
    ]
    head = ("tie", "this", "amount", "must equal", "amount", "difference")
    say(f"Reconciliation in {found['currency']}, as known at {found['known_at']}\n")
    say(table(head, rows, right=(2, 4, 5)))
    for tie in found["ties"]:
        for cause in tie["causes"]:
            say(f"{tie['name']}: {cause['because']} ({', '.join(cause['refs'])})")
    counted = ("party", "source", "classification", "state", "direction", "count")
    counts = [
        [*(one[name] for name in counted), one["amount"]["currency"], one["amount"]]
        for one in found["lines"]
    ]
    titles = ("party", "source", "class", "state", "way", "lines", "in", "amount")
    say("\n" + table(titles, counts, right=(5, 7)))
    for one in found["faults"]:
        say(
            f"{one['party']}/{one['source']}: {one['count']} {one['code']} that could not be read, "
            f"{one['classification']}"
        )


def _say_import(found: dict[str, Any]) -> None:
    say(
        f"Import {found['import_number']} of {found['party']}/{found['source']}: "
        f"{found['line_count']} lines, {found['duplicate_count']} of them known before, "
        f"{found['fault_count']} that could not be read"
    )
    for name in ("opening", "closing"):
        if found[name] is not None:
            say(f"  {name} balance {amount(found[name])}")
    if found["also_of"]:
        warn(
            f"warning: The same file was imported before, as {' and '.join(found['also_of'])}; "
            "use one source name for one account."
        )
    if found["fault_count"]:
        warn("What could not be read, `outcomes reconcile faults` lists.")


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise CannotRun(f"{file}: cannot be read: {error.strerror}.") from error


def _chunks(file: Path) -> Iterator[bytes]:
    """The file in parts, saying how far the sending is where it takes more than a moment."""
    size, sent = file.stat().st_size, 0
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            yield chunk
            sent += len(chunk)
            if size > _CHUNK_BYTES:
                warn(f"Sent {100 * sent // size}% of {size} bytes")
    if size > _CHUNK_BYTES:
        warn("The service is reading the lines.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path}: cannot be read: {error.strerror}.") from error
