"""The verifier's canonical JSON, hashes and signatures, against the standards and the ledger's."""

import ast
import sys
from datetime import UTC, date, datetime

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain import journal
from app.domain.parties import Actor
from tests.verify.verifier import SCRIPT, verifier

SAFE = 2**53 - 1
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


def test_the_verifier_imports_the_standard_library_and_nothing_else():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    named = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert "hashlib" in named
    assert named <= sys.stdlib_module_names
    called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not called & {"__import__", "exec", "eval", "importlib"}


@given(JSON_VALUES)
@example({"\ue000": 1, "\U0001f600": 2, "a": 3})  # UTF-16 order is not the order of code points
@example([1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 5e-324, -0.0, 0.1, 333333333.33333329])
@example('\x00\x1f"\\/\b\f\n\r\t\x7f\u2028é')
def test_canonical_json_is_that_of_the_ledger(value):
    assert verifier.canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {1, 2}, object(), b"x"]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        verifier.canonical(value)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', "NaN", "[" * 100_000, "{", '{"a":{"b":1,"b":2}}']
)
def test_json_that_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        verifier.parse_json(text)


RECORDS = st.builds(
    lambda sequence, kind, day, instant, party, person, payload, previous: journal.seal(
        "a-contract", sequence, kind, day, instant, Actor(party, person), payload, previous
    ),
    st.integers(1, SAFE),
    TEXTS,
    st.dates(date(1900, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given a zone
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, st.lists(st.dictionaries(TEXTS, JSON_VALUES, max_size=3), max_size=3)),
    st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(RECORDS)
def test_the_hash_of_a_record_is_that_of_the_ledger(record):
    fields = {
        "sequence": record.sequence,
        "kind": record.kind,
        "effective_date": record.effective_date.isoformat(),
        "recorded_at": journal.instant_text(record.recorded_at),
        "party": record.actor.party,
        "person": record.actor.person,
        "payload": record.payload,
        "previous_hash": record.previous_hash,
    }
    assert verifier.record_hash("a-contract", fields) == record.hash


VECTORS = [  # RFC 8032, section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_ed25519_as_in_rfc_8032(key, message, signature):
    told = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verifier.ed25519_verified(*told)
    public, content, given_signature = told
    assert not verifier.ed25519_verified(public, content + b"x", given_signature)
    for place in (0, 31, 32, 63):
        bad = bytearray(given_signature)
        bad[place] ^= 1
        assert not verifier.ed25519_verified(public, content, bytes(bad))


def test_signatures_that_the_standard_refuses():
    key, message, signature = (bytes.fromhex(one) for one in VECTORS[1])
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little")
    malleable = signature[:32] + (scalar + order).to_bytes(32, "little")
    assert not verifier.ed25519_verified(key, message, malleable)
    assert not verifier.ed25519_verified(key, message, signature[:-1])
    assert not verifier.ed25519_verified(key[:-1], message, signature)
    assert not verifier.ed25519_verified(b"\xff" * 32, message, signature)  # y beyond the field
    assert not verifier.ed25519_verified(b"\x02" + bytes(31), message, signature)  # on no point
    assert not verifier.ed25519_verified(b"\x01" + bytes(30) + b"\x80", message, signature)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_ed25519_agrees_with_the_library_that_signs(seed, message):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verifier.ed25519_verified(key, message, signature)
    assert not verifier.ed25519_verified(key, message + b"\x00", signature)
