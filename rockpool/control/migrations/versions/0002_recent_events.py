"""Keep the newest 200,000 events: history may not fill the disk that the wishes are on."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop the oldest after each thousandth; an id is never given twice, so streams go on."""
    op.execute(
        """
        CREATE TRIGGER events_recent AFTER INSERT ON events WHEN NEW.id % 1000 = 0
        BEGIN DELETE FROM events WHERE id <= NEW.id - 200000; END
        """
    )
