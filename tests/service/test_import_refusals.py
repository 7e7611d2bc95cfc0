"""An export that is wrong in any way is refused, each fault named, and leaves nothing behind."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app.domain.errors import OutcomesError, RuleRefused
from app.service.import_contract import import_contract
from app.storage import signing_keys
from app.storage.evidence_files import EvidenceFiles
from app.storage.tables import metadata
from tests.owner import as_owner
from tests.verify.sealed import Sealed, empty_database, seal
from tests.verify.verifier import verifier


@pytest.fixture(scope="module")
def sealed(engine, database_urls, tmp_path_factory) -> Sealed:
    superuser = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    return seal(engine, superuser, tmp_path_factory.mktemp("sealed"))


@pytest.fixture(scope="module")
def elsewhere(postgres, database_urls) -> Iterator:
    """A second, empty database."""
    with empty_database(postgres, database_urls) as made:
        yield made


@pytest.fixture
def receiver(sealed, elsewhere, tmp_path):
    """Another operator's service, with its own files."""
    files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
    return replace(sealed.context, engine=elsewhere, files=files, signing_key_file=None)


@pytest.fixture
def trusted(sealed):
    return signing_keys.load(sealed.context.signing_key_file).keys


def refusal(work) -> RuleRefused:
    with pytest.raises(OutcomesError) as refused:
        work()
    return refused.value


def codes(error: OutcomesError) -> set[str]:
    return {fault.code for fault in error.faults}


def rows_of(engine, contract_id: str) -> dict[str, int]:
    with as_owner(engine) as connection:
        return {
            table.name: connection.execute(
                select(func.count()).where(table.c.contract_id == contract_id)
            ).scalar_one()
            for table in metadata.sorted_tables
            if "contract_id" in table.c
        }


def resigned(sealed, lines: list[dict]) -> BytesIO:
    """The lines as an operator would sign them who holds the key."""
    *body, manifest = lines
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in body).encode()
    manifest = {name: value for name, value in manifest.items() if name != "signature"}
    manifest |= {"lines": len(body), "sha256": hashlib.sha256(text).hexdigest()}
    kinds = [line["type"] for line in body]
    manifest["counts"] = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    signature = signing_keys.load(sealed.context.signing_key_file).sign(manifest)
    end = json.dumps(manifest | {"signature": signature}) + "\n"
    return BytesIO(text + end.encode())


def exported(sealed, *, with_files: bool = True) -> list[dict]:
    lines = sealed.export(with_files=with_files).read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def refused(sealed, receiver, trusted) -> Callable:
    """Import lines that must be refused, leaving nothing; the codes of the faults."""

    def run(source: BytesIO, **options) -> set[str]:
        fresh = replace(receiver, engine=receiver.engine)
        error = refusal(lambda: import_contract(fresh, source, trusted, **options))
        assert error.code == "export-refused"
        assert "Nothing was imported" in error.message
        return codes(error)

    return run


@pytest.fixture
def lines(sealed) -> list[dict]:
    """An export's lines under another contract's id, so that each trial meets an empty place."""
    return exported(sealed)


def first(lines: list[dict], kind: str, **having) -> dict:
    return next(
        line
        for line in lines
        if line["type"] == kind and all(line.get(k) == v for k, v in having.items())
    )


@pytest.fixture(autouse=True)
def nothing_stays(elsewhere, sealed) -> Iterator[None]:
    yield
    assert set(rows_of(elsewhere, sealed.contract_id).values()) == {0}


def test_a_file_that_was_changed_on_its_way(sealed, refused):
    content = sealed.export().read_bytes()
    changed = content.replace(b'"claim_approved"', b'"claim_returned"', 1)
    assert changed != content
    assert refused(BytesIO(changed)) >= {"export-chain-broken", "export-manifest-differs"}


def test_a_file_that_was_cut_off(sealed, refused):
    content = sealed.export().read_bytes()
    end = content.rindex(b'{"type":"manifest"')
    assert refused(BytesIO(content[:end])) == {"export-incomplete"}
    assert "export-line-unreadable" in refused(BytesIO(content[: end - 5]))
    assert "export-line-unreadable" in refused(BytesIO(content + b"{}\n"))


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\n", b'{"type":"row"}\n', b"x"])
def test_what_is_no_export(refused, content):
    assert refused(BytesIO(content)) <= {"export-line-unreadable", "export-incomplete"}


