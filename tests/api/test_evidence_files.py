"""Evidence files over HTTP: accepted types, refusals, and a download that is never shown inline."""

import hashlib

import pytest

from tests import factories
from tests.api.client import Story, acting, evidence_item
from tests.samples import CSV, DOCX, HTML, JPEG, MACROS, PDF, PNG, PROGRAM, SVG, TEXT, XLSX

OFFICE = "application/vnd.openxmlformats-officedocument"
ACCEPTED = [
    (PDF, "application/pdf", "pdf"),
    (PNG, "image/png", "png"),
    (JPEG, "image/jpeg", "jpg"),
    (TEXT, "text/plain", "txt"),
    (CSV, "text/csv", "csv"),
    (DOCX, f"{OFFICE}.wordprocessingml.document", "docx"),
    (XLSX, f"{OFFICE}.spreadsheetml.sheet", "xlsx"),
]
REFUSED = [
    (b"", "application/pdf", "file-empty"),
    (PROGRAM, "application/pdf", "file-type-unsupported"),
    (HTML, "text/plain", "file-type-unsupported"),
    (SVG, "text/plain", "file-type-unsupported"),
    (SVG, "image/svg+xml", "file-type-unsupported"),
    (b"#!/bin/sh\nrm -rf /\n", "text/plain", "file-type-unsupported"),
    (MACROS, f"{OFFICE}.wordprocessingml.document", "file-type-unsupported"),
    (b"PK\x03\x04 not a zip", f"{OFFICE}.wordprocessingml.document", "file-type-unsupported"),
    ("£".encode("latin-1"), "text/plain", "file-type-unsupported"),
    (PDF, "image/png", "file-type-mismatch"),
    (TEXT, "application/pdf", "file-type-mismatch"),
    (DOCX, f"{OFFICE}.spreadsheetml.sheet", "file-type-mismatch"),
    (PDF, "application/octet-stream", "file-type-unsupported"),
]


def upload(api, content, media_type, *, sha256=None, party="provider", **more):
    named = sha256 or hashlib.sha256(content).hexdigest()
    headers = acting(party) | {"Content-Type": media_type}
    return api.http.put(
        f"{api.base}/evidence-files/{named}", content=content, headers=headers, **more
    )


def link(api, evidence_id, party="provider", person=None):
    headers = acting(party, person)
    return api.get(f"/evidence/{evidence_id}/download-link", headers=headers)


def download(api, evidence_id, party="provider"):
    """The file by a link of the party's own."""
    made = link(api, evidence_id, party)
    assert made.status_code == 200, made.text
    return api.http.get(made.json()["url"], headers=acting(party))


def kept(settings, api):
    """Every file in the contract's store, and what is left over of uploads."""
    folders = (settings.evidence_dir / api.contract_id, settings.evidence_dir / ".incoming")
    return sorted(one for folder in folders for one in folder.rglob("*") if one.is_file())


@pytest.mark.parametrize(("content", "media_type", "ending"), ACCEPTED)
def test_a_file_is_kept_and_given_back_as_an_attachment(api, settings, content, media_type, ending):
    Story(api.agreed()).moved()
    answer = upload(api, content, media_type)
    assert answer.status_code == 200, answer.text
    sha256 = hashlib.sha256(content).hexdigest()
    assert answer.json() == {
        "sha256": sha256,
        "size_bytes": len(content),
        "media_type": media_type,
    }
    (file,) = kept(settings, api)
    assert file.stat().st_mode & 0o777 == 0o600
    item = evidence_item("PI-0001", sha256=sha256, held_by="service")
    recorded = api.post("/evidence", {"items": [item]}).json()["items"][0]
    assert (recorded["size_bytes"], recorded["media_type"]) == (len(content), media_type)
    assert content[:16] not in file.read_bytes(), "it lies encrypted"
    given = download(api, recorded["evidence_id"])
    assert given.content == content
    assert given.headers["cache-control"] == "no-store"
    assert given.headers["content-type"].split(";")[0] == media_type
    name = f"evidence-{sha256[:16]}.{ending}"
    assert given.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "nosniff" in given.headers["x-content-type-options"]
    assert given.headers["content-security-policy"].startswith("sandbox")
    assert api.get("/verification").json()["intact"] is True


