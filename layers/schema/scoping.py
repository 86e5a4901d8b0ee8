"""What read functions of a layer share: they find the scope in their arguments and refuse an empty one."""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

from layers.definitions import GeometryFamily, LayerDefinition
from layers.schema.policies import by_region

_HEAD = sql.SQL("""
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp
SET plan_cache_mode = force_generic_plan
AS $body$
<<v>>
DECLARE
    -- The prefixes of the scope and, for the index, the range of all codes that start with one of them.
    prefixes text[] := {prefixes};
    low text;
    high text;
""")

REFUSE = sql.SQL("""
    IF {whole} IS NULL OR (NOT {whole} AND (
        v.prefixes IS NULL OR cardinality(v.prefixes) = 0 OR '' = ANY (v.prefixes)
        OR array_position(v.prefixes, NULL) IS NOT NULL)) THEN
        RAISE EXCEPTION 'reading needs a scope: the whole city or region prefixes'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT {whole} THEN
        SELECT min(p COLLATE "C"), max(p COLLATE "C") || '~' INTO v.low, v.high FROM unnest(v.prefixes) AS p;
    END IF;
""")

IN_REGIONS = sql.SQL("""
        AND ((t.region_code >= v.low AND t.region_code < v.high AND t.region_code ^@ ANY (v.prefixes))
             OR (t.region_codes IS NOT NULL AND onemap.touches(t.region_codes, v.prefixes)))""")

GRANT = sql.SQL("""
REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {function} TO onemap_app;
""")


def clips(layer: LayerDefinition, whole: LayerDefinition) -> bool:
    """Tell whether features that cross are cut to the reader's regions: restricted ones, and no points."""
    return by_region(whole) and layer.geometry not in (GeometryFamily.POINT, GeometryFamily.NONE)


def head(prefixes: LiteralString) -> sql.Composed:
    """Return the beginning of a function that finds the prefixes of the scope in an argument."""
    return _HEAD.format(prefixes=sql.SQL(prefixes))
