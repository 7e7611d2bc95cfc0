"""Erasure: files and notes of a person go; chain, ledger, balances and statements stay."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.parties import Actor
from app.domain.privacy import ErasureGround
from app.payments.balances import trial_balances
from app.service import erasure, evidence_files, participants
from app.service.command import Idempotency
from app.service.verify import verify
from app.storage import ledger
from app.storage.engine import UnitOfWork
from app.storage.idempotency import StoredReply
from app.storage.linked import LINKED, UNLINKED
from app.storage.rows import BY_NAME
from app.storage.tables import journal, notes
from tests.owner import as_owner
from tests.service.people_world import UNSCANNED, erase, file_of, pdf, upload
from tests.service.world import APPROVER, BACKER, FUNDER, MANAGER, VERIFIER, WORKER, refused


@pytest.fixture
def world(world):
    world.context = replace(world.context, uploads=UNSCANNED)
    return world


@pytest.fixture
def lived(world):
    """P1 and P2 with a file each and one in common, notes, an outcome paid."""
    world.agree()
    for name in ("P1", "P2"):
        world.moved(name)
        file_of(world, name, "2020-01-15")
        file_of(world, name, "2020-01-15", pdf("both"))
    world.event("training_begun 2020-02-01 note=Rang_the_college", "P1")
    world.event("training_begun 2020-02-01 note=Began_on_Monday", "P2")
    earned = world.submit("MOVE", "2020-02-10", "P1")
    world.decide(earned, "2020-02-11", note="The letter is signed.")
    world.paid_claim("2020 Q1", "2020-04-02")
    return world


def stands(world):
    """What must never change: the journal's records and all balances."""
    with as_owner(world.context.engine) as connection:
        records = connection.execute(
            select(journal.c.sequence, journal.c.hash)
            .where(journal.c.contract_id == world.contract_id)
            .order_by(journal.c.sequence)
        ).all()
        balances = ledger.balances(connection, world.contract_id)
        books = trial_balances(balances, "GBP")
    return [tuple(row) for row in records], [repr(book) for book in books]


def notes_left(world) -> int:
    with as_owner(world.context.engine) as connection:
        return len(
            connection.execute(
                select(notes.c.digest).where(notes.c.contract_id == world.contract_id)
            ).all()
        )


def files_left(world) -> list[str]:
    root = world.context.files._root / world.contract_id
    return sorted(path.stem for path in root.rglob("*.pdf"))


def report(world) -> list[str]:
    found = verify(world.context, world.contract_id)
    return [line for check in found.checks for line in check.differences]


def test_a_person_s_files_and_notes_go_and_everything_else_stays(lived):
    records, books = stands(lived)
    files, texts = files_left(lived), notes_left(lived)
    assert (len(files), texts, report(lived)) == (3, 3, [])

    done = erase(lived.context, lived.by(WORKER), "P1")

    assert len(done.erasure.evidence) == 1
    assert len(done.erasure.notes) == 2
    assert len(done.kept_shared) == 1
    assert len(files_left(lived)) == 2
    assert notes_left(lived) == 1
    after, books_after = stands(lived)
    assert after[:-1] == records
    assert books_after == books
    assert report(lived) == []
    view = participants.get_participant(lived.context, lived.contract_id, "P1")
    assert len(view.events) == 4


def test_a_file_that_is_another_s_evidence_too_goes_only_when_told(lived):
    shared = erase(lived.context, lived.by(WORKER), "P1").kept_shared
    done = erase(lived.context, lived.by(VERIFIER), "P1", include_shared=True)
    assert (done.erasure.evidence, done.kept_shared) == (shared, ())
    assert done.erasure.erasure_number == 2
    assert len(files_left(lived)) == 1
    assert report(lived) == []


def test_a_dry_run_erases_nothing(lived):
    before = lived.state()
    done = erase(lived.context, lived.by(WORKER, dry_run=True), "P1")
    assert len(done.erasure.evidence) == 1
    assert lived.state() == before
    assert len(files_left(lived)) == 3


@pytest.mark.parametrize("actor", [MANAGER, BACKER, FUNDER, Actor("stranger", "x")])
def test_only_provider_and_commissioner_erase(lived, actor):
    before = lived.state()
    refused("party-not-permitted", erase, lived.context, lived.by(actor), "P1")
    assert lived.state() == before
    assert len(files_left(lived)) == 3


def test_an_unknown_person_has_nothing_to_erase(lived):
    refused("participant-unknown", erase, lived.context, lived.by(WORKER), "P9")


def test_an_erased_file_is_neither_taken_in_again_nor_named_nor_opened(lived):
    item = lived.evidence(
        "MOVE", "2020-01-15", "P1",
        sha256=upload(lived.context, lived.contract_id, pdf("more")), held_by="service",
    )  # fmt: skip
    erase(lived.context, lived.by(WORKER), "P1")
    refused("erased-before", upload, lived.context, lived.contract_id, pdf("more"))
    refused("evidence-file-missing", file_of_again, lived)
    refused(
        "evidence-file-erased",
        evidence_files.make_link, lived.context, lived.contract_id, item, WORKER,
    )  # fmt: skip


def file_of_again(world):
    digest = hashlib.sha256(pdf("more")).hexdigest()
    return world.evidence("MOVE", "2020-01-15", "P2", sha256=digest, held_by="service")


