-- The change log, versions and history. The application's role writes features; only these functions, as the owner,
-- write the log.

-- AFTER STATEMENT: one row a feature, or one row with the extent where a statement changes over 500.
CREATE OR REPLACE FUNCTION onemap.log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
DECLARE
    most CONSTANT integer := 500;
    who text := nullif(current_setting('onemap.subject', true), '');
    changed bigint;
    before_box double precision[];
    after_box double precision[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT count(*), onemap.box_of(ST_Extent(n.geom_3857)) INTO changed, after_box FROM new_rows AS n;
        IF changed BETWEEN 1 AND most THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, bbox_new, regions_new, actor)
            SELECT TG_TABLE_NAME, 'insert', n.id, onemap.box_of(n.geom_3857::box2d),
                   onemap.regions_of(n.region_code, n.region_codes), who FROM new_rows AS n;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT count(*), onemap.box_of(ST_Extent(o.geom_3857)) INTO changed, before_box FROM old_rows AS o;
        IF changed BETWEEN 1 AND most THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, bbox_old, regions_old, actor)
            SELECT TG_TABLE_NAME, 'delete', o.id, onemap.box_of(o.geom_3857::box2d),
                   onemap.regions_of(o.region_code, o.region_codes), who FROM old_rows AS o;
        END IF;
    ELSE
        SELECT count(*), onemap.box_of(ST_Extent(n.geom_3857)) INTO changed, after_box FROM new_rows AS n;
        IF changed BETWEEN 1 AND most THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, bbox_old, bbox_new, regions_old, regions_new, actor)
            SELECT TG_TABLE_NAME, 'update', n.id, onemap.box_of(o.geom_3857::box2d), onemap.box_of(n.geom_3857::box2d),
                   onemap.regions_of(o.region_code, o.region_codes), onemap.regions_of(n.region_code, n.region_codes), who
            FROM new_rows AS n JOIN old_rows AS o USING (id);
        ELSIF changed > most THEN
            SELECT onemap.box_of(ST_Extent(o.geom_3857)) INTO before_box FROM old_rows AS o;
        END IF;
    END IF;
    IF changed > most THEN
        INSERT INTO onemap.layer_change (layer, op, bbox_old, bbox_new, actor)
        VALUES (TG_TABLE_NAME, lower(TG_OP), before_box, after_box, who);
    END IF;
    IF after_box IS NOT NULL THEN
        PERFORM onemap.widen_extent(TG_TABLE_NAME, after_box);
    END IF;
    RETURN NULL;
END
$body$;

-- The same for layers without geometry.
CREATE OR REPLACE FUNCTION onemap.log_plain_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    most CONSTANT integer := 500;
    who text := nullif(current_setting('onemap.subject', true), '');
    changed bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT count(*) INTO changed FROM old_rows;
        IF changed BETWEEN 1 AND most THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, regions_old, actor)
            SELECT TG_TABLE_NAME, 'delete', o.id, onemap.regions_of(o.region_code, o.region_codes), who FROM old_rows AS o;
        END IF;
    ELSE
        SELECT count(*) INTO changed FROM new_rows;
        IF changed BETWEEN 1 AND most AND TG_OP = 'INSERT' THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, regions_new, actor)
            SELECT TG_TABLE_NAME, 'insert', n.id, onemap.regions_of(n.region_code, n.region_codes), who FROM new_rows AS n;
        ELSIF changed BETWEEN 1 AND most THEN
            INSERT INTO onemap.layer_change (layer, op, feature_id, regions_old, regions_new, actor)
            SELECT TG_TABLE_NAME, 'update', n.id, onemap.regions_of(o.region_code, o.region_codes),
                   onemap.regions_of(n.region_code, n.region_codes), who
            FROM new_rows AS n JOIN old_rows AS o USING (id);
        END IF;
    END IF;
    IF changed > most THEN
        INSERT INTO onemap.layer_change (layer, op, actor) VALUES (TG_TABLE_NAME, lower(TG_OP), who);
    END IF;
    RETURN NULL;
END
$body$;

