"""Whatever is changed in the database behind the service's back, `verify` finds and names.

The trials are generated: every column of every table of a whole contract is changed in turn, as a
superuser who has switched triggers and foreign keys off, then put back.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier
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
from uuid_utils import uuid7

from app.domain.access import AccessRole, Grant
from app.domain.errors import NotFound
from app.domain.participant import EventKind
from app.domain.period import Period
from app.service import heads
from app.service.command import Command, Idempotency
from app.service.context import Context
from app.service.ledger import list_entries
from app.service.participants import NewEvent, record_events
from app.service.verify import verify
from app.storage import integrity, signing_keys
from app.storage.evidence_files import EvidenceFiles
from app.storage.idempotency import StoredReply
from app.storage.tables import NOT_PROJECTED, PROJECTIONS, metadata
from tests.approving import TWO_PERSONS, ApprovingBackend
from tests.banking import reconcile_a_little
from tests.closing import close_a_little
from tests.correcting import correct_a_little
from tests.peoples_data import live_a_little
from tests.replay import Clock, Replay
from tests.service.disputing import LONG, dispute_a_little
from tests.service.world import Actor
from tests.settling import Settling
from tests.unscanned import UNSCANNED

PROVIDER = {"party": "syha", "person": "provider-worker-1"}
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
OUT_OF_SIGHT = {"idempotency_keys", "evidence_uploads", "file_scans"}
"""Not part of the chain: replies kept for repeated requests, which prove nothing."""


@dataclass(frozen=True)
class Sealed:
    """A whole contract, and a superuser's way to its rows."""

    context: Context
    contract_id: str
    superuser: str
    owner: str

    def report(self) -> list[str]:
        found = verify(self.context, self.contract_id)
        return [difference for check in found.checks for difference in check.differences]

    @contextmanager
    def changed(self, changes: dict[str, list[Composed]]) -> Iterator[None]:
        """The tables after the statements for each; as they were when the block ends."""
        mine = f"{self.contract_id}%"
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for table in changes:
                keep = SQL("CREATE TEMP TABLE {} AS SELECT * FROM {} WHERE contract_id LIKE {}")
                names = (Identifier(f"kept_{table}"), Identifier(table), mine)
                connection.execute(keep.format(*names))
            try:
                for statement in (one for listed in changes.values() for one in listed):
                    assert connection.execute(statement).rowcount > 0, "the trial changed nothing"
                yield
            finally:
                for table in changes:
                    name, kept = Identifier(table), Identifier(f"kept_{table}")
                    remove = SQL("DELETE FROM {} WHERE contract_id LIKE {}").format(name, mine)
                    connection.execute(remove)
                    connection.execute(SQL("INSERT INTO {} SELECT * FROM {}").format(name, kept))

    def one(self, table: str, condition: str = "true") -> Composed:
        """The ctid of the middle row of the contract in a table."""
        return SQL(
            "(SELECT ctid FROM {name} WHERE contract_id = {mine} AND ({condition}) ORDER BY ctid "
            "OFFSET (SELECT count(*) / 2 FROM {name} WHERE contract_id = {mine} AND ({condition})) "
            "LIMIT 1)"
        ).format(name=Identifier(table), mine=self.contract_id, condition=SQL(condition))

    def keys(self, table: str, condition: Composed | SQL) -> list[str]:
        """How a report names rows: `table (key value, ...)`, or `journal record <n>`."""
        columns = [column.name for column in metadata.tables[table].primary_key.columns]
        with psycopg.connect(self.superuser) as connection:
            found = connection.execute(
                SQL("SELECT {} FROM {} WHERE contract_id = {} AND {}").format(
                    SQL(", ").join(map(Identifier, columns)),
                    Identifier(table),
                    self.contract_id,
                    condition,
                )
            ).fetchall()
        return [name_of(table, dict(zip(columns, row, strict=True))) for row in found]


def name_of(table: str, key: dict[str, object]) -> str:
    if table == "journal":
        return f"journal record {key['sequence']}:"
    if table == "notes":
        return f"note {key['digest']}"
    if table == "contracts":
        return f"contracts ({key['contract_id']})"
    told = ", ".join(f"{name} {value}" for name, value in key.items() if name != "contract_id")
    return f"{table} ({told})"


