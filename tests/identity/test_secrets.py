"""Secrets of our own, passwords, second factors, and the seal on what must be read again."""

import re
from datetime import UTC, datetime, timedelta
from math import log2

import pyotp
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.domain.errors import InputInvalid, IntegrityBroken
from app.identity import passwords, second_factor
from app.identity.sealing import Sealer, SealingKeyError, new_key_file
from app.identity.secret_text import (
    csrf_token,
    hashed,
    new_api_key,
    new_secret,
    parse_api_key,
    same,
)

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
GOOD = "correct horse battery"


def test_secrets_are_long_and_never_the_same():
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {43}


def test_an_api_key_reads_as_it_is_written():
    key = new_api_key()
    assert parse_api_key(str(key)) == key
    assert str(key).startswith("olk.")
    assert key.secret not in hashed(key.secret)


@pytest.mark.parametrize("text", ["", "olk", "olk.a", "olk.a.b.c", "abc.a.b", "olk.a." + "b" * 200])
def test_other_texts_are_no_api_keys(text):
    assert parse_api_key(text) is None


def test_comparison_and_csrf():
    assert same("a", "a")
    assert not same("a", "b")
    assert not same("é", "e")
    assert csrf_token("s") == csrf_token("s") != csrf_token("t")


def test_a_password_is_kept_as_argon2id_and_nothing_else():
    kept = passwords.hash_password(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify_password(GOOD, kept)
    assert not passwords.verify_password(GOOD + " ", kept)
    assert not passwords.verify_password("no account has this password", None)
    assert not passwords.verify_password(GOOD, "not a hash")
    assert not passwords.verify_password("x" * 201, kept)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x" * 11, "password-too-weak"),
        ("abcdefghijk", "password-too-weak"),
        ("x9$kfue02kd", "password-too-weak"),  # 11 characters
        ("x9$kfue02kdl", None),  # 12
        ("four words nobody joins", None),
        (GOOD, None),
        ("ab" * 100, "password-too-weak"),
        ("x9$kfue02kdl" + "abcd" * 47, None),  # 200 characters
        ("x9$kfue02kdl" + "abcd" * 47 + "f", "password-too-weak"),
        ("my name is officer-2 ok", "password-too-weak"),
        ("My Name Is OFFICER-2 ok", "password-too-weak"),
        ("the Outcomes ledger 2024", "password-too-weak"),
        ("abcdefghijkl", "password-too-common"),
        ("abcde" * 40, "password-too-common"),
        ("password1234", "password-too-common"),
        ("Pa55w0rd12345", "password-too-common"),
        ("qwertyuiop12", "password-too-common"),
        ("1qaz2wsx3edc", "password-too-common"),
        ("iloveyou1234", "password-too-common"),
        ("manchesterunited", "password-too-common"),
        ("trustno1trustno1", "password-too-common"),
        ("riverdale-council-2024", "password-of-names"),
        ("RiverdaleCouncilRiverdale!", "password-of-names"),
        ("asha.tregenza.asha.99", "password-of-names"),
        ("tregenza1234567", "password-of-names"),  # 7 besides the name
        ("tregenza-mbq7xkw2", None),  # 8
        ("purple council dishwasher", None),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password, code):
    names = ("Asha Tregenza", "Riverdale County Council")
    if code is None:
        passwords.check_choice(password, "officer-2", names)
        return
    with pytest.raises(InputInvalid) as refused:
        passwords.check_choice(password, "officer-2", names)
    assert [fault.code for fault in refused.value.faults] == [code]
    assert password not in str(refused.value)


def test_the_most_common_passwords_that_are_long_enough_are_all_refused():
    common = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= passwords.LENGTH_MIN]
    assert len(common) > 50
    for password in common:
        with pytest.raises(InputInvalid):
            passwords.check_choice(password, "officer-2")


@given(st.integers(-200, 200))
def test_a_code_counts_in_its_step_and_one_beside_it(offset):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    made_at = NOON + timedelta(seconds=offset)
    step = int(made_at.timestamp()) // 30
    code = pyotp.TOTP(secret).at(made_at)
    near = abs(step - int(NOON.timestamp()) // 30) <= 1
    assert second_factor.matching_step(secret, code, NOON) == (step if near else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12 456", "١٢٣٤٥٦", "abcdef"])
def test_what_is_no_code(code):
    assert second_factor.matching_step(second_factor.new_totp_secret(), code, NOON) is None


def test_the_address_for_an_authenticator_app():
    address = second_factor.totp_address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "officer-2")
    assert address.startswith("otpauth://totp/Outcomes%20Ledger:officer-2?secret=JBSWY3DPEHPK3PXP")


def test_recovery_codes_have_120_bits_in_groups_that_are_easy_to_read():
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert re.fullmatch(r"([a-z2-7]{4}-){5}[a-z2-7]{4}", code)
    assert 24 * log2(32) >= 112


def test_recovery_codes_may_be_spaced_as_people_like():
    code = second_factor.new_recovery_codes()[0]
    kept = second_factor.recovery_hash(code)
    for typed in (code.upper(), code.replace("-", " "), code.replace("-", ""), f" {code} "):
        assert second_factor.recovery_hash(typed) == kept
    assert second_factor.recovery_hash(code[:-1]) != kept
    assert code not in kept


def test_what_is_sealed_can_be_opened_with_the_same_key_only(tmp_path):
    sealer = Sealer(tmp_path / "one.key", may_make=True)
    sealed = sealer.seal("secret")
    assert "secret" not in sealed
    assert Sealer(tmp_path / "one.key", may_make=False).open(sealed) == "secret"
    assert (tmp_path / "one.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(IntegrityBroken) as broken:
        Sealer(tmp_path / "two.key", may_make=True).open(sealed)
    assert broken.value.code == "seal-broken"


def test_a_new_key_comes_first_and_the_old_one_still_opens(tmp_path):
    path = tmp_path / "sign-in.key"
    sealed = Sealer(path, may_make=True).seal("secret")
    old = path.read_text()
    path.write_text(Fernet.generate_key().decode() + "\n" + old)
    rotated = Sealer(path, may_make=False)
    assert rotated.open(sealed) == "secret"
    path.write_text(path.read_text().splitlines()[0])
    assert Sealer(path, may_make=False).open(rotated.seal("newer")) == "newer"


def test_marks_tell_equal_names_and_nothing_more(tmp_path):
    sealer = Sealer(tmp_path / "one.key", may_make=True)
    assert sealer.mark("officer-2") == sealer.mark("officer-2") != sealer.mark("officer-3")
    assert Sealer(tmp_path / "two.key", may_make=True).mark("officer-2") != sealer.mark("officer-2")


@pytest.mark.parametrize("content", [None, "", "\n", "not a key", "é"])
def test_a_key_file_that_cannot_be_used(tmp_path, content):
    path = tmp_path / "sign-in.key"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SealingKeyError) as refused:
        Sealer(path, may_make=False).check()
    assert "not a key" not in str(refused.value)


def test_a_key_file_is_never_overwritten(tmp_path):
    new_key_file(tmp_path / "sign-in.key")
    before = (tmp_path / "sign-in.key").read_text()
    with pytest.raises(FileExistsError):
        new_key_file(tmp_path / "sign-in.key")
    assert (tmp_path / "sign-in.key").read_text() == before
