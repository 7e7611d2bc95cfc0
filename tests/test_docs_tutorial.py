"""The tutorial and the how-to guides are true: each command is run, each output compared."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app.cli.documents import load_document
from app.cli.serving import served_in_thread
from app.domain.terms.check import parse_terms, variation_faults, warnings
from app.domain.terms.document import terms_hash
from app.main import create_app
from app.settings import Settings
from tests.docs_console import Console, Step, replay, steps

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLE = ROOT / "examples" / "first-contract"
TUTORIAL = DOCS / "tutorial" / "first-contract.md"
PAGES = [
    TUTORIAL,
    DOCS / "how-to" / "write-terms.md",
    DOCS / "how-to" / "load-history.md",
    DOCS / "how-to" / "correct-a-mistake.md",
    DOCS / "how-to" / "handle-a-late-submission.md",
    DOCS / "how-to" / "find-out-why-not-paid.md",
    DOCS / "how-to" / "read-as-known-on-a-day.md",
    DOCS / "how-to" / "close-a-quarter.md",
    DOCS / "how-to" / "reconcile-a-month.md",
]


@pytest.fixture(scope="module")
def service_url(database_urls, engine, tmp_path_factory) -> Iterator[str]:
    """A service in demo mode on the test database, which `outcomes verify` reads too."""
    files = tmp_path_factory.mktemp("evidence")
    settings = Settings(mode="demo", database_url=database_urls.app, evidence_dir=files)
    with (
        pytest.MonkeyPatch.context() as environment,
        served_in_thread(create_app(settings, engine)) as url,
    ):
        for name in os.environ:
            if name.startswith("OUTCOMES_") or name.endswith("DATABASE_URL"):
                environment.delenv(name)
        environment.setenv("DATABASE_URL", database_urls.app)
        environment.setenv("OUTCOMES_EVIDENCE_DIR", str(files))
        environment.setenv("OUTCOMES_URL", url)
        environment.chdir(ROOT)
        yield url


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_prints_what_the_page_shows(service_url, monkeypatch, page):
    assert replay(page, service_url, monkeypatch)


def test_the_tutorial_names_the_hashes_of_its_files():
    page = TUTORIAL.read_text(encoding="utf-8")
    document = load_document((EXAMPLE / "terms.yaml").read_bytes(), "application/yaml")
    letter = hashlib.sha256((EXAMPLE / "landlord-letter.txt").read_bytes()).hexdigest()
    note = hashlib.sha256((EXAMPLE / "visit-note.txt").read_bytes()).hexdigest()
    assert [one for one in (terms_hash(document), letter, note) if one not in page] == []


def test_the_second_terms_are_a_variation_of_the_first():
    first, second = (
        parse_terms(load_document((EXAMPLE / name).read_bytes(), "application/yaml"))
        for name in ("terms.yaml", "terms-2.yaml")
    )
    assert variation_faults(first, second) == ()


def test_the_parts_of_how_to_write_terms_are_one_document_without_findings():
    page = (DOCS / "how-to" / "write-terms.md").read_text(encoding="utf-8")
    parts = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(parts) == 9
    terms = parse_terms(load_document("".join(parts).encode(), "application/yaml"))
    assert warnings(terms) == ()
    assert set(yaml.safe_load("".join(parts))) >= {"parties", "metrics", "rate_card", "funding"}


PAGE = """
```console
$ outcomes terms hash first.yaml
0123456789ab of 2024-05-01T10:00:00Z
$ outcomes terms hash \\
    second.yaml
```
<!-- not run -->
```console
$ outcomes serve
```
<!-- clock 2021-01-01T00:00:00Z -->
<!-- setup
$ it=outcomes contract list
-->
"""


def test_a_page_is_read_as_commands_with_their_outputs():
    first = "0123456789ab of 2024-05-01T10:00:00Z\n"
    assert list(steps(PAGE)) == [
        Step(3, "outcomes terms hash first.yaml", first, None),
        Step(5, "outcomes terms hash second.yaml", "", None),
        Step(14, "it=outcomes contract list", None, "2021-01-01T00:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("0123456789ab of 2024-05-01T10:00:00Z, 1.00 of 0123456789ab", True),
        ("fedcba987654 of 2026-12-31T23:59:59Z, 1.00 of fedcba987654", True),
        ("fedcba987654 of 2026-12-31T23:59:59Z, 1.00 of 0123456789ab", False),
        ("0123456789ab of 2024-05-01T10:00:00Z, 1.01 of 0123456789ab", False),
        ("0123456789ab of 2024-05-01T10:00:00Z", False),
        ("", False),
    ],
)
def test_only_instants_hashes_and_identifiers_may_differ_and_those_stay_the_same(printed, same):
    shown = "0123456789ab of 2024-05-01T10:00:00Z, 1.00 of 0123456789ab\n"
    found = Console("http://127.0.0.1:1").difference(Step(1, "outcomes x", shown, None), printed, 0)
    assert (found is None) == same


@pytest.mark.parametrize(("code", "same"), [(0, True), (1, False), (2, False)])
def test_a_command_that_readers_do_not_see_must_succeed(code, same):
    hidden = Step(1, "outcomes x", None, None)
    assert (Console("http://127.0.0.1:1").difference(hidden, "", code) is None) == same