def test_a_key_that_is_not_trusted(sealed, receiver, tmp_path):
    other = signing_keys.create(tmp_path / "other.json", sealed.clock()).keys
    with sealed.export().open("rb") as source:
        error = refusal(lambda: import_contract(receiver, source, other, without_files=True))
    assert codes(error) >= {"export-signature-unknown"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"person": "forged"}, "export-chain-broken"),
        ({"hash": "0" * 64}, "export-chain-broken"),
        ({"payload": "{ }"}, "export-line-unreadable"),
        ({"recorded_at": "2020-01-01"}, "export-line-unreadable"),
        ({"sequence": "5"}, "export-line-unreadable"),
        ({"person": 5}, "export-line-unreadable"),
        ({"effective_date": "infinity"}, "export-line-unreadable"),
    ],
)
def test_a_changed_record_though_signed(sealed, refused, lines, change, code):
    first(lines, "record", sequence=5).update(change)
    assert code in refused(resigned(sealed, lines))


def test_a_changed_missing_or_added_row_though_signed(sealed, refused, lines):
    row = first(lines, "row", table="postings")
    kept = dict(row["values"])
    row["values"] = kept | {"amount_minor": 1}
    assert refused(resigned(sealed, lines)) == {"export-rows-differ"}
    row["values"] = kept
    without = [line for line in lines if line is not row]
    assert refused(resigned(sealed, without)) == {"export-rows-differ"}
    place = lines.index(row)
    twice = [*lines[:place], row, *lines[place:]]
    assert refused(resigned(sealed, twice)) == {"export-rows-differ"}
    row["recorded_at"] = "2020-01-01T00:00:00.000000Z"
    assert refused(resigned(sealed, lines)) == {"export-rows-differ"}


def test_a_head_that_the_journal_contradicts(sealed, refused, lines):
    first(lines, "head")["hash"] = "0" * 64
    assert refused(resigned(sealed, lines)) == {"export-not-intact"}


def test_a_head_of_an_unknown_key(sealed, refused, lines):
    first(lines, "head")["key_id"] = "0" * 32
    assert refused(resigned(sealed, lines)) == {"export-head-differs"}


def test_a_changed_note(sealed, refused, lines):
    first(lines, "note")["text"] = "Something else"
    assert refused(resigned(sealed, lines)) == {"export-note-differs"}


def test_a_changed_file(sealed, refused, lines):
    first(lines, "file")["content"] = "AAAA"
    assert refused(resigned(sealed, lines)) == {"export-file-differs"}


def test_files_that_are_not_in_the_export(sealed, receiver, refused, trusted):
    content = sealed.export().read_bytes()
    assert refused(BytesIO(content)) == {"export-files-missing"}
    found = import_contract(receiver, BytesIO(content), trusted, without_files=True, dry_run=True)
    assert found.missing_files == 3


@pytest.mark.parametrize(
    "payload", ['{"tables_of_tomorrow":[{"a":1}]}', '{"participants":[{"colour":"blue"}]}']
)
def test_a_table_or_column_of_another_release(sealed, refused, lines, payload):
    """A record more, well-formed and signed, that only a later release could have written."""
    *body, manifest = lines
    place = max(n for n, line in enumerate(body) if line["type"] in {"record", "row"}) + 1
    last = [line for line in body if line["type"] == "record"][-1]
    fields = {k: v for k, v in last.items() if k not in {"type", "hash"}}
    fields |= {
        "sequence": last["sequence"] + 1,
        "previous_hash": last["hash"],
        "payload": payload,
    }
    digest = verifier.record_hash(sealed.contract_id, fields)
    added = {"type": "record", **fields, "hash": digest}
    ((table, (values,)),) = json.loads(payload).items()
    row = {"type": "row", "table": table, "values": values}
    row |= {"sequence": fields["sequence"], "recorded_at": fields["recorded_at"]}
    manifest |= {"sequence": fields["sequence"], "hash": digest}
    source = resigned(sealed, [*body[:place], added, row, *body[place:], manifest])
    assert refused(source) == {"export-of-another-release"}