@pytest.mark.parametrize(("content", "media_type", "code"), REFUSED)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    api, settings, stored, content, media_type, code
):
    api.agreed()
    before = stored()
    answer = upload(api, content, media_type)
    assert (answer.status_code, answer.json()["code"]) == (415, code)
    assert kept(settings, api) == []
    assert stored() == before


@pytest.mark.parametrize("streamed", [True, False])
def test_a_file_that_is_too_large_is_refused_and_not_kept(api, settings, streamed):
    api.agreed()
    content = PDF + b" " * settings.evidence_max_bytes
    body = iter([content[:1000], content[1000:]]) if streamed else content
    sha256 = hashlib.sha256(content).hexdigest()
    answer = upload(api, body, "application/pdf", sha256=sha256)
    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
    assert kept(settings, api) == []


def test_a_file_that_was_cut_off_is_refused(api, settings):
    api.agreed()
    answer = upload(api, PDF[:-1], "application/pdf", sha256=hashlib.sha256(PDF).hexdigest())
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "sha256-mismatch")
    assert kept(settings, api) == []


def test_whoever_is_no_party_is_told_of_no_contract(api, settings):
    api.agreed()
    answer = upload(api, PDF, "application/pdf", party="stranger")
    assert (answer.status_code, answer.json()["code"]) == (404, "contract-unknown")
    assert kept(settings, api) == []


@pytest.mark.parametrize("party", [factories.COUNCIL, factories.FUND, factories.SPV])
def test_only_who_records_evidence_uploads(api, settings, party):
    api.agreed()
    answer = upload(api, PDF, "application/pdf", party=party)
    assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")
    assert kept(settings, api) == []


def test_nobody_uploads_before_terms_are_in_force(api, settings):
    assert api.create().status_code == 201
    answer = upload(api, PDF, "application/pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "terms-not-in-force")
    assert kept(settings, api) == []


def test_a_draft_lets_nobody_upload(api, settings):
    api.agreed()
    document = factories.document(
        effective_from="2022-04-01", variation={"reason": "Another provider joins"}
    )
    document["parties"].append(factories.party("joiner", "service_provider"))
    assert api.post("/terms", document, party=factories.COUNCIL).status_code == 201
    answer = upload(api, PDF, "application/pdf", party="joiner")
    assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")
    api.accept(2)
    assert upload(api, PDF, "application/pdf", party="joiner").status_code == 200


def test_nobody_uploads_to_a_contract_that_does_not_exist(api):
    api.contract_id = "no-such-contract"
    api.base = "/v1/contracts/no-such-contract"
    answer = upload(api, PDF, "application/pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "contract-unknown")


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "x" * 64, "A" * 64, "0" * 63])
def test_the_hash_in_the_address_is_a_hash(api, name):
    api.agreed()
    answer = upload(api, PDF, "application/pdf", sha256=name)
    assert answer.status_code in {404, 422}


def test_a_dry_run_keeps_nothing(api, settings):
    api.agreed()
    answer = upload(api, PDF, "application/pdf", params={"dry_run": "true"})
    assert (answer.status_code, answer.headers["dry-run"]) == (200, "true")
    assert kept(settings, api) == []


def test_the_same_file_again_changes_nothing(api, settings):
    api.agreed()
    first = upload(api, PDF, "application/pdf")
    again = upload(api, PDF, "application/pdf")
    assert again.json() == first.json()
    assert len(kept(settings, api)) == 1


def test_a_file_that_stays_with_the_provider_is_not_here(api):
    evidence_id = Story(api.agreed()).moved().evidence()
    answer = api.get(f"/evidence/{evidence_id}/download-link", headers=acting("provider"))
    assert (answer.status_code, answer.json()["code"]) == (404, "evidence-file-elsewhere")


def test_a_changed_file_is_found_by_verification(api, settings):
    Story(api.agreed()).moved()
    sha256 = upload(api, PDF, "application/pdf").json()["sha256"]
    item = evidence_item("PI-0001", sha256=sha256, held_by="service")
    assert api.post("/evidence", {"items": [item]}).status_code == 200
    (file,) = kept(settings, api)
    file.write_bytes(PDF.replace(b"1", b"2"))
    found = api.get("/verification").json()
    assert found["intact"] is False
    assert any(sha256 in one for check in found["checks"] for one in check["differences"])
