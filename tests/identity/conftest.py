"""An issuer, and our view of it with a clock that tests move."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.identity.issuer import Issuer
from app.identity.providers import Provider
from tests.issuing import AUDIENCE, Issuing, issuing


@dataclass
class Ticks:
    """Seconds that only grow."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def idp() -> Iterator[Issuing]:
    with issuing() as found:
        yield found


@pytest.fixture
def provider(idp: Issuing) -> Provider:
    return Provider(name="idp", issuer=idp.url, audience=AUDIENCE)


@pytest.fixture
def issuer(provider: Provider, ticks: Ticks) -> Issuer:
    return Issuer(provider, ticks)
