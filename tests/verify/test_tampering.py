"""Whatever the owner of the database changes, the stand-alone verifier finds in an export.

Each trial changes rows, exports as the operator would, and checks with the heads kept outside.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.domain.journal import GENESIS, rehash
from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.service.command import Command
from app.service.export import export_contract
from app.service.participants import NewEvent, record_events
from app.storage import journal, signing_keys
from app.storage.tables import PROJECTIONS, metadata
from tests.verify.sealed import WORKER
from tests.verify.verifier import verifier

KINDS = {
    JSONB: "{} || '[\"forged\"]'::jsonb",
    Boolean: "NOT {}",
    Date: "coalesce({}, DATE '2020-01-01') + 1",
    DateTime: "{} + interval '1 microsecond'",
    Integer: "coalesce({}, 0) + 1000",
    Text: "coalesce({}, '') || 'x'",
}


@pytest.fixture
def unconstrained(sealed):
    """The tables without check constraints, which hold for a superuser too."""
    found = sealed.query(
        SQL(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace "
            "ORDER BY conname"
        ).format()
    )
    with psycopg.connect(sealed.superuser, autocommit=True) as connection:
        for table, name, _ in found:
            drop = SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            connection.execute(drop.format(Identifier(table), Identifier(name)))
        yield
        for table, name, rule in found:
            add = SQL("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID")
            connection.execute(add.format(Identifier(table), Identifier(name), SQL(rule)))


def other_value(column) -> SQL:
    """SQL for another value of a column."""
    return next(
        SQL(form).format(Identifier(column.name))
        for kind, form in KINDS.items()
        if isinstance(column.type, kind)
    )


def used(sealed) -> list:
    return [table for table in PROJECTIONS if sealed.count(table.name)]


def test_an_untouched_ledger_is_intact(sealed):
    assert sealed.report() == []
    assert sealed.report(with_heads=False) == []
    assert len(used(sealed)) > 30


@pytest.mark.parametrize("place", range(max(len(table.columns) for table in PROJECTIONS)))
def test_any_column_of_any_table(sealed, unconstrained, place):
    """The first column of every table at once, then the second of every table, and so on."""
    named, changes = {}, {}
    for table in used(sealed):
        if place < len(table.columns):
            column = list(table.columns)[place]
            named[table.name], row = sealed.one(table.name)
            change = SQL("UPDATE {} SET {} = {} WHERE ctid = {}").format(
                Identifier(table.name), Identifier(column.name), other_value(column), row
            )
            changes[table.name] = [change]
    with sealed.changed(changes):
        report = sealed.report()
    missed = {
        table: name
        for table, name in named.items()
        if not any(line.startswith(f"{name}: ") for line in report)
    }
    assert missed == {}


@pytest.mark.parametrize("column", [column.name for column in metadata.tables["journal"].columns])
def test_any_column_of_the_journal(sealed, column):
    named, row = sealed.one("journal")
    change = SQL("UPDATE journal SET {} = {} WHERE ctid = {}").format(
        Identifier(column), other_value(metadata.tables["journal"].columns[column]), row
    )
    with sealed.changed({"journal": [change]}):
        report = sealed.report()
    number = int(named.removeprefix("journal record "))
    if column in {"contract_id", "sequence"}:  # the row is elsewhere; its place shows it
        assert any(line.startswith(f"journal record {number + 1}: follows") for line in report)
    else:
        assert any(line.startswith(f"{named}: ") for line in report)


@pytest.mark.parametrize("column", ["head_sequence", "head_hash", "head_recorded_at"])
def test_any_column_of_the_contract(sealed, column):
    change = SQL("UPDATE contracts SET {} = {} WHERE contract_id = {}").format(
        Identifier(column),
        other_value(metadata.tables["contracts"].columns[column]),
        sealed.contract_id,
    )
    with sealed.changed({"contracts": [change]}):
        (line,) = sealed.report()
    assert line.startswith("contract: ")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", "day - 10"),
        ("sequence", "sequence - 1"),
        ("hash", "reverse(hash)"),
        ("count", "count - 1"),
        ("signed_at", "'infinity'"),
        ("key_id", "reverse(key_id)"),
        ("signature", "'AAAA'"),
    ],
)
def test_any_column_of_the_signed_heads(sealed, column, value):
    change = SQL("UPDATE signed_heads SET {} = {} WHERE contract_id = {} AND day = {}").format(
        Identifier(column), SQL(value), sealed.contract_id, date(2024, 3, 2)
    )
    with sealed.changed({"signed_heads": [change]}):
        report = sealed.report()
    assert any("2024-03-02 that you kept" in line for line in report)
    assert any(" in the export: " in line for line in report)


def test_a_head_that_the_operator_deleted(sealed):
    gone = SQL("DELETE FROM signed_heads WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed({"signed_heads": [gone]}):
        report = sealed.report()
    assert report == [
        f"head of {day} that you kept ({day}.json): the ledger's own list of heads does not have it"
        for day in ("2024-03-01", "2024-03-02")
    ]


def test_a_deleted_row_of_any_table(sealed):
    rows = {table.name: sealed.one(table.name) for table in used(sealed)}
    deletes = {
        table: [SQL("DELETE FROM {} WHERE ctid = {}").format(Identifier(table), row)]
        for table, (_, row) in rows.items()
    }
    with sealed.changed(deletes):
        report = sealed.report()
    assert {
        f"{named}: is in the journal and missing from the table" for named, _ in rows.values()
    } <= set(report)


@pytest.mark.parametrize("sequence", ["sequence", "99999", "0"])
def test_a_forged_row_in_any_table(sealed, unconstrained, sequence):
    forgeries = {}
    for table in used(sealed):
        unique = {
            column.name
            for one in (*table.constraints, *(one for one in table.indexes if one.unique))
            for column in getattr(one, "columns", ())
            if isinstance(one, PrimaryKeyConstraint | UniqueConstraint | Index)
        } - {"contract_id", "sequence", "recorded_at"}
        parts = [
            other_value(column)
            if column.name in unique
            else SQL(sequence if column.name == "sequence" else column.name)
            for column in table.columns
        ]
        insert = SQL("INSERT INTO {} SELECT {} FROM {} WHERE ctid = {}")
        name = Identifier(table.name)
        _, row = sealed.one(table.name)
        forgeries[table.name] = [insert.format(name, SQL(", ").join(parts), name, row)]
    with sealed.changed(forgeries):
        report = sealed.report()
    for table in forgeries:
        assert any(
            line.startswith(f"{table} (") and line.endswith("is not in the journal")
            for line in report
        ), table


def test_two_swapped_records(sealed):
    swap = SQL(
        "UPDATE journal SET sequence = CASE sequence WHEN 10 THEN -11 WHEN 11 THEN -10 END "
        "WHERE contract_id = {} AND sequence IN (10, 11)"
    ).format(sealed.contract_id)
    turn = SQL(
        "UPDATE journal SET sequence = -sequence WHERE contract_id = {} AND sequence < 0"
    ).format(sealed.contract_id)
    with sealed.changed({"journal": [swap, turn]}):
        report = sealed.report()
    for place in (10, 11, 12):
        assert (
            f"journal record {place}: previous_hash is not the hash of the record before" in report
        )


def cut_to(sealed, sequence: int) -> dict:
    """Every row after a record deleted, and the contract's head moved back: an older state."""
    mine = sealed.contract_id
    changes = {
        table.name: [
            SQL("DELETE FROM {} WHERE contract_id = {} AND sequence > {}").format(
                Identifier(table.name), mine, sequence
            )
        ]
        for table in used(sealed)
        if sealed.query(
            SQL("SELECT 1 FROM {} WHERE contract_id = {} AND sequence > {} LIMIT 1").format(
                Identifier(table.name), mine, sequence
            )
        )
    }
    changes["journal"] = [
        SQL("DELETE FROM journal WHERE contract_id = {} AND sequence > {}").format(mine, sequence)
    ]
    changes["contracts"] = [
        SQL(
            "UPDATE contracts c SET head_sequence = j.sequence, head_hash = j.hash, "
            "head_recorded_at = j.recorded_at FROM journal j WHERE c.contract_id = {0} "
            "AND j.contract_id = {0} AND j.sequence = {1}"
        ).format(mine, sequence)
    ]
    return changes