class FilingBackend(ApprovingBackend):
    """The golden story, with its first evidence file held by the service."""

    filed = False

    def evidence(self, who: dict, items: list[dict]) -> list[str]:
        if not self.filed:
            self.filed = True
            with self.context.files.receive(self.contract_id) as incoming:
                incoming.write(PDF)
                stored = incoming.finish("application/pdf")
            items = [items[0] | {"sha256": stored.sha256, "held_by": "service"}, *items[1:]]
        return super().evidence(who, items)


@pytest.fixture(scope="module")
def sealed(engine, database_urls, tmp_path_factory) -> Sealed:
    """The golden contract with payments, a correction, a note, a file and a stored reply."""
    contract_id, clock = str(uuid7()), Clock()
    files = EvidenceFiles(tmp_path_factory.mktemp("evidence"), 1_000_000)
    context = Context(engine, clock, lambda: str(uuid7()), files, uploads=UNSCANNED)
    replay = Replay(FilingBackend(context, clock, contract_id))
    replay.changes = LONG | TWO_PERSONS
    replay.run()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    settling = Settling(context, contract_id, "lcf")
    settling.issue(replay.claims.values())
    settling.pay_invoices(replay.claims.values())
    settling.reclaim(Period(date(2019, 10, 1), date(2023, 12, 31)))
    correct_a_little(settling, 1)
    dispute_a_little(context, contract_id, replay.claims["2023-Q2"])
    reconcile_a_little(context, contract_id, "spv", "scc")
    close_a_little(context, contract_id, "scc", "spv")
    command = Command(
        contract_id,
        Actor(**PROVIDER),
        idempotency=Idempotency("key-1", "print", lambda _, __: StoredReply(200, {}, "{}")),
    )
    begun = NewEvent(EventKind.TRAINING_BEGUN, date(2024, 2, 1), note="First class")
    view = record_events(context, command, "P1", [begun]).answer
    assert view is not None
    corrected = replace(begun, on=date(2024, 2, 2), supersedes=view.events[-1].event_id, note=None)
    delegated = Grant(
        "given", contract_id, command.actor.party, AccessRole.PROVIDER, date(2024, 2, 1),
        delegated_from="own", delegated_by="worker-on-leave",
    )  # fmt: skip
    record_events(
        context, replace(command, mandate=(delegated,), idempotency=None), "P1", [corrected]
    )
    live_a_little(context, contract_id, command.actor, date(2024, 2, 5), "P3")
    key_file = tmp_path_factory.mktemp("keys") / "signing-keys.json"
    signing_keys.create(key_file, clock())
    heads.sign_head(replace(context, signing_key_file=key_file), contract_id)
    superuser = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    return Sealed(context, contract_id, superuser, database_urls.owner)


CHOSEN = {
    # Check constraints hold for a superuser too, so these change to another value that they allow.
    ("verifications", "decision"): ("'returned'", "decision = 'rejected'"),
    ("verifications", "reason_code"): ("'other'", "decision = 'rejected'"),
    ("claim_decisions", "decision"): ("'returned'", "true"),
    ("evidence_items", "sha256"): ("reverse(sha256)", "true"),
    ("evidence_items", "covers_from"): ("covers_from - 1", "true"),
    ("claims", "period_start"): ("period_start - 1", "true"),
    ("erasures", "ground"): ("'unlawful'", "true"),
    ("erased_files", "kind"): ("'import'", "true"),
    ("corrections", "kind"): ("'goodwill', reverses = NULL", "kind = 'reversal'"),
    ("corrections", "reverses"): ("reverses + 1000", "kind = 'reversal'"),
    ("correction_decisions", "decision"): ("'refused', entry_number = NULL", "entry_number > 0"),
    ("correction_decisions", "entry_number"): ("entry_number + 1000", "entry_number > 0"),
    ("invoices", "kind"): ("'credit_note'", "kind = 'invoice'"),
    ("invoices", "net_minor"): ("net_minor - 1, vat_minor = vat_minor + 1", "true"),
    ("invoices", "vat_minor"): ("vat_minor + 1, net_minor = net_minor - 1", "true"),
    ("invoices", "total_minor"): ("total_minor + 1, net_minor = net_minor + 1", "true"),
    ("dispute_outcomes", "kind"): ("'settled'", "true"),
    ("fund_claims", "period_start"): ("period_start - 1", "true"),
    ("fund_claim_states", "state"): ("'queried'", "true"),
    ("payments", "kind"): ("'return', returns = 'forged'", "kind = 'payment'"),
    ("payments", "returns"): ("'forged', kind = 'return'", "kind = 'payment'"),
    ("imports", "kind"): ("'mt940', mapping_name = NULL", "true"),
    ("imports", "mapping_name"): ("NULL, kind = 'mt940'", "true"),
    ("import_lines", "direction"): ("'out'", "direction = 'in'"),
    ("import_lines", "classification"): ("'duplicate', first_import=1", "classification='unknown'"),
    ("import_lines", "first_import"): ("first_import + 1000", "first_import IS NOT NULL"),
    ("fault_decisions", "decision"): ("'taken_back', reason_code = NULL", "true"),
    ("line_decisions", "decision"): ("'taken_back', reason_code = NULL", "true"),
    ("matches", "score"): ("score - 1", "true"),
    ("matches", "classification"): ("'part'", "true"),
    ("match_decisions", "step"): ("3 - step", "true"),
    ("match_decisions", "decision"): ("'refused'", "true"),
    ("line_payments", "effect"): ("'confirmed'", "true"),
    ("period_closes", "kind"): ("'financial_year'", "level = 'hard'"),
    ("period_closes", "level"): ("'reopened'", "level = 'soft'"),
    ("period_closes", "period_start"): ("period_start - 1", "true"),
    ("late_postings", "level"): ("'soft'", "level = 'hard'"),
}


