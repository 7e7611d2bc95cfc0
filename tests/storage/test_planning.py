"""Reads of many rows do not look through other tables line by line."""

from sqlalchemy import text

from app.storage.planning import many_rows


def shown(connection) -> str:
    return connection.execute(text("SHOW enable_nestloop")).scalar_one()


def test_the_setting_holds_for_the_block_only(engine):
    with engine.connect() as connection:
        with many_rows(connection):
            assert shown(connection) == "off"
        assert shown(connection) == "on"
        with many_rows(connection):
            pass
        connection.rollback()
        assert shown(connection) == "on"


def test_a_join_within_the_block_is_hashed(engine):
    query = (
        "EXPLAIN SELECT * FROM import_lines JOIN match_lines USING (contract_id, import_number, "
        "position) WHERE contract_id = 'none'"
    )
    with engine.connect() as connection, many_rows(connection):
        plan = "\n".join(connection.execute(text(query)).scalars())
    assert "Nested Loop" not in plan, plan