def without_heads_after(sealed, sequence: int) -> list:
    statement = "DELETE FROM signed_heads WHERE contract_id = {} AND sequence > {}"
    return [SQL(statement).format(sealed.contract_id, sequence)]


def test_a_tail_cut_off_so_that_all_that_is_left_agrees(sealed):
    end = sealed.count("journal")
    changes = cut_to(sealed, end - 1)
    changes["signed_heads"] = without_heads_after(sealed, end - 1)
    with sealed.changed(changes):
        alone = sealed.report(with_heads=False)
        report = sealed.report()
    assert alone == []  # only what is kept outside can show it
    assert report[0] == (
        f"head of 2024-03-02 that you kept (2024-03-02.json): names record {end}, and the journal "
        f"ends with record {end - 1}: its newest records were cut off, an old backup was restored, "
        "or the export is older than the head"
    )


def test_an_old_backup_restored_and_gone_on_from(sealed):
    end = sealed.count("journal")
    changes = cut_to(sealed, end - 2)
    changes["signed_heads"] = without_heads_after(sealed, end - 2)
    changes["notes"] = [SQL("DELETE FROM notes WHERE contract_id = {}").format(sealed.contract_id)]
    with sealed.changed(changes):
        command = Command(sealed.contract_id, WORKER)
        begun = NewEvent(EventKind.TRAINING_BEGUN, date(2024, 2, 3))
        view = record_events(sealed.context, command, "P1", [begun]).answer
        again = replace(begun, on=date(2024, 2, 4), supersedes=view.events[-1].event_id)
        record_events(sealed.context, command, "P1", [again])
        assert sealed.report(with_heads=False) == []
        report = sealed.report()
    assert any(
        "2024-03-02 that you kept" in line and f"record {end} is now another" in line
        for line in report
    )