def other_value(column) -> tuple[str, str]:
    """SQL for another value of a column, and the condition on the row to change."""
    name = column.name
    if (column.table.name, name) in CHOSEN:
        return CHOSEN[column.table.name, name]
    kinds = {
        JSONB: f"{name} || '[\"forged\"]'::jsonb",
        Boolean: f"NOT {name}",
        Date: f"coalesce({name}, DATE '2020-01-01') + 1",
        DateTime: f"{name} + interval '1 microsecond'",
        Integer: f"coalesce({name}, 0) + 1000",  # BigInteger too
        Text: f"coalesce({name}, '') || 'x'",
    }
    return next(value for kind, value in kinds.items() if isinstance(column.type, kind)), "true"


CHECKED = [table for table in metadata.sorted_tables if table.name not in OUT_OF_SIGHT]
COLUMNS = [(table.name, column.name) for table in CHECKED for column in table.columns]


def test_the_trials_start_from_a_whole_contract_with_every_table_in_use(sealed):
    report = verify(sealed.context, sealed.contract_id)
    assert report.intact, sealed.report()
    # Nobody signed a head or looked at anybody over HTTP here: those trials stand elsewhere.
    empty = {check.name for check in report.checks if not check.count}
    assert empty <= {"heads", "access_log"}
    with psycopg.connect(sealed.superuser) as connection:
        for table in metadata.sorted_tables:
            count = SQL("SELECT count(*) FROM {} WHERE contract_id = {}")
            found = connection.execute(count.format(Identifier(table.name), sealed.contract_id))
            assert found.fetchone() > (0,), table.name


def seen_as(named: str, column: str) -> tuple[str, ...]:
    """What a report may call a row: where its key went elsewhere, the place shows it."""
    if named.startswith("journal record") and column in {"contract_id", "sequence"}:
        sequence = int(named.removeprefix("journal record ").rstrip(":"))
        return (f"journal record {sequence + 1}: follows record {sequence - 1}, so 1 are missing",)
    return (named, f"{named}x") if column == "digest" else (named,)


def changed_value(sealed, table: str, column: str) -> tuple[str, Composed]:
    """How the report will name the row, and the statement that changes one value of it."""
    value, condition = other_value(metadata.tables[table].columns[column])
    row = sealed.one(table, condition)
    (named,) = sealed.keys(table, SQL("ctid = {}").format(row))
    change = SQL("UPDATE {} SET {} = {} WHERE ctid = {}").format(
        Identifier(table), Identifier(column), SQL(value), row
    )
    return named, change