def test_what_a_backup_brings_back_is_reported_and_erased_again(lived):
    root = lived.context.files._root / lived.contract_id
    kept = {path: path.read_bytes() for path in root.rglob("*.pdf")}
    with as_owner(lived.context.engine) as connection:
        rows = [
            dict(row._mapping)
            for row in connection.execute(
                select(notes).where(notes.c.contract_id == lived.contract_id)
            )
        ]
    done = erase(lived.context, lived.by(WORKER), "P1")
    assert erasure.erase_again(lived.context, lived.contract_id) == 0
    for path, content in kept.items():
        path.write_bytes(content)
    with as_owner(lived.context.engine) as connection:
        back = [row for row in rows if row["digest"] in done.erasure.notes]
        connection.execute(notes.insert(), back)
        connection.commit()
    said = report(lived)
    assert len(said) == 3
    assert all("erased, and here again" in line for line in said)
    assert erasure.erase_again(lived.context, lived.contract_id) == 3
    assert report(lived) == []


def test_a_request_sent_again_finishes_what_a_crash_left(lived):
    kept = Idempotency("key-1", "print", lambda _, __: StoredReply(200, {}, "{}"))
    root = lived.context.files._root / lived.contract_id
    before = {path: path.read_bytes() for path in root.rglob("*.pdf")}
    erase(lived.context, lived.by(WORKER, idempotency=kept), "P1")
    gone = [path for path in before if not path.exists()]
    gone[0].write_bytes(before[gone[0]])  # as if the process had ended before removing it
    assert erase(lived.context, lived.by(WORKER, idempotency=kept), "P1") is None
    assert not gone[0].exists()


def test_the_database_lets_no_note_go_without_a_recorded_erasure(lived):
    def delete():
        with UnitOfWork(lived.context.engine) as uow:
            lived.context.serve(uow, lived.contract_id)
            uow.connection.execute(notes.delete().where(notes.c.contract_id == lived.contract_id))
            uow.commit()

    with pytest.raises((DBAPIError, IntegrityError), match="no erasure of note"):
        delete()
    assert notes_left(lived) == 3


def test_a_note_that_vanished_is_reported(lived, owner_engine):
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE notes DISABLE TRIGGER USER"))
        connection.execute(notes.delete().where(notes.c.contract_id == lived.contract_id))
        connection.execute(text("ALTER TABLE notes ENABLE TRIGGER USER"))
    assert len(report(lived)) == 3
    assert all(line.endswith("no erasure is recorded") for line in report(lived))


def test_every_table_says_whether_it_is_about_participants():
    assert set(LINKED) | UNLINKED == set(BY_NAME)
    assert not set(LINKED) & UNLINKED
    for name, hops in LINKED.items():
        here = BY_NAME[name]
        for following, columns in hops:
            assert set(columns) <= set(here.columns.keys())
            here = BY_NAME[following]
            assert set(columns) <= set(here.columns.keys())
        assert "participant_id" in here.columns
    for name in UNLINKED:
        assert "participant_id" not in BY_NAME[name].columns


ENDS = {"service_ends": "2020-06-30", "evidence_retention_years": 1}


@pytest.mark.parametrize(
    ("on", "code"),
    [("2023-06-29", "retention-not-over"), ("2023-06-30", "retention-not-over"),
     ("2023-07-01", None)],
)  # fmt: skip
def test_a_contract_s_evidence_goes_the_day_after_its_retention(world, on, code):
    world.agree(**ENDS)  # run-off of 24 months: the contract ends on 30 Jun 2022
    world.moved("P1")
    file_of(world, "P1", "2020-01-15")
    world.event("training_begun 2020-02-01 note=Began", "P1")
    world.on(on)
    shown = erasure.show_retention(world.context, world.contract_id)
    assert shown.retention.keep_through == date(2023, 6, 30)
    assert shown.is_over is (code is None)
    assert (len(shown.held.evidence), len(shown.held.notes)) == (1, 1)
    command = world.by(APPROVER)
    if code:
        refused(code, erasure.erase_contract, world.context, command)
        assert len(files_left(world)) == 1
        return
    refused("party-not-permitted", erasure.erase_contract, world.context, world.by(WORKER))
    done = erasure.erase_contract(world.context, command).answer
    assert (done.erasure.ground, done.erasure.participant_id) == (
        ErasureGround.RETENTION_OVER, None,
    )  # fmt: skip
    assert (files_left(world), notes_left(world), report(world)) == ([], 0, [])
    (listed,) = erasure.list_erasures(world.context, world.contract_id)
    assert listed == done.erasure


def test_without_an_end_nothing_is_erased_for_its_age(world):
    world.agree(service_ends=None)
    shown = erasure.show_retention(world.context, world.contract_id)
    assert (shown.retention.keep_through, shown.is_over) == (None, False)
    refused("retention-not-over", erasure.erase_contract, world.context, world.by(APPROVER))


def test_files_and_notes_lie_encrypted(lived):
    root = lived.context.files._root / lived.contract_id
    assert all(b"%PDF" not in path.read_bytes() for path in root.rglob("*.pdf"))
    with as_owner(lived.context.engine) as connection:
        texts = connection.execute(
            select(notes.c.sealed_text).where(notes.c.contract_id == lived.contract_id)
        ).scalars()
        assert all("signed" not in one and "Monday" not in one for one in texts)
