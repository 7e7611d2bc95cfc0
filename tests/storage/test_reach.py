"""Whether a database answers: the one at an address, and a local one that others keep running."""

import pytest

from app.storage.reach import DatabaseUnreachable, require_reachable, running_database


def test_a_database_that_answers_is_fine(database_urls):
    require_reachable(database_urls.app)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://who:hunter2@127.0.0.1:1/what", "the database what at 127.0.0.1:1"),
        ("postgresql://who:hunter2@127.0.0.1:1/what", "does not let who in"),
    ],
)
def test_one_that_does_not_is_named_without_its_password(url, said):
    with pytest.raises(DatabaseUnreachable) as refused:
        require_reachable(url)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_an_unknown_role_is_refused(database_urls):
    url = database_urls.app.replace("//outcomes_app@", "//nobody_here@")
    with pytest.raises(DatabaseUnreachable, match="nobody_here"):
        require_reachable(url)


def test_no_server_runs_where_there_is_no_directory(tmp_path):
    assert running_database(tmp_path / "postgres") is None


def test_no_server_runs_where_one_left_its_socket_directory(tmp_path):
    (tmp_path / "postgres" / "socket").mkdir(parents=True)
    assert running_database(tmp_path / "postgres") is None
