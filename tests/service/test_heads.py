"""The end of a journal is signed once a day, and never under a journal that was changed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest

from app.domain.errors import OutcomesError
from app.domain.journal import GENESIS
from app.service import heads, journal
from app.storage import signing_keys

DAY = date(2024, 3, 1)


@pytest.fixture
def signing(context, clock, tmp_path):
    """The service with a key."""
    path = tmp_path / "signing-keys.json"
    signing_keys.create(path, datetime(2024, 1, 1, tzinfo=UTC))
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    return replace(context, signing_key_file=path)


@pytest.fixture
def agreed(world, clock):
    world.agree()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    return world


def code_of(work) -> str:
    with pytest.raises(OutcomesError) as refused:
        work()
    return refused.value.code


def test_the_head_of_a_day_names_the_end_of_the_journal_and_is_signed(signing, agreed, contract_id):
    signed = heads.sign_head(signing, contract_id)
    last = journal.list_records(signing, contract_id)[-1]
    assert signed.new
    assert signed.head.day == DAY
    assert (signed.head.sequence, signed.head.hash) == (last.sequence, last.hash)
    assert signed.head.count == last.sequence
    (key,) = heads.list_keys(signing, contract_id)
    assert signing_keys.is_signed(key, signed.head.statement(), signed.head.signature)


def test_run_twice_on_a_day_it_answers_what_stands(signing, agreed, contract_id):
    first = heads.sign_head(signing, contract_id)
    agreed.person(on="2024-03-01")
    agreed.clock.set(datetime(2024, 3, 1, 23, 59, 59, tzinfo=UTC))
    again = heads.sign_head(signing, contract_id)
    assert again == heads.Signed(first.head, new=False)
    assert heads.list_heads(signing, contract_id) == [first.head]


def test_two_at_once_sign_one_head(signing, agreed, contract_id):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: heads.sign_head(signing, contract_id), range(4)))
    assert len({one.head for one in found}) == 1
    assert sum(one.new for one in found) >= 1
    assert len(heads.list_heads(signing, contract_id)) == 1


def test_each_day_has_its_head_also_where_nothing_happened(signing, agreed, contract_id):
    for day in (28, 29):
        agreed.clock.set(datetime(2024, 2, day, 12, tzinfo=UTC))
        heads.sign_head(signing, contract_id)
    agreed.clock.set(datetime(2024, 3, 1, 0, 0, tzinfo=UTC))
    heads.sign_head(signing, contract_id)
    found = heads.list_heads(signing, contract_id)
    assert [one.day.isoformat() for one in found] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert len({one.hash for one in found}) == 1
    assert heads.list_heads(signing, contract_id, date(2024, 2, 28), 1) == [found[1]]
    assert heads.get_head(signing, contract_id) == found[2]
    assert heads.get_head(signing, contract_id, date(2024, 2, 28)) == found[0]


def test_after_a_rotation_the_new_key_signs_and_both_are_published(signing, agreed, contract_id):
    before = heads.sign_head(signing, contract_id).head
    signing_keys.rotate(signing.signing_key_file, datetime(2024, 3, 1, 18, tzinfo=UTC))
    agreed.clock.set(datetime(2024, 3, 2, 12, tzinfo=UTC))
    after = heads.sign_head(signing, contract_id).head
    keys = heads.list_keys(signing, contract_id)
    assert [key.key_id for key in keys] == [before.key_id, after.key_id]
    assert signing_keys.endorsed(keys[:1], keys).keys() == {before.key_id, after.key_id}


def test_nothing_is_signed_without_a_key_or_a_contract(context, signing, agreed, contract_id):
    assert code_of(lambda: heads.sign_head(context, contract_id)) == "signing-key-missing"
    assert code_of(lambda: heads.sign_head(signing, "no-such")) == "contract-unknown"
    assert code_of(lambda: heads.list_heads(signing, "no-such")) == "contract-unknown"
    assert code_of(lambda: heads.list_keys(signing, "no-such")) == "contract-unknown"
    assert code_of(lambda: heads.get_head(signing, contract_id)) == "head-unknown"
    assert code_of(lambda: heads.get_head(signing, contract_id, DAY)) == "head-unknown"
    assert heads.list_heads(signing, contract_id) == []


def test_a_clock_behind_the_last_head_signs_nothing(signing, agreed, contract_id):
    heads.sign_head(signing, contract_id)
    agreed.clock.set(datetime(2024, 2, 29, 12, tzinfo=UTC))
    assert code_of(lambda: heads.sign_head(signing, contract_id)) == "head-of-a-later-day"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE journal SET person = 'forged' WHERE sequence = 3", "journal-chain-broken"),
        ("UPDATE journal SET hash = repeat('0', 64) WHERE sequence = 4", "journal-chain-broken"),
        ("DELETE FROM journal WHERE sequence = 6", "journal-chain-broken"),
        (f"UPDATE contracts SET head_hash = '{GENESIS}' WHERE true", "journal-chain-broken"),
    ],
)
def test_a_journal_that_was_changed_is_not_signed(
    signing, agreed, contract_id, postgres, database_urls, change, code
):
    agreed.person()
    agreed.clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    _as_superuser(database_urls, f"{change} AND contract_id = %s", contract_id)
    assert code_of(lambda: heads.sign_head(signing, contract_id)) == code
    assert heads.list_heads(signing, contract_id) == []


def test_a_journal_that_lost_a_signed_record_is_not_signed_again(
    signing, agreed, contract_id, database_urls
):
    heads.sign_head(signing, contract_id)
    agreed.clock.set(datetime(2024, 3, 2, 12, tzinfo=UTC))
    _as_superuser(
        database_urls,
        "DELETE FROM journal WHERE sequence = 4 AND contract_id = %s",
        contract_id,
    )
    assert code_of(lambda: heads.sign_head(signing, contract_id)) == "journal-contradicts-head"


def test_every_contract_is_found_once(signing, agreed, contract_id):
    found = list(heads.contract_ids(signing))
    assert found.count(contract_id) == 1
    assert found == sorted(found)


def test_a_party_gets_its_head_as_a_signed_webhook(signing, agreed, contract_id):
    head = heads.sign_head(signing, contract_id).head
    assert heads.parties(signing, contract_id)
    party = heads.parties(signing, contract_id)[0]
    sent = heads.deliver(signing, contract_id, party)
    assert json.loads(sent.body)["data"] == {"party": party, "head": head.document()}
    assert sent.webhook_timestamp == 1709294400
    keys = signing_keys.load(signing.signing_key_file)
    content = f"{sent.webhook_id}.1709294400.{sent.body}".encode()
    assert sent.webhook_signature == f"v1a,{keys.sign_bytes(content)}"
    agreed.clock.set(datetime(2024, 3, 5, tzinfo=UTC))
    again = heads.deliver(signing, contract_id, party, DAY)
    assert (again.webhook_id, again.body) == (sent.webhook_id, sent.body)
    assert again.webhook_timestamp > sent.webhook_timestamp


def test_only_a_party_of_the_terms_gets_a_delivery(context, signing, agreed, contract_id):
    heads.sign_head(signing, contract_id)
    party = heads.parties(signing, contract_id)[0]
    assert code_of(lambda: heads.deliver(signing, contract_id, "stranger")) == "party-unknown"
    assert code_of(lambda: heads.deliver(context, contract_id, party)) == "signing-key-missing"


def _as_superuser(database_urls, statement: str, contract_id: str) -> None:
    superuser = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement, [contract_id]).rowcount == 1
