"""Local accounts, for organisations without an identity provider: password and second factor.

Whatever is wrong with name, password or code, the answer is the same and takes as long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from app.domain.access import PrincipalKind
from app.domain.credential import is_live
from app.domain.errors import Fault, InputInvalid, NotSignedIn, RuleRefused, TooManyAttempts
from app.domain.lockout import BY_ADDRESS, BY_NAME, blocked_until
from app.identity import second_factor
from app.identity.passwords import check_choice, hash_password, verify_password
from app.identity.secret_text import hashed, new_secret
from app.service.reception import Reception
from app.service.sessions import add_local
from app.storage import accounts, principals, sessions, sign_in_attempts
from app.storage.accounts import Account, Setup
from app.storage.engine import UnitOfWork

INVITATION = timedelta(hours=72)
"""How long an invitation to set an account up counts."""

_LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an operator hands to the owner of an account. The token is shown this once."""

    principal_id: str
    sign_in_name: str
    setup_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the owner of an account enters into an authenticator app."""

    sign_in_name: str
    totp_secret: str
    totp_address: str


def open_account(
    reception: Reception, principal_id: str, sign_in_name: str, by: str, *, dry_run: bool = False
) -> Invitation:
    """Open an account for a person. Raises RuleRefused `sign-in-name-taken`, `not-a-person`."""

    def work(uow: UnitOfWork) -> Invitation:
        if principals.get(uow.connection, principal_id).kind is not PrincipalKind.PERSON:
            raise RuleRefused("not-a-person", "Only a person has an account; give a machine a key.")
        accounts.add(uow.connection, sign_in_name, principal_id, by, reception.clock())
        return _invited(reception, uow, principal_id, sign_in_name, by)

    return reception.write(work, dry_run=dry_run)


def invite_again(
    reception: Reception, sign_in_name: str, by: str, *, dry_run: bool = False
) -> Invitation:
    """Invite the owner of an account to set it up anew: forgotten password, lost telephone."""

    def work(uow: UnitOfWork) -> Invitation:
        principal_id = accounts.principal_of(uow.connection, sign_in_name)
        return _invited(reception, uow, principal_id, sign_in_name, by)

    return reception.write(work, dry_run=dry_run)


def unlock(reception: Reception, sign_in_name: str, *, dry_run: bool = False) -> None:
    """Forget the failures of a name, so that its owner need not wait."""

    def work(uow: UnitOfWork) -> None:
        accounts.principal_of(uow.connection, sign_in_name)
        mark = _mark(reception, sign_in_name)
        now = reception.clock()
        sign_in_attempts.add(uow.connection, reception.new_id(), mark, "", "unlocked", now)

    reception.write(work, dry_run=dry_run)


def enrolment(reception: Reception, setup_token: str) -> Enrolment:
    """What an invitation asks its owner to enter. Raises NotSignedIn `setup-refused`."""
    with reception.reading() as uow:
        setup, name = _setup(reception, uow, setup_token)
    secret = reception.sealer.open(setup.totp_sealed)
    return Enrolment(name, secret, second_factor.totp_address(secret, name))


def set_up(
    reception: Reception, setup_token: str, password: str, code: str, *, dry_run: bool = False
) -> list[str]:
    """Set an account up: a password, and a code that shows the app to work. Its recovery codes.

    Every session of the account ends. Raises NotSignedIn `setup-refused`, InputInvalid
    `password-too-weak`, `password-of-names`, `password-too-common`, `code-wrong`.
    """
    now, codes = reception.clock(), second_factor.new_recovery_codes()

    def work(uow: UnitOfWork) -> list[str]:
        setup, name = _setup(reception, uow, setup_token)
        check_choice(password, name, _names(uow, setup.principal_id))
        secret = reception.sealer.open(setup.totp_sealed)
        if second_factor.matching_step(secret, code, now) is None:
            message = "The code is not the one that the app shows now; check the device's clock."
            raise InputInvalid([Fault("code-wrong", "/code", message)])
        hashes = [second_factor.recovery_hash(one) for one in codes]
        accounts.set_factor(uow.connection, setup, hashes, now)
        accounts.set_password(uow.connection, setup.principal_id, hash_password(password), now)
        sessions.end_all(uow.connection, setup.principal_id, now)
        mark = _mark(reception, name)
        sign_in_attempts.add(uow.connection, reception.new_id(), mark, "", "unlocked", now)
        return codes

    return reception.write(work, dry_run=dry_run)


def sign_in(reception: Reception, sign_in_name: str, password: str, code: str, address: str) -> str:
    """Begin a session with name, password and a one-time or recovery code; its secret.

    Raises TooManyAttempts `too-many-attempts` and NotSignedIn `sign-in-refused`, with the same
    words for every name, whether or not there is such an account.
    """
    mark, from_mark = _mark(reception, sign_in_name), reception.sealer.mark(f"address\n{address}")
    account = reception.write(lambda uow: _attempt(reception, uow, sign_in_name, mark, from_mark))
    right = verify_password(password, None if account is None else account.password_hash)

    def begin(uow: UnitOfWork) -> str | None:
        if account is None or not right or not _use_code(reception, uow, account, code):
            return None
        now = reception.clock()
        if principals.get(uow.connection, account.principal_id).ended_at is not None:
            return None
        sign_in_attempts.add(uow.connection, reception.new_id(), mark, from_mark, "succeeded", now)
        return add_local(uow, account.principal_id, now)

    secret = reception.write(begin)
    if secret is None:
        raise NotSignedIn("sign-in-refused", "The sign-in did not succeed. Begin it again.")
    return secret


def change_password(
    reception: Reception,
    principal_id: str,
    current: str,
    new: str,
    address: str,
    *,
    dry_run: bool = False,
) -> int:
    """Change the password of whoever is signed in, who must know the present one.

    Every session ends, this one too; how many there were. Failures count as failures to sign in do.
    """
    with reception.reading() as uow:
        name = accounts.name_of(uow.connection, principal_id)
        names = _names(uow, principal_id)
    if name is None:
        raise RuleRefused("no-local-account", "You sign in at your organisation, not here.")
    mark, from_mark = _mark(reception, name), reception.sealer.mark(f"address\n{address}")
    account = reception.write(lambda uow: _attempt(reception, uow, name, mark, from_mark))
    if not verify_password(current, None if account is None else account.password_hash):
        raise NotSignedIn("sign-in-refused", "The present password is not right.")
    check_choice(new, name, names)
    now, kept = reception.clock(), hash_password(new)

    def work(uow: UnitOfWork) -> int:
        accounts.set_password(uow.connection, principal_id, kept, now)
        ended = sessions.end_all(uow.connection, principal_id, now)
        sign_in_attempts.add(uow.connection, reception.new_id(), mark, from_mark, "succeeded", now)
        return ended

    return reception.write(work, dry_run=dry_run)


def _invited(
    reception: Reception, uow: UnitOfWork, principal_id: str, sign_in_name: str, by: str
) -> Invitation:
    token, now = new_secret(), reception.clock()
    sealed = reception.sealer.seal(second_factor.new_totp_secret())
    setup = Setup(hashed(token), principal_id, sealed, now + INVITATION, by, now)
    accounts.add_setup(uow.connection, setup)
    return Invitation(principal_id, sign_in_name, token, setup.expires_at)


def _names(uow: UnitOfWork, principal_id: str) -> tuple[str, str]:
    """What the owner of an account and the organisation are called."""
    principal = principals.get(uow.connection, principal_id)
    return principal.name, principal.organisation


def _setup(reception: Reception, uow: UnitOfWork, setup_token: str) -> tuple[Setup, str]:
    setup = accounts.open_setup(uow.connection, hashed(setup_token))
    name = None if setup is None else accounts.name_of(uow.connection, setup.principal_id)
    if setup is None or name is None or not is_live(reception.clock(), setup.expires_at):
        raise NotSignedIn(
            "setup-refused",
            "The invitation is unknown, used, replaced or too old. Ask the operator for a new one.",
        )
    return setup, name


def _attempt(
    reception: Reception, uow: UnitOfWork, sign_in_name: str, mark: str, from_mark: str
) -> Account | None:
    """Count an attempt as failed before it is judged, and give the account of the name.

    One that succeeds is counted again, as a success; so parallel guesses cannot pass the limit.
    """
    now = reception.clock()
    sign_in_attempts.hold(uow.connection, mark)
    since = now - _LOOK_BACK
    waits = [
        blocked_until(BY_NAME, sign_in_attempts.failures_of_name(uow.connection, mark, since), now),
        blocked_until(
            BY_ADDRESS,
            sign_in_attempts.failures_of_address(uow.connection, from_mark, since),
            now,
        ),
    ]
    until = max((wait for wait in waits if wait is not None), default=None)
    if until is not None:
        raise TooManyAttempts(
            "too-many-attempts",
            "There were too many failures to sign in. Wait, or ask the operator to unlock the "
            "account.",
            ceil((until - now).total_seconds()),
        )
    sign_in_attempts.add(uow.connection, reception.new_id(), mark, from_mark, "failed", now)
    return accounts.find(uow.connection, sign_in_name)


def _use_code(reception: Reception, uow: UnitOfWork, account: Account, code: str) -> bool:
    """Use up a one-time code or a recovery code; False if it is wrong or was used before."""
    now, version = reception.clock(), account.factor_version
    step = second_factor.matching_step(reception.sealer.open(account.totp_sealed), code, now)
    if step is not None:
        value = f"totp:{step}"
    else:
        value = second_factor.recovery_hash(code)
        if not accounts.has_recovery_code(uow.connection, account.principal_id, version, value):
            return False
    return accounts.use_factor(uow.connection, account.principal_id, version, value, now)


def _mark(reception: Reception, sign_in_name: str) -> str:
    return reception.sealer.mark(f"name\n{sign_in_name}")
