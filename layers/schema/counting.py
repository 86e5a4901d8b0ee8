"""Incidents counted as they come: the edit's own transaction writes down what it adds and takes away.

The database knows no H3: triggers keep points, hours and classes, and `layers.counts` counts them in cells.
"""

from __future__ import annotations

from psycopg import sql

from layers.definitions import GeometryFamily, LayerDefinition
from layers.schema.names import CITY
from layers.schema.policies import readable

INCIDENTS = "incidents"

#: States in which a report is no incident.
NOT_FILED = ("rejected", "void")

_FIELDS = frozenset({"class_code", "occurred_at", "state", "repeat_of"})

#: Of a row ``t`` of the layer: is it there?
PRESENT = sql.SQL("t.status = 'in_service' AND t.valid_to IS NULL")

#: Of a row ``t`` of the layer: does it count? First reports of what was filed.
COUNTED = sql.SQL("{present} AND t.repeat_of IS NULL AND coalesce(t.state, '') <> ALL ({not_filed})").format(
    present=PRESENT, not_filed=sql.Literal(list(NOT_FILED))
)

_OF_ROW = sql.SQL(
    "ext.ST_X(t.geom), ext.ST_Y(t.geom), floor(extract(epoch FROM t.occurred_at) / 3600)::integer,"
    " t.class_code, coalesce(t.region_code, '')"
)

_PROGRAM = sql.SQL("""
CREATE OR REPLACE FUNCTION {count}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO onemap.incident_count_change (lon, lat, hour, class, region_code, n)
        SELECT {of_row}, 1 FROM new_rows AS t WHERE {counted};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO onemap.incident_count_change (lon, lat, hour, class, region_code, n)
        SELECT {of_row}, -1 FROM old_rows AS t WHERE {counted};
    ELSE
        -- an edit of anything else adds and takes away the same
        INSERT INTO onemap.incident_count_change (lon, lat, hour, class, region_code, n)
        SELECT lon, lat, hour, class, region_code, sum(n) FROM (
            SELECT {of_row}, 1 FROM new_rows AS t WHERE {counted}
            UNION ALL
            SELECT {of_row}, -1 FROM old_rows AS t WHERE {counted}
        ) AS changed (lon, lat, hour, class, region_code, n)
        GROUP BY lon, lat, hour, class, region_code HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION {count}() FROM PUBLIC;
CREATE OR REPLACE TRIGGER count_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {count}();
CREATE OR REPLACE TRIGGER count_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {count}();
CREATE OR REPLACE TRIGGER count_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {count}();
INSERT INTO onemap.incident_count_change (lon, lat, hour, class, region_code, n)
SELECT {of_row}, 1 FROM {table} AS t
WHERE {counted} AND NOT EXISTS (SELECT FROM onemap.incident_count)
  AND NOT EXISTS (SELECT FROM onemap.incident_count_change);
DROP POLICY IF EXISTS app_reads ON onemap.incident_count;
CREATE POLICY app_reads ON onemap.incident_count FOR SELECT TO onemap_app USING ({read});
DROP POLICY IF EXISTS app_reads ON onemap.incident_count_change;
CREATE POLICY app_reads ON onemap.incident_count_change FOR SELECT TO onemap_app USING ({read});
GRANT SELECT ON onemap.incident_count, onemap.incident_count_change TO onemap_app;
""")


def is_counted(definition: LayerDefinition) -> bool:
    """Tell whether the features of a layer are counted by cell and hour as they come."""
    return (
        definition.name == INCIDENTS
        and definition.geometry is GeometryFamily.POINT
        and _FIELDS.issubset(definition.field_names)
    )


def counting(definition: LayerDefinition) -> sql.Composed:
    """Return the statements that count a layer's features as they come, and once what is there already."""
    return _PROGRAM.format(
        count=sql.Identifier(CITY, f"{definition.name}_count"),
        table=sql.Identifier(CITY, definition.name),
        of_row=_OF_ROW,
        counted=COUNTED,
        read=readable(definition, crossing=False),
    )
