"""The fixed tables of schema onemap."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type."""
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
        schema="onemap",
        comment="Sign-ins, exports, edits and refusals; append-only, for the owner too.",
    )
    op.create_index(op.f("audit_at"), "audit", ["at"], unique=False, schema="onemap")
    op.create_table(
        "import_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_id",
            sa.BigInteger(),
            nullable=True,
            comment="Smallest id of the rows that the import brought.",
        ),
        sa.Column("last_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('append', 'replace')", name=op.f("import_record_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_record_pkey")),
        schema="onemap",
        comment="Every import with what it brought and refused.",
    )
    op.create_index(
        op.f("import_record_layer_id"), "import_record", ["layer", "id"], unique=False, schema="onemap"
    )
    op.create_table(
        "layer_change",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False, comment="Name of the table in schema city."),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column(
            "feature_id",
            sa.BigInteger(),
            nullable=True,
            comment="Null where one row stands for a statement of over 500 features.",
        ),
        sa.Column(
            "bbox_old",
            sa.ARRAY(sa.Double()),
            nullable=True,
            comment="West, south, east, north in EPSG:3857 before the change.",
        ),
        sa.Column("bbox_new", sa.ARRAY(sa.Double()), nullable=True, comment="The same after the change."),
        sa.Column("region_code", sa.Text(collation="C"), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.CheckConstraint("op IN ('insert', 'update', 'delete')", name=op.f("layer_change_op")),
        sa.PrimaryKeyConstraint("seq", name=op.f("layer_change_pkey")),
        schema="onemap",
        comment="Every change of a layer, written in the edit's own transaction.",
    )
    op.create_index(op.f("layer_change_xid"), "layer_change", ["xid"], unique=False, schema="onemap")
    op.create_table(
        "layer_definition",
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "document", sa.Text(), nullable=False, comment="The catalogue document (YAML) as it was posted."
        ),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("layer_definition_pkey")),
        schema="onemap",
        comment="Layers added at run time; the others are files of the catalogue.",
    )
    op.create_table(
        "layer_schema",
        sa.Column("layer", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="Of everything that the definition gives in the database.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("layer", name=op.f("layer_schema_pkey")),
        schema="onemap",
        comment="What reconciling has last brought about for each layer.",
    )
    op.create_table(
        "layer_statistics",
        sa.Column(
            "layer", sa.Text(collation="C"), nullable=False, comment="Name of the table in schema city."
        ),
        sa.Column(
            "rows",
            sa.BigInteger(),
            nullable=False,
            comment="An estimate: kept by imports, not by single edits.",
        ),
        sa.Column(
            "extent",
            sa.ARRAY(sa.Double()),
            nullable=True,
            comment="West, south, east, north in degrees; it grows and never shrinks.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("layer", name=op.f("layer_statistics_pkey")),
        schema="onemap",
        comment="Size and extent of each layer, so that no request has to count.",
    )
    op.create_table(
        "region_shape",
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("prefix", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "depth",
            sa.SmallInteger(),
            nullable=False,
            comment="Length of the prefix: deeper regions are smaller.",
        ),
        sa.Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("region_id", name=op.f("region_shape_pkey")),
        schema="onemap",
        comment="Regions that give region codes: the tree and the governance grids, present and in service.",
    )
    op.create_index(op.f("region_shape_prefix"), "region_shape", ["prefix"], unique=False, schema="onemap")
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("setting_pkey")),
        schema="onemap",
        comment="What the service knows about its city: name, as-of date, bounding box.",
    )
    op.create_table(
        "region_piece",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("prefix", sa.Text(collation="C"), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column("geom", Geometry("POLYGON", 4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"],
            ["onemap.region_shape.region_id"],
            name=op.f("region_piece_region_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("region_piece_pkey")),
        schema="onemap",
        comment="The same regions cut into small pieces, so that a point is in one with few vertices.",
    )
    op.create_index(
        "region_piece_geom", "region_piece", ["geom"], unique=False, schema="onemap", postgresql_using="gist"
    )
    op.create_index(
        op.f("region_piece_region_id"), "region_piece", ["region_id"], unique=False, schema="onemap"
    )


def downgrade() -> None:
    op.drop_index(op.f("region_piece_region_id"), table_name="region_piece", schema="onemap")
    op.drop_index("region_piece_geom", table_name="region_piece", schema="onemap", postgresql_using="gist")
    op.drop_table("region_piece", schema="onemap")
    op.drop_table("setting", schema="onemap")
    op.drop_index(op.f("region_shape_prefix"), table_name="region_shape", schema="onemap")
    op.drop_table("region_shape", schema="onemap")
    op.drop_table("layer_statistics", schema="onemap")
    op.drop_table("layer_schema", schema="onemap")
    op.drop_table("layer_definition", schema="onemap")
    op.drop_index(op.f("layer_change_xid"), table_name="layer_change", schema="onemap")
    op.drop_table("layer_change", schema="onemap")
    op.drop_index(op.f("import_record_layer_id"), table_name="import_record", schema="onemap")
    op.drop_table("import_record", schema="onemap")
    op.drop_index(op.f("audit_at"), table_name="audit", schema="onemap")
    op.drop_table("audit", schema="onemap")
