"""The file of identity providers: what it may say, and what is refused with its place."""

import pytest
import yaml

from app.identity.providers import ProvidersError, is_safe_address, load_providers

GOOD = {
    "name": "council",
    "issuer": "https://login.microsoftonline.com/7d2c/v2.0",
    "audience": "api-id",
    "profile": "entra",
    "tenant": "7d2c",
}


def write(path, *providers) -> object:
    path.write_text(yaml.safe_dump({"providers": list(providers)}))
    return path


@pytest.fixture
def file(tmp_path):
    return tmp_path / "providers.yaml"


def test_no_file_is_no_provider():
    assert load_providers(None) == ()


def test_a_file_with_two_providers(file, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    other = {
        "name": "fund",
        "issuer": "https://fund.example",
        "audience": "ledger",
        "client_id": "ledger",
        "client_secret_file": str(secret),
    }
    council, fund = load_providers(write(file, GOOD, other))
    assert (council.profile, council.client_secret) == ("entra", None)
    assert fund.client_secret.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(fund)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"issuer": "http://login.example"}, "issuer: must be an https://"),
        ({"issuer": "https://user@login.example"}, "issuer: must be an https://"),
        ({"algorithms": ["HS256"]}, "algorithms: choose from"),
        ({"algorithms": ["RS256", "none"]}, "algorithms: choose from"),
        ({"algorithms": []}, "algorithms: choose from"),
        ({"tenant": None}, "tenant: is given with profile entra"),
        ({"profile": "rfc9068"}, "tenant: is given with profile entra"),
        ({"leeway_seconds": 121}, "leeway_seconds: Input should be less than or equal to 120"),
        ({"leeway_seconds": -1}, "leeway_seconds: "),
        ({"audience": ""}, "audience: "),
        ({"name": "The Council"}, "name: "),
        ({"colour": "blue"}, "colour: Extra inputs are not permitted"),
        ({"client_secret_file": "/nowhere"}, "client_secret_file: needs client_id"),
    ],
)
def test_what_is_unsafe_or_misspelt_is_refused(file, changes, fault):
    with pytest.raises(ProvidersError) as refused:
        load_providers(write(file, GOOD | changes))
    assert fault in str(refused.value)


def test_two_providers_with_one_name_or_issuer_are_refused(file):
    for changes in ({"issuer": "https://other.example"}, {"name": "other"}):
        with pytest.raises(ProvidersError, match="two providers have the same"):
            load_providers(write(file, GOOD, GOOD | changes))


@pytest.mark.parametrize("text", ["providers: []", "providers: 7", "[", "", "- a"])
def test_a_file_that_is_none(file, text):
    file.write_text(text)
    with pytest.raises(ProvidersError):
        load_providers(file)


def test_a_file_or_secret_that_is_not_there(file, tmp_path):
    with pytest.raises(ProvidersError, match="cannot be read"):
        load_providers(file)
    missing = {"client_id": "x", "client_secret_file": str(tmp_path / "none")}
    with pytest.raises(ProvidersError, match="cannot be read"):
        load_providers(write(file, GOOD | missing))


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://login.example/tenant", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost", True),
        ("http://localhost.example", False),
        ("http://login.example", False),
        ("ftp://login.example", False),
        ("https://", False),
        ("https://login.example?x=1", False),
        ("https://login.example#x", False),
        ("https://[bad", False),
        ("javascript:alert(1)", False),
    ],
)
def test_addresses_that_can_be_trusted_to_be_who_they_say(address, safe):
    assert is_safe_address(address) is safe
