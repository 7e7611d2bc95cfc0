"""The owner of the database changes the access log: the service's own check and, with a head kept
outside, the stand-alone verifier find each change, also where every later hash was made anew.
"""

# ruff: noqa: F811 - fixtures imported from a neighbour
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.api.schemas_accesses import AccessOut
from app.domain.errors import IntegrityBroken, Unavailable
from app.domain.journal import GENESIS
from app.domain.signed_head import PublicKey, SignedHead
from app.main import make_context
from app.service import heads
from app.service.accesses import check_chain, end_of_log, enter_import, head_faults
from app.service.verify import verify, verify_within
from app.storage import access_log, service_heads, signing_keys
from app.storage import heads as stored_heads
from app.storage.engine import make_engine
from tests.access.test_access_log import chained, person  # noqa: F401 - fixtures
from tests.factories import PROVIDER
from tests.verify.verifier import verifier

SUM = "encode(sha256(convert_to(random()::text, 'UTF8')), 'hex')"
COLUMNS = {
    "sequence": "sequence + 100",
    "at": "at + interval '1 microsecond'",
    "who": "'somebody-else'",
    "party": "NULL",
    "operation": "'getParticipant'",
    "contract_id": "''",
    "participants": "ARRAY[array_to_string(participants, ',') || ',P-9']",
    "outcome": "'recorded'",
    "code": "''",
    "detail": "''",
    "previous_hash": SUM,
    "hash": SUM,
}
"""Another value of each column; an empty text and none must not be the same to the hash."""

REHASH = """
DO $$
DECLARE
    one access.access_log%%ROWTYPE;
BEGIN
    SET LOCAL session_replication_role = replica;
    CREATE TEMP TABLE forged ON COMMIT DROP AS
        SELECT * FROM access.access_log WHERE chain = current_setting('trial.chain');
    DELETE FROM access.access_log WHERE chain = current_setting('trial.chain');
    SET LOCAL session_replication_role = origin;
    FOR one IN SELECT * FROM forged ORDER BY sequence LOOP
        INSERT INTO access.access_log VALUES (one.*);
    END LOOP;
END
$$
"""
"""The forger lets the database itself number and chain every row anew."""

MINE = "WHERE chain = current_setting('trial.chain')"
LAST = f"(SELECT max(sequence) FROM access.access_log {MINE})"
FORGED = (
    "INSERT INTO access.access_log SELECT chain, {}, at, 'ghost', party, operation, contract_id, "
    f"participants, outcome, code, detail, hash, {SUM} FROM access.access_log {MINE} AND "
    "sequence = 3"
)


@pytest.fixture
def proving(settings, engine, clock, tmp_path):
    """The service with a signing key."""
    path = tmp_path / "signing-keys.json"
    signing_keys.create(path, datetime(2024, 1, 1, tzinfo=UTC))
    return replace(make_context(settings, engine, clock), signing_key_file=path)


@pytest.fixture
def kept(http, proving, team, agreed, person, tmp_path):
    """The head of a contract whose participants were looked at, as a party keeps it, and keys."""
    for _ in range(5):
        answer = http.get(f"/v1/contracts/{agreed}/participants", headers=team[PROVIDER][1])
        assert answer.status_code == 200
    head = heads.sign_head(proving, agreed).head
    assert head.access_sequence >= 5
    keys = signing_keys.load(proving.signing_key_file).keys
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([key.document() for key in keys]))
    return [("kept.json", head.document())], verifier.read_keys(file)


@contextmanager
def owner_of(database_urls, chain: str):
    """Trials by the owner of everything, each in a transaction that is never committed."""
    made = make_engine(database_urls.owner.replace("//outcomes_owner@", "//postgres@"))

    @contextmanager
    def trial(*statements: str):
        with made.connect() as connection:
            connection.execute(text("SELECT set_config('trial.chain', :c, true)"), {"c": chain})
            connection.execute(
                text("ALTER TABLE access.access_log DROP CONSTRAINT ck_access_log_refusal_told")
            )
            for statement in statements:
                role = "origin" if statement.endswith("-- chained") else "replica"
                connection.exec_driver_sql(f"SET LOCAL session_replication_role = {role}")
                connection.exec_driver_sql(statement)
            yield connection
            connection.rollback()

    yield trial
    made.dispose()


