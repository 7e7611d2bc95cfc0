"""One sealed contract for all trials of a module."""

import pytest

from tests.verify.sealed import Sealed, seal


@pytest.fixture(scope="module")
def sealed(engine, database_urls, tmp_path_factory) -> Sealed:
    superuser = database_urls.owner.replace("//outcomes_owner@", "//postgres@")
    return seal(engine, superuser, tmp_path_factory.mktemp("sealed"))
