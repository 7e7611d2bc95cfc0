"""The golden contract with payments, files and notes, whose heads a party has kept; and a forger.

The forger is the owner of the database with triggers and foreign keys off, so that nothing but the
proof stands in its way.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from uuid_utils import uuid7

from app.domain.participant import EventKind
from app.domain.parties import Actor
from app.domain.period import Period
from app.service.command import Command
from app.service.context import Context
from app.service.export import export_contract
from app.service.heads import sign_head
from app.service.participants import NewEvent, record_events
from app.storage import migrate, signing_keys
from app.storage.engine import Engine, make_engine
from app.storage.evidence_files import EvidenceFiles
from app.storage.roles import create_database
from app.storage.tables import metadata
from tests.approving import TWO_PERSONS, ApprovingBackend
from tests.banking import reconcile_a_little
from tests.replay import Clock, Replay
from tests.service.people_world import upload
from tests.settling import Settling
from tests.unscanned import UNSCANNED
from tests.verify.verifier import verifier

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
WORKER = Actor("syha", "provider-worker-1")


@dataclass(frozen=True)
class Sealed:
    """A whole contract, the heads and keys that a party kept, and a forger's way to its rows."""

    context: Context
    clock: Clock
    contract_id: str
    superuser: str
    place: Path

    def export(self, name: str = "export.jsonl", *, with_files: bool = False) -> Path:
        """An export as the operator would give it now."""
        path = self.place / name
        with path.open("wb") as out:
            export_contract(self.context, self.contract_id, out, with_files=with_files)
        return path

    def keep(self) -> None:
        """The party puts today's head away."""
        head = sign_head(self.context, self.contract_id).head
        kept = self.place / "kept"
        kept.mkdir(exist_ok=True)
        (kept / f"{head.day}.json").write_text(json.dumps(head.document()))

    def keys(self) -> Path:
        """The operator's public keys, as handed over at the beginning."""
        path = self.place / "keys.json"
        if not path.exists():
            loaded = signing_keys.load(self.context.signing_key_file)
            path.write_text(json.dumps({"items": [key.document() for key in loaded.keys]}))
        return path

    def report(self, *, with_heads: bool = True) -> list[str]:
        """What the stand-alone verifier says of an export made now."""
        kept = verifier.read_heads([self.place / "kept"]) if with_heads else []
        keys = verifier.read_keys(self.keys())
        return verifier.verify_export(self.export(), kept, keys).faults

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

    def query(self, statement: Composed) -> list[tuple]:
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(statement).fetchall()

    def count(self, table: str) -> int:
        statement = SQL("SELECT count(*) FROM {} WHERE contract_id = {}")
        return self.query(statement.format(Identifier(table), self.contract_id))[0][0]

    def one(self, table: str, condition: str = "true") -> tuple[str, Composed]:
        """How a report names the middle row of the contract in a table, and that row's ctid."""
        columns = [column.name for column in metadata.tables[table].primary_key.columns]
        found = self.query(
            SQL("SELECT ctid::text, {} FROM {} WHERE contract_id = {} AND {} ORDER BY ctid").format(
                SQL(", ").join(map(Identifier, columns)),
                Identifier(table),
                self.contract_id,
                SQL(f"({condition})"),
            )
        )
        ctid, *values = found[len(found) // 2]
        return name_of(table, dict(zip(columns, values, strict=True))), SQL("{}::tid").format(ctid)


def name_of(table: str, key: dict[str, object]) -> str:
    """How a report names a row."""
    if table == "journal":
        return f"journal record {key['sequence']}"
    told = ", ".join(f"{name} {value}" for name, value in key.items() if name != "contract_id")
    return f"{table} ({told})"


@contextmanager
def empty_database(postgres: str, database_urls) -> Iterator[Engine]:
    """A database of another instance, migrated and empty, as the application's role."""
    name = f"elsewhere_{uuid7().hex[:12]}"
    create_database(postgres, name)
    here = database_urls.owner.split("/")[-1].split("?")[0]
    migrate.upgrade(database_urls.owner.replace(f"/{here}?", f"/{name}?"))
    made = make_engine(database_urls.app.replace(f"/{here}?", f"/{name}?"))
    yield made
    made.dispose()


class FilingBackend(ApprovingBackend):
    """The golden story, with its first evidence file held by the service."""

    filed = False

    def evidence(self, who: dict, items: list[dict]) -> list[str]:
        if not self.filed:
            self.filed = True
            sha256 = upload(self.context, self.contract_id, PDF)
            items = [items[0] | {"sha256": sha256, "held_by": "service"}, *items[1:]]
        return super().evidence(who, items)


def seal(engine, superuser: str, place: Path) -> Sealed:
    """The golden contract, with a head kept before and after its last records."""
    contract_id, clock = str(uuid7()), Clock()
    key_file = place / "signing-keys.json"
    signing_keys.create(key_file, datetime(2019, 1, 1, tzinfo=UTC))
    files = EvidenceFiles(place / "evidence", 1_000_000)
    context = Context(
        engine, clock, lambda: str(uuid7()), files, signing_key_file=key_file, uploads=UNSCANNED
    )
    sealed = Sealed(context, clock, contract_id, superuser, place)
    sealed.keys()
    replay = Replay(FilingBackend(context, clock, contract_id))
    replay.changes = TWO_PERSONS
    replay.run()
    clock.set(datetime(2024, 3, 1, 12, tzinfo=UTC))
    sealed.keep()
    settling = Settling(context, contract_id, "lcf")
    settling.issue(replay.claims.values())
    settling.pay_invoices(replay.claims.values())
    settling.reclaim(Period(date(2019, 10, 1), date(2023, 12, 31)))
    reconcile_a_little(context, contract_id, "spv", "scc")
    begun = NewEvent(EventKind.TRAINING_BEGUN, date(2024, 2, 1), note="First class")
    view = record_events(context, Command(contract_id, WORKER), "P1", [begun]).answer
    assert view is not None
    corrected = replace(begun, on=date(2024, 2, 2), supersedes=view.events[-1].event_id, note=None)
    record_events(context, Command(contract_id, WORKER), "P1", [corrected])
    clock.set(datetime(2024, 3, 2, 12, tzinfo=UTC))
    sealed.keep()
    return sealed
