"""The fixed tables of schema ``onemap``: the only ones that Alembic owns."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

SCHEMA = "onemap"

fixed = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    },
)


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type."""
        return "xid8"


ischema_names["xid8"] = TransactionId  # so that a comparison with the database knows it


def _at() -> Column[Any]:
    return Column("at", DateTime(timezone=True), nullable=False, server_default=func.now())


layer_change = Table(
    "layer_change",
    fixed,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", Text, nullable=False, comment="Name of the table in schema city, or of a result."),
    Column("op", Text, nullable=False),
    Column(
        "feature_id", BigInteger, comment="Null where one row stands for a statement of over 500 features."
    ),
    Column("bbox_old", ARRAY(Double), comment="West, south, east, north in EPSG:3857 before the change."),
    Column("bbox_new", ARRAY(Double), comment="The same after the change."),
    Column("actor", Text),
    _at(),
    Column("xid", TransactionId, nullable=False, server_default=text("pg_current_xact_id()")),
    Column(
        "regions_old",
        ARRAY(Text(collation="C")),
        comment="Codes of the regions that the feature touched before the change.",
    ),
    Column("regions_new", ARRAY(Text(collation="C")), comment="The same after the change."),
    Column("details", JSONB, comment="Of a result: region, run, cells, and what a reader needs."),
    CheckConstraint("op IN ('insert', 'update', 'delete')", name="op"),
    Index(None, "xid"),
    comment="Every change of a layer, written in the edit's own transaction.",
)

layer_definition = Table(
    "layer_definition",
    fixed,
    Column("name", Text(collation="C"), primary_key=True),
    Column("document", Text, nullable=False, comment="The catalogue document (YAML) as it was posted."),
    Column("added_by", Text, nullable=False),
    _at(),
    comment="Layers added at run time; the others are files of the catalogue.",
)

layer_schema = Table(
    "layer_schema",
    fixed,
    Column("layer", Text(collation="C"), primary_key=True),
    Column(
        "digest", Text, nullable=False, comment="Of everything that the definition gives in the database."
    ),
    _at(),
    comment="What reconciling has last brought about for each layer.",
)

import_record = Table(
    "import_record",
    fixed,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", Text(collation="C"), nullable=False),
    Column("source", Text, nullable=False),
    Column("file_hash", Text),
    Column("mode", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("first_id", BigInteger, comment="Smallest id of the rows that the import brought."),
    Column("last_id", BigInteger),
    Column("actor", Text),
    _at(),
    CheckConstraint("mode IN ('append', 'replace')", name="mode"),
    Index(None, "layer", "id"),
    comment="Every import with what it brought and refused.",
)

audit = Table(
    "audit",
    fixed,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("layer", Text),
    Column("outcome", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _at(),
    Index(None, "at"),
    comment="Sign-ins, exports, edits and refusals; append-only, for the owner too.",
)

setting = Table(
    "setting",
    fixed,
    Column("key", Text(collation="C"), primary_key=True),
    Column("value", JSONB, nullable=False),
    comment="What the service knows about its city: name, as-of date, bounding box.",
)

layer_statistics = Table(
    "layer_statistics",
    fixed,
    Column("layer", Text(collation="C"), primary_key=True, comment="Name of the table in schema city."),
    Column("rows", BigInteger, nullable=False, comment="An estimate: kept by imports, not by single edits."),
    Column(
        "extent", ARRAY(Double), comment="West, south, east, north in degrees; it grows and never shrinks."
    ),
    _at(),
    comment="Size and extent of each layer, so that no request has to count.",
)

region_shape = Table(
    "region_shape",
    fixed,
    Column("region_id", BigInteger, primary_key=True),
    Column("code", Text(collation="C"), nullable=False),
    Column("prefix", Text(collation="C"), nullable=False),
    Column(
        "depth", SmallInteger, nullable=False, comment="Length of the prefix: deeper regions are smaller."
    ),
    Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
    Index(None, "prefix"),
    comment="Regions that give region codes: the tree and the governance grids, present and in service.",
)

region_piece = Table(
    "region_piece",
    fixed,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "region_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.region_shape.region_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("code", Text(collation="C"), nullable=False),
    Column("prefix", Text(collation="C"), nullable=False),
    Column("depth", SmallInteger, nullable=False),
    Column("geom", Geometry("POLYGON", 4326, spatial_index=False), nullable=False),
    Index("region_piece_geom", "geom", postgresql_using="gist"),
    comment="The same regions cut into small pieces, so that a point is in one with few vertices.",
)
