"""People's data: basis, subject access, erasure, retention; the master key and quarantine."""

from datetime import date
from enum import StrEnum
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
    without_none,
)
from app.cli.output import counted, say, show_json, table, warn
from app.cli.terms import say_if_dry
from app.domain.privacy import LawfulBasis, SpecialCondition
from app.settings import load_settings

erasures = typer.Typer(help="What was erased of people's data.", no_args_is_help=True)
retention = typer.Typer(help="How long evidence is kept.", no_args_is_help=True)


class Ground(StrEnum):
    """Why a participant's data is erased."""

    REQUESTED = "requested"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    UNLAWFUL = "unlawful"


def basis(
    contract: Contract,
    person: Person,
    actor: As,
    lawful: Annotated[LawfulBasis, typer.Option("--basis", help="UK GDPR Article 6(1).")],
    condition: Annotated[
        SpecialCondition, typer.Option("--condition", help="UK GDPR Article 9(2).")
    ],
    notice: Annotated[str, typer.Option("--notice", help="The privacy notice's version.")],
    given_on: Annotated[
        date,
        typer.Option("--given-on", help="The day it was given.", parser=day, metavar="DAY"),
    ],
    *,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Record on what basis a participant's data is held, and which notice they were given."""
    body = {
        "lawful_basis": lawful.value,
        "special_condition": condition.value,
        "notice_version": notice,
        "notice_given_on": text_of(given_on),
    }
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants/{person}/privacy"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        told = answer.body
        say(f"{told['participant_id']}: {told['lawful_basis']}, {told['special_condition']}")
    say_if_dry(dry_run=answer.dry_run)


def access(contract: Contract, person: Person, actor: As, url: Url = None) -> None:
    """Print all that is held about a participant as JSON, to answer a request for access."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants/{person}/subject-access"
        show_json(service.get_as(place, actor))


def erase(
    contract: Contract,
    person: Person,
    actor: As,
    ground: Annotated[Ground, typer.Option("--ground", help="Why.")],
    *,
    include_shared: Annotated[
        bool,
        typer.Option("--include-shared", help="Also files that are another's evidence."),
    ] = False,
    on: Annotated[
        date | None,
        typer.Option("--on", help="The decision's day. Default: today.", parser=day, metavar="DAY"),
    ] = None,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Erase every file and note about a participant that the service holds. It is for good."""
    body = without_none(
        ground=ground.value, include_shared=include_shared or None, decided_on=text_of(on)
    )
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/participants/{person}/erasure"
        answer = service.write(place, body, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@erasures.command("list")
def list_all(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """List every erasure of a contract: what must go from backups too."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/erasures")
    if as_json:
        show_json(found)
        return
    rows = [
        (
            one["erasure_number"],
            one["decided_on"],
            one["participant_id"] or "the contract",
            one["ground"],
            len(one["evidence_files"]) + len(one["imported_files"]),
            len(one["notes"]),
        )
        for one in found["items"]
    ]
    say(table(("number", "on", "of", "ground", "files", "notes"), rows, right=(4, 5)))


@erasures.command("apply")
def apply(contract: Contract) -> None:
    """Erase again, in the database and directory themselves, what a restored backup brought back.

    Run it for every contract after restoring a backup, before the service is started.
    """
    from app.cli import keeping

    say(f"Erased again: {keeping.erased_again(load_settings(), contract)}.")


@retention.command("show")
def show(contract: Contract, url: Url = None, as_json: AsJson = False) -> None:
    """Show until when a contract's evidence and notes are kept, and how much is held."""
    with connected(url) as service:
        found = service.get(f"/v1/contracts/{contract}/retention")
    if as_json:
        show_json(found)
        return
    until = found["keep_through"] or "no day: nothing bounds the contract"
    over = "over" if found["is_over"] else "not over"
    say(f"Kept {found['years']} years after {found['contract_ends_on'] or '-'}, through {until}.")
    held = [f"{found[name]} {name.replace('_', ' ')}" for name in _HELD]
    say(f"The time is {over}. Held: {', '.join(held)}.")
    hours, late = found["unnamed_files_hours"], found["unnamed_files_over"]
    say(f"Named by no evidence item: {found['unnamed_files']}, {late} for over {hours} hours.")


@retention.command("erase")
def erase_contract(
    contract: Contract,
    actor: As,
    key: Key = None,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Erase every file and note of a contract whose time is over. The commissioner acts."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/retention/erasure"
        answer = service.write(place, None, actor, key=key, dry_run=dry_run)
    _show(answer.body, as_json=as_json)
    say_if_dry(dry_run=answer.dry_run)


@retention.command("expire")
def expire(
    contract: Annotated[
        str | None,
        typer.Argument(help="The contract's id. Default: every one.", show_default=False),
    ] = None,
) -> None:
    """Remove uploaded files that no evidence item named in time, in the directory itself.

    Run it every day. How long a file waits is OUTCOMES_UNNAMED_FILES_HOURS.
    """
    from app.cli import keeping

    removed = keeping.expired(load_settings(), contract)
    for contract_id, sha256 in removed:
        say(f"{contract_id}  {sha256}")
    say(f"Removed: {counted(len(removed), 'file')}.")


def rescan(contract: Contract) -> None:
    """Scan the files that no scan has settled, in the directory itself; clean ones are free."""
    from app.cli import keeping

    settings = load_settings()
    if settings.malware_scanner is None:
        raise CannotRun("OUTCOMES_MALWARE_SCANNER: is not set, so nothing can be scanned.")
    verdicts = keeping.scanned_again(settings, contract)
    for sha256, verdict in verdicts:
        say(f"{sha256}  {verdict}")
    if not verdicts:
        say("No file waits for a scan.")
    if any(verdict != "clean" for _, verdict in verdicts):
        raise typer.Exit(1)


def rotate_master(
    *,
    data_keys: Annotated[
        bool,
        typer.Option("--data-keys", help="Also give each contract a new data key for new files."),
    ] = False,
    forget_old: Annotated[
        bool,
        typer.Option("--forget-old", help="Remove the old master keys once nothing needs them."),
    ] = False,
) -> None:
    """Replace the master key: every contract's data keys are wrapped anew, no file is touched.

    With OUTCOMES_MASTER_KEY, put the new key first in it yourself, then run this. Backups made
    before need the old key: keep it where backups are, not where the service is.
    """
    from app.cli import keeping

    done = keeping.rotated(load_settings(), data_keys=data_keys, forget_old=forget_old)
    say(f"Wrapped anew under master key {done.master_id}: the keys of {done.contracts} contracts.")
    if done.left:
        warn(f"{done.left} older master keys are still there; --forget-old removes them.")


_HELD = ("evidence_files", "imported_files", "notes")


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    files = len(found["evidence_files"]) + len(found["imported_files"])
    say(f"Erasure {found['erasure_number']}: {files} files, {len(found['notes'])} notes.")
    for sha256 in found["kept_shared"]:
        warn(f"Kept, because it is another participant's evidence too: {sha256}")
