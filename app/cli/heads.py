"""`outcomes keys` and `outcomes heads`: the signing key, and the signed ends of journals."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.failure import CannotRun
from app.cli.options import AsJson, Contract, Url, connected, day
from app.cli.output import say, show_json, table, warn
from app.domain.signed_head import SignedHead
from app.settings import load_settings

keys = typer.Typer(help="The key that signs heads and exports.", no_args_is_help=True)
heads = typer.Typer(help="Signed heads of journals.", no_args_is_help=True)

KeyFile = Annotated[
    Path | None,
    typer.Option("--file", help="The key file. Default: OUTCOMES_SIGNING_KEY_FILE."),
]
Party = Annotated[
    str | None,
    typer.Option("--party", help="As a webhook-ready file for that party.", metavar="PARTY"),
]
OnDay = Annotated[
    date | None,
    typer.Option("--day", help="Of that day. Default: the newest.", parser=day, metavar="DAY"),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write to this file. Default: standard output.")
]


@keys.command("new")
def new(file: KeyFile = None) -> None:
    """Make a file with a first signing key, readable by its owner only."""
    from app.storage import signing_keys

    path = _key_file(file)
    made = _written(path, lambda: signing_keys.create(path, datetime.now(UTC)))
    say(f"Key {made.current.key_id} is in {path}.")
    say("Give every party the public keys (outcomes keys show) now, by another way than this one.")


@keys.command("rotate")
def rotate(file: KeyFile = None) -> None:
    """Replace the signing key by a new one that the old one endorses."""
    from app.storage import signing_keys

    path = _key_file(file)
    made = _written(path, lambda: signing_keys.rotate(path, datetime.now(UTC)))
    say(f"Key {made.current.key_id} signs from now on; {made.current.previous_key_id} endorses it.")


@keys.command("show")
def show(file: KeyFile = None) -> None:
    """Print the public keys as JSON: what a party keeps and gives to the verifier."""
    from app.storage import signing_keys

    found = signing_keys.load(_key_file(file))
    show_json({"items": [key.document() for key in found.keys]})


@heads.command("sign")
def sign(
    contract: Annotated[
        str | None, typer.Argument(help="The contract's id. Default: every contract.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Write a webhook-ready file for each party, OUT/CONTRACT/DAY/PARTY.json, and "
            "OUT/_service/DAY.json.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign today's head of a contract, or of every one and of the service's own access log, in the
    database itself.

    For a daily job: run again on the same day, it signs nothing and prints what stands. Exit 1: a
    journal contradicts itself or an earlier head; the others are signed all the same.
    """
    from app.cli.signing import OF_SERVICE, signed

    found, refused = signed(load_settings(), contract, out)
    if as_json:
        show_json({"items": [{"new": one.new, **one.head.document()} for one in found]})
    else:
        rows = [
            (one.head.contract_id or OF_SERVICE, one.head.day, *_end(one.head), _state(one.new))
            for one in found
        ]
        say(table(("contract", "day", "record", "hash", "state"), rows, right=(2,)))
    for contract_id, message in refused:
        warn(f"{contract_id}: {message}")
    if refused:
        raise typer.Exit(1)


@heads.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List the signed heads of a contract."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/heads"))
    if as_json:
        show_json({"items": found})
        return
    rows = [(one["day"], one["sequence"], one["hash"], one["key_id"]) for one in found]
    say(table(("day", "record", "hash", "key"), rows, right=(1,)))


@heads.command("show")
def show_one(
    contract: Contract,
    on: OnDay = None,
    party: Party = None,
    out: Out = None,
    url: Url = None,
) -> None:
    """Print or save a signed head: what a party keeps where the operator cannot reach it."""
    place = f"/v1/contracts/{contract}/heads/{on.isoformat() if on else 'latest'}"
    _kept(f"{place}/deliveries/{party}" if party else place, out, url)


@heads.command("service-list")
def list_of_service(url: Url = None, as_json: AsJson = False) -> None:
    """List the signed heads of the service's own access log. For operators and auditors."""
    with connected(url) as service:
        found = list(service.pages("/v1/access/heads"))
    if as_json:
        show_json({"items": found})
        return
    rows = [
        (one["day"], one["access_sequence"], one["access_hash"], one["key_id"]) for one in found
    ]
    say(table(("day", "entry", "hash", "key"), rows, right=(1,)))


@heads.command("service-show")
def show_of_service(on: OnDay = None, out: Out = None, url: Url = None) -> None:
    """Print or save a signed head of the service's own access log. For operators and auditors."""
    _kept(f"/v1/access/heads/{on.isoformat() if on else 'latest'}", out, url)


def _kept(place: str, out: Path | None, url: str | None) -> None:
    with connected(url) as service:
        found: Any = service.get(place)
    if out is None:
        show_json(found)
        return
    try:
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{out}: cannot be written: {error.strerror}.") from error
    warn(f"Saved in {out}.")


def _end(head: SignedHead) -> tuple[int, str]:
    """Where the journal ends, and of the service, which has none, its log."""
    if head.contract_id:
        return head.sequence, head.hash
    return head.access_sequence, head.access_hash


def _state(new: bool) -> str:
    return "signed" if new else "signed before"


def _key_file(given: Path | None) -> Path:
    path = given or load_settings().signing_key_file
    if path is None:
        raise CannotRun("Name the key file: --file FILE, or OUTCOMES_SIGNING_KEY_FILE.")
    return path


def _written(path: Path, work: Any) -> Any:
    try:
        return work()
    except OSError as error:
        raise CannotRun(f"{path}: cannot be written: {error.strerror}.") from error
