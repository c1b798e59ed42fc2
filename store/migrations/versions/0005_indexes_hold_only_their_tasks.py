"""Indexes hold only the tasks that they are for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_tasks_mine": (["assignee", "sort"], "status = 'open' AND assignee IS NOT NULL"),
    "ix_tasks_done": (["completed_by", "closed_at"], "completed_by IS NOT NULL"),
    "ix_tasks_on_behalf_of_closed_at": (["on_behalf_of", "closed_at"], "on_behalf_of IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, condition) in INDEXES.items():
        op.drop_index(name, table_name="tasks")
        op.create_index(name, "tasks", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
