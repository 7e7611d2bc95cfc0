"""`outcomes evidence`: items that prove an outcome, and the files behind them."""

import hashlib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.failure import CannotRun
from app.cli.options import (
    As,
    AsJson,
    Contract,
    DryRun,
    Key,
    Person,
    Url,
    connected,
    day,
    text_of,
)
from app.cli.output import say, show_json, table, warn_of
from app.cli.terms import say_if_dry
from app.storage.evidence_types import ENDINGS

evidence = typer.Typer(help="Evidence of outcomes.", no_args_is_help=True)

_MEDIA_TYPES = {f".{ending}": media_type for media_type, ending in ENDINGS.items()}
_MEDIA_TYPES[".jpeg"] = _MEDIA_TYPES[".jpg"]


class HeldBy(StrEnum):
    """Who holds the file of an item."""

    PROVIDER = "provider"
    SERVICE = "service"


@evidence.command("upload")
def upload(
    contract: Contract,
    file: Annotated[
        Path, typer.Argument(help=f"A file; its name ends in {', '.join(sorted(_MEDIA_TYPES))}.")
    ],
    actor: As,
    *,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Upload a file, before the item that names it. The same file again changes nothing."""
    media_type = _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise CannotRun(f"{file}: the name must end in {', '.join(sorted(_MEDIA_TYPES))}.")
    content = _read(file)
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/evidence-files/{hashlib.sha256(content).hexdigest()}"
        held = service.upload(place, content, media_type, actor).body
    if as_json:
        show_json(held)
    else:
        say(f"Held: {held['media_type']}, {held['size_bytes']} bytes, SHA-256 {held['sha256']}")


@evidence.command("download")
def download(
    contract: Contract,
    evidence_id: Annotated[str, typer.Argument(help="The item's id.", show_default=False)],
    actor: As,
    out: Annotated[Path, typer.Option("--out", help="The file to write; never one that exists.")],
    url: Url = None,
) -> None:
    """Download the file of an item, by a link that the service makes for who acts."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/evidence/{evidence_id}/download-link"
        content = service.get_bytes_as(service.get_as(place, actor)["url"], actor)
    try:
        with out.open("xb") as file:
            out.chmod(0o600)
            file.write(content)
    except OSError as error:
        raise CannotRun(f"{out}: cannot be written: {error.strerror}.") from error
    say(f"{out} is written: {len(content)} bytes.")


@evidence.command("record")
def record(
    contract: Contract,
    person: Person,
    actor: As,
    kind: Annotated[str, typer.Option("--type", help="What it is, a code of the terms.")],
    issuer: Annotated[str, typer.Option("--issuer", help="Who issued it, a code of the terms.")],
    dated_on: Annotated[
        date,
        typer.Option("--dated-on", help="The date on the document.", parser=day, metavar="DAY"),
    ],
    supports: Annotated[
        list[str],
        typer.Option("--supports", help="A metric that it is evidence of; may be repeated."),
    ],
    *,
    covers_from: Annotated[
        date | None,
        typer.Option(
            "--from",
            help="The first day it speaks of. Default: the date on it.",
            parser=day,
            metavar="DAY",
        ),
    ] = None,
    covers_to: Annotated[
        date | None,
        typer.Option(
            "--to",
            help="The last day it speaks of. Default: the date on it.",
            parser=day,
            metavar="DAY",
        ),
    ] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help="The file's SHA-256.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="The file, instead of its SHA-256; only that is sent."),
    ] = None,
    held_by: Annotated[
        HeldBy,
        typer.Option("--held-by", help="Who holds the file; service: it was uploaded before."),
    ] = HeldBy.PROVIDER,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record one item of evidence. Of its file the record holds the SHA-256."""
    item = {
        "participant_id": person,
        "type": kind,
        "issuer": issuer,
        "dated_on": text_of(dated_on),
        "covers_from": text_of(covers_from or dated_on),
        "covers_to": text_of(covers_to or dated_on),
        "supports": supports,
        "sha256": _digest(sha256, file),
        "held_by": held_by.value,
    }
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/evidence"
        answer = service.write(place, {"items": [item]}, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    warn_of(answer.body)
    say_if_dry(dry_run=answer.dry_run)


@evidence.command("list")
def list_all(contract: Contract, person: Person, url: Url = None, as_json: AsJson = False) -> None:
    """List the evidence about one participant."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/evidence", participant_id=person)
    _show(found, as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [
        (
            one["dated_on"],
            one["type"],
            one["issuer"],
            ", ".join(one["supports"]),
            one["held_by"],
            one["evidence_id"],
        )
        for one in found["items"]
    ]
    say(table(("dated", "type", "issuer", "for", "held by", "id"), rows))


def _digest(named: str | None, file: Path | None) -> str:
    if named is not None and file is None:
        return named
    if file is None or named is not None:
        raise typer.BadParameter("give either --sha256 or --file")
    return hashlib.sha256(_read(file)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{path}: cannot be read: {error.strerror}.") from error
