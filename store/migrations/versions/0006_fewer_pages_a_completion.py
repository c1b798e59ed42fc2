"""A completion writes fewer pages: only mail is in the index of mail, and candidates are kept by their key alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MAIL = sa.text("kind = 'mail' AND next_at IS NOT NULL")
OFFERED = sa.text("sort IS NOT NULL")
INDEXES = {
    "ix_task_candidates_area": ["region", "role", "area", "sort"],
    "ix_task_candidates_role": ["region", "role", "sort"],
}


def upgrade() -> None:
    op.drop_index("ix_outbox_next", table_name="outbox")
    op.create_index("ix_outbox_mail", "outbox", ["next_at"], sqlite_where=MAIL, postgresql_where=MAIL)
    if op.get_bind().dialect.name == "sqlite":
        _without_rowid()


def _without_rowid() -> None:
    """SQLite cannot change this in a table: it is made anew."""
    op.create_table(
        "task_candidates_anew",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_candidates_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "role", "area", name=op.f("pk_task_candidates")),
        sqlite_with_rowid=False,
    )
    columns = "task_id, role, area, region, sort"
    op.execute(f"INSERT INTO task_candidates_anew ({columns}) SELECT {columns} FROM task_candidates")
    op.drop_table("task_candidates")
    op.rename_table("task_candidates_anew", "task_candidates")
    for name, over in INDEXES.items():
        op.create_index(name, "task_candidates", over, sqlite_where=OFFERED)
