"""A service that believes credentials only, with an issuer, on a free port of this machine."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import Engine
from uuid_utils import uuid7

from app.domain.access import AccessRole, PrincipalKind
from app.identity.secret_text import csrf_token
from app.main import create_app, make_reception
from app.service import access, accounts, api_keys
from app.service.access import BY_COMMAND_LINE
from app.service.reception import Reception
from app.settings import Settings
from app.storage import standing
from app.storage.engine import UnitOfWork
from app.storage.principals import Identity
from tests import factories
from tests.api.conftest import Clock, serving
from tests.clamd import clamd
from tests.factories import COUNCIL, PROVIDER, SPV
from tests.issuing import AUDIENCE, NOW, Issuing, issuing, seconds

COOKIE = "__Host-outcomes-session"


@pytest.fixture(scope="session")
def idp() -> Iterator[Issuing]:
    with issuing() as found:
        yield found


@pytest.fixture(scope="session")
def moved() -> Clock:
    return Clock()


@pytest.fixture
def clock(moved: Clock) -> Clock:
    """The service's clock; it only goes on, so that tests do not see one another's failures."""
    moved.now = max(moved.now, NOW) + timedelta(minutes=1)
    return moved


@pytest.fixture(scope="session")
def scanner() -> Iterator[str]:
    """The address of a malware scanner."""
    with clamd() as (address, _):
        yield address


@pytest.fixture(scope="session")
def settings(database_urls, tmp_path_factory, idp: Issuing, scanner: str) -> Settings:
    here = tmp_path_factory.mktemp("access")
    provider = {"name": "idp", "issuer": idp.url, "audience": AUDIENCE, "client_id": "ledger"}
    (here / "providers.yaml").write_text(yaml.safe_dump({"providers": [provider]}))
    return Settings(
        database_url=database_urls.app,
        var_dir=here,
        identity_providers_file=here / "providers.yaml",
        public_url="http://127.0.0.1:8000",
        requests_per_minute_address=0,  # tests ask more often than people
        requests_per_minute_principal=0,
        malware_scanner=scanner,
    )


@pytest.fixture(scope="session")
def reception(settings: Settings, engine: Engine, moved: Clock) -> Reception:
    return make_reception(settings, engine, moved)


@pytest.fixture(scope="session")
def address(settings: Settings, engine: Engine, moved: Clock) -> Iterator[str]:
    with serving(create_app(settings, engine, moved)) as found:
        yield found


@pytest.fixture
def http(address: str, clock: Clock) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


class Desk:
    """What an operator does, in short words."""

    def __init__(self, reception: Reception) -> None:
        self.reception = reception

    def register(
        self, kind: str = "client", identity: Identity | None = None, organisation: str = "Test"
    ) -> str:
        known = access.register(
            self.reception,
            kind=PrincipalKind(kind),
            name="test",
            organisation=organisation,
            identity=identity,
            by=BY_COMMAND_LINE,
        )
        return known.principal.principal_id

    def grant(
        self,
        principal_id: str,
        role: str,
        contract_id: str | None = None,
        party: str | None = None,
        **dates: Any,
    ) -> str:
        stored = access.grant(
            self.reception,
            principal_id=principal_id,
            contract_id=contract_id,
            party=party,
            role=AccessRole(role),
            from_date=dates.get("from_date"),
            to_date=dates.get("to_date"),
            approval_limit=dates.get("approval_limit"),
            by=BY_COMMAND_LINE,
        )
        return stored.grant.grant_id

    def let_in(
        self, principal_id: str, role: str, contract_id: str, party: str, **dates: Any
    ) -> str:
        """A grant that somebody of the party has confirmed where it takes that."""
        grant_id = self.grant(principal_id, role, contract_id, party, **dates)
        now = self.reception.clock()

        def confirm(uow: UnitOfWork) -> None:
            if standing.get(uow.connection, contract_id, grant_id).to_confirm:
                standing.confirm(uow.connection, grant_id, "a-colleague", now)

        self.reception.write(confirm)
        return grant_id

    def key(self, principal_id: str, *scopes: str, days: int = 90) -> tuple[str, str]:
        """A key's id, and the headers that send it."""
        made = api_keys.make_key(
            self.reception,
            principal_id,
            name="test",
            scopes=scopes,
            days=days,
            by=BY_COMMAND_LINE,
        )
        return made.key.key_id, bearer(made.text)

    def operator(self) -> dict[str, str]:
        """The headers of a fresh operator."""
        principal_id = self.register()
        self.grant(principal_id, "operator")
        return self.key(principal_id, "operator:write")[1]

    def account(self, name: str) -> tuple[str, str]:
        """A person with an account that is not set up yet: id and invitation."""
        principal_id = self.register("person")
        invited = accounts.open_account(self.reception, principal_id, name, BY_COMMAND_LINE)
        return principal_id, invited.setup_token


@pytest.fixture
def desk(reception: Reception, clock: Clock) -> Desk:
    return Desk(reception)


def bearer(token: str) -> dict[str, str]:
    """The header that sends a credential."""
    return {"Authorization": f"Bearer {token}"}


def session(secret: str, *, csrf: bool = True) -> dict[str, str]:
    """The headers that a browser sends."""
    headers = {"Cookie": f"{COOKIE}={secret}"}
    return headers | {"CSRF-Token": csrf_token(secret)} if csrf else headers


def secret_of(answer: httpx.Response) -> str:
    """The session in the cookie of an answer."""
    return answer.headers["set-cookie"].split(";")[0].removeprefix(f"{COOKIE}=")


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def sent(member, **more: str) -> dict[str, str]:
    return member[1] | {"Idempotency-Key": str(uuid7())} | more


@pytest.fixture
def team(desk, contract_id):
    """Principals of the three parties: ids and headers."""
    found = {}
    for party, role in ((COUNCIL, "approver"), (SPV, "investor_finance"), (PROVIDER, "provider")):
        principal_id = desk.register()
        desk.grant(principal_id, role, contract_id, party)
        found[party] = (principal_id, desk.key(principal_id, f"{role}:write")[1])
    return found


@pytest.fixture
def agreed(http, team, contract_id):
    """The contract, made and accepted by credentials alone."""
    body = {"contract_id": contract_id, "terms": factories.document()}
    made = http.post("/v1/contracts", json=body, headers=sent(team[COUNCIL]))
    assert made.status_code == 201, made.text
    terms = {"hash": made.json()["hash"]}
    for party in (COUNCIL, SPV, PROVIDER):
        path = f"/v1/contracts/{contract_id}/terms/1/acceptances"
        answer = http.post(path, json=terms, headers=sent(team[party]))
        assert answer.status_code == 200, answer.text
    return contract_id


@pytest.fixture
def person(desk, idp, clock):
    """Registers somebody of the council: the id, and headers that are good now."""

    def made(organisation: str = "Council") -> SimpleNamespace:
        subject = str(uuid7())
        known = desk.register("person", Identity(idp.url, "subject", subject), organisation)

        def headers() -> dict[str, str]:
            times = {"iat": seconds(clock.now), "exp": seconds(clock.now + timedelta(minutes=10))}
            return bearer(idp.token(sub=subject, client_id="ledger", **times))

        return SimpleNamespace(id=known, headers=headers)

    return made
