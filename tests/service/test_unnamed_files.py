"""Files that were sent and never named: they expire, and every erasure reaches them too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.parties import Actor
from app.service import erasure
from app.service.unnamed_files import expire_unnamed
from app.service.upload_rules import UploadRules
from app.service.verify import verify
from app.storage import erasures
from tests.owner import as_owner
from tests.service.people_world import UNSCANNED, erase, file_of, pdf, upload
from tests.service.world import APPROVER, VERIFIER, WORKER, refused

HOURS = 48
SENT = datetime(2020, 2, 28, 12, tzinfo=UTC)
GONE = datetime(2020, 3, 1, 12, tzinfo=UTC)  # 2020 has a 29 February
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def ready(world):
    """P1 has moved on; a file waits for 48 hours; the clock stands where it is put."""
    world.context = replace(world.context, uploads=replace(UNSCANNED, unnamed_hours=HOURS))
    world.agree().moved("P1")
    return at(world, SENT)


def at(world, instant: datetime):
    world.context = replace(world.context, clock=lambda: instant)
    return world


def send(world, about="letter", by=WORKER, **more) -> str:
    return upload(world.context, world.contract_id, pdf(about), by, **more)


def name(world, sha256: str, held_by: str = "service") -> str:
    return world.evidence("MOVE", "2020-01-15", "P1", sha256=sha256, held_by=held_by)


def expire(world) -> list[str]:
    return expire_unnamed(world.context, world.contract_id)


def is_here(world, sha256: str) -> bool:
    return world.context.files.find(world.contract_id, sha256) is not None


@pytest.mark.parametrize(
    ("instant", "goes"),
    [
        (SENT, False),
        (GONE - timedelta(hours=1), False),
        (GONE - MICROSECOND, False),
        (GONE, True),
        (GONE + MICROSECOND, True),
        (GONE + timedelta(days=400), True),
    ],
)
def test_a_file_that_nobody_named_goes_at_its_instant(ready, instant, goes):
    sha256 = send(ready)
    assert expire(at(ready, instant)) == ([sha256] if goes else [])
    assert is_here(ready, sha256) is not goes
    assert expire(ready) == []
    assert verify(ready.context, ready.contract_id).intact


def test_a_file_that_was_named_in_time_stays(ready):
    sha256 = send(ready)
    name(at(ready, GONE - MICROSECOND), sha256)
    assert expire(at(ready, GONE + timedelta(days=400))) == []
    assert is_here(ready, sha256)


def test_a_file_that_an_item_leaves_with_the_provider_is_not_kept_here(ready):
    sha256 = send(ready)
    name(ready, sha256, held_by="provider")
    assert expire(at(ready, GONE)) == [sha256]
    assert verify(ready.context, ready.contract_id).intact


def test_sent_again_it_waits_anew_and_counts_for_who_sent_it_first(ready):
    rules = replace(ready.context.uploads, files_max=1)
    ready.context = replace(ready.context, uploads=rules)
    sha256 = send(ready)
    send(at(ready, GONE - MICROSECOND), by=VERIFIER)
    assert expire(at(ready, GONE)) == []
    refused("evidence-limit-reached", send, ready, "another")
    assert expire(at(ready, GONE - MICROSECOND + timedelta(hours=HOURS))) == [sha256]


def test_a_dry_run_gives_no_time(ready):
    sha256 = send(ready)
    send(at(ready, GONE - MICROSECOND), dry_run=True)
    assert expire(at(ready, GONE)) == [sha256]


def test_what_has_gone_is_not_named_and_may_be_sent_again(ready):
    sha256 = send(ready)
    expire(at(ready, GONE))
    refused("evidence-file-missing", name, ready, sha256)
    assert send(ready) == sha256
    assert name(ready, sha256)
    assert is_here(ready, sha256)


def test_what_an_interruption_left_is_cleared_by_the_next_run(ready):
    sha256 = send(ready)
    ready.context.files.erase(ready.contract_id, sha256)
    assert expire(at(ready, GONE)) == [sha256]
    assert expire(ready) == []


def test_retention_shows_what_waits_and_for_how_long(ready):
    send(ready, "early")
    name(ready, send(ready, "named"))
    send(at(ready, GONE), "late")
    shown = erasure.show_retention(ready.context, ready.contract_id)
    assert (shown.unnamed, shown.unnamed_over, shown.unnamed_hours) == (2, 1, HOURS)
    assert len(shown.held.evidence) == 3


def test_the_default_is_a_week():
    assert UploadRules().unnamed_hours == 168


@pytest.fixture
def over(world):
    """A contract whose retention is over, with a file that is named and one that is not."""
    world.context = replace(world.context, uploads=UNSCANNED)
    world.agree(service_ends="2020-06-30", evidence_retention_years=1).moved("P1")
    file_of(world, "P1", "2020-01-15")
    send(world, "never named")
    return world.on("2023-07-01")


def differences(world) -> list[str]:
    found = verify(world.context, world.contract_id)
    return [line for check in found.checks for line in check.differences]


def test_the_end_of_retention_takes_files_that_nobody_named(over):
    folder = over.context.files._root / over.contract_id
    kept = {path: path.read_bytes() for path in folder.rglob("*.pdf")}
    stray = folder / "ab" / ("ab" * 32 + ".pdf")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(next(iter(kept.values())))  # as a crash between file and commit leaves it
    assert len(erasure.show_retention(over.context, over.contract_id).held.evidence) == 3
    done = erasure.erase_contract(over.context, over.by(APPROVER)).answer
    assert len(done.erasure.evidence) == 3
    assert list(folder.rglob("*.pdf")) == []
    assert erasure.show_retention(over.context, over.contract_id).held.evidence == ()
    assert differences(over) == []
    for path, content in kept.items():  # and a backup brings back
        path.write_bytes(content)
    assert len(differences(over)) == 2
    assert all("erased, and here again" in line for line in differences(over))
    assert erasure.erase_again(over.context, over.contract_id) == 2
    assert differences(over) == []


def test_erasing_a_person_takes_a_file_that_an_item_leaves_with_the_provider(ready):
    sha256 = send(ready)
    name(ready, sha256, held_by="provider")
    done = erase(ready.context, ready.by(WORKER), "P1")
    assert done.erasure.evidence == (sha256,)
    assert not is_here(ready, sha256)
    refused("erased-before", send, ready)
    assert verify(ready.context, ready.contract_id).intact


def test_a_hash_that_was_never_sent_is_nothing_to_erase(ready):
    name(ready, "a" * 64, held_by="provider")
    assert erase(ready.context, ready.by(WORKER), "P1").erasure.evidence == ()


def test_a_file_shared_with_somebody_stays_whoever_holds_it_for_them(ready):
    sha256 = send(ready)
    name(ready, sha256)
    ready.clock.set(SENT)
    ready.context = replace(ready.context, clock=ready.clock)
    ready.moved("P2")
    at(ready, SENT).evidence("MOVE", "2020-01-15", "P2", sha256=sha256, held_by="provider")
    done = erase(ready.context, ready.by(Actor("council", "officer-1")), "P1")
    assert (done.erasure.evidence, done.kept_shared) == ((), (sha256,))
    with as_owner(ready.context.engine) as connection:
        held = erasures.of_participant(connection, ready.contract_id, "P2")
    assert (held.evidence, held.shared) == ((sha256,), (sha256,))