@pytest.mark.parametrize("place", range(max(len(table.columns) for table in PROJECTIONS)))
def test_one_changed_value_in_a_projected_table_is_found_and_its_row_named(sealed, place):
    """The first column of every table at once, then the second of every table, and so on."""
    columns = {
        table.name: list(table.columns)[place].name
        for table in PROJECTIONS
        if place < len(table.columns)
    }
    trials = {table: changed_value(sealed, table, column) for table, column in columns.items()}
    with sealed.changed({table: [change] for table, (_, change) in trials.items()}):
        report = sealed.report()
    missed = {
        table: column
        for table, column in columns.items()
        if not any(line.startswith(f"{trials[table][0]}: ") for line in report)
    }
    assert missed == {}


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column in COLUMNS if table in {"contracts", "journal", "notes"}],
)
def test_one_changed_value_of_the_record_itself_is_found(sealed, table, column):
    named, change = changed_value(sealed, table, column)
    with sealed.changed({table: [change]}):
        if (table, column) == ("notes", "contract_id"):
            # Here it is missing; where it was moved to it is a stranger.
            found = verify(sealed.context, f"{sealed.contract_id}x")
            assert named in str([check.differences for check in found.checks])
            assert not found.intact
            return
        report = sealed.report()
    assert any(line.startswith(seen_as(named, column)) for line in report), (named, report)


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column in COLUMNS if table in {"journal", "entries", "postings"}],
)
def test_every_row_of_journal_and_ledger_is_watched(sealed, table, column):
    value, condition = other_value(metadata.tables[table].columns[column])
    everyone = sealed.keys(table, SQL(condition))
    change = SQL("UPDATE {} SET {} = {} WHERE contract_id = {}").format(
        Identifier(table), Identifier(column), SQL(value), sealed.contract_id
    )
    with sealed.changed({table: [change]}):
        report = "\n".join(sealed.report())
    if table == "journal" and column in {"contract_id", "sequence"}:
        # The rows are where nobody looks, or numbered on: the gap and the head say so.
        assert "journal" in report
        return
    assert [name for name in everyone if name not in report] == []


def test_a_deleted_row_is_found_in_every_table(sealed):
    rows = {table.name: sealed.one(table.name) for table in PROJECTIONS}
    named = [
        f"{name}: is in the journal and missing from the table"
        for table, row in rows.items()
        for name in sealed.keys(table, SQL("ctid = {}").format(row))
    ]
    delete = SQL("DELETE FROM {} WHERE ctid = {}")
    with sealed.changed(
        {table: [delete.format(Identifier(table), row)] for table, row in rows.items()}
    ):
        report = sealed.report()
    assert set(named) <= set(report)


def test_an_entry_reversed_beyond_itself_is_found(sealed):
    change = SQL(
        "UPDATE postings SET amount_minor = amount_minor + 700000 WHERE contract_id = {} "
        "AND entry_number IN (SELECT entry_number FROM entries WHERE contract_id = {} "
        "AND kind = 'reversal' AND reverses = 1)"
    ).format(sealed.contract_id, sealed.contract_id)
    with sealed.changed({"postings": [change]}):
        report = sealed.report()
    assert "entry 1 is reversed beyond what it posted" in report


def forgery(sealed, table, sequence: str) -> Composed:
    """A copy of a row under keys of its own, made to belong to a journal record or to none."""
    unique = {
        column.name
        for constraint in (*table.constraints, *(one for one in table.indexes if one.unique))
        for column in getattr(constraint, "columns", ())
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | Index)
    } - {"contract_id", "sequence", "recorded_at", "effective_date", "mapping_name"}
    parts = [
        other_value(column)[0]
        if column.name in unique
        else sequence
        if column.name == "sequence"
        else column.name
        for column in table.columns
    ]
    return SQL("INSERT INTO {name} SELECT {parts} FROM {name} WHERE ctid = {row}").format(
        name=Identifier(table.name),
        parts=SQL(", ").join(map(SQL, parts)),
        row=sealed.one(table.name),
    )


@pytest.mark.parametrize("sequence", ["sequence", "99999", "0"])
def test_a_forged_row_is_found_in_every_table(sealed, sequence):
    before = {name for table in PROJECTIONS for name in sealed.keys(table.name, SQL("true"))}
    forgeries = {table.name: [forgery(sealed, table, sequence)] for table in PROJECTIONS}
    with sealed.changed(forgeries):
        after = {name for table in PROJECTIONS for name in sealed.keys(table.name, SQL("true"))}
        report = sealed.report()
    assert len(after - before) == len(PROJECTIONS)
    assert {f"{name}: is not in the journal" for name in after - before} <= set(report)


def test_a_source_that_was_approved_twice_is_found(sealed):
    same = SQL(
        "UPDATE claim_lines SET source_id = 'one' WHERE contract_id = {} AND kind = 'outcome'"
    ).format(sealed.contract_id)
    with sealed.changed({"claim_lines": [same]}):
        report = sealed.report()
    assert "outcome one stands on several lines of approved claims" in report


