"""The first release: tables, and the database's own rules and rights."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCRIPTS = (
    "0001_tables.sql",
    "0001_rules.sql",
    "0001_duties.sql",
    "0001_access_tables.sql",
    "0001_access_rules.sql",
    "0001_visibility.sql",
    "0001_access_log.sql",
    "0001_access_standing.sql",
)


def upgrade() -> None:
    """Create the tables, the triggers and grants that keep them append-only, and who sees what."""
    here = Path(__file__).parent
    for name in SCRIPTS:
        # The driver would read a single "%" as the start of a placeholder.
        script = (here / name).read_text(encoding="utf-8").replace("%", "%%")
        op.get_bind().exec_driver_sql(script)
