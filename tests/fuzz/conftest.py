"""One service that believes credentials only, one contract with a history, and a key per role."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from uuid_utils import uuid7

from app.domain.access import AccessRole
from app.main import create_app, make_reception
from app.settings import Settings
from app.storage import signing_keys
from tests.access.conftest import Desk
from tests.api.client import Api, Story
from tests.api.conftest import serving
from tests.factories import COUNCIL, FUND, PROVIDER, SPV

NOW = datetime(2023, 11, 1, 12, tzinfo=UTC)
PARTY_OF = {
    AccessRole.PROVIDER: PROVIDER,
    AccessRole.VERIFIER: COUNCIL,
    AccessRole.APPROVER: COUNCIL,
    AccessRole.COMMISSIONER_FINANCE: COUNCIL,
    AccessRole.INVESTOR_FINANCE: SPV,
    AccessRole.FUND: FUND,
    AccessRole.AUDITOR: COUNCIL,
    AccessRole.OPERATOR: None,
}


@dataclass(frozen=True)
class Fuzzed:
    """The service, the headers of each kind of caller, and what its contract holds by name."""

    url: str
    callers: dict[str, dict[str, str]]
    known: dict[str, list[Any]]


@pytest.fixture(scope="session")
def fuzzed(database_urls, engine, tmp_path_factory) -> Iterator[Fuzzed]:
    here = tmp_path_factory.mktemp("fuzz")
    signing_keys.create(here / "signing.key", datetime(2023, 1, 1, tzinfo=UTC))
    common = {
        "database_url": database_urls.app,
        "var_dir": here,
        "signing_key_file": here / "signing.key",
    }
    contract_id = str(uuid7())
    demo = create_app(Settings(mode="demo", **common), engine, lambda: NOW)
    with serving(demo) as url, httpx.Client(base_url=url, timeout=30) as client:
        known = _history(Api(client, contract_id))
    settings = Settings(
        public_url="http://127.0.0.1:8000",
        requests_per_minute_address=0,
        requests_per_minute_principal=0,
        unscanned_files="quarantine",
        **common,
    )
    desk = Desk(make_reception(settings, engine, lambda: NOW))
    callers: dict[str, dict[str, str]] = {"nobody": {}}
    for role, party in PARTY_OF.items():
        holder = desk.register()
        desk.grant(holder, role.value, contract_id if party else None, party)
        callers[role.value] = desk.key(holder, f"{role.value}:write")[1]
        if party:
            callers[role.value] |= {"Acting-Party": party}
    with serving(create_app(settings, engine, lambda: NOW)) as url:
        yield Fuzzed(url, callers, known)


def _history(api: Api) -> dict[str, list[Any]]:
    """Someone moved, which was verified, claimed, invoiced and paid; the fund's share is claimed.

    Gives values for the parameters of paths, by their names.
    """
    story = Story(api.agreed()).moved()
    story.approved()
    story.reclaimed()
    paid = story.paid(story.invoiced(), COUNCIL, SPV)
    entitlement = api.get("/entitlements").json()["items"][0]
    submission = api.get("/submissions").json()["items"][0]
    return {
        "entitlement_id": [entitlement["entitlement_id"]],
        "submission_id": [submission["submission_id"]],
        "evidence_id": submission["evidence_ids"],
        "contract_id": [api.contract_id],
        "participant_id": [story.participant_id],
        "payment_id": [paid["payment_id"]],
        "party": [COUNCIL, SPV, PROVIDER, FUND],
        "book": [COUNCIL, SPV, FUND],
        "issuer": [SPV],
        **{
            name: [1]
            for name in (
                "version",
                "claim_number",
                "fund_claim_number",
                "entry_number",
                "line_number",
                "posting_number",
                "number",
                "import_number",
                "position",
            )
        },
        "code": ["stale-version"],
        "day": ["2023-11-01"],
    }