def test_two_swapped_journal_rows_are_found(sealed):
    swap = SQL(
        "UPDATE journal SET sequence = CASE sequence WHEN 10 THEN -11 WHEN 11 THEN -10 END "
        "WHERE contract_id = {0} AND sequence IN (10, 11)"
    ).format(sealed.contract_id)
    turn = SQL(
        "UPDATE journal SET sequence = -sequence WHERE contract_id = {0} AND sequence < 0"
    ).format(sealed.contract_id)
    with sealed.changed({"journal": [swap, turn]}):
        report = "\n".join(sealed.report())
    for place in (10, 11, 12):
        assert (
            f"journal record {place}: previous_hash is not the hash of the record before" in report
        )


@pytest.mark.parametrize("count", [1, 5])
def test_a_journal_without_its_tail_is_found(sealed, count):
    cut = SQL(
        "DELETE FROM journal WHERE contract_id = {0} AND sequence > "
        "(SELECT head_sequence - {1} FROM contracts WHERE contract_id = {0})"
    ).format(sealed.contract_id, count)
    with sealed.changed({"journal": [cut]}):
        report = sealed.report()
    assert any(line.startswith(f"contracts ({sealed.contract_id}): the head") for line in report)
    assert any("is not in the journal" in line for line in report)


def test_a_missing_record_in_the_middle_and_at_the_start_is_found(sealed):
    for sequence, gap in ((1, "follows record 0, so 1 are missing"), (40, "so 1 are missing")):
        cut = SQL("DELETE FROM journal WHERE contract_id = {} AND sequence = {}").format(
            sealed.contract_id, sequence
        )
        with sealed.changed({"journal": [cut]}):
            report = sealed.report()
        assert any(line.startswith(f"journal record {sequence + 1}: ") for line in report)
        assert gap in "\n".join(report)


def test_one_changed_digit_deep_in_a_payload_is_found(sealed):
    change = SQL(
        "UPDATE journal SET payload = overlay(payload placing '7' from "
        "position('\"amount_minor\":' in payload) + 15 for 1) "
        "WHERE contract_id = {} AND kind = 'claim_approved' AND payload LIKE '%amount_minor%'"
    ).format(sealed.contract_id)
    with sealed.changed({"journal": [change]}):
        report = "\n".join(sealed.report())
    assert "hash does not match the record's own fields" in report
    assert "stored postings differ from those in the journal" in report


def test_a_missing_contract_row_is_found_while_anything_is_left_of_it(sealed):
    gone = SQL("DELETE FROM contracts WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed({"contracts": [gone]}):
        with sealed.context.reading_of_none() as uow:
            assert sealed.contract_id in integrity.ids_without_contract(uow.connection)
        said = verify(sealed.context, sealed.contract_id).checks[0].differences
    assert said == [
        f"contracts ({sealed.contract_id}): the contract's row is missing, or unreadable"
    ]


def test_what_nobody_ever_had_is_not_found(sealed):
    with pytest.raises(NotFound) as refusal:
        verify(sealed.context, "no-such-contract")
    assert refusal.value.code == "contract-unknown"


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("postings", "effective_date = 'infinity'"),
        ("journal", "recorded_at = 'infinity'"),
        ("contracts", "head_recorded_at = 'infinity'"),
        ("accounts", "type = 'forged'"),
        ("terms_versions", "document = 'not JSON'"),
        ("postings", "currency = '???'"),
        ("submissions", 'working = \'{"not": ["steps"]}\''),
        ("journal", "payload = 'not JSON'"),
        ("journal", "payload = '[]'"),
        ("journal", "payload = '{\"no_such_table\":[{}]}'"),
    ],
)
def test_values_that_nobody_could_have_written_are_reported_and_do_not_stop_it(
    sealed, table, value
):
    change = SQL("UPDATE {} SET {} WHERE ctid = {}").format(
        Identifier(table), SQL(value), sealed.one(table)
    )
    with sealed.changed({table: [change]}):
        report = verify(sealed.context, sealed.contract_id)
    assert not report.intact
    assert len(report.checks) == 11


