"""`outcomes access`: API keys, local accounts, and the key that seals second factors."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.access import Principal, SignInName, access
from app.cli.failure import CannotRun
from app.cli.output import say, warn
from app.settings import load_settings

__all__ = ["access"]

KeyId = Annotated[str, typer.Argument(help="The key's id.", show_default=False)]
Days = Annotated[int, typer.Option("--days", help="For how many days it counts.", min=1, max=400)]


@access.command("key")
def make_key(
    principal: Principal,
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="ROLE:read or ROLE:write; may be repeated.")
    ],
    days: Days = 90,
) -> None:
    """Make an API key of a machine. Prints the key, which cannot be shown again."""
    from app.cli.access_desk import desk
    from app.service import api_keys
    from app.service.access import BY_COMMAND_LINE

    with desk() as reception:
        made = api_keys.make_key(
            reception, principal, name=name, scopes=scope, days=days, by=BY_COMMAND_LINE
        )
    warn(f"Key {made.key.key_id} counts until {made.key.expires_at.isoformat()}.")
    say(made.text)


@access.command("rotate-key")
def rotate_key(
    key_id: KeyId,
    overlap_hours: Annotated[
        int,
        typer.Option("--overlap-hours", help="For how many hours both count.", min=0, max=720),
    ] = 24,
    days: Days = 90,
) -> None:
    """Make a key's successor; both count for the overlap. Prints the new key."""
    from app.cli.access_desk import desk
    from app.service import api_keys
    from app.service.access import BY_COMMAND_LINE

    with desk() as reception:
        made = api_keys.rotate_key(
            reception, key_id, overlap_hours=overlap_hours, days=days, by=BY_COMMAND_LINE
        )
    warn(f"Key {made.key.key_id} counts until {made.key.expires_at.isoformat()}.")
    say(made.text)


@access.command("end-key")
def end_key(key_id: KeyId) -> None:
    """End an API key at once."""
    from app.cli.access_desk import desk
    from app.service import api_keys
    from app.service.access import BY_COMMAND_LINE

    with desk() as reception:
        api_keys.end_key(reception, key_id, BY_COMMAND_LINE)
    warn("The key counts no more.")


@access.command("account")
def open_account(principal: Principal, sign_in_name: SignInName) -> None:
    """Open a local account for a person. Prints the invitation, which counts once."""
    from app.cli.access_desk import desk
    from app.service import accounts
    from app.service.access import BY_COMMAND_LINE

    with desk() as reception:
        invited = accounts.open_account(reception, principal, sign_in_name, BY_COMMAND_LINE)
    warn(f"The invitation counts until {invited.expires_at.isoformat()}:")
    say(invited.setup_token)


@access.command("invite")
def invite(sign_in_name: SignInName) -> None:
    """Invite again: password forgotten, or device lost. Prints the invitation."""
    from app.cli.access_desk import desk
    from app.service import accounts
    from app.service.access import BY_COMMAND_LINE

    with desk() as reception:
        invited = accounts.invite_again(reception, sign_in_name, BY_COMMAND_LINE)
    warn(f"The invitation counts until {invited.expires_at.isoformat()}:")
    say(invited.setup_token)


@access.command("unlock")
def unlock(sign_in_name: SignInName) -> None:
    """Forget an account's failures to sign in, so that its owner need not wait."""
    from app.cli.access_desk import desk
    from app.service import accounts

    with desk() as reception:
        accounts.unlock(reception, sign_in_name)
    warn("The account is unlocked.")


@access.command("new-key-file")
def new_key_file(
    path: Annotated[
        Path | None,
        typer.Argument(help="The file. Default: OUTCOMES_SIGN_IN_KEY_FILE.", show_default=False),
    ] = None,
) -> None:
    """Make the key that seals second factors. An existing file is left alone."""
    from app.identity import sealing

    target = path or load_settings().sign_in_key_file
    try:
        sealing.new_key_file(target)
    except FileExistsError as error:
        raise CannotRun(f"{target}: is there already, and was left alone.") from error
    except OSError as error:
        raise CannotRun(f"{target}: {error.strerror}.") from error
    warn(f"{target} is written; keep a copy apart from the database's backups.")
