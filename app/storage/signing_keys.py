"""The file that holds the signing key, outside the database, and what is done with it.

    {"format": "outcomes-ledger-signing-keys/1", "private_key": "<the newest key's, base64>",
     "keys": [<every public key, oldest first>]}

Only the newest private key is kept: a file that is stolen later cannot sign for the time before.
The file is read each time, so that a rotation needs no restart.
"""

import base64
import binascii
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.errors import RuleRefused, Unavailable
from app.domain.signed_head import KEY_FORMAT, PublicKey, signed_bytes

_FORMAT = "outcomes-ledger-signing-keys/1"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The newest key, which signs, and every public key before it."""

    keys: tuple[PublicKey, ...]
    _private: Ed25519PrivateKey

    @property
    def current(self) -> PublicKey:
        """The key that signs."""
        return self.keys[-1]

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of all of them: what one of these signed, this ledger has signed."""
        return frozenset(key.key_id for key in self.keys)

    def sign(self, statement: Mapping[str, Any]) -> str:
        """The signature over a statement that names the current key, in base64."""
        return self.sign_bytes(signed_bytes(statement))

    def sign_bytes(self, content: bytes) -> str:
        """The signature over bytes, in base64."""
        return base64.b64encode(self._private.sign(content)).decode()


def is_signed(key: PublicKey, statement: Mapping[str, Any], signature: str | None) -> bool:
    """Whether the signature over a statement is the key's, and the key's id is that of its bytes.

    False too for what is no base64 or no key.
    """
    try:
        raw = base64.b64decode(key.public_key, validate=True)
        given = base64.b64decode(signature or "", validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(given, signed_bytes(statement))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return key.key_id == key_id_of(raw)


def key_id_of(raw: bytes) -> str:
    """The id of a public key: the first 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(raw).hexdigest()[:32]


def endorsed(trusted: Iterable[PublicKey], offered: Iterable[PublicKey]) -> dict[str, PublicKey]:
    """The trusted keys, and those offered that one of them endorses, directly or through others."""
    known = {key.key_id: key for key in trusted}
    waiting = [key for key in offered if key.key_id not in known]
    while accepted := [key for key in waiting if _endorses(known, key)]:
        known |= {key.key_id: key for key in accepted}
        waiting = [key for key in waiting if key.key_id not in known]
    return known


def load(path: Path | None) -> SigningKeys:
    """The keys in a file. Unavailable `signing-key-missing` or `signing-key-unusable`."""
    if path is None:
        raise Unavailable(
            "signing-key-missing",
            "This service has no key to sign with. The operator makes one with `outcomes keys new` "
            "and names its file in OUTCOMES_SIGNING_KEY_FILE.",
        )
    try:
        _require_private(path)
        stored = json.loads(path.read_text(encoding="utf-8"))
        keys = tuple(public_key_of(one) for one in stored["keys"])
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(stored["private_key"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable("it cannot be read, or is no file of signing keys") from error
    if not keys or keys[-1].public_key != _public_text(private):
        raise _unusable("its private key is not that of its newest public key")
    return SigningKeys(keys, private)


def create(path: Path, now: datetime) -> SigningKeys:
    """A new file with a first key. RuleRefused `signing-key-exists` if something is there."""
    if path.exists():
        raise RuleRefused(
            "signing-key-exists",
            "There is a file of that name already. Use `outcomes keys rotate` to replace its key, "
            "or name another file.",
        )
    private = Ed25519PrivateKey.generate()
    made = SigningKeys((_public(private, now),), private)
    _write(path, made)
    return made


def rotate(path: Path, now: datetime) -> SigningKeys:
    """The file with a new key that the old one endorses. The old private key is gone then."""
    before = load(path)
    private = Ed25519PrivateKey.generate()
    bare = _public(private, now, before.current.key_id)
    endorsement = before.sign(bare.statement())
    following = _public(private, now, before.current.key_id, endorsement)
    made = SigningKeys((*before.keys, following), private)
    _write(path, made)
    return made


def public_key_of(document: Mapping[str, Any]) -> PublicKey:
    """A public key from its published form. ValueError, KeyError or TypeError for anything else."""
    raw = base64.b64decode(document["public_key"], validate=True)
    if document["format"] != KEY_FORMAT or document["key_id"] != key_id_of(raw) or len(raw) != 32:
        raise ValueError("the key's id is not that of its bytes")
    return PublicKey(
        document["key_id"],
        document["public_key"],
        datetime.fromisoformat(document["created_at"]),
        document["previous_key_id"],
        document["endorsement"],
    )


def _endorses(known: Mapping[str, PublicKey], key: PublicKey) -> bool:
    previous = known.get(key.previous_key_id or "")
    return previous is not None and is_signed(previous, key.statement(), key.endorsement)


def _public(
    private: Ed25519PrivateKey,
    now: datetime,
    previous_key_id: str | None = None,
    endorsement: str | None = None,
) -> PublicKey:
    raw = private.public_key().public_bytes_raw()
    text = base64.b64encode(raw).decode()
    return PublicKey(key_id_of(raw), text, now, previous_key_id, endorsement)


def _public_text(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _require_private(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise _unusable("others than its owner may read or change it; use chmod 600")


def _unusable(why: str) -> Unavailable:
    return Unavailable(
        "signing-key-unusable",
        f"The file of the signing key (OUTCOMES_SIGNING_KEY_FILE) cannot be used: {why}.",
    )


def _write(path: Path, keys: SigningKeys) -> None:
    """Put the file in place in one step, readable by its owner only."""
    stored = {
        "format": _FORMAT,
        "private_key": base64.b64encode(keys._private.private_bytes_raw()).decode(),  # noqa: SLF001
        "keys": [key.document() for key in keys.keys],
    }
    handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(stored, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