@pytest.mark.parametrize("which", ["true", "version = 1", "version > 1"])
def test_missing_terms_are_reported_and_do_not_stop_it(sealed, which):
    gone = SQL("DELETE FROM terms_versions WHERE contract_id = {} AND ").format(sealed.contract_id)
    with sealed.changed({"terms_versions": [gone + SQL(which)]}):
        report = verify(sealed.context, sealed.contract_id)
    assert len(report.checks) == 11
    said = [line for check in report.checks for line in check.differences]
    assert [line for line in said if re.match(r"terms_versions \(.*missing from the table$", line)]


@pytest.mark.parametrize(("kind", "ending"), [("evidence", ".pdf"), ("imported", ".import")])
def test_a_changed_or_missing_file_is_found(sealed, kind, ending):
    root = sealed.context.files._root / sealed.contract_id
    path = min(root.rglob(f"*{ending}"))
    kept = path.read_bytes()
    named = f"{kind} file {path.stem}: missing or changed"
    try:
        path.write_bytes(kept[:-1] + b"x")
        assert sealed.report() == [named]
        path.unlink()
        assert sealed.report() == [named]
    finally:
        path.write_bytes(kept)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", "day - 1"),
        ("sequence", "sequence - 1"),
        ("hash", "reverse(hash)"),
        ("count", "count - 1"),
        ("signed_at", "signed_at - interval '1 microsecond'"),
        ("key_id", "reverse(key_id)"),
        ("signature", "'AAAA'"),
    ],
)
def test_a_changed_head_is_found(sealed, column, value):
    change = SQL("UPDATE signed_heads SET {} = {} WHERE contract_id = {}").format(
        Identifier(column), SQL(value), sealed.contract_id
    )
    with sealed.changed({"signed_heads": [change]}):
        report = sealed.report()
    assert any(line.startswith("head of 2024-0") for line in report), report


def test_a_head_whose_key_was_exchanged_is_found(sealed):
    change = SQL("UPDATE signing_keys SET public_key = {} WHERE contract_id = {}").format(
        "A" * 43 + "=", sealed.contract_id
    )
    with sealed.changed({"signing_keys": [change]}):
        assert sealed.report() == [
            "head of 2024-03-01: the signature is not that of its key",
        ]


def test_a_note_that_is_gone_without_an_erasure_and_a_forged_one_are_found(sealed):
    held = sealed.keys("notes", SQL("true"))
    erase = SQL("DELETE FROM notes WHERE contract_id = {}").format(sealed.contract_id)
    with sealed.changed({"notes": [erase]}):
        assert sealed.report() == [
            f"{note}: missing, and no erasure is recorded" for note in sorted(held)
        ]
    forge = SQL(
        "INSERT INTO notes VALUES ({}, encode(sha256(convert_to(E's\\nforged', 'UTF8')), 'hex'), "
        "'s', 'forged')"
    ).format(sealed.contract_id)
    with sealed.changed({"notes": [forge]}):
        differs, unnamed = sealed.report()
        assert differs.endswith("the text does not match its digest")
        assert unnamed.endswith("no record names it")


def test_the_owner_can_disable_triggers_and_is_found_out(sealed):
    with psycopg.connect(sealed.owner, autocommit=True) as owner:
        owner.execute("ALTER TABLE postings DISABLE TRIGGER USER")
        try:
            bigger = "UPDATE postings SET amount_minor = amount_minor + %s WHERE contract_id = %s"
            owner.execute(bigger, [1, sealed.contract_id])
            report = sealed.report()
            owner.execute(bigger, [-1, sealed.contract_id])
        finally:
            owner.execute("ALTER TABLE postings ENABLE TRIGGER USER")
    postings = sum(
        len(stored.entry.postings)
        for stored in list_entries(sealed.context, sealed.contract_id, limit=1000)
    )
    named = [line for line in report if line.endswith("differs from the journal in amount_minor")]
    assert len(named) == postings
    assert sealed.report() == []


def test_every_trial_was_put_back(sealed):
    assert sealed.report() == []


def test_stored_replies_are_outside_the_chain(sealed):
    """A limit, stated: a reply kept for a repeated request is no record and proves nothing."""
    watched = {"contracts", "journal", "notes", "signed_heads", "signing_keys"}
    assert NOT_PROJECTED - watched == OUT_OF_SIGHT
    change = SQL("UPDATE idempotency_keys SET body = 'forged' WHERE contract_id = {}")
    with sealed.changed({"idempotency_keys": [change.format(sealed.contract_id)]}):
        assert sealed.report() == []
