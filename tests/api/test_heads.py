"""Signed heads, keys, deliveries and the export over HTTP."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from app.api.edge import Edge
from app.service.heads import sign_head
from app.storage import signing_keys
from tests.api.client import Api, Story, evidence_item
from tests.api.test_evidence_files import upload
from tests.samples import PDF
from tests.verify.verifier import verifier


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "signing-keys.json"
    signing_keys.create(path, datetime(2023, 1, 1, tzinfo=UTC))
    return path


@pytest.fixture
def signing(app, key_file):
    """The running service with a key."""
    edge: Edge = app.state.edge
    context = replace(edge.context, signing_key_file=key_file)
    app.state.edge = replace(edge, context=context)
    yield context
    app.state.edge = edge


@pytest.fixture
def signed(signing, api: Api, contract_id, clock):
    """Heads of 1 and 2 November 2023."""
    api.agreed()
    first = sign_head(signing, contract_id).head
    clock.now = datetime(2023, 11, 2, 12, tzinfo=UTC)
    return [first, sign_head(signing, contract_id).head]


def test_heads_page_by_page_and_one_by_one(api, signed, contract_id):
    listed = api.get("/heads").json()
    assert listed == {"items": [one.document() for one in signed], "next_cursor": None}
    page = api.get("/heads?limit=1").json()
    following = api.get(f"/heads?limit=1&cursor={page['next_cursor']}").json()
    assert [*page["items"], *following["items"]] == listed["items"]
    one = api.get("/heads/2023-11-01")
    assert one.json() == signed[0].document()
    name = f'attachment; filename="head-{contract_id}-2023-11-01.json"'
    assert one.headers["content-disposition"] == name
    assert api.get("/heads/latest").json() == signed[1].document()


def test_what_is_not_there(api, signed):
    answer = api.get("/heads/2023-11-03")
    assert (answer.status_code, answer.json()["code"]) == (404, "head-unknown")
    answer = api.get("/heads/latest/deliveries/stranger")
    assert (answer.status_code, answer.json()["code"]) == (404, "party-unknown")
    assert api.get("/heads/yesterday").status_code == 422


@pytest.mark.parametrize("path", ["/heads/2023-11-02", "/heads/latest"])
def test_a_delivery_verifies_as_a_standard_webhook(api, signed, key_file, path):
    answer = api.get(f"{path}/deliveries/council")
    assert answer.status_code == 200
    headers, body = answer.json()["headers"], answer.json()["body"]
    assert json.loads(body)["data"] == {"party": "council", "head": signed[1].document()}
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1a"
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(signing_keys.load(key_file).current.public_key)
    assert verifier.ed25519_verified(key, content, base64.b64decode(signature))


def test_the_public_keys(api, signed, key_file):
    keys = signing_keys.load(key_file).keys
    assert api.get("/signing-keys").json() == {"items": [key.document() for key in keys]}
    assert "private" not in api.get("/signing-keys").text


def test_an_export_passes_the_stand_alone_verifier_with_what_a_party_downloaded(
    api, signed, contract_id, tmp_path
):
    answer = api.get("/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{contract_id}-')
    export, keys, heads = (tmp_path / name for name in ("export.jsonl", "keys.json", "heads"))
    export.write_bytes(answer.content)
    keys.write_text(api.get("/signing-keys").text)
    heads.mkdir()
    (heads / "1.json").write_text(api.get("/heads/2023-11-01").text)
    (heads / "2.json").write_text(api.get("/heads/latest/deliveries/council").text)
    arguments = [str(export), "--heads", str(heads), "--keys", str(keys)]
    assert verifier.main(arguments) == 0


def test_no_file_leaves_with_an_export(api, signed, key_file):
    """Each is downloaded by a link, after a scan; nobody gets them all at once over HTTP."""
    sha256 = upload(api, PDF, "application/pdf").json()["sha256"]
    Story(api).moved()
    item = evidence_item("PI-0001", sha256=sha256, held_by="service")
    assert api.post("/evidence", {"items": [item]}).status_code == 200
    answer = api.get("/export?files=true")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    answer = api.get("/export")
    assert answer.headers["content-length"] == str(len(answer.content))
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert "file" not in {one["type"] for one in lines}
    assert base64.b64encode(PDF)[:24] not in answer.content
    assert lines[-1]["with_files"] is False
    assert lines[-1]["files_withheld"] == []


def test_without_a_key_nothing_is_signed_and_heads_can_still_be_read(app, api, signed):
    edge: Edge = app.state.edge
    app.state.edge = replace(edge, context=replace(edge.context, signing_key_file=None))
    for path in ("/export", "/heads/latest/deliveries/council"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "signing-key-missing")
    assert len(api.get("/heads").json()["items"]) == 2


@pytest.mark.parametrize(
    "path", ["/heads", "/heads/latest", "/heads/2023-11-01", "/signing-keys", "/export"]
)
def test_an_unknown_contract(http: httpx.Client, signing, path):
    answer = http.get(f"/v1/contracts/no-such-contract{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "contract-unknown")