def test_a_history_rewritten_as_a_whole_with_every_hash_made_anew(sealed):
    """The owner changes one name in record 5 and computes the chain again to its end."""
    previous, statements = GENESIS, []
    with sealed.context.reading(sealed.contract_id) as uow:
        records = list(journal.records(uow.connection, sealed.contract_id))
    for record in records:
        actor = Actor("syha", "somebody-else") if record.sequence == 5 else record.actor
        made = replace(record, previous_hash=previous, actor=actor)
        previous = rehash(made)
        statements.append(
            SQL(
                "UPDATE journal SET person = {}, previous_hash = {}, hash = {} "
                "WHERE contract_id = {} AND sequence = {}"
            ).format(
                actor.person, made.previous_hash, previous, sealed.contract_id, record.sequence
            )
        )
    head = SQL("UPDATE contracts SET head_hash = {} WHERE contract_id = {}")
    forget = SQL("DELETE FROM signed_heads WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed(
        {
            # From the end, since no two records may name the same hash before them.
            "journal": statements[::-1],
            "contracts": [head.format(previous, sealed.contract_id)],
            "signed_heads": [forget],
        }
    ):
        assert sealed.report(with_heads=False) == []
        report = sealed.report()
    for day in ("2024-03-01", "2024-03-02"):
        assert any(f"{day} that you kept" in line and "rewritten" in line for line in report)


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("postings", "effective_date = 'infinity'"),
        ("journal", "recorded_at = 'infinity'"),
        ("journal", "effective_date = '-infinity'"),
        ("postings", "amount_minor = 9223372036854775807"),
        ("journal", "payload = 'not JSON'"),
        ("journal", "payload = '[]'"),
        ("journal", "payload = '{\"no_such_table\":[{}]}'"),
        ("journal", "payload = '{ }'"),
    ],
)
def test_values_that_nobody_could_have_written(sealed, table, value):
    named, row = sealed.one(table)
    change = SQL("UPDATE {} SET {} WHERE ctid = {}").format(Identifier(table), SQL(value), row)
    with sealed.changed({table: [change]}):
        report = sealed.report()
    assert any(line.startswith(f"{named}: ") for line in report)


def test_a_note_that_says_something_else(sealed):
    change = SQL("UPDATE notes SET salt = 'x' WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed({"notes": [change]}):
        report = sealed.report()
    assert report
    assert all(line.endswith("the text does not match its digest") for line in report)


def test_erased_notes_are_no_fault(sealed):
    erase = SQL("DELETE FROM notes WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed({"notes": [erase]}):
        assert sealed.report() == []


def test_the_owner_cannot_sign_with_a_key_of_their_own(sealed, tmp_path):
    """Another key in the operator's file, and the heads signed anew with it."""
    other = tmp_path / "keys.json"
    signing_keys.create(other, datetime(2024, 1, 1, tzinfo=UTC))
    forged = tmp_path / "export.jsonl"
    with forged.open("wb") as out:
        context = replace(sealed.context, signing_key_file=other)
        export_contract(context, sealed.contract_id, out)
    pinned = verifier.read_keys(sealed.keys())
    faults = verifier.verify_export(forged, [], pinned).faults
    key_id = signing_keys.load(other).current.key_id
    assert faults == [
        f"key {key_id}: none of the keys that you know endorses it",
        "manifest: the signature is not that of a key that counts",
    ]
    assert verifier.verify_export(forged).faults == []  # without keys of one's own, a NOTE says so


def test_every_trial_was_put_back(sealed):
    assert sealed.report() == []
    exported = sealed.export().read_text().splitlines()
    assert json.loads(exported[-1])["type"] == "manifest"
