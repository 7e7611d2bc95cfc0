"""The data keys of contracts, wrapped by the master key, beside the files that they seal.

    <evidence files>/.keys/<contract>.json
    {"format": "outcomes-ledger-data-keys/1",
     "keys": [{"id": "<32 hex>", "master": "<id of the master key>", "wrapped": "<base64>"}]}

The last key of the list seals; the others open what they sealed. Rotating the master key wraps the
data keys anew and leaves every sealed file and note as it is.
"""

import base64
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import IntegrityBroken
from app.storage.master_keys import KEY_BYTES, MasterKeys, key_unavailable
from app.storage.sealed_file import KEY_ID_BYTES, SealedWriter, peeking, reading

_FOLDER = ".keys"
_FORMAT = "outcomes-ledger-data-keys/1"
_NONCE_BYTES = 12

Key = tuple[bytes, bytes]
"""The id of a data key, and the key."""


class Vault:
    """Seals and opens what a contract keeps. Contract ids are checked by who calls."""

    def __init__(self, root: Path, masters: MasterKeys | None = None) -> None:
        """Without master keys everything ends with the process: for tests, never for a service."""
        self._folder = None if masters is None else root / _FOLDER
        self.masters = masters or MasterKeys.in_memory()
        self._known: dict[str, list[Key]] = {}

    @classmethod
    def with_key_file(cls, root: Path, path: Path, *, may_make: bool) -> "Vault":
        """A vault whose master key is in a file.

        Where the file is missing it is made if `may_make`, unless keys wrapped by a lost one are
        here: a new key would only hide the loss.
        """
        folder = root / _FOLDER
        return cls(
            root,
            MasterKeys.from_file(path, lambda: may_make and not any(folder.glob("*.json"))),
        )

    def writer(self, contract_id: str, file: BinaryIO) -> SealedWriter:
        """Seal what is written to a file."""
        key_id, key = self._current(contract_id)
        return SealedWriter(file, key_id, key, contract_id)

    def reader(self, contract_id: str, file: BinaryIO) -> BinaryIO:
        """The content of a sealed file; closing it closes the file."""
        return reading(file, self._opener(contract_id), contract_id)

    def peek(self, contract_id: str, file: BinaryIO) -> BinaryIO:
        """The content of a sealed file that stays open."""
        return peeking(file, self._opener(contract_id), contract_id)

    def seal_text(self, contract_id: str, text: str) -> str:
        """A text as it may stand in the database."""
        key_id, key = self._current(contract_id)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _text_cipher(key).encrypt(nonce, text.encode(), key_id + contract_id.encode())
        return base64.b64encode(key_id + nonce + sealed).decode()

    def open_text(self, contract_id: str, sealed: str) -> str:
        """The text behind it. IntegrityBroken `note-damaged` if it was changed or moved."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            key_id, rest = raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:]
            key = self._key(contract_id, key_id)
            about = key_id + contract_id.encode()
            text = _text_cipher(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], about)
            return text.decode()
        except (ValueError, InvalidTag):
            raise IntegrityBroken(
                "note-damaged", "A stored note is not the one written; run `outcomes verify`."
            ) from None

    def contracts(self) -> list[str]:
        """The contracts that have data keys, by id."""
        if self._folder is None:
            return sorted(self._known)
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def wrap_again(self, contract_id: str, *, add_key: bool = False) -> None:
        """Wrap a contract's data keys under the current master key, and add a new one if asked.

        The new file takes the place of the old one at once: a reader sees either.
        """
        keys = self._load(contract_id)
        if add_key:
            keys = [*keys, _new_key()]
        self._known[contract_id] = keys
        if self._folder is not None:
            self._written(contract_id, keys).replace(self._path(contract_id))
            _sync(self._folder)

    def _opener(self, contract_id: str) -> Callable[[bytes], bytes]:
        return lambda key_id: self._key(contract_id, key_id)

    def _key(self, contract_id: str, key_id: bytes) -> bytes:
        for keys_of in (lambda name: self._known.get(name, []), self._load):
            for known_id, key in keys_of(contract_id):
                if known_id == key_id:
                    return key
        raise key_unavailable("is not in the directory of the evidence files")

    def _current(self, contract_id: str) -> Key:
        if not self._known.get(contract_id) and not self._load(contract_id):
            self._create(contract_id)
        return self._known[contract_id][-1]

    def _create(self, contract_id: str) -> None:
        """Make the first key. Of several processes that do so at once, one wins."""
        if self._folder is None:
            self._known[contract_id] = [_new_key()]
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._written(contract_id, [_new_key()])
        try:
            self._path(contract_id).hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
        _sync(self._folder)
        self._load(contract_id)

    def _load(self, contract_id: str) -> list[Key]:
        """The keys as they stand in the file now; none where there is no file."""
        if self._folder is None:
            return self._known.get(contract_id, [])
        try:
            text = self._path(contract_id).read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        self._known[contract_id] = [
            (key_id, self.masters.unwrap(wrapped, master, _about(contract_id, key_id)))
            for key_id, master, wrapped in _parsed(text)
        ]
        return self._known[contract_id]

    def _written(self, contract_id: str, keys: list[Key]) -> Path:
        """A temporary file with the keys, wrapped anew."""
        entries = [
            {
                "id": key_id.hex(),
                "master": self.masters.current_id,
                "wrapped": base64.b64encode(
                    self.masters.wrap(key, _about(contract_id, key_id))
                ).decode(),
            }
            for key_id, key in keys
        ]
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")  # mode 0600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"format": _FORMAT, "keys": entries}, file, indent=2)
            file.flush()
            os.fsync(handle)
        return Path(name)

    def _path(self, contract_id: str) -> Path:
        if self._folder is None:
            raise AssertionError("a vault in memory has no files")
        return self._folder / f"{contract_id}.json"


def _parsed(text: str) -> list[tuple[bytes, str, bytes]]:
    try:
        document = json.loads(text)
        if document["format"] != _FORMAT:
            raise key_unavailable("has a form that this release does not know")
        return [
            (bytes.fromhex(one["id"]), one["master"], base64.b64decode(one["wrapped"]))
            for one in document["keys"]
        ]
    except (ValueError, KeyError, TypeError):
        raise key_unavailable("cannot be read") from None


def _new_key() -> Key:
    return secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES)


def _about(contract_id: str, key_id: bytes) -> bytes:
    return f"{contract_id}\n{key_id.hex()}".encode()


def _text_cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), KEY_BYTES, None, b"outcomes sealed text").derive(key))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
