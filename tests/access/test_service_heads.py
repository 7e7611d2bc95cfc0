"""The chain of no contract is under signed heads of its own, and what its owner changes is found.

Days are years ahead of every other test's, and only go on: there is one such chain in a database.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.errors import IntegrityBroken, NotFound, OutcomesError, Unavailable
from app.domain.journal import GENESIS
from app.main import make_context
from app.service.accesses import SERVICE_CHAIN, check_chain, end_of_log, enter, head_faults
from app.service.service_heads import (
    check_service_chain,
    get_service_head,
    list_service_heads,
    sign_service_head,
)
from app.service.verify import verify_service
from app.storage import access_log, service_heads, signing_keys
from app.storage.access_log import Access
from tests.access.conftest import code_of
from tests.access.test_access_log_proof import (
    COLUMNS,
    LAST,
    MINE,
    TRIALS,
    UNSEEN_WITHIN_THE_CHAIN,
    owner_of,
    saved,
)
from tests.factories import COUNCIL, PROVIDER
from tests.verify.verifier import verifier

OTHER_VALUES = COLUMNS | dict.fromkeys(("party", "contract_id"), "'x'")
"""Of a stranger's entry, which is of no party."""

FIRST = datetime(2031, 3, 1, 12, tzinfo=UTC)


class Days:
    """A clock of its own, on by a day whenever it is told to."""

    def __init__(self) -> None:
        self.now = FIRST

    def __call__(self) -> datetime:
        return self.now

    def next(self) -> date:
        self.now += timedelta(days=1)
        return self.now.date()


@pytest.fixture(scope="module")
def days() -> Days:
    return Days()


@pytest.fixture(scope="module")
def proving(settings, engine, days, tmp_path_factory):
    """The service with a signing key."""
    path = tmp_path_factory.mktemp("service-heads") / "signing-keys.json"
    signing_keys.create(path, datetime(2024, 1, 1, tzinfo=UTC))
    return replace(make_context(settings, engine, days), signing_key_file=path)


@pytest.fixture(scope="module")
def looks(reception):
    """Enters refusals of strangers, of contracts too, in the service's own chain."""

    def made(times: int) -> None:
        for number in range(times):
            enter(
                reception,
                Access(
                    chain=SERVICE_CHAIN,
                    at=reception.clock(),
                    who="stranger",
                    party=None,
                    operation="getContract",
                    contract_id=None if number % 2 else "works",
                    participants=(),
                    outcome="refused",
                    code="access-not-granted",
                ),
            )

    return made


@pytest.fixture(scope="module")
def kept(proving, looks, days, tmp_path_factory):
    """The head of a day as somebody keeps it, and keys."""
    looks(6)
    days.next()
    head = sign_service_head(proving).head
    file = tmp_path_factory.mktemp("kept") / "keys.json"
    keys = signing_keys.load(proving.signing_key_file).keys
    file.write_text(json.dumps([key.document() for key in keys]))
    return [("kept.json", head.document())], verifier.read_keys(file)


@pytest.fixture
def owned(database_urls):
    """Trials on the chain of no contract."""
    with owner_of(database_urls, SERVICE_CHAIN) as trial:
        yield trial


def outside(connection, kept, tmp_path) -> list[str]:
    """What the stand-alone verifier says of the chain as the operator would hand it over."""
    file = saved(access_log.of_chain(connection, SERVICE_CHAIN), tmp_path)
    return verifier.verify_access_log([file], None, *kept).faults


def test_it_is_signed_once_a_day_and_says_where_the_chain_ends(proving, looks, days, engine):
    day = days.next()
    looks(1)
    first = sign_service_head(proving)
    assert first.new
    head = first.head
    assert (head.contract_id, head.day, head.sequence, head.hash) == ("", day, 0, GENESIS)
    assert head.access_sequence > 0
    (key,) = signing_keys.load(proving.signing_key_file).keys
    assert signing_keys.is_signed(key, head.statement(), head.signature)
    looks(1)
    assert sign_service_head(proving) == replace(first, new=False)
    following = days.next()
    second = sign_service_head(proving).head
    assert second.access_sequence > head.access_sequence
    assert list_service_heads(proving, day - timedelta(days=1)) == [head, second]
    assert list_service_heads(proving, day, 1) == [second]
    assert get_service_head(proving) == second
    assert get_service_head(proving, following) == second
    with pytest.raises(NotFound, match="no signed head of that day"):
        get_service_head(proving, date(2020, 2, 29))
    [found] = verify_service(proving)
    assert found.contract_id == "(service)"
    assert found.intact
    assert [check.name for check in found.checks] == ["access_log", "heads"]
    assert found.checks[1].count >= 2


def test_nothing_is_signed_without_a_key_or_before_the_last_head(proving, days, kept):
    days.next()
    with pytest.raises(Unavailable, match="no key to sign with"):
        sign_service_head(replace(proving, signing_key_file=None))
    before = replace(proving, clock=lambda: FIRST - timedelta(days=1))
    with pytest.raises(OutcomesError) as refused:
        sign_service_head(before)
    assert refused.value.code == "head-of-a-later-day"


