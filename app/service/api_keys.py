"""API keys of machines: made, rotated with an overlap, and ended by an operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.access import PrincipalKind, parse_scopes
from app.domain.credential import is_live, overlap_end
from app.domain.errors import RuleRefused
from app.identity.secret_text import hashed, new_api_key
from app.service.reception import Readable, Reception
from app.storage import api_keys, principals
from app.storage.api_keys import StoredKey
from app.storage.engine import UnitOfWork

LIFE_DEFAULT_DAYS, LIFE_MAX_DAYS = 90, 400
OVERLAP_DEFAULT_HOURS, OVERLAP_MAX_HOURS = 24, 720


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that has been made. `text` is what its holder sends; it is shown this once."""

    key: StoredKey
    text: str


def make_key(
    reception: Reception,
    principal_id: str,
    *,
    name: str,
    scopes: Sequence[str],
    days: int,
    by: str,
    dry_run: bool = False,
) -> NewKey:
    """Make a key that counts for some days, exactly: made at noon for 90 days, it is over at noon.

    Scopes narrow what its holder is granted and widen nothing. Raises InputInvalid `scope-unknown`,
    RuleRefused `not-a-client`, `principal-ended`.
    """
    parse_scopes(scopes)
    made, now = new_api_key(), reception.clock()
    key = StoredKey(
        made.key_id,
        principal_id,
        name,
        hashed(made.secret),
        tuple(scopes),
        None,
        by,
        now,
        now + timedelta(days=days),
    )

    def work(uow: UnitOfWork) -> NewKey:
        _require_client(uow, principal_id)
        api_keys.add(uow.connection, key)
        return NewKey(key, str(made))

    return reception.write(work, dry_run=dry_run)


def rotate_key(
    reception: Reception,
    key_id: str,
    *,
    overlap_hours: int,
    days: int,
    by: str,
    dry_run: bool = False,
) -> NewKey:
    """Make a key's successor, with its name and scopes. Both count for the overlap; then only the
    new one. A key has one successor.

    Raises RuleRefused `key-over` for a key that does not count any more, and `key-replaced`.
    """
    made, now = new_api_key(), reception.clock()

    def work(uow: UnitOfWork) -> NewKey:
        old = api_keys.get(uow.connection, key_id)
        if not is_live(now, old.expires_at, old.ends_at):
            raise RuleRefused("key-over", "The key does not count any more; make a new one.")
        _require_client(uow, old.principal_id)
        key = StoredKey(
            made.key_id,
            old.principal_id,
            old.name,
            hashed(made.secret),
            old.scopes,
            key_id,
            by,
            now,
            now + timedelta(days=days),
        )
        api_keys.add(uow.connection, key)
        ends_at = overlap_end(now, timedelta(hours=overlap_hours), [old.expires_at, old.ends_at])
        api_keys.add_end(uow.connection, key_id, ends_at, by, now)
        return NewKey(key, str(made))

    return reception.write(work, dry_run=dry_run)


def end_key(reception: Reception, key_id: str, by: str, *, dry_run: bool = False) -> StoredKey:
    """End a key at once. Raises RuleRefused `key-over` when it is over already."""
    now = reception.clock()

    def work(uow: UnitOfWork) -> StoredKey:
        key = api_keys.get(uow.connection, key_id)
        if not is_live(now, key.expires_at, key.ends_at):
            raise RuleRefused("key-over", "The key does not count any more; make a new one.")
        api_keys.add_end(uow.connection, key_id, now, by, now)
        return api_keys.get(uow.connection, key_id)

    return reception.write(work, dry_run=dry_run)


def list_keys(reception: Readable, principal_id: str) -> Sequence[StoredKey]:
    """The keys of a machine, in the order in which they were made; secrets are not kept."""
    with reception.reading() as uow:
        principals.get(uow.connection, principal_id)
        return api_keys.of_principal(uow.connection, principal_id)


def ends_at(key: StoredKey) -> datetime:
    """The instant from which a key does not count any more."""
    return key.expires_at if key.ends_at is None else min(key.expires_at, key.ends_at)


def _require_client(uow: UnitOfWork, principal_id: str) -> None:
    owner = principals.get(uow.connection, principal_id)
    if owner.kind is not PrincipalKind.CLIENT:
        raise RuleRefused("not-a-client", "Only a machine has API keys; people sign in.")
    if owner.ended_at is not None:
        raise RuleRefused("principal-ended", "The principal has been shut out already.")