@pytest.fixture
def owned(database_urls, agreed):
    """Trials on the chain of a contract."""
    with owner_of(database_urls, agreed) as trial:
        yield trial


def saved(rows, tmp_path, name="log.jsonl"):
    """The log as an auditor's export has it."""
    file = tmp_path / name
    file.write_text("".join(AccessOut.of(row).model_dump_json() + "\n" for row in rows))
    return file


def faults_of(connection, contract_id, kept, tmp_path, *more):
    file = saved(access_log.of_chain(connection, contract_id), tmp_path)
    return verifier.verify_access_log([file, *more], None, *kept).faults


def test_an_untouched_log_is_intact(engine, proving, agreed, kept, tmp_path):
    file = saved(chained(engine, agreed), tmp_path)
    assert verifier.verify_access_log([file], None, *kept).faults == []
    verified = verify(proving, agreed)
    assert [check.count for check in verified.checks if check.name == "heads"] == [1]
    assert verified.intact


def test_any_column_that_the_owner_edits_is_found_inside_and_outside(owned, agreed, kept, tmp_path):
    missed = []
    for column, value in COLUMNS.items():
        change = f"UPDATE access.access_log SET {column} = {value} {MINE} AND sequence = {LAST} - 2"
        with owned(change) as connection:
            inside = check_chain(access_log.of_chain(connection, agreed)).faults
            outside = faults_of(connection, agreed, kept, tmp_path)
        missed += [column] if not inside or not outside else []
    assert missed == []


TRIALS = {
    "deleted in the middle": [f"DELETE FROM access.access_log {MINE} AND sequence = 3"],
    "newest deleted": [f"DELETE FROM access.access_log {MINE} AND sequence > 4"],
    "all deleted but one": [f"DELETE FROM access.access_log {MINE} AND sequence > 1"],
    "two swapped": [
        f"UPDATE access.access_log SET sequence = sequence + 9000000 {MINE} AND sequence = 3",
        f"UPDATE access.access_log SET sequence = 3 {MINE} AND sequence = 4",
        f"UPDATE access.access_log SET sequence = 4 {MINE} AND sequence = 9000003",
    ],
    "one forged in the middle": [
        f"UPDATE access.access_log SET sequence = sequence + 9000001 {MINE} AND sequence > 3",
        f"UPDATE access.access_log SET sequence = sequence - 9000000 {MINE} AND sequence > 9000000",
        FORGED.format(4),
    ],
    "edited, and chained anew": [
        f"UPDATE access.access_log SET who = 'x' {MINE} AND sequence = 2",
        REHASH,
    ],
    "deleted, and chained anew": [f"DELETE FROM access.access_log {MINE} AND sequence = 2", REHASH],
    "an older state, gone on from": [
        f"DELETE FROM access.access_log {MINE} AND sequence > 3",
        REHASH,
        *[f"{FORGED.format(0)} -- chained"] * 5,
    ],
}
UNSEEN_WITHIN_THE_CHAIN = {name for name in TRIALS if "anew" in name or "newest" in name} | {
    "all deleted but one",
    "an older state, gone on from",
}


@pytest.mark.parametrize("trial", TRIALS)
def test_what_the_owner_removes_moves_or_puts_in_is_found(owned, agreed, kept, tmp_path, trial):
    with owned(*TRIALS[trial]) as connection:
        chained = check_chain(access_log.of_chain(connection, agreed)).faults
        assert bool(chained) is (trial not in UNSEEN_WITHIN_THE_CHAIN)
        faults = faults_of(connection, agreed, kept, tmp_path)
        head = stored_heads.latest(connection, agreed)
        unlike = head_faults(connection, head, None)
        assert unlike or chained
        if unlike:
            with pytest.raises(IntegrityBroken, match="Nothing was signed; in the access log: "):
                end_of_log(connection, agreed, head, None)
    assert faults
    assert any(one.startswith("head of ") for one in faults) is bool(unlike)


