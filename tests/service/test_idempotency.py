"""Idempotency keys: a request sent again gets the first reply, and is never done twice."""

from uuid_utils import uuid7

from app.service import participants
from app.service.command import Change, Command, Idempotency, run
from app.storage.idempotency import StoredReply
from tests.factories import day
from tests.service.world import MANAGER, WORKER, World, refused


def keyed(key: str = "key-1", fingerprint: str = "body-1") -> Idempotency:
    return Idempotency(
        key, fingerprint, lambda answer, version: StoredReply(201, {"ETag": str(version)}, "{}")
    )


def register_keyed(world, name: str, idempotency, by=WORKER, **options):
    command = Command(world.contract_id, by, idempotency=idempotency, **options)
    return participants.register_participant(
        world.context,
        command,
        participant_id=name,
        referred_on=day("2020-01-02"),
        setting="care",
        funded_by_commissioner=True,
    )


def test_a_repeated_request_gets_the_first_reply_and_records_nothing(world):
    world.agree().on("2020-01-03")
    first = register_keyed(world, "P1", keyed())
    assert (first.replay, first.version) == (None, 5)
    before = world.state()
    again = register_keyed(world, "P1", keyed())
    assert again.replay == StoredReply(201, {"ETag": "5"}, "{}")
    assert (again.answer, again.version) == (None, 0)
    assert world.state() == before


def test_the_same_key_for_another_request_is_refused(world):
    world.agree().on("2020-01-03")
    register_keyed(world, "P1", keyed())
    before = world.state()
    refused("idempotency-key-reused", register_keyed, world, "P2", keyed(fingerprint="body-2"))
    assert world.state() == before


def test_keys_belong_to_a_contract_and_a_party(world):
    world.agree().on("2020-01-03")
    register_keyed(world, "P1", keyed())
    refused("party-not-permitted", register_keyed, world, "P2", keyed(), by=MANAGER)
    other = World(world.context, world.clock, str(uuid7())).agree().on("2020-01-03")
    assert register_keyed(other, "P1", keyed()).replay is None


def test_a_refused_request_keeps_no_reply(world):
    world.agree().on("2020-01-03")
    register_keyed(world, "P1", None)
    refused("participant-exists", register_keyed, world, "P1", keyed())
    assert world.state()["idempotency_keys"] == 0
    assert register_keyed(world, "P2", keyed(fingerprint="body-2")).replay is None


def test_a_dry_run_neither_uses_nor_reads_a_key(world):
    world.agree().on("2020-01-03")
    assert register_keyed(world, "P1", keyed(), dry_run=True).replay is None
    assert world.state()["idempotency_keys"] == 0
    register_keyed(world, "P1", keyed())
    refused("participant-exists", register_keyed, world, "P1", keyed(), dry_run=True)


def test_a_key_that_is_being_worked_on_is_refused(world):
    world.agree().on("2020-01-03")

    def during(work):
        refused("idempotency-key-in-flight", register_keyed, world, "P1", keyed())
        return Change("tested", day("2020-01-03"), {}, "done")

    command = Command(world.contract_id, WORKER, idempotency=keyed())
    assert run(world.context, command, during).answer == "done"
    assert world.state()["participants"] == 0
