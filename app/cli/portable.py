"""`outcomes contract export` and `import`: a whole contract in one file."""

import os
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, DryRun, Url, connected
from app.cli.output import counted, say, show_json, warn
from app.settings import load_settings

Keys = Annotated[
    Path | None,
    typer.Option("--keys", help="Public keys of the ledger that it comes from, as you know them."),
]


def export(
    contract_id: Contract,
    out: Annotated[Path, typer.Option("--out", help="The file to write; it must not exist.")],
    files: Annotated[
        bool,
        typer.Option(
            "--files",
            help="With the evidence and bank files, read from the service's own database and "
            "directory: on its machine only.",
        ),
    ] = False,
    url: Url = None,
) -> None:
    """Save a whole contract as JSON lines with a signed manifest."""
    if files and url is not None:
        raise typer.BadParameter("--files reads the directory itself; no service hands it out")
    if out.exists():
        raise CannotRun(f"{out}: is there already; name another file.")
    partial = out.with_name(out.name + ".part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            if files:
                _export_with_files(contract_id, file)
            else:
                with connected(url) as service:
                    service.download(f"/v1/contracts/{contract_id}/export", file.write)
        partial.replace(out)
    except OSError as error:
        raise CannotRun(f"{out}: cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    warn(f"Saved {out.stat().st_size} bytes in {out}.")


def _export_with_files(contract_id: str, file: BinaryIO) -> None:
    from app.cli import keeping

    made = keeping.exported(load_settings(), contract_id, file)
    for one in made.withheld:
        warn(f"Not in it: the {one['kind']} file {one['sha256']}, malware scan: {one['verdict']}.")


def import_(
    file: Annotated[Path, typer.Argument(help="An export.", show_default=False)],
    keys: Keys = None,
    unpinned: Annotated[
        bool,
        typer.Option("--unpinned", help="Accept the keys in the export itself, unseen before."),
    ] = False,
    without_files: Annotated[
        bool, typer.Option("--without-files", help="Accept that its files are missing.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Build a contract again from an export, in the database itself; everything or nothing."""
    if (keys is None) is not unpinned:
        raise typer.BadParameter("give --keys FILE, or --unpinned if you have no keys")
    from app.cli.signing import imported

    found = imported(load_settings(), file, keys, without_files=without_files, dry_run=dry_run)
    if as_json:
        show_json({name: getattr(found, name) for name in found.__slots__})
        return
    done = "Would import" if dry_run else "Imported"
    say(
        f"{done} contract {found.contract_id}: {counted(found.records, 'record')}, "
        f"{counted(found.rows, 'row')}, {counted(found.files, 'file')}; "
        f"head {found.sequence}, hash {found.hash}."
    )
    if found.missing_files:
        warn(f"{counted(found.missing_files, 'file')} of the record were not in the export.")