def test_a_contract_that_was_moved_has_a_log_in_each_ledger(
    owned, engine, agreed, proving, kept, tmp_path
):
    former = saved(chained(engine, agreed), tmp_path, "former.jsonl")
    with owned(f"DELETE FROM access.access_log {MINE}") as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        head = stored_heads.latest(connection, agreed)
        enter_import(connection, agreed, head.signed_at, [head])
        word = ", by that log's own word: no key file is named"
        for none_of_ours, said in ((None, word), (other_keys(tmp_path), "")):
            assert head_faults(connection, head, none_of_ours) == []
            assert end_of_log(connection, agreed, head, none_of_ours)[0] == 1
            later = replace(head, day=head.day + timedelta(days=1))
            assert head_faults(connection, later, none_of_ours)
            under_another = replace(head, key_id="0" * 32)
            assert head_faults(connection, under_another, none_of_ours)
            context = replace(proving, signing_key_file=none_of_ours)
            found = verify_within(context, connection, agreed, with_files=False)
            [told] = [one for one in found.checks if one.name == "heads"]
            assert (told.found, told.looked_at) == (
                0,
                f"signed heads (1 of the access log of another ledger{said})",
            )
        assert faults_of(connection, agreed, kept, tmp_path)
        assert faults_of(connection, agreed, kept, tmp_path, former) == []


def test_an_import_that_never_was_excuses_no_head_of_this_ledgers_own(owned, agreed, proving, kept):
    """Also where the key has been replaced since, and the forged entry is the log's first."""
    file = proving.signing_key_file
    for rotated in (False, True):
        if rotated:
            signing_keys.rotate(file, datetime(2024, 1, 2, tzinfo=UTC))
        with owned(f"DELETE FROM access.access_log {MINE}") as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
            head = stored_heads.latest(connection, agreed)
            enter_import(connection, agreed, head.signed_at, [replace(head, day=date.max)])
            said = [f"the access log has no entry {head.access_sequence} with its hash"]
            assert head_faults(connection, head, file) == said
            found = verify_within(proving, connection, agreed, with_files=False)
            [heads_said] = [one.differences for one in found.checks if one.name == "heads"]
            assert heads_said == [f"head of {head.day.isoformat()}: {said[0]}"]
            with pytest.raises(IntegrityBroken, match="Nothing was signed; in the access log: "):
                end_of_log(connection, agreed, head, file)


def test_without_the_key_file_a_key_that_signed_heads_of_this_ledgers_own_log_is_known(
    owned, agreed, kept
):
    with owned(f"DELETE FROM access.access_log {MINE}") as connection:
        head = stored_heads.latest(connection, agreed)
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        enter_import(connection, agreed, head.signed_at, [replace(head, day=date.max)])
        assert head_faults(connection, head, None) == []  # nothing says that it is this ledger's
        own = SignedHead.of_service(date(2030, 1, 1), (0, GENESIS), head.signed_at, head.key_id)
        service_heads.keep(connection, own, PublicKey(head.key_id, "", head.signed_at))
        assert head_faults(connection, head, None) == [
            f"the access log has no entry {head.access_sequence} with its hash"
        ]


def test_a_key_file_that_cannot_be_read_excuses_nothing(owned, agreed, kept, tmp_path):
    with owned(f"DELETE FROM access.access_log {MINE}") as connection:
        head = stored_heads.latest(connection, agreed)
        with pytest.raises(Unavailable, match="cannot be used"):
            head_faults(connection, head, tmp_path / "none.json")


def other_keys(tmp_path):
    """The key file of another ledger."""
    path = tmp_path / "other-keys.json"
    signing_keys.create(path, datetime(2024, 1, 1, tzinfo=UTC))
    return path


def test_the_verifier_says_what_it_cannot_check(engine, agreed, kept, tmp_path):
    file = saved(chained(engine, agreed), tmp_path)
    with pytest.raises(verifier.CannotCheck, match="--keys"):
        verifier.verify_access_log([file], None, kept[0], None)
    assert "cannot be told from a true one" in verifier.verify_access_log([file]).notes[0]
    other = tmp_path / "other.jsonl"
    other.write_text("{}\n")
    with pytest.raises(verifier.CannotCheck, match="no access log"):
        verifier.verify_access_log([other])
    cut = tmp_path / "cut.jsonl"
    cut.write_text(file.read_text()[:-9])
    assert any("cannot be read" in one for one in verifier.verify_access_log([cut]).faults)