-- All regions that a feature touches: the one that holds it, and those that it crosses.
CREATE OR REPLACE FUNCTION onemap.regions_of(code text, codes text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT nullif(array_remove(array_prepend(code, codes), NULL), '{}')
$body$;

-- A box as [west, south, east, north].
CREATE OR REPLACE FUNCTION onemap.box_of(box ext.box2d) RETURNS double precision[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT ARRAY[ext.ST_XMin(box), ext.ST_YMin(box), ext.ST_XMax(box), ext.ST_YMax(box)]
$body$;

-- The extent of a layer grows with what is written. A row that lies inside it costs one look-up and no lock.
CREATE OR REPLACE FUNCTION onemap.widen_extent(name text, mercator double precision[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ext, pg_temp AS $body$
DECLARE
    west_south geometry := ST_Transform(ST_SetSRID(ST_MakePoint(mercator[1], mercator[2]), 3857), 4326);
    east_north geometry := ST_Transform(ST_SetSRID(ST_MakePoint(mercator[3], mercator[4]), 3857), 4326);
    box double precision[] := ARRAY[ST_X(west_south), ST_Y(west_south), ST_X(east_north), ST_Y(east_north)];
BEGIN
    PERFORM FROM onemap.layer_statistics AS s
    WHERE s.layer = name AND s.extent[1] <= box[1] AND s.extent[2] <= box[2]
      AND s.extent[3] >= box[3] AND s.extent[4] >= box[4];
    IF FOUND THEN
        RETURN;
    END IF;
    INSERT INTO onemap.layer_statistics AS s (layer, rows, extent) VALUES (name, 0, box)
    ON CONFLICT (layer) DO UPDATE SET at = now(), extent = CASE WHEN s.extent IS NULL THEN excluded.extent ELSE ARRAY[
        least(s.extent[1], excluded.extent[1]), least(s.extent[2], excluded.extent[2]),
        greatest(s.extent[3], excluded.extent[3]), greatest(s.extent[4], excluded.extent[4])] END;
END
$body$;

-- BEFORE ROW: what a change does to the row itself.
CREATE OR REPLACE FUNCTION onemap.touch_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    NEW.version := OLD.version + 1;
    -- Of two transactions the later one may have begun first: records of a row follow each other all the same.
    NEW.updated_at := greatest(now(), OLD.updated_at);
    RETURN NEW;
END
$body$;

-- BEFORE ROW: the mercator copy, whatever a statement gave for it.
CREATE OR REPLACE FUNCTION onemap.set_mercator() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
    RETURN NEW;
END
$body$;

-- The same where there can be areas: with how far their corners are apart.
CREATE OR REPLACE FUNCTION onemap.set_mercator_and_clearance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, ext, pg_temp AS $body$
BEGIN
    NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
    NEW.geom_clearance := onemap.clearance_of(NEW.geom_3857);
    RETURN NEW;
END
$body$;

-- Invalid shapes have none: what is drawn of them has to be repaired each time.
CREATE OR REPLACE FUNCTION onemap.clearance_of(mercator ext.geometry) RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE WHEN ext.ST_Dimension(mercator) = 2 AND ext.ST_IsValid(mercator)
           THEN ext.ST_MinimumClearance(mercator)::real END
$body$;

-- BEFORE STATEMENT: for tables that only grow, and for TRUNCATE, which would leave no history.
CREATE OR REPLACE FUNCTION onemap.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: it would leave no trace', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$body$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON onemap.audit
    FOR EACH STATEMENT EXECUTE FUNCTION onemap.refuse_change();

-- Does a box (degrees) hold so much of a layer's extent that reading the rows in order beats the spatial index?
CREATE OR REPLACE FUNCTION onemap.is_wide(name text, box double precision[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT coalesce((
        SELECT greatest(least(s.extent[3], box[3]) - greatest(s.extent[1], box[1]), 0)
             * greatest(least(s.extent[4], box[4]) - greatest(s.extent[2], box[2]), 0)
             > 0.1 * (s.extent[3] - s.extent[1]) * (s.extent[4] - s.extent[2])
        FROM onemap.layer_statistics AS s WHERE s.layer = name), false)
$body$;

-- The first moment in a column of dates or moments of a layer, whoever asks: since when there are events.
CREATE OR REPLACE FUNCTION onemap.first_moment(table_name text, field_name text) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    first timestamptz;
BEGIN
    PERFORM FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass(format('city.%I', table_name)) AND a.attname = field_name
      AND a.atttypid IN ('date'::regtype, 'timestamptz'::regtype) AND NOT a.attisdropped;
    IF FOUND THEN
        EXECUTE format('SELECT min(%I)::timestamptz FROM city.%I', field_name, table_name) INTO first;
    END IF;
    RETURN first;
END
$body$;

-- An import tells how many rows it brought; deletes and single edits are not counted.
CREATE OR REPLACE FUNCTION onemap.note_rows(name text, added bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    INSERT INTO onemap.layer_statistics AS s (layer, rows) VALUES (name, added)
    ON CONFLICT (layer) DO UPDATE SET rows = s.rows + excluded.rows, at = now()
$body$;

-- When a layer was first loaded: the last of the imports of its first day. What came with them was there before.
CREATE OR REPLACE FUNCTION onemap.loaded_at(names text[]) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT coalesce(max(r.at), '-infinity') FROM onemap.import_record AS r
    WHERE r.layer = ANY (names) AND r.at < (
        SELECT min(f.at) + interval '1 day' FROM onemap.import_record AS f WHERE f.layer = ANY (names))
$body$;
