"""From a referral to an entitlement and back, from the command line, on the golden contract."""

import hashlib
import json
import re

import pytest

WORKER, OFFICER = ("--as", "syha/worker-1"), ("--as", "scc/officer-1")
REFERRED = ("--referred-on", "2020-01-13", "--setting", "residential_care", "--funded")
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def done(result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def moved(outcomes, agreed) -> str:
    """A contract in which P1 moved on 31 August 2020."""
    done(outcomes("participant", "register", agreed, "P1", *REFERRED, *WORKER))
    for kind, day in (("accepted", "2020-01-20"), ("engaged", "2020-02-24")):
        done(outcomes("event", "record", agreed, "P1", kind, "--on", day, *WORKER))
    to = ("--on", "2020-08-31", "--destination", "social_rent")
    done(outcomes("event", "record", agreed, "P1", "moved_on", *to, *WORKER))
    return agreed


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Invented: still the tenant on 4 March 2021.\n", encoding="utf-8")
    return path


def record(outcomes, contract, *more, kind="landlord_confirmation") -> str:
    """The id of an item for S06, recorded by the provider."""
    said = ("--type", kind, "--issuer", "landlord", "--dated-on", "2021-03-04")
    about = ("--from", "2020-08-31", "--supports", "S06")
    result = outcomes("evidence", "record", contract, "P1", *said, *about, *more, *WORKER, "--json")
    return json.loads(done(result))["items"][0]["evidence_id"]


def submit(outcomes, contract, evidence, day="2021-03-08") -> str:
    """The id of a submission of S06."""
    result = outcomes(
        *("outcome", "submit", contract, "P1", "S06", "--evidence", evidence, "--on", day),
        *WORKER,
    )
    return ID.search(done(result))[0]


def test_a_referral_is_registered_shown_and_listed(outcomes, agreed):
    made = done(outcomes("participant", "register", agreed, "P1", *REFERRED, *WORKER))
    assert made.startswith("P1 of syha, referred on 2020-01-13: ")
    assert done(outcomes("participant", "show", agreed, "P1")) == made
    assert "P1 " in done(outcomes("participant", "list", agreed))
    items = json.loads(done(outcomes("participant", "list", agreed, "--json")))["items"]
    assert items == [json.loads(done(outcomes("participant", "show", agreed, "P1", "--json")))]


def test_a_correction_names_the_event_that_was_wrong(outcomes, moved):
    found = json.loads(done(outcomes("participant", "show", moved, "P1", "--json")))
    wrong = found["events"][-1]["event_id"]
    shown = done(
        outcomes(
            *("event", "record", moved, "P1", "moved_on", "--on", "2020-09-01"),
            *("--destination", "social_rent", "--supersedes", wrong, "--note", "Keys came later."),
            *WORKER,
        )
    )
    lines = [line.split() for line in shown.splitlines() if "moved_on" in line]
    assert [(line[0], line[3]) for line in lines] == [("2020-08-31", "no"), ("2020-09-01", "yes")]


def test_an_outcome_from_a_held_letter_to_its_price_and_back(outcomes, moved, letter):
    digest = hashlib.sha256(letter.read_bytes()).hexdigest()
    held = done(outcomes("evidence", "upload", moved, letter, *WORKER))
    assert held == f"Held: text/plain, {letter.stat().st_size} bytes, SHA-256 {digest}\n"
    again = json.loads(done(outcomes("evidence", "upload", moved, letter, *WORKER, "--json")))
    assert again["sha256"] == digest
    evidence = record(outcomes, moved, "--file", letter, "--held-by", "service")
    listed = done(outcomes("evidence", "list", moved, "P1"))
    assert f"service  {evidence}" in listed
    submission = submit(outcomes, moved, evidence)
    decide = ("outcome", "decide", moved, submission, "verified", "--on", "2021-03-19", *OFFICER)
    late = outcomes(*decide)
    assert late.exit_code == 1
    assert "code backdated-submission" in late.stderr
    verified = done(outcomes(*decide, "--accept-backdated"))
    assert "GBP 10,000.00 by edition v1, before caps" in verified
    entitlement = ID.findall(verified)[-1]
    assert entitlement in done(outcomes("entitlement", "list", moved, "--person", "P1"))
    nobody = outcomes("entitlement", "list", moved, "--person", "P9", "--json")
    assert json.loads(done(nobody)) == {"items": []}
    back = ("clawback", moved, entitlement, "--ground", "mistaken_evidence", *OFFICER)
    tried = outcomes(*back, "--dry-run")
    assert "nothing was recorded" in tried.stderr
    assert f"Entitlement {entitlement} taken back" in done(outcomes(*back))
    assert "already-clawed-back" in outcomes(*back).stderr


def test_what_is_missing_is_said_and_a_refusal_has_its_reason(outcomes, moved, letter):
    note = record(outcomes, moved, "--file", letter, kind="support_visit_note")
    result = outcomes(
        *("outcome", "submit", moved, "P1", "S06", "--evidence", note, "--on", "2021-03-08"),
        *WORKER,
    )
    assert "Evidence missing: landlord_confirmation" in done(result)
    submission = ID.search(result.stdout)[0]
    decide = ("outcome", "decide", moved, submission, *OFFICER, "--on", "2021-03-19")
    unmet = outcomes(*decide, "verified", "--accept-backdated")
    assert "landlord_confirmation" in unmet.stderr
    assert "evidence-missing" in unmet.stderr
    no_reason = outcomes(*decide, "rejected")
    assert no_reason.exit_code == 1
    assert "reason-mismatch" in no_reason.stderr
    rejected = done(outcomes(*decide, "rejected", "--reason", "insufficient_source"))
    assert "rejected on 2021-03-19 by scc/officer-1, insufficient_source" in rejected
    listed = done(outcomes("outcome", "list", moved, "--state", "rejected", "--person", "P1"))
    assert "insufficient_source" in listed
    good = record(outcomes, moved, "--sha256", "0" * 64)
    second = submit(outcomes, moved, good, day="2021-03-22")
    items = json.loads(done(outcomes("outcome", "list", moved, "--json")))["items"]
    assert [(one["submission_id"], one["round"]) for one in items] == [(submission, 1), (second, 2)]


def test_other_evidence_is_accepted_by_name_with_a_note(outcomes, moved, letter):
    note = record(outcomes, moved, "--file", letter, kind="support_visit_note")
    submission = submit(outcomes, moved, note)
    decide = ("outcome", "decide", moved, submission, "verified", "--on", "2021-03-19", *OFFICER)
    accepting = ("--accept-equivalent", "--accept-backdated")
    assert "note-required" in outcomes(*decide, *accepting).stderr
    said = ("--note", "The landlord has closed; the visit was to the home.")
    made = json.loads(done(outcomes(*decide, *accepting, *said, "--json")))
    assert made["verification"]["equivalent_evidence"] is True


def test_lateness_is_waived_once_and_only_where_there_is_any(outcomes, moved, letter):
    evidence = record(outcomes, moved, "--file", letter)
    submission = submit(outcomes, moved, evidence, day="2021-07-05")
    waive = ("outcome", "waive", moved, submission, "--on", "2021-07-12", *OFFICER)
    assert done(outcomes(*waive)) == f"Lateness of {submission} waived by scc on 2021-07-12\n"
    assert "already-waived" in outcomes(*waive).stderr
    decide = ("outcome", "decide", moved, submission, "verified", "--on", "2021-07-12", *OFFICER)
    assert "GBP 10,000.00" in done(outcomes(*decide, "--accept-backdated"))


@pytest.mark.parametrize("with_json", [False, True])
def test_a_dry_run_records_nothing(outcomes, moved, with_json):
    more = ("--dry-run", *(["--json"] if with_json else []))
    before = done(outcomes("contract", "show", moved))
    item = ("--type", "visit", "--issuer", "x", "--dated-on", "2021-03-04", "--supports", "S06")
    for words in (
        ("participant", "register", moved, "P2", *REFERRED, *WORKER),
        ("event", "record", moved, "P1", "contact_lost", "--on", "2021-01-04", *WORKER),
        ("evidence", "record", moved, "P1", *item, "--sha256", "0" * 64, *WORKER),
        ("outcome", "submit", moved, "P1", "S06", "--on", "2021-03-08", *WORKER),
    ):
        tried = outcomes(*words, *more)
        assert tried.exit_code == 0, tried.output
        assert "nothing was recorded" in tried.stderr
    assert done(outcomes("contract", "show", moved)) == before


ITEM = ("--type", "a", "--issuer", "b", "--dated-on", "2021-03-04", "--supports", "S06")


@pytest.mark.parametrize(
    "words",
    [
        ("participant", "register", "x", "P1", *REFERRED[:4], *WORKER),
        ("event", "record", "x", "P1", "engaged", *WORKER),
        ("event", "record", "x", "P1", "flew", "--on", "2021-01-01", *WORKER),
        ("evidence", "record", "x", "P1", *ITEM, *WORKER),
        ("evidence", "record", "x", "P1", *ITEM, "--sha256", "0", "--file", "f", *WORKER),
        ("evidence", "record", "x", "P1", *ITEM, "--file", "no-such-file", *WORKER),
        ("evidence", "upload", "x", "letter.exe", *WORKER),
        ("evidence", "upload", "x", "no-such-file.pdf", *WORKER),
        ("outcome", "decide", "x", "s", "perhaps", *OFFICER),
        ("clawback", "x", "e", "--ground", "regret", *OFFICER),
    ],
)
def test_wrong_usage_ends_with_2(outcomes, words):
    refused = outcomes(*words)
    assert refused.exit_code == 2
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("participant", "show", "P9"), "participant-unknown"),
        (("participant", "register", "SMITH", *REFERRED, *WORKER), "looks-like-name"),
        (("event", "record", "P1", "engaged", "--on", "2019-01-01", *WORKER), "before-referral"),
        (("evidence", "list", "P9"), "participant-unknown"),
        (("outcome", "submit", "P1", "S24", "--on", "2021-01-01", *WORKER), "milestone-not"),
        (("outcome", "waive", "no-such", *OFFICER), "submission-unknown"),
        (("outcome", "decide", "no-such", "verified", *OFFICER), "submission-unknown"),
    ],
)
def test_refusals_end_with_1_and_name_their_code(outcomes, moved, words, code):
    refused = outcomes(*words[:2], moved, *words[2:])
    assert refused.exit_code == 1
    assert code in refused.stderr
