-- Regions that give region codes, kept beside the layer `regions` by its triggers: whole (region_shape) and cut into
-- small pieces (region_piece). Systems other than the tree and the governance grids never give a region code.

-- Shapes of changed regions are made again from the table; the transition table says which.
CREATE OR REPLACE FUNCTION onemap.shape_regions(ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    DELETE FROM onemap.region_shape AS s WHERE s.region_id = ANY (ids);
    INSERT INTO onemap.region_shape (region_id, code, prefix, depth, geom)
    SELECT r.id, r.code, coalesce(r.code_prefix, r.code), length(coalesce(r.code_prefix, r.code)), ST_Multi(r.geom)
    FROM city.regions AS r
    WHERE r.id = ANY (ids) AND r.system IN ('admin', 'governance_grid') AND r.status = 'in_service'
      AND r.valid_to IS NULL AND r.geom IS NOT NULL AND coalesce(r.code_prefix, r.code) ~ '^[0-9A-Z]+$';
    INSERT INTO onemap.region_piece (region_id, code, prefix, depth, geom)
    SELECT s.region_id, s.code, s.prefix, s.depth, piece.geom
    FROM onemap.region_shape AS s CROSS JOIN LATERAL ST_Subdivide(s.geom, 64) AS piece (geom)
    WHERE s.region_id = ANY (ids) AND ST_Dimension(piece.geom) = 2;
END
$body$;

CREATE OR REPLACE FUNCTION onemap.regions_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM onemap.shape_regions(ARRAY(SELECT o.id FROM old_rows AS o));
    ELSE
        PERFORM onemap.shape_regions(ARRAY(SELECT n.id FROM new_rows AS n));
    END IF;
    RETURN NULL;
END
$body$;

-- Of the regions that a feature touches, those without a touched region below them.
CREATE OR REPLACE FUNCTION onemap.deepest(prefixes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT array_agg(DISTINCT p COLLATE "C" ORDER BY p COLLATE "C")
    FROM unnest(prefixes) AS p
    WHERE NOT EXISTS (SELECT FROM unnest(prefixes) AS q WHERE length(q) > length(p) AND q ^@ p)
$body$;

-- The smallest region that holds the whole feature, and all that it touches where it crosses a boundary.
CREATE OR REPLACE FUNCTION onemap.region_of(feature ext.geometry, OUT region_code text, OUT region_codes text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
DECLARE
    touched text[];
BEGIN
    IF ST_Dimension(feature) = 0 AND ST_NumGeometries(feature) = 1 THEN
        SELECT p.code INTO region_code FROM onemap.region_piece AS p
        WHERE p.geom && feature AND ST_Intersects(p.geom, feature) ORDER BY p.depth DESC, p.code LIMIT 1;
        RETURN;
    END IF;
    SELECT p.code INTO region_code FROM onemap.region_piece AS p
    WHERE p.geom && feature AND ST_Covers(p.geom, feature) AND p.depth = (SELECT max(d.depth) FROM onemap.region_piece AS d)
    ORDER BY p.code LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT onemap.deepest(array_agg(DISTINCT p.prefix)) INTO touched FROM onemap.region_piece AS p
    WHERE p.geom && feature AND ST_Intersects(p.geom, feature);
    IF touched IS NULL THEN
        RETURN;
    END IF;
    SELECT s.code INTO region_code FROM onemap.region_shape AS s
    WHERE touched[1] ^@ s.prefix AND touched[cardinality(touched)] ^@ s.prefix AND ST_Covers(s.geom, feature)
    ORDER BY s.depth DESC, s.code LIMIT 1;
    IF cardinality(touched) > 1 OR region_code IS NULL THEN
        region_codes := touched;
    END IF;
END
$body$;

-- The area of a scope: for each prefix its own region, or else the topmost regions below it.
CREATE OR REPLACE FUNCTION onemap.region_area(prefixes text[]) RETURNS ext.geometry
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
    SELECT ST_UnaryUnion(ST_Collect(s.geom))
    FROM unnest(prefixes) AS wanted (prefix)
    CROSS JOIN LATERAL (
        SELECT c.geom, c.depth, min(c.depth) OVER () AS top FROM onemap.region_shape AS c
        WHERE c.prefix >= wanted.prefix COLLATE "C" AND c.prefix < (wanted.prefix || '~') COLLATE "C"
    ) AS s
    WHERE s.depth = s.top
$body$;

-- What a reader of these regions may see of a restricted feature that crosses out of them: of a line lines, of an
-- area areas; null where only the boundary is touched.
CREATE OR REPLACE FUNCTION onemap.clipped(feature ext.geometry, area ext.geometry) RETURNS ext.geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, ext, pg_temp AS $body$
    SELECT CASE WHEN ST_IsEmpty(part) THEN NULL ELSE part END
    FROM (SELECT ST_CollectionExtract(ST_Intersection(feature, area), 1 + ST_Dimension(feature)) AS part) AS cut
$body$;

-- BEFORE ROW: a feature that is written one by one gets its region from where it lies.
CREATE OR REPLACE FUNCTION onemap.set_region() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.geom = OLD.geom AND ST_OrderingEquals(NEW.geom, OLD.geom) THEN
        RETURN NEW;
    END IF;
    SELECT r.region_code, r.region_codes INTO NEW.region_code, NEW.region_codes FROM onemap.region_of(NEW.geom) AS r;
    RETURN NEW;
END
$body$;

-- BEFORE ROW on `regions` itself: a region lies in itself.
CREATE OR REPLACE FUNCTION onemap.set_own_region() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    NEW.region_code := NEW.code;
    NEW.region_codes := NULL;
    RETURN NEW;
END
$body$;