def test_an_untouched_chain_is_intact(owned, kept, tmp_path):
    with owned() as connection:
        assert outside(connection, kept, tmp_path) == []
        chain, signed, _ = check_service_chain(connection)
    assert chain.differences == signed.differences == []


def test_any_column_that_the_owner_edits_is_found_inside_and_outside(owned, kept, tmp_path):
    missed = []
    for column, value in OTHER_VALUES.items():
        change = f"UPDATE access.access_log SET {column} = {value} {MINE} AND sequence = {LAST} - 2"
        with owned(change) as connection:
            inside = check_chain(access_log.of_chain(connection, SERVICE_CHAIN)).faults
            told = outside(connection, kept, tmp_path)
        missed += [column] if not inside or not told else []
    assert missed == []


@pytest.mark.parametrize("trial", [*TRIALS, "all deleted"])
def test_what_the_owner_removes_moves_or_puts_in_is_found(owned, kept, tmp_path, trial):
    deleted = [f"DELETE FROM access.access_log {MINE}"]
    with owned(*TRIALS.get(trial, deleted)) as connection:
        chain, signed, _ = check_service_chain(connection)
        assert bool(chain.found) is (trial not in UNSEEN_WITHIN_THE_CHAIN | {"all deleted"})
        assert chain.found or signed.found
        head = service_heads.latest(connection)
        if head_faults(connection, head, None):
            with pytest.raises(IntegrityBroken, match="Nothing was signed; in the access log: "):
                end_of_log(connection, SERVICE_CHAIN, head, None)
        told = outside(connection, kept, tmp_path)
    assert told
    assert any(one.startswith("head of ") for one in told) is bool(signed.found)


def test_no_import_excuses_a_head_of_the_service(owned, kept):
    forged = (
        "INSERT INTO access.access_log SELECT '', 0, now(), 'command-line', NULL, '(imported)', "
        """NULL, '{}', 'recorded', NULL, '{"last_head": "2999-12-31"}', '', '' -- chained"""
    )
    with owned(f"DELETE FROM access.access_log {MINE}", forged) as connection:
        head = service_heads.latest(connection)
        assert head_faults(connection, head, None)


def test_a_head_that_the_owner_rewrites_is_not_that_of_its_key(owned, kept):
    with owned("UPDATE access.service_heads SET access_sequence = 0") as connection:
        _, signed, _ = check_service_chain(connection)
    assert f"head of {kept[0][0][1]['day']}: the signature is not that of its key" in (
        signed.differences
    )


def test_the_verifier_knows_the_logs_apart(owned, kept, tmp_path):
    heads, keys = kept
    with owned() as connection:
        file = saved(access_log.of_chain(connection, SERVICE_CHAIN), tmp_path)
    of_contract = [("other.json", heads[0][1] | {"contract_id": "works"})]
    told = verifier.verify_access_log([file], None, of_contract, keys).faults
    assert "head of " in told[0]
    assert "is of contract works" in told[0]
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(one | {"chain": "works"}) + "\n" for one in entries))
    told = verifier.verify_access_log([file], None, heads, keys).faults
    assert (
        f"head of {heads[0][1]['day']} that you kept (kept.json): is of the service's own log"
        in (told)
    )


@pytest.fixture(scope="module")
def callers(reception, moved):
    """An operator, an auditor and a provider."""
    from tests.access.conftest import NOW, Desk

    moved.now = max(moved.now, NOW)
    desk, found = Desk(reception), {}
    for role, party in (("operator", None), ("auditor", COUNCIL), ("provider", PROVIDER)):
        principal_id = desk.register()
        desk.grant(principal_id, role, party and "heads-of-service", party)
        found[role] = desk.key(principal_id, f"{role}:write")[1]
    return found


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_operators_and_auditors_fetch_it(http, callers, kept, proving, role):
    headers = callers[role]
    head = kept[0][0][1]
    one = http.get(f"/v1/access/heads/{head['day']}", headers=headers)
    assert one.json() == head
    assert one.headers["content-disposition"] == (
        f'attachment; filename="head-of-service-{head["day"]}.json"'
    )
    newest = http.get("/v1/access/heads/latest", headers=headers).json()
    assert newest == get_service_head(proving).document()
    page = http.get("/v1/access/heads", params={"limit": 1}, headers=headers).json()
    assert len(page["items"]) == 1
    missing = http.get("/v1/access/heads/2020-02-29", headers=headers)
    assert code_of(missing) == (404, "head-unknown")
    file = http.get("/v1/exports/service-heads.csv", headers=headers)
    assert head["signature"] in file.text


def test_nobody_else_does(http, callers, kept):
    for path in ("/v1/access/heads", "/v1/access/heads/latest", "/v1/exports/service-heads.csv"):
        assert code_of(http.get(path, headers=callers["provider"])) == (403, "role-not-permitted")
        assert code_of(http.get(path))[0] == 401
