"""The file of the signing key: made once, rotated with an endorsement, refused where unsafe."""

import base64
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.errors import RuleRefused, Unavailable
from app.storage import signing_keys

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "signing-keys.json"


def test_a_new_file_is_its_owners_alone_and_signs(path):
    made = signing_keys.create(path, NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = signing_keys.load(path)
    assert loaded.keys == made.keys
    assert (made.current.previous_key_id, made.current.endorsement) == (None, None)
    signature = loaded.sign({"a": 1})
    assert signing_keys.is_signed(made.current, {"a": 1}, signature)
    assert not signing_keys.is_signed(made.current, {"a": 2}, signature)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("signature", [None, "", "no base64", "AAAA", "A" * 86 + "=="])
def test_what_is_no_signature_signs_nothing(path, signature):
    key = signing_keys.create(path, NOW).current
    assert not signing_keys.is_signed(key, {"a": 1}, signature)


def test_a_key_under_another_id_signs_nothing(path):
    made = signing_keys.create(path, NOW)
    signature = made.sign({"a": 1})
    assert not signing_keys.is_signed(replace(made.current, key_id="0" * 32), {"a": 1}, signature)
    short = replace(made.current, public_key=base64.b64encode(b"short").decode())
    assert not signing_keys.is_signed(short, {"a": 1}, signature)


def test_a_file_that_is_there_is_not_replaced(path):
    made = signing_keys.create(path, NOW)
    with pytest.raises(RuleRefused) as refused:
        signing_keys.create(path, NOW)
    assert refused.value.code == "signing-key-exists"
    assert signing_keys.load(path).keys == made.keys


def test_a_rotated_key_is_endorsed_by_the_one_before_whose_private_part_is_gone(path):
    first = signing_keys.create(path, NOW)
    old = json.loads(path.read_text())["private_key"]
    second = signing_keys.rotate(path, LATER)
    third = signing_keys.rotate(path, LATER)
    assert old not in path.read_text()
    assert [key.key_id for key in third.keys] == [
        first.current.key_id,
        second.current.key_id,
        third.current.key_id,
    ]
    known = signing_keys.endorsed(first.keys, reversed(third.keys))
    assert known == {key.key_id: key for key in third.keys}


def test_a_key_that_nobody_trusted_endorses_is_not_trusted(path, tmp_path):
    mine = signing_keys.create(path, NOW)
    other = tmp_path / "other.json"
    signing_keys.create(other, NOW)
    theirs = signing_keys.rotate(other, LATER)
    known = signing_keys.endorsed(mine.keys, theirs.keys)
    assert list(known) == [mine.current.key_id]
    forged = replace(theirs.current, previous_key_id=mine.current.key_id)
    assert list(signing_keys.endorsed(mine.keys, [forged])) == [mine.current.key_id]


def test_published_keys_come_back_as_they_were(path):
    signing_keys.create(path, NOW)
    for key in signing_keys.rotate(path, LATER).keys:
        assert signing_keys.public_key_of(json.loads(json.dumps(key.document()))) == key


@pytest.mark.parametrize(
    "change", [{"key_id": "0" * 32}, {"public_key": "AAAA"}, {"format": "another/1"}]
)
def test_a_published_key_that_contradicts_itself_is_refused(path, change):
    document = signing_keys.create(path, NOW).current.document()
    with pytest.raises(ValueError, match="not that of its bytes"):
        signing_keys.public_key_of(document | change)


def test_no_file_is_named_or_there(path):
    with pytest.raises(Unavailable) as refused:
        signing_keys.load(None)
    assert refused.value.code == "signing-key-missing"
    with pytest.raises(Unavailable) as refused:
        signing_keys.load(path)
    assert refused.value.code == "signing-key-unusable"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o602])
def test_a_file_that_others_may_read_is_refused(path, mode):
    signing_keys.create(path, NOW)
    path.chmod(mode)
    with pytest.raises(Unavailable, match="chmod 600"):
        signing_keys.load(path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"keys": [], "private_key": "AAAA"}', '{"keys": [{}], "private_key": ""}'],
)
def test_a_file_that_holds_no_keys_is_refused(path, text):
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(Unavailable) as refused:
        signing_keys.load(path)
    assert refused.value.code == "signing-key-unusable"


def test_a_private_key_of_another_file_is_refused(path, tmp_path):
    signing_keys.create(path, NOW)
    other = tmp_path / "other.json"
    signing_keys.create(other, NOW)
    mixed = json.loads(path.read_text()) | {
        "private_key": json.loads(other.read_text())["private_key"]
    }
    path.write_text(json.dumps(mixed))
    with pytest.raises(Unavailable, match="not that of its newest"):
        signing_keys.load(path)
