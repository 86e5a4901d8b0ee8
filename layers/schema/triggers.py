"""Triggers of a layer's table: region code, version, change log and history."""

from __future__ import annotations

from psycopg import sql
from sqlalchemy import Table

from layers.definitions import GeometryFamily, LayerDefinition
from layers.schema.names import CITY, DERIVED, REGIONS
from layers.schema.tables import has_clearance, kept_columns

# In `onemap.loading` a bulk load says that it brings region codes and what is made from `geom` itself.

_COMMON = sql.SQL("""
CREATE OR REPLACE TRIGGER a_version BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION onemap.touch_row();
CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION onemap.refuse_change();
CREATE OR REPLACE TRIGGER log_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {log}();
CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {log}();
CREATE OR REPLACE TRIGGER log_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {log}();
""")

_MERCATOR = sql.SQL("""
CREATE OR REPLACE TRIGGER c_mercator_insert BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (current_setting('onemap.loading', true) IS DISTINCT FROM 'on' OR NEW.geom_3857 IS NULL)
    EXECUTE FUNCTION {derive}();
CREATE OR REPLACE TRIGGER c_mercator_update BEFORE UPDATE OF geom, {derived} ON {table}
    FOR EACH ROW EXECUTE FUNCTION {derive}();
""")

_PLACE = sql.SQL("""
CREATE OR REPLACE TRIGGER b_region_insert BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (current_setting('onemap.loading', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION onemap.set_region();
CREATE OR REPLACE TRIGGER b_region_update BEFORE UPDATE OF geom ON {table} FOR EACH ROW
    WHEN (current_setting('onemap.loading', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION onemap.set_region();
""")

_REGIONS = sql.SQL("""
CREATE OR REPLACE TRIGGER b_region BEFORE INSERT OR UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION onemap.set_own_region();
CREATE OR REPLACE TRIGGER regions_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION onemap.regions_changed();
CREATE OR REPLACE TRIGGER regions_update AFTER UPDATE ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION onemap.regions_changed();
CREATE OR REPLACE TRIGGER regions_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION onemap.regions_changed();
""")

_HISTORY = sql.SQL("""
CREATE OR REPLACE FUNCTION {keep}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    INSERT INTO {history} ({columns}, recorded_from, recorded_to, op, import_id, actor)
    SELECT {old_columns}, o.updated_at, now(), lower(TG_OP),
           nullif(current_setting('onemap.import_id', true), '')::bigint,
           nullif(current_setting('onemap.subject', true), '')
    FROM old_rows AS o;
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION {keep}() FROM PUBLIC;
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {keep}();
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {keep}();
""")


def triggers(definition: LayerDefinition, table: Table) -> sql.Composed:
    """Return the statements that put all triggers of a layer's table in place."""
    name = sql.Identifier(CITY, definition.name)
    has_geometry = definition.geometry is not GeometryFamily.NONE
    log = sql.Identifier("onemap", "log_change" if has_geometry else "log_plain_change")
    kept = [column.name for column in kept_columns(table)]
    statements = _COMMON.format(table=name, log=log) + _HISTORY.format(
        table=name,
        history=sql.Identifier(CITY, f"{definition.name}_history"),
        keep=sql.Identifier(CITY, f"{definition.name}_keep"),
        columns=sql.SQL(", ").join(map(sql.Identifier, kept)),
        old_columns=sql.SQL(", ").join(sql.Identifier("o", column) for column in kept),
    )
    if not has_geometry:
        return statements
    derive = "set_mercator_and_clearance" if has_clearance(definition) else "set_mercator"
    statements += _MERCATOR.format(
        table=name,
        derive=sql.Identifier("onemap", derive),
        derived=sql.SQL(", ").join(sql.Identifier(one) for one in DERIVED if one in table.columns),
    )
    return statements + (_REGIONS if definition.name == REGIONS else _PLACE).format(table=name)
