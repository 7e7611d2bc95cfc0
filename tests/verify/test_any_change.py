"""Whatever is changed in the file itself, the verifier says so and never breaks down."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils import uuid7

from app.service.context import Context
from app.service.export import export_contract
from app.service.heads import sign_head
from app.storage import signing_keys
from app.storage.evidence_files import EvidenceFiles
from tests.replay import Clock
from tests.service.world import World
from tests.tries import tries
from tests.verify.verifier import verifier

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def exported(engine, tmp_path_factory):
    """A small contract's export, its key file, and its head."""
    place = tmp_path_factory.mktemp("small")
    key_file = place / "signing-keys.json"
    signing_keys.create(key_file, datetime(2019, 1, 1, tzinfo=UTC))
    files = EvidenceFiles(place / "evidence", 1_000_000)
    context = Context(engine, Clock(), lambda: str(uuid7()), files, signing_key_file=key_file)
    contract_id = str(uuid7())
    World(context, context.clock, contract_id).agree().person(on="2019-12-01")
    head = sign_head(context, contract_id).head
    with (place / "export.jsonl").open("wb") as out:
        export_contract(replace(context), contract_id, out)
    keys = [key.document() for key in signing_keys.load(key_file).keys]
    return (place / "export.jsonl").read_bytes().splitlines(keepends=True), keys, head.document()


def faults_of(lines: list[bytes], exported, *, with_head: bool = True) -> int:
    """How many faults are found; a file that cannot be checked counts as one."""
    _, keys, head = exported
    kept = [("head.json", head)] if with_head else []
    try:
        return verifier.Check(kept, verifier.usable_keys(keys)).run(lines).found
    except verifier.CannotCheck:
        return 1


def test_unchanged_it_is_intact(exported):
    assert faults_of(exported[0], exported) == 0


@settings(max_examples=tries(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_of_any_line(exported, data):
    lines = list(exported[0])
    place = data.draw(st.integers(0, len(lines) - 1))
    line = json.loads(lines[place])
    name = data.draw(st.sampled_from(sorted(line)))
    held = line
    if isinstance(line[name], dict) and line[name] and data.draw(st.booleans()):
        held, name = line[name], data.draw(st.sampled_from(sorted(line[name])))
    value = data.draw(ANYTHING)
    if json.dumps(held[name]) == json.dumps(value):
        return
    held[name] = value
    lines[place] = json.dumps(line).encode() + b"\n"
    assert faults_of(lines, exported) > 0
    assert faults_of(lines, exported, with_head=False) > 0


@settings(max_examples=tries(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_of_the_file(exported, data):
    content = bytearray(b"".join(exported[0]))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert faults_of(bytes(content).splitlines(keepends=True), exported) > 0


@settings(max_examples=tries(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_line_left_out_doubled_or_moved(exported, data):
    lines = list(exported[0])
    here, there = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    what = data.draw(st.sampled_from(["left out", "doubled", "moved"]))
    line = lines[here] if what == "doubled" else lines.pop(here)
    if what != "left out":
        lines.insert(there, line)
    if lines != exported[0]:
        assert faults_of(lines, exported) > 0
